# Copyright 2026 The ai_queue contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
import logging
from datetime import timedelta

import psycopg2

from odoo import SUPERUSER_ID, api, fields, models
from odoo.exceptions import UserError

from odoo.addons.queue_job.exception import RetryableJobError
from odoo.addons.queue_job_operations.models.queue_job import without_nul
from odoo.addons.queue_job_operations.side_cursor import side_env

from ..targets import TargetError, Unreachable
from ..words import say

_logger = logging.getLogger(__name__)

TB = 1_000_000_000_000
#: types of warehouses that tell what they cost: unit
UNITS = {"bigquery": "tb", "snowflake": "credit"}
DAYS = 30


class AiQueueWarehouseCost(models.Model):
    """What a warehouse has counted on a day. Written by side cursors only."""

    _name = "ai.queue.warehouse.cost"
    _description = "Cost of a Data Warehouse by Day"
    _order = "date desc, id desc"
    _rec_name = "date"
    _log_access = False

    warehouse_id = fields.Many2one(
        "ai.queue.warehouse",
        required=True,
        readonly=True,
        index=True,
        ondelete="cascade",
    )
    date = fields.Date(string="Day (UTC)", required=True, readonly=True)
    quantity = fields.Float(readonly=True, digits=(16, 6))
    unit = fields.Selection(
        [("tb", "TB read"), ("credit", "Credits")], required=True, readonly=True
    )
    amount = fields.Monetary(
        compute="_compute_amount", help="At the price that the warehouse has now."
    )
    currency_id = fields.Many2one(related="warehouse_id.currency_id")

    _day_uniq = models.UniqueIndex("(warehouse_id, date)")

    @api.depends("quantity", "warehouse_id.price")
    def _compute_amount(self):
        for cost in self:
            cost.amount = cost.quantity * cost.warehouse_id.price


class AiQueueWarehouse(models.Model):
    """What it costs, where it tells: BigQuery the bytes of each statement, Snowflake
    the credits of a day, some hours later."""

    _inherit = "ai.queue.warehouse"

    price = fields.Float(
        string="Price per TB or Credit",
        help="BigQuery: of a TB that is read; Snowflake: of a credit. As your contract "
        "says.",
    )
    currency_id = fields.Many2one(
        "res.currency", default=lambda self: self.env.company.currency_id
    )
    cost_ids = fields.One2many("ai.queue.warehouse.cost", "warehouse_id", readonly=True)
    cost_month = fields.Monetary(
        string="Cost (30 Days)", compute="_compute_cost", currency_field="currency_id"
    )
    cost_problem = fields.Text(readonly=True, copy=False)

    @api.depends("cost_ids", "price")
    def _compute_cost(self):
        since = fields.Date.today() - timedelta(days=DAYS)
        groups = self.env["ai.queue.warehouse.cost"]._read_group(
            [("warehouse_id", "in", self.ids), ("date", ">", since)],
            ["warehouse_id"],
            ["quantity:sum"],
        )
        sums = dict(groups)
        for warehouse in self:
            warehouse.cost_month = sums.get(warehouse, 0.0) * warehouse.price

    # EXTENDS ai.queue.warehouse of ai_queue_warehouse_select
    def _get_price(self, size):
        warehouse = self.sudo()
        if warehouse.type != "bigquery" or size is None or not warehouse.price:
            return super()._get_price(size)
        return size / TB * warehouse.price

    # EXTENDS ai.queue.warehouse of ai_queue_warehouse_cloud
    def _get_bigquery_settings(self):
        return {**super()._get_bigquery_settings(), "note_billed": self._note_billed}

    def _note_billed(self, size):
        """Add bytes that a connection has been billed for to those of the day."""
        try:
            with side_env(self.env) as env:
                env.cr.execute(
                    """
                    INSERT INTO ai_queue_warehouse_cost AS cost
                           (warehouse_id, date, unit, quantity)
                    VALUES (%s, %s, 'tb', %s)
                    ON CONFLICT (warehouse_id, date) DO UPDATE
                       SET quantity = cost.quantity + excluded.quantity
                    """,
                    [self.id, fields.Date.today(), size / TB],
                )
        except psycopg2.Error:
            # What was loaded is loaded, whatever becomes of this note.
            _logger.warning("%s bytes of %s were not noted", size, self, exc_info=True)

    @api.model
    def _cron_costs(self):
        """Ask what tells its costs afterwards."""
        for warehouse in self.search([("type", "=", "snowflake")]):
            warehouse.with_user(SUPERUSER_ID).with_delay(
                identity_key=f"ai_queue_warehouse_cost:{warehouse.id}",
                description=self.env._("Ask %s for its costs", warehouse.name),
            )._read_costs()

    @api.private
    def _read_costs(self):
        """Ask a warehouse for its costs of the last days"""
        self.ensure_one()
        try:
            with self._connect(is_reader=True) as target:
                costs = target.get_costs()
        except Unreachable as error:
            raise RetryableJobError(say(self.env, error)) from error
        except (TargetError, UserError) as error:
            return self._keep_costs({}, without_nul(say(self.env, error)))
        return self._keep_costs(costs, False)

    def _keep_costs(self, costs, problem):
        with side_env(self.env) as env:
            warehouse = env[self._name].browse(self.id)
            warehouse.cost_problem = problem
            known = {cost.date: cost for cost in warehouse.cost_ids}
            for day, quantity in costs.items():
                if day in known:
                    known[day].quantity = quantity
                else:
                    known[day] = warehouse.cost_ids.create(
                        {
                            "warehouse_id": self.id,
                            "date": day,
                            "unit": UNITS[self.type],
                            "quantity": quantity,
                        }
                    )
        return problem or self.env._("%s days were told.", len(costs))

    def action_open_costs(self):
        """What it cost, by day."""
        action = self.env["ir.actions.act_window"]._for_xml_id(
            "ai_queue_data_warehouse.ai_queue_warehouse_cost_action"
        )
        action["domain"] = [("warehouse_id", "in", self.ids)]
        return action
