# Copyright 2026 The ai_queue contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
from markupsafe import Markup

from odoo import api, fields, models

from .ai_queue_bill_archive import ARCHIVES
from .ai_queue_bill_maker import Waiting

#: Of more files than these, bills are not made while somebody waits for the answer:
#: each takes some tenths of a second, and holds up others who work at the same time.
AT_ONCE = 10


class AccountJournal(models.Model):
    _inherit = "account.journal"

    ai_queue_read_bills = fields.Boolean(
        string="Read Bills With AI",
        help="PDFs, pictures, e-invoices and ZIP archives that are uploaded, mailed to "
        "the alias or dropped on an empty bill of this journal are read in the "
        "background. E-invoices that Odoo imports itself are left to Odoo.",
    )

    # ------------------------------------------------------------
    # UPLOAD
    # ------------------------------------------------------------

    # EXTENDS account
    def create_document_from_attachment(self, attachment_ids):
        """Of ZIPs and of many files at once, the bills are made in the background."""
        attachments = self.env["ir.attachment"].browse(attachment_ids)
        journal = self._get_ai_queue_journal()
        zips, many = self._split_ai_queue_files(attachments, journal)
        if not zips and not many:
            return super().create_document_from_attachment(attachment_ids)
        # Bills are dated by the database, whose clock may differ from this server's.
        since = min(self.env.cr.now().replace(microsecond=0), fields.Datetime.now())
        for one in zips:
            self.env["ai.queue.bill.archive"]._take(one, journal)
        said = self.env._("Is being unpacked; its bills appear here one by one.")
        notifications = dict.fromkeys(zips.mapped("name"), said)
        if many:
            move_type = self.env.context.get("default_move_type") or "in_invoice"
            self.env["ai.queue.bill.maker"]._take_files(many, journal, move_type)
            title = self.env._("%(count)s files", count=len(many))
            notifications[title] = self.env._("Their bills appear here one by one.")
        if others := attachments - zips - many:
            super().create_document_from_attachment(others.ids)
        return self._get_ai_queue_upload_action(journal, since, notifications)

    def _get_ai_queue_upload_action(self, journal, since, notifications):
        """The list in which the bills of an upload appear.

        It is that of *To Review*: until they are read, bills have neither vendor nor
        amount, and it shows the names of their files.
        """
        views = [
            [self.env.ref(f"ai_queue.account_move_view_{kind}_review").id, kind]
            for kind in ("list", "kanban")
        ]
        said = self.env._("Their bills appear here one by one.")
        return {
            "type": "ir.actions.act_window",
            "name": self.env._("Vendor Bills"),
            "res_model": "account.move",
            "views": [*views, [False, "form"]],
            "search_view_id": [self.env.ref("account.view_account_bill_filter").id],
            "domain": [("journal_id", "=", journal.id), ("create_date", ">=", since)],
            "context": {
                **self.env.context,
                "notifications": notifications,
                "ai_queue_bills_are_coming": True,
            },
            "help": Markup("<p class='o_view_nocontent_empty_folder'>%s</p>") % said,
        }

    def _split_ai_queue_files(self, attachments, journal):
        """The ZIPs among uploaded files, and the others if they are many: those whose
        bills are made in the background.
        """
        nothing = attachments.browse()
        if not journal:
            return nothing, nothing
        # What hangs on another record, or is another one's, is for Odoo to check.
        own = attachments.filtered(
            lambda one: not (one.res_id or one.res_field) and one.has_access("write")
        )
        zips = own.filtered(lambda one: one.mimetype in ARCHIVES)
        others = own - zips
        return zips, others if len(others) > AT_ONCE else nothing

    def _get_ai_queue_journal(self):
        """The journal of an upload, if its bills are read; empty if they are not."""
        journal = self or self.browse(self.env.context.get("default_journal_id"))
        move_types = self.env["account.move"].get_purchase_types(include_receipts=True)
        if not journal and self.env.context.get("default_move_type") in move_types:
            # As Odoo chooses one for the list of bills.
            domain = self._check_company_domain(self.env.company)
            journal = self.search([*domain, ("type", "=", "purchase")], limit=1)
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

    @api.private
    def _make_ai_bills(self, attachments, move_type):
        """Make bills of files that were uploaded at once"""
        makers = self.env["ai.queue.bill.maker"]
        return makers._make_turn(attachments, self, move_type)
