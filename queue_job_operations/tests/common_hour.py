# Copyright 2026 The ai_queue contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
from datetime import timedelta

from odoo.tests import freeze_time

from .common import QueueJobCommon
from .common_alert import CHANNEL, START, AlertMixin

OTHER = "root.of_others"


def at(minute):
    return START + timedelta(minutes=minute)


def minute_of(moment):
    return int((moment - START).total_seconds() // 60)


class HourMixin(AlertMixin):
    """Nothing has ended yet, and no hour is closed."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.hours = cls.env["queue.job.hour"]
        cls.hours.search([]).unlink()
        cls.env["queue.job.hour.left"].search([]).unlink()

    def add_done(self, minute, count=1, run=2.0, wait=1.0, channel=CHANNEL, **values):
        return self.add_jobs(
            count,
            "done",
            channel,
            made=minute - 1,
            date_done=minute,
            exec_time=run,
            wait_time=wait,
            **values,
        )

    def add_failed(self, minute, count=1, channel=CHANNEL, **values):
        return self.add_jobs(
            count, "failed", channel, made=minute - 1, date_state=minute, **values
        )

    def add_real(self, made, state, **values):
        """A job that could run, in another state than it has when it is made."""
        with freeze_time(at(made)):
            job = self.delay(CHANNEL)
            self.env.flush_all()
        self.set_state(job, state, **values)
        return job

    def close(self, minute):
        """What the cron does in a minute."""
        with freeze_time(START + timedelta(minutes=minute)):
            self.env.ref(
                "queue_job_operations.ir_cron_close_hours"
            ).method_direct_trigger()
        self.env.invalidate_all()

    def count(self, start=-24 * 60, end=600, companies=None, **kwargs):
        """{minute at which an hour begins: (done, failed)}."""
        counts = self.hours._count(
            at(start), at(end), companies or self.company, **kwargs
        )
        return {minute_of(hour): pair for hour, pair in counts.items() if any(pair)}

    def total(self, channel=CHANNEL):
        tally = self.hours._totals()[channel]
        return tally.done, tally.failed


class HourCommon(HourMixin, QueueJobCommon):
    """The base of the tests of what has ended."""
