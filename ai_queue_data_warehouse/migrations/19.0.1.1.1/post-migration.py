# Copyright 2026 The ai_queue contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
from odoo import SUPERUSER_ID, api


def migrate(cr, version):
    """The triggers of datasets become those of today: they outlive a column, and note
    what names and values are found through. What changed there before is for *Compare*.
    """
    env = api.Environment(cr, SUPERUSER_ID, {})
    datasets = env["ai.queue.dataset"].with_context(active_test=False)
    for dataset in datasets.search([("phase", "!=", "draft")]):
        dataset.sources = dataset._get_sources()
        dataset._install(dataset.sources)
    datasets._uninstall_unused()
