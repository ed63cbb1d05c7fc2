# Copyright 2026 The ai_queue contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
from datetime import date, datetime, timedelta

from lxml import etree

from odoo.exceptions import AccessError
from odoo.fields import Command
from odoo.tests import Form, tagged

from .common import NOW, THIS_WEEK, TODAY, AiQueueCommon, flat_forecast, weeks_ago


@tagged("post_install", "-at_install")
class TestProduct(AiQueueCommon):
    """What a product shows of its forecast, and to whom."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.company.ai_queue_forecast_horizon = 4
        cls.template = cls.create_template_with_variants()
        cls.red, cls.blue = cls.template.product_variant_ids
        cls.sell_weekly({cls.red: [1, 2, 3], cls.blue: [10]})
        cls.product_user = cls.create_user(
            "product_ai_user",
            "product.group_product_manager,ai_queue.ai_queue_group_user",
        )
        cls.product_manager = cls.create_user(
            "product_manager", "product.group_product_manager,base.group_user"
        )

    def as_user(self, records):
        records.invalidate_recordset()
        return records.with_user(self.user).with_context(
            allowed_company_ids=self.company.ids
        )

    # ------------------------------------------------------------
    # FIELDS
    # ------------------------------------------------------------

    def test_a_product_shows_the_sum_of_the_coming_periods(self):
        self.forecast(self.red, quantity=7)
        self.assertEqual(self.as_user(self.red).ai_forecast_quantity, 4 * 7)
        self.assertEqual(self.as_user(self.blue).ai_forecast_quantity, 0)

    def test_a_template_shows_the_sum_of_its_variants(self):
        self.forecast(self.red, quantity=7)
        self.forecast(self.blue, quantity=2)
        template = self.as_user(self.template)
        self.assertEqual(template.ai_forecast_quantity, 4 * 7 + 4 * 2)

    def test_what_a_person_fixed_is_what_is_shown(self):
        self.forecast(self.red, quantity=7)
        self.forecasts(self.red)[0].quantity = 100
        self.assertEqual(self.as_user(self.red).ai_forecast_quantity, 100 + 3 * 7)

    def test_past_periods_and_other_companies_do_not_count(self):
        self.forecast(self.red, quantity=7)
        row = self.forecasts(self.red)[0]
        row.copy({"date_start": weeks_ago(1), "date_end": date(2026, 3, 15)})
        row.copy({"company_id": self.env.ref("base.main_company").id})
        row.copy({"granularity": "month"})
        self.assertEqual(self.as_user(self.red).ai_forecast_quantity, 4 * 7)

    def test_the_state_is_that_of_the_last_run(self):
        self.assertFalse(self.as_user(self.red).ai_forecast_state)
        run = self.press(self.red)
        self.assertEqual(self.as_user(self.red).ai_forecast_state, "pending")
        with self.engine(lambda requests: 1 / 0):
            self.perform_failing(self.queue_jobs(run))
        self.assertEqual(self.as_user(self.red).ai_forecast_state, "failed")
        self.forecast(self.red | self.blue)
        self.assertEqual(self.as_user(self.red).ai_forecast_state, "done")

    def test_a_template_shows_what_goes_on_in_any_variant(self):
        self.forecast(self.red)
        self.assertEqual(self.as_user(self.template).ai_forecast_state, "done")
        self.press(self.blue)
        self.assertEqual(self.as_user(self.template).ai_forecast_state, "pending")

    def delay_template(self):
        """What another addon does: a job with the template; returns its queue job."""
        template = self.template.with_user(self.user)
        job = template.with_delay().run_ai_demand_forecast()
        self.commit()
        return job.db_record()

    def test_a_job_with_the_template_is_one_with_its_variants(self):
        job = self.delay_template()
        records = (self.template, self.red, self.blue)
        for record in records:
            self.assertEqual(self.as_user(record).ai_forecast_state, "pending")
        with self.engine(lambda requests: 1 / 0):
            self.perform_failing(job)
        for record in records:
            self.assertEqual(self.as_user(record).ai_forecast_state, "failed")
            data = self.as_user(record).get_ai_forecast_data()
            self.assertEqual(data["run"]["id"], job.ai_queue_run_id.id)
            self.assertEqual(data["run"]["state"], "failed")

    def test_the_later_of_the_jobs_with_template_and_variant_counts(self):
        run = self.run_jobs(self.delay_template().ai_queue_run_id)
        self.assertEqual(run.state, "done")
        self.press(self.red)
        self.assertEqual(self.as_user(self.red).ai_forecast_state, "pending")
        self.assertEqual(self.as_user(self.blue).ai_forecast_state, "done")
        self.delay_template()
        self.assertEqual(self.as_user(self.blue).ai_forecast_state, "pending")

    def test_a_variant_made_later_was_in_no_job_of_its_template(self):
        self.run_jobs(self.delay_template().ai_queue_run_id)
        self.env.cr.execute(
            "UPDATE product_product SET create_date = create_date + interval '1 day' "
            "WHERE id = %s",
            (self.blue.id,),
        )
        self.env.invalidate_all()
        self.assertFalse(self.as_user(self.blue).ai_forecast_state)
        self.assertEqual(self.as_user(self.red).ai_forecast_state, "done")

    def test_the_state_of_another_company_is_none_of_ours(self):
        other = self.create_company("Other Company")
        self.user.company_ids = [Command.link(other.id)]
        self.press(self.red.with_context(allowed_company_ids=other.ids))
        self.assertFalse(self.as_user(self.red).ai_forecast_state)
        product = self.red.with_user(self.user)
        product = product.with_context(allowed_company_ids=other.ids)
        self.assertEqual(product.ai_forecast_state, "pending")

    def test_many_products_take_as_many_queries_as_few(self):
        products = self.create_products(50)
        self.forecast(products)
        for records in (products, products.product_tmpl_id):
            # By id, as a list reads them: as prefetched for one another.
            model = self.env[records._name].with_user(self.user)
            records = model.browse(records.ids)

            def read(some):
                some.read(["ai_forecast_quantity", "ai_forecast_state"])

            read(records)
            few = self.count_queries(read, records[:5])
            many = self.count_queries(read, records)
            self.assertLessEqual(many, few, records._name)

    # ------------------------------------------------------------
    # CHART
    # ------------------------------------------------------------

    def test_the_chart_of_a_product(self):
        run = self.forecast(self.red, quantity=10, error=0.25)
        self.forecasts(self.red)[1].quantity = 55
        data = self.as_user(self.red).get_ai_forecast_data()
        self.assertEqual(
            data["history"],
            [
                {"date": weeks_ago(3), "quantity": 1, "is_running": False},
                {"date": weeks_ago(2), "quantity": 2, "is_running": False},
                {"date": weeks_ago(1), "quantity": 3, "is_running": False},
                {"date": THIS_WEEK, "quantity": 0, "is_running": True},
            ],
        )
        self.assertEqual(
            data["forecast"][0],
            {
                "date": THIS_WEEK + timedelta(weeks=1),
                "quantity": 10,
                "is_manual": False,
                "lo80": 8,
                "hi80": 12,
                "lo95": 6,
                "hi95": 14,
            },
        )
        self.assertEqual(len(data["forecast"]), 4)
        second = data["forecast"][1]
        self.assertEqual(second["date"], THIS_WEEK + timedelta(weeks=2))
        self.assertEqual((second["quantity"], second["is_manual"]), (55, True))
        self.assertEqual((second["lo80"], second["hi80"]), (8, 12))
        self.assertEqual((data["unit"], data["granularity"]), ("Units", "week"))
        self.assertEqual((data["method"], data["error"]), ("Average", 0.25))
        self.assertIn("the same in every known period", data["reason"])
        self.assertEqual(
            data["run"],
            {
                "id": run.id,
                "name": "Demand forecast of Shirt (Red)",
                "state": "done",
                "progress": 100,
                "message": "1 done, 0 skipped.",
                "date": run.job_ids.date_done,
            },
        )

    def test_the_chart_claims_no_reliability_that_was_not_tried(self):
        self.forecast(self.red, error=None, bias=None)
        self.assertIsNone(self.as_user(self.red).get_ai_forecast_data()["error"])
        self.forecast(self.red, error=0.0)
        self.assertEqual(self.as_user(self.red).get_ai_forecast_data()["error"], 0)

    def test_the_chart_of_a_template_is_the_sum_of_its_variants(self):
        self.forecast(self.red, quantity=30)
        self.forecast(self.blue, quantity=40)
        data = self.as_user(self.template).get_ai_forecast_data()
        self.assertEqual(
            [point["quantity"] for point in data["history"]], [1, 2, 13, 0]
        )
        point = data["forecast"][0]
        self.assertEqual(point["quantity"], 70)
        # The half widths are 6 and 8: independent demands add up to 10.
        self.assertAlmostEqual(point["lo80"], 60)
        self.assertAlmostEqual(point["hi80"], 80)
        self.assertAlmostEqual(point["lo95"], 50)
        self.assertAlmostEqual(point["hi95"], 90)
        self.assertEqual((data["method"], data["reason"]), (None, None))

    def test_the_chart_before_the_first_run(self):
        data = self.as_user(self.red).get_ai_forecast_data()
        self.assertEqual(len(data["history"]), 4)
        self.assertEqual(data["forecast"], [])
        for name in ("total", "method", "reason", "error", "run"):
            self.assertIsNone(data[name], name)

    def test_the_chart_while_a_run_waits(self):
        self.press(self.red)
        data = self.as_user(self.red).get_ai_forecast_data()
        self.assertEqual(data["run"]["state"], "pending")
        self.assertIsInstance(data["run"]["date"], datetime)

    def test_the_chart_of_a_failed_run_says_why(self):
        run = self.press(self.red)
        with self.engine(lambda requests: 1 / 0):
            self.perform_failing(self.queue_jobs(run))
        data = self.as_user(self.red).get_ai_forecast_data()
        self.assertEqual(data["run"]["state"], "failed")
        self.assertIn("division by zero", data["run"]["message"])

    def test_the_chart_of_a_product_that_was_never_sold(self):
        product = self.create_products(1)
        self.run_jobs(self.press(product))
        data = self.as_user(product).get_ai_forecast_data()
        self.assertEqual(data["history"], [])
        self.assertEqual([point["quantity"] for point in data["forecast"]], [0] * 4)
        self.assertIn("nothing to forecast from", data["reason"])

    def test_the_chart_of_a_template_without_variants(self):
        template = self.create_template_with_variants("Dress")
        template.product_variant_ids.unlink()
        data = self.as_user(template).get_ai_forecast_data()
        self.assertEqual((data["history"], data["forecast"]), ([], []))

    def test_the_chart_by_month(self):
        self.company.ai_queue_forecast_granularity = "month"
        self.forecast(self.red, quantity=10)
        data = self.as_user(self.red).get_ai_forecast_data()
        self.assertEqual(data["granularity"], "month")
        before, running = data["history"]
        self.assertEqual((before["date"], before["quantity"]), (date(2026, 2, 1), 1))
        self.assertTrue(running["is_running"])
        self.assertEqual(data["forecast"][0]["date"], date(2026, 4, 1))

    def test_the_chart_shows_two_years_at_most(self):
        old = self.create_products(1)
        self.sell(weeks_ago(140), (old, 5))
        self.sell(weeks_ago(104), (old, 6))
        data = self.as_user(old).get_ai_forecast_data()
        self.assertEqual(len(data["history"]), 104 + 1)
        first = data["history"][0]
        self.assertEqual((first["date"], first["quantity"]), (weeks_ago(104), 6))

    def test_what_is_sold_in_the_running_period_is_in_the_chart(self):
        self.sell(TODAY, (self.red, 4))
        data = self.as_user(self.red).get_ai_forecast_data()
        self.assertEqual(data["history"][-1]["quantity"], 4)
        self.assertTrue(data["history"][-1]["is_running"])

    def test_the_total_has_bounds_of_its_own(self):
        self.forecast(self.red, quantity=10)
        total = self.as_user(self.red).get_ai_forecast_data()["total"]
        self.assertEqual(
            (total["quantity"], total["lo80"], total["hi80"]), (40, 32, 48)
        )
        self.forecasts(self.red)[0].quantity = 12
        self.assertIsNone(self.as_user(self.red).get_ai_forecast_data()["total"])

    def test_other_addons_ask_for_the_demand_of_a_lead_time(self):
        self.forecast(self.red, quantity=10)
        demand = self.red._get_ai_demand(2)[self.red]
        self.assertEqual(demand, (20, 16, 24, 12, 28))
        self.forecasts(self.red)[0].quantity = 13
        self.assertEqual(self.red._get_ai_demand(2)[self.red], (23, 19, 27, 15, 31))
        self.assertFalse(self.red._get_ai_demand(5))

    # ------------------------------------------------------------
    # SCREENS
    # ------------------------------------------------------------

    def test_the_stat_button_opens_the_forecasts_of_the_product(self):
        self.forecast(self.red | self.blue)
        for records, products in (
            (self.red, self.red),
            (self.template, self.red | self.blue),
        ):
            action = self.as_user(records).action_open_ai_forecasts()
            found = self.env["ai.queue.forecast"].search(action["domain"])
            self.assertEqual(found.product_id, products)

    def test_the_views_show_the_forecast_to_those_who_may(self):
        for user, visible in ((self.product_user, True), (self.product_manager, False)):
            for records, view_type in (
                (self.template, "form"),
                (self.red, "form"),
                (self.template, "list"),
                (self.red, "list"),
            ):
                view = records.with_user(user).get_view(view_type=view_type)
                arch = etree.fromstring(view["arch"])
                marks = arch.xpath(
                    "//*[contains(@name, 'ai_forecast') or contains(@name, 'ai_queue')"
                    " or contains(@name, '_ai_')]"
                )
                self.assertEqual(bool(marks), visible, (user.login, view_type))

    def test_a_person_without_the_role_opens_and_saves_a_product(self):
        self.forecast(self.red)
        with Form(self.template.with_user(self.product_manager)) as form:
            form.name = "Renamed"
        self.assertEqual(self.template.name, "Renamed")
        for records in (self.template, self.red):
            [values] = records.with_user(self.plain_user).read(
                ["ai_forecast_quantity", "ai_forecast_state"]
            )
            self.assertEqual(values["ai_forecast_quantity"], 0)
            self.assertFalse(values["ai_forecast_state"])

    def test_a_person_without_the_role_gets_no_chart(self):
        for records in (self.template, self.red):
            with self.assertRaises(AccessError):
                records.with_user(self.plain_user).get_ai_forecast_data()

    def test_a_new_product_can_be_made_in_the_form(self):
        with Form(self.env["product.template"].with_user(self.product_user)) as form:
            form.name = "Brand-new"
        self.assertFalse(form.record.ai_forecast_state)
        self.assertEqual(form.record.ai_forecast_quantity, 0)

    def test_a_person_of_another_company_sees_nothing_of_ours(self):
        other = self.create_company("Other Company")
        stranger = self.create_user(
            "stranger", "ai_queue.ai_queue_group_user", company=other
        )
        self.forecast(self.red, quantity=7)
        product = self.red.with_user(stranger)
        product = product.with_context(allowed_company_ids=other.ids)
        product.invalidate_recordset()
        self.assertEqual(product.ai_forecast_quantity, 0)
        self.assertFalse(product.ai_forecast_state)
        data = product.get_ai_forecast_data()
        self.assertEqual((data["history"], data["forecast"]), ([], []))
        self.assertIsNone(data["run"])

    def test_a_person_of_another_company_gets_no_chart_of_our_product(self):
        other = self.create_company("Other Company")
        stranger = self.create_user(
            "stranger", "ai_queue.ai_queue_group_user", company=other
        )
        product = self.create_products(1, company_id=self.company.id)
        product = product.with_user(stranger)
        with self.assertRaises(AccessError):
            product.with_context(allowed_company_ids=other.ids).get_ai_forecast_data()

    # ------------------------------------------------------------
    # PRODUCTS OF OTHER KINDS
    # ------------------------------------------------------------

    def test_services_and_combos_can_be_forecast_too(self):
        combo = self.env["product.combo"].create(
            {
                "name": "Part",
                "combo_item_ids": [Command.create({"product_id": self.red.id})],
            }
        )
        products = self.create_products(1, "Service", type="service")
        products |= self.create_products(
            1, "Combo", type="combo", combo_ids=[Command.set(combo.ids)]
        )
        self.sell(weeks_ago(1), (products[0], 3))
        run = self.run_jobs(self.press(products))
        self.assertEqual((run.state, run.finished, run.skipped), ("done", 2, 0))
        rows = self.forecasts(products)
        self.assertEqual(rows.product_id, products)
        combo_rows = rows.filtered(lambda row: row.product_id == products[1])
        self.assertEqual(set(combo_rows.mapped("method")), {"none"})

    def test_a_product_edited_while_its_job_runs_keeps_both(self):
        def edit(requests):
            with self.registry.cursor() as cr:
                self.red.with_env(self.env(cr=cr)).write(
                    {"list_price": 77, "name": "New name"}
                )
            return flat_forecast(7)(requests)

        with self.engine(edit):
            run = self.run_jobs(self.press(self.red))
        self.assertEqual((run.state, run.skipped), ("done", 0))
        self.assertEqual((self.red.name, self.red.list_price), ("New name", 77))
        self.assertEqual(len(self.forecasts(self.red)), 4)

    def test_today_is_the_day_of_these_tests(self):
        self.assertEqual(datetime.now(), datetime.fromisoformat(NOW))
