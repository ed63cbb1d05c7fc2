# Copyright 2026 The ai_queue contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
from odoo.fields import Command
from odoo.tests import Form, tagged

from odoo.addons.ai_queue.engine.tests.bill_samples import OTHER_IBAN
from odoo.addons.ai_queue.models.bills.ai_queue_bill_resolve import SETTLED
from odoo.addons.ai_queue.models.bills.bill_reasons import LABELS, make

from .common_bill import AiQueueBillCommon


@tagged("post_install", "-at_install")
class TestBillResolve(AiQueueBillCommon):
    """A reason to look at a draft goes away once a correction settles it."""

    def doubt(self, code, changes=None, **values):
        """A draft with this one reason."""
        return self.fill_in(findings=[make(code, **values)], **(changes or {}))

    def assertHolds(self, move, *codes):
        self.assertEqual(self.codes(move), list(codes), move.ai_reading_reasons)
        state = "review" if codes else "done"
        self.assertEqual(move.ai_reading_state, state)

    def test_all_codes_are_known(self):
        self.assertLessEqual(set(SETTLED), {code for code, _label in LABELS})

    # ------------------------------------------------------------
    # HEADER
    # ------------------------------------------------------------

    def test_a_vendor_that_is_chosen_settles_its_reasons_and_no_other(self):
        self.vendor.active = False
        move = self.doubt("date_missing", {"invoice_date": None})
        self.assertHolds(move, "vendor_unknown", "date_missing")
        move.partner_id = self.env["res.partner"].create({"name": "Holding"})
        self.assertHolds(move, "date_missing")
        self.assertEqual(move.ai_reading_id.reason_code, "date_missing")
        self.assertEqual(move.ai_reading_id.partner_id, move.partner_id)

    def test_the_last_reason_that_goes_puts_the_bill_in_order(self):
        self.vendor.autopost_bills = "always"
        move = self.doubt("number_missing", {"invoice_number": None})
        self.assertHolds(move, "number_missing")
        move.ref = "TYPED"
        self.assertHolds(move)
        self.assertFalse(move.ai_reading_id.reason_code)
        # It does not post by itself: a person is at it.
        self.assertEqual(move.state, "draft")
        self.assertTrue(move.ai_reading_id.was_reviewed)

    def test_a_date_is_typed_on_the_screen(self):
        move = self.doubt("date_missing", {"invoice_date": None})
        with Form(move.with_user(self.clerk)) as form:
            form.invoice_date = "2026-03-09"
        self.assertHolds(move)

    def test_a_field_that_is_emptied_settles_nothing(self):
        move = self.doubt("uncertain", fields=["invoice_number"])
        move.invoice_date = False
        self.assertHolds(move, "uncertain")

    def test_of_several_doubted_values_those_that_were_not_changed_stay(self):
        move = self.doubt("uncertain", fields=["invoice_number", "invoice_date"])
        move.ref = "BY HAND"
        self.assertHolds(move, "uncertain")
        values = move.ai_reading_id.reasons[0]["values"]
        self.assertEqual(values["fields"], ["invoice_date"])
        move.invoice_date = "2026-03-01"
        self.assertHolds(move)

    def test_dates_in_the_future_and_in_no_order(self):
        changes = {"invoice_date": "2026-04-01", "due_date": "2026-03-20"}
        move = self.fill_in(
            findings=[
                make("due_before_date", due="2026-03-20", date="2026-04-01"),
                make("date_in_future", date="2026-04-01"),
            ],
            **changes,
        )
        move.invoice_date = "2026-03-30"
        self.assertHolds(move, "due_before_date", "date_in_future")
        move.invoice_date = "2026-03-10"
        self.assertHolds(move)

    def test_what_is_typed_while_the_bill_waits_settles_too(self):
        move = self.new_bill(b"%PDF-1.7 x", ref="TYPED")
        self.fill_in(move, [make("number_missing")], invoice_number=None)
        self.assertHolds(move)

    def test_a_credit_note_that_is_switched(self):
        move = self.read_new(move_type="in_refund")
        self.assertHolds(move, "type_is_bill")
        move.action_switch_move_type()
        self.assertHolds(move)

    def test_a_vendor_that_settles_all_is_known_the_next_time(self):
        self.vendor.active = False
        other = self.env["res.partner"].create({"name": "Holding"})
        self.fill_in().partner_id = other
        second = self.fill_in(invoice_number="INV-2", invoice_date="2026-03-11")
        self.assertEqual(second.partner_id, other)

    # ------------------------------------------------------------
    # LINES AND TAXES
    # ------------------------------------------------------------

    def test_taxes_that_come_to_what_is_printed(self):
        lines = [("Chairs", 4, 100, 16), ("Delivery", 1, 50, 16)]
        sums = {"amount_tax": 72, "amount_total": 522}
        move = self.fill_in(lines=lines, **sums)
        self.assertHolds(move, "tax_unknown")
        tax = self.create_tax(16.0)
        first, second, printed = move.invoice_line_ids
        taxes = [Command.set(tax.ids)]
        move.invoice_line_ids = [Command.update(first.id, {"tax_ids": taxes})]
        self.assertHolds(move, "tax_unknown")
        move.invoice_line_ids = [
            Command.update(second.id, {"tax_ids": taxes}),
            Command.delete(printed.id),
        ]
        self.assertEqual(move.amount_total, 522)
        self.assertHolds(move)

    def test_a_total_is_said_as_it_is_now(self):
        move = self.fill_in(amount_total=999)
        self.assertHolds(move, "total_differs")
        line = move.invoice_line_ids[0]
        move.invoice_line_ids = [Command.update(line.id, {"price_unit": 110})]
        self.assertHolds(move, "total_differs")
        self.assertIn("583.10", move.ai_reading_reasons)
        price = (999 / 1.19 - 50) / 4
        move.invoice_line_ids = [Command.update(line.id, {"price_unit": price})]
        self.assertHolds(move, "tax_differs")

    def test_a_line_that_was_missing_is_added(self):
        reason = make("lines_differ", lines=450, printed=550)
        sums = {"amount_untaxed": 550, "amount_tax": 104.5, "amount_total": 654.5}
        move = self.fill_in(findings=[reason], **sums)
        self.assertHolds(move, "total_differs", "lines_differ")
        move.ref = "BY HAND"
        self.assertHolds(move, "total_differs", "lines_differ")
        line = {
            "name": "Table",
            "price_unit": 100,
            "tax_ids": [Command.set(self.tax.ids)],
        }
        move.invoice_line_ids = [Command.create(line)]
        self.assertHolds(move)

    def test_the_sum_of_a_credit_note_counts_upright(self):
        changes = {
            "doc_type": "credit_note",
            "fields": {"doc_type": {"by": "text"}},
            "amount_untaxed": -450,
            "amount_tax": -85.5,
            "amount_total": -535.5,
            "lines": [("Chairs", -4, 100, 19), ("Delivery", -1, 50, 19)],
        }
        move = self.fill_in(findings=[make("lines_missing")], **changes)
        self.assertEqual(move.move_type, "in_refund")
        line = move.invoice_line_ids[0]
        move.invoice_line_ids = [Command.update(line.id, {"name": "Chairs, black"})]
        self.assertHolds(move)

    # ------------------------------------------------------------
    # WHAT ONLY THE DATABASE TELLS
    # ------------------------------------------------------------

    def test_a_number_that_is_corrected_is_no_duplicate(self):
        self.fill_in()
        second = self.fill_in(amount_total=535.5)
        self.assertHolds(second, "duplicate")
        second.write({"ref": "INV-2", "invoice_date": "2026-03-11"})
        self.assertHolds(second)

    def test_once_its_twin_is_deleted_a_bill_is_no_duplicate(self):
        first = self.fill_in()
        second = self.fill_in()
        self.assertHolds(second, "duplicate")
        first.with_user(self.clerk).unlink()
        self.assertHolds(second)

    def test_an_account_that_the_vendor_has_by_now(self):
        banks = self.env["res.partner.bank"]
        banks.create({"acc_number": OTHER_IBAN, "partner_id": self.vendor.id})
        iban = "DE89370400440532013000"
        move = self.fill_in(vendor_iban=iban)
        self.assertHolds(move, "iban_differs")
        bank = banks.create({"acc_number": iban, "partner_id": self.vendor.id})
        move.partner_bank_id = bank
        self.assertHolds(move)

    # ------------------------------------------------------------
    # WHOSE WRITE IT IS
    # ------------------------------------------------------------

    def test_who_sees_no_readings_may_correct_a_bill(self):
        move = self.doubt("number_missing", {"invoice_number": None})
        move.with_user(self.clerk).with_context(lang=None).ref = "TYPED"
        self.assertHolds(move)

    def test_a_bill_that_is_not_to_review_costs_one_query(self):
        move = self.fill_in()
        move.flush_recordset()
        with self.assertQueryCount(1):
            move._reconsider_ai_reasons()
