"""What servers answered when something went wrong, as their users report it.

A line of ``client_reported.jsonl`` is an error (status, body, the cause of it), the
refusal of a question (what is said, what of the question is put otherwise then), or a
count of tokens (as it comes, of the question and of the answer).
"""

import json
import unittest
from pathlib import Path

from ..client import faults
from ..client.answers import count_tokens
from ..client.connection import question
from ..client.dialects import Dialect

_FILE = Path(__file__).with_name("client_reported.jsonl")


def reported(kind):
    """The lines of a kind."""
    for line in _FILE.read_text(encoding="utf-8").splitlines():
        found, *values = json.loads(line)
        if found == kind:
            yield values


class TestReported(unittest.TestCase):
    def test_errors(self):
        for status, said, cause in reported("error"):
            with self.subTest(status=status, said=said):
                is_page = isinstance(said, str) and said.startswith("<")
                headers = {"content-type": "text/html"} if is_page else {}
                body = said if isinstance(said, str) else json.dumps(said)
                error = faults.from_response(status, headers, body.encode(), model="m")
                self.assertEqual(error.cause, cause)

    def test_refusals_that_are_answered_by_another_way_of_asking(self):
        for said, name in reported("refusal"):
            with self.subTest(said):
                used = Dialect(mode="json_schema", strict=True)
                other = used.after_refusal(question("m"), said)
                self.assertNotEqual(getattr(other, name), getattr(used, name))

    def test_tokens(self):
        for usage, counted in reported("tokens"):
            with self.subTest(usage=usage):
                self.assertEqual(count_tokens({"usage": usage}), tuple(counted))

    def test_tokens_in_other_places(self):
        usage = {"prompt_tokens": 1000, "completion_tokens": 50}
        for body in (
            {"choices": [{"usage": usage}]},
            {"x_groq": {"usage": usage}},
            {"usageMetadata": {"promptTokenCount": 1000, "candidatesTokenCount": 50}},
            {"timings": {"prompt_n": 1000, "predicted_n": 50}},
            {"prompt_eval_count": 1000, "eval_count": 50},
        ):
            self.assertEqual(count_tokens(body), (1000, 50), body)
