# Copyright 2026 The ai_queue contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
from odoo import models
from odoo.exceptions import UserError

# The advisory lock that stands for a demand source which lets nobody through; and, with
# the id of a product, for one that lets no job through which begins with it.
GATE = 77190


class AiQueueKindForecast(models.AbstractModel):
    """A source of demand as other addons write one, which can be shut and can fail."""

    _inherit = "ai.queue.kind.forecast"

    # EXTENDS ai_queue
    def _get_demand_query(self, products, granularity, since, until):
        """Wait while a check holds the gate; fail for a product that it names.

        In jobs only: the chart of a product shows its past meanwhile.
        """
        if not self.env["ai.queue.run.job"]._of_current_job():
            return super()._get_demand_query(products, granularity, since, until)
        self.env.cr.execute("SELECT pg_advisory_xact_lock_shared(%s)", [GATE])
        self.env.cr.execute(
            "SELECT pg_advisory_xact_lock_shared(%s, %s)",
            [GATE, min(products.ids, default=0)],
        )
        parameters = self.env["ir.config_parameter"].sudo()
        broken = parameters.get_param("ai_queue_check.broken_product_id")
        if broken and int(broken) in products.ids:
            raise UserError(self.env._("The source of demand does not answer."))
        return super()._get_demand_query(products, granularity, since, until)
