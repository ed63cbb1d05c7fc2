import asyncio
import base64
import errno
import os
import socket
import sys
import time
import unittest
from dataclasses import replace
from unittest import mock

from .. import errors
from ..client import Endpoint, Image, Question, ask, ask_many, faults, list_models
from ..client import asking as client
from ..client.line import libraries
from .client_case import KEY, MODEL, SCHEMA, ClientCase, question


class TestAsk(ClientCase):
    def test_an_answer_says_all_about_itself(self):
        started = time.monotonic()
        answer = self.ask()
        elapsed = time.monotonic() - started
        self.assertEqual(set(answer.data), {"lines", "note"})
        self.assertEqual(answer.key, "A")
        self.assertEqual(answer.model, MODEL)
        self.assertEqual(answer.mode, "json_schema")
        self.assertEqual(answer.finish_reason, "stop")
        self.assertGreater(answer.tokens_in, 0)
        self.assertGreater(answer.tokens_out, 0)
        self.assertTrue(answer.request_id.startswith("req_"))
        self.assertEqual(answer.requests, 1)
        self.assertTrue(0 < answer.latency <= elapsed)

    def test_text_is_asked_for_by_no_schema(self):
        answer = self.ask(question(schema=None))
        self.assertIsNone(answer.data)
        self.assertIn("weather", answer.text)
        self.assertEqual(answer.mode, "text")

    def test_one_question_from_within_a_loop(self):
        answer = asyncio.run(ask(self.endpoint, question()))
        self.assertEqual(answer.key, "A")

    def test_everything_of_the_question_is_sent(self):
        seen = []
        type(self).answer = lambda asked: seen.append(asked)
        png = b"\x89PNG not really"
        self.ask(
            question(
                text=["Read this.", Image(png, "image/png")],
                system="You read.",
                max_tokens=200,
                temperature=0.2,
            )
        )
        body = seen[0].body
        system, user = body["messages"]
        self.assertEqual(system, {"role": "system", "content": "You read."})
        self.assertEqual(user["content"][0], {"type": "text", "text": "Read this."})
        url = user["content"][1]["image_url"]["url"]
        self.assertEqual(url.partition(",")[0], "data:image/png;base64")
        self.assertEqual(base64.b64decode(url.partition(",")[2]), png)
        self.assertEqual(body["max_tokens"], 200)
        self.assertEqual(body["temperature"], 0.2)
        form = body["response_format"]["json_schema"]
        self.assertEqual(form, {"name": "lines", "strict": True, "schema": SCHEMA})

    def test_only_closed_schemas_are_strict(self):
        seen = []
        type(self).answer = lambda asked: seen.append(asked)
        schema = {"type": "object", "properties": {"a": {"type": "string"}}}
        self.ask(question(schema=schema))
        form = seen[0].body["response_format"]["json_schema"]
        self.assertNotIn("strict", form)

    def test_headers_query_organization_and_the_place_of_the_key(self):
        seen = []
        type(self).answer = lambda asked: seen.append(asked.headers)
        self.ask(headers={"X-Team": "a"}, organization="org-1", query={"v": "1"})
        self.assertEqual(seen[0]["authorization"], f"Bearer {KEY}")
        self.assertEqual(seen[0]["x-team"], "a")
        self.assertEqual(seen[0]["openai-organization"], "org-1")
        self.ask(headers={"api-key": "{api_key}"})
        self.assertEqual(seen[1]["api-key"], KEY)
        self.assertNotIn("authorization", seen[1])
        for key in (None, KEY):
            headers = {"authorization": "Basic {api_key}!", "openai-project": "p"}
            self.ask(headers=headers, api_key=key)
        self.assertEqual(seen[2]["authorization"], "Basic !")
        self.assertEqual(seen[3]["authorization"], f"Basic {KEY}!")
        self.assertEqual(seen[3]["openai-project"], "p")

    def test_nothing_is_taken_from_the_environment(self):
        seen = []
        type(self).answer = lambda asked: seen.append(asked.headers)
        environment = {
            "OPENAI_API_KEY": "sk-of-another",
            "OPENAI_ADMIN_KEY": "sk-admin-of-another",
            "OPENAI_ORG_ID": "org-of-another",
            "OPENAI_PROJECT_ID": "project-of-another",
            "OPENAI_BASE_URL": "http://127.0.0.1:9/v1",
        }
        with mock.patch.dict(os.environ, environment):
            self.ask(api_key=None)
            self.ask(api_key="")
        for headers in seen:
            self.assertNotIn("authorization", headers)
            self.assertNotIn("another", str(headers))

    def test_what_cannot_be_stored_never_comes_out(self):
        self.fail_next("nul", 2)
        answer = self.ask()
        self.assertNotIn("\0", answer.data["note"])
        answer.data["note"].encode()
        type(self).answer = lambda asked: "a\0b\ud800c"
        self.assertEqual(self.ask(question(schema=None)).text, "abc")

    def test_odd_answers_are_answers(self):
        for kind in ("fenced", "parts", "no_usage", "slow"):
            with self.subTest(kind=kind):
                self.fail_next(kind, seconds=0.1)
                answer = self.ask()
                self.assertIn("lines", answer.data)
                self.assertEqual(answer.requests, 1)
        self.fail_next("no_usage")
        self.assertIsNone(self.ask().tokens_in)

    def test_the_models_of_a_provider(self):
        self.fake.configure(models=("b", "a"))
        self.assertEqual(asyncio.run(list_models(self.endpoint)), ["a", "b"])
        self.fake.configure(key="sk-other")
        with self.assertRaises(errors.Refused):
            asyncio.run(list_models(self.endpoint))

    def test_a_fingerprint_is_that_of_the_question(self):
        one = question()
        self.assertEqual(one.fingerprint(), question().fingerprint())
        self.assertEqual(
            Question("other key", **_but_key(one)).fingerprint(), one.fingerprint()
        )
        others = [
            question("B"),
            question(system="x"),
            question(max_tokens=5),
            question(temperature=0.0),
            question(schema=None),
            question(schema_name="other"),
            question(text=["What is in order A?", Image(b"x", "image/png")]),
            question(text=["What is in order A?", Image(b"y", "image/png")]),
            question(text=["What is in order A?", Image(b"x", "image/jpeg")]),
        ]
        prints = {other.fingerprint() for other in others} | {one.fingerprint()}
        self.assertEqual(len(prints), len(others) + 1)


def _but_key(one):
    return {name: value for name, value in vars(one).items() if name != "key"}


class TestFailures(ClientCase):
    def test_every_failure_has_its_class(self):
        expected = {
            "drop": (errors.Unreachable, "connection_lost"),
            "drop_body": (errors.Unreachable, "connection_lost"),
            "html": (errors.Refused, "web_page"),
            "broken_json": (errors.Failing, "broken_body"),
            "list_body": (errors.Refused, "address"),
            "foreign_body": (errors.Refused, "address"),
            "error_body": (errors.Failing, "server_error"),
            "empty_choices": (errors.InvalidAnswer, "empty"),
            "empty": (errors.InvalidAnswer, "empty"),
            "wrong_schema": (errors.InvalidAnswer, "misfit"),
            "nonsense": (errors.InvalidAnswer, "not_json"),
            "not_finite": (errors.InvalidAnswer, "not_json"),
            "cut": (errors.InvalidAnswer, "cut_off"),
            "refusal": (errors.Declined, "declined"),
            "content_filter": (errors.Declined, "filtered"),
            "megabyte": (errors.InvalidAnswer, "too_much"),
            302: (errors.Refused, "redirect"),
            400: (errors.Refused, "bad_request"),
            401: (errors.Refused, "key"),
            402: (errors.OutOfCredit, "no_credit"),
            403: (errors.Refused, "forbidden"),
            404: (errors.Refused, "address"),
            408: (errors.Failing, "conflict"),
            409: (errors.Failing, "conflict"),
            422: (errors.Refused, "bad_request"),
            429: (errors.Busy, "rate_limit"),
            500: (errors.Failing, "server_error"),
            503: (errors.Failing, "server_error"),
            504: (errors.Unreachable, "gateway_timeout"),
            524: (errors.Unreachable, "gateway_timeout"),
            529: (errors.Busy, "overloaded"),
        }
        for fault, (kind, cause) in expected.items():
            with self.subTest(fault=fault):
                self.fail_next(fault, 9)
                client._dialects = client.Dialects()
                error = self.error()
                self.assertIs(type(error), kind)
                self.assertEqual(error.cause, cause)
                self.assertGreaterEqual(error.requests, 1)
        untried = set(self.fake_kinds()) - set(expected)
        self.assertEqual(
            untried, {"hang", "slow", "nul", "fenced", "parts", "no_usage"}
        )

    def fake_kinds(self):
        return sys.modules[type(self.fake).__module__.rpartition(".")[0]].KINDS

    def test_a_relay_passes_on_that_its_provider_is_busy(self):
        self.fail_next("error_body", code=429)
        self.assertIsInstance(self.error(), errors.Busy)

    def test_retry_after_comes_with_busy(self):
        self.fail_next(429, retry_after=77)
        self.assertEqual(self.error().retry_after, 77)
        self.fail_next(429, retry_after_date=600)
        self.assertAlmostEqual(self.error().retry_after, 600, delta=3)
        self.fail_next(429, retry_after_ms=90_500)
        self.assertEqual(self.error().retry_after, 90.5)
        self.fail_next(429)
        self.assertIsNone(self.error().retry_after)

    def test_a_wrong_key(self):
        self.fake.configure(key="sk-right")
        error = self.error()
        self.assertEqual(error.cause, "key")
        self.assertTrue(error.final and error.everywhere)

    def test_an_unknown_model(self):
        self.fake.configure(models=("a", "b"))
        error = self.error()
        self.assertEqual(error.cause, "model_unknown")
        self.assertIn(MODEL, str(error))

    def test_a_hang_ends_at_the_read_timeout(self):
        self.fail_next("hang")
        started = time.monotonic()
        error = self.error(read_timeout=0.3, patience=20)
        self.assertLess(time.monotonic() - started, 20)
        self.assertEqual(
            (type(error), error.cause), (errors.Unreachable, "read_timeout")
        )
        self.assertTrue(error.maybe_paid)
        # the model may still be thinking: it is not asked the same again at once
        self.assertEqual(error.requests, 1)

    def test_a_hang_ends_at_the_timeout_of_the_whole(self):
        self.fail_next("hang")
        error = self.error(request_timeout=0.4)
        self.assertEqual(error.cause, "whole_timeout")

    def test_all_requests_of_a_question_share_its_time(self):
        nonsense, silence = ({"kind": one, "next": 1} for one in ("nonsense", "hang"))
        self.fake.configure(faults=[nonsense, silence])
        send, now = client.Line.send, [1.0]

        async def send_as_if_it_took_long(line, *arguments, **kwargs):
            response = await send(line, *arguments, **kwargs)
            now[0] += 99.7
            return response

        with (
            mock.patch.object(client.Line, "send", send_as_if_it_took_long),
            mock.patch.object(client, "time", mock.Mock(monotonic=lambda: now[0])),
        ):
            error = self.error(request_timeout=100, read_timeout=50)
        self.assertEqual(error.cause, "whole_timeout")
        # the first answer was paid for
        self.assertEqual(error.requests, 2)
        self.assertGreater(error.tokens_in, 0)

    def test_the_server_sees_that_we_hung_up(self):
        self.fail_next("hang")
        self.error(read_timeout=0.2)
        deadline = time.monotonic() + 60
        while self.fake.stats()["abandoned"] != 1 and time.monotonic() < deadline:
            time.sleep(0.01)
        self.assertEqual(self.fake.stats()["abandoned"], 1)
        self.assertEqual(self.fake.stats()["answered"], 0)

    def test_a_connection_that_nobody_takes(self):
        with socket.create_server(("127.0.0.1", 0), backlog=0) as server:
            fillers = []
            for _ in range(4):  # until the queue of the listener is full
                filler = socket.socket()
                self.addCleanup(filler.close)
                filler.setblocking(False)
                filler.connect_ex(server.getsockname())
                fillers.append(filler)
            url = f"http://127.0.0.1:{server.getsockname()[1]}/v1"
            error = self.error(base_url=url, connect_timeout=0.3)
        self.assertEqual(error.cause, "connect_timeout")
        self.assertFalse(error.maybe_paid)

    def test_nobody_there(self):
        with socket.create_server(("127.0.0.1", 0)) as server:
            port = server.getsockname()[1]
        error = self.error(base_url=f"http://127.0.0.1:{port}/v1")
        self.assertEqual(error.cause, "no_connection")
        self.assertIn(f"127.0.0.1:{port}", str(error))

    def test_an_address_where_nobody_ever_was_is_asked_once(self):
        with socket.create_server(("127.0.0.1", 0)) as server:
            url = f"http://127.0.0.1:{server.getsockname()[1]}/v1"
        nobody = {"base_url": url, "patience": 20.0}
        self.assertEqual(self.error(**nobody, has_answered=False).requests, 1)
        with mock.patch.object(client, "MAX_TRIES", 2):
            self.assertEqual(self.error(**nobody).requests, 2)

    def test_where_somebody_has_answered_a_lost_connection_passes(self):
        refused = ConnectionRefusedError(errno.ECONNREFUSED, "Connection refused")
        send, sent = client.Line.send, []

        async def send_or_not(line, *arguments, **kwargs):
            sent.append(line)
            if len(sent) == 2:
                raise faults.from_exception(refused, host="here", seconds=1)
            return await send(line, *arguments, **kwargs)

        endpoint = replace(self.endpoint, patience=20.0, has_answered=False)
        with mock.patch.object(client.Line, "send", send_or_not):
            batch = ask_many(endpoint, [question("A"), question("B")], in_flight=1)
        self.assertEqual(len(batch.answers), 2)
        self.assertEqual(len(sent), 3)

    def test_a_name_that_nobody_knows(self):
        unknown = socket.gaierror(socket.EAI_NONAME, "Name or service not known")
        with mock.patch("socket.getaddrinfo", side_effect=unknown):
            error = self.error(base_url="http://no-such-host.invalid/v1")
        self.assertEqual(
            (type(error), error.cause), (errors.Unreachable, "name_unknown")
        )

    def test_http_where_https_is_asked_for(self):
        error = self.error(base_url=self.fake.url.replace("http:", "https:"))
        self.assertEqual(error.cause, "tls")

    def test_the_wrong_path(self):
        error = self.error(base_url=self.fake.url.removesuffix("/v1"))
        self.assertEqual(error.cause, "address")

    def test_what_is_no_address_is_not_tried(self):
        for url in (
            *("", "api.openai.com/v1", "htp://x/v1", "http://", "http://a b/v1"),
            *("http://user:pw@x/v1", "http://x/v1?key=1", "http://x/v1#a"),
            *("http://x:0/v1", "http://x:99999/v1", "http://x:y/v1", "http://[::1/v1"),
            *("http://a..b/v1", f"http://{'a' * 64}.com/v1", "file:///etc/passwd"),
            "http://x\n.example/v1",
        ):
            with self.subTest(url=url):
                self.assertEqual(self.error(base_url=url).cause, "bad_url")

    def test_spaces_around_an_address_do_no_harm(self):
        self.ask(base_url=f" {self.fake.url}/ \n")

    def test_a_key_that_cannot_be_sent(self):
        for changes in (
            {"api_key": "sk-€"},
            {"api_key": "sk-a\r\nX-Evil: 1"},
            {"headers": {"X-Team": "ä"}},
            {"headers": {"X-Te\nam": "a"}},
            {"organization": "ö"},
        ):
            with self.subTest(changes=changes):
                self.assertEqual(self.error(**changes).cause, "bad_key")
        self.assertEqual(self.fake.stats()["asked"], 0)

    def test_a_redirect_is_not_followed(self):
        self.fail_next(307)
        self.assertEqual(self.error().cause, "redirect")
        self.assertEqual(self.fake.stats()["asked"], 1)

    def test_an_unknown_way_of_structure_is_a_mistake_of_the_caller(self):
        with self.assertRaises(ValueError):
            Endpoint(self.fake.url, supports="xml")


class TestBridging(ClientCase):
    """Seconds are bridged, minutes are not."""

    def test_what_passes_in_seconds_is_asked_again(self):
        for fault in ("drop", "drop_body", "broken_json", "error_body", 500, 503, 409):
            with self.subTest(fault=fault):
                self.fail_next(fault)
                self.assertEqual(self.ask(patience=10).requests, 2)

    def test_a_short_retry_after_is_waited_for(self):
        self.fail_next(429, retry_after_ms=400)
        started = time.monotonic()
        self.assertEqual(self.ask(patience=10).requests, 2)
        self.assertGreater(time.monotonic() - started, 0.4)

    def test_a_long_or_missing_retry_after_is_left_to_the_caller(self):
        for options in ({"retry_after": 30}, {}):
            with self.subTest(options=options):
                self.fail_next(429, **options)
                self.assertEqual(self.error(patience=60).requests, 1)
        self.fail_next(503, retry_after=30)
        self.assertEqual(self.error(patience=60).requests, 1)

    def test_it_ends_after_some_tries(self):
        self.fail_next(503, 99, retry_after_ms=10)
        error = self.error(patience=60)
        self.assertEqual(error.requests, client.MAX_TRIES)

    def test_it_ends_with_the_patience(self):
        self.fail_next(503, 99, retry_after=2)
        error = self.error(patience=3.9)
        # There is time for one more, and for no third one, on a busy machine, too.
        self.assertEqual(error.requests, 2)

    def test_what_one_request_may_have_cost_is_not_forgotten(self):
        lost = {"kind": "drop_body", "next": 1}
        down = {"status": 503, "next": 99, "retry_after_ms": 10}
        self.fake.configure(faults=[lost, down])
        error = self.error(patience=60)
        self.assertEqual(error.cause, "server_error")
        self.assertTrue(error.maybe_paid)
        self.fake.configure(faults=[down])
        self.assertFalse(self.error(patience=60).maybe_paid)

    def test_what_cannot_get_better_is_not_tried_again(self):
        for fault in (400, 401, 402, 403, 404, 422, "html", "refusal", "megabyte"):
            with self.subTest(fault=fault):
                self.fail_next(fault, 9)
                self.assertEqual(self.error(patience=10).requests, 1)


class TestAskingAgain(ClientCase):
    """An answer that does not fit is asked for once more, with the error shown."""

    def test_the_second_answer_is_taken(self):
        for fault in ("wrong_schema", "nonsense", "empty", "empty_choices"):
            with self.subTest(fault=fault):
                self.fail_next(fault)
                answer = self.ask()
                self.assertIn("lines", answer.data)
                self.assertEqual(answer.requests, 2)

    def test_the_error_is_shown_to_the_model(self):
        seen = []
        bad = '{"lines": [{"sku": "A", "quantity": "many"}], "note": "x"}'

        def answer(asked):
            seen.append(asked.body["messages"])
            return bad if len(seen) == 1 else None

        type(self).answer = answer
        self.ask()
        first, again = seen
        self.assertEqual(again[: len(first)], first)
        self.assertEqual(again[-2], {"role": "assistant", "content": bad})
        self.assertIn("$.lines[0].quantity", again[-1]["content"])
        self.assertIn('"maxLength":20', again[-1]["content"])

    def test_the_cost_of_both_is_counted(self):
        one = self.ask()
        self.fail_next("wrong_schema")
        two = self.ask(question("B"))
        self.assertGreater(two.tokens_in, 2 * one.tokens_in)
        self.fail_next("wrong_schema", 2)
        error = self.error(question("B"))
        self.assertGreater(error.tokens_in, 2 * one.tokens_in)
        self.assertGreater(error.tokens_out, 0)
        self.assertEqual(error.requests, 2)

    def test_what_is_not_counted_may_have_cost_something(self):
        type(self).answer = lambda asked: "I do not know."
        self.fail_next("no_usage", 2)
        error = self.error()
        self.assertEqual((error.cause, error.tokens_in), ("not_json", None))
        self.assertTrue(error.maybe_paid)

    def test_a_long_answer_is_not_quoted_whole(self):
        seen = []

        def answer(asked):
            seen.append(asked.body["messages"])
            return "x" * 100_000 if len(seen) == 1 else None

        type(self).answer = answer
        self.ask()
        self.assertLess(len(seen[1][-2]["content"]), 10_000)

    def test_what_is_cut_off_is_not_asked_for_again(self):
        error = self.error(question(max_tokens=3))
        self.assertEqual(error.cause, "cut_off")
        self.assertEqual(error.requests, 1)

    def test_what_looks_whole_is_no_answer_when_it_reached_the_limit(self):
        type(self).answer = lambda asked: '{"lines": [], "note": ""} No, rather {"li'
        self.assertEqual(self.error(question(max_tokens=7)).cause, "cut_off")
        text = question(schema=None, max_tokens=7)
        self.assertEqual(self.error(text).cause, "cut_off")


class TestStructure(ClientCase):
    """JSON by schema, else by mode, else in words; and what is known of a server."""

    def modes(self, count=3, **changes):
        answers = [self.ask(question(key), **changes) for key in range(count)]
        for answer in answers:
            self.assertIn("lines", answer.data)
        return [(answer.mode, answer.requests) for answer in answers]

    def test_the_best_that_a_server_has_is_used_and_remembered(self):
        for structure, first in (("json_schema", 1), ("json_object", 2), ("text", 3)):
            with self.subTest(structure=structure):
                client._dialects = client.Dialects()
                self.fake.configure(structure=structure)
                expected = [(structure, first), (structure, 1), (structure, 1)]
                self.assertEqual(self.modes(), expected)

    def test_a_server_that_fails_where_others_refuse(self):
        # as llama-cpp-python does
        self.fake.configure(structure="json_object", structure_status=500)
        self.assertEqual(self.modes()[-1], ("json_object", 1))

    def test_a_server_that_takes_no_strict_schema(self):
        self.fake.configure(strict=False)
        self.assertEqual(self.modes(), [("json_schema", 2), *[("json_schema", 1)] * 2])

    def test_a_server_that_ignores_the_schema_is_found_out(self):
        self.fake.configure(structure="ignored")
        modes = self.modes(4)
        self.assertEqual(modes[0], ("json_schema", 2))
        self.assertEqual(modes[-1], ("json_object", 1))

    def test_one_bad_answer_does_not_change_the_way(self):
        self.fail_next("wrong_schema")
        self.assertEqual(self.modes(), [("json_schema", 2), *[("json_schema", 1)] * 2])

    def test_what_is_known_of_one_schema_is_not_held_against_another(self):
        self.fake.configure(structure="text")
        self.modes(1)
        self.fake.configure(structure="json_schema")
        answer = self.ask(question(schema_name="other"))
        self.assertEqual((answer.mode, answer.requests), ("json_schema", 1))

    def test_a_way_that_is_set_is_the_only_one(self):
        for mode in ("json_schema", "json_object", "text"):
            with self.subTest(mode=mode):
                self.assertEqual(self.modes(2, supports=mode), [(mode, 1)] * 2)
        self.fake.configure(structure="text")
        error = self.error(supports="json_schema")
        self.assertEqual((error.cause, error.final), ("no_structure", True))

    def test_limits_by_another_name(self):
        self.fake.configure(tokens_name="max_completion_tokens")
        one = question(max_tokens=500)
        self.assertEqual([self.ask(one).requests for _ in range(2)], [2, 1])
        self.fake.configure(tokens_name="max_tokens")
        client._dialects = client.Dialects()
        self.assertEqual(self.ask(one).requests, 1)

    def test_no_temperature(self):
        self.fake.configure(temperature=False)
        one = question(temperature=0.0)
        self.assertEqual([self.ask(one).requests for _ in range(2)], [2, 1])

    def test_all_peculiarities_at_once(self):
        self.fake.configure(
            structure="text", tokens_name="max_completion_tokens", temperature=False
        )
        one = question(max_tokens=500, temperature=0.0)
        self.assertEqual([self.ask(one).requests for _ in range(2)], [5, 1])


class TestWithoutLibraries(unittest.TestCase):
    def setUp(self):
        super().setUp()
        libraries.cache_clear()
        self.addCleanup(libraries.cache_clear)

    def test_what_is_missing_is_named(self):
        with mock.patch.dict(sys.modules, {"openai": None}):
            batch = client.ask_many(
                Endpoint("http://127.0.0.1:9/v1"), [question()], in_flight=1
            )
        self.assertIsInstance(batch.halt, errors.NotInstalled)
        self.assertIn("openai is missing", str(batch.halt))
        self.assertIn("pip install", str(batch.halt))
        self.assertEqual(batch.left, ["A"])
