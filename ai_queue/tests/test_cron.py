# Copyright 2026 The ai_queue contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
from odoo.fields import Domain
from odoo.tests import tagged

from .common import AiQueueCommon, flat_forecast


@tagged("post_install", "-at_install")
class TestCron(AiQueueCommon):
    """What happens every night."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.other = cls.create_company("Other Company")
        companies = cls.env["res.company"].search([])
        companies.ai_queue_forecast_nightly = False
        cls.company.ai_queue_forecast_nightly = True
        cls.ours = cls.create_products(2, "Ours", company_id=cls.company.id)
        cls.theirs = cls.create_products(1, "Theirs", company_id=cls.other.id)
        cls.shared = cls.create_products(1, "Shared")
        cls.not_sold = cls.create_products(1, "Not sold", sale_ok=False)
        cls.archived = cls.create_products(1, "Archived", active=False)

    def night(self):
        """Let the cron do its work; returns the runs that it made."""
        known = self.env["ai.queue.run"].search([])
        self.env.flush_all()
        cron = self.env.ref("ai_queue.ir_cron_forecast")
        # No company of anyone: as the cron worker does it.
        cron.with_context(allowed_company_ids=[]).method_direct_trigger()
        self.commit()
        return self.env["ai.queue.run"].search([]) - known

    def products(self, run):
        return self.queue_jobs(run).records

    def test_every_product_that_is_sold_is_forecast(self):
        run = self.night()
        self.assertRecordValues(
            run,
            [
                {
                    "origin": "cron",
                    "kind": "forecast",
                    "company_id": self.company.id,
                    "user_id": self.env.ref("base.user_root").id,
                }
            ],
        )
        products = self.products(run)
        self.assertLessEqual(self.ours | self.shared, products)
        for left_out in (self.theirs, self.not_sold, self.archived):
            self.assertFalse(left_out & products, left_out.name)
        self.assertEqual(run.total, len(products))

    def test_the_night_forecasts_for_the_company(self):
        with self.engine(flat_forecast()):
            run = self.run_jobs(self.night())
        self.assertEqual(run.state, "done")
        rows = self.forecasts(self.ours | self.shared)
        self.assertEqual(rows.company_id, self.company)
        self.assertEqual(rows.product_id, self.ours | self.shared)

    def test_a_person_who_presses_is_served_first(self):
        night = self.queue_jobs(self.night())
        press = self.queue_jobs(self.press(self.shared))
        self.assertGreater(night[0].priority, press.priority)

    def test_each_company_that_wants_it_gets_a_run(self):
        self.other.ai_queue_forecast_nightly = True
        runs = self.night()
        self.assertEqual(runs.company_id, self.company | self.other)
        run = runs.filtered(lambda run: run.company_id == self.other)
        self.assertTrue(self.theirs & self.products(run))
        self.assertFalse(self.ours & self.products(run))

    def test_a_branch_sells_what_belongs_to_its_company(self):
        branch = self.env["res.company"].create(
            {"name": "Branch", "parent_id": self.company.id}
        )
        branch.ai_queue_forecast_nightly = True
        run = self.night().filtered(lambda run: run.company_id == branch)
        self.assertLessEqual(self.ours | self.shared, self.products(run))
        self.assertFalse(self.theirs & self.products(run))

    def test_nobody_wants_it(self):
        self.company.ai_queue_forecast_nightly = False
        self.assertFalse(self.night())

    def test_a_company_without_products_gets_no_run(self):
        self.env["product.product"].search([]).sale_ok = False
        self.assertFalse(self.night())

    def test_a_night_that_is_not_through_is_not_started_again(self):
        self.assertTrue(self.night())
        self.assertFalse(self.night())

    def test_another_addon_can_choose_the_products(self):
        model = type(self.env["product.product"])
        choose = model._get_ai_forecast_cron_domain

        def choose_less(products, company):
            domain = choose(products, company)
            return domain & Domain("name", "=like", "Ours%")

        self.patch(model, "_get_ai_forecast_cron_domain", choose_less)
        self.assertEqual(self.products(self.night()), self.ours)

    def test_runs_are_brought_in_line_every_few_minutes(self):
        cron = self.env.ref("ai_queue.ir_cron_sync_runs")
        self.assertEqual(cron.interval_type, "minutes")
        self.assertLessEqual(cron.interval_number, 5)
        run = self.press(self.shared)
        self.queue_jobs(run).unlink()
        self.env.flush_all()
        cron.method_direct_trigger()
        self.env.invalidate_all()
        self.assertEqual(run.state, "cancelled")
