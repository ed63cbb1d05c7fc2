# Copyright 2026 The ai_queue contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""What went wrong with a warehouse, in words for people."""

from odoo.exceptions import AccessError, UserError

from odoo.addons.queue_job_operations.addresses import describe_refusal

from .loading import TooManyAside
from .targets import (
    BadKey,
    Changed,
    Foreign,
    Gone,
    Internal,
    Missing,
    Refused,
    RowError,
    TooLarge,
    TooLong,
    Unreachable,
    Unwritable,
)


def say(env, error):
    """What happened and what to do next."""
    text = str(error)
    if isinstance(error, Missing):
        return env._(
            "The Python package %(package)s is not installed on the server. Install it "
            "there with: pip install %(package)s",
            package=error.package,
        )
    if isinstance(error, BadKey):
        return _say_bad_key(env, error.problem)
    if isinstance(error, Internal):
        return describe_refusal(env, error.where)
    if isinstance(error, Foreign):
        return env._(
            "The warehouse has a table %(table)s already that does not belong to this "
            "dataset. Choose another name for the table, or rename the other one.",
            table=text,
        )
    if isinstance(error, Gone):
        return env._(
            "The warehouse has no table %s any more: all rows are loaded again.", text
        )
    if isinstance(error, Changed):
        return _say_changed(env, error.columns)
    if isinstance(error, RowError):
        return _say_rows(env, error)
    if isinstance(error, Unreachable):
        return env._("The warehouse cannot be reached, or is busy: %s", text)
    if isinstance(error, Unwritable):
        return env._(
            "Odoo cannot write to the directory %(directory)s on its server: %(text)s. "
            "Give the user that Odoo runs as the right to, or name another directory "
            "in odoo.conf (warehouse_path in the section [ai_queue]).",
            directory=error.directory,
            text=text,
        )
    if isinstance(error, TooLong):
        return env._(
            "The warehouse took longer than it may. Ask for less: a shorter time or "
            "fewer tables."
        )
    if isinstance(error, Refused):
        return env._("The warehouse refuses it: %s", text)
    if isinstance(error, AccessError | UserError):
        return text
    raise error


def _say_rows(env, error):
    if isinstance(error, TooManyAside):
        return env._(
            "Too many rows do not fit into the table, so that something else must be "
            "wrong with it. The last reason: %s",
            error,
        )
    if isinstance(error, TooLarge):
        return env._(
            "Rows of this table are too long for the memory that DuckDB may take here: "
            "leave the longest column out, or do without Parquet files. %s",
            error,
        )
    return env._("A row does not fit into the table: %s", error)


def _say_changed(env, columns):
    return env._(
        "The type of a column has changed: %(columns)s. Nothing was converted. "
        "Rebuild the table, or give the column another name.",
        columns=", ".join(
            env._("%(column)s was %(old)s and is %(new)s", column=c, old=o, new=n)
            for c, o, n in columns
        ),
    )


def _say_bad_key(env, problem):
    if problem == "pem":
        return env._(
            "The key is no private key that can be read: enter a PEM text without a "
            "passphrase, as openssl pkcs8 -topk8 -nocrypt makes it, or a password."
        )
    if problem == "json":
        return env._(
            "The key is not that of a service account: enter the whole text of its "
            "JSON file."
        )
    return env._("There is no key: enter one, or put one beside the server.")
