# Copyright 2026 The ai_queue contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
from datetime import timedelta
from unittest.mock import patch

from odoo.exceptions import AccessError
from odoo.tests import tagged

from odoo.addons.queue_job_operations.models import queue_job_operations_many
from odoo.addons.queue_job_operations.tests.common import MANAGER_GROUPS
from odoo.addons.queue_job_operations.tests.common_alert import START
from odoo.addons.queue_job_operations.tests.common_channel import RunnerMixin
from odoo.addons.queue_job_operations.tests.common_operations import (
    OperationsManyMixin,
    OperationsMixin,
)

from .common import AiQueueCommon
from .common_operations import AiQueueAlertMixin


class AiQueueOperationsMixin(AiQueueAlertMixin):
    """Without runs, and without calls."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.env["ai.queue.call"].search([]).unlink()
        cls.env["ai.queue.run"].search([]).unlink()


@tagged("post_install", "-at_install")
class TestOperationsOfAi(AiQueueOperationsMixin, OperationsMixin, AiQueueCommon):
    """What AI work adds to the Operations screen."""

    def test_without_ai_work(self):
        figures = self.figures()
        self.assertEqual([tile["key"] for tile in figures["tiles"]][-1], "spent")
        self.assertEqual(self.tile("spent", "value", "sentence"), (0.0, ""))
        self.assertEqual((figures["runs"], figures["runs_more"]), ([], 0))
        self.assertEqual(self.listed(figures["runs_action"]), 0)

    def test_runs_in_progress(self):
        products = self.create_products(12)
        for product in products:
            run = self.press(product)
        figures = self.figures()
        self.assertEqual((len(figures["runs"]), figures["runs_more"]), (10, 2))
        self.assertEqual(self.listed(figures["runs_action"]), 12)
        row = figures["runs"][0]
        self.assertEqual(row["id"], run.id)
        self.assertEqual(
            (row["kind"], row["total"], row["progress"], row["can_cancel"]),
            ("Demand forecast", 1, 0.0, True),
        )
        self.assertIsNone(row["eta"])
        run.with_user(self.manager).action_cancel()
        self.commit()
        self.assertEqual(self.listed(self.figures()["runs_action"]), 11)

    def spend(self, cost, day=START):
        self.env["ai.queue.call"].create(
            {
                "key": "x",
                "state": "answered",
                "provider_id": self.env.ref("ai_queue.ai_queue_provider_local").id,
                "company_id": self.company.id,
                "user_id": self.user.id,
                "model": "m",
                "date": day,
                "budget_date": day.date(),
                "cost": cost,
                "tokens": 10,
                "kind": "forecast",
            }
        )

    def test_spent_today(self):
        self.spend(99.0, day=START - timedelta(days=1))
        self.spend(9.5)
        self.spend(6.5)
        self.figures()
        self.assertEqual(
            self.tile("spent", "value", "detail", "state"),
            (16.0, "no budget is set", "ok"),
        )
        self.assertEqual(self.listed(self.tiles["spent"]["action"]), 2)
        self.company.ai_queue_budget_cost = 20.0
        self.figures()
        self.assertEqual(self.tile("spent", "value", "state"), (16.0, "warning"))
        self.assertIn("20.00", self.tiles["spent"]["detail"])
        self.assertIn("80 % of today", self.tiles["spent"]["sentence"])
        self.company.ai_queue_budget_tokens = 20
        self.figures()
        self.assertEqual(self.tile("spent", "state"), ("danger",))
        self.assertIn("20 of 20 tokens", self.tiles["spent"]["detail"])

    def test_managers_of_jobs_without_a_role_in_ai_see_the_rest(self):
        self.press(self.create_products(1))
        only_jobs = self.create_user("only_jobs", MANAGER_GROUPS)
        figures = self.figures(operations=self.operations.with_user(only_jobs))
        self.assertNotIn("spent", self.tiles)
        self.assertFalse({"runs", "runs_more", "runs_action"} & set(figures))
        self.assertEqual(self.tile("waiting", "value"), (1,))

    def test_people_who_use_ai_do_not_see_the_operations(self):
        operations = self.operations.with_user(self.user)
        for method, *args in (
            ("get_figures",),
            ("retry_failures",),
            ("retry_jobs", [1]),
        ):
            with self.assertRaises(AccessError):
                getattr(operations, method)(*args)


@tagged("post_install", "-at_install")
class TestRetryOfRuns(AiQueueOperationsMixin, OperationsManyMixin, AiQueueCommon):
    """Jobs of runs are tried again by their runs."""

    def test_runs_that_a_request_has_no_time_for_wait_for_the_next(self):
        self.startPatcher(patch.object(queue_job_operations_many, "RETRIED", 1))
        runs = [self.press(product) for product in self.create_products(3)]
        for minute, run in enumerate(runs, 10):
            self.set_state(self.queue_jobs(run), "failed", date_state=minute)
            run._sync()
        self.env.invalidate_all()
        with patch.object(queue_job_operations_many, "SECONDS", 0):
            result = self.call("retry_failures", "day")
        self.assertEqual((result["retried"], result["left"]), (1, 2))
        self.env.invalidate_all()
        states = [run.state for run in runs]
        self.assertEqual(states, ["pending", "failed", "failed"])
        result = self.call("retry_failures", "day")
        self.assertEqual((result["retried"], result["left"]), (2, 0))

    def test_many_runs_at_once_and_one_that_is_left(self):
        products = self.create_products(4)
        runs = [self.press(product) for product in products]
        for run in runs:
            self.set_state(self.queue_jobs(run), "failed", date_state=10)
            run._sync()
        self.press(products[1])
        for name in ("BATCH", "RETRIED"):
            self.startPatcher(patch.object(queue_job_operations_many, name, 1000))
        self.env.invalidate_all()
        result = self.call("retry_failures", "day")
        self.assertEqual((result["retried"], result["skipped"]), (3, 1))
        self.env.invalidate_all()
        states = [run.state for run in runs]
        self.assertEqual(states, ["pending", "failed", "pending", "pending"])
        jobs = [self.queue_jobs(run).state for run in runs]
        self.assertEqual(jobs, states)

    def test_jobs_of_runs_are_retried_by_their_runs(self):
        run = self.press(self.create_products(1))
        job = self.queue_jobs(run)
        self.set_state(job, "failed", date_state=10)
        run._sync()
        self.assertEqual(run.state, "failed")
        self.assertEqual(self.call("retry_failures", "day")["retried"], 1)
        self.env.invalidate_all()
        self.assertEqual((job.state, run.state), ("pending", "pending"))

    def test_who_has_no_role_in_ai_tries_them_again_as_well(self):
        only_jobs = self.create_user("only_jobs", MANAGER_GROUPS)
        self.operations = self.operations.with_user(only_jobs)
        run = self.press(self.create_products(1))
        job = self.queue_jobs(run)
        self.set_state(job, "failed", date_state=10)
        run._sync()
        self.env.invalidate_all()
        self.assertEqual(self.call("retry_failures", "day")["retried"], 1)
        self.env.invalidate_all()
        self.assertEqual((job.state, run.state), ("pending", "pending"))

    def test_work_that_another_run_does_is_left(self):
        product = self.create_products(1)
        run = self.press(product)
        job = self.queue_jobs(run)
        self.set_state(job, "failed", date_state=10)
        run._sync()
        self.env.invalidate_all()
        self.assertNotEqual(self.press(product), run)
        result = self.call("retry_failures", "day")
        self.assertEqual((result["retried"], result["skipped"]), (0, 1))
        self.assertIn("the same work already waits or runs: 1", result["message"])
        self.assertEqual(job.state, "failed")


@tagged("post_install", "-at_install")
class TestHeldRuns(RunnerMixin, AiQueueCommon):
    """A run that waits says why nothing starts."""

    def test_a_run_that_waits_says_why(self):
        run = self.press(self.create_products(2))
        self.seen(timedelta(minutes=3))
        with self.connected(None):
            run = run.with_user(self.user)
            self.assertIn("No job runner has reported", run.hold_summary)
            self.env.invalidate_all()
        self.seen()
        self.assertFalse(run.hold_summary)

    def test_a_run_in_a_paused_channel_says_so(self):
        self.seen()
        run = self.press(self.create_products(2))
        name = self.queue_jobs(run).channel
        channel = self.env["queue.job.channel"].search([("complete_name", "=", name)])
        channel.action_pause()
        self.env.invalidate_all()
        run = run.with_user(self.user)
        self.assertIn(f"The channel {name} is paused", run.hold_summary)
        channel.action_resume()
        self.env.invalidate_all()
        self.assertFalse(run.hold_summary)

    def test_a_run_that_has_ended_waits_for_nothing(self):
        run = self.forecast(self.create_products(1))
        with self.connected(None):
            self.assertFalse(run.hold_summary)
