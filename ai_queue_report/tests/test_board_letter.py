# Copyright 2026 The ai_queue contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
from odoo.tests import BaseCase, tagged

from ..board_letter import Page, Table, Tile, _pie, draw_pdf

WORDS = {"made": "Made", "open": "Open", "why": "You get this.", "leave": "Leave"}


@tagged("post_install", "-at_install")
class TestBoardLetter(BaseCase):
    """Figures of every kind become a PDF."""

    def draw(self, shape, chart, *rows):
        table = Table(
            head=["City", "Invoices"],
            rows=[[name, str(value)] for name, value in rows],
            values=[value for _name, value in rows],
        )
        tile = Tile("Invoices", shape, chart, "All of them", "", table)
        page = Page("Board", "today", "Ada", "https://x", "https://y", WORDS, [tile])
        content = draw_pdf(page)
        self.assertTrue(content.startswith(b"%PDF"))
        return table

    def test_a_pie_whose_first_slices_are_empty(self):
        rows = [(f"City {number}", 0) for number in range(8)]
        table = self.draw("graph", "pie", *rows, ("Paris", 5), ("Rome", 7))
        (pie,) = _pie(table, "Helvetica").contents
        self.assertEqual(pie.data, [0, 0, 0, 0, 0, 0, 0, 12])
        self.assertEqual(pie.labels[-1], "…")

    def test_many_bars(self):
        self.draw("graph", "bar", *((f"City {number}", number) for number in range(40)))

    def test_a_text_that_is_longer_than_a_page(self):
        self.draw("table", "bar", ("word " * 3000, 1))
