"""What the trading company has in stock, from whom it buys, and its reordering rules.

The rules are as somebody set them up once: a week's sales as minimum, two as maximum.
"""

import random

from odoo.fields import Command

from .catalogue import PRODUCTS, Pack
from .sales import SEED

#: category → who sells it, and the days that an order takes
VENDORS = {
    "Coffee": ("Harbor Roasters", 10),
    "Tea & Chocolate": ("Harbor Roasters", 10),
    "Syrups & Toppings": ("Casco Pantry Supply", 7),
    "Cold Drinks": ("Casco Pantry Supply", 7),
    "Bakery": ("Millstone Bakehouse", 1),
    "Milk & Eggs": ("Green Pasture Dairy", 1),
    "Cups & Packaging": ("Downeast Paper", 14),
    "Cleaning": ("Downeast Paper", 14),
    "Tableware": ("Portafilter Trading", 21),
    "Barista Tools": ("Portafilter Trading", 21),
    "Spare Parts": ("Portafilter Trading", 28),
    "Machines": ("Portafilter Trading", 42),
}
#: ordered by hand only
BY_HAND = "Machines"
#: how many weeks' sales are on the shelf
LEAST_WEEKS, MOST_WEEKS = 0.3, 6.0


def set_up(env):
    """Vendors, rules and stock for the products that ``load`` made."""
    buy = env.ref("purchase_stock.route_warehouse0_buy")
    stock = env["stock.warehouse"].search([], limit=1).lot_stock_id
    vendors = _add_vendors(env)
    counted = env["stock.quant"].with_context(inventory_mode=True)
    for product in PRODUCTS:
        name, days = VENDORS[product.category]
        for sku in product.skus:
            variant = env["product.product"].search([("default_code", "=", sku.code)])
            seller = {
                "partner_id": vendors[name].id,
                "product_id": variant.id,
                "delay": days,
                "price": sku.cost,
            }
            variant.product_tmpl_id.write(
                {
                    "is_storable": True,
                    "route_ids": [Command.link(buy.id)],
                    "seller_ids": [Command.create(seller)],
                }
            )
            _add_rule(env, product, sku, variant, stock)
            counted += counted.create(
                {
                    "product_id": variant.id,
                    "location_id": stock.id,
                    "inventory_quantity": round(_weeks_in_stock(sku) * sku.level),
                }
            )
    counted.action_apply_inventory()


def _add_vendors(env):
    """Those who sell to the company, by name."""
    names = sorted({name for name, _days in VENDORS.values()})
    partners = env["res.partner"].create(
        [{"name": name, "is_company": True} for name in names]
    )
    return dict(zip(names, partners, strict=True))


def _add_rule(env, product, sku, variant, stock):
    """What is ordered by the pack is reordered so."""
    units = env["uom.uom"].with_context(active_test=False)
    if sku.pack is not Pack.UNIT:
        units = units.search([("name", "=", sku.pack.label)], limit=1)
    env["stock.warehouse.orderpoint"].create(
        {
            "product_id": variant.id,
            "location_id": stock.id,
            "trigger": "manual" if product.category == BY_HAND else "auto",
            "product_min_qty": round(sku.level),
            "product_max_qty": round(2 * sku.level) or 1,
            "replenishment_uom_id": units.id,
        }
    )


def _weeks_in_stock(sku):
    rng = random.Random(f"{SEED}/stock/{sku.code}")
    return rng.uniform(LEAST_WEEKS, MOST_WEEKS)
