# Copyright 2026 The ai_queue contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
from collections import defaultdict
from datetime import datetime, time, timedelta
from math import ceil

import pytz

from odoo import fields, models
from odoo.tools import SQL

from odoo.addons.ai_queue_stock import demand, reordering

from ..exceptions import RECENT_WEEKS, WEEKS, Facts, Late

#: Alternatives that are named.
MAX_NAMED = 3
#: Reasons of the worklist for which a product cannot be ordered.
PROBLEMS = ("vendor", "route", "bill")

_SOLD = """
    SELECT flow.product_id, flow.warehouse_id, flow.day, sum(flow.quantity)
      FROM (%(flows)s) AS flow
     WHERE flow.warehouse_id IS NOT NULL
     GROUP BY flow.product_id, flow.warehouse_id, flow.day
"""


class AiQueueAgentReorderFacts(models.AbstractModel):
    """What is known about the stock of products: a few queries for many rules."""

    _name = "ai.queue.agent.reorder.facts"
    _description = "Facts for the Agent for Reordering"

    def _gather(self, rules):
        """Facts about reordering rules, as the person who asked.

        :param rules: ``stock.warehouse.orderpoint`` of the current company
        :return: {rule id: ``exceptions.Facts``}
        """
        products = rules.product_id
        # Plans are made with what the company knows, as those of the worklist.
        planning = self.env["ai.queue.kind.reorder"]
        places, left = planning._gather_places(products)
        of_rule = {p.orderpoint_id: p for some in places.values() for p in some}
        outlooks = planning._gather_outlooks(products)
        sold, weeks = self._gather_sold(products)
        late = self._gather_late(rules)
        worklist = self._gather_worklist(rules)
        free = self._gather_free(rules)
        return {
            rule.id: self._facts_of(
                rule,
                of_rule.get(rule.id),
                outlooks.get(rule.product_id.id),
                self._by_week(
                    sold.get((rule.product_id.id, rule.warehouse_id.id), {}),
                    weeks[rule.product_id.id],
                ),
                late=late.get(rule.id, ()),
                worklist=worklist.get(rule.id),
                free=free,
                left=() if rule.id in of_rule else left.get(rule.product_id.id, ()),
            )
            for rule in rules
        }

    def _facts_of(self, rule, place, outlook, sales, *, late, worklist, free, left):
        product = rule.product_id
        sold, largest = sales
        lately = sold[-RECENT_WEEKS * 3 :]
        weekly = sum(lately) / len(lately) if lately else 0.0
        is_forecast = bool(place and outlook) and place.share is not None
        expected = outlook.scaled(place.share) if is_forecast else _flat(weekly)
        return Facts(
            product=product.display_name,
            unit=product.uom_id.name,
            minimum=rule.product_min_qty,
            maximum=rule.product_max_qty,
            **self._read_place(rule, place, expected),
            sold=sold,
            largest_day=largest,
            weekly=round(float(expected.expected(28)) / 4.0, 3),
            is_forecast=is_forecast,
            is_new="new" in left,
            is_ended=not product.active or not self._is_procured(product),
            late=late,
            worklist=worklist,
            elsewhere=free.elsewhere(rule),
            substitutes=free.substitutes(rule),
            vendors=self._find_vendors(product, place),
            problem=next((code for code in left if code in PROBLEMS), ""),
        )

    def _is_procured(self, product):
        """Whether it is still bought, or made."""
        is_made = "bom_ids" in product._fields and bool(product.sudo()["bom_ids"])
        return product.purchase_ok or is_made

    def _read_place(self, rule, place, expected):
        if not place:
            return {"on_hand": rule.qty_on_hand}
        coming = sum(quantity for _day, quantity in place.coming)
        leaving = sum(quantity for _day, quantity in place.leaving)
        known = {
            "on_hand": place.on_hand,
            "coming": coming,
            "leaving": leaving,
            "lead_days": round(place.lead_days, 1),
            "promised_days": place.promised_days,
            "receipts": place.receipts if place.lead != "promised" else 0,
            "least": place.least,
            "multiple": place.multiple,
            "rounding": place.rounding,
            "vendor_id": place.vendor_id or 0,
            "cost": place.cost,
        }
        ahead = max(1, ceil(place.lead_days))
        days = reordering.first_short(reordering.path(place, expected, ahead))
        if days is not None:
            today = fields.Date.context_today(self)
            known["date_short"] = fields.Date.to_string(today + timedelta(days=days))
        return known

    # ------------------------------------------------------------
    # DEMAND
    # ------------------------------------------------------------

    def _gather_sold(self, products):
        """What left by day: {(product id, warehouse id): {day: quantity}}.

        Also to other warehouses: what these sell, they want from there.

        And since when it is known: {product id: number of weeks}.
        """
        today = fields.Date.context_today(self)
        demand.flush(self.env)
        since = today - timedelta(weeks=WEEKS)
        flows = demand.flows(self.env, products, since, today)
        self.env.cr.execute(SQL(_SOLD, flows=flows))
        sold, first = defaultdict(dict), {}
        for product_id, warehouse_id, day, quantity in self.env.cr.fetchall():
            sold[product_id, warehouse_id][day] = float(quantity)
            first[product_id] = min(day, first.get(product_id, day))
        before = demand.delivered_before(self.env, products, since)
        weeks = {}
        for product in products:
            begun = first.get(product.id) or product.create_date.date()
            known = (today - begun).days // 7 + 1
            weeks[product.id] = WEEKS if product.id in before else min(known, WEEKS)
        return sold, weeks

    def _by_week(self, days, count):
        """What was sold by week, oldest first, and the most of a recent day."""
        today = fields.Date.context_today(self)
        weeks = [0.0] * count
        for day, quantity in days.items():
            back = max(0, (today - day).days - 1) // 7
            weeks[max(0, count - 1 - back)] += quantity
        recent = [
            quantity
            for day, quantity in days.items()
            if (today - day).days <= 7 * RECENT_WEEKS
        ]
        return tuple(weeks), max(recent, default=0.0)

    # ------------------------------------------------------------
    # SUPPLY
    # ------------------------------------------------------------

    def _gather_late(self, rules):
        """What should have come from vendors: {rule id: tuple of ``Late``}."""
        today = fields.Date.context_today(self)
        start = pytz.timezone(str(self.env.tz)).localize(
            datetime.combine(today, time())
        )
        moves = self.env["stock.move"].search(
            [
                ("product_id", "in", rules.product_id.ids),
                ("company_id", "=", self.env.company.id),
                ("location_id.usage", "=", "supplier"),
                ("picking_id", "!=", False),
                ("date", "<", start.astimezone(pytz.utc).replace(tzinfo=None)),
                (
                    "state",
                    "in",
                    ("waiting", "confirmed", "partially_available", "assigned"),
                ),
            ],
            order="date, id",
        )
        late = defaultdict(list)
        for move in moves:
            for rule in rules:
                if (rule.product_id, rule.warehouse_id) != (
                    move.product_id,
                    move.location_dest_id.warehouse_id,
                ):
                    continue
                day = fields.Datetime.context_timestamp(self, move.date).date()
                picking = move.picking_id
                late[rule.id].append(
                    Late(
                        fields.Date.to_string(day),
                        move.product_qty,
                        picking.id,
                        picking.name,
                        picking.partner_id.id or 0,
                    )
                )
        return {rule_id: tuple(some[:MAX_NAMED]) for rule_id, some in late.items()}

    def _gather_worklist(self, rules):
        """The numbers that wait to be decided: {rule id: (minimum, maximum)}."""
        proposals = self.env["ai.queue.reorder.proposal"]
        if not proposals.has_access("read"):
            return {}
        proposals = proposals.search(
            [("orderpoint_id", "in", rules.ids), ("state", "=", "open")]
        )
        return {one.orderpoint_id.id: (one.minimum, one.maximum) for one in proposals}

    def _find_vendors(self, product, place):
        """Other vendors of a product, the fastest first: (name, days)."""
        # Who plans need not see prices; only names and days are told.
        sellers = product.sudo()._prepare_sellers()
        own = place.vendor_id if place else None
        found = {}
        for seller in sellers.sorted("delay"):
            if seller.partner_id.id != own:
                found.setdefault(seller.partner_id.name, seller.delay)
        return tuple(list(found.items())[:MAX_NAMED])

    def _gather_free(self, rules):
        """What is free in other warehouses, and of other variants."""
        products = rules.product_id.product_tmpl_id.product_variant_ids
        products |= rules.product_id
        warehouses = self.env["stock.warehouse"].search(
            [("company_id", "=", self.env.company.id)]
        )
        free = {}
        for warehouse in warehouses:
            own = products.with_context(warehouse_id=warehouse.id)
            free |= {(one.id, warehouse): one.free_qty for one in own}
        others = self.env["stock.warehouse.orderpoint"].search(
            [("product_id", "in", products.ids), ("warehouse_id", "in", warehouses.ids)]
        )
        kept = defaultdict(float)
        for rule in others:
            kept[rule.product_id.id, rule.warehouse_id] += rule.product_min_qty
        return _Free({key: free[key] - kept[key] for key in free})


def _flat(weekly):
    """So much in every week, where no forecast tells more."""
    week = (weekly,)
    return reordering.Outlook(week, week, week, period_days=7.0, first_days=0)


class _Free(dict):
    """{(product id, warehouse): what is free there beyond its own minimum}."""

    def elsewhere(self, rule):
        """Other warehouses with some of the product: (name, quantity)."""
        found = [
            (warehouse.name, quantity)
            for (product_id, warehouse), quantity in self.items()
            if product_id == rule.product_id.id
            and warehouse != rule.warehouse_id
            and quantity > 0
        ]
        return tuple(sorted(found, key=lambda one: -one[1])[:MAX_NAMED])

    def substitutes(self, rule):
        """Other variants that are in the same warehouse: (name, quantity)."""
        variants = rule.product_id.product_tmpl_id.product_variant_ids
        found = [
            (variant.display_name, self.get((variant.id, rule.warehouse_id), 0.0))
            for variant in variants - rule.product_id
        ]
        some = [one for one in found if one[1] > 0]
        return tuple(sorted(some, key=lambda one: -one[1])[:MAX_NAMED])
