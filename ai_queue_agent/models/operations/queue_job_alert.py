# Copyright 2026 The ai_queue contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
from odoo import models


class QueueJobAlert(models.Model):
    _inherit = "queue.job.alert"

    def _describe_agent_failures(self):
        details = self.details
        name = self.env._("The agent %s was switched off", details["agent"])
        return name, self.env._(
            "%(failed)s of %(count)s records failed. What waits for it ends without a "
            "proposal; open its form, see why, then press Switch On. Last error: "
            "%(error)s",
            failed=details["failed"],
            count=details["count"],
            error=details["error"] or "–",
        )

    def _get_action_agent_failures(self):
        agent = self.env["ai.queue.agent"].browse(self.details["agent_id"])
        if not agent.exists():
            return False
        action = self.env["ir.actions.act_window"]._for_xml_id(
            "ai_queue_agent.ai_queue_agent_action"
        )
        action.update(views=[(False, "form")], res_id=agent.id)
        return action
