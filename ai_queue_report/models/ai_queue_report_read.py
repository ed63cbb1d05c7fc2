# Copyright 2026 The ai_queue contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
import math
from dataclasses import replace
from datetime import date, datetime, timedelta

import psycopg2
from dateutil.relativedelta import relativedelta

from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.fields import Domain
from odoo.tools import SQL
from odoo.tools.misc import get_lang

from ..specification import Group, compared, dates
from ..specification.period import start_of
from ..specification.shape import COUNT, MAX_GROUPS

#: So many rows are read of a report without a limit of its own.
MAX_ROWS = 1000
#: So many units or currencies have a top ten of their own.
MAX_UNITS = 10
#: So many of another time are looked through for those that are shown.
MAX_COMPARED = 20_000
#: So long a statement may take, milliseconds.
MAX_QUERY = 20_000
#: Where the unit of a quantity may be.
UNIT_FIELDS = ("product_uom_id", "product_uom", "uom_id")
#: Their amounts are in the currency of the present company, whatever company made them.
CONVERTED = ("account.invoice.report",)
#: Numbers that have no unit, or one that is the same for all.
UNITLESS = ("weight", "volume", "latency", "delay", "tokens", "rate", "error", "nbr")


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

    @api.model
    def _settle(self, specification):
        """Split by unit and currency what cannot be added up otherwise.

        :return: (``Specification``, sentences about what was split, names of the fields
            that have several values in all of it, whatever it is grouped by)
        :raise UserError: when there is no place left to split by
        """
        one = checked = self._check(specification)
        several = self._find_several(checked)
        notes = []
        for name, sentence in several.items():
            if not self._is_mixed(checked, name):
                continue
            if len(one.group_by) >= MAX_GROUPS:
                raise UserError(
                    self.env._(
                        "%(sentence)s Split by one thing less, or only ask for one of "
                        "them.",
                        sentence=sentence,
                    )
                )
            one = replace(one, group_by=(*one.group_by, Group(name)))
            notes.append(sentence)
        return one, notes, set(several)

    def _find_several(self, one):
        """The fields that say in what the measures are, those with several values:
        {name: sentence about it}."""
        wanted = {}
        for measure in one.measures:
            if measure.field != COUNT and measure.aggregate != "count_distinct":
                wanted.update(self._get_units(one.model, measure.field))
        domain, model = self._get_domain(one), self.env[one.model]
        several = {}
        for name, say in wanted.items():
            # Most often there is one for all, which takes no sorting to find out.
            units = model._read_group(domain, [name], limit=3)
            if sum(bool(unit) for (unit,) in units) > 1:
                several[name] = say
        return several

    def _is_mixed(self, one, name):
        """Whether rows would add up several values of a field of which there are
        several in all."""
        if any(group.field == name for group in one.group_by):
            return False
        # Of what is shown: one product has one unit, however many there are of all.
        # What is ranked is compared with all others.
        is_ranked = one.limit or (one.order and one.order.by == "measure")
        if is_ranked or not one.group_by:
            return True
        spec = f"{name}:count_distinct"
        found = self.env[one.model]._read_group(
            self._get_domain(one),
            [_spec(group) for group in one.group_by],
            [spec],
            having=[(spec, ">", 1)],
            limit=1,
        )
        return bool(found)

    def _get_units(self, model, name):
        """The fields that say in what a number is: (name, sentence about it)."""
        field = self.env[model]._fields[name]
        if field.type == "monetary":
            unit = field.get_currency_field(self.env[model])
            by_company = self._is_company_currency(model, unit)
            if by_company and len(self.env.companies.currency_id) < 2:
                return
            if by_company and not self._can_split(model, unit):
                unit = "company_id"
            if unit and self._can_split(model, unit):
                yield unit, self._say_currencies()
        elif field.type == "float" and not any(word in name for word in UNITLESS):
            catalogue = self.env["ai.queue.report.catalogue"]
            if name in catalogue._get_money_fields(model):
                several = len(self.env.companies.currency_id) > 1
                if several and model not in CONVERTED:
                    yield "company_id", self._say_currencies()
                return
            for unit in UNIT_FIELDS:
                if self._can_split(model, unit):
                    yield (
                        unit,
                        self.env._("Quantities are in several units, each by itself."),
                    )
                    break

    def _say_currencies(self):
        return self.env._("Amounts are in several currencies, each by itself.")

    def _can_split(self, model, name):
        field = self.env[model]._fields.get(name)
        if field is None:
            return False
        return bool(
            self.env[model]
            .fields_get([name], ["groupable"])
            .get(name, {})
            .get("groupable")
        )

    def _is_company_currency(self, model, unit):
        if not unit:
            return False
        field = self.env[model]._fields[unit]
        return (
            unit == "company_currency_id"
            or (field.related or "") == "company_id.currency_id"
        )

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
            result["compared"] = self._add_compared(one, whole, rows, bool(mixed))
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
        groupby = [_spec(group) for group in one.group_by]
        specs = [_aggregate(measure) for measure in one.measures]
        limit = most or (min(one.limit, MAX_ROWS) if one.limit else MAX_ROWS)
        found = self.env[one.model]._read_group(
            domain,
            groupby,
            [*specs, COUNT],
            order=self._get_order(one, groupby, specs) if groupby else None,
            limit=limit + 1 if groupby else None,
        )
        rows = [self._make_row(one, values) for values in found[:limit]]
        # A limit of the question is what was asked for.
        return rows, len(found) > limit and not one.limit

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

    def _get_order(self, one, groupby, specs):
        # What has none comes last, whichever way it is sorted.
        order = one.order
        apart = [_spec(group) for group in self._get_apart(one)]
        groupby = [*apart, *(name for name in groupby if name not in apart)]
        is_time = one.group_by and one.group_by[0].granularity
        if is_time and not order:
            return ", ".join(map(_spec, one.group_by))
        if order and order.by == "measure":
            first = f"{specs[0]} {order.direction} NULLS LAST"
            return ", ".join([*apart, first, *groupby[len(apart) :]])
        if order:
            return ", ".join([f"{groupby[0]} {order.direction}", *groupby[1:]])
        if one.chart == "line":
            return ", ".join(map(_spec, one.group_by))
        first = f"{specs[0]} desc NULLS LAST"
        return ", ".join([*apart, first, *groupby[len(apart) :]])

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
    # TOTALS, COMPARISON
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

    def _add_compared(self, one, whole, rows, is_mixed):
        """Put the figures of the other period beside each row."""
        since, until = dates(one.period, self._today())
        before, end = compared(one.period, one.compare, self._today())
        if before is None:
            return None
        domain = self._get_domain(one, is_compared=True)
        others, _more = self._read_rows(replace(one, limit=None), domain, MAX_COMPARED)
        shift = _shift(before, since)
        known = {self._key(one, row, shift): row["values"] for row in others}
        for row in rows:
            row["compared"] = known.get(
                self._key(one, row), [None for _one in one.measures]
            )
        totals = self._read_rows(whole, domain)[0]
        return {
            "since": before.isoformat(),
            "until": end.isoformat(),
            "totals": totals[0]["values"]
            if totals and not is_mixed and not one.limit
            else [None for _one in one.measures],
        }

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
                    "text": self._say_measure(one.model, measure),
                    "field": measure.field,
                    "aggregate": measure.aggregate,
                    "kind": self._get_kind(one.model, measure),
                }
            )
        return columns

    def _get_kind(self, model, measure):
        if measure.field == COUNT or measure.aggregate == "count_distinct":
            return "integer"
        catalogue = self.env["ai.queue.report.catalogue"]
        if measure.field in catalogue._get_money_fields(model):
            return "monetary"
        kind = self.env[model]._fields[measure.field].type
        # An average of whole numbers is none.
        return "float" if measure.aggregate == "avg" and kind == "integer" else kind

    def _get_currency(self, one):
        """The currency of all amounts; None when there is none, or not one."""
        kinds = [self._get_kind(one.model, measure) for measure in one.measures]
        if "monetary" not in kinds:
            return None
        grouped = {group.field for group in one.group_by}
        if grouped & {"currency_id", "company_currency_id"}:
            return None
        for measure, kind in zip(one.measures, kinds, strict=True):
            field = self.env[one.model]._fields.get(measure.field)
            if kind != "monetary" or field is None or field.type != "monetary":
                continue
            unit = field.get_currency_field(self.env[one.model])
            if unit and not self._is_company_currency(one.model, unit):
                found = (
                    self.env[one.model]._read_group(
                        self._get_domain(one), [unit], limit=2
                    )
                    if self._can_split(one.model, unit)
                    else []
                )
                if len(found) == 1 and found[0][0]:
                    return {"id": found[0][0].id, "name": found[0][0].sudo().name}
                return None
        currency = self.env.company.currency_id
        return {"id": currency.id, "name": currency.sudo().name}

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


def _spec(group):
    return f"{group.field}:{group.granularity}" if group.granularity else group.field


def _aggregate(measure):
    return COUNT if measure.field == COUNT else f"{measure.field}:{measure.aggregate}"


def _number(value):
    """A number that JSON has; None for none."""
    if value is None or isinstance(value, bool):
        return None if value is None else int(value)
    return value if isinstance(value, int) or math.isfinite(value) else None


def _shift(before, since):
    """From the days of one period to those of the other."""
    if before.day == since.day:
        months = (since.year - before.year) * 12 + since.month - before.month
        return relativedelta(months=months)
    return since - before
