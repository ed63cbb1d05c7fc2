# Copyright 2026 The ai_queue contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily

from odoo import api, fields, models

LABELS = ["dataset"]
READING_STATES = ("reading", "done", "waiting", "held", "failed")
STATES = ("loading", "live", "waiting", "paused", "failed")


class QueueJobMetrics(models.AbstractModel):
    _inherit = "queue.job.metrics"

    # EXTENDS queue_job_operations
    @api.private
    def collect(self):
        yield from super().collect()
        yield from self._collect_datasets()
        yield from self._collect_readings()

    def _collect_datasets(self):
        lag = GaugeMetricFamily(
            "ai_queue_dataset_lag_seconds",
            "How long the oldest change has waited for the warehouse.",
            labels=LABELS,
        )
        waiting = GaugeMetricFamily(
            "ai_queue_dataset_changes_waiting",
            "Changes that are not in the warehouse yet.",
            labels=LABELS,
        )
        state = GaugeMetricFamily(
            "ai_queue_dataset_state",
            "1 for the state that a dataset is in.",
            labels=[*LABELS, "state"],
        )
        aside = GaugeMetricFamily(
            "ai_queue_dataset_rows_aside",
            "Rows that did not fit into the warehouse.",
            labels=LABELS,
        )
        rows = CounterMetricFamily(
            "ai_queue_dataset_rows", "Rows written to the warehouse.", labels=LABELS
        )
        size = CounterMetricFamily(
            "ai_queue_dataset_bytes", "Bytes sent to the warehouse.", labels=LABELS
        )
        datasets = self.env["ai.queue.dataset"].search([("phase", "!=", "draft")])
        for dataset in datasets:
            # What was set up names it: two may not have one name there.
            label = [f"{dataset.warehouse_id.name}/{dataset.schema}.{dataset.table}"]
            lag.add_metric(label, dataset.lag)
            waiting.add_metric(label, dataset.waiting)
            aside.add_metric(label, dataset.row_count)
            rows.add_metric(label, dataset.rows_total)
            size.add_metric(label, dataset.bytes_total)
            for each in STATES:
                state.add_metric([*label, each], int(dataset.state == each))
        yield from (lag, waiting, state, aside, rows, size)

    def _collect_readings(self):
        state = GaugeMetricFamily(
            "ai_queue_reading_state",
            "1 for the state that a table read from a warehouse is in.",
            labels=["reading", "state"],
        )
        age = GaugeMetricFamily(
            "ai_queue_reading_age_seconds",
            "How long ago a table of a warehouse was read to its end.",
            labels=["reading"],
        )
        rows = GaugeMetricFamily(
            "ai_queue_reading_rows",
            "Rows that are kept of a table of a warehouse.",
            labels=["reading"],
        )
        now = fields.Datetime.now()
        for reading in self.env["ai.queue.reading"].search([("state", "!=", "draft")]):
            # Two may have one name, but not one number.
            label = [f"{reading.warehouse_id.name}/{reading.id}"]
            rows.add_metric(label, reading.row_count)
            if reading.date_read:
                age.add_metric(label, (now - reading.date_read).total_seconds())
            for each in READING_STATES:
                state.add_metric([*label, each], int(reading.state == each))
        yield from (state, age, rows)
