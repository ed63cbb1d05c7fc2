# Copyright 2026 The ai_queue contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""What questions can be about: models and their usual fields."""

from .accounting import INVOICES, PAYMENTS
from .ai import AI
from .master_data import MASTER_DATA
from .orders import ORDERS
from .staff import EMPLOYEE, EXPENSE
from .stock import PRODUCTION, STOCK
from .subject import COUNT, Subject

__all__ = ["COUNT", "MONEY_FIELDS", "SUBJECTS", "Subject"]

#: Plain numbers that are amounts in the currency of the company.
MONEY_FIELDS = {
    "account.invoice.report": ("price_subtotal", "price_total", "price_margin"),
    "ai.queue.call": ("cost",),
}
SUBJECTS = (
    *INVOICES,
    *ORDERS,
    *STOCK,
    *PAYMENTS,
    *MASTER_DATA,
    EXPENSE,
    PRODUCTION,
    EMPLOYEE,
    *AI,
)
