# Copyright 2026 The ai_queue contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
from dataclasses import replace

from odoo import api, models
from odoo.exceptions import UserError

from ..specification import Group
from ..specification.shape import COUNT, MAX_GROUPS

#: Where the unit of a quantity may be.
UNIT_FIELDS = ("product_uom_id", "product_uom", "uom_id")
#: Amounts in the currency of the present company, whatever company made them.
CONVERTED = {
    ("account.invoice.report", "price_subtotal"),
    ("account.invoice.report", "price_margin"),
    ("purchase.report", "untaxed_total"),
    ("purchase.report", "price_total"),
    ("purchase.report", "price_average"),
}
#: Numbers that have no unit, or one that is the same for all.
UNITLESS = ("weight", "volume", "latency", "delay", "tokens", "rate", "error", "nbr")


class AiQueueReportReader(models.AbstractModel):
    """In which units and currencies figures are: what cannot be added up is split."""

    _inherit = "ai.queue.report.reader"

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
            [spec_of(group) for group in one.group_by],
            [spec],
            having=[(spec, ">", 1)],
            limit=1,
        )
        return bool(found)

    def _get_units(self, model, name):
        """The fields that say in what a number is: (name, sentence about it)."""
        if (model, name) in CONVERTED:
            return
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
                if len(self.env.companies.currency_id) > 1:
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
        amounts = [
            measure.field
            for measure in one.measures
            if self._get_kind(one.model, measure) == "monetary"
        ]
        units = {
            unit for name in amounts for unit, _say in self._get_units(one.model, name)
        }
        grouped = {group.field for group in one.group_by}
        if (
            not amounts
            or grouped & {"currency_id", "company_currency_id", *units}
            or any(self._is_unit_unknown(one.model, name) for name in amounts)
        ):
            return None
        currency = self.env.company.currency_id
        for unit in units:
            found = self.env[one.model]._read_group(
                self._get_domain(one), [unit], limit=2
            )
            if len(found) != 1 or not found[0][0]:
                return None
            [[currency]] = found
            if unit == "company_id":
                currency = currency.sudo().currency_id
        return {"id": currency.id, "name": currency.sudo().name}

    def _is_unit_unknown(self, model, name):
        """Whether an amount is in a currency that nothing can be split by."""
        field = self.env[model]._fields[name]
        if field.type != "monetary" or (model, name) in CONVERTED:
            return False
        unit = field.get_currency_field(self.env[model])
        return bool(
            unit
            and not self._is_company_currency(model, unit)
            and not self._can_split(model, unit)
        )


def spec_of(group):
    """A ``Group`` as Odoo takes it."""
    return f"{group.field}:{group.granularity}" if group.granularity else group.field
