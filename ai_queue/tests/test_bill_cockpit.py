# Copyright 2026 The ai_queue contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
from unittest.mock import patch

from odoo import fields
from odoo.exceptions import AccessError, UserError, ValidationError
from odoo.tests import tagged

from odoo.addons.ai_queue.engine.tests.bill_samples import VAT, bill_pdf
from odoo.addons.ai_queue.models.bills import ai_queue_bill_alike
from odoo.addons.ai_queue.models.bills.ai_queue_bill_pace import MOST_SECONDS

from .common_bill import AiQueueBillCommon

#: A bill that waits: it is due before its date.
DUE = "2026-03-01"
#: What Odoo may say of a vendor.
REFUSAL = "No such number."


@tagged("post_install", "-at_install")
class TestBillCockpit(AiQueueBillCommon):
    """Reviewing bill after bill beside the document."""

    def new_jobs(self, press):
        """The jobs that a press queues."""
        before = self.env["queue.job"].search([])
        press()
        self.commit()
        return self.env["queue.job"].search([]) - before

    def place(self, move, name):
        """Where on the page a value that was read stands: (page, place)."""
        origin = move.ai_reading_id.extraction["fields"][name]
        x0, top, x1, bottom = origin["box"]
        x, y = (x0 + x1) / 2, (top + bottom) / 2
        return origin["page"], [x, y, x, y]

    def pick(self, move, name, at, model="account.move", user=None):
        """Click where the value ``at`` of the document stands, in a field."""
        move = move.with_user(user or self.clerk)
        return move.pick_ai_value(model, name, *self.place(move, at))

    # ------------------------------------------------------------
    # QUEUE
    # ------------------------------------------------------------

    def test_the_queue_is_what_waits_the_oldest_first(self):
        older = self.read_new(bill_pdf(number="A-1", due=DUE))
        newer = self.read_new(bill_pdf(number="B-1", day="2026-03-11", due=DUE))
        fine = self.read_new(bill_pdf(number="C-1", day="2026-03-12"))
        self.assertEqual(fine.ai_reading_state, "done")
        older.flush_recordset()
        self.env.cr.execute(
            "UPDATE account_move SET create_date = '2026-01-01' WHERE id = %s",
            [newer.id],
        )
        moves = self.env["account.move"].with_user(self.clerk)
        self.assertEqual(moves.get_ai_review_queue(), [newer.id, older.id])
        self.assertEqual(moves.get_ai_review_queue([("ref", "=", "A-1")]), older.ids)
        older.with_user(self.clerk).action_accept_ai_reading()
        self.assertEqual(moves.get_ai_review_queue(), newer.ids)

    def test_a_review_of_all_of_some_or_from_one_on(self):
        moves = self.env["account.move"].with_user(self.clerk)
        with self.assertRaises(UserError):
            moves.action_review_ai_bills()
        first, second, third = (
            self.read_new(bill_pdf(number=f"A{day}", day=f"2026-03-0{day}", due=DUE))
            for day in range(4, 7)
        )
        params = moves.action_review_ai_bills()["params"]
        self.assertEqual(params["ids"], (first + second + third).ids)
        params = second.with_user(self.clerk).action_review_ai_bills()["params"]
        self.assertEqual(params["id"], second.id)
        self.assertEqual(params["ids"], (first + second + third).ids)
        some = (first + third).with_user(self.clerk)
        self.assertEqual(some.action_review_ai_bills()["params"]["ids"], some.ids)
        filtered = moves.with_context(active_domain=[("ref", "=", "A5")])
        params = filtered.action_review_ai_bills()["params"]
        self.assertEqual(params["ids"], second.ids)

    def test_every_door_takes_the_role_of_accounting(self):
        move = self.read_new(bill_pdf(due=DUE)).with_user(self.user)
        for name, args in (
            ("get_ai_review_queue", []),
            ("action_review_ai_bills", []),
            ("get_ai_review_view", []),
            ("get_ai_review_pace", []),
            ("get_ai_review_document", []),
            ("get_ai_review_page", [1]),
            ("pick_ai_value", ["account.move", "ref", 1, [0, 0, 0, 0]]),
            ("note_ai_review", [5]),
            ("count_ai_alike", []),
            ("action_apply_ai_to_alike", []),
            ("action_create_ai_vendors", []),
        ):
            with self.subTest(name), self.assertRaises(AccessError):
                getattr(move, name)(*args)

    def test_who_may_only_look_changes_nothing(self):
        auditor = self.create_user("auditor", "account.group_account_readonly")
        move = self.read_new(bill_pdf(due=DUE))
        seen = move.with_user(auditor)
        self.assertEqual(seen.get_ai_review_page(1)["state"], "ready")
        self.assertFalse(seen.get_ai_review_view()["can_accept"])
        for name, args in (
            ("pick_ai_value", ["account.move", "ref", 1, [0, 0, 0, 0]]),
            ("note_ai_review", [5]),
            ("action_apply_ai_to_alike", []),
            ("action_create_ai_vendors", []),
        ):
            with self.subTest(name), self.assertRaises(AccessError):
                getattr(seen, name)(*args)

    def test_bills_of_another_company_are_out_of_reach(self):
        move = self.read_new(bill_pdf(due=DUE))
        company = self.create_company("Elsewhere")
        groups = "account.group_account_invoice,ai_queue.ai_queue_group_user"
        other = self.create_user("other", groups, company)
        seen = move.with_user(other).with_context(allowed_company_ids=company.ids)
        self.assertNotIn(move.id, seen.browse().get_ai_review_queue())
        for name, args in (
            ("get_ai_review_document", []),
            ("get_ai_review_page", [1]),
            ("pick_ai_value", ["account.move", "ref", 1, [0, 0, 0, 0]]),
            ("note_ai_review", [5]),
            ("count_ai_alike", []),
        ):
            with self.subTest(name), self.assertRaises(AccessError):
                getattr(seen, name)(*args)

    # ------------------------------------------------------------
    # DOCUMENT
    # ------------------------------------------------------------

    def test_the_document_is_the_file_that_was_read(self):
        move = self.read_new(bill_pdf(due=DUE)).with_user(self.clerk)
        self.attach(move.sudo(), b"note", "note.txt")
        file = move.get_ai_review_document()
        self.assertEqual(file["id"], move.ai_reading_id.attachment_id.id)
        self.assertEqual((file["mimetype"], file["page"]), ("application/pdf", 1))
        self.assertEqual(self.new_bill().get_ai_review_document(), {})

    def test_where_the_words_stand_is_kept_when_a_bill_is_read(self):
        move = self.read_new(bill_pdf(due=DUE)).with_user(self.clerk)
        page = move.get_ai_review_page(1)
        self.assertEqual(page["state"], "ready")
        self.assertEqual((page["width"], page["height"]), (595, 842))
        box = move.ai_reading_id.extraction["fields"]["invoice_number"]["box"]
        self.assertIn(box, page["words"])
        self.assertEqual(move.get_ai_review_page(2)["state"], "none")

    def test_the_words_of_a_bill_of_an_earlier_version_are_read_on_demand(self):
        move = self.read_new(bill_pdf(due=DUE)).with_user(self.clerk)
        move.ai_reading_id.sudo().words = False
        states = []
        jobs = self.new_jobs(
            lambda: states.extend(
                move.get_ai_review_page(1)["state"] for _again in range(2)
            )
        )
        self.assertEqual(states, ["waiting", "waiting"])
        self.assertEqual(len(jobs), 1)
        self.assertEqual(jobs.channel, "root.ai_processing")
        self.perform(jobs)
        self.assertEqual(move.get_ai_review_page(1)["state"], "ready")
        self.assertEqual(self.pick(move, "ref", "invoice_number")["text"], move.ref)

    def test_words_that_are_not_to_be_had_are_asked_for_once(self):
        move = self.read_new(b"%PDF-1.7 torn").with_user(self.clerk)
        self.assertEqual(move.ai_reading_state, "failed")
        self.perform(self.new_jobs(lambda: move.get_ai_review_page(1)))
        self.assertEqual(move.get_ai_review_page(1)["state"], "none")
        self.assertFalse(self.new_jobs(lambda: move.get_ai_review_page(1)))

    def test_words_are_read_by_one_job_and_not_again_after_it_failed(self):
        move = self.read_new(bill_pdf(due=DUE)).with_user(self.clerk)
        move.ai_reading_id.sudo().words = False
        job = self.new_jobs(lambda: move.get_ai_review_page(1))
        for state, page in (("started", "waiting"), ("failed", "none")):
            job.state = state
            self.assertFalse(self.new_jobs(lambda: move.get_ai_review_page(1)))
            self.assertEqual(move.get_ai_review_page(1)["state"], page)

    def test_the_words_go_with_the_bill(self):
        move = self.read_new(bill_pdf(due=DUE))
        self.assertTrue(move.ai_reading_id.words)
        move.unlink()
        files = self.env["ir.attachment"].search(
            [("res_model", "=", "ai.queue.bill.reading"), ("res_field", "!=", False)]
        )
        self.assertFalse(files)

    def test_no_words_are_read_while_somebody_waits_for_the_answer(self):
        move = self.read_new(bill_pdf(due=DUE)).with_user(self.clerk)
        move.ai_reading_id.sudo().words = False
        move = move.with_context(queue_job__no_delay=True)
        self.assertEqual(move.get_ai_review_page(1)["state"], "waiting")
        self.assertFalse(move.ai_reading_id.sudo().words)

    # ------------------------------------------------------------
    # CLICK
    # ------------------------------------------------------------

    def test_a_click_gives_what_the_field_takes(self):
        move = self.read_new(bill_pdf(due=DUE))
        picked = self.pick(move, "ref", "invoice_number")
        self.assertEqual(picked["value"], "INV-2026-0815")
        self.assertEqual(
            picked["box"],
            move.ai_reading_id.extraction["fields"]["invoice_number"]["box"],
        )
        picked = self.pick(move, "invoice_date", "invoice_date")
        self.assertEqual(picked["value"], "2026-03-10")
        line = ("price_unit", "amount_total", "account.move.line")
        self.assertEqual(self.pick(move, *line)["value"], 535.5)

    def test_a_click_finds_records(self):
        move = self.read_new(bill_pdf(due=DUE))
        picked = self.pick(move, "partner_id", "vendor_name")
        self.assertEqual(picked["value"]["id"], self.vendor.id)
        picked = self.pick(move, "partner_id", "vendor_vat")
        self.assertEqual(picked["value"]["id"], self.vendor.id)
        picked = self.pick(move, "currency_id", "currency")
        self.assertEqual(picked["value"]["display_name"], "EUR")
        line = ("product_id", "vendor_name", "account.move.line")
        self.assertEqual(self.pick(move, *line)["text"], "Example Supplies GmbH")
        self.assertNotIn("value", self.pick(move, *line))
        product = self.env["product.product"].create(
            {"name": "Something", "default_code": "Example Supplies GmbH"}
        )
        self.assertEqual(self.pick(move, *line)["value"]["id"], product.id)

    def test_a_click_finds_the_bank_account_the_tax_and_the_terms(self):
        iban = "DE89370400440532013000"
        bank = self.env["res.partner.bank"].create(
            {"acc_number": iban, "partner_id": self.vendor.id}
        )
        move = self.read_new(bill_pdf(due=DUE)).with_user(self.clerk)
        picked = self.pick(move, "partner_bank_id", "vendor_iban")
        self.assertEqual(picked["value"]["id"], bank.id)
        self.assertEqual(move._find_ai_tax(19, ""), self.tax)
        self.assertFalse(move._find_ai_tax(13, ""))
        terms = self.env["account.payment.term"]
        terms.search([]).active = False
        terms = terms.create(
            {
                "name": "21 days",
                "line_ids": [
                    fields.Command.create({"value_amount": 100, "nb_days": 21})
                ],
            }
        )
        self.assertEqual(move._find_ai_terms("21 days net", ""), terms)
        self.assertFalse(move._find_ai_terms("2 % in 10, net 21 days", ""))

    def test_a_click_finds_the_account_that_is_printed(self):
        numbers = ("370400", "DE89370400440532013000")
        short, iban = self.env["res.partner.bank"].create(
            [{"acc_number": one, "partner_id": self.vendor.id} for one in numbers]
        )
        move = self.read_new(bill_pdf(due=DUE)).with_user(self.clerk)
        found = move._find_ai_bank("IBAN DE89 3704 0044 0532 0130 00", "")
        self.assertEqual(found, iban)
        self.assertEqual(move._find_ai_bank("Account 370400", ""), short)

    def test_signs_of_a_pattern_mean_themselves(self):
        move = self.read_new(bill_pdf(due=DUE)).with_user(self.clerk)
        products = self.env["product.product"]
        products.search([("default_code", "in", (False, ""))]).default_code = "X"
        products.create({"name": "A1B"})
        for phrase in ("A_B", "A%", "A1B\\", "\\"):
            self.assertFalse(move._find_ai_product(phrase, ""))
        self.assertEqual(move._find_ai_product("a1b", "").name, "A1B")

    def test_a_click_on_something_else(self):
        move = self.read_new(bill_pdf(due=DUE))
        picked = self.pick(move, "invoice_date", "vendor_name")
        self.assertEqual(picked, {"text": "Example Supplies GmbH"})
        clerk = move.with_user(self.clerk)
        edge = [1, 1, 1, 1]
        self.assertEqual(clerk.pick_ai_value("account.move", "ref", 1, edge), {})
        self.assertEqual(clerk.pick_ai_value("account.move", "ref", 7, edge), {})
        with self.assertRaises(UserError):
            clerk.pick_ai_value("account.move", "state", 1, edge)
        with self.assertRaises(UserError):
            clerk.pick_ai_value("res.users", "login", 1, edge)

    # ------------------------------------------------------------
    # MARKS
    # ------------------------------------------------------------

    def test_fields_say_how_sure_they_are_until_somebody_changes_them(self):
        move = self.read_new(bill_pdf(due=DUE)).with_user(self.clerk)
        origins = move.ai_reading_id.extraction["fields"]
        marks = move.ai_review_marks
        self.assertEqual(marks["ref"], origins["invoice_number"])
        self.assertEqual(marks["tax_totals"], origins["amount_total"])
        self.assertEqual(marks["partner_id"]["page"], 1)
        move.ref = "OTHER"
        move.invalidate_recordset()
        self.assertNotIn("ref", move.ai_review_marks)
        self.assertIn("invoice_date", move.ai_review_marks)
        self.assertFalse(self.new_bill().ai_review_marks)

    def test_a_bill_can_be_opened_while_it_is_read_again(self):
        move = self.read_new(bill_pdf(due=DUE))
        self.press_read(move)
        self.assertEqual(move.ai_reading_state, "pending")
        self.assertFalse(move.with_user(self.clerk).ai_review_marks)

    # ------------------------------------------------------------
    # MANY AT ONCE
    # ------------------------------------------------------------

    def test_what_one_bill_has_is_applied_to_the_others_of_its_vendor(self):
        self.earlier_bill(("Chairs", 400, {}), day="2026-03-11")
        first, second = (
            self.fill_in(
                invoice_number=f"INV-{day}",
                invoice_date=f"2026-03-0{day}",
                due_date="2026-03-01",
                findings=[{"code": "due_before_date", "values": {}}],
            )
            for day in (8, 9)
        )
        account = self.env["account.account"].create(
            {"name": "Furniture", "code": "0420X", "account_type": "asset_fixed"}
        )
        product = self.env["product.product"].create({"name": "Chair"})
        chairs, delivery = first.invoice_line_ids
        chairs.write({"product_id": product.id})
        chairs.write({"account_id": account.id, "name": "Chairs"})
        first = first.with_user(self.clerk)
        self.assertEqual(first.count_ai_alike(), 1)
        jobs = self.new_jobs(first.action_apply_ai_to_alike)
        self.assertNotEqual(second.invoice_line_ids[0].account_id, account)
        self.perform(jobs)
        self.assertEqual(second.invoice_line_ids[0].account_id, account)
        self.assertEqual(second.invoice_line_ids[0].product_id, product)
        self.assertEqual(second.invoice_line_ids[1].account_id, delivery.account_id)
        self.assertEqual(second.ref, "INV-9")

    def test_a_vendor_that_was_chosen_is_applied_to_the_others(self):
        self.vendor.active = False
        first, second = (
            self.fill_in(invoice_number=f"INV-{day}", invoice_date=f"2026-03-0{day}")
            for day in (8, 9)
        )
        third = self.fill_in(vendor_vat="DE136695976", invoice_number="INV-3")
        vendor = self.env["res.partner"].create({"name": "Chosen"})
        first = first.with_user(self.clerk)
        with self.assertRaises(UserError):
            first.action_apply_ai_to_alike()
        first.partner_id = vendor
        self.assertEqual(first.count_ai_alike(), 1)
        self.perform(self.new_jobs(first.action_apply_ai_to_alike))
        self.assertEqual(second.partner_id, vendor)
        self.assertFalse(third.partner_id)
        with self.assertRaises(UserError):
            third.with_user(self.clerk).action_apply_ai_to_alike()

    def test_what_somebody_typed_into_the_others_stays(self):
        first, second = (
            self.fill_in(
                invoice_number=f"INV-{day}",
                invoice_date=f"2026-03-0{day}",
                findings=[{"code": "damaged", "values": {}}],
            )
            for day in (8, 9)
        )
        second.invoice_line_ids[0].name = "By hand"
        second.ref = "TYPED"
        first = first.with_user(self.clerk)
        self.perform(self.new_jobs(first.action_apply_ai_to_alike))
        self.assertEqual(second.invoice_line_ids[0].name, "By hand")
        self.assertEqual(second.ref, "TYPED")

    def test_the_vendors_of_many_bills_are_created_at_once(self):
        self.vendor.active = False
        first, second = (
            self.fill_in(invoice_number=f"INV-{day}", invoice_date=f"2026-03-0{day}")
            for day in (8, 9)
        )
        other = self.fill_in(
            vendor_vat="DE136695976", vendor_name="Another", invoice_number="INV-3"
        )
        bills = (first + second + other).with_user(self.clerk)
        with self.assertRaises(AccessError):
            bills.action_create_ai_vendors()
        self.clerk.group_ids += self.env.ref("base.group_partner_manager")
        jobs = self.new_jobs(bills.action_create_ai_vendors)
        self.assertEqual(len(jobs), 1)
        with patch.object(ai_queue_bill_alike, "TURN", 2):
            more = self.new_jobs(lambda: self.perform(jobs))
        self.assertEqual(first.partner_id.vat, VAT)
        self.assertEqual(second.partner_id, first.partner_id)
        self.assertFalse(other.partner_id)
        for job in more:
            self.perform(job)
        self.assertEqual(other.partner_id.name, "Another")
        with self.assertRaises(UserError):
            bills.action_create_ai_vendors()

    def test_a_vendor_that_cannot_be_created_stops_no_other(self):
        self.vendor.active = False
        bad, good = (
            self.fill_in(vendor_vat=False, vendor_name=name, invoice_number=name)
            for name in ("Bad", "Good")
        )
        self.clerk.group_ids += self.env.ref("base.group_partner_manager")
        vendors = type(self.env["ai.queue.bill.vendor"])
        prepare = vendors._prepare_vals

        def refuse(self, data, company):
            if data["vendor_name"] == "Bad":
                raise ValidationError(REFUSAL)
            return prepare(self, data, company)

        bills = (bad + good).with_user(self.clerk)
        jobs = self.new_jobs(bills.action_create_ai_vendors)
        with patch.object(vendors, "_prepare_vals", refuse):
            self.perform(jobs)
        self.assertEqual(good.partner_id.name, "Good")
        self.assertFalse(bad.partner_id)
        self.assertIn(REFUSAL, bad.ai_reading_reasons)
        self.assertTrue(bad.with_user(self.clerk).ai_vendor_proposal)

    # ------------------------------------------------------------
    # PACE
    # ------------------------------------------------------------

    def test_half_of_the_reviewed_bills_took_less(self):
        bills = [
            self.read_new(bill_pdf(number=f"A{day}", day=f"2026-03-0{day}", due=DUE))
            for day in range(4, 8)
        ]
        clerk = [move.with_user(self.clerk) for move in bills]
        self.assertEqual(clerk[0].get_ai_review_pace()["count"], 0)
        for move, seconds in zip(clerk, (10, 20, 40, 1000), strict=True):
            move.note_ai_review(seconds)
        self.assertEqual(clerk[0].get_ai_review_pace()["count"], 0)
        for move in clerk[:3]:
            move.action_accept_ai_reading()
        pace = clerk[0].get_ai_review_pace()
        self.assertEqual((pace["count"], pace["median"]), (3, "20 s"))
        clerk[0].note_ai_review(25)
        self.assertEqual(clerk[0].get_ai_review_pace()["median"], "35 s")

    def test_no_clock_says_more_than_can_be(self):
        move = self.read_new(bill_pdf(due=DUE)).with_user(self.clerk)
        move.note_ai_review(-5)
        self.assertEqual(move.ai_reading_id.review_seconds, 0)
        move.note_ai_review(1e9)
        move.note_ai_review(1e9)
        self.assertEqual(move.ai_reading_id.review_seconds, MOST_SECONDS)

    def test_operations_show_the_median_and_list_its_bills(self):
        boss = self.create_user(
            "boss",
            "account.group_account_invoice,ai_queue.ai_queue_group_manager",
        )
        operations = self.env["queue.job.operations"].with_user(boss)

        def tile():
            tiles = operations.get_figures()["tiles"]
            return [one for one in tiles if one["key"] == "review"]

        self.assertFalse(tile())
        move = self.read_new(bill_pdf(due=DUE)).with_user(self.clerk)
        move.note_ai_review(12)
        move.action_accept_ai_reading()
        (found,) = tile()
        self.assertEqual((found["value"], found["text"]), (12, "12 s"))
        self.assertTrue(found["few"])
        listed = self.env[found["action"]["res_model"]].search(
            found["action"]["domain"]
        )
        self.assertEqual(listed.move_id, move)
