# Copyright 2026 The ai_queue contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
from markupsafe import Markup

from odoo import api, models

from ...engine.documents.files import archive, filetypes
from ...engine.errors import Unreadable
from .ai_queue_bill_maker import PRIORITY, TURN
from .bill_reasons import make

#: What browsers and mail programs call a ZIP.
ARCHIVES = {"application/zip", "application/x-zip-compressed"}
#: How many files of a ZIP that were left out its message names.
MAX_NAMES = 20


class AiQueueBillArchive(models.AbstractModel):
    """Makes bills of the files in a ZIP, whichever door it came in by."""

    _name = "ai.queue.bill.archive"
    _inherit = "ai.queue.bill.maker"
    _description = "ZIP with Vendor Bills"

    @api.model
    def _take(self, attachment, journal, move=None):
        """Queue the unpacking of a ZIP.

        :param attachment: ``ir.attachment``, the ZIP
        :param journal: ``account.journal`` in which its bills are made
        :param move: ``account.move`` that the ZIP came with, which becomes the bill of
            its first file; without one the ZIP is kept with the journal
        """
        keep, key = {}, None
        if move:
            if move.invoice_source_email:
                # Who sent the mail has sent all bills that came with it.
                keep = {
                    "invoice_source_email": move.invoice_source_email,
                    "partner_id": move.partner_id.id,
                }
            # The same ZIP dropped twice is unpacked once.
            key = f"ai_queue.archive:{move.id}:{attachment.checksum}"
        else:
            # Users who enter bills may upload here, but not change the journal.
            attachment.sudo().write({"res_model": journal._name, "res_id": journal.id})
        self._delay(attachment, journal, move, keep, key=key)

    def _delay(self, attachment, journal, move, keep, reason=None, key=None):
        description = self.env._("Unpacking of %(file)s", file=attachment.name)
        # What comes in by RPC may wish to have it done at once.
        delayed = journal.with_context(queue_job__no_delay=False).with_delay(
            priority=PRIORITY, description=description, identity_key=key
        )
        delayed._unpack_ai_archive(attachment, move, keep, reason)

    @api.model
    def _unpack(self, attachment, journal, move, keep, reason=None):
        """Make bills of the files in a ZIP that have none yet.

        Each file and its bill are committed together, by Odoo's own import, so that a
        job which is killed goes on where it was. See `_take` for the parameters.

        :param dict keep: values of ``move`` that its other bills get as well
        :param reason: why ``move`` is to be looked at: files that were left out
        :return: a sentence for the job
        """
        if not attachment.exists():
            return self.env._("Deleted")
        move = (move or self.env["account.move"]).exists()
        files = self._find_files(attachment)
        if not files:
            try:
                files, left_out = self._extract(attachment)
            except Unreadable as error:
                self._tell_unreadable(attachment, journal, move, error)
                return str(error)
            # In one transaction with the files, so that it is posted once.
            self._post_outcome(attachment, journal, move, len(files), left_out)
            if left_out and move:
                reason = self._get_reason(attachment, left_out)
                if files:
                    # Odoo commits while bills are made: a job that is killed there
                    # has to know of it when it runs again.
                    self._delay(attachment, journal, move, keep, reason)
                    return self.env._("%(count)s files", count=len(files))
        waiting = files.filtered(self._is_waiting)
        move_type = move.move_type or "in_invoice"
        self._make_bills(waiting[:TURN], journal, move_type, move, keep)
        self.env["ai.queue.bill.reading"]._start_forgotten_of(files)
        if reason and move:
            self._note_left_out(attachment, move, reason)
        if waiting[TURN:]:
            self._delay(attachment, journal, move, keep)
        return self.env._("%(count)s bills", count=len(waiting[:TURN]))

    # ------------------------------------------------------------
    # FILES
    # ------------------------------------------------------------

    def _find_files(self, attachment):
        """The files that an earlier try of the job took out of a ZIP."""
        # With all rights: some may hang on bills already. Others may say that files of
        # theirs come from this ZIP, or hang these on other records.
        known = (
            self.env["ir.attachment"]
            .sudo()
            .search(
                [
                    ("ai_queue_archive_id", "=", attachment.id),
                    ("create_uid", "=", self.env.uid),
                    ("res_model", "in", [False, "account.move"]),
                ],
                order="id",
            )
        )
        return known.sudo(self.env.su)

    def _extract(self, attachment):
        """Keep the files of a ZIP as attachments of nothing.

        :return: (``ir.attachment``, [(name, what is wrong with it)] of the others)
        :raise Unreadable: for the ZIP as a whole
        """
        files, left_out = self.env["ir.attachment"], []
        for name, content in archive.unpack(attachment.raw or b""):
            error = content if isinstance(content, Unreadable) else None
            kind = None if error else filetypes.mimetype(content)
            if kind is None or kind == filetypes.ZIP:
                error = error or Unreadable("archive" if kind else "not_a_document")
            if error:
                left_out.append((name, self.env._(str(error))))
                continue
            # One at a time: all of them together may be half a gigabyte.
            # kept as they came in, like what is uploaded by itself
            files += files.with_context(image_no_postprocess=True).create(
                {
                    "name": name,
                    "raw": content,
                    "ai_queue_archive_id": attachment.id,
                }
            )
        return files, left_out

    # ------------------------------------------------------------
    # WORDS
    # ------------------------------------------------------------

    def _post_outcome(self, attachment, journal, move, count, left_out):
        """Say beside the ZIP, and to the user who uploaded it, what becomes of it."""
        said = self.env._(
            "%(file)s: %(count)s bills are made of it.",
            file=attachment.name,
            count=count,
        )
        more = [": ".join(filter(None, pair)) for pair in left_out[:MAX_NAMES]]
        if len(left_out) > MAX_NAMES:
            more.append(f"+ {len(left_out) - MAX_NAMES}")
        # Users who enter bills may upload here, but not change the journal.
        (move or journal).sudo().message_post(
            body=Markup("<br/>").join([said, *more]),
            author_id=self.env.user.partner_id.id,
        )
        self.env.user._bus_send(
            "simple_notification",
            {
                "type": "warning" if left_out else "success",
                "message": "\n".join([said, *more]),
            },
        )

    def _tell_unreadable(self, attachment, journal, move, error):
        """A ZIP that cannot be opened is a bill that cannot be read."""
        self._post_outcome(attachment, journal, move, 0, [("", self.env._(str(error)))])
        if move and self._is_for_first(move):
            reading = self._request(attachment, move)
            reading._conclude([make("unreadable", cause=error.cause)])

    def _get_reason(self, attachment, left_out):
        names = ", ".join(name for name, _sentence in left_out[:MAX_NAMES])
        return make("left_out", file=attachment.name, names=names)

    def _note_left_out(self, attachment, move, reason):
        """The bill that the ZIP came with waits in *To review*: some are missing."""
        reading = move.sudo().ai_reading_ids.filtered("is_current")
        if reading:
            reading._add_door_reason(reason)
        elif self._is_for_first(move):
            self._request(attachment, move)._conclude([reason])

    def _request(self, attachment, move):
        readings = self.env["ai.queue.bill.reading"]
        return readings._request(move, attachments={move: attachment})
