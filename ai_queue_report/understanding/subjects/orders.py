# Copyright 2026 The ai_queue contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""Orders and quotations of sales and purchases."""

from .subject import COUNT, Subject


def _orders(key, report, order, state, partner, **more):
    """(lines, orders) of sales or purchases in a state."""
    lines, whole = report, order
    usual = (
        (
            "state",
            "in" if len(state) > 1 else "=",
            state if len(state) > 1 else state[0],
        ),
    )
    states = {
        "cancelled": ((("state", "=", "cancel"),), True, ""),
        "draft": ((("state", "in", ("draft", "sent")),), True, ""),
        "confirmed": ((("state", "=", more["confirmed"]),), True, ""),
    }
    return (
        Subject(
            key,
            lines,
            more["line_date"],
            (),
            usual,
            more["line_measures"],
            {partner: "partner_id", "partner": "partner_id", **more["line_dimensions"]},
            states,
        ),
        Subject(
            f"{key}_order",
            whole,
            "date_order",
            (),
            usual,
            {
                "count": COUNT,
                "untaxed": "amount_untaxed",
                "total": "amount_total",
                "tax": "amount_tax",
            },
            {
                partner: "partner_id",
                "partner": "partner_id",
                **more["order_dimensions"],
            },
            {**states, **_orders_further(state, more)},
            is_document=True,
        ),
    )


def _orders_further(state, more):
    """How far orders are; all quotations are open."""
    is_ordered = state == (more["confirmed"],)
    return more["order_states"] if is_ordered else {"open": ((), False, "")}


def _order_states(field, delivered, undelivered):
    """What of an order has been delivered or received, and invoiced."""
    waiting = (((field, "in", undelivered),), False, "")
    return {
        "open": waiting,
        "waiting": waiting,
        "undelivered": waiting,
        "delivered": (((field, "=", delivered),), False, ""),
        "invoiceable": ((("invoice_status", "=", "to invoice"),), False, ""),
    }


_SALE = {
    "confirmed": "sale",
    "line_date": "date",
    "line_measures": {
        "untaxed": "price_subtotal",
        "total": "price_total",
        "quantity": "product_uom_qty",
        "delivered": "qty_delivered",
        "to_invoice": "untaxed_amount_to_invoice",
        "margin": "margin",
        "discount": "discount_amount",
        "count": ("name", "count_distinct"),
    },
    "line_dimensions": {
        "product": "product_id",
        "category": "categ_id",
        "country": "country_id",
        "region": "state_id",
        "salesperson": "user_id",
        "user": "user_id",
        "team": "team_id",
        "warehouse": "warehouse_id",
        "company": "company_id",
        "status": "state",
        "invoice_status": "invoice_status",
        "industry": "industry_id",
        "unit": "product_uom_id",
        "source": "source_id",
        "campaign": "campaign_id",
        "number": "name",
    },
    "order_states": _order_states(
        "delivery_status", "full", ("pending", "started", "partial")
    ),
    "order_dimensions": {
        "number": "name",
        "salesperson": "user_id",
        "user": "user_id",
        "team": "team_id",
        "warehouse": "warehouse_id",
        "company": "company_id",
        "currency": "currency_id",
        "status": "state",
        "invoice_status": "invoice_status",
        "payment_term": "payment_term_id",
        "source": "source_id",
        "campaign": "campaign_id",
    },
}
_PURCHASE = {
    "confirmed": "purchase",
    "line_date": "date_order",
    "line_measures": {
        "untaxed": "untaxed_total",
        "total": "price_total",
        "cost": "untaxed_total",
        "quantity": "qty_ordered",
        "received": "qty_received",
        "count": ("order_id", "count_distinct"),
    },
    "line_dimensions": {
        "product": "product_id",
        "category": "category_id",
        "country": "country_id",
        "buyer": "user_id",
        "user": "user_id",
        "warehouse": "picking_type_id",
        "company": "company_id",
        "currency": "currency_id",
        "status": "state",
        "unit": "product_uom_id",
        "number": "order_id",
    },
    "order_states": _order_states("receipt_status", "full", ("pending", "partial")),
    "order_dimensions": {
        "number": "name",
        "buyer": "user_id",
        "user": "user_id",
        "company": "company_id",
        "currency": "currency_id",
        "status": "state",
        "invoice_status": "invoice_status",
        "payment_term": "payment_term_id",
    },
}
ORDERS = (
    *_orders("sale", "sale.report", "sale.order", ("sale",), "customer", **_SALE),
    *_orders(
        "quotation", "sale.report", "sale.order", ("draft", "sent"), "customer", **_SALE
    ),
    *_orders(
        "purchase",
        "purchase.report",
        "purchase.order",
        ("purchase",),
        "vendor",
        **_PURCHASE,
    ),
    *_orders(
        "rfq",
        "purchase.report",
        "purchase.order",
        ("draft", "sent"),
        "vendor",
        **_PURCHASE,
    ),
)
