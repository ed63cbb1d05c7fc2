"""Who sends the bill, and who gets it.

The name of the vendor is the one that most speaks for (`names`); our own company never
is, whatever speaks for it.
"""

from __future__ import annotations

import re

from . import identifiers, labels, names
from .facts import by_of, field_at
from .invoice import Field, Own, Party
from .legal_forms import LEGAL_FORM
from .segments import Text, box_of
from .text import squeeze

#: An address may stand so many heights of a line under the label of its party.
_UNDER_LABEL = 3.5


#: What stands before the name of who gets a letter, and of nobody else.
_SALUTES = re.compile(r"(?:spett\.? ?le|spettabile|sayin)(?![^\W\d_])")


def is_own(name: str, own: Own) -> bool:
    """Whether a name is one of ours, in any spelling."""
    key = squeeze(name)
    for ours in map(squeeze, own.names):
        if ours and key and (ours in key or (len(key) > 5 and key in ours)):
            return True
    return False


def of_buyer(text: Text) -> set[int]:
    """``id`` of the segments that belong to the buyer."""
    return _inside(_blocks(text, labels.BUYER))


def find(text: Text, own: Own, whole: Text | None = None) -> tuple[Party, Party]:
    """The vendor and the buyer of a document.

    :param own: our company: a name or number of it is never the vendor's
    :param whole: the document with its payment slip, which prints the account
    """
    buyer_blocks = _blocks(text, labels.BUYER)
    seller_blocks = _blocks(text, labels.SELLER)
    vats = identifiers.find_vats(text)
    vendor, buyer = Party(), Party()
    _set_vats(text, vendor, buyer, vats, own, buyer_blocks)
    _set_names(text, vendor, buyer, own, buyer_blocks, seller_blocks, vats)
    _set_ibans(whole or text, vendor, own)
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
        printed = match[0] if match[0].rstrip()[-1:] == ":" else segment.folded
        if re.search(r"\b(?:no|nr|id|number|nummer|vat|code)\b", printed):
            continue
        rest = segment.text[match.end() :].strip(" :.")
        found.append([segment, *_block(text, segment, rest)])
    return found


def _block(text, label, rest):
    """What a label of a party stands for: right of it, or in the lines under it."""
    under = _column(text, label, gap=_UNDER_LABEL)
    right = next(iter(text.right_of(label)), None)
    if rest or not right or not _near(label, right) or _heads_a_block(right):
        return under if not rest or len(rest) > 2 else []
    if not label.text.endswith(":") and any(map(_is_of_address, under)):
        return under  # another party, or nothing of this one, stands beside it
    return [right, *_column(text, right)]


def _heads_a_block(segment):
    """Whether it is the label of a party, or of a fact of the bill, and no value."""
    if _is_label(labels.BUYER, segment) or _is_label(labels.SELLER, segment):
        return True
    return names.is_caption(segment.folded)


def _is_of_address(segment):
    return bool(names.POSTAL.search(segment.text) or LEGAL_FORM.search(segment.text))


def _is_label(label, segment):
    """A label ends with a colon, or stands alone, or has several words ("bill to")."""
    match = label.match(segment.folded)
    if not match:
        return None
    if label is labels.BUYER and _SALUTES.match(segment.folded):
        return match
    printed = match[0].strip()
    alone = match.end() == len(segment.text) or printed[-1] in ":."
    return match if alone or " " in printed else None


def _near(one, other):
    return other.x0 - one.x1 < 8 * one.height


def _column(text, first, most=6, gap=1.8):
    """The lines of an address under ``first``, left-aligned and close.

    :param gap: what the first of them may be apart from it, in heights of a line
    """
    found, last = [], first
    for index in range(first.row + 1, len(text.rows)):
        row = text.rows[index]
        if row.page != first.page or len(found) == most:
            break
        under = [one for one in row.segments if abs(one.x0 - first.x0) < 2 * one.height]
        apart = 1.8 if found else gap
        if row.top - last.bottom > apart * max(last.height, row.height):
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
    weights = []
    for found in vats:
        if vendor.vat and found.value == vendor.vat.value:
            weights.append((found, 0.6))
        elif buyer.vat and found.value == buyer.vat.value:
            weights.append((found, -0.6))
    inside = _inside(buyer_blocks)
    chosen = names.best(
        text, lambda name: is_own(name, own), inside, seller_blocks, weights
    )
    if chosen:
        name, certain = chosen
        place = name.segment, name.start, name.end
        vendor.name = field_at(text, *place, name.value, certain)
        _set_address(text, vendor, name.segment)
    _set_buyer(text, buyer, own, buyer_blocks)


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
        places = [(block[0], label.end())] if rest else []
        places += [(segment, 0) for segment in block[1:]]
        for segment, start in places[:2]:
            match = names.NAME_LABEL.match(segment.folded)
            start = match.end() if match else start
            value = segment.text[start:].strip(" :")
            if value and names.may_be_name(value):
                begin = segment.text.find(value, start)
                place = segment, begin, begin + len(value)
                buyer.name = field_at(text, *place, value, 0.7)
                return


def _set_vats(text, vendor, buyer, vats, own, buyer_blocks):
    ours = {identifiers.compact(value) for value in own.vats}
    inside, first = _inside(buyer_blocks), None
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
        elif not vendor.vat or _says_more(found, first):
            vendor.vat, first = item, found
    if vendor.vat:
        code = identifiers.vat_country(vendor.vat.value)
        if code:
            vendor.country = Field(
                code, vendor.vat.text, vendor.vat.box, by_of(text), 0.9
            )


def _says_more(found, other):
    """Whether a number of the form of a country stands beside one of a register."""
    near = abs(found.segment.row - other.segment.row) <= 3
    return near and found.valid is not None and other.valid is None


def _set_ibans(text, vendor, own):
    ours = {identifiers.compact(value) for value in own.ibans}
    some = [one for one in identifiers.find_ibans(text) if one.value not in ours]
    for found in some[:1]:
        place = found.segment, found.start, found.end
        vendor.iban = field_at(text, *place, found.value, 0.97)
    vendor.ibans = tuple(dict.fromkeys(found.value for found in some))


def _set_address(text, vendor, segment):
    """The lines under the name, down to a town with its postal code."""
    lines = _column(text, segment, most=4)
    for at, line in enumerate(lines):
        if names.POSTAL.search(line.text):
            some = lines[: at + 1]
            words = [word for one in some for word in one.words]
            printed = "\n".join(one.text for one in some)
            box = box_of(words, segment.page)
            vendor.address = Field(printed, printed, box, by_of(text), 0.8)
            return


def _set_mail(text, vendor, own, buyer_blocks):
    inside = _inside(buyer_blocks)
    for segment in text.segments:
        match = names.MAIL.search(segment.text)
        if match and id(segment) not in inside and not is_own(match[1], own):
            vendor.email = field_at(text, segment, *match.span(), match[0], 0.8)
            return
