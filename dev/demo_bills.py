"""The vendor bills of ``bin/demo``: uploaded as the accountant, read, and told of."""

import base64
import time

from .bar import Bar
from .client import Client
from .company import bills
from .progress import SetupError, say

LOGIN = PASSWORD = "accountant"
POLL_SECONDS = 0.3
#: readings that have not moved for so long are stuck
STALL_SECONDS = 120
OPEN = ("pending", "started")
#: what becomes of a bill, in words
OUTCOMES = {
    "done": "in order",
    "review": "to review",
    "failed": "not read",
    "cancelled": "left out",
}
WIDTHS = (22, 26, 12, 10)


def read(odoo_server):
    """Have the sample bills read, and say what became of them.

    Those that are there from an earlier start are told of again.
    """
    client = Client(odoo_server.url, odoo_server.database, LOGIN, PASSWORD)
    moves = _find(client)
    if not moves:
        _upload(client)
    rows = _watch(client)
    print("\n".join(["", *_lines(rows)]), flush=True)
    waiting = sum(row["ai_reading_state"] in ("review", "failed") for row in rows)
    say(f"{len(rows)} vendor bills were read: {waiting} to review.")


def _find(client):
    """The bills that were made of the sample files."""
    names = ["ai_reading_state", "ai_review_file", "ai_review_vendor"]
    names += ["ai_review_total", "ai_review_reason", "state"]
    moves = client.call(
        "account.move",
        "search_read",
        [("move_type", "in", ("in_invoice", "in_refund"))],
        [*names, "ref"],
        order="id",
    )
    return [move for move in moves if move["ai_review_file"] in bills.READ]


def _upload(client):
    """Choose the files at the button *Upload*, as the web client does it."""
    files = [
        {
            "name": name,
            "mimetype": "application/pdf",
            "datas": base64.b64encode((bills.DIRECTORY / name).read_bytes()).decode(),
        }
        for name in bills.READ
    ]
    ids = client.call("ir.attachment", "create", files)
    started = time.monotonic()
    client.call(
        "account.journal",
        "create_document_from_attachment",
        "",
        ids,
        context={"default_move_type": "in_invoice"},
    )
    answered = time.monotonic() - started
    say(f"{LOGIN} uploaded {len(ids)} vendor bills: answered in {answered:.1f} s.")


def _watch(client):
    """Show how many are read until all are; returns them."""
    seen, moved = None, time.monotonic()
    with Bar("Vendor bills read") as bar:
        while True:
            rows = _find(client)
            left = sum(row["ai_reading_state"] in OPEN for row in rows)
            total = len(bills.READ)
            bar.show(len(rows) - left, total)
            if len(rows) == total and not left:
                return rows
            if (now := (len(rows), left)) != seen:
                seen, moved = now, time.monotonic()
            elif time.monotonic() - moved > STALL_SECONDS:
                raise SetupError(
                    f"No vendor bill was read for {STALL_SECONDS} s: is the job runner"
                    " at work?"
                )
            time.sleep(POLL_SECONDS)


def _lines(rows):
    """The table, ready to print."""
    head = _columns("File", "Vendor", "Total", "", "Main reason")
    return [head, "─" * len(head), *map(_line, rows)]


def _line(row):
    state = row["ai_reading_state"]
    outcome = "posted" if row["state"] == "posted" else OUTCOMES.get(state, state)
    names = ("ai_review_file", "ai_review_vendor", "ai_review_total")
    cells = [row[name] or "" for name in names]
    return _columns(*cells, outcome, row["ai_review_reason"] or "")


def _columns(*cells):
    padded = [
        f"{cell[:width]:>{width}}" if at == 2 else f"{cell[:width]:{width}}"
        for at, (cell, width) in enumerate(zip(cells, WIDTHS, strict=False))
    ]
    return "  ".join([*padded, cells[-1]]).rstrip()
