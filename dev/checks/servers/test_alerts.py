"""The job runner is gone: people are told, and told again when it is back.

On a server of its own, as no other check can do without the job runner. What evaluates
and tells is Odoo's cron, every minute: nobody helps.
"""

import importlib.util

import pytest

from dev import cache
from dev.checks.live.world import World
from dev.process import wait_until

DATABASE = "alerts"
RECEIVERS = cache.CHECKOUT / "queue_job_operations/tests/receivers.py"
#: three missed signs of life, the next minute of the cron, and a slow machine
TOLD_SECONDS = 30 + 60 + 60


@pytest.fixture(scope="module")
def receivers():
    """A webhook and a mail server that really receive."""
    spec = importlib.util.spec_from_file_location("receivers", RECEIVERS)
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    with module.WebhookReceiver() as hook, module.MailReceiver() as mail:
        yield hook, mail


@pytest.fixture(scope="module")
def start(workspace, make_server, receivers):
    """``start(label, channels)``: a server of the same database each time."""
    _hook, mail = receivers
    workspace.copy(workspace.template(), DATABASE)
    servers = []

    def make(label, channels):
        server = make_server(
            DATABASE,
            label=label,
            workers=2,
            options={"smtp_server": "127.0.0.1", "smtp_port": mail.port},
            queue_job={"channels": channels},
        )
        servers.append(server)
        return server

    yield make
    for server in servers:
        server.kill()
    workspace.drop(DATABASE)


def test_no_job_runner(start, receivers):
    hook, mail = receivers
    server = start("alerts_before", "root:1")
    world = World(server)
    beat = "SELECT count(*) FROM queue_job_runner"
    world.wait_for(lambda: world.value(beat), "a sign of life")
    add_target(world, name="Hook", type="webhook", webhook_url=hook.url)
    add_target(world, name="Mail", type="email", emails="oncall@example.com")
    server.stop()

    server = start("alerts_without", "root:0")
    world = World(server)
    ((rule,),) = world.sql("SELECT id FROM queue_job_alert_rule WHERE code = 'runner'")
    world.admin.call("queue.job.alert.rule", "write", [rule], {"threshold": 0})
    run = world.admin.press(world.new_products(3))
    wait_until(lambda: hook.requests and mail.mails, "the alert", TOLD_SECONDS)
    (message,) = hook.messages()
    assert message["event"] == "opened"
    assert message["alert"]["rule"] == "runner"
    assert "waiting jobs: 1" in message["title"]
    ((recipients, opened),) = mail.mails
    assert recipients == ["oncall@example.com"]
    assert message["title"] in opened["Subject"]
    assert state(world) == [("open", 1)]
    assert world.run(run)["state"] == "pending"
    ((alert,),) = world.sql("SELECT id FROM queue_job_alert")
    action = world.admin.call("queue.job.alert", "action_open_list", [alert])
    assert world.admin.call("queue.job", "search_count", action["domain"]) == 1
    server.stop()

    world = World(start("alerts_after", "root:1"))
    world.wait_done(run)
    wait_until(lambda: len(hook.requests) == 2, "its end", TOLD_SECONDS)
    over = hook.messages()[1]
    assert over["event"] == "resolved"
    assert over["alert"]["seconds"] > 0
    wait_until(lambda: len(mail.mails) == 2, "the e-mail of its end", TOLD_SECONDS)
    assert state(world) == [("resolved", 1)]


def add_target(world, **values):
    world.admin.call("queue.job.alert.target", "create", [values])


def state(world):
    """How many alerts of this rule are in which state."""
    return world.sql(
        "SELECT state, count(*) FROM queue_job_alert WHERE code = 'runner' GROUP BY 1"
    )
