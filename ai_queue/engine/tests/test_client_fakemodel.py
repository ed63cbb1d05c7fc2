"""The model server that the other tests stand on."""

import json
import signal
import subprocess
import sys
import unittest
import urllib.error
import urllib.request

from .client_case import SCHEMA, TOP
from .fakemodel import FakeModel


def call(url, body=None):
    """One request to a server; returns (status, body)."""
    data = None if body is None else json.dumps(body).encode()
    request = urllib.request.Request(url, data, {"Content-Type": "application/json"})
    try:
        with urllib.request.urlopen(request, timeout=60) as response:
            return response.status, json.load(response)
    except urllib.error.HTTPError as error:
        with error:
            return error.code, json.load(error)


def body(text="Hello", **changes):
    return {"model": "m", "messages": [{"role": "user", "content": text}], **changes}


class TestFakeModel(unittest.TestCase):
    def setUp(self):
        super().setUp()
        self.fake = FakeModel()
        self.fake.__enter__()
        self.addCleanup(self.fake.__exit__)
        self.root = self.fake.url.removesuffix("/v1")
        self.chat = f"{self.fake.url}/chat/completions"

    def test_the_same_question_gets_the_same_answer(self):
        first, again, other = (
            call(self.chat, body(text))[1]["choices"][0] for text in ("a", "a", "b")
        )
        self.assertEqual(first, again)
        self.assertNotEqual(first, other)

    def test_the_form_of_an_answer(self):
        status, answer = call(self.chat, body())
        self.assertEqual((status, answer["object"]), (200, "chat.completion"))
        usage = answer["usage"]
        self.assertEqual(
            usage["total_tokens"], usage["prompt_tokens"] + usage["completion_tokens"]
        )

    def test_schemas_are_filled(self):
        form = {"type": "json_schema", "json_schema": {"name": "x", "schema": SCHEMA}}
        for seed in range(20):
            _status, answer = call(self.chat, body(f"{seed}", response_format=form))
            data = json.loads(answer["choices"][0]["message"]["content"])
            self.assertEqual(set(data), {"lines", "note"})
            for line in data["lines"]:
                self.assertLessEqual(len(line["sku"]), 20)
                self.assertGreaterEqual(line["quantity"], 0)

    def test_bad_requests_are_refused_as_by_openai(self):
        for wrong in ({}, body(model=3), body(stream=True), body(messages=[])):
            with self.subTest(body=wrong):
                status, answer = call(self.chat, wrong)
                self.assertEqual(status, 400)
                self.assertEqual(answer["error"]["type"], "invalid_request_error")
        self.assertEqual(call(f"{self.fake.url}/nothing", body())[0], 404)

    def test_it_is_told_what_to_do_by_http(self):
        control, stats = f"{self.root}/_control", f"{self.root}/_stats"
        fault = {"status": 503, "next": 1}
        self.assertEqual(call(control, {"faults": [fault]})[0], 200)
        self.assertEqual([call(self.chat, body())[0] for _ in range(2)], [503, 200])
        numbers = call(f"{stats}?questions=1")[1]
        self.assertEqual(numbers["asked"], 2)
        self.assertEqual(numbers["answered"], 1)
        self.assertEqual(numbers["faults"], {"503": 1})
        self.assertEqual(numbers["statuses"], {"200": 1, "503": 1})
        self.assertEqual(
            list(numbers["questions"].values()),
            [{"asked": 2, "answered": 1, "abandoned": 0}],
        )
        call(control, {"reset_stats": True, "models": ["a", "b"]})
        self.assertEqual(call(stats)[1]["asked"], 0)
        listed = call(f"{self.fake.url}/models")[1]["data"]
        self.assertEqual([model["id"] for model in listed], ["a", "b"])
        for wrong in (
            {"fault": []},
            {"structure": "xml"},
            {"faults": [{"kind": "fire", "next": 1}]},
            {"faults": [{"status": 500}]},
        ):
            with self.subTest(settings=wrong):
                self.assertEqual(call(control, wrong)[0], 400)

    def test_chance_is_the_same_each_time(self):
        def statuses():
            faults = [{"status": 500, "probability": 0.5}]
            self.fake.configure(faults=faults, seed=3)
            return [call(self.chat, body(f"{n}"))[0] for n in range(12)]

        first = statuses()
        self.assertEqual(first, statuses())
        self.assertEqual(set(first), {200, 500})

    def test_limits(self):
        self.fake.configure(requests_per_minute=2)
        self.assertEqual(
            [call(self.chat, body())[0] for _ in range(3)], [200, 200, 429]
        )

    def test_the_answer_can_be_given(self):
        with FakeModel(answer=lambda asked: asked.text.upper()) as fake:
            answer = call(f"{fake.url}/chat/completions", body("Hello"))[1]
        self.assertEqual(answer["choices"][0]["message"]["content"], "HELLO")

    def test_a_process_of_its_own(self):
        command = [sys.executable, "-m", "engine.tests.fakemodel", "--model", "m"]
        with subprocess.Popen(
            command, cwd=TOP, stdout=subprocess.PIPE, text=True
        ) as process:
            try:
                url = process.stdout.readline().strip()
                self.assertEqual(call(f"{url}/chat/completions", body())[0], 200)
            finally:
                process.send_signal(signal.SIGTERM)
            self.assertEqual(process.wait(60), 0)
