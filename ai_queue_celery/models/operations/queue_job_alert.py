# Copyright 2026 The ai_queue contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
from odoo import models


class QueueJobAlert(models.Model):
    _inherit = "queue.job.alert"

    def _describe_ai_workers(self):
        what_to_do = self.env._(
            "Questions to models are asked here meanwhile, and go back to the workers "
            "by themselves."
        )
        if self.details["what"] == "documents":
            return self.env._("No worker reads documents"), self.env._(
                "Documents are read here meanwhile, and go back to the workers by "
                "themselves. Start a worker with --kind documents, or see why those "
                "that run do not reach Redis, or have other code than Odoo."
            )
        if self.details["what"] == "forecasts":
            return self.env._("No worker calculates forecasts"), self.env._(
                "Forecasts are calculated here meanwhile, and go back to the workers "
                "by themselves. Start a worker with --kind forecasts, or see why those "
                "that run do not reach Redis, or have other code than Odoo."
            )
        if self.details["provider"]:
            name = self.env._("No worker reaches %s", self.details["provider"])
            return name, self.env._(
                "%(meanwhile)s Start a worker whose environment names this provider, "
                "or see why those that run do not reach Redis.",
                meanwhile=what_to_do,
            )
        if self.details["what"] == "memory":
            return self.env._("Redis is full"), self.env._(
                "Work is done here meanwhile, and goes back to the workers by itself. "
                "Raise maxmemory of Redis, or see what else it holds."
            )
        return self.env._("Redis is not reached"), self.env._(
            "%(meanwhile)s See whether Redis runs, and whether its address is right. "
            "Last error: %(error)s",
            meanwhile=what_to_do,
            error=self.details["error"] or "–",
        )

    def _get_action_ai_workers(self):
        return self.env["ir.actions.act_window"]._for_xml_id(
            "ai_queue_celery.ai_queue_worker_action"
        )
