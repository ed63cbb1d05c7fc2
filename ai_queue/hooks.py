# Copyright 2026 The ai_queue contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
from odoo.fields import Domain

from odoo.addons.queue_job_operations.models.queue_job import NOT_ENDED


def cancel_jobs_of(env, module, sentence, domain=Domain.FALSE):
    """Leave no job behind that nobody can run once a module is uninstalled.

    For the ``uninstall_hook`` of addons with kinds or jobs of their own.

    :param str module: which; its jobs are those of the job functions of its data, and
        those of its models
    :param str sentence: what people read on the jobs
    :param domain: further jobs to cancel, whatever function they call
    """
    functions = env["ir.model.data"].search(
        [("module", "=", module), ("model", "=", "queue.job.function")]
    )
    its = Domain("job_function_id", "in", functions.mapped("res_id"))
    its |= Domain("model_name", "in", _get_models(env, module)) | domain
    env["queue.job"].search(its & Domain("state", "in", NOT_ENDED))._cancel_at_once(
        sentence
    )


def _get_models(env, module):
    """The names of the models that go with a module: those that it defines.

    Not by their external ids: every module that extends a model has one of it.
    """
    return [
        name for name, model in env.registry.items() if model._original_module == module
    ]


def uninstall_hook(env):
    """No job stays, and no job of a run, whichever addon its kind is from."""
    cancel_jobs_of(
        env,
        "ai_queue",
        env._("AI Queue was uninstalled."),
        Domain("ai_queue_run_id", "!=", False),
    )
    # When this is committed, there are no runs to be brought in line with their jobs.
    env.cr.postcommit.data.pop("ai_queue.sync", None)
