# Copyright 2026 The ai_queue contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
from datetime import timedelta

from odoo import fields, models
from odoo.tools import SQL

# Of so many requests the failure rate is taken.
RATE_OF = 20
MAX_PAUSE = timedelta(minutes=15)
# A probe that was never heard of again (its worker was killed) is over after its time
# and this.
PROBE_MARGIN = timedelta(seconds=30)
# Who waits for a probe looks again after this.
PROBE_WAIT = 10.0


class AiQueueProviderState(models.Model):
    """What changes of a provider while it is used: one row each.

    Its row is the lock under which all workers agree on what may be sent. Written by
    side cursors only (see ``ai.queue.run``), and by who tests or resets by hand.
    """

    _name = "ai.queue.provider.state"
    _description = "State of an AI Provider"
    _rec_name = "provider_id"

    provider_id = fields.Many2one(
        "ai.queue.provider", required=True, readonly=True, ondelete="cascade"
    )
    breaker_state = fields.Selection(
        [("closed", "Works"), ("open", "Paused"), ("probing", "Being tried")],
        string="Breaker",
        required=True,
        readonly=True,
        default="closed",
        help="A provider that does not answer is paused for a while; then a single "
        "request tries whether it answers again.",
    )
    # One character a request, the newest last: . answered, x failed
    recent = fields.Char(readonly=True, default="")
    failures = fields.Integer(string="Failures in a Row", readonly=True)
    pauses = fields.Integer(string="Pauses in a Row", readonly=True)
    breaker_until = fields.Datetime(string="Paused Until", readonly=True)
    breaker_message = fields.Text(string="Last Failure", readonly=True)
    probe_key = fields.Char(readonly=True)
    check_state = fields.Selection(
        [("pending", "Being tested"), ("ok", "Works"), ("failed", "Does not work")],
        string="Test",
        readonly=True,
    )
    check_result = fields.Text(string="Verdict", readonly=True)
    check_date = fields.Datetime(string="Tested", readonly=True)

    _provider_uniq = models.UniqueIndex("(provider_id)")

    def _lock(self, provider_id):
        """The row of a provider, locked until the end of the (side) transaction."""
        self.env.cr.execute(
            SQL(
                "SELECT id FROM ai_queue_provider_state WHERE provider_id = %s "
                "FOR NO KEY UPDATE",
                provider_id,
            )
        )
        return self.browse(row_id for (row_id,) in self.env.cr.fetchall())

    # ------------------------------------------------------------
    # BREAKER
    # ------------------------------------------------------------

    def _seconds_to_wait(self, key):
        """For how long this question has to wait for the breaker; 0 when it may go.

        The caller holds the lock. The first one after a pause becomes the probe.
        """
        if self.breaker_state == "closed" or self.probe_key == key:
            return 0.0
        now = fields.Datetime.now()
        if self.breaker_until and now < self.breaker_until:
            if self.breaker_state == "probing":
                return PROBE_WAIT
            return (self.breaker_until - now).total_seconds()
        limit = timedelta(seconds=self.provider_id.request_timeout)
        self.write(
            {
                "breaker_state": "probing",
                "breaker_until": now + limit + PROBE_MARGIN,
                "probe_key": key,
            }
        )
        self._tell()
        return 0.0

    def _note_answered(self):
        """The provider answered, be it with a refusal: it is there."""
        vals = {"recent": f"{self.recent or ''}."[-RATE_OF:]}
        if self.breaker_state != "closed" or self.failures:
            vals.update(failures=0)
        if self.breaker_state == "probing":
            self._reset()
            return
        self.write(vals)

    def _note_failed(self, message):
        """The provider did not answer, or with an error of its own."""
        provider = self.provider_id
        recent = f"{self.recent or ''}x"[-RATE_OF:]
        failures = self.failures + 1
        self.write({"recent": recent, "failures": failures})
        rate = 100.0 * recent.count("x") / RATE_OF
        if (
            self.breaker_state == "probing"
            or failures >= provider.breaker_failures
            or rate >= provider.breaker_rate
        ):
            self._open(message)

    def _open(self, message):
        if self.breaker_state == "open":
            # Those that were under way when it opened: no reason to wait longer.
            return
        pause = timedelta(seconds=self.provider_id.breaker_pause)
        pause = min(pause * 2 ** min(self.pauses, 10), MAX_PAUSE)
        self.write(
            {
                "breaker_state": "open",
                "breaker_until": fields.Datetime.now() + pause,
                "breaker_message": message,
                "pauses": self.pauses + 1,
                "probe_key": False,
            }
        )
        self._tell()

    def _reset(self):
        """Close the breaker, and wake the jobs that wait for it."""
        self.write(
            {
                "breaker_state": "closed",
                "breaker_until": False,
                "breaker_message": False,
                "probe_key": False,
                "recent": "",
                "failures": 0,
                "pauses": 0,
            }
        )
        self._tell()
        self.env["ai.queue.run.job"]._wake("breaker", self.provider_id.ids)

    # ------------------------------------------------------------
    # TEST
    # ------------------------------------------------------------

    def _note_check(self, ok, result):
        self.write(
            {
                "check_state": "ok" if ok else "failed",
                "check_result": result,
                "check_date": fields.Datetime.now(),
            }
        )
        self._tell()

    def _tell(self):
        """Open forms of the provider shall follow."""
        group = self.env.ref("ai_queue.ai_queue_group_manager").sudo()
        for state in self:
            group._bus_send("ai_queue/provider_changed", {"id": state.provider_id.id})
