# Copyright 2026 The ai_queue contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
from dataclasses import dataclass
from datetime import datetime

from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.tools import SQL

from odoo.addons.queue_job.job import FAILED, PENDING

from ..jobrunner.channel_rules import with_parents
from .queue_job_alert_rule_code import WAITS_SINCE
from .queue_job_hour import of_companies

SHOWN = 10
MESSAGE_LENGTH = 300


@dataclass
class Active:
    """Jobs of a channel that are not over, those of the channels below among them."""

    waiting: int = 0
    #: of those that wait, how many until a time that has not come
    put_off: int = 0
    running: int = 0
    #: running jobs of companies that the reader may not see
    others: int = 0
    #: seconds that the oldest job has waited that could run; None without one
    oldest: float | None = None

    def add(self, other):
        """Add the jobs of a channel below."""
        self.waiting += other.waiting
        self.put_off += other.put_off
        self.running += other.running
        self.others += other.others
        ages = [age for age in (self.oldest, other.oldest) if age is not None]
        self.oldest = max(ages, default=None)


class QueueJobOperations(models.AbstractModel):
    """Channels, job runner, failures and alerts."""

    _inherit = "queue.job.operations"

    # ------------------------------------------------------------
    # CHANNELS
    # ------------------------------------------------------------

    @api.model
    def _count_active(self, companies=None):
        """What waits and runs in each channel.

        :param companies: count jobs of these, and those without one; all by default
        :return: {full name of the channel: ``Active``}, each with the channels below
            it; "root" has all
        """
        now = datetime.now()
        self.env["queue.job"].flush_model()
        self.env.cr.execute(
            SQL(
                """
                SELECT channel, state, %(mine)s AS mine, count(*),
                       count(*) FILTER (WHERE eta > %(now)s),
                       min(%(since)s) FILTER (WHERE eta IS NULL OR eta <= %(now)s)
                  FROM (SELECT channel, state, company_id, eta, date_created,
                               date_started, date_state
                          FROM queue_job WHERE state = 'pending'
                         UNION ALL
                        SELECT channel, state, company_id, eta, date_created,
                               date_started, date_state
                          FROM queue_job WHERE state IN ('enqueued', 'started')) AS job
                 GROUP BY 1, 2, 3
                """,
                mine=SQL("TRUE") if companies is None else of_companies(companies),
                now=now,
                since=WAITS_SINCE,
            )
        )
        found = {"root": Active()}
        for channel, state, mine, count, put_off, oldest in self.env.cr.fetchall():
            if state == PENDING and mine:
                age = oldest and max(0.0, (now - oldest).total_seconds())
                row = Active(waiting=count, put_off=put_off, oldest=age)
            elif state == PENDING:
                continue
            else:
                row = Active(running=count) if mine else Active(others=count)
            for name in with_parents(channel):
                found.setdefault(name, Active()).add(row)
        return found

    def _get_channels(self, active, runner):
        problem = "" if runner["state"] == "ok" else runner["sentence"]
        # The whole tree: there are as many as somebody has made by hand.
        channels = self.env["queue.job.channel"].search(
            [("complete_name", "!=", False)], order="complete_name"
        )
        return [
            {
                "id": channel.id,
                "name": channel.complete_name,
                "label": channel.name,
                "depth": channel.complete_name.count("."),
                "capacity": channel.effective_capacity,
                "running": jobs.running,
                "others": jobs.others,
                "waiting": jobs.waiting,
                "oldest": None if jobs.oldest is None else int(jobs.oldest),
                "paused": channel.can_resume,
                "stopped_above": channel.effective_paused and not channel.can_resume,
                "can_resume": channel.can_resume,
                "source": channel.capacity_source or "",
                "problem": problem,
            }
            for channel in channels
            for jobs in [active.get(channel.complete_name, Active())]
        ]

    def _get_channel(self, channel_id):
        channel = self.env["queue.job.channel"].browse(channel_id).exists()
        if not channel:
            raise UserError(self.env._("This channel has been deleted."))
        channel.check_access("read")
        return channel

    # ------------------------------------------------------------
    # JOB RUNNER
    # ------------------------------------------------------------

    def _get_runner(self):
        runner = self.env["queue.job.runner"]
        problem = runner._get_problem()
        if problem:
            return {
                "state": "warning" if problem == "foreign" else "danger",
                "sentence": runner._describe_problem(),
            }
        return {
            "state": "ok",
            "sentence": runner._describe_sharing()
            or runner._describe_servers()
            or self.env._("The job runner is running."),
        }

    # ------------------------------------------------------------
    # FAILURES AND ALERTS
    # ------------------------------------------------------------

    def _get_failures(self, period, total):
        """The last failures of the period.

        :param int total: how many there are
        """
        domain = self._get_ended_domain(FAILED, period.start, period.end)
        jobs = self.env["queue.job"].search_fetch(
            domain,
            ["name", "channel", "exc_name", "exc_message", "date_state"],
            order="date_state desc, id desc",
            limit=SHOWN,
        )
        return {
            "failures": [
                {
                    "id": job.id,
                    "name": job.name or "",
                    "channel": job.channel or "root",
                    "message": self._get_last_line(job),
                    "date": fields.Datetime.to_string(job.date_state),
                    "can_retry": True,
                }
                for job in jobs
            ],
            "failures_total": total,
            "failures_action": self._get_ended_action(FAILED, period.start, period.end),
        }

    def _get_last_line(self, job):
        text = job.exc_message or job.exc_info or job.exc_name or ""
        lines = [line.strip() for line in text.splitlines() if line.strip()]
        return lines[-1][:MESSAGE_LENGTH] if lines else ""

    def _get_alerts(self):
        domain = [("state", "!=", "resolved")]
        # "critical" comes before "warning".
        alerts = self.env["queue.job.alert"].search(
            domain, order="severity, date_opened desc, id desc", limit=SHOWN
        )
        return {
            "alerts": [
                {
                    "id": alert.id,
                    "severity": "danger" if alert.severity == "critical" else "warning",
                    "message": alert.name,
                    "advice": alert.advice or "",
                    "since": fields.Datetime.to_string(alert.date_opened),
                    "acknowledged": alert.state == "acknowledged",
                }
                for alert in alerts
            ],
            "alerts_action": self._get_list_action(
                self.env._("Alerts"), "queue.job.alert", domain
            ),
        }
