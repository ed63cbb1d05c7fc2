"""A page as Tesseract reads it: as it is; when that gives little, in other ways."""

from __future__ import annotations

from dataclasses import dataclass, replace

from PIL import Image

from . import cleaning, second_look, tesseract
from .seen import OcrError, Reading

#: pixels of a picture beyond which it is not enlarged
PIXELS = 5_400_000
#: how many times as high as wide a till receipt is at least
NARROWER = 1.6
#: height of lines in pixels below which letters are small, and how much to enlarge
SMALL, ENLARGED = 18, 2
#: mean confidence below which other ways of reading are tried
WEAK = 0.72
#: so few words say nothing of how well a page was read
FEW = 8
#: Small words that tell a language from the others that Tesseract begins with.
TELLING = {
    "spa": "el los las del una por con para y es su factura número fecha importe base",
    "ita": "il di della del gli per con una che fattura numero importo aliquota data",
    "nld": "het een van voor met en op te factuur factuurnummer bedrag btw datum klant",
    "por": "o os as do da dos das uma com para não em fatura número data valor preço",
    "eng": "the of and to for your in is this with invoice number date amount due",
    "deu": "der die das und von für mit den dem ist rechnung nummer datum betrag",
    "fra": "le la les des du et une pour est vous facture numéro date montant",
}


@dataclass(frozen=True)
class _Attempt(Reading):
    """A `Reading`, and how much it is worth."""

    @property
    def confidence(self):
        known = [word.confidence for word in self.words]
        return sum(known) / len(known) if known else 0.0

    @property
    def score(self):
        """How much was read, and how surely: what is hardly readable counts little."""
        return sum(word.confidence**2 * len(word.text) for word in self.words)

    @property
    def is_weak(self):
        return len(self.words) < FEW or self.confidence < WEAK

    @property
    def is_small(self):
        """Whether its letters are too small, and it can be enlarged."""
        heights = sorted(word.height for word in self.words)
        pixels = self.size[0] * self.size[1] * ENLARGED**2
        middle = heights[len(heights) // 2] if heights else 0
        return middle < SMALL and pixels < PIXELS

    @property
    def lies(self):
        """Whether its words stand on their side."""
        long = [word for word in self.words if len(word.text) > 3]
        tall = [word for word in long if word.bottom - word.top > word.x1 - word.x0]
        return len(tall) > len(long) / 2


def read(picture, dpi, deadline) -> Reading:
    """Words of a grey picture that shows a page.

    :param dpi: resolution of the picture, about
    :param deadline: `Deadline` by which it must be done
    :raise OcrError: it could not be read, or not in time
    """
    reader = _Reader(picture, dpi, deadline)
    reader.attempt()
    if reader.best.is_weak and reader.best.is_small and not reader.best.lies:
        reader.attempt(scale=ENLARGED)
    if reader.best.is_weak or reader.best.lies:
        for turn in reader.turns():
            reader.attempt(turn)
            if not reader.best.is_weak:
                break
    if reader.best.is_weak:
        # cleaning takes faint letters for stains at times
        reader.attempt(reader.best.turned, clean=False)
    if other := _language(reader.best.words):
        reader.names = (other, *(name for name in reader.names if name == "eng"))
        reader.attempt(reader.best.turned)
    return reader.looked_again()


class _Reader:
    """Readings of one picture, of which the best is kept."""

    def __init__(self, picture, dpi, deadline):
        self.picture = picture
        self.dpi = dpi
        self.deadline = deadline
        self.names = tesseract.usual()
        self.best = None

    def attempt(self, turn=0, scale=1, clean=True):
        """Read it turned clockwise, enlarged, or without cleaning."""
        try:
            reading = self._read(turn, scale, clean)
        except OcrError:
            if self.best is None:
                raise
            return
        if self.best is None or reading.score > self.best.score:
            self.best = reading

    def looked_again(self):
        """The best reading, with a second look at the words that are doubted."""
        best, left = self.best, self.deadline.left()
        try:
            words = second_look.again(best.words, best.picture, self.names, left)
        except OcrError:
            return best
        return replace(best, words=words)

    def turns(self):
        """By which degrees the picture may have to be turned to stand upright."""
        found = tesseract.orientation(self.picture, self.deadline.left())
        if found is not None:
            return (found,) if found else ()
        return (90, 270) if self.best.lies else ()

    def _read(self, turn, scale, clean):
        picture, dpi = self.picture, self.dpi * scale
        if scale != 1:
            size = [side * scale for side in picture.size]
            picture = picture.resize(size, Image.Resampling.BICUBIC)
        if turn:
            picture = picture.rotate(-turn, expand=True)
        picture = cleaning.straightened(picture)
        if clean:
            picture = cleaning.even(picture, dpi)
            picture = cleaning.unruled(cleaning.positive(picture, dpi), dpi)
        narrow = picture.height > NARROWER * picture.width
        layout = tesseract.RECEIPT if narrow else tesseract.PAGE
        left = self.deadline.left()
        words = tesseract.words(picture, self.names, left, layout)
        return _Attempt(words, turn, picture)


def _language(words):
    """The language of `tesseract.OTHERS` that the words are in, if it is one."""
    text = [word.text.lower().strip(".,:;()") for word in words]
    hits = {
        name: sum(text.count(word) for word in telling.split())
        for name, telling in TELLING.items()
    }
    found = max(hits, key=hits.get)
    if found in tesseract.USUAL or found not in tesseract.languages():
        return None
    known = max(hits[name] for name in tesseract.USUAL)
    return found if hits[found] >= 4 and hits[found] > 1.5 * known else None
