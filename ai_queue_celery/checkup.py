# Copyright 2026 The ai_queue contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""What the hand-off to workers needs: the rules that it adds to the check-up."""

from dataclasses import dataclass, field

from odoo.addons.queue_job_operations.checkup.facts import DANGER, WARNING, Verdict

#: clocks further apart than this confuse whoever reads two logs, seconds
MAX_SKEW = 30.0
NO_EVICTION = "noeviction"


@dataclass(frozen=True)
class Elsewhere:
    """How workers, bridge and Redis are.

    :ivar is_on: whether anything goes there
    :ivar problem: why it is not known where Redis is, as of ``broker.get_problem``
    :ivar has_bridge: whether somebody brings the answers
    :ivar down: what was tried in vain: "broker", "memory", or names of providers
    :ivar lacks: kinds of work that are to be done there, and nobody does:
        "documents", "forecasts"
    :ivar redis: as the field of ``ai.queue.bridge``
    :ivar codes: {hash of the code: names of the machines that have it}
    :ivar skews: {machine: seconds from the clock of Redis}
    """

    is_on: bool = False
    problem: str = ""
    has_bridge: bool = True
    down: tuple = ()
    lacks: tuple = ()
    redis: dict = field(default_factory=dict)
    codes: dict = field(default_factory=dict)
    skews: dict = field(default_factory=dict)


def _get(facts):
    """What is known, where anything goes to workers at all."""
    found = facts.extra.get("elsewhere")
    return found if found and found.is_on else None


def check_bridge(facts):
    """Somebody brings the answers."""
    found = _get(facts)
    if not found or found.problem:
        return None
    if not found.has_bridge:
        return Verdict("ai_bridge", DANGER, "missing")
    return Verdict("ai_bridge")


def check_broker(facts):
    """Redis is there, and loses nothing."""
    found = _get(facts)
    if not found:
        return None
    if found.problem:
        return Verdict("ai_broker", DANGER, found.problem)
    if "broker" in found.down:
        return Verdict("ai_broker", DANGER, "down")
    if "memory" in found.down:
        return Verdict("ai_broker", DANGER, "full")
    wrong = []
    if found.redis.get("policy", NO_EVICTION) != NO_EVICTION:
        values = {"policy": found.redis["policy"]}
        wrong.append(Verdict("ai_broker", WARNING, "evicts", values, "policy"))
    if not found.redis.get("is_kept", True):
        wrong.append(Verdict("ai_broker", WARNING, "forgets", {}, "kept"))
    return wrong or Verdict("ai_broker")


def check_workers(facts):
    """Each provider that is asked has workers, with the same code and time."""
    found = _get(facts)
    if not found or found.problem or "broker" in found.down:
        return None
    wrong = [
        Verdict("ai_workers", WARNING, "missing", {"provider": name}, name)
        for name in found.down
        if name != "memory"
    ]
    wrong += [Verdict("ai_workers", WARNING, kind, {}, kind) for kind in found.lacks]
    if len(found.codes) > 1:
        machines = sorted(name for names in found.codes.values() for name in names)
        values = {"machines": ", ".join(dict.fromkeys(machines))}
        wrong.append(Verdict("ai_workers", WARNING, "versions", values, "versions"))
    late = {name: skew for name, skew in found.skews.items() if abs(skew) > MAX_SKEW}
    wrong += [
        Verdict(
            "ai_workers",
            WARNING,
            "clock",
            {"machine": name, "seconds": round(abs(skew))},
            name,
        )
        for name, skew in sorted(late.items())
    ]
    return wrong or Verdict("ai_workers")


RULES = (check_bridge, check_broker, check_workers)
