"""What goes on in the soak: people press, drop bills and have them checked, all of the
time, whatever breaks meanwhile; and what has to be true of it in the end."""

import base64
import http.client
import itertools
import threading
from contextlib import contextmanager

import psycopg2

from dev.checks.live.test_bills import journal, pdf
from dev.client import Client, Refused
from dev.progress import SetupError
from dev.warehouse_soak import Soak as Sync

#: seconds between two presses, two drops of bills, two checks
PRESS, DROP, CHECK = 6, 8, 20
#: of those who write what is kept in step
WRITE = 3
PRODUCTS_A_PRESS, BILLS_A_CHECK = 8, 4
#: whatever an answer looks like whose server has just been killed
REFUSED = (OSError, http.client.HTTPException, Refused, ValueError)
DATABASE_AWAY = (psycopg2.Error,)
UNREAD = "('pending', 'started')"


class Work:
    """People at work; a context manager that lets them go home in the end."""

    def __init__(self, world, products):
        self.world = world
        self.products = products
        self.counts = dict.fromkeys(("presses", "bills", "checks", "refused"), 0)
        #: numbers of the bills whose upload was answered
        self.bills = []
        self.sync = Sync(world.server, None, (SetupError,), WRITE)
        self._ending = threading.Event()
        self._lock = threading.Lock()
        self._journal = journal(world)
        self._threads = [
            threading.Thread(target=self._go_on, args=each, daemon=True)
            for each in (
                (self._press("buyer0"), PRESS),
                (self._drop("accountant0"), DROP),
                (self._check("admin"), CHECK),
            )
        ]

    @contextmanager
    def under_way(self):
        """They work until the block ends; the sync comes to its end by itself."""
        with self.sync.under_way():
            for thread in self._threads:
                thread.start()
            try:
                yield
            finally:
                self._ending.set()
                for thread in self._threads:
                    thread.join()

    def _go_on(self, steps, seconds):
        while not self._ending.wait(seconds):
            try:
                name = next(steps)
            except StopIteration:
                return
            with self._lock:
                self.counts[name] += 1

    def _person(self, login):
        server = self.world.server
        return Client(server.url, server.database, login, login)

    def _press(self, login):
        client = self._person(login)
        for first in itertools.count(0, PRODUCTS_A_PRESS):
            at = first % len(self.products)
            try:
                client.press(self.products[at : at + PRODUCTS_A_PRESS])
                yield "presses"
            except REFUSED:
                yield "refused"

    def _drop(self, login):
        client = self._person(login)
        context = {
            "default_journal_id": self._journal,
            "default_move_type": "in_invoice",
        }
        for number in itertools.count(1):
            name = f"SOAK-{number:05}"
            try:
                attachment = client.call(
                    "ir.attachment",
                    "create",
                    [
                        {
                            "name": f"{name}.pdf",
                            "mimetype": "application/pdf",
                            "datas": base64.b64encode(pdf(name)).decode(),
                        }
                    ],
                )
                client.call(
                    "account.journal",
                    "create_document_from_attachment",
                    "",
                    attachment,
                    context=context,
                )
                self.bills.append(name)
                yield "bills"
            except REFUSED:
                yield "refused"

    def _check(self, login):
        client = self._person(login)
        for _number in itertools.count():
            try:
                moves = [
                    move
                    for (move,) in self.world.sql(
                        "SELECT move_id FROM ai_queue_bill_reading reading "
                        "JOIN account_move move ON move.id = move_id "
                        "WHERE is_current AND reading.state NOT IN "
                        f"{UNREAD} AND move.state = 'draft' ORDER BY random() LIMIT %s",
                        BILLS_A_CHECK,
                    )
                ]
                if moves:
                    client.press(moves, "account.move", "action_check_ai_approval")
                yield "checks"
            except (*REFUSED, *DATABASE_AWAY):
                yield "refused"

    # ----------------------------------------------------------------- the end

    def unfinished(self):
        """{what: how many} that has not come to its end."""
        found = {
            "jobs": "SELECT count(*) FROM queue_job "
            "WHERE state NOT IN ('done', 'failed', 'cancelled')",
            "runs": "SELECT count(*) FROM ai_queue_run "
            "WHERE state IN ('pending', 'started')",
            "bills": "SELECT count(*) FROM ai_queue_bill_reading "
            f"WHERE is_current AND state IN {UNREAD}",
            "questions": "SELECT count(*) FROM ai_queue_call WHERE state = 'asking'",
        }
        counts = {name: self.world.value(query) for name, query in found.items()}
        return {name: count for name, count in counts.items() if count}

    def lost(self):
        """What was promised and is not there: sentences."""
        read = {
            name
            for (name,) in self.world.sql(
                "SELECT replace(attachment.name, '.pdf', '') FROM ir_attachment "
                "attachment JOIN ai_queue_bill_reading reading "
                "ON reading.move_id = attachment.res_id AND is_current "
                "WHERE attachment.res_model = 'account.move' "
                f"AND attachment.name LIKE 'SOAK-%%' AND state NOT IN {UNREAD}"
            )
        }
        yield from (f"bill {name}" for name in self.bills if name not in read)
        done = [
            product
            for (product,) in self.world.sql(
                "SELECT DISTINCT jsonb_array_elements(res_ids)::int "
                "FROM ai_queue_run_job job JOIN ai_queue_run run ON run.id = run_id "
                "WHERE kind = 'forecast' AND run.state = 'done' "
                "AND res_model = 'product.product'"
            )
        ]
        there = self.world.forecasts(done)
        yield from (f"forecast of product {one}" for one in done if one not in there)
        yield from (f"row {row}" for row in self.sync.outcome.different)
        yield from (f"batch {key}" for key in self.sync.outcome.unknown)
        yield from (
            f"the reason of run {run}"
            for (run,) in self.world.sql(
                "SELECT run_id FROM ai_queue_run_job WHERE state = 'failed' "
                "AND coalesce(message, '') = ''"
            )
        )

    def twice(self):
        """What is there more than once: sentences."""
        for query, what in (
            (
                "SELECT name FROM ir_attachment WHERE name LIKE 'SOAK-%%' "
                "AND res_model = 'account.move' GROUP BY name "
                "HAVING count(DISTINCT res_id) > 1",
                "bills of",
            ),
            (
                "SELECT ref FROM account_move WHERE ref LIKE 'SOAK-%%' "
                "GROUP BY ref HAVING count(*) > 1",
                "bills with the number",
            ),
            (
                "SELECT (product_id, date_start)::text FROM ai_queue_forecast "
                "GROUP BY product_id, company_id, granularity, date_start "
                "HAVING count(*) > 1",
                "forecasts",
            ),
            (
                "SELECT res_id FROM ai_queue_proposal WHERE state = 'open' "
                "GROUP BY res_model, res_id HAVING count(*) > 1",
                "proposals for",
            ),
        ):
            yield from (f"{what} {found}" for (found,) in self.world.sql(query))
        yield from (f"batch {key}" for key in self.sync.outcome.twice)
