"""Five hundred calls while everything goes wrong: each question is paid for once.

A fifth of the requests fails, workers are killed with calls under way, PostgreSQL is
restarted, and somebody changes the very records that are written: the work is done, and
the model server has answered each question once, but for those it answered to a worker
that was dead by then.
"""

import json
import threading

import psycopg2
import pytest

from .model import kill_workers, more_products
from .world import HEAL_SECONDS

PRODUCTS = 250
#: each product is asked about today, and about the past
QUESTIONS = 2 * PRODUCTS
#: so many answers in the ledger, and so many workers are killed
KILLS = ((60, 1), (150, 3), (260, 1), (380, 3))
FAULTS = [
    {"status": 500, "probability": 0.04},
    {"status": 503, "probability": 0.04, "retry_after_ms": 200},
    {"status": 429, "probability": 0.04, "retry_after": 1},
    {"kind": "drop_body", "probability": 0.03},
    {"kind": "drop", "probability": 0.02},
    {"kind": "broken_json", "probability": 0.03},
]
#: so many times somebody changes what a job is about to write
CONFLICTS = 3
STORM_SECONDS = 400
#: at most so many answers arrive in the very moment in which Odoo's main process ends
ON_THEIR_WAY = 2


@pytest.fixture
def products(world):
    with more_products(world, PRODUCTS) as products:
        yield products


def test_five_hundred_calls_in_a_storm(world, model, products):
    # Forecasts of an earlier run are there, for somebody to change meanwhile.
    model.set_company(ai_queue_forecast_provider_id=False)
    world.wait_done(world.admin.press(products))
    model.set_company(
        ai_queue_forecast_provider_id=model.id, ai_queue_forecast_compare=True
    )
    model.set(max_in_flight=12)
    model.fake.configure(faults=FAULTS, latency=0.1, jitter=0.2, seed=4711)
    with model.small(products_a_job=25), Meddler(world, products):
        run = world.admin.press(products)
        killed = 0
        for answered, workers in KILLS:
            world.wait_for(
                lambda least=answered: model.calls(state="answered") >= least,
                f"{answered} answers",
                STORM_SECONDS,
                run,
            )
            killed += kill_workers(world, run, workers)
        world.wait_done(run, STORM_SECONDS)
    assert killed >= len(KILLS)
    world.assert_whole(run, products)
    again = model.check_ledger()
    assert model.calls(state="answered") == QUESTIONS
    lost = model.calls(state="lost")
    print(f"{killed} workers killed, {lost} calls lost, {len(again)} answered again")
    for text in again:
        product = json.loads(text)["products"][0]["name"]
        print(f"answered again: {product}, {text[:80]}")
    assert sum(model.fake.stats()["faults"].values()) > QUESTIONS * 0.1
    attempts = dict(
        world.sql(
            "SELECT outcome, count(*) FROM ai_queue_run_attempt "
            "WHERE run_id = %s GROUP BY outcome",
            run,
        )
    )
    assert attempts["killed"] == killed
    assert attempts.get("retried", 0) >= 1, attempts
    assert not attempts.get("failed") and not attempts.get("started")
    # Both answers for each product are used: where the model did worse on the past, the
    # statistics stay.
    assert world.sql(
        "SELECT DISTINCT is_compared FROM ai_queue_forecast WHERE run_id = %s", run
    ) == [(True,)]
    assert world.value(
        "SELECT count(*) FROM ai_queue_forecast WHERE run_id = %s "
        "AND assistance = 'assisted'",
        run,
    )


def test_postgresql_restarts_while_answers_arrive(world, model):
    """Answers that are paid for wait for the database.

    Odoo's main process may end over it and take its workers along: the answers that
    they have are kept all the same, but for what a worker was just receiving.
    """
    model.fake.configure(latency=1.5)
    with model.small(products_a_job=20):
        run = world.admin.press(world.products)
        world.wait_for(
            lambda: model.fake.stats()["in_flight"] >= 8, "calls under way", run_id=run
        )
        world.server.cluster.kill()
        world.wait_for(
            lambda: model.fake.stats()["in_flight"] == 0, "the answers to arrive"
        )
        abandoned = model.fake.stats()["abandoned"]
        world.server.cluster.start()
        world.wait_ended(run, HEAL_SECONDS)
    world.assert_whole(run, world.products)
    again = model.check_ledger()
    # Of workers that ended before their answers came, or while they came.
    assert model.calls(state="lost") == abandoned + len(again)
    assert len(again) <= ON_THEIR_WAY


class Meddler:
    """Somebody who changes the forecasts that jobs are about to write, in a thread.

    Holds the rows until a job waits for them, and then commits: the job cannot go on
    with what it has read, and is tried again. Ends when ``CONFLICTS`` jobs have met it.
    """

    def __init__(self, world, products):
        self.world = world
        self.products = products
        self.is_over = threading.Event()
        self.error = None
        self.thread = threading.Thread(target=self._run, daemon=True)

    def __enter__(self):
        self.thread.start()
        return self

    def __exit__(self, *exc_info):
        self.is_over.set()
        self.thread.join()
        if self.error:
            raise self.error

    def _run(self):
        writer, watcher = self.world.connect(), self.world.connect()
        watcher.autocommit = True
        try:
            with writer.cursor() as writing, watcher.cursor() as watching:
                for _round in range(CONFLICTS):
                    self._meddle(writer, writing, watching)
        except Exception as error:  # handed over to the thread of the check
            self.error = error
        finally:
            writer.close()
            watcher.close()

    def _meddle(self, writer, writing, watching):
        try:
            writing.execute(
                "UPDATE ai_queue_forecast SET write_date = now() "
                "WHERE product_id = ANY(%s)",
                [self.products],
            )
            while not self.is_over.is_set() and not self._is_awaited(writer, watching):
                self.is_over.wait(0.02)
            writer.commit()
        except psycopg2.errors.DeadlockDetected:
            writer.rollback()  # with a job, which has won

    def _is_awaited(self, writer, watching):
        watching.execute(
            "SELECT count(*) FROM pg_stat_activity "
            "WHERE %s = ANY(pg_blocking_pids(pid))",
            [writer.info.backend_pid],
        )
        return watching.fetchone()[0] > 0
