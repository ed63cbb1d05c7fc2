# Copyright 2026 The ai_queue contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""Reads SQL of a model before a warehouse sees it. Nothing here knows Odoo.

What comes out is written anew from what was understood: no comment, no second
statement and no trick of quoting of the text that came in reaches the warehouse::

    checked = guard("SELECT …", "postgres", {"odoo.sale_order": ["id", "state"]}, 500)
    checked.sql, checked.tables
"""

from .check import Guarded, guard
from .grammar import DIALECTS
from .refused import Refused

__all__ = ["DIALECTS", "Guarded", "Refused", "guard"]
