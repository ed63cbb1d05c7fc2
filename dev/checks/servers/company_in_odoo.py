"""Runs in Odoo's shell: the demo's trading company, and whether Odoo agrees with it."""

from collections import defaultdict
from datetime import timedelta

from odoo.fields import Date

from dev.company import sales
from dev.company.catalogue import PRODUCTS, SKUS
from dev.company.load import load

WEEKS = 12


def verify(env):
    """Load a short history; what was sold is what the books and the forecast see."""
    today = Date.context_today(env.user)
    load(env, today, weeks=WEEKS)
    env.flush_all()
    invoices = sales.history(today, weeks=WEEKS)
    _verify_products(env)
    _verify_books(env, invoices)
    _verify_demand(env, today, invoices)


def _verify_products(env):
    templates = env["product.template"].search([])
    assert sorted(templates.mapped("name")) == sorted(p.name for p in PRODUCTS)
    for sku in SKUS:
        product = env["product.product"].search([("default_code", "=", sku.code)])
        assert len(product) == 1, sku.code
        assert abs(product.lst_price - sku.price) < 0.005, sku.code
        assert product.standard_price == sku.cost, sku.code
        assert sku.option in product.display_name, sku.code


def _verify_books(env, invoices):
    moves = env["account.move"].search([])
    assert len(moves) == len(invoices)
    assert set(moves.mapped("state")) == {"posted"}
    assert len(set(moves.mapped("name"))) == len(moves)
    returns = moves.filtered(lambda move: move.move_type == "out_refund")
    assert len(returns) == sum(invoice.is_return for invoice in invoices)
    turnover = sum(
        (-1 if invoice.is_return else 1) * round(line.quantity * line.price, 2)
        for invoice in invoices
        for line in invoice.lines
    )
    by_type = defaultdict(float)
    for line in moves.line_ids:
        by_type[line.account_id.account_type] += line.balance
    assert {name: round(value, 2) for name, value in by_type.items()} == {
        "asset_receivable": round(turnover, 2),
        "income": -round(turnover, 2),
    }
    for move in moves:
        assert not move.currency_id.round(sum(move.line_ids.mapped("balance")))
        assert move.amount_residual == move.amount_total > 0


def _verify_demand(env, today, invoices):
    monday = today - timedelta(days=today.weekday())
    expected = defaultdict(lambda: defaultdict(int))
    for invoice in invoices:
        week = invoice.day - timedelta(days=invoice.day.weekday())
        for line in invoice.lines:
            if week < monday:
                units = -line.units if invoice.is_return else line.units
                expected[line.sku.code][week] += units
    packs = env["account.move.line"].search([]).product_uom_id
    assert len(packs) == 5
    for sku in SKUS:
        product = env["product.product"].search([("default_code", "=", sku.code)])
        history = product.get_ai_forecast_data()["history"]
        seen = {
            point["date"]: point["quantity"]
            for point in history
            if not point["is_running"]
        }
        sold = {week: units for week, units in expected[sku.code].items() if units}
        assert {week: units for week, units in seen.items() if units} == sold, sku.code
