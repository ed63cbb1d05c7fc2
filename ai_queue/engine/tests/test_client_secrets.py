import io
import logging
import subprocess
import sys
import traceback
from dataclasses import replace

from ..client import ask_many
from ..client import asking as client
from ..client.connection import check
from ..client.line import libraries
from .client_case import KEY, TOP, ClientCase, question

PROMPT = "The margin of ACME is 42 percent"
SYSTEM = "You are the controller of Umbrella Inc"
IMAGE = client.Image(b"PICTURE-OF-THE-BOSS", "image/png")


class TestSecrets(ClientCase):
    """No key, no question and no answer leaks: not by repr, error, trace or log."""

    def setUp(self):
        super().setUp()
        self.question = question(text=[PROMPT, IMAGE], system=SYSTEM)
        self.secrets = (KEY, KEY[:9], "ACME", "Umbrella", "PICTURE", "SECRET-ANSWER")

    def assert_clean(self, text):
        for secret in self.secrets:
            self.assertNotIn(secret, text)

    def test_plain_data_does_not_show_them(self):
        endpoint = replace(self.endpoint, headers={"api-key": KEY}, query={"key": KEY})
        self.assert_clean(repr(endpoint) + str(endpoint))
        self.assert_clean(repr(self.question) + repr(IMAGE))
        type(self).answer = lambda asked: {"lines": [], "note": "SECRET-ANSWER"}
        answer = self.ask(self.question)
        self.assertEqual(answer.data["note"], "SECRET-ANSWER")
        self.assert_clean(repr(answer))

    def test_errors_do_not_show_them(self):
        type(self).answer = lambda asked: {"SECRET-ANSWER": asked.text}
        quoted = f"Bad: {PROMPT} {SYSTEM} for {KEY}"
        faults = [
            {"status": status, "message": quoted, "code": KEY, "type": PROMPT}
            for status in (307, 400, 401, 402, 403, 404, 409, 422, 429, 500, 503)
        ]
        kinds = ("drop", "drop_body", "broken_json", "html", "error_body", "empty")
        kinds += ("refusal", "cut", "nonsense", "list_body", "megabyte", "hang")
        faults += [{"kind": kind} for kind in kinds]
        for fault in faults:
            with self.subTest(fault=fault.get("kind") or fault["status"]):
                self.fake.configure(faults=[{**fault, "next": 9}])
                error = self.error(self.question, read_timeout=0.2)
                self.assert_error_clean(error)
        # an answer of the wrong form, by the answer function above
        self.fake.configure(faults=[])
        self.assert_error_clean(self.error(self.question))
        # a key that is quoted by who refuses it
        self.fake.configure(key="sk-right")
        self.assert_error_clean(self.error(self.question))
        for url in (f"http://{KEY}@x/v1", "http://127.0.0.1:9/v1", "nowhere"):
            self.assert_error_clean(self.error(self.question, base_url=url))
        self.assert_error_clean(self.error(self.question, api_key=f"{KEY}\n"))

    def assert_error_clean(self, error):
        chain = []
        while error is not None:
            chain.append(error)
            error = error.__cause__ or error.__context__
        for link in chain:
            self.assertTrue(type(link).__module__.endswith("engine.errors"), link)
            self.assert_clean(f"{link!s} {link!r} {vars(link)}")
            self.assert_clean("".join(traceback.format_exception(link)))

    def test_logs_do_not_show_them_whatever_their_level(self):
        stream = io.StringIO()
        handler = logging.StreamHandler(stream)
        root = logging.getLogger()
        level = root.level
        names = ("openai", "httpx", "httpx2", "httpcore", "httpcore2")
        levels = {name: logging.getLogger(name).level for name in names}
        root.addHandler(handler)
        root.setLevel(logging.DEBUG)
        try:
            for name in names:
                logging.getLogger(name).setLevel(logging.DEBUG)
            libraries.cache_clear()
            self.fail_next(500)
            endpoint = replace(self.endpoint, query={"key": "{api_key}"}, patience=5)
            batch = ask_many(endpoint, [self.question], in_flight=1)
        finally:
            root.removeHandler(handler)
            root.setLevel(level)
            for name, before in levels.items():
                logging.getLogger(name).setLevel(before)
            libraries.cache_clear()
        self.assertEqual(len(batch.answers), 1)
        self.assert_clean(stream.getvalue())
        self.assertNotIn("HTTP", stream.getvalue())

    def test_a_verdict_does_not_show_them(self):
        self.fake.configure(key="sk-right")
        self.assert_clean(repr(check(self.endpoint, "m")))
        self.assert_clean(repr(check(replace(self.endpoint, base_url=KEY), "m")))

    def test_the_modules_load_without_the_libraries(self):
        code = (
            "import sys\n"
            "sys.modules.update(openai=None, tenacity=None, jsonschema=None)\n"
            "import engine.client, engine.client.connection\n"
            "assert not {'httpx', 'httpx2', 'pydantic'} & set(sys.modules)\n"
        )
        subprocess.run([sys.executable, "-c", code], check=True, cwd=TOP)
