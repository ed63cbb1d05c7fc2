# Copyright 2026 The ai_queue contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.tools import SQL

from ...locks import FILE_LOCK
from ..runs.ai_queue_run import ACTIVE_STATES

# Readings that wait for their run for longer than this were forgotten by somebody.
FORGOTTEN_MINUTES = 2


class AiQueueBillReading(models.Model):
    """Asking for bills to be read: one reading for each file, in runs."""

    _inherit = "ai.queue.bill.reading"

    @api.model
    def _request(self, moves, is_wanted=False, attachments=None):
        """Note that bills are to be read; those that are under way are left alone.

        :param moves: ``account.move``; each must have a file
        :param is_wanted: whether a person asked for it
        :param attachments: {move: its file}; by default what its form shows
        :return: the readings of these bills, new and old
        """
        files = attachments or moves._get_ai_queue_files()
        self._lock_files(files.values())
        # Users have no right to write readings but by this way.
        known = self.sudo().search([("move_id", "in", moves.ids)])
        by_file = {(one.move_id.id, one.checksum): one for one in known}
        readings = self.sudo()
        for move, file in files.items():
            checksum = file.checksum or "-"
            reading = by_file.get((move.id, checksum), readings.browse())
            if reading.state in ACTIVE_STATES and reading.is_current:
                readings += reading
                continue
            former = known.filtered(
                lambda one, move=move: one.move_id == move and one.is_current
            )
            former.is_current = False
            former.filtered(lambda one: one.state in ACTIVE_STATES).write(
                {
                    "state": "cancelled",
                    "message": self.env._("Another file is read instead."),
                }
            )
            former.flush_recordset()
            vals = self._prepare_request(move, file, is_wanted)
            if reading:
                reading.write(vals)
            else:
                reading = readings.create(vals)
            readings += reading
        return readings.sudo(self.env.su)

    def _prepare_request(self, move, file, is_wanted):
        return {
            "move_id": move.id,
            "company_id": move.company_id.id,
            "attachment_id": file.id,
            "checksum": file.checksum or "-",
            "is_current": True,
            "is_wanted": is_wanted,
            "state": "pending",
            "user_id": self.env.uid,
            "run_id": False,
            "date_read": False,
            "extraction": False,
            "words": False,
            "ledger_key": False,
            "cost": 0.0,
            "findings": False,
            "door_reasons": False,
            "reasons": False,
            "reason_code": False,
            "message": False,
            "accepted_by_id": False,
            "date_result": False,
            "result": False,
            "touchless": 0.0,
        }

    def _lock_files(self, files):
        """Of two uploads of one file at the same moment, one waits for the other.

        So that ids are given in the order in which they are seen.
        """
        for checksum in sorted({file.checksum or "" for file in files}):
            self.env.cr.execute(
                SQL(
                    "SELECT pg_advisory_xact_lock(%s, hashtext(%s))",
                    FILE_LOCK,
                    checksum,
                )
            )

    def _start(self, origin="button"):
        """Start a run for these readings, but for those that have one.

        :return: the run; that of the others when nothing is left to start
        """
        waiting = self.filtered(lambda one: one.state == "pending" and not one.run_id)
        if not waiting:
            return self.run_id[:1]
        run = self.env["ai.queue.run"]._start(
            "invoice", waiting.move_id.sudo(self.env.su), origin=origin
        )
        # Users have no right to write readings but by this way.
        waiting.sudo().run_id = run
        return run

    @api.model
    def _cron_start_forgotten(self):
        """Start what waits for a run that never came: its request broke off."""
        before = fields.Datetime.subtract(
            fields.Datetime.now(), minutes=FORGOTTEN_MINUTES
        )
        self.search(
            [
                ("state", "=", "pending"),
                ("run_id", "=", False),
                ("write_date", "<", before),
            ]
        )._start_forgotten()

    @api.model
    def _start_forgotten_of(self, files):
        """Start those that a job had asked for, of its files, before it was killed.

        :param files: ``ir.attachment``
        """
        # They belong to who uploaded the files, as whom they are started.
        self.sudo().search(
            [
                ("attachment_id", "in", files.ids),
                ("state", "=", "pending"),
                ("run_id", "=", False),
            ]
        )._start_forgotten()

    def _start_forgotten(self):
        for (user, company), readings in self.grouped(
            lambda one: (one.user_id, one.company_id)
        ).items():
            theirs = readings.with_user(user).with_company(company)
            theirs = theirs.with_context(allowed_company_ids=company.ids)
            try:
                with self.env.cr.savepoint():
                    theirs._start(origin="code")
            except UserError as error:
                # E.g. a person who has lost the right meanwhile: others go on.
                readings.sudo().write({"state": "failed", "message": str(error)})
