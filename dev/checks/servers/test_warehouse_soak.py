"""A dataset while workers are killed, connections break off and transactions stay open:
in the end both sides are equal to the row, and each batch is there once.

``bin/bench warehouse --soak 1800`` does it for longer.
"""

import pytest

from dev.warehouse_soak import Soak
from dev.workspace import base

ADDON = "ai_queue_data_warehouse"
NAME = "soak"
SECONDS, KILL_SECONDS, BATCHES = 45, 10, 6


@pytest.mark.timeout(1800)
def test_both_sides_are_equal_in_the_end(workspace, make_server):
    workspace.copy(base(ADDON), NAME)
    workspace.install(NAME, ADDON, workspace.log(f"install-{NAME}"))
    server = make_server(NAME, workers=3)
    outcome = Soak(server, KILL_SECONDS).run(SECONDS, BATCHES)
    server.kill()
    workspace.drop(NAME)
    print(outcome)
    assert outcome.kills >= 3
    assert outcome.broken
    assert outcome.transactions >= 3
    assert not outcome.different
    assert not outcome.twice
    assert not outcome.unknown
    assert outcome.rows and outcome.batches > 5
