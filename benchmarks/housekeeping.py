"""How long housekeeping takes, and how long its longest transaction is.

    bin/odoo shell -d DATABASE --no-http < benchmarks/housekeeping.py

DATABASE is a scratch one with ai_queue that no server serves. A million old calls and
a million old forecasts are made by SQL, beside some thousand young ones, and taken away
by the cron's own methods. Meanwhile another connection writes calls as a job does, to
see whether it is held up.
"""

import statistics
import threading
import time
from contextlib import contextmanager
from unittest.mock import patch

from odoo.addons.queue_job_operations.models import (
    queue_job_housekeeping as housekeeping,
)

ROWS, YOUNG = 1_000_000, 5_000
PRODUCTS = 2_000
WRITE_SECONDS = 0.02

CALLS = """
    INSERT INTO ai_queue_call (key, kind, state, provider_id, company_id, user_id,
                               model, date, date_done, budget_date, tokens, cost,
                               is_current, message)
    SELECT 'bench ' || n, 'forecast', 'answered', %(provider)s, %(company)s, 1,
           'large', day, day, day::date, 1000, 0.01, false, repeat('x', 100)
      FROM (SELECT n, now() AT TIME ZONE 'UTC'
                      - CASE WHEN n <= %(young)s THEN interval '1 day'
                             ELSE interval '800 days' END AS day
              FROM generate_series(1, %(young)s + %(rows)s) AS n) AS made
"""
FORECASTS = """
    INSERT INTO ai_queue_forecast (product_id, company_id, granularity, date_start,
                                   date_end, quantity, method, write_date)
    SELECT product, %(company)s, 'week', day, day + 6, 10, 'mean', now()
      FROM (SELECT id AS product, row_number() OVER (ORDER BY id) AS place
              FROM product_product ORDER BY id DESC LIMIT %(products)s) AS product
     CROSS JOIN LATERAL (
           SELECT current_date - CASE WHEN n <= 2 THEN 7 * n ELSE 900 + 7 * n END
                  AS day
             FROM generate_series(1, 2 + %(rows)s / %(products)s) AS n) AS period
"""
ASK = """
    INSERT INTO ai_queue_call (key, kind, state, provider_id, company_id, user_id,
                               model, date, budget_date, is_current)
    VALUES (%(key)s, 'forecast', 'asking', %(provider)s, %(company)s, 1, 'large',
            now() AT TIME ZONE 'UTC', current_date, true)
    RETURNING id
"""
SETTLE = "UPDATE ai_queue_call SET state = 'answered', cost = 0.01 WHERE id = %s"


def fill(env, values):
    """Make what is to go; returns how much there is."""
    env["product.product"].create(
        [{"name": f"Bench {number}"} for number in range(PRODUCTS)]
    )
    env.flush_all()
    env.cr.execute(CALLS, values)
    env.cr.execute(FORECASTS, values)
    env.cr.commit()
    for table in ("ai_queue_call", "ai_queue_forecast"):
        env.cr.execute(f"ANALYZE {table}")
    env.cr.commit()


class Writer:
    """Writes calls as jobs do, all the time, and notes how long each took."""

    def __init__(self, registry, values):
        self.registry, self.values = registry, values
        self.seconds = []
        self._ending = threading.Event()
        self._thread = threading.Thread(target=self._write)

    def __enter__(self):
        self._thread.start()
        return self

    def __exit__(self, *exc_info):
        self._ending.set()
        self._thread.join()

    def _write(self):
        number = 0
        while not self._ending.wait(WRITE_SECONDS):
            number += 1
            begun = time.perf_counter()
            with self.registry.cursor() as cr:
                key = f"writer {number}"
                cr.execute(ASK, {**self.values, "key": key})
                cr.execute(SETTLE, cr.fetchone())
            self.seconds.append(time.perf_counter() - begun)


def measure(env, model, writer):
    """Take away what is old of a model: print rows, seconds, longest transaction."""
    taken, looked, deleted = [], [], []
    side_env, delete = housekeeping.side_env, housekeeping._delete

    @contextmanager
    def timed(runs):
        begun = time.perf_counter()
        with side_env(runs) as side:
            yield side
        # One that found nothing has locked nothing.
        (taken if deleted else looked).append(time.perf_counter() - begun)
        deleted.clear()

    def noted(rows):
        deleted.append(len(rows))
        delete(rows)

    keeper = env["queue.job.housekeeping"]
    env["ai.queue.call.total"]._add_up()
    writer.seconds.clear()
    begun, rows = time.perf_counter(), 0
    with (
        patch.object(housekeeping, "side_env", timed),
        patch.object(housekeeping, "_delete", noted),
    ):
        for retention in keeper._get_retentions():
            if retention.model == model:
                rows += sum(keeper._sweep(retention))
    seconds = time.perf_counter() - begun
    print(
        f"{model:18} {rows:9,} rows {seconds:6.1f} s {rows / seconds:8,.0f} rows/s  "
        f"transactions {len(taken)}: median {statistics.median(taken) * 1e3:.0f} ms, "
        f"longest {max(taken) * 1e3:.0f} ms, of those that found nothing "
        f"{max(looked) * 1e3:.0f} ms; "
        f"writer: median {statistics.median(writer.seconds) * 1e3:.1f} ms, "
        f"longest {max(writer.seconds) * 1e3:.0f} ms"
    )
    again = time.perf_counter()
    for retention in keeper._get_retentions():
        if retention.model == model:
            assert not sum(keeper._sweep(retention))
    print(f"{'':18} a night with nothing to do: {time.perf_counter() - again:.3f} s")


def main(env):
    values = {
        "provider": env.ref("ai_queue.ai_queue_provider_local").id,
        "company": env.company.id,
        "rows": ROWS,
        "young": YOUNG,
        "products": PRODUCTS,
    }
    fill(env, values)
    with Writer(env.registry, values) as writer:
        for model in ("ai.queue.call", "ai.queue.forecast"):
            measure(env, model, writer)


main(env)  # noqa: F821
