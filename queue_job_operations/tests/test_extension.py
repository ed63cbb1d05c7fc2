# Copyright 2026 The ai_queue contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""Each hook, as an addon uses it that depends on this one and knows printers."""

import json
from datetime import timedelta

from prometheus_client.core import GaugeMetricFamily

from odoo import api, fields, models
from odoo.tests import freeze_time, tagged
from odoo.tools import SQL

from ..checkup import server
from ..checkup.facts import OK, WARNING, Verdict
from ..models.queue_job_alert_rule import Finding
from ..models.queue_job_housekeeping_rules import Retention
from .common import QueueJobCommon
from .common_alert import START, AlertCommon
from .common_channel import ChannelMixin
from .common_hour import at
from .common_metrics import MetricsMixin
from .common_operations import OperationsMixin

PRINTER_DAYS = "printer.print_days"
PRINTER = "root.bills"
READS_INK = "reads_ink"


class Operations(models.AbstractModel):
    _inherit = "queue.job.operations"
    _name = "queue.job.operations"
    _module = None

    def _get_tiles(self, period, counts, active, runner):
        tiles = super()._get_tiles(period, counts, active, runner)
        pages, failed = 40, sum(failed for _done, failed in counts)
        rules = self._get_judges(["paper"])
        action = self._get_list_action("Printed", "res.partner", [("id", "=", 1)])
        state = self._judge(rules, "paper", pages)
        more = self._make_tile("pages", "Pages", pages, "40", action, state=state)
        return [*tiles, {**more, "detail": f"{failed} failed"}]

    def _get_panels(self):
        return {**super()._get_panels(), "prints": ["one", "two"]}

    def _retry_batch(self, jobs, until):
        """What is called so is left as it is."""
        left = jobs.filtered(lambda job: job.name == "Jam")
        retried, skipped = super()._retry_batch(jobs - left, until)
        return retried, skipped + len(left)


class AlertRule(models.Model):
    _inherit = "queue.job.alert.rule"
    _name = "queue.job.alert.rule"
    _module = None

    code = fields.Selection(
        selection_add=[("paper", "Paper is short")], ondelete={"paper": "cascade"}
    )

    def _get_units(self):
        return {**super()._get_units(), "paper": "sheets"}

    def _get_traits(self):
        return {**super()._get_traits(), "paper": ("window",)}

    def _evaluate_paper(self, now):
        sheets = self.env["ir.config_parameter"].get_param("printer.sheets", "0")
        if int(sheets) < self.threshold:
            return []
        return [Finding("tray:1", int(sheets), {"tray": 1, "sheets": sheets})]

    def _select_dead(self, since):
        return SQL(
            "%s UNION SELECT id, state FROM queue_job WHERE name = 'Jam'",
            super()._select_dead(since),
        )


class Alert(models.Model):
    _inherit = "queue.job.alert"
    _name = "queue.job.alert"
    _module = None

    def _describe_paper(self):
        details = self.details
        return f"Tray {details['tray']} has {details['sheets']} sheets", "Add paper."

    def _get_codes_without_list(self):
        return (*super()._get_codes_without_list(), "paper")

    def _get_action_paper(self):
        return False


class Checkup(models.AbstractModel):
    _inherit = "queue.job.checkup"
    _name = "queue.job.checkup"
    _module = None

    @api.model
    def _get_rules(self):
        return [*super()._get_rules(), check_ink]

    @api.model
    def _get_extra(self, quick=False):
        return {**super()._get_extra(quick), "printers": 0 if quick else 2}

    @api.model
    def _get_slowest(self):
        return max(super()._get_slowest(), 3000.0)

    @api.model
    def _get_needed_modules(self):
        return (*super()._get_needed_modules(), "printer")

    def _say_ink(self, case, values):
        return (
            f"Ink: {case}",
            f"For {values['printers']} printers.",
            "[printer]\nink = 1",
        )

    def _label_figure(self, key):
        labels = {PRINTER: "Jobs that print"}
        return labels.get(key) or super()._label_figure(key)


def check_ink(facts):
    if not facts.extra["printers"]:
        return None
    has_ink = facts.server.extras.get(READS_INK)
    severity, case = (OK, "") if has_ink else (WARNING, "empty")
    return Verdict("ink", severity, case, {"printers": facts.extra["printers"]})


class Channel(models.Model):
    _inherit = "queue.job.channel"
    _name = "queue.job.channel"
    _module = None

    @api.model
    def _get_ours(self):
        names = ("root", PRINTER)
        return self.search([("complete_name", "in", names)], order="complete_name")

    @api.model
    def _get_recommended(self, capacity):
        return {**super()._get_recommended(capacity), PRINTER: max(1, capacity - 2)}


class Metrics(models.AbstractModel):
    _inherit = "queue.job.metrics"
    _name = "queue.job.metrics"
    _module = None

    @api.private
    def collect(self):
        yield from super().collect()
        yield GaugeMetricFamily("printer_pages", "Pages.", value=7)


class Housekeeping(models.AbstractModel):
    _inherit = "queue.job.housekeeping"
    _name = "queue.job.housekeeping"
    _module = None

    @api.model
    def _get_retentions(self):
        retention = Retention("res.partner", old_printers, PRINTER_DAYS, days=10)
        return [*super()._get_retentions(), retention]

    @api.model
    def _prepare_sweep(self):
        result = super()._prepare_sweep()
        self.env["res.partner"].search([("name", "=", "Printer to mark")]).write(
            {"ref": "old printer"}
        )
        return result


def old_printers(_env, before):
    return SQL("old.ref = 'old printer' AND old.write_date < %s", before)


@tagged("post_install", "-at_install")
class TestOperationsHooks(OperationsMixin, QueueJobCommon):
    """Tiles, panels and retries of another addon."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.extend(Operations, AlertRule)
        cls.paper = cls.env["queue.job.alert.rule"].create(
            {"name": "Paper", "code": "paper", "threshold": 30}
        )

    def test_a_tile(self):
        self.add_failed(10, 3)
        figures = self.figures()
        self.assertEqual([tile["key"] for tile in figures["tiles"]][-1], "pages")
        # Judged by a rule of its own, whose threshold somebody may change.
        self.assertEqual(
            self.tile("pages", "value", "detail", "state"), (40, "3 failed", "warning")
        )
        self.assertEqual(self.listed(self.tiles["pages"]["action"]), 1)
        self.paper.threshold = 41
        self.figures()
        self.assertEqual(self.tile("pages", "state"), ("ok",))

    def test_figures_of_a_panel(self):
        figures = self.figures()
        self.assertEqual(figures["prints"], ["one", "two"])
        self.assertIn("failures", figures)

    def test_a_way_of_its_own_to_try_again(self):
        jam = self.add_failed(10, 2, name="Jam")
        others = self.add_failed(10, 3)
        with freeze_time(at(30)):
            result = self.operations.retry_failures("day")
        self.assertEqual((result["retried"], result["skipped"]), (3, 2))
        self.assertEqual(result["left"], 0)
        self.assertIn("the same work already waits or runs: 2", result["message"])
        self.env.invalidate_all()
        self.assertEqual(set(jam.mapped("state")), {"failed"})
        self.assertEqual(set(others.mapped("state")), {"pending"})


@tagged("post_install", "-at_install")
class TestAlertHooks(AlertCommon):
    """What another addon looks at, and what it adds to the rules of this one."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.extend(AlertRule, Alert)
        cls.paper = cls.env["queue.job.alert.rule"].create(
            {"name": "Paper", "code": "paper", "threshold": 30}
        )

    def test_an_alert(self):
        self.assertEqual(
            (self.paper.threshold_unit, self.paper.has_window, self.paper.has_cases),
            ("sheets", True, False),
        )
        self.assertFalse(self.watch(0))
        self.env["ir.config_parameter"].set_param("printer.sheets", "31")
        alert = self.watch(1)
        self.assertEqual(
            (alert.rule_id, alert.subject, alert.value), (self.paper, "tray:1", 31)
        )
        self.assertEqual(
            (alert.name, alert.advice), ("Tray 1 has 31 sheets", "Add paper.")
        )
        self.assertFalse(alert.has_list)
        self.assertEqual(alert.activity_ids.user_id, self.manager)
        self.env["ir.config_parameter"].set_param("printer.sheets", "29")
        self.assertFalse(self.watch(2))
        self.assertEqual(alert.state, "resolved")

    def test_jobs_that_another_addon_knows_to_have_been_found_dead(self):
        jam = self.add_jobs(2, "started", name="Jam", made=-5)
        alert = self.watch(0)
        self.assert_alert(alert, "dead", "found dead: 2", 2)
        self.assertEqual(self.listed(alert), jam)


@tagged("post_install", "-at_install")
class TestCheckupHooks(ChannelMixin, QueueJobCommon):
    """What another addon knows of servers, and what it needs of them."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.set_up_channels()
        cls.extend(Checkup, Channel)
        cls.checkup = cls.env["queue.job.checkup"]
        cls.addClassCleanup(server.EXTRAS.pop, READS_INK, None)

    def look(self, **kwargs):
        self.env.flush_all()
        facts, verdicts = self.checkup._look(**kwargs)
        return facts, {verdict.key: verdict for verdict in verdicts}

    def note(self, has_ink):
        """The job runner tells what a process of its server sees."""
        server.EXTRAS[READS_INK] = lambda: has_ink
        noted = server.describe().to_json()
        self.assertEqual(json.loads(json.dumps(noted)), noted)
        self.report({"root": {}}, date_seen=START, server=noted)

    def test_a_rule_with_its_facts_and_its_words(self):
        self.note(False)
        _facts, found = self.look()
        self.assertEqual((found["ink"].severity, found["ink"].case), (WARNING, "empty"))
        self.assertIn("trigger", found)
        (said,) = self.checkup._describe([found["ink"]])
        self.assertEqual(
            (said["what"], said["why"], said["line"]),
            ("Ink: empty", "For 2 printers.", "[printer]\nink = 1"),
        )
        self.note(True)
        self.assertEqual(self.look()[1]["ink"].severity, OK)

    def test_what_is_quick_leaves_out_what_costs_much(self):
        self.note(False)
        self.assertNotIn("ink", self.look(quick=True)[1])

    def test_a_module_that_has_to_be_loaded_at_start(self):
        self.note(True)
        facts, found = self.look()
        self.assertEqual(facts.needed[-1], "printer")
        self.assertIn("printer", found["modules"].values["missing"])

    def test_how_long_its_work_may_take(self):
        self.note(True)
        facts, found = self.look()
        self.assertEqual(facts.slowest, 3000.0)
        self.assertEqual(found["time_real"].values["recommended"], 3000)
        figures = {each.key: each for each in self.checkup._recommend(facts)}
        self.assertEqual(figures["limit_time_real"].recommended, 3000)

    def test_what_suits_its_channel(self):
        self.root.capacity = 6
        self.note(True)
        facts, found = self.look()
        self.assertEqual([each.name for each in facts.channels], ["root", PRINTER])
        self.assertEqual(facts.recommended[PRINTER], 4)
        self.assertEqual(found["channels"].values["channels"], f"root:6,{PRINTER}:4")
        figures = {each.key: each for each in self.checkup._recommend(facts)}
        root = figures["root"].recommended
        self.assertEqual(figures[PRINTER].recommended, max(1, root - 2))
        shown = self.env["queue.job.checkup.figure"]._show([figures[PRINTER]])
        self.assertEqual(shown.label, "Jobs that print")

    def test_the_settings_show_its_channels(self):
        lines = self.env["queue.job.channel.setting"]._prepare_lines()
        self.assertEqual(
            [line["channel_id"] for line in lines], (self.root | self.bills).ids
        )


@tagged("post_install", "-at_install")
class TestMetricsHook(MetricsMixin, QueueJobCommon):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.extend(Metrics)

    def test_an_addon_adds_its_own(self):
        self.assertEqual(self.value("printer_pages"), 7)
        self.assertEqual(self.value("queue_job_runner_up"), 1)


@tagged("post_install", "-at_install")
class TestHousekeepingHook(QueueJobCommon):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.extend(Housekeeping)

    def create_printer(self, days, **vals):
        printer = self.env["res.partner"].create({"name": "Printer", **vals})
        self.env.flush_all()
        self.env.cr.execute(
            "UPDATE res_partner SET write_date = %s WHERE id = %s",
            (START - timedelta(days=days), printer.id),
        )
        self.env.invalidate_all()
        return printer

    def test_another_addon_keeps_more(self):
        old = self.create_printer(11, ref="old printer")
        young = self.create_printer(9, ref="old printer")
        other = self.create_printer(900)
        self.tidy_up()
        self.assertEqual((old | young | other).exists(), young | other)
        # Its setting says so, as do those of this addon.
        self.env["ir.config_parameter"].set_param(PRINTER_DAYS, "5")
        self.tidy_up()
        self.assertFalse(young.exists())
        keeper = self.env["queue.job.housekeeping"]
        self.assertEqual(keeper._get_days(PRINTER_DAYS), 5)
        self.env["ir.config_parameter"].set_param(PRINTER_DAYS, "soon")
        self.assertEqual(keeper._get_days(PRINTER_DAYS), 10)

    def test_what_has_to_be_done_before_anything_goes(self):
        marked = self.create_printer(11, name="Printer to mark")
        self.tidy_up()
        self.assertEqual(marked.ref, "old printer")
