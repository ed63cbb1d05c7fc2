# Copyright 2026 The ai_queue contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""Stock, transfers and production."""

from .subject import COUNT, Subject

_NOT_DONE = ("state", "not in", ("done", "cancel"))
_PICKING_STATES = {
    "open": ((_NOT_DONE,), True, ""),
    "undelivered": ((_NOT_DONE,), True, ""),
    "delivered": ((("state", "=", "done"),), True, ""),
    "draft": ((("state", "=", "draft"),), True, ""),
    "done": ((("state", "=", "done"),), True, ""),
    "cancelled": ((("state", "=", "cancel"),), True, ""),
    "ready": ((("state", "=", "assigned"),), True, ""),
    "waiting": ((("state", "in", ("waiting", "confirmed")),), True, ""),
    "overdue": (
        (_NOT_DONE, ("scheduled_date", "<", "today")),
        True,
        "",
    ),
}


def _transfers(key, code=None):
    return Subject(
        key,
        "stock.picking",
        "scheduled_date",
        (("picking_type_id.code", "=", code),) if code else (),
        (),
        {"count": COUNT},
        {
            "customer": "partner_id",
            "vendor": "partner_id",
            "partner": "partner_id",
            "status": "state",
            "operation": "picking_type_id",
            "user": "user_id",
            "location": "location_id",
            "company": "company_id",
        },
        _PICKING_STATES,
    )


STOCK = (
    Subject(
        "stock",
        "stock.quant",
        # What was there on another day is not in it.
        "",
        (("location_id.usage", "=", "internal"),),
        (),
        {
            "quantity": "quantity",
            "value": "value",
            "reserved": "reserved_quantity",
            "count": COUNT,
        },
        {
            "product": "product_id",
            "category": "product_categ_id",
            "location": "location_id",
            "warehouse": "warehouse_id",
            "lot": "lot_id",
            "unit": "product_uom_id",
            "company": "company_id",
        },
    ),
    _transfers("delivery", "outgoing"),
    _transfers("receipt", "incoming"),
    _transfers("transfer"),
)
PRODUCTION = Subject(
    "production",
    "mrp.production",
    "date_start",
    measures={"count": COUNT, "quantity": "product_qty"},
    dimensions={
        "product": "product_id",
        "status": "state",
        "user": "user_id",
        "operation": "picking_type_id",
        "warehouse": "warehouse_id",
        "company": "company_id",
    },
    states={
        "draft": ((("state", "=", "draft"),), True, ""),
        "confirmed": ((("state", "=", "confirmed"),), True, ""),
        "open": ((_NOT_DONE,), True, ""),
        "overdue": ((_NOT_DONE, ("date_start", "<", "today")), True, ""),
        "done": ((("state", "=", "done"),), True, ""),
        "cancelled": ((("state", "=", "cancel"),), True, ""),
    },
)
