"""Runs in Odoo: vendor bills for agents to look at, with and without orders."""

from odoo.fields import Command, Date

PRICE = 50.0


def make(env, ordered, unknown):
    """Draft bills: so many with an order and a receipt each, and so many of a vendor
    whom nobody knows, about whom the rules ask."""
    env = env(context={**env.context, "tracking_disable": True, "lang": "en_US"})
    partners = env["res.partner"].create(
        [{"name": "Bench Supplies"}, {"name": "Bench Newcomer"}]
    )
    product = env["product.product"].create(
        {
            "name": "Bench part",
            "purchase_method": "receive",
            "supplier_taxes_id": [Command.clear()],
        }
    )
    orders = _order(env, partners[0], product, ordered)
    env.cr.commit()
    _bill(env, [_line_of(line) for line in orders.order_line], partners[0], "ORDERED")
    line = {"name": "Something", "quantity": 1, "price_unit": PRICE}
    line["tax_ids"] = [Command.clear()]
    _bill(env, [line] * unknown, partners[1], "UNKNOWN")
    env.cr.commit()


def _order(env, vendor, product, count):
    line = {
        "product_id": product.id,
        "product_qty": 10,
        "price_unit": PRICE,
        "tax_ids": [Command.clear()],
    }
    orders = env["purchase.order"].create(
        [
            {"partner_id": vendor.id, "order_line": [Command.create(line)]}
            for _number in range(count)
        ]
    )
    orders.button_confirm()
    for one in orders.order_line:
        one.qty_received = one.product_qty
    return orders


def _line_of(order_line):
    return {
        "product_id": order_line.product_id.id,
        "quantity": order_line.product_qty,
        "price_unit": order_line.price_unit,
        "purchase_line_id": order_line.id,
        "tax_ids": [Command.clear()],
    }


def _bill(env, lines, vendor, name):
    env["account.move"].create(
        [
            {
                "move_type": "in_invoice",
                "partner_id": vendor.id,
                "invoice_date": Date.today(),
                "ref": f"{name}-{number}",
                "invoice_line_ids": [Command.create(line)],
            }
            for number, line in enumerate(lines)
        ]
    )
