# Copyright 2026 The ai_queue contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
from odoo import api, models

from ...engine.documents.files import filetypes

#: Bills that one job makes; the next job goes on behind it. A bill takes some tenths of
#: a second, and a worker has a limit of time.
TURN = 50
#: Bills are made before those that are there are read: people look for them.
PRIORITY = 5


class Waiting:
    """The readings that are asked for while files come in.

    Travels in the context, where each is another one, even while all are empty.
    """

    def __init__(self):
        self.readings = []


class AiQueueBillMaker(models.AbstractModel):
    """Makes bills of many files in the background, a turn at a time.

    Each file and its bill are committed together, by Odoo's own import, so that a job
    which is killed goes on where it was.
    """

    _name = "ai.queue.bill.maker"
    _description = "Making of Vendor Bills"

    @api.model
    def _take_files(self, files, journal, move_type):
        """Queue the making of bills of files that were uploaded at once.

        :param files: ``ir.attachment`` of nothing
        :param journal: ``account.journal`` in which the bills are made
        :param str move_type: of the bills, ``in_invoice`` or ``in_refund``
        """
        count = len(files)
        description = self.env._("Making %(count)s vendor bills", count=count)
        # What comes in by RPC may wish to have it done at once.
        journal = journal.with_context(queue_job__no_delay=False)
        delayed = journal.with_delay(priority=PRIORITY, description=description)
        delayed._make_ai_bills(files, move_type)

    @api.model
    def _make_turn(self, files, journal, move_type):
        """Make bills of those files that have none yet. See `_take_files`.

        :return: a sentence for the job
        """
        files = files.exists()
        waiting = files.filtered(self._is_waiting)
        self._make_bills(waiting[:TURN], journal, move_type)
        self.env["ai.queue.bill.reading"]._start_forgotten_of(files)
        if waiting[TURN:]:
            self._take_files(waiting[TURN:], journal, move_type)
        return self.env._("%(count)s bills", count=len(waiting[:TURN]))

    def _is_waiting(self, file):
        """Whether a file has no bill yet, or one that was cut off from its reading."""
        # The user who uploaded it may see the outcome.
        file = file.sudo()
        if not file.res_model:
            return True
        move = self.env["account.move"].browse(file.res_id).sudo().exists()
        is_filled = move.ai_reading_ids or move.invoice_line_ids
        if move.state != "draft" or is_filled:
            return False
        # What Odoo itself could not import has its message.
        is_xml = filetypes.mimetype(file.raw or b"") == filetypes.XML
        return not is_xml or move._is_ai_einvoice(file)

    def _make_bills(self, files, journal, move_type, move=None, keep=None):
        """Make bills of these files; one run reads those that Odoo does not import.

        :param move: ``account.move`` that takes the first file, if it has none yet
        :param dict keep: values that the others get
        """
        waiting = Waiting()
        journal = journal.with_context(
            default_move_type=move_type, ai_queue__waiting=waiting
        )
        for file in files:
            if file.sudo().res_model:
                self._extend(journal, file.sudo().res_id, file)
            elif self._is_for_first(move):
                self._attach(move, file)
                self._extend(journal, move.id, file)
            else:
                bill = journal._create_document_from_attachment(file.ids)
                self._keep_sender(bill, keep or {})
        self.env["account.move"]._start_ai_readings(waiting)

    def _is_for_first(self, move):
        """Whether the bill that the files came with has no document of its own."""
        return bool(
            move
            and move.state == "draft"
            and not move.invoice_line_ids
            and not move._get_ai_queue_files()
        )

    def _attach(self, move, file):
        file.write({"res_model": move._name, "res_id": move.id})
        # Beside the form is shown the document, not a ZIP.
        move.sudo()._message_set_main_attachment_id(file, force=True)

    def _extend(self, journal, move_id, file):
        """Let Odoo import a file into a bill: its own formats first, else we read."""
        move = journal.env["account.move"].browse(move_id)
        move = move.with_context(skip_is_manually_modified=True)
        files_data = move._to_files_data(file)
        files_data += move._unwrap_attachments(files_data)
        move._extend_with_attachments(files_data, new=True)

    def _keep_sender(self, bill, keep):
        vals = {name: value for name, value in keep.items() if value}
        if bill.partner_id:
            vals.pop("partner_id", None)
        bill.with_context(skip_is_manually_modified=True).write(vals)
