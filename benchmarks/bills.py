"""1,400 vendor bills through a server as in production, and what people notice of it.

    bin/bench bills [--bills 1400] [--idle 30]

The documents of ``../shared/data/invoices`` beside the repository, again and again and
each time another file, are uploaded over HTTP to a purchase journal, five hundred at a
time. The server is deployed as recommended (``systemd/``), with
two slots for bills in ``root.ai_processing``. Four people open a page of the list of
products every second meanwhile, and before and after it.

Prints how long it took, the memory of the processes, what became of every bill, whether
one was read twice or lost, and how fast the pages came. Needs Tesseract for pictures.
"""

import argparse
import base64
import itertools
import multiprocessing
import os
import re
import statistics
import sys
import threading
import time
from collections import Counter
from concurrent.futures import ProcessPoolExecutor
from contextlib import ExitStack
from pathlib import Path

import memory
import people
import serving

from dev import bar, cache, deployment, process, server
from dev.client import Client

DATA = cache.CHECKOUT.parent / "shared/data/invoices/docs"
DATABASE = "bench_bills"
BILLS = 1400
CHANNELS = "root:4,root.ai_processing:2"
READERS, PACE = 4, 1.0
USER = ("base.group_user", "ai_queue.ai_queue_group_user")
#: files that are dropped on the journal at once
DROP = 500
#: how the process that uploads gives way (man 2 nice): in truth it is another computer
MODEST = 19
#: how a file becomes another one with the same content
COMMENTS = {".xml": b"\n<!-- %d -->\n", ".pdf": b"\n%%%% %d\n"}
BYTES_BEHIND = b"%08d"
TYPES = {
    ".xml": "application/xml",
    ".pdf": "application/pdf",
    ".png": "image/png",
    ".jpg": "image/jpeg",
    ".jpeg": "image/jpeg",
    ".tif": "image/tiff",
    ".tiff": "image/tiff",
    ".webp": "image/webp",
}
READING = re.compile(r"ai_queue_timing\S* reading (\d+) took ([\d.]+) s")
#: demanded: p95 of other people's reads, of that without bills
P95 = 1.25
STALL_SECONDS = 600
MEANWHILE = "meanwhile"


def main(arguments):
    """``benchmarks/bills.py``: returns the exit code."""
    parser = argparse.ArgumentParser(
        prog="bin/bench bills", description=__doc__.splitlines()[0]
    )
    serving.add_size(parser)
    parser.set_defaults(products=2000, lines=100_000)
    parser.add_argument("--bills", type=int, default=BILLS)
    parser.add_argument("--idle", type=float, default=30, help="seconds before, after")
    options = parser.parse_args(arguments)
    if not DATA.is_dir():
        sys.exit(
            f"bills: the documents are missing: {DATA} is no folder. They are not part "
            "of this repository."
        )
    with (
        serving.copied(DATABASE, options, ["ai_queue_timing"]) as copy,
        deployment.running(
            copy.cluster,
            DATABASE,
            copy.directory,
            options=copy.options,
            channels=CHANNELS,
        ) as (web, jobs),
        ExitStack() as stack,
    ):
        result = measure(copy.cluster, web, jobs, stack, options)
    print_result(result, options)
    misses = judge(result, options.bills)
    print("\n".join(misses) or "\nAll that is demanded is kept.")
    return 1 if misses else 0


# ------------------------------------------------------------
# MEASURING
# ------------------------------------------------------------


def measure(cluster, web, jobs, stack, options):
    """Idle, all bills, idle: plain numbers of everything."""
    admin = Client(web.url, DATABASE, "admin", "admin")
    journal = open_journal(admin)
    crowd = people.hire(admin, web.url, READERS, USER)
    leafing = threading.Event()
    pages = itertools.cycle(range(options.products // people.PAGE))
    readers = [
        people.Person(
            client,
            lambda who: people.read_products(who, next(pages)),
            pace=PACE,
            is_on=leafing,
            offset=PACE / READERS * number,
        )
        for number, client in enumerate(crowd)
    ]
    for client in crowd * 10:
        people.read_products(client, next(pages))
    # Else PostgreSQL finds out halfway what there is, and plans anew.
    cluster.execute("VACUUM (ANALYZE)", DATABASE)
    for person in readers:
        stack.enter_context(person)
    leafing.set()
    before = people.span(options.idle)
    with memory.Watch(
        {
            "web workers": lambda: web.processes(server.HTTP),
            "job workers": lambda: jobs.processes(server.HTTP),
            "reading": reading_processes,
        }
    ) as watch:
        begun = time.monotonic()
        upload_elsewhere(web.url, journal, options.bills)
        uploaded = time.monotonic()
        wait_read(cluster, options.bills)
        ended = time.monotonic()
    after = people.span(options.idle)
    return {
        "upload": uploaded - begun,
        "total": ended - begun,
        "spans": {
            "before": before,
            MEANWHILE: (begun, ended),
            "of it, while files are uploaded": (begun, uploaded),
            "of it, afterwards": (uploaded, ended),
            "after": after,
        },
        "moments": [moment for person in readers for moment in person.moments],
        "memory": watch,
        "readings": READING.findall(jobs.log_text()),
        **outcome(cluster),
    }


def open_journal(admin):
    """The purchase journal, whose bills are read from now on."""
    domain = [("type", "=", "purchase")]
    (journal, *_others) = admin.call("account.journal", "search", domain)
    admin.call("account.journal", "write", [journal], {"ai_queue_read_bills": True})
    return journal


def documents(count):
    """(name, content) of so many files, no two of them equal."""
    files = sorted(path for path in DATA.rglob("*") if path.suffix.lower() in TYPES)
    for number, path in zip(range(count), itertools.cycle(files), strict=False):
        behind = COMMENTS.get(path.suffix.lower(), BYTES_BEHIND) % number
        yield f"{number:05}-{path.name}", path.read_bytes() + behind


def upload_elsewhere(url, journal, count):
    """The same as ``upload``, as if by a computer other than the one that is measured.

    In this process it would hold up the readers, whose threads take turns with it.
    """
    context = multiprocessing.get_context("spawn")
    with ProcessPoolExecutor(1, context, os.nice, (MODEST,)) as pool:
        pool.submit(upload, url, journal, count).result()


def upload(url, journal, count):
    """Drop the files on the journal, some at a time."""
    admin = Client(url, DATABASE, "admin", "admin")
    context = {"default_journal_id": journal, "default_move_type": "in_invoice"}
    files, uploaded = documents(count), 0
    with bar.Bar("Bills uploaded") as shown:
        while drop := list(itertools.islice(files, DROP)):
            ids = [attach(admin, name, content) for name, content in drop]
            admin.call(
                "account.journal",
                "create_document_from_attachment",
                "",
                ids,
                context=context,
            )
            uploaded += len(drop)
            shown.show(uploaded, count)


def attach(admin, name, content):
    """Upload one file; returns the id of its attachment."""
    (attachment,) = admin.call(
        "ir.attachment",
        "create",
        [
            {
                "name": name,
                "mimetype": TYPES[Path(name).suffix.lower()],
                "datas": base64.b64encode(content).decode(),
            }
        ],
        # as the web client does: a picture stays another one
        context={"image_no_postprocess": True},
    )
    return attachment


def reading_processes():
    """The processes that read a file now, and their helpers."""
    found = process.mentioning("documents import worker")
    return [pid for leader in found for pid in process.session(leader)]


def wait_read(cluster, count):
    """Wait until every bill has an outcome; gives up when nothing moves any more."""
    seen, moved = None, time.monotonic()
    with bar.Bar("Bills read") as shown:
        while left := count_waiting(cluster):
            shown.show(count - left, count)
            if left != seen:
                seen, moved = left, time.monotonic()
            if time.monotonic() - moved > STALL_SECONDS:
                raise SystemExit(f"Nothing was read for {STALL_SECONDS} s.")
            time.sleep(1)
        shown.show(count, count)


def count_waiting(cluster):
    """How many files have no bill, or one without an outcome; or jobs still at work."""
    ((waiting,),) = rows(
        cluster,
        "SELECT greatest((SELECT count(*) FROM ai_queue_bill_reading "
        "WHERE is_current AND state IN ('pending', 'started')) + "
        "(SELECT count(*) FROM ir_attachment "
        "WHERE res_model IS NULL AND name ~ '^[0-9]{5}-'), "
        "(SELECT count(*) FROM queue_job "
        "WHERE state NOT IN ('done', 'failed', 'cancelled')))",
    )
    return int(waiting)


def rows(cluster, query):
    """The rows of a query, all of text."""
    output = cluster.execute(query, DATABASE)
    return [line.split("|") for line in output.splitlines()]


def outcome(cluster):
    """What became of the bills: counts of states, reasons and attempts."""
    by_state = rows(
        cluster,
        "SELECT state, count(*) FROM ai_queue_bill_reading WHERE is_current "
        "GROUP BY state ORDER BY state",
    )
    by_reason = rows(
        cluster,
        "SELECT reason_code, count(*) FROM ai_queue_bill_reading "
        "WHERE is_current AND state = 'review' GROUP BY 1 ORDER BY 2 DESC",
    )
    jobs = rows(cluster, "SELECT state, count(*) FROM queue_job GROUP BY state")
    ((imported,),) = rows(
        cluster,
        "SELECT count(*) FROM account_move move WHERE move_type IN "
        "('in_invoice', 'in_refund') AND NOT EXISTS (SELECT FROM ai_queue_bill_reading "
        "reading WHERE reading.move_id = move.id)",
    )
    return {
        "states": {state: int(count) for state, count in by_state},
        "reasons": {code: int(count) for code, count in by_reason},
        "jobs": {state: int(count) for state, count in jobs},
        "imported": int(imported),
    }


# ------------------------------------------------------------
# WHAT CAME OF IT
# ------------------------------------------------------------


def print_result(result, options):
    """All tables."""
    count, total = options.bills, result["total"]
    took = [float(seconds) for _reading, seconds in result["readings"]]
    print(
        f"\n{count:,} bills in {total / 60:.1f} minutes, uploads included "
        f"({result['upload'] / 60:.1f} minutes): {60 * count / total:.0f} a minute.\n"
        f"{result['imported']:,} of them are e-invoices that Odoo imported by itself. "
        f"Reading one of the others took {statistics.mean(took):.1f} s on average.\n"
    )
    states = [(state, number) for state, number in result["states"].items()]
    print(serving.table(["State", "bills"], states))
    print()
    print(serving.table(["To review because", "bills"], result["reasons"].items()))
    watch = result["memory"]
    cells = [
        (name, f"{watch.single[name]:.0f} MB", f"{watch.together[name]:.0f} MB")
        for name in watch.single
    ]
    print()
    print(serving.table(["Peak memory", "one process", "all at a time"], cells))
    print()
    found = spans(result)
    cells = [
        (
            name,
            one.count,
            f"{1000 * one.p50:.0f} ms",
            f"{1000 * one.p95:.0f} ms",
            f"{one.p95 / idle(result).p95:.2f}",
            one.gateway + one.other,
        )
        for name, one in found.items()
    ]
    head = ["Reads of others", "pages", "p50", "p95", "of idle", "errors"]
    print(serving.table(head, cells))


def spans(result):
    """``people.Figures`` of each span of time."""
    return {
        name: people.figures(result["moments"], [window])
        for name, window in result["spans"].items()
    }


def idle(result):
    """``people.Figures`` of the time without bills."""
    windows = [result["spans"][name] for name in ("before", "after")]
    return people.figures(result["moments"], windows)


def judge(result, bills):
    """What is missed of what is demanded: sentences."""
    reads = Counter(reading for reading, _seconds in result["readings"])
    twice = sum(number > 1 for number in reads.values())
    states, found = result["states"], spans(result)[MEANWHILE]
    read = sum(states.values())
    demands = {
        f"{twice} bills were read twice.": not twice,
        "Bills were lost, or made out of nothing.": bills == read + result["imported"],
        "Not every bill that was queued was read.": len(reads) == read,
        "Bills failed.": set(states) <= {"done", "review"},
        "Jobs failed.": set(result["jobs"]) <= {"done"},
        f"The p95 of others' reads is above {P95} times idle.": found.p95
        <= P95 * idle(result).p95,
        "Reads of others failed.": not found.gateway + found.other,
    }
    return [sentence for sentence, is_kept in demands.items() if not is_kept]
