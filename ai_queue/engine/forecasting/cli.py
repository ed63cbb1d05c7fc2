"""Forecast the series of a file of JSON lines from the command line."""

from __future__ import annotations

import argparse
import os
import sys

from ..client.options import add_model, endpoint
from ..errors import InvalidSeries
from . import learning, records
from .assisted.command import Helper
from .core import forecast
from .series import validate

# Its output is what this command is for.
# pylint: disable=print-used

#: Lines that are read, forecast and written together: bounds the memory.
CHUNK = 5_000


def main(arguments=None) -> int:
    """Run the command.

    Returns 0; 1 when a line could not be forecast (all others are); 2 when the file
    could not be read or the options are wrong; 3 when all lines were forecast, but
    a model that was to help did not answer for some.
    """
    parser = _parser()
    options = parser.parse_args(arguments)
    helper = _helper(parser, options)
    try:
        with _open(options.file) as source:
            teacher = None if options.alone else _Teacher()
            broken = sum(
                _forecast_chunk(chunk, helper, teacher) for chunk in _chunks(source)
            )
        sys.stdout.flush()
    except BrokenPipeError:  # the reader of our output has seen enough
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 0
    except OSError as error:
        _complain(f"{options.file}: {error.strerror}")
        return 2
    if broken:
        return 1
    return 3 if helper and helper.has_failed else 0


def _parser():
    parser = argparse.ArgumentParser(
        prog="forecast",
        description="Forecast demand: one series a line in, one forecast a line out.",
        formatter_class=argparse.RawDescriptionHelpFormatter,
        epilog=records.__doc__,
    )
    parser.add_argument("file", help="file of JSON lines, or - for standard input")
    parser.add_argument(
        "--alone",
        action="store_true",
        help="forecast every series from its own history only. Otherwise, where the "
        f"Python library lightgbm is installed and the first {CHUNK:,} lines hold "
        f"at least {learning.LEAST_SERIES} series of a kind, what they have in common "
        "is learnt and takes part as far as it would have helped in the past",
    )
    model = parser.add_argument_group(
        "model",
        "Let a language model behind an OpenAI-compatible server adjust the forecasts, "
        "within guard rails. Where it does not answer, or nothing sensible, the "
        "statistical forecast stays (exit code 3 if it did not answer).",
    )
    add_model(model)
    model.add_argument(
        "--backtest",
        action="store_true",
        help="also ask about the last known periods, and report the errors of "
        "statistics and model side by side; about doubles what it costs",
    )
    return parser


def _helper(parser, options):
    """The model that is to help, None when none was named."""
    if not options.model and not options.base_url:
        if options.backtest or options.api_key_env:
            parser.error("--backtest and --api-key-env need --base-url and --model")
        return None
    if not options.model or not options.base_url:
        parser.error("--base-url and --model go together")
    return Helper(
        endpoint(parser, options),
        options.model,
        backtest=options.backtest,
        complain=_complain,
    )


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


class _Teacher:
    """Learns from the first chunk what is used for all, whatever their order later."""

    def __init__(self):
        self.learned, self.is_done = None, False

    def improve(self, series, results):
        """The forecasts together with what was learnt."""
        if not self.is_done:
            self.learned, self.is_done = learning.train(series), True
        return learning.combine(series, results, self.learned)


def _forecast_chunk(chunk, helper, teacher):
    """Forecast the good lines of a chunk; returns how many were broken."""
    series, lines, broken = [], [], 0
    for number, line in chunk:
        try:
            one = records.parse_line(line)
            validate(one)
        except InvalidSeries as error:
            _complain(f"line {number}: {error}")
            broken += 1
        else:
            series.append(one)
            lines.append(line)
    results = forecast(series)
    if teacher:
        results = teacher.improve(series, results)
    if helper:
        told = map(records.parse_description, lines)
        for result, more in helper.adjust(series, results, told):
            print(records.format_line(result, more))
    else:
        for result in results:
            print(records.format_line(result))
    return broken


def _complain(sentence):
    print(f"forecast: {sentence}", file=sys.stderr)
