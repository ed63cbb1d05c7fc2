# Copyright 2026 The ai_queue contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
from odoo import SUPERUSER_ID, api
from odoo.exceptions import UserError
from odoo.tests import tagged

from odoo.addons.queue_job.controllers.main import RunJobController
from odoo.addons.queue_job.exception import RetryableJobError

from .common import AiQueueCommon, flat_forecast


@tagged("post_install", "-at_install")
class TestAttempts(AiQueueCommon):
    """Each try of each job is kept: what came of it, when, and why."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.products = cls.create_products(2)

    def setUp(self):
        super().setUp()
        self.run_ = self.press(self.products)
        self.job = self.queue_jobs(self.run_)

    def attempts(self, run=None):
        """What is known of the attempts, oldest first: (number, outcome, message)."""
        found = (run or self.run_).with_user(self.user).attempt_ids.sorted("id")
        return [(one.number, one.outcome, one.message) for one in found]

    def try_with(self, error):
        """Perform the job, whose engine raises this."""

        def forecast(requests):
            raise error

        with self.engine(forecast):
            return self._perform(self.job)

    def test_a_job_that_waits_has_none(self):
        self.assertFalse(self.attempts())

    def test_done(self):
        with self.engine(flat_forecast()):
            self.perform(self.job)
        self.assertEqual(self.attempts(), [(1, "done", "2 done, 0 skipped.")])
        attempt = self.run_.attempt_ids
        self.assertEqual(attempt.run_job_id, self.run_.job_ids)
        self.assertEqual(attempt.company_id, self.company)
        self.assertGreaterEqual(attempt.date_ended, attempt.date_started)
        seconds = (attempt.date_ended - attempt.date_started).total_seconds()
        # Dates are kept by the second.
        self.assertLess(abs(attempt.duration - seconds), 1.1)

    def test_put_off_does_not_count(self):
        error = RetryableJobError("No seat is free.", seconds=60, ignore_retry=True)
        self.try_with(error)
        self.assertEqual(self.attempts(), [(1, "waited", "No seat is free.")])
        self.assertEqual(self.job.retry, 0)

    def test_tried_again(self):
        self.try_with(RetryableJobError("It fell over.", seconds=60))
        self.assertEqual(self.attempts(), [(1, "retried", "It fell over.")])
        self.assertEqual(self.job.retry, 1)
        with self.engine(flat_forecast()):
            self.perform(self.job)
        self.assertEqual(
            self.attempts(),
            [(1, "retried", "It fell over."), (2, "done", "2 done, 0 skipped.")],
        )

    def test_failed(self):
        with self.assertLogs("odoo.addons.queue_job.controllers.main", "ERROR"):
            self.try_with(UserError("There is no such thing."))
        self.assertEqual(self.attempts(), [(1, "failed", "There is no such thing.")])

    def test_the_last_try_failed(self):
        self.job.max_retries = 2
        error = RetryableJobError("It fell over.", seconds=60)
        self.try_with(error)
        with self.assertLogs("odoo.addons.queue_job.controllers.main", "ERROR"):
            self.try_with(error)
        self.assertEqual(
            [outcome for _number, outcome, _message in self.attempts()],
            ["retried", "failed"],
        )
        self.assertIn("It fell over.", self.attempts()[-1][2])

    def start(self):
        """The job is handed out, and then its process is gone."""
        self.env.flush_all()
        with self.registry.cursor() as cr:
            cr.execute(
                "UPDATE queue_job SET state = 'enqueued' WHERE id = %s", [self.job.id]
            )
            env = api.Environment(cr, SUPERUSER_ID, {})
            RunJobController._acquire_job(env, self.job.uuid)
        self.env.invalidate_all()

    def test_under_way(self):
        self.start()
        self.assertEqual(self.attempts(), [(1, "started", False)])
        attempt = self.run_.attempt_ids
        self.assertFalse(attempt.date_ended)
        self.assertFalse(attempt.duration)

    def test_killed(self):
        self.start()
        with self.engine(flat_forecast()):
            self.perform(self.job)
        self.assertEqual(
            self.attempts(), [(1, "killed", False), (2, "done", "2 done, 0 skipped.")]
        )
        killed = self.run_.attempt_ids.sorted("id")[0]
        self.assertTrue(killed.date_ended)

    def test_cancelled_while_it_ran(self):
        def forecast(requests):
            self.run_.with_user(self.user).action_cancel()
            return flat_forecast()(requests)

        with self.engine(forecast):
            self.perform(self.job)
        self.commit()
        self.assertEqual(self.run_.state, "cancelled")
        self.assertEqual(
            self.attempts(),
            [
                (
                    1,
                    "cancelled",
                    "Stopped: the run was cancelled. What was finished stays: 2.",
                )
            ],
        )

    def test_cancelled_before_it_ran(self):
        self.run_.with_user(self.user).action_cancel()
        self.commit()
        self.assertFalse(self.attempts())

    def test_a_job_that_is_tried_again_by_hand_goes_on_counting(self):
        with self.assertLogs("odoo.addons.queue_job.controllers.main", "ERROR"):
            self.try_with(UserError("There is no such thing."))
        self.run_.with_user(self.user).action_retry()
        self.commit()
        with self.engine(flat_forecast()):
            self.perform(self.job)
        self.assertEqual(
            [(number, outcome) for number, outcome, _message in self.attempts()],
            [(1, "failed"), (2, "done")],
        )

    def test_each_job_has_its_own(self):
        self.env["ir.config_parameter"].set_param("ai_queue.chunk_size", "1")
        run = self.press(self.create_products(2, prefix="Other"))
        with self.engine(flat_forecast()):
            self.run_jobs(run)
        self.assertEqual(self.attempts(run), [(1, "done", "1 done, 0 skipped.")] * 2)
        self.assertEqual(run.attempt_ids.run_job_id, run.job_ids)
        self.assertFalse(self.attempts())

    def test_jobs_that_are_none_of_ours_leave_none(self):
        before = self.env["ai.queue.run.attempt"].search_count([])
        job = self.env["res.partner"].with_delay().create({"name": "Nobody"})
        self.perform(job.db_record())
        self.assertEqual(self.env["ai.queue.run.attempt"].search_count([]), before)
