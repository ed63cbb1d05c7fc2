# Copyright 2026 The ai_queue contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""What the ledger notes of a question: what is asked, and how much it takes."""

import json

from ..engine.client import Image

# Tokens are estimated before the provider counts them: rather too many.
CHARACTERS_A_TOKEN = 3.0
TOKENS_AN_IMAGE = 2000


def estimate_tokens(question):
    """How many tokens a question takes, at most."""
    characters = len(question.system) + len(json.dumps(question.schema or ""))
    images = 0
    for part in question.parts:
        if isinstance(part, Image):
            images += 1
        else:
            characters += len(part)
    return int(characters / CHARACTERS_A_TOKEN) + images * TOKENS_AN_IMAGE + 10


def count_tokens(counted):
    """What the provider counted for an answer or an error; None when it did not."""
    if counted.tokens_in is None and counted.tokens_out is None:
        return None
    return (counted.tokens_in or 0) + (counted.tokens_out or 0)


def describe(question):
    """The question as people read it in the ledger; images by their size only."""
    parts = [
        f"[{part.mimetype}, {len(part.data)} bytes]"
        if isinstance(part, Image)
        else part
        for part in question.parts
    ]
    return "\n\n".join(filter(None, [question.system, *parts])).replace("\x00", "")
