# Copyright 2026 The ai_queue contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
from odoo import models
from odoo.exceptions import LockError

from odoo.addons.queue_job.exception import RetryableJobError

from .ai_queue_bill_maker import PRIORITY

#: Bills that one job fills in; the next job goes on behind them.
TURN = 50


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
        delayed = self.with_delay(
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
        for one in turn:
            one._fill_in()
        if alike[TURN:]:
            self._queue_alike(code, value, alike[:TURN][-1].id)
        return self.env._("%(count)s bills", count=len(turn))

    def _find_alike(self, code, value, after):
        waiting = self.search(
            [
                ("is_current", "=", True),
                ("state", "=", "review"),
                ("company_id", "=", self.company_id.id),
                ("id", "not in", self.ids),
                ("id", ">", after),
                ("move_id.state", "=", "draft"),
            ],
            order="id",
        )
        return waiting.filtered(lambda one: self._waits_alike(one, code, value))

    def _waits_alike(self, other, code, value):
        """Whether another reading waits for the answer that was given for this one."""
        reasons = [one for one in other.reasons or [] if one["code"] == code]
        if code == "vendor_unknown":
            same = self.env["ai.queue.bill.vendor"]._is_same
            is_open = reasons and not other.move_id.partner_id
            return bool(is_open) and same(other.extraction, self.extraction)
        return any(one["values"].get("rate") == value for one in reasons)
