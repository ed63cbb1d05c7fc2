# Copyright 2026 The ai_queue contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
from odoo import SUPERUSER_ID, api


def migrate(cr, version):
    """The triggers of datasets become those of today, which outlive a column."""
    env = api.Environment(cr, SUPERUSER_ID, {})
    datasets = env["ai.queue.dataset"].with_context(active_test=False)
    for dataset in datasets.search([("phase", "!=", "draft")]):
        dataset._install(dataset.sources or {})
    datasets._uninstall_left()
