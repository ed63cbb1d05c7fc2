# Copyright 2026 The ai_queue contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
from statistics import median

from odoo import api, models
from odoo.tools import format_list
from odoo.tools.misc import formatLang

from ..specification.shape import COUNT

#: So many of the highest are named.
NAMED = 3
#: From how many on something can stand out, and how far it has to.
MIN_ROWS, OUTLIER = 6, 5.0


class AiQueueReportReader(models.AbstractModel):
    _inherit = "ai.queue.report.reader"

    # ------------------------------------------------------------
    # WORDS ABOUT A RESULT
    # ------------------------------------------------------------

    @api.model
    def _say_in_words(self, specification, result):
        """What is in a result, in a few sentences; computed, no model is asked.

        :param dict specification: data as of ``specification.SCHEMA``
        :param dict result: as of ``_read``
        :return: the highest, the trend, what stands out; the reason when it is empty
        """
        one = self._check(specification)
        if result["empty_because"]:
            return result["empty_because"]
        values = [row["values"][0] for row in result["rows"]]
        sentences = [self._say_total(one, result), self._say_change(result)]
        if one.group_by and len(values) > 1 and None not in values:
            is_time = bool(one.group_by[0].granularity) and len(one.group_by) == 1
            # What is in several currencies or units is not compared.
            if is_time or not result["is_mixed"]:
                say = self._say_trend if is_time else self._say_highest
                sentences.append(say(one, result))
                sentences.append(self._say_outlier(one, result, values))
        return " ".join(filter(None, [*sentences, *result["notes"]]))

    def _say_number(self, one, result, value, place=0):
        kind = self._get_kind(one.model, one.measures[place])
        is_whole = kind == "integer" or one.measures[place].field == COUNT
        text = formatLang(self.env, value, digits=0 if is_whole else 2)
        currency = result["currency"]
        return f"{text} {currency['name']}" if kind == "monetary" and currency else text

    def _say_total(self, one, result):
        total = result["totals"][0] if result["totals"] else None
        if total is None:
            return ""
        return self.env._(
            "%(what)s: %(total)s in all.",
            what=self._say_measure(one, one.measures[0]),
            total=self._say_number(one, result, total),
        )

    def _say_change(self, result):
        compared = result["compared"]
        now = result["totals"][0] if result["totals"] else None
        before = compared and compared["totals"][0]
        # Of nothing there is no percentage.
        if now is None or not before:
            return ""
        change = 100.0 * (now - before) / abs(before)
        percent = formatLang(self.env, abs(change), digits=1)
        if change >= 0:
            return self.env._("That is %s %% more than before.", percent)
        return self.env._("That is %s %% less than before.", percent)

    def _label(self, row):
        return ", ".join(str(cell["text"]) for cell in row["groups"])

    def _say_highest(self, one, result):
        is_down = not self._turns(one, one.measures[0])
        rows = sorted(result["rows"], key=lambda row: row["values"][0], reverse=is_down)
        names = [
            self.env._(
                "%(name)s (%(value)s)",
                name=self._label(row),
                value=self._say_number(one, result, row["values"][0]),
            )
            for row in rows[:NAMED]
        ]
        return self.env._("Highest: %s.", format_list(self.env, names))

    def _say_trend(self, one, result):
        rows = result["rows"]
        first, last = rows[0]["values"][0], rows[-1]["values"][0]
        values = {
            "since": self._label(rows[0]),
            "until": self._label(rows[-1]),
            "first": self._say_number(one, result, first),
            "last": self._say_number(one, result, last),
        }
        if last > first:
            return self.env._(
                "Up from %(first)s (%(since)s) to %(last)s (%(until)s).", **values
            )
        if last < first:
            return self.env._(
                "Down from %(first)s (%(since)s) to %(last)s (%(until)s).", **values
            )
        return self.env._("The same in %(since)s and in %(until)s.", **values)

    def _say_outlier(self, one, result, values):
        """The row that is farthest from the middle, by the usual distance from it."""
        if len(values) < MIN_ROWS:
            return ""
        middle = median(values)
        usual = median(abs(value - middle) for value in values)
        place = max(range(len(values)), key=lambda one: abs(values[one] - middle))
        if not usual or abs(values[place] - middle) < OUTLIER * usual:
            return ""
        return self.env._(
            "%(name)s stands out: %(value)s, where the middle is %(middle)s.",
            name=self._label(result["rows"][place]),
            value=self._say_number(one, result, values[place]),
            middle=self._say_number(one, result, middle),
        )
