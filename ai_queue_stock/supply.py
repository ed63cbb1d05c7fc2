# Copyright 2026 The ai_queue contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""Where products are ordered, how they come and what is there: queries for many
products of the current company at once."""

from collections import defaultdict
from datetime import timedelta

from odoo import fields
from odoo.tools import SQL

from . import demand

# How far back deliveries tell which warehouses a product leaves.
OUTLET_DAYS = 364
# A warehouse that delivered nothing before tells nothing of what is wanted from it.
NEW_WAREHOUSE_DAYS = 91
# So many receipts of a product, or of anything from its vendor, tell how long it takes.
OWN_RECEIPTS, VENDOR_RECEIPTS = 3, 5
RECEIPT_DAYS = 730
# What a product has that gives it routes of its own.
ROUTED_BY = ("seller_ids", "bom_ids")

_OUTLETS = """
    SELECT product_id, warehouse_id, bool_or(is_transfer),
           bool_and(quantity = round(quantity)), sum(quantity) > 0
      FROM (%(flows)s) AS flow
     WHERE warehouse_id IS NOT NULL
     GROUP BY product_id, warehouse_id
"""
_DELIVERED_BEFORE = """
    SELECT warehouse.id
      FROM unnest(%(warehouses)s::int[]) AS warehouse(id)
     WHERE EXISTS (
           SELECT FROM stock_move move
             JOIN stock_location source
               ON source.id = move.location_id
              AND source.warehouse_id = warehouse.id
              AND source.usage = 'internal'
             JOIN stock_location target
               ON target.id = move.location_dest_id
              AND target.usage IN ('customer', 'production', 'transit')
            WHERE move.state = 'done' AND move.date < %(until)s)
"""
_ON_HAND = """
    SELECT place.index, sum(quant.quantity)
      FROM unnest(%(indexes)s::int[], %(products)s::int[], %(paths)s::text[])
           AS place(index, product_id, path)
      JOIN stock_quant quant ON quant.product_id = place.product_id
      JOIN stock_location location
        ON location.id = quant.location_id
       AND location.usage = 'internal'
       AND location.parent_path LIKE place.path || '%%'
     GROUP BY place.index
"""
_ON_ITS_WAY = """
    SELECT place.index,
           source.parent_path LIKE place.path || '%%' AS is_leaving,
           greatest(0, (move.date AT TIME ZONE 'UTC' AT TIME ZONE %(tz)s)::date
                       - %(today)s) AS days,
           sum(move.product_qty)
      FROM unnest(%(indexes)s::int[], %(products)s::int[], %(paths)s::text[])
           AS place(index, product_id, path)
      JOIN stock_move move
        ON move.product_id = place.product_id
       AND move.company_id = %(company)s
       AND move.state IN ('waiting', 'confirmed', 'partially_available', 'assigned')
      JOIN stock_location source ON source.id = move.location_id
      JOIN stock_location target ON target.id = move.location_dest_id
     WHERE (source.parent_path LIKE place.path || '%%')
        <> (target.parent_path LIKE place.path || '%%')
     GROUP BY place.index, is_leaving, days
"""
# How many days after its order each receipt came, and how many after the promised day.
_RECEIPTS = """
    SELECT purchase.partner_id, line.product_id, count(*),
           avg(receipt.days), coalesce(stddev_samp(receipt.days), 0),
           avg(receipt.late), coalesce(stddev_samp(receipt.late), 0)
      FROM stock_move move
      JOIN stock_location source
        ON source.id = move.location_id AND source.usage = 'supplier'
      JOIN purchase_order_line line ON line.id = move.purchase_line_id
      JOIN purchase_order purchase ON purchase.id = line.order_id
CROSS JOIN LATERAL (
           SELECT extract(epoch FROM move.date - purchase.date_approve) / 86400 AS days,
                  extract(epoch FROM move.date - line.date_planned) / 86400 AS late
           ) AS receipt
     WHERE move.state = 'done'
       AND move.company_id = %(company)s
       AND move.date >= %(since)s
       AND purchase.partner_id = ANY(%(vendors)s)
       AND purchase.date_approve IS NOT NULL
     GROUP BY GROUPING SETS ((purchase.partner_id, line.product_id),
                             (purchase.partner_id))
"""


class Ordered:
    """A product that is, or could be, ordered for a warehouse."""

    def __init__(self, product, warehouse, orderpoint):
        self.product = product
        self.warehouse = warehouse
        self.orderpoint = orderpoint
        self.location = orderpoint.location_id or warehouse.lot_stock_id
        self.rules = self.seller = None
        self.is_bought = self.is_made = False

    def find_route(self, known):
        """Ask Odoo's own rules how it would be ordered.

        :param dict known: what was found before for the same routes
        """
        product, route = self.product, self.orderpoint.route_id
        # Odoo looks for them product by product; these are what it looks at.
        key = (
            self.location.id,
            route.id,
            tuple(product.route_ids.ids),
            product.categ_id.id,
            *(bool(product[name]) for name in ROUTED_BY if name in product._fields),
        )
        if key not in known:
            known[key] = product._get_rules_from_location(self.location, route)
        self.rules = known[key]
        actions = self.rules.mapped("action")
        self.is_bought, self.is_made = "buy" in actions, "manufacture" in actions
        self.seller = product.env["product.supplierinfo"]
        if self.is_bought:
            if self.orderpoint:
                self.seller = self.orderpoint.supplier_id
            self.seller = self.seller or product._select_seller(quantity=None)

    def find_lead_days(self):
        """How long it takes by what is written on routes and vendors."""
        rules = self.rules.with_context(bypass_delay_description=True)
        values = self.orderpoint._get_lead_days_values() if self.orderpoint else {}
        return rules._get_lead_days(self.product, **values)[0]["total_delay"]


class Outlets(dict):
    """{product id: {warehouse id: rounding}} of what left warehouses within a year.

    ``parted``: ids of the products that left several, or one for another.
    """

    def __init__(self):
        super().__init__()
        self.parted = set()

    def of(self, product, warehouse, places):
        """Fields of a ``Place``: its share of the company's forecast, or None where it
        has one of its own; and what it is ordered in."""
        own = self.get(product.id)
        if own is None:
            # Nothing left any warehouse lately: all of them may get the next order.
            count = sum(one.product == product for one in places)
            return {"share": 1.0 / max(1, count)}
        rounding = max(own.get(warehouse.id, 1.0), product.uom_id.rounding)
        if warehouse.id not in own:
            return {"share": 0.0, "rounding": rounding}
        share = None if product.id in self.parted else 1.0
        return {"share": share, "rounding": rounding}


def outlets(env, products):
    """Which warehouses products left within a year, by the current company's moves."""
    demand.flush(env)
    today = fields.Date.context_today(products)
    since, until = today - timedelta(days=OUTLET_DAYS), today + timedelta(days=1)
    flows = demand.flows(env, products, since, until)
    env.cr.execute(SQL(_OUTLETS, flows=flows))
    found = Outlets()
    for product_id, warehouse_id, has_transfers, is_whole, is_left in env.cr.fetchall():
        if has_transfers:
            found.parted.add(product_id)
        if is_left:
            # Who sells in whole pieces keeps whole pieces.
            own = found.setdefault(product_id, {})
            own[warehouse_id] = 1.0 if is_whole else 0.0
    found.parted |= {product_id for product_id, own in found.items() if len(own) > 1}
    found.parted &= found.keys()
    return found


def new_warehouses(env, warehouses):
    """Of these, those that delivered nothing yet, or only lately."""
    demand.flush(env)
    until = fields.Datetime.now() - timedelta(days=NEW_WAREHOUSE_DAYS)
    env.cr.execute(SQL(_DELIVERED_BEFORE, warehouses=warehouses.ids, until=until))
    return warehouses - warehouses.browse(row[0] for row in env.cr.fetchall())


def bills(env, places):
    """Which products have a bill of materials, where there are any: {product id: it}"""
    if "bom_ids" not in env["product.template"]._fields:
        return {}
    products = env["product.product"].sudo().browse({one.product.id for one in places})
    model = env[env["product.template"]._fields["bom_ids"].comodel_name].sudo()
    found = model._bom_find(products, company_id=env.company.id, bom_type="normal")
    return {product.id: bill for product, bill in found.items() if bill}


def leads(env, places):
    """How long it takes until an order is there, and how much that varies.

    :return: for each place, fields of a ``Place``
    """
    receipts = _receipts(env, places)
    return [_lead(one, receipts) for one in places]


def _lead(one, receipts):
    promised = one.find_lead_days()
    known = {"lead_days": promised, "promised_days": promised}
    partner_id = one.seller.partner_id.id
    own = receipts.get((partner_id, one.product.id))
    if own and own["count"] >= OWN_RECEIPTS:
        known["lead_days"] = max(0.0, promised - one.seller.delay + own["days"])
        known |= {"lead_deviation": own["deviation"], "lead": "measured"}
        return {**known, "receipts": own["count"]}
    any_product = receipts.get((partner_id, None))
    if any_product and any_product["count"] >= VENDOR_RECEIPTS:
        known["lead_days"] = promised + max(0.0, any_product["late"])
        known |= {"lead_deviation": any_product["late_deviation"], "lead": "vendor"}
        return {**known, "receipts": any_product["count"]}
    return known


def _receipts(env, places):
    """What vendors took: {(partner id, product id or None for all): numbers}."""
    vendors = {one.seller.partner_id.id for one in places if one.seller}
    if not vendors or "purchase_line_id" not in env["stock.move"]._fields:
        return {}
    line = env["stock.move"]._fields["purchase_line_id"].comodel_name
    env[line].flush_model()
    env[env[line]._fields["order_id"].comodel_name].flush_model()
    demand.flush(env)
    env.cr.execute(
        SQL(
            _RECEIPTS,
            company=env.company.id,
            since=fields.Datetime.now() - timedelta(days=RECEIPT_DAYS),
            vendors=list(vendors),
        )
    )
    return {
        (partner_id, product_id): {
            "count": count,
            "days": float(days),
            "deviation": float(deviation),
            "late": float(late or 0.0),
            "late_deviation": float(late_deviation),
        }
        for (
            partner_id,
            product_id,
            count,
            days,
            deviation,
            late,
            late_deviation,
        ) in env.cr.fetchall()
    }


def order_quantities(one):
    """The least order and its multiples, in the unit of the product: fields of a
    ``Place``."""
    unit = one.product.uom_id
    least, multiple = 0.0, 0.0
    if one.seller:
        own = one.seller.product_uom_id
        least = own._compute_quantity(one.seller.min_qty, unit, round=False)
        multiple = own._compute_quantity(1.0, unit, round=False) if own != unit else 0.0
    if one.orderpoint.replenishment_uom_id:
        own = one.orderpoint.replenishment_uom_id
        multiple = own._compute_quantity(1.0, unit, round=False)
    # A dozen is not always exactly twelve for a computer.
    return {"least": round(least, 6), "multiple": round(multiple, 6)}


def stocks(env, places):
    """What is in the warehouse of each place, comes and leaves: fields of a
    ``Place``."""
    demand.flush(env)
    env["stock.quant"].flush_model()
    values = {
        "indexes": list(range(len(places))),
        "products": [one.product.id for one in places],
        "paths": [one.warehouse.view_location_id.parent_path for one in places],
    }
    env.cr.execute(SQL(_ON_HAND, **values))
    on_hand = dict(env.cr.fetchall())
    today = fields.Date.context_today(env["stock.quant"])
    env.cr.execute(
        SQL(_ON_ITS_WAY, **values, company=env.company.id, tz=str(env.tz), today=today)
    )
    coming, leaving = defaultdict(list), defaultdict(list)
    for index, is_leaving, days, quantity in env.cr.fetchall():
        way = leaving if is_leaving else coming
        way[index].append((days, float(quantity)))
    _add_asked_for(places, coming)
    return [
        {
            "on_hand": float(on_hand.get(index) or 0.0),
            "coming": tuple(sorted(coming[index])),
            "leaving": tuple(sorted(leaving[index])),
        }
        for index in range(len(places))
    ]


def _add_asked_for(places, coming):
    """What vendors were asked for and has not been ordered yet, as Odoo counts it."""
    if not places:
        return
    products = places[0].product.browse({one.product.id for one in places})
    locations = list({one.location.id for one in places})
    asked_for, _of_warehouses = products._get_quantity_in_progress(locations)
    for index, one in enumerate(places):
        quantity = asked_for.get((one.product.id, one.location.id))
        if quantity:
            coming[index].append((int(one.find_lead_days()), quantity))
