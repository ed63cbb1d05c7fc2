"""A server as in production on a copy of the bulk database, for the benchmarks."""

import shutil
import sys
from contextlib import contextmanager
from pathlib import Path
from typing import NamedTuple

HERE = Path(__file__).resolve().parent
sys.path.insert(0, str(HERE.parent))

from benchmarks import bulk  # noqa: E402
from dev import cache, database, odoo, postgres, process, server  # noqa: E402
from dev.client import Client  # noqa: E402
from dev.progress import step  # noqa: E402

ADDONS = HERE / "addons"
ENDED = ("done", "failed", "cancelled")


def add_size(parser):
    """The options that say how large the database is."""
    parser.add_argument("--products", type=int, default=bulk.PRODUCTS)
    parser.add_argument("--lines", type=int, default=bulk.LINES)


class Bench:
    """A running server and the administrator, who presses; see ``serving``."""

    def __init__(self, odoo_server, kept):
        self.server = odoo_server
        self.kept = kept
        self.admin = Client(odoo_server.url, odoo_server.database, "admin", "admin")
        #: the products of the bulk database
        self.products = self.admin.call(
            "product.product", "search", [("default_code", "=like", "A%")], order="id"
        )

    def run(self, run_id):
        """The row of a run."""
        names = ["state", "total", "finished", "skipped", "failed", "duration"]
        (row,) = self.admin.call("ai.queue.run", "read", [run_id], names)
        return row

    def wait_ended(self, run_id, seconds=1800):
        """Wait until a run has ended; returns its row."""
        process.wait_until(
            lambda: self.run(run_id)["state"] in ENDED,
            f"the end of run {run_id}",
            seconds,
            interval=0.1,
        )
        return self.run(run_id)


class Copy(NamedTuple):
    """A database that may be changed, and what starts a server on it."""

    cluster: postgres.Cluster
    kept: database.Kept
    directory: Path
    options: dict


@contextmanager
def copied(name, options, modules=()):
    """A ``Copy`` of the bulk database, by the name ``name``, dropped in the end.

    :param options: has ``products`` and ``lines``
    :param modules: addons of ``benchmarks/addons`` that are installed, too
    """
    with postgres.checkout_cluster().running() as cluster:
        template = bulk.template(cluster, options.products, options.lines)
        directory = cache.state() / "benchmarks"
        kept = database.Kept(cluster, name, modules, directory, template)
        paths = ",".join(map(str, [*odoo.addons_directories(), ADDONS]))
        # What the logs tell is measured: those of the last time are not of this one.
        shutil.rmtree(directory / name, ignore_errors=True)
        try:
            with step("Copying the database"):
                _copy(cluster, template, name)
            if modules:
                kept.run(
                    *("--addons-path", paths, "-i", ",".join(modules)),
                    "--stop-after-init",
                    log="install",
                )
            yield Copy(cluster, kept, directory / name, {"addons_path": paths})
        finally:
            cluster.drop_database(name)
            shutil.rmtree(_filestore(name), ignore_errors=True)


@contextmanager
def serving(name, options, modules=()):
    """A ``Bench`` on the database ``name``; see ``copied``."""
    with copied(name, options, modules) as copy:
        with server.Server(
            copy.cluster, name, copy.directory, options=copy.options
        ) as odoo_server:
            yield Bench(odoo_server, copy.kept)


def _copy(cluster, source, target):
    cluster.drop_database(target)
    cluster.create_database(target, source)
    shutil.rmtree(_filestore(target), ignore_errors=True)
    if _filestore(source).exists():
        shutil.copytree(_filestore(source), _filestore(target))


def _filestore(name):
    return odoo.data_directory() / "filestore" / name


def table(head, rows):
    """Lines of a Markdown table."""
    lines = [head, ["---", *["---:"] * (len(head) - 1)], *rows]
    return "\n".join(f"| {' | '.join(map(str, line))} |" for line in lines)
