"""Parts of the checks that run side by side, each in a process of its own.

A lane has a workspace, and so a database cluster, to itself. It takes one part after
the other; what measures time runs in the end, when all else is over.
"""

import json
import signal
import subprocess
import sys
import time
from pathlib import Path

from . import cache, process, runners
from .parts import Outcome, describe, prepared
from .progress import duration
from .workspace import Workspace

PROGRAM = (sys.executable, "-m", "dev.parts")
POLL_SECONDS = 0.2
#: how often it is told what still runs
TOLD_SECONDS = 60
#: a part needs time of its own to stop what it started
STOP_SECONDS = runners.STOP_SECONDS + 30


class Lane:
    """One place where parts run, one at a time."""

    def __init__(self, directory, logs):
        self.workspace = Workspace(directory, logs)
        self.part = None
        self._child = None

    def start(self, part, words, show):
        """Run a part; ``show`` lets its output through instead of keeping it."""
        self.part = part
        self._began = time.monotonic()
        logs = self.workspace.logs
        logs.mkdir(parents=True, exist_ok=True)
        self._outcome = logs / f"{part}.json"
        self._output = None if show else logs / f"{part}.out"
        command = [*PROGRAM, part, self.workspace.directory, logs, self._outcome]
        out = None if show else self._output.open("wb")
        self._child = subprocess.Popen(
            [str(word) for word in (*command, *words)],
            cwd=cache.CHECKOUT,
            stdin=subprocess.DEVNULL,
            stdout=out,
            stderr=out and subprocess.STDOUT,
            # Ctrl-C is for us; the parts are then stopped in order
            start_new_session=True,
        )
        if out:
            out.close()

    def ended(self):
        """The outcome of the part that has just ended, and what it said; or None."""
        if not self._child or self._child.poll() is None:
            return None
        code, self._child = self._child.returncode, None
        said = self._output.read_text(errors="replace") if self._output else ""
        if self._outcome.exists():
            return Outcome(**json.loads(self._outcome.read_text())), said
        note = f"ended with code {code} and no result"
        return Outcome(failed=1, seconds=self.seconds(), note=note), said

    def seconds(self):
        """How long the part has been running."""
        return time.monotonic() - self._began

    def interrupt(self):
        """Ask the part to stop, once: a second signal would break that off."""
        if self._child:
            self._child.send_signal(signal.SIGINT)

    def wait(self):
        """Wait until the part has stopped; end it when it does not."""
        if not self._child:
            return
        try:
            self._child.wait(STOP_SECONDS)
        except subprocess.TimeoutExpired:
            self._child.kill()
            self._child.wait()


class Lanes:
    """Lanes side by side below ``directory``; what they write down is in ``logs``."""

    def __init__(self, directory, count):
        self.logs = Path(directory) / "logs"
        self._prepared = prepared(directory)
        self._lanes = [
            Lane(Path(directory) / f"lane-{number}", self.logs)
            for number in range(1, count + 1)
        ]
        self.outcomes = {}
        #: what those parts said that failed
        self.said = {}

    def run(self, parts, only="", show=False):
        """Run parts, each in the first lane that is free when its turn comes.

        :param str only: pytest's ``-k``
        :param bool show: let the output through as it comes
        :return: ``{part: outcome}`` of all that ran so far
        """
        waiting = list(parts)
        words = ["-k", only] if only else []
        if len(self._lanes) > 1 and len(waiting) > 1:
            words.append("--together")
        told = time.monotonic()
        try:
            while self._advance(waiting, words, show):
                time.sleep(POLL_SECONDS)
                if not show and time.monotonic() - told > TOLD_SECONDS:
                    told = time.monotonic()
                    self._tell()
        except BaseException:
            for lane in self._lanes:
                lane.interrupt()
            for lane in self._lanes:
                lane.wait()
            raise
        return self.outcomes

    def stop(self):
        """Stop what a part may have left behind."""
        for workspace in (self._prepared, *(lane.workspace for lane in self._lanes)):
            process.signal_all(_left(workspace), signal.SIGKILL)
            workspace.cluster.stop()

    def _advance(self, waiting, words, show):
        """Note what has ended and start what is next; whether anything still runs."""
        for lane in self._lanes:
            if ended := lane.ended():
                self._note(lane, *ended)
            if lane.part is None and waiting:
                part = waiting.pop(0)
                print(f"\n=== {part}: {describe(part)}", flush=True)
                lane.start(part, words, show)
        return any(lane.part for lane in self._lanes)

    def _note(self, lane, outcome, said):
        part, lane.part = lane.part, None
        self.outcomes[part] = outcome
        if outcome.failed:
            self.said[part] = said
        if said:
            line = "─" * 8
            print(f"\n{line} {part} said:\n{said.rstrip()}\n{line} end of {part}")
        print(f"=== {part}: {outcome.words()}", flush=True)

    def _tell(self):
        running = [
            f"{lane.part} ({duration(lane.seconds())})"
            for lane in self._lanes
            if lane.part
        ]
        print(f"… running: {', '.join(running)}", flush=True)


def _left(workspace):
    """Processes there that outlived their part, but for the database server."""
    return set(process.mentioning(workspace.directory)) - {workspace.cluster.pid()}
