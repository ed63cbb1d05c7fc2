# Copyright 2026 The ai_queue contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
from odoo.exceptions import AccessError
from odoo.fields import Command
from odoo.tests import JsonRpcException, freeze_time, tagged
from odoo.tools import mute_logger

from .common import MANAGER_GROUPS, NOW, QueueJobHttpCommon
from .common_alert import SECRET, AlertCommon

URL = "https://hooks.example.com/T0/B0/very-secret-path"


@tagged("post_install", "-at_install")
class TestAlertSecurity(AlertCommon):
    """Companies, as the ORM holds them."""

    def test_alerts_of_a_company_are_for_its_people(self):
        other = self.create_company("Other Company")
        stranger = self.create_user("stranger", MANAGER_GROUPS, company=other)
        self.target.user_ids = [Command.link(stranger.id)]
        alerts = self.env["queue.job.alert"]
        ours, everyones = alerts.create(
            [
                {
                    "rule_id": self.rule("waiting").id,
                    "severity": "warning",
                    "company_id": company.id,
                    "details": {"channel": "root", "jobs": 1, "paused": False},
                    "date_opened": NOW,
                    "subject": f"company:{company.id}",
                }
                for company in (self.company, self.env["res.company"])
            ]
        )
        elsewhere = {"allowed_company_ids": other.ids}
        everyones.with_user(stranger).with_context(**elsewhere).read(["name"])
        foreign = ours.with_user(stranger).with_context(**elsewhere)
        with self.assertRaises(AccessError):
            foreign.read(["name"])
        with self.assertRaises(AccessError):
            foreign.action_acknowledge()
        self.env["queue.job.alert.delivery"]._prepare(ours, ours.date_opened)
        self.assertEqual(ours.delivery_ids.user_id, self.manager)

    def test_who_may_not_see_alerts_gets_no_to_do(self):
        self.target.user_ids = [Command.link(self.plain_user.id)]
        self.stuff()
        self.assertEqual(self.watch(0).activity_ids.user_id, self.manager)


@freeze_time(NOW)
@tagged("post_install", "-at_install")
class TestAlertRpc(QueueJobHttpCommon):
    """What people can do from outside, each as the web client would ask for it."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.system = cls.create_user("sysadmin", f"base.group_system,{MANAGER_GROUPS}")
        export = cls.env.ref("base.group_allow_export")
        (cls.manager | cls.system).group_ids = [Command.link(export.id)]
        cls.target = cls.env["queue.job.alert.target"].create(
            {
                "name": "Hook",
                "type": "webhook",
                "webhook_url": URL,
                "webhook_secret": SECRET,
            }
        )
        cls.rule = cls.env.ref("queue_job_operations.queue_job_alert_rule_waiting")
        cls.alert = cls.env["queue.job.alert"].create(
            {
                "rule_id": cls.rule.id,
                "severity": "warning",
                "subject": "root",
                "details": {
                    "jobs": 1,
                    "channel": "root",
                    "paused": False,
                    "until": NOW,
                },
                "date_opened": NOW,
            }
        )
        cls.delivery = cls.env["queue.job.alert.delivery"].create(
            {
                "alert_id": cls.alert.id,
                "target_id": cls.target.id,
                "event": "opened",
                "date_due": NOW,
            }
        )
        cls.secret = cls.env["queue.job.alert.secret"]

    def login(self, user):
        self.authenticate(user.login, user.login)

    def refused(self, records, method, *args):
        with mute_logger("odoo.http"), self.assertRaises(JsonRpcException) as caught:
            if records:
                self.rpc(records, method, *args)
            else:
                self.rpc_model(records, method, *args)
        self.assertIn("AccessError", str(caught.exception))

    def test_who_is_no_manager_sees_nothing(self):
        self.login(self.plain_user)
        for records in (self.alert, self.rule, self.target, self.delivery):
            with self.subTest(model=records._name):
                self.refused(records, "read", ["display_name"])
        self.refused(self.alert, "action_acknowledge")
        self.refused(self.alert, "action_open_list")
        self.refused(self.target, "action_test")

    def test_managers_acknowledge_and_change_rules(self):
        self.login(self.manager)
        self.rpc(self.rule, "write", {"threshold": 20})
        self.rpc(self.alert, "action_acknowledge")
        self.env.invalidate_all()
        self.assertEqual(self.alert.acknowledged_by, self.manager)
        self.assertEqual(self.rule.threshold, 20)

    def test_nobody_writes_alerts_and_deliveries_by_hand(self):
        for user in (self.manager, self.system):
            self.login(user)
            self.refused(self.alert, "write", {"state": "resolved"})
            self.refused(self.alert, "unlink")
            self.refused(self.delivery, "write", {"target_id": 1})
            self.refused(self.delivery.browse(), "create", [{"event": "test"}])

    def test_private_methods_are(self):
        self.login(self.system)
        for records, name in (
            (self.target, "_get_webhook"),
            (self.rule.browse(), "_cron_watch"),
            (self.rule, "_evaluate_waiting"),
        ):
            self.refused(records, name)

    def everything(self, records):
        """All that a person can read of records, as one text."""
        names = list(self.rpc_model(records, "fields_get"))
        specification = {name: {} for name in names}
        return "".join(
            map(
                str,
                (
                    self.rpc(records, "read", names),
                    self.rpc(records, "web_read", specification=specification),
                    self.rpc(records, "export_data", names),
                    self.rpc(records, "read", ["display_name"]),
                ),
            )
        )

    def test_address_and_secret_are_write_only(self):
        self.login(self.manager)
        self.rpc(self.target, "write", {"name": "Renamed"})
        seen = self.everything(self.target) + self.everything(self.delivery)
        self.assertNotIn("very-secret-path", seen)
        self.assertNotIn(SECRET, seen)
        self.assertIn("hooks.example.com", seen)
        (values,) = self.rpc(self.target, "read", ["key_source"])
        self.assertEqual(values["key_source"], "stored")
        self.assertEqual(self.target._get_webhook(), (URL, SECRET))

    def test_who_administers_the_server_reads_the_address_alone(self):
        self.login(self.system)
        (values,) = self.rpc(self.target, "read", ["webhook_url", "webhook_secret"])
        self.assertEqual(values["webhook_url"], URL)
        self.assertFalse(values["webhook_secret"])
        self.assertNotIn(SECRET, self.everything(self.target))

    def test_nobody_reaches_the_secrets_themselves(self):
        for user in (self.manager, self.system):
            self.login(user)
            self.refused(self.secret, "search_read", [])
            self.refused(self.secret, "create", [{"target_id": self.target.id}])
            self.refused(self.secret, "formatted_read_group", [], ["url"])

    def test_only_who_administers_odoo_says_where_the_server_sends(self):
        self.login(self.manager)
        for url in ("http://127.0.0.1:8069/", False):
            self.refused(self.target, "write", {"webhook_url": url})
        vals = {"name": "New", "type": "webhook"}
        self.refused(self.target.browse(), "create", [vals])
        vals["webhook_url"] = "http://127.0.0.1:8069/"
        self.refused(self.target.browse(), "create", [vals])
        self.rpc(self.target, "write", {"webhook_format": "slack", "quiet_from": 22})
        self.env.invalidate_all()
        self.assertEqual(self.target._get_webhook(), (URL, SECRET))
        views = self.rpc_model(self.target, "get_views", [[False, "form"]])
        form = views["views"]["form"]["arch"]
        self.assertNotIn("webhook_url", form)
        self.assertIn("webhook_host", form)

    def test_a_new_address_does_not_get_the_old_secret(self):
        self.login(self.system)
        self.rpc(self.target, "write", {"webhook_url": "https://mine.example.com"})
        self.env.invalidate_all()
        self.assertEqual(self.target._get_webhook(), ("https://mine.example.com", None))
        self.rpc(self.target, "write", {"webhook_secret": "new"})
        self.env.invalidate_all()
        self.assertEqual(
            self.target._get_webhook(), ("https://mine.example.com", "new")
        )

    def test_a_secret_cannot_be_searched_for(self):
        self.login(self.manager)
        for name in ("webhook_secret", "webhook_url"):
            with mute_logger("odoo.http"), self.assertRaises(JsonRpcException):
                self.rpc_model(self.target, "search_count", [(name, "=like", "s%")])

    def test_a_copy_is_refused(self):
        self.login(self.manager)
        with mute_logger("odoo.http"), self.assertRaises(JsonRpcException):
            self.rpc(self.target, "copy")
