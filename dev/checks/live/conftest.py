"""One running server for all live checks, with 60 products and people who use it."""

import pytest

from dev import cache, odoo

from . import model as models
from .world import World

DATABASE = "live"
WORKERS = 6


@pytest.fixture(scope="session")
def server(workspace, make_server):
    """The server, with the addon of the checks in its database."""
    directories = [*odoo.addons_directories(), cache.CHECKOUT / "dev/checks/addons"]
    addons_path = ",".join(map(str, directories))
    workspace.copy(workspace.template(), DATABASE)
    code = workspace.odoo(
        *("--addons-path", addons_path, "--init", "ai_queue_check"),
        *("--stop-after-init", "--no-http"),
        database=DATABASE,
        log=workspace.log("live-install"),
    )
    assert code == 0, workspace.log("live-install").read_text()
    return make_server(DATABASE, workers=WORKERS, options={"addons_path": addons_path})


@pytest.fixture(scope="session")
def _world(server):
    return World(server)


@pytest.fixture
def world(_world):
    """The running system, with nothing left over from the check before."""
    yield _world
    _world.reset()


@pytest.fixture
def model(world):
    """A provider at a model server of our own, which does the forecasts."""
    with models.serving(world) as model:
        yield model
