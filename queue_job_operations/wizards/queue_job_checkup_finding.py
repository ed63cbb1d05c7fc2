# Copyright 2026 The ai_queue contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
from odoo import api, fields, models

from ..checkup.facts import ADVICE, DANGER, OK, SEVERITIES, WARNING
from ..rights import check_manager


class QueueJobCheckupFinding(models.TransientModel):
    """What one check-up found, for the screen that asked for it."""

    _name = "queue.job.checkup.finding"
    _description = "Finding of a Check-up"
    _order = "sequence, id"
    _rec_name = "what"

    sequence = fields.Integer(readonly=True)
    key = fields.Char(readonly=True, help="A stable key for scripts.")
    severity = fields.Selection(
        [
            (DANGER, "Danger"),
            (WARNING, "Warning"),
            (ADVICE, "Advice"),
            (OK, "Good"),
        ],
        string="Verdict",
        readonly=True,
    )
    what = fields.Char(string="Finding", readonly=True)
    why = fields.Text(readonly=True)
    line = fields.Text(string="What to Change", readonly=True)

    @api.model
    def _show(self, verdicts):
        """Findings for a screen, the worst first, which are not stored.

        :param verdicts: list of ``checkup.facts.Verdict``
        """
        return self.browse().union(*map(self.new, self._prepare(verdicts)))

    @api.model
    def _make(self, verdicts):
        """As ``_show``, for a screen of their own."""
        # Nobody writes them by hand.
        return self.sudo().create(self._prepare(verdicts))

    def _prepare(self, verdicts):
        check_manager(self.env)
        return [
            {
                "sequence": -SEVERITIES.index(found["severity"]),
                **{name: found[name] for name in self._get_words()},
            }
            for found in self.env["queue.job.checkup"]._describe(verdicts)
        ]

    def _get_words(self):
        return ("key", "severity", "what", "why", "line")

    def action_check(self):
        """Check everything now, also what can only be known by trying."""
        checkup = self.env["queue.job.checkup"]
        check_manager(self.env)
        checkup._note_apart()
        findings = self._make(checkup._get_verdicts(probes=checkup._probe()))
        action = self.env["ir.actions.act_window"]._for_xml_id(
            "queue_job_operations.queue_job_checkup_finding_action"
        )
        action.update(domain=[("id", "in", findings.ids)], target="main")
        return action
