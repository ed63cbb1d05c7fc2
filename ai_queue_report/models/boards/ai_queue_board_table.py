# Copyright 2026 The ai_queue contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
from datetime import timedelta

from dateutil.relativedelta import relativedelta

from odoo import fields, models
from odoo.fields import Domain
from odoo.tools import format_date, formatLang

from ...board_letter import MAX_LINES, Table

NOTHING = "–"
LENGTHS = {
    "day": relativedelta(days=1),
    "week": relativedelta(weeks=1),
    "month": relativedelta(months=1),
    "quarter": relativedelta(months=3),
    "year": relativedelta(years=1),
}


class AiQueueBoardTile(models.Model):
    """The figures of a tile as people read them, and the records behind a bar."""

    _inherit = "ai.queue.board.tile"

    def _get_table(self, data):
        """The figures in the language of the reader.

        :param dict data: as of ``ai.queue.report.reader._read``
        :return: ``Table``
        """
        groups = [one for one in data["columns"] if one["type"] == "group"]
        measures = [one for one in data["columns"] if one["type"] == "measure"]
        currency = self._get_currency(data)
        table = Table(
            head=[one["text"] for one in (*groups, *measures)],
            rows=[
                [str(one["text"]) for one in row["groups"]]
                + [
                    self._format(value, measure, currency)
                    for value, measure in zip(row["values"], measures, strict=True)
                ]
                for row in data["rows"]
            ],
            labels=len(groups),
            values=[row["values"][0] for row in data["rows"]],
            before=[(row["compared"] or [None])[0] for row in data["rows"]],
            empty=data["empty_because"] or "",
        )
        table.is_time = bool(groups and groups[0].get("granularity"))
        if data["is_limited"] or len(table.rows) > MAX_LINES:
            table.limited = self.env._("There is more than is shown here.")
        number = (data["totals"] or [None])[0]
        table.number = self._format(number, measures[0], currency)
        if data["compared"]:
            before = (data["compared"]["totals"] or [None])[0]
            table.number_before = self._format(before, measures[0], currency)
            table.change = _change(number, before)
            table.before_word = self._say_compared(data["compared"])
        return table

    def _say_compared(self, compared):
        days = [compared.get("since"), compared.get("until")]
        if not all(days):
            return self.env._("Before")
        return " – ".join(format_date(self.env, day) for day in days)

    def _get_currency(self, data):
        currency = data.get("currency") or {}
        # Its name was read by the reader already.
        return self.env["res.currency"].sudo().browse(currency.get("id") or ()).exists()

    def _format(self, value, measure, currency):
        if value is None:
            return NOTHING
        if measure["kind"] == "monetary" and currency:
            return formatLang(self.env, value, currency_obj=currency)
        digits = 0 if measure["kind"] == "integer" else 2
        return formatLang(self.env, value, digits=digits)

    # ------------------------------------------------------------
    # RECORDS BEHIND A BAR
    # ------------------------------------------------------------

    def _get_narrow_vals(self, action, data, row):
        """What of an action is different for the records behind one row.

        :param dict data: what the reader sees on the tile
        :param dict row: one of its rows
        """
        columns = [one for one in data["columns"] if one["type"] == "group"]
        domain = Domain(action["domain"])
        for column, group in zip(columns, row["groups"], strict=True):
            domain &= self._get_group_domain(column, group["value"])
        texts = [str(one["text"]) for one in row["groups"]]
        modes = ["list", *(mode for _id, mode in action["views"] if mode != "list")]
        return {
            "name": ": ".join([self.title, " · ".join(texts)]) if texts else self.title,
            "domain": list(domain),
            "views": [(False, mode) for mode in modes],
            "view_mode": ",".join(modes),
            "context": {**action["context"], "group_by": []},
        }

    def _get_group_domain(self, column, value):
        if not column.get("granularity") or not value:
            return Domain(column["field"], "=", value)
        reader = self.env["ai.queue.report.reader"]
        since = fields.Date.to_date(value)
        until = since + LENGTHS[column["granularity"]] - timedelta(days=1)
        model = self.specification["model"]
        return reader._get_days_domain(model, column["field"], since, until)


def _change(value, before):
    """As "+12 %"; empty where there is nothing to compare with."""
    if value is None or not before:
        return ""
    return f"{100 * (value - before) / abs(before):+.0f} %"
