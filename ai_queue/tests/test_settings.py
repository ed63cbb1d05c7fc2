# Copyright 2026 The ai_queue contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
from lxml import etree

from odoo.exceptions import ValidationError
from odoo.tests import Form, tagged

from .common import AiQueueCommon


@tagged("post_install", "-at_install")
class TestSettings(AiQueueCommon):
    """What a company decides about its forecasts."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.admin = cls.create_user(
            "admin_of_settings",
            "base.group_system,ai_queue.ai_queue_group_manager",
        )

    def test_a_new_company_forecasts_weeks_every_night(self):
        self.assertRecordValues(
            self.company,
            [
                {
                    "ai_queue_forecast_granularity": "week",
                    "ai_queue_forecast_horizon": 8,
                    "ai_queue_forecast_history": 156,
                    "ai_queue_forecast_nightly": True,
                }
            ],
        )

    def test_settings_are_those_of_the_company(self):
        other = self.create_company("Other Company")
        settings = self.env["res.config.settings"].with_user(self.admin)
        with Form(settings) as form:
            form.ai_queue_forecast_granularity = "month"
            form.ai_queue_forecast_horizon = 12
            form.ai_queue_forecast_history = 48
            form.ai_queue_forecast_nightly = False
        form.record.execute()
        self.assertRecordValues(
            self.company,
            [
                {
                    "ai_queue_forecast_granularity": "month",
                    "ai_queue_forecast_horizon": 12,
                    "ai_queue_forecast_history": 48,
                    "ai_queue_forecast_nightly": False,
                }
            ],
        )
        self.assertEqual(other.ai_queue_forecast_granularity, "week")
        self.assertEqual(other.ai_queue_forecast_horizon, 8)

    def test_lengths_that_make_no_sense_are_refused(self):
        for name, value in (
            ("ai_queue_forecast_horizon", 0),
            ("ai_queue_forecast_horizon", -1),
            ("ai_queue_forecast_horizon", 105),
            ("ai_queue_forecast_history", 0),
            ("ai_queue_forecast_history", 521),
        ):
            with self.subTest(name, value=value), self.assertRaises(ValidationError):
                self.company[name] = value

    def test_the_longest_lengths_are_taken(self):
        self.company.ai_queue_forecast_horizon = 104
        self.company.ai_queue_forecast_history = 520

    def test_administrators_without_the_role_do_not_see_the_settings(self):
        system = self.create_user("system_only", "base.group_system")
        for user, visible in ((self.admin, True), (system, False)):
            settings = self.env["res.config.settings"].with_user(user)
            arch = etree.fromstring(settings.get_view(view_type="form")["arch"])
            apps = arch.xpath("//app[@name='queue_job_operations']")
            self.assertEqual(bool(apps), visible, user.login)
