"""Demand of many kinds whose right total is known: what a buyer would order on."""

import random
import unittest
from datetime import date, timedelta

from ..forecasting import Series, forecast

FIRST = date(2023, 1, 2)
SIZES = (8, 60, 400)


class _Demand:
    """Demand around a size, the same whenever it is asked for."""

    def __init__(self, kind, size):
        self.size = size
        self.dice = random.Random(f"{kind}-{size}")

    def about(self, spread=0.12, times=1.0):
        usual = self.size * times
        return max(0, round(usual * self.dice.uniform(1 - spread, 1 + spread)))

    def steady(self, length, spread=0.15):
        return [self.about(spread) for _ in range(length)]

    def every(self, pause, length, first=0):
        return [
            self.about() if row % pause == first % pause else 0 for row in range(length)
        ]

    def on_days(self, length, is_day):
        weeks = [0] * length
        for day in range(7 * length):
            if is_day(FIRST + timedelta(day)):
                weeks[day // 7] += self.about()
        return weeks


def _with(history, **changes):
    """The history with other values at some places, counted from its end."""
    result = list(history)
    for place, value in changes.items():
        result[-int(place[1:])] = value
    return result


def _is_last(day):
    return (day + timedelta(1)).day == 1


#: Kind -> (history, total of the next eight weeks in sizes, tolerance).
WEEKLY = {
    "every third week": lambda d: (d.every(3, 78), 8 / 3, 0.3),
    "every fifth week": lambda d: (d.every(5, 104), 8 / 5, 0.6),
    "every second week, a short history": lambda d: (d.every(2, 30, 1), 4, 0.15),
    "every fourth week, a short history": lambda d: (d.every(4, 40, 1), 2, 0.15),
    "month ends, one year": lambda d: (d.on_days(52, _is_last), 1.84, 0.25),
    "the first of the month": lambda d: (
        d.on_days(104, lambda day: day.day == 1),
        1.84,
        0.25,
    ),
    "an order beside small sales": lambda d: (
        [a + b for a, b in zip(d.every(4, 104, 1), d.steady(104, 0.3), strict=True)],
        10,
        0.15,
    ),
    "every second week, doubled": lambda d: (
        [one * (2 if row > 59 else 1) for row, one in enumerate(d.every(2, 104))],
        8,
        0.2,
    ),
    "every second week, begun late": lambda d: ([0] * 60 + d.every(2, 24, 1), 4, 0.2),
    "a huge last week": lambda d: (_with(d.steady(60), _1=100 * d.size), 8, 0.25),
    "a huge week before": lambda d: (_with(d.steady(60), _2=10 * d.size), 8, 0.25),
    "a huge first week": lambda d: (_with(d.steady(60), _60=20 * d.size), 8, 0.25),
    "two huge weeks": lambda d: (
        _with(d.steady(60), _40=12 * d.size, _15=12 * d.size),
        8,
        0.25,
    ),
    "a huge last week of ten": lambda d: (_with(d.steady(10), _1=10 * d.size), 8, 0.35),
    "nothing in the last week": lambda d: (_with(d.steady(60), _1=0), 8, 0.2),
    "typed wrong, reversed a week later": lambda d: (
        _with(d.steady(60), _30=40 * d.size, _29=-39 * d.size),
        8,
        0.15,
    ),
    "typed wrong, reversed a month later": lambda d: (
        _with(d.steady(60), _5=40 * d.size, _1=-39 * d.size),
        8,
        0.25,
    ),
    "many sales come back at once": lambda d: (
        _with(d.steady(60), _1=-3 * d.size),
        8,
        0.35,
    ),
    "three weeks": lambda d: (d.steady(3), 8, 0.15),
    "eight weeks": lambda d: (d.steady(8), 8, 0.15),
    "begun late": lambda d: ([0] * 98 + d.steady(6), 8, 0.15),
    "not known for a while": lambda d: (
        d.steady(60) + [float("nan")] * 14 + d.steady(30),
        8,
        0.12,
    ),
    "the latest are not known": lambda d: (
        d.steady(90) + [float("nan")] * 14,
        8,
        0.12,
    ),
    "twice as much for some months": lambda d: (
        d.steady(52) + [2 * one for one in d.steady(20)],
        16,
        0.15,
    ),
    "one every nine months": lambda d: (d.every(39, 156, 6), 8 / 39, 0.9),
    "one a year": lambda d: (d.every(52, 260, 6), 8 / 52, 0.9),
}
#: The same of months: the next six.
MONTHLY = {
    "every second month": lambda d: (d.every(2, 24, 1), 3, 0.2),
    "every quarter": lambda d: (d.every(3, 36, 2), 2, 0.2),
    "a huge last month of a year": lambda d: (
        _with(d.steady(12), _1=30 * d.size),
        6,
        0.35,
    ),
    "two months": lambda d: (d.steady(2, 0.1), 6, 0.15),
    "thirteen months": lambda d: (d.steady(13, 0.06), 6, 0.08),
    "thirty months": lambda d: (d.steady(30, 0.06), 6, 0.08),
    "begun late": lambda d: ([0] * 14 + d.steady(10), 6, 0.15),
}


class TestDemandKinds(unittest.TestCase):
    def check(self, kinds, freq, season, horizon):
        cases = []
        for kind, make in kinds.items():
            for size in SIZES:
                history, times, tolerance = make(_Demand(kind, size))
                one = Series((kind, size), freq, history, horizon, season=season)
                cases.append((one, times * size, tolerance))
        found = forecast([one for one, _total, _tolerance in cases])
        for (one, total, tolerance), result in zip(cases, found, strict=True):
            with self.subTest(one.id):
                ratio = float(result.quantity.sum()) / total
                self.assertLessEqual(abs(ratio - 1), tolerance, ratio)

    def test_weeks(self):
        self.check(WEEKLY, "W", 52, 8)

    def test_months(self):
        self.check(MONTHLY, "M", 12, 6)
