"""One running server for all browser checks, with 60 products and people who use it."""

import pytest

from dev.checks.live.limits import short_limits
from dev.checks.live.world import World

from .screens import WORKERS, Person, meet

DATABASE = "browser"


@pytest.fixture(scope="session")
def server(workspace, make_server):
    """The server, with the addon of the checks in its database."""
    workspace.copy(workspace.company(), DATABASE)
    return make_server(DATABASE, workers=WORKERS, **short_limits())


@pytest.fixture(scope="session")
def _world(server):
    return meet(World(server))


@pytest.fixture
def world(_world):
    """The running system, with nothing left over from the check before."""
    yield _world
    _world.reset()
    # A browser that was never there is told what was said in the last minute: toasts
    # about runs of the check before.
    _world.sql("DELETE FROM bus_bus")


@pytest.fixture
def buyer(page, world):
    """Somebody who may start runs, in front of the screen."""
    return Person(page, world, "buyer0")


@pytest.fixture
def admin(page, world):
    """The administrator, in front of the screen."""
    return Person(page, world, "admin")
