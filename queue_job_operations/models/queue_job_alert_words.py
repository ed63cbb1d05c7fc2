# Copyright 2026 The ai_queue contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
from odoo import api, models
from odoo.tools import SQL

from odoo.addons.queue_job.job import ENQUEUED, FAILED, PENDING

from ..checkup.facts import DANGER, Verdict
from ..durations import MINUTE, describe_duration
from ..jobrunner.channel_rules import names_of


class QueueJobAlert(models.Model):
    """What alerts say, and the list of what they counted; two methods for each code.

    ``_describe_<code>`` returns what happened and what to do, ``_get_action_<code>``
    an action, or False where there is nothing to list.
    """

    _inherit = "queue.job.alert"

    # ------------------------------------------------------------
    # WORDS
    # ------------------------------------------------------------

    def _describe_waiting(self):
        details = self.details
        name = self.env._(
            "Jobs wait in %(channel)s: %(jobs)s, the oldest for %(time)s",
            **_pick(details, "jobs", "channel"),
            time=self._say_minutes(self.value),
        )
        if details["paused"]:
            return name, self.env._(
                "The channel is paused. Resume it under Configuration → Channels."
            )
        return name, self.env._(
            "The channel may be too small, or its jobs take very long: look at what "
            "runs, and raise the capacity of the channel if the server has room."
        )

    def _describe_failures(self):
        details = self.details
        name = self.env._(
            "Jobs fail in %(channel)s: %(failed)s of %(ended)s in %(time)s",
            **_pick(details, "failed", "ended", "channel"),
            time=self._say_minutes(details["minutes"]),
        )
        return name, self.env._(
            "Look at the errors of the failed jobs. Fix the cause, then requeue them."
        )

    def _describe_dead(self):
        details = self.details
        advice = self.env._(
            "The process that ran them was killed: it ran out of memory, hit "
            "limit_time_real, or the server restarted. The jobs run again by "
            "themselves."
        )
        if details["failed"]:
            advice = self.env._(
                "The process that ran them was killed: it ran out of memory, hit "
                "limit_time_real, or the server restarted. %(failed)s of these jobs "
                "were killed too often and failed: requeue them once the cause is "
                "fixed.",
                failed=details["failed"],
            )
        return self.env._("Jobs were found dead: %s", details["jobs"]), advice

    def _describe_runner(self):
        details = self.details
        if details["problem"] == "deaf":
            return self._describe_deaf_runner()
        name = self.env._(
            "No job runner for %(time)s; waiting jobs: %(jobs)s",
            time=self._say_minutes(self.value),
            jobs=details["jobs"],
        )
        if details["problem"] == "never":
            return name, self.env._(
                "Add queue_job and queue_job_operations to server_wide_modules in "
                "odoo.conf, give root a capacity of at least 1 in its section "
                "[queue_job], and restart Odoo."
            )
        return name, self.env._(
            "Nothing is processed. Restart the Odoo server that runs the jobs. "
            "Nothing is lost: waiting jobs go on by themselves."
        )

    def _describe_deaf_runner(self):
        name = self.env._(
            "Notifications do not arrive at the job runner; waiting jobs: %(jobs)s",
            jobs=self.details["jobs"],
        )
        return name, self.env._(
            "New jobs do not start. A connection pooler such as pgbouncer in "
            "transaction mode causes this: connect the job runner directly to "
            "PostgreSQL (jobrunner_db_host and jobrunner_db_port in the section "
            "[queue_job] of odoo.conf), and restart Odoo. Nothing is lost."
        )

    def _describe_setup(self):
        # The check-up has found it, and has the words for it.
        found = self.env["queue.job.checkup"]._describe_one(
            Verdict(severity=DANGER, **self.details)
        )
        return found["what"].rstrip("."), f"{found['why']}\n{found['line']}".strip()

    def _describe_backlog(self):
        details = self.details
        name = self.env._(
            "%(channel)s receives more jobs than it finishes; waiting: %(waiting)s",
            **_pick(details, "waiting", "channel"),
        )
        return name, self.env._(
            "In %(time)s, %(came)s jobs arrived and %(ended)s finished. Raise the "
            "capacity of the channel if the server has room, or queue fewer jobs.",
            **_pick(details, "came", "ended"),
            time=self._say_minutes(details["minutes"]),
        )

    def _say_minutes(self, minutes):
        return describe_duration(self.env, max(minutes, 1) * MINUTE)

    # ------------------------------------------------------------
    # LISTS
    # ------------------------------------------------------------

    @api.model
    def _open_jobs(self, name, domain):
        action = self.env["ir.actions.act_window"]._for_xml_id(
            "queue_job.action_queue_job"
        )
        action.update(name=name, domain=domain, context={})
        return action

    def _get_waiting_domain(self):
        """The jobs that could run when the rule looked."""
        return [
            ("state", "in", (PENDING, ENQUEUED)),
            *("|", ("eta", "=", False), ("eta", "<=", self.date_seen)),
        ]

    def _get_channel_domain(self):
        return [("channel", "in", names_of(self.details["channel"]))]

    def _get_action_waiting(self):
        until = self.details["until"]
        domain = [
            *self._get_channel_domain(),
            ("state", "in", (PENDING, ENQUEUED)),
            ("date_created", "<=", until),
            *("|", ("eta", "=", False), ("eta", "<=", until)),
            *("|", ("date_started", "=", False), ("date_started", "<=", until)),
            *("|", ("date_state", "=", False), ("date_state", "<=", until)),
        ]
        return self._open_jobs(self.env._("Waiting Jobs"), domain)

    def _get_action_failures(self):
        domain = [
            *self._get_channel_domain(),
            ("state", "=", FAILED),
            ("date_state", ">=", self.details["since"]),
        ]
        return self._open_jobs(self.env._("Failed Jobs"), domain)

    def _get_action_dead(self):
        # The rule owns the question what a dead job is.
        rows = self.env.execute_query(
            SQL(
                "SELECT id FROM (%s) AS job",
                self.rule_id._select_dead(self.details["since"]),
            )
        )
        domain = [("id", "in", [job_id for (job_id,) in rows])]
        return self._open_jobs(self.env._("Jobs Found Dead"), domain)

    def _get_action_runner(self):
        return self._open_jobs(self.env._("Waiting Jobs"), self._get_waiting_domain())

    def _get_action_setup(self):
        return False

    def _get_action_backlog(self):
        domain = [*self._get_channel_domain(), *self._get_waiting_domain()]
        return self._open_jobs(self.env._("Waiting Jobs"), domain)


def _pick(details, *names):
    """Only what a sentence needs: it would complain of anything else."""
    return {name: details[name] for name in names}
