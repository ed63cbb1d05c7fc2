"""How long a scrape of the metrics takes with a million jobs.

    bin/odoo shell -d DATABASE --no-http < benchmarks/metrics.py

DATABASE is a scratch one with ai_queue that no server serves. It gets as many jobs as
there are missing, of the last eight days: 20,000 that wait, 10,000 that failed. Then
scrapes as a request makes them, each with an empty cache.
"""

import statistics
import time
from pathlib import Path

JOBS, WAITING, FAILED = 1_000_000, 20_000, 10_000
ROUNDS = 60
FILL = """
    INSERT INTO queue_job (uuid, name, model_name, method_name, state, channel, user_id,
                           company_id, date_created, date_started, date_done, exec_time,
                           priority, retry, max_retries, date_state, wait_time,
                           records, args, kwargs, func_string)
    SELECT gen_random_uuid()::text, 'Job ' || n, 'res.partner', 'check', state,
           (ARRAY['root', 'root.other', 'root.ai_processing', 'root.ai_forecasting'])
           [1 + n %% 4],
           1, %(company)s, day, day,
           CASE WHEN state = 'done' THEN day + interval '1 minute' END, 5 + n %% 50,
           10, 0, 5, CASE WHEN state = 'failed' THEN day END, 3,
           '"x"', '"x"', '"x"', repeat('check ', 20)
      FROM (SELECT n, CASE WHEN n <= %(waiting)s THEN 'pending'
                           WHEN n <= %(waiting)s + %(failed)s THEN 'failed'
                           ELSE 'done' END AS state,
                   (now() AT TIME ZONE 'UTC') - n * interval '8 days' / %(missing)s
                   AS day
              FROM generate_series(1, %(missing)s) AS n) AS made
"""


def fill(env):
    """Make the jobs that are missing, and do what the crons have done by then."""
    env.cr.execute("SELECT count(*) FROM queue_job")
    missing = JOBS - env.cr.fetchone()[0]
    if missing > 0:
        values = {
            "company": env.company.id,
            "waiting": WAITING,
            "failed": FAILED,
            "missing": missing,
        }
        env.cr.execute(FILL, values)
        env.cr.execute("ANALYZE queue_job")
    env["queue.job.hour"]._cron_close()
    env["ai.queue.call.total"]._add_up()
    env.cr.commit()


def backend_seconds(cr):
    """Processor time that the process of our connection has taken so far."""
    cr.execute("SELECT pg_backend_pid()")
    return int(Path(f"/proc/{cr.fetchone()[0]}/schedstat").read_text().split()[0]) / 1e9


def measure(env):
    """Print what scrapes take: all of it, and the processor time of Odoo's part."""
    metrics = env["queue.job.metrics"]
    taken, own = [], []
    served = backend_seconds(env.cr)
    for _round in range(ROUNDS):
        env.invalidate_all()
        before = env.cr.sql_log_count
        begun, began = time.perf_counter(), time.process_time()
        text = metrics._render()
        own.append(time.process_time() - began)
        taken.append(time.perf_counter() - begun)
        statements = env.cr.sql_log_count - before
        env.cr.commit()
    served = (backend_seconds(env.cr) - served) / ROUNDS
    median, odoo = (statistics.median(times) * 1e3 for times in (taken, own))
    print(
        f"a scrape: median {median:.0f} ms, least {min(taken) * 1e3:.0f}, most "
        f"{max(taken) * 1e3:.0f}; processor time of PostgreSQL {served * 1e3:.0f} ms "
        f"and of Odoo {odoo:.0f} ms; {statements} statements, "
        f"{len(text.splitlines())} lines, {len(text) / 1024:.0f} KiB"
    )


fill(env)  # noqa: F821
measure(env)  # noqa: F821
