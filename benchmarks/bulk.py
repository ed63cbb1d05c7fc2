#!/usr/bin/env python3
"""A database with 8,000 products and 2,000,000 posted invoice lines, to measure on.

    benchmarks/bulk.py                                  the full size
    benchmarks/bulk.py --products 200 --lines 50000     a small one

Prints the name of a database that is kept in the checkout's cluster and is meant to be
copied; other benchmarks call ``template()``.

What an article, an invoice and a credit note look like is left to Odoo, which makes one
of each; ``bulk.sql`` multiplies them with other products, days, quantities and amounts.
So every column holds what Odoo stores there, also those of other addons. At the end
some documents are compared with what Odoo makes of the same lines.
"""

import argparse
import sys
from datetime import date, timedelta
from pathlib import Path

HERE = Path(__file__).resolve().parent
sys.path.insert(0, str(HERE.parent))

from dev import cache, command, database, postgres  # noqa: E402
from dev.progress import SetupError, step  # noqa: E402

PRODUCTS = 8_000
LINES = 2_000_000
WEEKS = 104
MODULES = ("account", "ai_queue")

#: product lines on one invoice
INVOICE_LINES = 20
CUSTOMERS = 200


def main(arguments):
    """``benchmarks/bulk.py``: returns the exit code."""
    parser = argparse.ArgumentParser(prog="benchmarks/bulk.py")
    parser.add_argument("--products", type=int, default=PRODUCTS)
    parser.add_argument("--lines", type=int, default=LINES)
    parser.add_argument("--weeks", type=int, default=WEEKS)
    parser.add_argument("--fresh", action="store_true", help="make it anew")
    options = parser.parse_args(arguments)
    with postgres.checkout_cluster().running() as cluster:
        name = template(
            cluster,
            options.products,
            options.lines,
            options.weeks,
            anew=options.fresh,
        )
    print(name)
    return 0


def template(cluster, products=PRODUCTS, lines=LINES, weeks=WEEKS, *, anew=False):
    """The name of the database of that size, made when it is not there.

    Its history ends with last week, so it is made anew when a week has passed. Copy it
    with ``cluster.create_database(name, template)`` rather than work in it.
    """
    today = date.today()
    monday = today - timedelta(days=today.weekday())
    name = f"bulk_{products}_{lines}_{weeks}"
    files = database.digest_of_files(HERE.glob("bulk*.*"))
    kept = database.Kept(
        cluster, name, MODULES, cache.state() / "benchmarks", f"{monday} {files}"
    )

    def fill():
        with step("Making one of each in Odoo"):
            kept.run_python(
                "from benchmarks.bulk_odoo import make_prototypes\n"
                f"make_prototypes(env, {CUSTOMERS})\n",
                log="prototypes",
            )
        variables = {
            "products": products,
            "lines": lines,
            "weeks": weeks,
            "monday": monday,
            "invoice_lines": INVOICE_LINES,
        }
        with step(f"Multiplying to {lines:,} invoice lines"):
            options = [f"--set={key}={value}" for key, value in variables.items()]
            _psql(cluster, name, "-1", *options, "--file", HERE / "bulk.sql")
            _psql(cluster, name, "--command", "VACUUM (ANALYZE)")
        with step("Asking Odoo whether it agrees"):
            kept.run_python(
                "from benchmarks.bulk_odoo import check\ncheck(env)\n", log="check"
            )

    kept.ensure(fill, anew=anew)
    return name


def _psql(cluster, name, *arguments):
    result = cluster.client(
        *("psql", "--no-psqlrc", "--quiet", "--set=ON_ERROR_STOP=1"),
        *(f"--dbname={name}", "--output=/dev/null", *arguments),
        check=False,
        capture_output=True,
        text=True,
    )
    if result.returncode:
        raise SetupError(f"PostgreSQL: {result.stderr.strip()}")


if __name__ == "__main__":
    command.run(main)
