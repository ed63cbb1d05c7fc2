# Copyright 2026 The ai_queue contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""Forecasts that workers calculate, turn by turn, with a real Redis."""

import json
from dataclasses import fields as fields_of
from datetime import date, timedelta
from unittest.mock import patch

import numpy as np

from odoo import fields
from odoo.tests import TransactionCase, tagged
from odoo.tools import mute_logger

from odoo.addons.ai_queue.engine import forecasting
from odoo.addons.ai_queue.engine.forecasting import Reason, Series, learning
from odoo.addons.ai_queue.engine.forecasting.learning.starts import Start
from odoo.addons.ai_queue.tests.common_provider import AiQueueProviderCommon

from ..bridge import Bridge
from ..models.ai_queue_bridge import FORECASTS_ON
from ..worker import messages, packing, series
from .common import RedisMixin

KIND = "odoo.addons.ai_queue_celery.models.ai_queue_kind_forecast"
HERE = "odoo.addons.ai_queue.models.forecast.ai_queue_kind_forecast_learning.forecast"
PRODUCTS = 20
DEMAND = [8, 12, 9, 11, 0, 7, 10, 14] * 2


def same(one, other):
    """Whether two forecasts are the same to the last bit."""
    for field in fields_of(one):
        ours, theirs = getattr(one, field.name), getattr(other, field.name)
        if isinstance(ours, np.ndarray):
            if ours.dtype != theirs.dtype or ours.tobytes() != theirs.tobytes():
                return False
        elif ours != theirs or type(ours) is not type(theirs):
            return False
    return True


def calculate(text, shared=None):
    """Do as a worker does with a piece."""
    some, task, digest = series.unpack_series(text, forecasting)
    if task == series.LEARN:
        found = learning.train(some)
        return series.pack_learned(found.to_bytes() if found else b"")
    learned = None
    if digest:
        learned = learning.Learned.from_bytes(series.unpack_learned(shared(digest)))
    forecasts = learning.combine(some, forecasting.forecast(some), learned)
    return series.pack_forecasts(forecasts)


@tagged("post_install", "-at_install")
class TestForecasts(RedisMixin, AiQueueProviderCommon):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.company.ai_queue_forecast_horizon = 4
        cls.company.ai_queue_forecast_provider_id = False
        cls.products = cls.create_products(PRODUCTS)
        today = date.today()
        cls.monday = today - timedelta(days=today.weekday())
        demand = {
            product: DEMAND[number % 5 :] for number, product in enumerate(cls.products)
        }
        cls.sell_weekly(demand, until=cls.monday)
        cls.parameters = cls.env["ir.config_parameter"]
        cls.parameters.set_param(FORECASTS_ON, "True")

    def setUp(self):
        super().setUp()
        self.code = packing.get_code_of("forecasts")
        self.here = 0
        forecast = forecasting.forecast

        def count(some):
            self.here += len(some)
            return forecast(some)

        self.startPatcher(patch(HERE, count))

    def greet(self):
        """The worker says that it is there, as it does every few seconds."""
        self.say_hello(kind="forecasts", providers=[], code=self.code)

    def go_on(self, run):
        self.greet()
        self.queue_jobs(run).write({"eta": False})
        self.run_jobs(run)
        self.env.invalidate_all()
        return run

    def begin(self, products=None):
        """Press, and let the job hand out what it asks for."""
        self.greet()
        run = self.run_jobs(self.press(products or self.products))
        self.env.invalidate_all()
        return run

    def calls(self):
        """{call: hashes of its pieces} of all that lie in Redis."""
        prefix = self.files.key("question", "")
        names = self.broker.client.keys(f"{prefix}*")
        return {
            name.removeprefix(prefix): packing.unpack_call(
                self.broker.client.get(name), "forecasts"
            )
            for name in names
        }

    def work(self):
        """Do as a worker does with all that is there; how many pieces that were."""
        count = 0
        for call, digests in self.calls().items():
            with self.files.claim(call) as is_ours:
                self.assertTrue(is_ours)
                for digest in self.files.get_missing(digests):
                    text = self.files.get_piece(digest)
                    result = calculate(text, self.files.get_shared)
                    self.files.put_result(digest, result, series.KEEP_SECONDS)
                    count += 1
            self.files.put_answer(call, "")
        return count

    def bring(self):
        """Do as the bridge does."""
        Bridge(self.env.cr.dbname)._tell_of_files(
            self.files, self.files.get_arrived(10)
        )
        self.env.invalidate_all()

    def row(self, run):
        return self.env["ai.queue.run.job"].search([("run_id", "=", run.id)])

    def stored(self, products=None):
        """All that is known of the forecasts of products, but for their run."""
        kept = self.forecasts(products or self.products)
        names = [
            name
            for name, field in kept._fields.items()
            if field.store
            and field.type in ("float", "char", "date", "selection")
            and name not in ("write_date", "create_date")
        ]
        return [
            {"product": one.product_id.id, **{name: one[name] for name in names}}
            for one in kept
        ]

    def keep_learned(self):
        """Something that was learnt, as a job does."""
        start = Start(5, (20.0,) * 4, (0.5, 0.8, 1.2, 1.5), (0.5, 0.8, 1.2, 1.5))
        key = f"52 {self.products.categ_id[:1].id or ''}"
        learned = learning.Learned({}, {key: start})
        env = self.env(context={"allowed_company_ids": self.company.ids})
        env["ai.queue.forecast.learning"]._store(learned, 6, env["ai.queue.run"])
        self.commit()
        return learned.to_bytes()

    # ------------------------------------------------------------
    # ON THE WAY
    # ------------------------------------------------------------

    def test_from_the_press_to_the_forecasts(self):
        run = self.begin()
        [job] = self.queue_jobs(run)
        self.assertEqual((job.state, job.retry), ("pending", 0))
        self.assertEqual(self.row(run).waits_for, f"files:{self.row(run).id}")
        self.assertIn("with the workers", self.row(run).message)
        self.assertTrue(job.eta)
        self.assertEqual(self.broker.client.llen(messages.FORECASTS), 1)
        self.assertFalse(self.forecasts(self.products))
        self.assertEqual(self.work(), 1)
        self.bring()
        self.assertFalse(job.eta)
        self.go_on(run)
        self.assertEqual((run.state, run.finished), ("done", PRODUCTS))
        self.assertEqual(self.here, 0)
        there = self.stored()
        self.assertEqual(len(there), 4 * PRODUCTS)
        self.parameters.set_param(FORECASTS_ON, False)
        self.begin()
        self.assertEqual(self.here, PRODUCTS)
        self.assertEqual(self.stored(), there)

    def test_it_takes_no_name_along(self):
        self.begin()
        [[digest]] = self.calls().values()
        said = json.dumps(packing.unsqueeze(self.files.get_piece(digest)))
        self.assertNotIn("Product", said)

    def test_given_out_again_it_is_calculated_once(self):
        run = self.begin()
        self.go_on(run)
        self.assertEqual(self.work(), 1)
        self.assertEqual(self.work(), 0)
        self.go_on(run)
        self.assertEqual((run.state, self.here), ("done", 0))

    def test_few_products_are_calculated_at_once(self):
        run = self.begin(self.products[1:])
        self.assertEqual(run.state, "done")
        self.assertEqual(self.here, PRODUCTS - 1)
        self.assertFalse(self.calls())

    def test_with_what_was_learnt_which_is_sent_once(self):
        learned = self.keep_learned()
        digest = series.get_hash(learned)
        run = self.begin()
        self.assertEqual(series.unpack_learned(self.files.get_shared(digest)), learned)
        with patch.object(series, "pack_learned") as pack:
            self.begin(self.create_products(PRODUCTS, "More"))
            pack.assert_not_called()
        self.assertEqual(self.work(), 2)
        self.go_on(run)
        self.assertEqual((run.state, self.here), ("done", 0))
        there = self.stored()
        self.parameters.set_param(FORECASTS_ON, False)
        self.begin()
        self.assertEqual(self.stored(), there)

    def forget_kept(self, run):
        self.broker.client.delete(self.files.key("kept", self.row(run).id))

    def test_demand_is_read_once(self):
        kind = type(self.env["ai.queue.kind.forecast"])
        with patch.object(
            kind, "_get_histories", autospec=True, side_effect=kind._get_histories
        ) as read:
            run = self.begin()
            self.go_on(run)
            self.work()
            self.go_on(run)
            self.assertEqual(run.state, "done")
            self.assertEqual(read.call_count, 1)

    def test_what_was_kept_is_what_was_gathered(self):
        kind = self.env["ai.queue.kind.forecast"].with_company(self.company)
        gathered = kind._gather(self.products)
        _mark, text = kind._pack_kept([(self.products, gathered)], "")
        kept = kind._unpack_kept(self.products, text)
        for one, other in zip(gathered, kept, strict=True):
            self.assertTrue(same(one, other), one.id)
        for wrong, error in (
            ("7", TypeError),
            ("[]", ValueError),
            (json.dumps([[1], "x"]), ValueError),
            (json.dumps([[], text]), ValueError),
        ):
            with self.assertRaises(error):
                kind._unpack_kept(self.products, wrong)

    def test_what_was_said_of_the_demand_is_said_again(self):
        self.sell(
            self.monday - timedelta(days=9),
            (self.products[0], 1),
            move_type="out_refund",
        )
        run = self.begin()
        [said] = self.row(run).remark_data
        self.assertEqual(said["count"], 1)
        self.work()
        self.go_on(run)
        self.assertEqual(run.state, "done")
        self.assertEqual(self.row(run).remark_data, [said])

    def test_queued_again_it_is_read_anew(self):
        run = self.begin()
        self.work()
        self.sell(self.monday - timedelta(days=9), (self.products[0], 500))
        self.row(run).date_queued = fields.Datetime.now() + timedelta(seconds=1)
        self.go_on(run)
        self.assertEqual(run.state, "pending")
        self.assertEqual(self.work(), 1)
        self.go_on(run)
        self.assertEqual((run.state, self.here), ("done", 0))

    def test_demand_that_never_stays_the_same_is_calculated_here(self):
        run = self.begin()
        for number in range(9):
            if run.state == "done":
                break
            self.sell(self.monday - timedelta(days=9), (self.products[0], 5 + number))
            self.forget_kept(run)
            self.go_on(run)
        self.assertEqual((run.state, self.here), ("done", PRODUCTS))
        self.assertFalse(self.calls())

    def test_a_cancelled_run_takes_back_what_waits(self):
        run = self.begin()
        bridge = Bridge(self.env.cr.dbname)
        bridge._take_back_pieces(self.files)
        self.assertEqual(len(self.calls()), 1)
        run.with_user(self.user).action_cancel()
        self.commit()
        self.assertEqual(run.state, "cancelled")
        bridge._take_back_pieces(self.files)
        self.assertFalse(self.calls())
        self.assertFalse(self.files.get_givers())

    def test_before_a_model_is_asked_too(self):
        self.company.ai_queue_forecast_provider_id = self.provider
        run = self.begin()
        self.assertEqual(self.fake.stats()["asked"], 0)
        self.work()
        self.go_on(run)
        self.assertEqual((run.state, self.here), ("done", 0))
        self.assertTrue(self.fake.stats()["asked"])
        self.assertEqual(len(self.forecasts(self.products)), 4 * PRODUCTS)

    def test_nothing_is_left_of_a_run_that_is_done(self):
        run = self.begin()
        self.work()
        self.go_on(run)
        self.assertEqual(run.state, "done")
        Bridge(self.env.cr.dbname)._take_back_pieces(self.files)
        prefix = self.files.key("")
        left = {
            name.removeprefix(prefix).partition(":")[0]
            for name in self.broker.client.keys(f"{prefix}*")
        }
        # That it is done stays known.
        self.assertLessEqual(left, {"done", "answer", "arrived"})

    # ------------------------------------------------------------
    # HERE AFTER ALL
    # ------------------------------------------------------------

    def test_what_a_worker_left_out_is_calculated_here(self):
        run = self.begin()
        [call] = self.calls()
        self.files.put_answer(call, "")
        self.go_on(run)
        self.assertEqual((run.state, self.here), ("done", PRODUCTS))

    def test_what_no_worker_has_sent_is_calculated_here(self):
        run = self.begin()
        [(call, [digest])] = self.calls().items()
        self.files.put_result(digest, "nonsense")
        self.files.put_answer(call, "")
        with mute_logger(KIND):
            self.go_on(run)
        self.assertEqual((run.state, self.here), ("done", PRODUCTS))

    def test_what_is_too_large_is_calculated_here(self):
        self.patch(packing, "MAX_BYTES", 10)
        run = self.begin()
        self.assertEqual((run.state, self.here), ("done", PRODUCTS))

    def test_what_was_learnt_and_is_too_large_keeps_all_here(self):
        self.keep_learned()
        with patch.object(series, "pack_learned", side_effect=packing.TooLarge):
            run = self.begin()
        self.assertEqual((run.state, self.here), ("done", PRODUCTS))
        self.assertFalse(self.calls())

    def test_switched_off_it_is_calculated_here(self):
        self.parameters.set_param(FORECASTS_ON, False)
        run = self.begin()
        self.assertEqual((run.state, self.here), ("done", PRODUCTS))
        self.assertFalse(self.broker.client.llen(messages.FORECASTS))

    def test_workers_with_other_code_are_none(self):
        self.code = "other"
        run = self.begin()
        self.assertEqual(run.state, "pending")
        self.assertIn("not reached", self.row(run).message)
        self.assertFalse(self.calls())
        bridge = Bridge(self.env.cr.dbname)
        # The bridge may have the code that the workers have, and Odoo another one.
        with patch.object(packing, "get_code_of", lambda _kind: "other"):
            bridge._beat(self.broker, self.store)
        self.assertTrue(self.bridge._get_lacking()["forecasts"]["since"])
        self.pass_minutes(6)
        self.go_on(run)
        self.assertEqual((run.state, self.here), ("done", PRODUCTS))
        self.code = packing.get_code_of("forecasts")
        self.greet()
        self.pass_minutes(11)
        bridge._beat(self.broker, self.store)
        self.env.invalidate_all()
        self.assertFalse(self.bridge._get().down)

    def test_what_is_for_other_code_is_left_alone(self):
        text = packing.pack_call("forecasts", ["a"])
        self.assertEqual(packing.unpack_call(text, "forecasts"), ["a"])
        for wrong in (
            *("x", "[]", "{}", '{"code": 7}'),
            packing.pack_call("documents", ["a"]),
        ):
            self.assertEqual(packing.unpack_call(wrong, "forecasts"), [])

    # ------------------------------------------------------------
    # LEARNING
    # ------------------------------------------------------------

    def learning_run(self):
        return self.find_runs().filtered(lambda run: run.kind == "learning")

    def test_learning_is_done_there_and_kept_here(self):
        self.parameters.set_param("ai_queue.learning_products", "5")
        self.press(self.products)
        run = self.go_on(self.learning_run())
        self.assertEqual(run.state, "pending")
        [[digest]] = self.calls().values()
        some, task, _hash = series.unpack_series(
            self.files.get_piece(digest), forecasting
        )
        self.assertEqual((len(some), task), (PRODUCTS, series.LEARN))
        start = Start(5, (20.0,) * 4, (0.5, 0.8, 1.2, 1.5), (0.5, 0.8, 1.2, 1.5))
        learned = learning.Learned({}, {"52 1": start})
        with patch.object(learning, "train", lambda _some: learned):
            self.work()
        with patch.object(learning, "train") as train:
            self.bring()
            self.go_on(run)
            train.assert_not_called()
        self.assertEqual(run.state, "done")
        kept = self.env["ai.queue.forecast.learning"].search([("run_id", "=", run.id)])
        self.assertEqual(kept.start_count, 1)
        env = self.env(context={"allowed_company_ids": self.company.ids})
        found = env["ai.queue.forecast.learning"]._get_learned()
        self.assertEqual(found, learned)

    def test_nothing_to_learn_is_an_answer_too(self):
        self.parameters.set_param("ai_queue.learning_products", "5")
        self.press(self.products)
        run = self.go_on(self.learning_run())
        with patch.object(learning, "train", lambda _some: None):
            self.work()
        with patch.object(learning, "train") as train:
            self.go_on(run)
            train.assert_not_called()
        self.assertEqual(run.state, "done")

    def test_learning_that_no_worker_has_done_is_done_here(self):
        self.parameters.set_param("ai_queue.learning_products", "5")
        self.press(self.products)
        run = self.go_on(self.learning_run())
        [(call, [digest])] = self.calls().items()
        self.files.put_result(digest, series.pack_learned(b"nonsense"))
        self.files.put_answer(call, "")
        logger = "odoo.addons.ai_queue_celery.models.ai_queue_kind_learning"
        with patch.object(learning, "train", lambda _some: None), mute_logger(logger):
            self.go_on(run)
        self.assertEqual(run.state, "done")


@tagged("post_install", "-at_install")
class TestSeries(TransactionCase):
    """What goes out and comes back, without Odoo."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        random = np.random.default_rng(4711)
        cls.series = []
        for number in range(60):
            length = int(random.choice([0, 3, 11, 40, 110]))
            demand = random.poisson(6, length) * (random.random(length) < 0.8)
            demand = demand + random.random(length) - 0.5 * (number % 3)
            demand[random.random(length) < 0.1] = np.nan
            promotion = (random.random(length).tolist(), [None, 1, 0.5, 0])
            cls.series.append(
                Series(
                    id=f"P{number}",
                    freq="W",
                    history=demand if number % 2 else [*map(float, demand)],
                    horizon=4,
                    season=None if number % 4 else 4,
                    columns={"promotion": promotion} if number % 5 == 0 else {},
                    sold_before=(None, True, False)[number % 3],
                    begins=bool(number % 2),
                    phase=number if number % 3 else None,
                    group=str(number % 2),
                    price=number / 7 or None,
                    notes=(Reason("borrowed", {"name": "Ä", "periods": np.int64(3)}),)
                    * (number % 2),
                )
            )

    def test_what_is_calculated_there_is_what_is_calculated_here(self):
        starts = {
            f"{season} {group}": Start(
                7, (3.3, 4.1, 5.7), (0.1, 0.5, 1.7, 2.9), (0.2, 0.6, 1.3, 1.9)
            )
            for season in (4, 52)
            for group in (0, 1)
        }
        learned = learning.Learned({}, starts).to_bytes()
        here = learning.combine(
            self.series,
            forecasting.forecast(self.series),
            learning.Learned.from_bytes(learned),
        )
        digest = series.get_hash(learned)
        text = series.pack_series(self.series, series.FORECAST, digest)
        shared = {digest: series.pack_learned(learned)}
        result = calculate(text, shared.__getitem__)
        there = series.unpack_forecasts(result, self.series, forecasting)
        self.assertEqual([one.id for one in there], [one.id for one in self.series])
        for one, other in zip(here, there, strict=True):
            self.assertTrue(same(one, other), one.id)
        # And their arrays can be moved on.
        there[0].quantity[0] = 7.0

    def test_what_is_learnt_there_is_what_is_learnt_here(self):
        text = series.pack_series(self.series, series.LEARN)
        some, task, digest = series.unpack_series(text, forecasting)
        self.assertEqual((task, digest), (series.LEARN, None))
        here = learning.train(self.series)
        there = learning.train(some)
        self.assertEqual(here and here.to_bytes(), there and there.to_bytes())

    def test_the_same_is_known_by_the_same_hash(self):
        texts = {series.pack_series(self.series, series.FORECAST) for _time in range(2)}
        texts.add(series.pack_series(self.series, series.LEARN))
        texts.add(series.pack_series(self.series, series.FORECAST, "a"))
        texts.add(series.pack_series(self.series[1:], series.FORECAST))
        self.assertEqual(len(texts), 4)

    def test_what_is_no_series_is_not_sent(self):
        for history in ([[1.0]], ["x"], [10**400]):
            one = Series("A", "W", history, 4)
            self.assertRaises(ValueError, series.pack_series, [one], series.FORECAST)

    def test_what_no_worker_has_made_is_refused(self):
        some = self.series[:2]
        good = packing.unsqueeze(series.pack_forecasts(forecasting.forecast(some)))
        first, second = good["forecasts"]

        def changed(**values):
            return {**good, "forecasts": [{**first, **values}, second]}

        reason = first["reason"]
        deep = reason
        for _time in range(5):
            deep = {**reason, "notes": [deep]}
        infinite = series._pack_numbers([np.full(72, np.inf)])
        wrong = [
            *({}, {**good, "forecasts": 7}, {**good, "forecasts": [first]}),
            *({**good, "numbers": "x"}, {**good, "numbers": None}),
            {**good, "numbers": series._pack_numbers([np.zeros(71)])},
            {**good, "numbers": series._pack_numbers([np.zeros(73)])},
            {**good, "numbers": infinite},
            *(changed(method="x"), changed(method=[]), changed(weights=[])),
            *(changed(weights={"x": 1}), changed(weights={"mean": "x"})),
            *(changed(backtest={}), changed(history_mean=float("inf"))),
            *(changed(reason=None), changed(reason={**reason, "code": "x"})),
            changed(reason={"code": "chosen", "values": {}, "notes": []}),
            changed(reason={**reason, "values": {"x": {"y": 1}}}),
            changed(reason={**reason, "values": {"x": "y" * 10_000}}),
            changed(reason=deep),
        ]
        for values in wrong:
            with self.assertRaises(ValueError):
                series.unpack_forecasts(packing.squeeze(values), some, forecasting)
        for text in ("", "x", "[]", packing.squeeze_bytes(b"[]")):
            with self.assertRaises(ValueError):
                series.unpack_forecasts(text, some, forecasting)

    def test_what_is_no_piece_is_refused(self):
        some = self.series[:2]
        good = packing.unsqueeze(series.pack_series(some, series.FORECAST))
        for values in (
            *({}, {**good, "version": 0}, {**good, "series": [{}]}),
            *({**good, "series": 7}, {**good, "numbers": 7}),
        ):
            with self.assertRaises(ValueError):
                series.unpack_series(packing.squeeze(values), forecasting)
