# Copyright 2026 The ai_queue contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
from datetime import timedelta
from unittest.mock import patch

from odoo.exceptions import ValidationError
from odoo.tests import Form, tagged

from odoo.addons.queue_job_operations.models import (
    queue_job_housekeeping as housekeeping,
)
from odoo.addons.queue_job_operations.tests.common_housekeeping import (
    NOW,
    HousekeepingMixin,
)

from .common import TODAY, AiQueueCommon

DEFAULTS = {
    "ai_queue.run_days": 180,
    "ai_queue.call_text_days": 30,
    "ai_queue.call_days": 730,
    "ai_queue.forecast_days": 730,
    "ai_queue.bill_days": 730,
}


class HousekeepingCommon(HousekeepingMixin, AiQueueCommon):
    def set_days(self, **days):
        """Settings by their name, without ``ai_queue.`` and ``_days``."""
        for name, value in days.items():
            self.env["ir.config_parameter"].set_param(
                f"ai_queue.{name}_days", str(value)
            )

    def create_run(self, days, **vals):
        """A run that ended so many days ago, with one job."""
        run = self.env["ai.queue.run"].create(
            {
                "name": "Run",
                "kind": "forecast",
                "state": "done",
                "date_done": NOW - timedelta(days=days),
                **vals,
            }
        )
        self.env["ai.queue.run.job"].create(
            {
                "run_id": run.id,
                "queue_job_uuid": f"job of run {run.id}",
                "res_model": "product.product",
                "res_ids": [1],
                "skip_data": [{"reason": "No sales", "model": "x", "ids": [1]}],
                "state": run.state,
            }
        )
        return run

    def create_call(self, days, **vals):
        """A call of so many days ago that nobody may use again."""
        date = NOW - timedelta(days=days)
        return self.env["ai.queue.call"].create(
            {
                "key": f"key {days}",
                "kind": "forecast",
                "state": "answered",
                "provider_id": self.env.ref("ai_queue.ai_queue_provider_local").id,
                "company_id": self.company.id,
                "user_id": self.user.id,
                "model": "large",
                "date": date,
                "date_done": date,
                "budget_date": date.date(),
                "question": "How many?",
                "answer_text": "Ten.",
                "cost": 1.0,
                **vals,
            }
        )

    def create_forecast(self, end, written=0, **vals):
        """A forecast whose period ends in so many days, written so many days ago."""
        [product] = self.create_products(1)
        row = self.env["ai.queue.forecast"].create(
            {
                "product_id": product.id,
                "company_id": self.company.id,
                "granularity": "week",
                "date_start": TODAY + timedelta(days=end - 6),
                "date_end": TODAY + timedelta(days=end),
                **vals,
            }
        )
        self.age(row, "write_date", written)
        return row


@tagged("post_install", "-at_install")
class TestHousekeepingRuns(HousekeepingCommon):
    def test_old_runs_go_with_all_that_is_theirs(self):
        run = self.forecast(self.create_products(2))
        jobs, attempts = run.job_ids, run.attempt_ids
        queue_jobs = self.queue_jobs(run)
        self.assertTrue(jobs and attempts and queue_jobs)
        self.tidy_up()
        self.assertTrue(run.exists())
        self.age(run, "date_done", 181)
        self.age(self.env["ai.queue.forecast"].search([]), "date_end", 1)
        self.tidy_up()
        for records in (run, jobs, attempts, queue_jobs):
            self.assertGone(records)

    def test_forecasts_and_calls_stay_without_their_run(self):
        run = self.create_run(181)
        forecast = self.create_forecast(-1, run_id=run.id)
        call = self.create_call(1, run_id=run.id, run_job_id=run.job_ids.id)
        self.tidy_up()
        self.assertGone(run)
        self.assertFalse(forecast.run_id or call.run_id or call.run_job_id)
        self.assertFalse(forecast.is_manual)

    def test_a_run_with_forecasts_to_come_stays(self):
        run = self.create_run(181)
        forecast = self.create_forecast(0, run_id=run.id)
        self.tidy_up()
        self.assertEqual(forecast.run_id, run)

    def test_what_is_at_work_is_never_touched(self):
        active = self.create_run(900, state="started")
        waiting = self.create_run(900, state="pending", date_done=False)
        # One whose job somebody has just queued again by hand.
        again = self.press(self.create_products(1))
        self.age(again, "date_done", 900)
        again.state = "done"
        runs = active | waiting | again
        jobs, queue_job = runs.job_ids, self.queue_jobs(again)
        call = self.create_call(900, run_id=active.id, job_uuid="gone")
        own = self.create_call(900, key="own", job_uuid=queue_job.uuid)
        self.tidy_up()
        for records in (runs, jobs, queue_job, call, own):
            self.assertEqual(records.exists(), records)
        self.assertEqual((call.run_id, own.question), (active, "How many?"))

    def test_many_runs_go_in_small_transactions(self):
        runs = self.env["ai.queue.run"].union(
            *[self.create_run(200 + day) for day in range(12)]
        )
        sizes = []
        batches = housekeeping.QueueJobHousekeeping._sweep_batches

        def note(keeper, model, condition, take):
            for count in batches(keeper, model, condition, take):
                sizes.append((model, count))
                yield count

        self.patch(housekeeping.QueueJobHousekeeping, "_sweep_batches", note)
        with patch.object(housekeeping, "BATCH", 5):
            self.tidy_up()
        self.assertGone(runs)
        runs_gone = [count for model, count in sizes if model == "ai.queue.run"]
        self.assertEqual(runs_gone, [5, 5, 2])

    def test_the_setting_says_when(self):
        old, older = self.create_run(10), self.create_run(40)
        self.set_days(run=30)
        self.tidy_up()
        self.assertGone(old | older, old)
        self.set_days(run=0)
        self.age(old, "date_done", 9000)
        self.tidy_up()
        self.assertTrue(old.exists())

    def test_what_somebody_has_locked_is_left_for_the_next_night(self):
        """And not waited for; on the same cursor a lock would not be seen."""
        executed = []
        execute = type(self.env.cr).execute

        def note(cursor, query, *args, **kwargs):
            executed.append(getattr(query, "code", query))
            return execute(cursor, query, *args, **kwargs)

        self.create_run(181)
        self.create_call(800)
        with patch.object(type(self.env.cr), "execute", note):
            self.tidy_up()
        takes = [query for query in executed if "FOR UPDATE OF old" in query]
        self.assertTrue(takes)
        for query in takes:
            self.assertIn("SKIP LOCKED", query)
            self.assertIn("LIMIT", query)


@tagged("post_install", "-at_install")
class TestHousekeepingRows(HousekeepingCommon):
    def test_calls_lose_their_texts_first(self):
        young, old, older = map(self.create_call, (29, 31, 731))
        self.tidy_up()
        self.assertGone(young | old | older, young | old)
        self.assertEqual(young.question, "How many?")
        self.assertFalse(old.question or old.answer_text or old.is_current)
        self.assertEqual(old.cost, 1.0)

    def test_an_answer_that_may_be_used_again_stays(self):
        self.set_days(call=1, call_text=1)
        self.env["ir.config_parameter"].set_param("ai_queue.answer_fresh_hours", "240")
        fresh = self.create_call(9, is_current=True)
        replaced = self.create_call(8, is_current=False)
        stale = self.create_call(11, is_current=True)
        self.tidy_up()
        self.assertGone(fresh | replaced | stale, fresh)
        self.assertEqual((fresh.answer_text, fresh.is_current), ("Ten.", True))

    def test_calls_are_counted_before_they_go(self):
        self.create_call(800)
        swept = []

        def sweep(keeper, retention):
            totals = keeper.env["ai.queue.call.total"].search([])
            swept.append((retention.model, sum(totals.mapped("calls"))))
            return []

        self.env["ai.queue.call.total"].search([]).unlink()
        self.patch(type(self.env["queue.job.housekeeping"]), "_sweep", sweep)
        self.tidy_up()
        self.assertEqual(dict(swept)["ai.queue.call"], 1)

    def test_a_question_that_is_being_asked_stays(self):
        call = self.create_call(900, state="asking", date_done=False)
        self.tidy_up()
        self.assertTrue(call.question)

    def test_calls_are_kept_for_ever(self):
        self.set_days(call=0, call_text=0)
        call = self.create_call(9000)
        self.tidy_up()
        self.assertEqual(call.question, "How many?")

    def test_budgets_go_with_their_calls(self):
        old, older = self.env["ai.queue.budget"].create(
            [
                {
                    "company_id": self.company.id,
                    "date": TODAY - timedelta(days=days),
                }
                for days in (729, 731)
            ]
        )
        self.tidy_up()
        self.assertGone(old | older, old)

    def test_requests_are_of_a_minute(self):
        requests = self.env["ai.queue.request"].create(
            [
                {
                    "provider_id": self.env.ref("ai_queue.ai_queue_provider_local").id,
                    "date": NOW - timedelta(hours=hours),
                }
                for hours in (1, 25)
            ]
        )
        self.tidy_up()
        self.assertGone(requests, requests[0])

    def test_forecasts_of_periods_long_over(self):
        young, old = self.create_forecast(-729), self.create_forecast(-731)
        self.tidy_up()
        self.assertGone(young | old, young)

    def test_forecasts_to_come_that_nobody_renews(self):
        fresh = self.create_forecast(14, written=729)
        stale = self.create_forecast(14, written=731)
        fixed = self.create_forecast(14, written=731, is_manual=True)
        # What was sold in it is known, whenever it was written.
        past = self.create_forecast(-14, written=731)
        rows = fresh | stale | fixed | past
        self.tidy_up()
        self.assertGone(rows, rows - stale)

    def test_what_a_person_fixed_stays_for_a_year_at_least(self):
        self.set_days(forecast=30)
        calculated = self.create_forecast(-31)
        fixed = self.create_forecast(-364, is_manual=True)
        long_ago = self.create_forecast(-366, is_manual=True)
        rows = calculated | fixed | long_ago
        self.tidy_up()
        self.assertGone(rows, fixed)
        self.set_days(forecast=500)
        fixed = self.create_forecast(-499, is_manual=True)
        long_ago = self.create_forecast(-501, is_manual=True)
        self.tidy_up()
        self.assertGone(fixed | long_ago, fixed)

    def create_reading(self, days, move_state, **vals):
        moves = self.env["account.move"]
        move = moves.create({"move_type": "in_invoice"})
        self.env.flush_all()
        self.env.cr.execute(
            "UPDATE account_move SET state = %s WHERE id = %s", (move_state, move.id)
        )
        move.invalidate_recordset()
        return self.env["ai.queue.bill.reading"].create(
            {
                "move_id": move.id,
                "company_id": self.company.id,
                "checksum": f"sum {move.id}",
                "state": "done",
                "date_read": NOW - timedelta(days=days),
                **vals,
            }
        )

    def test_readings_of_bills(self):
        old = self.create_reading(731, "posted")
        cancelled = self.create_reading(731, "cancel", state="failed")
        replaced = self.create_reading(731, "draft", is_current=False)
        kept = (
            self.create_reading(729, "posted")
            | self.create_reading(731, "draft")
            | self.create_reading(731, "posted", state="review")
            | self.create_reading(731, "posted", state="started")
            | self.create_reading(731, "posted", date_result=NOW - timedelta(days=729))
        )
        self.tidy_up()
        self.assertGone(old | cancelled | replaced | kept, kept)

    def test_another_addon_keeps_more(self):
        keeper = self.env["queue.job.housekeeping"]
        kept = [one for one in keeper._get_retentions() if one.model != "ai.queue.run"]
        self.patch(type(keeper), "_get_retentions", lambda self: kept)
        run, call = self.create_run(900), self.create_call(900)
        self.tidy_up()
        self.assertTrue(run.exists())
        self.assertGone(call)


@tagged("post_install", "-at_install")
class TestHousekeepingSettingsOfAi(HousekeepingCommon):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.admin = cls.create_user(
            "admin_of_days", f"base.group_system,{cls.manager_groups}"
        )
        cls.settings = cls.env["res.config.settings"].with_user(cls.admin)

    def test_a_zero_is_kept(self):
        with Form(self.settings) as form:
            self.assertEqual(form.ai_queue_run_days, 180)
            form.ai_queue_run_days = 0
            form.ai_queue_answer_fresh_hours = 0
            form.ai_queue_forecast_days = 90
        form.record.execute()
        form = Form(self.settings)
        self.assertEqual(form.ai_queue_run_days, 0)
        self.assertEqual(form.ai_queue_answer_fresh_hours, 0)
        self.assertEqual(form.ai_queue_forecast_days, 90)
        keeper = self.env["queue.job.housekeeping"]
        self.assertEqual(keeper._get_days("ai_queue.run_days"), 0)
        self.assertEqual(keeper._get_days("ai_queue.forecast_days"), 90)

    def test_less_than_zero_is_refused(self):
        for name in ("ai_queue_run_days", "ai_queue_answer_fresh_hours"):
            with self.subTest(name), self.assertRaises(ValidationError) as caught:
                self.settings.create({name: -1})
            label = self.settings._fields[name].string
            self.assertIn(label, str(caught.exception))

    def test_every_setting_has_its_default_and_its_place(self):
        shown = self.shown_days()
        self.assertEqual({name: shown.get(name) for name in DEFAULTS}, DEFAULTS)
        defaults = self.env["queue.job.housekeeping"]._get_default_days()
        self.assertEqual({name: defaults.get(name) for name in DEFAULTS}, DEFAULTS)

    def test_nonsense_in_the_parameters_is_not_believed(self):
        self.set_days(run="soon")
        keeper = self.env["queue.job.housekeeping"]
        self.assertEqual(keeper._get_days("ai_queue.run_days"), 180)
