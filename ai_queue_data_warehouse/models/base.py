# Copyright 2026 The ai_queue contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
from odoo import models


class Base(models.AbstractModel):
    """Tells the datasets that follow a table that something changes in it.

    Only that they look at the log soon: what changed is in the log, whoever did it.
    """

    _inherit = "base"

    def _create(self, data_list):
        records = super()._create(data_list)
        self._ai_queue_note_change()
        return records

    def _write_multi(self, vals_list):
        result = super()._write_multi(vals_list)
        self._ai_queue_note_change()
        return result

    def unlink(self):
        result = super().unlink()
        self._ai_queue_note_change()
        return result

    def _ai_queue_note_change(self):
        # While modules are installed, the table of datasets may not be there yet.
        if self.env.registry.ready and self._auto:
            dataset_ids = self.env["ai.queue.dataset"]._get_watched().get(self._table)
            if dataset_ids:
                self.env["ai.queue.dataset"]._press_after_commit(dataset_ids)
