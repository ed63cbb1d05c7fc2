# Copyright 2026 The ai_queue contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
from odoo import fields, models
from odoo.tools import SQL

# A minute of the provider's clock, of which the requests differ in their way there.
WINDOW = "61 seconds"


class AiQueueRequest(models.Model):
    """The requests of the last minute, for their provider's limits per minute.

    A question can take several requests. Written by side cursors under the lock of
    the provider, and only for providers with such a limit.
    """

    _name = "ai.queue.request"
    _description = "Request to an AI Provider"
    _log_access = False
    _rec_name = "provider_id"

    provider_id = fields.Many2one(
        "ai.queue.provider", required=True, ondelete="cascade"
    )
    call_id = fields.Many2one("ai.queue.call", index=True, ondelete="cascade")
    date = fields.Datetime(required=True)
    tokens = fields.Integer()

    _provider_date_idx = models.Index("(provider_id, date)")

    def _is_limited(self, provider):
        return bool(provider.requests_per_minute or provider.tokens_per_minute)

    def _seconds_to_wait(self, provider, claim):
        """Until the limits per minute allow one more request; 0 if they do now."""
        if not self._is_limited(provider):
            return 0.0
        self.env.cr.execute(
            SQL(
                "DELETE FROM ai_queue_request WHERE provider_id = %s "
                "AND date < (clock_timestamp() AT TIME ZONE 'UTC') - %s::interval",
                provider.id,
                WINDOW,
            )
        )
        # From the newest to the oldest: the first one with which the limit would be
        # passed is the one that has to leave the minute.
        self.env.cr.execute(
            SQL(
                """
                SELECT extract(epoch FROM date + %(window)s::interval
                               - (clock_timestamp() AT TIME ZONE 'UTC'))
                  FROM (SELECT date,
                               count(*) OVER newest AS requests,
                               sum(tokens) OVER newest AS tokens
                          FROM ai_queue_request
                         WHERE provider_id = %(provider)s
                        WINDOW newest AS (ORDER BY date DESC, id DESC)) AS request
                 WHERE (%(rpm)s > 0 AND requests >= %(rpm)s)
                    OR (%(tpm)s > 0 AND tokens + %(tokens)s > %(tpm)s)
                 ORDER BY date DESC
                 LIMIT 1
                """,
                window=WINDOW,
                provider=provider.id,
                rpm=provider.requests_per_minute,
                tpm=provider.tokens_per_minute,
                tokens=claim.tokens,
            )
        )
        row = self.env.cr.fetchone()
        return max(0.05, float(row[0])) if row else 0.0

    def _note(self, provider, claim):
        if self._is_limited(provider):
            self.env.cr.execute(
                SQL(
                    "INSERT INTO ai_queue_request (provider_id, call_id, date, tokens) "
                    "VALUES (%s, %s, clock_timestamp() AT TIME ZONE 'UTC', %s)",
                    provider.id,
                    claim.call_id,
                    claim.tokens,
                )
            )

    def _settle(self, provider, settlement):
        """What was estimated is known now: the rest of the minute is free again."""
        if settlement.tokens is not None and self._is_limited(provider):
            self.env.cr.execute(
                SQL(
                    "UPDATE ai_queue_request SET tokens = %s WHERE id = ("
                    "SELECT max(id) FROM ai_queue_request WHERE call_id = %s)",
                    settlement.tokens,
                    settlement.call_id,
                )
            )
