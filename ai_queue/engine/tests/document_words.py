"""Documents drawn with letters: what stands where in a text is where words stand."""

import re
import textwrap

from ..documents.files.shapes import Document, Page, Word

#: Points a column and a line of the drawing is wide and high; a letter is lower.
WIDE, HIGH, LETTER = 5.0, 14.0, 10.0


def page(drawing, number=1, source="text", confidence=1.0):
    """A page with the words of a drawing."""
    words = [
        Word(
            match[0],
            40 + match.start() * WIDE,
            40 + row * HIGH,
            40 + match.end() * WIDE,
            40 + row * HIGH + LETTER,
            confidence,
            LETTER,
        )
        for row, line in enumerate(textwrap.dedent(drawing).strip("\n").split("\n"))
        for match in re.finditer(r"\S+", line)
    ]
    return Page(number, 595.0, 842.0, tuple(words), source)


def document(*drawings, source="text", confidence=1.0):
    """A document with a page for every drawing."""
    pages = [
        page(drawing, number, source, confidence)
        for number, drawing in enumerate(drawings, 1)
    ]
    return Document(tuple(pages), "application/pdf")


GERMAN = """
    Muster Werkzeuge GmbH                             RECHNUNG
    Industriestraße 5
    70173 Stuttgart                                   Rechnungsnummer    R-2024/0815
                                                      Rechnungsdatum     05.03.2024
    Rechnungsempfänger                                Fällig am          04.04.2024
    Beispiel Handel AG                                Bestellung Nr.     B-4711
    Am Markt 1
    50667 Köln

    Pos   Bezeichnung                        Menge     Einzelpreis      Betrag   MwSt.
    1     Akkuschrauber 18 V                     4          129,50      518,00      19
          mit Koffer
    2     Bohrer-Set                            10           12,00      120,00      19

                                             Zwischensumme              638,00
                                             MwSt. 19 %                 121,22
                                             Gesamtbetrag EUR           759,22

    USt-IdNr. DE136695976     IBAN DE89 3704 0044 0532 0130 00
"""

AMERICAN = """
    NORTHWIND PLUMBING LLC                                             INVOICE
    12 Harbor Street
    Portland, OR 97201                                   Invoice No:    4471
                                                         Invoice Date:  03/04/2024
    Bill To:                                             Due Date:      04/15/2024
    Adventure Works Inc.
    9 Main Street
    Austin, TX 73301

    Description                      Qty        Unit Price         Amount
    Pipe repair                        2            $75.00        $150.00
    Copper pipe, 10 ft                10             $5.00         $50.00

                                                  Subtotal        $200.00
                                                  Sales Tax        $20.00
                                                  Total           $220.00
                                       Previous balance           $500.00
                                            Amount Due            $720.00
"""
