# Copyright 2026 The ai_queue contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
from prometheus_client.core import GaugeMetricFamily

from odoo import api, models


class QueueJobMetrics(models.AbstractModel):
    _inherit = "queue.job.metrics"

    # EXTENDS queue_job_operations
    @api.private
    def collect(self):
        yield from super().collect()
        yield from self._collect_elsewhere()

    def _collect_elsewhere(self):
        workers = GaugeMetricFamily(
            "ai_queue_workers", "AI workers that are there.", labels=["machine"]
        )
        running = GaugeMetricFamily(
            "ai_queue_worker_questions_running",
            "Questions and parts of runs that AI workers are at.",
            labels=["machine"],
        )
        here = self.env["ai.queue.worker"]._get_here()
        for host, some in here.grouped("host").items():
            workers.add_metric([host], len(some))
            running.add_metric([host], sum(some.mapped("running")))
        bridge = self.env["ai.queue.bridge"]
        row = bridge._get()
        waiting = GaugeMetricFamily(
            "ai_queue_worker_queue_depth",
            "Questions and parts of runs that no AI worker has begun with.",
            labels=["queue"],
        )
        for queue in row.queues or []:
            waiting.add_metric([queue["name"]], queue["waiting"])
        handed = self.env["ai.queue.call"]._count_handed()
        yield from (workers, running, waiting)
        yield self._make_figure(
            "ai_queue_calls_handed", "Questions that are with AI workers.", handed[0]
        )
        yield self._make_figure(
            "ai_queue_calls_handed_oldest_seconds",
            "For how long the oldest of them has been there.",
            handed[1],
        )
        yield self._make_figure(
            "ai_queue_bridge_up",
            "1 when somebody brings what AI workers answer.",
            int(bridge._is_alive()),
        )
        yield self._make_figure(
            "ai_queue_broker_up",
            "0 when Redis was tried in vain.",
            int("broker" not in bridge._get_down_of_all()),
        )

    @staticmethod
    def _make_figure(name, words, value):
        return GaugeMetricFamily(name, words, value=value)
