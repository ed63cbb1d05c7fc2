# Copyright 2026 The ai_queue contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
import time
from unittest.mock import patch

from odoo.fields import Command
from odoo.tests import tagged

from odoo.addons.ai_queue.asking.shapes import Known, Outcome
from odoo.addons.ai_queue.engine.documents.bills import model
from odoo.addons.ai_queue.engine.documents.files import reading
from odoo.addons.ai_queue.engine.errors import InvalidAnswer
from odoo.addons.ai_queue.engine.tests.bill_samples import IBAN, OTHER_IBAN, bill_pdf

from .common_bill import AiQueueBillCommon
from .common_provider import AiQueueProviderCommon

ANSWER = {
    "document_kind": "invoice",
    **dict.fromkeys(model.HEADER, ""),
    "vendor_name": "Example Supplies GmbH",
    "invoice_number": "INV-2026-0815",
    "invoice_date": "2026-03-10",
    "due_date": "2026-04-09",
    "currency": "EUR",
    "amount_untaxed": "450.00",
    "amount_tax": "85.50",
    "amount_total": "535.50",
    "lines": [
        {
            **dict.fromkeys(model.LINE, ""),
            "description": "Office chairs, black",
            "quantity": "4",
            "unit_price": "100.00",
            "amount": "400.00",
        },
        {
            **dict.fromkeys(model.LINE, ""),
            "description": "Delivery",
            "quantity": "1",
            "unit_price": "50.00",
            "amount": "50.00",
        },
    ],
}


@tagged("post_install", "-at_install")
class TestBillModel(AiQueueBillCommon):
    """A model reads the words; what it says must stand in the document."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.provider = cls.env["ai.queue.provider"].create(
            {
                "name": "Model",
                "base_url": "http://127.0.0.1:9",
                "currency_id": cls.company.currency_id.id,
                "model_ids": [Command.create({"kind": "invoice", "model": "reader"})],
            }
        )
        cls.company.ai_queue_invoice_provider_id = cls.provider

    def answering(self, data=None, error=None):
        """Let the model answer every question so; returns the mock of the asking."""

        def ask(provider, questions, **kwargs):
            outcome = Outcome()
            for question in questions:
                if error:
                    outcome.errors[question.key] = error
                else:
                    outcome.answers[question.key] = Known(data, "", "reader")
            return outcome

        provider = type(self.provider)
        return patch.object(provider, "_ask", autospec=True, side_effect=ask)

    def test_an_answer_that_stands_in_the_document_fills_the_bill(self):
        with self.answering(ANSWER) as asked:
            move = self.read_new()
        self.assertEqual(move.ai_reading_state, "done", move.ai_reading_reasons)
        self.assertEqual((move.ref, move.amount_total), ("INV-2026-0815", 535.5))
        self.assertEqual(move.ai_reading_id.provider_id, self.provider)
        (question,) = asked.call_args.args[1]
        self.assertIn("Office chairs, black", question.parts[0])

    def test_what_a_model_makes_up_is_not_written(self):
        invented = {**ANSWER, "invoice_number": "4711-FAKE", "amount_total": "9,999.00"}
        with self.answering(invented):
            move = self.read_new()
        self.assertNotEqual(move.ref, "4711-FAKE")
        self.assertNotEqual(move.amount_total, 9999.0)

    def test_no_usable_answer_is_told_and_read_without_it(self):
        with self.answering(error=InvalidAnswer("No JSON.")):
            move = self.read_new()
        self.assertEqual(move.amount_total, 535.5)
        self.assertIn("model_failed", self.codes(move))
        self.assertEqual(move.ai_reading_state, "review")

    def test_what_was_read_is_asked_for_when_time_is_up(self):
        """Each turn of the job gets further, and no file is read twice."""
        days = ("2026-03-10", "2026-03-11", "2026-03-12")
        moves = self.env["account.move"]
        for number, day in enumerate(days):
            moves += self.new_bill(bill_pdf(number=f"N-{number}00", day=day))
        run = self.press_read(moves)
        path = "odoo.addons.ai_queue.models.bills.ai_queue_kind_invoice"
        states = []
        self.patch(self, "performing", AiQueueProviderCommon.performing.__get__(self))
        with (
            self.answering(ANSWER) as asked,
            patch(f"{path}.BEGIN_SHARE", -1.0),
            patch(f"{path}.read", side_effect=reading.read) as reader,
        ):
            for _turn in days:
                self.run_jobs(run)
                states.append(run.state)
        self.assertEqual(states[-1], "done", states)
        self.assertEqual(moves.mapped("amount_total"), [535.5] * 3)
        self.assertEqual((reader.call_count, asked.call_count), (3, 3))

    def test_pictures_take_of_the_time_of_their_file(self):
        self.provider.model_ids.is_seeing = True
        kind = type(self.env["ai.queue.kind.invoice"])
        limits, ends = kind._get_limits, []

        def watch(model, end=None):
            ends.extend([end] if end else [])
            return limits(model, end)

        with self.answering(ANSWER), patch.object(kind, "_get_limits", watch):
            move = self.read_new()
        self.assertEqual(move.ai_reading_state, "done", move.ai_reading_reasons)
        self.assertEqual(ends, ends[:1] * 2)
        left = self.env["ai.queue.kind.invoice"]._get_limits(time.monotonic() + 7)
        self.assertLessEqual(left.seconds * left.patience, 7)
        over = self.env["ai.queue.kind.invoice"]._get_limits(time.monotonic() - 7)
        self.assertEqual(over.seconds * over.patience, 1)

    def test_the_account_that_a_model_names_hides_no_other(self):
        self.vendor.bank_ids = [Command.create({"acc_number": IBAN})]
        with self.answering({**ANSWER, "vendor_iban": IBAN}):
            move = self.read_new(bill_pdf(extra=(f"IBAN: {OTHER_IBAN}",)))
        self.assertIn("iban_differs", self.codes(move))

    def test_an_answer_alone_posts_nothing(self):
        with self.answering(ANSWER):
            move = self.read_new()
        self.assertEqual(move.state, "draft")

    def test_a_failed_job_fails_the_reading_and_a_retry_heals_it(self):
        move = self.new_bill(bill_pdf())
        run = self.press_read(move)
        checks = type(self.env["ai.queue.bill.check"])
        with self.answering(ANSWER):
            with patch.object(checks, "_claim_numbers", side_effect=ZeroDivisionError):
                self.perform_failing(self.queue_jobs(run))
            self.assertEqual(move.ai_reading_state, "failed")
            run.with_user(self.clerk).action_retry()
            self.commit()
            self.assertEqual(move.ai_reading_state, "pending")
            self.run_jobs(run)
        self.assertEqual(move.ai_reading_state, "done")
