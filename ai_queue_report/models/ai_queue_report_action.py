# Copyright 2026 The ai_queue contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
from odoo import api, models

from ..specification.shape import COUNT
from .ai_queue_report_read import MAX_QUERY
from .ai_queue_report_units import spec_of

_GRAPHS = ("bar", "line", "pie")


class AiQueueReportReader(models.AbstractModel):
    _inherit = "ai.queue.report.reader"

    # ------------------------------------------------------------
    # VIEW
    # ------------------------------------------------------------

    @api.model
    def _action(self, specification, name=None, rows=None, max_milliseconds=MAX_QUERY):
        """A specification as a view of Odoo: graph, pivot or list, its chart first.

        Opening, drilling, exporting and favourites are those of Odoo. Of a top ten by
        one thing, only the ten are in it.

        :param str name: the title; the sentence by default
        :param list rows: those that ``_read`` returned, where they are known
        :param int max_milliseconds: so long it may take to read them otherwise
        :return: dict, an ``ir.actions.act_window``
        :raise UserError: as of ``_check``
        """
        one, _notes, _several = self._settle(specification)
        groups = [spec_of(group) for group in one.group_by]
        drawn = [m.field for m in one.measures if self._is_drawn_by_odoo(one.model, m)]
        first = {"pivot": "pivot", "list": "list"}.get(one.chart, "graph")
        if len(drawn) < len(one.measures):
            first = "list"
        measures = drawn or [COUNT]
        modes = [first, *(m for m in ("graph", "pivot", "list") if m != first), "form"]
        is_down = not one.order or one.order.direction == "desc"
        # A graph would rank what is in several currencies by its plain numbers.
        is_ranked = bool(one.order and one.order.by == "measure")
        by_measure = is_ranked and not self._get_apart(one)
        return {
            "type": "ir.actions.act_window",
            "name": name or self._sentence(one),
            "res_model": one.model,
            "view_mode": ",".join(modes),
            "views": [(False, mode) for mode in modes],
            "target": "current",
            "domain": [
                *self._get_domain(one),
                *self._get_top_domain(one, rows, max_milliseconds),
            ],
            "context": {
                # A pivot would split its rows by all of them, and its columns again.
                "group_by": groups[:1] if first == "pivot" else groups,
                "graph_mode": one.chart if one.chart in _GRAPHS else "bar",
                "graph_measure": measures[0],
                "graph_groupbys": groups,
                "graph_order": ("DESC" if is_down else "ASC") if by_measure else None,
                "pivot_measures": measures,
                "pivot_row_groupby": groups[:1] or [],
                "pivot_column_groupby": groups[1:],
                "create": False,
                **self._get_view_context(one),
            },
            "help": self.env._("Nothing was found, as far as you may see."),
        }

    @api.model
    def _is_drawn(self, specification):
        """Whether a graph of Odoo shows the figures of a specification."""
        one = self._parse(specification)
        return all(self._is_drawn_by_odoo(one.model, each) for each in one.measures)

    def _is_drawn_by_odoo(self, model, measure):
        """Its graphs and pivots add a field up in the one way that is its own."""
        if measure.field == COUNT:
            return True
        field = self.env[model]._fields[measure.field]
        if measure.aggregate == "count_distinct":
            return field.type == "many2one"
        return measure.aggregate == field.aggregator

    def _get_top_domain(self, one, rows, max_milliseconds):
        """Only the records of the groups of a top ten, where one field says it."""
        if not one.limit or not one.group_by or one.group_by[0].granularity:
            return []
        field = self._follow(one.model, one.group_by[0].field).field
        if field.type not in ("many2one", "selection", "char"):
            return []
        if rows is None:
            rows = self._read(one, max_milliseconds)["rows"]
        values = [row["groups"][0]["value"] for row in rows]
        return [(one.group_by[0].field, "in", values)]

    def _get_view_context(self, one):
        """What the views of a model need; a hook for other addons."""
        return {}
