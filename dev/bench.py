"""``bin/bench``: every measurement of ``benchmarks/``, by its name."""

import importlib
import signal

from . import engine
from .progress import SetupError

#: name → its file in ``benchmarks/``, and what it measures
BENCHMARKS = {
    "isolation": ("isolation", "what people notice while others press AI buttons"),
    "bills": ("bills", "1,400 vendor bills through a server, and people beside it"),
    "operations": ("operations", "the Operations screen with 1,000,000 jobs"),
    "boards": ("boards", "a board of 20 tiles: opening it, and making it anew"),
    "questions": ("report_questions", "questions in words: right ones, and their time"),
    "growth": ("growth", "what grows with 100,000 products and 1,000,000 jobs"),
    "soak": ("soak", "everything at work while everything breaks, for hours"),
    "press": ("press", "how long a press of Run AI Forecast takes"),
    "run": ("forecast_run", "8,000 products from the press to the last forecast"),
    "calls": ("model_calls", "8,000 products through a model that takes two seconds"),
    "celery": ("workers", "what the hand-off to workers costs, and what they gain"),
    "elsewhere": ("forecast_workers", "what workers take off Odoo that forecast"),
    "speed": ("forecast_speed", "the forecasting engine alone"),
    "reorder": ("reorder", "reordering played through: what is missing, and stock"),
    "accuracy": ("forecast_accuracy", "errors of forecasts, on series of others"),
    "invoices": ("invoices", "what is read of documents, on documents of others"),
    "warehouse": ("warehouse", "invoice lines into a warehouse, and what goes wrong"),
    "agents": ("agents", "500 vendor bills through the approval agent"),
}
#: what tells the environment of the benchmarks from others
MODULES = ("lxml", "matplotlib", "numpy", "pypdfium2", "websocket")
USAGE = """\
bin/bench NAME [options] measures; bin/bench NAME --help tells the options.

{names}

Results stand in benchmarks/README.md, with what the machine was doing meanwhile. Those
that need a server start one of their own, with a database of their own.
"""


def main(arguments):
    """``bin/bench``: returns the exit code."""
    if not arguments or arguments[0] in ("-h", "--help"):
        lines = (f"  {name:11}{what}" for name, (_file, what) in BENCHMARKS.items())
        print(USAGE.format(names="\n".join(lines)), end="")
        return 0
    name, *rest = arguments
    if name not in BENCHMARKS:
        raise SetupError(
            f"There is no benchmark {name}; there are {', '.join(BENCHMARKS)}."
        )
    engine.ensure(*MODULES, of="bench")
    # ends like Ctrl-C, so that servers are stopped in order
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    file, _what = BENCHMARKS[name]
    return importlib.import_module(file).main(rest)
