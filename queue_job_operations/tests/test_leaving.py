# Copyright 2026 The ai_queue contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
import os
from unittest.mock import patch

from odoo.tests import tagged
from odoo.tools import file_open

from .common_alert import SECRET, AlertCommon, Receivers


@tagged("post_install", "-at_install")
class TestLeaving(Receivers, AlertCommon):
    """What a copy of the database leaves behind."""

    def test_a_neutralized_copy_sends_nothing(self):
        hook = self.create_webhook()
        mail = self.create_target("Mail", "email", emails="oncall@example.com")
        self.stuff()
        job = self.delay()
        done = self.add_jobs(1, "done", date_done=-1)
        alert = self.env["queue.job.alert"].create(
            {
                "rule_id": self.rule("waiting").id,
                "severity": "warning",
                "details": {"channel": "root", "jobs": 1, "paused": False},
                "date_opened": "2026-03-18 12:00:00",
            }
        )
        self.env["queue.job.alert.delivery"]._prepare(alert, alert.date_opened)
        self.assertEqual(set(alert.delivery_ids.mapped("state")), {"waiting"})
        self.env.flush_all()
        with file_open("queue_job_operations/data/neutralize.sql") as file:
            self.env.cr.execute(file.read())
        self.env.invalidate_all()
        self.assertEqual((job.state, done.state), ("cancelled", "done"))
        self.assertEqual(set(alert.delivery_ids.mapped("state")), {"dropped"})
        self.assertEqual((hook | mail).mapped("active"), [False, False])
        outside = {"QUEUE_JOB_SECRET_HOOK": SECRET, "QUEUE_JOB_URL_HOOK": self.hook.url}
        with patch.dict(os.environ, outside):
            self.assertEqual(hook._get_webhook(), (False, None))
        self.watch(1)
        self.assertFalse(self.hook.requests)
        self.assertFalse(self.mail.mails)
