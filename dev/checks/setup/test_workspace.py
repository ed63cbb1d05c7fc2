"""Databases that all parts of a run begin with are made once."""

import pytest

from dev.workspace import Workspace


@pytest.fixture
def rooms(workspace):
    """Two workspaces of a run, the first of which is prepared for others."""
    names = ("prepared", "lane-1")
    rooms = [Workspace(workspace.directory / "run" / name) for name in names]
    yield rooms
    for room in rooms:
        room.remove()


def test_what_is_prepared_is_made_once_and_copied(rooms, monkeypatch):
    prepared, lane = rooms
    made = []

    def company(room):
        made.append(room)
        room.cluster.create_database("company")
        (room.data / "filestore/company").mkdir(parents=True)

    monkeypatch.setattr(Workspace, "company", company)
    # A part without it was there before.
    with lane.running():
        assert "company" not in lane.cluster.databases()
    lane.begin_with(prepared)
    assert (lane.data / "filestore/company").is_dir()
    assert not prepared.cluster.pid()
    with lane.running():
        assert "company" in lane.cluster.databases()
        lane.cluster.create_database("of this lane")
    lane.begin_with(prepared)
    prepared.prepare()
    assert made == [prepared]
    with lane.running():
        assert "of this lane" in lane.cluster.databases()
