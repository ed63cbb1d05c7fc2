# Copyright 2026 The ai_queue contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
from collections import Counter
from dataclasses import replace

from odoo import api, models
from odoo.exceptions import UserError

from ...specification import CHARTS, GRANULARITIES, MAX_GROUPS, MAX_MEASURES, dates
from ...specification.shape import COUNT, Group, Measure, Order, Period
from ..ai_queue_report_check import DAYS, GROUPS, HIDDEN, NUMBERS

MAX_CHOICES = 80
MAX_RECORDS = 20
NEW = "new"
#: (kind, unit, count)
PERIODS = (
    ("this", "day", None),
    ("this", "week", None),
    ("this", "month", None),
    ("last", "month", None),
    ("this", "quarter", None),
    ("last", "quarter", None),
    ("this", "year", None),
    ("to_date", "year", None),
    ("last", "year", None),
    ("last_n", "day", 30),
    ("last_n", "month", 3),
    ("last_n", "month", 12),
    ("next_n", "month", 3),
)
TOPS = (5, 10, 20, 50)


class AiQueueReportReader(models.AbstractModel):
    _inherit = "ai.queue.report.reader"

    # ------------------------------------------------------------
    # PARTS
    # ------------------------------------------------------------

    @api.model
    def _get_chips(self, specification):
        """The parts of the sentence with what can be done to them.

        :return: list of ``{"key", "text", "can_change", "can_remove"}``
        """
        one = self._parse(specification)
        is_counted = [measure.field for measure in one.measures] == [COUNT]
        return [
            {
                **part,
                "can_change": self._can_change(one, part["key"]),
                "can_remove": part["key"] not in ("subject", "chart")
                and not (part["key"] == "measure:0" and is_counted),
            }
            for part in self._sentence_parts(one)
        ]

    def _can_change(self, one, key):
        part, _colon, place = key.partition(":")
        if part == "filter":
            field = self._follow(one.model, one.filters[int(place)].field).field
            return field.type in ("many2one", "many2many", "selection", "boolean")
        return part != "subject"

    @api.model
    def _get_additions(self, specification):
        """What can be added to a specification: list of ``{"key", "text"}``."""
        one = self._parse(specification)
        found = []
        if len(one.group_by) < MAX_GROUPS:
            found.append({"key": f"group:{NEW}", "text": self.env._("Split By")})
        if len(one.measures) < MAX_MEASURES:
            found.append({"key": f"measure:{NEW}", "text": self.env._("Figure")})
        if not one.period and self._get_date(one.model):
            found.append({"key": "period", "text": self.env._("Period")})
        if one.period and not one.compare:
            found.append({"key": "compare", "text": self.env._("Comparison")})
        if one.group_by and not (one.order or one.limit):
            found.append({"key": "order", "text": self.env._("Order")})
        return found

    def _get_date(self, model):
        """The field that times are about, as a rule; None without any."""
        subjects = self.env["ai.queue.report.catalogue"]._get_subjects()
        for subject in subjects:
            if subject.model == model and subject.date:
                return subject.date
        names = [
            name
            for name, field in self._get_fields(model).items()
            if field["type"] in DAYS and name not in ("create_date", "write_date")
        ]
        return names[0] if names else None

    # ------------------------------------------------------------
    # CHOICES
    # ------------------------------------------------------------

    @api.model
    def _get_choices(self, specification, key, text=""):
        """What can be in place of a part of the sentence.

        :param str key: as of ``_get_chips``, or of ``_get_additions``
        :param str text: what somebody typed to find it
        :return: ``{"choices": [{"text", "value", "is_current"}], "is_searched",
            "days"}``
        :raise UserError: there is no such part
        """
        one = self._check(specification)
        part, _colon, place = key.partition(":")
        if part in ("measure", "group", "filter"):
            items = {
                "measure": one.measures,
                "group": one.group_by,
                "filter": one.filters,
            }[part]
            current = None
            if place != NEW or part == "filter":
                current = self._get_at(items, place)
            find = getattr(self, f"_get_{part}_choices")
            return self._choose(find(one, current, text), text, part == "filter")
        if part == "period":
            return self._get_period_choices(one)
        finders = {
            "compare": self._get_compare_choices,
            "order": self._get_order_choices,
            "chart": self._get_chart_choices,
        }
        if part not in finders:
            raise UserError(self.env._("This part cannot be changed."))
        return self._choose(finders[part](one), "", True)

    def _get_at(self, items, place):
        if not place.isdecimal() or int(place) >= len(items):
            raise UserError(
                self.env._("This part is not there any more. Reload the page.")
            )
        return items[int(place)]

    def _choose(self, choices, text, is_ready):
        """The choices as the menu takes them, with those that fit what was typed."""
        is_many = len(choices) > 8 or bool(text)
        if text and not is_ready:
            wanted = text.casefold()
            choices = [one for one in choices if wanted in one["text"].casefold()]
        return {
            "choices": choices[:MAX_CHOICES],
            "is_searched": is_many,
            "days": None,
        }

    def _get_fields(self, model):
        """The fields of a model that the user may see, by their labels."""
        found = self.env[model].fields_get(
            attributes=["string", "type", "aggregator", "groupable"]
        )
        shown = {name: one for name, one in found.items() if not HIDDEN.search(name)}
        return dict(sorted(shown.items(), key=lambda each: each[1]["string"]))

    def _get_measure_choices(self, one, current, _text):
        measures = [Measure(COUNT)]
        for name, field in self._get_fields(one.model).items():
            if field["type"] in NUMBERS and field.get("aggregator"):
                usual = field["aggregator"]
                measures.append(Measure(name, usual if usual == "avg" else "sum"))
        if current and current.field != COUNT:
            others = [
                Measure(current.field, how) for how in ("sum", "avg", "min", "max")
            ]
            measures = [*dict.fromkeys([*others, *measures])]
        taken = set(one.measures) - {current}
        texts = {
            measure: self._say_measure(one, measure)
            for measure in measures
            if measure not in taken
        }
        often = Counter(texts.values())
        model_fields = self.env[one.model]._fields
        return [
            {
                # Two of the same name: then by the names that Odoo gives them.
                "text": text
                if often[text] == 1
                else model_fields[measure.field]._description_string(self.env),
                "value": vars(measure),
                "is_current": measure == current,
            }
            for measure, text in texts.items()
        ]

    def _get_group_choices(self, one, current, _text):
        groups = []
        for name, field in self._get_fields(one.model).items():
            if field["type"] not in GROUPS or not field.get("groupable"):
                continue
            if field["type"] in DAYS:
                groups += [Group(name, unit) for unit in GRANULARITIES]
            else:
                groups.append(Group(name))
        # What it is split by now comes first, by other times.
        if current and current.granularity:
            groups.sort(key=lambda group: group.field != current.field)
        taken = set(one.group_by) - {current}
        return [
            {
                "text": self._say_group(one.model, group),
                "value": vars(group),
                "is_current": group == current,
            }
            for group in groups
            if group not in taken
        ]

    def _get_filter_choices(self, one, current, text):
        field = self._follow(one.model, current.field).field
        if field.type == "boolean":
            options = [(True, self.env._("Yes")), (False, self.env._("No"))]
        elif field.type == "selection":
            options = field._description_selection(self.env)
        elif field.relational:
            options = self.env[field.comodel_name].name_search(text, limit=MAX_RECORDS)
        else:
            raise UserError(self.env._("This part cannot be changed."))
        values = current.value if isinstance(current.value, list) else [current.value]
        is_not = current.operator in ("!=", "not in", "not ilike")
        return [
            {
                "text": label,
                "value": {
                    "field": current.field,
                    "operator": "!=" if is_not else "=",
                    "value": value,
                },
                "is_current": value in values or label in values,
            }
            for value, label in options
        ]

    def _get_period_choices(self, one):
        field = one.period.field if one.period else self._get_date(one.model)
        choices = []
        for kind, unit, count in PERIODS:
            period = Period(field, kind, unit, count)
            choices.append(
                {
                    "text": self._say_period(replace(one, period=period)),
                    "value": vars(period),
                    "is_current": bool(one.period)
                    and (kind, unit, count or 1)
                    == (one.period.kind, one.period.unit, one.period.count or 1),
                }
            )
        since, until = dates(one.period, self._today()) if one.period else (None, None)
        return {
            "choices": choices,
            "is_searched": False,
            "days": {
                "since": since.isoformat() if since else "",
                "until": until.isoformat() if until else "",
            },
        }

    def _get_compare_choices(self, one):
        names = {
            "previous": self.env._("With the time before"),
            "last_year": self.env._("With the same time last year"),
        }
        return [
            {"text": text, "value": key, "is_current": key == one.compare}
            for key, text in names.items()
        ]

    def _get_order_choices(self, one):
        down = {"by": "measure", "direction": "desc"}
        up = {"by": "measure", "direction": "asc"}
        if self._turns(one, one.measures[0]):
            down, up = up, down
        orders = [{**down, "limit": top} for top in TOPS]
        orders += [{**up, "limit": TOPS[1]}, down, up]
        orders.append({"by": "group", "direction": "asc"})
        now = vars(one.order) if one.order else {}
        return [
            {
                "text": self._say_order(_in_order(one, order)),
                "value": order,
                "is_current": {**now, "limit": one.limit} == {"limit": None, **order},
            }
            for order in orders
        ]

    def _get_chart_choices(self, one):
        return [
            {
                "text": self._say_chart(chart),
                "value": chart,
                "is_current": chart == one.chart,
            }
            for chart in CHARTS
        ]


def _in_order(one, order):
    """The specification in another order."""
    sort = Order(order["by"], order["direction"])
    return replace(one, order=sort, limit=order.get("limit"))
