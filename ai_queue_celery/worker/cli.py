"""The command that runs a worker."""

import argparse
import contextlib
import logging
import os
import socket
import sys
import threading

import redis

from . import messages, providers, store

VARIABLE = "AI_QUEUE_BROKER_URL"
HELLO_SECONDS = 5.0
#: Fewer for what computes; a question to a model waits more than it works.
CONCURRENCY = 8
#: What computes in Python alone takes a process of its own for each at a time.
POOLS = {"models": "threads", "documents": "threads", "forecasts": "prefork"}
EPILOG = f"""\
environment:
  {VARIABLE}       where Redis is: redis://:PASSWORD@HOST:6379/0, with TLS rediss://…
                            and ?ssl_ca_certs=/path/ca.pem for a certificate of your own
  AI_QUEUE_BASE_URL_<NAME>  where the provider <NAME> is reached from this machine, like
                            https://api.openai.com/v1 (NAME: as in Odoo, in capitals,
                            with underscores)
  AI_QUEUE_KEY_<NAME>       its key
  AI_QUEUE_HEADERS_<NAME>   extra headers, like: api-key: {{api_key}}
  AI_QUEUE_QUERY_<NAME>     extra query, like: api-version=2024-10-21

A worker takes questions to those providers only that its environment names. One that
reads documents or calculates forecasts needs none of these but the first; to read
pictures it needs PP-OCR or Tesseract, and to calculate the same versions of numpy and
lightgbm as Odoo has. None needs Odoo or its database. Stop it with SIGTERM: what it is
at ends first.
"""


def main(arguments=None):
    """Run a worker until it is stopped; the exit code."""
    options = _parse(arguments)
    names = providers.get_names() if options.kind == "models" else []
    if options.kind == "models":
        queues = list(map(messages.queue_name, names))
    else:
        queues = [messages.PIECES[options.kind][0]]
    if missing := _find_missing(options, queues):
        sys.stderr.write(f"worker: {missing}\n")
        return 2
    level = getattr(logging, options.log_level.upper())
    logging.basicConfig(
        level=level, format="%(asctime)s %(levelname)s %(name)s: %(message)s"
    )
    connection = store.connect(
        options.broker, retry_on_timeout=True, max_connections=options.concurrency + 8
    )
    from celery import signals

    app = messages.make_app(options.broker, worker_hijack_root_logger=False)
    host = options.name or socket.gethostname()
    _add_tasks(app, connection, host)
    for keyless in providers.get_keyless(names):
        logging.getLogger(__name__).warning("%s is not set: asked without", keyless)
    name = f"{host}:{os.getpid()}"
    ended = threading.Event()
    hello = threading.Thread(
        target=_say_hello, args=(connection, name, names, options, ended), daemon=True
    )
    # Whatever a thread is at when others fork off, an import for one, they wait for.
    signals.worker_ready.connect(lambda **_: hello.start(), weak=False)
    try:
        app.worker_main(
            [
                *("worker", "--pool", POOLS[options.kind]),
                *("--hostname", f"ai_queue@{name}"),
                *("--concurrency", str(options.concurrency)),
                *("--queues", ",".join(queues)),
                *("--loglevel", options.log_level, "--without-gossip"),
                "--without-mingle",
            ]
        )
    finally:
        ended.set()
        if hello.ident:
            hello.join()
    return 0


def _find_missing(options, queues):
    """What has to be said before a worker can run, as a sentence; None for nothing."""
    if not options.broker:
        return f"Say where Redis is: set {VARIABLE}, as --help shows."
    if not messages.is_address(options.broker):
        return (
            f"{VARIABLE} is no address of Redis. Percent-encode its password: "
            "/ as %2F, @ as %40, # as %23, ? as %3F."
        )
    if not queues:
        return "Name a provider to ask: set AI_QUEUE_BASE_URL_<NAME>, as --help shows."
    return None


def _parse(arguments):
    parser = argparse.ArgumentParser(
        prog="worker",
        description="Ask models, read documents or calculate forecasts, on a machine "
        "without Odoo.",
        epilog=EPILOG,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument(
        "--broker",
        metavar="URL",
        default=os.environ.get(VARIABLE),
        help=f"where Redis is (default: {VARIABLE}, which other users cannot see)",
    )
    parser.add_argument(
        "--kind",
        choices=store.KINDS,
        default="models",
        help="ask models, read documents, or calculate forecasts and learn for them "
        "(default: %(default)s)",
    )
    parser.add_argument(
        "--concurrency",
        type=int,
        metavar="N",
        help=f"at a time (default: {CONCURRENCY} questions; of all else, one for each "
        "processor)",
    )
    parser.add_argument(
        "--name", help="of this machine on Odoo's screens (default: its host name)"
    )
    parser.add_argument(
        "--log-level", default="info", choices=("debug", "info", "warning", "error")
    )
    options = parser.parse_args(arguments)
    if options.concurrency is None:
        processors = len(os.sched_getaffinity(0))
        options.concurrency = CONCURRENCY if options.kind == "models" else processors
    if options.concurrency < 1:
        parser.error("--concurrency is at least 1")
    return options


def _add_tasks(app, connection, host):
    from . import work

    @app.task(name=messages.ASK)
    def ask(database, call):
        return work.ask(connection, str(database), str(call), host)

    @app.task(name=messages.READ)
    def read(database, call):
        return work.read(connection, str(database), str(call))

    @app.task(name=messages.CALCULATE)
    def calculate(database, call):
        return work.calculate(connection, str(database), str(call))


def _say_hello(connection, name, names, options, ended):
    """Tell the others every few seconds that this worker is there, and how it is."""
    from celery.worker import state

    from . import packing, work

    host = name.rpartition(":")[0]
    while True:
        values = {
            "host": host,
            "pid": os.getpid(),
            "version": packing.VERSION,
            "code": packing.get_code_of(options.kind),
            "python": ".".join(map(str, sys.version_info[:3])),
            "kind": options.kind,
            "providers": names,
            "concurrency": options.concurrency,
            "running": len(state.active_requests),
            "done": work.COUNTERS.get("done"),
            "failed": work.COUNTERS.get("failed"),
            "clock": store.clock(),
        }
        try:
            store.say_hello(connection, name, values)
        except redis.RedisError as error:
            logging.getLogger(__name__).warning("Redis is not there: %s", error)
        if ended.wait(HELLO_SECONDS):
            break
    # Else the others notice by themselves.
    with contextlib.suppress(redis.RedisError):
        store.say_goodbye(connection, name)
