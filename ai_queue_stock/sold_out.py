# Copyright 2026 The ai_queue contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""Periods in which a product was sold out, in a history: numbers alone."""

import numpy as np

# A product that was never in stock in more than these periods is not kept in stock: it
# is ordered when it is sold, and its empty shelf says nothing.
LEAST_PERIODS_IN_STOCK = 3
# What was sold out for longer is not carried any more: nobody asks for it.
LONGEST_SOLD_OUT = {"week": 26, "month": 6}


def hide(history, empty, granularity):
    """A history in which periods without stock, and with less demand than usual, are
    not a number: unknown, not zero.

    :param history: demand of each period, oldest first
    :param empty: whether there was no stock, of each period
    """
    known = np.asarray(history, dtype=float)
    empty = np.asarray(empty, dtype=bool)
    in_stock = known[~empty & ~np.isnan(known)]
    if len(in_stock) < LEAST_PERIODS_IN_STOCK:
        return history
    hidden = empty & (known < in_stock.mean())
    for first, last in _stretches(hidden):
        if last - first > LONGEST_SOLD_OUT[granularity]:
            hidden[first:last] = False
    return np.where(hidden, np.nan, known)


def _stretches(flags):
    """(first, behind the last) of the places in a row that are true."""
    edges = np.flatnonzero(np.diff(np.concatenate(([False], flags, [False]))))
    return edges.reshape(-1, 2).tolist()
