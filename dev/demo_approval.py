"""The agent of ``bin/demo`` that looks at vendor bills before they are posted."""

from .client import Client, run_of
from .demo_bills import LOGIN, PASSWORD

MODEL = "ai.queue.proposal"
DRAFTS = [("move_type", "in", ("in_invoice", "in_refund")), ("state", "=", "draft")]
WIDTHS = (30, 9)


def client(odoo_server):
    """The accountant."""
    return Client(odoo_server.url, odoo_server.database, LOGIN, PASSWORD)


def press(accountant):
    """Press *Check for Approval* on all drafts; returns the id of the run.

    None where there is no draft.
    """
    drafts = accountant.call("account.move", "search", DRAFTS)
    if not drafts:
        return None
    return run_of(accountant.call("account.move", "action_check_ai_approval", drafts))


def lines(accountant):
    """What the agent proposes as a table, and a sentence about all of it."""
    names = ["record_name", "verdict", "main_reason"]
    open_ones = [("state", "=", "open"), ("res_model", "=", "account.move")]
    rows = accountant.call(MODEL, "search_read", open_ones, names, order="id")
    if not rows:
        return [], "No vendor bill waits for a decision."
    head = _columns("Vendor bill", "Proposed", "Main reason")
    return [head, "─" * len(head), *map(_line, rows)], (
        f"Vendor bills that the agent looked at, for a person to decide: {len(rows)}."
    )


def _line(row):
    # the first sentence says what, the others what to do about it
    what, _end, _rest = (row["main_reason"] or "").partition(". ")
    return _columns(row["record_name"] or "", row["verdict"], what.rstrip("."))


def _columns(*cells):
    padded = [
        f"{cell[:width]:{width}}" for cell, width in zip(cells, WIDTHS, strict=False)
    ]
    return "  ".join([*padded, cells[-1]]).rstrip()
