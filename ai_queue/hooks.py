# Copyright 2026 The ai_queue contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
from odoo.addons.queue_job.job import ENQUEUED, PENDING, WAIT_DEPENDENCIES

WAITING = (WAIT_DEPENDENCIES, PENDING, ENQUEUED)


def uninstall_hook(env):
    """Leave no job behind that nobody can run any more."""
    functions = env["ir.model.data"].search(
        [("module", "=", "ai_queue"), ("model", "=", "queue.job.function")]
    )
    jobs = env["queue.job"].search(
        [
            ("state", "in", WAITING),
            "|",
            ("ai_queue_run_id", "!=", False),
            ("job_function_id", "in", functions.mapped("res_id")),
        ]
    )
    jobs._cancel_at_once(env._("AI Queue was uninstalled."))
