# Copyright 2026 The ai_queue contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
from odoo import api, fields, models

from odoo.addons.queue_job.job import PENDING


class AiQueueRun(models.Model):
    """Why a run waits, where the reason is not in the run."""

    _inherit = "ai.queue.run"

    hold_summary = fields.Text(
        compute="_compute_hold_summary",
        string="Held Up",
        help="Why none of its waiting jobs is started: no job runner, or a paused "
        "channel.",
    )

    @api.depends("state")
    @api.depends_context("lang")
    def _compute_hold_summary(self):
        self.hold_summary = False
        waiting = self.filtered(lambda run: run.state in ("pending", "started"))
        if not waiting:
            return
        # Who waits for a run shall know, whatever they may see of runner and channels.
        problem = self.env["ai.queue.runner"].sudo()._get_problem()
        if problem and problem != "foreign":
            runner = self.env["ai.queue.runner"].sudo()
            waiting.hold_summary = runner._describe_problem()
            return
        for run, names in waiting._get_waiting_channels().items():
            run.hold_summary = run._describe_stopped(names)

    def _get_waiting_channels(self):
        """{run: names of the channels in which its jobs wait}."""
        groups = (
            self.env["queue.job"]
            .sudo()
            ._read_group(
                [("ai_queue_run_id", "in", self.ids), ("state", "=", PENDING)],
                ["ai_queue_run_id", "channel"],
            )
        )
        channels_of = {}
        for run, channel in groups:
            channels_of.setdefault(self.browse(run.id), []).append(channel)
        return channels_of

    def _describe_stopped(self, names):
        """A sentence when all of these channels are stopped; else False."""
        channels = self.env["queue.job.channel"].sudo()
        found = channels.search([("complete_name", "in", names)])
        stopped = found.filtered("effective_paused")
        if not names or len(stopped) < len(names):
            return False
        return self.env._(
            "The channel %s is paused: no further job of this run is started. An AI "
            "Queue administrator can resume it under Configuration → Channels.",
            ", ".join(stopped.mapped("complete_name")),
        )
