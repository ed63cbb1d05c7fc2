# Copyright 2026 The ai_queue contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""What the rules are given, and what they answer."""

from dataclasses import asdict, dataclass, field, fields

OK, ADVICE, WARNING, DANGER = "ok", "advice", "warning", "danger"
#: from the least to the most
SEVERITIES = (OK, ADVICE, WARNING, DANGER)


@dataclass(frozen=True)
class Server:
    """The options of an Odoo server that matter, by their names in odoo.conf.

    Times are in seconds and memory in bytes, as there. ``modules`` are those of
    ``server_wide_modules``, ``extras`` what other addons want to know of
    the server (see ``checkup.server.EXTRAS``).
    """

    host: str = ""
    http_port: int = 8069
    http_interface: str = ""
    gevent_port: int = 8072
    workers: int = 0
    max_cron_threads: int = 2
    limit_time_cpu: int = 60
    limit_time_real: int = 120
    limit_time_real_cron: int = -1
    limit_memory_soft: int = 2 << 30
    limit_memory_hard: int = 5 << 29
    db_maxconn: int = 64
    db_maxconn_gevent: int = 64
    proxy_mode: bool = False
    modules: tuple = ()
    cpus: int = 1
    memory: int = 0
    extras: dict = field(default_factory=dict)

    def to_json(self):
        """As the job runner notes it in the database."""
        return {**asdict(self), "modules": list(self.modules)}

    @classmethod
    def of(cls, noted):
        """From what a job runner noted; None when that was another version's."""
        names = {each.name for each in fields(cls)}
        if not noted or set(noted) != names:
            return None
        return cls(**{**noted, "modules": tuple(noted["modules"])})

    def is_at(self, other):
        """Whether both are the same server: the same port of the same computer."""
        return (self.host, self.http_port) == (other.host, other.http_port)


@dataclass(frozen=True)
class Channel:
    """A channel of ours: what it is limited to by itself (0: not at all)."""

    name: str
    capacity: int = 0


@dataclass(frozen=True)
class Probes:
    """What was tried over the network, on somebody's press.

    ``gevent``: whether the websocket process listens. ``websocket``: whether the
    public address lets a websocket through; None when it cannot be seen from the
    server. ``runjob``: whether the public address hands on calls of
    ``/queue_job/runjob``; None likewise.
    """

    gevent: bool = True
    websocket: bool | None = True
    runjob: bool | None = False


@dataclass(frozen=True)
class Facts:
    """All that is known of one database and the servers that work for it.

    ``here`` is the server that looks. ``jobs`` is the one that runs the jobs, as its
    job runner noted it; None when none did. ``is_shared`` is whether the same processes
    serve people, None where nobody has seen it. ``runner`` is a word of
    ``queue.job.runner._get_problem`` or ""; ``runners`` counts those active at once,
    and ``standby`` are the servers that would take over, by their names.
    ``missing`` are databases that ``db_name`` names and that are not there.
    ``root`` is the capacity of all channels together, 0 where it is not known.
    ``people`` were here lately; ``longest`` is the longest job of the last day, in
    seconds. ``unknown`` are channels in which jobs wait and which the runner does not
    know; it and ``probes`` are None when nobody looked. ``needed`` are the modules that
    have to be loaded before the server forks, ``recommended`` the capacities that suit
    a root of this size, ``slowest`` the longest time that the work of an addon may
    need, in seconds, and ``extra`` what the rules of other addons look at.
    ``silent_targets`` are the names of targets of alerts that notify nobody.
    ``forwarded`` is whether the request came by a proxy, None outside of requests.
    ``idle_timeout`` is PostgreSQL's for idle transactions, 0 without. ``clock`` is by
    how many seconds its clock is ahead of that of the server that looks.
    """

    here: Server
    jobs: Server | None = None
    is_shared: bool | None = True
    runner: str = ""
    runners: int = 1
    standby: dict = field(default_factory=dict)
    databases: int = 1
    missing: tuple = ()
    root: int = 0
    channels: tuple = ()
    unknown: tuple | None = None
    trigger: str = "O"
    people: int = 0
    longest: float = 0.0
    needed: tuple = ("queue_job", "queue_job_operations")
    recommended: dict = field(default_factory=dict)
    slowest: float = 0.0
    extra: dict = field(default_factory=dict)
    crons_late: bool = False
    silent_targets: tuple = ()
    connections: int = 100
    connections_used: int = 0
    idle_timeout: float = 0.0
    clock: float = 0.0
    forwarded: bool | None = None
    probes: Probes | None = None

    @property
    def server(self):
        """The server that runs the jobs; as far as it is known."""
        return self.jobs or self.here


@dataclass(frozen=True)
class Verdict:
    """What a rule found.

    ``key`` names the rule and ``subject`` what it is about, where there may be several.
    ``case`` and ``values`` (JSON) are what the sentences need: see
    ``queue.job.checkup``.
    """

    key: str
    severity: str = OK
    case: str = ""
    values: dict = field(default_factory=dict)
    subject: str = ""


def worst(verdicts):
    """The severity of the worst of them."""
    return max(
        (verdict.severity for verdict in verdicts), key=SEVERITIES.index, default=OK
    )
