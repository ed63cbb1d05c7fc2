import time

from ..client.connection import STEPS, check
from .client_case import MODEL, ClientCase


class TestConnection(ClientCase):
    def check(self, model=MODEL, **changes):
        verdict = check(
            self.endpoint.__class__(**{**vars(self.endpoint), **changes}), model
        )
        self.assertEqual(tuple(step.name for step in verdict.steps), STEPS)
        return verdict

    def passed(self, verdict):
        return [step.ok for step in verdict.steps]

    def test_all_is_well(self):
        started = time.monotonic()
        verdict = self.check()
        elapsed = time.monotonic() - started
        self.assertTrue(verdict.ok)
        self.assertEqual(self.passed(verdict), [True] * 5)
        self.assertTrue(all(step.text for step in verdict.steps))
        self.assertEqual(verdict.mode, "json_schema")
        self.assertEqual(verdict.cause, "")
        self.assertTrue(0 < verdict.latency <= elapsed)
        self.assertIn(f"model {MODEL} answers", verdict.text)

    def test_a_server_without_structured_output_will_do(self):
        for structure in ("json_object", "text"):
            with self.subTest(structure=structure):
                self.fake.configure(structure=structure)
                verdict = self.check()
                self.assertTrue(verdict.ok)
                self.assertEqual(verdict.mode, structure)

    def test_no_key_where_none_is_needed(self):
        verdict = self.check(api_key=None)
        self.assertIn("none is needed", verdict.steps[1].text)

    def test_nobody_there(self):
        verdict = self.check(base_url="http://127.0.0.1:9/v1")
        self.assertFalse(verdict.ok)
        self.assertEqual(self.passed(verdict), [False, None, None, None, None])
        self.assertEqual(verdict.steps[0].text, verdict.text)
        self.assertIn("127.0.0.1:9", verdict.text)

    def test_a_wrong_key(self):
        self.fake.configure(key="sk-right")
        verdict = self.check()
        self.assertEqual(self.passed(verdict), [True, False, None, None, None])
        self.assertEqual(verdict.cause, "key")

    def test_an_unknown_model_and_those_there_are(self):
        self.fake.configure(models=("large", "small"))
        verdict = self.check("medium")
        self.assertEqual(self.passed(verdict), [True, True, False, None, None])
        self.assertEqual(verdict.models, ("large", "small"))
        self.assertIn("It has: large, small.", verdict.text)

    def test_a_model_that_talks_nonsense(self):
        self.fail_next("nonsense", 9)
        verdict = self.check()
        self.assertEqual(self.passed(verdict), [True, True, True, False, None])

    def test_a_provider_that_is_busy_or_down(self):
        self.fail_next(429)
        self.assertEqual(self.passed(self.check()), [True, True, False, None, None])
        self.fail_next(402)
        verdict = self.check()
        self.assertEqual(verdict.cause, "no_credit")
        self.assertEqual(self.passed(verdict), [True, True, False, None, None])
        self.fail_next(503)
        self.assertEqual(self.passed(self.check()), [True, None, False, None, None])
        self.fail_next("hang")
        verdict = self.check(read_timeout=0.2)
        self.assertEqual(self.passed(verdict), [False, None, None, None, None])

    def test_another_model_that_answers(self):
        self.fake.configure(models=())
        verdict = self.check("gpt-9")
        self.assertTrue(verdict.ok)
        self.assertIn("The model gpt-9 answers", verdict.text)

    def test_a_web_page(self):
        self.fail_next("html")
        verdict = self.check()
        self.assertEqual(verdict.cause, "web_page")
        self.assertEqual(self.passed(verdict), [False, None, None, None, None])

    def test_nothing_is_tried_twice(self):
        self.fail_next(503, 9)
        self.check()
        self.assertEqual(self.fake.stats()["asked"], 1)
