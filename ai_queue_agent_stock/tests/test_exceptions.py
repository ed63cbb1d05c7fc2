# Copyright 2026 The ai_queue contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
from dataclasses import replace

from odoo.tests import BaseCase, tagged

from ..exceptions import (
    LEAVE,
    MESSAGE,
    ORDER,
    RULE,
    WEEKS,
    Facts,
    Late,
    judge,
    plan,
)

STEADY = Facts(
    minimum=50,
    maximum=100,
    on_hand=80,
    sold=(10.0,) * WEEKS,
    largest_day=10.0,
    weekly=10.0,
    lead_days=14,
)
LATE = Late("2026-03-10", 50.0, 1, "WH/IN/1", 7)


@tagged("post_install", "-at_install")
class TestExceptions(BaseCase):
    """What is out of the ordinary, and what is planned: numbers alone."""

    def check(self, facts, codes, action=LEAVE, **values):
        found = judge(facts)
        told = [one.code for one in found if one.level != "note"]
        self.assertEqual(told, codes)
        planned = plan(facts, found)
        self.assertEqual(planned.action, action)
        for name, value in values.items():
            self.assertEqual(getattr(planned, name), value, name)

    def test_nothing(self):
        self.check(STEADY, [])
        self.assertEqual(judge(STEADY), [])

    def test_short(self):
        facts = replace(STEADY, on_hand=10, date_short="2026-03-25")
        self.check(facts, ["short"], ORDER, quantity=90)
        self.check(replace(facts, least=200), ["short"], ORDER, quantity=200)
        self.check(replace(facts, multiple=12), ["short"], ORDER, quantity=96)
        # What is on its way is not ordered again.
        self.check(replace(facts, coming=60), ["short"], ORDER, quantity=30)

    def test_enough_comes_too_late(self):
        facts = replace(STEADY, on_hand=10, coming=90, date_short="2026-03-25")
        codes = ["enough_by_rule", "short"]
        self.check(facts, codes, MESSAGE, tell="buyer")
        # However much a vendor sells at least.
        self.check(replace(facts, least=200), codes, MESSAGE)
        sold = (10.0,) * (WEEKS - 4) + (30.0,) * 4
        sudden = replace(facts, sold=sold, largest_day=30.0, coming=290)
        self.check(sudden, ["sudden", *codes], RULE, maximum=300)
        # Where none is kept, none is missing but what is promised.
        none = replace(STEADY, minimum=0, maximum=0, on_hand=0, date_short="2026-03-18")
        self.check(none, [])
        self.check(replace(none, leaving=30), ["short"], ORDER, quantity=30)

    def test_more_is_proposed_for_the_rule(self):
        facts = replace(STEADY, on_hand=10, date_short="2026-03-25")
        facts = replace(facts, worklist=(120, 240))
        self.check(facts, ["short"], ORDER, quantity=230)

    def test_another_warehouse_has_it(self):
        facts = replace(STEADY, on_hand=10, date_short="2026-03-25")
        facts = replace(facts, elsewhere=(("North", 500.0),))
        self.check(facts, ["elsewhere", "short"], ORDER)

    def test_sudden_demand(self):
        sold = (10.0,) * (WEEKS - 4) + (30.0,) * 4
        facts = replace(STEADY, sold=sold, largest_day=30.0)
        self.check(facts, ["sudden"], RULE, minimum=150, maximum=300)
        self.check(replace(facts, worklist=(170, 260)), ["sudden"], RULE, maximum=260)
        short = replace(facts, date_short="2026-03-25", on_hand=20)
        self.check(short, ["sudden", "short"], ORDER, quantity=280)
        # With a history of a few weeks, nothing is sudden.
        self.check(replace(facts, sold=sold[-10:]), [])

    def test_one_large_order_is_no_demand(self):
        sold = (10.0,) * (WEEKS - 4) + (10.0, 10.0, 210.0, 10.0)
        facts = replace(STEADY, sold=sold, largest_day=200.0)
        self.check(facts, ["one_off"])

    def test_a_late_vendor(self):
        facts = replace(STEADY, late=(LATE,), coming=50)
        self.check(facts, ["late"], MESSAGE, tell="vendor")
        # What is late is not ordered twice.
        short = replace(facts, date_short="2026-03-20")
        self.check(short, ["late"], MESSAGE)

    def test_too_much(self):
        facts = replace(STEADY, on_hand=600)
        self.check(facts, ["sells_off"])
        self.check(
            replace(facts, coming=50), ["too_much_coming"], MESSAGE, tell="buyer"
        )
        lower = replace(facts, worklist=(20, 40))
        self.check(lower, ["too_much"], RULE, minimum=20, maximum=40)
        # Who orders for a year has it for a year.
        self.check(replace(facts, maximum=400), [])

    def test_the_end_of_a_product(self):
        facts = replace(STEADY, is_ended=True)
        self.check(facts, ["ended"], RULE, minimum=0, maximum=0)
        self.check(replace(facts, maximum=0, minimum=0), [])
        self.check(replace(facts, leaving=90), ["ended", "promised"], RULE)

    def test_nothing_is_sold(self):
        facts = replace(STEADY, sold=(0.0,) * WEEKS, weekly=0.0, largest_day=0.0)
        self.check(facts, ["unsold"], RULE, maximum=0)
        # A new product had no time yet, nor had a new warehouse.
        self.check(replace(facts, sold=(0.0,) * 3), [])
        self.check(replace(facts, is_new=True), [])
        # It is wanted.
        self.check(replace(facts, leaving=30), [])
        self.check(replace(facts, is_forecast=True, weekly=10.0), [])

    def test_what_cannot_be_ordered(self):
        facts = replace(STEADY, problem="vendor")
        self.check(facts, ["problem"], MESSAGE, tell="buyer")

    def test_what_holds_says_the_same_every_day(self):
        facts = replace(STEADY, late=(LATE,), coming=50)
        later = replace(facts, on_hand=40, weekly=11.0)
        first, second = judge(facts), judge(later)
        self.assertEqual(
            [one for one in first if one.level in ("hold", "ask")],
            [one for one in second if one.level in ("hold", "ask")],
        )
