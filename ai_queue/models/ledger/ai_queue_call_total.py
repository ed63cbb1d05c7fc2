# Copyright 2026 The ai_queue contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
from datetime import timedelta

from odoo import api, fields, models
from odoo.tools import SQL

from odoo.addons.queue_job_operations.side_cursor import side_env

from ...locks import TOTAL_LOCK

# A call is noted when it is asked, and seen by others a little later.
MARGIN = timedelta(hours=1)

_SUMS = SQL(
    """
    count(*) AS calls,
    sum(coalesce(requests, 0)) AS requests,
    sum(CASE WHEN is_estimated THEN 0 ELSE coalesce(tokens_in, 0) END) AS tokens_in,
    sum(CASE WHEN is_estimated THEN 0 ELSE coalesce(tokens_out, 0) END) AS tokens_out,
    sum(CASE WHEN is_estimated THEN coalesce(tokens, 0) ELSE 0 END)
        AS tokens_estimated,
    sum(coalesce(cost, 0)) AS cost,
    sum(coalesce(latency, 0)) AS seconds
    """
)
_COLUMNS = (
    *("calls", "requests", "tokens_in", "tokens_out", "tokens_estimated"),
    *("cost", "seconds"),
)
_KEYS = SQL("provider_id, kind, coalesce(outcome, state), company.currency_id")


class AiQueueCallTotal(models.Model):
    """What all calls came to, those among them that were deleted since.

    For counters that never go back. Calls of the last hour or so are added up when
    somebody asks; older ones once, here. All rows together reach to the latest
    ``date_until``.
    """

    _name = "ai.queue.call.total"
    _description = "Total of AI Calls"
    _log_access = False
    _rec_name = "outcome"

    provider_id = fields.Many2one(
        "ai.queue.provider", required=True, readonly=True, ondelete="cascade"
    )
    kind = fields.Char(required=True, readonly=True)
    outcome = fields.Char(required=True, readonly=True)
    currency_id = fields.Many2one(
        "res.currency", required=True, readonly=True, ondelete="restrict"
    )
    calls = fields.Integer(readonly=True)
    requests = fields.Integer(readonly=True)
    # More than fit into four bytes.
    tokens_in = fields.Float(digits=(20, 0), readonly=True)
    tokens_out = fields.Float(digits=(20, 0), readonly=True)
    tokens_estimated = fields.Float(digits=(20, 0), readonly=True)
    cost = fields.Float(digits=(16, 6), readonly=True)
    seconds = fields.Float(digits=(16, 3), readonly=True)
    date_until = fields.Datetime(required=True, readonly=True)

    _key_uniq = models.UniqueIndex("(provider_id, kind, outcome, currency_id)")

    @api.model
    def _get_until(self):
        """Calls before this are added up; "-infinity" when none are."""
        self.env.cr.execute(SQL("SELECT max(date_until) FROM ai_queue_call_total"))
        return self.env.cr.fetchone()[0] or "-infinity"

    @api.model
    def _add_up(self):
        """Add calls that nothing changes any more to the totals."""
        with side_env(self.env) as env:
            env.cr.execute(SQL("SELECT pg_try_advisory_xact_lock(%s)", TOTAL_LOCK))
            if env.cr.fetchone()[0]:
                env[self._name]._add_until(fields.Datetime.now() - MARGIN)

    def _add_until(self, until):
        self.env.cr.execute(
            SQL(
                """
                WITH period AS (
                    SELECT coalesce(max(date_until), '-infinity') AS since,
                           least(%(until)s, (
                               SELECT min(date) FROM ai_queue_call
                                WHERE state = 'asking')) AS until
                      FROM ai_queue_call_total
                )
                INSERT INTO ai_queue_call_total AS total (
                    provider_id, kind, outcome, currency_id, %(columns)s, date_until)
                SELECT %(keys)s, %(sums)s, period.until
                  FROM period, ai_queue_call AS call
                  JOIN res_company AS company ON company.id = call.company_id
                 WHERE call.date >= period.since AND call.date < period.until
                 GROUP BY %(keys)s, period.until
                ON CONFLICT (provider_id, kind, outcome, currency_id)
                DO UPDATE SET date_until = excluded.date_until, %(add)s
                """,
                until=until,
                columns=SQL(", ").join(map(SQL.identifier, _COLUMNS)),
                keys=_KEYS,
                sums=_SUMS,
                add=SQL(", ").join(
                    SQL("%(name)s = total.%(name)s + excluded.%(name)s", name=name)
                    for name in map(SQL.identifier, _COLUMNS)
                ),
            )
        )

    @api.model
    def _get_totals(self):
        """What calls came to until now, of all companies.

        A call counts once it is over. One that was lost counts after an hour only: its
        answer may still turn up.

        :return: a dict for each provider, kind, outcome and currency, with their names,
            ``requests``, ``tokens_in``, ``tokens_out``, ``tokens_estimated`` (where the
            provider did not say), ``cost`` in the currency, and ``seconds``
        """
        self.flush_model()
        self.env["ai.queue.call"].flush_model()
        return self.env.execute_query_dict(
            SQL(
                """
                SELECT provider.name AS provider, counted.kind, counted.outcome,
                       currency.name AS currency, %(totals)s
                  FROM (SELECT provider_id, kind, outcome, currency_id, %(columns)s
                          FROM ai_queue_call_total
                         UNION ALL
                        SELECT %(keys)s, %(sums)s
                          FROM ai_queue_call AS call
                          JOIN res_company AS company ON company.id = call.company_id
                         WHERE call.date >= %(until)s
                           AND state IN ('answered', 'failed')
                         GROUP BY %(keys)s)
                       AS counted (provider_id, kind, outcome, currency_id, %(columns)s)
                  JOIN ai_queue_provider AS provider
                    ON provider.id = counted.provider_id
                  JOIN res_currency AS currency ON currency.id = counted.currency_id
                 GROUP BY 1, 2, 3, 4
                 ORDER BY 1, 2, 3, 4
                """,
                totals=SQL(", ").join(
                    SQL("sum(%(name)s) AS %(name)s", name=name)
                    for name in map(SQL.identifier, _COLUMNS)
                ),
                columns=SQL(", ").join(map(SQL.identifier, _COLUMNS)),
                keys=_KEYS,
                sums=_SUMS,
                until=self._get_until(),
            )
        )
