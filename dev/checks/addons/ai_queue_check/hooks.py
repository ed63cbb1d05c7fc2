# Copyright 2026 The ai_queue contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""The people, products and invoices that the live checks count on."""

from datetime import timedelta

from odoo import fields
from odoo.fields import Command

BUYERS = 10
PRODUCTS = 60
#: how many weeks ago there was an invoice
WEEKS = range(1, 40, 2)


def make_company(env):
    """Make everything, quietly: nobody follows these records."""
    env = env(context={**env.context, "tracking_disable": True})
    _make_people(env)
    _make_sales(env)


def _make_people(env):
    """Ten buyers, a clerk without rights, and the buyer of another company.

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
