# Copyright 2026 The ai_queue contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
import logging

from odoo import SUPERUSER_ID, api, fields, models
from odoo.exceptions import AccessError, UserError
from odoo.tools import SQL

from odoo.addons.queue_job.exception import RetryableJobError
from odoo.addons.queue_job_operations.models.queue_job import without_nul
from odoo.addons.queue_job_operations.side_cursor import side_env

from ..targets import TargetError, Unreachable
from ..words import say
from .ai_queue_dataset_sync import BUSY_SECONDS

_logger = logging.getLogger(__name__)

#: keys that are compared by their sum; of ranges that differ, row by row
RANGE = 10_000


class AiQueueDataset(models.Model):
    """Compares both sides by counts and checksums, and repairs what differs.

    Each row has a hash of what it held in Odoo when it was loaded. So a row that is
    missing, left over or old is found; what somebody changed by hand in another column
    of the warehouse is not.
    """

    _inherit = "ai.queue.dataset"

    def action_compare(self):
        """Compare both sides in a job; the verdict appears on the form."""
        return self._queue_comparison(False)

    def action_repair(self):
        """Compare both sides in a job, and load again what differs."""
        return self._queue_comparison(True)

    def _queue_comparison(self, repair):
        self.check_access("write")
        for dataset in self:
            if dataset.phase != "live":
                raise UserError(
                    self.env._(
                        "%s is not in step yet: there is nothing to compare.",
                        dataset.name,
                    )
                )
            dataset.write({"compare_state": "pending", "compare_result": False})
            dataset.with_user(SUPERUSER_ID).with_delay(
                description=self.env._("Compare %s with Odoo", dataset.name),
                identity_key=f"ai_queue_dataset_compare:{dataset.id}",
            )._compare(repair, self.env.lang)
        return True

    @api.private
    def _compare(self, repair=False, lang=None):
        """Compare both sides of a dataset"""
        self.ensure_one()
        dataset = self.with_context(lang=lang)
        with self._alone() as is_alone, side_env(self.env) as env:
            current = env[self._name].browse(self.id)
            waits = current._is_running() and current._has_more()
            if waits:
                current._queue_at()
            if waits or not is_alone:
                env.cr.commit()  # pylint: disable=invalid-commit
                raise RetryableJobError(
                    self.env._("Its changes are being loaded first."),
                    seconds=BUSY_SECONDS,
                    ignore_retry=True,
                )
            mark = int(current.mark)
        return dataset._compare_alone(repair, mark)

    @api.private
    def _on_compare_failed(self, exc_info=None, exc_name=None, exc_message=None):
        """Let the comparison be started again, whatever became of the job.

        Whatever goes wrong in here would undo the failed state of the job.
        """
        try:
            with side_env(self.env) as env:
                dataset = env[self._name].browse(self.id).exists()
                if dataset.compare_state == "pending":
                    dataset.write(
                        {
                            "compare_state": "failed",
                            "compare_result": without_nul(exc_message or exc_name),
                            "compare_date": fields.Datetime.now(),
                        }
                    )
        except Exception:
            _logger.exception("The failure of a comparison could not be noted")

    def _compare_alone(self, repair, mark):
        vals = {"compare_date": fields.Datetime.now()}
        differing = {}
        try:
            with self.warehouse_id._connect() as target:
                rows, differing = self._find_differing(target, mark)
            vals["compare_state"] = "different" if differing else "equal"
            vals["compare_result"] = self._say_differing(rows, differing, repair)
        except (TargetError, AccessError, UserError) as error:
            vals["compare_state"] = "failed"
            vals["compare_result"] = say(self.env, error)
            if isinstance(error, Unreachable):
                raise RetryableJobError(vals["compare_result"]) from error
        with side_env(self.env) as env:
            dataset = env[self._name].browse(self.id)
            dataset.write(vals)
            for number in sorted(differing) if repair else ():
                low = number * RANGE
                dataset._make_batch("repair", low - 1, low + RANGE - 1)
        if repair and differing:
            self._queue_at()
        return vals["compare_result"]

    def _find_differing(self, target, mark):
        """(rows in Odoo, {number of the range: (missing, left over, old)})"""
        loader = self._get_loader(target)
        target.begin(loader.table)
        there = target.get_sums(loader.table, RANGE)
        differing = {}
        with self.env.registry.cursor() as cr:
            extraction = self._read_anew(cr)
            here = extraction.get_sums(RANGE, None)
            # On their way, or known not to fit: no difference.
            apart = loader.get_ids_since(extraction, mark)
            apart |= set(self.row_ids.mapped("res_id"))
            for number in here.keys() | there.keys():
                if here.get(number) != there.get(number):
                    found = self._compare_rows(
                        target, loader, extraction, number, apart
                    )
                    if any(found):
                        differing[number] = tuple(map(len, found))
        target.rollback()
        return sum(count for count, _sum in here.values()), differing

    def _compare_rows(self, target, loader, extraction, number, apart):
        """Of a range of keys, those that are missing, left over, old."""
        low, high = number * RANGE, (number + 1) * RANGE - 1
        key = SQL.identifier(extraction.model._table, "id")
        here = extraction.get_hashes(SQL("%s BETWEEN %s AND %s", key, low, high))
        there = target.get_hashes(loader.table, low, high)
        both = here.keys() & there.keys()
        return (
            here.keys() - there.keys() - apart,
            there.keys() - here.keys() - apart,
            {key for key in both if here[key] != there[key]} - apart,
        )

    def _say_differing(self, rows, differing, repair):
        if not differing:
            return self.env._("All %s rows are equal.", rows)
        missing, left, old = map(sum, zip(*differing.values(), strict=True))
        said = self.env._(
            "Of %(rows)s rows, %(missing)s are missing in the warehouse and %(old)s "
            "are not as in Odoo; %(left)s are left over there.",
            rows=rows,
            missing=missing,
            old=old,
            left=left,
        )
        if repair:
            return f"{said} {self.env._('They are being loaded again.')}"
        return said
