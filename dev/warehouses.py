"""Servers that stand in for the warehouses of the cloud, each in an environment of its
own: nothing of theirs gets into Odoo's. Its drivers are the real ones."""

import os
import shutil
import socket
import subprocess
from contextlib import contextmanager

from . import process, python
from .progress import SetupError
from .server import free_ports

#: of the connector, 5.2 cannot log in at the server
SNOWFLAKE = "snowflake-connector-python==4.8.1"
DRIVERS = (SNOWFLAKE, "google-cloud-bigquery>=3.30,<4")
FAKESNOW = ("fakesnow[server]==0.12.1", SNOWFLAKE)
BIGQUERY = ("local-bigquery==0.4.0",)
#: DuckDB has its extensions on PyPI for this version, and fetches none from elsewhere
DUCKDB = "1.5.5"
EXTENSIONS = ("ducklake", "icu", "json", "parquet", "spatial")
BIGQUERY_PYTHON = (3, 13)
PROJECT = "sales-123456"
START_SECONDS, STOP_SECONDS = 120, 60


def drivers():
    """The ``site-packages`` with the drivers that Odoo imports where they are used."""
    return python.packages("warehouse-drivers", *DRIVERS)


@contextmanager
def snowflake(directory):
    """fakesnow, as ``host:port``."""
    venv = python.program("fakesnow", *FAKESNOW)
    (port,) = free_ports(1)
    command = [venv / "bin/fakesnow", "--server", "--port", port]
    with _serving("fakesnow", command, port, directory):
        yield f"localhost:{port}"


@contextmanager
def bigquery(directory):
    """local-bigquery, as ``host:port``; None where no Python is new enough for it."""
    base = python.newer(BIGQUERY_PYTHON)
    if not base:
        yield None
        return
    extensions = [f"duckdb-extension-{name}=={DUCKDB}" for name in EXTENSIONS]
    instead = [f"duckdb=={DUCKDB}", *extensions]
    venv = python.program("local-bigquery", *BIGQUERY, instead=instead, base=base)
    # It looks for extensions in the home directory, and only there.
    home = directory / "local-bigquery"
    kept = home / f".duckdb/extensions/v{DUCKDB}/linux_amd64"
    kept.mkdir(parents=True, exist_ok=True)
    for path in python.site_packages(venv).glob("*/extensions/*/*.duckdb_extension"):
        shutil.copy(path, kept)
    port, rpc_port = free_ports(2)
    command = [
        *(venv / "bin/local-bigquery", "--host", "127.0.0.1", "--port", port),
        *("--grpc-port", rpc_port, "--project", PROJECT),
        *("--data-dir", home / "data"),
    ]
    with _serving("local-bigquery", command, port, directory, HOME=str(home)):
        yield f"localhost:{port}"


@contextmanager
def _serving(name, command, port, directory, **environment):
    directory.mkdir(parents=True, exist_ok=True)
    log = directory / f"{name}.log"
    with log.open("wb") as out:
        child = subprocess.Popen(
            [str(word) for word in command],
            env={**os.environ, **environment},
            stdin=subprocess.DEVNULL,
            stdout=out,
            stderr=out,
            start_new_session=True,
        )
    try:
        process.wait_until(
            lambda: child.poll() is not None or _answers(port),
            f"{name} answers",
            START_SECONDS,
        )
        if child.poll() is not None:
            raise SetupError(f"{name} ended at once: {log.read_text()[-2000:]}")
        yield
    finally:
        process.kill_session(child.pid, STOP_SECONDS)
        child.wait()


def _answers(port):
    with socket.socket() as probe:
        return probe.connect_ex(("127.0.0.1", port)) == 0
