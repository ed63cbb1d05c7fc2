"""What can go wrong in the engine, one class a cause.

The docstring of a class is its default message, so that ``raise InvalidSeries``
already says something; a message given at the raise says it better.
"""

from .terms import _

# There is no environment in here: whoever shows a sentence translates it.
# pylint: disable=prefer-env-translation


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

    ``cause`` is a stable word of `causes.CAUSES`, for code that counts or translates;
    the message is its sentence. Neither holds a key, a question or an answer.

    ``retry_after``: seconds to wait before asking again, where the provider said so.
    ``everywhere``: any other question would meet the same, so stop asking.
    ``maybe_paid``: the model may have answered, and charged, without our knowing.
    ``tokens_in``, ``tokens_out``, ``requests``: what the question has used up before
    it failed; tokens are ``None`` when the provider did not say.
    ``values``: what the sentence of the cause names, for who says it in another
    language.
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
        values=None,
    ):
        super().__init__(message)
        self.cause = cause
        self.retry_after = retry_after
        self.everywhere = everywhere
        self.maybe_paid = maybe_paid
        self.values = dict(values or {})
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


class InvalidModel(EngineError):
    """What was learnt was not kept by this version; train again."""


class Unreadable(EngineError):
    """The file could not be read.

    ``cause`` is a stable word of `Unreadable.CAUSES`, for whoever counts or translates,
    and ``values`` is what its sentence names; the message is its sentence. It holds
    nothing of the file.
    """

    CAUSES = {
        "empty": _("The file is empty. Ask for it again, or upload it once more."),
        "encrypted": _(
            "The file is protected by a password. Ask the sender for one without, or "
            "open it and save it without the password."
        ),
        "damaged": _(
            "The file is damaged or was cut off on its way. Ask for it again, or "
            "upload it once more."
        ),
        "too_big": _(
            "The file is too big to be read. Split it, or save it with pictures of a "
            "lower resolution."
        ),
        "too_many_pages": _(
            "The file has too many pages to be read as one document. Split it into "
            "the documents that it holds."
        ),
        "too_many_files": _(
            "The ZIP file holds too many files, or too much when unpacked. Split it "
            "into several."
        ),
        "archive": _("This is a ZIP file. Unpack it, and upload what is in it."),
        "not_a_document": _(
            "The file is none that can be read: PDF, PNG, JPEG, TIFF, WebP, HEIC, or "
            "an electronic invoice in XML. Save it as a PDF, and upload that."
        ),
        "einvoice_unread": _(
            "This is a file of the kind %(format)s, which is not read. Ask the vendor "
            "for a PDF, or an electronic invoice in XML that is: UBL, CII (Factur-X, "
            "ZUGFeRD), FatturaPA, Facturae, KSeF, CFDI, NF-e, NAV, ebInterface, ISDOC "
            "or Svefaktura."
        ),
        "heic": _(
            "The file is a photo in the format HEIC, and the library that opens it is "
            "not there. Send the photo as JPEG (on an iPhone: Settings, Camera, "
            "Formats, Most Compatible), or have pi-heif installed on the server."
        ),
        "ocr_missing": _(
            "The file is a picture, and the program that reads pictures is not there."
            " Have PP-OCR (onnxruntime and rapidocr) or Tesseract installed on the "
            "server, or type the document in."
        ),
        "timed_out": _(
            "Reading the file took too long and was stopped. Split it, or type the "
            "document in."
        ),
        "crashed": _(
            "Reading the file broke off; it is damaged, or made to do harm. Do not "
            "open it unless you know the sender."
        ),
    }

    def __init__(self, cause, message=None, **values):
        super().__init__(message or self.CAUSES[cause] % values)
        self.cause = cause
        self.values = values
