# Copyright 2026 The ai_queue contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
import base64
import logging
from datetime import timedelta

from odoo import api, fields, models

from odoo.addons.queue_job_operations.side_cursor import side_env

from ...engine.errors import InvalidModel
from ...engine.forecasting.learning import VERSION, Learned
from .ai_queue_forecast import GRANULARITIES

_logger = logging.getLogger(__name__)

#: What was learnt within this time need not be learnt anew: a nightly run is not late
#: for a press of the day before.
FRESH = timedelta(hours=20)
#: What was learnt longer ago is about other times, and not used.
LONGEST = timedelta(days=92)


class AiQueueForecastLearning(models.Model):
    """What was learnt, at one time, from what sold of all products of a company."""

    _name = "ai.queue.forecast.learning"
    _description = "Learning for Demand Forecasts"
    _order = "id desc"
    _rec_name = "create_date"

    company_id = fields.Many2one(
        "res.company", required=True, readonly=True, ondelete="cascade"
    )
    granularity = fields.Selection(
        GRANULARITIES, string="Period Length", required=True, readonly=True
    )
    create_date = fields.Datetime(string="Learnt On")
    version = fields.Integer(required=True, readonly=True)
    product_count = fields.Integer(string="Products", readonly=True)
    share = fields.Float(
        string="Share in Forecasts",
        aggregator=None,
        readonly=True,
        help="How much what was learnt counts beside the statistics: as much as would "
        "have foreseen the latest periods best. 0: it would not have helped.",
    )
    start_count = fields.Integer(
        string="Known Starts",
        readonly=True,
        help="Groups of similar products of which it is known how new ones sell at "
        "first.",
    )
    size = fields.Integer(string="Size (bytes)", readonly=True)
    is_used = fields.Boolean(
        string="In Use",
        compute="_compute_is_used",
        help="Forecasts take the last one that this version made in the last three "
        "months, for the period length of the company.",
    )
    # A column and no attachment: it is there as a whole or not at all, and goes along
    # with its row.
    content = fields.Binary(attachment=False, readonly=True, groups="base.group_system")
    run_id = fields.Many2one(
        "ai.queue.run", readonly=True, index="btree_not_null", ondelete="set null"
    )

    _last_idx = models.Index("(company_id, granularity, id DESC)")

    @api.depends("company_id.ai_queue_forecast_granularity", "granularity")
    def _compute_is_used(self):
        last = {
            company: self._find_last(company)
            for company in self.company_id._filtered_access("read")
        }
        for learning in self:
            learning.is_used = learning == last.get(learning.company_id)

    # ------------------------------------------------------------
    # USE
    # ------------------------------------------------------------

    @api.model
    def _find_last(self, company):
        """What forecasts of a company use now; an empty recordset for nothing."""
        return self.search(
            [
                ("company_id", "=", company.id),
                ("granularity", "=", company.ai_queue_forecast_granularity),
                ("version", "=", VERSION),
                ("create_date", ">", fields.Datetime.now() - LONGEST),
            ],
            limit=1,
        )

    @api.model
    def _is_due(self):
        """Whether the current company should learn anew."""
        last = self.sudo()._find_last(self.env.company)
        return not last or last.create_date < fields.Datetime.now() - FRESH

    @api.model
    def _get_content(self):
        """What the current company uses, as bytes; empty for nothing.

        In a transaction of its own, for that of a job has ended while it calculates.
        """
        with side_env(self.env) as env:
            last = env[self._name]._find_last(env.company)
            return base64.b64decode(last.content or b"")

    @api.model
    def _get_learned(self):
        """``Learned`` of the current company, or None; see ``_get_content``."""
        content = self._get_content()
        if not content:
            return None
        try:
            return Learned.from_bytes(content)
        except InvalidModel as error:
            _logger.warning("What was learnt is not used: %s", error)
            return None

    # ------------------------------------------------------------
    # RESULT OF A RUN
    # ------------------------------------------------------------

    @api.model
    def _store(self, learned, product_count, run):
        """Keep what was learnt for the current company.

        :param learned: ``Learned``, or None: to know that there was nothing to learn
        """
        learned = learned or Learned({})
        content = learned.to_bytes()
        return self.create(
            {
                "company_id": self.env.company.id,
                "granularity": self.env.company.ai_queue_forecast_granularity,
                "version": VERSION,
                "product_count": product_count,
                "share": max(
                    (part.share for part in learned.parts.values()), default=0
                ),
                "start_count": len(learned.starts),
                "size": len(content),
                "content": base64.b64encode(content),
                "run_id": run.id,
            }
        )
