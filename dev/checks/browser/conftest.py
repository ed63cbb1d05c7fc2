"""One running server for all browser checks, with 60 products and people who use it."""

import pytest

from dev.checks.live.limits import short_limits
from dev.checks.live.world import World

from .screens import Person

DATABASE = "browser"
#: one more than root of odoo.conf: else jobs may take them all, which is an alert
WORKERS = 5


@pytest.fixture(scope="session")
def server(workspace, make_server):
    """The server, with the addon of the checks in its database."""
    workspace.copy(workspace.company(), DATABASE)
    return make_server(DATABASE, workers=WORKERS, **short_limits())


@pytest.fixture(scope="session")
def _world(server):
    world = World(server)
    #: {login: cookies} of the people who have logged in
    world.logged_in = {}
    # OdooBot greets everybody once, and on a phone its chat covers the whole screen.
    world.sql("UPDATE res_users SET odoobot_state = 'disabled'")
    return world


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
