# Copyright 2026 The ai_queue contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
from odoo import fields, models

from ..checkup import figures
from ..checkup.facts import OK

GB = 1 << 30


class ResConfigSettings(models.TransientModel):
    """The check-up, in the settings: what could be better, and what is recommended."""

    _inherit = "res.config.settings"

    ai_queue_finding_ids = fields.Many2many(
        "ai.queue.checkup.finding",
        compute="_compute_ai_queue_checkup",
        groups="ai_queue.ai_queue_group_manager",
    )
    ai_queue_figure_ids = fields.Many2many(
        "ai.queue.checkup.figure",
        compute="_compute_ai_queue_checkup",
        groups="ai_queue.ai_queue_group_manager",
    )
    ai_queue_checkup_fine = fields.Char(
        compute="_compute_ai_queue_checkup",
        groups="ai_queue.ai_queue_group_manager",
    )
    ai_queue_checkup_server = fields.Char(
        compute="_compute_ai_queue_checkup",
        groups="ai_queue.ai_queue_group_manager",
    )

    def _compute_ai_queue_checkup(self):
        checkup = self.env["ai.queue.checkup"]
        facts, verdicts = checkup._look()
        bad = [verdict for verdict in verdicts if verdict.severity != OK]
        fine = self.env._("%s other checks are fine.", len(verdicts) - len(bad))
        server = facts.server
        about = self.env._(
            "Server %(host)s: %(cpus)s processors, %(memory)s GB. People in the last "
            "week: %(people)s.",
            host=server.host,
            cpus=server.cpus,
            memory=round(server.memory / GB, 1),
            people=facts.people,
        )
        findings = self.env["ai.queue.checkup.finding"]._make(bad)
        recommended = self.env["ai.queue.checkup.figure"]._make(
            figures.recommend(facts)
        )
        for settings in self:
            settings.ai_queue_finding_ids = findings
            settings.ai_queue_figure_ids = recommended
            settings.ai_queue_checkup_fine = fine
            settings.ai_queue_checkup_server = about
