"""Databases that all parts of a run begin with are made once."""

import pytest

from dev.workspace import Workspace


@pytest.fixture
def rooms(workspace):
    """Workspaces of a run: the one that is prepared, and two others."""
    names = ("prepared", "lane-1", "lane-2")
    rooms = [Workspace(workspace.directory / "run" / name) for name in names]
    yield rooms
    for room in rooms:
        room.remove()


def test_what_is_prepared_is_made_once_and_copied(rooms, monkeypatch):
    prepared, *lanes = rooms
    made = []

    def company(room):
        made.append(room)
        room.cluster.create_database("company")
        (room.data / "filestore/company").mkdir(parents=True)

    monkeypatch.setattr(Workspace, "company", company)
    # A part without it was there before.
    with lanes[0].running():
        assert "company" not in lanes[0].cluster.databases()
    for lane in lanes:
        lane.begin_with(prepared)
        assert (lane.data / "filestore/company").is_dir()
        with lane.running():
            assert "company" in lane.cluster.databases()
            lane.cluster.create_database("of this lane")
    assert made == [prepared]
    assert not prepared.cluster.pid()
    lanes[0].begin_with(prepared)
    with lanes[0].running():
        assert "of this lane" in lanes[0].cluster.databases()
