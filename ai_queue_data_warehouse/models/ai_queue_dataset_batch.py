# Copyright 2026 The ai_queue contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
import uuid

from odoo import fields, models

from .. import capture
from ..loading import Batch, get_keys

STATES = [
    ("pending", "Waiting"),
    ("started", "Running"),
    ("done", "Done"),
    ("failed", "Failed"),
    ("cancelled", "Cancelled"),
]
MAX_INTEGER = (1 << 31) - 1
OPEN_STATES = ("pending", "started")


class AiQueueDatasetBatch(models.Model):
    """A fixed range of changes or keys, or a list of keys, that is loaded as a whole,
    or not at all.

    Written by side cursors only.
    """

    _name = "ai.queue.dataset.batch"
    _description = "Batch of a Dataset"
    _order = "id desc"
    _rec_name = "kind"

    dataset_id = fields.Many2one(
        "ai.queue.dataset", required=True, readonly=True, ondelete="cascade", index=True
    )
    kind = fields.Selection(
        [("load", "Load"), ("change", "Changes"), ("repair", "Repair")],
        required=True,
        readonly=True,
    )
    # What the warehouse notes in the same transaction as the rows.
    key = fields.Char(required=True, readonly=True, default=lambda _self: _make_key())
    # Of the change log: numbers; else keys. Text, as a log outgrows integers.
    low = fields.Char(required=True, readonly=True)
    high = fields.Char(required=True, readonly=True)
    # Only these of the range, in their order; until it is done.
    keys = fields.Json(readonly=True)
    # {key: why its row does not fit}, noted before the others are in, until it is done
    unfit = fields.Json(readonly=True)
    state = fields.Selection(STATES, required=True, readonly=True, default="pending")
    attempt = fields.Integer(string="Attempts", readonly=True)
    rows = fields.Integer(readonly=True, help="Rows written to the warehouse.")
    gone = fields.Integer(
        string="Removed", readonly=True, help="Records without a row any more."
    )
    size = fields.Integer(string="Bytes", readonly=True)
    aside = fields.Integer(string="Set Aside", readonly=True)
    # One that always kills its worker would be tried for ever.
    deaths = fields.Integer(
        string="Workers Killed",
        readonly=True,
        help="So often in a row, the worker that loaded it was killed.",
    )
    # It cannot be halved any more: its file may be as large as it gets.
    is_whole = fields.Boolean(readonly=True)
    message = fields.Text(readonly=True)
    date_started = fields.Datetime(string="Started", readonly=True)
    date_done = fields.Datetime(string="Ended", readonly=True)

    _open_idx = models.Index("(dataset_id) WHERE state IN ('pending', 'started')")

    # ------------------------------------------------------------
    # ON ITS WAY, by side cursors
    # ------------------------------------------------------------

    def _get_plain(self):
        """What ``loading.Loader.load`` needs."""
        is_first = self.kind == "load" and self.low == "0"
        return Batch(
            key=self.key,
            kind=self.kind,
            low=int(self.low),
            high=int(self.high),
            keys=self.keys or [],
            is_whole=self.is_whole,
            is_first=is_first,
            is_new=is_first and self.dataset_id.phase == "rebuilding",
            unfit={int(key): why for key, why in (self.unfit or {}).items()},
        )

    def _start(self):
        # Still running, as it says, but nobody else loads this dataset: its worker was
        # killed.
        died = self.state == "started"
        self.write(
            {
                "state": "started",
                "deaths": self.deaths + int(died),
                "attempt": self.attempt + 1,
                "date_started": fields.Datetime.now(),
            }
        )

    def _note_end(self):
        """It did not get in, but neither was its worker killed."""
        self.write({"state": "pending", "deaths": 0})

    def _finish(self, result):
        """The batch is in the warehouse: the mark goes forward with it."""
        now = fields.Datetime.now()
        self.write(
            {
                "state": "done",
                "rows": result.rows,
                "gone": result.gone,
                "size": min(result.bytes, MAX_INTEGER),
                "aside": len(result.aside),
                "message": False,
                "date_done": now,
            }
        )
        dataset = self.dataset_id
        vals = {
            "error": False,
            "is_held": False,
            "rows_total": dataset.rows_total + result.rows,
            "bytes_total": dataset.bytes_total + result.bytes,
        }
        if self.kind == "load":
            vals["load_rows"] = dataset.load_rows + result.rows
        elif self.kind == "change":
            vals["date_synced"] = now
        dataset.write(vals)
        self._keep_aside(result.aside)
        self._leave_behind()
        self.write({"keys": False, "unfit": False})

    def _leave_behind(self):
        """The next batch begins where this one ended."""
        dataset = self.dataset_id
        if self.kind == "load":
            dataset.load_key = int(self.high)
        elif self.kind == "change":
            dataset.mark = self.high
            dataset._trim_log()

    def _keep_aside(self, unfit):
        """Rows that did not fit; those of this batch that fit now are no more so."""
        rows = self.env["ai.queue.dataset.row"]
        known = rows.search([("dataset_id", "=", self.dataset_id.id)])
        still = {row.res_id: row for row in known if row.res_id in unfit}
        for key, row in still.items():
            row.reason = unfit[key]
        self._find_about(known - rows.union(*still.values())).unlink()
        rows.create(
            [
                {"dataset_id": self.dataset_id.id, "res_id": key, "reason": reason}
                for key, reason in unfit.items()
                if key not in still
            ]
        )

    def _find_about(self, known):
        """Those of the rows that were set aside which the batch is about."""
        low, high = int(self.low), int(self.high)
        if known and self.kind == "change":
            # Also by what their columns are from, such as the name of their country.
            about = get_keys(self.dataset_id._get_extraction(self.env.cr), low, high)
            return known.filtered(lambda row: row.res_id in about)
        if self.keys:
            return known.filtered(lambda row: row.res_id in self.keys)
        return known.filtered(lambda row: low < row.res_id <= high)

    def _fail(self, sentence):
        self.write(
            {
                "state": "failed",
                "message": sentence,
                "date_done": fields.Datetime.now(),
            }
        )

    def _halve(self):
        """Its file would be too large: the rest is left to another batch."""
        dataset, low, high = self.dataset_id, int(self.low), int(self.high)
        if self.kind == "change":
            sources = list(dataset.sources or ())
            middle = capture.get_middle(self.env.cr, sources, low, high)
        elif self.keys:
            return self._halve_keys()
        else:
            middle = dataset._find_middle(low, high)
        if middle is None:
            self.write({"is_whole": True, "state": "pending"})
        else:
            if self.kind == "repair":
                dataset._make_batch("repair", middle, high)
            self.write({"high": str(middle), "state": "pending"})
        return self._say_halved()

    def _halve_keys(self):
        """The same, where it is a list: the second half is another batch."""
        middle = len(self.keys) // 2
        if not middle:
            self.write({"is_whole": True, "state": "pending"})
        else:
            first, second = self.keys[:middle], self.keys[middle:]
            self.dataset_id._make_repair(second)
            self.write({"keys": first, "high": str(first[-1]), "state": "pending"})
        return self._say_halved()

    def _say_halved(self):
        return self.env._("The file would be too large: the batch was halved.")


def _make_key():
    return uuid.uuid4().hex
