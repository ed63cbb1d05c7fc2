# Copyright 2026 The ai_queue contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
from odoo.addons.ai_queue.hooks import cancel_jobs_of


def uninstall_hook(env):
    """Leave nothing behind that nobody can run any more: no job, no entry of a menu."""
    agents = env["ai.queue.agent"].with_context(active_test=False).search([])
    # They are bound to models that stay.
    agents.menu_action_id.unlink()
    cancel_jobs_of(env, "ai_queue_agent", env._("Agents were uninstalled."))
