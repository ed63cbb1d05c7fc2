# Copyright 2026 The ai_queue contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
from odoo.exceptions import AccessError, ValidationError
from odoo.tests import JsonRpcException, tagged
from odoo.tools import mute_logger

from ..models.queue_job_housekeeping_rules import ALERT_DAYS, MAX_DAYS
from .common import QueueJobHttpCommon
from .common_alert import AlertCommon
from .common_channel import ChannelMixin

NAN, INFINITE = float("nan"), float("inf")


@tagged("post_install", "-at_install")
class TestBounds(ChannelMixin, AlertCommon):
    """What makes no sense is refused with a sentence, whoever sends it."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.set_up_channels()

    def refused(self, function, *args):
        with self.assertRaises(ValidationError) as caught:
            function(*args)
        return str(caught.exception)

    def test_names_that_mean_something_else_in_odoo_conf(self):
        channels = self.env["queue.job.channel"].with_user(self.manager)
        for name in (
            *("a,b", "a:4", "a.b", "a b", " a", "a\n", "a\u00a0b", "x" * 65, ","),
        ):
            with self.subTest(name=name):
                vals = {"name": name, "parent_id": self.root.id}
                said = self.refused(channels.create, vals)
                self.assertIn("cannot be the name of a channel", said)
                self.refused(self.bills.with_user(self.manager).write, {"name": name})
        for name in ("edi_out", "Übersee", "2-late"):
            channels.create({"name": name, "parent_id": self.root.id})

    def test_numbers_beyond_sense(self):
        channel = self.bills.with_user(self.manager)
        for vals in (
            {"capacity": 1001},
            {"capacity": 10**12},
            {"capacity": 1e306},
            {"capacity": INFINITE},
            {"capacity": NAN},
            {"capacity": "many"},
            {"effective_capacity": 1001},
            {"throttle": 86401},
            {"throttle": 10**12},
            {"removal_interval": 10**9},
            {"removal_interval": -1},
        ):
            with self.subTest(**vals):
                self.refused(channel.write, vals)
                new = {"name": "new", "parent_id": self.root.id, **vals}
                self.refused(channel.create, new)
        channel.write({"capacity": 1000, "throttle": 86400, "removal_interval": 365})

    def test_a_channel_is_not_below_itself(self):
        for parent in (self.bills, self.paper):
            with self.subTest(parent=parent.name):
                vals = {"parent_id": parent.id}
                said = self.refused(self.bills.with_user(self.manager).write, vals)
                self.assertIn("below itself", said)

    def test_rules_and_targets(self):
        rule = self.rule("waiting").with_user(self.manager)
        for vals in (
            {"threshold": 2e9},
            {"threshold": 1e306},
            {"min_count": 2 * 10**9},
            {"cooldown": 43201},
        ):
            with self.subTest(**vals):
                self.refused(rule.write, vals)
        target = self.target.with_user(self.manager)
        said = self.refused(target.write, {"escalate_after": -1})
        self.assertIn("escalates", said)
        self.refused(target.write, {"escalate_after": 43201})
        self.assertIn("Quiet hours", self.refused(target.write, {"quiet_to": NAN}))
        emails = ", ".join(f"a{number}@example.com" for number in range(51))
        vals = {"type": "email", "emails": emails}
        self.assertIn("mailing list", self.refused(target.write, vals))

    def test_days_that_no_calendar_has(self):
        settings = self.env["res.config.settings"]
        vals = {"queue_job_alert_days": MAX_DAYS + 1}
        self.assertIn("at most", self.refused(settings.create, vals))
        # Whatever a script leaves there, the night goes on.
        parameters = self.env["ir.config_parameter"]
        for value, days in (("9" * 12, MAX_DAYS), ("²", 90), ("-4", 90), ("7", 7)):
            parameters.set_param(ALERT_DAYS, value)
            self.assertEqual(
                self.env["queue.job.housekeeping"]._get_days(ALERT_DAYS), days
            )
        parameters.set_param(ALERT_DAYS, "9" * 12)
        self.tidy_up()


@tagged("post_install", "-at_install")
class TestJobRpc(QueueJobHttpCommon):
    """As whom and for whom a job runs is nobody's choice."""

    def refused(self, records, method, *args, **kwargs):
        with mute_logger("odoo.http"), self.assertRaises(JsonRpcException) as caught:
            self.rpc(records, method, *args, **kwargs)
        self.assertIn("AccessError", str(caught.exception))

    def test_a_manager_does_not_choose_whose_rights_a_job_has(self):
        job = self.delay()
        before = job.user_id
        admin = self.env.ref("base.user_admin")
        other = self.create_company("Other Company")
        self.authenticate(self.manager_login, self.manager_login)
        for vals in (
            {"user_id": admin.id},
            {"company_id": other.id},
            {"company_id": False},
            {"dependencies": {"depends_on": []}},
            {"graph_uuid": "1"},
            {"identity_key": "1"},
        ):
            with self.subTest(**vals):
                self.refused(job, "write", vals)
                self.refused(job, "web_save", vals, specification={})
        self.rpc(job, "write", {"priority": 3})
        self.env.invalidate_all()
        self.assertEqual((job.priority, job.user_id), (3, before))

    def test_no_context_queues_a_job_for_another_company(self):
        other = self.create_company("Other Company")
        jobs = self.env["queue.job"].with_user(self.plain_user)
        with self.assertRaises(AccessError):
            jobs.with_context(company_id=other.id).with_delay()._test_job()
        own = jobs.with_context(company_id=self.company.id).with_delay()._test_job()
        self.assertEqual(own.db_record().company_id, self.company)
        # What the server does by itself may be for any of them.
        system = self.env["queue.job"].with_context(company_id=other.id)
        self.assertEqual(system.with_delay()._test_job().db_record().company_id, other)
