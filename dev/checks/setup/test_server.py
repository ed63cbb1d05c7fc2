"""Servers of checks have ports that nobody takes from them, and are killed whole."""

import socket
import subprocess

import pytest

from dev import process, server

SECONDS = 60


@pytest.fixture
def outgoing(monkeypatch, tmp_path):
    """Let Linux say which ports it gives to connections."""

    def say(first):
        path = tmp_path / "range"
        path.write_text(f"{first}\t65535\n")
        monkeypatch.setattr(server, "OUTGOING", path)

    return say


def test_ports_are_none_of_those_of_connections(outgoing):
    outgoing(server.FIRST_PORT + 10)
    some = range(server.FIRST_PORT, server.FIRST_PORT + 10)
    ports = server.free_ports(4)
    assert len(set(ports)) == 4 and set(ports) <= set(some)
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", ports[0]))
        for _time in range(10):
            assert ports[0] not in server.free_ports(3)


def test_any_port_will_do_where_all_are_for_connections(outgoing):
    outgoing(1024)
    assert len(set(server.free_ports(3))) == 3


def test_what_a_process_starts_while_it_is_killed_is_killed_as_well():
    script = f"while :; do sleep {SECONDS} & sleep 0.01; done"
    with subprocess.Popen(["sh", "-c", script], start_new_session=True) as child:
        process.wait_until(
            lambda: len(process.session(child.pid)) > 5, "its children", SECONDS
        )
        process.kill_session(child.pid, SECONDS)
        assert process.session(child.pid) == []
