"""``bin/demo``: a trading company, a forecast of all it sells, vendor bills that are
read, reorder proposals, and a server to look at.

Everything after the set-up goes over HTTP as a person's browser does it: nothing here
can do what the buyer of the company could not.
"""

import argparse
import fcntl
import signal
import socket
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager

from . import (
    cache,
    demo_approval,
    demo_ask,
    demo_bills,
    demo_database,
    demo_model,
    demo_reorder,
    demo_table,
    demo_warehouse,
    odoo,
    postgres,
    process,
    server,
)
from .bar import Bar
from .client import Client, Refused
from .progress import SetupError, duration, say, step

LOGIN = PASSWORD = "buyer"
PORT = 8069
ENDED = ("done", "failed", "cancelled")
POLL_SECONDS = 0.3
#: a run that has not moved for so long is stuck; a chunk of the demo takes seconds
STALL_SECONDS = 120
LOG_LINES = 15


def main(arguments):
    """``bin/demo``: returns the exit code."""
    options = _parser().parse_args(arguments)
    process.end_like_ctrl_c()
    started = time.monotonic()
    port = _port(options.port)
    more = [demo_warehouse.MODULE] if options.warehouse else []
    more += odoo.add_addons(options.addons) if options.addons else []
    directory = cache.state() / "demo"
    with _alone(directory):
        _prepare()
        with postgres.checkout_cluster().running() as cluster:
            name = demo_database.ensure(
                cluster, directory, anew=options.fresh, more=more
            )
            with (
                demo_model.serving(options.model) as model,
                _serving(cluster, name, directory, port) as odoo_server,
            ):
                demo_model.choose(odoo_server, model)
                complete = _forecast(odoo_server)
                _propose(odoo_server)
                _read_bills(odoo_server)
                _check_bills(odoo_server)
                _ask(odoo_server)
                demo_model.tell(odoo_server, model)
                if options.warehouse:
                    _fill_warehouse(odoo_server)
                say(f"Ready after {duration(time.monotonic() - started)}.")
                if not options.once:
                    _wait_for_the_end(odoo_server)
    return 0 if complete else 1


def _parser():
    parser = argparse.ArgumentParser(
        prog="bin/demo",
        description=(
            "Sets up everything that Odoo 19 with ai_queue needs, makes a small"
            " trading company with two years of invoices, runs AI Forecast for all it"
            " sells, proposes what to reorder, has some vendor bills read and checked,"
            " and keeps serving. The first start takes minutes, the next one seconds."
        ),
    )
    parser.add_argument(
        "--once",
        action="store_true",
        help="end after the forecast; 0 when every product has one",
    )
    parser.add_argument(
        "--fresh", action="store_true", help="throw the demo's database away first"
    )
    parser.add_argument(
        "--model",
        action="store_true",
        help="also let a model look at the forecasts: a server on this machine that"
        " stands in for one",
    )
    parser.add_argument(
        "--warehouse",
        action="store_true",
        help="also keep a DuckDB file in step, and show what three queries of it say"
        " before and after a sale; in a database of its own",
    )
    parser.add_argument(
        "--addons",
        metavar="PATH",
        help="also install the addons in this directory, into a database of its own",
    )
    parser.add_argument(
        "--port", type=int, help=f"where to serve (default: {PORT}, or a free port)"
    )
    return parser


@contextmanager
def _alone(directory):
    """There is one database, so there is one demo at a time."""
    directory.mkdir(parents=True, exist_ok=True)
    with (directory / "demo.lock").open("w") as file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise SetupError("bin/demo is running already in this checkout.") from None
        yield


def _prepare():
    """Get the programs of all parts side by side."""
    with ThreadPoolExecutor() as pool:
        proxy = pool.submit(server.nginx_program)
        odoo.prepare()
        proxy.result()


def _port(wanted):
    """The port to serve on: the wanted one, the usual one, or any."""
    if _is_free(wanted or PORT):
        return wanted or PORT
    if wanted:
        raise SetupError(f"Something else listens on port {wanted} already.")
    return server.free_ports(1)[0]


def _is_free(port):
    with socket.socket() as probe:
        # as nginx does: a port that was used a moment ago is free
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(("127.0.0.1", port))
        except OSError:
            return False
    return True


@contextmanager
def _serving(cluster, name, directory, port):
    """The started server, which stops in the end."""
    odoo_server = server.Server(cluster, name, directory, port=port)
    # what is said about this start shall not be of the last one
    for log in (odoo_server.log, odoo_server.proxy_log):
        log.unlink(missing_ok=True)
    with step("Starting Odoo with its workers, the job runner and a proxy"):
        odoo_server.start()
    try:
        yield odoo_server
    finally:
        odoo_server.stop()


def _forecast(odoo_server):
    """Press the button as the buyer, wait, and print what came out of it.

    Returns whether the run is done and every product has its forecast.
    """
    with _complaining(odoo_server, "The server did not answer as it should"):
        client = Client(odoo_server.url, odoo_server.database, LOGIN, PASSWORD)
        products = client.call("product.template", "search", [("sale_ok", "=", True)])
        pressed = time.monotonic()
        run_id = client.press(products, model="product.template")
        answered = time.monotonic() - pressed
        say(
            f"{LOGIN} pressed Run AI Forecast for {len(products)} products:"
            f" answered in {answered * 1000:.0f} ms."
        )
        run = _watch(client, run_id, odoo_server)
        outcome = demo_table.collect(client, run_id)
    print("\n".join(outcome.lines()), flush=True)
    if run["state"] != "done":
        say(f"The run ended {run['state']}. {run['failure_summary'] or ''}".rstrip())
    if outcome.missing:
        say(f"Without a whole forecast: {', '.join(outcome.missing)}.")
    complete = run["state"] == "done" and outcome.rows and not outcome.missing
    if not complete:
        say(_complaints(odoo_server))
    return bool(complete)


def _propose(odoo_server):
    """Have reordering rules compared with the forecasts, as the buyer."""
    with _complaining(odoo_server, "Reordering was not proposed as it should be"):
        client = Client(odoo_server.url, odoo_server.database, LOGIN, PASSWORD)
        _watch(client, demo_reorder.press(client), odoo_server, "Products compared")
        table, sentence = demo_reorder.lines(client)
    print("\n".join(["", *table]), flush=True)
    say(sentence)


def _read_bills(odoo_server):
    """Have the sample bills read, as the accountant."""
    with _complaining(
        odoo_server, "The bills were not read as they should be", SetupError
    ):
        demo_bills.read(odoo_server)


def _check_bills(odoo_server):
    """Have an agent look at the drafts among them, as the accountant."""
    with _complaining(odoo_server, "The bills were not checked as they should be"):
        client = demo_approval.client(odoo_server)
        run_id = demo_approval.press(client)
        if run_id:
            _watch(client, run_id, odoo_server, "Vendor bills checked")
        table, sentence = demo_approval.lines(client)
    print("\n".join(["", *table]), flush=True)
    say(sentence)


def _ask(odoo_server):
    """Have some questions answered, as the accountant."""
    with _complaining(odoo_server, "A question was not answered as it should be"):
        client = demo_ask.client(odoo_server)
        for question in demo_ask.QUESTIONS:
            report_id, run_id = demo_ask.press(client, question)
            _watch(client, run_id, odoo_server, "Questions answered")
            told = demo_ask.lines(client, report_id, question)
            print("\n".join(["", *told]), flush=True)
    say("More can be asked under AI Queue, Reports, Ask.")


def _fill_warehouse(odoo_server):
    """Have a warehouse follow, as the administrator."""
    with _complaining(
        odoo_server, "The warehouse did not follow as it should", SetupError
    ):
        demo_warehouse.keep_in_step(odoo_server)


@contextmanager
def _complaining(odoo_server, what, *causes):
    """Say what went wrong, and what the server complained of.

    :param causes: exceptions that are told like that, beside those of the way to Odoo
    """
    try:
        yield
    except (OSError, Refused, *causes) as error:
        raise SetupError(f"{what}: {error}\n{_complaints(odoo_server)}") from error


def _watch(client, run_id, odoo_server, title="Products forecast"):
    """Show the run's progress until it has ended; returns its last values."""
    names = ["name", "state", "total", "finished", "failed", "failure_summary"]
    seen, moved = None, time.monotonic()
    with Bar(title) as bar:
        while True:
            [run] = client.call("ai.queue.run", "read", [run_id], names)
            dealt_with = run["finished"] + run["failed"]
            note = f"{run['failed']} failed" if run["failed"] else run["state"]
            bar.show(dealt_with, run["total"], note)
            if run["state"] in ENDED:
                return run
            if (now := (run["state"], dealt_with)) != seen:
                seen, moved = now, time.monotonic()
            elif time.monotonic() - moved > STALL_SECONDS:
                raise SetupError(
                    f"The run has been {run['state']} for {STALL_SECONDS} s without any"
                    " progress: is the job runner at work?\n" + _complaints(odoo_server)
                )
            time.sleep(POLL_SECONDS)


def _complaints(odoo_server):
    """Where the log is, and what it says apart from the requests."""
    marks = (" WARNING ", " ERROR ", " CRITICAL ", "Error: ")
    lines = [
        line
        for line in odoo_server.log_text().splitlines()
        if any(mark in line for mark in marks)
    ]
    return "\n  ".join([f"Odoo's log is {odoo_server.log}.", *lines[-LOG_LINES:]])


def _wait_for_the_end(odoo_server):
    """Keep serving until Ctrl-C."""
    print(
        f"\nOdoo is at {odoo_server.url}\n"
        f"  {LOGIN} / {PASSWORD}             runs forecasts and orders\n"
        f"  {demo_bills.LOGIN} / {demo_bills.PASSWORD}   has vendor bills read; two to"
        f" try are in {demo_bills.bills.DIRECTORY}\n"
        "  admin / admin             sees and sets everything\n"
        f"Its log is {odoo_server.log}. Ctrl-C ends it.",
        flush=True,
    )
    ended = threading.Event()
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, lambda *_: ended.set())
    ended.wait()
    say("Stopping …")
