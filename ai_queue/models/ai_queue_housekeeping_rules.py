# Copyright 2026 The ai_queue contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""What is kept for how long: the table, and which rows of a model are old.

Each function takes the environment and the moment before which things are old, and
returns the condition, as ``SQL``, on a row called ``old``. None of them ever matches
what is still at work: queue, runs and bills go before tidiness.
"""

from collections.abc import Callable
from datetime import timedelta
from typing import NamedTuple

from odoo import fields
from odoo.tools import SQL

from .ai_queue_hour import EVER
from .ai_queue_hour_left import NOTED_DAYS
from .ai_queue_run import ACTIVE_STATES, ENDED_STATES

#: Days, by the name of the setting ``ai_queue.<name>_days``; 0 keeps for ever.
DEFAULT_DAYS = {
    "call_text": 30,
    "call": 730,
    "run": 180,
    "forecast": 730,
    "bill": 730,
    "alert": 90,
    "hour": 400,
}
#: What a person fixed by hand stays at least so long after the end of its period.
MANUAL_DAYS = 365


class Retention(NamedTuple):
    """One row of the table.

    model: its name; outdated: function that says which rows are old; setting: a key of
    ``DEFAULT_DAYS``, or None with a number of days that nobody needs to change; sweep:
    generator method of ``ai.queue.housekeeping`` that takes the old rows away.
    """

    model: str
    outdated: Callable
    setting: str | None = None
    days: int = 0
    sweep: str = "_sweep_rows"


class Part(NamedTuple):
    """What belongs, or refers, to a run, and has to go or let go before it goes.

    model: its name; column: the reference to the run; is_own: deleted with the run,
    else it stays without it; is_free: condition on such a row called ``old``: as long
    as there are others, the run stays.
    """

    model: str
    column: str
    is_own: bool
    is_free: str = "TRUE"


RUN_PARTS = (
    Part("ai.queue.run.attempt", "run_id", True),
    Part(
        "queue.job",
        "ai_queue_run_id",
        True,
        "old.state IN ('done', 'failed', 'cancelled')",
    ),
    Part("ai.queue.call", "run_id", False, "old.state <> 'asking'"),
    # The next run writes the periods to come, and shall not meet us there.
    Part("ai.queue.forecast", "run_id", False, "old.date_end < %(today)s"),
    Part(
        "ai.queue.bill.reading",
        "run_id",
        False,
        "old.state NOT IN ('pending', 'started')",
    ),
)


def calls_with_texts(env, before):
    """Calls whose question or answer is still there."""
    return SQL(
        "%s AND (old.question IS NOT NULL OR old.answer_text IS NOT NULL)",
        calls(env, before),
    )


def calls(env, before):
    """Calls that are over, and that nobody takes an answer from any more.

    They are in the totals already, which never go back. An answer is used again as long
    as the setting for that says, and by its own job, which may be tried again, however
    old it is.
    """
    return SQL(
        """
        old.date < %(before)s AND old.state <> 'asking'
        AND old.date < (SELECT max(date_until) FROM ai_queue_call_total)
        AND NOT (old.is_current AND old.state = 'answered'
                 AND old.date_done >= %(fresh)s)
        AND NOT EXISTS (
            SELECT FROM ai_queue_run AS run
             WHERE run.id = old.run_id AND run.state IN %(active)s)
        AND NOT EXISTS (
            SELECT FROM queue_job AS job
             WHERE job.uuid = old.job_uuid AND job.state NOT IN %(ended)s)
        """,
        before=before,
        fresh=env["ai.queue.call"]._get_fresh_since(),
        active=ACTIVE_STATES,
        ended=ENDED_STATES,
    )


def budgets(_env, before):
    """Days whose calls are gone: nothing is left to sum up."""
    return SQL("old.date < %s", before.date())


def requests(_env, before):
    """Requests that no limit a minute looks at any more."""
    return SQL("old.date < %s", before)


def runs(_env, before):
    """Runs that have ended, and so have all their queue jobs."""
    return SQL(
        """
        old.state IN %(ended)s
        AND coalesce(old.date_done, old.write_date) < %(before)s
        AND NOT EXISTS (
            SELECT FROM queue_job AS job
             WHERE job.ai_queue_run_id = old.id AND job.state NOT IN %(ended)s)
        """,
        ended=ENDED_STATES,
        before=before,
    )


def forecasts(_env, before):
    """Periods that are long over; and periods to come of which nothing was heard since.

    The latter are those of products that are not forecast any more. What a person fixed
    by hand goes only when its period is long over, by a year at least.
    """
    today = fields.Date.today()
    manual = min(before.date(), fields.Date.subtract(today, days=MANUAL_DAYS))
    return SQL(
        """
        (old.date_end < %(before)s
         AND (old.is_manual IS NOT TRUE OR old.date_end < %(manual)s)
         OR old.date_end >= %(today)s
         AND old.write_date < %(before)s AND old.is_manual IS NOT TRUE)
        """,
        before=before.date(),
        manual=manual,
        today=today,
    )


def bill_readings(_env, before):
    """Readings that came to an end, of bills that are no drafts any more.

    Of a draft only what the last reading has replaced goes.
    """
    return SQL(
        """
        old.state IN %(ended)s
        AND coalesce(old.date_result, old.date_read, old.write_date) < %(before)s
        AND (old.is_current IS NOT TRUE OR EXISTS (
            SELECT FROM account_move AS move
             WHERE move.id = old.move_id AND move.state <> 'draft'))
        """,
        ended=ENDED_STATES,
        before=before,
    )


def alerts(_env, before):
    """Alerts that are over; what was told of them goes with them."""
    return SQL("old.state = 'resolved' AND old.date_resolved < %s", before)


def alert_tests(_env, before):
    """Test messages, which belong to no alert."""
    return SQL("old.event = 'test' AND old.date_due < %s", before)


def hours(_env, before):
    """Hours that nobody looks at any more; what they had in all stays.

    Not those that notes may still change, nor the last one, which says where the open
    ones begin.
    """
    noted = fields.Datetime.now() - timedelta(days=NOTED_DAYS)
    return SQL(
        """
        old.hour > %s AND old.hour < %s
        AND old.hour < (SELECT max(hour) FROM ai_queue_hour)
        """,
        EVER,
        min(before, noted),
    )


def runners(_env, before):
    """Processes that are long gone; the last one tells since when."""
    return SQL(
        """
        old.date_seen < %s AND old.id <> (
            SELECT id FROM ai_queue_runner
             ORDER BY date_seen DESC NULLS LAST, id DESC LIMIT 1)
        """,
        before,
    )


RETENTIONS = (
    Retention(
        "ai.queue.call", calls_with_texts, "call_text", sweep="_sweep_call_texts"
    ),
    Retention("ai.queue.call", calls, "call"),
    Retention("ai.queue.budget", budgets, "call"),
    Retention("ai.queue.request", requests, days=1),
    Retention("ai.queue.run", runs, "run", sweep="_sweep_runs"),
    Retention("ai.queue.forecast", forecasts, "forecast"),
    Retention("ai.queue.bill.reading", bill_readings, "bill"),
    Retention("ai.queue.alert", alerts, "alert"),
    Retention("ai.queue.hour", hours, "hour"),
    Retention("ai.queue.alert.delivery", alert_tests, days=7),
    Retention("ai.queue.runner", runners, days=1),
)
