# Copyright 2026 The ai_queue contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
from datetime import timedelta
from unittest.mock import patch

import psycopg2

from odoo import fields
from odoo.exceptions import UserError
from odoo.tests import tagged
from odoo.tools import mute_logger

from .common import AiQueueCommon, flat_forecast


@tagged("post_install", "-at_install")
class TestRun(AiQueueCommon):
    """A run and what becomes of it."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.products = cls.create_products(4)
        cls.runs = cls.env["ai.queue.run"]
        cls.env["ir.config_parameter"].set_param("ai_queue.chunk_size", "2")

    def press_two_jobs(self):
        """A run of two jobs with two products each, and the jobs."""
        run = self.press(self.products)
        first, second = self.queue_jobs(run)
        return run, first, second

    def perform_well(self, *jobs):
        with self.engine(flat_forecast()):
            for job in jobs:
                self.perform(job)

    def perform_badly(self, *jobs):
        with self.engine(lambda requests: 1 / 0):
            for job in jobs:
                self.perform_failing(job)

    def during(self, job, do):
        """Perform a job, and in the middle something in another transaction."""

        def engine(requests):
            with self.registry.cursor() as cr:
                do(self.env(cr=cr))
            return flat_forecast()(requests)

        with self.engine(engine):
            self.perform(job)

    def sync(self):
        """What the cron does every few minutes."""
        self.env.flush_all()
        self.runs._cron_sync()
        self.env.invalidate_all()

    # ------------------------------------------------------------
    # STATES
    # ------------------------------------------------------------

    def test_a_run_waits_runs_and_is_done(self):
        run, first, second = self.press_two_jobs()
        seen = [run.state]
        self.during(first, lambda env: seen.append(run.with_env(env).state))
        seen.append(run.state)
        self.perform_well(second)
        seen.append(run.state)
        self.assertEqual(seen, ["pending", "started", "started", "done"])

    def test_progress_is_what_is_finished(self):
        run, first, second = self.press_two_jobs()
        self.assertEqual((run.progress, run.finished), (0, 0))
        self.perform_well(first)
        self.assertEqual((run.progress, run.finished, run.total), (50, 2, 4))
        self.perform_well(second)
        self.assertEqual((run.progress, run.finished), (100, 4))

    def test_a_failed_job_makes_the_run_failed_and_the_rest_goes_on(self):
        run, first, second = self.press_two_jobs()
        self.perform_badly(first)
        self.assertEqual((run.state, run.failed, run.progress), ("started", 2, 50))
        self.perform_well(second)
        self.assertRecordValues(
            run, [{"state": "failed", "finished": 2, "failed": 2, "progress": 100}]
        )
        self.assertTrue(run.date_done)
        self.assertTrue(self.forecasts(self.products[2:]))

    def test_a_run_knows_when_it_began_and_ended(self):
        run, first, second = self.press_two_jobs()
        self.assertFalse(run.date_started)
        self.perform_well(first)
        self.assertEqual(run.date_started, first.date_started)
        self.assertFalse(run.date_done)
        self.perform_well(second)
        self.assertEqual(run.date_done, second.date_done)

    def test_the_duration_is_from_start_to_end(self):
        now = fields.Datetime.now()
        run = self.press(self.products)
        self.assertEqual(run.duration, 0)
        self.set_values(run, date_started=now - timedelta(seconds=90))
        self.assertEqual(run.duration, 90)
        self.set_values(run, date_done=now - timedelta(seconds=60))
        self.assertEqual(run.duration, 30)

    def test_the_rest_is_expected_to_take_as_long_as_what_is_finished(self):
        now = fields.Datetime.now()
        run = self.press(self.products)
        self.assertFalse(run.date_expected)
        begun = now - timedelta(seconds=60)
        self.set_values(run, state="started", date_started=begun)
        self.assertFalse(run.date_expected, "Nothing is finished yet.")
        self.set_values(run, finished=1)
        self.assertEqual(run.date_expected, now + timedelta(seconds=180))
        self.set_values(run, failed=2)
        self.assertEqual(run.date_expected, now + timedelta(seconds=20))

    def set_values(self, run, **values):
        """As a side cursor would have written it."""
        run.sudo().write(values)
        run.flush_recordset()
        run.invalidate_recordset()

    def test_each_job_says_how_often_it_was_tried(self):
        run, first, second = self.press_two_jobs()
        self.perform_badly(first)
        first.requeue()
        self.commit()
        self.perform_well(first, second)
        self.assertEqual(run.job_ids.mapped("attempt"), [1, 1])
        self.assertEqual(run.state, "done")

    # ------------------------------------------------------------
    # SKIPPED AND FAILED, IN WORDS
    # ------------------------------------------------------------

    def test_long_lists_of_names_end_in_how_many_more(self):
        products = self.create_products(25, "Old")
        self.env["ir.config_parameter"].set_param("ai_queue.chunk_size", "100")
        run = self.press(products)
        products.active = False
        self.perform_well(self.queue_jobs(run))
        self.assertEqual(run.skipped, 25)
        self.assertIn("Old 20 and 5 more", run.skip_summary)
        self.assertNotIn("Old 21", run.skip_summary)

    def test_many_jobs_name_no_more_than_one(self):
        products = self.create_products(24, "Old")
        run = self.press(products)
        products.active = False
        self.perform_well(*self.queue_jobs(run))
        self.assertEqual(len(run.job_ids), 12)
        [line] = run.skip_summary.splitlines()
        self.assertTrue(line.endswith("Old 20 and 4 more"), line)

    def test_different_reasons_are_said_apart(self):
        run, first, second = self.press_two_jobs()
        self.products[0].active = False
        gone = self.products[3].id
        self.products[3].unlink()
        self.perform_well(first, second)
        self.assertEqual(
            run.skip_summary.splitlines(), ["Archived: Product 1", f"Deleted: #{gone}"]
        )
        self.assertEqual((run.skipped, run.finished), (2, 4))

    def test_the_same_failure_of_many_jobs_is_said_once(self):
        run, first, second = self.press_two_jobs()
        self.perform_badly(first, second)
        self.assertEqual(run.failure_summary.count("division by zero"), 1)
        self.assertEqual(run.failed, 4)

    # ------------------------------------------------------------
    # CANCEL
    # ------------------------------------------------------------

    def test_cancel_takes_back_what_waits(self):
        run, first, second = self.press_two_jobs()
        run.with_user(self.user).action_cancel()
        self.commit()
        self.assertEqual((first | second).mapped("state"), ["cancelled", "cancelled"])
        self.assertEqual(run.state, "cancelled")
        self.assertTrue(run.date_done)

    def test_cancel_keeps_what_is_finished(self):
        run, first, second = self.press_two_jobs()
        self.perform_well(first)
        run.with_user(self.user).action_cancel()
        self.commit()
        self.assertEqual((run.state, run.finished), ("cancelled", 2))
        self.assertTrue(self.forecasts(self.products[:2]))
        self.assertEqual(second.state, "cancelled")

    def test_cancel_forgets_no_failure(self):
        run, first, second = self.press_two_jobs()
        self.perform_badly(first)
        run.with_user(self.user).action_cancel()
        self.commit()
        self.assertEqual((first.state, second.state), ("failed", "cancelled"))
        self.assertEqual((run.state, run.failed), ("failed", 2))
        self.assertIn("division by zero", run.failure_summary)

    def test_a_job_at_work_stops_at_its_next_step(self):
        run, first, second = self.press_two_jobs()
        self.during(first, lambda env: run.with_env(env).action_cancel())
        self.assertEqual((first.state, second.state), ("done", "cancelled"))
        self.assertEqual(run.job_ids.mapped("state"), ["cancelled", "cancelled"])
        # What the first job had finished by then stays.
        self.assertEqual((run.state, run.finished), ("cancelled", 2))
        self.assertEqual(self.forecasts(self.products).product_id, self.products[:2])

    def test_a_job_that_starts_after_cancel_does_nothing(self):
        run, first, _second = self.press_two_jobs()
        self.set_values(run, cancel_requested=True)
        with self.engine(lambda requests: self.fail("Nothing is to be asked.")):
            self.perform(first)
        self.assertEqual(run.job_ids[0].state, "cancelled")

    def test_cancel_of_a_run_that_has_ended_changes_nothing(self):
        run = self.forecast(self.products)
        run.with_user(self.user).action_cancel()
        self.commit()
        self.assertEqual(run.state, "done")
        self.assertFalse(run.cancel_requested)

    # ------------------------------------------------------------
    # RETRY
    # ------------------------------------------------------------

    def test_retry_runs_what_failed_and_nothing_else(self):
        run, first, second = self.press_two_jobs()
        self.perform_badly(first)
        self.perform_well(second)
        run.with_user(self.user).action_retry()
        self.commit()
        self.assertEqual((first.state, second.state), ("pending", "done"))
        self.assertEqual((run.state, run.failed, run.finished), ("started", 0, 2))
        self.assertFalse(run.failure_summary)
        self.perform_well(first)
        self.assertRecordValues(run, [{"state": "done", "finished": 4, "failed": 0}])

    def test_retry_makes_deleted_queue_jobs_anew(self):
        run, first, second = self.press_two_jobs()
        self.perform_well(first)
        self.perform_badly(second)
        (first | second).unlink()
        self.assertEqual(run.state, "failed")
        run.with_user(self.user).action_retry()
        self.commit()
        job = self.queue_jobs(run)
        self.assertEqual(job.records, self.products[2:])
        self.assertEqual(job.user_id, self.user)
        self.assertEqual(job.company_id, self.company)
        self.assertEqual(run.job_ids[1].queue_job_uuid, job.uuid)
        self.assertEqual(len(run.job_ids), 2)
        self.perform_well(job)
        self.assertEqual((run.state, run.finished), ("done", 4))

    def test_a_manager_retries_as_the_person_who_pressed(self):
        run = self.press(self.products[0])
        self.perform_badly(self.queue_jobs(run))
        self.queue_jobs(run).unlink()
        run.with_user(self.manager).action_retry()
        self.commit()
        self.assertEqual(self.queue_jobs(run).user_id, self.user)

    def test_retry_after_cancel_does_the_rest(self):
        run, first, second = self.press_two_jobs()
        self.during(first, lambda env: run.with_env(env).action_cancel())
        run.with_user(self.user).action_retry()
        self.commit()
        self.assertFalse(run.cancel_requested)
        self.assertEqual(run.state, "pending")
        self.perform_well(first, second)
        self.assertEqual((run.state, run.finished), ("done", 4))

    def test_a_press_beside_a_retry_is_the_same_run(self):
        run = self.press(self.products)
        self.perform_badly(*self.queue_jobs(run))
        self.assertFalse(run.sudo().identity_key)
        run.with_user(self.user).action_retry()
        self.assertEqual(self.press(self.products), run)
        self.perform_well(*self.queue_jobs(run))
        self.assertNotEqual(self.press(self.products), run)

    def test_a_retry_of_a_part_is_the_work_of_that_part(self):
        run, first, second = self.press_two_jobs()
        self.perform_badly(first)
        self.perform_well(second)
        run.with_user(self.user).action_retry()
        self.commit()
        self.assertEqual(self.press(self.products[:2]), run)
        self.assertNotEqual(self.press(self.products), run)

    def test_a_retry_while_the_rest_is_under_way_stays_the_work_of_all(self):
        run, first, _second = self.press_two_jobs()
        self.perform_badly(first)
        run.with_user(self.user).action_retry()
        self.commit()
        self.assertEqual(self.press(self.products), run)

    def test_what_another_run_does_already_is_not_retried(self):
        run = self.press(self.products)
        self.perform_badly(*self.queue_jobs(run))
        other = self.press(self.products, self.manager)
        self.assertNotEqual(other, run)
        with self.assertRaisesRegex(
            UserError, f"already under way: “{other.name}”, requested by ai_manager"
        ):
            run.with_user(self.user).action_retry()
        self.commit()
        self.assertEqual(run.state, "failed")
        self.assertEqual(set(self.queue_jobs(run).mapped("state")), {"failed"})
        self.perform_well(*self.queue_jobs(other))
        run.with_user(self.user).action_retry()
        self.commit()
        self.assertEqual(run.state, "pending")

    def test_of_two_runs_of_the_same_work_only_one_is_retried(self):
        runs = self.runs
        for _number in (1, 2):
            run = self.press(self.products)
            self.perform_badly(*self.queue_jobs(run))
            runs |= run
        with self.assertRaisesRegex(UserError, "already under way"):
            runs.with_user(self.user).action_retry()
        self.assertEqual(runs.mapped("state"), ["failed", "failed"])

    def test_a_job_queued_by_hand_beside_another_run_is_no_error(self):
        run = self.press(self.products[0])
        self.perform_badly(self.queue_jobs(run))
        other = self.press(self.products[0])
        self.queue_jobs(run).with_user(self.manager).requeue()
        self.commit()
        self.assertEqual((run | other).mapped("state"), ["pending", "pending"])
        self.assertEqual(self.press(self.products[0]), other)

    def test_cancel_and_retry_of_many_jobs_take_as_many_queries_as_of_few(self):
        self.env["ir.config_parameter"].set_param("ai_queue.chunk_size", "1")
        few = self.press(self.create_products(5, "Few"))
        many = self.press(self.create_products(60, "Many"))

        def steer(run, action):
            getattr(run, action)()
            self.commit()

        for action in ("action_cancel", "action_retry"):
            self.assertLessEqual(
                self.count_queries(steer, many, action),
                self.count_queries(steer, few, action) + 5,
                action,
            )
        self.assertEqual((few | many).mapped("state"), ["pending", "pending"])

    def test_jobs_that_wait_for_one_another_are_cancelled_together(self):
        jobs = self.products[0].delayable().run_ai_demand_forecast()
        jobs.on_done(self.products[1].delayable().run_ai_demand_forecast())
        jobs.delay()
        self.commit()
        runs = self.find_runs()
        queued = self.env["queue.job"].search([("ai_queue_run_id", "in", runs.ids)])
        self.assertEqual(
            sorted(queued.mapped("state")), ["pending", "wait_dependencies"]
        )
        first = queued.filtered(lambda job: job.state == "pending")
        first.ai_queue_run_id.action_cancel()
        self.commit()
        self.assertEqual(queued.mapped("state"), ["cancelled", "cancelled"])
        self.assertEqual(runs.mapped("state"), ["cancelled", "cancelled"])

    def test_retry_without_a_failure_is_refused(self):
        run = self.forecast(self.products)
        with self.assertRaisesRegex(UserError, "Nothing in this run has failed"):
            run.with_user(self.user).action_retry()

    # ------------------------------------------------------------
    # WHAT NO ONE TOLD
    # ------------------------------------------------------------

    def test_a_job_found_dead_makes_the_run_failed(self):
        run, first, second = self.press_two_jobs()
        self.perform_well(first)
        # As the job runner does it: with SQL of its own.
        self.env.cr.execute(
            "UPDATE queue_job SET state = 'failed', exc_name = 'JobFoundDead', "
            "exc_info = 'Job found dead after too many retries' WHERE uuid = %s",
            (second.uuid,),
        )
        self.env.invalidate_all()
        self.assertEqual(run.state, "started")
        self.sync()
        self.assertEqual((run.state, run.failed, run.finished), ("failed", 2, 2))
        self.assertEqual(run.failure_summary, "Job found dead after too many retries")
        self.assertTrue(run.date_done)

    def test_a_job_that_was_killed_waits_again(self):
        run = self.press(self.products[0])
        job = self.queue_jobs(run)

        def kill(env):
            env.cr.execute(
                "UPDATE queue_job SET state = 'pending', retry = retry + 1 "
                "WHERE uuid = %s",
                (job.uuid,),
            )

        self.set_values(run, state="started")
        self.set_values(run.job_ids, state="started")
        kill(self.env)
        self.sync()
        self.assertEqual((run.state, run.job_ids.attempt), ("pending", 1))

    def test_a_job_deleted_before_it_ran_makes_the_run_cancelled(self):
        run, first, second = self.press_two_jobs()
        self.perform_well(first)
        second.unlink()
        self.sync()
        self.assertEqual((run.state, run.finished), ("cancelled", 2))
        self.assertEqual(run.job_ids[1].message, "The job was deleted before it ran.")

    def test_the_end_of_a_run_stays_when_its_jobs_are_deleted(self):
        for outcome in (self.perform_well, self.perform_badly):
            run, first, second = self.press_two_jobs()
            outcome(first, second)
            before = run.read()
            (first | second).unlink()
            run._sync()
            self.env.invalidate_all()
            after = run.read()
            for values in (before[0], after[0]):
                values.pop("write_date")
            self.assertEqual(after, before)

    def test_a_picture_that_could_not_be_updated_is_updated_later(self):
        run, first, second = self.press_two_jobs()
        error = psycopg2.OperationalError("The database is busy.")
        with (
            patch.object(type(self.runs), "_sync", side_effect=error),
            self.assertLogs("odoo.addons.ai_queue.models.runs.ai_queue_run", "WARNING"),
        ):
            self.perform_well(first, second)
        self.assertEqual((first | second).mapped("state"), ["done", "done"])
        self.assertNotEqual(run.state, "done")
        self.sync()
        self.assertEqual((run.state, run.finished), ("done", 4))

    def test_a_run_follows_what_is_done_to_its_jobs_by_hand(self):
        run = self.press(self.products[0])
        job = self.queue_jobs(run).with_user(self.manager)
        job.button_cancelled()
        self.commit()
        self.assertEqual(run.state, "cancelled")
        job.requeue()
        self.commit()
        self.assertEqual(run.state, "pending")
        job.button_done()
        self.commit()
        self.assertEqual(run.state, "done")

    # ------------------------------------------------------------
    # IDENTITY AND DELETION
    # ------------------------------------------------------------

    def test_the_database_itself_refuses_the_same_work_twice(self):
        run = self.press(self.products)
        with (
            mute_logger("odoo.sql_db"),
            self.assertRaises(psycopg2.errors.UniqueViolation),
        ):
            self.runs.create(
                {
                    "name": "Twin",
                    "kind": "forecast",
                    "identity_key": run.sudo().identity_key,
                }
            )

    def test_a_run_that_ended_gives_its_identity_back(self):
        run = self.press(self.products)
        self.assertTrue(run.sudo().identity_key)
        self.perform_well(*self.queue_jobs(run))
        self.assertFalse(run.sudo().identity_key)

    def test_a_run_under_way_cannot_be_deleted(self):
        run, first, second = self.press_two_jobs()
        for _step in ("pending", "started"):
            with self.assertRaisesRegex(UserError, "Cancel the run before"):
                run.with_user(self.manager).unlink()
            self.perform_well(first)

    def test_a_deleted_run_leaves_what_it_forecast(self):
        run = self.forecast(self.products)
        rows, jobs = self.forecasts(self.products), self.queue_jobs(run)
        parts = run.job_ids
        run.with_user(self.manager).unlink()
        self.assertFalse(parts.exists())
        self.assertTrue(rows.exists())
        self.assertFalse(rows.run_id)
        self.assertFalse(jobs.ai_queue_run_id)

    # ------------------------------------------------------------
    # WHO IS TOLD
    # ------------------------------------------------------------

    def told(self):
        """Catch what users are told over the bus: [(user, type, payload)]."""
        told = []

        def send(listener, message_type, payload, **_kwargs):
            told.append((listener, message_type, payload))

        users = type(self.env["res.users"])
        self.startPatcher(patch.object(users, "_bus_send", send))
        return told

    def test_the_person_is_told_how_the_run_ended(self):
        told = self.told()
        run, first, second = self.press_two_jobs()
        self.perform_well(first)
        self.assertFalse(told)
        self.perform_badly(second)
        [(listener, message_type, payload)] = told
        self.assertEqual((listener, message_type), (self.user, "ai_queue/run_ended"))
        self.assertEqual(
            payload,
            {
                "id": run.id,
                "name": run.name,
                "state": "failed",
                "finished": 2,
                "skipped": 0,
                "failed": 2,
            },
        )

    def test_nobody_is_told_of_the_end_of_what_nobody_pressed(self):
        told = self.told()
        self.products.with_user(self.user).with_delay().run_ai_demand_forecast()
        run = self.find_runs()
        self.perform_well(self.queue_jobs(run))
        self.assertEqual(run.state, "done")
        self.assertFalse(told)

    def test_progress_is_told_at_most_once_a_second(self):
        run = self.press(self.products[0])
        job = self.queue_jobs(run)
        groups = type(self.env["res.groups"])
        told = []

        def report_often(env):
            row = env["ai.queue.run.job"].sudo().browse(run.job_ids.id)
            with patch.object(
                groups, "_bus_send", lambda group, *args, **_kw: told.append(args)
            ):
                for finished in range(10):
                    row._report(finished=finished)

        self.during(job, report_often)
        # The clock stands still in this test: the start was told, so nothing more.
        self.assertFalse(told)

    # ------------------------------------------------------------
    # SCREENS
    # ------------------------------------------------------------

    def test_the_run_opens_its_records(self):
        run = self.press(self.products)
        action = run.action_open_records()
        self.assertEqual(action["res_model"], "product.product")
        found = self.env["product.product"].search(action["domain"])
        self.assertEqual(found, self.products)

    def test_the_job_opens_its_queue_job(self):
        run = self.press(self.products[0])
        action = run.job_ids.with_user(self.manager).action_open_queue_job()
        self.assertEqual(action["res_model"], "queue.job")
        self.assertEqual(action["res_id"], self.queue_jobs(run).id)
