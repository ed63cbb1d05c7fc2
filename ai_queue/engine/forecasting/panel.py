"""Many series as one panel of arrays: time runs down, series run across.

Every array is (T, N), right-aligned: the last row is the last known period of each
series, and a shorter series has unseen rows above its first. All that is computed
from a panel looks at rows through `seen` only, so that a forecast depends neither
on the padding nor on the other series of the panel.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from functools import cached_property

import numpy as np

from .outliers import calm
from .series import Series, seasons_of, validate

#: Numbers in one array of a block: small enough to stay in the processor's cache.
BLOCK_CELLS = 100_000
#: Series in a block at least, however long they are.
LEAST_WIDTH = 16
#: Series in a panel differ in length by at most this factor: bounds the padding.
LENGTH_STEP = 1.35
#: Leading zeros less likely than this by chance are from before a product was sold.
CHANCE = 1e-5
#: Pauses between sales are regular up to the first spread (standard deviation over
#: mean), by chance from the second on; the next order is overdue after so many of them.
EVEN, UNEVEN, LATEST = 0.15, 0.35, 1.5
#: A product sells in a part of its season only: at most this share of it, with so many
#: sales, of which at least that share comes back in the same part of other seasons.
PART, LEAST_SALES, RETURNING = 0.35, 6, 0.9
LEAST_SEASON = 12
#: Where a season has many periods, at least this share of the sales has another one
#: right beside it: what sells twice a year has a pace, and no part of the year.
LONG_SEASON, BESIDE = 24, 0.5
#: Shorter pauses are those of a product that sells nearly always.
LEAST_PAUSE = 1.5


@dataclass(frozen=True)
class Panel:
    """Series of the same seasons and horizon.

    index: (N,) positions in the caller's list.
    sold: (T, N) demand >= 0, 0.0 where it was not observed.
    y: (T, N) the same with odd periods calmed (see `outliers`): what is learnt from.
    seen: (T, N) 1.0 where demand was observed, else 0.0.
    first: (N,) row of the first observation (T where there is none).
    seasons, horizon: periods.
    lead: periods over which methods are judged, `horizon` or less (see `lead_of`).
    columns: (P, T + horizon, N) values known ahead, ``nan`` where unknown.
    names: the names of the columns.
    returns: (N,) whether negative demand was absorbed.
    late: (N,) whether zeros before the first demand were cut off.
    odd: (N,) number of periods that were calmed.
    phase: (N,) which period of the longest season the first forecast one is.
    group, price: (N,) what makes products similar; "" and ``nan`` where unknown.
    """

    index: np.ndarray
    sold: np.ndarray
    y: np.ndarray
    seen: np.ndarray
    first: np.ndarray
    seasons: tuple[int, ...]
    horizon: int
    lead: int
    columns: np.ndarray
    names: tuple[str, ...]
    returns: np.ndarray
    late: np.ndarray
    odd: np.ndarray
    phase: np.ndarray
    group: np.ndarray
    price: np.ndarray

    @cached_property
    def count(self) -> np.ndarray:
        """(N,) number of observations."""
        return self.seen.sum(0)

    @property
    def span(self) -> np.ndarray:
        """(N,) periods from the first observation to the end."""
        return len(self.y) - self.first

    @cached_property
    def mean(self) -> np.ndarray:
        """(N,) mean observed demand, 0 without observations."""
        return self.y.sum(0) / np.maximum(self.count, 1.0)

    @cached_property
    def zero_share(self) -> np.ndarray:
        """(N,) share of the observed periods without demand."""
        return ((self.y <= 0) * self.seen).sum(0) / np.maximum(self.count, 1.0)

    @cached_property
    def pause(self) -> np.ndarray:
        """(N,) mean number of known periods from one sale to the next, at least 1."""
        return np.maximum(self._pauses[0], 1.0)

    @cached_property
    def regular(self) -> np.ndarray:
        """(N,) 0 to 1: how regularly demand comes after a pause, as in standing orders.

        1 where the pauses between sales are nearly the same; 0 where they are as
        chance makes them, and where the last one lasts too long.
        """
        _mean, spread, count, waiting = self._pauses
        even = np.clip((UNEVEN - spread / self.pause) / (UNEVEN - EVEN), 0.0, 1.0)
        believed = (self.pause > LEAST_PAUSE) & (waiting <= LATEST * self.pause)
        return np.where(believed, even * count / (count + 2.0), 0.0)

    @cached_property
    def part_of_season(self) -> np.ndarray:
        """(N,) 1.0 where demand comes in the same part of every season only, as before
        Christmas, else 0.0."""
        season = self.seasons[-1]
        width = self.y.shape[1]
        enough = (self.count >= 2 * season) & ((self.y > 0).sum(0) >= LEAST_SALES)
        enough &= self.zero_share >= 1.0 - PART
        result = np.zeros(width)
        if season < LEAST_SEASON or not enough.any():
            return result
        pad = -len(self.y) % season
        sold = np.pad(self.y[:, enough] > 0, ((pad, 0), (0, 0)))
        sold = sold.reshape(-1, season, sold.shape[1])
        # A part may begin a period earlier or later, and is never one period alone.
        beside = np.roll(sold, 1, 1) | np.roll(sold, -1, 1)
        often = (sold | beside).sum(0)
        returning = (sold & (often >= 2)).sum((0, 1)) / sold.sum((0, 1))
        part = (often > 0).mean(0)
        believed = (part <= PART) & (returning >= RETURNING)
        if season >= LONG_SEASON:
            believed &= (sold & beside).sum((0, 1)) >= BESIDE * sold.sum((0, 1))
        result[enough] = believed
        return result

    @cached_property
    def _pauses(self):
        """Mean, spread and number of the pauses, and the length of the open one."""
        known = np.cumsum(self.seen, 0)
        sold = self.y > 0
        latest = np.maximum.accumulate(np.where(sold, known, 0.0), 0)
        ended = sold[1:] & (latest[:-1] > 0)
        pause = np.where(ended, known[1:] - latest[:-1], 0.0)
        count = ended.sum(0)
        mean = pause.sum(0) / np.maximum(count, 1)
        square = (pause**2).sum(0) / np.maximum(count, 1)
        spread = np.sqrt(np.maximum(square - mean**2, 0.0))
        return mean, spread, count, self.count - latest[-1]

    def before(self, offset: int) -> Panel:
        """The panel as it was `offset` periods ago."""
        rows = len(self.y) - offset
        return replace(
            self,
            sold=self.sold[:rows],
            y=self.y[:rows],
            seen=self.seen[:rows],
            first=np.minimum(self.first, rows),
            columns=self.columns[:, : rows + self.horizon],
            phase=self.phase - offset,
        )


def panels(series: Sequence[Series]) -> Iterator[Panel]:
    """Group valid series into panels; raises `InvalidSeries` for the first bad one."""
    groups = {}
    for index, one in enumerate(series):
        history, columns = validate(one)
        start, late = first_period(history, one.sold_before)
        span = len(history) - start
        key = (
            seasons_of(one),
            one.horizon,
            lead_of(one.horizon, span),
            _length_class(span),
            tuple(columns),
        )
        past = [column[start:] for column in columns.values()]
        member = (index, history[start:], past, late, one)
        groups.setdefault(key, []).append(member)
    for (seasons, horizon, lead, _, names), members in groups.items():
        longest = max(len(history) for _, history, *_ in members)
        size = max(LEAST_WIDTH, BLOCK_CELLS // max(longest, 1))
        for begin in range(0, len(members), size):
            block = members[begin : begin + size]
            yield _panel(block, seasons, horizon, lead, names)


def first_period(history: np.ndarray, sold_before=None) -> tuple[int, bool]:
    """Where a history really begins, and whether zeros before it were cut off.

    At the first observation (`len(history)` if there is none). Zeros before the first
    demand are cut off when the product did not sell before, or, where that is not
    known (None), when at the pace of what came after they can hardly be chance.
    """
    known = ~np.isnan(history)
    sold = np.flatnonzero(known & (history != 0))
    if not sold.size:
        return (int(np.argmax(known)) if known.any() else len(history)), False
    silent = known[: sold[0]].sum()
    if not silent:
        return int(sold[0]), False
    if sold_before is None:
        after = known[sold[0] + 1 :].sum()
        pace = (len(sold) - 0.5) / (after + 1.0)
        sold_before = silent * np.log1p(-min(pace, 1.0 - 1e-9)) >= np.log(CHANCE)
    if sold_before:
        return int(np.argmax(known)), False
    return int(sold[0]), True


def lead_of(horizon: int, span: int) -> int:
    """How far ahead methods can be judged on a history of `span` periods.

    The horizon, halved until the history holds it twice with something to learn
    from before.
    """
    lead = horizon
    while lead > 1 and span < 2 * lead + 8:
        lead = (lead + 1) // 2
    return lead


def _length_class(span):
    return 0 if not span else int(np.log(span) / np.log(LENGTH_STEP)) + 1


def _panel(members, seasons, horizon, lead, names):
    indices, histories, known, late, series = zip(*members, strict=True)
    lengths = np.array([len(history) for history in histories])
    rows, width = lengths.max(), len(members)
    raw = np.full((rows, width), np.nan)
    columns = np.full((len(names), rows + horizon, width), np.nan)
    for place, (history, values) in enumerate(zip(histories, known, strict=True)):
        raw[rows - len(history) :, place] = history
        for number, column in enumerate(values):
            columns[number, rows - len(history) :, place] = column
    net = np.nan_to_num(raw)
    sold, seen = absorb_returns(net), (~np.isnan(raw)).astype(float)
    # What stands out may be what price and promotion explain.
    y, odd = (sold, seen < 0) if names else calm(sold, seen, seasons)
    return Panel(
        index=np.array(indices),
        sold=sold,
        y=y,
        seen=seen,
        first=rows - lengths,
        seasons=seasons,
        horizon=horizon,
        lead=lead,
        columns=columns,
        names=names,
        returns=(net < 0).any(0),
        late=np.array(late),
        odd=odd.sum(0),
        phase=np.array([one.phase or 0 for one in series]),
        group=np.array([one.group for one in series], dtype=object),
        price=np.array([one.price for one in series], dtype=float),
    )


def absorb_returns(y: np.ndarray) -> np.ndarray:
    """Demand without negative periods: returns are taken off earlier demand.

    What comes back in a period was sold before it: in the latest period whose demand
    holds it, as of a number that was typed wrong. Where none does, it is of many sales,
    and all of them are as much too high. The total is kept except for returns of what
    was sold before the history began.
    """
    if not (y < 0).any():
        return y
    absorbed = y.copy()
    for column in np.flatnonzero((y < 0).any(0)):
        _take_back(absorbed[:, column])
    return absorbed


def _take_back(demand):
    """Take the returns of one series off its demand, in place, the first ones first."""
    for row in np.flatnonzero(demand < 0):
        owed, demand[row] = -demand[row], 0.0
        before = demand[:row]
        whole = np.flatnonzero(before >= owed)
        if whole.size:
            before[whole[-1]] -= owed
        elif before.sum() > 0:
            before *= max(0.0, 1.0 - owed / before.sum())
