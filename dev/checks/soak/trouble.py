"""What breaks in the soak, by the clock, and how memory and work go meanwhile."""

import os
import random
import signal
import statistics
import threading
import time
from contextlib import suppress
from pathlib import Path

import psycopg2

from dev.server import CRON, HTTP, RUNNER, WEBSOCKET

#: a worker is killed as often, and so often in all the runner; the log's disk is full
WORKER_SECONDS, RUNNER_KILLS, FULL_SECONDS = 60, 10, 60
#: a Celery worker is killed as often; the clock is put forward by so much
CELERY_SECONDS, CLOCK_SECONDS = 120, 3600
#: Redis is away for as long
AWAY_SECONDS = 5
SAMPLE_SECONDS = 5
AT_WORK = """
    SELECT worker_pid FROM queue_job WHERE state = 'started' AND worker_pid IS NOT NULL
"""
STATES = """
    SELECT count(*) FILTER (WHERE state IN ('pending', 'wait_dependencies')),
           count(*) FILTER (WHERE state IN ('enqueued', 'started')),
           count(*) FILTER (WHERE state = 'done'),
           count(*) FILTER (WHERE state = 'failed')
      FROM queue_job
"""


class Trouble:
    """A thread that breaks things; a context manager.

    ``marks`` tells what it did: (seconds from the beginning, what); ``cut_off`` how
    many requests at most were under way at Celery workers that were killed.

    :param elsewhere: `elsewhere.Elsewhere`
    :param clock: ``dev.clock.Clock`` that everybody goes by
    """

    def __init__(self, world, seconds, elsewhere, clock):
        self.world, self.server = world, world.server
        self.seconds = seconds
        self.elsewhere, self.clock = elsewhere, clock
        self.cut_off = 0
        self.marks = []
        self._began = None
        self._dice = random.Random(17)
        self._ending = threading.Event()
        self._thread = threading.Thread(target=self._run, daemon=True)
        self.error = None

    def __enter__(self):
        self._began = time.monotonic()
        self._thread.start()
        return self

    def __exit__(self, *exc_info):
        self._ending.set()
        self._thread.join()
        if self.error and not exc_info[0]:
            raise self.error

    def elapsed(self):
        """Seconds since it began."""
        return time.monotonic() - self._began

    def count(self, what):
        """How often something was done."""
        return sum(said == what for _moment, said in self.marks)

    def _plan(self):
        """(seconds, what to do) in order."""
        workers = range(1, int(self.seconds // WORKER_SECONDS) + 1)
        plan = [(each * WORKER_SECONDS - 10, self._kill_worker) for each in workers]
        share = self.seconds / (RUNNER_KILLS + 1)
        plan += [
            (share * (each + 1), self._kill_runner) for each in range(RUNNER_KILLS)
        ]
        workers = range(1, int(self.seconds // CELERY_SECONDS) + 1)
        plan += [(each * CELERY_SECONDS - 40, self._kill_celery) for each in workers]
        plan += [
            (self.seconds * 0.2, self._kill_redis),
            (self.seconds * 0.33, self._kill_database),
            (self.seconds * 0.42, self._kill_bridge),
            (self.seconds * 0.5, self._fill_disk),
            (self.seconds * 0.66, self._restart_database),
            (self.seconds * 0.75, self._restart_redis),
            (self.seconds * 0.82, self._put_clock_forward),
        ]
        return sorted(plan, key=lambda each: each[0])

    def _run(self):
        try:
            for moment, action in self._plan():
                left = self._began + moment - time.monotonic()
                if self._ending.wait(max(left, 0)):
                    return
                if said := action():
                    self.marks.append((self.elapsed(), said))
        except Exception as error:  # handed over to the thread of the check
            self.error = error

    def _kill_worker(self):
        """One that is at a job, if there is any just now."""
        found = self.server.processes(HTTP)
        with suppress(psycopg2.Error):
            at_work = {pid for (pid,) in self.world.sql(AT_WORK)} & set(found)
            found = sorted(at_work) or found
        if not found:
            return None
        with suppress(ProcessLookupError):
            os.kill(self._dice.choice(found), signal.SIGKILL)
        return "worker killed"

    def _kill_runner(self):
        return "runner killed" if self.server.kill_processes(RUNNER) else None

    def _kill_database(self):
        self.server.cluster.kill()
        self.server.cluster.start()
        return "database killed"

    def _restart_database(self):
        self.server.cluster.stop()
        self.server.cluster.start()
        return "database restarted"

    def _kill_celery(self):
        worker = self._dice.choice(self.elsewhere.workers)
        worker.kill()
        if worker in self.elsewhere.askers:
            self.cut_off += worker.concurrency
        worker.start()
        return "Celery worker killed"

    def _kill_bridge(self):
        self.elsewhere.bridge.kill()
        self.elsewhere.bridge.start()
        return "bridge killed"

    def _kill_redis(self):
        self.elsewhere.broker.kill()
        self._ending.wait(AWAY_SECONDS)
        self.elsewhere.broker.start()
        return "Redis killed"

    def _restart_redis(self):
        self.elsewhere.broker.stop()
        self._ending.wait(AWAY_SECONDS)
        self.elsewhere.broker.start()
        return "Redis restarted"

    def _put_clock_forward(self):
        self.clock.put_forward(CLOCK_SECONDS)
        return "clock put forward"

    def _fill_disk(self):
        """Odoo's log goes to a full disk: every write to it fails with ENOSPC.

        Odoo opens its log again when another file has its name.
        """
        log = self.server.log
        kept = log.with_suffix(".kept")
        log.rename(kept)
        log.symlink_to("/dev/full")
        self._ending.wait(min(FULL_SECONDS, self.seconds / 15))
        log.unlink()
        kept.rename(log)
        return "disk of the log full"


class Watch(threading.Thread):
    """Looks at memory and jobs now and then; a context manager.

    ``samples`` are (seconds, MB of each kind of process, jobs by state, answers).
    """

    def __init__(self, world, model, elsewhere):
        super().__init__(daemon=True)
        self.world, self.model, self.elsewhere = world, model, elsewhere
        self.samples = []
        self._ending = threading.Event()

    def __enter__(self):
        self.start()
        return self

    def __exit__(self, *exc_info):
        self._ending.set()
        self.join()

    def run(self):
        began = time.monotonic()
        while not self._ending.wait(SAMPLE_SECONDS):
            server = self.world.server
            memory = {
                name: sum(map(resident, server.processes(kind)))
                for name, kind in (
                    ("workers", HTTP),
                    ("crons", CRON),
                    ("runner", RUNNER),
                    ("websockets", WEBSOCKET),
                )
            }
            elsewhere = sum(map(resident, self.elsewhere.processes()))
            memory["Celery and bridge"] = elsewhere
            jobs = None
            with suppress(psycopg2.Error):
                (jobs,) = self.world.sql(STATES)
            answered = self.model.fake.stats()["answered"]
            self.samples.append((time.monotonic() - began, memory, jobs, answered))

    def growth(self):
        """Memory of all in the last quarter by that of the second: (MB, MB)."""
        totals = [sum(memory.values()) for _at, memory, _jobs, _done in self.samples]
        quarter = max(1, len(totals) // 4)
        return (
            statistics.median(totals[quarter : 2 * quarter]),
            statistics.median(totals[-quarter:]),
        )


def resident(pid):
    """MB of a process that it shares with nobody; 0 when it is gone."""
    try:
        fields = Path(f"/proc/{pid}/statm").read_text().split()
    except (FileNotFoundError, ProcessLookupError):
        return 0.0
    return (int(fields[1]) - int(fields[2])) * os.sysconf("SC_PAGE_SIZE") / 1e6
