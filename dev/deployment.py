"""The deployment that is recommended, as processes of this machine.

People are served by one Odoo and jobs by another (``systemd/*.service``). What those
files say of workers, limits, channels and niceness is what runs here; ports, database
and paths are this machine's.
"""

import re
from contextlib import contextmanager

from . import cache
from .server import Server

UNITS = cache.CHECKOUT / "systemd"
WEB, JOBS = "odoo-web", "odoo-jobs"
#: variables that name an address, for which a free one is taken
_ADDRESSES = {"http_interface", "http_port", "gevent_port"}
_QUEUE_JOB = "queue_job_"


def unit(name):
    """What a unit says of its service.

    :return: (options of Odoo, settings of the section ``queue_job``, niceness)
    """
    text = (UNITS / f"{name}.service").read_text()
    variables = {
        option.lower(): value
        for option, value in re.findall(r"^Environment=ODOO_(\w+)=(.*)$", text, re.M)
    }
    options = {
        option: value
        for option, value in variables.items()
        if not option.startswith(_QUEUE_JOB) and option not in _ADDRESSES
    }
    queue_job = {"channels": variables[f"{_QUEUE_JOB}channels"]}
    niceness = re.search(r"^Nice=(\d+)$", text, re.M)
    return options, queue_job, int(niceness[1]) if niceness else 0


@contextmanager
def running(cluster, database, directory, *, options=None, channels=None):
    """Both services; yields ``(web, jobs)``, each a started ``Server``.

    :param options: of Odoo, for both
    :param str channels: in place of those of the unit
    """
    web = _server(WEB, cluster, database, directory, options)
    jobs = _server(JOBS, cluster, database, directory, options, channels)
    with web, jobs:
        yield web, jobs


def _server(name, cluster, database, directory, options, channels=None):
    own, queue_job, niceness = unit(name)
    return Server(
        cluster,
        database,
        directory / name,
        options={**own, **(options or {})},
        queue_job={**queue_job, **({"channels": channels} if channels else {})},
        niceness=niceness,
    )
