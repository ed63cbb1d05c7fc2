"""What ``reorder_sample.py`` lets Odoo live through; nothing of it is kept."""

import json
from datetime import datetime, time, timedelta

from odoo.fields import Command
from odoo.tests import freeze_time

#: the Monday on which Odoo begins to order; the reviews are at six in the morning
MONDAY = datetime(2026, 1, 5, 6)


def live(env, path):
    """Read the products from ``path``, and write there what was ordered each week."""
    with open(path) as file:
        told = json.load(file)
    env = env(context={**env.context, "tz": "UTC", "tracking_disable": True})
    with freeze_time(MONDAY):
        shop = Shop(env, told["goods"], told["first_day"])
    days = len(told["goods"][0]["demand"]) - told["first_day"]
    decisions = []
    for number in range(days):
        now = MONDAY + timedelta(days=number)
        with freeze_time(now):
            shop.receive(now)
            if number % 7 == 0:
                decisions.append(shop.order(now))
        with freeze_time(now + timedelta(hours=6)):
            shop.deliver(number)
    env.cr.rollback()
    with open(path, "w") as file:
        json.dump(decisions, file)


class Shop:
    """Products with rules, and what is on its way to them."""

    def __init__(self, env, goods, first_day):
        self.env = env
        self.goods = goods
        self.first_day = first_day
        self.warehouse = env["stock.warehouse"].search([], limit=1)
        self.stock = self.warehouse.lot_stock_id
        self.customers = env.ref("stock.stock_location_customers")
        self.vendors = env.ref("stock.stock_location_suppliers")
        env.company.ai_queue_demand_source = "delivery"
        self.products = env["product.product"].concat(*map(self._make, goods))
        self.rules = env["stock.warehouse.orderpoint"].create(
            [
                {
                    "product_id": product.id,
                    "location_id": self.stock.id,
                    "product_min_qty": 0,
                    "product_max_qty": 0,
                    "replenishment_uom_id": self._unit(one).id,
                }
                for product, one in zip(self.products, goods, strict=True)
            ]
        )
        self.due = []
        self._sell_before()

    def _make(self, one):
        vendor = self.env["res.partner"].create({"name": f"Vendor {one['number']}"})
        seller = {"partner_id": vendor.id, "delay": one["promised_days"], "price": 1}
        return self.env["product.product"].create(
            {
                "name": f"Article {one['number']}",
                "is_storable": True,
                "standard_price": one["cost"],
                "seller_ids": [Command.create(seller)],
                "route_ids": [
                    Command.link(self.env.ref("purchase_stock.route_warehouse0_buy").id)
                ],
            }
        )

    def _unit(self, one):
        units = self.env["uom.uom"]
        if one["multiple"] == 1:
            return units
        return units.create(
            {
                "name": f"Pack of {one['multiple']}",
                "relative_factor": one["multiple"],
                "relative_uom_id": self.env.ref("uom.product_uom_unit").id,
            }
        )

    def _sell_before(self):
        """The weeks before, out of what then is left for the first day."""
        begin = MONDAY - timedelta(days=self.first_day)
        for product, one in zip(self.products, self.goods, strict=True):
            past = one["demand"][: self.first_day]
            self._move(begin, product, sum(past) + one["stock"], True)
            for number, count in enumerate(past):
                if count:
                    self._move(begin + timedelta(days=number), product, count)

    def _move(self, when, product, quantity, is_receipt=False):
        source, target = self.stock, self.customers
        if is_receipt:
            source, target = self.vendors, self.stock
        move = self.env["stock.move"].create(
            {
                "product_id": product.id,
                "product_uom_qty": quantity,
                "location_id": source.id,
                "location_dest_id": target.id,
            }
        )
        move._action_confirm(merge=False)
        move.quantity = quantity
        move.picked = True
        move._action_done()
        move.date = when

    def receive(self, now):
        """What the vendors bring today."""
        for pickings in [found for when, found in self.due if when == now]:
            for picking in pickings:
                picking.move_ids.picked = True
                picking.with_context(skip_backorder=True).button_validate()

    def order(self, now):
        """Propose, accept everything, and let Odoo order; what it orders of each."""
        self.products.propose_reorder()
        proposals = self.env["ai.queue.reorder.proposal"]
        proposals.search(
            [("state", "=", "open"), ("product_id", "in", self.products.ids)]
        ).action_accept()
        self.rules.invalidate_recordset()
        self.rules._compute_qty_to_order_computed()
        self.rules._procure_orderpoint_confirm(company_id=self.env.company)
        ordered = []
        week = (now - MONDAY).days // 7 + self.first_day // 7
        for product, one in zip(self.products, self.goods, strict=True):
            lines = self.env["purchase.order.line"].search(
                [("product_id", "=", product.id), ("state", "=", "draft")]
            )
            ordered.append(sum(lines.mapped("product_uom_qty")))
            if lines:
                lines.order_id.button_confirm()
                when = now + timedelta(days=one["lead_days"][week])
                self.due.append((when, lines.order_id.picking_ids))
        return ordered

    def deliver(self, number):
        """What customers ask for on a day, as far as it is there."""
        now = MONDAY + timedelta(days=number)
        now = datetime.combine(now.date(), time(12))
        for product, one in zip(self.products, self.goods, strict=True):
            asked = one["demand"][self.first_day + number]
            there = product.with_context(location=self.stock.id).qty_available
            if count := min(asked, there):
                self._move(now, product, count)
