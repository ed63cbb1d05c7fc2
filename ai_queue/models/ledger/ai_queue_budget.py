# Copyright 2026 The ai_queue contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
from datetime import date, datetime, time, timedelta
from typing import NamedTuple

import pytz

from odoo import api, fields, models
from odoo.fields import Domain
from odoo.tools import SQL

from ...asking.shapes import Paused

# What is reserved is looked at again after this.
RESERVED_SECONDS = 0.5
_BUDGETS = ("ai_queue_budget_cost", "ai_queue_budget_tokens")
HAS_BUDGET = Domain.OR(Domain(name, ">", 0) for name in _BUDGETS)


class Spent(NamedTuple):
    """What a company has spent on a day, what is reserved among it; limits 0: none."""

    date: date
    cost: float
    tokens: int
    limit: float
    token_limit: int
    #: per cent of the budget that is used most
    share: float


class AiQueueBudget(models.Model):
    """What a company may spend, and has spent, on models on one day.

    The amounts are summed up from the ledger; the row is the lock under which they are
    compared with the budget, and remembers whether work waits for it: people are told
    by ``queue.job.alert``. Written by side cursors only.
    """

    _name = "ai.queue.budget"
    _description = "AI Budget of a Day"
    _order = "date desc, id desc"
    _rec_name = "date"
    _log_access = False

    company_id = fields.Many2one(
        "res.company", required=True, readonly=True, ondelete="cascade"
    )
    date = fields.Date(required=True, readonly=True)
    is_used_up = fields.Boolean(
        string="Used Up",
        readonly=True,
        help="A question had to wait for the next day because it costs more than what "
        "is left.",
    )
    currency_id = fields.Many2one(related="company_id.currency_id")
    cost = fields.Float(compute="_compute_spent", string="Spent", digits=(16, 4))
    tokens = fields.Integer(compute="_compute_spent")
    share = fields.Float(compute="_compute_spent", string="Used (%)")

    _day_uniq = models.Constraint("UNIQUE(company_id, date)", "One budget a day.")

    def _compute_spent(self):
        spent = self._sum_up_each()
        for budget in self:
            company = budget.company_id
            cost, tokens = spent.get((company.id, budget.date), (0.0, 0))
            budget.cost, budget.tokens = cost, tokens
            budget.share = 100.0 * max(_shares(company, cost, tokens), default=0.0)

    def _sum_up_each(self):
        """What is spent and reserved: {(company id, day): (cost, tokens)}"""
        self.env["ai.queue.call"].flush_model()
        self.env.cr.execute(
            SQL(
                """
                SELECT company_id, budget_date, coalesce(sum(cost), 0),
                       coalesce(sum(tokens), 0)
                  FROM ai_queue_call
                 WHERE (company_id, budget_date) IN (
                       SELECT * FROM unnest(%s, %s::date[]))
                 GROUP BY 1, 2
                """,
                [budget.company_id.id for budget in self],
                [budget.date for budget in self],
            )
        )
        return {
            (company_id, day): (float(cost), int(tokens))
            for company_id, day, cost, tokens in self.env.cr.fetchall()
        }

    def _get_spent(self):
        """What is spent and reserved on this day: (cost, tokens)."""
        return self._sum_up(SQL("company_id = %s", self.company_id.id))

    def _get_reserved(self):
        """How much of that is reserved for questions under way: (cost, tokens)."""
        return self._sum_up(
            SQL("company_id = %s AND state = 'asking'", self.company_id.id)
        )

    def _sum_up(self, condition):
        self.env.cr.execute(
            SQL(
                "SELECT coalesce(sum(cost), 0), coalesce(sum(tokens), 0) "
                "FROM ai_queue_call WHERE budget_date = %s AND %s",
                self.date,
                condition,
            )
        )
        cost, tokens = self.env.cr.fetchone()
        return float(cost), int(tokens)

    @api.model
    def _get_spent_of(self, company):
        """What a company has ``Spent`` today, also one without a budget."""
        # Not stored: it looks up the ledger alone.
        budget = self.new({"company_id": company.id, "date": _today(company)})
        cost, tokens = budget._get_spent()
        return Spent(
            budget.date,
            cost,
            tokens,
            company.ai_queue_budget_cost,
            company.ai_queue_budget_tokens,
            100.0 * max(_shares(company, cost, tokens), default=0.0),
        )

    # ------------------------------------------------------------
    # BY SIDE CURSORS ONLY
    # ------------------------------------------------------------

    @api.model
    def _has(self, company):
        """Whether the company has a budget at all."""
        # Asked for each call: no more than is needed is read.
        company.fetch([*_BUDGETS, "partner_id"])
        company.partner_id.fetch(["tz"])
        return any(company[name] for name in _BUDGETS)

    @api.model
    def _lock_today(self, company):
        """The row of today, locked until the end of the (side) transaction."""
        today = _today(company)
        budget = self._lock_day(company, today)
        if not budget:
            self.env.cr.execute(
                SQL(
                    "INSERT INTO ai_queue_budget (company_id, date) VALUES (%s, %s) "
                    "ON CONFLICT (company_id, date) DO NOTHING",
                    company.id,
                    today,
                )
            )
            budget = self._lock_day(company, today)
        return budget

    def _lock_day(self, company, day):
        self.env.cr.execute(
            SQL(
                "SELECT id FROM ai_queue_budget WHERE company_id = %s AND date = %s "
                "FOR NO KEY UPDATE",
                company.id,
                day,
            )
        )
        return self.browse(row_id for (row_id,) in self.env.cr.fetchall())

    def _get_wait(self, claim):
        """Whether the budget allows a question more.

        The first question of a day is always let through: one that alone is dearer
        than the budget would otherwise wait for ever.

        :return: seconds to wait for questions that are under way, which mostly take
            less than is reserved for them; 0 when this one may go
        :raise Paused: until the next day
        """
        company = self.company_id
        if not self._has(company):
            return 0.0
        cost, tokens = self._get_spent()
        if not cost and not tokens:
            return 0.0
        cost, tokens = cost + claim.cost, tokens + claim.tokens
        if max(_shares(company, cost, tokens)) <= 1.0:
            self._set_used_up(False)
            return 0.0
        reserved_cost, reserved_tokens = self._get_reserved()
        least = _shares(company, cost - reserved_cost, tokens - reserved_tokens)
        if max(least) <= 1.0:
            return RESERVED_SECONDS
        self._set_used_up(True)
        raise Paused("budget", self._seconds_left(), company=company.name)

    def _set_used_up(self, is_used_up):
        if is_used_up != self.is_used_up:
            self.is_used_up = is_used_up

    def _seconds_left(self):
        """Until the next day begins where the company is."""
        zone = _timezone(self.company_id)
        midnight = datetime.combine(self.date + timedelta(days=1), time())
        left = zone.localize(midnight) - datetime.now(zone)
        return max(60.0, left.total_seconds())

    # ------------------------------------------------------------
    # ALERTS
    # ------------------------------------------------------------

    @api.model
    def _get_todays(self):
        """The rows of today of all companies with a budget that have used any of it."""
        companies = self.env["res.company"].search(HAS_BUDGET)
        todays = {(company, _today(company)) for company in companies}
        budgets = self.search(
            [
                ("company_id", "in", companies.ids),
                ("date", "in", [day for _company, day in todays]),
            ]
        )
        return budgets.filtered(
            lambda budget: (budget.company_id, budget.date) in todays
        )

    @api.model
    def _get_spent_today(self):
        """What the companies with a budget have spent, and reserved, of that of today.

        :return: list of (company, cost, tokens)
        """
        companies = self.env["res.company"].search(HAS_BUDGET)
        if not companies:
            return []
        self.env["ai.queue.call"].flush_model()
        self.env.cr.execute(
            SQL(
                """
                SELECT company.id, coalesce(sum(call.cost), 0),
                       coalesce(sum(call.tokens), 0)
                  FROM unnest(%s, %s::date[]) AS company(id, today)
                  LEFT JOIN ai_queue_call AS call
                    ON call.company_id = company.id
                   AND call.budget_date = company.today
                 GROUP BY 1
                """,
                companies.ids,
                [_today(company) for company in companies],
            )
        )
        spent = {row_id: amounts for row_id, *amounts in self.env.cr.fetchall()}
        return [
            (company, *(float(amount) for amount in spent[company.id]))
            for company in companies
        ]


def _timezone(company):
    return pytz.timezone(company.partner_id.tz or "UTC")


def _today(company):
    return datetime.now(_timezone(company)).date()


def _shares(company, cost, tokens):
    """Of each budget of the company, the share that this is."""
    shares = []
    if company.ai_queue_budget_cost:
        shares.append(cost / company.ai_queue_budget_cost)
    if company.ai_queue_budget_tokens:
        shares.append(tokens / company.ai_queue_budget_tokens)
    return shares
