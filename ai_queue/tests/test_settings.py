# Copyright 2026 The ai_queue contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
from lxml import etree

from odoo.exceptions import UserError, ValidationError
from odoo.tests import Form, tagged

from .common import AiQueueCommon, flat_forecast


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

    # ------------------------------------------------------------
    # ANOTHER PERIOD
    # ------------------------------------------------------------

    def settings(self):
        """The settings as they open for the administrator."""
        settings = self.env["res.config.settings"].with_user(self.admin)
        return settings.with_company(self.company).create({})

    def test_other_periods_offer_to_forecast_anew(self):
        product = self.create_products(1)
        self.assertFalse(self.settings().ai_queue_forecast_is_outdated)
        self.sell_weekly({product: [5.0] * 30})
        self.forecast(product)
        self.assertFalse(self.settings().ai_queue_forecast_is_outdated)
        self.company.ai_queue_forecast_horizon = 12
        self.assertTrue(self.settings().ai_queue_forecast_is_outdated)
        self.company.ai_queue_forecast_horizon = 8
        self.company.ai_queue_forecast_granularity = "month"
        settings = self.settings()
        self.assertTrue(settings.ai_queue_forecast_is_outdated)
        with Form(settings) as form:
            self.assertTrue(form.ai_queue_forecast_is_outdated)
        action = settings.action_forecast_anew()
        self.commit()
        self.assertEqual(action["tag"], "display_notification")
        run = self.find_runs()[0]
        self.assertEqual((run.user_id, run.origin), (self.admin, "button"))
        with self.engine(flat_forecast()):
            self.run_jobs(run)
        self.assertFalse(self.settings().ai_queue_forecast_is_outdated)

    def test_nothing_to_sell_is_nothing_to_forecast(self):
        self.env["product.product"].search([]).sale_ok = False
        with self.assertRaises(UserError):
            self.settings().action_forecast_anew()

    def test_the_cards_of_products_show_the_forecast_to_who_may_see_it(self):
        templates = self.env["product.template"]
        view = self.env.ref("product.product_template_kanban_view")
        for user, count in ((self.user, 1), (self.stranger(), 0)):
            arch = templates.with_user(user).get_view(view.id, "kanban")["arch"]
            found = etree.fromstring(arch).findall(".//div[@name='ai_forecast']")
            self.assertEqual(len(found), count)

    def stranger(self):
        return self.create_user("stranger", "base.group_user")
