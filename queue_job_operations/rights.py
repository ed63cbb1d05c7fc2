# Copyright 2026 The ai_queue contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""Who may see and steer the operations of the job queue."""

from odoo.exceptions import AccessError

MANAGER = "queue_job.group_queue_job_manager"


def check_manager(env):
    """Raise an ``AccessError`` for everyone but managers of the job queue."""
    if not (env.su or env.user.has_group(MANAGER)):
        raise AccessError(
            env._(
                "Only managers of the job queue may see and steer its operations. Ask "
                "an administrator for the role Job Queue Manager."
            )
        )
