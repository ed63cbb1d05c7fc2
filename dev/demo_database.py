"""The database of ``bin/demo``."""

from datetime import datetime, timezone

from . import cache, database, postgres
from .bar import Bar
from .progress import say, step

NAME = "demo"
MODULES = (
    "account",
    "ai_queue",
    "ai_queue_stock",
    "ai_queue_agent",
    "ai_queue_report",
    "purchase_stock",
)

LOAD = """\
from datetime import date

from dev.company.bills import set_up
from dev.company.load import load
from dev.company.stock import set_up as set_up_stock


def progress(done, total):
    print("posted", done, "of", total, flush=True)


load(env, date.fromisoformat("{end}"), progress=progress)
set_up(env)
set_up_stock(env)
env.cr.commit()
"""


def ensure(cluster, directory, *, anew=False, more=()):
    """Have the trading company in a database; ``anew`` starts afresh.

    One that is there is kept as it is, with what people did in it. Its invoices end on
    the day when it was made.

    :param more: names of further addons; with them it is a database of its own
    :return: the name of the database
    """
    name = "_".join([NAME, *more])[: postgres.NAME_LENGTH]
    recipe = database.digest_of_files((cache.CHECKOUT / "dev/company").glob("*.*"))
    kept = database.Kept(cluster, name, (*MODULES, *more), directory, recipe)

    def fill():
        with step("Trading for two years"), Bar("Invoices posted") as bar:
            kept.run_python(
                # Odoo's own idea of today: it refuses nothing that is not later
                LOAD.format(end=datetime.now(timezone.utc).date()),
                log="company",
                progress=(r"posted (\d+) of (\d+)", bar),
            )

    if kept.ensure(fill, anew=anew):
        say(f"The database {name} is there.")
    return name
