# Copyright 2026 The ai_queue contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""What the server loads for all of its databases, also for those without the addon."""

from odoo.http import request


def has(model):
    """Whether the request that is served is about a database with this model.

    With several databases the header X-Odoo-Database names one.
    """
    return bool(request.db) and model in request.env
