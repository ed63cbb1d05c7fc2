# Copyright 2026 The ai_queue contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
import math
from dataclasses import replace
from datetime import date, datetime

import psycopg2

from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.fields import Domain
from odoo.tools import SQL

from ..specification import dates
from ..specification.shape import COUNT
from .ai_queue_report_units import spec_of

#: So many rows are read of a report without a limit of its own.
MAX_ROWS = 1000
#: So many units or currencies have a top ten of their own.
MAX_UNITS = 10
#: So many are looked through where the database cannot tell which are the first.
MAX_SORTED = 20_000
#: So long a statement may take, milliseconds.
MAX_QUERY = 20_000


class AiQueueReportReader(models.AbstractModel):
    _inherit = "ai.queue.report.reader"

    # ------------------------------------------------------------
    # READ
    # ------------------------------------------------------------

    @api.model
    def _read(self, specification, max_milliseconds=MAX_QUERY):
        """The figures of a specification, as far as the current user may see them.

        :param dict specification: data as of ``specification.SCHEMA``
        :param int max_milliseconds: so long each of its few statements may take
        :return: plain data that can be kept as JSON::

            {"columns": [{"key": "group:0", "type": "group", "text": "Country",
                          "field": "country_id", "granularity": None},
                         {"key": "measure:0", "type": "measure", "text": "Total",
                          "field": "amount_total", "aggregate": "sum",
                          "kind": "integer|float|monetary"}],
             "rows": [{"groups": [{"value": 57, "text": "Germany"}],
                       "values": [12.5], "compared": [11.0] or None}],
             "totals": [12.5], "compared": {"since", "until", "totals"} or None,
             "period": {"since", "until"} or None,
             "currency": {"id", "name"} or None, "is_limited": False,
             "is_mixed": False (rows are in several units or currencies),
             "notes": [sentences], "as_of": "2026-03-18 09:00:00" (UTC),
             "empty_because": sentence or None}

            A value is None where there is nothing, or where what is in it cannot be
            added up; totals likewise.
        :raise UserError: with a sentence that says what to do
        """
        return self._read_bounded(self._check(specification), max_milliseconds)

    def _read_bounded(self, one, max_milliseconds):
        """Read with a time-out; what the database refuses is said in words."""
        try:
            with self.env.cr.savepoint():
                self.env.cr.execute(
                    SQL("SET LOCAL statement_timeout = %s", max_milliseconds)
                )
                return self._read_checked(one)
        except psycopg2.errors.QueryCanceled as error:
            raise UserError(
                self.env._(
                    "This took longer than %s seconds and was stopped. Ask for a "
                    "shorter time, or for fewer details.",
                    max_milliseconds // 1000,
                )
            ) from error
        except (
            ValueError,
            psycopg2.errors.DivisionByZero,
            psycopg2.errors.DataException,
        ) as error:
            raise UserError(
                self.env._(
                    "Odoo could not add this up. Ask in another way, or for other "
                    "fields."
                )
            ) from error
        finally:
            self.env.cr.execute("SET LOCAL statement_timeout = DEFAULT")

    def _read_checked(self, one):
        one, notes, mixed = self._settle(one)
        columns = self._get_columns(one)
        apart = self._get_apart(one)
        if one.limit and 0 < len(apart) < len(one.group_by):
            rows, is_limited, more = self._read_each(one, apart)
            notes += more
        else:
            rows, is_limited = self._read_rows(one, self._get_domain(one))
        whole = replace(one, group_by=(), order=None, limit=None)
        result = {
            "columns": columns,
            "rows": rows,
            "totals": self._read_totals(one, whole, rows, mixed),
            "is_mixed": bool(mixed),
            "compared": None,
            "period": self._get_period(one),
            "currency": self._get_currency(one),
            "is_limited": is_limited,
            "notes": notes,
            "as_of": fields.Datetime.to_string(fields.Datetime.now()),
            "empty_because": None,
        }
        if one.compare:
            result["compared"], more = self._add_compared(one, whole, rows, bool(mixed))
            notes += more
        if not any(row["count"] for row in rows):
            result["empty_because"] = self._say_empty(one)
        for row in rows:
            del row["count"]
        return result

    # ------------------------------------------------------------
    # ROWS
    # ------------------------------------------------------------

    def _read_rows(self, one, domain, most=None):
        """(rows, whether there are more of them)"""
        groupby = [spec_of(group) for group in one.group_by]
        specs = [_aggregate(measure) for measure in one.measures]
        limit = most or (min(one.limit, MAX_ROWS) if one.limit else MAX_ROWS)
        is_sorted_here = self._is_sorted_here(one)
        wanted = max(limit, MAX_SORTED) if is_sorted_here else limit
        found = self.env[one.model]._read_group(
            domain,
            groupby,
            [*specs, COUNT],
            order=self._get_order(one, groupby, specs) if groupby else None,
            limit=wanted + 1 if groupby else None,
        )
        # A limit of the question is what was asked for.
        is_limited = len(found) > limit and not one.limit
        if is_sorted_here:
            is_limited = is_limited or len(found) > wanted
            found = self._sort(one, found)
        return [self._make_row(one, values) for values in found[:limit]], is_limited

    def _is_sorted_here(self, one):
        """Whether Odoo adds the first measure up in Python, so that the database sorts
        by something else: the value of a stock."""
        measure = one.measures[0]
        if not (one.group_by and self._is_by_measure(one)) or measure.field == COUNT:
            return False
        field = self.env[one.model]._fields[measure.field]
        return not field.store and not field.related

    def _sort(self, one, found):
        """Rows by their first measure; what has none comes last."""
        count = len(one.group_by)
        apart = [one.group_by.index(group) for group in self._get_apart(one)]
        places, sign = {}, -1 if not one.order or one.order.direction == "desc" else 1

        def key(values):
            unit = tuple(values[place] for place in apart)
            value = _number(values[count])
            return (
                places.setdefault(unit, len(places)),
                value is None,
                sign * (value or 0),
            )

        return sorted(found, key=key)

    def _get_apart(self, one):
        """The groups that say in what the first measure is: units, currencies.

        Rows are ranked by that measure in each of them, since 900 yen are not more
        than 800 euros.
        """
        if one.order and one.order.by != "measure":
            return []
        measure = one.measures[0]
        if measure.field == COUNT or measure.aggregate == "count_distinct":
            return []
        units = {name for name, _say in self._get_units(one.model, measure.field)}
        return [group for group in one.group_by if group.field in units]

    def _read_each(self, one, apart):
        """The first rows of each unit or currency.

        :return: (rows, whether there are more units than are read, notes)
        """
        domain = Domain(self._get_domain(one))
        names = [group.field for group in apart]
        units = self.env[one.model]._read_group(domain, names, limit=MAX_UNITS + 1)
        rows = []
        for values in units[:MAX_UNITS]:
            mine = domain
            for name, value in zip(names, values, strict=True):
                mine &= Domain(name, "=", value.id)
            rows += self._read_rows(one, list(mine))[0]
        notes = [self._say_each(one.limit)] if len(units) > 1 else []
        return rows, len(units) > MAX_UNITS, notes

    def _say_each(self, limit):
        return self.env._(
            "The first %s of each are shown: what is in several currencies or units "
            "cannot be ranked together.",
            limit,
        )

    def _make_row(self, one, values):
        count = len(one.group_by)
        return {
            "groups": [
                self._make_group(one.model, group, value)
                for group, value in zip(one.group_by, values[:count], strict=True)
            ],
            "values": [_number(value) for value in values[count:-1]],
            "compared": None,
            "count": values[-1],
        }

    def _is_by_measure(self, one):
        """Whether rows are ranked by their first measure."""
        if one.order:
            return one.order.by == "measure"
        return not one.group_by[0].granularity and one.chart != "line"

    def _get_order(self, one, groupby, specs):
        apart = [spec_of(group) for group in self._get_apart(one)]
        rest = [name for name in groupby if name not in apart]
        direction = one.order.direction if one.order else "desc"
        if self._is_by_measure(one):
            # What has none comes last, whichever way it is sorted.
            first = f"{specs[0]} {direction} NULLS LAST"
            ranked = [] if self._is_sorted_here(one) else [first]
            return ", ".join([*apart, *ranked, *rest])
        if one.order:
            return ", ".join([f"{groupby[0]} {direction}", *groupby[1:]])
        return ", ".join(groupby)

    def _make_group(self, model, group, value):
        """A value of a group as JSON, and as people read it."""
        found = self._follow(model, group.field)
        field = found.field
        if field.relational:
            # Who may read the record that points there is shown its name by Odoo, too.
            text = value.sudo().display_name if value else self.env._("None")
            return {"value": value.id or False, "text": text or self.env._("None")}
        if isinstance(value, date | datetime):
            text = self._say_time(value, group.granularity)
            return {"value": str(value)[:10], "text": text}
        if field.type == "boolean":
            text = self.env._("Yes") if value else self.env._("No")
            return {"value": bool(value), "text": text}
        if field.type == "selection" and value:
            choices = dict(field._description_selection(self.env))
            return {"value": value, "text": choices.get(value, value)}
        return {"value": value or False, "text": value or self.env._("None")}

    # ------------------------------------------------------------
    # TOTALS
    # ------------------------------------------------------------

    def _read_totals(self, one, whole, rows, mixed):
        """The figures of all rows together; None for those that cannot be added up."""
        if not one.group_by:
            return rows[0]["values"] if rows else [None for _one in one.measures]
        if one.limit:
            # Of a top ten there is no total but that of the ten.
            return [
                sum(row["values"][place] or 0 for row in rows)
                if not mixed and measure.aggregate in (None, "sum")
                else None
                for place, measure in enumerate(one.measures)
            ]
        found = self._read_rows(whole, self._get_domain(one))[0]
        values = found[0]["values"] if found else [None for _one in one.measures]
        return (
            [
                None
                if mixed & {name for name, _say in self._get_units(one.model, m.field)}
                else value
                for m, value in zip(one.measures, values, strict=True)
            ]
            if mixed
            else values
        )

    def _get_columns(self, one):
        columns = []
        for place, group in enumerate(one.group_by):
            found = self._follow(one.model, group.field)
            columns.append(
                {
                    "key": f"group:{place}",
                    "type": "group",
                    "text": self._say_field(found),
                    "field": group.field,
                    "granularity": group.granularity,
                }
            )
        for place, measure in enumerate(one.measures):
            columns.append(
                {
                    "key": f"measure:{place}",
                    "type": "measure",
                    "text": self._say_measure(one, measure),
                    "field": measure.field,
                    "aggregate": measure.aggregate,
                    "kind": self._get_kind(one.model, measure),
                }
            )
        return columns

    def _get_period(self, one):
        if not one.period:
            return None
        since, until = dates(one.period, self._today())
        return {
            "since": since and since.isoformat(),
            "until": until and until.isoformat(),
        }

    def _say_empty(self, one):
        if one.period or one.filters:
            return self.env._(
                "Nothing was found, as far as you may see. Ask for another time, or "
                "with fewer conditions."
            )
        return self.env._("There is nothing yet, as far as you may see.")


def _aggregate(measure):
    return COUNT if measure.field == COUNT else f"{measure.field}:{measure.aggregate}"


def _number(value):
    """A number that JSON has; None for none."""
    if value is None or isinstance(value, bool):
        return None if value is None else int(value)
    return value if isinstance(value, int) or math.isfinite(value) else None
