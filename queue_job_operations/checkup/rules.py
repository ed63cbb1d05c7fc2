# Copyright 2026 The ai_queue contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""The rules about the job runner, its channels and its workers, and all rules together.

A rule takes ``Facts`` and returns a ``Verdict``, a list of them, or None where it has
nothing to say. *Danger* is what stops the work or shuts people out, *warning* what will
hurt one day, *advice* what could be better or could not be seen.
"""

from . import figures
from .facts import ADVICE, DANGER, OK, WARNING, Verdict
from .rules_limits import LIMIT_RULES
from .rules_network import NETWORK_RULES

#: of ``queue.job.runner._get_problem``: jobs are processed none the less
FOREIGN = "foreign"
#: a query of a busy server may take a second or two
CLOCK_SECONDS = 5


def check_runner(facts):
    """Somebody hands out the jobs."""
    if facts.runner and facts.runner != FOREIGN:
        return Verdict("runner", DANGER, facts.runner)
    return Verdict("runner")


def check_modules(facts):
    """The addons are loaded before the server forks its processes."""
    if facts.runner == FOREIGN:
        return Verdict("modules", DANGER, FOREIGN, _modules(facts, facts.here))
    if not facts.jobs and not facts.runner:
        # It works, and does not say how its server is.
        return None
    missing = [name for name in facts.needed if name not in facts.server.modules]
    values = {**_modules(facts, facts.server), "missing": ", ".join(missing)}
    if not missing:
        return Verdict("modules", values=values)
    if facts.jobs and not facts.runner:
        # With db_name Odoo loads the addons of that database before it forks, too.
        return Verdict("modules", ADVICE, "chance", values)
    return Verdict("modules", DANGER, "missing", values)


def _modules(facts, server):
    names = [*server.modules, *(n for n in facts.needed if n not in server.modules)]
    return {"modules": ",".join(names)}


def check_runners(facts):
    """One job runner at a time works for a database."""
    if facts.runners > 1:
        return Verdict("runners", DANGER, values={"count": facts.runners})
    return None


def check_standby(facts):
    """Whoever takes over does the same as the one that works."""
    if not facts.standby:
        return None
    values = {"names": ", ".join(sorted(facts.standby)), "count": len(facts.standby)}
    if not facts.jobs:
        return Verdict("standby", values=values)
    found = []
    for name, server in sorted(facts.standby.items()):
        missing = [each for each in facts.jobs.modules if each not in server.modules]
        if missing:
            found.append(_differs(name, "modules", facts.jobs, missing))
        elif server.workers < facts.jobs.workers:
            found.append(_differs(name, "workers", facts.jobs, server.workers))
    return found or Verdict("standby", values=values)


def check_clock(facts):
    """Odoo and PostgreSQL agree on what time it is."""
    if abs(facts.clock) > CLOCK_SECONDS:
        return Verdict("clock", WARNING, values={"seconds": round(abs(facts.clock))})
    return None


def check_databases(facts):
    """Whoever is named in db_name is there."""
    if facts.missing:
        values = {"names": ", ".join(facts.missing)}
        return Verdict("databases", WARNING, values=values)
    return None


def _differs(name, case, jobs, what):
    values = {
        "name": name,
        "what": ", ".join(what) if isinstance(what, list) else what,
        "workers": jobs.workers,
        "modules": ",".join(jobs.modules),
    }
    return Verdict("standby", WARNING, case, values, name)


def check_sharing(facts):
    """A job runner of several databases has one tree of channels."""
    if facts.databases > 1:
        return Verdict("sharing", ADVICE, values={"others": facts.databases - 1})
    return None


def check_workers(facts):
    """One worker for each slot of root, plus enough for people."""
    server, root = facts.server, facts.root
    needed = figures.people_workers(facts.people)
    values = {
        "workers": server.workers,
        "root": root,
        "left": server.workers - root,
        "people": facts.people,
        "needed": needed,
        "recommended_workers": max(figures.workers(server), 2),
        "recommended_root": figures.root(server, facts.people, facts.is_shared),
    }
    if not server.workers:
        return Verdict("workers", WARNING, "threads", values)
    if not root:
        # Not known before a runner was seen: the rule of the runner says so.
        return None
    if facts.is_shared is False:
        severity, case = _judge_own(values)
    else:
        severity, case = _judge_shared(values, facts.is_shared)
    if severity == OK and server.workers > figures.WORKERS_A_CPU * server.cpus + 1:
        values["cpus"] = server.cpus
        return Verdict("workers", ADVICE, "many", values)
    return Verdict("workers", severity, case, values)


def _judge_shared(values, is_known):
    """The same workers serve people and jobs, as far as is known."""
    if values["left"] < 1:
        return (DANGER, "full") if is_known else (WARNING, "unseen")
    if values["left"] < values["needed"]:
        return WARNING, "people"
    return OK, "shared"


def _judge_own(values):
    """The workers of this server run jobs alone."""
    if values["left"] < 0:
        return WARNING, "jobs"
    return OK, "own"


def check_channels(facts):
    """No channel of ours may take all of root."""
    if not facts.root:
        return None
    open_channels = [
        each.name
        for each in facts.channels
        if each.name != "root" and not each.capacity
    ]
    if not open_channels or facts.root == 1:
        return Verdict("channels")
    recommended = facts.recommended
    wanted = {
        name: recommended.get(name, max(1, facts.root - 1)) for name in open_channels
    }
    line = _write_line(facts, recommended.get("root", facts.root), wanted)
    values = {"names": ", ".join(open_channels), "channels": line, "root": facts.root}
    return Verdict("channels", ADVICE, "open", values)


def _write_line(facts, root, wanted):
    """All channels in one line, with the limits that hold already.

    Whoever copies it puts it in the place of the one in odoo.conf.
    """
    held = {
        each.name: each.capacity
        for each in facts.channels
        if each.capacity and each.name != "root"
    }
    capacities = {"root": root, **held, **wanted}
    return ",".join(f"{name}:{number}" for name, number in capacities.items())


def check_unknown_channels(facts):
    """The runner knows every channel in which jobs wait."""
    if facts.unknown is None:
        return None
    if not facts.unknown:
        return Verdict("unknown_channels")
    names = facts.unknown
    line = _write_line(facts, facts.root or 4, dict.fromkeys(names, 1))
    values = {"names": ", ".join(names), "channels": line}
    return Verdict("unknown_channels", WARNING, "unknown", values)


def check_targets(facts):
    """Whoever is to be notified of alerts is."""
    return [
        Verdict("targets", WARNING, "silent", {"name": name}, name)
        for name in facts.silent_targets
    ]


RULES = (
    check_runner,
    check_modules,
    check_runners,
    check_workers,
    check_channels,
    check_unknown_channels,
    check_sharing,
    check_standby,
    check_clock,
    check_databases,
    check_targets,
    *LIMIT_RULES,
    *NETWORK_RULES,
)


def check(facts, rules=RULES):
    """Apply rules.

    :param facts: ``Facts``
    :param rules: functions of ``Facts``
    :return: list of ``Verdict``, in the order of the rules
    """
    verdicts = []
    for rule in rules:
        found = rule(facts)
        if isinstance(found, Verdict):
            verdicts.append(found)
        else:
            verdicts += found or []
    return verdicts
