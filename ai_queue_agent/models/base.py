# Copyright 2026 The ai_queue contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
from odoo import models


class Base(models.AbstractModel):
    """Notes for agents which records reach what they start on.

    Where values reach the database, so that computed ones count, too. Models that no
    agent watches take a look into a cache, and no query.
    """

    _inherit = "base"

    def _create(self, data_list):
        records = super()._create(data_list)
        for start in self._ai_queue_get_starts():
            self.env["ai.queue.agent.reached"]._note(records, start, records._ids)
        return records

    def _write_multi(self, vals_list):
        starts = [
            start
            for start in self._ai_queue_get_starts()
            if any(start.column in vals for vals in vals_list)
        ]
        if not starts:
            return super()._write_multi(vals_list)
        reached = self.env["ai.queue.agent.reached"]
        elsewhere = {start: reached._find_elsewhere(self, start) for start in starts}
        result = super()._write_multi(vals_list)
        for start, ids in elsewhere.items():
            reached._note(self, start, ids)
        return result

    def _ai_queue_get_starts(self):
        # While modules are installed, the columns of agents may not be there yet.
        if not (self._auto and self.env.registry.ready):
            return ()
        return self.env["ai.queue.agent"]._get_starts().get(self._name, ())
