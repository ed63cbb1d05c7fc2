#!/usr/bin/env python3
"""Questions in words: how many become the right report, and how long an answer takes.

    bin/bench questions [--products 300] [--lines 300000]

Asks the questions of ``ai_queue_report/tests/questions`` without a model, in the
language that each is in, and compares what they become with what was written down
before the rules were: half A was there to write the rules by, half B only to count.
Then some of them are read on a database with so many lines of invoices.
"""

import argparse
import json

import serving  # first: it makes "dev" importable

from dev import command

MODULES = [
    "ai_queue_report",
    *("sale_management", "purchase", "stock", "hr_expense", "mrp"),
]


def main(arguments):
    """``bin/bench questions``: returns the exit code."""
    parser = argparse.ArgumentParser(
        prog="bin/bench questions", description=__doc__.splitlines()[0]
    )
    parser.add_argument("--products", type=int, default=300)
    parser.add_argument("--lines", type=int, default=300_000)
    options = parser.parse_args(arguments)
    with serving.copied("bench_report", options, MODULES) as copy:
        path = copy.kept.directory / "report_questions.json"
        copy.kept.run_python(
            "from benchmarks.report_questions_odoo import report\n"
            f"report(env, {str(path)!r})\n",
            log="report_questions",
        )
        told = json.loads(path.read_text())
    print("\nWithout a model:\n")
    rows = [
        [
            f"Half {one['half'].upper()}, {one['language']}",
            one["asked"],
            one["right"],
            one["wrong"],
            one["certain_and_wrong"],
            one["not_understood"],
            f"{100 * one['right'] / max(one['asked'], 1):.0f} %",
        ]
        for one in told["scores"]
    ]
    head = ["Questions", "asked", "right", "wrong", "of these sure", "refused", "share"]
    print(serving.table(head, rows))
    print(f"\nOn {options.lines:,} lines:\n")
    rows = [
        [one["question"], one["understand_ms"], one["read_ms"], one["rows"]]
        for one in told["times"]
    ]
    print(serving.table(["Question", "understood, ms", "read, ms", "rows"], rows))
    return 0


if __name__ == "__main__":
    command.run(main)
