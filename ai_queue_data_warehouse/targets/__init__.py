# Copyright 2026 The ai_queue contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""Warehouses, each behind the same few methods; drivers are loaded where used."""

from importlib import import_module

from .asking import Estimate, Selected
from .base import (
    BOOLEAN,
    DATE,
    DATETIME,
    DECIMAL,
    FLOAT,
    HASH,
    INTEGER,
    KEY,
    TEXT,
    TIME,
    BadKey,
    Changed,
    Column,
    Foreign,
    Gone,
    Internal,
    Load,
    Missing,
    Outcome,
    Refused,
    RowError,
    Span,
    Table,
    Target,
    TargetError,
    TooLarge,
    TooLong,
    Unreachable,
    Unwritable,
    read_keys,
)

#: type of a warehouse: module and class. Addons add theirs.
TARGETS = {
    "bigquery": (f"{__name__}.bigquery", "BigQueryTarget"),
    "duckdb": (f"{__name__}.duckdb_file", "DuckDbTarget"),
    "postgresql": (f"{__name__}.postgresql", "PostgresTarget"),
    "redshift": (f"{__name__}.postgresql", "RedshiftTarget"),
    "snowflake": (f"{__name__}.snowflake", "SnowflakeTarget"),
}


def get_class(kind):
    """The class of a type of warehouse, its driver not yet loaded."""
    module, name = TARGETS[kind]
    return getattr(import_module(module), name)


def connect(kind, settings):
    """An open ``Target``.

    :raise Missing: its driver is not installed
    """
    return get_class(kind)(settings)
