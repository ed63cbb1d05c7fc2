# Copyright 2026 The ai_queue contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
import logging
from unittest.mock import patch

import psycopg2

from odoo.exceptions import UserError, ValidationError
from odoo.tests import tagged

from .common_alert import CHANNEL, AlertCommon

RULE_LOGGER = "odoo.addons.queue_job_operations.models.queue_job_alert_rule"


@tagged("post_install", "-at_install")
class TestAlertRules(AlertCommon):
    """Each rule: when it is an alert, what it says and lists, when it is over."""

    def test_all_is_well(self):
        self.add_jobs(3, made=-5)
        self.add_jobs(30, "done", made=-40, date_done=-30)
        self.add_jobs(1, "failed", made=-40, date_state=-30)
        self.assertFalse(self.watch(0))

    # ------------------------------------------------------------
    # WAITING
    # ------------------------------------------------------------

    def test_jobs_wait_too_long(self):
        old = self.add_jobs(2, made=-12) | self.add_jobs(1, "enqueued", made=-11)
        self.add_jobs(4, made=-3)
        alert = self.watch(0)
        self.assert_alert(
            alert,
            "waiting",
            "Jobs wait in root.of_alerts: 3, the oldest for 12 min",
            12,
        )
        self.assertEqual(alert.subject, CHANNEL)
        self.assertEqual(self.listed(alert), old)
        self.set_state(old, "done", date_done=1)
        self.assertFalse(self.watch(1))
        self.assertEqual(alert.state, "resolved")

    def test_what_cannot_run_yet_does_not_wait(self):
        self.add_jobs(1, made=-60, eta=5)
        self.add_jobs(1, "wait_dependencies", made=-60)
        self.add_jobs(1, "started", made=-60)
        # Put off until a while ago, and queued again by hand.
        self.add_jobs(1, made=-60, eta=-4)
        self.add_jobs(1, made=-9000, date_state=-1)
        self.assertFalse(self.watch(0))

    def test_each_channel_is_an_alert(self):
        self.add_jobs(1, made=-20)
        self.add_jobs(2, made=-20, channel="root")
        alerts = self.watch(0)
        self.assertEqual(set(alerts.mapped("subject")), {CHANNEL, "root"})
        (root,) = alerts.filtered(lambda alert: alert.subject == "root")
        self.assertEqual(len(self.listed(root)), 2)

    def test_a_paused_channel_says_so(self):
        root = self.env.ref("queue_job.channel_root")
        channels = self.env["queue.job.channel"]
        channel = channels.create({"name": "of_alerts", "parent_id": root.id})
        self.stuff()
        self.assertNotIn("paused", self.watch(0).advice)
        channel.action_pause()
        self.assertIn("paused", self.watch(1).advice)

    def test_the_threshold_is_data(self):
        self.stuff()
        self.rule("waiting").threshold = 16
        self.assertFalse(self.watch(0))
        self.assertTrue(self.watch(1))

    # ------------------------------------------------------------
    # FAILURES, DEAD JOBS, BACKLOG
    # ------------------------------------------------------------

    def test_too_many_jobs_fail(self):
        self.add_jobs(18, "done", made=-50, date_done=-30)
        failed = self.add_jobs(2, "failed", made=-50, date_state=-30)
        self.add_jobs(9, "failed", made=-90, date_state=-70)
        self.add_jobs(9, "done", made=-90, date_done=-70)
        alert = self.watch(0)
        self.assert_alert(alert, "failures", "root.of_alerts: 2 of 20 in 60 min", 10)
        self.assertEqual(self.listed(alert), failed)
        self.set_state(failed, "pending", date_state=1)
        self.assertFalse(self.watch(1))

    def test_few_jobs_say_nothing(self):
        self.add_jobs(19, "failed", made=-50, date_state=-30)
        self.assertFalse(self.watch(0))

    def test_five_percent_are_enough_and_less_is_not(self):
        self.add_jobs(1, "failed", made=-50, date_state=-30)
        done = self.add_jobs(20, "done", made=-50, date_done=-30)
        self.assertFalse(self.watch(0))
        self.set_state(done[:1], "done", date_done=-90)
        self.assertTrue(self.watch(1))

    def test_failures_in_a_row_are_few_of_the_hour(self):
        self.add_jobs(1960, "done", made=-60, date_done=-20)
        failed = self.add_jobs(40, "failed", made=-60, date_state=-2)
        self.add_jobs(300, "done", made=-60, date_done=-1, channel="root.other")
        alert = self.watch(0)
        self.assert_alert(alert, "failures", "root.of_alerts: 40 of 40 in 5 min", 100)
        self.assertEqual(self.listed(alert), failed)
        self.assertFalse(self.watch(4) - alert)
        # Many of those that ended since went well: the hour is as it always was.
        self.add_jobs(161, "done", made=0, date_done=2)
        self.assertFalse(self.watch(5))

    def test_where_few_jobs_end_the_short_window_reaches_back(self):
        self.add_jobs(980, "done", made=-60, date_done=-50)
        older = self.add_jobs(10, "failed", made=-60, date_state=-40)
        failed = self.env["queue.job"].union(
            *(
                self.add_jobs(1, "failed", made=-60, date_state=-minute)
                for minute in range(1, 21)
            )
        )
        alert = self.watch(0)
        self.assert_alert(alert, "failures", "root.of_alerts: 20 of 20 in 20 min", 100)
        self.assertEqual(self.listed(alert), failed)
        self.assertFalse(older & self.listed(alert))

    def test_some_failures_in_the_short_window_are_none_of_its_business(self):
        self.add_jobs(300, "done", made=-60, date_done=-20)
        self.add_jobs(17, "done", made=-60, date_done=-2)
        self.add_jobs(3, "failed", made=-60, date_state=-2)
        self.assertFalse(self.watch(0))
        self.rule("failures").short_threshold = 15
        alert = self.watch(1)
        self.assert_alert(alert, "failures", "root.of_alerts: 3 of 20 in 5 min", 15)
        self.rule("failures").short_window = 0
        self.assertFalse(self.watch(2))

    def test_jobs_are_found_dead(self):
        given_up = self.add_jobs(
            1, "failed", made=-50, date_state=-30, exc_name="JobFoundDead"
        )
        self.add_jobs(1, "failed", made=-50, date_state=-30, exc_name="UserError")
        alert = self.watch(0)
        self.assert_alert(alert, "dead", "found dead: 1", 1)
        self.assertIn("1 of these jobs were killed too often", alert.advice)
        self.assertEqual(self.listed(alert), given_up)
        self.set_state(given_up, "done", date_done=1)
        self.assertFalse(self.watch(1))

    def test_more_comes_in_than_ends(self):
        waiting = self.add_jobs(70, made=-50) | self.add_jobs(70, made=-10)
        self.rule("waiting").active = False
        self.add_jobs(20, "done", made=-55, date_done=-40)
        self.add_jobs(20, "done", made=-55, date_done=-20)
        alert = self.watch(0)
        self.assert_alert(alert, "backlog", "waiting: 140", 350)
        self.assertIn("In 60 min, 180 jobs arrived and 40 finished", alert.advice)
        self.assertEqual(self.listed(alert), waiting)
        self.set_state(waiting[:100], "done", date_done=1)
        self.assertFalse(self.watch(1))

    def test_one_large_batch_is_no_growing_backlog(self):
        self.rule("waiting").active = False
        self.add_jobs(300, made=-50)
        self.add_jobs(20, "done", made=-55, date_done=-20)
        self.assertFalse(self.watch(0))

    def test_what_is_for_later_is_no_backlog(self):
        self.add_jobs(200, made=-50, eta=600)
        self.add_jobs(200, made=-5, eta=600)
        self.assertFalse(self.watch(0))

    # ------------------------------------------------------------
    # RUNNER
    # ------------------------------------------------------------

    def test_no_job_runner(self):
        jobs = self.add_jobs(2, made=0)
        self.assertFalse(self.watch(1, beats=False))
        alert = self.watch(3, beats=False)
        self.assert_alert(alert, "runner", "No job runner for 3 min; waiting jobs: 2")
        self.assertEqual(alert.severity, "critical")
        self.assertEqual(self.listed(alert), jobs)
        self.assertFalse(self.watch(4))
        self.assertEqual(alert.state, "resolved")

    def test_where_there_never_was_a_runner_it_matters_when_jobs_wait(self):
        self.env.cr.execute("DELETE FROM queue_job_runner")
        self.assertFalse(self.watch(0, beats=False))
        self.add_jobs(1, made=0)
        self.assertFalse(self.watch(1, beats=False))
        alert = self.watch(2, beats=False)
        self.assert_alert(alert, "runner", "No job runner for 2 min")
        self.assertIn("server_wide_modules", alert.advice)

    def test_a_runner_without_the_addon(self):
        runner = self.registry["queue.job.runner"]
        with patch.object(runner, "_get_problem", lambda self: "foreign"):
            alert = self.watch(0)
        self.assert_alert(alert, "setup", "runs without queue_job_operations")
        self.assertFalse(alert.has_list)
        self.assertFalse(self.watch(1))

    # ------------------------------------------------------------
    # RULES THEMSELVES
    # ------------------------------------------------------------

    def test_what_a_rule_looks_at_is_what_its_alerts_are_about(self):
        rule = self.rule("waiting")
        rule.copy({"code": "runner"}).code = "backlog"
        self.stuff()
        alert = self.watch(0)
        for _state in ("open", "over"):
            with self.assertRaises(UserError):
                rule.with_user(self.manager).code = "runner"
            alert._resolve()
        rule.with_user(self.manager).write({"code": "waiting", "threshold": 20})
        self.assertEqual(rule.threshold, 20)

    def test_a_rule_that_cannot_be_evaluated_stops_no_other(self):
        self.stuff()
        alert = self.watch(0)
        rules = self.registry["queue.job.alert.rule"]

        def fail(rule, now):
            rule.env.cr.execute("SELECT pg_sleep(5)")

        def impatient(rule, seconds, limit=rules._limit_time):
            # The others have as long as always: the machine may be busy.
            limit(rule, 0.05 if rule.code == "waiting" else seconds)

        with (
            patch.object(rules, "_evaluate_waiting", fail),
            patch.object(rules, "_limit_time", impatient),
            self.assertLogs(RULE_LOGGER, logging.ERROR),
        ):
            still = self.watch(3, beats=False)
        self.assertEqual(len(still), 2, "The alert of before, and that of the runner.")
        self.assertIn(alert, still)
        self.assertIn("timeout", self.rule("waiting").error)
        self.watch(4)
        self.assertFalse(self.rule("waiting").error)

    def test_who_acknowledges_at_the_same_moment_is_no_error(self):
        self.stuff()
        rules = self.registry["queue.job.alert.rule"]

        def collide(rule, now):
            raise psycopg2.errors.SerializationFailure

        with patch.object(rules, "_evaluate_waiting", collide):
            self.assertFalse(self.watch(0))
        self.assertFalse(self.rule("waiting").error)
        self.assertTrue(self.watch(1))

    def test_a_rule_that_is_switched_off_ends_its_alerts(self):
        self.stuff()
        alert = self.watch(0)
        self.rule("waiting").with_user(self.manager).active = False
        self.assertEqual(alert.state, "resolved")
        self.assertFalse(self.watch(1))

    def test_a_rule_takes_its_alerts_and_their_to_dos_along(self):
        self.stuff()
        alert = self.watch(0)
        activity = alert.activity_ids
        self.assertTrue(activity)
        self.rule("waiting").with_user(self.manager).unlink()
        self.assertFalse(alert.exists() or activity.exists())

    def test_several_rules_of_one_kind(self):
        rule = self.rule("waiting").copy(
            {"name": "An hour", "threshold": 60, "severity": "critical"}
        )
        self.stuff()
        self.assertEqual(self.watch(0).rule_id, self.rule("waiting"))
        self.assertEqual(self.watch(50).rule_id, self.rule("waiting") | rule)
        self.assertEqual(rule.active_count, 1)
        action = rule.with_user(self.manager).action_open_alerts()
        alerts = self.env["queue.job.alert"].search(action["domain"])
        self.assertEqual(alerts.rule_id, rule)

    def test_numbers_that_make_no_sense_are_refused(self):
        for vals in (
            {"threshold": -1},
            {"window": 0},
            {"cooldown": -1},
            {"short_window": -1},
            {"short_window": 60},
            {"short_threshold": -1},
        ):
            with self.subTest(**vals), self.assertRaises(ValidationError):
                self.rule("failures").write(vals)
        self.rule("backlog").window = 3

    def test_every_code_has_its_methods(self):
        rules, alerts = self.env["queue.job.alert.rule"], self.env["queue.job.alert"]
        for code in rules._fields["code"].get_values(self.env):
            for model, name in (
                (rules, "_evaluate"),
                (alerts, "_describe"),
                (alerts, "_get_action"),
            ):
                self.assertTrue(hasattr(model, f"{name}_{code}"), (name, code))
