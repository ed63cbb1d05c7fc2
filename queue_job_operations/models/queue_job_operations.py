# Copyright 2026 The ai_queue contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
from datetime import datetime, time, timedelta
from typing import NamedTuple

import pytz
from babel.dates import format_date as babel_format_date

from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.tools import babel_locale_parse, format_time, get_lang

from odoo.addons.queue_job.job import DONE, ENQUEUED, FAILED, PENDING, STARTED

from ..jobrunner.announce import MESSAGE
from ..rights import MANAGER, check_manager

HOUR_BARS, BAR_MINUTES = 12, 5
DAY_BARS = 24
WEEK_BARS = 7
# Which field says when a job came to this state.
ENDED_ON = {DONE: "date_done", FAILED: "date_state"}


class Period(NamedTuple):
    """What the screen looks back on: whole bars of its chart, the last still filling.

    ``end`` is the end of the present second: so what has just ended is in it, and a
    list that is opened later shows the same jobs. All in UTC.
    """

    key: str
    unit: str
    start: datetime
    end: datetime
    #: [(start, end)] of each bar
    bars: list

    @property
    def hours(self):
        """How long it is."""
        return (self.end - self.start).total_seconds() / 3600


class QueueJobOperations(models.AbstractModel):
    """What the Operations screen shows and does, for managers of the job queue.

    The figures are of all jobs that the reader may see: those of the allowed companies
    and those without one. A figure comes with an action that
    lists what it counted.
    """

    _name = "queue.job.operations"
    _description = "Operations of the Job Queue"

    # ------------------------------------------------------------
    # WHAT IS SHOWN
    # ------------------------------------------------------------

    @api.model
    def get_figures(self, period="day"):
        """Everything on the screen.

        :param str period: "hour", "day" or "week"
        :return: a dict as the screen wants it (see ``static/src/operations``); times
            are UTC, in the format of Odoo
        :raise AccessError: for everyone but managers of the job queue
        """
        check_manager(self.env)
        period = self._get_period(period)
        counts = self._count_bars(period)
        active = self._count_active(self.env.companies)
        runner = self._get_runner()
        return {
            "now": fields.Datetime.to_string(fields.Datetime.now()),
            "period": period.key,
            "tiles": self._get_tiles(period, counts, active, runner),
            "chart": self._get_chart(period, counts),
            "channels": self._get_channels(active, runner),
            "runner": runner,
            **self._get_failures(period, sum(failed for _done, failed in counts)),
            **self._get_alerts(),
            **self._get_panels(),
        }

    def _get_panels(self):
        """Figures of further panels, merged into those of the screen.

        Hook for addons: the client knows a panel from the registry
        ``queue_job_operations.panels``. What the reader may not see is left out.
        """
        return {}

    @api.model
    def get_bucket_action(self, start, end, state):
        """The list of the jobs that a bar of the chart counted.

        :param str start: where the bar begins, as it was told
        :param str end: where it ends, excluded
        :param str state: "done" or "failed"
        """
        check_manager(self.env)
        return self._get_ended_action(state, *map(self._to_datetime, (start, end)))

    @api.model
    def get_channel_action(self, channel_id, state):
        """The list of jobs that a figure of a channel counted.

        :param str state: "waiting", "running" or "failed"
        """
        check_manager(self.env)
        states = {
            "waiting": ([PENDING], self.env._("Waiting Jobs")),
            "running": ([ENQUEUED, STARTED], self.env._("Running Jobs")),
            "failed": ([FAILED], self.env._("Failed Jobs")),
        }
        if state not in states:
            raise UserError(self.env._("Channels do not count: %s", state))
        channel = self._get_channel(channel_id)
        names, title = states[state]
        return self._get_jobs_action(
            f"{title}: {channel.complete_name}",
            [("state", "in", names), *channel._get_jobs_domain()],
        )

    # ------------------------------------------------------------
    # WHAT CAN BE DONE
    # ------------------------------------------------------------

    @api.model
    def count_failures(self, period="day"):
        """How many jobs ``retry_failures`` would queue again."""
        check_manager(self.env)
        return self.env["queue.job"].search_count(self._get_failures_domain(period))

    @api.model
    def retry_failures(self, period="day"):
        """Queue the failed jobs of a period again, the oldest first.

        :return: {"retried", "skipped", "left": counts, "message": a sentence}; some are
            left where there are more than a request has time for
        """
        check_manager(self.env)
        return self._retry_all(self._get_failures_domain(period))

    @api.model
    def retry_jobs(self, job_ids):
        """Queue these jobs again, those of them that have failed.

        :return: as ``retry_failures``
        """
        check_manager(self.env)
        return self._retry_all([("id", "in", job_ids), ("state", "=", FAILED)])

    @api.model
    def count_waiting(self, channel_id):
        """How many jobs ``cancel_waiting`` would cancel."""
        check_manager(self.env)
        return self.env["queue.job"].search_count(self._get_waiting_domain(channel_id))

    @api.model
    def cancel_waiting(self, channel_id):
        """Cancel the jobs that wait in a channel, and in those below it.

        What the job runner takes meanwhile is left to it.

        :return: {"cancelled", "left": counts, "message": a sentence}
        """
        check_manager(self.env)
        return self._cancel_all(self._get_waiting_domain(channel_id))

    # ------------------------------------------------------------
    # RIGHTS AND ARGUMENTS
    # ------------------------------------------------------------

    def _to_datetime(self, value):
        try:
            moment = fields.Datetime.to_datetime(value)
        except (TypeError, ValueError):
            moment = None
        if not moment:
            raise UserError(self.env._("Not a date and time: %s", value))
        return moment

    # ------------------------------------------------------------
    # PERIOD AND CHART
    # ------------------------------------------------------------

    @api.model
    def _get_period(self, key):
        """The ``Period`` of this name that ends now."""
        now = datetime.now().replace(microsecond=0)
        if key == "hour":
            minutes = now.minute - now.minute % BAR_MINUTES
            last = now.replace(minute=minutes, second=0)
            step, count = timedelta(minutes=BAR_MINUTES), HOUR_BARS
        elif key == "day":
            last = now.replace(minute=0, second=0)
            step, count = timedelta(hours=1), DAY_BARS
        elif key == "week":
            bounds = self._get_midnights(now)
            return self._make_period(key, "day", now, bounds)
        else:
            raise UserError(self.env._("Unknown period: %s", key))
        bounds = [last + step * number for number in range(1 - count, 2)]
        unit = "minute" if key == "hour" else "hour"
        return self._make_period(key, unit, now, bounds)

    def _make_period(self, key, unit, now, bounds):
        bars = list(zip(bounds, bounds[1:], strict=False))
        return Period(key, unit, bounds[0], now + timedelta(seconds=1), bars)

    def _get_midnights(self, now):
        """Where the last days begin for the reader, and where today ends.

        In UTC and at full hours, since that is what is counted: where clocks differ by
        half an hour, a day begins half an hour early.
        """
        zone = self.env.tz
        today = pytz.utc.localize(now).astimezone(zone).date()
        bounds = []
        for number in range(1 - WEEK_BARS, 2):
            midnight = datetime.combine(today + timedelta(days=number), time())
            moment = zone.localize(midnight).astimezone(pytz.utc)
            bounds.append(moment.replace(minute=0, second=0, tzinfo=None))
        return bounds

    def _count_bars(self, period):
        """[(done, failed)] of each bar."""
        seconds = 60 * BAR_MINUTES if period.unit == "minute" else 3600
        counts = self.env["queue.job.hour"]._count(
            period.start, period.end, self.env.companies, seconds
        )
        bars = []
        for start, end in period.bars:
            pairs = [pair for begin, pair in counts.items() if start <= begin < end]
            bars.append(tuple(sum(pair[index] for pair in pairs) for index in (0, 1)))
        return bars

    def _get_chart(self, period, counts):
        buckets = [
            {
                "start": fields.Datetime.to_string(start),
                "end": fields.Datetime.to_string(end),
                "label": self._get_label(period, start, end),
                "done": done,
                "failed": failed,
            }
            for (start, end), (done, failed) in zip(period.bars, counts, strict=True)
        ]
        return {"unit": period.unit, "buckets": buckets, "unfinished": True}

    def _get_label(self, period, start, end):
        if period.unit != "day":
            zone = str(self.env.tz)
            return format_time(self.env, start, tz=zone, time_format="short")
        # A day may begin a little before midnight (see ``_get_midnights``).
        middle = fields.Datetime.context_timestamp(self, start + (end - start) / 2)
        locale = babel_locale_parse(get_lang(self.env).code)
        return babel_format_date(middle.date(), "EEE d", locale=locale)

    # ------------------------------------------------------------
    # LISTS
    # ------------------------------------------------------------

    def _get_jobs_action(self, name, domain):
        """A list of queue jobs."""
        return self._get_list_action(name, "queue.job", domain)

    def _get_list_action(self, name, model, domain):
        return {
            "type": "ir.actions.act_window",
            "name": name,
            "res_model": model,
            "views": [[False, "list"], [False, "form"]],
            "domain": domain,
            "context": {},
            "target": "current",
        }

    def _get_ended_action(self, state, start, end):
        """The list of jobs that came to this state in a time, and are in it still."""
        if state not in ENDED_ON:
            raise UserError(self.env._("Jobs do not end in this state: %s", state))
        name = self.env._("Done Jobs") if state == DONE else self.env._("Failed Jobs")
        return self._get_jobs_action(name, self._get_ended_domain(state, start, end))

    def _get_ended_domain(self, state, start, end):
        name = ENDED_ON[state]
        return [
            ("state", "=", state),
            (name, ">=", fields.Datetime.to_string(start)),
            (name, "<", fields.Datetime.to_string(end)),
        ]

    def _get_failures_domain(self, period):
        period = self._get_period(period)
        return self._get_ended_domain(FAILED, period.start, period.end)

    # ------------------------------------------------------------
    # LIVE
    # ------------------------------------------------------------

    @api.model
    def _bus_send_changed(self):
        """Tell the screens that something changed; of jobs the job runner does it.

        Not what: everyone reads it with their own rights.
        """
        # The user who changes it need not see groups.
        group = self.env.ref(MANAGER).sudo()
        group._bus_send(MESSAGE, {})
