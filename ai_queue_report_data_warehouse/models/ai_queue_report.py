# Copyright 2026 The ai_queue contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
from odoo import api, fields, models

PREFIX = "warehouse:"


class AiQueueReport(models.Model):
    _inherit = "ai.queue.report"

    warehouse_id = fields.Many2one(
        "ai.queue.warehouse",
        string="Data Warehouse",
        readonly=True,
        index="btree_not_null",
        ondelete="cascade",
        help="Where it is asked; empty for Odoo itself.",
    )

    # EXTENDS ai_queue_report
    @api.model
    def _get_sources(self):
        sources = super()._get_sources()
        # Only a model can write SQL.
        if self.env["ai.queue.kind.report"]._get_asked_provider():
            warehouses = self.env["ai.queue.warehouse"]._get_askable()
            sources += [
                {"key": f"{PREFIX}{one.id}", "text": one.name} for one in warehouses
            ]
        return sources

    # EXTENDS ai_queue_report
    @api.model
    def _get_source_vals(self, source):
        if source in [one["key"] for one in self._get_sources()]:
            if source.startswith(PREFIX):
                return {"warehouse_id": int(source.removeprefix(PREFIX))}
        return super()._get_source_vals(source)

    # EXTENDS ai_queue_report
    def get_ask_screen(self):
        screen = super().get_ask_screen()
        if self.warehouse_id:
            screen["source"] = f"{PREFIX}{self.warehouse_id.id}"
            # Rows of a warehouse are for the one who asked.
            screen["table"] = (self.result or {}).get("table")
            if self.state == "done" and not screen["table"]:
                screen["message"] = self.env._(
                    "What a data warehouse answered is shown only to the one who "
                    "asked. Ask it yourself, if you may."
                )
        return screen
