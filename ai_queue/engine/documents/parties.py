"""Who sends the bill, and who gets it.

Every segment that may be a name collects evidence; no name is known beforehand. Our
own company is never the vendor, whatever speaks for it.
"""

from __future__ import annotations

import re
from collections import Counter
from dataclasses import dataclass, field

from . import dates, identifiers, labels, numbers, table
from .facts import by_of, field_at
from .invoice import Field, Own, Party
from .segments import Segment, Text, box_of
from .text import fold, squeeze

#: Separators between the parts of a sender's line over the window of an envelope.
_PARTS = re.compile(r"\s+[-–—|•●·*/]\s+|\s*[|•●·]\s*")
_POSTAL = re.compile(
    r"\b(?:[A-Z]{1,2}[- ])?\d{4,5}\s+[A-ZÀ-Ý]|\b\d{4}\s?[A-Z]{2}\b"
    r"|\b[A-Z]{2},?\s\d{5}\b|\b[A-Z]{1,2}\d[A-Z\d]?\s*\d[A-Z]{2}\b"
)
_MAIL = re.compile(r"[\w.+-]+@([\w-]+(?:\.[\w-]+)+)")
_SITE = re.compile(r"(?:https?://|www\.)([\w.-]+\.[a-z]{2,})")
_NOISE = re.compile(
    r"^(?:page|seite|tel|fon|fax|phone|mobile|e-?mail|www|http|date|datum|thank"
    r"|vielen dank|iban|bic|swift|bank|vat|ust|tva|btw|iva|gln|total|sub-?total|terms)"
)
_NAME_LABEL = re.compile(r"^(?:company )?(?:name|firma|nom|naam|nome|nombre)\s*[:.]\s*")
#: The number of a company in a register, after its name.
_REGISTER = re.compile(r"\s*(?:[(\[{][^)]*\d{3}|[\w-]*\d{5})")
_NUMBERED = re.compile(r"(?<=[A-Za-z/].{3}) [(\[{]?(?:\w*\d){5}[\w-]*")
_STREET = re.compile(
    r"(?<![a-z])(?:street|st|road|rd|avenue|ave|lane|drive|floor|level|suite|lot|jalan"
    r"|jln|taman|\w*str(?:asse|\.)?|\w*weg|platz|rue|boulevard|place|via|viale|piazza"
    r"|calle|avenida|plaza|rua|\w*straat|\w*laan|plein|po box|p\.o\. box)(?![a-z])"
)
#: What may stand around a name, but for brackets that belong to it.
_EDGES = " ,;:-–|•●·'‘’\"_=*~<>«»"
#: Domains of mail services: they say nothing of the company.
_SERVICES = frozenset(
    "gmail hotmail outlook yahoo gmx web icloud live aol t-online localhost".split()
)


@dataclass(eq=False)
class _Name:
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
        for form in labels.LEGAL_FORM.finditer(value):
            if _REGISTER.match(value, form.end()):
                return value[: form.end()].strip(_EDGES)
        return value

    def add(self, score, reason):
        self.score += score
        self.reasons.append(reason)


def is_own(name: str, own: Own) -> bool:
    """Whether a name is one of ours, in any spelling."""
    key = squeeze(name)
    for ours in map(squeeze, own.names):
        if ours and key and (ours in key or (len(key) > 5 and key in ours)):
            return True
    return False


def find(text: Text, own: Own) -> tuple[Party, Party]:
    """The vendor and the buyer of a document.

    :param own: our company: a name or VAT number of it is never the vendor's
    """
    buyer_blocks = _blocks(text, labels.BUYER)
    seller_blocks = _blocks(text, labels.SELLER)
    vats = identifiers.find_vats(text)
    vendor, buyer = Party(), Party()
    _set_vats(text, vendor, buyer, vats, own, buyer_blocks)
    _set_names(text, vendor, buyer, own, buyer_blocks, seller_blocks, vats)
    for found in identifiers.find_ibans(text):
        place = found.segment, found.start, found.end
        vendor.iban = vendor.iban or field_at(text, *place, found.value, 0.97)
    _set_mail(text, vendor, own, buyer_blocks)
    return vendor, buyer


# ------------------------------------------------------------
# BLOCKS
# ------------------------------------------------------------


def _blocks(text, label):
    """Segments that belong to a party: under, or after, a label that says so.

    :return: list of lists; the first segment of each holds the label itself
    """
    found = []
    for segment in text.segments:
        match = _is_label(label, segment)
        if not match or labels.OTHER_NUMBER.search(segment.folded[match.end() :][:8]):
            continue
        if re.search(r"\b(?:no|nr|id|number|nummer|vat|code)\b", segment.folded):
            continue
        rest = segment.text[match.end() :].strip(" :.")
        block = [segment]
        right = text.right_of(segment)[:1]
        if not rest and right and _near(segment, right[0]):
            block += [right[0], *_column(text, right[0])]
        elif not rest or len(rest) > 2:
            block += _column(text, segment)
        found.append(block)
    return found


def _is_label(label, segment):
    """A label ends with a colon, or stands alone, or has several words ("bill to")."""
    match = label.match(segment.folded)
    if not match:
        return None
    printed = match[0].strip()
    alone = match.end() == len(segment.text) or printed[-1] in ":."
    return match if alone or " " in printed else None


def _near(one, other):
    return other.x0 - one.x1 < 8 * one.height


def _column(text, first, most=6):
    """The lines of an address under ``first``, left-aligned and close."""
    found, last = [], first
    for index in range(first.row + 1, len(text.rows)):
        row = text.rows[index]
        if row.page != first.page or len(found) == most:
            break
        under = [one for one in row.segments if abs(one.x0 - first.x0) < 2 * one.height]
        if row.top - last.bottom > 1.8 * max(last.height, row.height):
            break
        if under:
            if _is_label(labels.BUYER, under[0]) or _is_label(labels.SELLER, under[0]):
                break
            found.append(under[0])
            last = under[0]
    return found


def _inside(blocks):
    return {id(segment) for block in blocks for segment in block}


# ------------------------------------------------------------
# NAMES
# ------------------------------------------------------------


def _set_names(text, vendor, buyer, own, buyer_blocks, seller_blocks, vats):
    names = _candidates(text)
    counts = Counter(squeeze(one.value) for one in names)
    inside_buyer = _inside(buyer_blocks)
    domains = _domains(text, inside_buyer)
    usual = _usual_height(text)
    for one in names:
        _judge(text, one, counts, domains, usual)
        if id(one.segment) in inside_buyer:
            one.add(-2.5, "buyer")
        if _in_table(text, one.segment):
            one.add(-1.5, "table")
        if is_own(one.value, own):
            one.add(-99, "own")
    _judge_sellers(names, seller_blocks)
    _judge_holders(names, counts)
    _judge_vats(names, vats, vendor, buyer)
    names = [one for one in names if one.score > 0.2]
    if names:
        best = max(names, key=lambda one: one.score)
        certain = min(0.97, 0.4 + 0.15 * best.score)
        if any(_rivals(one, best) for one in names):
            certain = min(certain, 0.5)
        place = best.segment, best.start, best.end
        vendor.name = field_at(text, *place, best.value, certain)
        _set_address(text, vendor, best.segment)
    _set_buyer(text, buyer, own, buyer_blocks)


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
        for pattern in (labels.SELLER, _NAME_LABEL):
            match = pattern.match(segment.folded[start:])
            if match and start + match.end() < len(segment.text):
                if match[0].strip()[-1] in ":.":
                    start += match.end()
        holder = labels.HOLDER.search(segment.folded)
        if holder and holder.end() < len(segment.text):
            start = holder.end()
        parts = _PARTS.split(segment.text[start:])
        at = start
        for part in parts:
            at = segment.text.find(part, at)
            part = part.strip()
            number = _NUMBERED.search(part)
            part = part[: number.start()].strip() if number else part
            if part and _may_be_name(part):
                begin = segment.text.find(part, at)
                found.append(_Name(segment, begin, begin + len(part)))
            at += len(part)
    return found + list(_joined(text))


def _joined(text):
    """Names that are printed in two rows, or with wide gaps at the top."""
    for row in text.rows:
        first = row.segments[0]
        form = labels.LEGAL_FORM.fullmatch(first.text)
        for above in list(text.above(first, lines=1.5))[:1] if form else ():
            if _may_be_name(above.text):
                joined = f"{above.text} {first.text}"
                yield _Name(above, 0, len(above.text), joined)
        if text.source == "ocr" and row.index < 4 and _is_spaced(row):
            joined = " ".join(one.text for one in row.segments)
            if not re.search(r"\d", joined) and _may_be_name(joined):
                yield _Name(first, 0, len(first.text), joined)


def _is_spaced(row):
    """Whether a row is one text with wide gaps, and not two that stand side by side."""
    pairs = list(zip(row.segments, row.segments[1:], strict=False))
    return bool(pairs) and all(
        right.x0 - left.x1 < 2.5 * left.height
        and 0.8 < left.height / max(right.height, 0.1) < 1.25
        and not labels.LEGAL_FORM.search(left.text)
        for left, right in pairs
    )


def _may_be_name(value):
    folded = fold(value)
    letters = sum(char.isalpha() for char in value)
    if letters < 3 or len(value) > 70 or letters < 0.5 * len(value.replace(" ", "")):
        return False
    if _NOISE.match(folded) or _MAIL.search(value) or _SITE.search(value):
        return False
    if next(dates.find(value), None) or value.rstrip().endswith(":"):
        return False
    if labels.LEGAL_FORM.search(value):
        return len(value.split()) > 1
    if labels.amount_kind(folded) or _title(folded):
        return False
    return not re.search(r"\d{3,}", value) and len(value.split()) <= 7


def _title(folded):
    words = (labels.INVOICE, labels.CREDIT, labels.RECEIPT)
    return any(pattern.search(folded) for pattern in words)


def _judge(text, one, counts, domains, usual):
    segment, value = one.segment, one.value
    first_page = segment.page == min(text.heights)
    height = text.heights[segment.page]
    if labels.LEGAL_FORM.search(value):
        one.add(1.5, "legal form")
    if first_page and segment.top < 0.35 * height:
        one.add(0.6 * (1 - segment.top / (0.35 * height)), "top")
    if first_page and segment.row <= 1:
        one.add(0.5, "first")
    if segment.height > 1.25 * usual and segment.top < 0.3 * height and first_page:
        one.add(min(0.7, segment.height / usual - 1), "large")
    key = squeeze(value)
    if counts[key] > 1:
        one.add(0.4, "repeated")
    for domain in domains:
        if _resembles(key, value, domain):
            one.add(1.2, "domain")
            break
    if _sender_line(segment, one):
        one.add(1.2, "sender line")
    if labels.BANK.search(fold(value)):
        one.add(-1.2, "bank")
    if any(char.isdigit() for char in value):
        one.add(-0.6, "digits")
    one.add(segment.confidence - 1, "unclear")
    if one.joined:
        one.add(0.1, "joined")
    if _STREET.search(fold(value)) and "legal form" not in one.reasons:
        one.add(-0.8, "street")
    if _in_sentence(segment, one):
        one.add(-1.0, "sentence")
    if not first_page:
        one.add(-0.8, "later page")
    if first_page and segment.top > 0.4 * height and "legal form" not in one.reasons:
        one.add(-0.6, "low")


def _in_table(text, segment):
    """Whether a segment stands in the header of a table, or beside an amount."""
    row = text.rows[segment.row]
    if table.is_header(row):
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
    rest = segment.text[one.end :]
    return one.start == 0 and bool(_PARTS.search(rest)) and bool(_POSTAL.search(rest))


def _in_sentence(segment, one):
    return len(segment.text) > len(one.value) + 25 and not _PARTS.search(segment.text)


def _domains(text, inside_buyer):
    found = []
    for segment in text.segments:
        if id(segment) in inside_buyer:
            continue
        for pattern in (_MAIL, _SITE):
            for match in pattern.finditer(segment.text.lower()):
                parts = match[1].removeprefix("www.").split(".")
                stem = parts[-2] if len(parts) > 1 else parts[0]
                if stem not in _SERVICES:
                    found.append(stem)
    return found


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


def _judge_vats(names, vats, vendor, buyer):
    """A name beside, or right over, the VAT number of the vendor is the vendor's."""
    for found in vats:
        value = found.value
        if vendor.vat and value == vendor.vat.value:
            change = 0.6
        elif buyer.vat and value == buyer.vat.value:
            change = -0.6
        else:
            continue
        for one in names:
            apart = found.segment.row - one.segment.row
            if one.segment.page == found.segment.page and -2 <= apart <= 6:
                aside = abs(one.segment.x0 - found.segment.x0)
                over = one.segment.covers(found.segment) > 0.3
                if over or aside < 6 * one.segment.height:
                    one.add(change, "vat")


# ------------------------------------------------------------
# BUYER, NUMBERS, ADDRESS
# ------------------------------------------------------------


def _set_buyer(text, buyer, own, blocks):
    for segment in text.segments:
        if own.names and is_own(segment.text, own):
            place = segment, 0, len(segment.text)
            buyer.name = field_at(text, *place, segment.text, 0.95)
            return
    for block in blocks:
        label = _is_label(labels.BUYER, block[0])
        rest = block[0].text[label.end() :].strip(" :")
        names = [(block[0], label.end())] if rest else []
        names += [(segment, 0) for segment in block[1:]]
        for segment, start in names[:2]:
            match = _NAME_LABEL.match(segment.folded)
            start = match.end() if match else start
            value = segment.text[start:].strip(" :")
            if value and _may_be_name(value):
                begin = segment.text.find(value, start)
                place = segment, begin, begin + len(value)
                buyer.name = field_at(text, *place, value, 0.7)
                return


def _set_vats(text, vendor, buyer, vats, own, buyer_blocks):
    ours = {identifiers.compact(value) for value in own.vats}
    inside = _inside(buyer_blocks)
    for found in vats:
        before = found.segment.folded[: found.start]
        left = " ".join(one.folded for one in text.left_of(found.segment)[:1])
        your = re.search(
            r"\b(?:ihre?|your|votre|uw|vostr[oa]|su|customer|client|kunde\w*|buyer)\b",
            before or left,
        )
        mine = (
            found.value in ours
            or found.value.lstrip("ABCDEFGHIJKLMNOPQRSTUVWXYZ") in ours
        )
        place = found.segment, found.start, found.end
        certain = {True: 0.97, False: 0.6, None: 0.75}[found.valid]
        item = field_at(text, *place, found.value, certain)
        if mine or your or id(found.segment) in inside:
            buyer.vat = buyer.vat or item
        elif not vendor.vat:
            vendor.vat = item
    if vendor.vat:
        code = identifiers.vat_country(vendor.vat.value)
        if code:
            vendor.country = Field(
                code, vendor.vat.text, vendor.vat.box, by_of(text), 0.9
            )


def _set_address(text, vendor, segment):
    """The lines under the name, down to a town with its postal code."""
    lines = _column(text, segment, most=4)
    for at, line in enumerate(lines):
        if _POSTAL.search(line.text):
            some = lines[: at + 1]
            words = [word for one in some for word in one.words]
            printed = "\n".join(one.text for one in some)
            box = box_of(words, segment.page)
            vendor.address = Field(printed, printed, box, by_of(text), 0.8)
            return


def _set_mail(text, vendor, own, buyer_blocks):
    inside = _inside(buyer_blocks)
    for segment in text.segments:
        match = _MAIL.search(segment.text)
        if match and id(segment) not in inside and not is_own(match[1], own):
            vendor.email = field_at(text, segment, *match.span(), match[0], 0.8)
            return
