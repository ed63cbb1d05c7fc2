# Copyright 2026 The ai_queue contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
from odoo.fields import Domain

from odoo.addons.queue_job.job import ENQUEUED, PENDING, WAIT_DEPENDENCIES

WAITING = (WAIT_DEPENDENCIES, PENDING, ENQUEUED)


def cancel_jobs_of(env, module, sentence, domain=Domain.FALSE):
    """Leave no job behind that nobody can run once a module is uninstalled.

    For the ``uninstall_hook`` of addons with kinds or jobs of their own.

    :param str module: which; its job functions are those of its data
    :param str sentence: what people read on the jobs
    :param domain: further jobs to cancel, whatever function they call
    """
    functions = env["ir.model.data"].search(
        [("module", "=", module), ("model", "=", "queue.job.function")]
    )
    its = Domain("job_function_id", "in", functions.mapped("res_id")) | domain
    env["queue.job"].search(its & Domain("state", "in", WAITING))._cancel_at_once(
        sentence
    )


def uninstall_hook(env):
    """No job stays, and no job of a run, whichever addon its kind is from."""
    cancel_jobs_of(
        env,
        "ai_queue",
        env._("AI Queue was uninstalled."),
        Domain("ai_queue_run_id", "!=", False),
    )
