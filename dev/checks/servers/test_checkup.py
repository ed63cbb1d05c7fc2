"""The check-up from outside: as a command, and as a probe of those who watch.

On a server of its own, as no other check can do without the job runner.
"""

import json
import os
import subprocess
import urllib.error
import urllib.request

import pytest

from dev import odoo
from dev.checks.live.world import World
from dev.process import wait_until

DATABASE = "checkup"
TOKEN = "live-token"
#: a whole minute of Odoo's crons, on a slow machine
CRON_SECONDS = 150
#: until a server that just started answers at once, on a slow machine
GOOD_SECONDS = 120
#: three missed signs of life, on a slow machine
SILENT_SECONDS = 90


@pytest.fixture(scope="module")
def start(workspace, make_server):
    """``start(label, channels)``: a server of the same database each time."""
    workspace.copy(workspace.template(), DATABASE)
    servers = []

    def make(label, channels):
        server = make_server(
            DATABASE,
            label=label,
            workers=4,
            queue_job={"channels": channels},
            environment={"QUEUE_JOB_METRICS_TOKEN": TOKEN},
        )
        servers.append(server)
        return World(server)

    yield make
    for server in servers:
        server.kill()
    workspace.drop(DATABASE)


def test_from_good_to_bad(start):
    world = start("checkup_good", "root:2,root.ai_processing:1,root.ai_forecasting:1")
    world.admin.call(
        "ir.config_parameter", "set_param", "web.base.url", world.server.url
    )
    seen = "SELECT count(*) FROM queue_job_runner WHERE server IS NOT NULL"
    world.wait_for(lambda: world.value(seen), "a sign of life")
    due = (
        "SELECT nextcall > now() AT TIME ZONE 'UTC' FROM ir_cron WHERE id = "
        "(SELECT res_id FROM ir_model_data WHERE name = 'ir_cron_alerts')"
    )
    world.hurry("ir_cron_alerts")
    wait_until(lambda: world.value(due), "the crons", CRON_SECONDS)

    # Processes of a new server answer their first request late.
    found = []
    report = wait_until(
        lambda: good_report(world, found), "no fault", GOOD_SECONDS, detail=found.pop
    )
    assert report["server"]["workers"] == 4
    keys = {each["key"] for each in report["findings"]}
    # Tried over the network: through the proxy, past it, and to the websockets.
    assert {"runner", "workers", "trigger", "websocket", "runjob"} <= keys
    assert health(world) == (200, {"status": "ok"})
    assert health(world, TOKEN)[1]["findings"] == []
    world.server.stop()

    world = start("checkup_bad", "root:0")
    wait_until(lambda: health(world)[0] == 503, "the probe", SILENT_SECONDS)
    assert health(world)[1] == {"status": "failing"}
    assert health(world, "another")[1] == {"status": "failing"}
    status, body = health(world, TOKEN)
    assert (status, body["severity"]) == (503, "danger")
    assert [each["key"] for each in body["findings"]][0] == "runner"
    assert "Restart the Odoo server" in body["findings"][0]["why"]
    code, report = command(world)
    assert (code, report["severity"]) == (2, "danger")
    assert report["findings"][0]["case"] == "silent"


def good_report(world, found):
    """What the command says when it finds no fault; else that goes to a list."""
    code, report = command(world)
    bad = [each for each in report["findings"] if each["severity"] != "ok"]
    found.append(str(bad))
    return report if (code, bad) == (0, []) else None


def command(world):
    """What the command says, as machines get it: (exit code, report)."""
    server = world.server
    base = {k: v for k, v in os.environ.items() if not k.startswith("ODOO_")}
    done = subprocess.run(
        [
            *(odoo.prepare() / "bin/odoo", "queue_job_checkup", "--json"),
            *("-c", server.directory / "odoo.conf", "-d", server.database),
        ],
        env=server.cluster.environment(odoo.environment(base)),
        capture_output=True,
        text=True,
    )
    assert done.stdout, done.stderr
    return done.returncode, json.loads(done.stdout)


def health(world, token=None):
    """What a probe gets: (status, body)."""
    headers = {"Authorization": f"Bearer {token}"} if token else {}
    request = urllib.request.Request(
        f"{world.server.url}/queue_job/health", headers=headers
    )
    try:
        with urllib.request.urlopen(request, timeout=30) as answer:
            return answer.status, json.load(answer)
    except urllib.error.HTTPError as error:
        return error.code, json.load(error)
