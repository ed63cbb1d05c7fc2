import threading
import time
from collections import Counter
from dataclasses import replace
from unittest import mock

from .. import errors
from ..client import ask_many
from ..client import asking as client
from .client_case import ClientCase, question


class ManyCase(ClientCase):
    def many(self, count, in_flight=8, keys=None, endpoint=None, **options):
        """Ask so many questions, and see to it that none of them is lost."""
        questions = [question(key) for key in keys or range(count)]
        batch = ask_many(
            endpoint or self.endpoint, questions, in_flight=in_flight, **options
        )
        found = [*batch.answers, *batch.errors, *batch.left]
        self.assertCountEqual(found, [one.key for one in questions])
        return batch


class TestMany(ManyCase):
    def test_all_are_answered_each_once(self):
        batch = self.many(30)
        self.assertEqual(len(batch.answers), 30)
        self.assertIsNone(batch.halt)
        stats = self.fake.stats()
        self.assertEqual((stats["asked"], stats["answered_distinct"]), (30, 30))

    def test_no_question_no_answer(self):
        self.assertEqual(self.many(0).answers, {})

    def test_so_many_are_under_way_and_no_more(self):
        together = threading.Barrier(10, timeout=60)

        def answer_together(_asked):
            together.wait()

        type(self).answer = answer_together
        endpoint = client.Endpoint(self.fake.url, read_timeout=90, request_timeout=90)
        with mock.patch.object(client, "is_accepting", lambda endpoint: True):
            batch = self.many(40, in_flight=10, endpoint=endpoint)
        self.assertEqual(len(batch.answers), 40)
        self.assertEqual(self.fake.stats()["max_in_flight"], 10)
        type(self).answer = None
        self.fake.reset_stats()
        self.many(5, in_flight=1)
        self.assertEqual(self.fake.stats()["max_in_flight"], 1)

    def test_answers_are_told_of_at_once_in_the_thread_that_asked(self):
        self.fake.configure(latency=0.05)
        told = []

        def on_answer(answer):
            self.assertIs(threading.current_thread(), threading.main_thread())
            told.append((answer.key, self.fake.stats()["answered"]))

        self.many(9, in_flight=3, on_answer=on_answer)
        self.assertCountEqual([key for key, _ in told], range(9))
        self.assertLess(told[0][1], 9)

    def test_from_another_thread(self):
        batches = []
        threads = [
            threading.Thread(target=lambda: batches.append(self.many(10)))
            for _ in range(3)
        ]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        self.assertEqual([len(batch.answers) for batch in batches], [10, 10, 10])

    def test_one_that_fails_does_not_cost_the_others(self):
        self.fail_next(400, 3)
        told = {}
        batch = self.many(20, on_error=told.__setitem__)
        self.assertEqual((len(batch.answers), len(batch.errors)), (17, 3))
        self.assertEqual(told, batch.errors)
        self.assertIsNone(batch.halt)

    def test_two_questions_with_one_key_are_a_mistake(self):
        with self.assertRaises(ValueError):
            self.many(2, keys=["A", "A"])

    def test_a_fifth_goes_wrong_and_all_is_answered_in_the_end(self):
        kinds = ("drop", "drop_body", "broken_json", "wrong_schema", "nonsense", "nul")
        faults = [{"kind": kind, "probability": 0.02} for kind in kinds]
        faults += [{"status": 500, "probability": 0.03}]
        faults += [{"status": 503, "probability": 0.02, "retry_after_ms": 50}]
        faults += [{"status": 429, "probability": 0.02, "retry_after_ms": 20}]
        faults += [{"status": 429, "probability": 0.005}]
        faults += [{"kind": "hang", "probability": 0.005}]
        self.fake.configure(faults=faults, seed=4711, latency=0.005)
        endpoint = client.Endpoint(self.fake.url, read_timeout=0.5, patience=2)
        waiting, answered, ended = list(range(200)), {}, Counter()
        for _ in range(20):
            batch = self.many(0, 16, keys=waiting, endpoint=endpoint)
            answered |= batch.answers
            for error in batch.errors.values():
                self.assertIsInstance(error, errors.ModelError)
                self.assertTrue(error.cause)
                ended[error.cause] += 1
            waiting = [*batch.errors, *batch.left]
            if not waiting:
                break
        self.assertEqual(len(answered), 200)
        for answer in answered.values():
            self.assertEqual(set(answer.data), {"lines", "note"})
        self.assertGreater(sum(self.fake.stats()["faults"].values()), 20)


class TestAdmission(ManyCase):
    def test_it_is_asked_before_every_request(self):
        admitted = Counter()
        self.fail_next(503, 2)
        self.many(10, admit=lambda one: admitted.update([one.key]), endpoint=None)
        self.assertEqual(sum(admitted.values()), 10)
        admitted.clear()
        self.fail_next("wrong_schema")
        self.many(10, admit=lambda one: admitted.update([one.key]))
        self.assertEqual(sum(admitted.values()), 11)
        self.assertEqual(self.fake.stats()["asked"], 21)

    def test_a_number_makes_the_question_wait(self):
        asked = {}

        def admit(one):
            moments = asked.setdefault(one.key, [])
            moments.append(time.monotonic())
            return 0.3 if len(moments) == 1 else None

        self.assertEqual(len(self.many(10, admit=admit).answers), 10)
        for first, second in asked.values():
            self.assertGreaterEqual(second - first, 0.29)

    def later(self, wait):
        """An ``admit`` that lets a question go once, and then lets it wait."""
        admitted = set()

        def admit(one):
            if one.key in admitted:
                return wait
            admitted.add(one.key)
            return None

        return admit

    def test_who_waits_for_us_was_not_let_down_by_the_provider(self):
        self.fail_next(503, retry_after_ms=10)
        endpoint = replace(self.endpoint, patience=60)
        batch = self.many(1, admit=self.later(9.0), endpoint=endpoint)
        self.assertEqual(batch.errors[0].cause, "server_error")
        self.assertEqual(batch.errors[0].requests, 1)
        self.assertIsNone(batch.halt)

    def test_a_correction_that_may_not_be_sent_in_time_is_none(self):
        self.fail_next("wrong_schema")
        batch = self.many(1, admit=self.later(9.0))
        error = batch.errors[0]
        self.assertEqual((error.cause, error.final), ("misfit", True))
        self.assertEqual(error.requests, 1)
        self.assertGreater(error.tokens_in, 0)
        self.assertIsNone(batch.halt)

    def test_a_correction_that_may_be_sent_in_time_is_waited_for(self):
        self.fail_next("wrong_schema")
        waits = iter([None, 0.05, None])
        batch = self.many(1, admit=lambda one: next(waits))
        self.assertEqual(batch.answers[0].requests, 2)

    def test_the_time_of_a_question_begins_when_it_is_sent(self):
        waits = iter([9.0, None])

        async def nap(_asking, _seconds):
            pass

        with mock.patch.object(client._Asking, "_nap", nap):
            batch = self.many(1, admit=lambda one: next(waits))
        self.assertEqual(len(batch.answers), 1)

    def test_an_error_ends_the_sending(self):
        def admit(_question):
            if self.fake.stats()["asked"] >= 4:
                raise errors.Busy("The budget of the day is spent.", retry_after=60)

        batch = self.many(20, in_flight=2, admit=admit)
        self.assertEqual(batch.halt.retry_after, 60)
        self.assertLess(len(batch.answers), 7)
        self.assertFalse(batch.errors)
        self.assertEqual(self.fake.stats()["answered"], len(batch.answers))

    def test_waiting_for_admission_can_be_stopped(self):
        started = time.monotonic()
        batch = self.many(
            3,
            admit=lambda one: 3600,
            stop=lambda: time.monotonic() - started > 0.3,
        )
        self.assertEqual(batch.left, [0, 1, 2])
        self.assertLess(time.monotonic() - started, 60)


class TestEndings(ManyCase):
    def test_stop_in_the_middle_keeps_what_is_under_way(self):
        self.fake.configure(latency=0.05)
        told = []
        batch = self.many(
            50, in_flight=5, on_answer=told.append, stop=lambda: len(told) >= 10
        )
        self.assertTrue(10 <= len(batch.answers) <= 15)
        self.assertEqual(len(told), len(batch.answers))
        self.assertFalse(batch.errors)
        self.assertIsNone(batch.halt)
        # what was paid for came in
        self.assertEqual(self.fake.stats()["answered"], len(batch.answers))

    def test_stop_at_once_sends_nothing(self):
        self.assertEqual(len(self.many(5, stop=lambda: True).left), 5)
        self.assertEqual(self.fake.stats()["asked"], 0)

    def test_stop_ends_the_bridging(self):
        self.fail_next(503, 99, retry_after=5)
        started = time.monotonic()
        endpoint = client.Endpoint(self.fake.url, patience=60)
        batch = self.many(
            1, endpoint=endpoint, stop=lambda: time.monotonic() - started > 0.5
        )
        # Before the time that it was told to wait.
        self.assertLess(time.monotonic() - started, 5)
        self.assertEqual(batch.errors[0].cause, "server_error")
        self.assertEqual(batch.errors[0].requests, 1)
        self.assertIsNone(batch.halt)

    def test_a_refused_key_ends_the_sending(self):
        self.fake.configure(key="sk-other", latency=0.02)
        batch = self.many(40, in_flight=4)
        self.assertEqual(batch.halt.cause, "key")
        self.assertLessEqual(len(batch.errors), 4)
        self.assertGreaterEqual(len(batch.left), 36)

    def test_busy_ends_the_sending(self):
        self.fake.configure(latency=0.2)
        self.fail_next(429, retry_after=120)
        batch = self.many(40, in_flight=4)
        self.assertIsInstance(batch.halt, errors.Busy)
        self.assertEqual(batch.halt.retry_after, 120)
        self.assertEqual(len(batch.errors), 1)
        # the others that were under way are waited for
        self.assertLessEqual(len(batch.answers), 3)
        self.assertEqual(self.fake.stats()["answered"], len(batch.answers))

    def test_nobody_sends_while_one_is_told_to_wait(self):
        endpoint = client.Endpoint(self.fake.url, patience=10)
        self.fake.configure(latency=0.02)
        self.fail_next(429, retry_after_ms=500)
        batch = self.many(12, in_flight=4, endpoint=endpoint)
        self.assertEqual(len(batch.answers), 12)
        stats = self.fake.stats(window=0.4)
        self.assertEqual(stats["statuses"], {"200": 12, "429": 1})

    def test_a_provider_that_is_down_is_not_asked_for_ever(self):
        self.fail_next(500, 999)
        batch = self.many(100, in_flight=2, give_up_after=4)
        self.assertIsInstance(batch.halt, errors.Failing)
        self.assertTrue(4 <= len(batch.errors) <= 5)

    def test_answers_in_between_show_that_it_is_up(self):
        self.fake.configure(faults=[{"status": 500, "probability": 0.4}], seed=1)
        batch = self.many(60, in_flight=1, give_up_after=12)
        self.assertIsNone(batch.halt)
        self.assertGreater(len(batch.errors), 12)

    def test_an_answer_that_does_not_fit_is_no_sign_of_a_provider_that_is_down(self):
        self.fail_next("refusal", 20)
        batch = self.many(25, in_flight=2)
        self.assertEqual((len(batch.errors), len(batch.answers)), (20, 5))

    def test_what_a_callback_raises_comes_out_after_what_is_under_way(self):
        self.fake.configure(latency=0.1)
        told = []

        def on_answer(answer):
            told.append(answer.key)
            raise ZeroDivisionError

        with self.assertRaises(ZeroDivisionError):
            self.many(30, in_flight=3, on_answer=on_answer)
        self.assertTrue(1 <= len(told) <= 5)
        self.assertEqual(len(told), self.fake.stats()["answered"])

    def test_what_admit_or_stop_raise_comes_out(self):
        def fail(*_arguments):
            raise ZeroDivisionError

        for name in ("admit", "stop"):
            with self.subTest(name=name), self.assertRaises(ZeroDivisionError):
                self.many(3, **{name: fail})
        self.assertEqual(self.fake.stats()["asked"], 0)

    def test_an_address_that_is_none_leaves_all(self):
        endpoint = client.Endpoint("nowhere")
        batch = self.many(3, endpoint=endpoint)
        self.assertEqual(batch.halt.cause, "bad_url")
        self.assertEqual(batch.left, [0, 1, 2])
