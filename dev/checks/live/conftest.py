"""One running server for all live checks, with 60 products and people who use it."""

import pytest

from . import model as models
from .limits import short_limits
from .world import CHANNEL, CHECK_CHANNEL, World

DATABASE = "live"
WORKERS = 6


@pytest.fixture(scope="session")
def server(workspace, make_server):
    """The server, with the addon of the checks in its database."""
    workspace.copy(workspace.company(), DATABASE)
    return make_server(DATABASE, workers=WORKERS, **short_limits())


@pytest.fixture(scope="session")
def _world(server):
    return World(server)


@pytest.fixture
def world(_world):
    """The running system, with nothing left over from the check before."""
    yield _world
    _world.reset()


@pytest.fixture
def channel(world):
    """A channel of our own, with nothing set in any channel before and after."""
    root = world.value("SELECT id FROM queue_job_channel WHERE name = 'root'")
    vals = {"name": CHECK_CHANNEL.removeprefix("root."), "parent_id": root}
    channel_id = world.admin.call(CHANNEL, "create", [vals])[0]
    yield channel_id
    world.sql(
        "UPDATE queue_job SET state = 'cancelled' WHERE channel = %s", CHECK_CHANNEL
    )
    everything = [row_id for (row_id,) in world.sql("SELECT id FROM queue_job_channel")]
    world.admin.call(CHANNEL, "action_follow_conf", everything)
    world.admin.call(CHANNEL, "unlink", [channel_id])


@pytest.fixture
def model(world):
    """A provider at a model server of our own, which does the forecasts."""
    with models.serving(world) as model:
        yield model
