# Copyright 2026 The ai_queue contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
from datetime import timedelta

from odoo import api, fields, models
from odoo.exceptions import UserError, ValidationError
from odoo.fields import Domain
from odoo.tools import SQL, format_date

URGENCIES = [
    ("0", "Enough"),
    ("1", "Soon"),
    ("2", "Urgent"),
    ("3", "Short now"),
]
# A forecast that is off by more than this is called poor, a change from this on big.
POOR_ERROR, BIG_CHANGE = 0.5, 0.5


class AiQueueReorderProposal(models.Model):
    """What the reordering rule of a product at a location should be, for a person to
    decide."""

    _name = "ai.queue.reorder.proposal"
    _inherit = "ai.queue.decision"
    _description = "Reorder Proposal"
    _order = "urgency desc, date_short, value_change desc, id"
    _rec_name = "product_id"

    _editable_fields = frozenset({"minimum", "maximum", "snoozed_until"})

    state = fields.Selection(
        selection_add=[
            ("open",),
            ("accepted", "Accepted"),
            ("rejected",),
            ("outdated",),
        ],
        ondelete={"accepted": "cascade"},
    )
    currency_id = fields.Many2one(related="company_id.currency_id")
    product_id = fields.Many2one(
        "product.product", required=True, readonly=True, index=True, ondelete="cascade"
    )
    product_category_id = fields.Many2one(
        related="product_id.categ_id", string="Product Category"
    )
    uom_id = fields.Many2one(related="product_id.uom_id")
    warehouse_id = fields.Many2one(
        "stock.warehouse", required=True, readonly=True, ondelete="cascade"
    )
    location_id = fields.Many2one(
        "stock.location", required=True, readonly=True, ondelete="cascade"
    )
    orderpoint_id = fields.Many2one(
        "stock.warehouse.orderpoint",
        string="Reordering Rule",
        readonly=True,
        index="btree_not_null",
        ondelete="cascade",
        help="Empty: accepting makes one.",
    )
    is_new = fields.Boolean(string="New Rule", readonly=True)
    vendor_id = fields.Many2one(
        "res.partner", readonly=True, index="btree_not_null", ondelete="set null"
    )
    minimum_before = fields.Float(
        string="Min Was", digits="Product Unit", readonly=True, aggregator=None
    )
    maximum_before = fields.Float(
        string="Max Was", digits="Product Unit", readonly=True, aggregator=None
    )
    numbers_before = fields.Char(string="Was", compute="_compute_numbers_before")
    numbers = fields.Char(string="Becomes", compute="_compute_numbers")
    minimum = fields.Float(
        string="Min Becomes",
        digits="Product Unit",
        aggregator=None,
        help="When stock and what is on its way fall below this, it is ordered.",
    )
    maximum = fields.Float(
        string="Max Becomes",
        digits="Product Unit",
        aggregator=None,
        help="So much is ordered that stock and what is on its way reach this.",
    )
    minimum_proposed = fields.Float(
        string="Min Proposed", digits="Product Unit", readonly=True, aggregator=None
    )
    maximum_proposed = fields.Float(
        string="Max Proposed", digits="Product Unit", readonly=True, aggregator=None
    )
    is_changed = fields.Boolean(
        string="Changed by Hand", compute="_compute_is_changed", store=True
    )
    change = fields.Float(
        string="Size of Change",
        readonly=True,
        aggregator="avg",
        help="Of minimum and maximum together: 0.5 is half as much again, or half.",
    )
    urgency = fields.Selection(
        URGENCIES,
        readonly=True,
        required=True,
        help="Short now: used up by tomorrow. Urgent: used up before an order of today "
        "would arrive. Soon: used up before the order after that would.",
    )
    date_short = fields.Date(
        string="Short From",
        readonly=True,
        help="The day on which stock and what is on its way are used up, if nothing "
        "is ordered.",
    )
    qty_on_hand = fields.Float(
        string="On Hand", digits="Product Unit", readonly=True, aggregator=None
    )
    qty_coming = fields.Float(
        string="On Its Way", digits="Product Unit", readonly=True, aggregator=None
    )
    lead_days = fields.Float(string="Lead Time (days)", readonly=True, aggregator="avg")
    service_level = fields.Float(readonly=True, aggregator="avg")
    value_change = fields.Monetary(
        string="Change of Stock Value",
        readonly=True,
        help="How much more the stock will be worth on average, at cost.",
    )
    shortage_avoided = fields.Float(
        digits="Product Unit",
        readonly=True,
        aggregator=None,
        help="How much less will be missing in an order cycle on average, in the unit "
        "of the product.",
    )
    error = fields.Float(
        string="Forecast Error",
        readonly=True,
        aggregator="avg",
        help="How far the forecast was off in trials on the past: 0.10 is 10 %.",
    )
    is_tested = fields.Boolean(string="Forecast Tried on the Past", readonly=True)
    reason_data = fields.Json(readonly=True)
    reason = fields.Char(compute="_compute_reason")
    summary = fields.Char(string="Expected Demand", compute="_compute_reason")
    snoozed_until = fields.Date()
    is_snoozed = fields.Boolean(
        compute="_compute_is_snoozed", search="_search_is_snoozed"
    )
    last_rejection = fields.Char(
        compute="_compute_last_rejection",
        string="Rejected Before",
        help="When and why the last proposal for this product was rejected.",
    )
    outdated_by = fields.Selection(
        [
            ("run", "A newer run looked at it"),
            ("rule", "The rule was changed meanwhile"),
        ],
        string="Outdated Because",
        readonly=True,
    )

    # However often a job runs, and however many runs there are.
    _run_uniq = models.UniqueIndex("(run_id, product_id, location_id)")
    _open_uniq = models.UniqueIndex(
        "(product_id, location_id, company_id) WHERE state = 'open'"
    )

    # ------------------------------------------------------------
    # COMPUTE
    # ------------------------------------------------------------

    @api.depends("minimum", "maximum", "minimum_proposed", "maximum_proposed")
    def _compute_is_changed(self):
        for proposal in self:
            now = proposal.minimum, proposal.maximum
            proposal.is_changed = now != (
                proposal.minimum_proposed,
                proposal.maximum_proposed,
            )

    @api.depends("snoozed_until")
    def _compute_is_snoozed(self):
        today = fields.Date.context_today(self)
        for proposal in self:
            until = proposal.snoozed_until
            proposal.is_snoozed = bool(until and until > today)

    def _search_is_snoozed(self, operator, value):
        if operator != "in":
            return NotImplemented
        snoozed = Domain("snoozed_until", ">", fields.Date.context_today(self))
        return snoozed if True in value else ~snoozed

    @api.depends("product_id", "location_id")
    def _compute_last_rejection(self):
        rejected = self.search(
            [
                ("state", "=", "rejected"),
                ("product_id", "in", self.product_id.ids),
                ("location_id", "in", self.location_id.ids),
            ],
            order="date_decided desc",
        )
        of_place = {}
        for old in rejected:
            of_place.setdefault((old.product_id, old.location_id), []).append(old)
        for proposal in self:
            others = of_place.get((proposal.product_id, proposal.location_id), ())
            last = next((old for old in others if old != proposal), None)
            proposal.last_rejection = last and self.env._(
                "%(date)s: %(reason)s",
                date=fields.Date.to_string(last.date_decided),
                reason=last.rejection,
            )

    @api.constrains("minimum", "maximum")
    def _check_minimum(self):
        for proposal in self:
            if not 0 <= proposal.minimum <= proposal.maximum:
                raise ValidationError(
                    self.env._("The minimum must lie between zero and the maximum.")
                )

    # OVERRIDE ai.queue.decision
    def _say_guarded(self):
        return self.env._("Only minimum and maximum can be changed by hand.")

    # OVERRIDE ai.queue.decision
    def _get_reject_title(self):
        return self.env._("Reject Proposals")

    # OVERRIDE ai.queue.decision
    def _explain_rejection(self):
        return (
            self.env._(
                "The reason is shown when something else is proposed for these "
                "products. The same numbers are not proposed again for three months."
            ),
            self.env._("e.g. The product will be replaced in May"),
        )

    # ------------------------------------------------------------
    # ACTIONS
    # ------------------------------------------------------------

    def action_accept(self):
        """Write the numbers into the reordering rules, where these are unchanged."""
        accepted = self._accept()
        return self._get_decision_toast(accepted, self - accepted)

    def action_accept_and_order(self):
        """Accept, and let Odoo order at once what the new rules ask for."""
        accepted = self._accept()
        rules, toast = accepted.orderpoint_id, None
        for company, own in rules.grouped("company_id").items():
            toast = own.with_company(company).action_replenish()
        # … which tells of one order, and nothing of what was left as it is
        if isinstance(toast, dict) and len(rules) == len(self) == 1:
            next_action = {"type": "ir.actions.client", "tag": "soft_reload"}
            toast.setdefault("params", {})["next"] = next_action
            return toast
        return self._get_decision_toast(accepted, self - accepted)

    def action_accept_vendor(self):
        """Accept all that is to be decided of the vendors of these proposals."""
        domain = Domain(
            [
                ("state", "=", "open"),
                ("is_snoozed", "=", False),
                ("vendor_id", "in", self.vendor_id.ids),
                ("company_id", "in", self.company_id.ids),
            ]
        )
        return self.search(domain).action_accept()

    def action_snooze(self):
        """Put these aside for so many days as the button says."""
        days = int(self.env.context.get("ai_queue__days", 7))
        today = fields.Date.context_today(self)
        until = today + timedelta(days=days)
        self.write({"snoozed_until": until})
        return self._get_toast(
            self.env._(
                "%(count)s put aside until %(date)s. What becomes more urgent comes "
                "back earlier.",
                count=len(self),
                date=format_date(self.env, until),
            )
        )

    def action_wake(self):
        self.write({"snoozed_until": False})
        return True

    def action_use_proposed(self):
        """Give up what was written by hand."""
        for proposal in self:
            proposal.write(
                {
                    "minimum": proposal.minimum_proposed,
                    "maximum": proposal.maximum_proposed,
                }
            )
        return True

    def action_propose_all(self):
        """Queue proposals for all that is kept in stock, and say where to see them.

        A button of the list: it is called on what is selected there, which is nothing.
        """
        products = self.env["product.product"]._get_to_reorder()
        if not products:
            raise UserError(
                self.env._(
                    "No product whose stock is tracked has a reordering rule, and none "
                    "left a warehouse within a year: there is nothing to propose."
                )
            )
        return products.action_propose_reorder()

    def action_open_rule(self):
        """The reordering rule, with its graph."""
        self.ensure_one()
        return {
            "type": "ir.actions.act_window",
            "res_model": "stock.warehouse.orderpoint",
            "res_id": self.orderpoint_id.id,
            "views": [
                [self.env.ref("stock.view_warehouse_orderpoint_form").id, "form"]
            ],
        }

    def _get_decision_toast(self, accepted, left):
        parts = []
        if accepted:
            parts.append(self.env._("Rules changed: %s.", len(accepted)))
        if left:
            parts.append(
                self.env._(
                    "Left as they are: %s. Their rules were changed after the "
                    "proposals were made: propose again.",
                    len(left),
                )
            )
        count = self.search_count([("state", "=", "open"), ("is_snoozed", "=", False)])
        parts.append(self.env._("Still to decide: %s.", count))
        return self._get_toast(" ".join(parts), is_warning=bool(left))

    # ------------------------------------------------------------
    # DECISIONS
    # ------------------------------------------------------------

    def _accept(self, decided_by="person"):
        """Write these into their reordering rules, with the rights of the user.

        A rule that is not what it was when this was proposed is left as it is.

        :return: those that were accepted
        """
        self._take()
        current = self._lock_rules()
        fresh = self.filtered(lambda proposal: proposal._is_fresh(current))
        (self - fresh)._close("outdated", outdated_by="rule")
        fresh._close("accepted", decided_by=decided_by)
        for proposal in fresh:
            numbers = {
                "product_min_qty": proposal.minimum,
                "product_max_qty": proposal.maximum,
            }
            if proposal.orderpoint_id:
                proposal.orderpoint_id.write(numbers)
            else:
                proposal._make_rule(numbers)
        return fresh

    def _make_rule(self, numbers):
        rule = self.env["stock.warehouse.orderpoint"].create(
            {
                "product_id": self.product_id.id,
                "warehouse_id": self.warehouse_id.id,
                "location_id": self.location_id.id,
                "company_id": self.company_id.id,
                "trigger": "auto",
                **numbers,
            }
        )
        # Who may make the rule decides on the proposal: nobody writes this otherwise.
        self.sudo().orderpoint_id = rule

    def _lock_rules(self):
        """The rules at the places of these as they are now, held until the end.

        :return: {(product id, location id, company id): (minimum, maximum, is it used)}
        """
        self.env["stock.warehouse.orderpoint"].flush_model()
        self.env.cr.execute(
            SQL(
                """
                SELECT product_id, location_id, company_id,
                       product_min_qty, product_max_qty,
                       active AND "trigger" = 'auto'
                  FROM stock_warehouse_orderpoint
                 WHERE product_id = ANY(%s) AND location_id = ANY(%s)
                 ORDER BY id
                   FOR NO KEY UPDATE
                """,
                self.product_id.ids,
                self.location_id.ids,
            )
        )
        self.env["stock.warehouse.orderpoint"].invalidate_model()
        return {tuple(row[:3]): row[3:] for row in self.env.cr.fetchall()}

    def _is_fresh(self, current):
        place = (self.product_id.id, self.location_id.id, self.company_id.id)
        rule = current.get(place)
        if rule is None or not self.orderpoint_id:
            return rule is None and not self.orderpoint_id
        minimum, maximum, is_used = rule
        unit = self.uom_id
        return (
            is_used
            and unit.compare(float(minimum), self.minimum_before) == 0
            and unit.compare(float(maximum), self.maximum_before) == 0
        )

    def _outdate_changed(self):
        """Close those whose rules are not what they were when these were made."""
        changed = self.filtered(
            lambda one: not one.orderpoint_id.active
            or one.orderpoint_id.trigger != "auto"
            or one.uom_id.compare(one.orderpoint_id.product_min_qty, one.minimum_before)
            or one.uom_id.compare(one.orderpoint_id.product_max_qty, one.maximum_before)
        )
        changed._close("outdated", outdated_by="rule")

    def _accept_by_rule(self):
        """Accept what the company lets pass without a person: small, sure, known.

        Only with the rights of the one who started the run.
        """
        company = self.env.company
        rules = self.env["stock.warehouse.orderpoint"]
        if not (company.ai_queue_reorder_auto and rules.has_access("write")):
            return
        passed = self.filtered(
            lambda one: not one.is_new
            and not one.snoozed_until
            and one.change <= company.ai_queue_reorder_auto_change
            and abs(one.value_change) <= company.ai_queue_reorder_auto_value
            and one.is_tested
            and one.error <= POOR_ERROR
        )
        if passed and passed.has_access("write"):
            accepted = passed._accept(decided_by="rule")
            sentence = self.env._("Accepted by the rule of the company.")
            row = self.env["ai.queue.run.job"]._of_current_job()
            row._remark({sentence: len(accepted)} if accepted else {})
