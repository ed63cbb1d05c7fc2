# Copyright 2026 The ai_queue contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
from dataclasses import replace
from datetime import date, timedelta

from dateutil.relativedelta import relativedelta

from odoo import models
from odoo.tools.misc import get_lang

from ..specification import compared, dates
from ..specification.period import start_of

#: So many of another time are looked through for those that are shown.
MAX_COMPARED = 20_000


class AiQueueReportReader(models.AbstractModel):
    """The figures of the other time, beside those of the rows."""

    _inherit = "ai.queue.report.reader"

    def _add_compared(self, one, whole, rows, is_mixed):
        """Put the figures of the other period beside each row.

        :return: (its days and totals; sentences about it)
        """
        before, end = compared(one.period, one.compare, self._today())
        if before is None:
            return None, []
        domain = self._get_domain(one, is_compared=True)
        others, _more = self._read_rows(replace(one, limit=None), domain, MAX_COMPARED)
        known = self._get_known(one, others, before)
        for row in rows:
            row["compared"] = known.pop(
                self._key(one, row), [None for _one in one.measures]
            )
        totals = self._read_rows(whole, domain)[0]
        period = {
            "since": before.isoformat(),
            "until": end.isoformat(),
            "totals": totals[0]["values"]
            if totals and not is_mixed and not one.limit
            else [None for _one in one.measures],
        }
        return period, self._say_gone(one, known)

    def _get_known(self, one, others, before):
        """The figures of the other time: {key of the row beside them: values}"""
        since, _until = dates(one.period, self._today())
        shift = _shift(one, before, since)
        known = {}
        for row in others:
            key = self._key(one, row, shift)
            known[key] = (
                _add_up(one, known[key], row["values"])
                if key in known
                else row["values"]
            )
        return known

    def _say_gone(self, one, known):
        """How many rows there were that there are none of any more."""
        if one.limit or not one.group_by or not known:
            return []
        return [
            self.env._(
                "Only there in the time before, not shown, but in its total: %s",
                len(known),
            )
        ]

    def _key(self, one, row, shift=None):
        """By what the rows of two periods are the same."""
        key = []
        for group, cell in zip(one.group_by, row["groups"], strict=True):
            value = cell["value"]
            if shift and value and group.field == one.period.field:
                day = date.fromisoformat(value) + shift
                value = self._start_of(group.granularity, day).isoformat()
            key.append(value)
        return tuple(key)

    def _start_of(self, granularity, day):
        """The first day of a group; weeks begin where Odoo lets them, by language."""
        if granularity == "week":
            first = int(get_lang(self.env).week_start) - 1
            return day - timedelta(days=(day.weekday() - first) % 7)
        return start_of(granularity, day)


def _shift(one, before, since):
    """From the days of one period to those of the other."""
    lengths = {group.granularity for group in one.group_by}
    if one.compare == "previous" and lengths & {"day", "week"}:
        # By their place in the period: months are not of the same length.
        return since - before
    if before.day == since.day:
        months = (since.year - before.year) * 12 + since.month - before.month
        return relativedelta(months=months)
    return since - before


def _add_up(one, values, others):
    """The figures of two rows that stand beside the same one: 28 and 29 February."""
    return [
        value + other
        if measure.aggregate in (None, "sum") and None not in (value, other)
        else None
        for measure, value, other in zip(one.measures, values, others, strict=True)
    ]
