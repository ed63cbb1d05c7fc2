"""The part of ``benchmarks/growth.py`` that runs inside of Odoo."""

import json
import os
import resource
import threading
import time
from contextlib import contextmanager
from pathlib import Path

from odoo.addons.queue_job_operations.models import queue_job_operations_many as many

from benchmarks.memory import held

#: the run of a press: half of it is done, some has failed, some is at work
PROGRESS = """
    UPDATE queue_job job
       SET state = CASE place %% 20 WHEN 0 THEN 'failed' WHEN 1 THEN 'started'
                   WHEN 2 THEN 'pending' ELSE CASE WHEN place %% 2 = 0
                   THEN 'done' ELSE 'pending' END END,
           date_started = now() AT TIME ZONE 'UTC',
           date_done = CASE WHEN place %% 2 = 0 THEN now() AT TIME ZONE 'UTC' END,
           date_state = now() AT TIME ZONE 'UTC',
           exc_name = CASE WHEN place %% 20 = 0 THEN 'odoo.exceptions.UserError' END,
           exc_message = CASE WHEN place %% 20 = 0 THEN 'It does not answer.' END
      FROM (SELECT id, row_number() OVER (ORDER BY id) AS place
              FROM queue_job WHERE ai_queue_run_id = %s) AS numbered
     WHERE numbered.id = job.id
"""
FAIL = """
    UPDATE queue_job SET state = 'failed', date_state = now() AT TIME ZONE 'UTC',
           exc_name = 'odoo.exceptions.UserError', exc_message = 'It does not answer.'
     WHERE ai_queue_run_id IN %s
"""
FORM = ("state", "progress", "date_expected", "hold_summary", "waiting_summary")
FORM += ("failure_summary", "skip_summary", "date_next", "can_steer", "duration")


def make_products(env, count):
    """Products as Odoo makes one, so many of them."""
    product = env["product.product"].create({"name": "Growth", "type": "consu"})
    env.flush_all()
    names = _columns(env, "product_template")
    env.cr.execute(
        f"WITH made AS (INSERT INTO product_template ({names})"
        f" SELECT {names} FROM product_template, generate_series(1, %s) WHERE id = %s"
        " RETURNING id) SELECT id FROM made",
        (count - 1, product.product_tmpl_id.id),
    )
    made = [template_id for (template_id,) in env.cr.fetchall()]
    names = _columns(env, "product_product")
    env.cr.execute(
        f"INSERT INTO product_product (product_tmpl_id, {names}) SELECT made, {names}"
        " FROM unnest(%s) AS made, product_product WHERE id = %s",
        (made, product.id),
    )
    env.cr.commit()


def _columns(env, table):
    """The columns that a copy of a row shares with it."""
    env.cr.execute(
        "SELECT string_agg(quote_ident(column_name), ', ') "
        "FROM information_schema.columns WHERE table_name = %s "
        "AND column_name NOT IN ('id', 'product_tmpl_id')",
        (table,),
    )
    return env.cr.fetchone()[0]


def report_products(env, path, _size, count):
    """A run of all products from its press to its end, and many small ones."""
    told = {}
    products = env["product.product"].search([("name", "=", "Growth")])
    with measured(env, told, "press"):
        products.action_run_ai_forecast()
    # Beside it there may be the run of what it learns from.
    run = env["ai.queue.run"].search([("total", "=", len(products))])
    run.ensure_one()
    env.cr.execute(PROGRESS, (run.id,))
    env.cr.commit()
    with measured(env, told, "progress brought up to date"):
        run._sync()
    with measured(env, told, "form of the run"):
        run.read(list(FORM))
    with measured(env, told, "list of runs"):
        env["ai.queue.run"].search([]).read(["name", "state", "progress"])
    with measured(env, told, "Operations"):
        env["queue.job.operations"].get_figures("day")
    with measured(env, told, "the last run of a product"):
        products[:1].read(["ai_forecast_state"])
    with measured(env, told, "cancel"):
        run.action_cancel()
    env.cr.execute(
        "UPDATE queue_job SET state = 'cancelled' WHERE ai_queue_run_id = %s "
        "AND state = 'started'",
        (run.id,),
    )
    env.cr.commit()
    run._sync()
    assert run.state in ("cancelled", "failed"), run.state
    with measured(env, told, "retry"):
        run.action_retry()
    env.invalidate_all()
    assert run.state in ("pending", "started"), run.state
    run.action_cancel()
    env.cr.commit()
    _report_many(env, told, products[: min(count, len(products))], count)
    Path(path).write_text(json.dumps(told))


def _report_many(env, told, products, count):
    """Retry all of runs of one job each, which have all failed."""
    runs = env["ai.queue.run"].browse()
    for product in products:
        runs += env["ai.queue.run"]._start("forecast", product)
    env.cr.execute(FAIL, (tuple(runs.ids),))
    env.cr.commit()
    runs._sync()
    commits = _commits(env)
    with measured(env, told, f"retry all of {count:,} runs of one job"):
        result = env["queue.job.operations"].retry_failures("day")
    assert result["retried"] + result["left"] >= len(runs), result
    assert _commits(env) - commits > len(runs) // many.RETRIED


def report_jobs(env, path, _size, _count):
    """What looks at all jobs, or changes many of them."""
    told = {}
    operations = env["queue.job.operations"]
    with measured(env, told, "hours closed, all of them"):
        env["queue.job.hour"]._cron_close()
    for period in ("hour", "week"):
        with measured(env, told, f"Operations, {period}"):
            operations.get_figures(period)
    with measured(env, told, "alerts"):
        env["queue.job.alert.rule"]._cron_watch()
    with measured(env, told, "check-up"):
        env["queue.job.checkup"]._get_verdicts()
    with measured(env, told, "metrics"):
        env["queue.job.metrics"]._render()
    with measured(env, told, "housekeeping"):
        env["queue.job.housekeeping"]._cron_tidy()
    with measured(env, told, "runs brought up to date (cron)"):
        env["ai.queue.run"]._cron_sync()
    channel = env.ref("queue_job.channel_root")
    with measured(env, told, "cancel what waits, 10,000 at most"):
        operations.cancel_waiting(channel.id)
    with measured(env, told, "retry all, 10,000 at most"):
        operations.retry_failures("week")
    Path(path).write_text(json.dumps(told))


@contextmanager
def measured(env, told, name):
    """Note what the block takes: as in a request, with an empty cache."""
    thread = threading.current_thread()
    env.cr.commit()
    env.invalidate_all()
    thread.query_count, thread.query_time = 0, 0.0
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    since, _peak = held("self")
    used = _processor(env)
    began = time.perf_counter()
    yield
    env.cr.commit()
    seconds = time.perf_counter() - began
    used = _processor(env) - used
    after = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    now, _peak = held("self")
    # What the process had to take from the system beyond what it ever had.
    told[name] = {
        "seconds": seconds,
        "processor": used,
        "queries": thread.query_count,
        "memory": max((after - before) / 1000, now - since, 0.0),
    }


def _processor(env):
    """Seconds of processors that this process and those of its database have taken.

    What others do on the machine at the same time does not count.
    """
    env.cr.execute(
        "SELECT pid FROM pg_stat_activity WHERE datname = current_database() "
        "AND backend_type = 'client backend'"
    )
    pids = [pid for (pid,) in env.cr.fetchall()]
    env.cr.commit()
    ticks = 0
    for pid in pids:
        # After the name, which may have spaces: the 12th and the 13th.
        stat = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
        ticks += int(stat[11]) + int(stat[12])
    own = resource.getrusage(resource.RUSAGE_SELF)
    return own.ru_utime + own.ru_stime + ticks / os.sysconf("SC_CLK_TCK")


def _commits(env):
    env.cr.execute("SELECT pg_current_xact_id()::text::bigint")
    ((number,),) = env.cr.fetchall()
    env.cr.commit()
    return number
