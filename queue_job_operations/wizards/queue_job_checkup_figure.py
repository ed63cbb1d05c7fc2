# Copyright 2026 The ai_queue contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
from odoo import api, fields, models

from ..rights import check_manager


class QueueJobCheckupFigure(models.TransientModel):
    """A figure that is recommended for this server."""

    _name = "queue.job.checkup.figure"
    _description = "Recommended Figure"
    _rec_name = "label"

    label = fields.Char(string="Figure", readonly=True)
    option = fields.Char(readonly=True, help="In odoo.conf, PostgreSQL or the proxy.")
    now = fields.Char(readonly=True)
    recommended = fields.Char(readonly=True)
    is_off = fields.Boolean(readonly=True)

    @api.model
    def _show(self, figures):
        """Lines for a screen, which are not stored.

        :param figures: list of ``checkup.figures.Figure``
        """
        check_manager(self.env)
        checkup = self.env["queue.job.checkup"]
        return self.browse().union(
            *(
                self.new(
                    {
                        "label": checkup._label_figure(figure.key),
                        "option": figure.key,
                        "now": self._say_now(figure.now),
                        "recommended": str(figure.recommended),
                        "is_off": not figure.is_met,
                    }
                )
                for figure in figures
            )
        )

    def _say_now(self, now):
        if now is None:
            return self.env._("unknown")
        return str(now) if now else self.env._("not set")
