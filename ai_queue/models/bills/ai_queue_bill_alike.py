# Copyright 2026 The ai_queue contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
from odoo import models
from odoo.exceptions import ConcurrencyError, LockError, RedirectWarning, UserError
from odoo.tools import SQL

from odoo.addons.queue_job.exception import RetryableJobError

from .ai_queue_bill_maker import PRIORITY

#: Bills that one job fills in; the next job goes on behind them.
TURN = 50
#: What bills of one vendor share: what a person made of the first holds for the others.
VENDOR = "vendor"


class AiQueueBillReading(models.Model):
    """Bills that wait for the same answer: one press gives it to all of them."""

    _inherit = "ai.queue.bill.reading"

    def _queue_alike(self, code, value=None, after=0):
        """Have the other drafts filled in that wait for what this one waited for.

        :param str code: of the reason that they share
        :param value: what it is about, where the code does not say enough
        :param int after: the last of them that has been dealt with
        """
        self.ensure_one()
        description = self.env._("Filling in bills that waited for the same")
        key = f"ai_queue.alike:{self.id}:{code}:{value}:{after}"
        # What comes in by RPC may wish to have it done at once.
        reading = self.with_context(queue_job__no_delay=False)
        delayed = reading.with_delay(
            priority=PRIORITY, description=description, identity_key=key
        )
        delayed._fill_in_alike(code, value, after)

    def _fill_in_alike(self, code, value=None, after=0):
        """Fill in bills that waited for the same

        The job method of ``_queue_alike``.
        """
        if not self.exists():
            return self.env._("Deleted")
        alike = self._find_alike(code, value, after)
        turn = alike[:TURN].filtered(lambda one: one.move_id.has_access("write"))
        try:
            turn.move_id.lock_for_update(allow_referencing=True)
        except LockError as error:
            raise RetryableJobError(
                self.env._("Someone is changing these bills; trying again."),
                seconds=[5, 15],
            ) from error
        if code == VENDOR:
            # What this one has counts for more than what earlier bills had.
            turn = turn.with_context(ai_queue__example=self.move_id.id)
        for one in turn:
            one._fill_in()
        if alike[TURN:]:
            self._queue_alike(code, value, alike[:TURN][-1].id)
        return self.env._("%(count)s bills", count=len(turn))

    def _find_alike(self, code, value, after):
        domain = [
            ("is_current", "=", True),
            ("state", "=", "review"),
            ("company_id", "=", self.company_id.id),
            ("id", "not in", self.ids),
            ("id", ">", after),
            ("move_id.state", "=", "draft"),
        ]
        if code == VENDOR:
            vendor = self.move_id.commercial_partner_id
            partners = [False, vendor.id] if vendor else [False]
            domain.append(("move_id.commercial_partner_id", "in", partners))
        # All that was read of each is long, and many may wait.
        waiting = self.search_fetch(domain, ["move_id", "reasons"], order="id")
        if code not in (VENDOR, "vendor_unknown"):
            return waiting.filtered(lambda one: one._lacks(code, value))
        waiting.move_id.fetch(["partner_id"])
        known = waiting.filtered("move_id.partner_id")
        others = waiting - known
        if code != VENDOR:
            known = known.browse()
            others = others.filtered(lambda one: one._lacks(code))
        printed = (self | others)._get_printed_vendors()
        same = self.env["ai.queue.bill.vendor"]._is_same
        others = others.filtered(lambda one: same(printed[one.id], printed[self.id]))
        return (known | others).sorted("id")

    def _lacks(self, code, value=None):
        """Whether it waits for an answer, and what that is about."""
        reasons = [one for one in self.reasons or [] if one["code"] == code]
        return any(value in (None, one["values"].get("rate")) for one in reasons)

    def _get_printed_vendors(self):
        """What their documents say of the vendor: {id of a reading: values by name}.

        By SQL: many may wait, and all that was read of each is long.
        """
        self.flush_recordset(["extraction"])
        names = ("vendor_vat", "vendor_iban", "vendor_name")
        rows = self.env.execute_query(
            SQL(
                "SELECT id, %s FROM ai_queue_bill_reading WHERE id IN %s",
                SQL(", ").join(SQL("extraction->>%s", name) for name in names),
                self._ids or (0,),
            )
        )
        return {row[0]: dict(zip(names, row[1:], strict=True)) for row in rows}

    # ------------------------------------------------------------
    # VENDORS
    # ------------------------------------------------------------

    def _queue_vendors(self):
        """Have a partner made of each vendor that these bills wait for."""
        description = self.env._(
            "Creating the vendors of %(count)s bills", count=len(self)
        )
        # What comes in by RPC may wish to have it done at once.
        readings = self.with_context(queue_job__no_delay=False)
        delayed = readings.with_delay(priority=PRIORITY, description=description)
        delayed._create_vendors()

    def _create_vendors(self):
        """Create the vendors of bills

        The job method of ``_queue_vendors``.
        """
        turn = self[:TURN].exists()
        made = self.browse()
        for one in turn:
            move = one.move_id
            if not move.has_access("write") or not move.ai_vendor_proposal:
                # Not theirs, or another bill of this vendor came first.
                continue
            try:
                with self.env.cr.savepoint():
                    move.action_create_ai_vendor()
            except ConcurrencyError as error:
                raise RetryableJobError(
                    self.env._("The same vendor is being created; trying again."),
                    seconds=[5, 15],
                ) from error
            except (UserError, RedirectWarning) as error:
                # E.g. a VAT number that Odoo does not take: the others go on.
                one._note_not_written(error)
                continue
            made += one
        if self[TURN:]:
            self[TURN:]._queue_vendors()
        return self.env._("%(count)s bills", count=len(made))
