"""Words as segments and rows: what stands together, beside and below one another.

A `Segment` is a run of words with ordinary blanks between them: a label, a value, a
cell of a table, a line of an address. A `Row` is the segments of one printed line.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from functools import cached_property

from ..files import layout
from ..files.shapes import Box, Document, Page, Word
from .text import fold

#: A blank wider than this share of the height of the words separates segments. The
#: boxes of fonts are higher than the letters that text recognition puts a box around.
GAP = {"text": 0.85, "ocr": 1.35}
#: Letters one below the other, at least so many and so close (in points), are print
#: along the edge of the page and no text of the bill.
_STACK, _CLOSE = 6, 3.0
#: Nothing on a bill is longer: letters of a word, and of words that stand together.
LONGEST_WORD, _LONGEST_RUN = 120, 600
#: What lines of tables look like to text recognition.
_RULES = "|[]¦"


@dataclass(frozen=True, eq=False)
class Segment:
    """A run of words, left to right, with its place."""

    page: int
    row: int
    words: tuple[Word, ...]

    @cached_property
    def text(self) -> str:
        """The words with one blank between them."""
        return " ".join(word.text for word in self.words)

    @cached_property
    def folded(self) -> str:
        """`text` without case and accents, as long as it."""
        return fold(self.text)

    @cached_property
    def x0(self) -> float:
        """Its left edge."""
        return min(word.x0 for word in self.words)

    @cached_property
    def x1(self) -> float:
        """Its right edge."""
        return max(word.x1 for word in self.words)

    @cached_property
    def top(self) -> float:
        """Its upper edge."""
        return min(word.top for word in self.words)

    @cached_property
    def bottom(self) -> float:
        """Its lower edge."""
        return max(word.bottom for word in self.words)

    @cached_property
    def height(self) -> float:
        """The height of its words."""
        return sum(word.bottom - word.top for word in self.words) / len(self.words)

    @property
    def middle(self) -> float:
        """Half way between left and right."""
        return (self.x0 + self.x1) / 2

    @property
    def confidence(self) -> float:
        """How sure its characters are."""
        return min(word.confidence for word in self.words)

    def words_of(self, start: int, end: int) -> tuple[Word, ...]:
        """The words that hold the characters ``start`` to ``end`` of `text`."""
        found, at = [], 0
        for word in self.words:
            if at < end and start < at + len(word.text):
                found.append(word)
            at += len(word.text) + 1
        return tuple(found)

    def box(self, start: int = 0, end: int | None = None) -> Box:
        """Where the characters ``start`` to ``end`` stand; all of it by default."""
        end = len(self.text) if end is None else end
        return box_of(self.words_of(start, end) or self.words, self.page)

    def covers(self, other: Segment) -> float:
        """How much of the narrower of two segments lies above or below the other."""
        shared = min(self.x1, other.x1) - max(self.x0, other.x0)
        return shared / max(1e-6, min(self.x1 - self.x0, other.x1 - other.x0))


@dataclass(frozen=True, eq=False)
class Row:
    """The segments of one printed line, left to right."""

    page: int
    index: int
    segments: tuple[Segment, ...]

    @cached_property
    def text(self) -> str:
        """All of it, two blanks between segments."""
        return "  ".join(segment.text for segment in self.segments)

    @cached_property
    def top(self) -> float:
        """Its upper edge."""
        return min(segment.top for segment in self.segments)

    @cached_property
    def bottom(self) -> float:
        """Its lower edge."""
        return max(segment.bottom for segment in self.segments)

    @cached_property
    def height(self) -> float:
        """The height of its words."""
        return sum(one.height for one in self.segments) / len(self.segments)


@dataclass(frozen=True, eq=False)
class Text:
    """The rows of all pages of a document, in reading order.

    ``widths``: page number -> width. ``source``: ``text`` or ``ocr``, by which most of
    it was read. ``turns``: page number -> (quarters clockwise, width, height) of pages
    whose text stands on its side; it is upright here.
    """

    rows: tuple[Row, ...]
    widths: dict[int, float]
    heights: dict[int, float]
    source: str
    turns: dict[int, tuple[int, float, float]] = field(default_factory=dict)

    @cached_property
    def segments(self) -> tuple[Segment, ...]:
        """All segments, in reading order."""
        return tuple(segment for row in self.rows for segment in row.segments)

    def on_page(self, box: Box) -> Box:
        """Where a place of the text is on the page as it is shown."""
        turn, width, height = self.turns.get(box.page, (0, 0.0, 0.0))
        x0, top, x1, bottom = box.x0, box.top, box.x1, box.bottom
        if turn == 1:
            return Box(box.page, width - bottom, x0, width - top, x1)
        if turn == 2:
            return Box(box.page, width - x1, height - bottom, width - x0, height - top)
        if turn == 3:
            return Box(box.page, top, height - x1, bottom, height - x0)
        return box

    def below(self, segment: Segment, lines: float = 3.0) -> Iterator[Segment]:
        """The segments under ``segment`` on its page, nearest first.

        :param lines: how far down, in heights of the segment
        """
        reach = segment.bottom + lines * segment.height
        for index in range(segment.row + 1, len(self.rows)):
            row = self.rows[index]
            if row.page != segment.page or row.top > reach:
                return
            for other in row.segments:
                if other.top >= segment.bottom - 0.5 * segment.height and (
                    segment.covers(other) > 0.3
                ):
                    yield other

    def above(self, segment: Segment, lines: float = 3.0) -> Iterator[Segment]:
        """The segments over ``segment`` on its page, nearest first."""
        reach = segment.top - lines * segment.height
        for index in range(segment.row - 1, -1, -1):
            row = self.rows[index]
            if row.page != segment.page or row.bottom < reach:
                return
            for other in row.segments:
                if other.bottom <= segment.top + 0.5 * segment.height and (
                    segment.covers(other) > 0.3
                ):
                    yield other

    def left_of(self, segment: Segment) -> list[Segment]:
        """The segments of the same row before ``segment``, nearest first."""
        row = self.rows[segment.row]
        return [other for other in reversed(row.segments) if other.x0 < segment.x0]

    def right_of(self, segment: Segment) -> list[Segment]:
        """The segments of the same row after ``segment``, nearest first."""
        row = self.rows[segment.row]
        return [other for other in row.segments if other.x0 > segment.x0]


def box_of(words, page: int) -> Box:
    """The box around some words."""
    return Box(
        page,
        min(word.x0 for word in words),
        min(word.top for word in words),
        max(word.x1 for word in words),
        max(word.bottom for word in words),
    )


def text_of(
    document: Document,
    pages: tuple[int, int] | None = None,
    until: Mapping[int, float] | None = None,
) -> Text:
    """The rows of a document.

    :param pages: the first and the last page to take; all by default
    :param until: page number -> what is below this is left out
    """
    rows, widths, heights, sources, turns = [], {}, {}, [], {}
    for page in document.pages:
        if pages and not pages[0] <= page.number <= pages[1]:
            continue
        sources += [page.source] * len(page.words)
        turn = _turn(page)
        if turn:
            turns[page.number] = turn, page.width, page.height
        page = _turned(page, turn)
        widths[page.number], heights[page.number] = page.width, page.height
        end = (until or {}).get(page.number, float("inf"))
        words = [
            word
            for word in _upright(page)
            if word.top < end and len(word.text) <= LONGEST_WORD
        ]
        if page.source == "ocr":
            words = _without_rules(words)
        for line in layout.lines(words):
            index = len(rows)
            runs = _runs(line, GAP.get(page.source, GAP["text"]))
            segments = tuple(Segment(page.number, index, run) for run in runs)
            rows.append(Row(page.number, index, segments))
    source = "ocr" if sources.count("ocr") > len(sources) / 2 else "text"
    return Text(tuple(rows), widths, heights, source, turns)


def run_of(page: Page, word: Word) -> tuple[tuple[Word, Word], ...]:
    """The words that stand together with a word of a page, in its line.

    :return: (word upright, the same on the page as it is shown), left to right
    """
    shown = [one for one in page.words if one.turn == word.turn]
    upright = _turned(page, word.turn).words
    shown_of = {id(one): other for one, other in zip(upright, shown, strict=True)}
    for line in layout.lines(upright):
        for run in _runs(line, GAP.get(page.source, GAP["text"])):
            if any(shown_of[id(one)] is word for one in run):
                return tuple((one, shown_of[id(one)]) for one in run)
    return ((word, word),)


def _turn(page: Page) -> int:
    """Quarters clockwise by which most letters of a page stand turned."""
    letters: Counter = Counter()
    for word in page.words:
        letters[word.turn] += len(word.text)
    return max(letters, key=letters.get) if letters else 0


def _turned(page: Page, turn: int) -> Page:
    """A page with the words of one turn upright, and no others.

    What runs along the edge of a page is print of the form and no text of the bill.
    """
    words = [word for word in page.words if word.turn == turn]
    if not turn:
        return replace(page, words=tuple(words))
    wide, high = page.width, page.height
    turned = []
    for word in words:
        x0, top, x1, bottom = word.x0, word.top, word.x1, word.bottom
        if turn == 1:
            x0, top, x1, bottom = top, wide - x1, bottom, wide - x0
        elif turn == 2:
            x0, top, x1, bottom = wide - x1, high - bottom, wide - x0, high - top
        else:
            x0, top, x1, bottom = high - bottom, x0, high - top, x1
        turned.append(replace(word, x0=x0, top=top, x1=x1, bottom=bottom, turn=0))
    if turn != 2:
        wide, high = high, wide
    return replace(page, words=tuple(turned), width=wide, height=high)


def _upright(page: Page):
    """The words of a page but for print along its edge, which stands upright."""
    stacks = {}
    for word in page.words:
        if len(word.text) <= 2:
            stacks.setdefault(round(word.x0), []).append(word)
    upright = set()
    for stack in stacks.values():
        stack.sort(key=lambda word: word.top)
        run = stack[:1]
        for word in [*stack[1:], None]:
            if word and word.top - run[-1].bottom < _CLOSE:
                run.append(word)
                continue
            if len(run) >= _STACK:
                upright.update(map(id, run))
            run = [word]
    return [word for word in page.words if id(word) not in upright]


def _without_rules(words):
    """Words without the lines of tables, which text recognition takes for letters."""
    for word in words:
        text = word.text.strip(_RULES)
        if text == word.text:
            yield word
        elif text:
            yield replace(word, text=text)


def _runs(words, gap):
    run, letters = [words[0]], len(words[0].text)
    for word in words[1:]:
        height = min(run[-1].bottom - run[-1].top, word.bottom - word.top)
        letters += len(word.text) + 1
        if word.x0 - run[-1].x1 > gap * height or letters > _LONGEST_RUN:
            yield tuple(run)
            run, letters = [], len(word.text)
        run.append(word)
    yield tuple(run)
