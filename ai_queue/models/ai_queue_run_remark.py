# Copyright 2026 The ai_queue contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
from collections import Counter

from odoo import api, fields, models


class AiQueueRunJob(models.Model):
    """What people shall know of work that was done all the same."""

    _inherit = "ai.queue.run.job"

    # [{"sentence": in words, "count": of so many records}]
    remark_data = fields.Json(readonly=True)

    def _remark(self, counts):
        """Leave remarks on the row, for the job itself; those of before are gone.

        :param counts: {sentence for people: of how many records it is true}
        """
        self._report(
            remark_data=[
                {"sentence": sentence, "count": count}
                for sentence, count in counts.items()
            ]
        )


class AiQueueRun(models.Model):
    _inherit = "ai.queue.run"

    remark_summary = fields.Text(compute="_compute_remark_summary", string="Remarks")

    @api.depends("job_ids.remark_data", "total")
    @api.depends_context("lang")
    def _compute_remark_summary(self):
        for run in self:
            counts = Counter()
            for remark in run.job_ids.mapped("remark_data"):
                for one in remark or []:
                    counts[one["sentence"]] += one["count"]
            run.remark_summary = "\n".join(
                self.env._(
                    "%(count)s of %(total)s: %(sentence)s",
                    count=count,
                    total=run.total,
                    sentence=sentence,
                )
                for sentence, count in counts.most_common()
            )
