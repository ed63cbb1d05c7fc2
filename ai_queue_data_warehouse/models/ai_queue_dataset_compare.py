# Copyright 2026 The ai_queue contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
import hashlib
import itertools
import logging

from odoo import SUPERUSER_ID, api, fields, models
from odoo.exceptions import AccessError, UserError, ValidationError

from odoo.addons.queue_job.exception import RetryableJobError
from odoo.addons.queue_job_operations.models.queue_job import without_nul
from odoo.addons.queue_job_operations.side_cursor import side_env

from ..comparing import Comparison
from ..loading import get_keys
from ..targets import Gone, TargetError, Unreachable
from ..words import say
from .ai_queue_dataset_sync import BUSY_SECONDS

_logger = logging.getLogger(__name__)

#: so many rows at most are a batch of a repair, which lists their keys
REPAIR_ROWS = 10_000
#: types of fields that tell the day of a row, the better ones first
DAY_TYPES = ("date", "datetime")
#: a day that changes whenever the row does tells least
LAST_DAYS = ("create_date", "write_date")


class AiQueueDataset(models.Model):
    """Compares both sides by counts and checksums, by day and by range of keys, and
    repairs what differs.

    Each row has a hash of what it held in Odoo when it was loaded. So a row that is
    missing, left over or old is found; what somebody changed by hand in another column
    of the warehouse is not.
    """

    _inherit = "ai.queue.dataset"

    day_field_id = fields.Many2one(
        "ir.model.fields",
        string="Compared by Day Of",
        compute="_compute_day_field_id",
        store=True,
        readonly=False,
        domain="[('model_id', '=', model_id), ('ttype', 'in', ('date', 'datetime'))]",
        help="A date among the columns. Compare tells the days that differ by it, and "
        "a day can be repaired alone. Without one, it tells ranges of keys only.",
    )
    part_ids = fields.One2many("ai.queue.dataset.part", "dataset_id", readonly=True)
    day_ids = fields.One2many(
        "ai.queue.dataset.part",
        "dataset_id",
        string="Days That Differ",
        domain=[("kind", "=", "day"), ("state", "in", ("different", "repairing"))],
        readonly=True,
    )
    range_ids = fields.One2many(
        "ai.queue.dataset.part",
        "dataset_id",
        string="Key Ranges That Differ",
        domain=[("kind", "=", "keys"), ("state", "in", ("different", "repairing"))],
        readonly=True,
    )
    day_count = fields.Integer(compute="_compute_day_count", string="Days Compared")

    @api.depends("field_ids.field_id", "field_ids.mask")
    def _compute_day_field_id(self):
        for dataset in self:
            possible = dataset._get_day_lines()
            if dataset.day_field_id not in possible.field_id:
                dataset.day_field_id = possible[:1].field_id

    def _get_day_lines(self):
        """The columns that could tell the day of a row, the best one first."""
        lines = self.field_ids.filtered(
            lambda line: line.field_id.ttype in DAY_TYPES and not line.mask
        )
        return lines.sorted(
            lambda line: (
                line.field_id.name in LAST_DAYS,
                line.field_id.name == "write_date",
                DAY_TYPES.index(line.field_id.ttype),
            )
        )

    @api.depends("part_ids")
    def _compute_day_count(self):
        groups = self.env["ai.queue.dataset.part"]._read_group(
            [("dataset_id", "in", self.ids), ("kind", "=", "day")],
            ["dataset_id"],
            ["__count"],
        )
        counts = dict(groups)
        for dataset in self:
            dataset.day_count = counts.get(dataset, 0)

    @api.constrains("day_field_id", "field_ids")
    def _check_day_field(self):
        for dataset in self.filtered("day_field_id"):
            if not dataset._get_day_column():
                raise ValidationError(
                    self.env._(
                        "%s cannot tell the day of a row: choose a date that is a "
                        "column, and that is not masked.",
                        dataset.day_field_id.field_description,
                    )
                )

    def _get_day_column(self):
        """The column that tells the day of a row, or None."""
        lines = self._get_day_lines()
        chosen = lines.filtered(lambda line: line.field_id == self.day_field_id)
        return chosen.column or None

    def action_compare(self):
        """Compare both sides in a job; the verdict appears on the form."""
        return self._queue_comparison(False)

    def action_repair(self):
        """Compare both sides in a job, and load again what differs."""
        return self._queue_comparison(True)

    def action_open_parts(self):
        """What was compared, by day and by range of keys; first what differs."""
        action = self.env["ir.actions.act_window"]._for_xml_id(
            "ai_queue_data_warehouse.ai_queue_dataset_part_action"
        )
        action["domain"] = [("dataset_id", "in", self.ids)]
        return action

    def _queue_comparison(self, repair):
        self._check_comparable()
        for dataset in self:
            dataset._begin_comparison()
            dataset._queue_compare(repair)
        return True

    def _begin_comparison(self):
        # Who may is checked; nobody writes these fields but by a button or a job.
        self.sudo().write({"compare_state": "pending", "compare_result": False})

    def _check_comparable(self):
        self.check_access("write")
        for dataset in self:
            if dataset.phase != "live":
                raise UserError(
                    self.env._(
                        "%s is not in step yet: there is nothing to compare.",
                        dataset.name,
                    )
                )

    def _queue_compare(self, repair, spans=None):
        """A job that compares, and repairs; only of some days or ranges, if it is told.

        :param spans: as ``ai.queue.dataset.part`` gives them
        """
        what, args = "compare", (repair, self.env.lang)
        if spans is not None:
            what = f"repair_{hashlib.sha256(repr(spans).encode()).hexdigest()[:16]}"
            args += (spans,)
        self.with_user(SUPERUSER_ID).with_delay(
            description=self.env._("Compare %s with Odoo", self.name),
            identity_key=f"ai_queue_dataset_{what}:{self.id}",
        )._compare(*args)

    @api.private
    def _compare(self, repair=False, lang=None, spans=None):
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
        return dataset._compare_alone(repair, mark, spans)

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

    def _compare_alone(self, repair, mark, spans=None):
        """Compare, note what came of it, and have it looked at again once it is
        repaired."""
        is_update = repair and self.detection == "compare" and spans is None
        try:
            with self.warehouse_id._connect() as target:
                found = [
                    self._run_comparison(target, mark, repair, **span)
                    for span in spans or [{}]
                ]
        except Gone as error:
            said = self._load_anew(error)
            self._note_comparison({"compare_state": "failed", "compare_result": said})
            self._queue_at()
            return said
        except (TargetError, AccessError, UserError) as error:
            if is_update:
                return self._note_failure(None, error)
            vals = {"compare_state": "failed", "compare_result": say(self.env, error)}
            self._note_comparison(vals)
            if isinstance(error, Unreachable):
                raise RetryableJobError(vals["compare_result"]) from error
            return vals["compare_result"]
        said = self._say_differing(found, repair)
        is_different = any(any(each.totals) for each in found)
        if is_update:
            # This is how it is brought up to date, and no cause for alarm.
            now = fields.Datetime.now()
            vals = {"compare_state": "equal", "date_synced": now, "error": False}
            self._note_comparison({**vals, "compare_result": said})
        elif spans is None:
            state = "different" if is_different else "equal"
            vals = {"compare_state": state, "compare_result": said}
            self._note_comparison(vals, *found)
        if repair and is_different:
            self._queue_at()
        if spans is not None or (repair and is_different and not is_update):
            self._queue_compare(False)
        return said

    def _note_comparison(self, vals, *comparisons):
        with side_env(self.env) as env:
            dataset = env[self._name].browse(self.id)
            dataset.write({"compare_date": fields.Datetime.now(), **vals})
            for comparison in comparisons:
                env["ai.queue.dataset.part"]._replace(dataset, comparison)

    def _run_comparison(self, target, mark, repair, keys=(), day=None):
        """Look at both sides: ``comparing.Comparison``.

        :param repair: make batches of what differs
        :param keys: [lowest, highest] key, if not all
        :param day: [day], as a text or None, if not all
        """
        loader = self._get_loader(target)
        target.begin(loader.table)
        with self.env.registry.cursor() as cr:
            extraction = self._read_anew(cr)
            # On their way, or known not to fit: no difference.
            apart = set(self.row_ids.mapped("res_id"))
            if self.detection == "trigger":
                apart |= get_keys(extraction, mark)
            comparison = Comparison(
                target, loader.table, extraction, apart, self._get_day_column()
            )
            days = tuple(map(fields.Date.to_date, day or ()))
            found = comparison.run(tuple(keys), days)
            if repair:
                found = itertools.chain(found, comparison.find_moved())
            differing = itertools.chain.from_iterable(found)
            # all of them have to be looked for, whether they are repaired or not
            while some := list(itertools.islice(differing, REPAIR_ROWS)):
                if repair:
                    self._make_repair(some)
        target.rollback()
        return comparison

    def _make_repair(self, keys):
        """A batch that loads these keys again."""
        keys = sorted(keys)
        with side_env(self.env) as env:
            dataset = env[self._name].browse(self.id)
            batch = dataset._make_batch("repair", keys[0] - 1, keys[-1])
            batch.keys = keys

    def _say_differing(self, found, repair):
        totals = [each.totals for each in found]
        missing, left, old = map(sum, zip(*totals, strict=True))
        rows = sum(each.rows for each in found)
        if not (missing or left or old):
            return self.env._("All %s rows are equal.", rows)
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
