# Copyright 2026 The ai_queue contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
from odoo import fields, models

from .account_move import Waiting


class AccountJournal(models.Model):
    _inherit = "account.journal"

    ai_queue_read_bills = fields.Boolean(
        string="Read Bills With AI",
        help="PDFs and pictures that are uploaded, mailed to the alias, or dropped on "
        "an empty bill of this journal are read in the background. E-invoices that "
        "Odoo imports by itself are left to it.",
    )

    # EXTENDS account
    def _create_document_from_attachment(self, attachment_ids):
        """All files of one upload are read by one run."""
        waiting = Waiting()
        journals = self.with_context(ai_queue__waiting=waiting)
        moves = super(AccountJournal, journals)._create_document_from_attachment(
            attachment_ids
        )
        self.env["account.move"]._start_ai_readings(waiting)
        return moves.with_env(self.env)
