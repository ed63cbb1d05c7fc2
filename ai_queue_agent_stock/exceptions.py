# Copyright 2026 The ai_queue contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""What is out of the ordinary about the stock of a product, and what to do about it.

Plain Python, without a database: facts in, findings and a plan out.
"""

from dataclasses import dataclass
from math import ceil
from typing import NamedTuple

from odoo.addons.ai_queue_agent.findings import ASK, FOR, HOLD, NOTE, Finding

#: Weeks that are looked back, and of these the last ones that are called recent.
WEEKS, RECENT_WEEKS = 26, 4
#: With fewer weeks before the recent ones, nothing can be sudden.
LEAST_WEEKS = 8
#: Recent demand is sudden from so many times the usual one on.
SUDDEN = 2.0
#: One day that makes up so much of the recent demand is an order of its own.
ONE_OFF = 0.7
#: Stock for longer than this is too much, in weeks.
TOO_MUCH_WEEKS = 26.0
#: What a plan does.
ORDER, RULE, MESSAGE, LEAVE = "order", "rule", "message", "leave"
_TINY = 1e-6


class Late(NamedTuple):
    """What should have come: ISO date, quantity, id and name of its receipt, vendor."""

    date: str
    quantity: float
    picking_id: int
    picking: str
    partner_id: int


@dataclass(frozen=True)
class Facts:
    """What a planner would look at.

    ``leaving``: promised to customers. ``coming``: on its way, with what is late.
    ``sold``: what left in the last weeks, oldest first; ``largest_day``: the most of
    one day in the recent ones. ``weekly``: expected a week, by a forecast if
    ``is_forecast``. ``is_new``: its warehouse had no time to sell any yet.
    ``date_short``: ISO date on which the stock is used up, if that is before an order
    of today would be there.
    ``worklist``: minimum and maximum that are proposed for the rule. ``elsewhere``,
    ``substitutes``: (name, free quantity). ``vendors``: other ones (name, days).
    ``cost``: of one.
    ``problem``: why it cannot be ordered, a code.
    """

    product: str = ""
    unit: str = ""
    minimum: float = 0.0
    maximum: float = 0.0
    on_hand: float = 0.0
    coming: float = 0.0
    leaving: float = 0.0
    sold: tuple[float, ...] = ()
    largest_day: float = 0.0
    weekly: float = 0.0
    is_forecast: bool = False
    is_new: bool = False
    date_short: str = ""
    lead_days: float = 0.0
    promised_days: float = 0.0
    receipts: int = 0
    least: float = 0.0
    multiple: float = 0.0
    rounding: float = 1.0
    is_ended: bool = False
    late: tuple[Late, ...] = ()
    worklist: tuple[float, float] | None = None
    elsewhere: tuple[tuple[str, float], ...] = ()
    substitutes: tuple[tuple[str, float], ...] = ()
    vendors: tuple[tuple[str, int], ...] = ()
    vendor_id: int = 0
    cost: float = 0.0
    problem: str = ""

    @property
    def position(self):
        """What is there and comes, without what is promised."""
        return self.on_hand + self.coming - self.leaving

    @property
    def highest(self):
        """The maximum, or a higher one that is proposed."""
        return max(self.maximum, self.worklist[1] if self.worklist else 0.0)

    @property
    def is_short(self):
        """Whether it is used up too early; not where none is kept and none missing."""
        is_kept = self.highest > _TINY or self.position < -_TINY
        return bool(self.date_short) and is_kept

    @property
    def recent(self):
        """Sold a week lately."""
        return _mean(self.sold[-RECENT_WEEKS:])

    @property
    def usual(self):
        """Sold a week before that."""
        return _mean(self.sold[:-RECENT_WEEKS])

    @property
    def weeks_left(self):
        """How long the stock lasts with what comes; None where nothing sells."""
        return self.position / self.weekly if self.weekly > _TINY else None


@dataclass(frozen=True)
class Plan:
    """What is proposed: ``quantity`` to order, or numbers of the rule."""

    action: str = LEAVE
    quantity: float = 0.0
    minimum: float = 0.0
    maximum: float = 0.0
    tell: str = ""


def judge(facts):
    """What is out of the ordinary; nothing where nothing is.

    What a finding that holds or asks says stays the same from day to day, for a
    proposal is only applied while it does; numbers that change are notes.

    :return: list of ``Finding``
    """
    found = list(_exceptions(facts))
    return [*found, *_notes(facts)] if found else []


def _exceptions(facts):
    if facts.is_ended:
        if facts.maximum > _TINY:
            yield Finding("ended", FOR, {})
            if facts.leaving > facts.on_hand + facts.coming + _TINY:
                yield Finding("promised", ASK, {})
        return
    if _is_unsold(facts):
        yield Finding("unsold", ASK, {"weeks": WEEKS})
        return
    if facts.problem:
        if facts.date_short or facts.minimum > _TINY:
            yield Finding("problem", HOLD, {"code": facts.problem}, "buyer")
        return
    for late in facts.late:
        values = {"date": late.date, "quantity": late.quantity, "receipt": late.picking}
        yield Finding("late", HOLD, values, "vendor")
    if facts.late:
        return
    yield from _of_demand(facts)


def _of_demand(facts):
    is_sudden = _is_sudden(facts)
    if is_sudden and _is_one_off(facts):
        yield Finding("one_off", HOLD, {})
    elif is_sudden:
        yield Finding("sudden", ASK, {})
        if facts.is_short:
            yield from _short(facts, is_sudden)
    elif facts.is_short:
        if facts.elsewhere:
            names = ", ".join(name for name, _free in facts.elsewhere)
            yield Finding("elsewhere", ASK, {"names": names})
        yield from _short(facts, is_sudden)
    elif _is_too_much(facts):
        if facts.coming > _TINY:
            yield Finding("too_much_coming", HOLD, {}, "buyer")
        elif _is_lower(facts):
            yield Finding("too_much", ASK, {})
        else:
            yield Finding("sells_off", HOLD, {})


def _short(facts, is_sudden):
    if _order(facts, is_sudden).action != ORDER:
        yield Finding("enough_by_rule", ASK, {}, "buyer")
    yield Finding("short", FOR, {"date": facts.date_short})


def _notes(facts):
    yield Finding(
        "numbers",
        NOTE,
        {
            "on_hand": facts.on_hand,
            "coming": facts.coming,
            "leaving": facts.leaving,
            "weekly": facts.weekly,
            "recent": facts.recent,
            "usual": facts.usual,
            "unit": facts.unit,
        },
    )
    if facts.receipts:
        values = {
            "count": facts.receipts,
            "days": facts.lead_days,
            "promised": facts.promised_days,
        }
        yield Finding("vendor_takes", NOTE, values)
    for code in ("elsewhere", "substitutes", "vendors"):
        some = getattr(facts, code)
        if some:
            rows = [{"name": name, "number": number} for name, number in some]
            yield Finding(f"other_{code}", NOTE, {"rows": rows})
    if facts.worklist:
        low, high = facts.worklist
        yield Finding("worklist", NOTE, {"minimum": low, "maximum": high})


def plan(facts, findings):
    """What to propose about findings."""
    codes = {finding.code for finding in findings}
    if codes & {"ended", "unsold"}:
        return Plan(RULE)
    if codes & {"late", "problem", "too_much_coming"}:
        is_vendor = "late" in codes
        return Plan(MESSAGE, tell="vendor" if is_vendor else "buyer")
    if "short" in codes and "enough_by_rule" not in codes:
        return _order(facts, "sudden" in codes)
    if "sudden" in codes:
        low, high = _raised(facts)
        return Plan(RULE, minimum=low, maximum=high)
    if "enough_by_rule" in codes:
        return Plan(MESSAGE, tell="buyer")
    if "too_much" in codes:
        return Plan(RULE, minimum=facts.worklist[0], maximum=facts.worklist[1])
    return Plan()


def _order(facts, is_sudden):
    """What is missing up to the maximum; nothing where that is there or comes."""
    maximum = _raised(facts)[1] if is_sudden else facts.highest
    missing = maximum - facts.position
    if missing <= _TINY:
        return Plan()
    step = facts.multiple or facts.rounding or 1.0
    quantity = ceil(max(missing, facts.least) / step - _TINY) * step
    return Plan(ORDER, quantity=round(quantity, 6))


def _raised(facts):
    """Numbers for the demand as it is now: those of the worklist, if higher."""
    if facts.worklist and facts.worklist[1] > facts.maximum:
        return facts.worklist
    # A little new demand in weeks in which there was none says little of how much.
    ratio = min(facts.recent / max(facts.usual, _TINY), 4.0)
    return tuple(float(ceil(ratio * one)) for one in (facts.minimum, facts.maximum))


def _is_unsold(facts):
    is_known = len(facts.sold) >= WEEKS and not facts.is_new
    is_wanted = facts.leaving > _TINY or facts.is_forecast and facts.weekly > _TINY
    is_kept = facts.minimum > _TINY
    return is_known and is_kept and not is_wanted and sum(facts.sold) <= _TINY


def _is_sudden(facts):
    if len(facts.sold) < RECENT_WEEKS + LEAST_WEEKS or facts.recent <= _TINY:
        return False
    return facts.recent >= SUDDEN * facts.usual and facts.recent - facts.usual >= 1.0


def _is_one_off(facts):
    return facts.largest_day >= ONE_OFF * facts.recent * RECENT_WEEKS


def _is_too_much(facts):
    weeks = facts.weeks_left
    return weeks is not None and weeks > max(
        TOO_MUCH_WEEKS, 2.0 * facts.maximum / facts.weekly
    )


def _is_lower(facts):
    return bool(facts.worklist) and facts.worklist[1] < facts.maximum - _TINY


def _mean(values):
    return sum(values) / len(values) if values else 0.0
