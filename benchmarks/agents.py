#!/usr/bin/env python3
"""500 vendor bills through the approval agent: by rules, and with a model; then killed.

    benchmarks/agents.py [--bills 500] [--latency 2] [--killed 100]

On a server as in production, with two slots for agents. The model server of the tests
answers after two seconds, and each bill takes four steps: three tools, then a verdict.
The last run is of fewer bills, and one of its workers is killed every ten seconds: each
question shall stand in the ledger with one answer, and each bill have one proposal.

What a run takes of the processors is counted as well, since on a machine that others
use the seconds say little of it.
"""

import argparse
import os
import re
import signal
import statistics
import threading
import time

import serving  # first: it makes "dev" importable
from model_calls import processors, set_parameter, used_since

from dev import command, process, server
from dev.fakemodel import FakeModel
from dev.server import HTTP

MODULES = ["ai_queue_agent", "ai_queue_purchase"]
STEPS = ("read_record", "read_messages", "read_record")
PRESSES, KILL_SECONDS = 15, 10
#: jobs of so few bills that some are under way whenever a worker is killed
KILLED_CHUNK = 10
CHUNK_SIZE = "ai_queue.chunk_size"
STEP = re.compile(r"^Step \d+:", re.MULTILINE)
BUTTON = {"model": "account.move", "button": "action_check_ai_approval"}


def main(arguments):
    """``benchmarks/agents.py``: returns the exit code."""
    parser = argparse.ArgumentParser(
        prog="bin/bench agents", description=__doc__.splitlines()[0]
    )
    parser.add_argument("--bills", type=int, default=500)
    parser.add_argument("--latency", type=float, default=2.0, help="of the model, s")
    parser.add_argument("--killed", type=int, default=100, help="bills of that run")
    parser.add_argument("--in-flight", type=int, default=100, help="requests at a time")
    serving.add_size(parser)
    # Nothing is read of it but what the vendors billed.
    parser.set_defaults(products=200, lines=50_000)
    options = parser.parse_args(arguments)
    with (
        serving.copied("bench_agents", options, MODULES) as copy,
        FakeModel(answer=answer, latency=options.latency) as fake,
    ):
        unknown = options.bills + options.killed + PRESSES
        copy.kept.run_python(
            "from benchmarks.agents_odoo import make\n"
            f"make(env, {options.bills}, {unknown})\n",
            log="bills",
        )
        with server.Server(
            copy.cluster, copy.kept.name, copy.directory, options=copy.options
        ) as odoo_server:
            bench = serving.Bench(odoo_server, copy.kept)
            rows = list(measure(bench, fake, options))
    print(serving.table(["What", "Figure"], rows))
    return 0


def answer(asked):
    """The next step of an agent: three tools, then its verdict."""
    number = len(STEP.findall(asked.text))
    if number < len(STEPS):
        step = {"tool": STEPS[number], "arguments": {}}
    else:
        arguments = {"verdict": "ask", "reasons": ["Nobody knows it."], "message": ""}
        step = {"tool": "finish", "arguments": arguments}
    return {"thought": f"Step {number + 1}.", "step": step}


def measure(bench, fake, options):
    """Rows of the table."""
    ordered, unknown = bills(bench, "ORDERED"), bills(bench, "UNKNOWN")
    yield "press for one bill, p50 and most", press(bench, unknown[:PRESSES])
    rest = unknown[PRESSES:]
    seconds, ended, used, load = run(bench, ordered)
    yield f"press for {len(ordered)} bills", f"{1000 * seconds:.0f} ms"
    yield f"{len(ordered)} bills with orders, by rules", f"{ended:.0f} s"
    yield "… of the processors, and load", f"{used:.0f} s, {load:.1f}"
    yield "… verdicts", verdicts(bench, ordered)
    yield "filter Outdated over all that are open", outdated(bench)
    add_provider(bench, fake, options.in_flight)
    fake.reset_stats()
    some = rest[: options.bills]
    seconds, ended, used, load = run(bench, some)
    yield f"{len(some)} bills, 4 steps of {options.latency:g} s each", f"{ended:.0f} s"
    yield "… of the processors, and load", f"{used:.0f} s, {load:.1f}"
    yield "… questions answered", f"{fake.stats()['answered']:,}"
    yield from killed(bench, fake, rest[options.bills :])


def bills(bench, name):
    domain = [("ref", "=like", f"{name}-%")]
    return bench.admin.call("account.move", "search", domain, order="id")


def press(bench, ids):
    """Each press alone, in the second minute of the server's life."""
    seconds = []
    for bill in ids:
        begun = time.perf_counter()
        one = bench.admin.press([bill], **BUTTON)
        seconds.append(time.perf_counter() - begun)
        bench.wait_ended(one)
    # The first ones build the caches of the processes.
    seconds = seconds[5:]
    middle, most = statistics.median(seconds), max(seconds)
    return f"{1000 * middle:.0f} ms, {1000 * most:.0f} ms"


def outdated(bench):
    """How long it takes to find those that rest on what is no longer so."""
    open_ones = [["state", "=", "open"]]
    count = bench.admin.call("ai.queue.proposal", "search_count", open_ones)
    seconds = []
    for _turn in range(5):
        begun = time.perf_counter()
        bench.admin.call(
            "ai.queue.proposal", "search_count", [["is_outdated", "=", True]]
        )
        seconds.append(time.perf_counter() - begun)
    return f"{1000 * statistics.median(seconds):.0f} ms of {count:,}"


def run(bench, ids):
    """Seconds of the press, until the end, of the processors; and the load."""
    before, begun = processors(bench), time.perf_counter()
    one = bench.admin.press(ids, **BUTTON)
    pressed = time.perf_counter() - begun
    finish(bench, one, len(ids))
    seconds = time.perf_counter() - begun
    used = sum(used_since(before, processors(bench)).values())
    return pressed, seconds, used, os.getloadavg()[0]


def finish(bench, one, count):
    row = bench.wait_ended(one)
    if row["state"] != "done" or row["finished"] != count or row["skipped"]:
        raise SystemExit(f"The run did not end well: {row}")


def verdicts(bench, ids):
    found = {}
    for row in proposals(bench, ids):
        found[row["verdict"]] = found.get(row["verdict"], 0) + 1
    return ", ".join(f"{count} {verdict}" for verdict, count in sorted(found.items()))


def proposals(bench, ids):
    domain = [("res_model", "=", "account.move"), ("res_id", "in", ids)]
    names = ["verdict", "res_id", "state"]
    return bench.admin.call("ai.queue.proposal", "search_read", domain, names)


def add_provider(bench, fake, in_flight):
    """Let the model server answer the agent."""
    model = {"kind": "agent", "model": "fake-large"}
    values = {
        "name": "Model server",
        "base_url": fake.url,
        "max_in_flight": in_flight,
        "model_ids": [(0, 0, model)],
    }
    (bench.provider,) = bench.admin.call("ai.queue.provider", "create", [values])
    domain = [("rules", "=", "bill")]
    agents = bench.admin.call("ai.queue.agent", "search", domain)
    bench.admin.call("ai.queue.agent", "write", agents, {"is_asking_model": True})


def killed(bench, fake, ids):
    """A run whose workers are killed one after the other until it ends."""
    fake.reset_stats()
    known = calls(bench)
    set_parameter(bench, CHUNK_SIZE, str(KILLED_CHUNK))
    begun = time.perf_counter()
    one = bench.admin.press(ids, **BUTTON)
    count, is_over = [0], threading.Event()
    killer = threading.Thread(target=kill_often, args=(bench, one, count, is_over))
    killer.start()
    try:
        finish(bench, one, len(ids))
    finally:
        is_over.set()
        killer.join()
        set_parameter(bench, CHUNK_SIZE, False)
    seconds = time.perf_counter() - begun
    made = proposals(bench, ids)
    states = {}
    for call_id, row in calls(bench).items():
        if call_id not in known:
            states.setdefault(row["key"], []).append(row["state"])
    twice = sum(some.count("answered") > 1 for some in states.values())
    answered = sum("answered" in some for some in states.values())
    lost = sum(some.count("lost") for some in states.values())
    yield (
        f"{len(ids)} bills, a worker killed every {KILL_SECONDS} s",
        f"{seconds:.0f} s",
    )
    yield "… workers killed", count[0]
    yield (
        "… questions, of which in the ledger with one answer",
        (f"{len(states)}, {answered - twice}"),
    )
    yield "… in flight when their worker was killed, asked again", lost
    yield "… bills, proposals", f"{len({row['res_id'] for row in made})}, {len(made)}"


def calls(bench):
    domain = [("provider_id", "=", bench.provider)]
    rows = bench.admin.call(
        "ai.queue.call", "search_read", domain, ["key", "state"], order="id"
    )
    return {row["id"]: row for row in rows}


def kill_often(bench, one, count, is_over):
    """``kill -9`` of one worker that is at a job of the run, every ten seconds."""
    while not is_over.wait(KILL_SECONDS):
        at_work = bench.server.cluster.execute(
            "SELECT worker_pid FROM queue_job WHERE state = 'started' "
            f"AND ai_queue_run_id = {int(one)} ORDER BY date_started LIMIT 1",
            bench.server.database,
        )
        for pid in map(int, at_work.split()):
            if pid in bench.server.processes(HTTP):
                os.kill(pid, signal.SIGKILL)
                process.wait_until_gone([pid], KILL_SECONDS)
                count[0] += 1


if __name__ == "__main__":
    command.run(main)
