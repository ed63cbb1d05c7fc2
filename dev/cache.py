"""Where everything that is downloaded or made lives: one directory, never the checkout.

Two kinds of content: *parts* (Odoo, programs, virtual environments), named by a hash
of what determines them and shared by all checkouts, and the *state* of one checkout
(database cluster, files, logs).
"""

import fcntl
import functools
import hashlib
import os
import pwd
import shutil
import subprocess
import threading
from contextlib import contextmanager
from pathlib import Path

from .progress import SetupError, say

CHECKOUT = Path(__file__).resolve().parent.parent

#: written last into a part: without it, the part was interrupted and is made again
COMPLETE = ".complete"

# Descriptors of the locks held now. Programs started by ``run`` inherit them, so that
# a program that outlives a killed set-up still holds off the next one.
_held = {}

_running = set()
_stopping = threading.Event()


@functools.cache
def root():
    """The cache directory, made when it is not there.

    Everybody may look into root's cache: there the database server runs as another
    user, who must reach its programs and its data. What is secret is closed further in.
    """
    path = _chosen_root()
    try:
        path.mkdir(parents=True, exist_ok=True)
        if os.geteuid() == 0:
            os.umask(0o022)
            path.chmod(path.stat().st_mode | 0o755)
    except OSError as error:
        raise SetupError(
            f"The cache directory {path} cannot be used ({error.strerror}). "
            "Name another one in the environment variable AI_QUEUE_CACHE."
        ) from error
    return path


def _chosen_root():
    if chosen := os.environ.get("AI_QUEUE_CACHE"):
        return Path(chosen).expanduser().resolve()
    if os.geteuid() == 0:
        return Path("/var/cache/ai_queue")
    if base := os.environ.get("XDG_CACHE_HOME"):
        return Path(base) / "ai_queue"
    # A user switched to with setpriv or su may still carry another one's HOME.
    home = Path(os.environ.get("HOME", "/nonexistent"))
    if not os.access(home, os.W_OK):
        home = Path(pwd.getpwuid(os.geteuid()).pw_dir)
    return home / ".cache" / "ai_queue"


@functools.cache
def state():
    """The directory of what belongs to this checkout alone."""
    name = f"{CHECKOUT.name}-{digest(str(CHECKOUT))}"
    path = root() / "state" / name
    path.mkdir(parents=True, exist_ok=True)
    return path


def digest(*texts):
    """A short, stable name for some texts."""
    return hashlib.sha256("\0".join(map(str, texts)).encode()).hexdigest()[:12]


@contextmanager
def lock(name, *, waiting_for=None):
    """Hold the lock ``name`` across processes and threads; it ends with its holder."""
    path = root() / "locks" / f"{name}.lock"
    path.parent.mkdir(exist_ok=True)
    with path.open("w") as file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            # not when it is another thread of ours, which tells by itself what it does
            if waiting_for and path not in _held.values():
                say(f"Another command is preparing {waiting_for}; waiting for it …")
            fcntl.flock(file, fcntl.LOCK_EX)
        _held[file.fileno()] = path
        try:
            yield
        finally:
            del _held[file.fileno()]


def part(name, key, make):
    """The directory of the part ``name`` for ``key``, made by ``make(path)`` once.

    ``make`` fills an empty directory in its final place (a virtual environment cannot
    be moved). One that was interrupted is thrown away and made again.
    """
    path = root() / name / key
    if (path / COMPLETE).exists():
        return path
    with lock(f"{name.replace('/', '-')}-{key}", waiting_for=name):
        if (path / COMPLETE).exists():
            return path
        shutil.rmtree(path, ignore_errors=True)
        path.mkdir(parents=True)
        make(path)
        (path / COMPLETE).touch()
    return path


def run(command, *, what, env=None, input="", keep_locks=True, **kwargs):
    """Run a set-up program; a failure becomes a sentence with the end of its output.

    ``keep_locks=False`` is for what stays behind when the command ends (a server).
    """
    if _stopping.is_set():
        raise SetupError(f"{what} was not begun.")
    child = subprocess.Popen(
        [str(word) for word in command],
        env=env,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        errors="replace",
        pass_fds=tuple(_held) if keep_locks else (),
        **kwargs,
    )
    with child:
        _running.add(child)
        try:
            stdout, stderr = child.communicate(input)
        except BaseException:
            child.kill()
            raise
        finally:
            _running.remove(child)
    if child.returncode:
        lines = (stdout + stderr).strip().splitlines()
        raise SetupError("\n  ".join([f"{what} failed:", *lines[-15:]]))
    return stdout


def stop_running():
    """End the set-up programs of all threads, and let no thread begin another."""
    _stopping.set()
    for child in list(_running):
        child.terminate()
