# Copyright 2026 The ai_queue contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
from unittest.mock import patch

from odoo.exceptions import AccessError, UserError
from odoo.tests import freeze_time, new_test_user, tagged
from odoo.tools import mute_logger

from odoo.addons.ai_queue.tests.common import AiQueueCommon

from ..models.ask import ai_queue_report_figures

SPECIFICATION = {
    "model": "account.move",
    "measures": [{"field": "amount_untaxed_signed"}, {"field": "__count"}],
    "group_by": [{"field": "invoice_date", "granularity": "month"}],
    "filters": [
        {"field": "move_type", "operator": "=", "value": "out_invoice"},
        {"field": "partner_id", "operator": "set"},
    ],
    "period": {"field": "invoice_date", "kind": "this", "unit": "year"},
    "compare": "last_year",
}


@tagged("post_install", "-at_install")
class TestAskScreen(AiQueueCommon):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        groups = "ai_queue_report.ai_queue_report_group_user,account.group_account_user"
        cls.asker = new_test_user(cls.env, "asker", groups=groups)
        cls.other = new_test_user(cls.env, "other", groups=groups)
        cls.seller = new_test_user(
            cls.env, "seller", groups="ai_queue_report.ai_queue_report_group_user"
        )
        product = cls.create_products(1)
        cls.sell("2026-01-15", (product, 3))
        cls.sell("2026-02-15", (product, 5))
        cls.sell("2025-01-15", (product, 2))

    def make(self, specification=None, user=None):
        """A report of somebody, of which nothing was read yet."""
        reports = self.env["ai.queue.report"].with_user(user or self.asker)
        return reports._make("a question", specification or SPECIFICATION)

    def answered(self, specification=None):
        report = self.make(specification)
        self.run_jobs(report._start())
        self.assertEqual(report.state, "done")
        return report

    def keys(self, report):
        return [chip["key"] for chip in report.get_ask_screen()["chips"]]

    def choices(self, report, key, text=""):
        return report.get_part_choices(key, text)["choices"]

    def pick(self, report, key, text):
        """Choose what is called so, as a person does."""
        (value,) = (
            one["value"] for one in self.choices(report, key) if one["text"] == text
        )
        return report.change_part(key, value)

    # ------------------------------------------------------------
    # SCREEN
    # ------------------------------------------------------------

    def test_what_is_shown(self):
        screen = self.answered().get_ask_screen()
        self.assertEqual(screen["state"], "done")
        self.assertEqual(screen["action"]["res_model"], "account.move")
        items = screen["figures"]["items"]
        self.assertEqual(items[1]["text"], "2")
        self.assertEqual(items[1]["before"], "1")
        self.assertEqual((items[1]["change"], items[1]["direction"]), ("+100 %", 1))
        compared = screen["figures"]["compared"]
        self.assertEqual([one["name"] for one in compared["series"]], ["2026", "2025"])
        self.assertEqual(compared["labels"][0], "January 2026")
        self.assertEqual(len(compared["series"][1]["values"]), len(compared["labels"]))

    def test_opened_on_another_day(self):
        """Figures of before never stand under the sentence of today."""
        report = self.answered({**SPECIFICATION, "compare": None})
        report._write_own({"understood": {"left": ["weather"]}})
        run = report.run_id
        self.assertEqual(report.get_ask_screen()["state"], "done")
        self.assertEqual(report.run_id, run)
        self.assertTrue(report.summary)
        with freeze_time("2027-04-20 10:00:00"):
            report.invalidate_recordset()
            self.assertFalse(report.result)
            screen = report.get_ask_screen()
            self.assertEqual(screen["state"], "pending")
            self.assertIn("2027", screen["sentence"])
            self.assertIsNone(screen["figures"])
            self.assertEqual(screen["summary"], "")
            self.run_jobs(report.run_id)
            screen = report.get_ask_screen()
            self.assertEqual(screen["state"], "done")
            self.assertTrue(screen["figures"]["empty"])
            # What was left out is still said.
            self.assertEqual(screen["left"], ["weather"])
            self.assertIn("weather", screen["message"])

    def test_opened_with_other_rights_or_choices(self):
        report = self.answered()
        company = self.env["res.company"].create({"name": "Elsewhere"})
        self.asker.company_ids += company
        chosen = (self.asker.company_id + company).ids
        changed = report.with_context(allowed_company_ids=chosen)
        self.assertEqual(changed.get_ask_screen()["state"], "pending")
        self.run_jobs(report.run_id)
        self.asker.group_ids -= self.env.ref("account.group_account_user")
        screen = report.get_ask_screen()
        self.assertIsNone(screen["figures"])
        self.assertEqual(screen["summary"], "")
        self.assertIn("may not read", screen["message"])

    def test_no_record_is_looked_at_before_the_job(self):
        report = self.make({**SPECIFICATION, "limit": 5, "compare": None})
        report._start()
        reader = type(self.env["ai.queue.report.reader"])
        with patch.object(reader, "_action", side_effect=AssertionError):
            screen = report.get_ask_screen()
        self.assertEqual(screen["state"], "pending")
        self.assertTrue(screen["chips"])
        self.assertIsNone(screen["action"])
        self.assertIsNone(screen["figures"])

    def test_what_was_read_is_not_read_again(self):
        report = self.answered(
            {
                **SPECIFICATION,
                "group_by": [{"field": "partner_id"}],
                "limit": 5,
                "compare": None,
            }
        )
        reader = type(self.env["ai.queue.report.reader"])
        with patch.object(reader, "_read", side_effect=AssertionError):
            action = report.get_ask_screen()["action"]
        self.assertIn(
            ["partner_id", "in", [self.customer.id]], _plain(action["domain"])
        )

    def test_a_view_that_takes_too_long(self):
        report = self.answered()

        def sleep(reader, *_args, **_kwargs):
            reader.env.cr.execute("SELECT pg_sleep(5)")

        reader = type(self.env["ai.queue.report.reader"])
        with (
            patch.object(reader, "_action", sleep),
            patch.object(ai_queue_report_figures, "MAX_WAIT", 50),
            mute_logger("odoo.sql_db"),
        ):
            screen = report.get_ask_screen()
        self.assertIsNone(screen["action"])
        self.assertIn("shorter time", screen["message"])
        self.assertTrue(screen["figures"]["items"])

    def test_nothing_found(self):
        specification = {
            **SPECIFICATION,
            "period": {
                "field": "invoice_date",
                "kind": "between",
                "until": "1999-01-01",
            },
        }
        figures = self.answered(specification).get_ask_screen()["figures"]
        self.assertFalse(figures["items"])
        self.assertIn("as far as you may see", figures["empty"])

    def test_figures_are_called_as_on_the_invoice(self):
        """Not "Untaxed Amount Signed"; where two are called alike, as in Odoo."""
        report = self.answered()
        sentence = report.get_ask_screen()["sentence"]
        self.assertIn("Untaxed Amount", sentence)
        self.assertNotIn("Signed", sentence)
        choices = report.get_part_choices("measure:new")["choices"]
        texts = [choice["text"] for choice in choices]
        self.assertEqual(len(set(texts)), len(texts))
        self.assertIn("Total Signed", texts)

    def test_what_no_graph_of_odoo_shows(self):
        """An average is drawn here: a graph of Odoo would add the field up."""
        average = {"field": "amount_untaxed_signed", "aggregate": "avg"}
        report = self.answered(
            {**SPECIFICATION, "measures": [average], "compare": None, "chart": "line"}
        )
        screen = report.get_ask_screen()
        self.assertEqual(screen["action"]["views"][0][1], "list")
        self.assertEqual(screen["action"]["context"]["graph_measure"], "__count")
        [series] = screen["figures"]["compared"]["series"]
        self.assertEqual(
            series["values"], [row["values"][0] for row in report.result["rows"]]
        )
        self.assertEqual(screen["figures"]["compared"]["type"], "line")
        numbers = {"field": "name", "aggregate": "count_distinct"}
        screen = self.answered(
            {**SPECIFICATION, "measures": [numbers]}
        ).get_ask_screen()
        self.assertEqual(screen["action"]["context"]["pivot_measures"], ["__count"])

    def test_the_largest_invoices_are_those_that_are_shown(self):
        report = self.answered(
            {
                **SPECIFICATION,
                "group_by": [{"field": "name"}],
                "order": {"by": "measure", "direction": "desc"},
                "limit": 1,
                "compare": None,
            }
        )
        names = [row["groups"][0]["value"] for row in report.result["rows"]]
        domain = _plain(report.get_ask_screen()["action"]["domain"])
        self.assertIn(["name", "in", names], domain)

    def test_a_number_stands_above_its_records(self):
        report = self.answered({**SPECIFICATION, "group_by": [], "chart": "number"})
        screen = report.get_ask_screen()
        self.assertEqual(screen["action"]["views"][0][1], "list")
        self.assertIsNone(screen["figures"]["compared"])
        self.assertEqual(screen["figures"]["items"][1]["text"], "2")

    def test_start(self):
        start = self.env["ai.queue.report"].with_user(self.asker).get_ask_start()
        keys = [one["key"] for one in start["subjects"]]
        self.assertIn("bills", keys)
        self.assertFalse(start["recent"])
        report = self.answered()
        kept = self.answered()
        kept.set_kept(True)
        start = report.get_ask_start()
        self.assertEqual([one["id"] for one in start["recent"]], [report.id])
        self.assertEqual([one["id"] for one in start["kept"]], [kept.id])

    def test_open_a_ready_report(self):
        ready = self.env.ref("ai_queue_report.ready_invoice_by_month")
        screen = self.env["ai.queue.report"].with_user(self.asker).open_ready(ready.id)
        self.assertEqual(screen["question"], ready.name)
        self.assertTrue(screen["chips"])
        run = self.env["ai.queue.run"].browse(screen["run_id"])
        self.run_jobs(run)
        report = self.env["ai.queue.report"].browse(screen["id"])
        self.assertEqual(report.state, "done")
        with self.assertRaises(UserError):
            report.with_user(self.seller).open_ready(ready.id)

    # ------------------------------------------------------------
    # CHIPS
    # ------------------------------------------------------------

    def test_remove_parts(self):
        report = self.answered()
        self.assertIn("compare", self.keys(report))
        report.change_part("compare", None)
        report.change_part("filter:1", None)
        report.change_part("measure:1", None)
        self.assertEqual(
            self.keys(report), ["measure:0", "group:0", "subject", "period", "chart"]
        )
        chips = report.get_ask_screen()["chips"]
        fixed = [chip["key"] for chip in chips if not chip["can_remove"]]
        self.assertEqual(fixed, ["subject", "chart"])

    def test_change_parts(self):
        report = self.answered()
        self.pick(report, "chart", "Pivot")
        self.run_jobs(report.run_id)
        self.assertEqual(report.get_ask_screen()["action"]["views"][0][1], "pivot")
        self.pick(report, "order", "the 5 highest")
        self.assertEqual(report.specification["limit"], 5)
        self.pick(report, "group:0", "Partner")
        self.assertEqual(report.specification["group_by"][0]["field"], "partner_id")
        self.pick(report, "measure:0", "Average of Untaxed Amount")
        self.assertEqual(report.specification["measures"][0]["aggregate"], "avg")
        self.pick(report, "compare", "With the time before")
        self.assertEqual(report.specification["compare"], "previous")
        report.change_part("period", {"kind": "between", "since": "2026-02-01"})
        period = report.specification["period"]
        self.assertEqual((period["field"], period["kind"]), ("invoice_date", "between"))

    def test_change_is_read_anew(self):
        report = self.answered()
        screen = report.change_part("period", {"kind": "last", "unit": "year"})
        self.assertEqual(screen["state"], "pending")
        self.assertIsNone(screen["figures"])
        self.run_jobs(report.run_id)
        figures = report.get_ask_screen()["figures"]
        self.assertEqual(figures["items"][1]["text"], "1")

    def test_values_of_a_filter(self):
        specification = {
            **SPECIFICATION,
            "filters": [
                {"field": "state", "operator": "=", "value": "posted"},
                {"field": "partner_id", "operator": "=", "value": "Customer"},
            ],
        }
        self.env["res.partner"].create([{"name": "Customer"}, {"name": "Zebra Ltd"}])
        report = self.make(specification)
        self.pick(report, "filter:0", "Draft")
        self.assertEqual(report.specification["filters"][0]["value"], "draft")
        (zebra,) = self.choices(report, "filter:1", "Zebra")
        report.change_part("filter:1", zebra["value"])
        self.assertIn("Zebra Ltd", report.get_ask_screen()["sentence"])

    def test_add_parts(self):
        report = self.make({**SPECIFICATION, "period": None, "compare": None})
        keys = [one["key"] for one in report.get_ask_screen()["additions"]]
        self.assertEqual(keys, ["group:new", "measure:new", "period", "order"])
        for key in keys:
            self.assertTrue(self.choices(report, key), key)
        self.pick(report, "group:new", "Partner")
        report.change_part("period", {"kind": "this", "unit": "month"})
        self.assertEqual(len(report.specification["group_by"]), 2)
        self.assertTrue(report.specification["period"]["field"])

    def test_fields_that_nobody_may_see_are_no_choice(self):
        report = self.make()
        choices = self.choices(report, "group:new")
        choices += self.choices(report, "measure:new")
        names = {choice["value"]["field"] for choice in choices}
        self.assertFalse(names & {"access_token", "inalterable_hash", "password"})
        for choice in choices:
            kind = "measures" if "aggregate" in choice["value"] else "group_by"
            specification = {**SPECIFICATION, kind: [choice["value"]]}
            self.env["ai.queue.report.reader"]._check(specification)

    def test_bad_input(self):
        report = self.make()
        for key, value in (
            ("measure:7", None),
            ("domain", []),
            ("chart", "password"),
            ("measure:0", {"field": "access_token"}),
            ("measure:0", "amount_total"),
            ("group:0", {"field": "state", "granularity": "month"}),
            ("period", {"kind": "this", "unit": "aeon"}),
            ("period", "today"),
            ("order", {"by": "measure", "direction": "desc", "limit": 10**9}),
            ("order", [1]),
        ):
            with self.assertRaises(UserError, msg=f"{key} {value}"):
                report.change_part(key, value)
        with self.assertRaises(UserError):
            report.get_part_choices("filter:9")
        self.assertEqual(report.specification, SPECIFICATION)

    # ------------------------------------------------------------
    # RIGHTS
    # ------------------------------------------------------------

    def test_the_report_of_somebody_else(self):
        report = self.answered()
        with self.assertRaises(AccessError):
            report.with_user(self.other).get_ask_screen()
        report.share_user_ids = self.other
        shared = report.with_user(self.other)
        screen = shared.get_ask_screen()
        self.assertTrue(screen["action"])
        self.assertFalse(screen["figures"])
        self.assertFalse(screen["is_mine"])
        own = shared.change_part("compare", None)
        self.assertNotEqual(own["id"], report.id)
        self.assertEqual(report.specification, SPECIFICATION)
        with self.assertRaises(AccessError):
            shared.set_kept(True)
        with self.assertRaises(AccessError):
            shared.cancel_ask()

    def test_who_may_not_read_what_is_asked(self):
        report = self.answered()
        report.share_user_ids = self.seller
        screen = report.with_user(self.seller).get_ask_screen()
        self.assertIsNone(screen["action"])
        self.assertIn("may not read", screen["message"])
        with self.assertRaises(UserError):
            report.with_user(self.seller).get_part_choices("group:0")

    def test_who_may_not_ask(self):
        nobody = new_test_user(self.env, "nobody", groups="base.group_user")
        with self.assertRaises(AccessError):
            self.env["ai.queue.report"].with_user(nobody).get_ask_start()

    def test_cancel(self):
        report = self.make()
        report._start()
        screen = report.cancel_ask()
        self.assertEqual(screen["state"], "cancelled")


def _plain(domain):
    """A domain as the web client gets it."""
    return [list(each) if isinstance(each, tuple) else each for each in domain]
