"""The running system as the live checks see it: from outside, and by looking into it.

A check presses and reads over HTTP like people do; what people cannot see (queue jobs,
processes, locks) it reads from the database on a connection of its own.
"""

import threading
import time
from contextlib import contextmanager

import psycopg2

from dev.client import Client
from dev.process import wait_until

#: the advisory lock at which the jobs of ai_queue_check wait (see its models)
GATE = 77190
#: queue_job looks for dead jobs when its runner turns, at least every 60 seconds, and
#: takes only those for dead that were handed out more than 10 seconds ago
FOUND_DEAD_SECONDS = 60 + 10
#: ten times what a run of all products takes, for machines that are busy
PRODUCTS_AT_A_TIME = 200
RUN_SECONDS = 120
HEAL_SECONDS = FOUND_DEAD_SECONDS + RUN_SECONDS + 20
HORIZON = 8
#: as long as a check may take that would go wrong at midnight
MIDNIGHT_SECONDS = 180
ENDED = ("done", "failed", "cancelled")
CHANNEL = "queue.job.channel"
#: that of the fixture "channel"
CHECK_CHANNEL = "root.check"


class World:
    """One server, one database with 60 products, and the people who work with it."""

    def __init__(self, server):
        self.server = server
        self._threads = threading.local()
        self._people = {}
        self.admin = self.client("admin")
        self.products = [
            product_id
            for (product_id,) in self.sql(
                "SELECT product_id FROM account_move_line WHERE product_id IS NOT NULL "
                "GROUP BY product_id ORDER BY product_id"
            )
        ]

    # ---------------------------------------------------------------- people

    def client(self, login):
        """Somebody who has logged in; everyone's password is their login.

        Once for all checks: to tell whether a password is right takes Odoo a while.
        """
        if login not in self._people:
            where = (self.server.url, self.server.database)
            self._people[login] = Client(*where, login, login)
        return self._people[login]

    def buyers(self, count):
        """``count`` different people (up to 10) who may start runs, logged in."""
        return [self.client(f"buyer{number}") for number in range(count)]

    def together(self, tasks):
        """Call functions at the very same moment, each in its thread.

        :return: their results in order; what one of them raises is raised here
        """
        barrier = threading.Barrier(len(tasks))
        results = [None] * len(tasks)

        def work(number, task):
            barrier.wait()
            try:
                results[number] = task()
            except Exception as error:  # handed over to the thread of the check
                results[number] = error

        threads = [
            threading.Thread(target=work, args=pair, daemon=True)
            for pair in enumerate(tasks)
        ]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        for result in results:
            if isinstance(result, Exception):
                raise result
        return results

    # -------------------------------------------------------------- database

    def connect(self):
        """A connection of our own to the database."""
        return psycopg2.connect(
            host=str(self.server.cluster.host),
            user="odoo",
            dbname=self.server.database,
            application_name="live checks",
        )

    def sql(self, query, *args):
        """The rows of one statement, in a transaction of its own."""
        known = getattr(self._threads, "connection", None)
        try:
            return self._execute(query, args)
        except (psycopg2.DatabaseError, psycopg2.InterfaceError) as error:
            # It may have ended with the database, which is there again. The plain error
            # is for the connection; those of statements are subclasses of it.
            is_lost = type(error) is psycopg2.DatabaseError
            if not known or not (known.closed or is_lost):
                raise
            known.close()
            return self._execute(query, args)

    def _execute(self, query, args):
        """On the connection that this thread keeps: conditions are asked for often."""
        connection = getattr(self._threads, "connection", None)
        if not connection or connection.closed:
            connection = self._threads.connection = self.connect()
            connection.autocommit = True
        with connection.cursor() as cursor:
            cursor.execute(query, args)
            return cursor.fetchall() if cursor.description else []

    def value(self, query, *args):
        """The one value that a query gives."""
        ((value,),) = self.sql(query, *args)
        return value

    # ------------------------------------------------------------ parameters

    @contextmanager
    def parameter(self, name, value):
        """A system parameter for as long as a check needs it."""
        parameters = "ir.config_parameter"
        self.admin.call(parameters, "set_param", name, value)
        try:
            yield
        finally:
            self.admin.call(parameters, "set_param", name, False)

    def hurry(self, cron):
        """Let Odoo run a cron now, which otherwise would come within a minute.

        :param str cron: the name of its XML id
        """
        # To the second, as Odoo counts: from a fraction later it would not go on.
        self.sql(
            """
            UPDATE ir_cron
               SET nextcall = date_trunc('second', now() AT TIME ZONE 'UTC')
             WHERE id IN (SELECT res_id FROM ir_model_data
                           WHERE model = 'ir.cron' AND name = %s)
            """,
            cron,
        )
        # The process of the crons listens there, as for ``ir.cron.trigger``.
        self.server.cluster.execute(f"NOTIFY cron_trigger, '{self.server.database}'")

    def pass_midnight(self, seconds=MIDNIGHT_SECONDS):
        """Wait for tomorrow where it is near, for checks of what holds for a day."""
        query = (
            "SELECT extract(epoch FROM date_trunc('day', now() AT TIME ZONE 'UTC') "
            "+ interval '1 day' - now() AT TIME ZONE 'UTC') > %s"
        )
        self.wait_for(lambda: self.value(query, seconds), "midnight", seconds + 60)

    @contextmanager
    def gate(self, products=()):
        """Shut the source of demand: jobs that gather wait until the block ends.

        Yields the connection that holds it; closing that opens the gate early.

        :param products: ids; only jobs that begin with one of these have to wait
        """
        connection = self.connect()
        try:
            with connection.cursor() as cursor:
                if products:
                    cursor.execute(
                        "SELECT pg_advisory_lock(%s, id) FROM unnest(%s) id",
                        [GATE, list(products)],
                    )
                else:
                    cursor.execute("SELECT pg_advisory_lock(%s)", [GATE])
            connection.commit()
            yield connection
        finally:
            connection.close()

    def at_gate(self):
        """How many jobs wait at the gate."""
        return self.value(
            "SELECT count(*) FROM pg_locks WHERE locktype = 'advisory' "
            "AND %s IN (classid, objid) AND NOT granted",
            GATE,
        )

    # ------------------------------------------------------------------ runs

    def run(self, run_id):
        """State and counters of a run, as they stand in the database."""
        names = ("state", "total", "finished", "skipped", "failed")
        ((*values,),) = self.sql(
            f"SELECT {', '.join(names)} FROM ai_queue_run WHERE id = %s", run_id
        )
        return dict(zip(names, values, strict=True))

    def jobs(self, run_id):
        """How many queue jobs of a run are in which state."""
        return dict(
            self.sql(
                "SELECT state, count(*) FROM queue_job WHERE ai_queue_run_id = %s "
                "GROUP BY state",
                run_id,
            )
        )

    def wait_for(self, condition, what, seconds=RUN_SECONDS, run_id=None):
        """Poll a condition; on the way out say how things stand."""

        def detail():
            if not run_id:
                return ""
            stuck = self.stuck()
            waits = f", waiting for locks: {stuck}" if stuck else ""
            return f"{self.run(run_id)}, queue jobs {self.jobs(run_id)}{waits}"

        return wait_until(condition, what, seconds, detail=detail)

    def stuck(self):
        """Sessions that wait for a lock: (what they ask, whom they wait for)."""
        return self.sql(
            """
            SELECT left(waiting.query, 200), holder.client_addr::text, holder.state,
                   holder.xact_start::text, left(holder.query, 200)
              FROM pg_stat_activity AS waiting
              JOIN pg_stat_activity AS holder
                ON holder.pid = ANY(pg_blocking_pids(waiting.pid))
             WHERE waiting.datname = current_database()
            """
        )

    def wait_ended(self, run_id, seconds=RUN_SECONDS):
        """Wait for the end of a run and of its queue jobs; returns its row."""
        self.wait_for(
            lambda: self.run(run_id)["state"] in ENDED,
            f"the end of run {run_id}",
            seconds,
            run_id,
        )
        return self.run(run_id)

    def wait_done(self, run_id, seconds=RUN_SECONDS):
        """Wait for the end of a run, which must be a good one."""
        row = self.wait_ended(run_id, seconds)
        assert row["state"] == "done", self.failures(run_id)
        return row

    def wait_in_the_middle(self, run_id, done=15):
        """Wait until some jobs of a run are done and others are at work.

        The gate has to be shut for the last of its products: else it may be over
        before anybody has seen its middle.
        """

        def is_in_the_middle():
            jobs = self.jobs(run_id)
            assert not jobs.get("failed"), self.failures(run_id)
            return jobs.get("done", 0) >= done and jobs.get("started")

        self.wait_for(is_in_the_middle, "the middle of the run", run_id=run_id)

    def failures(self, run_id):
        """What the jobs of a run have to say."""
        return self.sql(
            "SELECT state, attempt, message FROM ai_queue_run_job WHERE run_id = %s "
            "AND state <> 'done'",
            run_id,
        )

    def reset(self):
        """Leave nothing behind for the next check: no job, no run, no forecast."""
        for (run_id,) in self.sql(
            "SELECT id FROM ai_queue_run WHERE state IN ('pending', 'started')"
        ):
            self.admin.call("ai.queue.run", "action_cancel", [run_id])
        self.wait_for(
            lambda: not self.value(
                "SELECT count(*) FROM queue_job "
                "WHERE state NOT IN ('done', 'failed', 'cancelled')"
            ),
            "the end of all jobs",
            HEAL_SECONDS,
        )
        self.sql("DELETE FROM ai_queue_forecast")

    # -------------------------------------------------------------- products

    def new_products(self, count, **values):
        """Products that nobody ever bought, which can be deleted."""
        name = f"New {time.monotonic_ns()}"
        all_values = [{"name": f"{name} {number}", **values} for number in range(count)]
        # As many at a time as are made while one waits.
        return [
            product
            for at in range(0, count, PRODUCTS_AT_A_TIME)
            for product in self.admin.call(
                "product.product", "create", all_values[at : at + PRODUCTS_AT_A_TIME]
            )
        ]

    def forecasts(self, product_ids):
        """``{product id: number of rows}``, one row for a period at most."""
        rows = self.sql(
            """
            SELECT product_id, count(*),
                   count(DISTINCT (company_id, granularity, date_start))
              FROM ai_queue_forecast WHERE product_id = ANY(%s) GROUP BY product_id
            """,
            list(product_ids),
        )
        assert all(count == periods for _id, count, periods in rows)
        return {product_id: count for product_id, count, _periods in rows}

    def assert_forecast(self, product_ids, run_id=None):
        """Every product has one forecast for each period to come, of this run."""
        assert self.forecasts(product_ids) == dict.fromkeys(product_ids, HORIZON)
        if run_id:
            runs = self.sql(
                "SELECT DISTINCT run_id FROM ai_queue_forecast "
                "WHERE product_id = ANY(%s)",
                list(product_ids),
            )
            assert runs == [(run_id,)]

    def assert_all_done(self, run_id, count):
        """The run has ended, and all of its records and jobs are done."""
        assert self.run(run_id) == {
            "state": "done",
            "total": count,
            "finished": count,
            "skipped": 0,
            "failed": 0,
        }
        assert set(self.jobs(run_id)) == {"done"}

    def assert_whole(self, run_id, product_ids):
        """The run ended well: everything is there once, and nothing is stuck."""
        self.assert_all_done(run_id, len(product_ids))
        states = self.sql(
            "SELECT DISTINCT state FROM ai_queue_run_job WHERE run_id = %s", run_id
        )
        assert states == [("done",)]
        self.assert_forecast(product_ids, run_id)
