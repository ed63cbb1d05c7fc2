# Copyright 2026 The ai_queue contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
import threading
from dataclasses import replace
from unittest.mock import patch

import psycopg2

from odoo.tests import tagged
from odoo.tools import real_time
from odoo.tools.translate import code_translations

from odoo.addons.ai_queue.asking import ask as asking
from odoo.addons.ai_queue.asking import limits
from odoo.addons.ai_queue.asking.words import say
from odoo.addons.ai_queue.engine.client import answers

from .common_provider import AiQueueProviderCommon


@tagged("post_install", "-at_install")
class TestAskingEdges(AiQueueProviderCommon):
    """What rarely happens between a job and its answers."""

    def assert_turn_is_over(self, error):
        self.assertIn("in a moment", str(error))
        self.assertTrue(error.ignore_retry)

    # ------------------------------------------------------------
    # TIME IS UP
    # ------------------------------------------------------------

    def test_a_job_that_had_its_time_gives_way_and_goes_on_later(self):
        self.provider.max_in_flight = 1
        look = asking.stopping.Stop.__call__

        def look_at_another_clock(stop):
            if self.asked():
                stop.until = 0.0
            return look(stop)

        with patch.object(asking.stopping.Stop, "__call__", look_at_another_clock):
            error = self.put_off("one", "two", "three")
        self.assert_turn_is_over(error)
        self.assertLessEqual(error.seconds, 2)
        # What was under way was waited for.
        self.assertEqual(len(self.calls(state="answered")), 1)
        self.fake.reset_stats()
        self.assertEqual(len(self.ask("one", "two", "three").answers), 3)
        self.assertEqual(self.asked(), 2)

    def test_the_time_of_a_job_ends_before_that_of_its_worker(self):
        with patch.dict(limits.config.options, limit_time_real=1200):
            self.assertEqual(limits.sending_seconds(90), 1080)
        with patch.dict(limits.config.options, limit_time_real=60):
            self.assertEqual(limits.sending_seconds(90), 1)
        with patch.dict(limits.config.options, limit_time_real=0):
            self.assertEqual(limits.sending_seconds(90), limits.SENDING_SECONDS)

    def test_what_a_job_did_before_it_asks_has_taken_time_of_its_worker(self):
        thread, begun = threading.current_thread(), real_time() - 600
        with (
            patch.dict(limits.config.options, limit_time_real=1200),
            patch.object(thread, "perf_t0", begun, create=True),
        ):
            self.assertAlmostEqual(limits.sending_seconds(90), 480, delta=5)

    # ------------------------------------------------------------
    # TWINS
    # ------------------------------------------------------------

    def ask_twins(self, **kwargs):
        [question] = self.questions("How many eggs?")
        self.env.flush_all()
        outcome = self.provider._ask(
            [question, replace(question, key="twin")],
            kind="forecast",
            prompt_version="1",
            **kwargs,
        )
        self.env.invalidate_all()
        return outcome

    def test_twins_get_the_same_answer_and_count_as_two(self):
        seen = []
        outcome = self.ask_twins(progress=seen.append)
        self.assertEqual(
            outcome.answers["twin"].text, outcome.answers["How many eggs?"].text
        )
        self.assertEqual(seen[-1], {"twin", "How many eggs?"})
        self.assertEqual(self.asked(), 1)

    def test_twins_share_what_went_wrong(self):
        self.fake.configure(faults=[{"kind": "refusal", "next": 1}])
        outcome = self.ask_twins()
        self.assertFalse(outcome.answers)
        self.assertEqual(len(outcome.errors), 2)
        self.assertEqual(len({error.sentence for error in outcome.errors.values()}), 1)
        self.assertEqual(len(self.calls()), 1)

    # ------------------------------------------------------------
    # OTHER JOBS
    # ------------------------------------------------------------

    def test_what_another_job_asks_is_left_to_it_and_the_rest_is_asked(self):
        self.ask("theirs")
        self.env.cr.execute(
            "UPDATE ai_queue_call SET state = 'asking', lease_until = "
            "(clock_timestamp() AT TIME ZONE 'UTC') + interval '1 minute'"
        )
        self.env.invalidate_all()
        error = self.put_off("theirs", "ours")
        self.assert_turn_is_over(error)
        self.assertGreaterEqual(error.seconds, asking.ELSEWHERE_SECONDS)
        self.assertEqual(len(self.calls(state="answered")), 1)
        self.assertEqual(self.asked(), 2)

    def test_what_another_job_got_meanwhile_is_taken(self):
        self.ask("theirs")
        calls = type(self.env["ai.queue.call"])
        find, looks = calls._find, []

        def find_late(model, keys, asker):
            looks.append(keys)
            # At the first look the other job had no answer yet.
            return find(model, keys, asker) if len(looks) > 1 else {}

        self.patch(calls, "_find", find_late)
        outcome = self.ask("theirs", "ours")
        self.assertEqual(set(outcome.answers), {"theirs", "ours"})
        self.assertTrue(outcome.answers["theirs"].is_reused)
        self.assertEqual(self.asked(), 2)

    # ------------------------------------------------------------
    # THE DATABASE IS GONE
    # ------------------------------------------------------------

    def break_settlements(self, times, error=psycopg2.OperationalError):
        """The database is gone whenever a question is to be settled."""
        calls = type(self.env["ai.queue.call"])
        settle, broken = calls._settle, []

        def settle_or_not(model, settlement):
            if len(broken) < times:
                broken.append(settlement)
                raise error("server closed the connection")
            return settle(model, settlement)

        self.patch(calls, "_settle", settle_or_not)

    def test_an_answer_waits_for_a_database_that_comes_back(self):
        self.break_settlements(1)
        with self.assertLogs(asking.__name__, "WARNING") as logged:
            outcome = self.ask("How many eggs?")
        self.assertIn("Answers of a model wait", logged.output[0])
        self.assertEqual(len(outcome.answers), 1)
        [call] = self.calls()
        self.assertEqual(call.state, "answered")
        self.assertGreater(call.cost, 0)
        self.ask("How many eggs?")
        self.assertEqual(self.asked(), 1)

    def test_the_rest_is_asked_when_it_is_back(self):
        self.provider.max_in_flight = 1
        self.break_settlements(1)
        with self.assertLogs(asking.__name__, "WARNING"):
            outcome = self.ask("one", "two", "three")
        self.assertEqual(len(outcome.answers), 3)
        self.assertEqual(len(self.calls(state="answered")), 3)
        self.assertEqual(self.asked(), 3)

    def test_what_was_answered_is_saved_before_the_job_is_lost(self):
        self.provider.max_in_flight = 1
        self.break_settlements(3)
        with self.assertLogs(asking.__name__, "WARNING"):
            try:
                self.ask("one", "two", "three")
            except psycopg2.OperationalError as error:
                # With which the job is queued again, as if it had been killed.
                self.assertIn("server closed", str(error))
            else:
                self.fail("The job went on without a database.")
        self.assertEqual(len(self.calls(state="answered")), 1)
        self.assertEqual(len(self.ask("one", "two", "three").answers), 3)
        self.assertEqual(self.asked(), 3)

    def test_an_answer_that_is_never_taken_keeps_no_other_waiting(self):
        self.provider.max_in_flight = 2
        self.break_settlements(1, psycopg2.DataError)
        try:
            self.ask("one", "two")
        except psycopg2.DataError as error:
            self.assertIn("server closed", str(error))
        else:
            self.fail("Nobody is told of the answer that is lost.")
        self.assertEqual(len(self.calls(state="answered")), 1)
        self.assertEqual(self.asked(), 2)

    def test_a_count_that_no_column_takes_is_not_believed(self):
        count = answers.count_tokens
        wrong = {"prompt_tokens": 2**32, "completion_tokens": True}
        self.patch(answers, "count_tokens", lambda body: count({"usage": wrong}))
        self.assertEqual(len(self.ask("one").answers), 1)
        [call] = self.calls()
        self.assertEqual(call.state, "answered")
        self.assertTrue(call.is_estimated)

    # ------------------------------------------------------------
    # WORDS
    # ------------------------------------------------------------

    def test_what_does_not_fit_is_said_in_the_language_of_the_reader(self):
        self.env["res.lang"]._activate_lang("fr_FR")
        places = (("", answers.IN_WORDS["required"]),)
        error = answers.Misfit("misfit", "", places).fault()
        words = {"the whole": "le tout", "something is missing": "il manque"}
        self.patch(
            type(code_translations),
            "get_python_translations",
            lambda self, module, lang: words if module == "ai_queue" else {},
        )
        said = say(self.env(context={"lang": "fr_FR"}), error, "Fake")
        self.assertIn("le tout (il manque)", said)
        self.assertIn("the whole (something is missing)", str(error))

    # ------------------------------------------------------------
    # CANCELLED
    # ------------------------------------------------------------

    def test_a_job_that_is_cancelled_as_it_ends_is_not_put_off(self):
        self.provider.max_in_flight = 1
        self.patch(asking.stopping, "STOP_TICK", 0.0)
        self.fake.configure(faults=[{"status": 429, "retry_after": "3600", "next": 9}])
        questions = self.questions("one", "two")
        asker = self.provider._get_asker("forecast", self.env["ai.queue.run.job"])
        job = asking.Asking(self.provider, asker, questions, "1")
        self.env.flush_all()
        # Asked before each request, and no more once the provider is busy.
        outcome = job.ask(stop=lambda: self.asked() > 0)
        self.assertFalse(outcome.answers or outcome.errors)
        self.assertEqual(self.asked(), 1)

    def test_a_cancelled_job_gets_what_there_is_and_no_error(self):
        self.ask("one")
        self.patch(asking.stopping, "STOP_TICK", 0.0)
        questions = self.questions("one", "two")
        asker = self.provider._get_asker("forecast", self.env["ai.queue.run.job"])
        job = asking.Asking(self.provider, asker, questions, "1")
        outcome = job.ask(stop=lambda: True)
        self.assertEqual(set(outcome.answers), {"one"})
        self.assertFalse(outcome.errors)
        self.assertEqual(self.asked(), 1)

    def test_a_question_without_words_is_none(self):
        outcome = self.provider._ask([], kind="forecast", prompt_version="1")
        self.assertFalse(outcome.answers or outcome.errors or self.asked())
