# Copyright 2026 The ai_queue contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""The rules about the way between people and the server: websockets and the proxy.

How long the proxy waits cannot be asked: ``figures`` says how long it should.
"""

from .facts import ADVICE, WARNING, Verdict


def check_websocket(facts):
    """Progress reaches the screens without a reload."""
    server, probes = facts.here, facts.probes
    if probes is None:
        return None
    values = {"port": server.gevent_port}
    # With threads there is no process for websockets: any port takes them.
    if server.workers and not probes.gevent:
        return Verdict("websocket", WARNING, "process", values)
    if probes.websocket is None:
        return Verdict("websocket", ADVICE, "unseen", values)
    if not probes.websocket:
        return Verdict("websocket", WARNING, "proxy", values)
    return Verdict("websocket", values=values)


def check_proxy_mode(facts):
    """Odoo believes the proxy, where there is one, and nobody else."""
    if facts.forwarded is None:
        return None
    if facts.forwarded and not facts.here.proxy_mode:
        return Verdict("proxy_mode", WARNING, "off")
    if facts.here.proxy_mode and not facts.forwarded:
        return Verdict("proxy_mode", ADVICE, "direct")
    return Verdict("proxy_mode")


def check_runjob(facts):
    """Nobody outside makes the server run a job."""
    if facts.probes is None:
        return None
    if facts.probes.runjob:
        return Verdict("runjob", WARNING, "open")
    if facts.probes.runjob is None:
        return Verdict("runjob", ADVICE, "unseen")
    return Verdict("runjob")


NETWORK_RULES = (
    check_websocket,
    check_proxy_mode,
    check_runjob,
)
