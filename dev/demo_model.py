"""The model of ``bin/demo --model``: a server on this machine in the place of one."""

from contextlib import contextmanager

from .client import Client
from .fakemodel import FakeModel
from .progress import say

PROVIDER = "Demo model"
MODEL = "demo-large"
#: a quick model; the questions of a run are under way side by side
LATENCY = 1.5
#: what a small model costs, in dollars a million tokens
PRICES = {"price_in": 0.4, "price_out": 1.6}


@contextmanager
def serving(wanted):
    """The model server, if it is wanted; None without."""
    if not wanted:
        yield None
        return
    with FakeModel(latency=LATENCY, jitter=LATENCY / 2, models=(MODEL,)) as model:
        yield model


def choose(odoo_server, model):
    """Let the company forecast with the model, or with statistics alone.

    As an administrator does it in the settings; the address changes with each start.

    :param model: what `serving` gave
    """
    admin = Client(odoo_server.url, odoo_server.database, "admin", "admin")
    [user] = admin.call("res.users", "read", [admin.uid], ["company_id"])
    company_id = user["company_id"][0]
    found = admin.call("ai.queue.provider", "search", [("name", "=", PROVIDER)])
    if model is None and not found:
        return
    if model and not found:
        line = {"kind": "forecast", "model": MODEL, **PRICES}
        vals = {"name": PROVIDER, "base_url": model.url, "model_ids": [(0, 0, line)]}
        found = admin.call("ai.queue.provider", "create", [vals])
    elif model:
        admin.call("ai.queue.provider", "write", found, {"base_url": model.url})
    chosen = found[0] if model else False
    vals = {"ai_queue_forecast_provider_id": chosen}
    admin.call("res.company", "write", [company_id], vals)


def tell(odoo_server, model):
    """Say what the model was asked, and what that cost by the ledger."""
    if model is None:
        return
    admin = Client(odoo_server.url, odoo_server.database, "admin", "admin")
    domain = [("provider_id.name", "=", PROVIDER), ("state", "=", "answered")]
    calls = admin.call(
        "ai.queue.call", "search_read", domain, ["tokens", "cost", "reused"]
    )
    cost = sum(call["cost"] for call in calls)
    tokens = sum(call["tokens"] for call in calls)
    reused = sum(call["reused"] for call in calls)
    asked = model.stats()["asked"]
    say(
        f"The model was asked {asked} questions, {model.stats()['max_in_flight']} at a"
        f" time; the ledger has {len(calls)} answers ({tokens} tokens, {cost:.4f}),"
        f" used again {reused} times."
    )
