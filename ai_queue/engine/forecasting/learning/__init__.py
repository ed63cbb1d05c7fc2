"""Learning across series: one model for all products of a company (optional).

Works where `lightgbm` (MIT) is installed; the engine does without it. How similar
products started is learnt without it. Training and
forecasting are two steps, so that the forecast of a product depends on what was learnt,
not on the products that happen to be forecast along with it:

>>> learned = train(series)                  # None where there is too little to learn
>>> kept = learned.to_bytes()                # plain text, bounded, versioned
>>> forecasts = forecast(series)             # by the statistics
>>> forecasts = combine(series, forecasts, Learned.from_bytes(kept))
"""

from .combining import combine
from .model import LEAST_SERIES, MAX_BYTES, VERSION, Learned, is_available
from .starts import GROWN
from .training import train

__all__ = [
    "GROWN",
    "LEAST_SERIES",
    "MAX_BYTES",
    "VERSION",
    "Learned",
    "combine",
    "is_available",
    "train",
]
