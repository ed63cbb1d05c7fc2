# Copyright 2026 The ai_queue contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""What order and receipts say about a vendor bill, in sentences."""

from odoo.addons.ai_queue.engine.terms import _

# There is no environment in here: the caller translates a sentence.
# pylint: disable=prefer-env-translation

#: Code -> English template: what was found, and what to do next.
SENTENCES = {
    "order_not_confirmed": _("%(order)s is not confirmed, or was cancelled."),
    "order_of_other": _("%(order)s is an order from another vendor."),
    "order_currency": _("%(order)s is in another currency than the bill."),
    "price_up": _(
        "%(line)s costs %(price)s on the bill and %(agreed)s on %(order)s: "
        "%(difference)s too much."
    ),
    "price_down": _(
        "%(line)s costs %(price)s on the bill and %(agreed)s on %(order)s: "
        "%(difference)s less."
    ),
    "billed_before": _(
        "%(line)s of %(order)s was billed before: %(before)s of %(ordered)s %(unit)s "
        "by %(bills)s. This bill adds %(billed)s."
    ),
    "over_ordered": _(
        "%(billed)s %(unit)s of %(line)s are billed, but %(order)s is for %(ordered)s."
    ),
    "not_received": _(
        "%(billed)s %(unit)s of %(line)s are billed, but of %(order)s only "
        "%(received)s were received, of which %(before)s were billed before."
    ),
    "credit_exceeds": _(
        "%(credited)s %(unit)s of %(line)s are credited, but of %(order)s only "
        "%(before)s were billed."
    ),
    "credit_price": _(
        "%(line)s is credited with %(price)s, but cost %(agreed)s on %(order)s: "
        "%(difference)s too little."
    ),
    "not_ordered": _("Not ordered: %(lines)s, %(amount)s without taxes."),
    "extra_tolerated": _(
        "Not ordered, but within the tolerance: %(lines)s, %(amount)s without taxes."
    ),
    "no_order": _(
        "Purchases from %(vendor)s are made by order, and no order fits this bill."
    ),
    "matched": _("Prices and quantities are as ordered and received: %(orders)s."),
}
