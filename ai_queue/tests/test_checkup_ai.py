# Copyright 2026 The ai_queue contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
import re
from dataclasses import replace
from datetime import datetime
from unittest.mock import patch

from odoo.tests import BaseCase, tagged
from odoo.tools import file_open

from odoo.addons.queue_job_operations.checkup import figures
from odoo.addons.queue_job_operations.checkup.facts import (
    ADVICE,
    OK,
    WARNING,
    Channel,
)
from odoo.addons.queue_job_operations.checkup.rules import check
from odoo.addons.queue_job_operations.jobrunner.channel_rules import Spec
from odoo.addons.queue_job_operations.tests import common_checkup as base
from odoo.addons.queue_job_operations.tests.common_channel import ChannelMixin

from .. import checkup
from ..asking import limits
from ..checkup import Provider
from .common import NOW, AiQueueCommon

GB = base.GB
KEY = "sk-never-to-be-seen"
NEEDED = (*base.GOOD.needed, "ai_queue")
EXAMPLE = replace(
    base.EXAMPLE,
    modules=(*base.MODULES, "ai_queue"),
    extras={checkup.READS_PICTURES: True, checkup.LEARNS: True},
)
GOOD = replace(
    base.GOOD,
    here=EXAMPLE,
    jobs=EXAMPLE,
    needed=NEEDED,
    slowest=checkup.needed_time((Provider("Far"),)),
    channels=(
        Channel("root", 4),
        Channel("root.ai_forecasting", 3),
        Channel("root.ai_processing", 2),
    ),
    extra={"providers": (Provider("Far"),), "reads_bills": True},
)
BLIND = {"extras": {checkup.READS_PICTURES: False, checkup.LEARNS: False}}
#: between them they make every rule of AI work say everything that it can say
WRONG = (
    {"jobs": replace(EXAMPLE, limit_time_real=120)},
    {"jobs": replace(EXAMPLE, limit_memory_soft=1, limit_memory_hard=2)},
    {
        "extra": {
            "providers": (Provider("A", 90.0, "failed"), Provider("B", 90.0, "")),
        }
    },
    {"extra": {"providers": (Provider("C", 90.0, "ok", True),)}},
    {"extra": {"missing_rates": ({"name": "D", "currency": "A", "companies": "B"},)}},
    {"jobs": replace(EXAMPLE, **BLIND)},
)


@tagged("post_install", "-at_install")
class TestCheckupRulesOfAi(base.RulesMixin, BaseCase):
    """What is said of servers that are made up."""

    rules, good = (*base.RULES, *checkup.RULES), GOOD

    def test_the_example_for_production_is_good_for_ai_work(self):
        found = check(GOOD, self.rules)
        self.assertEqual({verdict.severity for verdict in found}, {OK})
        self.assertLessEqual(
            {"provider", "pictures", "learning"}, {verdict.key for verdict in found}
        )

    def test_all_addons_are_loaded_at_start(self):
        found = self.look({"modules": ("base", "web", "queue_job")})["modules"]
        self.assertEqual(found.values["missing"], "queue_job_operations, ai_queue")
        self.assertEqual(
            found.values["modules"], "base,web,queue_job,queue_job_operations,ai_queue"
        )

    def test_a_question_must_fit_twice_into_the_time_of_a_job(self):
        short = {"limit_time_real": 120}
        found = self.look(short)["answer_time"]
        self.assertEqual((found.severity, found.case), (WARNING, "cut"))
        self.assertEqual(found.values["cut"], 45)
        self.assertEqual(found.values["recommended"], 1200)
        self.assertIsNone(self.say("answer_time", short, extra={}))
        self.assertIsNone(self.say("answer_time", {"limit_time_real": 210}))
        found = self.say("answer_time", {"limit_time_real": 209})
        self.assertEqual(found, (WARNING, "cut"))
        # Threads are not limited then.
        unlimited = {"workers": 0, "limit_time_real": 0}
        self.assertIsNone(self.say("answer_time", unlimited))

    def test_the_time_of_a_job_is_that_of_asking(self):
        for timeout in (20.0, 90.0, 600.0):
            limit = checkup.needed_time((Provider("P", timeout),))
            with patch.dict(limits.config.options, {"limit_time_real": limit}):
                self.assertEqual(limits.longest_request(), timeout)

    def test_what_reads_a_document_must_fit_into_the_memory_of_a_process(self):
        for server, verdict in (
            ({"limit_memory_hard": GB >> 1}, (WARNING, "hard")),
            ({"limit_memory_hard": 2 * GB}, None),
            ({"limit_memory_hard": 0}, None),
            ({"workers": 0, "limit_memory_hard": GB >> 1}, None),
        ):
            self.assertEqual(self.say("reading_memory", server), verdict, server)

    def test_networks_that_read_pictures_need_more_memory(self):
        for reading, verdict in ((1024, None), (2048, (WARNING, "hard"))):
            server = {
                "limit_memory_hard": GB + (GB >> 1),
                "extras": {**EXAMPLE.extras, checkup.READING_MEMORY: reading},
            }
            self.assertEqual(self.say("reading_memory", server), verdict, reading)

    def test_providers_one_by_one(self):
        providers = (
            Provider("Good"),
            Provider("Failed", check_state="failed"),
            Provider("New", check_state=""),
            Provider("Away", is_paused=True),
        )
        found = check(replace(GOOD, extra={"providers": providers}), self.rules)
        self.assertEqual(
            [
                (each.subject, each.severity, each.case)
                for each in found
                if each.key == "provider"
            ],
            [
                ("Failed", WARNING, "failed"),
                ("New", ADVICE, "untested"),
                ("Away", WARNING, "paused"),
            ],
        )
        self.assertIsNone(self.say("provider", extra={}))

    def test_pictures_cannot_be_read(self):
        self.assertEqual(self.say("pictures"), (OK, ""))
        self.assertEqual(self.say("pictures", BLIND), (WARNING, "missing"))
        without_bills = {**GOOD.extra, "reads_bills": False}
        self.assertIsNone(self.say("pictures", BLIND, extra=without_bills))
        # A job runner that was started without us says nothing of it.
        self.assertIsNone(self.say("pictures", {"extras": {}}))


@tagged("post_install", "-at_install")
class TestCheckupOfAi(ChannelMixin, AiQueueCommon):
    """What is found out about this database, and in which words."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.set_up_channels()
        cls.checkup = cls.env["queue.job.checkup"]
        cls.see()

    @classmethod
    def see(cls, server=EXAMPLE, **vals):
        """The job runner is there, and tells of its server."""
        tree = {
            name: {"spec": Spec(capacity), "base": Spec(capacity)}
            for name, capacity in (
                ("root", 4),
                ("root.ai_processing", 2),
                ("root.ai_forecasting", 3),
            )
        }
        seen = datetime.fromisoformat(NOW)
        cls.report(tree, **{"date_seen": seen, "server": server.to_json(), **vals})

    def look(self, **kwargs):
        """{key: verdict}"""
        self.env.flush_all()
        found = self.checkup._get_verdicts(**kwargs)
        return {verdict.key: verdict for verdict in found}

    def test_providers_are_told_by_their_last_test(self):
        self.env["ai.queue.provider"].search([]).active = False
        provider = self.env["ai.queue.provider"].create(
            {"name": "Far", "base_url": "http://127.0.0.1:1/v1", "api_key": KEY}
        )
        self.assertEqual(self.look()["provider"].case, "untested")
        provider.state_ids._note_check(False, "No.")
        self.assertEqual(self.look()["provider"].case, "failed")
        provider.state_ids._note_check(True, "Yes.")
        self.assertEqual(self.look()["provider"].severity, OK)
        provider.state_ids._open("It is gone.")
        self.assertEqual(self.look()["provider"].case, "paused")

    def test_prices_need_a_rate_to_the_currency_of_each_company(self):
        self.env["ai.queue.provider"].search([]).active = False
        own = self.env.company.currency_id
        currencies = self.env["res.currency"].with_context(active_test=False)
        other = currencies.search([("id", "!=", own.id)], limit=1)
        rates = self.env["res.currency.rate"]
        rates.search([("currency_id", "in", (own | other).ids)]).unlink()
        model = {"kind": "forecast", "model": "m", "price_in": 1.0}
        self.env["ai.queue.provider"].create(
            {
                "name": "Far",
                "base_url": "http://127.0.0.1:1/v1",
                "currency_id": other.id,
                "model_ids": [(0, 0, model)],
            }
        )
        found = self.look()["rates"]
        self.assertEqual(found.values["currency"], other.name)
        self.assertIn(own.name, found.values["companies"])
        rate = {"currency_id": other.id, "rate": 2.0, "name": "2020-01-01"}
        rates.create({**rate, "company_id": False})
        self.assertNotIn("rates", self.look())

    def test_pictures_matter_where_bills_are_read(self):
        self.see(replace(EXAMPLE, **BLIND))
        journals = self.env["account.journal"].sudo().search([])
        journals.ai_queue_read_bills = False
        self.assertNotIn("pictures", self.look())
        journals.filtered(lambda each: each.type == "purchase")[
            :1
        ].ai_queue_read_bills = True
        self.assertEqual(self.look()["pictures"].case, "missing")

    def test_the_slowest_provider_says_how_long_a_job_may_need(self):
        providers = self.env["ai.queue.provider"]
        providers.search([]).active = False
        self.assertEqual(self.checkup._get_slowest(), 0.0)
        for name, timeout in (("Near", 20.0), ("Far", 600.0)):
            providers.create(
                {
                    "name": name,
                    "base_url": "http://127.0.0.1:1/v1",
                    "request_timeout": timeout,
                }
            )
        self.assertEqual(self.checkup._get_slowest(), 1230.0)
        verdict = self.look()["answer_time"]
        self.assertEqual(verdict.values["provider"], "Far")
        self.assertEqual(verdict.values["recommended"], 1260)

    def test_what_is_told_of_ai_work_has_what_why_and_the_line(self):
        said = set()
        for changes in ({}, *WRONG):
            verdicts = check(replace(GOOD, **changes), checkup.RULES)
            for found in self.checkup._describe(verdicts):
                name = found["key"], found["case"]
                said.add(name)
                self.assertTrue(found["what"], name)
                self.assertNotIn("%", found["what"] + found["why"], name)
                bad = found["severity"] != OK
                self.assertEqual(bool(found["why"]), bad, name)
                self.assertEqual(bool(found["line"]), bad, name)
        self.assertEqual(
            said,
            {
                *(("provider", case) for case in ("", "paused", "failed", "untested")),
                *(("pictures", case) for case in ("", "missing")),
                *(("learning", case) for case in ("", "missing")),
                *(("answer_time", "cut"), ("reading_memory", "hard")),
                ("rates", "unknown"),
            },
        )

    def test_the_line_for_odoo_conf_names_the_channels_of_ai_work(self):
        found = self.checkup._describe(check(replace(GOOD, root=6), self.rules()))
        self.assertEqual(
            found[0]["line"],
            "[options]\nworkers = 6\n[queue_job]\n"
            "channels = root:4,root.ai_processing:2,root.ai_forecasting:3",
        )
        missing = check(replace(GOOD, runner="never"), self.rules())
        line = self.checkup._describe(missing)[0]["line"]
        self.assertIn("base,rpc,web,queue_job,queue_job_operations,ai_queue\n", line)

    def rules(self):
        return self.checkup._get_rules()

    def test_the_report_has_no_key_of_a_provider(self):
        self.env["ai.queue.provider"].create(
            {"name": "Far", "base_url": "http://127.0.0.1:1/v1", "api_key": KEY}
        )
        probes = GOOD.probes
        with patch.object(type(self.checkup), "_probe", lambda *a, **k: probes):
            report = self.checkup._report()
        self.assertIn("Far", str(report))
        self.assertNotIn(KEY, str(report))
        labels = {
            each["key"]: self.checkup._label_figure(each["key"])
            for each in report["recommended"]
        }
        self.assertEqual(labels["root.ai_forecasting"], "Forecasts")
        self.assertNotIn(labels["root.ai_processing"], labels)

    def test_figures_are_those_of_the_documentation(self):
        recommend = self.env["queue.job.channel"]._get_recommended
        with file_open("ai_queue/readme/CONFIGURE.md") as file:
            table = re.search(r"^\| \| .*?\n\n", file.read(), re.M | re.S)[0]
        head, _line, *rows = (row.split("|")[1:-1] for row in table.split("\n")[:-2])
        for column, size in enumerate(head[1:], 1):
            cpus, memory, people = map(int, re.findall(r"\d+", size))
            server = {"cpus": cpus, "memory": memory * GB}
            workers = figures.workers(replace(EXAMPLE, **server))
            here = replace(EXAMPLE, **server, workers=workers)
            facts = replace(GOOD, here=here, jobs=here, people=people)
            told = {}
            for row in rows:
                names = re.findall(r"`(.*?)`", row[0])
                told.update(zip(names, re.findall(r"\d+", row[column]), strict=True))
            expected = {
                each.key: str(each.recommended)
                for each in figures.recommend(facts, recommend)
                if each.key.startswith("root")
            }
            self.assertEqual(told, expected, size)
