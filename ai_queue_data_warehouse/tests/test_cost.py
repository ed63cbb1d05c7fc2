# Copyright 2026 The ai_queue contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""What a warehouse costs, where it tells. The drivers are stood in for at their edge:
no emulator bills anybody."""

from datetime import date, timedelta
from types import SimpleNamespace

from odoo import fields
from odoo.exceptions import AccessError, ValidationError
from odoo.tests import TransactionCase, tagged

from odoo.addons.queue_job.exception import RetryableJobError

from ..targets import Refused, Unreachable
from ..targets.bigquery import BigQueryTarget
from ..targets.snowflake import SnowflakeTarget
from .common import WarehouseMixin

TB = 1_000_000_000_000


@tagged("post_install", "-at_install")
class TestCost(WarehouseMixin, TransactionCase):
    def setUp(self):
        super().setUp()
        self.big = self.create_warehouse(
            "Big", type="bigquery", project="sales-123456", price=6.25
        )

    def test_bytes_of_a_day_are_added_up(self):
        for size in (TB // 2, TB):
            target = object.__new__(BigQueryTarget)
            target.settings = {"note_billed": self.big._note_billed}
            target._client = SimpleNamespace(close=lambda: None)
            target.billed = size
            target.close_connection()
        self.env.invalidate_all()
        (cost,) = self.big.cost_ids
        self.assertEqual(cost.date, fields.Date.today())
        self.assertEqual((cost.quantity, cost.unit), (1.5, "tb"))
        self.assertAlmostEqual(cost.amount, 9.38, delta=0.01)
        self.assertAlmostEqual(self.big.cost_month, 9.375, delta=0.01)

    def test_nothing_is_noted_where_nothing_was_billed(self):
        target = object.__new__(BigQueryTarget)
        target.settings = {}
        target._client = SimpleNamespace(close=lambda: None)
        target.billed = 0
        target.close_connection()
        self.assertFalse(self.big.cost_ids)

    def test_what_a_question_would_cost(self):
        self.assertAlmostEqual(self.big._get_price(TB // 10), 0.625)
        self.assertIsNone(self.big._get_price(None))
        self.assertIsNone(self.warehouse._get_price(TB))
        self.big.price = 0
        self.assertIsNone(self.big._get_price(TB))

    def test_a_statement_has_a_limit(self):
        self.big.max_billed_gb = 3
        settings = self.big._get_bigquery_settings()
        self.assertEqual(settings["max_billed"], 3_000_000_000)
        with self.assertRaises(ValidationError):
            self.big.max_billed_gb = -1

    def make_snowflake(self, answer):
        """A warehouse that answers so to who asks for its costs."""
        warehouse = self.create_warehouse(
            "Snow",
            type="snowflake",
            account="myorg-sales",
            database="SALES",
            login="odoo",
            price=2,
        )

        class Snowflake(SnowflakeTarget):
            def __init__(self):
                self._staged = None

            def execute(self, statement, *parameters):
                assert parameters == ("Odoo AI Queue", -7), parameters
                if isinstance(answer[0], Exception):
                    raise answer[0]
                return answer

            def close_connection(self):
                pass

        self.patch(type(warehouse), "_connect", lambda *_a, **_k: Snowflake())
        return warehouse

    def test_credits_of_the_last_days(self):
        today = date.today()
        yesterday = today - timedelta(days=1)
        answer = [(yesterday, 1.25), (today, None)]
        warehouse = self.make_snowflake(answer)
        warehouse._read_costs()
        answer[:] = [(yesterday, 1.5), (today, 0.25)]
        warehouse._read_costs()
        self.env.invalidate_all()
        self.assertEqual(
            [(cost.date, cost.quantity, cost.unit) for cost in warehouse.cost_ids],
            [(today, 0.25, "credit"), (yesterday, 1.5, "credit")],
        )
        self.assertEqual(warehouse.cost_month, 3.5)

    def test_a_role_that_may_not_see_the_costs(self):
        answer = [Refused("Database SNOWFLAKE does not exist or not authorized")]
        warehouse = self.make_snowflake(answer)
        warehouse._read_costs()
        self.env.invalidate_all()
        self.assertIn("not authorized", warehouse.cost_problem)
        answer[:] = [(date.today(), 1.0)]
        warehouse._read_costs()
        self.env.invalidate_all()
        self.assertFalse(warehouse.cost_problem)

    def test_a_warehouse_that_does_not_answer_is_asked_again(self):
        warehouse = self.make_snowflake([Unreachable("no route to host")])
        with self.assertRaises(RetryableJobError):
            warehouse._read_costs()

    def test_nobody_writes_costs(self):
        cost = self.env["ai.queue.warehouse.cost"].with_user(self.manager)
        with self.assertRaises(AccessError):
            cost.create(
                {
                    "warehouse_id": self.big.id,
                    "date": date.today(),
                    "unit": "tb",
                    "quantity": 1,
                }
            )
        with self.assertRaises(AccessError):
            cost.with_user(self.reader).search([])
