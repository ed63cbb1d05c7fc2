"""The payment part of Swiss QR bills: its words are no part of the bill above it.

Its texts are those of the standard in its four languages (SIX, Swiss Implementation
Guidelines for the QR-bill).
"""

from __future__ import annotations

import re

from .segments import Segment, Text

_RECEIPT = re.compile(r"empfangsschein|recepisse|ricevuta|receipt")
_PART = re.compile(r"zahlteil|section paiement|sezione pagamento|payment part")
_ACCOUNT = re.compile(
    r"(?:konto|compte|conto|account) ?/ ?(?:zahlbar an|payable a|pagabile a|payable to)"
)


def top_of(text: Text) -> dict[int, float]:
    """Page -> where its payment part begins, for the pages that have one."""
    found = {}
    for page in text.heights:
        some = [one for one in text.segments if one.page == page]
        parts = [one for one in some if _PART.match(one.folded.strip())]
        receipts = [one for one in some if _RECEIPT.fullmatch(one.folded.strip())]
        if parts and (receipts or any(_ACCOUNT.match(one.folded) for one in some)):
            found[page] = min(one.top for one in (*parts[:1], *receipts[:1])) - 0.1
    return found


def payee(text: Text) -> Segment | None:
    """Who is to be paid: the line under the account."""
    for segment in text.segments:
        if not _ACCOUNT.match(segment.folded):
            continue
        for line in list(text.below(segment, 3.5))[:2]:
            if sum(char.isdigit() for char in line.text) < 8:
                return line
    return None
