# Copyright 2026 The ai_queue contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
from unittest.mock import patch

from odoo.tests import BaseCase, tagged

from odoo.addons.queue_job.jobrunner import channels, runner

from ..jobrunner.dead_jobs import LOOK_SECONDS

NOW = 1_000_000.0


@tagged("post_install", "-at_install")
class TestDeadJobs(BaseCase):
    """How long the job runner sleeps, and with it a dead job keeps its place."""

    def setUp(self):
        super().setUp()
        self.startPatcher(patch.object(runner, "_odoo_now", lambda: NOW))
        self.manager = channels.ChannelManager()
        self.manager.simple_configure("root:2")

    def postpone(self, seconds):
        """Let a job wait for its next try."""
        self.manager.notify(
            *("db", "root", f"uuid {seconds}", 1, NOW, 10, NOW + seconds, "pending")
        )

    def sleep(self):
        return self.manager.get_wakeup_time() - NOW

    def test_a_quiet_queue_is_looked_after_every_few_seconds(self):
        self.assertEqual(self.sleep(), LOOK_SECONDS)

    def test_a_job_postponed_for_long_hides_no_dead_one(self):
        self.postpone(900)
        self.assertEqual(self.sleep(), LOOK_SECONDS)

    def test_a_job_that_is_due_sooner_is_not_late(self):
        self.postpone(900)
        self.postpone(1)
        self.assertEqual(self.sleep(), 1)
