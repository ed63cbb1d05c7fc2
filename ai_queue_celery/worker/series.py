"""Series on their way to a worker, and forecasts on their way back.

JSON whose numbers are those of the arrays to the last bit: a forecast that was made
elsewhere is the one that would have been made here. Neither names nor categories of
products go along, but for the product that another one is expected to sell like, which
the reason of its forecast names.

The engine has another name in Odoo than at a worker, so that functions get its modules.
"""

import base64
import hashlib
import zlib
from contextlib import contextmanager

import numpy as np

from .packing import (
    MAX_UNPACKED,
    VERSION,
    squeeze,
    squeeze_bytes,
    unsqueeze,
    unsqueeze_bytes,
)

FORECAST, LEARN = "forecast", "learn"
#: Results lie in Redis for so long, seconds: until its job has taken them, also one
#: that waits for a model meanwhile.
KEEP_SECONDS = 2 * 60 * 60
#: Deepest that reasons have notes of their own.
_DEEPEST = 3
#: Numbers are of history after history: packed tighter it takes longer than sending it.
_LEVEL = 1
_WRONG = (KeyError, TypeError, AttributeError, OverflowError, RecursionError)
_PLAIN = ("freq", "horizon", "season", "sold_before", "begins", "phase", "group")
_PLAIN += ("price",)
_ARRAYS = ("quantity", "lo80", "hi80", "lo95", "hi95")
_ARRAYS += ("total_lo80", "total_hi80", "total_lo95", "total_hi95")
_BACKTEST = ("error", "bias", "period_error", "origins", "horizon")


def pack_series(series, task, learned=None):
    """A piece of work.

    :param series: of ``engine.forecasting.Series``
    :param task: `FORECAST` or `LEARN`
    :param learned: hash of what was learnt, as of `get_hash`; None for nothing
    :raise packing.TooLarge: it has more than may be sent
    :raise ValueError: they hold what is no number
    """
    with _understood():
        return _pack_series(series, task, learned)


def _pack_series(series, task, learned):
    numbers, described = [], []
    for one in series:
        parts = [one.history]
        for past, coming in one.columns.values():
            parts += [past, coming]
        arrays = [np.array(part, dtype="<f8") for part in parts]
        if any(array.ndim != 1 for array in arrays):
            raise ValueError("A history is a flat list of numbers.")
        numbers += arrays
        described.append(
            {
                **{name: _plain(getattr(one, name)) for name in _PLAIN},
                "columns": list(map(str, one.columns)),
                "lengths": list(map(len, arrays)),
                "notes": [_pack_reason(note) for note in one.notes],
            }
        )
    return squeeze(
        {
            "version": VERSION,
            "task": task,
            "learned": learned,
            "series": described,
            "numbers": _pack_numbers(numbers),
        }
    )


def unpack_series(text, forecasting):
    """What `pack_series` made.

    :param forecasting: the module ``engine.forecasting``
    :return: (series, known by their place; task; hash of what was learnt)
    :raise ValueError: it is none of that
    """
    with _understood():
        values = unsqueeze(text)
        if values["version"] != VERSION:
            raise ValueError("The series are of another version.")
        return (
            _unpack_series(values, forecasting),
            values["task"],
            values["learned"],
        )


def _unpack_series(values, forecasting):
    numbers, at, series = _unpack_numbers(values["numbers"]), 0, []
    for place, one in enumerate(values["series"]):
        parts = []
        for length in one["lengths"]:
            parts.append(numbers[at : at + length])
            at += length
        pairs = zip(parts[1::2], parts[2::2], strict=True)
        series.append(
            forecasting.Series(
                id=place,
                history=parts[0],
                columns=dict(zip(one["columns"], pairs, strict=True)),
                notes=tuple(_unpack_reason(note, forecasting) for note in one["notes"]),
                **{name: one[name] for name in _PLAIN},
            )
        )
    return series


def pack_forecasts(forecasts):
    """Forecasts, in the order of their series.

    :param forecasts: of ``engine.forecasting.Forecast``
    :raise packing.TooLarge: they have more than may be sent
    """
    arrays = [getattr(one, name) for one in forecasts for name in _ARRAYS]
    return squeeze(
        {
            "numbers": _pack_numbers(arrays),
            "forecasts": [
                {
                    "method": one.method,
                    "weights": one.weights,
                    "backtest": one.backtest,
                    "reason": _pack_reason(one.reason),
                    "history_mean": _plain(one.history_mean),
                }
                for one in forecasts
            ],
        }
    )


def unpack_forecasts(text, series, forecasting):
    """What `pack_forecasts` made, for the series that were sent.

    :param forecasting: the module ``engine.forecasting``
    :raise ValueError: it is none of that, or no forecast of these
    """
    with _understood():
        return _unpack_forecasts(unsqueeze(text), series, forecasting)


def _unpack_forecasts(values, series, forecasting):
    numbers, at, forecasts = _unpack_numbers(values["numbers"]), 0, []
    if not np.isfinite(numbers).all():
        raise ValueError("A forecast is a number.")
    for one, said in zip(series, values["forecasts"], strict=True):
        end = at + len(_ARRAYS) * one.horizon
        arrays = numbers[at:end].reshape(len(_ARRAYS), one.horizon)
        at = end
        forecasts.append(
            forecasting.Forecast(
                id=one.id,
                **dict(zip(_ARRAYS, arrays, strict=True)),
                method=_known(said["method"], forecasting.METHODS),
                weights={
                    _known(key, forecasting.METHODS): _number(value)
                    for key, value in said["weights"].items()
                },
                backtest={key: _number(said["backtest"][key]) for key in _BACKTEST},
                reason=_unpack_reason(said["reason"], forecasting),
                history_mean=_number(said["history_mean"]),
            )
        )
    if at != len(numbers):
        raise ValueError("There are forecasts of others.")
    return forecasts


@contextmanager
def _understood():
    """Whatever is wrong with what is to be packed or unpacked is a ``ValueError``."""
    try:
        yield
    except _WRONG as error:
        raise ValueError("It is not what it has to be.") from error


def get_hash(learned):
    """By what it is known what was learnt.

    :param bytes learned: as of ``engine.forecasting.learning.Learned.to_bytes``
    """
    return hashlib.sha256(learned).hexdigest()


def pack_learned(learned):
    """What was learnt, as bytes, as text.

    :raise packing.TooLarge: it has more than may be sent
    """
    return squeeze_bytes(learned)


def unpack_learned(text):
    """What `pack_learned` made.

    :raise ValueError: it is none of that
    """
    return unsqueeze_bytes(text)


def _pack_numbers(arrays):
    joined = np.concatenate([np.zeros(0), *arrays]).astype("<f8")
    return base64.b64encode(zlib.compress(joined.tobytes(), _LEVEL)).decode()


def _unpack_numbers(text):
    unpacker = zlib.decompressobj()
    try:
        data = unpacker.decompress(base64.b64decode(text), MAX_UNPACKED)
    except zlib.error as error:
        raise ValueError("These are no numbers.") from error
    # Written to, by whoever moves a forecast.
    return np.frombuffer(data, dtype="<f8").astype(float)


def _plain(value):
    """A number of numpy as one of Python: JSON knows no other."""
    return value.item() if isinstance(value, np.generic) else value


def _pack_reason(reason):
    return {
        "code": reason.code,
        "values": {key: _plain(value) for key, value in reason.values.items()},
        "notes": [_pack_reason(note) for note in reason.notes],
    }


def _unpack_reason(said, forecasting, deepest=_DEEPEST):
    if not deepest:
        raise ValueError("Reasons have no notes of notes of notes.")
    reason = forecasting.Reason(
        _known(said["code"], forecasting.REASONS),
        {str(key): _value(value) for key, value in said["values"].items()},
        tuple(_unpack_reason(note, forecasting, deepest - 1) for note in said["notes"]),
    )
    # Who shows it fills in the same values.
    if not reason.text:
        raise ValueError("This reason says nothing.")
    return reason


def _known(word, words):
    if word not in words:
        raise ValueError("There is no such word.")
    return word


def _value(value):
    if isinstance(value, list):
        return list(map(_value, value))
    if isinstance(value, str) and len(value) < 1000:
        return value
    return _number(value)


def _number(value):
    if value is not None and not isinstance(value, int | float):
        raise ValueError("This is no number.")
    if isinstance(value, float) and not np.isfinite(value):
        raise ValueError("This is no number.")
    return value
