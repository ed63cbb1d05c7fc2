# Copyright 2026 The ai_queue contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
import hashlib
import json

from odoo import api, models
from odoo.tools import SQL


class AiQueueReportReader(models.AbstractModel):
    """What figures stand on that are kept: they are shown as long as it is the same."""

    _inherit = "ai.queue.report.reader"

    @api.model
    def _get_choice(self):
        """What the user has chosen: companies, language, time zone."""
        return {
            "company_ids": self.env.companies.ids,
            "lang": self.env.lang or "en_US",
            "tz": self.env.context.get("tz") or self.env.user.tz or "UTC",
        }

    @api.model
    def _get_stamp(self):
        """What decides what the user sees, whatever is asked: plain data.

        Rules that name the user need no more: no result is ever shown to another user.
        """
        user = self.env.user
        return [
            self.env.uid,
            self._get_choice(),
            sorted(user.all_group_ids.ids),
            sorted(user.company_ids.ids),
            self._get_rules_stamp(),
        ]

    @api.model
    def _get_rules_stamp(self):
        """It changes with any access right or record rule."""
        self.env["ir.rule"].flush_model()
        self.env["ir.model.access"].flush_model()
        self.env.cr.execute(
            SQL(
                """
                SELECT count(*), sum(id), max(write_date)::text FROM ir_rule
                 WHERE active
                 UNION ALL
                SELECT count(*), sum(id), max(write_date)::text FROM ir_model_access
                 WHERE active
                """
            )
        )
        return [list(map(str, row)) for row in self.env.cr.fetchall()]


def digest(data):
    """A short text that is the same for the same data, and for no other."""
    text = json.dumps(data, sort_keys=True, default=str)
    return hashlib.sha256(text.encode()).hexdigest()
