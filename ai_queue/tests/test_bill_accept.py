# Copyright 2026 The ai_queue contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
from odoo.exceptions import AccessError
from odoo.tests import Form, tagged

from odoo.addons.ai_queue.engine.documents.bills.checks import FINDINGS
from odoo.addons.ai_queue.models.bills.bill_reasons import REASONS, WRONG, make

from .common_bill import AiQueueBillCommon

UNSURE = make("uncertain", fields=["invoice_date"])
INVENTED = make("invented", fields=["invoice_number"])
DIFFER = make("totals_differ", untaxed=450, tax=85.5, total=999)


@tagged("post_install", "-at_install")
class TestBillAccept(AiQueueBillCommon):
    """What a person takes on themselves by *Accept*."""

    def accept(self, move):
        """Press *Accept*; the question that comes, None for none."""
        return move.with_user(self.clerk).action_accept_ai_reading()

    def find_question(self, action):
        questions = self.env[action["res_model"]].with_user(self.clerk)
        return questions.browse(action["res_id"])

    def notes(self, move):
        return "".join(move.message_ids.mapped("body"))

    def test_what_may_be_wrong_is_accepted_at_once(self):
        move = self.fill_in(findings=[UNSURE])
        self.assertFalse(self.accept(move))
        self.assertEqual(move.ai_reading_state, "done")

    def test_what_is_wrong_is_asked_for_once_and_listed(self):
        move = self.fill_in(findings=[DIFFER, INVENTED, UNSURE], amount_total=999)
        action = self.accept(move)
        self.assertEqual(action["target"], "new")
        self.assertEqual(move.ai_reading_state, "review")
        question = self.find_question(action)
        self.assertIn("is not the total of 999", question.wrong)
        self.assertIn("The model named the bill number", question.wrong)
        self.assertIn("This bill comes to 535.50", question.wrong)
        self.assertNotIn("the date", question.wrong)
        self.assertIn("INV-1", question.wrong)
        question.action_accept()
        self.assertEqual(move.ai_reading_state, "done")
        self.assertEqual(move.ai_reading_id.accepted_by_id, self.clerk)

    def test_who_accepted_what_stands_beside_the_bill(self):
        move = self.fill_in(findings=[INVENTED, UNSURE])
        self.find_question(self.accept(move)).action_accept()
        note = move.message_ids[0]
        self.assertEqual(note.author_id, self.clerk.partner_id)
        self.assertTrue(note.subtype_id.internal)
        self.assertIn("The model named the bill number", note.body)
        self.assertIn("Not read with certainty: the date", note.body)
        self.assertEqual(move.is_manually_modified, False)

    def test_one_question_stands_for_several_bills(self):
        moves = self.fill_in(findings=[INVENTED])
        moves += self.fill_in(findings=[DIFFER], invoice_number="INV-2")
        question = self.find_question(self.accept(moves))
        self.assertIn("INV-1", question.wrong)
        self.assertIn("INV-2", question.wrong)
        question.action_accept()
        self.assertEqual(moves.mapped("ai_reading_state"), ["done", "done"])

    def test_a_total_that_no_rule_explains_never_posts_by_itself(self):
        self.vendor.autopost_bills = "always"
        self.assertEqual(self.fill_in().state, "posted")
        changes = {"amount_total": 999, "invoice_number": "INV-2"}
        move = self.fill_in(findings=[DIFFER], **changes)
        self.assertEqual(move.state, "draft")
        move.ref = "INV-3"
        self.find_question(self.accept(move)).action_accept()
        self.assertEqual(move.state, "draft")

    def test_who_may_not_change_bills_accepts_none(self):
        move = self.fill_in(findings=[INVENTED])
        reader = self.create_user("reader", "account.group_account_readonly")
        with self.assertRaises(AccessError):
            move.with_user(reader).action_accept_ai_reading()
        question = self.find_question(self.accept(move))
        with self.assertRaises(AccessError):
            question.with_user(reader).action_accept()

    def test_all_that_is_called_wrong_has_a_sentence(self):
        self.assertLessEqual(WRONG, {*REASONS, *FINDINGS})

    def test_the_question_opens_on_the_screen(self):
        move = self.fill_in(findings=[INVENTED])
        question = self.find_question(self.accept(move))
        self.assertIn("The model named", Form(question).wrong)


@tagged("post_install", "-at_install")
class TestBillTouched(AiQueueBillCommon):
    """Which bills count as touched."""

    def post(self, move):
        move.with_user(self.clerk).action_post()
        return move.ai_reading_id

    def test_a_bill_that_was_in_order_is_touchless(self):
        self.assertEqual(self.post(self.fill_in()).touchless, 100.0)

    def test_a_bill_that_a_person_typed_in_counts(self):
        move = self.read_new(b"%PDF-1.7 nothing in it")
        self.assertEqual(move.ai_reading_state, "failed")
        move.write(
            {
                "partner_id": self.vendor.id,
                "invoice_date": "2026-03-10",
                "ref": "TYPED",
                "invoice_line_ids": [(0, 0, {"name": "Things", "price_unit": 9.0})],
            }
        )
        reading = self.post(move)
        self.assertEqual((reading.result, reading.touchless), ("corrected", 0.0))
        self.assertTrue(reading.date_result)

    def test_a_clearer_copy_does_not_make_a_bill_touchless(self):
        move = self.fill_in(findings=[UNSURE])
        self.attach(move, b"%PDF-1.7 a clearer copy")
        self.fill_in(move)
        self.assertEqual(move.ai_reading_state, "done")
        self.assertEqual(self.post(move).touchless, 0.0)

    def test_a_reason_that_a_person_settled_counts(self):
        move = self.fill_in(findings=[make("number_missing")], invoice_number=None)
        move.ref = "TYPED"
        self.assertEqual(move.ai_reading_state, "done")
        self.assertEqual(self.post(move).touchless, 0.0)
