# Copyright 2026 The ai_queue contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
import time
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from unittest.mock import patch

from odoo import SUPERUSER_ID, api
from odoo.exceptions import UserError
from odoo.modules.registry import DummyRLock, Registry
from odoo.tests import TransactionCase, tagged
from odoo.tools import mute_logger

from odoo.addons.queue_job.controllers.main import RunJobController
from odoo.addons.queue_job_operations.tests.common import CONTROLLER_LOGGER

from .common import flat_forecast

PATIENCE = 120  # seconds until a test gives up waiting for another thread


@tagged("post_install", "-at_install")
class TestTransactions(TransactionCase):
    """What depends on transactions that are really apart from each other.

    All other tests share one transaction. This one commits records of its own, and
    takes them away again.
    """

    def setUp(self):
        super().setUp()
        # The server holds it while it runs tests: other threads would wait for it.
        self.startPatcher(patch.object(Registry, "_lock", DummyRLock()))
        self.company_id = self.env.company.id
        with self.transaction() as env:
            self.horizon = env.company.ai_queue_forecast_horizon
            self.last_run = env["ai.queue.run"].search([], limit=1).id or 0
            products = env["product.product"].create(
                [{"name": f"Of transactions {number}"} for number in (1, 2, 3)]
            )
            self.product_ids = products.ids
        self.addCleanup(self.take_away)

    def take_away(self):
        with self.transaction() as env:
            runs = env["ai.queue.run"].search([("id", ">", self.last_run)])
            env["queue.job"].search([("ai_queue_run_id", "in", runs.ids)]).unlink()
            runs.write({"state": "cancelled"})
            runs.unlink()
            env["product.product"].browse(self.product_ids).product_tmpl_id.unlink()

    @contextmanager
    def transaction(self):
        """A transaction of its own as an environment; committed at the end."""
        with self.registry.cursor() as cr:
            yield self.environment(cr)

    def open_transaction(self):
        """The same, for those that a test ends by itself."""
        cr = self.registry.cursor()
        self.addCleanup(cr.close)
        return self.environment(cr)

    def environment(self, cr):
        context = {"allowed_company_ids": [self.company_id]}
        return api.Environment(cr, SUPERUSER_ID, context)

    def press(self, env):
        """Press for all products; returns the id of the run."""
        products = env["product.product"].browse(self.product_ids)
        action = products.action_run_ai_forecast()
        return int(action["params"]["links"][0]["url"].rpartition("/")[2])

    def see(self, run_id):
        """What anyone else sees of a run by now."""
        with self.transaction() as env:
            return env["ai.queue.run"].browse(run_id).read()[0]

    def count_forecasts(self):
        with self.transaction() as env:
            return env["ai.queue.forecast"].search_count(
                [("product_id", "in", self.product_ids)]
            )

    def perform(self, run_id):
        """Perform the job of a run as the controller does; returns its error."""
        with self.transaction() as env:
            job = env["queue.job"].search([("ai_queue_run_id", "=", run_id)])
            env.cr.execute(
                "UPDATE queue_job SET state = 'enqueued' WHERE id = %s", (job.id,)
            )
            uuid = job.uuid
        env = self.open_transaction()
        job = RunJobController._acquire_job(env, uuid)
        try:
            RunJobController._runjob(env, job)
        except Exception as error:
            env.cr.rollback()
            return error
        finally:
            env.cr.commit()
        return None

    def engine(self, forecast):
        return patch(
            "odoo.addons.ai_queue.models.forecast.ai_queue_kind_forecast_learning.forecast",
            forecast,
        )

    def before_apply(self, do):
        """Let something happen at the very end of a job, with its environment."""
        kind = type(self.env["ai.queue.kind.forecast"])
        apply = kind._apply

        def applying(handler, targets, answers, run):
            if run:  # only in the job, not in what happens meanwhile
                do(handler.env)
            return apply(handler, targets, answers, run)

        return patch.object(kind, "_apply", applying)

    def wait_until_someone_waits(self):
        """Until a transaction of this database waits for another one."""
        deadline = time.monotonic() + PATIENCE
        while time.monotonic() < deadline:
            with self.transaction() as env:
                env.cr.execute(
                    "SELECT 1 FROM pg_stat_activity WHERE datname = current_database() "
                    "AND wait_event_type = 'Lock'"
                )
                if env.cr.rowcount:
                    return
        self.fail("Nobody waits.")

    # ------------------------------------------------------------
    # PRESS
    # ------------------------------------------------------------

    def test_two_people_at_once_get_the_same_run(self):
        def press_too():
            with self.transaction() as env:
                return self.press(env)

        first = self.open_transaction()
        run_id = self.press(first)
        with ThreadPoolExecutor(1) as pool:
            second = pool.submit(press_too)
            self.wait_until_someone_waits()
            first.cr.commit()
            self.assertEqual(second.result(PATIENCE), run_id)
        self.assertEqual(len(self.see(run_id)["job_ids"]), 1)

    def test_one_person_twice_in_a_transaction_gets_the_same_run(self):
        with self.transaction() as env:
            run_id = self.press(env)
            self.assertEqual(self.press(env), run_id)
        self.assertEqual(len(self.see(run_id)["job_ids"]), 1)

    def test_a_run_that_is_younger_than_the_transaction_is_found(self):
        old = self.open_transaction()
        old.cr.execute("SELECT 1")  # the snapshot is from now on
        with self.transaction() as env:
            run_id = self.press(env)
        self.assertEqual(self.press(old), run_id)

    def test_a_press_that_is_rolled_back_leaves_nothing(self):
        env = self.open_transaction()
        run_id = self.press(env)
        env.cr.rollback()
        with self.transaction() as env:
            self.assertFalse(env["ai.queue.run"].browse(run_id).exists())
            run_id = self.press(env)
        self.assertEqual(self.see(run_id)["state"], "pending")

    def test_a_press_during_a_retry_gets_the_run_that_is_retried(self):
        with self.transaction() as env:
            run_id = self.press(env)
        with self.transaction() as env:
            env["ai.queue.run"].browse(run_id).action_cancel()
        retrying = self.open_transaction()
        retrying["ai.queue.run"].browse(run_id).action_retry()
        with self.transaction() as env:
            self.assertEqual(self.press(env), run_id)
        retrying.cr.commit()
        self.assertEqual(self.see(run_id)["state"], "pending")

    def test_a_retry_that_is_rolled_back_leaves_the_run_as_it_was(self):
        with self.transaction() as env:
            run_id = self.press(env)
        with self.transaction() as env:
            env["ai.queue.run"].browse(run_id).action_cancel()
        env = self.open_transaction()
        env["ai.queue.run"].browse(run_id).action_retry()
        env.cr.rollback()
        with self.transaction() as env:
            env["ai.queue.run"]._cron_sync()
        self.assertEqual(self.see(run_id)["state"], "cancelled")

    def test_a_retry_waits_for_a_press_of_the_same_work_and_yields(self):
        def retry():
            with self.transaction() as env:
                env["ai.queue.run"].browse(run_id).action_retry()

        with self.transaction() as env:
            run_id = self.press(env)
        with self.transaction() as env:
            env["ai.queue.run"].browse(run_id).action_cancel()
        pressing = self.open_transaction()
        self.press(pressing)
        with ThreadPoolExecutor(1) as pool:
            retried = pool.submit(retry)
            self.wait_until_someone_waits()
            pressing.cr.commit()
            with self.assertRaisesRegex(UserError, "being started right now"):
                retried.result(PATIENCE)
        self.assertEqual(self.see(run_id)["state"], "cancelled")

    # ------------------------------------------------------------
    # PROGRESS
    # ------------------------------------------------------------

    def test_everyone_sees_a_run_while_its_job_is_at_work(self):
        with self.transaction() as env:
            run_id = self.press(env)
        seen = []

        def engine(requests):
            seen.append(self.see(run_id)["state"])
            return flat_forecast()(requests)

        with (
            self.engine(engine),
            self.before_apply(lambda env: seen.append(self.see(run_id)["progress"])),
        ):
            self.assertIsNone(self.perform(run_id))
        self.assertEqual(seen, ["started", 100])
        values = self.see(run_id)
        self.assertEqual((values["state"], values["finished"]), ("done", 3))
        self.assertEqual(self.count_forecasts(), 3 * self.horizon)

    def test_what_a_failing_job_had_reported_does_not_count(self):
        with self.transaction() as env:
            run_id = self.press(env)

        def fail(env):
            self.assertEqual(self.see(run_id)["finished"], 3)
            raise ValueError("at the very end")

        with (
            self.engine(flat_forecast()),
            self.before_apply(fail),
            mute_logger(CONTROLLER_LOGGER),
        ):
            self.assertIsInstance(self.perform(run_id), ValueError)
        values = self.see(run_id)
        self.assertEqual(values["state"], "failed")
        self.assertEqual((values["failed"], values["finished"]), (3, 0))
        self.assertIn("at the very end", values["failure_summary"])
        self.assertEqual(self.count_forecasts(), 0)

    def test_cancel_is_seen_by_a_job_that_began_before(self):
        with self.transaction() as env:
            run_id = self.press(env)

        def engine(requests):
            with self.transaction() as env:
                env["ai.queue.run"].browse(run_id).action_cancel()
            return flat_forecast()(requests)

        with self.engine(engine):
            self.assertIsNone(self.perform(run_id))
        values = self.see(run_id)
        self.assertEqual((values["state"], values["finished"]), ("cancelled", 3))
        self.assertEqual(self.count_forecasts(), 3 * self.horizon)

    def test_who_presses_while_a_run_is_being_cancelled_gets_another(self):
        def engine(requests):
            with self.transaction() as env:
                env["ai.queue.run"].browse(first_id).action_cancel()
            with self.transaction() as env:
                others.append(self.press(env))
            return flat_forecast()(requests)

        others = []
        with self.transaction() as env:
            first_id = self.press(env)
        with self.engine(engine):
            self.perform(first_id)
        self.assertNotEqual(others, [first_id])
        with self.engine(flat_forecast()):
            self.perform(*others)
        states = [self.see(run_id)["state"] for run_id in (first_id, *others)]
        self.assertEqual(states, ["cancelled", "done"])

    def test_cancel_and_retry_are_seen_once_they_are_committed(self):
        with self.transaction() as env:
            run_id = self.press(env)
        with self.transaction() as env:
            env["ai.queue.run"].browse(run_id).action_cancel()
        self.assertEqual(self.see(run_id)["state"], "cancelled")
        with self.transaction() as env:
            env["ai.queue.run"].browse(run_id).action_retry()
        self.assertEqual(self.see(run_id)["state"], "pending")

    def test_cancel_does_not_wait_for_a_job_that_is_just_being_started(self):
        def cancel():
            with self.transaction() as env:
                env["ai.queue.run"].browse(run_id).action_cancel()

        with self.transaction() as env:
            run_id = self.press(env)
        starter = self.open_transaction()
        starter.cr.execute(
            "SELECT 1 FROM queue_job WHERE ai_queue_run_id = %s FOR UPDATE", (run_id,)
        )
        with ThreadPoolExecutor(1) as pool:
            cancelled = pool.submit(cancel)
            try:
                cancelled.result(PATIENCE)
            finally:
                starter.cr.commit()
        self.assertEqual(self.see(run_id)["state"], "pending")
        with self.engine(lambda requests: self.fail("It was cancelled.")):
            self.assertIsNone(self.perform(run_id))
        self.assertEqual(self.see(run_id)["state"], "cancelled")

    # ------------------------------------------------------------
    # AT THE SAME TIME
    # ------------------------------------------------------------

    def store_elsewhere(self):
        """Forecast the same products in another transaction."""
        with self.transaction() as env, self.engine(flat_forecast(99)):
            env["product.product"].browse(self.product_ids).run_ai_demand_forecast()

    def test_nothing_is_held_while_the_engine_is_asked(self):
        with self.transaction() as env:
            run_id = self.press(env)
        answers = flat_forecast(5)

        def engine(requests):
            self.store_elsewhere()
            return answers(requests)

        with self.engine(engine):
            self.assertIsNone(self.perform(run_id))
        self.assertEqual(self.see(run_id)["state"], "done")
        self.assertEqual(self.count_forecasts(), 3 * self.horizon)

    def test_a_conflict_at_the_end_is_tried_again(self):
        with self.transaction() as env:
            run_id = self.press(env)

        def overtake(env):
            env.cr.execute("SELECT 1")  # the snapshot is from now on
            self.store_elsewhere()

        with self.engine(flat_forecast(5)):
            with self.before_apply(overtake), mute_logger("odoo.sql_db"):
                self.perform(run_id)
            values = self.see(run_id)
            self.assertEqual((values["state"], values["finished"]), ("pending", 0))
            self.perform(run_id)
        self.assertEqual(self.see(run_id)["state"], "done")
        with self.transaction() as env:
            rows = env["ai.queue.forecast"].search(
                [("product_id", "in", self.product_ids)]
            )
            self.assertEqual(len(rows), 3 * self.horizon)
            self.assertEqual(set(rows.mapped("quantity")), {5})

    def test_a_product_that_is_being_edited_is_no_obstacle(self):
        with self.transaction() as env:
            run_id = self.press(env)
        editor = self.open_transaction()
        product = editor["product.product"].browse(self.product_ids[0])
        product.default_code = "EDITED"
        product.name = "Edited"
        editor.flush_all()

        def hurry(env):
            env.cr.execute("SET LOCAL lock_timeout = '2s'")

        with self.engine(flat_forecast()), self.before_apply(hurry):
            self.assertIsNone(self.perform(run_id))
        editor.cr.commit()
        self.assertEqual(self.see(run_id)["state"], "done")
        self.assertEqual(self.count_forecasts(), 3 * self.horizon)
        with self.transaction() as env:
            product = env["product.product"].browse(self.product_ids[0])
            self.assertEqual((product.name, product.default_code), ("Edited", "EDITED"))
