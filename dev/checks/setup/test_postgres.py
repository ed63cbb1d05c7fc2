"""The private database server: shared, stopped by its last user, safe to kill."""

import subprocess
import sys

import pytest

from dev import cache, postgres, process

#: another process that uses the cluster until its standard input ends
USE = """
import sys
sys.path.insert(0, {checkout!r})
from dev.postgres import Cluster

with Cluster({directory!r}).running():
    print("up", flush=True)
    sys.stdin.read()
"""


@pytest.fixture
def cluster(request, workspace):
    """A new cluster, not started."""
    is_disposable = getattr(request, "param", False)
    cluster = postgres.Cluster(workspace.directory / "setup", is_disposable)
    yield cluster
    cluster.remove()


def test_the_role_makes_databases_and_extensions_but_is_no_superuser(cluster):
    with cluster.running():
        cluster.create_database("one")
        for name in postgres.EXTENSIONS:
            cluster.execute(f"CREATE EXTENSION {name}", "one")
        super_ = "SELECT rolsuper FROM pg_roles WHERE rolname = current_user"
        assert cluster.execute(super_) == "f"
        cluster.create_database("two", "one")
        assert cluster.databases() == ["one", "two"]
        cluster.drop_database("one")
        cluster.drop_database("one")
        assert cluster.databases() == ["two"]


def test_it_listens_to_nobody_but_its_owner(cluster):
    with cluster.running():
        assert cluster.execute("SHOW listen_addresses") == ""
        assert cluster.host.stat().st_mode & 0o777 == 0o700


def test_the_last_user_stops_it(cluster):
    script = USE.format(checkout=str(cache.CHECKOUT), directory=str(cluster.directory))
    with cluster.running():
        other = subprocess.Popen(
            [sys.executable, "-c", script],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )
        assert other.stdout.readline() == "up\n"
    assert cluster.pid()
    other.communicate("")
    assert other.returncode == 0
    assert not cluster.pid()


@pytest.mark.parametrize(
    "cluster", [False, True], indirect=True, ids=["kept", "disposable"]
)
def test_what_was_committed_survives_a_kill(cluster):
    with cluster.running():
        assert cluster.execute("SHOW fsync") == (
            "off" if cluster.is_disposable else "on"
        )
        cluster.create_database("one")
        cluster.execute("CREATE TABLE kept (id serial, word text)", "one")
        cluster.execute("INSERT INTO kept (word) VALUES ('a')", "one")
        cluster.create_database("two", "one")
        cluster.execute("INSERT INTO kept (word) VALUES ('b')", "two")
        pid = cluster.pid()
        cluster.kill()
        assert not process.is_alive(pid)
        cluster.start()
        # no number comes a second time, also in a copy
        cluster.execute("INSERT INTO kept (word) VALUES ('c')", "two")
        assert cluster.execute("SELECT count(DISTINCT id) FROM kept", "two") == "3"
