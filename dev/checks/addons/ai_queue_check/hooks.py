# Copyright 2026 The ai_queue contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""The people, products and invoices that the live checks count on."""

from datetime import timedelta

from odoo import fields
from odoo.fields import Command

BUYERS = 10
PRODUCTS = 60
ACCOUNTANTS = 2
#: the vendor of the bills, whose tax number stands on them
VENDOR, VENDOR_VAT = "Example Supplies", "DE811907980"
#: how many weeks ago there was an invoice
WEEKS = range(1, 40, 2)


def make_company(env):
    """Make everything, quietly: nobody follows these records."""
    env = env(context={**env.context, "tracking_disable": True})
    _make_people(env)
    _make_sales(env)
    _make_purchases(env)


def _make_people(env):
    """Ten buyers, two accountants, a clerk without rights, a buyer from elsewhere.

    Everybody's password is their login.
    """
    user = env.ref("base.group_user")
    buyer = user + env.ref("ai_queue.ai_queue_group_user")
    buyer += env.ref("product.group_product_manager")
    other = env["res.company"].create({"name": "Other Company"})
    for number in range(BUYERS):
        _make_user(env, f"buyer{number}", env.company, buyer)
    _make_user(env, "clerk", env.company, user)
    _make_user(env, "stranger", other, buyer)
    accountant = user + env.ref("account.group_account_invoice")
    accountant += env.ref("ai_queue.ai_queue_group_user")
    for number in range(ACCOUNTANTS):
        _make_user(env, f"accountant{number}", env.company, accountant)


def _make_user(env, login, company, groups):
    env["res.users"].create(
        {
            "name": login.title(),
            "login": login,
            "password": login,
            "company_id": company.id,
            "company_ids": [Command.set(company.ids)],
            "group_ids": [Command.set(groups.ids)],
        }
    )


def _make_sales(env):
    """Products, and an invoice with all of them every other week."""
    if not env.company.chart_template:
        env["account.chart.template"].try_loading("generic_coa", env.company)
    products = env["product.product"].create(
        [{"name": f"Product {number:02}"} for number in range(PRODUCTS)]
    )
    today = fields.Date.today()
    monday = today - timedelta(days=today.weekday())
    customer = env["res.partner"].create({"name": "Customer"})
    moves = env["account.move"].create(
        [
            {
                "move_type": "out_invoice",
                "partner_id": customer.id,
                "invoice_date": monday - timedelta(weeks=week),
                "line_ids": [
                    Command.create(_line_values(product, 5 + number * week % 7))
                    for number, product in enumerate(products)
                ],
            }
            for week in WEEKS
        ]
    )
    moves._post()


def _line_values(product, quantity):
    """A line with its ``balance``, which spares Odoo the taxes."""
    balance = -10.0 * quantity
    return {
        "display_type": "product",
        "product_id": product.id,
        "quantity": quantity,
        "price_unit": 10.0,
        "balance": balance,
        "amount_currency": balance,
        "tax_ids": [],
    }


def _make_purchases(env):
    """A vendor, and a journal whose bills are read and that has an e-mail address."""
    env["res.partner"].create({"name": VENDOR, "is_company": True, "vat": VENDOR_VAT})
    domain = env["mail.alias.domain"].create({"name": "example.org"})
    env.company.alias_domain_id = domain
    journal = env["account.journal"].search(
        [("type", "=", "purchase"), ("company_id", "=", env.company.id)], limit=1
    )
    journal.write(
        {
            "ai_queue_read_bills": True,
            "alias_name": "bills",
            "alias_domain_id": domain.id,
        }
    )
