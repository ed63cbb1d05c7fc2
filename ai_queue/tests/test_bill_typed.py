# Copyright 2026 The ai_queue contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
from odoo.fields import Command
from odoo.tests import tagged

from odoo.addons.ai_queue.engine.tests.bill_samples import IBAN, OTHER_IBAN, bill_pdf
from odoo.addons.ai_queue.models.bills.bill_amounts import upright

from .common_bill import AiQueueBillCommon


@tagged("post_install", "-at_install")
class TestBillTyped(AiQueueBillCommon):
    """What a person chose, against what Odoo computes and what a document says."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.terms, cls.other_terms = cls.env["account.payment.term"].create(
            [
                {
                    "name": f"{days} days",
                    "line_ids": [
                        Command.create(
                            {
                                "value": "percent",
                                "value_amount": 100.0,
                                "nb_days": days,
                            }
                        )
                    ],
                }
                for days in (15, 60)
            ]
        )

    def read_after(self, move, **vals):
        """Have a bill read that a person changes while it waits."""
        run = self.press_read(move)
        move.write(vals)
        self.run_jobs(run)

    # ------------------------------------------------------------
    # DUE DATE
    # ------------------------------------------------------------

    def test_the_printed_due_date_wins_over_the_terms_of_the_vendor(self):
        self.vendor.property_supplier_payment_term_id = self.terms
        move = self.read_new()
        self.assertEqual(str(move.invoice_date_due), "2026-04-09")
        self.assertEqual(move.ai_reading_state, "done", move.ai_reading_reasons)
        again = move._get_ai_queue_snapshot()
        self.read_bills(move)
        self.assertEqual(move._get_ai_queue_snapshot(), again)

    def test_the_printed_due_date_wins_where_the_vendor_was_there_before(self):
        self.vendor.property_supplier_payment_term_id = self.terms
        move = self.new_bill(bill_pdf())
        self.read_after(move, partner_id=self.vendor.id)
        self.assertEqual(str(move.invoice_date_due), "2026-04-09")

    def test_terms_of_the_vendor_count_where_no_day_is_printed(self):
        self.vendor.property_supplier_payment_term_id = self.terms
        move = self.read_new(bill_pdf(due=""))
        self.assertEqual(move.invoice_payment_term_id, self.terms)
        self.assertEqual(str(move.invoice_date_due), "2026-03-25")

    def test_terms_that_a_person_chose_stay(self):
        self.vendor.property_supplier_payment_term_id = self.terms
        move = self.new_bill(bill_pdf())
        self.read_after(move, invoice_payment_term_id=self.other_terms.id)
        self.assertEqual(move.partner_id, self.vendor)
        self.assertEqual(move.invoice_payment_term_id, self.other_terms)
        self.assertEqual(str(move.invoice_date_due), "2026-05-09")

    def test_terms_that_a_person_chose_after_a_reading_stay(self):
        self.vendor.property_supplier_payment_term_id = self.terms
        move = self.read_new()
        for terms, due in (
            (self.terms, "2026-03-25"),
            (self.other_terms, "2026-05-09"),
        ):
            move.invoice_payment_term_id = terms
            self.read_bills(move)
            self.assertEqual(move.invoice_payment_term_id, terms)
            self.assertEqual(str(move.invoice_date_due), due)

    def test_a_due_date_that_a_person_typed_stays(self):
        self.vendor.property_supplier_payment_term_id = self.terms
        move = self.new_bill(bill_pdf())
        self.read_after(move, invoice_date_due="2026-05-05")
        self.assertEqual(move.partner_id, self.vendor)
        self.assertEqual(str(move.invoice_date_due), "2026-05-05")

    # ------------------------------------------------------------
    # KIND
    # ------------------------------------------------------------

    def say_kind(self, move, kind, by="text"):
        """Fill in a bill again, of which something says what kind it is."""
        reading = move.ai_reading_id
        data = reading.extraction
        origin = {**data["fields"]["doc_type"], "by": by}
        reading.extraction = {
            **data,
            "doc_type": kind,
            "fields": {**data["fields"], "doc_type": origin},
        }
        reading._fill_in()

    def test_a_credit_note_that_a_person_chose_is_no_bill_by_default(self):
        move = self.read_new(move_type="in_refund")
        self.say_kind(move, "invoice", by="solved")
        self.assertEqual(move.move_type, "in_refund")
        self.assertEqual(self.codes(move), [])
        self.assertEqual(move.amount_total, 535.5)

    def test_a_credit_note_that_a_person_chose_stays_against_its_document(self):
        move = self.read_new(move_type="in_refund")
        for _again in range(2):
            self.assertEqual(move.move_type, "in_refund")
            self.assertEqual(self.codes(move), ["type_is_bill"])
            self.assertIn("this is a credit note", move.ai_reading_reasons)
            self.read_bills(move)

    def test_what_is_given_back_is_above_zero_whatever_the_document_is_called(self):
        move = self.read_new(move_type="in_refund")
        reading = move.ai_reading_id
        data = {**reading.extraction, "amount_total": -535.5}
        self.assertEqual(upright(data, True)["amount_total"], 535.5)

    def test_a_bill_is_no_credit_note_by_default(self):
        move = self.read_new()
        self.say_kind(move, "credit_note", by="solved")
        self.assertEqual((move.move_type, self.codes(move)), ("in_invoice", []))

    def test_what_reading_switched_it_switches_back(self):
        move = self.read_new(bill_pdf(title="CREDIT NOTE"))
        self.assertEqual(move.move_type, "in_refund")
        self.read_bills(move)
        self.say_kind(move, "invoice")
        self.assertEqual((move.move_type, self.codes(move)), ("in_invoice", []))

    def test_what_a_person_switched_stays(self):
        move = self.read_new(bill_pdf(title="CREDIT NOTE"))
        move.action_switch_move_type()
        self.read_bills(move)
        self.assertEqual(move.move_type, "in_invoice")
        self.assertIn("type_differs", self.codes(move))

    # ------------------------------------------------------------
    # BANK ACCOUNT
    # ------------------------------------------------------------

    def create_bank(self, iban, **vals):
        """A bank account of the vendor."""
        values = {"acc_number": iban, "partner_id": self.vendor.id, **vals}
        return self.env["res.partner.bank"].create(values)

    def test_the_printed_account_is_written_though_another_is_usual(self):
        self.create_bank(OTHER_IBAN, sequence=1)
        printed = self.create_bank(IBAN, sequence=2)
        self.assertEqual(self.read_new().partner_bank_id, printed)
        move = self.new_bill(bill_pdf(number="N-2"))
        self.read_after(move, partner_id=self.vendor.id)
        self.assertEqual(move.partner_bank_id, printed)

    def test_an_account_that_a_person_chose_stays(self):
        usual = self.create_bank(OTHER_IBAN, sequence=1)
        printed = self.create_bank(IBAN, sequence=2)
        chosen = self.create_bank("DE75512108001245126199", sequence=3)
        move = self.new_bill(bill_pdf())
        self.read_after(move, partner_id=self.vendor.id, partner_bank_id=chosen.id)
        self.assertEqual(move.partner_bank_id, chosen)
        move = self.read_new(bill_pdf(number="N-2"))
        self.assertEqual(move.partner_bank_id, printed)
        move.partner_bank_id = usual
        self.read_bills(move)
        self.assertEqual(move.partner_bank_id, usual)

    def test_an_account_of_another_company_holds_up_no_bill(self):
        # Odoo takes the company of the vendor; other addons, and imports, do not.
        self.create_bank(IBAN).company_id = self.create_company("Elsewhere")
        move = self.read_new()
        self.assertFalse(move.partner_bank_id)
        self.assertEqual(move.ai_reading_state, "done", move.ai_reading_reasons)
        self.assertEqual(move.amount_total, 535.5)
