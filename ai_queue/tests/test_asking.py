# Copyright 2026 The ai_queue contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
import socket
from dataclasses import replace
from datetime import timedelta
from unittest.mock import patch

from odoo.addons.ai_queue.asking import ask as asking
from odoo.addons.ai_queue.asking.ask import Asking
from odoo.addons.ai_queue.models.ledger.ai_queue_call import AiQueueCall

from .common_provider import AiQueueProviderCommon


class TestAsking(AiQueueProviderCommon):
    def test_an_answer_stands_in_the_ledger(self):
        outcome = self.ask("How many eggs?")
        [call] = self.calls()
        self.assertEqual(call.state, "answered")
        self.assertEqual(call.outcome, "ok")
        self.assertEqual(call.answer_text, outcome.answers["How many eggs?"].text)
        self.assertIn("How many eggs?", call.question)
        self.assertEqual(call.kind, "forecast")
        self.assertEqual(call.tokens, call.tokens_in + call.tokens_out)
        self.assertAlmostEqual(
            call.cost, call.tokens_in * 0.001 + call.tokens_out * 0.002
        )
        self.assertFalse(call.is_estimated)
        self.assertEqual(call.requests, 1)
        self.assertGreater(call.latency, 0)

    def test_an_equal_question_is_not_asked_again(self):
        first = self.ask("How many eggs?")
        second = self.ask("How many eggs?")
        self.assertEqual(self.asked(), 1)
        self.assertTrue(second.answers["How many eggs?"].is_reused)
        self.assertEqual(
            first.answers["How many eggs?"].text, second.answers["How many eggs?"].text
        )
        self.assertEqual(self.calls().reused, 1)

    def test_two_equal_questions_of_a_job_are_asked_once(self):
        questions = self.questions("How many?", "How many more?")
        questions.append(
            type(questions[0])("twin", questions[0].model, questions[0].parts)
        )
        outcome = self.provider._ask(questions, kind="forecast", prompt_version="1")
        self.assertEqual(len(outcome.answers), 3)
        self.assertEqual(self.asked(), 2)

    def test_another_prompt_version_is_another_question(self):
        self.ask("How many eggs?")
        self.ask("How many eggs?", prompt_version="2")
        self.assertEqual(self.asked(), 2)

    def test_another_company_is_not_answered_from_the_ledger(self):
        self.ask("How many eggs?")
        other = self.create_company("Other")
        provider = self.provider.with_company(other)
        provider._ask(
            self.questions("How many eggs?"), kind="forecast", prompt_version="1"
        )
        self.assertEqual(self.asked(), 2)

    def test_an_old_answer_is_asked_for_anew(self):
        self.ask("How many eggs?")
        [old] = self.calls()
        self.env.cr.execute(
            "UPDATE ai_queue_call SET date_done = date_done - interval '25 hours'"
        )
        self.env.invalidate_all()
        self.ask("How many eggs?")
        self.assertEqual(self.asked(), 2)
        self.assertFalse(old.is_current)
        self.assertEqual(len(self.calls(is_current=True)), 1)

    def test_freshness_is_a_setting(self):
        self.env["ir.config_parameter"].set_param("ai_queue.answer_fresh_hours", "48")
        self.ask("How many eggs?")
        self.env.cr.execute(
            "UPDATE ai_queue_call SET date_done = date_done - interval '25 hours'"
        )
        self.ask("How many eggs?")
        self.assertEqual(self.asked(), 1)

    def test_a_key_refused_is_said_in_a_sentence(self):
        self.fake.configure(key="another")
        self.assertIn(
            "does not accept the key",
            str(self.refused("How many eggs?", "How many more?")),
        )
        self.assertEqual(set(self.calls().mapped("outcome")), {"key"})
        self.assertEqual(sum(self.calls().mapped("cost")), 0)
        self.assertEqual(self.state.breaker_state, "closed")

    def test_a_busy_provider_puts_the_job_off_without_a_try(self):
        self.fake.configure(faults=[{"status": 429, "retry_after": "120", "next": 9}])
        error = self.put_off("How many eggs?")
        self.assertTrue(error.ignore_retry)
        self.assertGreaterEqual(error.seconds, 120)
        self.assertLessEqual(error.seconds, 144)
        self.assertEqual(self.calls().outcome, "rate_limit")

    def test_a_failing_provider_costs_a_try(self):
        self.fake.configure(faults=[{"status": 500, "next": 99}])
        error = self.put_off("How many eggs?")
        self.assertFalse(error.ignore_retry)
        self.assertIsNone(error.seconds)
        self.assertEqual(self.calls().state, "failed")

    def test_what_was_answered_before_a_failure_is_kept(self):
        self.provider.max_in_flight = 1
        self.fake.configure(
            faults=[
                {"kind": "slow", "seconds": 0, "next": 2},
                {"status": 400, "next": 9},
            ]
        )
        texts = ["one", "two", "three"]
        outcome = self.ask(*texts)
        self.assertEqual(len(outcome.answers), 2)
        self.assertEqual(len(outcome.errors), 1)
        self.fake.configure(faults=[])
        self.fake.reset_stats()
        outcome = self.ask(*texts)
        self.assertEqual(len(outcome.answers), 3)
        self.assertEqual(self.asked(), 1)

    def test_a_question_that_another_job_is_asking_is_waited_for(self):
        self.ask("How many eggs?")
        self.env.cr.execute(
            "UPDATE ai_queue_call SET state = 'asking', lease_until = "
            "(clock_timestamp() AT TIME ZONE 'UTC') + interval '1 minute'"
        )
        self.env.invalidate_all()
        error = self.put_off("How many eggs?")
        self.assertTrue(error.ignore_retry)
        self.assertEqual(self.asked(), 1)

    def test_a_question_whose_asker_is_gone_is_asked_again(self):
        self.ask("How many eggs?")
        self.env.cr.execute(
            "UPDATE ai_queue_call SET state = 'asking', lease_until = "
            "(clock_timestamp() AT TIME ZONE 'UTC') - interval '1 second'"
        )
        self.env.invalidate_all()
        self.ask("How many eggs?")
        self.assertEqual(self.asked(), 2)
        lost, answered = self.calls()
        self.assertEqual(lost.state, "lost")
        self.assertTrue(lost.is_estimated)
        self.assertEqual(answered.state, "answered")

    def test_not_more_in_flight_than_the_provider_allows(self):
        self.provider.max_in_flight = 3
        self.fake.configure(latency=0.05)
        self.ask(*map(str, range(12)))
        self.assertEqual(self.fake.stats()["max_in_flight"], 3)

    def test_what_is_sent_at_once_is_admitted_in_one_transaction(self):
        self.provider.max_in_flight = 4
        admitted = []
        admit = AiQueueCall._admit

        def note(calls, claim):
            admitted.append(calls.env.cr)
            return admit(calls, claim)

        with patch.object(AiQueueCall, "_admit", note):
            outcome = self.ask(*map(str, range(6)))
        self.assertEqual(len(outcome.answers), 6)
        self.assertEqual(len(admitted), 6)
        self.assertEqual(len(set(map(id, admitted[:4]))), 1)
        self.assertEqual(self.asked(), 6)

    def ask_and_stop(self):
        """Four questions, all admitted at once, and Cancel while they are sent."""
        self.provider.max_in_flight = 4
        stop = iter([False, True])
        job = Asking(
            self.provider,
            self.provider._get_asker("forecast", self.env["ai.queue.run.job"]),
            self.questions(*map(str, range(4))),
            "1",
        )
        self.env.flush_all()
        job.ask(stop=lambda: next(stop, True))
        self.env.invalidate_all()

    def test_what_was_admitted_and_not_sent_is_let_go(self):
        self.ask_and_stop()
        self.assertFalse(self.calls(state="asking"))
        self.assertEqual(len(self.calls(state="answered")), self.asked())

    def test_what_was_admitted_and_not_sent_costs_nothing(self):
        self.patch(asking, "STOP_TICK", 0.0)
        self.ask_and_stop()
        self.assertEqual(self.asked(), 1)
        stopped = self.calls(outcome="stopped")
        self.assertEqual(len(stopped), 3)
        self.assertEqual(set(stopped.mapped("tokens")), {0})
        self.assertEqual(set(stopped.mapped("cost")), {0.0})

    def age_calls(self, days):
        self.env.cr.execute(
            "UPDATE ai_queue_call SET date = date - %(age)s, "
            "date_done = date_done - %(age)s",
            {"age": timedelta(days=days)},
        )

    def test_texts_are_forgotten_after_their_time(self):
        self.ask("How many eggs?")
        [call] = self.calls()
        self.age_calls(31)
        self.tidy_up()
        self.env.invalidate_all()
        self.assertFalse(call.question)
        self.assertFalse(call.answer_text)
        self.assertTrue(call.cost)
        self.ask("How many eggs?")
        self.assertEqual(self.asked(), 2)

    def test_calls_are_deleted_after_their_time(self):
        self.ask("How many eggs?")
        self.age_calls(731)
        self.tidy_up()
        self.assertFalse(self.calls())


class TestBreaker(AiQueueProviderCommon):
    def setUp(self):
        super().setUp()
        self.provider.breaker_failures = 2

    def fail_asking(self, text):
        self.fake.configure(faults=[{"status": 500, "next": 99}])
        self.put_off(text)
        self.fake.configure(faults=[])

    def open_breaker(self):
        self.fail_asking("first")
        self.fail_asking("second")
        self.assertEqual(self.state.breaker_state, "open")
        self.fake.reset_stats()

    def test_failures_in_a_row_pause_the_provider(self):
        self.open_breaker()
        error = self.put_off("third")
        self.assertIn("is paused", str(error))
        self.assertEqual(self.asked(), 0)
        self.assertTrue(error.ignore_retry)
        self.assertIn("problem of its own", self.state.breaker_message)

    def test_an_answer_in_between_starts_the_count_anew(self):
        self.fail_asking("first")
        self.ask("second")
        self.fail_asking("third")
        self.assertEqual(self.state.breaker_state, "closed")

    def test_one_probe_closes_it(self):
        self.open_breaker()
        self.state.breaker_until -= timedelta(minutes=5)
        self.ask("third")
        self.assertEqual(self.state.breaker_state, "closed")

    def test_a_failed_probe_doubles_the_pause(self):
        self.open_breaker()
        self.state.breaker_until -= timedelta(minutes=5)
        before = self.state.pauses
        self.fail_asking("third")
        self.assertEqual(self.state.breaker_state, "open")
        self.assertEqual(self.state.pauses, before + 1)

    def test_who_is_not_the_probe_waits(self):
        self.open_breaker()
        self.state.breaker_until -= timedelta(minutes=5)
        self.assertTrue(self.state._may_go("probe"))
        self.state._begin_probe("probe")
        self.assertEqual(self.state.breaker_state, "probing")
        self.assertFalse(self.state._may_go("other"))
        self.assertGreater(self.state._get_pause().retry_after, 0)
        self.assertTrue(self.state._may_go("probe"))

    def test_it_can_be_reset_by_hand(self):
        self.open_breaker()
        self.provider.action_reset_breaker()
        self.ask("third")
        self.assertEqual(self.asked(), 1)


class TestAddress(AiQueueProviderCommon):
    """An address where nobody is: wrong when nobody ever was, else down."""

    NOWHERE = "http://127.0.0.1:9/v1"

    def setUp(self):
        super().setUp()
        self.provider.breaker_failures = 1

    def test_a_wrong_address_ends_the_work_with_a_sentence(self):
        self.provider.base_url = self.NOWHERE
        error = self.refused("one", "two")
        self.assertIn("There is no connection to 127.0.0.1:9.", str(error))
        self.assertIn("the base URL of the provider is right", str(error))
        self.assertEqual(set(self.calls().mapped("outcome")), {"no_connection"})
        # Neither tried again within the job, nor is there anything to wait for.
        self.assertEqual(set(self.calls().mapped("requests")), {1})
        self.assertEqual(self.state.breaker_state, "closed")

    def test_so_does_an_unknown_host(self):
        self.provider.base_url = "http://no-such-host.invalid/v1"
        unknown = socket.gaierror(socket.EAI_NONAME, "Name or service not known")
        with patch("socket.getaddrinfo", side_effect=unknown):
            error = self.refused("How many eggs?")
        self.assertIn("The host name no-such-host.invalid is not known.", str(error))
        self.assertEqual(self.calls().requests, 1)

    def be_away(self):
        """The provider is at the same address, and its server is not there."""
        away = self.provider._get_endpoint()
        away = replace(away, base_url=self.NOWHERE, patience=0.0)
        return patch.object(type(self.provider), "_get_endpoint", lambda provider: away)

    def test_who_answered_before_is_waited_for(self):
        self.ask("one")
        with self.be_away():
            error = self.put_off("two")
        self.assertIn("There is no connection", str(error))
        self.assertEqual(self.state.breaker_state, "open")

    def test_a_refusal_is_an_answer_too(self):
        self.fake.configure(key="another")
        self.refused("one")
        self.assertTrue(self.state.has_answered)

    def test_who_passed_the_test_is_waited_for(self):
        self.state._note_check(True, "It works.")
        with self.be_away():
            self.put_off("one")

    def test_a_test_that_fails_takes_nothing_back(self):
        self.ask("one")
        self.state._note_check(False, "It does not work.")
        self.assertTrue(self.state.has_answered)

    def test_of_another_address_nothing_is_known(self):
        self.ask("one")
        self.state._note_check(True, "It works.")
        self.provider.base_url = self.fake.url
        self.assertTrue(self.state.has_answered)
        self.provider.base_url = self.NOWHERE
        self.assertFalse(self.state.has_answered)
        self.assertFalse(self.state.check_state)
        self.refused("two")

    def test_an_answer_of_another_job_meanwhile_counts(self):
        self.provider.base_url = self.NOWHERE
        on_error = Asking._on_error

        def answer_elsewhere(asking, *arguments):
            on_error(asking, *arguments)
            self.state.has_answered = True
            self.env.flush_all()

        with patch.object(Asking, "_on_error", answer_elsewhere):
            self.put_off("one")


class TestBudget(AiQueueProviderCommon):
    def test_at_the_end_of_the_budget_jobs_wait_for_the_next_day(self):
        self.company.ai_queue_budget_tokens = 1
        self.ask("first")
        error = self.put_off("second")
        self.assertIn("is used up", str(error))
        self.assertTrue(error.ignore_retry)
        self.assertEqual(self.asked(), 1)
        budget = self.env["ai.queue.budget"]._get_todays()
        self.assertEqual(budget.company_id, self.company)
        self.assertTrue(budget.is_used_up)

    def test_a_budget_in_money(self):
        self.company.ai_queue_budget_cost = 0.01
        self.ask("first")
        self.assertIn("is used up", str(self.put_off("second")))

    def test_what_is_reserved_counts(self):
        self.company.ai_queue_budget_tokens = 300
        self.provider.max_in_flight = 8
        self.fake.configure(latency=0.1)
        self.assertIn("is used up", str(self.put_off(*map(str, range(20)))))
        # About 110 tokens are reserved for each, far fewer are spent: the others wait
        # for those under way.
        self.assertEqual(self.fake.stats()["max_in_flight"], 2)
        self.assertGreater(self.asked(), 4)
        self.assertLessEqual(sum(self.calls().mapped("tokens")), 300)

    def test_a_budget_of_another_company_is_its_own(self):
        self.company.ai_queue_budget_tokens = 1
        self.ask("first")
        other = self.create_company("Other")
        self.provider.with_company(other)._ask(
            self.questions("second"), kind="forecast", prompt_version="1"
        )
        self.assertEqual(self.asked(), 2)


class TestRateLimit(AiQueueProviderCommon):
    def claim(self, tokens=100):
        class Claim:
            call_id = None

        Claim.tokens = tokens
        return Claim

    def test_requests_a_minute(self):
        self.provider.requests_per_minute = 3
        requests = self.env["ai.queue.request"]
        for _number in range(3):
            self.assertEqual(requests._seconds_to_wait(self.provider, self.claim()), 0)
            requests._note(self.provider, self.claim())
        wait = requests._seconds_to_wait(self.provider, self.claim())
        self.assertGreater(wait, 55)
        self.assertLessEqual(wait, 61)

    def test_tokens_a_minute(self):
        self.provider.tokens_per_minute = 250
        requests = self.env["ai.queue.request"]
        for _number in range(2):
            self.assertEqual(requests._seconds_to_wait(self.provider, self.claim()), 0)
            requests._note(self.provider, self.claim())
        self.assertGreater(requests._seconds_to_wait(self.provider, self.claim()), 55)
        self.assertEqual(requests._seconds_to_wait(self.provider, self.claim(50)), 0)

    def test_what_left_the_minute_counts_no_more(self):
        self.provider.requests_per_minute = 1
        requests = self.env["ai.queue.request"]
        requests._note(self.provider, self.claim())
        self.env.cr.execute(
            "UPDATE ai_queue_request SET date = date - interval '62 seconds'"
        )
        self.assertEqual(requests._seconds_to_wait(self.provider, self.claim()), 0)
