# Copyright 2026 The ai_queue contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""What tests of ai_queue_stock stand on; addons that extend it may use it, too."""

from datetime import datetime, time, timedelta

from odoo.tests import TransactionCase, freeze_time

from odoo.addons.ai_queue.tests.common import NOW, TODAY, AiQueueMixin


class AiQueueStockMixin(AiQueueMixin):
    """A company with a warehouse whose demand is what it delivers."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.company.ai_queue_demand_source = "delivery"
        cls.warehouse = cls.find_warehouse(cls.company)
        cls.customers = cls.env.ref("stock.stock_location_customers")
        cls.vendors = cls.env.ref("stock.stock_location_suppliers")

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


@freeze_time(NOW)
class AiQueueStockCommon(AiQueueStockMixin, TransactionCase):
    """The base of most tests; today is always Wednesday, 18 March 2026."""
