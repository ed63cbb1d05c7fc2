# Copyright 2026 The ai_queue contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""Answers that the database does not take just now, in files until it does.

When PostgreSQL restarts, Odoo's main process may end over it, and with it the workers
that hold answers which are paid for. A file each in ``data_dir``, readable by Odoo's
user alone; gone as soon as the answer is in the ledger.
"""

import json
import os
from dataclasses import asdict
from pathlib import Path

from odoo.tools import config


def _directory(database):
    return Path(config["data_dir"]) / "ai_queue" / database


def _path(database, call_id):
    return _directory(database) / f"{call_id}.json"


def keep(database, key, settlement):
    """Write a settlement to its file, whole or not at all.

    :param str key: of the question, to know its call by
    :param settlement: ``asking_shapes.Settlement``
    """
    path = _path(database, settlement.call_id)
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    unfinished = path.with_suffix(f".{os.getpid()}")
    mode = os.O_WRONLY | os.O_CREAT | os.O_TRUNC
    with open(os.open(unfinished, mode, 0o600), "w") as file:
        json.dump({"key": key, "settlement": asdict(settlement)}, file)
    unfinished.replace(path)


def forget(database, call_id):
    """The settlement of this call is in the ledger."""
    _path(database, call_id).unlink(missing_ok=True)


def waiting(database):
    """What is kept: list of (key, values of an ``asking_shapes.Settlement``)."""
    found = []
    for path in sorted(_directory(database).glob("*.json")):
        try:
            kept = json.loads(path.read_text())
        except FileNotFoundError:
            continue  # it is in the ledger meanwhile
        found.append((kept["key"], kept["settlement"]))
    return found
