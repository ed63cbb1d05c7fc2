# Copyright 2026 The ai_queue contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
from math import ceil

from odoo import api, models
from odoo.tools.misc import formatLang

# Shares of the demand that are as good as all of it are not worth a word.
WHOLE = 0.995
# Whole numbers below this look the same in every language.
UNGROUPED = 1000


class AiQueueReorderProposal(models.Model):
    """The reasons of a proposal in words."""

    _inherit = "ai.queue.reorder.proposal"

    @api.depends("reason_data", "minimum_before", "maximum_before", "lead_days")
    @api.depends_context("lang")
    def _compute_reason(self):
        for proposal in self:
            data = proposal.reason_data
            proposal.reason = " ".join(proposal._say_reason(data)) if data else False
            proposal.summary = proposal._say_summary(data) if data else False

    @api.depends("minimum_before", "maximum_before", "is_new")
    @api.depends_context("lang")
    def _compute_numbers_before(self):
        for proposal in self:
            numbers = proposal.minimum_before, proposal.maximum_before
            proposal.numbers_before = not proposal.is_new and "/".join(
                map(self._number, numbers)
            )

    @api.depends("minimum", "maximum")
    @api.depends_context("lang")
    def _compute_numbers(self):
        for proposal in self:
            numbers = proposal.minimum, proposal.maximum
            proposal.numbers = "/".join(map(self._number, numbers))

    def _say_summary(self, data):
        return self.env._(
            "%(expected)s to %(upper)s until it is there",
            expected=self._number(data["expected"]),
            upper=self._most(data["upper"]),
        )

    def _say_reason(self, data):
        yield self._say_change()
        yield self._say_demand(data)
        yield from self._say_lead(data)
        if data["share"] < WHOLE:
            yield self.env._(
                "%s %% of the demand is met from here.",
                self._number(100 * data["share"]),
            )
        yield from self._say_order(data)

    def _say_change(self):
        numbers = {
            "minimum": self._number(self.minimum_proposed),
            "maximum": self._number(self.maximum_proposed),
        }
        if self.is_new:
            return self.env._("New rule %(minimum)s/%(maximum)s:", **numbers)
        return self.env._(
            "Was %(minimum_before)s/%(maximum_before)s, becomes "
            "%(minimum)s/%(maximum)s:",
            minimum_before=self._number(self.minimum_before),
            maximum_before=self._number(self.maximum_before),
            **numbers,
        )

    def _say_demand(self, data):
        if not data["upper"]:
            return self.env._("nothing is expected to be needed.")
        return self.env._(
            "the expected need until an order is there (%(lead)s days, and orders are "
            "looked at every %(review)s days) is %(expected)s, at most %(upper)s in "
            "%(level)s of 100 cases.",
            expected=self._number(data["expected"]),
            lead=self._number(self.lead_days),
            review=self._number(data["review_days"]),
            upper=self._most(data["upper"]),
            level=self._number(100 * self.service_level, 1),
        )

    def _say_lead(self, data):
        values = {
            "lead": self._number(self.lead_days),
            "spread": self._number(data["lead_deviation"], 1),
            "promised": self._number(data["promised_days"]),
            "count": data["receipts"],
        }
        if data["lead"] == "measured":
            yield self.env._(
                "The last %(count)s receipts took %(lead)s days (give or take "
                "%(spread)s) instead of %(promised)s.",
                **values,
            )
        elif data["lead"] == "vendor":
            yield self.env._(
                "By %(count)s receipts from this vendor it takes %(lead)s days (give "
                "or take %(spread)s) instead of %(promised)s.",
                **values,
            )

    def _say_order(self, data):
        if data["least"]:
            yield self.env._(
                "The vendor's least order is %s.", self._number(data["least"])
            )
        if data["multiple"]:
            yield self.env._(
                "Ordered in multiples of %s.", self._number(data["multiple"])
            )

    def _most(self, value):
        """An upper bound in whole pieces, as the minimum is."""
        return self._number(ceil(value) if value >= 10 else value)

    def _number(self, value, digits=0):
        """A quantity as people write it: small ones with a decimal."""
        if abs(value) < 10 and abs(value - round(value)) >= 0.05:
            digits = 1
        if not digits or value == round(value):
            whole = round(value)
            # A list says hundreds of them, and Odoo parses the language for each.
            if abs(whole) < UNGROUPED:
                return str(whole)
            return formatLang(self.env, whole, digits=0)
        return formatLang(self.env, value, digits=digits)
