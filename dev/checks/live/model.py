"""A provider in the running system, at a model server whose every question we see."""

import os
import signal
from contextlib import contextmanager

from dev.fakemodel import FakeModel, forecaster
from dev.process import wait_until_gone
from dev.server import HTTP

#: tokens that are reserved for an answer; the model server takes a few hundred
ANSWER_TOKENS = 1000
KILL_SECONDS = 60


class Model:
    """One provider, its model server, and what stands in the ledger of it.

    ``fake`` is the `dev.fakemodel.FakeModel`, ``id`` that of the provider.
    """

    def __init__(self, world, fake):
        self.world = world
        self.fake = fake
        self.asked = {}
        self.company = world.value("SELECT min(id) FROM res_company")
        self.id = self._create()
        self.set_company(
            ai_queue_forecast_provider_id=self.id, ai_queue_forecast_compare=False
        )

    def _create(self):
        currency = self.world.value(
            "SELECT currency_id FROM res_company WHERE id = %s", self.company
        )
        count = self.world.value("SELECT count(*) FROM ai_queue_provider")
        model = {
            "kind": "forecast",
            "model": "fake-large",
            "answer_tokens": ANSWER_TOKENS,
            "price_in": 1.0,
            "price_out": 4.0,
        }
        values = {
            "name": f"Model server {count}",
            "base_url": self.fake.url,
            "currency_id": currency,
            "model_ids": [(0, 0, model)],
        }
        return self.call("create", [values])[0]

    def close(self):
        """Leave the company with the built-in forecasts."""
        self.set_company(
            ai_queue_forecast_provider_id=False,
            ai_queue_forecast_compare=True,
            ai_queue_budget_tokens=0,
            ai_queue_budget_cost=0,
        )

    # ------------------------------------------------------------- settings

    def call(self, method, *args):
        """A method of the providers, as the administrator calls it."""
        return self.world.admin.call("ai.queue.provider", method, *args)

    def set(self, **values):
        """Change the provider."""
        self.call("write", [self.id], values)

    def set_company(self, **values):
        """Change the settings of the company."""
        self.world.admin.call("res.company", "write", [self.company], values)

    @contextmanager
    def small(self, products_a_job, products_a_request=1):
        """Small jobs, and small questions, for as long as a check needs them."""
        with (
            self.world.parameter("ai_queue.chunk_size", str(products_a_job)),
            self.world.parameter(
                "ai_queue.products_per_request", str(products_a_request)
            ),
        ):
            yield

    # --------------------------------------------------------------- ledger

    def calls(self, **values):
        """How many calls of this provider have these values."""
        where = "".join(f" AND {name} = %s" for name in values)
        return self.world.value(
            f"SELECT count(*) FROM ai_queue_call WHERE provider_id = %s{where}",
            self.id,
            *values.values(),
        )

    def spent(self):
        """Tokens that are spent or reserved today."""
        return self.world.value(
            "SELECT coalesce(sum(tokens), 0) FROM ai_queue_call WHERE provider_id = %s",
            self.id,
        )

    def breaker(self):
        """State of the breaker, and when its pause ends."""
        ((state, until),) = self.world.sql(
            "SELECT breaker_state, breaker_until FROM ai_queue_provider_state "
            "WHERE provider_id = %s",
            self.id,
        )
        return state, until

    def answer(self, asked):
        """What the model server answers; it remembers who asked for what."""
        self.asked[asked.hash] = asked.text
        return forecaster.answer(asked)

    def check_ledger(self, cut_off=0):
        """Compare the ledger with what the model server counted.

        Every question was answered once; more often only where a worker was killed
        before it could note the answer, of which the ledger has a row each.

        :param cut_off: so many may have been asked again for the same row, since a
            worker elsewhere was killed over them
        :return: the texts of those questions
        """
        rows = {}
        for question, state in self.world.sql(
            "SELECT question, state FROM ai_queue_call WHERE provider_id = %s", self.id
        ):
            text = "{" + question.partition("\n\n{")[2]
            rows.setdefault(text, []).append(state)
        counts = self.fake.stats(questions=True)["questions"]
        answered = {self.asked[one]: counts[one]["answered"] for one in counts}
        assert set(answered) == set(rows)
        again = []
        for text, states in rows.items():
            assert states.count("answered") == 1, states
            cut_off -= max(0, answered[text] - 1 - states.count("lost"))
            assert answered[text] >= 1 and cut_off >= 0, text
            assert "asking" not in states, states
            again += [text] * (answered[text] - 1)
        assert self.fake.stats()["answered"] == len(rows) + len(again)
        return again


@contextmanager
def serving(world):
    """A `Model` that does the forecasts of the company until the block ends."""
    with FakeModel(answer=lambda asked: model.answer(asked)) as fake:
        model = Model(world, fake)
        try:
            yield model
        finally:
            # Nothing may hang: jobs that are at it have to end.
            fake.configure(faults=[], latency=0.0, jitter=0.0)
            model.call("action_reset_breaker", [model.id])
            model.close()


def kill_workers(world, run, count):
    """``kill -9`` of workers that are at jobs of a run, one at least; how many."""
    jobs = "ai_queue_run_id = %s ORDER BY date_started"
    killed = world.wait_for(
        lambda: kill_some(world, jobs, [run], count), "a worker at a job", run_id=run
    )
    wait_until_gone(killed, KILL_SECONDS)
    return len(killed)


def kill_some(world, jobs, values, count):
    """``kill -9`` of at most so many workers that are at jobs, if there are any.

    :param str jobs: the rest of a query of jobs, with the ``values`` in it
    :return: the processes: surely none that had just ended its job
    """
    started = world.sql(
        f"SELECT uuid, worker_pid FROM queue_job WHERE state = 'started' AND {jobs} "
        "LIMIT %s",
        *(*values, count),
    )
    killed = []
    for job, pid in started:
        if pid not in world.server.processes(HTTP):
            continue
        os.kill(pid, signal.SIGSTOP)
        is_at_it = world.value(
            "SELECT state = 'started' AND worker_pid = %s FROM queue_job "
            "WHERE uuid = %s",
            *(pid, job),
        )
        os.kill(pid, signal.SIGKILL if is_at_it else signal.SIGCONT)
        killed += [pid] if is_at_it else []
    return killed


@contextmanager
def more_products(world, count):
    """Products with the sales of others; yields their ids."""
    products = world.new_products(count)
    likes = [world.products[n % len(world.products)] for n in range(count)]
    columns = [
        name
        for (name,) in world.sql(
            "SELECT column_name FROM information_schema.columns "
            "WHERE table_name = 'account_move_line' "
            "AND column_name NOT IN ('id', 'product_id')"
        )
    ]
    names = ", ".join(columns)
    world.sql(
        f"""
        INSERT INTO account_move_line (product_id, {names})
        SELECT copy.product_id, {", ".join(f"line.{name}" for name in columns)}
          FROM unnest(%s, %s) AS copy(product_id, like_id)
          JOIN account_move_line line ON line.product_id = copy.like_id
        """,
        products,
        likes,
    )
    try:
        yield products
    finally:
        world.sql("DELETE FROM account_move_line WHERE product_id = ANY(%s)", products)
