# Copyright 2026 The ai_queue contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
from odoo.exceptions import AccessError, UserError
from odoo.tests import tagged

from .common import USER, AiQueueReportCommon

COUNT = {"field": "__count"}
INVOICES = {
    "model": "account.move",
    "measures": [{"field": "amount_untaxed_signed"}, COUNT],
    "filters": [{"field": "move_type", "operator": "=", "value": "out_invoice"}],
    "chart": "number",
}


@tagged("post_install", "-at_install")
class TestReportSecurity(AiQueueReportCommon):
    """Nobody sees more by asking than by looking."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.sell("2026-01-15", (cls.product, 3))

    def refused(self, user=None, **changes):
        """Check the specification with changes; returns why it is refused."""
        with self.assertRaises(UserError) as caught:
            self.reader(user)._check({**INVOICES, **changes})
        return str(caught.exception)

    # ------------------------------------------------------------ models, fields

    def test_role(self):
        user = self.create_user("report_no_role", "base.group_user")
        with self.assertRaises(AccessError):
            self.env["ai.queue.report"].with_user(user).action_ask("revenue by month")

    def test_model_that_a_person_may_not_read(self):
        report = self.ask("customer invoices by month", self.nobody)
        self.assertEqual(report.state, "failed")
        self.assertIn("You may not read customer invoices", report.message)
        self.assertIn("You may not read", self.refused(self.nobody))

    def test_language_that_is_not_that_of_odoo(self):
        report = self.ask("Umsatz nach Monat")
        self.assertEqual(report.state, "done")
        self.assertEqual(report.specification["group_by"][0]["granularity"], "month")
        self.assertEqual(report.understood["left"], [])
        report = self.ask("Umsatz nach Monat", self.nobody)
        self.assertEqual(report.state, "failed")
        self.assertIn("You may not read revenue", report.message)

    def test_days_beyond_all_calendars(self):
        period = {"field": "invoice_date", "kind": "between", "since": "9999-12-31"}
        self.assertIn("is no day", self.refused(period=period))
        late = {"field": "invoice_date", "operator": ">", "value": "9999-12-31"}
        self.assertIn("is no value", self.refused(filters=[late]))

    def test_product_with_a_reference(self):
        """Odoo shows "[FURN_7777] Office Chair", and finds it by its name."""
        product = self.env["product.product"].create(
            {"name": "Office Chair", "default_code": "FURN_7777"}
        )
        found = self.env["ai.queue.report.understanding"]._understand(
            "revenue of Office Chair"
        )
        self.assertEqual((found["left"], found["certainty"]), ([], 1.0))
        fixed = self.env["ai.queue.report.reader"]._fix(found["specification"])
        self.assertIn(
            ("product_id", product.id),
            [(one["field"], one["value"]) for one in fixed["filters"]],
        )

    def test_names_with_signs(self):
        self.env["res.partner"].create({"name": "Acme & Sons Inc."})
        report = self.ask("revenue of Acme & Sons Inc. by month")
        self.assertEqual(report.understood["left"], [])
        self.assertIn("Acme & Sons Inc.", report.sentence)

    def test_models_that_nobody_asks_for(self):
        for model in ("res.users", "ir.attachment", "ir.config_parameter", "no.model"):
            self.assertIn(
                "There are no reports", self.refused(self.env.user, model=model)
            )

    def test_fields_that_a_person_may_not_read(self):
        field = self.env["account.move"]._fields["amount_untaxed_signed"]
        self.patch(field, "groups", "base.group_system")
        self.assertIn("no field", self.refused())
        # Of what is left, the sentence says which it is.
        report = self.ask("revenue this year")
        self.assertEqual(
            report.specification["measures"][0]["field"], "amount_total_signed"
        )
        self.assertIn("Total", report.sentence)

    def test_fields_that_tell_secrets_or_are_none(self):
        for path in (
            "no_such_field",
            "access_token",
            "invoice_user_id.password",
            "invoice_user_id.totp_secret",
            "partner_id.signup_token",
            "partner_id.user_ids.login",
        ):
            with self.subTest(path):
                self.refused(group_by=[{"field": path}])
                self.refused(filters=[{"field": path, "operator": "=", "value": "a"}])

    def test_injection(self):
        for name in ("id) FROM res_users --", "id;DROP TABLE x", "state'", "__class__"):
            with self.subTest(name):
                self.refused(measures=[{"field": name}])
                self.refused(group_by=[{"field": name}])
                self.refused(filters=[{"field": name, "operator": "=", "value": 1}])
                self.refused(period={"field": name, "kind": "this", "unit": "year"})
        self.refused(
            filters=[{"field": "state", "operator": "=any", "value": "posted"}]
        )
        self.refused(order={"by": "id; DROP TABLE x", "direction": "asc"})

    # ------------------------------------------------------------ whose records

    def test_two_companies(self):
        other = self.create_company("Other Company")
        self.sell("2026-01-20", (self.product, 7), company=other)
        stranger = self.create_user(
            "report_stranger",
            f"account.group_account_readonly,{USER}",
        )
        stranger.write({"company_id": other.id, "company_ids": [(6, 0, other.ids)]})
        own = self.reader()._read(INVOICES)
        self.assertEqual(own["totals"], [30.0, 1])
        reader = self.reader(stranger).with_context(allowed_company_ids=other.ids)
        theirs = reader._read(INVOICES)
        self.assertEqual(theirs["totals"], [70.0, 1])

    def test_two_people_ask_the_same(self):
        """Each gets their own: what rules of records hide stays hidden."""
        self.env["ir.rule"].create(
            {
                "name": "Only what one has made",
                "model_id": self.env.ref("account.model_account_move").id,
                "domain_force": "[('invoice_user_id', '=', user.id)]",
            }
        )
        for user, count in ((self.accountant, 2), (self.other_accountant, 5)):
            move = self.sell("2026-02-01", (self.product, count))
            move.invoice_user_id = user
        question = "revenue this year"
        one = self.ask(question)
        other = self.ask(question, self.other_accountant)
        self.assertEqual(one.result["totals"], [20.0])
        self.assertEqual(other.result["totals"], [50.0])
        self.assertNotEqual(one.run_id, other.run_id)
        self.assertFalse(self.ask("revenue in 2019").result["totals"][0])

    def test_nothing_is_said_as_far_as_one_may_see(self):
        report = self.ask("revenue by month in 2019")
        self.assertEqual(report.state, "done")
        self.assertIn("as far as you may see", report.result["empty_because"])

    # ------------------------------------------------------------ whose reports

    def test_only_the_owner_sees_a_report(self):
        report = self.ask("revenue this year")
        with self.assertRaises(AccessError):
            report.with_user(self.other_accountant).read(["question"])

    def test_shared_report_is_read_with_own_rights(self):
        report = self.ask("revenue this year")
        report.share_user_ids = self.other_accountant | self.nobody
        shared = report.with_user(self.other_accountant)
        self.assertIn("revenue", shared.sentence)
        # The figures are those of the owner.
        self.assertTrue(report.summary)
        self.assertFalse(shared.result)
        self.assertFalse(shared.summary)
        for name in ("result_data", "summary_data"):
            with self.assertRaises(AccessError):
                shared.read([name])
        self.assertEqual(shared.action_open()["res_model"], "account.move")
        with self.assertRaises(UserError):
            report.with_user(self.nobody).action_open()
        for method in ("action_refresh", "unlink"):
            with self.assertRaises(AccessError):
                getattr(shared, method)()
        with self.assertRaises(AccessError):
            shared.action_change(INVOICES)
        with self.assertRaises(AccessError):
            shared.write({"is_favorite": True})

    def test_owner_cannot_write_what_the_job_writes(self):
        report = self.ask("revenue this year")
        for vals in (
            {"specification": {"model": "res.users"}},
            {"state": "done"},
            {"user_id": self.nobody.id},
            {"result_data": {}},
            {"sentence": "All is well"},
        ):
            with self.subTest(vals), self.assertRaises(AccessError):
                report.write(vals)
        report.is_favorite = True
        with self.assertRaises(AccessError):
            report.create({"question": "x"})

    def test_correction_is_checked(self):
        report = self.ask("revenue this year")
        with self.assertRaises(UserError):
            report.action_change({**INVOICES, "model": "res.users"})
        report.action_change({**INVOICES, "measures": [COUNT]})
        self.commit()
        self.run_jobs(report.run_id)
        report.invalidate_recordset()
        self.assertEqual(report.result["totals"], [1])

    def test_names_of_records_that_a_reader_may_not_see(self):
        secret = self.env["res.partner"].create({"name": "Secret Customer"})
        self.env["ir.rule"].create(
            {
                "name": "Hidden",
                "model_id": self.env.ref("base.model_res_partner").id,
                "domain_force": f"[('id', '!=', {secret.id})]",
            }
        )
        specification = {
            **INVOICES,
            "filters": [{"field": "partner_id", "operator": "=", "value": secret.id}],
        }
        self.assertNotIn("Secret", self.reader()._sentence(specification))
        named = [{"field": "partner_id", "operator": "=", "value": "Secret Customer"}]
        self.assertIn("as far as you may see", self.refused(filters=named))

    def test_a_question_on_a_report_of_another_person(self):
        report = self.ask("revenue this year")
        with self.assertRaises(AccessError):
            self.ask("by month", self.other_accountant, previous=report, perform=False)
