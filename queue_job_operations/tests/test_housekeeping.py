# Copyright 2026 The ai_queue contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
from datetime import timedelta
from unittest.mock import patch

from odoo.exceptions import ValidationError
from odoo.tests import Form, tagged

from ..models import queue_job_housekeeping as housekeeping
from .common import QueueJobCommon
from .common_housekeeping import NOW, HousekeepingMixin

ALERT_DAYS = "queue_job_operations.alert_days"
HOUR_DAYS = "queue_job_operations.hour_days"


class HousekeepingCommon(HousekeepingMixin, QueueJobCommon):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.alerts = cls.env["queue.job.alert"]
        cls.alerts.search([]).unlink()
        cls.env["queue.job.alert.delivery"].search([]).unlink()

    def set_days(self, days):
        """For how long alerts are kept."""
        self.env["ir.config_parameter"].set_param(ALERT_DAYS, str(days))

    def create_alerts(self, *days):
        """An alert each that was over so many days ago; None: it is not."""
        rule = self.env["queue.job.alert.rule"].search([], limit=1)
        return self.alerts.create(
            [
                {
                    "rule_id": rule.id,
                    "severity": "warning",
                    "subject": str(number),
                    "state": "open" if ago is None else "resolved",
                    "date_opened": NOW - timedelta(days=9000),
                    "date_resolved": ago is not None and NOW - timedelta(days=ago),
                }
                for number, ago in enumerate(days)
            ]
        )


@tagged("post_install", "-at_install")
class TestHousekeeping(HousekeepingCommon):
    def test_alerts_with_what_was_told_of_them(self):
        target = self.env["queue.job.alert.target"].search([], limit=1)
        alerts = self.create_alerts(91, 89, None)
        told = self.env["queue.job.alert.delivery"].create(
            {
                "alert_id": alerts[0].id,
                "target_id": target.id,
                "event": "opened",
                "date_due": NOW,
            }
        )
        self.tidy_up()
        self.assertGone(alerts, alerts[1:])
        self.assertGone(told)

    def test_test_messages_go_after_a_week(self):
        target = self.env["queue.job.alert.target"].search([], limit=1)
        young, old = self.env["queue.job.alert.delivery"].create(
            [
                {
                    "target_id": target.id,
                    "event": "test",
                    "date_due": NOW - timedelta(days=days),
                }
                for days in (6, 8)
            ]
        )
        self.tidy_up()
        self.assertGone(young | old, young)

    def test_the_setting_says_when(self):
        alerts = self.create_alerts(10, 40)
        self.set_days(30)
        self.tidy_up()
        self.assertGone(alerts, alerts[0])
        self.set_days(0)
        self.age(alerts[0], "date_resolved", 9000)
        self.tidy_up()
        self.assertTrue(alerts[0].exists())

    def test_what_somebody_has_locked_is_left_for_the_next_night(self):
        """And not waited for; on the same cursor a lock would not be seen."""
        executed = []
        execute = type(self.env.cr).execute

        def note(cursor, query, *args, **kwargs):
            executed.append(getattr(query, "code", query))
            return execute(cursor, query, *args, **kwargs)

        self.create_alerts(91)
        with patch.object(type(self.env.cr), "execute", note):
            self.tidy_up()
        takes = [query for query in executed if "FOR UPDATE OF old" in query]
        self.assertTrue(takes)
        for query in takes:
            self.assertIn("SKIP LOCKED", query)
            self.assertIn("LIMIT", query)


@tagged("post_install", "-at_install")
class TestHousekeepingCron(HousekeepingCommon):
    def setUp(self):
        super().setUp()
        # Other rows may be old as well, of whatever addon.
        keeper = self.registry["queue.job.housekeeping"]
        retentions = [
            each
            for each in self.env["queue.job.housekeeping"]._get_retentions()
            if each.model == "queue.job.alert"
        ]
        self.patch(keeper, "_get_retentions", lambda keeper: retentions)

    def tidy(self, seconds):
        """Run the cron, which has so many seconds left whenever it asks.

        :return: what it told: [(processed, remaining, how many alerts are left)]
        """
        told = []

        def commit_progress(_cron, processed=0, *, remaining=None, **_kwargs):
            told.append((processed, remaining, self.alerts.search_count([])))
            return seconds

        self.env.flush_all()
        crons = self.registry["ir.cron"]
        with (
            patch.object(housekeeping, "BATCH", 2),
            patch.object(crons, "_commit_progress", commit_progress),
        ):
            self.env["queue.job.housekeeping"]._cron_tidy()
        return told

    def test_each_batch_is_committed_and_counted(self):
        self.create_alerts(*range(100, 105))
        told = self.tidy(60.0)
        self.assertEqual(told, [(0, 1, 5), (2, 1, 3), (2, 1, 1), (1, 1, 0), (0, 0, 0)])

    def test_it_stops_when_its_time_is_over(self):
        alerts = self.create_alerts(*range(100, 105))
        told = self.tidy(0.0)
        # What is left brings it back: Odoo looks at the last number.
        self.assertEqual(told, [(0, 1, 5), (2, 1, 3)])
        self.tidy_up()
        self.assertGone(alerts)


@tagged("post_install", "-at_install")
class TestHousekeepingSettings(HousekeepingCommon):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.admin = cls.create_user(
            "admin_of_days", f"base.group_system,{cls.manager_groups}"
        )
        cls.settings = cls.env["res.config.settings"].with_user(cls.admin)
        cls.keeper = cls.env["queue.job.housekeeping"]

    def test_one_night_is_one_cron(self):
        """Those of other addons as well: no vacuum of their own."""
        cron = self.env.ref("queue_job_operations.ir_cron_housekeeping")
        self.assertEqual((cron.interval_number, cron.interval_type), (1, "days"))
        models = {retention.model for retention in self.keeper._get_retentions()}
        vacuums = [
            (model, name)
            for model in models
            for name in dir(type(self.env[model]))
            if name.startswith("_gc_")
        ]
        self.assertFalse(vacuums)

    def test_a_zero_is_kept(self):
        with Form(self.settings) as form:
            self.assertEqual(form.queue_job_alert_days, 90)
            form.queue_job_alert_days = 0
            form.queue_job_hour_days = 200
        form.record.execute()
        form = Form(self.settings)
        self.assertEqual(form.queue_job_alert_days, 0)
        self.assertEqual(form.queue_job_hour_days, 200)
        self.assertEqual(self.keeper._get_days(ALERT_DAYS), 0)
        self.assertEqual(self.keeper._get_days(HOUR_DAYS), 200)

    def test_less_than_zero_is_refused(self):
        for name in ("queue_job_alert_days", "queue_job_hour_days"):
            with self.subTest(name), self.assertRaises(ValidationError) as caught:
                self.settings.create({name: -1})
            label = self.settings._fields[name].string
            self.assertIn(label, str(caught.exception))

    def test_every_setting_has_its_default_and_its_place(self):
        """Those of other addons as well."""
        defaults = self.keeper._get_default_days()
        self.assertEqual(self.shown_days(), defaults)
        used = {retention.setting for retention in self.keeper._get_retentions()}
        self.assertEqual(used - {None}, set(defaults))
        self.assertEqual((defaults[ALERT_DAYS], defaults[HOUR_DAYS]), (90, 400))

    def test_nonsense_in_the_parameters_is_not_believed(self):
        for nonsense in ("soon", "-3", "1.5", ""):
            self.set_days(nonsense)
            self.assertEqual(self.keeper._get_days(ALERT_DAYS), 90, nonsense)
