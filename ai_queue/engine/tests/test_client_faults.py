import errno
import json
import socket
import ssl
import unittest
from datetime import datetime, timezone

from .. import errors
from ..client import causes, faults, streams, waits
from ..client.line import Response


def refuse(status, body=None, **headers):
    """The error for a response; a string as the body is a message of OpenAI's form."""
    if isinstance(body, str):
        body = json.dumps({"error": {"message": body, "type": "x", "code": None}})
    elif isinstance(body, dict):
        body = json.dumps({"error": body})
    headers = {name.replace("_", "-"): value for name, value in headers.items()}
    return faults.from_response(status, headers, (body or "").encode(), model="m-1")


class TestStatus(unittest.TestCase):
    def test_every_status_has_its_class(self):
        expected = {
            301: (errors.Refused, "redirect"),
            400: (errors.Refused, "bad_request"),
            401: (errors.Refused, "key"),
            402: (errors.OutOfCredit, "no_credit"),
            403: (errors.Refused, "forbidden"),
            404: (errors.Refused, "address"),
            405: (errors.Refused, "address"),
            408: (errors.Failing, "conflict"),
            409: (errors.Failing, "conflict"),
            413: (errors.Refused, "too_long"),
            418: (errors.Refused, "bad_request"),
            422: (errors.Refused, "bad_request"),
            425: (errors.Failing, "conflict"),
            429: (errors.Busy, "rate_limit"),
            500: (errors.Failing, "server_error"),
            501: (errors.Failing, "server_error"),
            502: (errors.Failing, "server_error"),
            503: (errors.Failing, "server_error"),
            498: (errors.Busy, "overloaded"),
            499: (errors.Failing, "server_error"),
            504: (errors.Unreachable, "gateway_timeout"),
            520: (errors.Failing, "server_error"),
            524: (errors.Unreachable, "gateway_timeout"),
            529: (errors.Busy, "overloaded"),
        }
        for status, (kind, cause) in expected.items():
            with self.subTest(status=status):
                error = refuse(status, "no")
                self.assertIs(type(error), kind)
                self.assertEqual(error.cause, cause)

    def test_only_what_cannot_get_better_is_final_and_waiting_is_no_try(self):
        self.assertTrue(refuse(401).final)
        self.assertFalse(refuse(503).final)
        self.assertTrue(refuse(503).counts)
        self.assertFalse(refuse(429).counts)
        self.assertFalse(refuse(402).counts)
        self.assertFalse(refuse(402).final)

    def test_what_every_question_would_meet_is_told_apart(self):
        self.assertTrue(refuse(401).everywhere)
        self.assertTrue(refuse(429).everywhere)
        self.assertFalse(refuse(400, "bad image").everywhere)
        self.assertFalse(refuse(413).everywhere)

    def test_words_of_providers_are_understood(self):
        known = [
            (404, {"message": "gone", "code": "model_not_found"}, "model_unknown"),
            (404, 'model "llama9" not found, try pulling it first', "model_unknown"),
            (404, "The model `gpt-9` does not exist.", "model_unknown"),
            (404, {"code": "DeploymentNotFound", "message": "x"}, "model_unknown"),
            (400, "gpt-9 is not a valid model ID", "model_unknown"),
            (404, {"message": "File Not Found", "type": "not_found_error"}, "address"),
            (400, {"message": "x", "code": "context_length_exceeded"}, "too_long"),
            (400, "This model's maximum context length is 4097 tokens.", "too_long"),
            (400, {"message": "x", "type": "exceed_context_size_error"}, "too_long"),
            (400, {"message": "x", "code": "content_filter"}, "filtered"),
            (403, "Your input was flagged by moderation", "filtered"),
            (429, {"message": "x", "code": "insufficient_quota"}, "no_credit"),
            (403, "Insufficient balance on the account", "no_credit"),
            (429, "Request too large for gpt-9 on tokens per min", "too_long"),
            (429, "Rate limit reached for requests", "rate_limit"),
        ]
        for status, body, cause in known:
            with self.subTest(status=status, body=body):
                self.assertEqual(refuse(status, body).cause, cause)

    def test_a_web_page_is_no_model(self):
        page = "<!DOCTYPE html><html>Sign in</html>"
        self.assertEqual(refuse(404, page).cause, "address")
        error = faults.from_response(
            404, {"content-type": "text/html"}, page.encode(), model="m"
        )
        self.assertEqual(error.cause, "web_page")
        # but a proxy's page about a server that is down is a server that is down
        error = faults.from_response(
            502, {"content-type": "text/html"}, page.encode(), model="m"
        )
        self.assertIsInstance(error, errors.Failing)

    def test_the_providers_word_is_shown_but_only_a_word(self):
        self.assertIn(
            "(400, invalid_prompt)", str(refuse(400, {"code": "invalid_prompt"}))
        )
        for code in ("sk-secret-1", "order 5 of ACME", "x" * 60, 17, None):
            with self.subTest(code=code):
                sentence = str(refuse(400, {"code": code, "message": "ACME"}))
                self.assertIn("(400)", sentence)

    def test_an_error_inside_of_a_good_status(self):
        for error, kind in (
            ({"code": 429, "message": "x"}, errors.Busy),
            ({"code": 401}, errors.Refused),
            ({"code": "whatever"}, errors.Failing),
            ("overloaded", errors.Busy),
        ):
            with self.subTest(error=error):
                _status, found = faults.in_body({"error": error}, {}, model="m")
                self.assertIs(type(found), kind)

    def test_a_relays_word_that_all_is_well_is_no_error(self):
        """MiniMax tells a status of its own beside each answer."""
        for status, cause in ((0, None), (1004, "key")):
            base = {"status_code": status, "status_msg": "login fail" if status else ""}
            body = {"choices": [], "base_resp": base}
            _status, found = faults.in_body(body, {}, model="m")
            self.assertEqual(found and found.cause, cause)

    def test_an_answer_in_a_list_is_taken_out_of_it(self):
        one = {"choices": [{"message": {"content": "x"}}]}
        for whole in (one, [one], [None, one], ["x", one, {"choices": []}]):
            response = Response(200, {}, json.dumps(whole).encode(), 0.1)
            response.judge("m", "choices")
            self.assertEqual((response.body, response.fault), (one, None))
        for empty in ([], [1, 2], [[one]]):
            response = Response(200, {}, json.dumps(empty).encode(), 0.1)
            response.judge("m", "choices")
            self.assertEqual(response.fault.cause, "address")

    def test_pieces_of_a_stream_without_a_list_of_choices_say_nothing(self):
        piece = {"choices": [{"delta": {"content": "x"}, "finish_reason": "stop"}]}
        odd = [{"choices": {"0": 1}}, {"choices": "x"}, {"choices": 7}]
        events = [{"choices": None}, *odd, piece]
        stream = "".join(f"data: {json.dumps(one)}\n\n" for one in events)
        [choice] = streams.read(f"{stream}data: [DONE]\n\n".encode())["choices"]
        self.assertEqual(choice["message"]["content"], ["x"])

    def test_every_cause_has_a_whole_sentence(self):
        values = dict.fromkeys(
            ("host", "status", "model", "code", "package", "where"), "x"
        )
        for cause, (kind, _sentence) in causes.CAUSES.items():
            with self.subTest(cause=cause):
                error = causes.fault(cause, **values, seconds=3.0)
                self.assertIs(type(error), kind)
                self.assertNotIn("%", str(error))
                self.assertTrue(str(error).endswith((".", "//", "jsonschema")))
        self.assertLessEqual(causes.EVERYWHERE | causes.MAYBE_PAID, set(causes.CAUSES))
        self.assertLessEqual(set(causes.CAUSES), set(causes.LABELS))


class TestRetryAfter(unittest.TestCase):
    NOW = datetime(2026, 3, 1, 12, 0, 0, tzinfo=timezone.utc)

    def wait(self, **headers):
        headers = {name.replace("_", "-"): value for name, value in headers.items()}
        return waits.read_retry_after(headers, now=self.NOW)

    def test_seconds(self):
        self.assertEqual(self.wait(retry_after="7"), 7)
        self.assertEqual(self.wait(retry_after="0.5"), 0.5)
        self.assertEqual(self.wait(retry_after=" 7 "), 7)

    def test_milliseconds_are_more_exact(self):
        self.assertEqual(self.wait(retry_after_ms="300", retry_after="1"), 0.3)

    def test_a_date(self):
        self.assertEqual(self.wait(retry_after="Sun, 01 Mar 2026 12:01:30 GMT"), 90)
        self.assertEqual(self.wait(retry_after="Sun, 01 Mar 2026 11:00:00 GMT"), 0)

    def test_a_date_is_compared_with_the_clock_of_the_server(self):
        wait = self.wait(
            retry_after="Sun, 01 Mar 2026 15:00:10 GMT",
            date="Sun, 01 Mar 2026 15:00:00 GMT",
        )
        self.assertEqual(wait, 10)

    def test_nonsense_is_nothing(self):
        huge = f"Sun, 01 Mar {10**30} 12:00:00 GMT"
        for text in ("", "soon", "nan", "Sun, 99 Mar 2026", "-", huge):
            with self.subTest(text=text):
                self.assertIsNone(self.wait(retry_after=text))
        self.assertIsNone(self.wait())

    def test_it_stays_within_a_day(self):
        self.assertEqual(self.wait(retry_after="-5"), 0)
        self.assertEqual(self.wait(retry_after="1e9"), waits.MAX_RETRY_AFTER)
        self.assertEqual(self.wait(retry_after="inf"), waits.MAX_RETRY_AFTER)
        self.assertEqual(
            self.wait(retry_after="Sun, 01 Mar 2099 12:00:00 GMT"),
            waits.MAX_RETRY_AFTER,
        )

    def test_it_comes_with_the_error(self):
        self.assertEqual(refuse(429, retry_after="12").retry_after, 12)
        self.assertEqual(refuse(503, retry_after="3").retry_after, 3)
        self.assertIsNone(refuse(429).retry_after)


class TestTransport(unittest.TestCase):
    def error(self, *chain):
        """The error for exceptions of which each was caused by the next."""
        for outer, inner in zip(chain, chain[1:], strict=False):
            outer.__cause__ = inner
        return faults.from_exception(chain[0], host="h:1", seconds=60.0)

    def named(self, name):
        return type(name, (Exception,), {})()

    def test_what_the_system_says_decides(self):
        refused = OSError(errno.ECONNREFUSED, "refused")
        cases = [
            ([self.named("ConnectError"), refused], "no_connection"),
            ([self.named("ConnectError"), socket.gaierror(-2, "?")], "name_unknown"),
            ([ssl.SSLCertVerificationError()], "certificate"),
            ([self.named("ConnectTimeout")], "connect_timeout"),
            ([self.named("ReadTimeout")], "read_timeout"),
            ([self.named("WriteTimeout")], "read_timeout"),
            ([self.named("ConnectError")], "no_connection"),
            ([self.named("RemoteProtocolError")], "connection_lost"),
            ([self.named("ReadError"), ConnectionResetError()], "connection_lost"),
        ]
        for chain, cause in cases:
            with self.subTest(cause=cause):
                self.assertEqual(self.error(Exception("sdk"), *chain).cause, cause)

    def test_another_protocol_on_the_port(self):
        error = ssl.SSLError(1, "[SSL: WRONG_VERSION_NUMBER] wrong version number")
        error.reason = "WRONG_VERSION_NUMBER"
        self.assertEqual(self.error(self.named("ConnectError"), error).cause, "tls")

    def test_only_what_was_sent_may_be_paid(self):
        self.assertTrue(self.error(self.named("ReadTimeout")).maybe_paid)
        self.assertTrue(self.error(self.named("ReadError")).maybe_paid)
        self.assertFalse(self.error(self.named("ConnectTimeout")).maybe_paid)
        self.assertFalse(self.error(socket.gaierror()).maybe_paid)

    def test_a_chain_that_bites_its_tail_ends(self):
        first, second = self.named("A"), self.named("B")
        first.__cause__, second.__cause__ = second, first
        error = faults.from_exception(first, host="h", seconds=1)
        self.assertEqual(error.cause, "connection_lost")
