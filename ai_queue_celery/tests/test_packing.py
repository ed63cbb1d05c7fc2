# Copyright 2026 The ai_queue contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
import json

from odoo.tests import BaseCase

from odoo.addons.ai_queue.engine import client
from odoo.addons.ai_queue.engine.client import causes
from odoo.addons.ai_queue.engine.errors import ModelError

from ..worker import messages, packing, providers

ENDPOINT = client.Endpoint(
    "https://secret.example.com/v1",
    api_key="sk-secret",
    organization="org-secret",
    headers={"x-gateway": "gateway-secret"},
    query={"token": "query-secret"},
)
SCHEMA = {
    "type": "object",
    "properties": {"a": {"type": "string", "maxLength": 9}},
    "required": ["a"],
    "additionalProperties": False,
}


class TestPacking(BaseCase):
    def test_a_question_comes_out_as_it_went_in(self):
        question = client.Question(
            7,
            "large",
            ("Read this", client.Image(b"\x00\xff", "image/png")),
            system="You read.",
            schema=SCHEMA,
            max_tokens=99,
            temperature=0.5,
        )
        text = packing.pack_question(question, "My Provider", ENDPOINT)
        found, slug, limits = packing.unpack_question(text, client, 7)
        self.assertEqual(found.fingerprint(), question.fingerprint())
        self.assertEqual(slug, "my_provider")
        self.assertEqual(limits["request_timeout"], ENDPOINT.request_timeout)

    def test_no_secret_and_no_address_goes_along(self):
        question = client.Question(7, "large", "How many?")
        self.assertNotIn("secret", packing.pack_question(question, "P", ENDPOINT))

    def test_what_is_too_large_is_not_sent(self):
        self.patch(packing, "MAX_BYTES", 200)
        with self.assertRaises(packing.TooLarge):
            packing.pack_question(client.Question(7, "m", "x" * 200), "P", ENDPOINT)

    def test_another_version_is_not_understood(self):
        text = packing.pack_question(client.Question(7, "m", "x"), "P", ENDPOINT)
        values = {**json.loads(text), "version": packing.VERSION + 1}
        with self.assertRaises(ValueError):
            packing.unpack_question(json.dumps(values), client, 7)

    def test_every_error_comes_back_as_it_was(self):
        values = {"host": "h", "status": 500, "seconds": 1, "model": "m", "url": "u"}
        for cause in causes.CAUSES:
            try:
                error = causes.fault(cause, retry_after=3.0, **values)
            except KeyError:
                continue
            error.tokens_in, error.requests = 5, 2
            answer, found = packing.unpack_outcome(packing.pack_error(error))
            self.assertIsNone(answer)
            again = packing.unpack_error(found, causes)
            self.assertIsInstance(again, ModelError)
            self.assertIs(type(again), type(error))
            for name in ("cause", "retry_after", "everywhere", "maybe_paid", "values"):
                self.assertEqual(getattr(again, name), getattr(error, name), cause)
            self.assertEqual((str(again), again.tokens_in), (str(error), 5))

    def test_an_outcome_of_the_wrong_types_is_not_understood(self):
        good = {
            **{"data": {"a": 1}, "text": None, "model": "m", "tokens_in": 1},
            **{"tokens_out": None, "latency": 0.5, "requests": 1},
        }
        answer, _error = packing.unpack_outcome(json.dumps({"answer": good}))
        self.assertEqual((answer.data, answer.tokens_in), ({"a": 1}, 1))
        for name, wrong in (
            *(("tokens_in", -1), ("tokens_in", 2**31), ("tokens_out", "7")),
            *(("latency", float("nan")), ("latency", -1.0), ("requests", 1.5)),
            *(("model", ["m"]), ("text", {})),
        ):
            with self.subTest(name=name, wrong=wrong), self.assertRaises(ValueError):
                packing.unpack_outcome(json.dumps({"answer": {**good, name: wrong}}))
        text = packing.pack_error(causes.fault("rate_limit"))
        error = json.loads(text)["error"]
        for name, wrong in (
            *(("retry_after", "soon"), ("retry_after", -1), ("values", [])),
            *(("everywhere", 1), ("maybe_paid", None), ("cause", 7)),
        ):
            with self.subTest(name=name, wrong=wrong), self.assertRaises(ValueError):
                packing.unpack_outcome(json.dumps({"error": {**error, name: wrong}}))

    def test_no_answer_makes_a_job_wait_for_years(self):
        text = packing.pack_error(causes.fault("rate_limit", retry_after=9e8))
        _answer, values = packing.unpack_outcome(text)
        self.assertEqual(values["retry_after"], 24 * 60 * 60)

    def test_no_message_makes_a_worker_wait_for_days(self):
        text = packing.pack_question(client.Question(7, "m", "x"), "P", ENDPOINT)
        values = json.loads(text)
        values["limits"]["request_timeout"] = 1e9
        _question, _slug, limits = packing.unpack_question(
            json.dumps(values), client, 7
        )
        self.assertEqual(limits["request_timeout"], 3600)

    def test_a_worker_reaches_what_its_environment_names(self):
        environment = {
            "AI_QUEUE_BASE_URL_OPENAI": "https://api.openai.com/v1",
            "AI_QUEUE_KEY_OPENAI": "sk",
            "AI_QUEUE_BASE_URL_MY_AZURE": "https://example.com",
            "AI_QUEUE_HEADERS_MY_AZURE": "api-key: {api_key}; x: y",
            "AI_QUEUE_QUERY_MY_AZURE": "api-version=2024-10-21",
            "AI_QUEUE_BASE_URL_EMPTY": "",
            "AI_QUEUE_KEY_OTHER": "sk-other",
        }
        self.assertEqual(providers.get_names(environment), ["my_azure", "openai"])
        self.assertEqual(
            providers.get_keyless(["my_azure", "openai"], environment),
            ["AI_QUEUE_KEY_MY_AZURE"],
        )
        limits = {
            "connect_timeout": 1.0,
            "read_timeout": 2.0,
            "request_timeout": 3.0,
            "supports": "auto",
        }
        found = providers.make_endpoint(client, "openai", limits, environment)
        self.assertEqual((found.api_key, found.request_timeout), ("sk", 3.0))
        azure = providers.make_endpoint(client, "my_azure", limits, environment)
        self.assertEqual(azure.headers, {"api-key": "{api_key}", "x": "y"})
        self.assertEqual(azure.query, {"api-version": "2024-10-21"})
        self.assertIsNone(providers.make_endpoint(client, "other", limits, environment))

    def test_an_address_is_shown_without_its_password(self):
        url = "rediss://user:s3cret@redis.example.com:6379/2?ssl_ca_certs=/ca.pem"
        self.assertEqual(messages.describe(url), "rediss://redis.example.com:6379/2")
        options = messages.ssl_options(url)
        self.assertEqual(options["ssl_ca_certs"], "/ca.pem")
        self.assertEqual(options["ssl_cert_reqs"].name, "CERT_REQUIRED")
        self.assertIsNone(messages.ssl_options("redis://localhost"))
        self.assertNotIn("ssl", messages.plain_url(url).partition("://")[2])
