# Copyright 2026 The ai_queue contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
from odoo import api, fields, models
from odoo.exceptions import ValidationError

MAX_PRICE, MAX_TOKENS = 1_000_000.0, 1_000_000


class AiQueueProviderModel(models.Model):
    """Which model of a provider does a kind of work, and what it costs."""

    _name = "ai.queue.provider.model"
    _description = "Model of an AI Provider"
    _order = "provider_id, kind"
    _rec_name = "model"

    provider_id = fields.Many2one(
        "ai.queue.provider", required=True, index=True, ondelete="cascade"
    )
    kind = fields.Selection(
        selection=lambda self: (
            self.env["ai.queue.run"]._fields["kind"]._description_selection(self.env)
        ),
        string="Kind of Work",
        default=lambda self: self._default_kind(),
        required=True,
    )
    model = fields.Char(required=True, help="As the provider calls it: gpt-4.1-mini")
    is_seeing = fields.Boolean(
        string="Sees Pictures",
        help="Vendor bills: send the pages as images, not only their words.",
    )
    price_in = fields.Float(
        digits=(16, 4),
        help="Per million tokens sent, in the currency of the provider.",
    )
    price_out = fields.Float(
        digits=(16, 4),
        help="Per million tokens received, in the currency of the provider.",
    )
    answer_tokens = fields.Integer(
        string="Tokens Reserved",
        default=4000,
        required=True,
        help="Per answer, in the budget and in the limit of tokens per minute, until "
        "the answer is counted.",
    )

    _kind_uniq = models.Constraint(
        "UNIQUE(provider_id, kind)", "A provider has one model for a kind of work."
    )
    _prices_positive = models.Constraint(
        "CHECK(price_in >= 0 AND price_out >= 0 AND answer_tokens > 0)",
        "Prices cannot be below zero, and an answer has at least one token.",
    )

    @api.constrains("price_in", "price_out", "answer_tokens")
    def _check_size(self):
        for line in self:
            prices = (line.price_in, line.price_out)
            if not all(0 <= price <= MAX_PRICE for price in prices):
                raise ValidationError(
                    self.env._(
                        "A million tokens cost between 0 and %s.", int(MAX_PRICE)
                    )
                )
            if not 0 < line.answer_tokens <= MAX_TOKENS:
                raise ValidationError(
                    self.env._("An answer has between 1 and %s tokens.", MAX_TOKENS)
                )

    @api.model
    def _default_kind(self):
        kinds = self.env["ai.queue.run"]._fields["kind"].selection
        return next((kind for kind, _label in kinds), False)

    def _get_rates(self, company):
        """What a token costs in the currency of a company: (sent, answered)."""
        self.ensure_one()
        today = fields.Date.today()

        def convert(price):
            return self.provider_id.currency_id._convert(
                price / 1e6, company.currency_id, company, today, round=False
            )

        return convert(self.price_in), convert(self.price_out)

    def _find_unconvertible(self):
        """The currencies of companies that these prices cannot be converted to.

        Where Odoo knows no rate, it takes one for one.
        """
        rates = self.env["res.currency.rate"].sudo()
        found = self.env["res.currency"]
        priced = self.filtered(lambda line: line.price_in or line.price_out)
        own = priced.provider_id.currency_id
        if not own:
            return found
        others = self.env["res.company"].sudo()
        for company in others.search([("currency_id", "not in", own.ids)]):
            domain = [
                ("currency_id", "in", (own | company.currency_id).ids),
                ("company_id", "in", [False, company.root_id.id]),
            ]
            if not rates.search_count(domain, limit=1):
                found |= company.currency_id
        return found
