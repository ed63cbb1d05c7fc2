# Copyright 2026 The ai_queue contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
import re

from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.tools import format_list

from ..specification import SpecificationError
from ..specification.shape import COUNT, YEARS
from .ai_queue_report_reader import TODAY

#: Names of fields that nobody asks for in a report, whatever their groups say; the
#: numbers among them ("tokens") tell nothing.
HIDDEN = re.compile(
    r"password|passwd|secret|token|(^|_)(key|pin|ssnid|totp|signature|hash)($|_)"
)
NUMBERS = ("integer", "float", "monetary")
DAYS = ("date", "datetime")
GROUPS = ("many2one", "many2many", "selection", "boolean", "char", *DAYS)
FILTERS = (*GROUPS, *NUMBERS, "one2many", "text")
SIZES = (">", ">=", "<", "<=")
PATTERNS = ("ilike", "not ilike")


class AiQueueReportReader(models.AbstractModel):
    _inherit = "ai.queue.report.reader"

    # ------------------------------------------------------------
    # CHECK
    # ------------------------------------------------------------

    @api.model
    def _check(self, specification):
        """Check a specification against what the current user may read.

        :param dict specification: data as of ``specification.SCHEMA``
        :return: the ``Specification``
        :raise UserError: with a sentence that says what to do
        """
        try:
            one = self._parse(specification)
        except SpecificationError as error:
            raise UserError(self._say_shape(error)) from error
        self._check_model(one.model)
        for measure in one.measures:
            self._check_measure(one.model, measure)
        for group in one.group_by:
            self._check_group(one.model, group)
        for each in one.filters:
            self._check_filter(one.model, each)
        if one.period:
            self._check_period(one.model, one.period)
        return one

    @api.model
    def _may_read_model(self, model):
        """Whether reports may be made of a model, and the user may read it."""
        return model in self.env[
            "ai.queue.report.catalogue"
        ]._get_models() and self.env[model].has_access("read")

    def _check_model(self, model):
        known = self.env["ai.queue.report.catalogue"]._get_models()
        if model not in known:
            raise UserError(
                self.env._(
                    "There are no reports about “%(model)s”. Ask about one of these: "
                    "%(known)s.",
                    model=model,
                    known=self._say_known(),
                )
            )
        if not self.env[model].has_access("read"):
            raise UserError(
                self.env._(
                    "You may not read “%(model)s”. Ask an administrator for the right "
                    "to do so, or ask about one of these: %(known)s.",
                    model=self._say_model(model),
                    known=self._say_known() or self.env._("nothing"),
                )
            )

    def _say_known(self):
        labels = self.env["ai.queue.report.catalogue"]._get_readable_labels()
        return format_list(self.env, labels[:12], style="unit") if labels else ""

    def _say_model(self, model):
        return self.env["ir.model"]._get(model).sudo().name or model

    def _check_field(self, model, path):
        """The field of a path, when the user may read all that it leads through."""
        found = self._follow(model, path)
        current = self.env[model]
        readable = found is not None
        if readable:
            for name in path.split("."):
                field = current._fields[name]
                readable = (
                    readable
                    and not _is_hidden(name, field)
                    and current.has_access("read")
                    and current._has_field_access(field, "read")
                )
                if field.relational:
                    current = self.env[field.comodel_name]
        if not readable:
            # The same for one that is not there: its name tells nothing.
            raise UserError(
                self.env._(
                    "“%(model)s” has no field “%(field)s” that you may read. Use one "
                    "of the fields that you see in its list.",
                    model=self._say_model(model),
                    field=path,
                )
            )
        return found

    def _check_measure(self, model, measure):
        if measure.field == COUNT:
            return
        found = self._check_field(model, measure.field)
        field = found.field
        what = self._say_field(found)
        if "." in measure.field:
            raise UserError(
                self.env._(
                    "“%s” is a field of another record: it cannot be added up.", what
                )
            )
        if measure.aggregate == "count_distinct":
            if field.type not in (*GROUPS, *NUMBERS) or not self._is_groupable(found):
                raise UserError(self.env._("“%s” cannot be counted.", what))
            return
        if field.type not in NUMBERS or not field.aggregator:
            raise UserError(
                self.env._(
                    "“%s” is not a number that can be added up. Count the records, or "
                    "choose an amount or a quantity.",
                    what,
                )
            )

    def _is_groupable(self, found):
        return bool(
            found.model.fields_get([found.name], ["groupable"])[found.name].get(
                "groupable"
            )
        )

    def _check_group(self, model, group):
        found = self._check_field(model, group.field)
        what = self._say_field(found)
        if found.field.type not in GROUPS or not self._is_groupable(found):
            raise UserError(
                self.env._("“%s” is nothing to split by. Choose another field.", what)
            )
        if found.field.type in DAYS and not group.granularity:
            raise UserError(
                self.env._("Say by which time “%s” is split: day, week, month …", what)
            )
        if found.field.type not in DAYS and group.granularity:
            raise UserError(
                self.env._("“%s” is not a date: it has no day, week or month.", what)
            )

    def _check_period(self, model, period):
        found = self._check_field(model, period.field)
        if found.field.type not in DAYS:
            raise UserError(
                self.env._("“%s” is not a date. Choose a date.", self._say_field(found))
            )
        if not (found.field.store or found.field.search):
            raise UserError(
                self.env._("“%s” cannot be searched.", self._say_field(found))
            )

    def _check_filter(self, model, one):
        found = self._check_field(model, one.field)
        field, what = found.field, self._say_field(found)
        if field.type not in FILTERS or not field._description_searchable:
            raise UserError(self.env._("“%s” cannot be searched.", what))
        if one.operator in ("set", "not set"):
            return
        if (one.operator in SIZES and field.type not in (*NUMBERS, *DAYS)) or (
            one.operator in PATTERNS and field.type in (*NUMBERS, *DAYS, "boolean")
        ):
            raise UserError(
                self.env._(
                    "“%(field)s” cannot be compared by “%(operator)s”.",
                    field=what,
                    operator=one.operator,
                )
            )
        values = one.value if isinstance(one.value, list) else [one.value]
        for value in values:
            self._check_value(found, one, value)

    def _check_value(self, found, one, value):
        field, what = found.field, self._say_field(found)
        is_text = isinstance(value, str)
        is_number = isinstance(value, int | float) and not isinstance(value, bool)
        if field.type in NUMBERS and not is_number:
            self._refuse_value(what, value, self.env._("a number"))
        if field.type == "boolean" and not isinstance(value, bool):
            self._refuse_value(what, value, self.env._("yes or no"))
        if field.type in ("char", "text") and not is_text:
            self._refuse_value(what, value, self.env._("a text"))
        if field.type in DAYS and not _is_day(value):
            self._refuse_value(
                what, value, self.env._("a day like 2026-03-31, or a period")
            )
        if field.type == "selection" and one.operator not in PATTERNS:
            choices = dict(field._description_selection(self.env))
            if value not in choices:
                known = format_list(self.env, [*map(str, choices)][:20], style="unit")
                self._refuse_value(what, value, self.env._("one of %s", known))
        if field.relational and one.operator not in PATTERNS:
            if is_text and not self._find_ids(field, value):
                raise UserError(
                    self.env._(
                        "There is no “%(value)s” in “%(field)s”, as far as you may see."
                        " Write its name as Odoo shows it.",
                        value=value,
                        field=what,
                    )
                )
            if not (is_text or (is_number and isinstance(value, int) and value > 0)):
                self._refuse_value(what, value, self.env._("a name"))

    def _refuse_value(self, what, value, expected):
        raise UserError(
            self.env._(
                "“%(value)s” is no value of “%(field)s”: that takes %(expected)s.",
                value=str(value)[:60],
                field=what,
                expected=expected,
            )
        )

    def _say_many_of(self, code, values):
        match code:
            case "many_measures":
                return self.env._(
                    "A report shows at most %(most)s figures at a time, not %(count)s. "
                    "Ask for fewer.",
                    **values,
                )
            case "many_group_by":
                return self.env._(
                    "A report is split by at most %(most)s things, not %(count)s. Ask "
                    "for fewer.",
                    **values,
                )
            case "many_filters":
                return self.env._(
                    "A report has at most %(most)s conditions, not %(count)s. Ask for "
                    "fewer.",
                    **values,
                )
        return ""

    def _say_shape(self, error):
        """A ``SpecificationError`` in words."""
        values = {name: str(value) for name, value in error.values.items()}
        if error.code.startswith("many_"):
            return self._say_many_of(error.code, values)
        match error.code:
            case "no_measure" | "missing":
                return self.env._(
                    "The report lacks: %s.", values.get("name", "measures")
                )
            case "limit":
                return self.env._(
                    "Ask for between 1 and %(most)s rows, not for %(value)s.", **values
                )
            case "count":
                return self.env._(
                    "A period has between 1 and %(most)s units, not %(value)s.",
                    **values,
                )
            case "day":
                return self.env._(
                    "“%(value)s” is no day. Write it like 2026-03-31.", **values
                )
            case "days":
                return self.env._("%(since)s is after %(until)s.", **values)
            case "compare_without_period":
                return self.env._(
                    "Say which time is compared with another: “this year”, “March”."
                )
            case "twice":
                return self.env._("The same is named twice. Name it once.")
            case "value":
                return self.env._(
                    "The value of “%(name)s” is none that can be searched.", **values
                )
            case "choice" | "name":
                return self.env._("“%(value)s” is not possible as %(name)s.", **values)
            case _code:
                return self.env._(
                    "The report could not be read: %s. Ask again in other words.",
                    ", ".join(values.values()),
                )


def _is_hidden(name, field):
    return bool(HIDDEN.search(name)) and field.type not in NUMBERS


def _is_day(value):
    if value == TODAY:
        return True
    try:
        return isinstance(value, str) and fields.Date.to_date(value).year in YEARS
    except (AttributeError, ValueError):
        return False
