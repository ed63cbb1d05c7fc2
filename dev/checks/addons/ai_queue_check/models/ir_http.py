# Copyright 2026 The ai_queue contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
from odoo import models
from odoo.http import request


class IrHttp(models.AbstractModel):
    """A dark theme, which Odoo leaves to other addons: chosen by Odoo's own cookie."""

    _inherit = "ir.http"

    # EXTENDS web
    def color_scheme(self):
        """ "dark" for a browser with the cookie."""
        return request.httprequest.cookies.get("color_scheme") or super().color_scheme()
