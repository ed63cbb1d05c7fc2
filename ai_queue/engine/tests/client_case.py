"""What the tests of the client share: a model server on this machine, and questions."""

import importlib.util
import ssl
import unittest
from dataclasses import replace
from pathlib import Path
from unittest import mock

from ..client import Endpoint, Question, ask_many
from ..client import asking as client
from . import fakemodel

#: The directory that ``engine`` is imported from.
TOP = Path(__file__).resolve().parents[2]
LIBRARIES = ("openai", "tenacity", "jsonschema")

KEY = "sk-very-secret-4711"
MODEL = "fake-large"
SCHEMA = {
    "type": "object",
    "properties": {
        "lines": {
            "type": "array",
            "maxItems": 3,
            "items": {
                "type": "object",
                "properties": {
                    "sku": {"type": "string", "maxLength": 20},
                    "quantity": {"type": "integer", "minimum": 0},
                },
                "required": ["sku", "quantity"],
                "additionalProperties": False,
            },
        },
        "note": {"type": "string", "maxLength": 40},
    },
    "required": ["lines", "note"],
    "additionalProperties": False,
}


def require_libraries(*names):
    """Skip the tests that need these packages where they are not installed."""
    missing = [name for name in names if importlib.util.find_spec(name) is None]
    if missing:
        raise unittest.SkipTest(
            f"{', '.join(missing)} not installed: pip install {' '.join(missing)}"
        )


def question(key="A", text=None, **changes):
    """A question with a schema."""
    changes = {"schema": SCHEMA, "schema_name": "lines", **changes}
    text = f"What is in order {key}?" if text is None else text
    return Question(key, MODEL, text, **changes)


class ClientCase(unittest.TestCase):
    """One server for all tests of a class; each test finds it as new."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        require_libraries(*LIBRARIES)
        cls.fake = fakemodel.FakeModel(answer=cls.give)
        cls.enterClassContext(cls.fake)
        cls.pristine = cls.fake.behaviour.settings
        # There is no TLS here, and reading a hundred certificates for every question
        # would take longer than all the rest.
        cls.enterClassContext(
            mock.patch.object(ssl.SSLContext, "load_verify_locations", create=True)
        )

    @classmethod
    def enterClassContext(cls, context):
        # unittest has it from Python 3.11 on
        value = context.__enter__()
        cls.addClassCleanup(context.__exit__, None, None, None)
        return value

    @classmethod
    def give(cls, asked):
        """Every answer of the server; a test sets ``answer`` to give its own."""
        return cls.answer(asked) if cls.answer else None

    answer = None

    def setUp(self):
        super().setUp()
        type(self).answer = None
        self.fake.configure(**vars(self.pristine))
        self.fake.reset_stats()
        client._dialects = client.Dialects()
        client._accepting.clear()
        self.endpoint = Endpoint(
            self.fake.url,
            api_key=KEY,
            read_timeout=5,
            request_timeout=8,
            patience=0,
        )

    def fail_next(self, kind_or_status, count=1, **options):
        """Let the server go wrong for the next questions."""
        name = "status" if isinstance(kind_or_status, int) else "kind"
        fault = {name: kind_or_status, "next": count, **options}
        self.fake.configure(faults=[fault])

    def ask(self, one=None, **changes):
        """Ask one question over an endpoint with ``changes``; raises its error."""
        one = one or question()
        endpoint = replace(self.endpoint, **changes)
        batch = ask_many(endpoint, [one], in_flight=1)
        if batch.halt or batch.errors:
            raise batch.errors.get(one.key) or batch.halt
        return batch.answers[one.key]

    def error(self, one=None, **changes):
        """The error that a question ends with."""
        with self.assertRaises(client.ModelError) as caught:
            self.ask(one, **changes)
        return caught.exception
