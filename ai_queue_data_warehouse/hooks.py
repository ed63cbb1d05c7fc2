# Copyright 2026 The ai_queue contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
from odoo.addons.ai_queue.hooks import cancel_jobs_of

from . import capture


def uninstall_hook(env):
    """Leave no trigger behind, and no job that nobody can run any more."""
    capture.remove(env.cr)
    cancel_jobs_of(
        env, "ai_queue_data_warehouse", env._("The data warehouse was uninstalled.")
    )
