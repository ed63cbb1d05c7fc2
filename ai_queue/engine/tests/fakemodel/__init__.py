"""A model server that is none: it speaks OpenAI's Chat Completions on this machine.

It answers every question the same way each time, takes as long as it should, goes
wrong on demand, and counts what it was asked. Tests, the demo and the checks talk to
it in place of a provider; standard library only.

    with FakeModel(latency=0.1) as fake:
        ...  # fake.url is the base URL
        fake.configure(faults=[{"status": 429, "retry_after": 1, "next": 2}])
        fake.configure(faults=[{"kind": "hang", "probability": 0.2}], seed=7)
        fake.stats()["answered"]

From another process: with ``ai_queue`` in ``PYTHONPATH``,
``python -m engine.tests.fakemodel --port 0`` prints its base URL;
``POST /_control`` takes the settings of `settings.Settings` as JSON, ``GET /_stats``
gives the numbers of `stats.Stats`.
"""

from . import bill_reader, forecaster
from .asked import Asked
from .server import FakeModel
from .settings import KINDS

__all__ = ["KINDS", "Asked", "FakeModel", "bill_reader", "forecaster"]
