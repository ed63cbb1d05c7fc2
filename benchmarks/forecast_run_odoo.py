"""What ``forecast_run.py`` measures inside of Odoo."""

import json
import re
import time
from collections import defaultdict
from datetime import date, timedelta

from odoo.tools.date_utils import start_of

HORIZON = 8


def report(env, path, sample):
    """Write the plan and the seconds of the obvious way to ``path`` as JSON."""
    products = env["product.product"].search(
        [("default_code", "=like", "A%")], order="id"
    )
    told = {
        "plan": explain(env, products),
        # every so many, so that all patterns of demand are among them
        "one_at_a_time": one_at_a_time(env, products[:: len(products) // sample]),
    }
    with open(path, "w") as file:
        json.dump(told, file)
    env.cr.rollback()


def explain(env, products):
    """EXPLAIN (ANALYZE, BUFFERS) of the query for one job, line by line."""
    kind = env["ai.queue.kind.forecast"]
    granularity = env.company.ai_queue_forecast_granularity
    until = kind._current_period_start(granularity)
    since = kind._shift(until, granularity, -env.company.ai_queue_forecast_history)
    chunk = products[: kind._chunk_size()]
    query = kind._get_demand_query(chunk, granularity, since, until)
    text = env.cr.mogrify(query.code, query.params).decode()
    env.cr.execute(f"EXPLAIN (ANALYZE, BUFFERS) {text}")
    # The list of the products is long, and tells nothing.
    return [re.sub(r"{[\d,]{40,}}", "{…}", line) for (line,) in env.cr.fetchall()]


def one_at_a_time(env, products):
    """Seconds for the obvious way: a search, a forecast and a write a product."""
    # Here and not above: the module name of an addon is there only inside of Odoo.
    from odoo.addons.ai_queue.engine.forecasting import Series, forecast

    begun = time.perf_counter()
    for product in products:
        (answer,) = forecast([Series(product.id, "W", _history(product), HORIZON)])
        _write(product, answer)
        env.flush_all()
    return time.perf_counter() - begun


def _history(product):
    """Weekly demand, line by line."""
    lines = product.env["account.move.line"].search(
        [
            ("product_id", "=", product.id),
            ("parent_state", "=", "posted"),
            ("move_id.move_type", "in", ("out_invoice", "out_refund")),
        ]
    )
    sold = defaultdict(float)
    for line in lines:
        sign = -1 if line.move_id.move_type == "out_refund" else 1
        quantity = line.product_uom_id._compute_quantity(line.quantity, product.uom_id)
        sold[start_of(line.invoice_date, "week")] += sign * quantity
    weeks = sorted(sold)
    count = (weeks[-1] - weeks[0]).days // 7 + 1 if weeks else 0
    return [sold[weeks[0] + timedelta(weeks=number)] for number in range(count)]


def _write(product, answer):
    """A record for each period."""
    forecasts = product.env["ai.queue.forecast"]
    for step in range(HORIZON):
        # far away, where the run has written nothing
        start = date(2100, 1, 4) + timedelta(weeks=step)
        forecasts.create(
            {
                "product_id": product.id,
                "company_id": product.env.company.id,
                "granularity": "week",
                "date_start": start,
                "date_end": start + timedelta(days=6),
                "quantity": answer.quantity[step],
                "quantity_calculated": answer.quantity[step],
                "lower_80": answer.lo80[step],
                "upper_80": answer.hi80[step],
                "lower_95": answer.lo95[step],
                "upper_95": answer.hi95[step],
                "method": answer.method,
            }
        )
