# Copyright 2026 The ai_queue contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
from odoo import SUPERUSER_ID, api


def migrate(cr, version):
    """The triggers of datasets become those of today, which plan a bulk well."""
    env = api.Environment(cr, SUPERUSER_ID, {})
    for dataset in env["ai.queue.dataset"].with_context(active_test=False).search([]):
        if dataset.sources:
            dataset._install(dataset.sources)
