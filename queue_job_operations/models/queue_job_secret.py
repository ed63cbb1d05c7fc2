# Copyright 2026 The ai_queue contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
from odoo import api, models
from odoo.tools import mute_logger


class QueueJobSecret(models.AbstractModel):
    """What is entered and never read again.

    A model of its own without any access right, so that no user, not even an
    administrator, reads it through the web client, an export or RPC. Nor does it get
    into the log: Odoo logs a query that fails, with its values, as when two people
    write at once.
    """

    _name = "queue.job.secret"
    _description = "Write-only Secret"
    _log_access = False

    @api.model_create_multi
    def create(self, vals_list):
        with mute_logger("odoo.sql_db"):
            secrets = super().create(vals_list)
            secrets.flush_recordset()
        return secrets

    def write(self, vals):
        with mute_logger("odoo.sql_db"):
            result = super().write(vals)
            # Here and now: later nobody would mute it.
            self.flush_recordset()
        return result
