# Copyright 2026 The ai_queue contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""The forecast of a company's demand by warehouse: numbers alone."""

from typing import NamedTuple

import numpy as np

from odoo.addons.ai_queue.engine.forecasting import Forecast

from .reordering import TINY, Outlook


class Own(NamedTuple):
    """What a warehouse expects from its own history.

    ``leaving``: all that leaves it; ``sold``: of that, what goes to no other warehouse.
    """

    leaving: Forecast
    sold: Forecast


def reconcile(company: Outlook, own: dict) -> dict:
    """Forecasts of warehouses whose sum is the company's: each period of it is shared
    in proportion to what the warehouses expect from their own histories (forecast
    proportions; Gross and Sohl 1990, Journal of Forecasting 9), and the bounds of a
    warehouse's total are as far above it as those of its own forecast.

    What goes to other warehouses comes on top of it, where it leaves.

    :param own: {warehouse id: ``Own``} of all that sell the product
    :return: {warehouse id: ``Outlook``}
    """
    expected = np.asarray(company.quantity)
    sold = sum(_fit(one.sold.quantity, len(expected)) for one in own.values())
    whole = sold.sum()
    found = {}
    for warehouse_id, one in own.items():
        leaving = _fit(one.leaving.quantity, len(expected))
        usual = leaving.sum() / whole if whole > TINY else 1.0 / len(own)
        shares = np.divide(
            leaving, sold, out=np.full(len(sold), usual), where=sold > TINY
        )
        quantity = expected * shares
        upper_80, upper_95 = (
            _bounds(np.cumsum(quantity), one.leaving, highs, of_company, company)
            for highs, of_company in (
                (one.leaving.total_hi80, company.upper_80),
                (one.leaving.total_hi95, company.upper_95),
            )
        )
        total = expected.sum()
        found[warehouse_id] = Outlook(
            quantity=tuple(quantity.tolist()),
            upper_80=upper_80,
            upper_95=upper_95,
            period_days=company.period_days,
            first_days=company.first_days,
            error=one.leaving.backtest.get("error"),
            share=float(quantity.sum() / total) if total > TINY else usual,
        )
    return found


def _bounds(total, own, highs, of_company, company):
    """Upper bounds of a running total, by those of the warehouse's own forecast."""
    expected = np.cumsum(_fit(own.quantity, len(total)))
    highs = _fit(highs, len(total))
    usual = np.cumsum(company.quantity)
    ratios = np.divide(of_company, usual, out=np.ones(len(total)), where=usual > TINY)
    ratios = np.divide(highs, expected, out=ratios, where=expected > TINY)
    return tuple(np.maximum.accumulate(total * np.maximum(ratios, 1.0)).tolist())


def _fit(values, length):
    """So many values, the last one again where there are fewer: the number of periods
    may have been changed since the company's forecast was made."""
    values = np.asarray(values, dtype=float)[:length]
    return np.pad(values, (0, length - len(values)), mode="edge")
