"""What can go wrong in the engine, one class a cause.

The docstring of a class is its default message, so that ``raise InvalidSeries``
already says something; a message given at the raise says it better.
"""


class EngineError(Exception):
    """The engine could not do what it was asked."""

    def __init__(self, message=None):
        super().__init__(message or type(self).__doc__.strip())


class InvalidSeries(EngineError):
    """The series cannot be forecast as it was given."""

    def __init__(self, message=None, series_id=None):
        """``series_id`` names the series that is to be put right."""
        super().__init__(message)
        self.series_id = series_id


class ModelError(EngineError):
    """The model could not be asked, or did not answer as it should.

    ``cause`` is a stable word of `faults.CAUSES`, for whoever counts or translates;
    the message is its sentence. Neither holds a key, a question or an answer.

    ``retry_after``: seconds to wait before asking again, where the provider said so.
    ``everywhere``: any other question would meet the same, so stop asking.
    ``maybe_paid``: the model may have answered, and charged, without our knowing.
    ``tokens_in``, ``tokens_out``, ``requests``: what the question has used up before
    it failed; tokens are ``None`` when the provider did not say.
    """

    #: Whether it counts as a try of the job that asked.
    counts = True
    #: Whether asking again cannot help.
    final = False

    def __init__(
        self,
        message=None,
        *,
        cause="",
        retry_after=None,
        everywhere=False,
        maybe_paid=False,
    ):
        super().__init__(message)
        self.cause = cause
        self.retry_after = retry_after
        self.everywhere = everywhere
        self.maybe_paid = maybe_paid
        self.tokens_in = None
        self.tokens_out = None
        self.requests = 0


class Busy(ModelError):
    """The provider has too much to do; ask again later."""

    counts = False


class OutOfCredit(Busy):
    """The account at the provider has no credit left."""

    # Providers say 402, or 429 with the code insufficient_quota, and never for how
    # long: who waits for this should wait for an hour rather than for seconds. It is
    # not final, although only a person can change it: the work is in order, and must
    # not have to be started again by hand once the bill is paid.


class Unreachable(ModelError):
    """The provider could not be reached, or did not answer in time."""


class Failing(ModelError):
    """The provider answered with an error of its own."""


class Refused(ModelError):
    """The provider does not take this request."""

    final = True


class NotInstalled(Refused):
    """A Python package that talks to models is missing."""


class InvalidAnswer(ModelError):
    """The answer of the model is not what was asked for."""

    final = True


class Declined(InvalidAnswer):
    """The model does not want to answer this question."""


class UnknownMethod(EngineError):
    """There is no forecast method of this name."""
