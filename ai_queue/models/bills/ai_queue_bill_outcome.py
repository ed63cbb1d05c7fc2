# Copyright 2026 The ai_queue contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
from markupsafe import Markup

from odoo import fields, models
from odoo.exceptions import UserError
from odoo.fields import Command

from . import bill_reasons

#: What can be accepted.
OPEN_STATES = ("review", "failed")


class AiQueueBillReading(models.Model):
    """What people made of a reading: corrected, accepted, posted."""

    _inherit = "ai.queue.bill.reading"

    # ------------------------------------------------------------
    # CORRECTED
    # ------------------------------------------------------------

    def _reconsider(self):
        """Forget the reasons that a correction of the draft has settled."""
        checks = self.env["ai.queue.bill.check"]
        for reading in self:
            if reading.state != "review" or not reading.written:
                continue
            before = reading.reasons or []
            reasons = bill_reasons.sort(
                checks._get_open(
                    reading.move_id, reading.extraction, before, reading.written
                )
            )
            if reasons == before:
                continue
            vals = {
                "reasons": reasons,
                "reason_code": bill_reasons.label_code(reasons),
                "partner_id": reading.move_id.partner_id.id,
            }
            if not reasons:
                vals["state"] = "done"
            # Users have no right to write readings but by this way.
            reading.sudo().write(vals)
            if not reasons:
                reading._learn_vendor()

    # ------------------------------------------------------------
    # ACCEPTED
    # ------------------------------------------------------------

    def _get_wrong(self):
        """The reasons that say what is wrong, and not only what may be."""
        self.ensure_one()
        reasons = self.reasons or []
        return [one for one in reasons if one["code"] in bill_reasons.WRONG]

    def _ask_to_accept(self):
        """Accept at once, or ask first where something is known to be wrong.

        :return: the action of the question; None when nothing was to be asked
        """
        open_ones = self.filtered(lambda one: one.state in OPEN_STATES)
        if not any(one._get_wrong() for one in open_ones):
            self._accept()
            return None
        question = self.env["ai.queue.bill.reading.accept"].create(
            {"reading_ids": [Command.set(open_ones.ids)]}
        )
        return {
            **question._get_records_action(),
            "name": self.env._("Accept as it is?"),
            "target": "new",
        }

    def _accept(self):
        """A person has looked at it: what is there now is right."""
        open_ones = self.filtered(lambda one: one.state in OPEN_STATES)
        if not open_ones:
            raise UserError(self.env._("There is nothing to accept here."))
        for one in open_ones:
            one._note_acceptance()
        open_ones._learn_from_changes()
        # Users have no right to write readings but by this way.
        open_ones.sudo().write({"state": "done", "accepted_by_id": self.env.uid})

    def _note_acceptance(self):
        """Leave beside the bill who accepted it, and what was said against it."""
        said = self.env._("Accepted as it is, although this was said:")
        body = Markup("<p>%s</p>%s") % (said, self._list_sentences(self.reasons or []))
        move = self.move_id.with_context(skip_is_manually_modified=True)
        move.message_post(body=body, subtype_xmlid="mail.mt_note")

    def _list_sentences(self, reasons):
        sentences = [bill_reasons.say(self.env, one) for one in reasons]
        sentences = sentences or [self.message or self.env._("It was not read.")]
        items = (Markup("<li>%s</li>") % one for one in sentences)
        return Markup("<ul>%s</ul>") % Markup("").join(items)

    def _get_title(self):
        """What people know a bill by that may have neither number nor vendor."""
        names = (self.move_id.ref, self.move_id.partner_id.display_name)
        return ", ".join(filter(None, names)) or self.attachment_id.name or ""

    # ------------------------------------------------------------
    # SETTLED
    # ------------------------------------------------------------

    def _learn_from_changes(self):
        """Note whether a person had to change what was read, and learn from it."""
        now = fields.Datetime.now()
        for reading in self:
            was_reviewed = reading._was_helped()
            if not reading.written and not was_reviewed:
                continue
            move = reading.move_id
            now_there = move._get_ai_queue_snapshot()
            written = (reading.written or {}).items()
            # What was written by an earlier version names fewer fields.
            changed = any(now_there.get(name) != one for name, one in written)
            # Where nothing was written, a person has typed it all.
            changed = changed or not written
            result = "confirmed" if was_reviewed else "touchless"
            # Users have no right to write readings but by this way.
            reading.sudo().write(
                {
                    "result": "corrected" if changed else result,
                    "touchless": 0.0 if changed or was_reviewed else 100.0,
                    "date_result": now,
                    "partner_id": move.partner_id.id,
                }
            )
            reading._learn_vendor()

    def _was_helped(self):
        """Whether this file, or an earlier one of the bill, wanted a person's help."""
        readings = self | self.move_id.sudo().ai_reading_ids
        return any(
            one.was_reviewed or one.reasons or one.state == "failed" for one in readings
        )

    def _learn_vendor(self):
        """Remember the vendor that a person chose where another or none was found."""
        partner = self.move_id.commercial_partner_id
        written = self.written or {}
        # It may have been deleted since, or merged into another one.
        found = self.env["res.partner"].browse(written.get("partner_id")).exists()
        if not partner or partner == found.commercial_partner_id:
            return
        data = self.extraction or {}
        vendors = self.env["ai.queue.bill.vendor"]
        self.env["ai.queue.bill.alias"]._learn(
            self.company_id, vendors._printed(data), partner
        )
