# Copyright 2026 The ai_queue contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
from unittest.mock import patch

import psycopg2

from odoo.exceptions import AccessError, UserError
from odoo.tests import tagged
from odoo.tools import mute_logger

from odoo.addons.queue_job.exception import RetryableJobError
from odoo.addons.queue_job.job import Job

from .common import AiQueueCommon, flat_forecast


def failing(error):
    """An engine that raises."""

    def forecast(requests):
        raise error

    return forecast


@tagged("post_install", "-at_install")
class TestJobFunctions(AiQueueCommon):
    """How the jobs are set up, as data."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.functions = cls.env["queue.job.function"].browse(
            cls.env.ref(
                f"ai_queue.queue_job_function_product_{model}_run_ai_demand_forecast"
            ).id
            for model in ("product", "template")
        )

    def test_both_product_models_have_a_job_function(self):
        self.assertEqual(
            self.functions.mapped("name"),
            [
                "<product.product>.run_ai_demand_forecast",
                "<product.template>.run_ai_demand_forecast",
            ],
        )
        self.assertEqual(
            self.functions.mapped("ai_queue_kind"), ["forecast", "forecast"]
        )

    def test_forecasts_have_a_channel_of_their_own(self):
        for function in self.functions:
            self.assertEqual(function.channel, "root.ai_forecasting")
        channel = self.env.ref("ai_queue.queue_job_channel_ai_processing")
        self.assertEqual(channel.complete_name, "root.ai_processing")

    def test_a_job_may_commit(self):
        self.assertEqual(self.functions.mapped("allow_commit"), [True, True])

    def test_retries_wait_longer_and_longer_and_not_all_at_once(self):
        for function in self.functions:
            config = function.job_config(function.name)
            waits = [config.retry_pattern[number] for number in (1, 2, 3, 5)]
            for shortest, longest in waits:
                self.assertLess(shortest, longest)
            self.assertEqual(waits, sorted(waits))

    def test_a_failure_is_told_to_the_product(self):
        for function in self.functions:
            self.assertEqual(function.on_fail_method, "_ai_queue_on_fail")
            model = self.env[function.model_id.model]
            self.assertTrue(hasattr(model, function.on_fail_method))

    def test_the_related_action_opens_the_run(self):
        run = self.press(self.create_products(1))
        action = self.queue_jobs(run).open_related_action()
        self.assertEqual(action["res_model"], "ai.queue.run")
        self.assertEqual(action["res_id"], run.id)

    def test_the_related_action_of_a_job_whose_run_is_deleted_opens_the_product(self):
        product = self.create_products(1)
        run = self.forecast(product)
        job = self.queue_jobs(run)
        run.unlink()
        self.assertEqual(job.open_related_action()["res_model"], "product.product")


@tagged("post_install", "-at_install")
class TestDelayedByCode(AiQueueCommon):
    """``with_delay`` by another addon."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.products = cls.create_products(2)

    def delay(self, records):
        job = (
            records.with_user(self.user)
            .with_delay(channel="root.ai_processing", priority=5, max_retries=3)
            .run_ai_demand_forecast()
        )
        self.commit()
        return job.db_record()

    def test_a_job_made_by_code_gets_a_run_of_its_own(self):
        job = self.delay(self.products)
        self.assertEqual(
            (job.channel, job.priority, job.max_retries), ("root.ai_processing", 5, 3)
        )
        run = job.ai_queue_run_id
        self.assertRecordValues(
            run,
            [
                {
                    "name": "Demand forecast of 2 products",
                    "origin": "code",
                    "kind": "forecast",
                    "state": "pending",
                    "user_id": self.user.id,
                    "company_id": self.company.id,
                    "total": 2,
                }
            ],
        )
        with self.engine(flat_forecast()):
            self.run_jobs(run)
        self.assertEqual((run.state, run.finished), ("done", 2))
        self.assertEqual(self.forecasts(self.products).run_id, run)

    def test_a_job_made_anew_is_as_the_code_made_it(self):
        job = self.delay(self.products)
        run, name = job.ai_queue_run_id, job.name
        job.button_cancelled()
        self.commit()
        job.unlink()
        run.with_user(self.user).action_retry()
        self.commit()
        self.assertRecordValues(
            self.queue_jobs(run),
            [
                {
                    "name": name,
                    "channel": "root.ai_processing",
                    "priority": 5,
                    "max_retries": 3,
                }
            ],
        )

    def test_a_template_is_forecast_by_its_variants(self):
        template = self.create_template_with_variants()
        run = self.delay(template).ai_queue_run_id
        title = f"Demand forecast of {template.display_name}"
        self.assertEqual(run.display_name, title)
        with self.engine(flat_forecast()):
            self.run_jobs(run)
        self.assertEqual((run.state, run.total, run.finished), ("done", 2, 2))
        self.assertEqual(
            self.forecasts(template.product_variant_ids).product_id,
            template.product_variant_ids,
        )

    def test_archived_variants_of_a_template_are_left_out(self):
        template = self.create_template_with_variants()
        red, blue = template.product_variant_ids
        red.active = False
        run = self.delay(template).ai_queue_run_id
        with self.engine(flat_forecast()):
            self.run_jobs(run)
        self.assertEqual((run.finished, run.skipped), (2, 1))
        self.assertIn("Archived", run.skip_summary)
        self.assertTrue(self.forecasts(blue))
        self.assertFalse(self.forecasts(red))

    def test_two_calls_are_two_runs(self):
        first, second = self.delay(self.products), self.delay(self.products)
        self.assertNotEqual(first.ai_queue_run_id, second.ai_queue_run_id)

    def test_other_jobs_have_no_run(self):
        job = self.env["res.partner"].with_delay().create({"name": "test"})
        self.assertFalse(job.db_record().ai_queue_run_id)
        self.assertFalse(self.find_runs())

    def test_a_job_of_a_person_without_the_role_fails(self):
        job = (
            self.products.with_user(self.plain_user)
            .with_delay()
            .run_ai_demand_forecast()
            .db_record()
        )
        error = self.perform_failing(job)
        self.assertIsInstance(error, AccessError)
        self.assertEqual(job.ai_queue_run_id.state, "failed")
        self.assertIn("You may not start AI runs", job.ai_queue_run_id.failure_summary)
        self.assertFalse(self.forecasts(self.products))


@tagged("post_install", "-at_install")
class TestFailure(AiQueueCommon):
    """A job that fails: what is stored, and who is told what."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.products = cls.create_products(2)

    def run_that_raises(self, error):
        """Press, and let the engine raise an error; returns the run."""
        run = self.press(self.products)
        with self.engine(failing(error)):
            self.perform_failing(self.queue_jobs(run))
        return run

    def test_an_error_for_people_is_given_as_it_is(self):
        run = self.run_that_raises(UserError("Ask for fewer products."))
        self.assertEqual(run.state, "failed")
        self.assertEqual(run.failure_summary, "Ask for fewer products.")
        self.assertEqual((run.failed, run.finished, run.total), (2, 0, 2))

    def test_an_unexpected_error_is_said_so(self):
        run = self.run_that_raises(ZeroDivisionError("division by zero"))
        self.assertEqual(
            run.failure_summary,
            "Unexpected error: ZeroDivisionError: division by zero. The job has the "
            "details for an administrator.",
        )
        job = self.queue_jobs(run)
        self.assertEqual(job.state, "failed")
        self.assertIn("Traceback", job.exc_info)

    def test_the_person_reads_no_traceback(self):
        run = self.run_that_raises(ZeroDivisionError("division by zero"))
        self.assertNotIn("Traceback", run.with_user(self.user).failure_summary)

    def test_a_failed_job_is_tried_once(self):
        run = self.run_that_raises(ValueError("no"))
        self.assertEqual(self.queue_jobs(run).retry, 1)
        self.assertEqual(run.job_ids.attempt, 1)

    def test_the_last_try_says_what_went_wrong(self):
        run = self.press(self.products)
        job = self.queue_jobs(run)
        job.max_retries = 1
        with self.engine(failing(RetryableJobError("The service is busy."))):
            self.perform_failing(job)
        self.assertIn("The service is busy.", run.failure_summary)

    def test_a_note_that_cannot_be_left_does_not_undo_the_failure(self):
        rows = type(self.env["ai.queue.run.job"])
        report = rows._report

        def refuse(row, **values):
            if "message" in values:
                raise ValueError("The note cannot be left.")
            return report(row, **values)

        with (
            patch.object(rows, "_report", refuse),
            self.assertLogs("odoo.addons.ai_queue.models.runs.ai_queue_kind", "ERROR"),
        ):
            run = self.run_that_raises(ValueError("no"))
        self.assertEqual(self.queue_jobs(run).state, "failed")
        self.assertEqual(run.state, "failed")
        self.assertIn("no", run.failure_summary)

    def test_text_that_the_database_refuses_is_stored_without_what_it_refuses(self):
        run = self.run_that_raises(ValueError("half\x00way"))
        self.assertEqual(self.queue_jobs(run).state, "failed")
        self.assertEqual(self.queue_jobs(run).exc_message, "halfway")
        self.assertEqual(run.state, "failed")
        self.assertIn("halfway", run.failure_summary)

    def test_a_result_that_the_database_refuses_is_stored_too(self):
        run = self.press(self.products)
        kind = type(self.env["ai.queue.kind.forecast"])
        with patch.object(kind, "_perform", return_value="all\x00done"):
            self.run_jobs(run)
        self.assertEqual(self.queue_jobs(run).result, "alldone")
        self.assertEqual(run.state, "done")

    def test_managers_of_jobs_get_no_message_for_each(self):
        jobs = type(self.env["queue.job"])
        with patch.object(jobs, "message_post", autospec=True) as post:
            self.run_that_raises(ValueError("no"))
        post.assert_not_called()

    def test_of_other_jobs_they_still_do(self):
        job = self.env["queue.job"].with_delay()._test_job(failure_rate=1).db_record()
        jobs = type(self.env["queue.job"])
        with patch.object(jobs, "message_post", autospec=True) as post:
            self.perform_failing(job)
        self.assertEqual(post.call_count, 1)

    # ------------------------------------------------------------
    # A DATABASE THAT WENT AWAY
    # ------------------------------------------------------------

    def test_a_job_whose_database_went_away_runs_again(self):
        run = self.press(self.products)
        job = self.queue_jobs(run)
        lost = psycopg2.OperationalError("server closed the connection unexpectedly")
        with self.engine(failing(lost)):
            self.perform_failing(job)
        self.assertEqual((job.state, job.exc_name), ("pending", False))
        self.assertTrue(job.eta)
        self.assertEqual(run.state, "pending")
        with self.engine(flat_forecast()):
            self.perform(job)
        self.assertEqual(run.state, "done")

    def test_but_not_for_ever(self):
        run = self.press(self.products)
        job = self.queue_jobs(run)
        job.max_retries = 2
        with self.engine(failing(psycopg2.OperationalError("gone"))):
            self.perform_failing(job)
            self.perform_failing(job)
        self.assertEqual((job.state, run.state), ("failed", "failed"))

    def test_other_jobs_fail_as_ever(self):
        def _test_job(job):
            raise psycopg2.OperationalError("gone")

        jobs = type(self.env["queue.job"])
        job = self.env["queue.job"].with_delay()._test_job().db_record()
        with patch.object(jobs, "_test_job", _test_job):
            self.perform_failing(job)
        self.assertEqual(job.state, "failed")

    # ------------------------------------------------------------
    # PROTECTION
    # ------------------------------------------------------------

    def test_nobody_moves_a_job_to_another_run(self):
        run = self.press(self.products)
        other = self.press(self.products[0])
        for person in (self.manager, self.env.user):
            with self.assertRaises(AccessError):
                self.queue_jobs(run).with_user(person).ai_queue_run_id = other

    @mute_logger("py.warnings")  # Odoo compares the number with the real run
    def test_what_looks_like_a_run_in_the_context_is_none(self):
        run = self.press(self.products)
        products = self.products[0].with_context(
            ai_queue__run=run.id, ai_queue__run_job=run.job_ids.id, job_uuid="abc"
        )
        forged = self.press(products)
        self.assertNotEqual(forged, run)
        self.assertEqual(len(run.job_ids), 1)
        self.assertEqual(self.queue_jobs(forged).records, self.products[0])

    def test_the_stored_context_of_a_job_names_its_own_job(self):
        products = self.products.with_context(ai_queue__job_uuid="another")
        job = self.queue_jobs(self.press(products))
        loaded = Job.load(self.env, job.uuid)
        self.assertEqual(loaded.recordset.env.context["ai_queue__job_uuid"], job.uuid)
