"""Looking after other processes, through ``/proc`` alone."""

import os
import time
from pathlib import Path

from .progress import SetupError


def family(pid):
    """``pid`` and all its descendants, as far as they live now."""
    children = {}
    for path in Path("/proc").glob("[0-9]*/stat"):
        try:
            # the name in parentheses may hold anything, also spaces
            fields = path.read_text().rpartition(")")[2].split()
        except (FileNotFoundError, ProcessLookupError):
            continue
        children.setdefault(int(fields[1]), []).append(int(path.parent.name))
    found = [pid] if Path(f"/proc/{pid}").exists() else []
    for parent in found:
        found.extend(children.get(parent, ()))
    return found


def working_in(directory):
    """The processes whose working directory is ``directory``."""
    found = []
    for path in Path("/proc").glob("[0-9]*/cwd"):
        try:
            if path.readlink() == directory:
                found.append(int(path.parent.name))
        except OSError:
            continue  # gone meanwhile, a zombie, or somebody else's
    return found


def is_alive(pid):
    """Whether ``pid`` runs; one that only waits to be reaped does not."""
    try:
        stat = Path(f"/proc/{pid}/stat").read_text()
    except (FileNotFoundError, ProcessLookupError):
        return False
    return stat.rpartition(")")[2].split()[0] not in "ZX"


def wait_until(condition, what, seconds, *, interval=0.05, detail=lambda: ""):
    """Poll ``condition`` until it holds and return its value.

    After ``seconds`` a ``SetupError`` names ``what`` was waited for, with ``detail()``.
    """
    deadline = time.monotonic() + seconds
    while True:
        if value := condition():
            return value
        if time.monotonic() > deadline:
            raise SetupError(f"Waited {seconds} s in vain for {what}. {detail()}".strip())
        time.sleep(interval)


def wait_until_gone(pids, seconds):
    """Wait until none of the processes is alive."""
    wait_until(
        lambda: not any(map(is_alive, pids)),
        f"the end of the processes {', '.join(map(str, pids))}",
        seconds,
    )


def signal_all(pids, number):
    """Send a signal to every process that is still there."""
    for pid in pids:
        try:
            os.kill(pid, number)
        except ProcessLookupError:
            continue
