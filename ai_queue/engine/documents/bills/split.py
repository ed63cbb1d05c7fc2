"""Several bills in one file: where each begins."""

from __future__ import annotations

import re

from ..files.shapes import Document
from . import facts
from .invoice import Own
from .segments import text_of
from .text import squeeze

#: "Page 2 of 3", "Seite 2 von 3", "2/3": which page of its bill a page is.
_PAGE_OF = re.compile(
    r"(?:page|seite|pagina|pag\.?|blad|blatt)\s*:?\s*(\d{1,3})"
    r"(?:\s*(?:of|von|de|van|di|sur|/)\s*(\d{1,3}))?"
)


def page_ranges(document: Document, own: Own) -> list[tuple[int, int]]:
    """First and last page of every bill in a document.

    A page begins another bill when it carries another number of a bill than the page
    before, unless its own page number says that it continues.
    """
    pages = [page.number for page in document.pages if page.words]
    if len(pages) < 2:
        only = pages[0] if pages else 1
        return [(min(1, only), max(len(document.pages), only))]
    starts, current = [pages[0]], None
    for number in pages:
        text = text_of(document, (number, number))
        found = facts.number(text)
        value = squeeze(found.value) if found and found.confidence > 0.6 else None
        if number == pages[0]:
            current = value
            continue
        if value and current and value != current and _page_no(text) in (None, 1):
            starts.append(number)
        current = value or current
    ends = [start - 1 for start in starts[1:]] + [len(document.pages)]
    return list(zip(starts, ends, strict=True))


def _page_no(text):
    for segment in text.segments:
        match = _PAGE_OF.search(segment.folded)
        if match:
            return int(match[1])
    return None
