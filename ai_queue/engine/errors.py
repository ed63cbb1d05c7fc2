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
