# Copyright 2026 The ai_queue contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
from odoo.tests import tagged

from .common import AiQueueReportCommon

#: of a piece, without taxes
PRICE = 10


@tagged("post_install", "-at_install")
class TestReportPaidOut(AiQueueReportCommon):
    """Amounts that are negative in Odoo, as people speak of them: by how much it is."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        for quantity in (2, 5, 3, 1):
            cls.sell("2026-01-15", (cls.product, quantity), move_type="out_refund")

    def read_answer(self, question):
        """(the sentence, what is read, the words about that)"""
        user = self.accountant
        understood = self.env["ai.queue.report.understanding"].with_user(user)
        found = understood._understand(question)
        self.assertEqual((found["left"], found["message"]), ([], ""), question)
        reader, one = self.reader(), found["specification"]
        result = reader._read(one)
        return reader._sentence(one), result, reader._say_in_words(one, result)

    def get_shares(self, result):
        """How many pieces were given back."""
        values = [row["values"][0] for row in result["rows"]]
        return [round(-value / PRICE) for value in values]

    def test_largest_and_smallest(self):
        for question, shares, said in (
            ("biggest 3 refunds", [5, 3, 2], "the 3 highest"),
            ("top 2 credit notes", [5, 3], "the 2 highest"),
            ("smallest 2 credit notes", [1, 2], "the 2 lowest"),
            ("die 2 größten Gutschriften", [5, 3], "the 2 highest"),
            ("les 2 plus petits avoirs", [1, 2], "the 2 lowest"),
        ):
            with self.subTest(question):
                sentence, result, words = self.read_answer(question)
                self.assertEqual(self.get_shares(result), shares)
                self.assertIn("customer credit notes", sentence)
                self.assertIn(said, sentence)
                # The highest of them are named first.
                highest = max(result["rows"], key=lambda row: -row["values"][0])
                name = highest["groups"][0]["text"]
                self.assertIn(f"Highest: {name}", words)

    def test_one(self):
        for question, share, said in (
            ("biggest refund this year", 5, "Highest Untaxed Amount"),
            ("kleinste Gutschrift", 1, "Lowest Untaxed Amount"),
            ("le plus gros avoir", 5, "Highest Untaxed Amount"),
        ):
            with self.subTest(question):
                sentence, result, _words = self.read_answer(question)
                self.assertEqual(self.get_shares(result), [share])
                self.assertIn(said, sentence)

    def test_amounts(self):
        question = f"number of credit notes over {2 * PRICE} euros"
        _sentence, result, _words = self.read_answer(question)
        self.assertEqual(result["totals"], [2])

    def test_order_is_chosen_by_the_same_words(self):
        report = self.ask("biggest 5 refunds")
        screen = report.get_ask_screen()
        [order] = [one for one in screen["chips"] if one["key"] == "order"]
        self.assertEqual(order["text"], "the 5 highest")
        choices = report.get_part_choices("order")["choices"]
        [current] = [one for one in choices if one["is_current"]]
        self.assertEqual(current["text"], "the 5 highest")
        self.assertEqual(current["value"]["direction"], "asc")

    def test_what_is_received_is_ranked_as_it_is(self):
        sentence, _result, _words = self.read_answer(
            "lowest 5 customers by invoiced amount"
        )
        self.assertIn("the 5 lowest", sentence)
