"""Names of companies on a page, and what speaks for each of being the vendor's.

Every text that may be a name collects evidence: its legal form, where it stands and
how large, mail addresses and VAT numbers beside it, the sender's line over the window
of the envelope. No name is known beforehand.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass, field
from functools import cache

from . import columns, dates, labels, numbers
from .identifiers import VAT_LABEL, Found
from .invoice import BILLS, OTHERS
from .legal_forms import LEGAL_FORM
from .segments import Segment, Text
from .text import CJK, fold, squeeze
from .vocabulary import pattern, source

#: Separators between the parts of a sender's line over the window of an envelope.
_PARTS = re.compile(r"\s+[-–—|•●·*/]\s+|\s*[|•●·]\s*")
POSTAL = re.compile(
    r"\b(?:[A-Z]{1,2}[- ])?\d{4,5}\s+[A-ZÀ-Ý]|\b\d{4}\s?[A-Z]{2}\b"
    r"|\b[A-Z]{2},?\s\d{5}\b|\b[A-Z]{1,2}\d[A-Z\d]?\s*\d[A-Z]{2}\b"
)
MAIL = re.compile(r"[\w.+-]+@([\w-]+(?:\.[\w-]+)+)")
_SITE = re.compile(r"(?:https?://|www\.)([\w.-]+\.[a-z]{2,})")
_NOISE = re.compile(
    r"^(?:(?:page|seite|tel(?:e(?:f|ph)\w*)?|fon|fax|phone|mobile|e-?mail|www|https?"
    r"|date|datum|iban|bic|swift|bank|vat|ust|tva|btw|iva|gln|total|sub-?total|terms)"
    r"(?![^\W\d_])|thank|vielen dank"
    r"|not (?:vat|registered)|no vat|inhaber|inh\.|geschaftsfuhr|owner\b|proprietor"
    r"|please (?:come|visit|keep|call|note|retain|pay)|see you"
    r"|have a (?:nice|good|great)|welcome to|goods (?:once )?sold"
    r"|merci (?:de|pour|et)|terima kasih)"
)
#: What stands before the name that a company had once.
_FORMER = re.compile(
    r"(?<![a-z])(?:(?:formerly|previously)(?: known as| trading as)?|f\.?k\.?a\.?"
    r"|vormals|ehemals|anciennement|voorheen|gia|precedentemente|anteriormente)$"
)
#: What stands between the name that a company trades under and its own.
_TRADING = re.compile(
    r"\s+(?:(?:is )?(?:an? |the )?trading (?:name|style|division) of|trading as|t/a"
    r"|d/?b/?a)\s+"
)
NAME_LABEL = re.compile(r"^(?:company )?(?:name|firma|nom|naam|nome|nombre)\s*[:.]\s*")
#: The number of a company in a register, after its name.
_REGISTER = re.compile(r"\s*(?:[(\[{][^)]*\d{3}|[\w-]*\d{5})")
_AFTER = re.compile(r"\s*[,;:(]\s*(?:\w{2}|\d)|\.?\s+(?:[Rr]egistered|[Rr]eg\.)")
#: What a company says of its capital, after its legal form.
_CAPITAL = re.compile(
    r"[\s,-]+(?:(?:au|with (?:a )?)\s?(?:share )?capital|(?:share )?capitale? soc"
    r"|cap\. ?soc|stammkapital|grundkapital|maatschappelijk kapitaal|con capital"
    r"|capital social)"
)
_NUMBERED = re.compile(r"(?<=\S) [(\[{]?(?:\w*\d){5}[\w-]*")
_CAPTION = re.compile(
    r"(?<![a-z])(?:nr|no|num(?:ber|mer|ero)?|nummer|n[°º]|id|datum|date|data|fecha)\.?$"
)
_STREET = re.compile(
    r"(?<![a-z])(?:street|st|road|rd|avenue|ave|lane|drive|floor|level|suite|lot|jalan"
    r"|jln|taman|\w*str(?:asse|\.)?|\w*weg|platz|rue|boulevard|place|via|viale|piazza"
    r"|calle|avenida|avda|paseo|plaza|quai|chemin|route|impasse|chaussee|\w*allee|\w*gasse"
    r"|\w*ufer|\w*damm|rua|corso|piazzale|largo|ulica|ul\.|\w*gatan"
    r"|\w*vej|\w*veien|\w*katu|\w*straat|\w*laan|plein|po box|p\.o\. box)(?![a-z])"
)
#: What follows a name in the line of a sender, and what only a sender prints.
_COMMA = re.compile(r"\s*,\s")
_SENDS = re.compile(
    rf"{source('tax_number')}|{VAT_LABEL.pattern}|(?<![a-z])(?:iban|bic|swift|hrb|siret|rcs"
    r"|reg(?:istered|on|\.)|tel|fax|www\.)|@"
)
#: A letterhead stands in one of so many rows, and parts what it lists.
_LETTERHEAD = 3
_LISTED = re.compile(r"\w\s*[,;|•●·–—]\s")
#: The foot of a page begins at this share of its height.
_FOOT = 0.7
#: What labels of amounts are made of.
_AMOUNT_WORDS = (
    *("prior", "paid", "due", "discount", "charge", "rounding", "stamp", "withheld"),
    *("tax", "net", "gross", "subtotal", "total", "count", "tax_number"),
)
#: Labels of facts of the bill.
_FACTS = ("bill_number", "order_number", "bill_date", "due_date")
#: What may stand around a name, but for brackets that belong to it.
_EDGES = " ,;:-–|•●·'‘’\"_=*~<>«»"
#: Domains of mail services: they say nothing of the company.
_SERVICES = frozenset(
    "gmail hotmail outlook yahoo gmx web icloud live aol t-online localhost".split()
)


@dataclass(eq=False)
class Name:
    """A segment, or a part of one, that may be the name of the vendor."""

    segment: Segment
    start: int
    end: int
    joined: str = ""
    score: float = 0.0
    reasons: list[str] = field(default_factory=list)

    @property
    def value(self):
        """The name, without the register number that may follow its legal form."""
        value = self.segment.text[self.start : self.end].strip(_EDGES)
        value = self.joined or value
        for form in LEGAL_FORM.finditer(value):
            if _REGISTER.match(value, form.end()):
                return value[: form.end()].strip(_EDGES)
        # "…, registered in England": what follows the last legal form is no name.
        forms = list(LEGAL_FORM.finditer(value))
        if forms and _AFTER.match(value, forms[-1].end()):
            return value[: forms[-1].end()].strip(_EDGES)
        return value

    def add(self, score, reason):
        self.score += score
        self.reasons.append(reason)


def best(
    text: Text,
    is_own,
    buyers: Collection[int],
    sellers: Sequence[Sequence[Segment]],
    vats: Iterable[tuple[Found, float]],
) -> tuple[Name, float] | None:
    """The name that is the vendor's most likely, and how sure that is (0 to 1).

    :param is_own: tells whether a name is one of ours
    :param buyers: ``id`` of the segments that belong to the buyer
    :param sellers: blocks of segments that a label says to be the seller's
    :param vats: VAT numbers, with what they add to the names beside them
    """
    domains = _domains(text, buyers)
    names = [*_candidates(text), *_wrapped(text, domains)]
    names = [one for one in names if not is_own(one.value)]
    counts = Counter(squeeze(one.value) for one in names)
    usual = _usual_height(text)
    sends = cache(lambda row: _sends(text, row))
    for one in names:
        _judge(text, one, counts, domains, usual, sends)
        if id(one.segment) in buyers:
            one.add(-2.5, "buyer")
    _judge_addressees(text, names)
    _judge_namesakes(names, buyers)
    _judge_sellers(names, sellers)
    _judge_holders(names, counts)
    _judge_vats(names, vats)
    names = [one for one in names if one.score > 0.2]
    if not names:
        return None
    first = max(names, key=lambda one: one.score)
    certain = min(0.97, 0.4 + 0.15 * first.score)
    if any(_rivals(one, first) for one in names):
        certain = min(certain, 0.5)
    return first, certain


def _rivals(one, best):
    """Whether another name has nearly as much to say for itself."""
    mine, other = squeeze(best.value), squeeze(one.value)
    return one.score > best.score - 0.25 and mine not in other and other not in mine


def _candidates(text):
    """Everything that may be a name, by its looks alone."""
    found = []
    pages = sorted(text.heights)
    pages = {*pages[:2], *pages[-1:]}  # who sends a bill says so at its ends
    for segment in text.segments:
        if segment.page not in pages:
            continue
        start = 0
        for label in (labels.SELLER, NAME_LABEL):
            match = label.match(segment.folded[start:])
            if match and start + match.end() < len(segment.text):
                if match[0].strip()[-1] in ":.":
                    start += match.end()
        holder = labels.HOLDER.search(segment.folded)
        if holder and holder.end() < len(segment.text):
            start = holder.end()
        at = start
        for part in _parts(segment, start):
            at = segment.text.find(part, at)
            part = part.strip()
            number = _NUMBERED.search(part)
            part = part[: number.start()].strip() if number else part
            capital = _CAPITAL.search(fold(part))
            part = part[: capital.start()].strip() if capital else part
            if part and may_be_name(part):
                begin = segment.text.find(part, at)
                found.append(Name(segment, begin, begin + len(part)))
            at += len(part)
    return found + list(_joined(text))


def _parts(segment, start):
    """The texts of a segment that may be a name each."""
    for part in _PARTS.split(segment.text[start:]):
        match = _TRADING.search(fold(part))
        if match:
            yield part[: match.start()]
            part = part[match.end() :]
        yield part


def _joined(text):
    """Names that are printed in two rows, or with wide gaps at the top."""
    for row in text.rows:
        first = row.segments[0]
        form = LEGAL_FORM.fullmatch(first.text)
        for above in list(text.above(first, lines=1.5))[:1] if form else ():
            if may_be_name(above.text):
                joined = f"{above.text} {first.text}"
                yield Name(above, 0, len(above.text), joined)
        if text.source == "ocr" and row.index < 4 and _is_spaced(row):
            joined = " ".join(one.text for one in row.segments)
            if not re.search(r"\d", joined) and may_be_name(joined):
                yield Name(first, 0, len(first.text), joined)


def _wrapped(text, domains):
    """Names that a narrow column breaks, as an address of the web tells.

    "Meridian" over "Pumps Ltd", where mail goes to meridian.example; in "Hotel Adler"
    over "Adler Betriebs GmbH" the lower line is the name by itself.
    """
    for segment in text.segments:
        form = LEGAL_FORM.search(segment.text)
        if not form or not may_be_name(segment.text):
            continue
        for above in list(text.above(segment, lines=1.0))[:1]:
            if not _is_one_column(above, segment) or LEGAL_FORM.search(above.text):
                continue
            if re.search(r"\d", above.text) or not may_be_name(above.text):
                continue
            upper, lower = squeeze(above.text), squeeze(segment.text)
            if any(
                _resembles(upper, above.text, domain)
                and not _resembles(lower, segment.text, domain)
                for domain in domains
            ):
                joined = f"{above.text} {segment.text}"
                yield Name(above, 0, len(above.text), joined)


def _is_one_column(above, below):
    """Whether two texts in the same letters begin one below the other."""
    height = below.height
    return abs(above.x0 - below.x0) < 0.5 * height and (
        0.9 < above.height / max(height, 0.1) < 1.1
    )


def _is_spaced(row):
    """Whether a row is one text with wide gaps, and not two that stand side by side."""
    pairs = list(zip(row.segments, row.segments[1:], strict=False))
    return bool(pairs) and all(
        right.x0 - left.x1 < 2.5 * left.height
        and 0.8 < left.height / max(right.height, 0.1) < 1.25
        and not LEGAL_FORM.search(left.text)
        for left, right in pairs
    )


def may_be_name(value: str) -> bool:
    """Whether a text may be the name of a company or a person, by its looks alone."""
    folded = fold(value)
    letters = sum(2 if CJK.match(char) else char.isalpha() for char in value)
    if letters < 3 or len(value) > 70 or letters < 0.5 * len(value.replace(" ", "")):
        return False
    if _NOISE.match(folded) or MAIL.search(value) or _SITE.search(value):
        return False
    if next(dates.find(value), None) or value.rstrip().endswith(":"):
        return False
    if LEGAL_FORM.search(value):
        return len(value.split()) > 1 or bool(CJK.search(value))
    if _is_label(folded) or _title(folded) or is_caption(folded):
        return False
    return not re.search(r"\d{3,}", value) and len(value.split()) <= 7


def is_caption(folded: str) -> bool:
    """Whether it is the label of a party, a number or a date, and no value."""
    if labels.SELLER.fullmatch(folded) or labels.BUYER.fullmatch(folded):
        return True
    if VAT_LABEL.fullmatch(folded) or pattern(*_FACTS).fullmatch(folded.strip(" :.")):
        return True
    return bool(_CAPTION.search(folded))


def _title(folded):
    if pattern(*BILLS).search(folded):
        return True
    return bool(pattern(*OTHERS).fullmatch(folded.strip(" .:")))


def _is_label(folded):
    """Whether only the label of an amount is printed: "Freight Masters" is more."""
    if not labels.amount_kind(folded):
        return False
    rest = pattern(*_AMOUNT_WORDS).sub(" ", folded)
    return sum(char.isalpha() for char in rest) < 6


def _judge(text, one, counts, domains, usual, sends):
    """Let a name collect what speaks for and against it, by itself."""
    segment, value = one.segment, one.value
    key = squeeze(value)
    if LEGAL_FORM.search(value):
        one.add(1.5, "legal form")
    if _is_imprint(text, one, sends):
        one.add(1.2, "imprint")
    _judge_place(text, one, usual)
    if counts[key] > 1:
        one.add(0.4, "repeated")
    if any(_resembles(key, value, domain) for domain in domains):
        one.add(1.2, "domain")
    if _sender_line(segment, one):
        one.add(1.2, "sender line")
    elif _trades(segment, one):
        one.add(1.5, "trading")
    elif _in_sentence(segment, one):
        one.add(-1.0, "sentence")
    if _in_table(text, segment):
        one.add(-1.5, "table")
    if _is_former(text, one) or _FORMER.search(fold(value)):
        one.add(-2.0, "former")
    _judge_looks(one, key)


def _judge_place(text, one, usual):
    segment = one.segment
    height = text.heights[segment.page]
    if segment.page != min(text.heights):
        one.add(-0.8, "later page")
        return
    if segment.top < 0.35 * height:
        one.add(0.6 * (1 - segment.top / (0.35 * height)), "top")
    if segment.row <= 1:
        one.add(0.5, "first")
    if segment.row <= _LETTERHEAD and _over_one_line(text, segment):
        one.add(0.8, "letterhead")
    if segment.height > 1.25 * usual and segment.top < 0.3 * height:
        one.add(min(1.1, segment.height / usual - 1), "large")
    if segment.top > 0.4 * height and "legal form" not in one.reasons:
        if "imprint" not in one.reasons:
            one.add(-0.6, "low")


def _over_one_line(text, segment):
    """Whether street and town stand in one line below it, as in a letterhead.

    The address of who gets the bill takes a line for each; the name over that of the
    owner is the one that the company goes by.
    """
    if next(text.above(segment, lines=1.5), None):
        return False
    for below in list(text.below(segment, lines=1.5))[:1]:
        town = POSTAL.search(below.text)
        return bool(town) and bool(_LISTED.search(below.text[: town.start()]))
    return False


def _judge_looks(one, key):
    value = one.value
    if labels.BANK.search(fold(value)):
        one.add(-1.2, "bank")
    if any(char.isdigit() for char in value):
        one.add(-0.6, "digits")
    one.add(one.segment.confidence - 1, "unclear")
    if one.joined:
        one.add(0.1, "joined")
    if len(key) < 5 or value[0].islower():
        one.add(-0.5, "looks")
    if "legal form" in one.reasons:
        return
    if len(value.split()) > 5:
        one.add(-0.8, "long")
    if _STREET.search(fold(value)):
        one.add(-0.8, "street")
    if POSTAL.search(value):
        one.add(-1.2, "town")


def _is_former(text, one):
    """Whether it is the name that the company had once, as rows or words before say."""
    if one.start:
        before = one.segment.folded[: one.start]
    else:
        before = next((above.folded for above in text.above(one.segment, 1.5)), "")
    return bool(_FORMER.search(before.rstrip(" :(")))


def _in_table(text, segment):
    """Whether a segment stands in the header of a table, or beside an amount."""
    row = text.rows[segment.row]
    if columns.is_header(row):
        return True
    return any(
        numbers.has_cents(other.text) and numbers.NUMBER.search(other.text)
        for other in row.segments
        if other is not segment
    )


def _usual_height(text):
    heights = sorted(segment.height for segment in text.segments)
    return heights[len(heights) // 2]


def _resembles(key, value, domain):
    stem = squeeze(domain)
    if len(stem) > 2 and len(key) > 2 and stem in key:
        return True
    words = (squeeze(word) for word in value.split())
    return any(len(word) > 4 and word in stem for word in words)


def _sender_line(segment, one):
    """Name, street and town in one line, as in the window of an envelope."""
    rest = segment.text[one.start + len(one.value) :]
    parted = _PARTS.search(rest) or _COMMA.match(rest)
    town = POSTAL.search(rest)
    if one.start or not parted or not town:
        return False
    # Of "Quai Gambetta, 62200 Boulogne" the first is a street.
    return bool(rest[parted.end() : town.start()] or LEGAL_FORM.search(one.value))


def _is_imprint(text, one, sends):
    """Whether it heads the lines at the foot of a page that say who sends the bill.

    Name, street and town, and beside or below them what only a sender prints: a
    number of a register or of taxes, an address of the web, a bank.

    :param sends: tells that of a row, once for all names in it
    """
    segment = one.segment
    if one.start or segment.top < _FOOT * text.heights[segment.page]:
        last = text.rows[-1]
        if one.start or last.page != segment.page or last.index - segment.row > 8:
            return False
    if not sends(segment.row):
        return False
    below = [one for row in _lines(text, segment.row)[1:] for one in row.segments]
    address = POSTAL.search(segment.text[len(one.value) :]) or any(
        POSTAL.search(other.text) for other in below if segment.covers(other) > 0.3
    )
    return bool(address)


def _lines(text, row):
    """A row, and up to four below it on its page."""
    some = text.rows[row : row + 5]
    return [one for one in some if one.page == some[0].page]


def _sends(text, row):
    """Whether it, or a row below, has what only a sender prints."""
    whole = " ".join(one.text for one in _lines(text, row))
    return bool(_SENDS.search(fold(whole)))


def _trades(segment, one):
    """Whether its row says that it trades under another name, or is that name."""
    folded = segment.folded
    match = _TRADING.search(folded)
    return bool(match) and (
        one.start == match.end() or folded.startswith(fold(one.value) + match[0])
    )


def _in_sentence(segment, one):
    return len(segment.text) > len(one.value) + 25 and not _PARTS.search(segment.text)


def _domains(text, inside_buyer):
    found = []
    for segment in text.segments:
        if id(segment) in inside_buyer:
            continue
        for printed in (MAIL, _SITE):
            for match in printed.finditer(segment.text.lower()):
                parts = match[1].removeprefix("www.").split(".")
                stem = parts[-2] if len(parts) > 1 else parts[0]
                if stem not in _SERVICES:
                    found.append(stem)
    return found


def _judge_addressees(text, names):
    """Under the line of the sender, in the window of the envelope, is the addressee."""
    for sender in names:
        segment = sender.segment
        if "sender line" not in sender.reasons or segment.page != min(text.heights):
            continue
        if segment.top > 0.4 * text.heights[segment.page]:
            continue
        for below in list(text.below(segment, lines=6.0))[:1]:
            if abs(below.x0 - segment.x0) > 2 * below.height:
                continue
            for one in names:
                if one.segment is below and squeeze(one.value) != squeeze(sender.value):
                    one.add(-2.5, "addressee")


def _judge_namesakes(names, buyers):
    """A name that a label says to be the buyer's is the buyer's wherever it stands."""
    keys = {
        squeeze(one.value)
        for one in names
        if "legal form" in one.reasons
        and (id(one.segment) in buyers or "addressee" in one.reasons)
    }
    for one in names:
        known = id(one.segment) in buyers or "addressee" in one.reasons
        if squeeze(one.value) in keys and not known:
            one.add(-1.5, "buyer elsewhere")


def _judge_sellers(names, blocks):
    for block in blocks:
        inside = {id(segment): at for at, segment in enumerate(block)}
        for one in names:
            at = inside.get(id(one.segment))
            if at == 0 and one.start == 0:
                one.add(-1.5, "label")
            elif at is not None and at <= 2:
                one.add((1.8, 1.6, 0.8)[at], "seller label")


def _judge_holders(names, counts):
    """Who holds the bank account that is to be paid, if named elsewhere too."""
    for one in names:
        holder = labels.HOLDER.search(one.segment.folded)
        if holder and holder.end() == one.start and counts[squeeze(one.value)] > 1:
            for other in names:
                if squeeze(other.value) == squeeze(one.value):
                    other.add(1.2, "holder")
            return


def _judge_vats(names, vats):
    """A name beside, or right over, the VAT number of the vendor is the vendor's."""
    for found, change in vats:
        for one in names:
            apart = found.segment.row - one.segment.row
            if one.segment.page == found.segment.page and -2 <= apart <= 6:
                aside = abs(one.segment.x0 - found.segment.x0)
                over = one.segment.covers(found.segment) > 0.3
                if over or aside < 6 * one.segment.height:
                    one.add(change, "vat")
