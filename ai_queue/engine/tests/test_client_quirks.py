"""What comes of the quirks of real servers: answer or error, requests, tokens."""

import time
from collections import Counter
from dataclasses import replace

from .. import errors
from ..client import Endpoint, ask_many, bounded
from ..client import asking as client
from ..client.connection import check, question
from ..client.line import libraries
from ..client.shapes import MOST_TOKENS
from .client_case import ClientCase
from .quirks import BOMB_OF_ERROR, GOOD, QuirkServer, bomb

#: Quirk -> requests until the answer.
ANSWERED = {
    **dict.fromkeys(
        (
            *("plain", "half_think", "reasoning_content", "tool_call", "parts"),
            *("tool_call_read_already", "function_call", "tool_part", "object"),
            *("blanks", "stream", "stream_by_default", "stream_of_tool_call", "gzip"),
            *("usage_in_total", "usage_in_details", "usage_inside", "usage_zero"),
            *("usage_floats", "usage_other_names", "usage_of_total_alone"),
            *("usage_null", "deflate"),
        ),
        1,
    ),
    **dict.fromkeys(
        (
            *("draft_in_reasoning", "stream_only", "stream_cut_off", "no_system"),
            *("roles_alternate", "temperature_one", "no_temperature", "pydantic"),
            *("context_8k", "counts_no_further", "output_4096", "output_range"),
            *("no_strict", "no_bounds", "too_many_states", "unknown_keyword"),
            *("no_response_format", "json_object_only", "retry_in_body", "loading"),
            *("retry_in_reset", "choice_error", "choice_aborted"),
            "failed_dependency",
        ),
        2,
    ),
    **dict.fromkeys(("o3", "no_limit_of_tokens", "not_generated"), 3),
}
#: Quirk -> (class, cause, requests).
FAILED = {
    "prompt_too_long": (errors.Refused, "too_long", 1),
    "stream_of_length": (errors.InvalidAnswer, "cut_off", 1),
    "stream_error": (errors.Refused, "key", 1),
    "key_400": (errors.Refused, "key", 1),
    "key_200": (errors.Refused, "key", 1),
    "key_403": (errors.Refused, "key", 1),
    "key_html": (errors.Refused, "key", 1),
    "key_of_minimax": (errors.Refused, "key", 1),
    "error_text": (errors.Refused, "address", 1),
    "error_list": (errors.Refused, "model_unknown", 1),
    "error_detail": (errors.Refused, "address", 1),
    "overloaded_529": (errors.Busy, "overloaded", 1),
    "capacity_498": (errors.Busy, "overloaded", client.MAX_TRIES),
    "gateway_524": (errors.Unreachable, "gateway_timeout", 1),
    "gateway_504": (errors.Unreachable, "gateway_timeout", 1),
    "gateway_408": (errors.Unreachable, "gateway_timeout", 1),
    "proxy_page": (errors.Refused, "web_page", 1),
    "proxy_log_in": (errors.Refused, "web_page", 1),
    "azure_path": (errors.Refused, "address", 1),
    "azure_version": (errors.Refused, "api_version", 1),
    "model_retired": (errors.Refused, "model_unknown", 1),
    "no_money": (errors.OutOfCredit, "no_credit", 1),
    "never_generated": (errors.InvalidAnswer, "not_json", 3),
    "length": (errors.InvalidAnswer, "cut_off", 1),
    "bomb": (errors.InvalidAnswer, "too_much", 1),
    "bomb_of_error": (errors.Refused, "bad_request", 1),
    "endless": (errors.InvalidAnswer, "too_much", 1),
    "drip": (errors.Unreachable, "whole_timeout", 1),
}
MAYBE_PAID = {"gateway_524", "gateway_504", "gateway_408", "bomb", "endless", "drip"}
MAYBE_PAID |= {"stream_of_length", "never_generated"}
#: Quirk -> tokens in, out.
TOKENS = {
    "plain": (1000, 50),
    "stream": (1000, 50),
    "usage_in_total": (1000, 4100),
    "usage_in_details": (1000, 4100),
    "usage_inside": (1000, 100),
    "usage_zero": (21, 60),
    "usage_floats": (1000, 50),
    "usage_other_names": (1000, 50),
    "usage_of_total_alone": (None, 1050),
    "usage_null": (None, None),
    "draft_in_reasoning": (2000, 100),
    "choice_error": (2000, 100),
    "no_system": (1000, 50),
}
#: Quirk -> what *Test connection* says of it.
SAID = {
    "no_system": "no system message",
    "temperature_one": "no temperature",
    "o3": "max_completion_tokens",
    "no_limit_of_tokens": "no limit of tokens",
    "output_4096": "4096 tokens at most",
    "no_strict": "no strict schemas",
    "no_bounds": "only a part of a schema",
    "too_many_states": "only a part of a schema",
    "stream_only": "in streams only",
    "no_response_format": "does not hold the model to JSON",
}


class QuirkCase(ClientCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.server = QuirkServer()
        cls.enterClassContext(cls.server)
        # Else the first question waits for them.
        libraries()
        bomb(b"")
        bomb(BOMB_OF_ERROR)

    def setUp(self):
        super().setUp()
        self.server.reset()

    def at(self, quirk, **changes):
        url = self.server.url(quirk)
        base = Endpoint(url, api_key="k", read_timeout=3, request_timeout=6)
        return replace(base, patience=20, **changes)

    def many(self, quirk, count=1, in_flight=1, **changes):
        lot = [replace(question("m"), key=key) for key in range(count)]
        return ask_many(self.at(quirk, **changes), lot, in_flight=in_flight)


class TestQuirks(QuirkCase):
    def test_every_quirk_is_expected(self):
        names = {
            name.removeprefix("quirk_")
            for name in dir(self.server._server.RequestHandlerClass)
            if name.startswith("quirk_")
        }
        self.assertEqual(names, set(ANSWERED) | set(FAILED))

    def test_answers(self):
        for quirk, requests in ANSWERED.items():
            with self.subTest(quirk=quirk):
                answer = self.many(quirk).answers[0]
                self.assertEqual(answer.data, GOOD)
                self.assertEqual(answer.requests, requests)
                self.assertEqual(self.server.counts[quirk], requests)
                if quirk in TOKENS:
                    tokens = (answer.tokens_in, answer.tokens_out)
                    self.assertEqual(tokens, TOKENS[quirk])

    def test_errors(self):
        for quirk, (kind, cause, requests) in FAILED.items():
            with self.subTest(quirk=quirk):
                seconds = 1 if quirk == "drip" else 30
                error = self.many(quirk, request_timeout=seconds).errors[0]
                self.assertEqual((type(error), error.cause), (kind, cause))
                self.assertEqual(error.requests, requests)
                self.assertEqual(self.server.counts[quirk], requests)
                self.assertEqual(error.maybe_paid, quirk in MAYBE_PAID)

    def test_what_a_server_does_not_take_is_remembered(self):
        for quirk in set(SAID) | {"context_8k", "no_temperature", "pydantic"}:
            with self.subTest(quirk=quirk):
                batch = self.many(quirk, count=3)
                requests = [answer.requests for answer in batch.answers.values()]
                self.assertEqual(requests, [ANSWERED[quirk], 1, 1])
                # of the server, not of the schema
                if quirk in ("no_system", "o3", "output_4096"):
                    other = replace(question("m"), schema_name="other")
                    batch = ask_many(self.at(quirk), [other], in_flight=1)
                    self.assertEqual(batch.answers["m"].requests, 1)

    def test_what_a_server_does_not_take_is_said(self):
        for quirk, words in SAID.items():
            with self.subTest(quirk=quirk):
                verdict = check(self.at(quirk), "m")
                self.assertTrue(verdict.ok)
                self.assertIn(words, verdict.text)

    def test_what_was_learned_is_forgotten_by_a_check(self):
        self.many("no_system")
        self.assertEqual(check(self.at("no_system"), "m").answer.requests, 2)
        self.assertEqual(self.many("no_system").answers[0].requests, 1)

    def test_the_check_asks_as_the_work_asks(self):
        check(self.at("plain"), "m")
        [body] = self.server.bodies
        self.assertEqual(body["messages"][0]["role"], "system")
        self.assertIs(body["stream"], False)
        self.assertEqual(body["temperature"], 0)
        self.assertEqual(body["max_tokens"], MOST_TOKENS)
        form = body["response_format"]["json_schema"]
        self.assertTrue(form["strict"])
        self.assertIn("maxLength", str(form["schema"]))

    def test_what_is_left_out_of_a_schema_is_checked_all_the_same(self):
        schema = {**question("m").schema, "properties": {"color": {"maxLength": 3}}}
        one = replace(question("m"), schema=schema)
        batch = ask_many(self.at("no_bounds"), [one], in_flight=1)
        self.assertEqual(batch.errors["m"].cause, "misfit")
        said = self.server.bodies[-1]
        self.assertNotIn("maxLength", str(said["response_format"]))
        self.assertIn("maxLength", said["messages"][0]["content"])

    def test_a_system_message_is_folded_into_the_question(self):
        self.many("no_system")
        [message] = self.server.bodies[-1]["messages"]
        self.assertIn(question("m").system, message["content"])
        self.assertIn(question("m").parts[0], message["content"])

    def test_tokens_of_what_the_server_answers_within_its_context(self):
        long = replace(question("m"), key="long", parts="word " * 3000)
        lot = [question("m"), long]
        batch = ask_many(self.at("context_8k"), lot, in_flight=1)
        requests = [answer.requests for answer in batch.answers.values()]
        self.assertEqual(requests, [2, 1])
        self.assertLess(self.server.bodies[-1]["max_tokens"], 8192 - 3000)


class TestBounds(QuirkCase):
    def test_nothing_is_unpacked_beyond_the_bound(self):
        pieces = []
        step = bounded._in_steps

        def count(decompressor):
            unpack = step(decompressor)

            def unpack_and_count(chunk):
                for piece in unpack(chunk):
                    pieces.append(len(piece))
                    yield piece

            return unpack_and_count

        bounded._in_steps = count
        self.addCleanup(setattr, bounded, "_in_steps", step)
        self.many("bomb")
        self.assertLessEqual(sum(pieces), bounded.MAX_BYTES + bounded.STEP)
        self.assertLessEqual(max(pieces), bounded.STEP)

    def test_a_slow_drip_ends_in_time(self):
        started = time.monotonic()
        self.many("drip", request_timeout=0.5)
        self.assertLess(time.monotonic() - started, 30)


class TestKeys(QuirkCase):
    def test_a_bad_key_stops_after_one_question(self):
        for quirk in ("key_400", "key_200", "key_403", "key_of_minimax"):
            with self.subTest(quirk=quirk):
                batch = self.many(quirk, count=20, in_flight=8)
                self.assertEqual(self.server.counts[quirk], 1)
                self.assertEqual(batch.halt.cause, "key")
                self.assertEqual(len(batch.left), 19)

    def test_a_key_that_was_good_is_asked_side_by_side(self):
        self.many("plain", count=1)
        self.assertTrue(client.is_accepting(self.at("plain")))
        self.assertFalse(client.is_accepting(self.at("plain", base_url="http://x/v1")))
        self.assertFalse(client.is_accepting(replace(self.at("plain"), api_key="z")))

    def test_a_refusal_of_one_question_is_none_of_the_key(self):
        self.many("prompt_too_long", count=3, in_flight=2)
        self.assertEqual(Counter(self.server.counts), {"prompt_too_long": 3})
        self.assertTrue(client.is_accepting(self.at("prompt_too_long")))
