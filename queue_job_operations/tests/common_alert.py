# Copyright 2026 The ai_queue contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
from datetime import datetime, timedelta
from unittest.mock import patch
from uuid import uuid4

from odoo.fields import Command
from odoo.tests import freeze_time
from odoo.tools import SQL

from .common import NOW, QueueJobCommon
from .receivers import MailReceiver, WebhookReceiver

CHANNEL = "root.of_alerts"
START = datetime.fromisoformat(NOW)
SECRET = "shared-secret-4711"
MORNING = START.replace(hour=7)


class AlertMixin:
    """An empty queue, a job runner that is alive, and one target: administrators.

    Times are given in minutes since ``START``.
    """

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        for table in ("queue_job", "queue_job_runner", "queue_job_alert"):
            cls.env.cr.execute(SQL("DELETE FROM %s", SQL.identifier(table)))
        targets = cls.env["queue.job.alert.target"].with_context(active_test=False)
        targets.search([]).unlink()
        cls.target = cls.create_target("Managers", user_ids=cls.manager.ids)
        cls.rules = cls.env["queue.job.alert.rule"].search([])
        cls.beat(0)

    @classmethod
    def create_target(cls, name, type="activity", user_ids=(), **vals):
        return cls.env["queue.job.alert.target"].create(
            {
                "name": name,
                "type": type,
                "user_ids": [Command.set(list(user_ids))],
                "quiet_tz": "UTC",
                **vals,
            }
        )

    @classmethod
    def beat(cls, minute):
        """The job runner shows up."""
        cls.env.cr.execute(
            SQL(
                "INSERT INTO queue_job_runner (name, pid, date_seen, database_count) "
                "VALUES ('here', 1, %s, 1) ON CONFLICT (name, pid) "
                "DO UPDATE SET date_seen = excluded.date_seen",
                START + timedelta(minutes=minute),
            )
        )
        cls.env["queue.job.runner"].invalidate_model()

    def rule(self, name, module="queue_job_operations"):
        """One of the rules that come with an addon."""
        return self.env.ref(f"{module}.queue_job_alert_rule_{name}")

    def add_jobs(self, count, state="pending", channel=CHANNEL, made=0, **values):
        """Jobs as they are in the table.

        :param made: minute of creation
        :param values: further columns; numbers in those of dates are minutes
        """
        values = {
            name: START + timedelta(minutes=value)
            if name.startswith("date_") or name in ("eta", "date_state")
            else value
            for name, value in {"date_created": made, **values}.items()
        }
        values.update(state=state, channel=channel)
        columns = SQL(", ").join(map(SQL.identifier, ["uuid", *values]))
        uuids = [str(uuid4()) for _number in range(count)]
        for uuid in uuids:
            row = SQL(", ").join(SQL("%s", value) for value in [uuid, *values.values()])
            self.env.cr.execute(
                SQL("INSERT INTO queue_job (%s) VALUES (%s)", columns, row)
            )
        self.env["queue.job"].invalidate_model()
        return self.env["queue.job"].search([("uuid", "in", uuids)])

    def set_state(self, jobs, state, **values):
        for name, value in values.items():
            self.env.cr.execute(
                SQL(
                    "UPDATE queue_job SET %s = %s WHERE id IN %s",
                    SQL.identifier(name),
                    START + timedelta(minutes=value),
                    tuple(jobs.ids),
                )
            )
        self.env.cr.execute(
            SQL(
                "UPDATE queue_job SET state = %s WHERE id IN %s", state, tuple(jobs.ids)
            )
        )
        self.env["queue.job"].invalidate_model()

    def watch(self, minute, beats=True):
        """What the cron does in a minute; returns the alerts that are not over."""
        if beats:
            self.beat(minute)
        self.env.flush_all()
        with freeze_time(START + timedelta(minutes=minute)):
            cron = self.env.ref("queue_job_operations.ir_cron_alerts")
            failure = cron.with_context(allowed_company_ids=[]).method_direct_trigger()
        self.assertIs(failure, True)
        self.env.invalidate_all()
        return self.env["queue.job.alert"].search([("state", "!=", "resolved")])

    def assert_alert(self, alerts, rule, name, value=None):
        """There is one alert alone: of this rule, and its name says so."""
        self.assertEqual(alerts.rule_id, self.rule(rule))
        self.assertEqual(len(alerts), 1)
        self.assertIn(name, alerts.name)
        if value is not None:
            self.assertAlmostEqual(alerts.value, value, 1)

    def listed(self, alert):
        """The records that an alert lists."""
        action = alert.with_user(self.manager).action_open_list()
        return self.env[action["res_model"]].search(action["domain"])

    def stuff(self):
        """A job that has waited for a quarter of an hour, and a rule that minds."""
        return self.add_jobs(1, made=-15)


class AlertCommon(AlertMixin, QueueJobCommon):
    """The base of most tests of alerts."""


class Receivers:
    """A mix-in with a mail server and a webhook that really receive."""

    def setUp(self):
        super().setUp()
        self.hook = self.enterContext(WebhookReceiver())
        self.mail = self.enterContext(MailReceiver())
        servers = self.env["ir.mail_server"]
        servers.search([]).active = False
        servers.create(
            {
                "name": "Here",
                "smtp_host": "127.0.0.1",
                "smtp_port": self.mail.port,
                "smtp_encryption": "none",
            }
        )
        # What keeps tests from sending e-mails to people.
        self.startPatcher(
            patch.object(
                self.registry["ir.mail_server"], "_disable_send", lambda *args: False
            )
        )

    def create_webhook(self, name="Hook", url=None, **vals):
        return self.create_target(
            name,
            "webhook",
            webhook_url=url or self.hook.url,
            webhook_secret=SECRET,
            **vals,
        )
