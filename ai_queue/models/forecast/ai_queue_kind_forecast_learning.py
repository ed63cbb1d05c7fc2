# Copyright 2026 The ai_queue contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
import logging
from datetime import timedelta

from odoo import fields, models

from odoo.addons.queue_job.exception import RetryableJobError
from odoo.addons.queue_job_operations.side_cursor import side_env

from ...engine.errors import InvalidModel
from ...engine.forecasting import forecast, learning, newcomers
from ..runs.ai_queue_run import ACTIVE_STATES

_logger = logging.getLogger(__name__)

# A run of so many products learns first; fewer use what was learnt last.
LEARNING_PRODUCTS = 200
# How often a job looks by itself whether it need not wait any more, and how long a run
# waits at most: forecasts without it are better than none.
LOOK_SECONDS, LONGEST_WAIT = 30, timedelta(minutes=10)


class AiQueueKindForecast(models.AbstractModel):
    """Forecasts with what was learnt from all products of the company."""

    _inherit = "ai.queue.kind.forecast"

    # EXTENDS ai.queue.kind
    def _before_jobs(self, run, records, options):
        """Learn first, unless that was done lately: in a run of its own."""
        super()._before_jobs(run, records, options)
        if len(records) < self._least_to_learn():
            return
        if self.env["ai.queue.forecast.learning"]._is_due():
            # That it ended is no news for who pressed: the forecasts are.
            self.env["ai.queue.run"]._start(
                "learning", self.env.company, origin="code", **options
            )

    def _least_to_learn(self):
        """Of how many products a run learns first."""
        parameters = self.env["ir.config_parameter"].sudo()
        count = parameters.get_param("ai_queue.learning_products")
        return int(count) if (count or "").isdecimal() else LEARNING_PRODUCTS

    # EXTENDS ai.queue.kind
    def _do_work(self, records, row):
        self._wait_for_learning(row)
        return super()._do_work(records, row)

    def _wait_for_learning(self, row):
        """Put the job off while the company learns, if its run should profit from it.

        :raise RetryableJobError: that costs no try
        """
        run = row.run_id
        if not run:
            return  # called outside of a job
        if run.total < self._least_to_learn() or not self._is_learning(run):
            return
        waits_for = f"learning:{run.company_id.id}"
        # Noted before it is looked for again: who ends it wakes whoever noted it.
        with side_env(self.env) as env:
            env["ai.queue.run.job"].browse(row.id).waits_for = waits_for
        if not self._is_learning(run):
            with side_env(self.env) as env:
                env["ai.queue.run.job"].browse(row.id).waits_for = False
            return
        self.env["queue.job"]._note_put_off(why="learning", waits_for=waits_for)
        raise RetryableJobError(
            self.env._(
                "Waits for what all products have in common, which is being learnt."
            ),
            seconds=LOOK_SECONDS,
            ignore_retry=True,
        )

    def _is_learning(self, run):
        """Whether the company of a run learns just now, and the run may wait for it."""
        with side_env(self.env) as env:
            run = env["ai.queue.run"].browse(run.id)
            if run.create_date < fields.Datetime.now() - LONGEST_WAIT:
                return False
            return not run.cancel_requested and bool(
                run.search_count(
                    [
                        ("kind", "=", "learning"),
                        ("company_id", "=", run.company_id.id),
                        ("state", "in", ACTIVE_STATES),
                    ],
                    limit=1,
                )
            )

    def _calculate(self, requests):
        """Forecasts without a language model.

        :return: (series as they are forecast from, forecasts), in the order of the
            requests
        """
        series = self._complete(requests)
        return series, self._forecast(series)

    def _complete(self, requests):
        """The series as they are forecast from: a new one follows another one."""
        return [
            newcomers.follow(one, *one.like) if one.like else one for one in requests
        ]

    def _forecast(self, series):
        """Forecasts of series by the statistics and by what was learnt: what takes the
        processor, and needs no record.

        :param series: as they are forecast from
        :return: list of ``engine.forecasting.Forecast``, in the same order
        """
        learned = self.env["ai.queue.forecast.learning"]._get_learned()
        baselines = forecast(series)
        try:
            return learning.combine(series, baselines, learned)
        except InvalidModel as error:
            # Another version of the library may not know it: forecasts go on.
            _logger.warning("What was learnt is not used: %s", error)
            return baselines
