# Copyright 2026 The ai_queue contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""Invoices, bills and payments."""

from .subject import COUNT, Subject

POSTED = (("state", "=", "posted"),)
_UNPAID = ("payment_state", "in", ("not_paid", "partial"))
_OVERDUE = ("invoice_date_due", "<", "today")
_MOVE_STATES = {
    "draft": ((("state", "=", "draft"),), True, ""),
    "posted": (POSTED, True, ""),
    "cancelled": ((("state", "=", "cancel"),), True, ""),
    "unpaid": ((_UNPAID,), False, "due"),
    "open": ((_UNPAID,), False, "due"),
    "overdue": ((_UNPAID, _OVERDUE), False, "due"),
    "paid": ((("payment_state", "in", ("paid", "in_payment")),), False, ""),
}
_MOVE_DIMENSIONS = {
    "customer": "partner_id",
    "vendor": "partner_id",
    "partner": "partner_id",
    "salesperson": "invoice_user_id",
    "user": "invoice_user_id",
    "team": "team_id",
    "journal": "journal_id",
    "company": "company_id",
    "currency": "currency_id",
    "status": "state",
    "payment_status": "payment_state",
    "payment_term": "invoice_payment_term_id",
    "kind": "move_type",
    "source": "source_id",
    "campaign": "campaign_id",
    "number": "name",
}
_SIGNED = {
    "untaxed": "amount_untaxed_signed",
    "total": "amount_total_signed",
    "tax": "amount_tax_signed",
    "due": "amount_residual_signed",
    "count": COUNT,
}
# Bills are negative in the signed fields: nobody asks for negative spending.
_PLAIN = {
    "untaxed": "amount_untaxed",
    "total": "amount_total",
    "tax": "amount_tax",
    "due": "amount_residual",
    "cost": "amount_untaxed",
    "count": COUNT,
}
_LINE_DIMENSIONS = {
    "customer": "partner_id",
    "vendor": "partner_id",
    "partner": "partner_id",
    "product": "product_id",
    "category": "product_categ_id",
    "country": "country_id",
    "salesperson": "invoice_user_id",
    "user": "invoice_user_id",
    "team": "team_id",
    "journal": "journal_id",
    "account": "account_id",
    "company": "company_id",
    "status": "state",
    "payment_status": "payment_state",
    "unit": "product_uom_id",
    "kind": "move_type",
}
_LINE_MEASURES = {
    "untaxed": "price_subtotal",
    "total": "price_total",
    "quantity": "quantity",
    "margin": "price_margin",
    "count": ("move_id", "count_distinct"),
}


def _invoices(key, kinds, measures=None):
    operator, value = ("in", kinds) if len(kinds) > 1 else ("=", kinds[0])
    made = (("move_type", operator, value),)
    whole = Subject(
        key,
        "account.move",
        "invoice_date",
        made,
        POSTED,
        measures or _SIGNED,
        _MOVE_DIMENSIONS,
        _MOVE_STATES,
        {"due": "invoice_date_due"},
        {"due": "unpaid"},
        is_document=True,
        # Credit notes are negative in the signed fields.
        is_negative=kinds == ("out_refund",),
    )
    lines = Subject(
        f"{key}_line",
        "account.invoice.report",
        "invoice_date",
        made,
        POSTED,
        _LINE_MEASURES,
        _LINE_DIMENSIONS,
        {
            name: state
            for name, state in _MOVE_STATES.items()
            if name not in ("unpaid", "open", "overdue")
        },
        is_negative=kinds == ("out_refund",),
    )
    return whole, lines


def _payments(key, filters):
    return Subject(
        key,
        "account.payment",
        "date",
        filters,
        (),
        {"untaxed": "amount_company_currency_signed", "count": COUNT},
        {
            "customer": "partner_id",
            "vendor": "partner_id",
            "partner": "partner_id",
            "number": "name",
            "journal": "journal_id",
            "status": "state",
            "currency": "currency_id",
            "method": "payment_method_line_id",
            "company": "company_id",
        },
        {
            "draft": ((("state", "=", "draft"),), True, ""),
            "paid": ((("state", "=", "paid"),), True, ""),
        },
        is_document=True,
        is_negative=key == "vendor_payment",
    )


INVOICES = (
    *_invoices("customer_invoice", ("out_invoice",)),
    *_invoices("revenue", ("out_invoice", "out_refund")),
    *_invoices("customer_credit_note", ("out_refund",)),
    _invoices("vendor_bill", ("in_invoice",), _PLAIN)[0],
    _invoices("vendor_credit_note", ("in_refund",), _PLAIN)[0],
    Subject(
        "vendor_bill_line",
        "account.move.line",
        "invoice_date",
        (
            ("move_id.move_type", "=", "in_invoice"),
            ("display_type", "=", "product"),
        ),
        (("parent_state", "=", "posted"),),
        {
            "untaxed": "balance",
            "cost": "balance",
            "quantity": "quantity",
            "count": ("move_id", "count_distinct"),
        },
        {
            "vendor": "partner_id",
            "partner": "partner_id",
            "product": "product_id",
            "category": "product_category_id",
            "account": "account_id",
            "journal": "journal_id",
            "company": "company_id",
            "unit": "product_uom_id",
        },
        {
            "draft": ((("parent_state", "=", "draft"),), True, ""),
            "posted": ((("parent_state", "=", "posted"),), True, ""),
            "cancelled": ((("parent_state", "=", "cancel"),), True, ""),
        },
    ),
)
PAYMENTS = (
    _payments("customer_payment", (("payment_type", "=", "inbound"),)),
    _payments("vendor_payment", (("payment_type", "=", "outbound"),)),
)
