# Copyright 2026 The ai_queue contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
from collections import Counter

from odoo import api, fields, models
from odoo.tools import SQL


class AiQueueRun(models.Model):
    """What a run is called, and what people should know about its work.

    It is called by its only record, or by the first of several, for those who may read
    that: everybody of the company sees its runs, and not everybody every product.
    """

    _inherit = "ai.queue.run"

    remark_summary = fields.Text(compute="_compute_remark_summary", string="Remarks")

    # ------------------------------------------------------------
    # NAME
    # ------------------------------------------------------------

    @api.depends("name", "kind", "job_ids.res_ids")
    @api.depends_context("uid", "allowed_company_ids", "lang")
    def _compute_display_name(self):
        titles = self._get_titles()
        for run in self:
            run.display_name = titles.get(run.id) or run.name

    def _get_titles(self):
        """The names of runs whose first record the reader may read: {run id: name}."""
        titles = {}
        counts, first_records = self._get_first_records()
        for model, record_of in first_records.items():
            if model not in self.env:  # its addon is not installed any more
                continue
            # Also where Odoo itself reads the name for the reader, with all rights.
            reader = self.env[model].with_user(self.env.user)
            records = reader.browse(record_of.values()).exists()
            readable = records._filtered_access("read")
            for run in self.browse(record_of):
                record = readable & records.browse(record_of[run.id])
                if record:
                    titles[run.id] = run._get_title(record, counts[run.id])
        return titles

    def _get_title(self, record, count):
        if count > 1:
            # Else all that were started for as many are called the same.
            return self.env._(
                "%(run)s (%(record)s, …)", run=self.name, record=record.display_name
            )
        if f"ai.queue.kind.{self.kind}" not in self.env:
            return None
        return self.env["ai.queue.kind"]._of(self.kind)._run_title(record)

    def _get_first_records(self):
        """How many records runs are for, and the first of them.

        :return: ({run id: count}, {model name: {run id: record id}})
        """
        if not self.ids:
            return {}, {}
        self.env["ai.queue.run.job"].flush_model(["run_id", "res_model", "res_ids"])
        self.env.cr.execute(
            SQL(
                """
                SELECT (array_agg(res_model ORDER BY id))[1], run_id,
                       ((array_agg(res_ids -> 0 ORDER BY id))[1])::int,
                       sum(jsonb_array_length(res_ids))
                  FROM ai_queue_run_job
                 WHERE run_id = ANY(%s) AND jsonb_array_length(res_ids) > 0
                 GROUP BY run_id
                """,
                self.ids,
            )
        )
        counts, found = {}, {}
        for model, run_id, record_id, count in self.env.cr.fetchall():
            counts[run_id] = count
            found.setdefault(model, {})[run_id] = record_id
        return counts, found

    def _get_title_of_requester(self):
        """What the run is called for the person who asked for it."""
        # In all their companies: this one may be none of theirs any more.
        reader = self.with_user(self.user_id).with_context(allowed_company_ids=[])
        # Who asked for it just now knows for which.
        title = self.total == 1 and reader._get_titles().get(self.id)
        return title or self.name

    # ------------------------------------------------------------
    # REMARKS
    # ------------------------------------------------------------

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
