# Copyright 2026 The ai_queue contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""What tests of ai_queue_purchase stand on; addons that extend it may use it, too."""

from odoo.fields import Command
from odoo.tests import TransactionCase, freeze_time

from odoo.addons.ai_queue.tests.common import NOW
from odoo.addons.ai_queue_agent.tests.common import AiQueueAgentMixin


class AiQueuePurchaseMixin(AiQueueAgentMixin):
    """A company that buys by order, and receives what it ordered."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.buyer = cls.create_user("buyer", "purchase.group_purchase_user")
        cls.chair, cls.table = cls.create_products(
            2, "Chair", purchase_method="receive", supplier_taxes_id=[]
        )
        cls.table.name = "Table"

    @classmethod
    def order(cls, *lines, vendor=None, received=True, confirm=True, **vals):
        """An order: lines of (product, quantity, price) or of values.

        :param received: True for all of it, else the quantity of each line
        """
        commands = []
        for line in lines:
            if not isinstance(line, dict):
                product, quantity, price = line
                line = {
                    "product_id": product.id,
                    "product_qty": quantity,
                    "price_unit": price,
                }
            commands.append(
                Command.create({"tax_ids": [Command.set(cls.tax.ids)], **line})
            )
        order = cls.env["purchase.order"].create(
            {
                "partner_id": (vendor or cls.vendor).id,
                "company_id": cls.company.id,
                "currency_id": cls.company.currency_id.id,
                "user_id": cls.buyer.id,
                "date_order": "2026-02-20 10:00:00",
                "order_line": commands,
                **vals,
            }
        )
        if confirm:
            order.button_confirm()
            for number, line in enumerate(order.order_line):
                line.qty_received = (
                    line.product_qty if received is True else received[number]
                )
        return order

    @classmethod
    def bill_order(cls, order, is_linked=True, quantities=None, prices=None, **vals):
        """A bill of an order: of what was received, at the prices of the order."""
        lines = []
        for number, line in enumerate(order.order_line):
            quantity = quantities[number] if quantities else line.qty_received
            if not quantity:
                continue
            one = {
                "name": line.name,
                "product_id": line.product_id.id,
                "product_uom_id": line.product_uom_id.id,
                "quantity": quantity,
                "price_unit": prices[number] if prices else line.price_unit,
                "discount": line.discount,
            }
            if is_linked:
                one["purchase_line_id"] = line.id
            lines.append(one)
        vals.setdefault("vendor", order.partner_id)
        return cls.bill(*lines, **vals)


@freeze_time(NOW)
class AiQueuePurchaseCommon(AiQueuePurchaseMixin, TransactionCase):
    """The base of most tests; today is Wednesday, 18 March 2026."""
