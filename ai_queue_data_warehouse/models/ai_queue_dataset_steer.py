# Copyright 2026 The ai_queue contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
from datetime import timedelta

from odoo import api, fields, models
from odoo.exceptions import UserError

from odoo.addons.queue_job_operations.durations import describe_duration

from .. import capture
from .ai_queue_dataset_batch import OPEN_STATES

#: how many hours the small line has, and its heights; nothing is a dot
HOURS, BARS = 24, "▁▂▃▄▅▆▇█"


class AiQueueDataset(models.Model):
    """What people see of a dataset, and the buttons."""

    _inherit = "ai.queue.dataset"

    state = fields.Selection(
        [
            ("draft", "Not started"),
            ("loading", "Loading"),
            ("live", "In step"),
            ("waiting", "Tries again"),
            ("paused", "Paused"),
            ("failed", "Stopped by an error"),
        ],
        compute="_compute_state",
        store=True,
    )
    waiting = fields.Integer(
        string="Changes Waiting",
        compute="_compute_waiting",
        help="Changes in the log that are not in the warehouse yet.",
    )
    lag = fields.Integer(
        string="Lag (s)",
        compute="_compute_waiting",
        help="How long the oldest of these changes has waited.",
    )
    lag_said = fields.Char(
        string="Lag",
        compute="_compute_waiting",
        help="How long the oldest change that is not in the warehouse has waited.",
    )
    day_line = fields.Char(
        string="Last 24 Hours",
        compute="_compute_day_line",
        help="Rows written in each of the last 24 hours, beside the hour with most.",
    )
    progress = fields.Float(compute="_compute_progress")
    date_expected = fields.Datetime(
        string="Loaded At About", compute="_compute_progress"
    )
    rows_today = fields.Integer(string="Rows (24 h)", compute="_compute_today")
    bytes_today = fields.Float(string="MB (24 h)", compute="_compute_today")
    last_batch = fields.Datetime(compute="_compute_today")
    batch_count = fields.Integer(string="Batches", compute="_compute_today")
    row_count = fields.Integer(string="Set Aside", compute="_compute_row_count")

    @api.depends("phase", "is_paused", "is_held", "error")
    def _compute_state(self):
        for dataset in self:
            if dataset.phase == "draft":
                dataset.state = "draft"
            elif dataset.is_held:
                dataset.state = "failed"
            elif dataset.is_paused:
                dataset.state = "paused"
            elif dataset.error:
                dataset.state = "waiting"
            else:
                dataset.state = "live" if dataset.phase == "live" else "loading"

    @api.depends("mark", "sources")
    def _compute_waiting(self):
        now = fields.Datetime.now()
        for dataset in self:
            count, oldest = 0, None
            if dataset.phase != "draft" and dataset.mark:
                sources = list(dataset.sources or ())
                count, oldest = capture.count_waiting(
                    self.env.cr, sources, int(dataset.mark)
                )
            dataset.waiting = count
            dataset.lag = max(0, (now - oldest).total_seconds()) if oldest else 0
            said = describe_duration(self.env, dataset.lag) if dataset.lag else False
            dataset.lag_said = said

    @api.depends("load_key", "load_top", "load_rows")
    def _compute_progress(self):
        now = fields.Datetime.now()
        for dataset in self:
            dataset.progress, dataset.date_expected = 0.0, False
            if dataset.load_top and dataset.load_key:
                share = min(1.0, dataset.load_key / dataset.load_top)
                dataset.progress = 100.0 * share
                elapsed = (now - dataset.load_started).total_seconds()
                if share < 1.0 and dataset.state == "loading":
                    left = elapsed * (1.0 - share) / share
                    dataset.date_expected = now + timedelta(seconds=left)
            elif dataset.phase == "live":
                dataset.progress = 100.0

    @api.depends("batch_ids")
    def _compute_today(self):
        batches = self.env["ai.queue.dataset.batch"]
        since = fields.Datetime.now() - timedelta(days=1)
        done = [("dataset_id", "in", self.ids), ("state", "=", "done")]
        sums = {
            dataset: figures
            for dataset, *figures in batches._read_group(
                [*done, ("date_done", ">=", since)],
                ["dataset_id"],
                ["rows:sum", "size:sum"],
            )
        }
        groups = batches._read_group(
            [("dataset_id", "in", self.ids)], ["dataset_id"], ["__count"]
        )
        counts = dict(groups)
        last = dict(batches._read_group(done, ["dataset_id"], ["date_done:max"]))
        for dataset in self:
            rows, size = sums.get(dataset, (0, 0))
            dataset.rows_today = rows
            dataset.bytes_today = size / 1e6
            dataset.batch_count = counts.get(dataset, 0)
            dataset.last_batch = last.get(dataset)

    @api.depends("batch_ids")
    def _compute_day_line(self):
        now = fields.Datetime.now()
        hours = {dataset: [0] * HOURS for dataset in self}
        rows = self.env["ai.queue.dataset.batch"].search_fetch(
            [
                ("dataset_id", "in", self.ids),
                ("state", "=", "done"),
                ("date_done", ">", now - timedelta(hours=HOURS)),
            ],
            ["dataset_id", "date_done", "rows", "gone"],
        )
        for batch in rows:
            age = int((now - batch.date_done).total_seconds() // 3600)
            if 0 <= age < HOURS:
                hours[batch.dataset_id][-1 - age] += batch.rows + batch.gone
        for dataset in self:
            dataset.day_line = _draw(hours[dataset])

    @api.depends("row_ids")
    def _compute_row_count(self):
        for dataset in self:
            dataset.row_count = len(dataset.row_ids)

    # ------------------------------------------------------------
    # ACTIONS
    # ------------------------------------------------------------

    def action_start(self):
        """Load everything in the background, then keep it in step."""
        self.check_access("write")
        for dataset in self.filtered(lambda one: one.phase == "draft"):
            if not dataset.field_ids:
                raise UserError(self.env._("Add a field to %s first.", dataset.name))
            dataset._check_not_of_others()
            # Of what stands there from before, nobody knows what it holds.
            dataset._steer(
                {"phase": "loading", "signature": False, "is_table_older": True}
            )
            dataset._queue_at()
        return True

    def action_sync(self):
        """Bring it up to date now."""
        self.check_access("write")
        for dataset in self.filtered(lambda one: one._is_running()):
            if dataset.phase == "live" and dataset.detection == "compare":
                dataset._queue_next()
            else:
                dataset._queue_at()
        return True

    def action_pause(self):
        """Load nothing more; what changes meanwhile is noted."""
        self.check_access("write")
        running = self.filtered(lambda one: one.phase != "draft")
        running.sudo().is_paused = True  # as ``_steer``
        return True

    def action_resume(self):
        """Go on where it was paused, or after an error."""
        self.check_access("write")
        datasets = self.filtered(lambda one: one.phase != "draft")
        datasets._requeue_failed()
        datasets._steer({})
        for dataset in datasets:
            dataset._queue_at()
        return True

    def action_stop(self):
        """Let go: nothing is noted any more, and the next start loads everything."""
        self.check_access("write")
        datasets = self.filtered(lambda one: one.phase != "draft")
        datasets._cancel_open()
        datasets._steer({"phase": "draft", "mark": False, "sources": False})
        # Not here: another dataset may just begin to use its triggers, which this
        # transaction cannot see.
        self.env.ref("ai_queue_data_warehouse.ir_cron_follow").sudo()._trigger()
        return True

    def action_rebuild(self):
        """Load everything into a table beside; it takes the place of this one once it
        is up to date."""
        self.check_access("write")
        for dataset in self:
            # What was loaded stands there, too, when a column has changed since.
            has_changed = dataset.is_held and dataset.error_kind == "changed"
            if dataset.phase not in ("live", "rebuilding") and not has_changed:
                raise UserError(self.env._("%s has not been loaded yet.", dataset.name))
            dataset._cancel_open()
            dataset._steer(
                {
                    "phase": "rebuilding",
                    "signature": False,
                    "is_table_older": dataset.sudo()._is_older(),
                }
            )
            dataset._queue_at()
        return True

    def action_retry_rows(self):
        """Load the rows again that were set aside."""
        self.check_access("write")
        for dataset in self.filtered("row_ids"):
            for row in dataset.row_ids:
                dataset.sudo()._make_batch("repair", row.res_id - 1, row.res_id)
            dataset._queue_at()
        return True

    def _steer(self, vals):
        """Write where it stands, and that it is well; who may is checked before."""
        # Nobody writes these fields but by a button: see ``ai.queue.guard``.
        well = {"is_paused": False, "is_held": False, "error": False}
        self.sudo().write({**well, **vals})

    def _cancel_open(self):
        domain = [("dataset_id", "in", self.ids), ("state", "in", OPEN_STATES)]
        # Jobs write batches; who steers the dataset may cancel them.
        self.env["ai.queue.dataset.batch"].sudo().search(domain).write(
            {"state": "cancelled"}
        )

    def _requeue_failed(self):
        """The batches that stopped the dataset, once more under their names."""
        batches = self.env["ai.queue.dataset.batch"].sudo()
        for dataset in self:
            domain = [("dataset_id", "=", dataset.id), ("state", "=", "failed")]
            batches.search(domain).filtered(dataset._is_needed).write(
                {"state": "pending", "deaths": 0}
            )

    # ------------------------------------------------------------
    # LISTS
    # ------------------------------------------------------------

    def action_open_batches(self):
        """What was loaded, and what came of it."""
        action = self.env["ir.actions.act_window"]._for_xml_id(
            "ai_queue_data_warehouse.ai_queue_dataset_batch_action"
        )
        action["domain"] = [("dataset_id", "in", self.ids)]
        return action

    def action_open_rows(self):
        """The rows that were set aside."""
        action = self.env["ir.actions.act_window"]._for_xml_id(
            "ai_queue_data_warehouse.ai_queue_dataset_row_action"
        )
        action["domain"] = [("dataset_id", "in", self.ids)]
        return action


def _draw(counts):
    """A small line of a few numbers, False where there is none."""
    most = max(counts)
    if not most:
        return False
    return "".join(
        BARS[-(-count * len(BARS) // most) - 1] if count else "·" for count in counts
    )
