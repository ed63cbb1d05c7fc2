# Copyright 2026 The ai_queue contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""Learning what the products of a company have in common, before they are forecast."""

from unittest import skipUnless
from unittest.mock import patch

import numpy as np

from odoo import fields
from odoo.exceptions import AccessError
from odoo.tests import tagged

from ..engine.errors import InvalidModel
from ..engine.forecasting import learning
from ..engine.forecasting.learning.features import NAMES
from ..engine.forecasting.learning.model import Part
from ..engine.forecasting.learning.starts import Start
from ..engine.tests import samples
from ..models.forecast.ai_queue_kind_forecast import ProductSeries
from .common import AiQueueCommon

WEEKLY = "[[52], []]"


class FakeTrees:
    """Trees that expect twice the level of a product, without the library."""

    def num_feature(self):
        return len(NAMES)

    def predict(self, flat, num_threads):
        return np.full(len(flat), 2.0)


@tagged("post_install", "-at_install")
class TestForecastLearning(AiQueueCommon):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.company.ai_queue_forecast_horizon = 4
        cls.products = cls.create_products(6)
        cls.category = cls.env["product.category"].create({"name": "Paint"})
        demand = [8, 12, 9, 11] * 3
        cls.sell_weekly(dict.fromkeys(cls.products, demand))
        cls.learnings = cls.env["ai.queue.forecast.learning"]
        cls.env["ir.config_parameter"].set_param("ai_queue.learning_products", "5")

    def test_outside_of_a_job_nobody_waits_for_it(self):
        self.env["ir.config_parameter"].set_param("ai_queue.learning_products", "0")
        self.products.run_ai_demand_forecast()
        self.assertTrue(self.forecasts(self.products[0]))

    def learn(self, learned=None, company=None):
        """Keep something as learnt, as a job does."""
        company = company or self.company
        env = self.env(context={"allowed_company_ids": company.ids})
        row = env["ai.queue.forecast.learning"]._store(learned, 6, env["ai.queue.run"])
        self.commit()
        return row

    def age(self, rows, days):
        """Let these have been learnt so many days ago."""
        self.env.cr.execute(
            "UPDATE ai_queue_forecast_learning SET create_date = %s WHERE id = ANY(%s)",
            [fields.Datetime.subtract(fields.Datetime.now(), days=days), rows.ids],
        )
        rows.invalidate_recordset()

    def learned(self, share=0.5):
        return learning.Learned({WEEKLY: Part(samples.trees(), share, 4)})

    def known_trees(self):
        return patch.multiple(
            "odoo.addons.ai_queue.engine.forecasting.learning.model",
            booster=lambda trees: FakeTrees(),
        )

    def available(self, is_available=True):
        return patch(
            "odoo.addons.ai_queue.engine.forecasting.learning.combining.is_available",
            lambda: is_available,
        )

    def training(self, learned):
        return patch(
            "odoo.addons.ai_queue.engine.forecasting.learning.train",
            lambda series: learned(series) if callable(learned) else learned,
        )

    def learning_run(self):
        return self.find_runs().filtered(lambda run: run.kind == "learning")

    def expected(self, products=None):
        return self.forecasts(products or self.products).mapped("quantity")

    # ------------------------------------------------------------
    # WHEN
    # ------------------------------------------------------------

    def test_a_large_run_learns_first(self):
        run = self.press(self.products)
        learns = self.learning_run()
        self.assertEqual((learns.state, learns.origin), ("pending", "code"))
        self.assertLess(self.queue_jobs(learns).id, self.queue_jobs(run).id)
        with self.training(self.learned()):
            self.run_jobs(learns)
        self.assertRecordValues(learns, [{"state": "done", "finished": 1}])
        self.assertRecordValues(
            self.learnings.search([("company_id", "=", self.company.id)]),
            [{"share": 0.5, "product_count": 6, "run_id": learns.id, "is_used": True}],
        )

    def test_a_small_run_does_not_learn(self):
        self.press(self.products[:4])
        self.assertFalse(self.learning_run())

    def test_what_was_learnt_today_is_not_learnt_again(self):
        self.learn()
        self.press(self.products)
        self.assertFalse(self.learning_run())

    def test_what_was_learnt_yesterday_is(self):
        self.age(self.learn(), days=1)
        self.press(self.products)
        self.assertTrue(self.learning_run())

    def test_what_was_learnt_of_months_is_no_help_for_weeks(self):
        self.learn().granularity = "month"
        self.assertTrue(self.learnings.with_company(self.company)._is_due())

    def test_two_runs_learn_once(self):
        self.press(self.products)
        self.press(self.products[:5])
        self.assertEqual(len(self.learning_run()), 1)

    def test_every_night(self):
        self.company.ai_queue_forecast_nightly = True
        self.env["product.product"]._start_ai_forecast_of(self.company, origin="cron")
        self.assertEqual(len(self.learning_run()), 1)

    # ------------------------------------------------------------
    # THE JOBS OF THE FORECASTS
    # ------------------------------------------------------------

    def start_waiting(self):
        """A large run whose job has met a company that learns."""
        run = self.press(self.products)
        job = self.queue_jobs(run)
        rows = type(self.env["ai.queue.run.job"])
        write, noted = rows.write, []

        def spy(row, vals):
            noted.extend(filter(None, [vals.get("waits_for")]))
            return write(row, vals)

        with patch.object(rows, "write", spy):
            self.perform(job)
        self.assertEqual((job.state, job.retry), ("pending", 0))
        self.assertTrue(job.eta)
        # Cursors are not apart here: with the job that is undone as well.
        run.job_ids.sudo().waits_for = noted[-1]
        self.commit()
        return run, job

    def test_they_wait_for_it(self):
        run, _job = self.start_waiting()
        self.assertFalse(self.forecasts(self.products))
        self.assertEqual(run.job_ids.waits_for, f"learning:{self.company.id}")

    def test_a_small_run_waits_for_nothing(self):
        self.press(self.products)
        run = self.run_jobs(self.press(self.products[:1]))
        self.assertEqual(run.state, "done")

    def test_they_go_on_when_it_is_done(self):
        run, _job = self.start_waiting()
        with self.training(None):
            self.run_jobs(self.learning_run())
        self.assertEqual(run.job_ids.waits_for, "woken")

    def test_they_go_on_when_it_failed(self):
        run, _job = self.start_waiting()

        def broken(series):
            raise ValueError("broken")

        learns = self.learning_run()
        with self.training(broken):
            self.perform_failing(self.queue_jobs(learns))
        self.assertEqual(learns.state, "failed")
        self.assertEqual(run.job_ids.waits_for, "woken")
        self.assertFalse(self.learnings.search([("run_id", "=", learns.id)]))

    def test_they_go_on_when_it_is_cancelled(self):
        run, _job = self.start_waiting()
        self.learning_run().action_cancel()
        self.commit()
        self.assertEqual(self.learning_run().state, "cancelled")
        self.assertEqual(run.job_ids.waits_for, "woken")
        self.assertEqual(self.run_jobs(run).state, "done")

    def test_they_do_not_wait_for_ever(self):
        run, job = self.start_waiting()
        self.env.cr.execute(
            "UPDATE ai_queue_run SET create_date = %s WHERE id = %s",
            [fields.Datetime.subtract(fields.Datetime.now(), minutes=11), run.id],
        )
        self.perform(job)
        self.assertTrue(self.forecasts(self.products))

    # ------------------------------------------------------------
    # WHAT IS USED
    # ------------------------------------------------------------

    def test_it_has_a_say_and_the_reason_names_it(self):
        self.run_jobs(self.press(self.products[0]))
        alone = self.expected(self.products[0])
        self.learn(self.learned(share=0.5))
        with self.known_trees(), self.available():
            self.run_jobs(self.press(self.products[0]))
        for before, now in zip(alone, self.expected(self.products[0]), strict=True):
            self.assertAlmostEqual(now, 0.5 * before + 0.5 * 20.0, delta=0.8)
        self.assertIn("(share of what was learnt from them: 50 %)", self.reason())

    def reason(self, product=None):
        return self.forecasts(product or self.products[0])[0].reason

    def test_a_product_does_not_depend_on_its_neighbours(self):
        self.learn(self.learned())
        with self.known_trees(), self.available():
            self.run_jobs(self.press(self.products))
            together = self.expected(self.products[2])
            self.run_jobs(self.press(self.products[2]))
        self.assertEqual(self.expected(self.products[2]), together)

    def test_without_the_library_the_statistics_stand(self):
        self.run_jobs(self.press(self.products[0]))
        alone = self.expected(self.products[0])
        self.learn(self.learned())
        with self.available(False):
            self.run_jobs(self.press(self.products[0]))
        self.assertEqual(self.expected(self.products[0]), alone)
        self.assertNotIn("learnt", self.reason())

    def test_what_another_version_learnt_is_not_used(self):
        self.learn(self.learned()).version = learning.VERSION - 1
        self.env.flush_all()
        env = self.env(context={"allowed_company_ids": self.company.ids})
        self.assertIsNone(env["ai.queue.forecast.learning"]._get_learned())

    def test_what_is_broken_is_not_used(self):
        self.learn(self.learned()).content = b"bm9uc2Vuc2U="
        self.env.flush_all()
        env = self.env(context={"allowed_company_ids": self.company.ids})
        with self.assertLogs("odoo.addons.ai_queue", "WARNING"):
            self.assertIsNone(env["ai.queue.forecast.learning"]._get_learned())

    def test_trees_that_the_library_does_not_know_stop_no_forecast(self):
        self.learn(self.learned())
        broken = patch(
            "odoo.addons.ai_queue.engine.forecasting.learning.model.booster",
            side_effect=InvalidModel("of another version"),
        )
        with broken, self.available():
            with self.assertLogs("odoo.addons.ai_queue", "WARNING"):
                run = self.run_jobs(self.press(self.products[0]))
        self.assertEqual(run.state, "done")
        self.assertTrue(self.forecasts(self.products[0]))

    def test_what_is_old_is_not_used(self):
        row = self.learn(self.learned())
        self.age(row, days=93)
        self.assertFalse(row._find_last(self.company))

    def test_every_company_has_its_own(self):
        other = self.create_company("Other Company")
        self.learn(self.learned(), other)
        env = self.env(context={"allowed_company_ids": self.company.ids})
        self.assertIsNone(env["ai.queue.forecast.learning"]._get_learned())

    def test_the_last_one_counts(self):
        self.learn(self.learned(0.2))
        self.learn(self.learned(0.6))
        env = self.env(context={"allowed_company_ids": self.company.ids})
        learned = env["ai.queue.forecast.learning"]._get_learned()
        self.assertEqual(learned.parts[WEEKLY].share, 0.6)

    @skipUnless(learning.is_available(), "lightgbm is not installed")
    def test_the_real_thing(self):
        source = np.random.default_rng(1)
        season = np.array([10, 10, 10, 40, 40, 10, 10, 10] * 7)
        lot = [
            ProductSeries(
                number,
                "W",
                [*source.poisson(season * (1 + number % 7)), None],
                4,
                start=fields.Date.to_date("2026-03-23"),
            )
            for number in range(80)
        ]
        kind = type(self.env["ai.queue.kind.forecast"])
        run = self.press(self.products)
        with patch.object(kind, "_gather", lambda handler, targets: lot):
            self.run_jobs(self.learning_run())
        row = self.learnings.search([("company_id", "=", self.company.id)])
        self.assertGreater(row.share, 0)
        self.assertLess(row.size, learning.MAX_BYTES)
        self.assertEqual(self.run_jobs(run).state, "done")

    # ------------------------------------------------------------
    # NEW PRODUCTS
    # ------------------------------------------------------------

    def starts(self, product):
        levels = (0.2, 0.5, 1.5, 2.0)
        start = Start(7, (6.0, 4.0, 2.0, 2.0), levels, levels)
        return learning.Learned({}, {f"52 {product.categ_id.id}": start})

    def test_a_new_product_starts_like_similar_ones(self):
        # Most products of a test are as young as it: here it alone is.
        self.env.cr.execute(
            "UPDATE product_product SET create_date = create_date - interval '2 years'"
        )
        product = self.create_products(1, "New", categ_id=self.category.id)
        self.learn(self.starts(product))
        self.run_jobs(self.press(product))
        self.assertEqual(self.expected(product), [6.0, 4.0, 2.0, 2.0])
        rows = self.forecasts(product)
        self.assertEqual(set(rows.mapped("method")), {"similar"})
        self.assertIn("similar products did at first (their number: 7)", rows[0].reason)
        self.assertLess(rows[0].lower_80, 6.0)
        self.assertGreater(rows[0].upper_80, 6.0)

    def test_an_old_one_that_never_sold_does_not(self):
        product = self.create_products(1, "Shelf warmer", categ_id=self.category.id)
        self.env.cr.execute(
            "UPDATE product_product SET create_date = create_date - interval '2 years'"
        )
        self.learn(self.starts(product))
        self.run_jobs(self.press(product))
        self.assertEqual(set(self.expected(product)), {0.0})

    def test_nor_does_one_of_a_whole_catalogue_that_was_brought_in(self):
        self.env.cr.execute("UPDATE product_product SET create_date = now()")
        product = self.create_products(1, "Imported", categ_id=self.category.id)
        self.learn(self.starts(product))
        self.run_jobs(self.press(product))
        self.assertEqual(set(self.expected(product)), {0.0})

    def test_what_has_sold_a_little_starts_like_similar_ones_too(self):
        product = self.create_products(1, "Young", categ_id=self.category.id)
        self.sell_weekly({product: [12, 8]})
        self.learn(self.starts(product))
        self.run_jobs(self.press(product))
        self.assertIn("Little is known of it yet", self.reason(product))
        # Twice as much as they, which have 2 a week from the third week on.
        self.assertLess(self.expected(product)[0], 6.0)

    def test_a_product_that_a_person_names(self):
        product = self.create_products(1, "Successor")
        product.ai_forecast_like_id = self.products[0]
        self.run_jobs(self.press(product))
        for quantity in self.expected(product):
            self.assertAlmostEqual(quantity, 10.0, delta=1.5)
        self.assertIn("expected to sell like Product 1", self.reason(product))

    def test_what_the_other_one_sold_is_not_what_this_one_sold(self):
        product = self.create_products(1, "Successor")
        self.sell_weekly({product: [3]})
        product.ai_forecast_like_id = self.products[0]
        past = self.env["ai.queue.forecast"].create(
            {
                "product_id": product.id,
                "company_id": self.company.id,
                "granularity": "week",
                "date_start": "2026-03-02",
                "date_end": "2026-03-08",
                "quantity": 5,
            }
        )
        self.run_jobs(self.press(product))
        past.invalidate_recordset()
        self.assertEqual((past.is_past, past.quantity_actual), (True, 0))

    # ------------------------------------------------------------
    # PROMOTIONS AND EXCEPTIONAL PERIODS
    # ------------------------------------------------------------

    def mark(self, kind, since, until, products=None):
        return (
            self.env["ai.queue.forecast.event"]
            .with_user(self.user)
            .create(
                {
                    "kind": kind,
                    "reason": "Order for a new building",
                    "product_ids": (products or self.products[0]).ids,
                    "company_id": self.company.id,
                    "date_start": since,
                    "date_end": until,
                }
            )
        )

    def test_an_exceptional_period_does_not_count(self):
        product = self.create_products(1, "Brick")
        self.sell_weekly({product: [10, 12, 11, 9, 10, 900, 880, 910, 11, 10]})
        self.run_jobs(self.press(product))
        self.assertGreater(self.expected(product)[0], 50)
        self.mark("exceptional", "2026-02-09", "2026-03-01", product)
        self.run_jobs(self.press(product))
        self.assertLess(max(self.expected(product)), 15)
        self.assertIn(
            "exceptional do not count (their number: 3)", self.reason(product)
        )

    def test_an_event_may_last_until_the_end_of_the_calendar(self):
        self.mark("promotion", "2026-03-30", "9999-12-31")
        self.mark("exceptional", "2026-03-09", "9999-12-31")
        run = self.run_jobs(self.press(self.products[0]))
        self.assertEqual(run.state, "done")

    def test_a_promotion_ahead_moves_the_forecast(self):
        product = self.create_products(1, "Pasta")
        usual, promoted = [20, 22, 19, 21, 20, 21], [62]
        self.sell_weekly({product: (usual + promoted) * 6})
        for number in range(6):
            monday = fields.Date.subtract(
                fields.Date.to_date("2026-03-09"), weeks=7 * number
            )
            self.mark("promotion", monday, fields.Date.add(monday, days=6), product)
        self.mark("promotion", "2026-03-30", "2026-04-05", product)
        self.run_jobs(self.press(product))
        quantities = self.expected(product)
        self.assertGreater(quantities[1], 1.8 * quantities[0])
        self.assertGreater(quantities[1], 1.8 * quantities[2])
        self.assertIn("promotion", self.reason(product))

    def test_it_is_for_the_company_and_its_people(self):
        other = self.create_company("Other Company")
        event = self.mark("promotion", "2026-03-30", "2026-04-05")
        event.sudo().company_id = other
        with self.assertRaises(AccessError):
            event.with_context(allowed_company_ids=self.company.ids).reason  # noqa: B018

    # ------------------------------------------------------------
    # RIGHTS
    # ------------------------------------------------------------

    def test_people_see_that_it_was_learnt_but_nobody_writes_it(self):
        row = self.learn(self.learned())
        self.assertEqual(row.with_user(self.user).share, 0.5)
        for user in (self.user, self.manager):
            with self.assertRaises(AccessError):
                row.with_user(user).write({"share": 1})
            with self.assertRaises(AccessError):
                row.with_user(user).read(["content"])

    def test_the_old_ones_go_and_the_last_one_stays(self):
        first, second = self.learn(), self.learn()
        self.age(first | second, days=400)
        housekeeping = self.env["queue.job.housekeeping"]
        retention = next(
            one
            for one in housekeeping._get_retentions()
            if one.model == "ai.queue.forecast.learning"
        )
        self.assertEqual(sum(housekeeping._sweep(retention)), 1)
        self.assertEqual((first | second).exists(), second)
