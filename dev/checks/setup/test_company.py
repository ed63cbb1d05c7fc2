"""The trading company is the same for a seed, and sells in the patterns it promises."""

import os
import subprocess
import sys
import unittest
from collections import Counter, defaultdict
from datetime import date, timedelta
from statistics import fmean, pstdev

from dev import cache
from dev.company.catalogue import CUSTOMERS, PRODUCTS, SKUS, Pack, Pattern, Season
from dev.company.sales import WEEKS, history, price_at

END = date(2026, 3, 18)  # a Wednesday
THIS_WEEK = date(2026, 3, 16)
START = THIS_WEEK - timedelta(weeks=WEEKS)


class TestCatalogue(unittest.TestCase):
    def test_is_a_believable_assortment(self):
        self.assertGreaterEqual(len(PRODUCTS), 60)
        self.assertGreater(len({product.category for product in PRODUCTS}), 8)
        self.assertGreater(sum(len(product.skus) > 1 for product in PRODUCTS), 4)
        for sku in SKUS:
            self.assertGreater(sku.price, sku.cost, sku.code)

    def test_codes_and_variants_are_unique(self):
        self.assertEqual(len({sku.code for sku in SKUS}), len(SKUS))
        for product in PRODUCTS:
            options = [sku.option for sku in product.skus]
            self.assertEqual(len(set(options)), len(options), product.name)
            self.assertEqual(all(options), bool(product.attribute), product.name)

    def test_every_pattern_and_pack_occurs(self):
        self.assertEqual({sku.pattern for sku in SKUS}, set(Pattern))
        self.assertEqual({sku.pack for sku in SKUS}, set(Pack))
        self.assertEqual({sku.season for sku in SKUS}, {None, *Season})
        for sku in SKUS:
            self.assertEqual(sku.pattern is Pattern.YEARLY, bool(sku.season), sku.code)


class TestHistory(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.invoices = history(END)
        cls.sold = [invoice for invoice in cls.invoices if not invoice.is_return]
        # units per SKU and week, the unfinished one left out
        cls.weekly = {sku.code: [0] * WEEKS for sku in SKUS}
        for invoice in cls.sold:
            week = (invoice.day - START).days // 7
            for line in invoice.lines:
                if week < WEEKS:
                    cls.weekly[line.sku.code][week] += line.units

    def of(self, pattern):
        return [(sku, self.weekly[sku.code]) for sku in SKUS if sku.pattern is pattern]

    def test_is_the_same_for_a_seed(self):
        self.assertEqual(history(END), self.invoices)
        self.assertNotEqual(history(END, seed=20), self.invoices)

    def test_is_the_same_in_another_process(self):
        script = (
            "from datetime import date; from dev.company.sales import history;"
            f"print(history(date.fromisoformat('{END}')))"
        )
        printed = {
            subprocess.run(
                [sys.executable, "-c", script],
                cwd=cache.CHECKOUT,
                env={**os.environ, "PYTHONHASHSEED": seed},
                check=True,
                capture_output=True,
            ).stdout.strip()
            for seed in ("1", "2")
        }
        self.assertEqual(printed, {repr(self.invoices).encode()})

    def test_covers_two_years_up_to_the_last_day(self):
        days = [invoice.day for invoice in self.invoices]
        self.assertEqual(days, sorted(days))
        self.assertEqual((days[0], days[-1]), (START, END))
        self.assertTrue(all(invoice.day.weekday() < 6 for invoice in self.sold))
        self.assertGreater(len(self.sold), 1200)

    def test_ends_on_any_day_of_the_week(self):
        for days in range(7):
            end = END + timedelta(days=days)
            last = max(invoice.day for invoice in history(end))
            self.assertGreaterEqual(last, end - timedelta(days=1))
            self.assertLessEqual(last, end)

    def test_customers_order_on_their_day(self):
        for invoice in self.sold:
            self.assertEqual(invoice.day.weekday(), invoice.customer.weekday)
        self.assertEqual({invoice.customer for invoice in self.sold}, set(CUSTOMERS))

    def test_lines_are_whole_packs_or_loose_units(self):
        packs = Counter()
        for invoice in self.invoices:
            for line in invoice.lines:
                self.assertGreaterEqual(line.quantity, 1)
                self.assertIn(line.pack, (line.sku.pack, Pack.UNIT))
                packs[line.pack] += 1
        self.assertGreater(min(packs[pack] for pack in Pack), 100)

    def test_dozens_are_also_sold_loose(self):
        loose = Counter(
            line.pack is Pack.UNIT
            for invoice in self.sold
            for line in invoice.lines
            if line.sku.pack is Pack.DOZEN
        )
        self.assertGreater(loose[True], 20)
        self.assertGreater(loose[False], loose[True])

    def test_prices_rise_on_the_first_of_january(self):
        sku = SKUS[0]
        self.assertEqual(price_at(sku, END, END), sku.price)
        self.assertEqual(price_at(sku, date(END.year, 1, 1), END), sku.price)
        self.assertLess(price_at(sku, date(END.year - 1, 12, 31), END), sku.price)

    def test_returns_are_of_goods_that_were_delivered(self):
        returns = [invoice for invoice in self.invoices if invoice.is_return]
        self.assertGreater(len(returns), 20)
        bought = defaultdict(int)
        for invoice in self.invoices:
            for line in invoice.lines:
                key = (invoice.customer, line.sku)
                bought[key] += -line.units if invoice.is_return else line.units
                self.assertGreaterEqual(bought[key], 0)

    def test_steady_stays_and_trends_move(self):
        for sku, weeks in self.of(Pattern.STEADY):
            half_years = [fmean(weeks[i : i + 26]) for i in range(0, WEEKS, 26)]
            self.assertLess(max(half_years), 1.3 * min(half_years), sku.code)
        for sku, weeks in self.of(Pattern.RISING):
            self.assertGreater(fmean(weeks[-26:]), 1.6 * fmean(weeks[:26]), sku.code)
        for sku, weeks in self.of(Pattern.FALLING):
            self.assertLess(fmean(weeks[-26:]), 0.6 * fmean(weeks[:26]), sku.code)

    def test_fresh_goods_have_their_weekdays(self):
        by_weekday = defaultdict(Counter)
        for invoice in self.sold:
            for line in invoice.lines:
                by_weekday[line.sku.code][invoice.day.weekday()] += line.units
        for sku, weeks in self.of(Pattern.WEEKDAY):
            days = by_weekday[sku.code]
            self.assertEqual(set(days), set(range(6)), sku.code)
            self.assertGreater(days[4], 1.5 * days[1], sku.code)
            self.assertLess(pstdev(weeks), 0.2 * fmean(weeks), sku.code)

    def test_seasons_come_back_every_year(self):
        for sku, weeks in self.of(Pattern.YEARLY):
            for year in (weeks[:52], weeks[52:]):
                peak = year.index(max(year))
                around = [year[(peak + shift) % 52] for shift in range(-2, 3)]
                opposite = [year[(peak + 26 + shift) % 52] for shift in range(-2, 3)]
                self.assertGreater(fmean(around), 3 * fmean(opposite), sku.code)

    def test_intermittent_and_lumpy_are_mostly_zero(self):
        for pattern in (Pattern.INTERMITTENT, Pattern.LUMPY):
            for sku, weeks in self.of(pattern):
                self.assertGreater(weeks.count(0), WEEKS / 2, sku.code)
                self.assertGreater(sum(weeks), 0, sku.code)
        for sku, weeks in self.of(Pattern.LUMPY):
            sizes = [units for units in weeks if units]
            self.assertGreater(max(sizes), 4 * min(sizes), sku.code)

    def test_new_is_young_and_dead_is_gone(self):
        for sku, weeks in self.of(Pattern.NEW):
            self.assertEqual(sum(weeks[:-9]), 0, sku.code)
            self.assertGreater(sum(weeks[-9:]), 0, sku.code)
        for sku, weeks in self.of(Pattern.DEAD):
            self.assertGreater(sum(weeks[:52]), 0, sku.code)
            self.assertEqual(sum(weeks[-27:]), 0, sku.code)

    def test_an_invoice_has_something_on_it(self):
        self.assertTrue(all(invoice.lines for invoice in self.invoices))


if __name__ == "__main__":
    unittest.main()
