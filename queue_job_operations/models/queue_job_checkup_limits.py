# Copyright 2026 The ai_queue contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
from odoo import models


class QueueJobCheckup(models.AbstractModel):
    """What the check-up found about limits, in words."""

    _inherit = "queue.job.checkup"

    # ------------------------------------------------------------
    # TIME
    # ------------------------------------------------------------

    def _say_time_real(self, case, values):
        limit = values["limit"]
        line = f"[options]\nlimit_time_real = {values['recommended']}"
        if case == "none":
            return self.env._("Jobs may take as long as they need."), "", ""
        if case == "zero":
            return (
                self.env._("limit_time_real = %s ends every request at once.", limit),
                self.env._("With several processes, 0 is not “no limit”."),
                line,
            )
        if case == "job":
            return (
                self.env._(
                    "The longest job of the last day took %(longest)s s; at %(limit)s "
                    "s its process is killed.",
                    longest=values["longest"],
                    limit=limit,
                ),
                self.env._("A killed job starts over, and fails after some tries."),
                line,
            )
        return (
            self.env._(
                "Jobs end in time: the longest took %(longest)s s, the limit is "
                "%(limit)s s.",
                longest=values["longest"],
                limit=limit,
            ),
            "",
            "",
        )

    def _say_time_cpu(self, case, values):
        limit = values["limit"]
        line = f"[options]\nlimit_time_cpu = {values['recommended']}"
        if case == "zero":
            return (
                self.env._("limit_time_cpu = %s ends every request at once.", limit),
                self.env._("With several processes, 0 is not “no limit”."),
                line,
            )
        if case == "job":
            return (
                self.env._(
                    "The longest job of the last day took %(longest)s s; %(limit)s s "
                    "of computing time are allowed.",
                    longest=values["longest"],
                    limit=limit,
                ),
                self.env._(
                    "Waiting does not count, computing does: a job that computes for "
                    "longer is killed."
                ),
                line,
            )
        return self.env._("Jobs may compute for %s s.", limit), "", ""

    def _say_crons(self, case, values):
        if case == "late":
            return (
                self.env._("Scheduled actions do not run."),
                self.env._(
                    "Nobody is notified of alerts, and nightly work does not start. "
                    "Keep a cron process on a server that stays up."
                ),
                "[options]\nmax_cron_threads = 1",
            )
        if case == "short":
            return (
                self.env._("Scheduled actions are killed after %s s.", values["limit"]),
                self.env._(
                    "Housekeeping works in batches that may take a minute each."
                ),
                "[options]\nlimit_time_real_cron = 1200",
            )
        return self.env._("Scheduled actions run."), "", ""

    # ------------------------------------------------------------
    # MEMORY
    # ------------------------------------------------------------

    def _say_memory(self, case, values):
        line = (
            f"[options]\nlimit_memory_soft = {values['recommended_soft']}\n"
            f"limit_memory_hard = {values['recommended_hard']}"
        )
        if case == "order":
            return (
                self.env._(
                    "limit_memory_hard (%(hard)s MB) is not above limit_memory_soft "
                    "(%(soft)s MB).",
                    hard=values["hard"],
                    soft=values["soft"],
                ),
                self.env._(
                    "A growing process then fails in the middle of its work instead "
                    "of being replaced afterwards."
                ),
                line,
            )
        if case == "soft":
            return (
                self.env._(
                    "%(workers)s workers may grow to %(needed)s MB, but there are "
                    "only %(memory)s MB.",
                    workers=values["workers"],
                    needed=values["needed"],
                    memory=values["memory"],
                ),
                self.env._(
                    "When memory runs out, the system kills processes, and their jobs "
                    "start over."
                ),
                line,
            )
        return self.env._("The workers fit into the memory."), "", ""

    # ------------------------------------------------------------
    # DATABASE
    # ------------------------------------------------------------

    def _say_db_maxconn(self, case, values):
        if not case:
            return (
                self.env._(
                    "A process may open %s connections to the database.",
                    values["limit"],
                ),
                "",
                "",
            )
        return (
            self.env._(
                "A process may open %(limit)s connections; its jobs need %(needed)s.",
                limit=values["limit"],
                needed=values["needed"],
            ),
            self.env._(
                "A job holds one connection for itself and one for its work, and "
                "short-lived ones for its progress. Without them it fails."
            ),
            f"[options]\ndb_maxconn = {values['recommended']}",
        )

    def _say_max_connections(self, case, values):
        line = (
            f"-- PostgreSQL, then start it again\n"
            f"ALTER SYSTEM SET max_connections = {values['recommended']};"
        )
        why = self.env._("When none is left, pages and jobs fail.")
        if case == "used":
            return (
                self.env._(
                    "%(used)s of PostgreSQL's %(limit)s connections are in use.",
                    used=values["used"],
                    limit=values["limit"],
                ),
                why,
                line,
            )
        if case == "few":
            return (
                self.env._(
                    "PostgreSQL accepts %(limit)s connections; the processes may need "
                    "%(needed)s.",
                    limit=values["limit"],
                    needed=values["needed"],
                ),
                why,
                line,
            )
        return (
            self.env._(
                "PostgreSQL accepts %(limit)s connections; %(needed)s may be needed.",
                limit=values["limit"],
                needed=values["needed"],
            ),
            "",
            "",
        )

    def _say_idle_timeout(self, _case, values):
        return (
            self.env._(
                "PostgreSQL ends transactions that are idle for %s s.",
                values["seconds"],
            ),
            self.env._(
                "A running job holds its lock in such a transaction. Longer jobs lose "
                "the lock, count as dead and start over, again and again."
            ),
            f'ALTER DATABASE "{self.env.cr.dbname}" '
            "SET idle_in_transaction_session_timeout = 0;",
        )

    def _say_trigger(self, case, values):
        if case == "missing":
            return (
                self.env._("The database does not notify the job runner of jobs."),
                self.env._(
                    "The trigger queue_job_notify is missing, so the job runner "
                    "ignores this database. Run this in “odoo shell”, then restart "
                    "Odoo:"
                ),
                "from odoo.addons.queue_job.post_init_hook import post_init_hook\n"
                "post_init_hook(env); env.cr.commit()",
            )
        if case == "disabled":
            return (
                self.env._("The database does not notify the job runner of jobs."),
                self.env._(
                    "The trigger queue_job_notify is disabled: jobs wait until the "
                    "job runner happens to look."
                ),
                "ALTER TABLE queue_job ENABLE TRIGGER queue_job_notify;",
            )
        return self.env._("The database notifies the job runner of jobs."), "", ""
