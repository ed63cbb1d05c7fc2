# Copyright 2026 The ai_queue contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""Servers that are made up, and what the rules of the check-up say of them."""

from dataclasses import replace

from ..checkup.facts import Channel, Facts, Probes, Server
from ..checkup.rules import RULES, check

GB = 1 << 30
MODULES = ("base", "rpc", "web", "queue_job", "queue_job_operations")
#: the server of ``odoo.conf``
EXAMPLE = Server(
    host="here",
    workers=6,
    max_cron_threads=1,
    limit_time_cpu=600,
    limit_time_real=1200,
    limit_time_real_cron=1200,
    limit_memory_soft=GB,
    limit_memory_hard=2 * GB,
    db_maxconn=16,
    db_maxconn_gevent=32,
    proxy_mode=True,
    modules=MODULES,
    cpus=4,
    memory=8 * GB,
)
GOOD = Facts(
    here=EXAMPLE,
    jobs=EXAMPLE,
    root=4,
    channels=(Channel("root", 4), Channel("root.bills", 2)),
    recommended={"root": 4, "root.bills": 2},
    unknown=(),
    people=9,
    longest=40.0,
    forwarded=True,
    probes=Probes(),
)


class RulesMixin:
    """What rules say of servers that differ from a good one."""

    rules, good = RULES, GOOD

    def look(self, server=None, **values):
        """{key: verdict} for the good server, but for what is given."""
        changed = {}
        if server:
            changed = {"here": replace(self.good.here, **server)}
            changed["jobs"] = changed["here"]
        found = check(replace(self.good, **changed, **values), self.rules)
        return {verdict.key: verdict for verdict in found}

    def say(self, key, server=None, **values):
        """(severity, case) of one finding; None when there is none."""
        verdict = self.look(server, **values).get(key)
        return verdict and (verdict.severity, verdict.case)
