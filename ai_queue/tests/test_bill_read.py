# Copyright 2026 The ai_queue contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
from unittest.mock import patch

from odoo import fields
from odoo.tests import tagged

from odoo.addons.ai_queue.engine.tests.bill_samples import bill_pdf, bills_pdf

from .common_bill import AiQueueBillCommon
from .common_provider import AiQueueProviderCommon


@tagged("post_install", "-at_install")
class TestBillRead(AiQueueBillCommon):
    """From the press of the button to the filled bill."""

    def test_a_read_bill_is_filled_in_and_needs_no_hand(self):
        move = self.read_new()
        self.assertEqual(move.ai_reading_state, "done", move.ai_reading_reasons)
        self.assertEqual(move.partner_id, self.vendor)
        self.assertEqual(move.ref, "INV-2026-0815")
        self.assertEqual(move.invoice_date, fields.Date.to_date("2026-03-10"))
        self.assertEqual(move.invoice_date_due, fields.Date.to_date("2026-04-09"))
        self.assertEqual(move.amount_untaxed, 450.0)
        self.assertEqual(move.amount_total, 535.5)
        self.assertEqual(move.state, "draft")

    def test_lines_carry_quantity_price_and_tax(self):
        move = self.read_new()
        chairs, delivery = move.invoice_line_ids
        self.assertEqual(chairs.name, "Office chairs, black")
        self.assertEqual((chairs.quantity, chairs.price_unit), (4.0, 100.0))
        self.assertEqual(chairs.tax_ids, self.tax)
        self.assertEqual(delivery.price_subtotal, 50.0)
        self.assertTrue(all(move.invoice_line_ids.mapped("is_imported")))

    def test_nobody_is_said_to_have_touched_a_read_bill(self):
        move = self.read_new()
        self.assertFalse(move.is_manually_modified)

    def test_the_press_reads_nothing(self):
        move = self.new_bill(bill_pdf())
        run = self.press_read(move)
        self.assertEqual(move.ai_reading_state, "pending")
        self.assertEqual(move.ai_reading_run_id, run)
        self.assertFalse(move.partner_id)

    def test_pressing_again_gives_the_same_run(self):
        move = self.new_bill(bill_pdf())
        self.assertEqual(self.press_read(move), self.press_read(move))
        self.assertEqual(len(move.ai_reading_ids), 1)

    def test_bills_of_two_companies_are_two_runs(self):
        other = self.create_company("Other", country_id=self.env.ref("base.de").id)
        self.clerk.company_ids += other
        journal = self.env["account.journal"].search(
            [("company_id", "=", other.id), ("type", "=", "purchase")]
        )
        moves = self.new_bill(bill_pdf())
        bill = {"move_type": "in_invoice", "journal_id": journal.id}
        moves += moves.with_company(other).create(bill).with_env(self.env)
        self.attach(moves[1], bill_pdf(number="O-1"))
        both = (self.company + other).ids
        moves = moves.with_context(allowed_company_ids=both)
        action = moves.with_user(self.clerk).action_run_ai_invoice_parse()
        self.commit()
        self.assertEqual(len(action["params"]["links"]), 2)
        self.assertEqual(moves.ai_reading_run_id.company_id, self.company + other)
        for run in moves.ai_reading_run_id:
            self.run_jobs(run)
        self.assertEqual(moves.mapped("ref"), ["INV-2026-0815", "O-1"])

    def test_reading_again_changes_nothing(self):
        move = self.read_new()
        before = move._get_ai_queue_snapshot()
        self.read_bills(move)
        self.assertEqual(move._get_ai_queue_snapshot(), before)
        self.assertEqual(len(move.invoice_line_ids), 2)
        self.assertEqual(len(move.ai_reading_ids), 1)

    def test_a_developer_calls_the_job_method_by_himself(self):
        move = self.new_bill(bill_pdf()).with_user(self.clerk)
        move.run_ai_invoice_parse()
        self.assertEqual(move.ref, "INV-2026-0815")
        self.assertEqual(move.ai_reading_state, "done")

    def test_a_queued_call_of_another_addon_gets_a_run(self):
        move = self.new_bill(bill_pdf()).with_user(self.clerk)
        move.with_delay(priority=5).run_ai_invoice_parse()
        self.commit()
        run = self.find_runs()
        self.run_jobs(run)
        self.assertEqual((run.kind, run.state), ("invoice", "done"))
        self.assertEqual(move.ai_reading_run_id, run)

    def test_many_bills_are_read_a_few_in_a_job(self):
        moves = self.new_bill()
        for number in range(7):
            moves += self.new_bill(bill_pdf(number=f"N-{number}00"))
        moves = moves[1:]
        run = self.read_bills(moves)
        self.assertEqual(len(run.job_ids), 2)
        self.assertEqual(moves.mapped("ref"), [f"N-{n}00" for n in range(7)])

    def test_a_credit_note_becomes_one(self):
        move = self.read_new(bill_pdf(title="CREDIT NOTE"))
        self.assertEqual(move.move_type, "in_refund")
        self.assertEqual(move.amount_total, 535.5)

    def test_a_bill_without_a_document_is_not_queued(self):
        with self.assertRaisesRegex(Exception, "no document"):
            self.press_read(self.new_bill())

    def test_a_posted_bill_meanwhile_is_left_alone(self):
        move = self.new_bill(bill_pdf())
        run = self.press_read(move)
        move.write(
            {
                "partner_id": self.customer.id,
                "invoice_date": "2026-03-01",
                "ref": "BY HAND",
                "invoice_line_ids": [(0, 0, {"name": "x", "price_unit": 5})],
            }
        )
        move.action_post()
        self.run_jobs(run)
        self.assertEqual(move.ref, "BY HAND")
        self.assertEqual(move.ai_reading_state, "cancelled")
        self.assertIn("No longer a draft", move.ai_reading_reasons)

    def test_what_is_read_says_where_it_stands(self):
        move = self.read_new()
        summary = {one["name"]: one for one in move.ai_reading_fields}
        self.assertEqual(summary["amount_total"]["value"], "535.5")
        self.assertEqual(summary["amount_total"]["page"], 1)
        self.assertGreater(summary["invoice_number"]["confidence"], 0.5)

    def test_several_bills_in_one_file_are_several_bills(self):
        data = bills_pdf(
            {"number": "INV-2026-0001"},
            {"number": "INV-2026-0002", "day": "2026-03-11"},
        )
        move = self.read_new(data)
        self.run_jobs(self.find_runs()[:1])
        parts = self.env["account.move"].search([("journal_id", "=", self.journal.id)])
        parts = parts.sorted("id")
        self.assertEqual(parts.mapped("ref"), ["INV-2026-0001", "INV-2026-0002"])
        self.assertEqual(parts.mapped("amount_total"), [535.5, 535.5])
        self.assertEqual(self.codes(move), ["several_bills"])
        self.assertEqual(self.codes(parts[1]), ["several_bills"])
        self.assertIn("pages 2 to 2", parts[1].ai_reading_reasons)
        self.read_bills(move)
        count = self.env["account.move"].search_count(
            [("journal_id", "=", self.journal.id)]
        )
        self.assertEqual(count, 2)

    # ------------------------------------------------------------
    # TURN BY TURN
    # ------------------------------------------------------------

    def test_what_the_first_turn_of_a_job_has_read_is_done_and_not_skipped(self):
        moves = self.env["account.move"]
        for number, day in enumerate(("2026-03-10", "2026-03-11", "2026-03-12")):
            moves += self.new_bill(bill_pdf(number=f"N-{number}00", day=day))
        run = self.press_read(moves)
        # A turn that rolls back what it has not committed leaves what is read.
        self.patch(self, "performing", AiQueueProviderCommon.performing.__get__(self))
        path = "odoo.addons.ai_queue.models.bills.ai_queue_kind_invoice"
        read, states = [], []
        with patch(f"{path}.BEGIN_SHARE", -1.0):
            for _turn in moves:
                self.run_jobs(run)
                states.append(run.state)
                read.append(len(moves.filtered("ref")))
        self.assertEqual(read, [1, 2, 3])
        self.assertEqual(states[-1], "done", states)
        self.assertNotIn("done", states[:-1])
        self.assertEqual((run.finished, run.skipped), (3, 0))
        self.assertFalse(run.job_ids.skip_data)
        self.assertEqual(moves.mapped("ai_reading_state"), ["done"] * 3)

    # ------------------------------------------------------------
    # WHAT WAS READ
    # ------------------------------------------------------------

    def test_each_discount_or_charge_has_a_row_of_its_own(self):
        move = self.fill_in(
            adjustments=[
                {"kind": "allowance", "amount": -10, "reason": "Loyalty"},
                {"kind": "charge", "amount": 10, "reason": None},
            ]
        )
        rows = [
            row
            for row in move.ai_reading_fields
            if row["name"].startswith("adjustments")
        ]
        names = [row["name"] for row in rows]
        self.assertEqual(names, ["adjustments_0", "adjustments_1"])
        self.assertEqual([row["value"] for row in rows], ["-10", "10"])
        self.assertEqual([row["printed"] for row in rows], ["Loyalty", ""])
        self.assertEqual([row["confidence"] for row in rows], [None, None])
