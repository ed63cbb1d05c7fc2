"""What was learnt from all series, and how it is kept: plain text, bounded."""

from __future__ import annotations

import functools
import importlib
import json
from dataclasses import asdict, dataclass, field

import numpy as np

from ...errors import InvalidModel
from . import trees
from .features import NAMES, features, levels
from .starts import Start

#: Kept models of another version are not read: features or meaning have changed.
VERSION = 2
#: Bytes of a kept model, at most.
MAX_BYTES = 8_000_000
_WRONG = (ValueError, TypeError, KeyError, AttributeError, OverflowError)
_WRONG += (RecursionError,)
#: Series of one kind (seasons and columns) that are worth learning from.
LEAST_SERIES = 50


@functools.cache
def is_available() -> bool:
    """Whether the library is installed and loads, which takes the system's libgomp."""
    try:
        importlib.import_module("lightgbm")
    except (ImportError, OSError):
        return False
    return True


@dataclass(frozen=True)
class Learned:
    """What was learnt, by kind of series.

    parts: kind (see `kind_of`) -> `Part`; starts: key (see `starts`) -> `Start`.
    """

    parts: dict[str, Part]
    starts: dict[str, Start] = field(default_factory=dict)

    def to_bytes(self) -> bytes:
        """For keeping; `from_bytes` reads it. JSON in UTF-8."""
        data = {
            "version": VERSION,
            "parts": {kind: asdict(part) for kind, part in self.parts.items()},
            "starts": {key: asdict(start) for key, start in self.starts.items()},
        }
        return json.dumps(data).encode()

    @classmethod
    def from_bytes(cls, kept: bytes) -> Learned:
        """What `to_bytes` gave.

        Raises `InvalidModel` for anything else: another version, too much, not whole.
        """
        if len(kept) > MAX_BYTES:
            raise InvalidModel(f"a kept model has more than {MAX_BYTES} bytes")
        try:
            data = json.loads(kept)
            if data["version"] != VERSION:
                raise InvalidModel("the model was kept by another version; train again")
            parts = {
                str(kind): Part(
                    _checked(part["trees"]),
                    _share(part["share"]),
                    int(part["horizon"]),
                    tuple(map(str, part["groups"])),
                )
                for kind, part in data["parts"].items()
            }
            starts = {
                str(key): Start.restore(start) for key, start in data["starts"].items()
            }
        except _WRONG as error:
            raise InvalidModel("this is not a kept model; train again") from error
        return cls(parts, starts)


def _share(value) -> float:
    share = float(value)
    if share != share:
        raise ValueError("The share is no number.")
    return min(max(share, 0.0), 1.0)


def _checked(text) -> str:
    """Trees that may be read, wherever they come from."""
    trees.check(text)
    return text


@dataclass(frozen=True)
class Part:
    """What was learnt from one kind of series.

    trees: the model as LightGBM writes it; share: its weight beside the statistics,
    0 to 1, by its own back-test; horizon: periods ahead that it was trained for;
    groups: those of products that it knows, by their number.
    """

    trees: str
    share: float
    horizon: int
    groups: tuple[str, ...] = ()

    def predict(self, panel):
        """Expected demand (horizon of the panel, N) after its history, 0 and more."""
        row = len(panel.y)
        steps = np.arange(1, panel.horizon + 1)
        seen = features(panel, row, steps, numbered(self.groups))
        # Beyond what was trained, the last trained step goes on.
        step = NAMES.index("step")
        seen[..., step] = np.minimum(seen[..., step], self.horizon)
        flat = seen.reshape(-1, seen.shape[-1])
        model = booster(self.trees)
        if model.num_feature() != flat.shape[-1]:
            raise InvalidModel("the model knows other features; train again")
        found = model.predict(flat, num_threads=1)
        found = np.maximum(found.reshape(len(steps), -1), 0.0)
        return found * levels(panel, row)


def numbered(groups) -> dict[str, int]:
    """Group -> its number."""
    return {group: number for number, group in enumerate(groups)}


def kind_of(panel) -> str:
    """Series of the same kind are learnt from together."""
    return json.dumps([list(panel.seasons), list(panel.names)])


@functools.lru_cache(maxsize=8)
def booster(text):
    """The model of a text."""
    import lightgbm  # optional, and slow to import

    used = text.partition(trees.END)[0] + trees.END
    try:
        return lightgbm.Booster(model_str=used)
    except lightgbm.basic.LightGBMError as error:
        raise InvalidModel("the kept model cannot be read; train again") from error
