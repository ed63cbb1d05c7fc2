"""``bin/worker`` on its own: Redis with a password and TLS, and no Odoo anywhere."""

import functools
import json
import subprocess
import sys
from types import SimpleNamespace

import numpy
import pytest
import redis as redis_client

from dev import cache, python, redis, workers
from dev.fakemodel import FakeModel
from dev.process import wait_until
from dev.server import free_ports

ROOT = cache.CHECKOUT
sys.path[:0] = [str(ROOT / "ai_queue"), str(ROOT / "ai_queue_celery")]

from engine import client, forecasting  # noqa: E402
from engine.documents.files import reading, shapes  # noqa: E402
from engine.errors import Unreadable  # noqa: E402
from engine.forecasting import learning  # noqa: E402
from engine.tests.bill_samples import bill_pdf  # noqa: E402
from worker import messages, packing, series, store, work  # noqa: E402

SECONDS = 120
DATABASE = "db"
ENDPOINT = client.Endpoint("http://nowhere.invalid")


@pytest.fixture(scope="module")
def place(tmp_path_factory):
    """Redis with TLS, and the address by which it is reached."""
    directory = tmp_path_factory.mktemp("tls")
    make_certificates(directory)
    plain, secure = free_ports(2)
    options = {
        "tls-port": secure,
        "tls-cert-file": directory / "redis.pem",
        "tls-key-file": directory / "redis.key",
        "tls-ca-cert-file": directory / "ca.pem",
        "tls-auth-clients": "no",
    }
    with redis.Redis(directory / "redis", port=plain, **options):
        bare = f"rediss://:{redis.PASSWORD}@localhost:{secure}/0"
        yield SimpleNamespace(
            bare=bare,
            url=f"{bare}?ssl_ca_certs={directory / 'ca.pem'}",
            wrong=bare.replace(redis.PASSWORD, "wrong"),
            directory=directory,
        )


@pytest.fixture
def connection(place):
    found = store.connect(place.url)
    found.flushall()
    return found


def make_certificates(directory):
    """An authority of our own, and a certificate of it for this machine."""

    def openssl(*arguments):
        subprocess.run(
            ["openssl", *arguments], cwd=directory, check=True, capture_output=True
        )

    new = ("-newkey", "rsa:2048", "-nodes")
    openssl("req", "-x509", *new, "-keyout", "ca.key", "-out", "ca.pem", "-subj=/CN=A")
    keys = ("-keyout", "redis.key", "-out", "redis.csr")
    openssl("req", *new, *keys, "-subj=/CN=localhost")
    (directory / "names").write_text("subjectAltName=DNS:localhost")
    openssl(
        *("x509", "-req", "-in", "redis.csr", "-CA", "ca.pem", "-CAkey", "ca.key"),
        *("-CAcreateserial", "-out", "redis.pem", "-extfile", "names"),
    )


def call_worker(*arguments):
    """``bin/worker`` without a word of where anything is."""
    return subprocess.run(
        [sys.executable, ROOT / "bin/worker", *arguments],
        env=python.environment(python.engine(), {"PATH": "/usr/bin:/bin"}),
        capture_output=True,
        text=True,
        timeout=SECONDS,
    )


def test_it_says_its_use_and_what_is_missing():
    said = call_worker("--help")
    assert said.returncode == 0
    assert "AI_QUEUE_BASE_URL_<NAME>" in said.stdout
    assert call_worker().returncode == 2
    said = call_worker("--broker", "redis://localhost")
    assert said.returncode == 2
    assert "Name a provider" in said.stderr


def test_it_needs_nothing_of_odoo():
    code = (
        "import sys\n"
        "import worker.cli, worker.work\n"
        "print([n for n in sys.modules if n.split('.')[0] in ('odoo', 'psycopg2')])"
    )
    env = python.environment(python.engine())
    env["PYTHONPATH"] = f"{ROOT / 'ai_queue'}:{ROOT / 'ai_queue_celery'}"
    command = [python.engine() / "bin/python", "-c", code]
    assert subprocess.check_output(command, env=env, text=True).strip() == "[]"


def test_who_does_not_trust_or_know_redis_does_not_get_in(place):
    with pytest.raises(redis_client.ConnectionError):
        store.connect(place.bare).ping()
    with pytest.raises(redis_client.RedisError):
        store.connect(place.wrong + place.url.partition("/0")[2]).ping()


def test_a_question_that_is_given_out_thrice_is_asked_once(place, connection):
    calls = store.Store(connection, DATABASE)
    app = messages.make_app(place.url)
    with FakeModel(latency=0.2) as fake:
        log = place.directory / "worker.log"
        with workers.Worker(log, place.url, {"FAKE": fake.url}, 4) as worker:
            wait_until(lambda: store.get_workers(connection), "the worker", SECONDS)
            question = client.Question("1", "fake-large", "How many eggs?")
            text = packing.pack_question(question, "Fake", ENDPOINT)
            calls.put_questions({"1": text})
            for _time in range(3):
                send(app, messages.ASK, messages.queue_name("fake"), "1")
            [(entry, call, text)] = wait_until(
                lambda: calls.get_arrived(10), "the answer", SECONDS
            )
            answer, error = packing.unpack_outcome(text)
            assert (call, error, answer.model) == ("1", None, "fake-large")
            calls.forget([entry], [call])
            # It stays known as done, although nothing of it is left.
            send(app, messages.ASK, messages.queue_name("fake"), "1")
            queue = messages.queue_name("fake")
            wait_until(lambda: not connection.llen(queue), "an empty queue", SECONDS)
            # What it has taken and not begun with, it would give back.
            wait_until(
                lambda: log.read_text().count("succeeded") == 4, "all tasks", SECONDS
            )
            worker.stop()
        assert fake.stats()["asked"] == 1
        assert store.get_workers(connection) == {}


def test_a_question_that_is_taken_back_in_the_last_moment_is_not_asked(
    connection, monkeypatch
):
    calls = store.Store(connection, DATABASE)
    calls.put_questions({"1": "How many eggs?"})
    claim, asked = store.Store.claim, []

    def claim_late(found, call):
        assert calls.withdraw(call)
        return claim(found, call)

    def perform(_store, call, _text):
        asked.append(call)
        return "{}", "answered"

    monkeypatch.setattr(store.Store, "claim", claim_late)
    assert work._work_on(connection, DATABASE, "1", perform) == "withdrawn"
    assert asked == []
    assert not connection.hlen(calls.key("running"))


def test_a_file_is_read(place, connection):
    files = store.Store(connection, f"{DATABASE}:files")
    app = messages.make_app(place.url)
    data = bill_pdf()
    digests = [packing.get_digest(each) for each in (data, b"%PDF-1.4 broken")]
    files.put_pieces(
        {
            digest: packing.pack_file(each)
            for digest, each in zip(digests, (data, b"%PDF-1.4 broken"), strict=True)
        }
    )
    files.put_questions({"7-documents-a": packing.pack_call("documents", digests)})
    log = place.directory / "reader.log"
    with workers.Worker(log, place.url, kind="documents", concurrency=1):
        send(app, messages.READ, messages.DOCUMENTS, "7-documents-a")
        arrived = wait_until(lambda: files.get_arrived(10), "the end", SECONDS)
    assert [call for _entry, call, _text in arrived] == ["7-documents-a"]
    found = [files.get_result(digest) for digest in digests]
    document = packing.unpack_document(found[0], shapes, Unreadable)
    assert document == reading.read(data)
    with pytest.raises(Unreadable):
        packing.unpack_document(found[1], shapes, Unreadable)


def test_series_are_forecast_and_learnt_from(place, connection):
    """As here, to the last bit; what is for other code, or broken, is left to Odoo."""
    files = store.Store(connection, f"{DATABASE}:files")
    app = messages.make_app(place.url)
    some = make_series()
    learned = learning.train(some)
    content = learned.to_bytes()
    digest = series.get_hash(content)
    pieces = {
        "forecast": series.pack_series(some, series.FORECAST, digest),
        "learn": series.pack_series(some, series.LEARN),
        "broken": "nonsense",
        "unknown": series.pack_series(some, series.FORECAST, "0" * 64),
    }
    files.put_shared(digest, lambda: series.pack_learned(content))
    files.put_pieces(pieces)
    other = json.dumps({"code": "other", "pieces": ["forecast"]})
    calls = {
        "7-forecasts-a": packing.pack_call("forecasts", pieces),
        "7-forecasts-b": other,
        "7-forecasts-c": packing.pack_call("forecasts", pieces),
    }
    # This one may be what others have died of.
    connection.set(files.key("begins", "7-forecasts-c"), work.MOST_BEGINS)
    files.put_questions(calls)
    log = place.directory / "forecasts.log"
    with workers.Worker(log, place.url, kind="forecasts", concurrency=2) as worker:
        for call in reversed(calls):
            send(app, messages.CALCULATE, messages.FORECASTS, call)
            wait_until(functools.partial(files.is_done, call), "the end", SECONDS)
            expected = ["forecast", "learn"] if call == "7-forecasts-a" else []
            missing = files.get_missing(pieces)
            assert [one for one in pieces if one not in missing] == expected
        wait_until(lambda: count_done(connection) == (1, 2), "the figures", SECONDS)
        worker.stop()
    assert store.get_workers(connection) == {}
    found = series.unpack_learned(files.get_result("learn"))
    assert found == content
    here = learning.combine(some, forecasting.forecast(some), learned)
    result = files.get_result("forecast")
    there = series.unpack_forecasts(result, some, forecasting)
    assert list(map(bits_of, there)) == list(map(bits_of, here))


def bits_of(forecast):
    """All that is in a forecast, its numbers by their bits."""
    return {
        name: value.tobytes() if isinstance(value, numpy.ndarray) else value
        for name, value in vars(forecast).items()
    }


def make_series(count=60, length=60):
    """Demand that repeats and scatters, enough of it to learn from."""
    random = numpy.random.default_rng(4711)
    season = 1 + 0.5 * numpy.sin(numpy.arange(length) * 2 * numpy.pi / 12)
    return [
        forecasting.Series(
            id=f"P{number}",
            freq="M",
            history=random.poisson(random.gamma(2, 5) * season).astype(float),
            horizon=6,
            sold_before=True,
            phase=3,
            group=str(number % 3),
            price=1.0 + number,
        )
        for number in range(count)
    ]


def count_done(connection):
    """(done, failed) of the one worker that there is; None while it is not heard of."""
    for said in store.get_workers(connection).values():
        return said["done"], said["failed"]
    return None


def send(app, task, queue, call):
    name = DATABASE if task == messages.ASK else f"{DATABASE}:files"
    app.send_task(task, args=[name, call], queue=queue, retry=False)
