# Copyright 2026 The ai_queue contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""What tests of ai_queue_stock stand on; addons that extend it may use it, too."""

from contextlib import contextmanager, nullcontext
from datetime import datetime, time, timedelta
from unittest.mock import patch

from odoo.fields import Command
from odoo.tests import HttpCase, TransactionCase, freeze_time

from odoo.addons.ai_queue.tests.common import (
    NOW,
    TODAY,
    AiQueueMixin,
    flat_forecast,
)
from odoo.addons.queue_job_operations.tests.common import QueueJobHttpMixin

#: an engine that expects 70 a week of everything
STEADY = flat_forecast(70.0)


class AiQueueStockMixin(AiQueueMixin):
    """A company with a warehouse whose demand is what it delivers."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.company.ai_queue_demand_source = "delivery"
        cls.warehouse = cls.find_warehouse(cls.company)
        cls.customers = cls.env.ref("stock.stock_location_customers")
        cls.vendors = cls.env.ref("stock.stock_location_suppliers")
        cls.clerk = cls.create_user(
            "stock_clerk", "ai_queue.ai_queue_group_user,stock.group_stock_user"
        )
        cls.planner = cls.create_user(
            "stock_planner", "ai_queue.ai_queue_group_user,stock.group_stock_manager"
        )

    @classmethod
    def find_warehouse(cls, company):
        """The first warehouse of a company."""
        return cls.env["stock.warehouse"].search(
            [("company_id", "=", company.id)], limit=1
        )

    @classmethod
    def create_goods(cls, count, prefix="Good", **vals):
        """So many products that are kept in stock."""
        return cls.create_products(count, prefix, **{"is_storable": True, **vals})

    @classmethod
    def move(cls, day, product, quantity, source, target, **vals):
        """A move that was done on a day, by noon."""
        company = vals.pop("company", cls.company)
        move = cls.env["stock.move"].create(
            {
                "product_id": product.id,
                "product_uom": product.uom_id.id,
                "product_uom_qty": quantity,
                "location_id": source.id,
                "location_dest_id": target.id,
                "company_id": company.id,
                **vals,
            }
        )
        move._action_confirm(merge=False)
        move.quantity = quantity
        move.picked = True
        move._action_done()
        move.date = datetime.combine(day, time(12))
        return move

    @classmethod
    def deliver(cls, day, product, quantity, warehouse=None, **vals):
        """What a customer got on a day."""
        source = (warehouse or cls.warehouse).lot_stock_id
        return cls.move(day, product, quantity, source, cls.customers, **vals)

    @classmethod
    def receive(cls, day, product, quantity, warehouse=None, **vals):
        """What a vendor brought on a day."""
        target = (warehouse or cls.warehouse).lot_stock_id
        return cls.move(day, product, quantity, cls.vendors, target, **vals)

    @classmethod
    def deliver_weekly(cls, product, quantities, warehouse=None):
        """A delivery in each week up to the last one, out of a well filled stock."""
        monday = TODAY - timedelta(days=TODAY.weekday())
        weeks = len(quantities)
        first = monday - timedelta(weeks=weeks, days=3)
        cls.receive(first, product, sum(quantities) + 1000, warehouse)
        for back, quantity in enumerate(reversed(quantities), 1):
            if quantity:
                day = monday - timedelta(weeks=back)
                cls.deliver(day, product, quantity, warehouse)

    # ------------------------------------------------------------
    # REORDERING
    # ------------------------------------------------------------

    @classmethod
    def create_route(cls, warehouse=None, delay=14):
        """A route by which a warehouse gets goods from outside, without purchases."""
        warehouse = warehouse or cls.warehouse
        return cls.env["stock.route"].create(
            {
                "name": f"From outside to {warehouse.name}",
                "company_id": warehouse.company_id.id,
                "product_selectable": True,
                "rule_ids": [
                    Command.create(
                        {
                            "name": "From outside",
                            "action": "pull",
                            "procure_method": "make_to_stock",
                            "picking_type_id": warehouse.in_type_id.id,
                            "location_src_id": cls.vendors.id,
                            "location_dest_id": warehouse.lot_stock_id.id,
                            "company_id": warehouse.company_id.id,
                            "delay": delay,
                        }
                    )
                ],
            }
        )

    @classmethod
    def create_rule(cls, product, minimum=5, maximum=20, warehouse=None, **vals):
        """A reordering rule."""
        warehouse = warehouse or cls.warehouse
        return cls.env["stock.warehouse.orderpoint"].create(
            {
                "product_id": product.id,
                "warehouse_id": warehouse.id,
                "location_id": warehouse.lot_stock_id.id,
                "company_id": warehouse.company_id.id,
                "product_min_qty": minimum,
                "product_max_qty": maximum,
                **vals,
            }
        )

    @classmethod
    def create_warehouse(cls, name, code, company=None):
        """Another warehouse."""
        return cls.env["stock.warehouse"].create(
            {"name": name, "code": code, "company_id": (company or cls.company).id}
        )

    def propose(self, products, user=None, engine=STEADY):
        """Press *Propose* for products and let the jobs run.

        The engine expects 70 a week of each, at most a fifth more in 80 of 100 cases;
        with None for ``engine`` it is the real one.
        """
        user = user or self.planner
        action = products.with_user(user).action_propose_reorder()
        self.commit()
        url = action["params"]["links"][0]["url"]
        run = self.env["ai.queue.run"].browse(int(url.rpartition("/")[2]))
        with self.engine(engine) if engine else nullcontext():
            return self.run_jobs(run)

    # EXTENDS ai_queue
    @contextmanager
    def engine(self, forecast):
        name = "odoo.addons.ai_queue_stock.models.ai_queue_kind_reorder.forecast"
        with super().engine(forecast), patch(name, forecast):
            yield

    def proposals(self, products):
        """The proposals for products, oldest first."""
        return self.env["ai.queue.reorder.proposal"].search(
            [("product_id", "in", products.ids)], order="id"
        )


@freeze_time(NOW)
class AiQueueStockCommon(AiQueueStockMixin, TransactionCase):
    """The base of most tests; today is always Wednesday, 18 March 2026."""


class AiQueueStockHttpCommon(QueueJobHttpMixin, AiQueueStockMixin, HttpCase):
    """The base of tests that talk to the server as a browser does."""
