"""``python -m engine.tests.fakemodel``: the server as a process of its own."""

import argparse
import importlib
import signal
import sys
import threading

from .server import FakeModel
from .settings import STRUCTURES


def main():
    """Serve until interrupted."""
    parser = argparse.ArgumentParser(
        prog="python -m engine.tests.fakemodel",
        description="A local server that speaks OpenAI's Chat Completions. Its base "
        "URL is the first line of output. POST /_control changes what it does, GET "
        "/_stats says what it was asked.",
    )
    parser.add_argument("--host", default="127.0.0.1")
    parser.add_argument("--port", type=int, default=0, help="0 (default): any free one")
    parser.add_argument("--latency", type=float, default=0.0, metavar="SECONDS")
    parser.add_argument("--key", help="the key that it wants (default: none)")
    parser.add_argument(
        "--model",
        action="append",
        default=[],
        help="a model that it has; may be given again (default: every name is taken)",
    )
    parser.add_argument("--structure", choices=STRUCTURES, default=STRUCTURES[0])
    parser.add_argument(
        "--answer",
        metavar="MODULE:FUNCTION",
        help="what answers in place of filler: a function of fakemodel.Asked",
    )
    options = parser.parse_args()
    fake = FakeModel(
        answer=_load(options.answer) if options.answer else None,
        host=options.host,
        port=options.port,
        latency=options.latency,
        key=options.key,
        models=tuple(options.model),
        structure=options.structure,
    )
    stopped = threading.Event()
    for name in (signal.SIGTERM, signal.SIGINT):
        signal.signal(name, lambda *_: stopped.set())
    with fake:
        print(fake.url, flush=True)  # pylint: disable=print-used
        stopped.wait()


def _load(name):
    module, _, function = name.partition(":")
    return getattr(importlib.import_module(module), function)


if __name__ == "__main__":
    sys.exit(main())
