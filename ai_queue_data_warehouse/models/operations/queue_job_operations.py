# Copyright 2026 The ai_queue contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
from odoo import fields, models

from odoo.addons.queue_job_operations.durations import describe_duration

MINUTE = 60


class QueueJobOperations(models.AbstractModel):
    _inherit = "queue.job.operations"

    # EXTENDS queue_job_operations
    def _get_tiles(self, period, counts, active, runner):
        tiles = super()._get_tiles(period, counts, active, runner)
        datasets = self.env["ai.queue.dataset"]
        if not datasets.has_access("read"):
            # Managers of the job queue may have no role in AI Queue.
            return tiles
        if datasets := datasets.search([("phase", "!=", "draft")]):
            tiles = [*tiles, self._get_tile_datasets(datasets)]
        if readings := self.env["ai.queue.reading"].search([("state", "!=", "draft")]):
            tiles = [*tiles, self._get_tile_readings(readings)]
        return tiles

    def _get_tile_readings(self, readings):
        trouble = readings.filtered(lambda one: one.state in ("held", "failed"))
        trying = readings.filtered(lambda one: one.state == "waiting")
        well = readings - trouble - trying
        state, sentence = "ok", ""
        if trouble:
            state = "danger"
            sentence = self.env._(
                "Somebody has to look: %s. What was read before stays.",
                ", ".join(trouble.mapped("name")),
            )
        elif trying:
            state = "warning"
            sentence = self.env._(
                "The warehouse does not answer: %s. It is tried again by itself.",
                ", ".join(trying.mapped("name")),
            )
        oldest = min(filter(None, readings.mapped("date_read")), default=None)
        detail = self.env._("not read yet")
        if oldest:
            age = (fields.Datetime.now() - oldest).total_seconds()
            detail = self.env._("oldest %s ago", describe_duration(self.env, age))
        return self._make_tile(
            "readings",
            self.env._("Tables Read"),
            len(well),
            self.env._(
                "%(well)s of %(all)s",
                well=self._say_number(len(well)),
                all=self._say_number(len(readings)),
            ),
            self._get_list_action(
                self.env._("Tables Read"),
                "ai.queue.reading",
                [("state", "in", ("reading", "done"))],
            ),
            detail=detail,
            state=state,
            sentence=sentence,
        )

    def _get_tile_datasets(self, datasets):
        in_step = datasets.filtered(lambda one: one.state in ("live", "loading"))
        failed = datasets.filtered(lambda one: one.state == "failed")
        lag = max(datasets.mapped("lag"))
        state, sentence = self._judge_datasets(datasets, failed, lag)
        detail = self.env._("no change waits")
        if lag:
            detail = self.env._("lag %s", describe_duration(self.env, lag))
        return self._make_tile(
            "datasets",
            self.env._("Datasets in Step"),
            len(in_step),
            self.env._(
                "%(in_step)s of %(all)s",
                in_step=self._say_number(len(in_step)),
                all=self._say_number(len(datasets)),
            ),
            self._get_list_action(
                self.env._("Datasets in Step"),
                "ai.queue.dataset",
                [("state", "in", ("live", "loading"))],
            ),
            detail=detail,
            state=state,
            sentence=sentence,
        )

    def _judge_datasets(self, datasets, failed, lag):
        if failed:
            return "danger", self.env._(
                "Stopped by an error: %s. Nothing is lost; do what the error says, "
                "then press Resume.",
                ", ".join(failed.mapped("name")),
            )
        live = datasets.filtered(lambda one: one.follow == "change")
        if live and not any(live.mapped("is_paused")):
            state = self._judge(
                self._get_judges(["dataset_lag"]), "dataset_lag", lag / MINUTE
            )
            if state != "ok":
                return state, self.env._(
                    "The warehouse is behind: see whether its jobs run."
                )
        return "ok", ""
