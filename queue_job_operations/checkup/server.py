# Copyright 2026 The ai_queue contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""What the process that runs this says of the Odoo server that it belongs to."""

import os
import socket
from pathlib import Path

from odoo.tools import config

from .facts import Server

CGROUP = Path("/sys/fs/cgroup")
#: {name: function without arguments}: what other addons want to know of a server. Its
#: result, fit for JSON, stands in ``Server.extras``.
EXTRAS = {}


def describe():
    """The server of this process, as a ``Server``. Holds no secret."""
    return Server(
        host=socket.gethostname(),
        http_port=config["http_port"],
        http_interface=config["http_interface"] or "",
        gevent_port=config["gevent_port"],
        workers=config["workers"],
        max_cron_threads=config["max_cron_threads"],
        limit_time_cpu=config["limit_time_cpu"],
        limit_time_real=config["limit_time_real"],
        limit_time_real_cron=config["limit_time_real_cron"],
        limit_memory_soft=config["limit_memory_soft"] or 0,
        limit_memory_hard=config["limit_memory_hard"] or 0,
        db_maxconn=config["db_maxconn"],
        db_maxconn_gevent=config["db_maxconn_gevent"] or config["db_maxconn"],
        proxy_mode=bool(config["proxy_mode"]),
        modules=tuple(config["server_wide_modules"]),
        cpus=count_cpus(),
        memory=measure_memory(),
        extras={name: look() for name, look in EXTRAS.items()},
    )


def count_cpus():
    """Processors that this process may use; those of its container, where it has a
    quota."""
    # The job runner asks: it must not stumble on a system without one of these.
    if hasattr(os, "sched_getaffinity"):
        count = len(os.sched_getaffinity(0))
    else:
        count = os.cpu_count() or 1
    quota, _space, period = _read(CGROUP / "cpu.max").partition(" ")
    if quota.isdigit() and period.isdigit():
        count = min(count, max(1, round(int(quota) / int(period))))
    return count


def measure_memory():
    """Bytes of memory of this computer; of its container, where that is bounded. 0
    where the system does not tell."""
    if "SC_PHYS_PAGES" not in getattr(os, "sysconf_names", ()):
        return 0
    size = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES")
    bound = _read(CGROUP / "memory.max")
    return min(size, int(bound)) if bound.isdigit() else size


def _read(path):
    try:
        return path.read_text().strip()
    except OSError:
        # Not in a container, or on a system without such a thing.
        return ""
