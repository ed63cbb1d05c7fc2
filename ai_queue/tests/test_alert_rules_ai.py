# Copyright 2026 The ai_queue contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
from datetime import timedelta

from odoo.tests import tagged
from odoo.tools import SQL

from odoo.addons.queue_job_operations.tests.common_alert import START

from .common_operations import AiQueueAlertCommon


@tagged("post_install", "-at_install")
class TestAlertRulesOfAi(AiQueueAlertCommon):
    """The rules about providers and budgets, and what runs add to the others."""

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
        self.assertIn("1 of these jobs were killed too often", alert.advice)
        self.assertEqual(self.listed(alert), given_up | again)
        self.set_state(again, "done", date_done=1)
        self.assertFalse(self.watch(60))

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
        # The stricter rule takes over: people are told once of the same thing.
        self.assert_alert(self.watch(2), "budget_100", "is used up", 101)
        self.assertEqual(alert.state, "resolved")
        self.company.ai_queue_budget_cost = 100
        self.assertFalse(self.watch(3))

    def test_a_budget_that_is_used_up_at_once_is_told_once(self):
        self.company.ai_queue_budget_cost = 10
        self.spend(11)
        self.assert_alert(self.watch(0), "budget_100", "is used up", 110)
        self.assertEqual(self.env["queue.job.alert"].search_count([]), 1)

    def test_a_budget_that_is_used_up_is_not_over(self):
        self.company.ai_queue_budget_cost = 10
        said = []
        deliveries = self.registry["queue.job.alert.delivery"]
        self.patch(
            deliveries, "_send_email", lambda line: said.append(line._get_title())
        )
        self.create_target("Mail", "email", emails="oncall@example.com")
        self.spend(8)
        self.watch(0)
        self.spend(2)
        for minute in range(1, 4):
            self.watch(minute)
        self.company.ai_queue_budget_cost = 100
        for minute in range(4, 7):
            self.watch(minute)
        self.assertEqual(
            [title.partition(" Trading Post")[0] for title in said],
            ["AI budget of", "Severe: AI budget of", "Over: AI budget of"],
        )
        self.assertIn("used up", said[-1])

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
