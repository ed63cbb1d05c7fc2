# Copyright 2026 The ai_queue contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
from odoo import models
from odoo.exceptions import UserError
from odoo.tools import config


class IrModuleModule(models.Model):
    _inherit = "ir.module.module"

    # EXTENDS base
    def button_uninstall(self):
        """Odoo refuses what is loaded with the server: say why, and what to do."""
        self._check_not_server_wide()
        return super().button_uninstall()

    # EXTENDS base
    def button_uninstall_wizard(self):
        """Before somebody reads what will be lost."""
        self._check_not_server_wide()
        return super().button_uninstall_wizard()

    def _check_not_server_wide(self):
        loaded = config["server_wide_modules"]
        names = [name for name in loaded if name in self.mapped("name")]
        if not names:
            return
        left = [name for name in loaded if name not in names]
        raise UserError(
            self.env._(
                "%(names)s cannot be uninstalled while the server loads it when it "
                "starts. Set this in odoo.conf (or in ODOO_SERVER_WIDE_MODULES of the "
                "environment) of every server of this database, restart them, and "
                "uninstall it then:\n\nserver_wide_modules = %(left)s",
                names=", ".join(names),
                left=",".join(left),
            )
        )
