"""Servers of checks have ports that nobody takes from them."""

import socket

import pytest

from dev import server


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
