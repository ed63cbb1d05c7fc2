# Copyright 2026 The ai_queue contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
from odoo import fields, models

from .. import broker
from .ai_queue_bridge import (
    DEFAULT_PATIENCE,
    DOCUMENTS_ON,
    FORECASTS_ON,
    ON,
    PATIENCE,
)


class ResConfigSettings(models.TransientModel):
    _inherit = "res.config.settings"

    ai_queue_celery_models = fields.Boolean(
        string="Questions to Models", config_parameter=ON
    )
    ai_queue_celery_documents = fields.Boolean(
        string="Documents of Bills", config_parameter=DOCUMENTS_ON
    )
    ai_queue_celery_forecasts = fields.Boolean(
        string="Demand Forecasts", config_parameter=FORECASTS_ON
    )
    ai_queue_celery_patience = fields.Integer(
        string="Work Here After (minutes)",
        config_parameter=PATIENCE,
        default=DEFAULT_PATIENCE,
    )
    ai_queue_celery_broker = fields.Char(
        string="Redis", compute="_compute_ai_queue_celery_broker"
    )

    ai_queue_celery_problem = fields.Char(
        string="Problem of Redis", compute="_compute_ai_queue_celery_broker"
    )

    def _compute_ai_queue_celery_broker(self):
        found = broker.get()
        self.ai_queue_celery_broker = found.describe() if found else False
        self.ai_queue_celery_problem = broker.get_problem()
