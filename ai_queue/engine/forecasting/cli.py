"""Forecast the series of a file of JSON lines from the command line."""

import argparse
import sys

from ..errors import InvalidSeries
from . import records
from .core import forecast
from .series import validate

#: Lines that are read, forecast and written together: bounds the memory.
CHUNK = 5_000


def main(arguments=None):
    """Run the command; returns 0, or 1 when a line could not be forecast."""
    options = _parser().parse_args(arguments)
    try:
        source = _open(options.file)
    except OSError as error:
        print(f"forecast: {options.file}: {error.strerror}", file=sys.stderr)
        return 2
    with source:
        broken = sum(_forecast_chunk(chunk) for chunk in _chunks(source))
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
    if name == "-":
        return open(sys.stdin.fileno(), encoding="utf-8", closefd=False)
    return open(name, encoding="utf-8")


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
            print(f"forecast: line {number}: {error}", file=sys.stderr)
            broken += 1
        else:
            series.append(one)
    for result in forecast(series):
        print(records.format_line(result))
    return broken
