# Copyright 2026 The ai_queue contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
import logging
from datetime import datetime, time, timedelta

import pytz

from odoo import api, fields, models
from odoo.exceptions import UserError

from .ai_queue_board import USERS

_logger = logging.getLogger(__name__)

#: The schedule makes tiles for those who have looked within so many days.
RECENT_DAYS = 14
#: Without a schedule, a tile is old after so long.
STALE_AFTER = timedelta(hours=24)
#: A schedule may be so much behind before its tiles are called old.
GRACE = timedelta(hours=1)
LENGTHS = {
    "hour": timedelta(hours=1),
    "day": timedelta(days=1),
    "week": timedelta(days=7),
}


def next_moment(now, every, hour, tz, weekday=0):
    """When it is due the next time.

    :param now: naive, in UTC
    :param str every: "hour", "day" or "week"
    :param int hour: of the day, in the time zone
    :param int weekday: 0 for Monday
    :return: naive, in UTC, later than ``now``
    """
    if every == "hour":
        return now.replace(minute=0, second=0, microsecond=0) + LENGTHS["hour"]
    zone = pytz.timezone(tz) if tz in pytz.all_timezones_set else pytz.utc
    day = pytz.utc.localize(now).astimezone(zone).date()
    while True:
        if every == "day" or day.weekday() == weekday:
            local = zone.localize(datetime.combine(day, time(hour)))
            moment = local.astimezone(pytz.utc).replace(tzinfo=None)
            if moment > now:
                return moment
        day += timedelta(days=1)


class AiQueueBoard(models.Model):
    """When a board is made anew by itself."""

    _inherit = "ai.queue.board"

    interval = fields.Selection(
        [
            ("hour", "Every hour"),
            ("day", "Every day"),
            ("week", "Every Monday"),
        ],
        string="Refresh",
        help="For those who have looked at it within two weeks. Empty: only when "
        "somebody presses Refresh.",
    )
    hour = fields.Integer(string="At (hour)", default=6)
    date_next = fields.Datetime(
        string="Next Refresh",
        compute="_compute_date_next",
        store=True,
        readonly=True,
        copy=False,
        index="btree_not_null",
    )

    _hour_of_day = models.Constraint(
        "CHECK (hour BETWEEN 0 AND 23)", "The hour is between 0 and 23."
    )

    @api.depends("interval", "hour")
    def _compute_date_next(self):
        for board in self:
            board.date_next = board._get_next()

    def _get_next(self):
        if not self.interval:
            return False
        now = fields.Datetime.now()
        tz = self.user_id.sudo().tz or "UTC"
        return next_moment(now, self.interval, self.hour, tz)

    def _get_stale_before(self):
        """What is from before then is old."""
        wait = LENGTHS[self.interval] + GRACE if self.interval else STALE_AFTER
        return fields.Datetime.now() - wait

    @api.model
    def _cron_refresh(self):
        """Queue what is due: a run for each reader of a board who still looks at it."""
        boards = self.sudo().search([("date_next", "<=", fields.Datetime.now())])
        for board in boards:
            for results in board._get_recent_results().grouped("user_id").values():
                board._refresh_for(results)
            board.date_next = board._get_next()

    def _get_recent_results(self):
        since = fields.Datetime.now() - timedelta(days=RECENT_DAYS)
        return self.env["ai.queue.board.result"].search(
            [
                ("tile_id", "in", self.tile_ids.ids),
                ("date_looked", ">=", since),
                ("user_id.active", "=", True),
            ]
        )

    def _refresh_for(self, results):
        """Start a run of one reader, as that reader."""
        user = results.user_id
        if not user.has_group(USERS):
            return
        allowed = set(user.company_ids.ids)
        for some in results.grouped("scope").values():
            if not set(some[:1].company_ids or ()) <= allowed:
                some.unlink()  # of companies that the reader does not work in any more
                continue
            some = some._as_reader()
            try:
                with self.env.cr.savepoint():
                    if some.tile_id.board_id._filtered_access("read"):
                        some._start_run("cron")
            except UserError as error:  # an AccessError is one
                _logger.warning("Board %s of user %s: %s", self.id, user.id, error)
