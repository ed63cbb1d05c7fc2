# Copyright 2026 The ai_queue contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
from markupsafe import Markup

from odoo import api, fields, models

from ..engine.documents import archive, filetypes
from ..engine.errors import Unreadable
from .account_move import Waiting

#: What browsers and mail programs call a ZIP.
ARCHIVES = {"application/zip", "application/x-zip-compressed"}
#: How many files of a ZIP that were left out its message names.
MAX_NAMES = 20


class AccountJournal(models.Model):
    _inherit = "account.journal"

    ai_queue_read_bills = fields.Boolean(
        string="Read Bills With AI",
        help="PDFs and pictures that are uploaded, mailed to the alias, or dropped on "
        "an empty bill of this journal are read in the background. E-invoices that "
        "Odoo imports by itself are left to it.",
    )

    # ------------------------------------------------------------
    # UPLOAD
    # ------------------------------------------------------------

    # EXTENDS account
    def create_document_from_attachment(self, attachment_ids):
        """A ZIP is unpacked in the background, and each file in it becomes a bill."""
        attachments = self.env["ir.attachment"].browse(attachment_ids)
        journal = self._get_ai_queue_journal()
        zips = attachments.filtered(lambda one: journal and one.mimetype in ARCHIVES)
        if not zips:
            return super().create_document_from_attachment(attachment_ids)
        for one in zips:
            journal._take_ai_archive(one)
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
    # ARCHIVE
    # ------------------------------------------------------------

    def _take_ai_archive(self, attachment):
        """Keep a ZIP with the journal, and queue its unpacking."""
        # Whoever enters bills may upload here, but not change the journal.
        attachment.sudo().write({"res_model": self._name, "res_id": self.id})
        description = self.env._("Unpacking of %(file)s", file=attachment.name)
        self.with_delay(description=description)._unpack_ai_archive(attachment)

    @api.private
    def _unpack_ai_archive(self, attachment):
        """Make bills of the files in a ZIP

        A job. Each file and its bill are committed together, by Odoo's own import, so
        that a job which is killed goes on where it was.
        """
        if not attachment.exists():
            return self.env._("Deleted")
        try:
            parts, left_out = self._extract_ai_archive(attachment)
        except Unreadable as error:
            self._tell_ai_archive(attachment, 0, [self.env._(str(error))])
            return str(error)
        waiting = Waiting()
        journal = self.with_context(
            default_move_type="in_invoice", ai_queue__waiting=waiting
        )
        for part in parts:
            journal._create_document_from_attachment(part.ids)
        self.env["account.move"]._start_ai_readings(waiting)
        return self._tell_ai_archive(attachment, len(parts), left_out)

    def _extract_ai_archive(self, attachment):
        """The files of a ZIP that have no bill yet, and what is wrong with others.

        :return: (``ir.attachment``, list of sentences)
        :raise Unreadable: for the ZIP as a whole
        """
        files = self.env["ir.attachment"]
        origin = f"ai_queue.archive:{attachment.id}"
        # Whoever uploaded it: some may hang on bills already.
        known = files.sudo().search([("description", "=", origin)])
        if known:
            # Killed on its way: those without a bill are left.
            return known.filtered(lambda one: not one.res_model).sudo(False), []
        vals_list, left_out = [], []
        for name, content in archive.unpack(attachment.raw or b""):
            error = content if isinstance(content, Unreadable) else None
            kind = None if error else filetypes.mimetype(content)
            if kind is None or kind == filetypes.ZIP:
                error = error or Unreadable("archive" if kind else "not_a_document")
            if error:
                left_out.append(f"{name}: {self.env._(str(error))}")
                continue
            vals_list.append(
                {
                    "name": name,
                    "raw": content,
                    "description": origin,
                }
            )
        return files.create(vals_list), left_out

    def _tell_ai_archive(self, attachment, count, left_out):
        """Say on the journal, and to whoever uploaded it, what came of a ZIP."""
        said = self.env._(
            "%(file)s: %(count)s bills were made of it.",
            file=attachment.name,
            count=count,
        )
        more = left_out[:MAX_NAMES]
        if len(left_out) > MAX_NAMES:
            more.append(f"+ {len(left_out) - MAX_NAMES}")
        text = "\n".join([said, *more])
        # Whoever enters bills may upload here, but not change the journal.
        self.sudo().message_post(
            body=Markup("<br/>").join([said, *more]),
            author_id=self.env.user.partner_id.id,
        )
        self.env.user._bus_send(
            "simple_notification",
            {"type": "warning" if left_out else "success", "message": text},
        )
        return said
