"""Looking after other processes, through ``/proc`` alone."""

import os
import signal
import time
from pathlib import Path

from .progress import SetupError


def session(leader):
    """The living processes of the session that ``leader`` began, itself included.

    A server started as the leader of a session is found whole this way, also when its
    main process is already dead.
    """
    found = []
    for path in Path("/proc").glob("[0-9]*/stat"):
        try:
            fields = _fields(path)
        except (FileNotFoundError, ProcessLookupError):
            continue
        if int(fields[3]) == leader and fields[0] not in "ZX":
            found.append(int(path.parent.name))
    return sorted(found)


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


def mentioning(path):
    """The processes with ``path`` in their command line."""
    found = []
    for file in Path("/proc").glob("[0-9]*/cmdline"):
        try:
            if os.fsencode(path) in file.read_bytes():
                found.append(int(file.parent.name))
        except (FileNotFoundError, ProcessLookupError):
            continue
    return found


def is_alive(pid):
    """Whether ``pid`` runs; one that only waits to be reaped does not."""
    try:
        return _fields(Path(f"/proc/{pid}/stat"))[0] not in "ZX"
    except (FileNotFoundError, ProcessLookupError):
        return False


def _fields(stat):
    """State, parent, group, session … of ``/proc/N/stat``."""
    # the name in parentheses before them may hold anything, also spaces
    return stat.read_text().rpartition(")")[2].split()


def wait_until(condition, what, seconds, *, interval=0.05, detail=lambda: ""):
    """Poll ``condition`` until it holds and return its value.

    After ``seconds`` a ``SetupError`` names ``what`` was waited for, with ``detail()``.
    """
    deadline = time.monotonic() + seconds
    while True:
        if value := condition():
            return value
        if time.monotonic() > deadline:
            raise SetupError(f"Waited {seconds} s in vain for {what}. {detail()}")
        time.sleep(interval)


def on_this_machine(seconds):
    """How long something may take that takes at most ``seconds`` where nothing else
    runs: longer where others want the processors, too."""
    return seconds * max(1, os.getloadavg()[0] / os.cpu_count())


def wait_until_gone(pids, seconds):
    """Wait until none of the processes is alive."""
    wait_until(
        lambda: not any(map(is_alive, pids)),
        f"the end of the processes {', '.join(map(str, pids))}",
        seconds,
    )


def kill_session(leader, seconds):
    """``kill -9`` of all processes of a session, and wait until they are gone.

    Whoever is being killed may still start another one, which is killed as well.
    """

    def is_gone():
        members = session(leader)
        signal_all(members, signal.SIGKILL)
        return not members

    wait_until(is_gone, f"the end of the session of process {leader}", seconds)


def end_like_ctrl_c():
    """Let Ctrl-C and SIGTERM both raise KeyboardInterrupt, here and in what is started.

    A shell starts what runs in its background so that it ignores Ctrl-C, which our
    programs would inherit, and then could not be stopped in order.
    """
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, signal.default_int_handler)


def signal_all(pids, number):
    """Send a signal to every process that is still there."""
    for pid in pids:
        try:
            os.kill(pid, number)
        except ProcessLookupError:
            continue
