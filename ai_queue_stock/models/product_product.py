# Copyright 2026 The ai_queue contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
from odoo import models


class ProductProduct(models.Model):
    _inherit = "product.product"

    def _ai_queue_kits(self):
        """Those of which only the components are kept in stock, where kits exist."""
        if "is_kits" not in self._fields:
            return self.browse()
        return self.filtered("is_kits")
