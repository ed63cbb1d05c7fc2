# Copyright 2026 The ai_queue contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""Answers that the database does not take just now, in files until it does.

When PostgreSQL restarts, Odoo's main process may end over it, and with it the workers
that hold answers which are paid for. A file each in ``data_dir``, readable by Odoo's
user alone; gone as soon as the answer is in the ledger.
"""

import contextlib
import json
import logging
import os
from dataclasses import asdict
from pathlib import Path

from odoo.tools import config

from .shapes import Settlement

_logger = logging.getLogger(__name__)


def _directory(database):
    return Path(config["data_dir"]) / "ai_queue" / database


def _path(database, call_id):
    return _directory(database) / f"{call_id}.json"


def keep(database, key, settlement):
    """Write a settlement to its file, whole or not at all.

    :param str key: of the question, to know its call by
    :param settlement: ``asking.shapes.Settlement``
    """
    path = _path(database, settlement.call_id)
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    unfinished = path.with_suffix(f".{os.getpid()}")
    mode = os.O_WRONLY | os.O_CREAT | os.O_TRUNC
    with open(os.open(unfinished, mode, 0o600), "w") as file:
        json.dump({"key": key, "settlement": asdict(settlement)}, file)
        file.flush()
        # Else the name may be on the disk before what is in it.
        os.fsync(file.fileno())
    unfinished.replace(path)


def forget(database, call_id):
    """The settlement of this call is in the ledger."""
    _path(database, call_id).unlink(missing_ok=True)


def set_aside(database, call_id):
    """This settlement cannot be noted: it stays for people to look at, as ``.bad``."""
    path = _path(database, call_id)
    # Without what is in it: that is of people and companies.
    _logger.error("An answer of a model cannot be noted: %s", path.with_suffix(".bad"))
    with contextlib.suppress(FileNotFoundError):
        path.rename(path.with_suffix(".bad"))


def waiting(database):
    """What is kept: list of (key, ``asking.shapes.Settlement``).

    A file that is none is set aside: it must not keep the others waiting.
    """
    found = []
    for path in sorted(_directory(database).glob("*.json")):
        try:
            kept = json.loads(path.read_text())
            key, settlement = kept["key"], Settlement(**kept["settlement"])
            if path != _path(database, settlement.call_id):
                raise ValueError("It is of another call.")
        except FileNotFoundError:
            continue  # it is in the ledger meanwhile
        except (ValueError, TypeError, KeyError):
            set_aside(database, path.stem)
        else:
            found.append((key, settlement))
    return found
