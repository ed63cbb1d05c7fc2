# Copyright 2026 The ai_queue contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
from odoo.addons.ai_queue.hooks import cancel_jobs_of


def uninstall_hook(env):
    """Leave no job behind that nobody can run any more."""
    cancel_jobs_of(env, "ai_queue_report", env._("Reports were uninstalled."))
