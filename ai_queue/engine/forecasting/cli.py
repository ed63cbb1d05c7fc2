"""Forecast the series of a file of JSON lines from the command line."""

from __future__ import annotations

import argparse
import os
import sys

from ..errors import InvalidSeries
from . import records
from .core import forecast
from .series import validate

# Its output is what this command is for.
# pylint: disable=print-used

#: Lines that are read, forecast and written together: bounds the memory.
CHUNK = 5_000


def main(arguments=None) -> int:
    """Run the command.

    Returns 0; 1 when a line could not be forecast (all others are); 2 when the file
    could not be read.
    """
    options = _parser().parse_args(arguments)
    try:
        with _open(options.file) as source:
            broken = sum(_forecast_chunk(chunk) for chunk in _chunks(source))
        sys.stdout.flush()
    except BrokenPipeError:  # the reader of our output has seen enough
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 0
    except OSError as error:
        _complain(f"{options.file}: {error.strerror}")
        return 2
    return 1 if broken else 0


def _parser():
    parser = argparse.ArgumentParser(
        prog="forecast",
        description="Forecast demand: one series a line in, one forecast a line out.",
        formatter_class=argparse.RawDescriptionHelpFormatter,
        epilog=records.__doc__,
    )
    parser.add_argument("file", help="file of JSON lines, or - for standard input")
    return parser


def _open(name):
    # A line that is not UTF-8 is one broken line, not the end of all.
    source = sys.stdin.fileno() if name == "-" else name
    return open(source, encoding="utf-8", errors="replace", closefd=name != "-")


def _chunks(source):
    chunk = []
    for number, line in enumerate(source, 1):
        if line.strip():
            chunk.append((number, line))
        if len(chunk) == CHUNK:
            yield chunk
            chunk = []
    if chunk:
        yield chunk


def _forecast_chunk(chunk):
    """Forecast the good lines of a chunk; returns how many were broken."""
    series, broken = [], 0
    for number, line in chunk:
        try:
            one = records.parse_line(line)
            validate(one)
        except InvalidSeries as error:
            _complain(f"line {number}: {error}")
            broken += 1
        else:
            series.append(one)
    for result in forecast(series):
        print(records.format_line(result))
    return broken


def _complain(sentence):
    print(f"forecast: {sentence}", file=sys.stderr)
