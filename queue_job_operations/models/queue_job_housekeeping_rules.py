# Copyright 2026 The ai_queue contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""What is kept for how long, and which rows of a model are old.

Each function takes the environment and the moment before which things are old, and
returns the condition, as ``SQL``, on a row called ``old``. None of them ever matches
what is still in use: the queue goes before tidiness.
"""

from collections.abc import Callable
from datetime import timedelta
from typing import NamedTuple

from odoo import fields
from odoo.tools import SQL

from .queue_job_hour import EVER
from .queue_job_hour_left import NOTED_DAYS

ALERT_DAYS, HOUR_DAYS = (
    "queue_job_operations.alert_days",
    "queue_job_operations.hour_days",
)
#: What is older than a century is older than all computers.
MAX_DAYS = 36_500
#: Days, by system parameter; 0 keeps for ever.
DEFAULT_DAYS = {ALERT_DAYS: 90, HOUR_DAYS: 400}


class Retention(NamedTuple):
    """What is taken away of a model.

    model: its name; outdated: function that says which rows are old; setting: a system
    parameter that changes the days, or None where nobody needs to; days: how long rows
    are kept by default, 0 for ever; sweep: generator method of
    ``queue.job.housekeeping`` that takes the old rows away.
    """

    model: str
    outdated: Callable
    setting: str | None = None
    days: int = 0
    sweep: str = "_sweep_rows"


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
        AND old.hour < (SELECT max(hour) FROM queue_job_hour)
        """,
        EVER,
        min(before, noted),
    )


def runners(_env, before):
    """Processes that are long gone; the last one tells since when."""
    return SQL(
        """
        old.date_seen < %s AND old.id <> (
            SELECT id FROM queue_job_runner WHERE is_standby IS NOT TRUE
             ORDER BY date_seen DESC NULLS LAST, id DESC LIMIT 1)
        """,
        before,
    )


RETENTIONS = (
    Retention("queue.job.alert", alerts, ALERT_DAYS, DEFAULT_DAYS[ALERT_DAYS]),
    Retention("queue.job.hour", hours, HOUR_DAYS, DEFAULT_DAYS[HOUR_DAYS]),
    Retention("queue.job.alert.delivery", alert_tests, days=7),
    Retention("queue.job.runner", runners, days=1),
)
