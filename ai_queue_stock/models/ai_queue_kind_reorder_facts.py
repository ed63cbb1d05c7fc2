# Copyright 2026 The ai_queue contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
from collections import defaultdict

from odoo import fields, models

from .. import supply
from ..reordering import Outlook, Place
from .ai_queue_kind_reorder import PERIOD_DAYS


class AiQueueKindReorder(models.AbstractModel):
    """What is known about products before anything is calculated."""

    _inherit = "ai.queue.kind.reorder"

    # ------------------------------------------------------------
    # DEMAND
    # ------------------------------------------------------------

    def _gather_outlooks(self, products):
        """The stored forecasts of these products, where they are of the last run.

        :return: {product id: ``Outlook``}
        """
        company = self.env.company
        granularity = company.ai_queue_forecast_granularity
        forecasts = self.env["ai.queue.kind.forecast"]
        start = forecasts._next_period_start(granularity)
        first_days = (start - fields.Date.context_today(self)).days
        # Plans are made with the company's forecasts, whoever may look at them.
        rows = (
            self.env["ai.queue.forecast"]
            .sudo()
            .search(products._get_ai_forecast_domain(), order="date_start")
        )
        of_product = rows.grouped("product_id")
        begun = self._find_begun(rows, start)
        outlooks = {}
        for product, own in of_product.items():
            # Totals count from the first period of a run: it must be the next one.
            if own[0].date_start == start and product.id not in begun:
                outlooks[product.id] = _stored_outlook(own, granularity, first_days)
        return outlooks

    def _find_begun(self, rows, start):
        """Products of which a period of the same run has begun already."""
        if not rows.run_id:
            return set()
        groups = (
            self.env["ai.queue.forecast"]
            .sudo()
            ._read_group(
                [
                    ("product_id", "in", rows.product_id.ids),
                    ("company_id", "=", self.env.company.id),
                    ("run_id", "in", rows.run_id.ids),
                    ("date_start", "<", start),
                ],
                ["product_id"],
            )
        )
        return {product.id for (product,) in groups}

    # ------------------------------------------------------------
    # PLACES
    # ------------------------------------------------------------

    def _gather_places(self, products):
        """Where these products are ordered, and why they are not elsewhere.

        Routes, vendors and costs are the company's: who plans need not see them.

        :return: ({product id: list of ``Place``}, {product id: codes of reasons})
        """
        products = products.sudo().with_company(self.env.company)
        left = defaultdict(list)
        outlets = supply.outlets(self.env, products)
        found = self._find_rules(products, outlets, left)
        found = self._leave_out_new(found, outlets, left)
        found = self._filter_orderable(found, left)
        leads = supply.leads(self.env, found)
        stocks = supply.stocks(self.env, found)
        settings = products.categ_id._get_ai_queue_reorder_settings()
        places = defaultdict(list)
        for index, one in enumerate(found):
            product = one.product
            how = settings[product.categ_id.id]
            places[product.id].append(
                Place(
                    product_id=product.id,
                    warehouse_id=one.warehouse.id,
                    location_id=one.location.id,
                    orderpoint_id=one.orderpoint.id or None,
                    vendor_id=one.seller.partner_id.id or None,
                    minimum=one.orderpoint.product_min_qty,
                    maximum=one.orderpoint.product_max_qty,
                    **outlets.of(product, one.warehouse, found),
                    **leads[index],
                    review_days=how["ai_queue_review_days"],
                    cycle_days=how["ai_queue_cycle_days"],
                    service_level=how["ai_queue_service_level"],
                    **supply.order_quantities(one),
                    **stocks[index],
                    cost=product.standard_price,
                )
            )
        return places, left

    def _find_rules(self, products, outlets, left):
        """The reordering rules of products, and the warehouses that want one.

        :return: list of ``supply.Ordered``
        """
        company = self.env.company
        rules = (
            self.env["stock.warehouse.orderpoint"]
            .sudo()
            .with_context(active_test=False)
            .search(
                [("product_id", "in", products.ids), ("company_id", "=", company.id)]
            )
        )
        of_product = defaultdict(dict)
        for rule in rules:
            own = of_product[rule.product_id]
            own[rule.warehouse_id] = own.get(rule.warehouse_id, rules.browse()) + rule
        warehouses = {
            warehouse.id: warehouse
            for warehouse in self.env["stock.warehouse"]
            .sudo()
            .search([("company_id", "=", company.id)])
        }
        found = []
        for product in products:
            wanted = outlets.get(product.id, {}).keys() & warehouses.keys()
            for warehouse, own in of_product[product].items():
                wanted.discard(warehouse.id)
                if rule := self._choose_rule(product, warehouse, own, left):
                    # What Odoo computes of a rule, it computes of all of them at once.
                    rule = rule.with_prefetch(rules.ids)
                    found.append(supply.Ordered(product, warehouse, rule))
            for warehouse_id in sorted(wanted):
                found.append(
                    supply.Ordered(product, warehouses[warehouse_id], rules.browse())
                )
            if not of_product[product] and not wanted:
                left[product.id].append("nowhere")
        return found

    def _leave_out_new(self, found, outlets, left):
        """Without the rules of warehouses that may yet deliver what others do."""
        silent = [
            one
            for one in found
            if one.product.id in outlets
            and one.warehouse.id not in outlets[one.product.id]
        ]
        warehouses = self.env["stock.warehouse"].sudo()
        warehouses = warehouses.union(*(one.warehouse for one in silent))
        new = supply.new_warehouses(self.env, warehouses) if silent else warehouses
        dropped = [one for one in silent if one.warehouse in new]
        for one in dropped:
            left[one.product.id].append("new")
        return [one for one in found if one not in dropped] if dropped else found

    def _choose_rule(self, product, warehouse, rules, left):
        """The one rule of a product in a warehouse that is planned for."""
        active = rules.filtered("active")
        reason = None
        if not active:
            reason = "archived"
        elif len(active) > 1:
            # The demand is that of the warehouse, and so is its main rule.
            reason = "second"
            active = active.filtered(
                lambda rule: rule.location_id == warehouse.lot_stock_id
            )
        if active and active.trigger == "manual":
            reason, active = "manual", active.browse()
        if reason:
            left[product.id].append(reason)
        return active

    def _filter_orderable(self, found, left):
        """Those that would really be ordered, with their routes and vendors."""
        bills = supply.bills(self.env, found)
        orderable, known = [], {}
        for one in found:
            one.find_route(known)
            if not one.rules:
                left[one.product.id].append("route")
            elif one.is_bought and not one.seller:
                left[one.product.id].append("vendor")
            elif one.is_made and not bills.get(one.product.id):
                left[one.product.id].append("bill")
            else:
                orderable.append(one)
        return orderable


def _stored_outlook(rows, granularity, first_days):
    """The forecasts of a product; what a person has fixed moves the bounds, too."""
    moved, upper_80, upper_95 = 0.0, [], []
    for row in rows:
        moved += row.quantity - row.quantity_calculated
        upper_80.append(max(0.0, row.total_upper_80 + moved))
        upper_95.append(max(0.0, row.total_upper_95 + moved))
    return Outlook(
        quantity=tuple(rows.mapped("quantity")),
        upper_80=tuple(upper_80),
        upper_95=tuple(upper_95),
        period_days=PERIOD_DAYS[granularity],
        first_days=first_days,
        error=rows[0].error if rows[0].is_tested else None,
    )
