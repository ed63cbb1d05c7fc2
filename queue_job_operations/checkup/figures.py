# Copyright 2026 The ai_queue contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""What is recommended for a server of this size.

The rule: one worker for each job that may run at a time, plus enough for people. On a
server of four processors and 8 GB these are the figures of ``odoo.conf``.
"""

from math import ceil
from typing import NamedTuple

GB = 1 << 30
#: this many people share a worker
PEOPLE_A_WORKER = 6
#: workers left for people, where the server bears it
SPARE = 2
#: more workers than this bring nothing but memory use
WORKERS_A_CPU = 2
#: what PostgreSQL and the system keep of the memory, and what a worker may need
SYSTEM_MEMORY, WORKER_MEMORY = 2 * GB, GB
#: what a running job holds: its own, that of its work, and one for its progress
CONNECTIONS_A_JOB = 4
#: processes beside the workers and those of crons: the job runner, the websockets
OTHER_PROCESSES = 2
TIME_REAL, TIME_CPU = 1200, 600
#: a proxy waits this much longer than Odoo, so that Odoo ends what hangs
PROXY_MARGIN = 60


class Figure(NamedTuple):
    """One option: how it is, and how it should be.

    ``key`` is the option or the channel. ``now`` is None where it cannot be seen, and
    0 where nothing is set. Channels may well have less than is recommended, all others
    more.
    """

    key: str
    now: int | None
    recommended: int

    @property
    def is_met(self):
        """Whether it is as it should be, or nobody can see it."""
        if self.now is None:
            return True
        if self.key.partition(".")[0] == "root":
            return 0 < self.now <= self.recommended
        return self.now >= self.recommended


def people_workers(people):
    """Workers that so many people need."""
    return max(1, ceil(people / PEOPLE_A_WORKER))


def workers(server):
    """Workers that a server bears, whatever they do."""
    if not server.memory:
        return max(2, server.cpus * WORKERS_A_CPU)
    # A computer of 8 GB tells somewhat less.
    by_memory = round((server.memory - SYSTEM_MEMORY) / WORKER_MEMORY)
    return max(2, min(server.cpus * WORKERS_A_CPU, by_memory))


def root(server, people, is_shared):
    """Jobs at a time, in all channels together.

    Where nobody knows whether people share the server (None), there is room for them.
    """
    bearable = workers(server)
    if is_shared is False:
        return bearable - 1
    return max(1, bearable - max(SPARE, people_workers(people)))


def time_real(facts):
    """``limit_time_real`` that fits the jobs, in seconds."""
    return max(TIME_REAL, _minutes(needed_time(facts)))


def needed_time(facts):
    """What the longest thing that a job does needs of ``limit_time_real``, seconds.

    What took so long yesterday may take a quarter longer today; ``facts.slowest`` is
    what an addon knows of its own work.
    """
    return max(facts.slowest, 1.25 * facts.longest)


def _minutes(seconds):
    return ceil(seconds / 60) * 60


def connections(server):
    """Connections to PostgreSQL that a server needs at most, as it is set up."""
    if not server.workers:
        return server.db_maxconn
    processes = server.workers + server.max_cron_threads + OTHER_PROCESSES
    return processes * CONNECTIONS_A_JOB


def all_connections(facts):
    """Of all servers that are known."""
    servers = [facts.server]
    if facts.jobs and not facts.jobs.is_at(facts.here):
        servers.append(facts.here)
    return sum(map(connections, servers))


def recommend(facts, channels):
    """The figures for the server that runs the jobs.

    :param channels: function of the capacity of root: {channel: capacity}
    :return: list of ``Figure``
    """
    server = facts.server
    capacity = root(server, facts.people, facts.is_shared)
    now = {each.name: each.capacity for each in facts.channels}
    now["root"] = facts.root
    time = time_real(facts)
    return [
        Figure("workers", server.workers, workers(server)),
        *(Figure(name, now.get(name), n) for name, n in channels(capacity).items()),
        Figure("limit_time_real", server.limit_time_real, time),
        Figure("limit_time_cpu", server.limit_time_cpu, max(TIME_CPU, time // 2)),
        Figure("db_maxconn", server.db_maxconn, recommended_pool(facts)),
        Figure("max_connections", facts.connections, needed_connections(facts)),
        Figure("proxy_read_timeout", None, time + PROXY_MARGIN),
    ]


def recommended_pool(facts):
    """``db_maxconn``: plenty for one process, as nothing is opened in advance."""
    jobs = 1 if facts.server.workers else max(facts.root, 1)
    return max(16, (jobs + SPARE) * CONNECTIONS_A_JOB)


def needed_connections(facts):
    """``max_connections`` of PostgreSQL: its default bears much."""
    return max(100, ceil(all_connections(facts) * 1.25 / 10) * 10)
