"""The process that reads one file: ``python -m engine.documents.files.worker REQUEST``.

``REQUEST`` is JSON: ``{"task": …, "limits": {…}, …}``. The file comes by standard
input; the answer, JSON too, goes to standard output: ``{"result": …}``, or
``{"cause": …, "values": …}`` for an `Unreadable`. `reading` starts it; see there why.
"""

from __future__ import annotations

import base64
import json
import os
import resource
import signal
import sys
import time
from dataclasses import asdict

from ...errors import Unreadable
from .shapes import Limits

#: seconds of grace for an orderly end, before the process is ended
GRACE = 2
#: how much it gives way to others on the processor
NICE = 10
#: how much it may write
OUTPUT_MB = 64
#: the niceness of the session of this process
AUTOGROUP = "/proc/self/autogroup"
AUTOGROUP_TRIES, AUTOGROUP_SECONDS = 3, 0.1
_MB = 1024 * 1024
_FILES = 128


def main(request):
    """Do what a request asks for; the exit code is 0 whenever there is an answer."""
    limits = Limits(**request["limits"])
    confine(limits)
    try:
        answer = {"result": TASKS[request["task"]](request, limits)}
    except Unreadable as error:
        answer = {"cause": error.cause, "values": error.values}
    except MemoryError:
        answer = {"cause": "too_big"}
    sys.stdout.write(json.dumps(answer))
    sys.stdout.flush()
    # libraries in C may stumble over their own leavings when they are unloaded
    os._exit(0)


def confine(limits):
    """Set the bounds of this process and of those that it starts."""
    seconds = int(limits.seconds) + GRACE
    most = max(limits.memory_mb, limits.ocr_memory_mb)
    _bound(resource.RLIMIT_AS, limits.memory_mb * _MB, most * _MB)
    _bound(resource.RLIMIT_CPU, seconds)
    _bound(resource.RLIMIT_FSIZE, OUTPUT_MB * _MB)
    _bound(resource.RLIMIT_NOFILE, _FILES)
    _bound(resource.RLIMIT_CORE, 0)
    # should the process that started this one be gone by then
    signal.alarm(int(limits.seconds * limits.patience) + 2 * GRACE)
    give_way()


def give_way():
    """Let everybody else on the machine have the processor first.

    This process has a session of its own (see `reading`). Linux shares the processor
    among sessions, and heeds the niceness of a process only within its own: so the
    session is made to give way as a whole, where there is such a thing (sched(7),
    autogroup).
    """
    niceness = os.nice(NICE)
    for _try in range(AUTOGROUP_TRIES):
        try:
            with open(AUTOGROUP, "w") as file:
                file.write(str(niceness))
        except BlockingIOError:
            # Others came just before: Linux takes ten of these a second.
            time.sleep(AUTOGROUP_SECONDS)
        except OSError:
            # Not on this system, or not to be had: reading is what matters.
            return
        else:
            return


def _bound(kind, value, most=None):
    """Bound one thing; what may be asked for later is up to ``most``."""
    most = value if most is None else most
    _, hard = resource.getrlimit(kind)
    if hard != resource.RLIM_INFINITY:
        value, most = min(value, hard), min(most, hard)
    resource.setrlimit(kind, (value, most))


def _read(request, limits):
    from . import contents

    document = asdict(contents.read(sys.stdin.buffer.read(), limits))
    if document["xml"] is not None:
        document["xml"] = base64.b64encode(document["xml"]).decode()
    for page in document["pages"]:
        page["words"] = [list(word.values()) for word in page["words"]]
    return document


def _render(request, limits):
    from . import contents

    data = sys.stdin.buffer.read()
    found = contents.render(data, limits, request["numbers"], request["side"])
    return [base64.b64encode(picture).decode() for picture in found]


# Imported after the bounds are set, and by the tasks: their libraries are in C.
TASKS = {"read": _read, "render": _render}

if __name__ == "__main__":
    main(json.loads(sys.argv[1]))
