# Copyright 2026 The ai_queue contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
import os
from unittest.mock import patch

from odoo.tests import tagged
from odoo.tools import file_open

from ..hooks import uninstall_hook
from .common_provider import AiQueueProviderCommon


@tagged("post_install", "-at_install")
class TestLeaving(AiQueueProviderCommon):
    """What a copy of the database, and the addon when it goes, leave behind."""

    def test_a_neutralized_copy_asks_no_model(self):
        self.provider.write({"api_key": "sk-secret", "headers": "api-key: sk-secret"})
        self.company.ai_queue_forecast_provider_id = self.provider
        self.company.ai_queue_invoice_provider_id = self.provider
        journal = self.env["account.journal"].search(
            [("type", "=", "purchase"), ("company_id", "=", self.company.id)]
        )
        journal.ai_queue_read_bills = True
        self.env.flush_all()
        with file_open("ai_queue/data/neutralize.sql") as file:
            self.env.cr.execute(file.read())
        self.env.invalidate_all()
        self.assertFalse(self.provider.active)
        self.assertEqual(self.provider.base_url, "http://neutralized.invalid")
        self.assertFalse(self.provider.headers)
        self.assertEqual(self.provider.key_source, "none")
        self.assertFalse(self.company.ai_queue_forecast_provider_id)
        self.assertFalse(self.company.ai_queue_invoice_provider_id)
        self.assertFalse(journal.ai_queue_read_bills)
        self.assertTrue(self.env.ref("ai_queue.ai_queue_provider_local").active)

    def test_a_neutralized_copy_does_not_do_the_work_of_the_original(self):
        run = self.press(self.create_products(1))
        self.env.flush_all()
        for addon in ("queue_job_operations", "ai_queue"):
            with file_open(f"{addon}/data/neutralize.sql") as file:
                self.env.cr.execute(file.read())
        self.env.invalidate_all()
        self.assertEqual(self.queue_jobs(run).mapped("state"), ["cancelled"])
        self.assertEqual(run.state, "cancelled")
        self.assertEqual(run.job_ids.state, "cancelled")
        outside = {
            "AI_QUEUE_KEY_FAKE": "sk-secret",
            "AI_QUEUE_URL_FAKE": self.fake.url,
        }
        with patch.dict(os.environ, outside):
            self.assertIsNone(self.provider._get_key())
        # A new press is a new run.
        products = self.env["product.product"].browse(run.job_ids.res_ids)
        self.assertNotEqual(self.press(products), run)

    def test_no_job_waits_for_an_addon_that_is_gone(self):
        run = self.press(self.create_products(2))
        other = self.env["res.partner"].with_delay()._compute_display_name()
        # Of a model of its own, without a job function.
        own = self.provider.with_delay()._compute_display_name()
        uninstall_hook(self.env)
        self.assertEqual(self.queue_jobs(run).mapped("state"), ["cancelled"])
        self.assertEqual(own.db_record().state, "cancelled")
        # Its tables are gone by then.
        self.assertNotIn("ai_queue.sync", self.env.cr.postcommit.data)
        self.assertEqual(other.db_record().state, "pending")

    def test_no_job_is_found_dead_when_its_addon_is_gone(self):
        run = self.press(self.create_products(2))
        # As a server leaves it that is restarted without the addon.
        self.queue_jobs(run).write({"state": "started"})
        uninstall_hook(self.env)
        self.assertEqual(self.queue_jobs(run).mapped("state"), ["cancelled"])
