# Copyright 2026 The ai_queue contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
from odoo import fields, models


class QueueJobAlertSecret(models.Model):
    """Address and secret of a webhook.

    The address is in here as well: for many services who knows it may write there.
    """

    _name = "queue.job.alert.secret"
    _inherit = "queue.job.secret"
    _description = "Webhook of an Alert Target"
    _log_access = False
    _rec_name = "target_id"

    target_id = fields.Many2one(
        "queue.job.alert.target", required=True, ondelete="cascade"
    )
    url = fields.Char(exportable=False)
    secret = fields.Char(exportable=False)

    _target_uniq = models.UniqueIndex("(target_id)")
