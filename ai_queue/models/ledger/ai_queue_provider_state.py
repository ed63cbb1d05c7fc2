# Copyright 2026 The ai_queue contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
from datetime import timedelta

from odoo import fields, models
from odoo.tools import SQL

from ...asking.shapes import Paused
from ...engine.client.causes import NOBODY_THERE

# Of so many requests the failure rate is taken.
RATE_OF = 20
MAX_PAUSE = timedelta(minutes=15)
# A probe that was never heard of again (its worker was killed) is over after its time
# and this.
PROBE_MARGIN = timedelta(seconds=30)
# Who waits for a probe looks again after this.
PROBE_WAIT = 10.0
_FETCHED = (
    *("provider_id", "breaker_state", "breaker_until", "breaker_message"),
    *("probe_key", "recent", "failures", "pauses", "has_answered", "refused_model"),
)
_FETCHED_OF_PROVIDER = (
    *("name", "active", "max_in_flight", "request_timeout"),
    *("requests_per_minute", "tokens_per_minute"),
    *("breaker_failures", "breaker_rate", "breaker_pause"),
)
_NOT_REFUSED = {"refused_model": False, "refusal_message": False}


class AiQueueProviderState(models.Model):
    """What changes of a provider while it is used: one row each.

    Its row is the lock under which all workers agree on what may be sent. Written by
    side cursors only (see ``ai.queue.run``), and by who tests or resets by hand.
    """

    _name = "ai.queue.provider.state"
    _description = "State of an AI Provider"
    _rec_name = "provider_id"

    provider_id = fields.Many2one(
        "ai.queue.provider",
        required=True,
        readonly=True,
        index=True,
        ondelete="cascade",
    )
    breaker_state = fields.Selection(
        [("closed", "Works"), ("open", "Paused"), ("probing", "Being tried")],
        string="Breaker",
        required=True,
        readonly=True,
        default="closed",
        help="A provider that does not answer is paused for a while; then a single "
        "request tests whether it answers again.",
    )
    # One character a request, the newest last: . answered, x failed
    recent = fields.Char(readonly=True, default="")
    failures = fields.Integer(string="Failures in a Row", readonly=True)
    pauses = fields.Integer(string="Pauses in a Row", readonly=True)
    breaker_until = fields.Datetime(string="Paused Until", readonly=True)
    breaker_message = fields.Text(string="Last Failure", readonly=True)
    probe_key = fields.Char(readonly=True)
    has_answered = fields.Boolean(
        readonly=True,
        help="A server has answered at the current base URL, even if it refused. Until "
        "then, an address where nothing answers counts as wrong, not as down.",
    )
    refused_model = fields.Char(
        readonly=True, help="The model for which the provider refuses every question."
    )
    refusal_message = fields.Text(string="Refusal", readonly=True)
    check_state = fields.Selection(
        [("pending", "Being tested"), ("ok", "Works"), ("failed", "Does not work")],
        string="Test",
        readonly=True,
    )
    check_result = fields.Text(string="Verdict", readonly=True)
    check_date = fields.Datetime(string="Tested", readonly=True)

    _provider_uniq = models.Constraint("UNIQUE(provider_id)", "One state a provider.")

    def _lock(self, provider_id):
        """The row of a provider, locked until the end of the (side) transaction."""
        self.env.cr.execute(
            SQL(
                "SELECT id FROM ai_queue_provider_state WHERE provider_id = %s "
                "FOR NO KEY UPDATE",
                provider_id,
            )
        )
        state = self.browse(row_id for (row_id,) in self.env.cr.fetchall())
        # Done twice for each call: no more than is needed is read.
        state.fetch(_FETCHED)
        state.provider_id.fetch(_FETCHED_OF_PROVIDER)
        return state

    # ------------------------------------------------------------
    # BREAKER
    # ------------------------------------------------------------

    def _may_go(self, key):
        """Whether the breaker lets this question go. The caller holds the lock."""
        if self.breaker_state == "closed" or self.probe_key == key:
            return True
        return not self.breaker_until or self.breaker_until <= fields.Datetime.now()

    def _get_pause(self):
        """For how long the provider is paused and why: `Paused`; None when it works."""
        if self.breaker_state == "closed":
            return None
        left = self.breaker_until - fields.Datetime.now()
        seconds = max(1.0, left.total_seconds())
        if self.breaker_state == "probing":
            seconds = min(seconds, PROBE_WAIT)
        return Paused("breaker", seconds, failure=self.breaker_message or "")

    def _begin_probe(self, key):
        """This question goes now: after a pause the first one is the probe."""
        if self.breaker_state == "closed" or self.probe_key == key:
            return
        limit = timedelta(seconds=self.provider_id.request_timeout)
        self.write(
            {
                "breaker_state": "probing",
                "breaker_until": fields.Datetime.now() + limit + PROBE_MARGIN,
                "probe_key": key,
            }
        )
        self._update_forms()

    def _note_answered(self):
        """The provider answered, even if it refused: it is there."""
        if not self.has_answered:
            self.has_answered = True
        if self.breaker_state == "probing":
            self._close()
            self.env["ai.queue.run.job"]._wake_now("breaker", self.provider_id.ids)
            return
        recent = f"{self.recent or ''}."[-RATE_OF:]
        # Mostly there is nothing new.
        if recent != self.recent or self.failures:
            self.write({"recent": recent, "failures": 0})

    def _note_failed(self, message, cause):
        """The provider did not answer, or with an error of its own.

        :param str cause: a word of ``engine.client.causes.CAUSES``
        """
        is_wrong = cause in NOBODY_THERE and not self.has_answered
        if is_wrong and self.breaker_state == "closed":
            # Its jobs fail: there is none that could wait for the end of a pause.
            return
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

    def _note_refused(self, model, message):
        """The provider refuses whatever it is asked of a model, until a person changes
        its form, the account there, or the network in between."""
        self.write({"refused_model": model, "refusal_message": message})
        self._update_forms()

    def _note_taken(self, model):
        """The provider answers with this model."""
        if self.refused_model == model:
            self.write(_NOT_REFUSED)
            self._update_forms()

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
        self._update_forms()

    def _reset(self):
        """Close the breaker by hand, and wake the jobs that wait for it."""
        self.write(_NOT_REFUSED)
        self._close()
        self.env["ai.queue.run.job"]._wake("breaker", self.provider_id.ids)

    def _move(self):
        """The provider has another address: what is known is of the old one."""
        self.write(
            {
                **_NOT_REFUSED,
                "has_answered": False,
                "check_state": False,
                "check_result": False,
                "check_date": False,
            }
        )
        self._reset()

    def _close(self):
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
        self._update_forms()

    # ------------------------------------------------------------
    # TEST
    # ------------------------------------------------------------

    def _note_check(self, ok, result):
        self.write(
            {
                "check_state": "ok" if ok else "failed",
                "check_result": result,
                "check_date": fields.Datetime.now(),
                "has_answered": ok or self.has_answered,
            }
        )
        self._update_forms()

    def _update_forms(self):
        """Update open forms of the provider."""
        group = self.env.ref("ai_queue.ai_queue_group_manager").sudo()
        for state in self:
            group._bus_send("ai_queue/provider_changed", {"id": state.provider_id.id})
