# Copyright 2026 The ai_queue contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""What a question becomes: plain data of a closed shape, without a word of Odoo's ORM.

``SCHEMA`` is the shape as JSON schema, ``parse`` checks data against it and makes a
``Specification``, ``as_data`` goes back. ``period.dates`` turns a period into days.
"""

from .period import compared, dates
from .shape import (
    AGGREGATES,
    CHARTS,
    COMPARES,
    GRANULARITIES,
    MAX_GROUPS,
    MAX_MEASURES,
    OPERATORS,
    SCHEMA,
    UNITS,
    Filter,
    Group,
    Measure,
    Order,
    Period,
    Specification,
    SpecificationError,
    as_data,
    parse,
)

__all__ = [
    "AGGREGATES",
    "CHARTS",
    "COMPARES",
    "GRANULARITIES",
    "MAX_GROUPS",
    "MAX_MEASURES",
    "OPERATORS",
    "SCHEMA",
    "UNITS",
    "Filter",
    "Group",
    "Measure",
    "Order",
    "Period",
    "Specification",
    "SpecificationError",
    "as_data",
    "compared",
    "dates",
    "parse",
]
