"""The questions of ``bin/demo``: asked in words as the accountant, and answered."""

from .client import Client
from .demo_bills import LOGIN, PASSWORD

MODEL = "ai.queue.report"
QUESTIONS = (
    "sales by month this year compared with last year",
    "top 5 customers this year",
)
FIELDS = ["sentence", "summary", "message"]


def client(odoo_server):
    """The accountant."""
    return Client(odoo_server.url, odoo_server.database, LOGIN, PASSWORD)


def press(accountant, question):
    """Ask; returns the ids of the report and of its run."""
    asked = accountant.call(MODEL, "action_ask", question)
    return asked["report_id"], asked["run_id"]


def lines(accountant, report_id, question):
    """What was asked, what was understood, and the answer in words."""
    [report] = accountant.call(MODEL, "read", [report_id], FIELDS)
    answer = report["summary"] or report["message"] or "Nothing was found."
    told = [report["sentence"] or "", *answer.splitlines()]
    return [f"“{question}”", *(f"    {line}" for line in told if line)]
