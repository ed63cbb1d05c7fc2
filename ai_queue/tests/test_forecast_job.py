# Copyright 2026 The ai_queue contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
from contextlib import contextmanager
from unittest.mock import patch

from psycopg2 import OperationalError

from odoo.fields import Command
from odoo.tests import tagged

from odoo.addons.queue_job.exception import RetryableJobError

from .common import AiQueueCommon, flat_forecast


class WriteConflict(OperationalError):
    pgcode = "40001"  # serialization_failure


class LockTimeout(OperationalError):
    pgcode = "57014"  # query_canceled: no conflict, so no reason to try again


@tagged("post_install", "-at_install")
class TestForecastJob(AiQueueCommon):
    """A job of a forecast run, performed as the job runner does it."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.company.ai_queue_forecast_horizon = 4
        cls.products = cls.create_products(3)
        cls.product = cls.products[0]
        cls.sell_weekly({product: [10, 12, 11] for product in cls.products})

    def while_asking(self, do):
        """An engine during whose work something happens in another transaction.

        :param do: function of an environment of its own, committed afterwards
        """

        def engine(requests):
            with self.registry.cursor() as cr:
                do(self.env(cr=cr))
            return flat_forecast()(requests)

        return self.engine(engine)

    def forecast_products(self):
        return self.forecasts(self.products).product_id

    # ------------------------------------------------------------
    # DONE
    # ------------------------------------------------------------

    def test_a_job_leaves_forecasts_and_a_done_run(self):
        run = self.forecast(self.products, quantity=7)
        rows = self.forecasts(self.products)
        self.assertEqual(len(rows), 3 * 4)
        self.assertEqual(set(rows.mapped("quantity")), {7})
        self.assertEqual(rows.run_id, run)
        self.assertRecordValues(
            run, [{"state": "done", "finished": 3, "skipped": 0, "failed": 0}]
        )
        self.assertEqual(run.progress, 100)
        self.assertEqual(self.queue_jobs(run).result, "3 done, 0 skipped.")

    def test_the_real_engine_forecasts_from_the_real_history(self):
        run = self.run_jobs(self.press(self.products))
        self.assertEqual(run.state, "done")
        for row in self.forecasts(self.products):
            self.assertGreater(row.quantity, 5)
            self.assertLess(row.quantity, 18)
            self.assertTrue(row.reason)

    def test_the_job_runs_as_the_person_who_pressed(self):
        kind = type(self.env["ai.queue.kind.forecast"])
        gather = kind._gather
        seen = []

        def spy(handler, targets):
            seen.append((handler.env.user, handler.env.su, targets.env.company))
            return gather(handler, targets)

        with patch.object(kind, "_gather", spy):
            self.forecast(self.products)
        self.assertEqual(seen, [(self.user, False, self.company)])

    def test_the_job_works_for_the_company_of_the_press(self):
        other = self.create_company("Other Company", ai_queue_forecast_horizon=2)
        self.user.company_ids = [Command.link(other.id)]
        products = self.products.with_context(
            allowed_company_ids=(other | self.company).ids
        )
        run = self.forecast(products)
        rows = self.forecasts(self.products)
        self.assertEqual(run.company_id, other)
        self.assertEqual(rows.company_id, other)
        self.assertEqual(len(rows), 3 * 2)

    def test_no_transaction_is_open_while_the_engine_is_asked(self):
        kind = type(self.env["ai.queue.kind.forecast"])
        ask = kind._ask
        seen = []

        def spy(handler, requests, progress):
            # A cursor of a test has a savepoint where a real one has a transaction.
            seen.append(handler.env.cr._savepoint)
            return ask(handler, requests, progress)

        with patch.object(kind, "_ask", spy):
            self.forecast(self.products)
        self.assertEqual(seen, [None])

    def test_many_products_take_as_many_queries_as_few(self):
        products = self.create_products(50)
        with self.engine(flat_forecast()):
            jobs = [
                self.queue_jobs(self.press(some))
                for some in (products[:2], products[2:7], products[7:])
            ]
            self.perform(jobs[0])
            few = self.count_queries(self.perform, jobs[1])
            many = self.count_queries(self.perform, jobs[2])
        self.assertLessEqual(many, few)

    def test_running_a_job_again_changes_nothing(self):
        run = self.forecast(self.products, quantity=7)
        before = self.forecasts(self.products)
        job = self.queue_jobs(run)
        job.requeue()
        with self.engine(flat_forecast(7)):
            self.perform(job)
        self.assertEqual(self.forecasts(self.products), before)
        self.assertEqual((run.state, run.finished), ("done", 3))

    def test_called_directly_the_work_is_done_at_once_and_without_a_run(self):
        products = self.products.with_user(self.user)
        with self.engine(flat_forecast(7)):
            result = products.run_ai_demand_forecast()
        self.assertEqual(result, "3 done, 0 skipped.")
        rows = self.forecasts(self.products)
        self.assertEqual(len(rows), 3 * 4)
        self.assertFalse(rows.run_id)
        self.assertFalse(self.find_runs())

    # ------------------------------------------------------------
    # STILL RELEVANT? BEFORE THE WORK
    # ------------------------------------------------------------

    def test_a_deleted_product_is_left_out(self):
        product = self.create_products(1, "Short-lived")
        gone = product.id
        run = self.press(product | self.products[1:])
        product.unlink()
        with self.engine(flat_forecast()):
            self.run_jobs(run)
        self.assertEqual((run.state, run.finished, run.skipped), ("done", 3, 1))
        self.assertEqual(run.skip_summary, f"Deleted: #{gone}")
        self.assertEqual(self.forecast_products(), self.products[1:])

    def test_an_archived_product_is_left_out(self):
        run = self.press(self.products)
        self.product.active = False
        with self.engine(flat_forecast()):
            self.run_jobs(run)
        self.assertEqual((run.state, run.finished, run.skipped), ("done", 3, 1))
        self.assertEqual(run.skip_summary, f"Archived: {self.product.display_name}")
        self.assertEqual(self.forecast_products(), self.products[1:])

    def test_a_product_moved_to_another_company_is_left_out(self):
        other = self.create_company("Other Company")
        product = self.create_products(1, "Moving")
        run = self.press(product | self.products[1:])
        product.company_id = other
        with self.engine(flat_forecast()):
            self.run_jobs(run)
        self.assertEqual((run.state, run.finished, run.skipped), ("done", 3, 1))
        self.assertEqual(
            run.skip_summary, f"Now belongs to another company: {product.display_name}"
        )
        self.assertFalse(self.forecasts(product))
        self.assertEqual(self.forecast_products(), self.products[1:])

    def test_products_of_the_parent_company_are_ours(self):
        branch = self.env["res.company"].create(
            {"name": "Branch", "parent_id": self.company.id}
        )
        self.user.company_ids = [Command.link(branch.id)]
        product = self.create_products(1, company_id=self.company.id)
        with self.engine(flat_forecast()):
            run = self.run_jobs(
                self.press(product.with_context(allowed_company_ids=branch.ids))
            )
        self.assertEqual((run.company_id, run.skipped), (branch, 0))
        self.assertTrue(self.forecasts(product))

    def test_a_product_that_the_person_may_not_read_any_more_is_left_out(self):
        run = self.press(self.products)
        self.env["ir.rule"].create(
            {
                "name": "Some products are not for everyone",
                "model_id": self.env.ref("product.model_product_product").id,
                "domain_force": f"[('id', '!=', {self.product.id})]",
            }
        )
        with self.engine(flat_forecast()):
            self.run_jobs(run)
        self.assertEqual((run.state, run.skipped), ("done", 1))
        self.assertIn("You may not read them", run.skip_summary)
        self.assertEqual(self.forecast_products(), self.products[1:])

    def test_a_job_with_nothing_left_to_do_is_done(self):
        run = self.press(self.products)
        self.products.active = False
        with self.engine(lambda requests: self.fail("There is nothing to ask.")):
            self.run_jobs(run)
        self.assertEqual((run.state, run.finished, run.skipped), ("done", 3, 3))
        self.assertEqual(self.queue_jobs(run).result, "0 done, 3 skipped.")

    def test_all_products_deleted_is_done_too(self):
        products = self.create_products(3, "Short-lived")
        run = self.press(products)
        products.unlink()
        self.run_jobs(run)
        self.assertEqual((run.state, run.finished, run.skipped), ("done", 3, 3))

    # ------------------------------------------------------------
    # STILL RELEVANT? AFTER THE WAIT
    # ------------------------------------------------------------

    def test_a_product_archived_during_the_wait_is_left_out(self):
        product = self.product

        def archive(env):
            product.with_env(env).active = False

        with self.while_asking(archive):
            run = self.run_jobs(self.press(self.products))
        self.assertEqual((run.state, run.finished, run.skipped), ("done", 3, 1))
        self.assertEqual(run.skip_summary, f"Archived: {product.display_name}")
        self.assertEqual(self.forecast_products(), self.products[1:])

    def test_a_product_deleted_during_the_wait_is_left_out(self):
        product = self.create_products(1, "Short-lived")
        gone = product.id

        def delete(env):
            product.with_env(env).unlink()

        with self.while_asking(delete):
            run = self.run_jobs(self.press(product | self.products[1:]))
        self.assertEqual((run.state, run.finished, run.skipped), ("done", 3, 1))
        self.assertEqual(run.skip_summary, f"Deleted: #{gone}")
        self.assertEqual(self.forecast_products(), self.products[1:])

    def test_a_product_forecast_by_a_newer_run_during_the_wait_is_left_out(self):
        run = self.press(self.products)
        newer = self.press(self.product)

        def perform(env):
            with self.engine(flat_forecast(99)):
                self.run_jobs(newer)

        with self.while_asking(perform):
            self.perform(self.queue_jobs(run))
        self.assertEqual((run.state, run.skipped), ("done", 1))
        self.assertEqual(set(self.forecasts(self.product).mapped("quantity")), {99})

    # ------------------------------------------------------------
    # CANCELLED MEANWHILE
    # ------------------------------------------------------------

    def test_a_run_cancelled_during_the_wait_keeps_what_was_answered(self):
        run = self.press(self.products)

        def cancel(env):
            run.with_env(env).action_cancel()

        with self.while_asking(cancel):
            self.run_jobs(run)
        self.assertEqual(run.state, "cancelled")
        self.assertEqual((run.finished, run.failed), (3, 0))
        self.assertEqual(
            self.queue_jobs(run).result,
            "Stopped: the run was cancelled. What was finished stays: 3.",
        )
        self.assertEqual(self.forecasts(self.products).product_id, self.products)

    def test_another_job_of_the_run_does_not_make_a_stopped_one_done(self):
        run = self.press(self.products)
        kind = type(self.env["ai.queue.kind.forecast"])
        stop = kind._stop

        def stop_while_another_job_ends(handler, row, *counts):
            result = stop(handler, row, *counts)
            row.run_id._sync()
            return result

        with (
            patch.object(kind, "_stop", stop_while_another_job_ends),
            self.while_asking(lambda env: run.with_env(env).action_cancel()),
        ):
            self.run_jobs(run)
        self.assertEqual(run.state, "cancelled")

    # ------------------------------------------------------------
    # CONFLICTS
    # ------------------------------------------------------------

    @contextmanager
    def conflict(self, error=WriteConflict):
        """Someone else wrote the same rows at the very end of the job."""
        forecasts = type(self.env["ai.queue.forecast"])
        store = forecasts._store

        def lose(rows, answers, run):
            store(rows, answers, run)
            raise error("could not serialize access due to concurrent update")

        with patch.object(forecasts, "_store", lose), self.engine(flat_forecast()):
            yield

    def test_a_write_conflict_is_tried_again(self):
        run = self.press(self.products)
        job = self.queue_jobs(run)
        with self.conflict():
            self.perform(job)
        self.assertEqual((job.state, job.retry), ("pending", 1))
        self.assertTrue(job.eta)
        self.assertFalse(self.forecasts(self.products))
        self.assertEqual((run.state, run.job_ids.attempt), ("pending", 1))
        self.assertEqual(
            run.job_ids.message, "Someone changed the same records; trying again."
        )
        with self.engine(flat_forecast()):
            self.perform(job)
        self.assertEqual((run.state, run.job_ids.attempt), ("done", 2))
        self.assertEqual(len(self.forecasts(self.products)), 3 * 4)

    def test_records_of_a_try_that_was_undone_are_not_finished(self):
        run = self.press(self.products)
        with self.conflict():
            self.perform(self.queue_jobs(run))
        self.assertEqual((run.finished, run.progress), (0, 0))

    def test_conflicts_count_as_tries(self):
        run = self.press(self.products)
        job = self.queue_jobs(run)
        job.max_retries = 2
        with self.conflict():
            self.perform(job)
            error = self.perform_failing(job)
        self.assertIn("Max. retries (2) reached", str(error))
        self.assertRecordValues(
            run, [{"state": "failed", "failed": 3, "finished": 0, "total": 3}]
        )
        self.assertIn("Someone changed the same records", run.failure_summary)

    def test_other_errors_of_the_database_are_final(self):
        run = self.press(self.products)
        with self.conflict(LockTimeout):
            error = self.perform_failing(self.queue_jobs(run))
        self.assertNotIsInstance(error, RetryableJobError)
        self.assertEqual(run.state, "failed")

    def test_the_next_try_finds_the_conflict_of_the_last_one_forgotten(self):
        run = self.press(self.products)
        job = self.queue_jobs(run)
        with self.conflict():
            self.perform(job)
        seen = []

        def look(env):
            row = env["ai.queue.run.job"].browse(run.job_ids.id)
            seen.append((row.state, row.message))

        with self.while_asking(look):
            self.perform(job)
        self.assertEqual(seen, [("started", False)])
