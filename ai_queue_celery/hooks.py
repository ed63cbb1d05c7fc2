# Copyright 2026 The ai_queue contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).


def uninstall_hook(env):
    """Questions at workers are not waited for any more.

    Whether they are answered, and paid for, is not known: what was reserved for them
    stays counted. Their jobs ask again, from here.
    """
    env.cr.execute(
        """
        UPDATE ai_queue_call
           SET state = 'lost', is_current = false, outcome = 'lost',
               is_estimated = true, lease_until = NULL
         WHERE state = 'asking' AND handed = 'out'
        """
    )
    env.cr.execute(
        """
        UPDATE queue_job SET eta = NULL
         WHERE state = 'pending' AND uuid IN (
               SELECT queue_job_uuid FROM ai_queue_run_job
                WHERE waits_for ~ '^(elsewhere|place|files):')
        """
    )
