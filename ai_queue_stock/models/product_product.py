# Copyright 2026 The ai_queue contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
from odoo import api, models
from odoo.tools import SQL

CRON_PRIORITY = 20

# What has a rule, or left a warehouse within a year.
_TO_REORDER = """
    SELECT product.id
      FROM product_product product
      JOIN product_template template ON template.id = product.product_tmpl_id
     WHERE product.active
       AND template.is_storable
       AND (template.company_id IS NULL OR template.company_id = ANY(%(companies)s))
       AND (EXISTS (
               SELECT FROM stock_warehouse_orderpoint orderpoint
                WHERE orderpoint.product_id = product.id
                  AND orderpoint.company_id = %(company)s
                  AND orderpoint.active)
            OR EXISTS (
               SELECT FROM stock_move move
                 JOIN stock_location source ON source.id = move.location_id
                 JOIN stock_location target ON target.id = move.location_dest_id
                WHERE move.product_id = product.id
                  AND move.company_id = %(company)s
                  AND move.state = 'done'
                  AND move.date >= now() AT TIME ZONE 'UTC' - interval '1 year'
                  AND source.usage = 'internal'
                  AND target.usage IN ('customer', 'production')))
     ORDER BY product.id
"""


class ProductProduct(models.Model):
    _inherit = "product.product"

    def _ai_queue_kits(self):
        """Those of which only the components are kept in stock, where kits exist."""
        if "is_kits" not in self._fields:
            return self.browse()
        return self.filtered("is_kits")

    def action_propose_reorder(self):
        """Queue reorder proposals for these products, and say where to see them."""
        run = self.env["ai.queue.run"]._start("reorder", self)
        return run._get_notification()

    @api.private
    def propose_reorder(self):
        """Propose reordering rules

        The job method; it does the work in the caller's process, so call it through
        ``with_delay``.
        """
        return self.env["ai.queue.kind.reorder"]._perform(self)

    @api.model
    def _get_to_reorder(self):
        """The products of the current company that are worth a look."""
        self.env["stock.move"].flush_model()
        self.env["stock.warehouse.orderpoint"].flush_model()
        self.flush_model()
        self.env["product.template"].flush_model()
        company = self.env.company
        # A branch also has the products of its parents.
        companies = company.sudo().parent_ids.ids
        self.env.cr.execute(SQL(_TO_REORDER, company=company.id, companies=companies))
        ids = [product_id for (product_id,) in self.env.cr.fetchall()]
        # The rules of whoever asks decide what of it they see.
        return self.search([("id", "in", ids)], order="id")

    @api.model
    def _cron_ai_reorder(self):
        """Queue proposals for every company that wants them every night."""
        companies = self.env["res.company"].search(
            [("ai_queue_reorder_nightly", "=", True)]
        )
        for company in companies:
            products = (
                self.with_context(allowed_company_ids=company.ids)
                .with_company(company)
                ._get_to_reorder()
            )
            if products:
                products.env["ai.queue.run"]._start(
                    "reorder", products, origin="cron", priority=CRON_PRIORITY
                )
