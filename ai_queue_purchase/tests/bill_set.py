# Copyright 2026 The ai_queue contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""A labelled set of vendor bills with their orders and receipts, made from a seed."""

import random

from odoo.fields import Command

#: What is right with a bill.
CLEAN = (
    "clean",
    "clean",
    "clean",
    "partial",
    "rest",
    "credit",
    "service",
    "unlinked",
    "by_order",
    "rounding",
)
#: What is wrong with a bill -> the findings of which one has to name it.
FAULTS = {
    "short": {"not_received"},
    "price_up": {"price_up"},
    "twice_same_number": {"duplicate"},
    "twice_other_number": {"billed_before"},
    "other_bank": {"bank_changed"},
    "foreign_bank": {"bank_foreign"},
    "credit_too_much": {"credit_exceeds"},
    "freight": {"not_ordered"},
    "over_limit": {"over_limit"},
    "over_ordered": {"over_ordered"},
    "order_of_other": {"order_of_other"},
    "no_order": {"no_order"},
    "other_account": {"account_unusual"},
}
#: From this total on somebody else has to approve.
LIMIT = 20_000.0


class BillSet:
    """So many bills, each with what is planted in it.

    ``labels``: {bill: a name of `CLEAN` or `FAULTS`}
    """

    def __init__(self, case, seed, count):
        self.case, self.env = case, case.env
        self.random = random.Random(seed)
        self.labels = {}
        self.vendors = [self._make_vendor(number) for number in range(6)]
        self.cleaner = self._make_vendor(9)
        self.other_account = self._make_account()
        self._make_products()
        self._make_history()
        kinds = [*FAULTS] * 2 + [
            CLEAN[number % len(CLEAN)] for number in range(count - 2 * len(FAULTS))
        ]
        self.random.shuffle(kinds)
        for kind in kinds:
            bill = getattr(self, f"_make_{kind}")()
            self.labels[bill] = kind

    @property
    def bills(self):
        """All bills to judge."""
        return self.env["account.move"].concat(*self.labels)

    # ------------------------------------------------------------
    # WHAT THERE IS
    # ------------------------------------------------------------

    def _make_vendor(self, number):
        vendor = self.env["res.partner"].create(
            {"name": f"Vendor {number}", "is_company": True}
        )
        self.case.create_bank(vendor, f"VENDOR-{number}-1")
        return vendor

    def _make_account(self):
        return self.env["account.account"].create(
            {
                "name": "Parties",
                "code": "699999",
                "account_type": "expense",
                "company_ids": [Command.set(self.case.company.ids)],
            }
        )

    def _make_products(self):
        self.products = self.case.create_products(
            15, "Part", purchase_method="receive", supplier_taxes_id=[]
        )
        self.on_order = self.case.create_products(
            3, "Subscription", purchase_method="purchase", supplier_taxes_id=[]
        )
        self.price = {
            product: round(self.random.uniform(2, 150), 2)
            for product in self.products + self.on_order
        }

    def _make_history(self):
        for vendor in self.vendors:
            for month in (1, 2):
                for _number in range(2):
                    order = self._order(vendor=vendor)
                    day = f"2026-0{month}-{self.random.randint(1, 26):02}"
                    self.case.bill_order(order, day=day, post=True)
        for number in range(5):
            self.case.bill(
                ("Office cleaning", 1, 300 + number),
                vendor=self.cleaner,
                day=f"2026-02-{10 + number}",
                post=True,
            )

    def _order(self, vendor=None, products=None, received=True, count=None):
        products = products or self.products
        chosen = self.random.sample(list(products), count or self.random.randint(1, 3))
        lines = [
            {
                "product_id": product.id,
                "product_qty": self.random.randint(4, 40),
                # Prices move, and some orders have a discount.
                "price_unit": round(
                    self.price[product] * self.random.uniform(0.95, 1.05), 2
                ),
                "discount": self.random.choice([0, 0, 0, 5, 12.5]),
            }
            for product in chosen
        ]
        vendor = vendor or self.random.choice(self.vendors)
        return self.case.order(*lines, vendor=vendor, received=received)

    def _quantities(self, order, share=1.0):
        return [max(1, int(line.product_qty * share)) for line in order.order_line]

    def _bill(self, order, **vals):
        day = f"2026-03-{self.random.randint(1, 17):02}"
        is_linked = vals.pop("is_linked", self.random.random() < 0.7)
        if not is_linked:
            vals.setdefault("invoice_origin", order.name)
        return self.case.bill_order(order, is_linked=is_linked, **{"day": day, **vals})

    # ------------------------------------------------------------
    # RIGHT
    # ------------------------------------------------------------

    def _make_clean(self):
        return self._bill(self._order())

    def _make_unlinked(self):
        return self._bill(self._order(), is_linked=False, invoice_origin=False)

    def _make_partial(self):
        order = self._order(received=[1, 1, 1])
        quantities = self._quantities(order, 0.5)
        for line, quantity in zip(order.order_line, quantities, strict=True):
            line.qty_received = quantity
        return self._bill(order, quantities=quantities)

    def _make_rest(self):
        order = self._order()
        half = self._quantities(order, 0.4)
        self.case.bill_order(order, quantities=half, day="2026-02-26", post=True)
        rest = [
            line.product_qty - quantity
            for line, quantity in zip(order.order_line, half, strict=True)
        ]
        return self._bill(order, quantities=rest)

    def _make_credit(self):
        order = self._order()
        self.case.bill_order(order, day="2026-02-26", post=True)
        quantities = [self.random.randint(1, 3) for _line in order.order_line]
        return self._bill(order, quantities=quantities, move_type="in_refund")

    def _make_service(self):
        return self.case.bill(
            ("Office cleaning", 1, self.random.randint(299, 306)),
            vendor=self.cleaner,
            day=f"2026-03-{self.random.randint(1, 17):02}",
        )

    def _make_by_order(self):
        # Billed in advance: nothing of it has come.
        order = self._order(products=self.on_order, received=[0, 0, 0])
        return self._bill(order, quantities=self._quantities(order))

    def _make_rounding(self):
        order = self._order()
        prices = [round(line.price_unit * 1.004, 2) for line in order.order_line]
        return self._bill(order, prices=prices)

    # ------------------------------------------------------------
    # WRONG
    # ------------------------------------------------------------

    def _make_short(self):
        order = self._order()
        line = self.random.choice(order.order_line)
        line.qty_received = self.random.randint(0, int(line.product_qty) - 1)
        return self._bill(order, quantities=self._quantities(order))

    def _make_price_up(self):
        order = self._order()
        dear = self.random.randrange(len(order.order_line))
        prices = [
            round(line.price_unit * (self.random.uniform(1.05, 1.3)), 2)
            if number == dear
            else line.price_unit
            for number, line in enumerate(order.order_line)
        ]
        return self._bill(order, prices=prices)

    def _make_twice_same_number(self):
        order = self._order()
        first = self.case.bill_order(order, day="2026-02-27", post=True)
        return self._bill(order, ref=first.ref)

    def _make_twice_other_number(self):
        order = self._order()
        self.case.bill_order(order, day="2026-02-27", post=True)
        return self._bill(order)

    def _make_other_bank(self):
        order = self._order()
        bank = self.case.create_bank(
            order.partner_id,
            f"NEW-{self.random.randint(10**9, 10**10)}",
            is_trusted=self.random.random() < 0.5,
        )
        return self._bill(order, partner_bank_id=bank.id)

    def _make_foreign_bank(self):
        order = self._order()
        bill = self._bill(order)
        others = [one for one in self.vendors if one != order.partner_id]
        bill.partner_bank_id = self.random.choice(others).bank_ids[:1]
        return bill

    def _make_credit_too_much(self):
        order = self._order()
        half = self._quantities(order, 0.3)
        self.case.bill_order(order, quantities=half, day="2026-02-26", post=True)
        return self._bill(
            order,
            quantities=[quantity + 1 for quantity in half],
            move_type="in_refund",
        )

    def _make_freight(self):
        bill = self._bill(self._order())
        line = {
            "name": self.random.choice(["Freight", "Express surcharge", "Packaging"]),
            "price_unit": self.random.randint(8, 90),
            "tax_ids": [(6, 0, self.case.tax.ids)],
        }
        bill.write({"invoice_line_ids": [(0, 0, line)]})
        return bill

    def _make_over_limit(self):
        vendor = self.random.choice(self.vendors)
        order = self.case.order(
            (self.random.choice(list(self.products)), 400, 60), vendor=vendor
        )
        return self._bill(order)

    def _make_over_ordered(self):
        order = self._order()
        quantities = self._quantities(order)
        quantities[0] += self.random.randint(1, 10)
        # Even what came on top was not ordered.
        order.order_line[0].qty_received = quantities[0]
        return self._bill(order, quantities=quantities)

    def _make_order_of_other(self):
        order = self._order()
        others = [one for one in self.vendors if one != order.partner_id]
        return self._bill(order, is_linked=True, vendor=self.random.choice(others))

    def _make_no_order(self):
        return self.case.bill(
            (f"Consulting {self.random.randint(1, 99)}", 1, 450),
            vendor=self.random.choice(self.vendors),
        )

    def _make_other_account(self):
        bill = self._bill(self._order())
        bill.invoice_line_ids[:1].account_id = self.other_account
        return bill
