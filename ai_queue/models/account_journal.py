# Copyright 2026 The ai_queue contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
from odoo import api, fields, models

from .ai_queue_bill_archive import ARCHIVES, Waiting


class AccountJournal(models.Model):
    _inherit = "account.journal"

    ai_queue_read_bills = fields.Boolean(
        string="Read Bills With AI",
        help="PDFs, pictures and ZIPs of them that are uploaded, mailed to the alias, "
        "or dropped on an empty bill of this journal are read in the background. "
        "E-invoices that Odoo imports by itself are left to it.",
    )

    # ------------------------------------------------------------
    # UPLOAD
    # ------------------------------------------------------------

    # EXTENDS account
    def create_document_from_attachment(self, attachment_ids):
        """A ZIP is unpacked in the background, and each file in it becomes a bill."""
        attachments = self.env["ir.attachment"].browse(attachment_ids)
        journal = self._get_ai_queue_journal()
        # What hangs on another record, or is another one's, is for Odoo to check.
        zips = attachments.filtered(
            lambda one: (
                journal
                and one.mimetype in ARCHIVES
                and not (one.res_id or one.res_field)
                and one.has_access("write")
            )
        )
        if not zips:
            return super().create_document_from_attachment(attachment_ids)
        for one in zips:
            self.env["ai.queue.bill.archive"]._take(one, journal)
        others = attachments - zips
        if others:
            action = super().create_document_from_attachment(others.ids)
        else:
            action = {
                "type": "ir.actions.act_window",
                "name": self.env._("Vendor Bills"),
                "res_model": "account.move",
                "views": [[False, "list"], [False, "kanban"], [False, "form"]],
                "domain": [
                    ("journal_id", "=", journal.id),
                    ("ai_reading_state", "!=", False),
                ],
            }
        said = self.env._("Is being unpacked; its bills appear here one by one.")
        context = dict(action.get("context") or self.env.context)
        context["notifications"] = dict.fromkeys(zips.mapped("name"), said)
        return {**action, "context": context}

    def _get_ai_queue_journal(self):
        """The journal of an upload, if its bills are read; empty if they are not."""
        journal = self or self.browse(self.env.context.get("default_journal_id"))
        if not journal.exists() or not journal.ai_queue_read_bills:
            return self.browse()
        may_run = self.env["ai.queue.kind.invoice"]._may_run()
        is_purchase = journal.type == "purchase"
        return journal if may_run and is_purchase else self.browse()

    # EXTENDS account
    def _create_document_from_attachment(self, attachment_ids):
        """All files of one upload are read by one run."""
        waiting = self.env.context.get("ai_queue__waiting")
        if isinstance(waiting, Waiting):
            return super()._create_document_from_attachment(attachment_ids)
        waiting = Waiting()
        journals = self.with_context(ai_queue__waiting=waiting)
        moves = super(AccountJournal, journals)._create_document_from_attachment(
            attachment_ids
        )
        self.env["account.move"]._start_ai_readings(waiting)
        return moves.with_env(self.env)

    # ------------------------------------------------------------
    # JOB
    # ------------------------------------------------------------

    @api.private
    def _unpack_ai_archive(self, attachment, move=None, keep=None, reason=None):
        """Make bills of the files in a ZIP"""
        archives = self.env["ai.queue.bill.archive"]
        return archives._unpack(attachment, self, move, keep, reason)
