"""Questions to a model through workers: Redis, Celery, the bridge and Odoo as they are
in production, each of them killed while they work."""

import signal
import sys
import threading
import time
from contextlib import contextmanager
from types import SimpleNamespace

import pytest

from dev import cache, process, redis, workers
from dev.checks.live import model as models
from dev.checks.live import test_bills as bills
from dev.checks.live.model import more_products
from dev.checks.live.world import World
from dev.process import wait_until
from dev.workspace import addons_path

from . import celery_by_hand

sys.path[:0] = [str(cache.CHECKOUT / "ai_queue_celery")]

from worker import store  # noqa: E402

ADDON = "ai_queue_celery"
DATABASE = "celery"
PRODUCTS = 50
#: each product is asked about today, and about the past
QUESTIONS = 2 * PRODUCTS
CONCURRENCY = 6
RUN_SECONDS = 420
#: from the death of a worker until what it was at is asked again
AGAIN_SECONDS = 30
PATIENCE_MINUTES = 1
BILLS = 24
#: products that are forecast by workers, and how many of them a job has
FORECASTS, CHUNK = 120, 20


@pytest.fixture(scope="module")
def broker(tmp_path_factory):
    with redis.Redis(tmp_path_factory.mktemp("redis")) as running:
        yield running


@pytest.fixture(scope="module")
def world(workspace, make_server, broker):
    workspace.copy(workspace.company(), DATABASE)
    workspace.install(DATABASE, ADDON, workspace.log(f"install-{ADDON}"))
    server = make_server(
        DATABASE,
        workers=6,
        options={"addons_path": addons_path()},
        environment={"AI_QUEUE_BROKER_URL": broker.url},
    )
    yield World(server)
    server.kill()
    workspace.drop(DATABASE)


@pytest.fixture
def elsewhere(world, broker, workspace):
    """A provider, a bridge and two workers; with the hand-off switched on."""
    logs = workspace.logs / "celery"
    forget_workers(world, broker)
    with models.serving(world) as model:
        model.set(max_in_flight=2 * CONCURRENCY)
        model.set_company(ai_queue_forecast_compare=True)
        name = world.value("SELECT name FROM ai_queue_provider WHERE id = %s", model.id)
        slug = name.lower().replace(" ", "_")
        providers = {slug.upper(): model.fake.url}
        some = [
            workers.Worker(
                logs / f"worker-{n}.log", broker.url, providers, CONCURRENCY, f"m{n}"
            )
            for n in range(2)
        ]
        # One that is not there keeps none waiting.
        bridge = workers.Bridge(
            logs / "bridge.log",
            world.server,
            broker.url,
            databases=("not_there_yet", DATABASE),
        )
        with bridge, some[0], some[1], world.parameter(f"{ADDON}.models", "True"):
            found = SimpleNamespace(model=model, workers=some, bridge=bridge, slug=slug)
            wait_for_workers(world, 2)
            yield found
    world.reset()


def forget_workers(world, broker):
    """Those of the check before, of the same names, and what they left in Redis."""
    store.connect(broker.url).flushdb()
    world.sql("DELETE FROM ai_queue_worker")


def wait_for_workers(world, count):
    world.wait_for(
        lambda: (
            world.value(
                "SELECT count(*) FROM ai_queue_worker WHERE date_seen > "
                "(now() AT TIME ZONE 'UTC') - interval '10 seconds'"
            )
            >= count
        ),
        f"{count} workers",
        120,
    )


def answered(model):
    return model.calls(state="answered")


def wait_for_answers(world, model, count, run):
    world.wait_for(
        lambda: answered(model) >= count, f"{count} answers", RUN_SECONDS, run
    )


def test_a_run_goes_through_the_workers(world, elsewhere, capsys):
    model = elsewhere.model
    model.fake.configure(latency=0.2)
    with more_products(world, PRODUCTS) as products, model.small(20):
        with held(model):
            run = world.admin.press(products)
            world.wait_for(lambda: all_are_out(model), "questions out", run_id=run)
        world.wait_done(run, RUN_SECONDS)
        world.assert_whole(run, products)
    assert model.check_ledger() == []
    assert answered(model) == QUESTIONS
    spent = world.value("SELECT sum(done) FROM ai_queue_worker")
    wait_until(
        lambda: (
            world.value("SELECT sum(done + failed) FROM ai_queue_worker") >= QUESTIONS
        ),
        "the figures of the workers",
        60,
    )
    with capsys.disabled():
        print(f"\n{QUESTIONS} questions through 2 workers, {spent} seen on the way")


def all_are_out(model):
    """Whether questions are asked, and all of them by workers."""
    ((asking, out),) = model.world.sql(
        "SELECT count(*), count(*) FILTER (WHERE handed = 'out') FROM ai_queue_call "
        "WHERE provider_id = %s AND state = 'asking'",
        model.id,
    )
    return asking == out > 0


def test_everything_but_the_workers_is_killed(world, elsewhere, broker, capsys):
    """Redis, the bridge and Odoo, with the same calls given out twice: no question is
    asked a second time."""
    model = elsewhere.model
    model.fake.configure(latency=0.5, jitter=0.5, seed=4711)
    began = time.monotonic()
    with more_products(world, PRODUCTS) as products, model.small(10):
        run = world.admin.press(products)
        wait_for_answers(world, model, 10, run)
        assert celery_by_hand.send_again(world, broker.url, elsewhere.slug)
        broker.kill()
        time.sleep(2)  # Redis is away for a while
        broker.start()
        wait_for_answers(world, model, 30, run)
        elsewhere.bridge.kill()
        time.sleep(2)  # and so is the bridge: answers pile up
        elsewhere.bridge.start()
        wait_for_answers(world, model, 45, run)
        world.server.kill_odoo()
        world.server.start_odoo()
        wait_for_answers(world, model, 65, run)
        celery_by_hand.send_again(world, broker.url, elsewhere.slug)
        world.server.cluster.kill()
        world.server.cluster.start()
        broker.kill()
        broker.start()
        world.wait_done(run, RUN_SECONDS)
        world.assert_whole(run, products)
    assert model.check_ledger() == []
    assert answered(model) == model.fake.stats()["asked"] == QUESTIONS
    assert not model.calls(handed="out")
    seconds = time.monotonic() - began
    with capsys.disabled():
        print(f"\n{QUESTIONS} questions asked once each, in {seconds:.0f} s")


def test_workers_are_killed(world, elsewhere, capsys):
    """What arrived is not asked again: only what was under way at that moment."""
    model = elsewhere.model
    model.fake.configure(latency=0.5, jitter=0.5, seed=4711)
    kills = ((10, 0), (30, 1), (50, 0), (70, 1))
    with more_products(world, PRODUCTS) as products, model.small(10):
        run = world.admin.press(products)
        for count, number in kills:
            wait_for_answers(world, model, count, run)
            elsewhere.workers[number].kill()
            elsewhere.workers[number].start()
        wait_for_answers(world, model, 85, run)
        elsewhere.workers[0].stop()
        elsewhere.workers[0].start()
        world.wait_done(run, RUN_SECONDS)
        world.assert_whole(run, products)
    assert answered(model) == len(set(model.asked)) == QUESTIONS
    assert not model.calls(state="lost")
    stats = model.fake.stats()
    again = stats["asked"] - QUESTIONS
    # More than that no worker has under way.
    assert again <= CONCURRENCY * len(kills)
    with capsys.disabled():
        print(
            f"\n{len(kills)} workers killed; {again} questions asked again, "
            f"{stats['answered'] - QUESTIONS} of them answered before"
        )


def test_a_dead_worker_is_found_in_time(world, elsewhere, capsys):
    model = elsewhere.model
    elsewhere.workers[1].stop()
    model.fake.configure(latency=5.0)
    with more_products(world, 4) as products, model.small(1):
        run = world.admin.press(products)
        world.wait_for(
            lambda: model.fake.stats()["in_flight"] >= 4, "questions under way"
        )
        elsewhere.workers[0].kill()
        # Nobody asks any more until the other one is there.
        asked = model.fake.stats()["asked"]
        elsewhere.workers[1].start()
        died = time.monotonic()
        world.wait_for(lambda: model.fake.stats()["asked"] > asked, "a second try")
        seconds = time.monotonic() - died
        assert seconds < process.on_this_machine(AGAIN_SECONDS)
        model.fake.configure(latency=0.0)
        world.wait_done(run, RUN_SECONDS)
        world.assert_whole(run, products)
    model.check_ledger()
    with capsys.disabled():
        print(f"\nasked again {seconds:.1f} s after the worker was killed")


def test_without_workers_it_is_done_here_and_goes_back(world, elsewhere, broker):
    model = elsewhere.model
    model.fake.configure(latency=0.1)
    patience = world.parameter(f"{ADDON}.patience_minutes", str(PATIENCE_MINUTES))
    with patience, more_products(world, 10) as products, model.small(5):
        broker.kill()
        began = time.monotonic()
        run = world.admin.press(products)
        world.wait_done(run, RUN_SECONDS)
        assert time.monotonic() - began >= PATIENCE_MINUTES * 60 - 5
        world.assert_whole(run, products)
        assert model.calls(state="answered") == 20
        broker.start()
        wait_for_workers(world, 2)
        world.wait_for(
            lambda: world.value("SELECT down = '{}' FROM ai_queue_bridge"),
            "Redis to be seen again",
            60,
        )
        # Others, for what is known is not asked again.
        with more_products(world, 10) as others:
            model.fake.configure(latency=2.0)
            run = world.admin.press(others)
            world.wait_for(
                lambda: model.calls(state="asking", handed="out"),
                "questions at workers",
            )
            model.fake.configure(latency=0.0)
            world.wait_done(run, RUN_SECONDS)
    model.check_ledger()


def test_what_fails_over_there_is_concluded_here(world, elsewhere):
    """Busy, failing and refusing providers: as if they had been asked from here."""
    model = elsewhere.model
    faults = [
        {"status": 500, "probability": 0.05},
        {"status": 429, "probability": 0.05, "retry_after": 1},
        {"kind": "drop", "probability": 0.03},
        {"kind": "broken_json", "probability": 0.03},
    ]
    model.fake.configure(faults=faults, latency=0.1, seed=7)
    with more_products(world, 30) as products, model.small(10):
        run = world.admin.press(products)
        world.wait_done(run, RUN_SECONDS)
        world.assert_whole(run, products)
    model.check_ledger()


def test_a_cancelled_run_takes_back_what_waits(world, elsewhere):
    """Nothing is asked but what the workers are at when the run is cancelled."""
    model, under_way = elsewhere.model, 2 * CONCURRENCY
    with held(model), more_products(world, PRODUCTS) as products, model.small(10):
        run = world.admin.press(products)
        world.wait_for(
            lambda: (
                model.fake.stats()["in_flight"] == under_way
                and model.calls(state="asking", handed="out") > under_way
            ),
            "all workers at work, and questions that wait for them",
        )
        world.admin.call("ai.queue.run", "action_cancel", [run])
        assert world.wait_ended(run)["state"] == "cancelled"
        world.wait_for(
            lambda: model.calls(state="asking") == under_way,
            "questions to be taken back",
            60,
        )
    world.wait_for(lambda: not model.calls(state="asking"), "the last answers", 60)
    assert model.calls() > under_way
    assert model.calls(outcome="stopped") == model.calls() - under_way
    assert model.calls(state="answered") == under_way
    assert model.fake.stats()["asked"] == under_way


@contextmanager
def held(model):
    """No question is answered until the block ends."""
    released, answer = threading.Event(), model.answer

    def wait(asked):
        released.wait(RUN_SECONDS)
        return answer(asked)

    model.answer = wait
    try:
        yield
    finally:
        released.set()
        model.answer = answer


def test_documents_are_read_by_workers_that_are_killed(world, broker, workspace):
    """Bills in PDF: nothing gets lost, and each bill is filled in once."""
    logs = workspace.logs / "celery"
    forget_workers(world, broker)
    some = [
        workers.Worker(
            logs / f"reader-{n}.log", broker.url, (), 2, f"r{n}", "documents"
        )
        for n in range(2)
    ]
    bridge = workers.Bridge(logs / "bridge.log", world.server, broker.url)
    clerk = world.client("accountant0")
    with bridge, some[0], some[1], world.parameter(f"{ADDON}.documents", "True"):
        wait_for_workers(world, 2)
        files = [bills.pdf(f"W-{number}") for number in range(BILLS)]
        # as many at a time as are made while one waits
        moves = [
            move
            for some_files in (files[at : at + 8] for at in range(0, BILLS, 8))
            for move in bills.upload(world, clerk, *some_files)
        ]
        world.wait_for(lambda: read_bills(world, moves) >= 5, "a few bills", 120)
        some[0].kill()
        some[0].start()
        broker.kill()
        broker.start()
        world.wait_for(lambda: read_bills(world, moves) >= 10, "more bills", 120)
        some[1].kill()
        some[1].start()
        world.wait_for(lambda: read_bills(world, moves) == BILLS, "all bills", 300)
    numbers = [bills.bill(world, move)[0] for move in moves]
    assert sorted(numbers) == sorted(f"W-{number}" for number in range(BILLS))
    done = sum(log.read_text().count("succeeded") for log in logs.glob("reader-*.log"))
    assert done >= BILLS / 5


def read_bills(world, moves):
    return world.value(
        "SELECT count(*) FROM account_move WHERE id = ANY(%s) AND ref IS NOT NULL",
        moves,
    )


@pytest.fixture
def calculating(world, broker, workspace):
    """Two workers that forecast and learn, and a bridge; with that switched on."""
    logs = workspace.logs / "celery"
    some = [
        workers.Worker(
            logs / f"forecasts-{n}.log", broker.url, (), 2, f"f{n}", "forecasts"
        )
        for n in range(2)
    ]
    bridge = workers.Bridge(logs / "bridge.log", world.server, broker.url)
    # Nor is there what others made of the same demand.
    forget_workers(world, broker)
    with (
        bridge,
        some[0],
        some[1],
        world.parameter(f"{ADDON}.forecasts", "True"),
        world.parameter("ai_queue.chunk_size", str(CHUNK)),
    ):
        wait_until(
            lambda: len(ready(broker)) == len(some), "workers that calculate", 120
        )
        yield SimpleNamespace(workers=some, logs=[one.log for one in some])
    world.reset()


def ready(broker):
    return [
        name
        for name, said in store.get_workers(store.connect(broker.url)).items()
        if said["kind"] == "forecasts"
    ]


def given_out(world, run):
    """How many jobs of a run wait for workers."""
    return world.value(
        "SELECT count(*) FROM ai_queue_run_job WHERE run_id = %s "
        "AND state = 'pending' AND waits_for LIKE 'files:%%'",
        run,
    )


def forecast_rows(world, products):
    """All that is kept of the forecasts of products, whichever run they are of."""
    return world.sql(
        """
        SELECT to_jsonb(forecast) - ARRAY['id', 'run_id', 'create_date', 'write_date']
          FROM ai_queue_forecast forecast WHERE product_id = ANY(%s)
         ORDER BY product_id, date_start
        """,
        list(products),
    )


def test_forecasts_are_made_by_workers_that_are_killed(
    world, calculating, broker, capsys
):
    """Learning first, and then all jobs: each product is forecast once, and as here."""
    learns = world.parameter("ai_queue.learning_products", str(FORECASTS))
    with learns, more_products(world, FORECASTS) as products:
        run = world.admin.press(products)
        learning = world.value(
            "SELECT max(id) FROM ai_queue_run WHERE kind = 'learning'"
        )
        world.wait_for(
            lambda: (
                given_out(world, learning) or world.run(learning)["state"] == "done"
            ),
            "learning to be given out",
        )
        calculating.workers[0].kill()
        calculating.workers[0].start()
        world.wait_for(
            lambda: world.jobs(run).get("done"), "a job", RUN_SECONDS, run_id=run
        )
        for worker in calculating.workers:
            worker.kill()
        broker.kill()
        broker.start()
        for worker in calculating.workers:
            worker.start()
        world.wait_done(run, RUN_SECONDS)
        assert world.run(learning)["state"] == "done"
        world.assert_whole(run, products)
        there = forecast_rows(world, products)
        worked = sum(log.read_text().count("'worked off'") for log in calculating.logs)
        # One message for each job, and one to learn; of those who were killed no word.
        assert worked >= FORECASTS / CHUNK / 2
        world.sql("DELETE FROM ai_queue_forecast WHERE product_id = ANY(%s)", products)
        with world.parameter(f"{ADDON}.forecasts", "False"):
            run = world.admin.press(products)
            world.wait_done(run, RUN_SECONDS)
        assert forecast_rows(world, products) == there
    learnt = sum("learned" in str(row) for row in there)
    with capsys.disabled():
        print(
            f"\n{worked} parts worked off by workers that were killed; {len(there)} "
            f"forecasts as here, {learnt} of them with what was learnt"
        )


def test_cancelled_forecasts_are_taken_back(world, calculating, broker):
    connection = store.connect(broker.url)
    said = store.get_workers(connection)
    assert len(said) == len(calculating.workers)
    members = [pid for worker in calculating.workers for pid in worker.processes()]

    def is_given_out():
        # Workers that stand still, and take nothing, are known to be there.
        for name, values in said.items():
            store.say_hello(connection, name, values)
        return len(connection.keys("ai_queue:*:files:question:*")) == FORECASTS / CHUNK

    with more_products(world, FORECASTS) as products:
        process.signal_all(members, signal.SIGSTOP)
        try:
            run = world.admin.press(products)
            world.wait_for(is_given_out, "all jobs to be given out", run_id=run)
            world.admin.call("ai.queue.run", "action_cancel", [run])
            assert world.wait_ended(run)["state"] == "cancelled"
            world.wait_for(
                lambda: not connection.keys("ai_queue:*:files:question:*"),
                "what waits to be taken back",
                60,
            )
        finally:
            process.signal_all(members, signal.SIGCONT)
        world.wait_for(
            lambda: any("'withdrawn'" in log.read_text() for log in calculating.logs),
            "the messages to be dropped",
            60,
        )
        assert world.forecasts(products) == {}
