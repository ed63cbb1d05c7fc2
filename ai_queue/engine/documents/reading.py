"""The bytes of a file → a `Document`: pages, words and where they stand."""

from __future__ import annotations

from .pdf import open_pdf, read_page
from .shapes import Document, Limits


def read(data: bytes, name: str, limits: Limits = Limits()) -> Document:  # noqa: B008
    """Read a file.

    :param data: the whole file
    :param name: what it was called; the content decides what it is
    """
    pdf = open_pdf(data)
    pages = []
    for index in range(len(pdf)):
        page = pdf[index]
        pages.append(read_page(page, index + 1))
        page.close()
    pdf.close()
    return Document(tuple(pages), "application/pdf")
