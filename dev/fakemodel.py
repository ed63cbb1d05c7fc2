"""The model server of the addon's tests, for whatever else runs in this checkout."""

import sys

from . import cache

sys.path.append(str(cache.CHECKOUT / "ai_queue"))

from engine.tests.fakemodel import FakeModel, bill_reader, forecaster  # noqa: E402

__all__ = ["FakeModel", "bill_reader", "forecaster"]
