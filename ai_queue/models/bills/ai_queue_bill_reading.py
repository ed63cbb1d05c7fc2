# Copyright 2026 The ai_queue contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
from odoo import api, fields, models
from odoo.exceptions import RedirectWarning, UserError
from odoo.tools import SQL

from odoo.addons.queue_job_operations.side_cursor import side_env

from ...engine.documents.bills.checks import KIND_NAMES
from ...engine.documents.bills.invoice import OTHERS
from ..runs.ai_queue_run import STATES
from . import bill_amounts, bill_reasons
from .bill_reasons import make

RESULTS = [
    ("touchless", "Not touched"),
    ("confirmed", "Looked at, nothing to change"),
    ("corrected", "Corrected"),
]


#: Reasons for which a file should not be a bill here at all.
NEEDLESS = ("not_a_bill", "same_file", "duplicate", "duplicate_amount")


def _sentence(error):
    return str(error.args[0] if error.args else error).strip().rstrip(".") + "."


def _is_no_bill(data):
    return (data or {}).get("doc_type") in OTHERS


class AiQueueBillReading(models.Model):
    """What was read from one file of one bill, and what became of it.

    ``state`` follows the job by side cursors until the job itself has an outcome, which
    it writes together with the bill.
    """

    _name = "ai.queue.bill.reading"
    _description = "Reading of a Vendor Bill"
    _order = "id desc"
    _rec_name = "move_id"

    move_id = fields.Many2one(
        "account.move",
        string="Bill",
        required=True,
        readonly=True,
        index=True,
        ondelete="cascade",
    )
    company_id = fields.Many2one(
        "res.company", required=True, readonly=True, index=True, ondelete="cascade"
    )
    attachment_id = fields.Many2one(
        "ir.attachment",
        string="File",
        readonly=True,
        index="btree_not_null",
        ondelete="set null",
    )
    checksum = fields.Char(required=True, readonly=True, index=True)
    part = fields.Integer(
        default=1,
        readonly=True,
        help="Which of the bills in the file, where it holds several.",
    )
    origin_id = fields.Many2one(
        "ai.queue.bill.reading",
        string="First Bill of the File",
        readonly=True,
        index="btree_not_null",
        ondelete="set null",
    )
    is_current = fields.Boolean(
        default=True, readonly=True, help="The latest reading of its bill."
    )
    state = fields.Selection(
        [*STATES[:3], ("review", "To Review"), *STATES[3:]],
        required=True,
        readonly=True,
        default="pending",
        index=True,
    )
    is_wanted = fields.Boolean(
        readonly=True,
        help="Someone asked for it: read it even if the same file came before.",
    )
    user_id = fields.Many2one(
        "res.users",
        string="Requested by",
        required=True,
        readonly=True,
        default=lambda self: self.env.user,
        index=True,
    )
    run_id = fields.Many2one(
        "ai.queue.run", readonly=True, index="btree_not_null", ondelete="set null"
    )
    provider_id = fields.Many2one(
        "ai.queue.provider",
        string="Read With",
        readonly=True,
        index="btree_not_null",
        ondelete="set null",
        groups="ai_queue.ai_queue_group_manager",
    )
    # Of the calls that asked a model for it, see ``ai.queue.call.key``.
    ledger_key = fields.Char(readonly=True, groups="base.group_system")
    cost = fields.Float(
        digits=(16, 6),
        readonly=True,
        aggregator="avg",
        groups="ai_queue.ai_queue_group_manager",
        help="What a model cost for reading this bill, including failed tries, in the "
        "currency of the company.",
    )
    date_read = fields.Datetime(string="Read", readonly=True)
    # As ``engine.documents.bills.invoice.to_json`` gives it; or {"unreadable": cause}.
    extraction = fields.Json(readonly=True)
    # What the document alone says is wrong, and with it what the database knows.
    findings = fields.Json(readonly=True)
    # What was wrong with how the file came, e.g. with the ZIP that it was in.
    door_reasons = fields.Json(readonly=True)
    reasons = fields.Json(readonly=True)
    # The bill as it was left by the last reading that wrote it.
    written = fields.Json(readonly=True)
    is_switched = fields.Boolean(
        readonly=True,
        help="Reading made its bill a credit note, or the other way round.",
    )
    was_reviewed = fields.Boolean(
        readonly=True,
        help="There was a reason to look at it, also if somebody has put that right.",
    )
    message = fields.Text(readonly=True, help="Why it did not finish.")
    partner_id = fields.Many2one(
        "res.partner",
        string="Vendor",
        readonly=True,
        index="btree_not_null",
        ondelete="set null",
    )
    reason_code = fields.Selection(
        bill_reasons.LABELS, string="Main Reason", readonly=True
    )
    accepted_by_id = fields.Many2one("res.users", readonly=True, index="btree_not_null")
    date_result = fields.Datetime(string="Settled", readonly=True)
    result = fields.Selection(RESULTS, readonly=True)
    touchless = fields.Float(
        string="Touchless (%)",
        readonly=True,
        aggregator="avg",
        help="Of the accepted or posted bills: those without a reason to review and "
        "without a manual change.",
    )
    reason_summary = fields.Text(compute="_compute_reason_summary", string="Why")
    field_summary = fields.Json(
        compute="_compute_field_summary", string="What Was Read"
    )

    _file_uniq = models.UniqueIndex("(move_id, checksum)")
    _part_uniq = models.UniqueIndex("(origin_id, part) WHERE origin_id IS NOT NULL")
    _current_uniq = models.UniqueIndex("(move_id) WHERE is_current")
    _review_idx = models.Index("(move_id) WHERE is_current AND state = 'review'")

    # ------------------------------------------------------------
    # COMPUTE
    # ------------------------------------------------------------

    @api.depends("reasons", "message")
    @api.depends_context("lang")
    def _compute_reason_summary(self):
        for reading in self:
            sentences = [
                bill_reasons.say(self.env, reason) for reason in reading.reasons or []
            ]
            sentences = sentences or [reading.message or ""]
            reading.reason_summary = "\n".join(sentences)

    @api.depends("extraction")
    @api.depends_context("lang")
    def _compute_field_summary(self):
        labels = self._get_field_labels()
        kinds, sources = self._get_kind_labels(), self._get_source_labels()
        for reading in self:
            data = reading.extraction or {}
            origins = data.get("fields") or {}
            reading.field_summary = [
                {
                    "name": name,
                    "label": label,
                    "value": kinds.get(data[name], str(data[name])),
                    "printed": origins[name].get("text") or "",
                    "confidence": origins[name].get("confidence"),
                    "by": sources.get(origins[name].get("by"), ""),
                    "page": origins[name].get("page") or False,
                }
                for name, label in labels.items()
                if data.get(name) is not None and name in origins
            ] + self._get_adjustment_rows(data)

    def _get_adjustment_rows(self, data):
        """A row for each discount or charge of the whole document."""
        label = self.env._("Discounts and Charges")
        return [
            {
                "name": f"adjustments_{number}",
                "label": label,
                "value": str(one["amount"]),
                "printed": one.get("reason") or "",
                # Read by nobody: the document says so itself, or it was computed.
                "confidence": None,
                "by": "",
                "page": False,
            }
            for number, one in enumerate(bill_amounts.adjustments(data))
        ]

    def _get_field_labels(self):
        """What the values of a bill are called, in the order of the screen."""
        return {
            "doc_type": self.env._("Kind"),
            "vendor_name": self.env._("Vendor"),
            "vendor_vat": self.env._("VAT Number"),
            "vendor_address": self.env._("Address"),
            "vendor_iban": self.env._("Bank Account"),
            "vendor_email": self.env._("E-mail"),
            "invoice_number": self.env._("Number"),
            "invoice_date": self.env._("Date"),
            "due_date": self.env._("Due Date"),
            "po_number": self.env._("Purchase Order"),
            "currency": self.env._("Currency"),
            "amount_untaxed": self.env._("Untaxed Amount"),
            "amount_tax": self.env._("Tax"),
            "amount_total": self.env._("Total"),
            "amount_due": self.env._("To Pay"),
        }

    def _get_kind_labels(self):
        return {
            "invoice": self.env._("Bill"),
            "credit_note": self.env._("Credit note"),
            "receipt": self.env._("Receipt"),
            **{kind: self.env._(name) for kind, name in KIND_NAMES.items()},
        }

    def _get_source_labels(self):
        return {
            "xml": self.env._("E-invoice"),
            "text": self.env._("Text"),
            "ocr": self.env._("Text recognition"),
            "model": self.env._("Model"),
            "solved": self.env._("Computed"),
        }

    # ------------------------------------------------------------
    # STATE OF THE JOB, by side cursors
    # ------------------------------------------------------------

    @api.model
    def _keep(self, reading_id, extraction, findings, ledger_key=None, words=False):
        """Keep what was read, at once: a job that runs again need not read it again.

        :param ledger_key: of the calls that asked a model for it; None without one
        :param words: where they stand, see `_pack_words`
        """
        with side_env(self.env) as env:
            reading = env[self._name].browse(reading_id).exists()
            reading.write(
                {
                    "extraction": extraction,
                    "findings": findings,
                    "ledger_key": ledger_key,
                    "words": words,
                }
            )

    @api.model
    def _follow_jobs(self, jobs):
        """Bring the readings that have no outcome yet in line with their jobs."""
        self.flush_model()
        self.env.cr.execute(
            SQL(
                """
                SELECT reading.id, job.id
                  FROM ai_queue_run_job AS job
                 CROSS JOIN LATERAL jsonb_array_elements_text(job.res_ids) AS move(id)
                  JOIN ai_queue_bill_reading AS reading
                    ON reading.run_id = job.run_id
                   AND reading.move_id = move.id::integer
                 WHERE job.id IN %s
                   AND reading.date_read IS NULL
                   AND reading.state <> job.state
                """,
                tuple(jobs.ids) or (0,),
            )
        )
        for reading_id, job_id in self.env.cr.fetchall():
            self.browse(reading_id)._take_state_of(jobs.browse(job_id))

    def _take_state_of(self, job):
        if job.state != "done":
            message = job.message if job.state != "started" else False
            self.write({"state": job.state, "message": message})
            return
        # The job came to its end without an outcome for this bill: it was left out.
        reasons = [
            skip["reason"]
            for skip in job.skip_data or []
            if self.move_id.id in skip["ids"]
        ]
        if self.state != "cancelled":
            self.write({"state": "cancelled", "message": reasons and reasons[0]})

    # ------------------------------------------------------------
    # OUTCOME
    # ------------------------------------------------------------

    def _conclude(self, reasons, written=None, provider=None):
        """Note what came of a reading: everything in order, or what to look at."""
        self.ensure_one()
        reasons = bill_reasons.sort([*reasons, *(self.door_reasons or [])])
        unreadable = any(reason["code"] == "unreadable" for reason in reasons)
        state = "review" if reasons else "done"
        vals = {
            "state": "failed" if unreadable else state,
            "reasons": reasons,
            "reason_code": bill_reasons.label_code(reasons),
            "date_read": fields.Datetime.now(),
            "partner_id": self.move_id.partner_id.id,
            "message": False,
        }
        if reasons:
            vals["was_reviewed"] = True
        if written is not None:
            vals["written"] = written
        if provider is not None:
            vals.update(provider_id=provider.id, cost=self._get_cost())
        # Users have no right to write readings but by this way.
        self.sudo().write(vals)

    def _get_cost(self):
        """What was paid for it by this run; nothing for an answer of an earlier one."""
        # The clerk sees neither calls nor prices; only the sum is kept.
        reading = self.sudo()
        if not reading.ledger_key:
            return 0.0
        calls = self.env["ai.queue.call"].sudo()
        domain = [("key", "=", reading.ledger_key), ("run_id", "=", reading.run_id.id)]
        ((cost,),) = calls._read_group(domain, aggregates=["cost:sum"])
        return cost or 0.0

    def _add_door_reason(self, reason):
        """Have a person look at the bill for how its file came, read or not yet."""
        self.ensure_one()
        # Users have no right to write readings but by this way.
        self.sudo().door_reasons = [*(self.door_reasons or []), reason]
        if self.date_read and self.move_id.state == "draft":
            self._conclude(self.reasons or [])

    def _find_twins(self):
        """Other bills of the company with the same file, which were there before.

        Nobody's wish counts for more: what a person asks for is read again.

        :return: {reading: reading of the oldest such bill}
        """
        asked = self.filtered(lambda one: not one.is_wanted)
        same = self.search(
            [
                ("company_id", "in", asked.company_id.ids),
                ("checksum", "in", asked.mapped("checksum")),
                ("move_id.state", "!=", "cancel"),
                ("state", "in", ("pending", "started", "done", "review")),
            ],
            order="id",
        ).grouped(lambda one: (one.company_id, one.checksum, one.part))
        twins = {}
        for one in asked:
            for other in same.get((one.company_id, one.checksum, one.part), ()):
                is_before = other.id < one.id or other.extraction
                if other.move_id != one.move_id and is_before:
                    twins[one] = other
                    break
        return twins

    def _fill_in(self, provider=None):
        """Write what was read into the bill, and note what a person should look at."""
        self.ensure_one()
        # Odoo's own mark of what a person has changed stays for people.
        move = self.move_id.with_context(skip_is_manually_modified=True)
        kind, former = move.move_type, self._get_former()
        reasons = list(self.findings or [])
        if _is_no_bill(self.extraction):
            self._leave_empty(move, former, provider)
            return
        try:
            with self.env.cr.savepoint():
                reasons += self.env["ai.queue.bill.writer"]._fill_in(
                    move, self.extraction, former
                )
        except (UserError, RedirectWarning) as error:
            self._note_not_written(error, reasons, provider)
            return
        checks = self.env["ai.queue.bill.check"]
        reasons = checks._drop_disproved(move, reasons)
        reasons += checks._get_reasons(move, self.extraction)
        written = move._get_ai_queue_snapshot()
        self._conclude(reasons, written, provider)
        is_kept = former.get("is_switched") and former["move_type"] == kind
        # Users have no right to write readings but by this way.
        self.sudo().is_switched = move.move_type != kind or is_kept
        if self.state == "done":
            self._post_by_rule(move)
        else:
            # What a person has typed by now may settle a reason; it posts nothing.
            self._reconsider()

    def _note_not_written(self, error, reasons=None, provider=None):
        """Say in the reasons, by default the present ones, why it is not filled in."""
        known = self.reasons or [] if reasons is None else reasons
        others = [one for one in known if one["code"] != "not_written"]
        reason = make("not_written", error=_sentence(error))
        self._conclude([*others, reason], provider=provider)

    def _leave_empty(self, move, former, provider):
        """Nothing is taken from what is no bill, and what was taken before goes."""
        self.env["ai.queue.bill.writer"]._take_back(move, former)
        reason = make("not_a_bill", kind=self.extraction["doc_type"])
        self._conclude([reason], {}, provider)

    def _spread(self, bills):
        """Make a draft of its own for each further bill of the file, and queue it.

        Again with the same file it makes none twice.

        :param bills: of each further bill what was read of it; None for one that is
            still to be read
        """
        self.ensure_one()
        known = {one.part for one in self.search([("origin_id", "=", self.id)])}
        made = self.browse()
        for part, bill in enumerate(bills, 2):
            # What comes with a bill, as its delivery note, gets no draft.
            is_none = _is_no_bill((bill or {}).get("extraction"))
            if part not in known and not is_none:
                made += self._make_part(part, bill)
        if made:
            made._start(origin="code")

    def _make_part(self, part, bill):
        move = self.move_id
        draft = move.with_context(skip_is_manually_modified=True).create(
            {"move_type": "in_invoice", "journal_id": move.journal_id.id}
        )
        file = self.attachment_id.copy({"res_id": draft.id})
        draft.message_post(
            body=self.env._(
                "Bill %(part)s of the file of %(bill)s.",
                part=part,
                bill=move.display_name,
            ),
            attachment_ids=file.ids,
        )
        vals = self.sudo()._prepare_request(draft, file, self.is_wanted)
        vals.update(part=part, origin_id=self.id, **(bill or {}))
        # Users have no right to write readings but by this way.
        return self.sudo().create(vals).sudo(self.env.su)

    def _post_by_rule(self, move):
        """Odoo's own rule decides: whether a person lets it post for this vendor."""
        try:
            with self.env.cr.savepoint():
                move._autopost_bill()
        except (UserError, RedirectWarning) as error:
            self._conclude([make("not_posted", error=_sentence(error))])

    def _get_former(self):
        """What the last reading of the same bill had written; {} for none.

        The snapshot of the bill, and whether reading made it of the kind that it was.
        """
        self.ensure_one()
        others = self.sudo().search(
            [("move_id", "=", self.move_id.id), ("written", "!=", False)],
            order="date_read desc",
        )
        last = self.sudo() if self.written else others[:1]
        if not last.written:
            return {}
        return {**last.written, "is_switched": last.is_switched}

    def _get_vendor_proposal(self):
        """The name of the vendor that could be made a partner; False for none."""
        codes = {reason["code"] for reason in self.reasons or []}
        data = self.extraction or {}
        name = data.get("vendor_name") or data.get("vendor_vat")
        return name if "vendor_unknown" in codes else False

    def _say_missing_taxes(self):
        """The rates of tax that could be set up, for a button; False for none."""
        taxes = self.env["ai.queue.bill.tax"]
        missing = taxes._get_missing(self.extraction or {}, self.reasons or [])
        return ", ".join(f"{rate} %" for rate in missing) or False

    # ------------------------------------------------------------
    # ACTIONS
    # ------------------------------------------------------------

    def action_open_bill(self):
        """The bill itself."""
        self.ensure_one()
        return self.move_id._get_records_action()
