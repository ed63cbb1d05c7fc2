"""The reorder proposals of ``bin/demo``: made as the buyer, and told of."""

from .client import run_of

MODEL = "ai.queue.reorder.proposal"
SHOWN = 10
WIDTHS = (36, 11, 13, 35, 10)
FIELDS = ["product_id", "numbers_before", "minimum", "maximum", "summary"]
FIELDS += ["date_short", "vendor_id", "urgency"]
#: used up before an order of today would arrive
URGENT = ("2", "3")


def press(client):
    """Press *Propose* on the worklist; returns the id of the run."""
    return run_of(client.call(MODEL, "action_propose_all", []))


def lines(client):
    """The most urgent proposals as a table, and a sentence about all of them."""
    rows = client.call(MODEL, "search_read", [("state", "=", "open")], FIELDS)
    if not rows:
        return [], "Every reordering rule is as it should be."
    urgent = sum(row["urgency"] in URGENT for row in rows)
    head = _columns("Rule of", "Min/Max", "becomes", "needed", "short from", "Vendor")
    table = [head, "─" * len(head), *map(_line, rows[:SHOWN])]
    return table, (
        f"Reordering rules that should change: {len(rows)}. Products that will be "
        f"short before an order of today would arrive: {urgent}."
    )


def _line(row):
    return _columns(
        row["product_id"][1],
        row["numbers_before"] or "none",
        f"{row['minimum']:,.0f}/{row['maximum']:,.0f}",
        row["summary"],
        row["date_short"] or "",
        row["vendor_id"][1] if row["vendor_id"] else "",
    )


def _columns(*cells):
    padded = [
        f"{cell[:width]:{width}}" for cell, width in zip(cells, WIDTHS, strict=False)
    ]
    return "  ".join([*padded, cells[-1]]).rstrip()
