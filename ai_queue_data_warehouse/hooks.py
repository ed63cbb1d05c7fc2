# Copyright 2026 The ai_queue contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
from odoo.addons.queue_job.job import ENQUEUED, PENDING, WAIT_DEPENDENCIES

from . import capture

MODELS = ("ai.queue.dataset", "ai.queue.warehouse")


def uninstall_hook(env):
    """Leave no trigger behind, and no job that nobody can run any more."""
    capture.remove(env.cr)
    jobs = env["queue.job"].search(
        [
            ("state", "in", (WAIT_DEPENDENCIES, PENDING, ENQUEUED)),
            ("model_name", "in", MODELS),
        ]
    )
    jobs._cancel_at_once(env._("The data warehouse was uninstalled."))
