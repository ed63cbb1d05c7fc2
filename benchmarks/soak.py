#!/usr/bin/env python3
"""Everything at work while everything breaks, for hours.

    benchmarks/soak.py [--minutes 120] [--picture benchmarks/soak.svg]

The check of ``bin/test soak``, for longer: it prints what went on, what broke and what
became of it, and draws memory, jobs and answers over time. The exit code is 1 where
something was lost, done twice, paid twice or stuck, or where memory grew.
"""

import argparse
import json
import os
import tempfile
from pathlib import Path

import serving  # first: it makes "dev" importable

from dev import cache, command, runners
from dev.workspace import Workspace

COLOURS = ("#0b6e5f", "#c77700", "#7a3fa0", "#8a8a8a", "#2b6cb0")
BROKEN = {"worker killed": "|", "runner killed": "^", "Celery worker killed": "x"}


def main(arguments):
    """``benchmarks/soak.py``: returns the exit code."""
    parser = argparse.ArgumentParser(
        prog="bin/bench soak", description=__doc__.splitlines()[0]
    )
    parser.add_argument("--minutes", type=float, default=120, help="how long")
    parser.add_argument(
        "--picture", type=Path, default=serving.HERE / "soak.svg", help="to write (SVG)"
    )
    options = parser.parse_args(arguments)
    base = cache.state() / "checks"
    base.mkdir(exist_ok=True)
    path = Path(tempfile.mkdtemp(prefix="soak-", dir=base))
    # the database server runs as another user below it
    path.chmod(0o755)
    workspace = Workspace(path)
    os.environ["AI_QUEUE_SOAK_MINUTES"] = str(options.minutes)
    try:
        with workspace.running():
            _passed, failed, _skipped = runners.pytest("soak", workspace, output=True)
        report = workspace.log("soak").with_suffix(".json")
        if report.exists():
            draw(json.loads(report.read_text()), options.picture)
            print(f"\n{options.picture}")
    finally:
        workspace.remove()
    return 1 if failed else 0


def draw(report, path):
    """Memory, jobs and answers, a panel each, with what broke.

    :param report: as ``dev/checks/soak`` writes it
    :param path: of the picture, an SVG or PNG
    """
    import matplotlib

    matplotlib.use("Agg")
    # text stays text, and the same numbers give the same file
    matplotlib.rcParams.update({"svg.fonttype": "none", "svg.hashsalt": "soak"})
    from matplotlib import pyplot

    figure, panels = pyplot.subplots(3, 1, sharex=True, figsize=(11, 7))
    samples = report["samples"]
    minutes = [at / 60 for at, _memory, _jobs, _answered in samples]
    names = list(samples[0][1])
    panels[0].stackplot(
        minutes,
        [[memory[name] for _at, memory, _jobs, _done in samples] for name in names],
        labels=names,
        colors=COLOURS,
    )
    panels[0].set_ylabel("MB of Odoo's own")
    known = [(at / 60, jobs) for at, _memory, jobs, _done in samples if jobs]
    for place, name in enumerate(("waiting", "at work")):
        panels[1].plot(
            [at for at, _jobs in known],
            [jobs[place] for _at, jobs in known],
            label=name,
            color=COLOURS[place],
        )
    panels[1].set_ylabel("jobs")
    panels[2].plot(
        [at for at, _jobs in known],
        [jobs[2] for _at, jobs in known],
        label="jobs done",
        color=COLOURS[0],
    )
    panels[2].plot(
        minutes,
        [done for *_others, done in samples],
        label="answers of the model",
        color=COLOURS[1],
    )
    panels[2].set_ylabel("in all")
    panels[2].set_xlabel("minutes")
    for axes in panels:
        _mark(axes, report["marks"])
        axes.set_ylim(bottom=0)
        axes.legend(loc="upper left", fontsize=8, frameon=False)
        for side in ("top", "right"):
            axes.spines[side].set_visible(False)
    figure.tight_layout()
    options = {"metadata": {"Date": None}} if path.suffix == ".svg" else {"dpi": 120}
    figure.savefig(path, **options)
    pyplot.close(figure)


def _mark(axes, marks):
    """A tick for each process that was killed, a line for all else."""
    for at, what in marks:
        if what in BROKEN:
            axes.plot([at / 60], [0], marker=BROKEN[what], color="#b00020", ms=7)
            continue
        axes.axvline(at / 60, color="#b00020", lw=0.8, ls="--")
        # Upright, for several may come close to each other.
        axes.annotate(
            what,
            (at / 60, 1),
            xycoords=("data", "axes fraction"),
            fontsize=7,
            rotation=90,
            ha="right",
            va="top",
        )


if __name__ == "__main__":
    command.run(main)
