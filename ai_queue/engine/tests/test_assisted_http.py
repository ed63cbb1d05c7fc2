import copy

import numpy as np

from ..client import ask_many
from ..forecasting.assisted import (
    FORECAST,
    backtest_questions,
    limits,
    members,
    questions,
    read,
    read_backtest,
    rehearse,
)
from .assisted_case import INJECTION, assemble, subject, subjects
from .client_case import MODEL, ClientCase
from .fakemodel import FakeModel, forecaster
from .samples import series, steady


class TestAssistedOverHttp(ClientCase):
    """A question, a server, an answer, and what becomes of it."""

    def setUp(self):
        super().setUp()
        self.misbehave()

    def misbehave(self, change=None, factor=1.1):
        """Let the model answer sensibly, but for what ``change`` does to its data."""

        def give(asked):
            data = copy.deepcopy(forecaster.answer(asked, factor))
            return data if change is None else change(data) or data

        type(self).answer = staticmethod(give)

    def run_all(self, lot, **options):
        """Ask about all subjects; returns (results by id, batch)."""
        batch = ask_many(self.endpoint, questions(lot, MODEL, **options), in_flight=2)
        results = {}
        for key, answer in batch.answers.items():
            for result in read(members(key, lot), answer.data):
                results[result.series_id] = result
        return results, batch

    def rejected(self, lot, change):
        self.misbehave(change)
        results, _batch = self.run_all(lot)
        return [results[one.id].rejected for one in lot]

    def test_products_are_adjusted(self):
        lot = subjects(5)
        results, batch = self.run_all(lot, per_request=2)
        self.assertEqual((len(batch.answers), batch.halt), (3, None))
        for one in lot:
            result = results[one.id]
            self.assertTrue(result.is_assisted)
            self.assertEqual(result.reason, "Raised by 10% for the coming weeks.")
            np.testing.assert_allclose(
                result.forecast.quantity, 1.1 * one.baseline.quantity, rtol=1e-3
            )

    def test_a_model_that_agrees_changes_nothing(self):
        self.misbehave(factor=1)
        lot = subjects(2)
        results, _batch = self.run_all(lot)
        for one in lot:
            found = results[one.id].forecast.quantity
            np.testing.assert_array_equal(found, one.baseline.quantity)

    def test_the_servers_own_answers_are_sensible(self):
        with FakeModel() as fake:
            self.endpoint = type(self.endpoint)(fake.url)
            results, _batch = self.run_all(subjects(2))
        self.assertTrue(all(result.is_assisted for result in results.values()))

    def test_the_same_questions_over_every_way_of_asking(self):
        for structure in ("json_schema", "json_object", "text", "ignored"):
            with self.subTest(structure=structure):
                self.fake.configure(structure=structure)
                results, batch = self.run_all(subjects(2))
                self.assertFalse(batch.errors)
                self.assertTrue(all(one.is_assisted for one in results.values()))

    def test_the_same_products_are_the_same_question_to_the_server(self):
        for _time in range(2):
            self.run_all(subjects(3))
        stats = self.fake.stats()
        self.assertEqual((stats["asked"], stats["distinct"]), (2, 1))

    def test_wrong_ids(self):
        def change(data):
            data["products"][0]["id"] = "p99"
            data["products"][2]["id"] = "p2"

        self.assertEqual(
            self.rejected(subjects(4), change),
            ["kept_missing", "kept_duplicate", "kept_missing", None],
        )

    def test_products_left_out(self):
        def change(data):
            del data["products"][1:]

        self.assertEqual(
            self.rejected(subjects(3), change), [None, "kept_missing", "kept_missing"]
        )

    def test_negative_and_absurd_quantities(self):
        def change(data):
            data["products"][0]["quantities"][2] = -1
            data["products"][1]["quantities"][2] = 1e12
            data["products"][2]["quantities"] = [0, 0, 0, 0]

        self.assertEqual(
            self.rejected(subjects(4), change),
            ["kept_negative", "kept_too_high", "kept_too_low", None],
        )

    def test_a_wrong_horizon_is_asked_once_more(self):
        def change(data):
            if self.fake.stats()["asked"] == 1:
                data["products"][0]["quantities"].append(1)

        self.assertEqual(self.rejected(subjects(2), change), [None, None])
        self.assertEqual(self.fake.stats()["asked"], 2)

    def test_what_does_not_fit_twice_is_no_answer(self):
        lot = subjects(2)

        def spoil(value):
            def change(data):
                data["products"][0]["quantities"] = value

            return change

        for value in ([1], [1] * 9, ["NaN"] * 4, ["12"] * 4, [None] * 4, "many"):
            with self.subTest(value=value):
                self.misbehave(spoil(value))
                results, batch = self.run_all(lot)
                self.assertEqual(results, {})
                [error] = batch.errors.values()
                self.assertEqual((error.cause, error.final), ("misfit", True))

    def test_numbers_without_end_are_no_answer(self):
        for word in ("NaN", "Infinity", "1e999"):
            with self.subTest(word=word):
                self.misbehave(
                    lambda data, word=word: (
                        '{"products": [{"id": "p1", "quantities": [1, 2, 3, '
                        + word
                        + '], "reason": ""}]}'
                    )
                )
                results, batch = self.run_all(subjects(1))
                self.assertEqual(results, {})
                self.assertEqual(len(batch.errors), 1)

    def test_sentences_come_back_as_plain_text(self):
        def change(data):
            data["products"][0]["reason"] = "<b>Up</b>\x00\n**now**: http://x.example"

        self.misbehave(change)
        results, _batch = self.run_all(subjects(1))
        self.assertEqual(results[0].reason, "Up now: …")

    def test_a_name_that_gives_orders_is_a_name(self):
        seen = []

        def obey(data):
            # The worst model there is: it does what the name says.
            for product in data["products"]:
                product.update(quantities=[999999] * 4, reason=INJECTION)

        lot = assemble([series(steady(), id="A")], name=INJECTION, category=INJECTION)
        self.misbehave(obey)
        give = type(self).answer
        type(self).answer = staticmethod(
            lambda asked: seen.append(asked) or give(asked)
        )
        results, _batch = self.run_all(lot)
        [asked] = seen
        self.assertNotIn("999999", asked.system)
        self.assertNotIn(INJECTION, asked.text)
        [product] = forecaster.question(asked)["products"]
        self.assertEqual(product["name"], INJECTION)
        self.assertEqual(results["A"].rejected, "kept_too_high")
        self.assertIsNone(results["A"].reason)
        self.assertNotIn("SYSTEM", results["A"].forecast.reason.text)

    def test_a_provider_that_fails_leaves_the_questions_open(self):
        self.fake.configure(faults=[{"status": 401, "probability": 1}])
        results, batch = self.run_all(subjects(4), per_request=2)
        self.assertEqual(results, {})
        self.assertEqual(batch.halt.cause, "key")
        keys = [*batch.errors, *batch.left]
        self.assertEqual(sorted(key.series_ids for key in keys), [(0, 1), (2, 3)])

    def test_the_past_is_asked_in_the_same_go(self):
        lot = subjects(3)
        pasts = rehearse(lot)
        asked = questions(lot, MODEL) + backtest_questions(pasts, MODEL)
        batch = ask_many(self.endpoint, asked, in_flight=2)
        self.assertEqual(len(batch.answers), 2)
        for key, answer in batch.answers.items():
            if key.purpose == FORECAST:
                continue
            for one in read_backtest(members(key, pasts), answer.data):
                past = pasts[one.series_id]
                raised = 1.1 * past.subject.baseline.quantity.sum()
                demand = past.actual.sum()
                self.assertTrue(one.is_assisted)
                self.assertAlmostEqual(
                    one.error_assisted, abs(raised - demand) / demand, places=3
                )
                self.assertNotEqual(one.error_assisted, one.error)

    def test_a_young_product_within_its_limits(self):
        one = subject([4.0, 6.0, 5.0, 8.0])
        results, _batch = self.run_all([one])
        result = results[one.id]
        self.assertTrue(result.is_assisted)
        self.assertTrue((result.forecast.quantity <= limits(one).highest).all())
