# Copyright 2026 The ai_queue contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
from datetime import timedelta

from odoo import api, fields, models
from odoo.tools import format_date, format_list

from ..specification import compared, dates
from ..specification.period import start_of
from ..specification.shape import COUNT
from .ai_queue_report_reader import TODAY

ONE_DAY = timedelta(days=1)
SIGNED = "_signed"


class AiQueueReportReader(models.AbstractModel):
    _inherit = "ai.queue.report.reader"

    # ------------------------------------------------------------
    # SENTENCE
    # ------------------------------------------------------------

    @api.model
    def _sentence(self, specification):
        """A specification in one sentence, in the language of the user."""
        parts = {
            part["key"]: part["text"] for part in self._sentence_parts(specification)
        }
        measures = [text for key, text in parts.items() if key.startswith("measure:")]
        groups = [text for key, text in parts.items() if key.startswith("group:")]
        filters = [text for key, text in parts.items() if key.startswith("filter:")]
        head = format_list(self.env, measures)
        if groups:
            head = self.env._(
                "%(measures)s by %(groups)s",
                measures=head,
                groups=format_list(self.env, groups),
            )
        rest = [parts["subject"], *filters]
        rest += [parts[key] for key in ("period", "compare", "order") if key in parts]
        return ", ".join([head, *rest])

    @api.model
    def _sentence_parts(self, specification):
        """The parts of the sentence, for chips that one can change.

        :return: list of ``{"key", "text"}``; keys are ``subject``, ``measure:0``,
            ``group:0``, ``filter:0`` (the place in the specification), ``period``,
            ``compare``, ``order`` (with the limit), ``chart``
        """
        one = self._check(specification)
        subject, covered = self._say_subject(one)
        parts = []
        for place, measure in enumerate(one.measures):
            text = self._say_measure(one, measure)
            parts.append({"key": f"measure:{place}", "text": text})
        for place, group in enumerate(one.group_by):
            text = self._say_group(one.model, group)
            parts.append({"key": f"group:{place}", "text": text})
        parts.append({"key": "subject", "text": subject})
        for place, each in enumerate(one.filters):
            if place not in covered:
                text = self._say_filter(one.model, each)
                parts.append({"key": f"filter:{place}", "text": text})
        if one.period:
            parts.append({"key": "period", "text": self._say_when(one)})
        if one.compare and (text := self._say_compare(one)):
            parts.append({"key": "compare", "text": text})
        if one.limit or one.order:
            parts.append({"key": "order", "text": self._say_order(one)})
        parts.append({"key": "chart", "text": self._say_chart(one.chart)})
        return parts

    def _say_subject(self, one):
        """(what it is about, the places of the filters that this says already)"""
        catalogue = self.env["ai.queue.report.catalogue"]
        return catalogue._find_subject_label(one) or (self._say_model(one.model), set())

    def _say_field(self, found):
        """What people call a field.

        Odoo calls amounts of invoices in the currency of the company "Untaxed Amount
        Signed", which says nothing to people: here they are called as on the invoice.
        """
        field = found.field
        plain = field.name.removesuffix(SIGNED)
        known = self.env[field.model_name]._fields.get(plain, field)
        return known._description_string(self.env) or found.name

    def _say_measure(self, one, measure):
        if measure.field == COUNT:
            return self.env._("Number")
        what = self._say_field(self._follow(one.model, measure.field))
        match measure.aggregate:
            case "avg":
                return self.env._("Average of %s", what)
            case "min" | "max":
                if (measure.aggregate == "max") ^ self._turns(one, measure):
                    return self.env._("Highest %s", what)
                return self.env._("Lowest %s", what)
            case "count_distinct":
                return self.env._("Number of different %s", what)
        return what

    def _turns(self, one, measure):
        """Whether the largest of a measure is the lowest: the largest credit note."""
        return self.env["ai.queue.report.catalogue"]._turns(one, measure)

    def _say_group(self, model, group):
        found = self._follow(model, group.field)
        if group.granularity:
            return self.env._(
                "%(unit)s (%(field)s)",
                unit=self._say_units()[group.granularity],
                field=self._say_field(found),
            )
        return self._say_field(found)

    def _say_units(self):
        return {
            "day": self.env._("day"),
            "week": self.env._("week"),
            "month": self.env._("month"),
            "quarter": self.env._("quarter"),
            "year": self.env._("year"),
        }

    def _say_filter(self, model, one):
        found = self._follow(model, one.field)
        what, field = self._say_field(found), found.field
        if field.type == "boolean":
            is_on = bool(one.value) == (one.operator == "=")
            return what if is_on else self.env._("not: %s", what)
        if one.operator == "set":
            return self.env._("with %s", what)
        if one.operator == "not set":
            return self.env._("without %s", what)
        values = one.value if isinstance(one.value, list) else [one.value]
        text = format_list(
            self.env, [self._say_value(field, value) for value in values], style="or"
        )
        if one.operator in ("=", "in", "ilike"):
            return self.env._("%(field)s: %(value)s", field=what, value=text)
        if one.operator in ("!=", "not in", "not ilike"):
            return self.env._("%(field)s: not %(value)s", field=what, value=text)
        return self.env._(
            "%(field)s %(operator)s %(value)s",
            field=what,
            operator={">=": "≥", "<=": "≤"}.get(one.operator, one.operator),
            value=text,
        )

    def _say_value(self, field, value):
        if field.type == "selection":
            return dict(field._description_selection(self.env)).get(value, str(value))
        if field.relational and isinstance(value, int):
            # Only names that the reader may see.
            record = self.env[field.comodel_name].browse(value)
            record = record.exists()._filtered_access("read")
            return record.display_name or self.env._("one that you may not see")
        if value == TODAY and field.type in ("date", "datetime"):
            return self.env._("today")
        if field.type in ("date", "datetime"):
            return format_date(self.env, value[:10])
        return str(value)

    def _say_when(self, one):
        """A period, and which date is in it where that does not go without saying."""
        text = self._say_period(one)
        catalogue = self.env["ai.queue.report.catalogue"]
        if catalogue._is_usual_date(one):
            return text
        what = self._say_field(self._follow(one.model, one.period.field))
        return self.env._("%(field)s: %(value)s", field=what, value=text)

    def _say_period(self, one):
        days = self._say_days(*dates(one.period, self._today()))
        unit, count = one.period.unit, one.period.count or 1
        match one.period.kind:
            case "this" if unit != "day":
                return self.env._(
                    "this %(unit)s (%(days)s)", unit=self._say_units()[unit], days=days
                )
            case "to_date":
                return self.env._(
                    "this %(unit)s until today (%(days)s)",
                    unit=self._say_units()[unit],
                    days=days,
                )
            case "last" if unit != "day":
                return self.env._(
                    "last %(unit)s (%(days)s)", unit=self._say_units()[unit], days=days
                )
            case "last_n":
                return self._say_many(self.env._("last"), unit, count, days)
            case "next_n":
                return self._say_many(self.env._("next"), unit, count, days)
        return days

    def _say_many(self, which, unit, count, days):
        units = {
            "day": self.env._("days"),
            "week": self.env._("weeks"),
            "month": self.env._("months"),
            "quarter": self.env._("quarters"),
            "year": self.env._("years"),
        }
        return self.env._(
            "%(which)s %(count)s %(units)s (%(days)s)",
            which=which,
            count=count,
            units=units[unit],
            days=days,
        )

    def _say_compare(self, one):
        days = compared(one.period, one.compare, self._today())
        if days[0] is None:
            # Nothing is before a time without a beginning.
            return ""
        return self.env._("compared with %s", self._say_days(*days))

    def _say_days(self, since, until):
        """Days in words: ``2026``, ``March 2026``, or from when until when."""
        if since and since == until:
            return format_date(self.env, since)
        if since and until:
            for unit in ("year", "quarter", "month"):
                if start_of(unit, since) == since and self._ends(unit, since, until):
                    return self._say_time(since, unit)
            return f"{format_date(self.env, since)} – {format_date(self.env, until)}"
        if since:
            return self.env._("from %s on", format_date(self.env, since))
        if until:
            return self.env._("until %s", format_date(self.env, until))
        return self.env._("at any time")

    def _ends(self, unit, since, until):
        return (
            start_of(unit, until) == since and start_of(unit, until + ONE_DAY) > since
        )

    def _say_time(self, value, granularity):
        """The day, week, month, quarter or year that begins with a day."""
        day = fields.Date.to_date(value)
        if granularity == "week":
            # By the middle of it, for in some languages it begins on a Sunday.
            year, week, _weekday = (day + 3 * ONE_DAY).isocalendar()
            return self.env._("Week %(week)s, %(year)s", week=week, year=year)
        pattern = {"month": "MMMM yyyy", "quarter": "QQQ yyyy", "year": "yyyy"}
        return format_date(self.env, day, date_format=pattern.get(granularity, False))

    def _say_order(self, one):
        first = one.group_by[0] if one.group_by else None
        is_down = not one.order or one.order.direction == "desc"
        by_measure = not one.order or one.order.by == "measure"
        if by_measure:
            is_down ^= self._turns(one, one.measures[0])
        if one.limit and by_measure:
            if is_down:
                return self.env._("the %s highest", one.limit)
            return self.env._("the %s lowest", one.limit)
        if by_measure or first is None:
            if is_down:
                return self.env._("highest first")
            return self.env._("lowest first")
        if one.limit:
            return self.env._("the first %s", one.limit)
        what = self._say_group(one.model, first)
        if is_down:
            return self.env._("sorted by %s, last first", what)
        return self.env._("sorted by %s", what)

    def _say_chart(self, chart):
        return {
            "bar": self.env._("Bars"),
            "line": self.env._("Line"),
            "pie": self.env._("Pie"),
            "pivot": self.env._("Pivot"),
            "list": self.env._("List"),
            "number": self.env._("Number only"),
        }[chart]
