# Copyright 2026 The ai_queue contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""A lost server, or a model that is gone, holds up no other job."""

from odoo.addons.queue_job.controllers.main import RunJobController

from ..lost_network import bound


class RunJobOrEnd(RunJobController):
    # EXTENDS queue_job
    @classmethod
    def _acquire_job(cls, env, job_uuid):
        """A job whose model is gone cannot even be loaded: it fails instead.

        The host would find it dead and hand it out again, every ten seconds for ever.
        """
        # What notes the start of a job holds the lock of its run, too.
        bound(env.cr)
        try:
            return super()._acquire_job(env, job_uuid)
        except (AttributeError, KeyError):
            if not env["queue.job"]._fail_if_gone(job_uuid):
                raise
            return None
