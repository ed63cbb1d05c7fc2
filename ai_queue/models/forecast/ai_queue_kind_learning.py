# Copyright 2026 The ai_queue contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
from typing import NamedTuple

from odoo import models
from odoo.tools import split_every

from ...engine.forecasting import learning
from ..runs.ai_queue_run import ENDED_STATES

# Products that are learnt from at most, evenly out of all: from more nothing better
# comes, but a run of forecasts waits longer for it.
MAX_PRODUCTS = 2000
# Histories are read for so many products at a time.
BATCH_SIZE = 500


class LearningAnswer(NamedTuple):
    """What was learnt of a company; ``learned`` is None where there was nothing."""

    learned: learning.Learned | None
    product_count: int


class AiQueueKindLearning(models.AbstractModel):
    """Learning what the products of a company have in common, before the forecasts.

    Its target is the company. What comes of it is written at once, at the end: nothing
    of a job that was killed or cancelled is ever used.
    """

    _name = "ai.queue.kind.learning"
    _inherit = "ai.queue.kind"
    _description = "Learning for Demand Forecasts as a Kind of AI Work"

    _job_method = "run_ai_demand_learning"
    _job_channel = "ai_queue.queue_job_channel_ai_forecasting"

    # OVERRIDE ai.queue.kind
    def _run_name(self, records):
        return self.env._("Learning from the demand of all products")

    # OVERRIDE ai.queue.kind
    def _relevant(self, targets, run):
        ours = targets & self.env.company
        return ours, {self.env._("Another company"): targets - ours}

    # OVERRIDE ai.queue.kind
    def _gather(self, targets):
        # What all products have in common tells of none: it must not depend on which of
        # them the person who pressed may see.
        forecasts = self.env["ai.queue.kind.forecast"].sudo()
        products = self._get_products().with_env(forecasts.env)
        return [
            [
                series
                for some in split_every(BATCH_SIZE, products.ids, products.browse)
                for series in forecasts._gather(some)
            ]
        ]

    def _get_products(self):
        """Products to learn from."""
        company = self.env.company
        products = self.env["product.product"].sudo()
        found = products.search(
            products._get_ai_forecast_cron_domain(company), order="id"
        )
        step = -(-len(found) // MAX_PRODUCTS)
        return found[:: max(step, 1)]

    # OVERRIDE ai.queue.kind
    def _ask(self, requests, progress):
        answers = []
        for series in requests:
            learned = self._learn(self._get_telling(series))
            answers.append(LearningAnswer(learned, len(series)))
            if not progress(len(answers)):
                return []
        return answers

    def _get_telling(self, series):
        """Those of these series that tell something."""
        return [one for one in series if len(one.history)]

    def _learn(self, series):
        """What series have in common: what takes the processor, and needs no record.

        :return: ``engine.forecasting.learning.Learned``, or None for nothing
        """
        return learning.train(series)

    # OVERRIDE ai.queue.kind
    def _apply(self, targets, answers, run):
        for answer in answers:
            # Nobody makes one but by this way.
            learnings = self.env["ai.queue.forecast.learning"].sudo()
            learnings._store(answer.learned, answer.product_count, run)

    # EXTENDS ai.queue.kind
    def _follow_jobs(self, jobs):
        """Let the forecasts go on that waited, whatever became of it."""
        ended = jobs.filtered(lambda job: job.state in ENDED_STATES)
        if ended:
            self.env["ai.queue.run.job"]._wake("learning", ended.company_id.ids)
