# Copyright 2026 The ai_queue contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
from odoo import models


class ProductProduct(models.Model):
    _inherit = "product.product"

    def action_check_forecast(self):
        """A button of another addon that calls the job method in its own way."""
        self.with_delay(
            channel="root.ai_processing", priority=5, max_retries=3
        ).run_ai_demand_forecast()
        return True

    def action_check_forecast_of_template(self):
        """The same for templates, and with nothing said."""
        self.product_tmpl_id.with_delay().run_ai_demand_forecast()
        return True

    def action_check_channel(self, channel, count, seconds):
        """Queue so many jobs in a channel that do nothing for so many seconds."""
        for _number in range(count):
            self.with_delay(channel=channel)._check_wait(seconds)
        return True

    def _check_wait(self, seconds):
        """Take some time"""
        self.env.cr.execute("SELECT pg_sleep(%s)", [seconds])
