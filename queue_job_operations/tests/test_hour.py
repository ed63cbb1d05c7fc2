# Copyright 2026 The ai_queue contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).

import numpy as np

from odoo.exceptions import AccessError
from odoo.tests import freeze_time, tagged

from odoo.addons.queue_job.job import Job

from ..histograms import BOUNDS, SIZE, Histogram
from ..models.queue_job_hour import EVER
from .common_alert import CHANNEL
from .common_hour import OTHER, HourCommon, at


def bucket_of(seconds):
    """The number of the bucket of a duration, as numpy finds it."""
    return int(np.searchsorted(BOUNDS, seconds, side="left"))


@tagged("post_install", "-at_install")
class TestHour(HourCommon):
    """START is noon, a full hour."""

    def test_nothing_has_ended(self):
        self.assertEqual(self.count(), {})
        self.assertEqual(self.hours._totals(), {})
        measured = self.hours._measure(at(-600), at(0), self.company)
        self.assertEqual(measured.run_times.count, 0)
        self.assertIsNone(measured.run_times.quantile(0.95))
        self.close(0)
        self.close(60)
        self.assertEqual(self.count(), {})
        self.assertEqual(self.hours._totals(), {})

    def test_open_and_closed_hours_tell_the_same(self):
        self.add_done(-150, 3)
        self.add_done(-121, 2)
        self.add_done(-120)
        self.add_failed(-90, 2)
        self.add_done(-5, 4)
        expected = {-180: (5, 0), -120: (1, 2), -60: (4, 0)}
        self.assertEqual(self.count(), expected)
        self.close(0)
        self.assertEqual(self.hours._get_watermark(), at(-60))
        self.assertEqual(self.count(), expected)
        self.close(9)
        self.assertEqual(self.hours._get_watermark(), at(-60))
        self.close(10)
        self.assertEqual(self.hours._get_watermark(), at(0))
        self.assertEqual(self.count(), expected)
        self.assertEqual(self.total(), (10, 2))

    def test_closing_again_counts_nothing_twice(self):
        self.add_done(-150, 3)
        for minute in (0, 0, 10, 70):
            self.close(minute)
        self.assertEqual(self.count(), {-180: (3, 0)})
        self.assertEqual(self.total(), (3, 0))

    def test_a_long_time_is_closed_day_by_day(self):
        self.add_done(-5 * 24 * 60)
        self.add_done(-30)
        self.close(10)
        self.assertEqual(self.hours._get_watermark(), at(0))
        week = self.count(start=-7 * 24 * 60)
        self.assertEqual(week, {-5 * 24 * 60: (1, 0), -60: (1, 0)})

    def test_what_ends_later_is_found_in_the_queue(self):
        self.add_done(-30)
        self.close(10)
        self.add_done(20)
        self.assertEqual(self.count(), {-60: (1, 0), 0: (1, 0)})

    def test_who_sets_a_job_to_done_does_not_run_it(self):
        self.add_done(5, 2, run=3.0)
        failed = self.add_real(0, "failed", date_state=1, date_started=-9000)
        waiting = self.add_real(0, "pending")
        for job in failed | waiting:
            with freeze_time(at(10)):
                job.with_user(self.manager).button_done()
        self.env.flush_all()
        self.assertEqual((failed | waiting).mapped("state"), ["done", "done"])
        self.assertEqual((failed | waiting).mapped("exec_time"), [0.0, 0.0])
        for close in (False, True):
            if close:
                self.close(90)
            times = self.hours._measure(at(0), at(60), self.company).run_times
            self.assertEqual((times.count, times.sum), (2, 6.0))
            # As a record the jobs of all who ended are counted all the same.
            self.assertEqual(self.total(), (4, 1))
        with freeze_time(at(60)):
            self.assertEqual(self.env["queue.job.checkup"]._get_longest(), 3.0)

    def test_a_job_that_ran_tells_how_long(self):
        job = self.add_real(0, "pending")
        with freeze_time(at(1)):
            running = Job.load(self.env, job.uuid)
            running.set_started()
            running.store()
        with freeze_time(at(3)):
            running.set_done()
            running.store()
            running.store()
        self.env.flush_all()
        self.assertEqual(job.exec_time, 120.0)
        times = self.hours._measure(at(0), at(60), self.company).run_times
        self.assertEqual((times.count, times.sum), (1, 120.0))

    def test_short_stretches(self):
        self.add_done(-7)
        self.add_done(-5)
        self.add_failed(-1)
        self.assertEqual(
            self.count(start=-10, end=0, seconds=300), {-10: (1, 0), -5: (1, 1)}
        )
        self.close(60)
        self.assertEqual(
            self.count(start=-10, end=0, seconds=300), {-10: (1, 0), -5: (1, 1)}
        )

    def test_the_end_is_not_part_of_it(self):
        self.add_done(0)
        self.assertEqual(self.count(end=0), {})
        self.assertEqual(self.count(end=1), {0: (1, 0)})

    # ------------------------------------------------------------
    # WHAT LEAVES
    # ------------------------------------------------------------

    def check_left(self, listed, ended):
        """The same before and after all hours are closed."""
        for minute in (None, 10, 200):
            if minute:
                self.close(minute)
            self.assertEqual(self.count(), listed)
            self.assertEqual(self.total(), ended)

    def test_queued_again_while_the_hour_is_open(self):
        first, _second = self.add_failed(-30, 2)
        first._requeue_at_once()
        self.env.flush_all()
        self.check_left({-60: (0, 1)}, (0, 2))

    def test_queued_again_when_the_hour_is_closed(self):
        first, _second = self.add_failed(-30, 2)
        self.close(10)
        first._requeue_at_once()
        self.env.flush_all()
        self.check_left({-60: (0, 1)}, (0, 2))
        self.assertFalse(self.env["queue.job.hour.left"].search([]))

    def test_ended_twice(self):
        job = self.add_real(-60, "failed", date_state=-30)
        self.close(10)
        job.requeue()
        self.env.flush_all()
        self.set_state(job, "done", date_done=20)
        self.check_left({0: (1, 0)}, (1, 1))

    def test_failed_jobs_that_are_cancelled_or_set_to_done(self):
        self.add_failed(-30)
        first = self.add_real(-60, "failed", date_state=-30)
        second = self.add_real(-60, "failed", date_state=-30)
        first.button_cancelled()
        second.button_done()
        self.env.flush_all()
        self.assertEqual(self.count(end=1), {-60: (0, 1), 0: (1, 0)})
        self.assertEqual(self.total(), (1, 3))

    def test_deleted_jobs_stay_counted_but_are_not_listed(self):
        first, *_rest = self.add_done(-30, 3)
        self.close(10)
        first.unlink()
        self.check_left({-60: (2, 0)}, (3, 0))

    def test_queue_job_deletes_old_jobs(self):
        self.add_done(-40 * 24 * 60, 3)
        self.add_done(-30)
        self.close(10)
        with freeze_time(at(10)):
            self.env["queue.job"]._gc_old_jobs()
        self.env.invalidate_all()
        self.assertEqual(len(self.env["queue.job"].search([])), 1)
        self.assertFalse(self.env["queue.job.hour.left"].search([]))
        self.assertEqual(self.total(), (4, 0))

    def test_jobs_deleted_by_sql_are_found_out_the_next_day(self):
        self.add_done(-30, 3)
        self.add_failed(-90, 2)
        self.close(10)
        self.env.cr.execute("DELETE FROM queue_job WHERE state = 'failed'")
        self.add_done(-31)  # by a transaction that was very late
        self.add_done(-200)
        with freeze_time(at(20)):
            self.hours._check_hours()
        self.assertEqual(self.count(), {-240: (1, 0), -60: (4, 0)})
        with freeze_time(at(20)):
            self.hours._check_hours()
        self.assertEqual(self.count(), {-240: (1, 0), -60: (4, 0)})
        self.assertEqual(self.total(), (3, 2))

    def test_old_hours_are_forgotten_and_stay_in_the_totals(self):
        self.add_done(-500 * 24 * 60, 3)
        self.add_done(-30)
        self.close(10)
        with freeze_time(at(20)):
            self.tidy_up()
        hours = self.hours.search([("hour", ">", EVER)]).mapped("hour")
        self.assertEqual(max(hours), at(-60))
        self.assertGreater(min(hours), at(-401 * 24 * 60))
        self.assertEqual(self.total(), (4, 0))

    def test_the_last_closed_hour_is_never_forgotten(self):
        self.add_done(-500 * 24 * 60)
        self.close(10)
        self.add_done(20)
        with freeze_time(at(600 * 24 * 60)):
            self.tidy_up()
        self.assertEqual(self.hours._get_watermark(), at(0))
        self.assertEqual(self.total(), (2, 0))

    # ------------------------------------------------------------
    # WHOSE
    # ------------------------------------------------------------

    def test_companies(self):
        other = self.env["res.company"].create({"name": "Other"})
        self.add_done(-30, 1, company_id=self.company.id)
        self.add_done(-30, 2, company_id=other.id)
        self.add_done(-30, 4)
        for _open in (True, False):
            self.assertEqual(self.count(), {-60: (5, 0)})
            self.assertEqual(self.count(companies=other), {-60: (6, 0)})
            self.assertEqual(self.count(companies=self.company | other), {-60: (7, 0)})
            measured = self.hours._measure(at(-60), at(0), other)
            self.assertEqual(measured.run_times.count, 6)
            self.assertEqual(self.total(), (7, 0))
            self.close(10)

    def test_channels(self):
        self.add_done(-30, 1)
        self.add_done(-30, 2, channel="of_others")
        self.add_done(-30, 3, channel=OTHER)
        self.add_done(-30, 4, channel=None)
        for _open in (True, False):
            totals = self.hours._totals()
            self.assertEqual(
                {channel: tally.done for channel, tally in totals.items()},
                {CHANNEL: 1, OTHER: 5, "root": 4},
            )
            self.close(10)

    def test_rights(self):
        for user, may in (
            (self.plain_user, False),
            (self.manager, True),
        ):
            hours = self.hours.with_user(user)
            self.assertEqual(hours.has_access("read"), may)
            self.assertFalse(hours.has_access("write"))
            self.assertFalse(hours.has_access("create"))
        with self.assertRaises(AccessError):
            self.env["queue.job.hour.left"].with_user(self.manager).search([])

    # ------------------------------------------------------------
    # HOW LONG
    # ------------------------------------------------------------

    def test_waits_are_noted_when_a_job_starts(self):
        job = self.add_real(-30, "pending")
        self.assertEqual(self.start(job, 0), 1800)
        self.set_state(job, "pending", eta=5)
        self.assertEqual(self.start(job, 7), 120)

    def test_a_job_that_is_queued_again_waits_from_then_on(self):
        job = self.add_real(-900, "failed", date_state=-600)
        with freeze_time(at(-3)):
            job.requeue()
            self.env.flush_all()
        self.assertEqual(self.start(job, 0), 180)

    def start(self, job, minute):
        """Start a job as queue_job does; returns the seconds that it had waited."""
        with freeze_time(at(minute)):
            self.set_state(job, "enqueued", date_enqueued=minute)
            queued = Job.load(self.env, job.uuid)
            queued.set_started()
            queued.store()
            self.env.flush_all()
        return job.wait_time

    def test_durations_are_counted_as_numpy_counts_them(self):
        runs = [1e-6, 0.01, 0.0100001, 1.0, 1.5, 1.4999, 7.3, 1e6, 2e6, *BOUNDS]
        for seconds in runs:
            self.add_done(-30, run=seconds, wait=seconds / 2)
        expected = np.bincount([bucket_of(s) for s in runs], minlength=SIZE)
        halves = np.bincount([bucket_of(s / 2) for s in runs], minlength=SIZE)
        for _open in (True, False):
            measured = self.hours._measure(at(-60), at(0), self.company)
            self.assertEqual(measured.run_times.counts, tuple(expected))
            self.assertEqual(measured.wait_times.counts, tuple(halves))
            self.assertAlmostEqual(measured.run_sum, sum(runs), 3)
            self.close(10)

    def test_percentiles_are_in_the_bucket_of_the_true_one(self):
        dice = np.random.default_rng(4711)
        for sample in (
            dice.lognormal(1.0, 1.5, 400),
            dice.uniform(0.0, 100.0, 57),
            dice.exponential(30.0, 5),
            np.full(20, 42.0),
        ):
            self.env.cr.execute("DELETE FROM queue_job")
            for seconds in sample:
                self.add_done(-30, run=float(seconds))
            measured = self.hours._measure(at(-60), at(0), self.company)
            for share in (0.5, 0.95, 0.99, 1.0):
                ours = measured.run_times.quantile(share)
                true = np.percentile(sample, share * 100, method="inverted_cdf")
                number = bucket_of(true)
                self.assertLessEqual(ours, BOUNDS[number] + 1e-9)
                self.assertGreater(ours, BOUNDS[number - 1] if number else 0.0)

    def test_jobs_of_before_have_no_waits(self):
        self.add_done(-30, 3, wait=None)
        measured = self.hours._measure(at(-60), at(0), self.company)
        self.assertEqual(measured.run_times.count, 3)
        self.assertEqual(measured.wait_times.count, 0)

    def test_cumulative_as_prometheus_wants_it(self):
        histogram = Histogram.of({0: 2, 3: 1, SIZE - 1: 4}, 12.5)
        cumulative = histogram.cumulative()
        self.assertEqual(cumulative[0], (0.01, 2))
        self.assertEqual(cumulative[3], (0.033, 3))
        self.assertEqual(cumulative[-1], (float("inf"), 7))
        self.assertEqual(histogram.count, 7)
        self.assertEqual(histogram.quantile(1.0), BOUNDS[-1])
