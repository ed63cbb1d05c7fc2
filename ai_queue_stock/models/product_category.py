# Copyright 2026 The ai_queue contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
from odoo import api, fields, models
from odoo.exceptions import ValidationError

# Field of the category -> whose value counts where no category says anything.
_SETTINGS = ("ai_queue_service_level", "ai_queue_review_days", "ai_queue_cycle_days")


class ProductCategory(models.Model):
    _inherit = "product.category"

    ai_queue_service_level = fields.Float(
        string="Service Level",
        company_dependent=True,
        help="In how many of 100 order cycles nothing shall be missing. 0: as the "
        "parent category, or the company.",
    )
    ai_queue_review_days = fields.Integer(
        string="Days Between Reviews",
        company_dependent=True,
        help="How long it takes until orders are looked at again. 0: as the parent "
        "category, or the company.",
    )
    ai_queue_cycle_days = fields.Integer(
        string="Days an Order Lasts",
        company_dependent=True,
        help="For how many days an order shall last. 0: as the parent category, or "
        "the company.",
    )

    @api.constrains(*_SETTINGS)
    def _check_ai_queue_reorder(self):
        for category in self:
            level = category.ai_queue_service_level
            if level and not 0.5 <= level <= 0.999:
                raise ValidationError(
                    self.env._("Choose a service level between 50 % and 99.9 %.")
                )
            days = category.ai_queue_review_days, category.ai_queue_cycle_days
            if min(days) < 0 or max(days) > 365:
                raise ValidationError(
                    self.env._("Choose between 0 and 365 days for an order.")
                )

    def _get_ai_queue_reorder_settings(self):
        """How these categories are ordered in the current company.

        :return: {category id: {field: value of the nearest category that has one, or
            of the company}}; products without a category go by False
        """
        company = self.env.company
        usual = {name: company[name] for name in _SETTINGS}
        found = {category.id: category._find_reorder(usual) for category in self}
        return {False: usual, **found}

    def _find_reorder(self, usual):
        above = self.parent_id._find_reorder(usual) if self.parent_id else usual
        return {name: self[name] or above[name] for name in _SETTINGS}
