# Copyright 2026 The ai_queue contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
from odoo import api, models

#: What ready reports are about, where it is installed.
OF_READY = (
    *("account.invoice.report", "account.move", "account.move.line"),
    *("ai.queue.bill.reading", "ai.queue.call", "ai.queue.forecast"),
    *("purchase.order", "purchase.report", "sale.report"),
    *("stock.move", "stock.picking", "stock.quant"),
)


class AiQueueReportCatalogue(models.AbstractModel):
    _inherit = "ai.queue.report.catalogue"

    # EXTENDS ai_queue_report
    @api.model
    def _get_models(self):
        return super()._get_models() | {name for name in OF_READY if name in self.env}
