# Copyright 2026 The ai_queue contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
from __future__ import annotations

from datetime import date, timedelta

from dateutil.relativedelta import relativedelta

LENGTHS = {
    "day": relativedelta(days=1),
    "week": relativedelta(weeks=1),
    "month": relativedelta(months=1),
    "quarter": relativedelta(months=3),
    "year": relativedelta(years=1),
}
ONE_DAY = timedelta(days=1)


def start_of(unit: str, day: date) -> date:
    """The first day of the unit that a day is in; weeks begin on Mondays."""
    if unit == "week":
        return day - timedelta(days=day.weekday())
    if unit == "month":
        return day.replace(day=1)
    if unit == "quarter":
        return day.replace(month=(day.month - 1) // 3 * 3 + 1, day=1)
    if unit == "year":
        return day.replace(month=1, day=1)
    return day


def dates(period, today: date) -> tuple[date | None, date | None]:
    """The first and the last day of a period, both in it; None where it is open.

    ``last_n`` of months are so many whole ones before the present one, and of days
    those up to yesterday; ``to_date`` is from the start of the present unit up to
    today.

    :param period: ``Period``
    :param today: the day on which it is read
    """
    if period.kind == "between":
        return tuple(
            date.fromisoformat(day) if day else None
            for day in (period.since, period.until)
        )
    try:
        return _relative(period, today)
    except (OverflowError, ValueError):
        return None, None


def _relative(period, today):
    start, length = start_of(period.unit, today), LENGTHS[period.unit]
    count = period.count or 1
    if period.kind == "this":
        return start, start + length - ONE_DAY
    if period.kind == "to_date":
        return start, today
    if period.kind == "next_n":
        return start + length, start + length + length * count - ONE_DAY
    return start - length * (count if period.kind == "last_n" else 1), start - ONE_DAY


def compared(period, compare: str, today: date) -> tuple[date | None, date | None]:
    """The days that a period is compared with.

    :param compare: ``last_year``, the same days a year ago, or ``previous``, the period
        of the same length before it: whole units for whole units
    :return: what has no end goes up to today; what has no beginning has none before it
    """
    since, until = dates(period, today)
    if since is None:
        return None, None
    until = until or max(since, today)
    year = relativedelta(years=1)
    if compare == "last_year":
        return since - year, _end(until, year)
    if period.kind == "to_date":
        length = LENGTHS[period.unit]
        return since - length, min(_end(until, length), since - ONE_DAY)
    if period.kind != "between":
        length = LENGTHS[period.unit] * (period.count or 1)
        return since - length, since - ONE_DAY
    if since.day == 1 and (until + ONE_DAY).day == 1:
        after = until + ONE_DAY
        months = (after.year - since.year) * 12 + after.month - since.month
        return since - relativedelta(months=months), since - ONE_DAY
    return since - (until + ONE_DAY - since), since - ONE_DAY


def _end(until, length):
    """The last day of a month stays the last of its month."""
    if (until + ONE_DAY).day == 1:
        return until + ONE_DAY - length - ONE_DAY
    return until - length
