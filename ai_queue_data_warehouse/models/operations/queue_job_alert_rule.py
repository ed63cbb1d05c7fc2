# Copyright 2026 The ai_queue contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
from odoo import fields, models

from odoo.addons.queue_job_operations.models.queue_job_alert_rule import Finding

MINUTE = 60
#: kinds of errors by which a table is not as it should be
DRIFT = ("drift", "changed")


class QueueJobAlertRule(models.Model):
    _inherit = "queue.job.alert.rule"

    code = fields.Selection(
        selection_add=[
            ("dataset_lag", "A dataset lags behind"),
            ("dataset_failed", "A dataset was stopped by an error"),
            ("dataset_drift", "A dataset is not as in Odoo"),
            ("warehouse", "A warehouse does not answer"),
            ("dataset_log", "Changes pile up for a dataset"),
            ("reading", "A table of a warehouse cannot be read"),
            ("reading_late", "A table of a warehouse was not read for long"),
        ],
        ondelete={
            "dataset_lag": "cascade",
            "dataset_failed": "cascade",
            "dataset_drift": "cascade",
            "warehouse": "cascade",
            "dataset_log": "cascade",
            "reading": "cascade",
            "reading_late": "cascade",
        },
    )

    # EXTENDS queue_job_operations
    def _get_units(self):
        return {
            **super()._get_units(),
            "dataset_lag": self.env._("minutes"),
            "dataset_log": self.env._("changes"),
            "reading_late": self.env._("minutes"),
        }

    def _evaluate_dataset_lag(self, _now):
        """Datasets with changes that have waited for so long; not those that one has
        paused, or that wait for their schedule."""
        datasets = self.env["ai.queue.dataset"].search(
            [
                ("phase", "=", "live"),
                ("is_paused", "=", False),
                ("follow", "=", "change"),
            ]
        )
        return [
            self._find_dataset(dataset, dataset.lag / MINUTE, lag=dataset.lag)
            for dataset in datasets
            if dataset.lag >= self.threshold * MINUTE
        ]

    def _evaluate_dataset_failed(self, _now):
        """Datasets that wait for somebody to look, but for their columns."""
        return self._find_datasets(
            [("state", "=", "failed"), ("error_kind", "not in", DRIFT)]
        )

    def _evaluate_dataset_drift(self, _now):
        """Datasets whose columns changed, or that were found different."""
        return self._find_datasets(
            [
                ("phase", "!=", "draft"),
                "|",
                *("&", ("state", "=", "failed"), ("error_kind", "in", DRIFT)),
                ("compare_state", "=", "different"),
            ]
        )

    def _evaluate_dataset_log(self, _now):
        """Datasets that so many changes wait for: the log takes disk until they are
        loaded. Paused ones, too: only these may stand still for long."""
        datasets = self.env["ai.queue.dataset"].search([("phase", "!=", "draft")])
        return [
            self._find_dataset(
                dataset,
                dataset.waiting,
                waiting=dataset.waiting,
                is_paused=dataset.is_paused,
            )
            for dataset in datasets
            if dataset.waiting >= max(self.threshold, 1)
        ]

    def _evaluate_reading(self, _now):
        """Tables that wait for somebody to look: an error, or far fewer rows."""
        readings = self.env["ai.queue.reading"].search(
            [("state", "in", ("failed", "held")), ("is_paused", "=", False)]
        )
        return [self._find_reading(reading, 1) for reading in readings]

    def _evaluate_reading_late(self, now):
        """Tables that should have been read so long ago."""
        readings = self.env["ai.queue.reading"].search(
            [
                ("state", "not in", ("draft", "failed", "held")),
                ("is_paused", "=", False),
                ("date_read", "!=", False),
            ]
        )
        return [
            self._find_reading(reading, late, late=late * MINUTE)
            for reading in readings
            if (late := reading._get_late(now)) >= max(self.threshold, 1)
        ]

    def _find_reading(self, reading, value, **details):
        return Finding(
            f"reading:{reading.id}",
            value,
            {
                "reading_id": reading.id,
                "reading": reading.name,
                "error": reading.error or "",
                **details,
            },
            reading.company_id.id,
        )

    def _evaluate_warehouse(self, _now):
        """Warehouses that datasets try in vain."""
        datasets = self.env["ai.queue.dataset"].search(
            [("state", "=", "waiting"), ("error_kind", "=", "unreachable")]
        )
        return [
            Finding(
                f"warehouse:{warehouse.id}",
                len(some),
                {
                    "warehouse_id": warehouse.id,
                    "warehouse": warehouse.name,
                    "datasets": len(some),
                    "error": some[0].error or "",
                },
            )
            for warehouse, some in datasets.grouped("warehouse_id").items()
        ]

    def _find_datasets(self, domain):
        datasets = self.env["ai.queue.dataset"].search(domain)
        return [self._find_dataset(dataset, 1) for dataset in datasets]

    def _find_dataset(self, dataset, value, **details):
        return Finding(
            f"dataset:{dataset.id}",
            value,
            {
                "dataset_id": dataset.id,
                "dataset": dataset.name,
                "error": dataset.error or "",
                "compared": dataset.compare_result or "",
                **details,
            },
            dataset.company_id.id,
        )
