# Copyright 2026 The ai_queue contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
from odoo import models
from odoo.fields import Command

#: model: (table, filter, fields; with a mask after a colon). What is not installed, or
#: has no such field, is left out.
USUAL = {
    "res.partner": (
        "customers",
        [("customer_rank", ">", 0)],
        "name is_company parent_id country_id state_id city zip company_id vat:hash "
        "email:hash active create_date write_date",
    ),
    "product.product": (
        "products",
        [],
        "default_code barcode name categ_id list_price standard_price uom_id type "
        "sale_ok purchase_ok active create_date write_date",
    ),
    "account.move": (
        "invoices",
        [("move_type", "!=", "entry")],
        "name move_type state payment_state partner_id commercial_partner_id "
        "invoice_date invoice_date_due date currency_id amount_untaxed_signed "
        "amount_tax_signed amount_total_signed amount_residual_signed amount_total "
        "invoice_user_id journal_id company_id create_date write_date",
    ),
    "account.move.line": (
        "invoice_lines",
        [("display_type", "=", "product")],
        "move_id name product_id account_id partner_id quantity product_uom_id "
        "price_unit discount price_subtotal balance currency_id date parent_state "
        "company_id create_date write_date",
    ),
    "ai.queue.forecast": (
        "forecasts",
        [],
        "product_id company_id granularity date_start date_end quantity "
        "quantity_calculated lower_80 upper_80 is_manual method error bias run_id "
        "create_date write_date",
    ),
    "ai.queue.bill.reading": (
        "bills_as_read",
        [],
        "move_id company_id state run_id provider_id cost date_read partner_id "
        "reason_code date_result result touchless create_date",
    ),
    "ai.queue.run": (
        "runs",
        [],
        "name kind origin state user_id company_id total finished skipped failed "
        "date_started date_done create_date",
    ),
    "ai.queue.call": (
        "calls",
        [],
        "kind state run_id provider_id company_id user_id model date date_done "
        "tokens_in tokens_out cost latency outcome",
    ),
    "sale.order": (
        "orders",
        [],
        "name state partner_id date_order user_id team_id currency_id amount_untaxed "
        "amount_tax amount_total invoice_status company_id create_date write_date",
    ),
    "sale.order.line": (
        "order_lines",
        [("display_type", "=", False)],
        "order_id product_id name product_uom_qty qty_delivered qty_invoiced "
        "price_unit discount price_subtotal price_total state company_id "
        "create_date write_date",
    ),
    "stock.move": (
        "stock_moves",
        [],
        "reference state product_id product_uom_qty quantity product_uom location_id "
        "location_dest_id picking_id partner_id date company_id create_date write_date",
    ),
}


class AiQueueWarehouse(models.Model):
    _inherit = "ai.queue.warehouse"

    def action_add_usual(self):
        """Add the datasets that most people want, to be looked at and started."""
        self.ensure_one()
        self.check_access("write")
        titles = self._get_usual_titles()
        known = set(self.dataset_ids.with_context(active_test=False).mapped("table"))
        datasets = self.env["ai.queue.dataset"]
        for model, (table, domain, names) in USUAL.items():
            may = model in self.env and self.env[model].has_access("read")
            if may and table not in known:
                datasets += datasets.create(
                    {
                        "name": titles[table],
                        "warehouse_id": self.id,
                        "model_id": self.env["ir.model"]._get_id(model),
                        "schema": self.schema,
                        "table": table,
                        "domain": repr(domain),
                        "field_ids": self._prepare_usual(model, names.split()),
                    }
                )
        return self.action_open_datasets()

    def _prepare_usual(self, model, names):
        fields = self.env[model]._fields
        commands = []
        for sequence, name in enumerate(names):
            name, _colon, mask = name.partition(":")
            if name in fields and self.env[model]._has_field_access(
                fields[name], "read"
            ):
                commands.append(
                    Command.create(
                        {
                            "sequence": sequence,
                            "field_id": self.env["ir.model.fields"]
                            ._get(model, name)
                            .id,
                            "mask": mask or False,
                        }
                    )
                )
        return commands

    def _get_usual_titles(self):
        return {
            "customers": self.env._("Customers"),
            "products": self.env._("Products"),
            "invoices": self.env._("Invoices and bills"),
            "invoice_lines": self.env._("Lines of invoices and bills"),
            "forecasts": self.env._("Forecasts"),
            "bills_as_read": self.env._("Bills as read"),
            "runs": self.env._("AI runs"),
            "calls": self.env._("AI calls"),
            "orders": self.env._("Sales orders"),
            "order_lines": self.env._("Lines of sales orders"),
            "stock_moves": self.env._("Stock moves"),
        }
