# Copyright 2026 The ai_queue contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
import logging
from datetime import timedelta
from unittest.mock import patch

import psycopg2

from odoo.exceptions import UserError, ValidationError
from odoo.tests import tagged
from odoo.tools import SQL

from .common_alert import CHANNEL, START, AiQueueAlertCommon

RULE_LOGGER = "odoo.addons.queue_job_operations.models.queue_job_alert_rule"


@tagged("post_install", "-at_install")
class TestAlertRules(AiQueueAlertCommon):
    """Each rule: when it is an alert, what it says and lists, when it is over."""

    def assert_alert(self, alerts, rule, name, value=None):
        self.assertEqual(alerts.rule_id, self.rule(rule))
        self.assertEqual(len(alerts), 1)
        self.assertIn(name, alerts.name)
        if value is not None:
            self.assertAlmostEqual(alerts.value, value, 1)

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

    def test_jobs_are_found_dead(self):
        given_up = self.add_jobs(
            1, "failed", made=-50, date_state=-30, exc_name="JobFoundDead"
        )
        self.add_jobs(1, "failed", made=-50, date_state=-30, exc_name="UserError")
        run = self.press(self.create_products(1))
        again = self.queue_jobs(run)
        for outcome in ("killed", "done"):
            self.env.cr.execute(
                SQL(
                    """
                    INSERT INTO ai_queue_run_attempt
                           (run_id, run_job_id, date_started, date_ended, outcome)
                    VALUES (%s, %s, %s, %s, %s)
                    """,
                    run.id,
                    run.job_ids.id,
                    START - timedelta(minutes=9),
                    START - timedelta(minutes=8),
                    outcome,
                )
            )
        alert = self.watch(0)
        self.assert_alert(alert, "dead", "found dead: 2", 2)
        self.assertIn("Of these jobs 1 died too often", alert.advice)
        self.assertEqual(self.listed(alert), given_up | again)
        self.set_state(again, "done", date_done=1)
        self.assertFalse(self.watch(60))

    def test_more_comes_in_than_ends(self):
        waiting = self.add_jobs(70, made=-50) | self.add_jobs(70, made=-10)
        self.rule("waiting").active = False
        self.add_jobs(20, "done", made=-55, date_done=-40)
        self.add_jobs(20, "done", made=-55, date_done=-20)
        alert = self.watch(0)
        self.assert_alert(alert, "backlog", "waiting jobs: 140", 350)
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
        self.assert_alert(alert, "setup", "works without AI Queue")
        self.assertFalse(alert.has_list)
        self.assertFalse(self.watch(1))

    # ------------------------------------------------------------
    # PROVIDERS AND BUDGETS
    # ------------------------------------------------------------

    def test_a_provider_is_paused(self):
        provider = self.env["ai.queue.provider"].create(
            {"name": "Far", "base_url": "http://127.0.0.1:1/v1", "breaker_failures": 1}
        )
        provider.state_ids._note_failed("It did not answer.", "read_timeout")
        alert = self.watch(0)
        self.assert_alert(alert, "breaker", "The provider Far does not answer")
        self.assertIn("It did not answer.", alert.advice)
        action = alert.with_user(self.manager).action_open_list()
        self.assertEqual(action["res_id"], provider.id)
        provider.state_ids._reset()
        self.assertFalse(self.watch(1))

    def wait_for(self, what, record):
        """A job of a run that was put off until a provider or a budget is there."""
        run = self.env["ai.queue.run"].create({"name": "Work", "kind": "forecast"})
        return self.env["ai.queue.run.job"].create(
            {
                "run_id": run.id,
                "queue_job_uuid": f"{what} {record.id}",
                "res_model": "product.product",
                "state": "pending",
                "waits_for": f"{what}:{record.id}",
            }
        )

    def test_a_pause_that_is_past_holds_as_long_as_somebody_waits(self):
        provider = self.env["ai.queue.provider"].create(
            {"name": "Far", "base_url": "http://127.0.0.1:1/v1", "breaker_failures": 1}
        )
        provider.state_ids._note_failed("It did not answer.", "read_timeout")
        job = self.wait_for("breaker", provider)
        self.assert_alert(self.watch(0), "breaker", "Far does not answer")
        self.assert_alert(self.watch(60), "breaker", "Far does not answer")
        self.assertEqual(provider.state_ids.breaker_state, "open")
        job.write({"state": "cancelled", "waits_for": False})
        self.assertFalse(self.watch(61))

    def test_a_pause_that_nobody_waits_for_is_over_in_time(self):
        provider = self.env["ai.queue.provider"].create(
            {"name": "Far", "base_url": "http://127.0.0.1:1/v1", "breaker_failures": 1}
        )
        provider.state_ids._note_failed("It did not answer.", "read_timeout")
        self.assert_alert(self.watch(0), "breaker", "Far does not answer")
        self.assertFalse(self.watch(60))
        self.assertEqual(provider.state_ids.breaker_state, "open")

    def spend(self, cost):
        provider = self.env.ref("ai_queue.ai_queue_provider_local")
        self.env.cr.execute(
            SQL(
                """
                INSERT INTO ai_queue_call (key, state, provider_id, company_id, user_id,
                                           model, date, budget_date, cost, tokens, kind)
                VALUES ('x', 'answered', %s, %s, 1, 'm', %s, %s, %s, 10, 'forecast')
                """,
                provider.id,
                self.company.id,
                START,
                START.date(),
                cost,
            )
        )
        return self.env["ai.queue.budget"]._lock_today(self.company)

    def test_a_budget_is_used(self):
        self.company.ai_queue_budget_cost = 10
        self.spend(7.9)
        self.assertFalse(self.watch(0))
        self.spend(0.2)
        alert = self.watch(1)
        self.assert_alert(alert, "budget_80", "Trading Post: 81 % used", 81)
        self.assertEqual(alert.company_id, self.company)
        self.assertEqual(len(self.listed(alert)), 2)
        self.spend(2)
        alerts = self.watch(2)
        self.assertEqual(
            alerts.rule_id, self.rule("budget_80") | self.rule("budget_100")
        )
        self.assertIn("is used up", alerts[0].name)
        self.company.ai_queue_budget_cost = 100
        self.assertFalse(self.watch(3))

    def test_a_budget_that_a_question_does_not_fit_into_is_used_up(self):
        self.company.ai_queue_budget_cost = 10
        self.spend(7).is_used_up = True
        self.wait_for("budget", self.company)
        alerts = self.watch(0)
        self.assertIn(self.rule("budget_100"), alerts.rule_id)
        self.env["ai.queue.budget"].search([]).is_used_up = False
        self.assertFalse(self.watch(1))

    def test_a_budget_that_nobody_waits_for_is_not_used_up(self):
        self.company.ai_queue_budget_cost = 10
        self.spend(7).is_used_up = True
        job = self.wait_for("budget", self.company)
        self.assertTrue(self.watch(0))
        self.company.ai_queue_budget_cost = 100
        self.commit()
        self.assertEqual(job.waits_for, "woken")
        self.assertFalse(self.watch(1))

    def test_the_next_day_has_a_budget_of_its_own(self):
        self.company.ai_queue_budget_tokens = 10
        self.spend(0)
        self.assertTrue(self.watch(0))
        self.assertFalse(self.watch(12 * 60))

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
            limit(rule, 0.05)

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
        for vals in ({"threshold": -1}, {"window": 0}, {"cooldown": -1}):
            with self.subTest(**vals), self.assertRaises(ValidationError):
                self.rule("failures").write(vals)

    def test_every_code_has_its_methods(self):
        rules, alerts = self.env["queue.job.alert.rule"], self.env["queue.job.alert"]
        for code in rules._fields["code"].get_values(self.env):
            for model, name in (
                (rules, "_evaluate"),
                (alerts, "_describe"),
                (alerts, "_get_action"),
            ):
                self.assertTrue(hasattr(model, f"{name}_{code}"), (name, code))
