# Copyright 2026 The ai_queue contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
from unittest.mock import patch

from odoo.exceptions import UserError, ValidationError
from odoo.tests import JsonRpcException, tagged
from odoo.tools import mute_logger

from ..models.forecast import product_product
from ..models.runs import ai_queue_run
from .common import AiQueueCommon, AiQueueHttpCommon, flat_forecast

NAN, INFINITE = float("nan"), float("inf")


@tagged("post_install", "-at_install")
class TestBoundsOfAi(AiQueueCommon):
    """What makes no sense is refused with a sentence, whoever sends it."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.products = cls.create_products(2)

    def refused(self, records, **vals):
        with self.assertRaises(ValidationError) as caught:
            records.write(vals)
        records.invalidate_recordset(flush=False)
        return str(caught.exception)

    def test_the_same_record_twice(self):
        twice = self.products.with_user(self.user)
        twice = twice.browse([*self.products.ids, self.products.ids[0]])
        with self.assertRaises(UserError) as caught:
            twice.action_run_ai_forecast()
        self.assertIn("selected twice", str(caught.exception))
        self.assertFalse(self.find_runs())

    def test_more_records_than_one_press_is_for(self):
        with (
            patch.object(ai_queue_run, "MAX_RECORDS", 1),
            self.assertRaises(UserError) as caught,
        ):
            self.products.with_user(self.user).action_run_ai_forecast()
        self.assertIn("at most 1 records", str(caught.exception))
        self.assertFalse(self.find_runs())

    def test_quantities_that_nobody_sells(self):
        with self.engine(flat_forecast()):
            self.run_jobs(self.press(self.products))
        row = self.forecasts(self.products)[0].with_user(self.user)
        for quantity in (1e306, 1e13, NAN, INFINITE, -1, "many", None):
            with self.subTest(quantity=quantity):
                self.assertIn("Enter a quantity", self.refused(row, quantity=quantity))
        row.quantity = 1e12
        self.assertEqual(row.quantity, 1e12)

    def test_a_chart_counts_each_product_once(self):
        with self.engine(flat_forecast()):
            self.run_jobs(self.press(self.products))
        products = self.products.with_user(self.user)
        once = products.get_ai_forecast_data()
        twice = products.browse([*products.ids, *products.ids])
        self.assertEqual(twice.get_ai_forecast_data()["forecast"], once["forecast"])
        with (
            patch.object(product_product, "CHART_PRODUCTS", 1),
            self.assertRaises(UserError),
        ):
            products.get_ai_forecast_data()

    def test_numbers_of_providers_and_budgets(self):
        provider = self.env["ai.queue.provider"].create(
            {
                "name": "Far",
                "base_url": "https://api.example.com/v1",
                "model_ids": [(0, 0, {"kind": "forecast", "model": "m"})],
            }
        )
        for vals in (
            {"max_in_flight": 1001},
            {"requests_per_minute": 2 * 10**9},
            {"tokens_per_minute": 2 * 10**9},
            {"breaker_failures": 1001},
            {"breaker_pause": 86401},
            {"breaker_rate": NAN},
            {"read_timeout": NAN},
            {"request_timeout": INFINITE},
        ):
            with self.subTest(**vals):
                self.refused(provider, **vals)
        for vals in (
            {"price_in": 1e7},
            {"price_out": 1e300},
            {"answer_tokens": 10**7},
        ):
            with self.subTest(**vals):
                self.refused(provider.model_ids, **vals)
        for cost in (1e13, 1e300):
            with self.subTest(cost=cost):
                self.refused(self.company, ai_queue_budget_cost=cost)

    def test_a_vendor_of_another_company_is_not_taught(self):
        other = self.create_company("Other Company")
        theirs = self.env["res.partner"].create(
            {"name": "Theirs", "company_id": other.id}
        )
        with self.assertRaises(UserError):
            self.env["ai.queue.bill.alias"].create(
                {
                    "company_id": self.company.id,
                    "partner_id": theirs.id,
                    "kind": "name",
                    "printed": "Theirs",
                    "value": "theirs",
                }
            )


@tagged("post_install", "-at_install")
class TestBoundsRpc(AiQueueHttpCommon):
    """As anybody may send it."""

    def test_a_press_for_another_company_or_of_one_record_many_times(self):
        products = self.create_products(1)
        other = self.create_company("Other Company")
        self.authenticate("ai_user", "ai_user")
        many = products.browse(products.ids * 1000)
        for records, context in ((many, {}), (products, {"company_id": other.id})):
            with self.assertRaises(JsonRpcException), mute_logger("odoo.http"):
                self.rpc(records, "action_run_ai_forecast", context=context)
        self.env.invalidate_all()
        self.assertFalse(self.find_runs())
        self.assertFalse(self.env["queue.job"].search([("company_id", "=", other.id)]))
