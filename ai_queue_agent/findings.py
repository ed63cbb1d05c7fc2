# Copyright 2026 The ai_queue contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""What an agent has found about a record, and what follows from it.

Plain Python, without a database. A finding is a code with values, so that everybody
reads it in their own language: who owns the code owns its sentence.
"""

import re
from typing import Any, NamedTuple

#: What a finding means: something is wrong or missing; a person has to judge it; it
#: speaks for the record; it is good to know.
HOLD, ASK, FOR, NOTE = "hold", "ask", "for", "note"
#: From the most to the least telling.
LEVELS = (HOLD, ASK, FOR, NOTE)
APPROVE = "approve"
#: Findings that no model can settle, but who may.
FOR_PEOPLE = frozenset({"over_limit"})
#: So long a decision of a person holds while nothing new is found.
SETTLED_DAYS = 30
_STOPS = re.compile(r"(?<!\.)\.\.(?!\.)")


class Finding(NamedTuple):
    """One thing that was found.

    ``tell``: who can put it right, "vendor" or "buyer"; empty for whoever decides.
    """

    code: str
    level: str
    values: dict[str, Any]
    tell: str = ""

    def to_json(self):
        """As a proposal keeps it."""
        return {
            "code": self.code,
            "level": self.level,
            "values": {name: _plain(value) for name, value in self.values.items()},
            "tell": self.tell,
        }


def verdict(findings):
    """What follows from all findings together: hold, ask or approve."""
    levels = {finding.level for finding in findings}
    for level in (HOLD, ASK):
        if level in levels:
            return level
    # Nothing against it is not enough: something must speak for it.
    return APPROVE if FOR in levels else ASK


def sort(findings):
    """The most telling first, otherwise as they were found."""
    return sorted(findings, key=lambda finding: LEVELS.index(finding.level))


def end_once(text):
    """A sentence that ends with a name such as "Ltd." has one full stop."""
    return _STOPS.sub(".", text)


def objections(findings):
    """What speaks against the record, to compare two lists of findings (as JSON)."""
    return {
        (one["code"], str(sorted(one["values"].items())))
        for one in findings
        if one["level"] in (HOLD, ASK)
    }


def _plain(value):
    if isinstance(value, float):
        return round(value, 6)
    if isinstance(value, (tuple, set, frozenset)):
        return sorted(map(str, value))
    return value if isinstance(value, (int, bool, list, dict, str)) else str(value)
