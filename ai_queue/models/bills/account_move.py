# Copyright 2026 The ai_queue contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
import io
import mimetypes

from PIL import Image, UnidentifiedImageError

from odoo import SUPERUSER_ID, api, fields, models
from odoo.exceptions import UserError
from odoo.fields import Domain

from ...engine.documents.files import filetypes
from . import einvoices
from .ai_queue_bill_archive import ARCHIVES
from .ai_queue_bill_maker import Waiting
from .ai_queue_bill_reading import NEEDLESS
from .ai_queue_bill_writer import FREE_FIELDS

#: What can be read; the content decides in the end.
PICTURES = {"image/png", "image/jpeg", "image/tiff", "image/webp", "image/heic"}
READABLE = {"application/pdf", *einvoices.EINVOICES, *PICTURES}
#: A picture with fewer pixels on a side, or in all, is a logo and no page.
MIN_SIDE, MIN_PIXELS = 500, 500_000
# Browsers and mail programs often say nothing of photos of an iPhone but their name.
for _extension in (".heic", ".heif"):
    mimetypes.add_type(filetypes.HEIC, _extension)
#: What people correct; lines of a bill are written through either of both.
CORRECTABLE = {*FREE_FIELDS, "move_type", "invoice_line_ids", "line_ids"}
PICTURE_TYPE, ARCHIVE_TYPE = "ai_queue.picture", "ai_queue.archive"
#: Electronic invoices that Odoo does not import itself.
EINVOICE_TYPE = "ai_queue.einvoice"
#: What is read, the surest first; below Odoo's own imports (UBL, CII: 20).
PRIORITIES = {EINVOICE_TYPE: 6, "pdf": 5, PICTURE_TYPE: 4}
#: Who may see what was read: everyone who may see vendor bills.
READERS = "account.group_account_invoice,account.group_account_readonly"


class AccountMove(models.Model):
    _inherit = "account.move"

    ai_reading_ids = fields.One2many(
        "ai.queue.bill.reading",
        "move_id",
        string="Readings",
        groups=READERS,
    )
    ai_reading_id = fields.Many2one(
        "ai.queue.bill.reading",
        string="Last Reading",
        compute="_compute_ai_reading",
        groups=READERS,
    )
    ai_reading_state = fields.Selection(
        selection=lambda self: (
            self.env["ai.queue.bill.reading"]
            ._fields["state"]
            ._description_selection(self.env)
        ),
        string="AI Reading",
        compute="_compute_ai_reading",
        search="_search_ai_reading_state",
        groups=READERS,
    )
    ai_reading_run_id = fields.Many2one(
        "ai.queue.run", string="AI Run", compute="_compute_ai_reading", groups=READERS
    )
    ai_reading_reasons = fields.Text(
        string="Reasons to Review", compute="_compute_ai_reading", groups=READERS
    )
    ai_reading_fields = fields.Json(
        string="What Was Read", compute="_compute_ai_reading_fields", groups=READERS
    )
    ai_vendor_proposal = fields.Char(compute="_compute_ai_reading", groups=READERS)
    ai_missing_taxes = fields.Char(compute="_compute_ai_reading", groups=READERS)
    ai_is_needless = fields.Boolean(compute="_compute_ai_reading", groups=READERS)

    @api.depends(
        "state",
        "partner_id",
        "ai_reading_ids.is_current",
        "ai_reading_ids.state",
        "ai_reading_ids.run_id",
        "ai_reading_ids.reasons",
        "ai_reading_ids.message",
    )
    @api.depends_context("lang")
    def _compute_ai_reading(self):
        may_create = self.env["res.partner"].has_access("create")
        may_tax = self.env["account.tax"].has_access("create")
        for move in self:
            reading = move.ai_reading_ids.filtered("is_current")[:1]
            move.ai_reading_id = reading
            move.ai_reading_state = reading.state
            move.ai_reading_run_id = reading.run_id
            move.ai_reading_reasons = reading.reason_summary
            move.ai_is_needless = reading.reason_code in NEEDLESS
            is_open = may_create and move.state == "draft" and not move.partner_id
            move.ai_vendor_proposal = is_open and reading._get_vendor_proposal()
            is_draft = may_tax and move.state == "draft"
            move.ai_missing_taxes = is_draft and reading._say_missing_taxes()

    @api.depends("ai_reading_ids.is_current", "ai_reading_ids.extraction")
    @api.depends_context("lang")
    def _compute_ai_reading_fields(self):
        for move in self:
            reading = move.ai_reading_ids.filtered("is_current")[:1]
            move.ai_reading_fields = reading.field_summary

    def _search_ai_reading_state(self, operator, value):
        if operator != "in":
            return NotImplemented
        current = Domain("is_current", "=", True)
        found = Domain("ai_reading_ids", "any", current & Domain("state", "in", value))
        if False in value:
            found |= Domain("ai_reading_ids", "not any", current)
        return found

    # ------------------------------------------------------------
    # ACTIONS
    # ------------------------------------------------------------

    def action_run_ai_invoice_parse(self):
        """Queue the reading of these bills, and say where to see it."""
        kind = self.env["ai.queue.kind.invoice"]
        kind._check_may_run()
        self.check_access("write")
        bills = self.filtered(
            lambda one: one._is_ai_queue_bill() and one.state == "draft"
        )
        files = bills._get_ai_queue_files()
        if not files:
            raise UserError(self._say_nothing_to_read(bills))
        bills = self.browse(move.id for move in files)
        readings = self.env["ai.queue.bill.reading"]._request(
            bills, is_wanted=True, attachments=files
        )
        runs = self.env["ai.queue.run"]
        # A run is of one company.
        for company, some in readings.grouped("company_id").items():
            runs += some.with_company(company)._start()
        return runs._get_notification()

    def _say_nothing_to_read(self, bills):
        if not bills:
            return self.env._("Only draft vendor bills and credit notes can be read.")
        return self.env._(
            "There is no document to read. Attach the PDF or a picture of the bill "
            "first."
        )

    def action_accept_ai_reading(self):
        """A person has compared the bill with its document."""
        self.check_access("write")
        return self.ai_reading_id._ask_to_accept()

    def action_create_ai_vendor(self):
        """Make a partner of the vendor that was read, and fill in the bill anew."""
        self.ensure_one()
        self.check_access("write")
        if not self.ai_vendor_proposal:
            raise UserError(self.env._("The vendor of this bill is already known."))
        reading = self.ai_reading_id
        vendors = self.env["ai.queue.bill.vendor"]
        partner = vendors._find_or_create(self.company_id, reading.extraction)
        self.with_context(skip_is_manually_modified=True).partner_id = partner
        reading._fill_in()
        reading._queue_alike("vendor_unknown")

    def action_create_ai_taxes(self):
        """Set up the purchase taxes that the bill lacks, and fill it in anew."""
        self.ensure_one()
        self.check_access("write")
        if not self.ai_missing_taxes:
            raise UserError(self.env._("The taxes of this bill are already set up."))
        reading = self.ai_reading_id
        taxes = self.env["ai.queue.bill.tax"]
        missing = taxes._get_missing(reading.extraction, reading.reasons)
        for rate, category in missing.items():
            taxes._create_like_usual(self, float(rate), category)
        reading._fill_in()
        for rate in missing:
            reading._queue_alike("tax_unknown", rate)

    def action_delete_ai_bill(self):
        """Delete a draft whose file is no bill, or is here twice."""
        self.ensure_one()
        if self.state != "draft" or self.ai_reading_state != "review":
            raise UserError(self.env._("Only a draft to review can be deleted here."))
        self.unlink()
        return self.env["ir.actions.act_window"]._for_xml_id(
            "ai_queue.account_move_action_review"
        )

    def action_open_ai_reading_run(self):
        """How far the reading is."""
        self.ensure_one()
        return self.ai_reading_run_id._get_records_action()

    # ------------------------------------------------------------
    # JOB
    # ------------------------------------------------------------

    @api.private
    def run_ai_invoice_parse(self):
        """Read vendor bills

        The job method: it does the work in the caller's process, so call it through
        ``with_delay``.
        """
        return self.env["ai.queue.kind.invoice"]._perform(self)

    # ------------------------------------------------------------
    # DOCUMENT AND STATE
    # ------------------------------------------------------------

    def _is_ai_queue_bill(self):
        return self.is_purchase_document(include_receipts=True)

    def _get_ai_queue_files(self):
        """The file of each bill that has one: {move: ``ir.attachment``}.

        The one that its form shows, else the latest that can be read.
        """
        found = self.env["ir.attachment"].search(
            [
                ("res_model", "=", self._name),
                ("res_id", "in", self.ids),
                ("res_field", "=", False),
                ("mimetype", "in", [*READABLE, *einvoices.VAGUE]),
            ],
            order="id desc",
        )
        found = found.filtered(
            lambda one: (
                one.mimetype in READABLE
                or einvoices.is_one(one.mimetype, one.name, one.raw)
            )
        )
        by_move = found.grouped("res_id")
        files = {}
        for move in self:
            some = by_move.get(move.id, found.browse())
            shown = move.message_main_attachment_id & some
            if shown or some:
                files[move] = shown or some[0]
        return files

    def _get_ai_queue_snapshot(self):
        """What reading fills in, as it is now: plain data to compare."""
        self.ensure_one()
        lines = self.invoice_line_ids.sorted(lambda line: (line.sequence, line.id))
        return {
            "move_type": self.move_type,
            "partner_id": self.partner_id.id,
            "ref": self.ref or "",
            "invoice_date": str(self.invoice_date or ""),
            "invoice_date_due": str(self.invoice_date_due or ""),
            "invoice_payment_term_id": self.invoice_payment_term_id.id,
            "currency_id": self.currency_id.id,
            "partner_bank_id": self.partner_bank_id.id,
            "payment_reference": self.payment_reference or "",
            "lines": [
                [
                    line.display_type,
                    line.name or "",
                    line.quantity,
                    line.price_unit,
                    line.discount,
                    line.product_id.id,
                    line.account_id.id,
                    sorted(line.tax_ids.ids),
                ]
                for line in lines
            ],
        }

    # EXTENDS account
    def write(self, vals):
        """A correction settles the reasons to look at a draft that it puts right."""
        is_by_person = not self.env.context.get("skip_is_manually_modified")
        # Odoo takes some out of the values while it writes them.
        is_correction = is_by_person and not CORRECTABLE.isdisjoint(vals)
        result = super().write(vals)
        if is_correction:
            self._reconsider_ai_reasons()
        return result

    # EXTENDS account
    def unlink(self):
        """Once one of two is deleted, the other one is no duplicate any more."""
        twins = self._find_ai_twins()
        result = super().unlink()
        twins.exists()._reconsider()
        return result

    def _find_ai_twins(self):
        """Readings of other drafts that wait for they look like one of these bills."""
        readings = self.env["ai.queue.bill.reading"]
        bills = self.filtered(lambda one: one._is_ai_queue_bill() and one.partner_id)
        if not bills:
            return readings.sudo()
        # Who may delete a bill may not see readings, e.g. through another app.
        return readings.sudo().search(
            [
                ("is_current", "=", True),
                ("state", "=", "review"),
                ("reason_code", "in", ("duplicate", "duplicate_amount")),
                ("partner_id", "in", bills.partner_id.ids),
                ("company_id", "in", bills.company_id.ids),
                ("move_id", "not in", bills.ids),
                ("move_id.state", "=", "draft"),
            ]
        )

    def _reconsider_ai_reasons(self):
        bills = self.filtered(lambda one: one.state == "draft")
        bills = bills.filtered(lambda one: one._is_ai_queue_bill())
        if not bills:
            return
        readings = self.env["ai.queue.bill.reading"]
        # Who may change a bill may not see readings, e.g. through another app.
        waiting = readings.sudo().search(
            [
                ("move_id", "in", bills.ids),
                ("is_current", "=", True),
                ("state", "=", "review"),
            ]
        )
        waiting._reconsider()

    # EXTENDS account
    def _post(self, soft=True):
        """What is posted now shows whether a person had to change what was read."""
        posted = super()._post(soft)
        # Posting settles the reading, whoever posts the bill.
        readings = posted.sudo().ai_reading_ids.filtered("is_current")
        readings.filtered(lambda one: one.state == "review").state = "done"
        readings._learn_from_changes()
        return posted

    # ------------------------------------------------------------
    # DOORS
    # ------------------------------------------------------------

    # EXTENDS account
    @api.model
    def _get_import_file_type(self, file_data):
        """Pictures of documents, and ZIPs; two of them in one mail are two bills."""
        found = super()._get_import_file_type(file_data)
        if not found and file_data["mimetype"] in PICTURES:
            return PICTURE_TYPE
        if not found and file_data["mimetype"] in ARCHIVES:
            return ARCHIVE_TYPE
        names = ("mimetype", "name", "raw")
        if not found and einvoices.is_one(*(file_data[name] for name in names)):
            return EINVOICE_TYPE
        return found

    # EXTENDS account
    def _should_attach_to_record(self, attachment):
        """Also a ZIP, an e-invoice, or the photo of a bill that comes by mail, but no
        logo of a signature."""
        if super()._should_attach_to_record(attachment):
            return True
        is_door = self.journal_id.ai_queue_read_bills and self._is_ai_queue_bill()
        if not attachment or attachment.res_field or not is_door:
            return False
        mimetype = attachment.mimetype
        if mimetype in PICTURES:
            return _is_page(attachment.raw)
        return mimetype in ARCHIVES or self._is_ai_einvoice(attachment)

    def _is_ai_einvoice(self, attachment):
        """Whether a file is an electronic invoice that Odoo does not import itself."""
        if not einvoices.may_be(attachment.mimetype, attachment.name):
            return False
        (file_data,) = self._to_files_data(attachment)
        return file_data["import_file_type"] == EINVOICE_TYPE

    # EXTENDS account
    def _extend_with_attachments(self, files_data, new=False):
        """A ZIP that comes with a bill, or as one, is unpacked in the background."""
        files = [one for one in files_data if one["import_file_type"] != ARCHIVE_TYPE]
        zips = [one for one in files_data if one["import_file_type"] == ARCHIVE_TYPE]
        for one in zips:
            self._queue_ai_archive(one)
        return super()._extend_with_attachments(files, new) if files else bool(zips)

    # EXTENDS account
    def _get_edi_decoder(self, file_data, new=False):
        """A file that no other import knows is queued to be read."""
        found = super()._get_edi_decoder(file_data, new)
        if found or not self._is_ai_queue_door(file_data, new):
            return found
        return {
            "priority": PRIORITIES[file_data["import_file_type"]],
            "decoder": type(self)._queue_ai_reading,
        }

    def _is_ai_queue_door(self, file_data, new):
        """Whether a file that comes in is to be read."""
        kind = file_data["import_file_type"]
        if kind not in PRIORITIES or not file_data["attachment"]:
            return False
        if not self:
            # Only sorted so far: into which bill each file goes.
            return True
        if not self._is_ai_queue_open():
            return False
        is_upload = new and not self.env.context.get("from_alias")
        return is_upload or kind != PICTURE_TYPE or _is_page(file_data["raw"])

    def _is_ai_queue_open(self):
        """Whether this is a bill that is still to be filled in by reading."""
        is_draft = self.state == "draft" and self._is_ai_queue_bill()
        is_asked_for = is_draft and self.journal_id.ai_queue_read_bills
        return bool(is_asked_for and not self.invoice_line_ids)

    def _keeps_ai_queue_originals(self):
        """Whether files of this move are kept as they came in; false for no move.

        Nothing else about it is disclosed, also to users who may not see it.
        """
        move = self.sudo().exists()
        return move._is_ai_queue_bill() and move.journal_id.ai_queue_read_bills

    def _as_ai_queue_requester(self):
        """This bill as the user who brought a file; empty if they may not."""
        moves = self.sudo(False)
        if self.env.context.get("from_alias") and self.env.uid == SUPERUSER_ID:
            # The gateway works for everybody: the sender of the mail has no rights. It
            # posts as the superuser; anybody else may put anything into the context.
            moves = self.with_user(SUPERUSER_ID)
        moves = moves.with_company(self.company_id)
        may_run = moves.env["ai.queue.kind.invoice"]._may_run()
        return moves if may_run else moves.browse()

    def _queue_ai_archive(self, file_data):
        """Ask for the unpacking of a ZIP that came with this bill, or as this bill."""
        moves = self._is_ai_queue_open() and self._as_ai_queue_requester()
        if not moves or not file_data["attachment"]:
            return
        file = file_data["attachment"].with_env(moves.env)
        archives = moves.env["ai.queue.bill.archive"]
        archives._take(file, moves.journal_id, moves)

    def _queue_ai_reading(self, file_data, new=False):
        """The decoder of ``_get_edi_decoder``: asks for a reading, and reads nothing.

        :return: None, for Odoo would tell a reason as a failure
        """
        if not self._is_ai_queue_door(file_data, new):
            # Files are sorted before it is known into which bill each goes.
            return None
        moves = self._as_ai_queue_requester()
        if not moves:
            return None
        file = file_data["attachment"].with_env(moves.env)
        readings = moves.env["ai.queue.bill.reading"]._request(
            moves, attachments={moves: file}
        )
        waiting = self.env.context.get("ai_queue__waiting")
        if isinstance(waiting, Waiting):
            # One run for all files that come together.
            waiting.readings.extend(readings)
        else:
            readings._start(origin="button" if not moves.env.su else "code")
        return None

    # EXTENDS account
    def _message_post_after_hook(self, new_message, message_values):
        """The files of one mail are read by one run."""
        waiting = Waiting()
        moves = self.with_context(ai_queue__waiting=waiting)
        result = super(AccountMove, moves)._message_post_after_hook(
            new_message, message_values
        )
        self._start_ai_readings(waiting)
        return result

    @api.model
    def _start_ai_readings(self, waiting):
        """Start the readings that were asked for while files came in.

        :param waiting: `Waiting`
        """
        by_requester = {}
        for one in waiting.readings:
            requester = (one.env.uid, one.env.su, one.company_id)
            by_requester.setdefault(requester, []).append(one)
        for readings in by_requester.values():
            some = readings[0].concat(*readings).exists()
            some._start(origin="code" if some.env.su else "button")


def _is_page(data):
    """Whether a picture may be a page of a document: it is big enough for letters."""
    if filetypes.mimetype(data or b"") == filetypes.HEIC:
        # A photo, by its nature; only the process that reads it opens it.
        return True
    try:
        # Reads the size, and none of the pixels.
        with Image.open(io.BytesIO(data or b"")) as picture:
            width, height = picture.size
    except Image.DecompressionBombError:
        # More than big enough: the job says what is wrong with it.
        return True
    except (UnidentifiedImageError, OSError, ValueError, SyntaxError):
        return False
    return min(width, height) >= MIN_SIDE and width * height >= MIN_PIXELS
