# Copyright 2026 The ai_queue contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""The rules by which a vendor bill is approved, held or asked about.

Plain Python, without a database: `Bill` goes in, a list of `Finding` comes out. What
order and receipts say is added by the addon that knows purchases.
"""

from dataclasses import dataclass, field

from .findings import ASK, FOR, HOLD, Finding

#: A price may rise by so much, in percent, before somebody is asked.
PRICE_RISE = 5.0


@dataclass
class Line:
    """A line of a bill."""

    id: int
    name: str
    quantity: float
    price: float  #: of one unit, without discounts and taxes
    amount: float
    account: str = ""
    account_id: int = 0
    product_id: int = 0
    has_analytic: bool = False
    #: the price that was agreed on, or the last one; 0 for none
    contract_price: float = 0.0
    last_price: float = 0.0


@dataclass
class Usual:
    """What the earlier bills of a vendor were like, the latest ones."""

    amounts: list[float] = field(default_factory=list)
    account_ids: set[int] = field(default_factory=set)
    bank_ids: set[int] = field(default_factory=set)
    #: accounts that have had another number when they were paid to
    renumbered_ids: set[int] = field(default_factory=set)
    analytic_share: float = 0.0


@dataclass
class Bank:
    """The bank account that a bill is to be paid to."""

    id: int
    number: str
    is_of_vendor: bool
    is_trusted: bool


@dataclass
class Bill:
    """A vendor bill and what is known about it."""

    id: int
    vendor: str
    is_refund: bool = False
    has_date: bool = True
    total: float = 0.0
    total_words: str = ""
    rounding: float = 0.01
    lines: list[Line] = field(default_factory=list)
    usual: Usual = field(default_factory=Usual)
    usual_words: str = ""
    bank: Bank | None = None
    known_banks: list[str] = field(default_factory=list)
    #: names of earlier bills with the same number, or with the same amount and day
    same_number: list[str] = field(default_factory=list)
    same_amount: list[str] = field(default_factory=list)
    #: open reasons of the reading, as it keeps them: what is wrong, what is in doubt
    read_wrong: list[dict] = field(default_factory=list)
    read_doubts: list[dict] = field(default_factory=list)
    is_unusual: bool = False
    #: the limit that the amount reaches, and who may approve from there on
    limit_words: str = ""
    approvers: list[str] = field(default_factory=list)
    #: of how many earlier bills a vendor is known
    known_bills: int = 4
    #: what further addons know, by their name
    extra: dict = field(default_factory=dict)

    @property
    def is_known_vendor(self):
        """Whether there are enough earlier bills to compare with."""
        return len(self.usual.amounts) >= self.known_bills


def judge(bill, explained=frozenset()):
    """What is to be said about a bill.

    :param bill: `Bill`
    :param explained: ids of lines that something else vouches for, as an order
    :return: list of `Finding`
    """
    if missing := _missing(bill):
        return missing
    # What then is left of the bill, who vouches for the others has looked at.
    is_explained = any(line.id in explained for line in bill.lines)
    return [
        *_twins(bill, is_explained),
        *_reading(bill),
        *_bank(bill),
        *_prices(bill, explained),
        *_habits(bill, is_explained),
        *_limit(bill),
    ]


def _missing(bill):
    """Without these there is nothing to judge."""
    missing = []
    if not bill.vendor:
        missing.append(Finding("no_vendor", HOLD, {}))
    if not bill.has_date:
        missing.append(Finding("no_date", HOLD, {}))
    if not bill.lines or bill.total < bill.rounding:
        missing.append(Finding("no_amount", HOLD, {}))
    return missing


def _twins(bill, is_explained):
    if bill.same_number:
        values = {"bills": ", ".join(bill.same_number)}
        return [Finding("duplicate", HOLD, values, "vendor")]
    if bill.same_amount and not is_explained:
        values = {"bills": ", ".join(bill.same_amount)}
        return [Finding("duplicate_amount", ASK, values, "vendor")]
    return []


def _reading(bill):
    if bill.read_wrong:
        return [Finding("reading", HOLD, {"reasons": bill.read_wrong})]
    if bill.read_doubts:
        return [Finding("reading", ASK, {"reasons": bill.read_doubts})]
    return []


def _bank(bill):
    """A vendor that suddenly wants its money elsewhere is a known fraud."""
    bank = bill.bank
    if bank is None or bill.is_refund:
        return []
    values = {
        "account": bank.number,
        "vendor": bill.vendor,
        "known": ", ".join(bill.known_banks),
    }
    if not bank.is_of_vendor:
        return [Finding("bank_foreign", HOLD, values)]
    known = bill.usual.bank_ids | bill.usual.renumbered_ids
    if known and bank.id not in bill.usual.bank_ids:
        return [Finding("bank_changed", HOLD, values)]
    if bank.is_trusted or bank.id in bill.usual.bank_ids:
        return []
    return [Finding("bank_new", ASK, values)]


def _prices(bill, explained):
    """Prices of lines that no order vouches for, against what was agreed or paid."""
    found = []
    for line in bill.lines:
        if line.id in explained or bill.is_refund or line.price <= 0:
            continue
        code, level, known = "price_above_contract", HOLD, line.contract_price
        if not known:
            code, level, known = "price_above_last", ASK, line.last_price
        if known and line.price > known * (1 + PRICE_RISE / 100) + bill.rounding:
            values = {"line": line.name, "price": line.price, "known": known}
            found.append(Finding(code, level, values, "vendor"))
    return found


def _habits(bill, is_explained):
    """What is usual with this vendor."""
    found = []
    if bill.is_unusual and not is_explained:
        values = {
            "total": bill.total_words,
            "vendor": bill.vendor,
            "usual": bill.usual_words,
        }
        found.append(Finding("amount_unusual", ASK, values))
    if bill.is_known_vendor and bill.usual.account_ids:
        strange = {
            line.account
            for line in bill.lines
            if line.account_id and line.account_id not in bill.usual.account_ids
        }
        if strange:
            values = {"accounts": ", ".join(sorted(strange)), "vendor": bill.vendor}
            found.append(Finding("account_unusual", ASK, values))
        if bill.usual.analytic_share == 1.0 and not all(
            line.has_analytic for line in bill.lines
        ):
            found.append(Finding("analytic_missing", ASK, {"vendor": bill.vendor}))
    if is_explained:
        pass
    elif bill.is_known_vendor and not bill.is_unusual:
        values = {"vendor": bill.vendor, "count": len(bill.usual.amounts)}
        found.append(Finding("usual", FOR, values))
    elif not bill.is_known_vendor:
        found.append(Finding("nothing_known", ASK, {"vendor": bill.vendor}))
    return found


def _limit(bill):
    if not bill.limit_words:
        return []
    values = {
        "total": bill.total_words,
        "limit": bill.limit_words,
        "people": ", ".join(bill.approvers),
    }
    return [Finding("over_limit", ASK, values)]
