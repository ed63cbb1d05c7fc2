"""Metrics of a server at work: asked by many at once, and by Prometheus itself.

On a server of its own, for it has a token.
"""

import json
import re
import shutil
import subprocess
import threading
import time
import urllib.error
import urllib.parse
import urllib.request

import pytest
from prometheus_client.parser import text_string_to_metric_families

from dev import cache, debian
from dev.checks.live.world import CHANNEL, RUN_SECONDS, World
from dev.process import wait_until
from dev.server import free_ports

DATABASE = "metrics"
TOKEN = "token-of-metrics"
ADDONS = ("queue_job_operations", "ai_queue")
MONITORING = [cache.CHECKOUT / addon / "monitoring" for addon in ADDONS]
BUNDLE = debian.Bundle("prometheus", "Prometheus", ("prometheus",), dependencies=False)
SCRAPERS, LEAST_SCRAPES = 3, 5
ENDED = "queue_job_jobs_ended_total"
START_SECONDS = 120
CONFIGURATION = """
global:
  scrape_interval: 5s
  evaluation_interval: 1s
rule_files: {rules}
scrape_configs:
  - job_name: odoo
    metrics_path: /queue_job/metrics
    authorization:
      credentials: {token}
    static_configs:
      - targets: ["{target}"]
"""
CHANNEL_NAME = "root.ai_forecasting"


@pytest.fixture(scope="module")
def world(workspace, make_server):
    workspace.copy(workspace.template(), DATABASE)
    server = make_server(
        DATABASE, workers=4, environment={"QUEUE_JOB_METRICS_TOKEN": TOKEN}
    )
    yield World(server)
    server.kill()
    workspace.drop(DATABASE)


@pytest.fixture(scope="module")
def prometheus(world, tmp_path_factory):
    """Prometheus, with our rules and the server to scrape."""
    program = shutil.which("prometheus")
    if not program:
        if not debian.is_available():
            pytest.skip("Prometheus is not here, nor to be had from Debian's archive.")
        program = BUNDLE.root() / "usr/bin/prometheus"
    with Prometheus(program, world, tmp_path_factory.mktemp("prometheus")) as running:
        yield running


def test_figures_are_right_while_a_run_works(world, capsys):
    name = CHANNEL_NAME
    channel_id = world.value(
        "SELECT id FROM queue_job_channel WHERE complete_name = %s", name
    )
    products = world.new_products(60)
    jobs = len(products)
    done = {"channel": name, "state": "done"}
    before = scrape(world)
    world.admin.call(CHANNEL, "action_pause", [channel_id])
    with world.parameter("ai_queue.chunk_size", "1"):
        run = world.admin.press(products)
    waiting = scrape(world)
    assert value(waiting, "queue_job_depth", channel=name) == jobs
    assert value(waiting, "queue_job_jobs", channel=name, state="pending") == jobs
    assert value(waiting, "queue_job_channel_paused", channel=name) == 1
    assert value(waiting, "ai_queue_runs", state="pending") == 1

    with Scrapers(world) as scrapers:
        world.admin.call(CHANNEL, "action_resume", [channel_id])
        world.wait_for(lambda: world.jobs(run).get("done"), "the first jobs")
        # Stopped in the middle, it can be counted twice.
        world.admin.call(CHANNEL, "action_pause", [channel_id])
        left, middle = world.wait_for(
            lambda: scrape_at_rest(world, run), "a standstill", run_id=run
        )
        assert value(middle, "queue_job_depth", channel=name) == left
        assert (
            value(middle, ENDED, **done) - value(before, ENDED, **done) == jobs - left
        )
        world.admin.call(CHANNEL, "action_resume", [channel_id])
        world.wait_done(run)
    for samples in scrapers.series:
        for earlier, later in zip(samples, samples[1:], strict=False):
            assert_counters_rise(earlier, later)
    after = scrape(world)
    assert value(after, ENDED, **done) - value(before, ENDED, **done) == jobs
    for kind in ("run", "wait"):
        counted = f"queue_job_job_{kind}_seconds_count"
        assert value(after, counted, channel=name) == value(after, ENDED, **done)
    assert value(after, "queue_job_depth", channel=name) == 0
    assert value(after, "ai_queue_runs", state="done") == 1
    assert value(after, "queue_job_runner_up") == 1
    assert value(after, "queue_job_runner_heartbeat_age_seconds") < 30
    took = sorted(scrapers.seconds)
    with capsys.disabled():
        print(
            f"\n{len(took)} scrapes by {SCRAPERS} at once while {jobs} jobs ran: "
            f"median {took[len(took) // 2] * 1e3:.0f} ms, longest {took[-1] * 1e3:.0f}"
        )


def test_only_with_the_token(world):
    for given in ("", "another"):
        with pytest.raises(urllib.error.HTTPError) as caught:
            read(world, given)
        assert caught.value.code == 401
        assert "queue_job_" not in caught.value.read().decode()


def test_prometheus_takes_it_with_dashboard_and_rules(world, prometheus):
    wait_until(
        lambda: (
            prometheus.query("queue_job_runner_up")
            and prometheus.target()["health"] == "up"
        ),
        "a first scrape",
        START_SECONDS,
        detail=lambda: str(prometheus.target()),
    )
    target = prometheus.target()
    dashboards = [json.loads(text) for text in read_all("grafana_dashboard.json")]
    instance = target["labels"]["instance"]
    for panel in (each for board in dashboards for each in board["panels"]):
        for question in panel.get("targets", ()):
            # As Grafana fills them in. What is no expression is an error.
            prometheus.query(
                question["expr"]
                .replace("$instance", instance)
                .replace("$channel", ".*")
                .replace("$__rate_interval", "1m")
            )
    names = re.findall(r"- alert: (\w+)", "".join(read_all("alert_rules.yml")))

    def rules():
        groups = prometheus.ask("rules")["groups"]
        return {rule["name"]: rule for group in groups for rule in group["rules"]}

    assert sorted(rules()) == sorted(names)
    wait_until(
        lambda: all(rule["health"] == "ok" for rule in rules().values()),
        "the evaluation of all rules",
        START_SECONDS,
        detail=lambda: str(rules()),
    )
    wait_until(
        lambda: rules()["JobQueueNoRunner"]["state"] == "inactive",
        "a runner that is seen",
        START_SECONDS,
    )


# ---------------------------------------------------------------------- helpers


def read_all(name):
    """The texts of a file for monitoring, of each addon that has one."""
    return [(directory / name).read_text() for directory in MONITORING]


def read(world, token=TOKEN):
    """The page, as text."""
    request = urllib.request.Request(
        f"{world.server.url}/queue_job/metrics",
        headers={"Authorization": f"Bearer {token}"},
    )
    with urllib.request.urlopen(request, timeout=RUN_SECONDS) as answer:
        return answer.read().decode()


def scrape(world):
    """{(name, labels): value}, and the types of what counts."""
    return {
        (sample.name, frozenset(sample.labels.items())): (sample.value, family.type)
        for family in text_string_to_metric_families(read(world))
        for sample in family.samples
    }


def value(samples, name, **labels):
    """One value, 0 where there is none."""
    return samples.get((name, frozenset(labels.items())), (0.0, ""))[0]


def under_way(world, run_id):
    """How many jobs of a run are handed out or at work."""
    jobs = world.jobs(run_id)
    return jobs.get("enqueued", 0) + jobs.get("started", 0)


def scrape_at_rest(world, run_id):
    """How many jobs of a run are left, and the metrics, if none is at work."""
    before = world.jobs(run_id)
    samples = scrape(world)
    if under_way(world, run_id) or world.jobs(run_id) != before:
        return None
    return before.get("pending", 0), samples


def assert_counters_rise(earlier, later):
    """No counter and no bucket goes back, and none goes away."""
    for key, (number, kind) in earlier.items():
        if kind in ("counter", "histogram"):
            assert key in later, key
            assert later[key][0] >= number - 1e-9, key


class Scrapers:
    """Some that ask for the metrics all the time, each after its last answer."""

    def __init__(self, world):
        self.world = world
        #: what each of them saw, one after the other
        self.series = [[] for _number in range(SCRAPERS)]
        self.seconds = []
        self.errors = []
        self._ending = threading.Event()
        self._threads = [
            threading.Thread(target=self._scrape, args=[samples], daemon=True)
            for samples in self.series
        ]

    def __enter__(self):
        for thread in self._threads:
            thread.start()
        return self

    def __exit__(self, *exc_info):
        self._ending.set()
        for thread in self._threads:
            thread.join()
        assert not self.errors

    def _scrape(self, samples):
        try:
            while len(samples) < LEAST_SCRAPES or not self._ending.is_set():
                begun = time.perf_counter()
                samples.append(scrape(self.world))
                self.seconds.append(time.perf_counter() - begun)
        except Exception as error:  # handed over to the thread of the check
            self.errors.append(error)


class Prometheus:
    """A Prometheus of our own, for as long as the context lasts."""

    def __init__(self, program, world, directory):
        self.directory = directory
        [self.port] = free_ports(1)
        configuration = directory / "prometheus.yml"
        configuration.write_text(
            CONFIGURATION.format(
                rules=json.dumps(
                    [str(each / "alert_rules.yml") for each in MONITORING]
                ),
                token=TOKEN,
                target=urllib.parse.urlsplit(world.server.url).netloc,
            )
        )
        self._command = [
            str(program),
            f"--config.file={configuration}",
            f"--storage.tsdb.path={directory / 'data'}",
            f"--web.listen-address=127.0.0.1:{self.port}",
        ]
        self._process = None

    def __enter__(self):
        with (self.directory / "prometheus.log").open("wb") as log:
            self._process = subprocess.Popen(
                self._command, stdin=subprocess.DEVNULL, stdout=log, stderr=log
            )
        wait_until(self._is_ready, "Prometheus", START_SECONDS, detail=self._log)
        return self

    def __exit__(self, *exc_info):
        self._process.terminate()
        self._process.wait()

    def _log(self):
        return (self.directory / "prometheus.log").read_text()[-2000:]

    def _is_ready(self):
        assert self._process.poll() is None, self._log()
        try:
            with urllib.request.urlopen(f"{self._url()}/-/ready", timeout=5):
                return True
        except OSError:
            return False

    def _url(self):
        return f"http://127.0.0.1:{self.port}"

    def ask(self, path, **parameters):
        """The data of an answer of its API."""
        query = urllib.parse.urlencode(parameters)
        try:
            with urllib.request.urlopen(
                f"{self._url()}/api/v1/{path}?{query}", timeout=RUN_SECONDS
            ) as answer:
                return json.load(answer)["data"]
        except urllib.error.HTTPError as error:
            raise AssertionError(f"{parameters}: {error.read().decode()}") from error

    def target(self):
        """How it fares with the server that it scrapes."""
        [target] = self.ask("targets")["activeTargets"]
        return target

    def query(self, expression):
        """What an expression gives now."""
        return self.ask("query", query=expression)["result"]
