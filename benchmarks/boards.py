#!/usr/bin/env python3
"""How long a board of 20 tiles takes to open and to be made anew, over real HTTP.

    benchmarks/boards.py [--looks 100] [--products 8000] [--lines 2000000]

Measured at the client, through the proxy, on a server as in production with its job
runner. Then questions in words are asked: how long the press takes, and the answer.
"""

import argparse
import re
import statistics
import time

import serving  # first: it makes "dev" importable

from dev import command

TILES = 20
BOARD, TILE, REPORT = "ai.queue.board", "ai.queue.board.tile", "ai.queue.report"
QUESTIONS = (
    "customer invoices by month in the last 12 months",
    "revenue by product category in 2025",
    "top 10 customers by revenue this year",
)
#: so often each is asked
TURNS = 7
#: queries, seconds in SQL, seconds of the rest, as Odoo logs every request
REQUEST = re.compile(
    r"POST /web/dataset/call_kw/ai\.queue\.board/get_board.*?"
    r" 200 - (\d+) ([\d.]+) ([\d.]+)"
)
HEAD = ["A board of 20 tiles", "p50", "p95", "most", "queries"]


def specification(number):
    """Reports over all customer invoices: by month, by customer, and in all."""
    group_by = (
        [{"field": "invoice_date", "granularity": "month"}],
        [{"field": "partner_id"}],
        [{"field": "invoice_date", "granularity": "week"}],
        [],
    )
    return {
        "model": "account.move",
        "measures": [{"field": "amount_untaxed_signed"}, {"field": "__count"}],
        "group_by": group_by[number % len(group_by)],
        "filters": [
            {"field": "move_type", "operator": "=", "value": "out_invoice"},
            {"field": "state", "operator": "=", "value": "posted"},
        ],
        "chart": "bar",
    }


def main(arguments):
    """``benchmarks/boards.py``: returns the exit code."""
    parser = argparse.ArgumentParser(
        prog="bin/bench boards", description=__doc__.splitlines()[0]
    )
    parser.add_argument("--looks", type=int, default=100)
    serving.add_size(parser)
    options = parser.parse_args(arguments)
    with serving.serving("bench_boards", options, ("ai_queue_report",)) as bench:
        board = make_board(bench)
        look(bench, board)  # the first request of a process builds its caches
        begun = time.perf_counter()
        run = bench.admin.call(BOARD, "prepare_board", [board])
        pressed = time.perf_counter() - begun
        row = bench.wait_ended(run)
        looks = measure(bench, board, options.looks, "opened, all figures there")
        begun = time.perf_counter()
        again = bench.admin.call(BOARD, "action_refresh", [board])
        meanwhile = []
        while bench.run(again)["state"] not in serving.ENDED:
            meanwhile.append(look(bench, board))
        refreshed = time.perf_counter() - begun
        busy = numbers("opened while it is made anew", meanwhile, [])
        asked = [ask(bench, question) for question in QUESTIONS * TURNS]
    print(serving.table(HEAD, [looks, busy]))
    print(
        f"\nPressed in {1000 * pressed:.0f} ms. First made in {row['duration']:.1f} s."
    )
    print(f"Made anew in {refreshed:.1f} s, {refreshed / TILES:.2f} s a tile.")
    # The first turn builds the caches of the processes.
    rows = [
        numbers(name, seconds[len(QUESTIONS) :], [])[:4]
        for name, seconds in zip(
            ("pressed", "answered"), zip(*asked, strict=True), strict=True
        )
    ]
    print(serving.table(["A question in words", *HEAD[1:4]], rows))
    return 0


def make_board(bench):
    """A board of the administrator."""
    (board,) = bench.admin.call(BOARD, "create", [{"name": "Benchmark"}])
    for number in range(TILES):
        vals = {
            "board_id": board,
            "title": f"Tile {number}",
            "shape": ("graph", "table", "graph", "number")[number % 4],
            "specification": specification(number),
        }
        bench.admin.call(TILE, "create", [vals])
    return board


def look(bench, board):
    """Seconds of one opening."""
    begun = time.perf_counter()
    tiles = bench.admin.call(BOARD, "get_board", [board])["tiles"]
    assert len(tiles) == TILES
    return time.perf_counter() - begun


def ask(bench, question):
    """Seconds until the press is answered, and until the figures are there."""
    begun = time.perf_counter()
    screen = bench.admin.call(REPORT, "ask_screen", question)
    pressed = time.perf_counter() - begun
    while screen["state"] not in ("done", "failed"):
        screen = bench.admin.call(REPORT, "get_ask_screen", [screen["id"]])
    if screen["state"] != "done":
        raise SystemExit(f"{question}: {screen['message']}")
    return pressed, time.perf_counter() - begun


def measure(bench, board, count, name):
    """So many openings, one by one."""
    start = bench.server.log.stat().st_size
    seconds = [look(bench, board) for _number in range(count)]
    told = REQUEST.findall(bench.server.log_text(since=start))
    return numbers(name, seconds, [int(queries) for queries, *_rest in told])


def numbers(name, seconds, queries):
    """A row of the table."""
    ordered = sorted(seconds)
    at = ordered[min(len(ordered) - 1, int(0.95 * len(ordered)))]
    times = [statistics.median(ordered), at, ordered[-1]]
    return [
        name,
        *(f"{1000 * each:.0f} ms" for each in times),
        max(queries, default="") or "",
    ]


if __name__ == "__main__":
    command.run(main)
