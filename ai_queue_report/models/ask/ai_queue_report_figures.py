# Copyright 2026 The ai_queue contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
import psycopg2

from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.tools import SQL, format_amount, format_date, format_datetime
from odoo.tools.misc import formatLang

from ..ai_queue_report_read import MAX_QUERY

#: A comparison of more rows than this is looked at in the table of Odoo.
MAX_ROWS = 60
#: So long somebody waits for a page, in milliseconds.
MAX_WAIT = 3000


class AiQueueReportReader(models.AbstractModel):
    _inherit = "ai.queue.report.reader"

    @api.model
    def _action_in_time(
        self, specification, name, rows=None, max_milliseconds=MAX_WAIT
    ):
        """``_action`` for somebody who looks at the screen, which may not take long.

        :param int max_milliseconds: so long each of its few statements may take
        :raise UserError: it took too long; likewise as of ``_action``
        """
        try:
            with self.env.cr.savepoint():
                self.env.cr.execute(
                    SQL("SET LOCAL statement_timeout = %s", max_milliseconds)
                )
                return self._action(specification, name, rows, max_milliseconds)
        except psycopg2.errors.QueryCanceled as error:
            raise UserError(
                self.env._(
                    "There are too many records to show them here. Ask for a shorter "
                    "time, or with more conditions."
                )
            ) from error
        finally:
            self.env.cr.execute("SET LOCAL statement_timeout = DEFAULT")

    @api.model
    def _open(self, specification):
        """``_action`` for somebody who has pressed to see it, and waits for it.

        :raise UserError: as of ``_action_in_time``
        """
        return self._action_in_time(specification, None, None, MAX_QUERY)

    @api.model
    def _get_figures(self, result):
        """What stands above the view: the totals, and what is to be known of them.

        :param dict result: what ``_read`` returned
        :return: ``{"items": [{"key", "title", "text", "before", "change",
            "direction"}], "notes", "empty", "as_of", "compared": chart or None}``;
            ``change`` is a text like ``+12 %``, ``direction`` one of -1, 0, 1
        """
        measures = [one for one in result["columns"] if one["type"] == "measure"]
        compared = result["compared"] or {}
        before = compared.get("totals") or [None] * len(measures)
        items = [
            self._get_figure(result, measure, total, past)
            for measure, total, past in zip(
                measures, result["totals"], before, strict=True
            )
            if total is not None
        ]
        notes = list(result["notes"])
        if result["is_limited"]:
            notes.append(
                self.env._("There are more rows than are counted here: ask for fewer.")
            )
        return {
            "items": [] if result["empty_because"] else items,
            "notes": notes,
            "empty": result["empty_because"] or "",
            "as_of": format_datetime(self.env, result["as_of"], dt_format="short"),
            "compared": self._get_compared(result, measures),
        }

    def _get_figure(self, result, measure, total, past):
        figure = {
            "key": measure["key"],
            "title": measure["text"],
            "text": self._format_figure(result, measure, total),
            "before": "",
            "change": "",
            "direction": 0,
        }
        if past is not None:
            figure["before"] = self._format_figure(result, measure, past)
            figure["direction"] = (total > past) - (total < past)
            if past:
                share = round((total - past) / abs(past) * 100)
                figure["change"] = f"{share:+d} %"
        return figure

    def _get_compared(self, result, measures):
        """Both periods side by side, which no graph of Odoo shows; None without."""
        if not result["compared"] or result["empty_because"]:
            return None
        rows = result["rows"][:MAX_ROWS]
        if not rows or not rows[0]["groups"]:
            return None
        measure = measures[0]
        values = [row["values"][0] for row in rows]
        past = [(row["compared"] or [None])[0] for row in rows]
        return {
            "title": measure["text"],
            "labels": [self._say_groups(row) for row in rows],
            "series": [
                self._get_series(
                    result, measure, self._say_span(result["period"]), values
                ),
                {
                    **self._get_series(
                        result, measure, self._say_span(result["compared"]), past
                    ),
                    "is_past": True,
                },
            ],
        }

    @api.model
    def _get_drawn(self, result):
        """The figures that no graph of Odoo shows, such as an average; None where there
        is nothing to draw.

        :param dict result: what ``_read`` returned
        :return: as "compared" of ``_get_figures``
        """
        columns = {"group": [], "measure": []}
        for column in result["columns"]:
            columns[column["type"]].append(column)
        if result["empty_because"] or not columns["group"]:
            return None
        rows = result["rows"][:MAX_ROWS]
        return {
            "title": ", ".join(column["text"] for column in columns["group"]),
            "labels": [self._say_groups(row) for row in rows],
            "series": [
                self._get_series(
                    result, measure, measure["text"], [row["values"][i] for row in rows]
                )
                for i, measure in enumerate(columns["measure"])
            ],
        }

    def _get_series(self, result, measure, name, values):
        return {
            "name": name,
            "values": values,
            "texts": [self._format_figure(result, measure, value) for value in values],
        }

    def _say_groups(self, row):
        return " · ".join(group["text"] for group in row["groups"])

    def _say_span(self, period):
        """Days as short as they can be said."""
        since, until = (period or {}).get("since"), (period or {}).get("until")
        if not (since and until):
            return self._say_days(*map(fields.Date.to_date, (since, until)))
        if since.endswith("-01-01") and until == f"{since[:4]}-12-31":
            return since[:4]
        return f"{format_date(self.env, since)} – {format_date(self.env, until)}"

    def _format_figure(self, result, measure, number):
        if number is None:
            return "–"
        currency = result["currency"]
        if measure["kind"] == "monetary" and currency:
            return format_amount(
                self.env, number, self.env["res.currency"].browse(currency["id"])
            )
        is_whole = measure["kind"] == "integer" or float(number).is_integer()
        return formatLang(self.env, number, digits=0 if is_whole else 2)
