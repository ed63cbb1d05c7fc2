# Copyright 2026 The ai_queue contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
from odoo import api, models

#: dialects in which the letters of our names are large
LARGE = ("snowflake",)


class AiQueueWarehouse(models.Model):
    _inherit = "ai.queue.warehouse"

    @api.model
    def _get_askable(self):
        """The warehouses that the current user may ask, as ``sudo``."""
        # Rights on a warehouse are those on its tables.
        # there are a few
        # pylint: disable=no-search-all
        warehouses = self.sudo().search([])
        return warehouses.filtered(lambda one: one._select_tables(self.env.user))

    def _describe_to_guard(self, tables):
        """Tables as the guard takes them, in the spelling of the warehouse.

        :param tables: as of ``_select_tables``
        :return: ``{"schema.table": names of columns}``
        """
        is_large = self._select_dialect() in LARGE
        found = {}
        for table in tables:
            name = f"{table['schema']}.{table['table']}"
            columns = [column["name"] for column in table["columns"]]
            if is_large:
                name, columns = name.upper(), [column.upper() for column in columns]
            found[name] = columns
        return found
