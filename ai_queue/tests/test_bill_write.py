# Copyright 2026 The ai_queue contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
from decimal import Decimal
from unittest.mock import patch

from odoo.fields import Command
from odoo.sql_db import db_connect
from odoo.tests import tagged

from odoo.addons.ai_queue.engine.tests.bill_samples import (
    IBAN,
    OTHER_IBAN,
    ROWS,
    VAT,
    bill_pdf,
)
from odoo.addons.ai_queue.models.bills.ai_queue_bill_check import NUMBER_LOCK
from odoo.addons.ai_queue.models.bills.bill_reasons import make
from odoo.addons.queue_job.exception import RetryableJobError

from .common_bill import AiQueueBillCommon

#: See `AiQueueBillCheck._claim_numbers`.
LOCK = "SELECT pg_advisory_xact_lock(%s, hashtext(%s))"


@tagged("post_install", "-at_install")
class TestBillWrite(AiQueueBillCommon):
    """What is written where, and what a person typed."""

    # ------------------------------------------------------------
    # VENDOR
    # ------------------------------------------------------------

    def test_vendor_is_found_by_bank_account(self):
        self.vendor.vat = False
        self.vendor.name = "Somebody Else"
        self.env["res.partner.bank"].create(
            {"acc_number": IBAN, "partner_id": self.vendor.id}
        )
        move = self.read_new(bill_pdf(vat=None))
        self.assertEqual(move.partner_id, self.vendor)
        self.assertEqual(move.partner_bank_id.sanitized_acc_number, IBAN)

    def test_vendor_is_found_by_name_whatever_its_legal_form(self):
        self.vendor.vat = False
        self.assertEqual(self.read_new().partner_id, self.vendor)

    def test_one_of_many_whose_names_share_a_word(self):
        partners = self.env["res.partner"]
        partners.create([{"name": f"A{i} International"} for i in range(45)])
        wanted = partners.create({"name": "Zeta International GmbH"})
        vendors = self.env["ai.queue.bill.vendor"]
        for printed in ("Zeta International", "ZETA INTERNATIONAL GMBH"):
            found = vendors._find(self.company, {"vendor_name": printed})
            self.assertEqual(found.partner, wanted)

    def test_same_name_with_another_vat_number_is_not_believed(self):
        self.vendor.vat = "DE136695976"
        move = self.read_new()
        self.assertFalse(move.partner_id)
        self.assertIn("vendor_vat", self.codes(move))

    def teach(self, kind, printed, partner):
        """Say that this on a document means that partner."""
        aliases = self.env["ai.queue.bill.alias"]
        aliases._learn(self.company, {kind: printed}, partner)

    def test_another_vat_number_is_believed_to_no_name_or_account(self):
        for by in ("taught", "account"):
            other = self.env["res.partner"].create(
                {"name": f"Other by {by}", "vat": "DE136695976", "is_company": True}
            )
            if by == "taught":
                self.teach("name", "Example Supplies GmbH", other)
            else:
                self.env["ai.queue.bill.alias"].search([]).unlink()
                other.bank_ids = [Command.create({"acc_number": IBAN})]
            found = self.read_new(bill_pdf(number=f"A-{by}"))
            self.assertEqual(found.partner_id, self.vendor, by)
            self.vendor.vat = False
            unknown = self.read_new(bill_pdf(number=f"B-{by}"))
            self.assertFalse(unknown.partner_id, by)
            self.assertIn("vendor_vat", self.codes(unknown))
            self.vendor.vat = VAT

    def test_a_taught_vat_number_is_stronger_than_that_of_a_partner(self):
        other = self.env["res.partner"].create({"name": "Holding"})
        self.teach("vat", VAT, other)
        self.assertEqual(self.read_new().partner_id, other)

    def test_unknown_vendor_is_proposed_and_not_made(self):
        self.vendor.active = False
        move = self.read_new()
        self.assertFalse(move.partner_id)
        self.assertEqual(move.ai_reading_state, "review")
        self.assertEqual(self.codes(move), ["vendor_unknown"])
        self.assertIn("Example Supplies", move.ai_vendor_proposal)

    def test_proposed_vendor_is_made_by_a_press_and_the_bill_is_in_order(self):
        self.vendor.active = False
        move = self.read_new().with_user(self.clerk)
        self.clerk.group_ids += self.env.ref("base.group_partner_manager")
        move.action_create_ai_vendor()
        self.assertIn("Example Supplies", move.partner_id.name)
        self.assertEqual(move.partner_id.vat, "DE811907980")
        self.assertEqual(move.ai_reading_state, "done", move.ai_reading_reasons)
        self.assertEqual(len(move.invoice_line_ids), 2)

    # ------------------------------------------------------------
    # WHAT A PERSON TYPED
    # ------------------------------------------------------------

    def test_what_a_person_typed_wins_field_by_field(self):
        other = self.env["res.partner"].create({"name": "Chosen by Hand"})
        move = self.new_bill(bill_pdf())
        run = self.press_read(move)
        move.write({"partner_id": other.id, "ref": "BY HAND"})
        self.run_jobs(run)
        self.assertEqual((move.partner_id, move.ref), (other, "BY HAND"))
        self.assertEqual(str(move.invoice_date), "2026-03-10")
        self.assertEqual(move.amount_total, 535.5)
        self.assertIn("vendor_kept", self.codes(move))

    def test_lines_that_are_there_stay(self):
        move = self.new_bill(bill_pdf())
        run = self.press_read(move)
        move.invoice_line_ids = [Command.create({"name": "Mine", "price_unit": 9.0})]
        self.run_jobs(run)
        self.assertEqual(move.invoice_line_ids.mapped("name"), ["Mine"])
        self.assertIn("lines_kept", self.codes(move))

    def test_reading_again_leaves_what_was_corrected(self):
        move = self.read_new()
        move.invoice_line_ids[0].price_unit = 99.0
        move.ref = "CORRECTED"
        self.read_bills(move)
        self.assertEqual(move.ref, "CORRECTED")
        self.assertEqual(move.invoice_line_ids[0].price_unit, 99.0)

    # ------------------------------------------------------------
    # TAXES, ACCOUNTS, PRODUCTS
    # ------------------------------------------------------------

    def test_account_and_product_are_those_of_the_same_line_before(self):
        product = self.create_products(1, "Chair", supplier_taxes_id=[])
        account = self.env["account.account"].create(
            {"name": "Furniture", "code": "620000", "account_type": "expense"}
        )
        self.earlier_bill(
            (
                "Office chairs (black), 2025",
                80.0,
                {"product_id": product.id, "account_id": account.id},
            ),
            ("Other things", 10.0, {}),
        )
        move = self.read_new()
        chairs = move.invoice_line_ids[0]
        self.assertEqual((chairs.product_id, chairs.account_id), (product, account))
        self.assertEqual((chairs.name, chairs.price_unit), (ROWS[0][0], 100.0))
        self.assertEqual(move.amount_total, 535.5)

    def test_taxes_are_those_that_came_to_the_same_rate_before(self):
        special = self.create_tax(19.0, name="19% special")
        self.earlier_bill(("Else", 10.0, {"tax_ids": [Command.set(special.ids)]}))
        self.assertEqual(self.read_new().invoice_line_ids.tax_ids, special)

    def test_a_rate_without_a_tax_is_a_reason(self):
        move = self.read_new(bill_pdf(rate=16.0))
        self.assertIn("tax_unknown", self.codes(move))
        self.assertEqual(move.amount_total, 522.0)

    def test_lines_are_told_apart_by_the_base_of_each_rate(self):
        writer = self.env["ai.queue.bill.lines"]
        rows = [
            {"amount": Decimal(amount), "tax_rate": None}
            for amount in ("42", "70", "0.9", "150")
        ]
        taxes = [{"rate": 15.0, "base": 112.9, "amount": 16.94}]
        writer._set_rates(rows, taxes, None, Decimal("262.9"))
        self.assertEqual([row["tax_rate"] for row in rows], [15.0, 15.0, 15.0, 0.0])

    def test_a_mixed_tax_is_no_rate(self):
        writer = self.env["ai.queue.bill.lines"]
        euro = self.company.currency_id
        data = {"amount_untaxed": 496, "amount_tax": 75.04}
        self.assertIsNone(writer._get_usual_rate(data, [], euro))
        data = {"amount_untaxed": 193.83, "amount_tax": 21.31}
        taxes = [{"rate": 7, "base": 129.37}, {"rate": 19, "base": 64.46}]
        self.assertIsNone(writer._get_usual_rate(data, taxes, euro))

    def test_cents_of_quantity_and_price_tie(self):
        rows = (("Cable", 3, 3.333333), ("Screws", 7, 1.1))
        move = self.read_new(bill_pdf(rows=rows))
        self.assertEqual(move.amount_untaxed, 17.7, move.ai_reading_reasons)

    def test_other_currency_is_written(self):
        self.env.ref("base.USD").active = True
        move = self.read_new(bill_pdf(currency="USD"))
        self.assertEqual(move.currency_id.name, "USD")
        self.assertEqual(move.amount_total, 535.5)

    def test_inactive_currency_keeps_the_amounts(self):
        self.env.ref("base.CHF").active = False
        move = self.read_new(bill_pdf(currency="CHF"))
        self.assertEqual(move.amount_total, 535.5)
        self.assertIn("currency_inactive", self.codes(move))
        self.assertEqual(move.ref, "INV-2026-0815")

    # ------------------------------------------------------------
    # CHECKS
    # ------------------------------------------------------------

    def test_totals_that_do_not_add_up_go_to_review(self):
        self.vendor.autopost_bills = "always"
        move = self.read_new(bill_pdf(off=10.0))
        self.assertEqual(move.ai_reading_state, "review")
        self.assertEqual(move.state, "draft")

    def test_other_bank_account_is_a_warning(self):
        self.env["res.partner.bank"].create(
            {"acc_number": OTHER_IBAN, "partner_id": self.vendor.id}
        )
        move = self.read_new()
        self.assertIn("iban_differs", self.codes(move))
        self.assertIn("Before you pay", move.ai_reading_reasons)

    def test_an_unknown_account_beside_a_known_one_is_a_warning(self):
        data = bill_pdf(extra=(f"IBAN: {OTHER_IBAN}",))
        self.assertNotIn("iban_differs", self.codes(self.read_new(data)))
        banks = self.env["res.partner.bank"]
        for iban in (IBAN, OTHER_IBAN):
            bank = banks.create({"acc_number": iban, "partner_id": self.vendor.id})
            move = self.read_new(bill_pdf(number=iban, extra=(f"IBAN: {OTHER_IBAN}",)))
            self.assertEqual("iban_differs" in self.codes(move), iban == IBAN)
        bank.partner_id = self.company.partner_id
        move = self.read_new(bill_pdf(number="N-2", extra=(f"IBAN: {OTHER_IBAN}",)))
        self.assertNotIn("iban_differs", self.codes(move))

    def doubt(self, move, *fields):
        """Fill in a bill of which these fields are hard to read."""
        reading = move.ai_reading_id
        reading.findings = [make("uncertain", fields=fields)]
        reading._fill_in()
        return [one["values"].get("fields") for one in reading.reasons or []]

    def test_the_name_of_a_known_vendor_is_not_doubted(self):
        move = self.read_new()
        self.assertEqual(self.doubt(move, "vendor_name"), [])
        self.assertEqual(move.ai_reading_state, "done")
        doubted = self.doubt(move, "vendor_name", "invoice_date")
        self.assertEqual(doubted, [["invoice_date"]])

    def test_the_name_of_an_unknown_vendor_is_doubted(self):
        self.vendor.write({"name": "Somebody Else", "vat": False})
        move = self.read_new()
        self.assertIn(["vendor_name"], self.doubt(move, "vendor_name"))

    def claim(self, *numbers):
        """Claim numbers of bills; returns whether another job has them."""
        checks = self.env["ai.queue.bill.check"]
        try:
            checks._claim_numbers(self.company, set(numbers))
        except RetryableJobError as error:
            self.assertTrue(error.ignore_retry)
            return False
        return True

    def test_one_number_is_written_by_one_job_at_a_time(self):
        with db_connect(self.env.cr.dbname).cursor() as other_job:
            other_job.execute(LOCK, [NUMBER_LOCK, f"{self.company.id}:INV-1"])
            self.assertFalse(self.claim("INV-0", "INV-1"))
            self.assertTrue(self.claim("INV-2"))
        self.assertTrue(self.claim("INV-1"))

    def test_what_another_job_has_just_written_is_seen_by_the_next_try(self):
        checks = type(self.env["ai.queue.bill.check"])
        twin = self.earlier_bill(("x", 1.0, {}), ref="INV-1")
        self.assertTrue(self.claim("INV-1"))
        none = twin.browse()
        with patch.object(checks, "_find_numbers", side_effect=[none, twin]):
            self.assertFalse(self.claim("INV-1"))

    def test_same_number_again_is_a_warning(self):
        first = self.read_new()
        second = self.read_new(bill_pdf(extra=("Copy",)))
        self.assertEqual(first.ai_reading_state, "done")
        self.assertIn("duplicate", self.codes(second))

    def test_unusual_total_is_a_warning(self):
        for number in range(5):
            self.earlier_bill(("Things", 20.0, {}), ref=f"OLD-{number}")
        self.assertIn("amount_unusual", self.codes(self.read_new()))

    # ------------------------------------------------------------
    # POSTING
    # ------------------------------------------------------------

    def test_trusted_vendors_are_posted_when_every_check_passed(self):
        self.vendor.autopost_bills = "always"
        move = self.read_new()
        self.assertEqual(move.state, "posted", move.ai_reading_reasons)
        self.assertEqual(move.ai_reading_id.result, "touchless")
        self.assertEqual(move.ai_reading_id.touchless, 100.0)

    def test_others_are_not_posted(self):
        self.assertEqual(self.read_new().state, "draft")

    # ------------------------------------------------------------
    # CORRECTION
    # ------------------------------------------------------------

    def test_a_chosen_vendor_is_known_the_next_time(self):
        other = self.env["res.partner"].create({"name": "Holding"})
        self.vendor.active = False
        first = self.read_new()
        first.partner_id = other
        first.action_post()
        self.assertEqual(first.ai_reading_id.result, "corrected")
        second = self.read_new(bill_pdf(number="N-2", day="2026-03-12"))
        self.assertEqual(second.partner_id, other)

    def test_a_vendor_that_is_gone_since_holds_up_no_bill(self):
        gone, other = self.env["res.partner"].create([{"name": "A"}, {"name": "B"}])
        move = self.read_new()
        reading = move.ai_reading_id.sudo()
        reading.written = {**reading.written, "partner_id": gone.id}
        gone.unlink()
        move.partner_id = other
        move.action_post()
        self.assertEqual(move.state, "posted")

    def test_a_corrected_account_is_used_the_next_time(self):
        account = self.env["account.account"].create(
            {"name": "Furniture", "code": "620000", "account_type": "expense"}
        )
        first = self.read_new()
        first.invoice_line_ids[0].account_id = account
        first.action_post()
        self.assertEqual(first.ai_reading_id.result, "corrected")
        second = self.read_new(bill_pdf(number="N-2", day="2026-03-12"))
        self.assertEqual(second.invoice_line_ids[0].account_id, account)

    def test_a_corrected_draft_teaches_as_well(self):
        special = self.create_tax(19.0, name="19% special")
        first = self.read_new()
        first.invoice_line_ids[0].tax_ids = special
        second = self.read_new(bill_pdf(number="N-2", day="2026-03-12"))
        self.assertEqual(second.invoice_line_ids[0].tax_ids, special)

    def test_a_review_that_changed_nothing_is_no_touchless_bill(self):
        self.env["res.partner.bank"].create(
            {"acc_number": OTHER_IBAN, "partner_id": self.vendor.id}
        )
        move = self.read_new()
        move.action_post()
        self.assertEqual(move.ai_reading_id.result, "confirmed")
        self.assertEqual(move.ai_reading_id.touchless, 0.0)
        self.assertEqual(move.ai_reading_state, "done")
