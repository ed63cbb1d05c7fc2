"""Demand forecasts for many series at once, in numpy alone.

>>> from engine.forecasting import Series, forecast
>>> [result] = forecast([Series("A", "W", [3, 0, 4, None, 5], horizon=8)])
>>> result.quantity, result.lo80, result.hi80, result.method, result.reason.text
"""

from ..errors import InvalidSeries, UnknownMethod
from .catalogue import METHODS, SOURCES
from .core import forecast
from .reasons import REASONS, Reason
from .series import NATURAL_SEASON, SCHEMA, Forecast, Series, validate

__all__ = [
    "METHODS",
    "NATURAL_SEASON",
    "REASONS",
    "SCHEMA",
    "SOURCES",
    "Forecast",
    "InvalidSeries",
    "Reason",
    "Series",
    "UnknownMethod",
    "forecast",
    "validate",
]
