# Copyright 2026 The ai_queue contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
from datetime import timedelta

from odoo import api, fields, models
from odoo.fields import Domain

GONE_SECONDS = 30
FORGET = timedelta(days=1)


class AiQueueWorker(models.Model):
    """A worker as it was last seen. Written by the bridge, on side cursors only."""

    _name = "ai.queue.worker"
    _description = "AI Worker"
    _order = "host, name"
    _log_access = False

    name = fields.Char(required=True, readonly=True)
    host = fields.Char(string="Machine", readonly=True)
    state = fields.Selection(
        [("here", "At work"), ("gone", "Gone")],
        compute="_compute_state",
        search="_search_state",
    )
    kind = fields.Selection(
        [
            ("models", "Questions to models"),
            ("documents", "Documents"),
            ("forecasts", "Forecasts"),
        ],
        string="Kind of Work",
        readonly=True,
    )
    providers = fields.Char(readonly=True, help="Those that it reaches.")
    concurrency = fields.Integer(
        string="At a Time",
        readonly=True,
        help="Questions, files or parts of runs at a time.",
    )
    running = fields.Integer(readonly=True)
    done = fields.Integer(
        readonly=True,
        help="Questions, and parts of runs of all else, since it started.",
    )
    failed = fields.Integer(
        readonly=True,
        help="Questions without an answer, and parts that were left to Odoo, since it "
        "started.",
    )
    version = fields.Integer(readonly=True, aggregator=None)
    code = fields.Char(
        readonly=True,
        help="The same for workers of a kind with the same code of the engine.",
    )
    skew = fields.Float(
        string="Clock (s)",
        readonly=True,
        aggregator=None,
        help="How far its clock is from that of Redis.",
    )
    date_seen = fields.Datetime(string="Last Seen", readonly=True)

    _name_uniq = models.UniqueIndex("(name)")

    @api.depends("date_seen")
    def _compute_state(self):
        since = self._get_here_since()
        for worker in self:
            is_here = worker.date_seen and worker.date_seen >= since
            worker.state = "here" if is_here else "gone"

    def _search_state(self, operator, value):
        if operator != "in":
            return NotImplemented
        domain = Domain.FALSE
        since = self._get_here_since()
        if "here" in value:
            domain |= Domain("date_seen", ">=", since)
        if "gone" in value:
            domain |= Domain("date_seen", "<", since)
        return domain

    def _get_here_since(self):
        now = self.env["ai.queue.bridge"]._get_time()
        return now - timedelta(seconds=GONE_SECONDS)

    @api.model
    def _get_here(self):
        """The workers that are there."""
        return self.search([("state", "=", "here")])

    @api.model
    def _note_seen(self, workers):
        """:param workers: as of ``worker.store.get_workers``"""
        now = self.env["ai.queue.bridge"]._get_time()
        known = {row.name: row for row in self.search([])}
        for name, said in workers.items():
            vals = {
                "host": str(said["host"])[:64],
                "kind": said["kind"],
                "providers": ", ".join(said["providers"])[:500],
                "concurrency": said["concurrency"],
                "running": said["running"],
                "done": said["done"],
                "failed": said["failed"],
                "version": said["version"],
                "code": str(said["code"])[:12],
                "skew": round(said["clock"] - said["seen"], 1),
                "date_seen": now - timedelta(seconds=int(said["age"])),
            }
            if name in known:
                known.pop(name).write(vals)
            else:
                self.create({"name": name, **vals})
        gone = [row.id for row in known.values() if row.date_seen < now - FORGET]
        self.browse(gone).unlink()
