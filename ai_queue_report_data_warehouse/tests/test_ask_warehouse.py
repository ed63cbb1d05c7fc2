# Copyright 2026 The ai_queue contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
from odoo import Command
from odoo.exceptions import UserError
from odoo.tests import tagged
from odoo.tools import format_date
from odoo.tools.misc import formatLang

from odoo.addons.ai_queue.tests.common_provider import AiQueueProviderCommon
from odoo.addons.ai_queue_data_warehouse.tests.common import (
    SCHEMA,
    PostgresMixin,
    WarehouseMixin,
    get_settings,
)

TABLE = f"{SCHEMA}.res_partner"
COUNTED = (
    f"SELECT city, COUNT(*) AS partners FROM {TABLE} GROUP BY city ORDER BY 2 DESC"
)


class AskCases:
    """What holds for every warehouse that runs on this machine."""

    allow_inherited_tests_method = True

    def setUp(self):
        super().setUp()
        self.asked = []
        self.statements = []
        self.patch(type(self), "answer", staticmethod(self.say))
        self.create_partners("Ada", "Bo", city="Paris")
        self.create_partners("Cy", city="Rome")
        self.dataset = self.create_dataset(columns="name city create_date")
        self.start(self.dataset)
        self.reader.group_ids = [
            Command.link(self.env.ref("ai_queue_report.ai_queue_report_group_user").id)
        ]
        self.provider.model_ids = [
            Command.create({"kind": "report", "model": "fake-large"})
        ]
        self.company.ai_queue_report_provider_id = self.provider
        self.reports = self.env["ai.queue.report"].with_user(self.reader)
        self.source = f"warehouse:{self.warehouse.id}"

    def say(self, asked):
        """The next of the statements that the test wants, as the model's answer."""
        self.asked.append(asked.system + asked.text)
        statement = self.statements.pop(0)
        return {"sql": statement, "message": "" if statement else "No."}

    def ask(self, *statements, question="partners by city", previous=None):
        """A question, answered by these statements of the model one after the other."""
        self.statements[:] = statements
        screen = self.reports.ask_screen(question, previous, self.source)
        self.commit()
        report = self.reports.browse(screen["id"])
        self.run_jobs(report.run_id.sudo())
        report.invalidate_recordset()
        return report

    def test_ask(self):
        report = self.ask(COUNTED)
        screen = report.get_ask_screen()
        self.assertEqual((screen["state"], screen["message"]), ("done", ""))
        table = screen["table"]
        self.assertEqual(table["rows"], [["Paris", "2"], ["Rome", "1"]])
        self.assertEqual([one["is_number"] for one in table["columns"]], [False, True])
        self.assertEqual(table["chart"]["series"][0]["values"], [2.0, 1.0])
        self.assertIn("LIMIT 500", table["statement"])
        self.assertIn(TABLE, table["notes"][0])
        self.assertEqual(screen["source"], self.source)

    def test_amounts(self):
        """Decimals, and what is no number, in the table and in the chart."""
        report = self.ask(
            "SELECT city, SUM(id + 0.25) AS amount, CAST('NaN' AS DOUBLE PRECISION) "
            f"AS share FROM {TABLE} GROUP BY city ORDER BY city"
        )
        screen = report.get_ask_screen()
        self.assertEqual((screen["state"], screen["message"]), ("done", ""))
        table = screen["table"]
        partners = self.env["res.partner"].search([("city", "in", ("Paris", "Rome"))])
        sums = [
            sum(one.id + 0.25 for one in partners if one.city == city)
            for city in ("Paris", "Rome")
        ]
        self.assertEqual(table["chart"]["series"][0]["values"], sums)
        self.assertEqual(table["chart"]["series"][1]["values"], [None, None])
        self.assertEqual(
            table["rows"],
            [
                ["Paris", formatLang(self.env, sums[0]), "–"],
                ["Rome", formatLang(self.env, sums[1]), "–"],
            ],
        )

    def test_months_and_years(self):
        """A month is a day to a database at most; a year is no amount."""
        self.reader.tz = "America/New_York"
        report = self.ask(
            "SELECT DATE_TRUNC('month', create_date) AS month, "
            "EXTRACT(YEAR FROM MIN(create_date)) AS year, MIN(id) AS first_id, "
            f"COUNT(*) * 0.0034 AS share FROM {TABLE} GROUP BY 1 ORDER BY 1"
        )
        screen = report.get_ask_screen()
        self.assertEqual((screen["state"], screen["message"]), ("done", ""))
        [[month, year, first, share]] = screen["table"]["rows"]
        today = self.env.cr.now()
        self.assertEqual(month, format_date(self.env, today.date().replace(day=1)))
        self.assertEqual(year, str(today.year))
        self.assertTrue(first.isdigit())
        self.assertEqual(float(share.replace(",", ".")), 0.01)
        numbers = [one["is_number"] for one in screen["table"]["columns"]]
        self.assertEqual(numbers, [False, False, False, True])
        report = self.ask(
            "SELECT EXTRACT(YEAR FROM create_date) + CASE WHEN city = 'Rome' THEN 1 "
            f"ELSE 0 END AS year, COUNT(*) AS partners FROM {TABLE} GROUP BY 1 "
            "ORDER BY 1",
            question="partners by year",
        )
        screen = report.get_ask_screen()
        self.assertEqual((screen["state"], screen["message"]), ("done", ""))
        table = screen["table"]
        years = [str(today.year), str(today.year + 1)]
        self.assertEqual(table["chart"]["labels"], years)
        self.assertEqual(table["chart"]["series"][0]["name"], "partners")

    def test_no_row_is_sent(self):
        self.ask(COUNTED)
        sent = self.asked[0]
        self.assertIn("res_partner", sent)
        for name in ("Ada", "Paris"):
            self.assertNotIn(name, sent)

    def test_what_is_refused_is_asked_once_more(self):
        report = self.ask(f"SELECT pg_sleep(9) FROM {TABLE}", COUNTED)
        self.assertEqual(report.state, "done")
        self.assertIn("function may not be used", self.asked[1])

    def test_what_is_refused_twice(self):
        hostile = f"DROP TABLE {TABLE}"
        report = self.ask(hostile, f"SELECT secret FROM {TABLE}")
        screen = report.get_ask_screen()
        self.assertEqual(screen["state"], "failed")
        self.assertIn("no such column", screen["message"])
        self.assertIsNone(screen["table"])
        self.assertEqual(len(self.rows(self.dataset)), 3)

    def test_tables_of_the_addon_itself(self):
        report = self.ask(*[f"SELECT * FROM {SCHEMA}._ai_queue_batch"] * 2)
        self.assertIn("may not be read", report.message)

    def test_what_no_table_answers(self):
        report = self.ask(None)
        self.assertEqual((report.state, report.message), ("failed", "No."))

    def test_nothing_found(self):
        report = self.ask(f"SELECT name FROM {TABLE} WHERE city = 'Nowhere'")
        self.assertEqual(report.get_ask_screen()["table"]["rows"], [])

    def test_ask_on(self):
        report = self.ask(COUNTED)
        self.ask(COUNTED + " LIMIT 1", question="only the first", previous=report.id)
        self.assertIn("<statement>", self.asked[1])

    def test_who_may_ask(self):
        groups = "ai_queue_report.ai_queue_report_group_user"
        other = self.create_user("other", groups)
        reports = self.reports.with_user(other)
        self.assertFalse(reports.get_ask_start()["sources"])
        with self.assertRaises(UserError):
            reports.ask_screen("partners", None, self.source)
        with self.assertRaises(UserError):
            self.reports.ask_screen("partners", None, "warehouse:0")
        report = self.ask(COUNTED)
        report.share_user_ids = other
        screen = report.with_user(other).get_ask_screen()
        self.assertFalse(screen["table"])
        self.assertIn("only to the one who asked", screen["message"])

    def test_rights_that_are_gone_when_the_job_runs(self):
        self.statements[:] = [COUNTED]
        screen = self.reports.ask_screen("partners by city", None, self.source)
        self.commit()
        self.dataset.sudo().user_id = self.user
        report = self.reports.browse(screen["id"])
        self.run_jobs(report.run_id.sudo())
        self.assertEqual(report.state, "failed")
        self.assertFalse(self.asked)

    def test_without_a_model(self):
        self.company.ai_queue_report_provider_id = False
        self.assertFalse(self.reports.get_ask_start()["sources"])


@tagged("post_install", "-at_install")
class TestAskDuckdb(AskCases, WarehouseMixin, AiQueueProviderCommon):
    pass


@tagged("post_install", "-at_install")
class TestAskPostgresql(AskCases, PostgresMixin, WarehouseMixin, AiQueueProviderCommon):
    @classmethod
    def create_warehouse(cls, name="Test", **vals):
        settings = get_settings()
        return super().create_warehouse(
            name,
            reader_login=settings["user"] or cls.env.cr._cnx.info.user,
            reader_password=settings["password"] or "none",
            **vals,
        )
