# Copyright 2026 The ai_queue contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
from types import SimpleNamespace
from unittest.mock import patch

from odoo.exceptions import UserError
from odoo.fields import Command
from odoo.tests import tagged

from odoo.addons.queue_job.tests.common import trap_jobs

from .common import AiQueueCommon, flat_forecast


@tagged("post_install", "-at_install")
class TestForecastPress(AiQueueCommon):
    """Pressing *Run AI Forecast*: what it makes, and when it makes nothing new."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.products = cls.create_products(5)
        cls.product = cls.products[0]

    def chunk(self, size):
        self.env["ir.config_parameter"].set_param("ai_queue.chunk_size", size)

    # ------------------------------------------------------------
    # A RUN AND ITS JOBS
    # ------------------------------------------------------------

    def test_a_press_enqueues_the_job_method(self):
        products = self.products.with_user(self.user)
        with trap_jobs() as trap:
            products.action_run_ai_forecast()
        trap.assert_jobs_count(1, only=products.run_ai_demand_forecast)
        trap.assert_enqueued_job(
            products.run_ai_demand_forecast,
            properties={"description": "Demand forecast of 5 products"},
        )

    def test_a_press_makes_a_run_that_waits(self):
        run = self.press(self.products)
        self.assertRecordValues(
            run,
            [
                {
                    "name": "Demand forecast of 5 products",
                    "kind": "forecast",
                    "state": "pending",
                    "origin": "button",
                    "user_id": self.user.id,
                    "company_id": self.company.id,
                    "total": 5,
                    "finished": 0,
                }
            ],
        )
        job = self.queue_jobs(run)
        self.assertEqual(job.user_id, self.user)
        self.assertEqual(job.company_id, self.company)
        self.assertEqual(job.records, self.products)
        self.assertEqual(run.job_ids.queue_job_uuid, job.uuid)

    def test_a_run_of_one_product_is_named_after_it(self):
        run = self.press(self.product)
        title = f"Demand forecast of {self.product.display_name}"
        self.assertEqual(run.with_user(self.user).display_name, title)

    def test_runs_of_as_many_products_are_told_apart(self):
        runs = [self.press(self.products[:3]), self.press(self.products[2:])]
        names = [run.with_user(self.user).display_name for run in runs]
        self.assertEqual(
            names,
            [
                f"Demand forecast of 3 products ({first.display_name}, …)"
                for first in (self.products[0], self.products[2])
            ],
        )

    def test_a_press_answers_with_a_link_to_the_run(self):
        action = self.products.with_user(self.user).action_run_ai_forecast()
        self.assertEqual(action["tag"], "display_notification")
        [link] = action["params"]["links"]
        run = self.env["ai.queue.run"].search([], limit=1)
        self.assertEqual(link["label"], run.display_name)
        self.assertTrue(link["url"].endswith(f"/{run.id}"))

    def test_a_press_does_no_ai_work_and_reads_no_history(self):
        kind = type(self.env["ai.queue.kind.forecast"])
        not_now = AssertionError("Not in the request of the press.")
        with (
            patch.object(kind, "_gather", side_effect=not_now),
            patch.object(kind, "_get_histories", side_effect=not_now),
            self.engine(lambda requests: self.fail(not_now)),
        ):
            run = self.press(self.products)
        self.assertEqual(run.state, "pending")
        self.assertFalse(self.forecasts(self.products))

    def test_many_products_take_as_many_queries_as_few(self):
        products = self.create_products(50)
        self.press(products[:20])
        few = self.count_queries(self.press, products[:5])
        many = self.count_queries(self.press, products[5:])
        self.assertLessEqual(many, few)

    def test_the_screens_are_told_of_a_new_run(self):
        group = type(self.env["res.groups"])
        with patch.object(group, "_bus_send", autospec=True) as send:
            run = self.press(self.product)
        send.assert_called_once_with(
            self.env.ref("ai_queue.ai_queue_group_user"),
            "ai_queue/run_changed",
            {"id": run.id},
            subchannel="ai_queue.runs",
        )

    def test_only_who_looks_at_runs_and_may_hears_of_them(self):
        group = self.env.ref("ai_queue.ai_queue_group_user")
        session = SimpleNamespace(session=SimpleNamespace(uid=self.user.id))
        with patch("odoo.addons.bus.models.ir_websocket.wsrequest", session):
            for user, wanted, hears in (
                (self.user, ["ai_queue.runs"], True),
                (self.user, [], False),
                (self.plain_user, ["ai_queue.runs"], False),
            ):
                sockets = self.env["ir.websocket"].with_user(user)
                channels = sockets._build_bus_channel_list(list(wanted))
                # A record is not compared with what is none: Odoo warns of that.
                ours = [each for each in channels if isinstance(each, tuple)]
                self.assertEqual((group, "ai_queue.runs") in ours, hears)
                # The name alone is no channel.
                names = [each for each in channels if isinstance(each, str)]
                self.assertNotIn("ai_queue.runs", names)

    def test_nothing_selected_is_said(self):
        with self.assertRaisesRegex(UserError, "at least one"):
            self.press(self.products.browse())
        self.assertFalse(self.find_runs())

    # ------------------------------------------------------------
    # CHUNKS
    # ------------------------------------------------------------

    def test_many_records_are_split_into_jobs(self):
        self.chunk("2")
        run = self.press(self.products)
        jobs = self.queue_jobs(run)
        self.assertEqual([len(job.records) for job in jobs], [2, 2, 1])
        self.assertEqual(sum((j.records.ids for j in jobs), []), self.products.ids)
        self.assertEqual(run.job_ids.mapped("res_ids"), [j.records.ids for j in jobs])
        self.assertEqual(run.job_ids.mapped("total"), [2, 2, 1])
        self.assertEqual(run.total, 5)
        self.assertEqual(
            jobs[1].name, "Demand forecast of 5 products (part 2 of 3, 2 of 5)"
        )

    def test_a_chunk_size_that_makes_no_sense_is_not_used(self):
        for size in ("0", "-3", "many", ""):
            with self.subTest(size):
                self.chunk(size)
                self.assertGreater(self.env["ai.queue.kind.forecast"]._chunk_size(), 0)
        self.assertEqual(self.env["ai.queue.kind.forecast"]._chunk_size(), 500)

    # ------------------------------------------------------------
    # THE SAME PRESS
    # ------------------------------------------------------------

    def test_pressing_again_gives_the_same_run(self):
        run = self.press(self.products)
        self.assertEqual(self.press(self.products), run)
        self.assertEqual(len(self.queue_jobs(run)), 1)

    def test_the_order_of_the_selection_does_not_matter(self):
        run = self.press(self.products)
        self.assertEqual(self.press(self.products[::-1]), run)

    def test_another_person_gets_the_same_run(self):
        run = self.press(self.products)
        self.assertEqual(self.press(self.products, self.manager), run)
        self.assertEqual(run.user_id, self.user)

    def test_the_same_run_is_found_while_its_job_is_at_work(self):
        run = self.press(self.products)
        seen = []

        def engine(requests):
            with self.registry.cursor() as cr:
                products = self.products.with_env(self.env(cr=cr, user=self.user.id))
                products = products.with_company(self.company)
                action = products.action_run_ai_forecast()
            seen.append(action["params"]["links"][0]["url"])
            return flat_forecast()(requests)

        with self.engine(engine):
            self.run_jobs(run)
        self.assertTrue(seen[0].endswith(f"/{run.id}"))

    def test_another_selection_is_another_run(self):
        run = self.press(self.products)
        self.assertNotEqual(self.press(self.products[:4]), run)

    def test_another_company_is_another_run(self):
        other = self.create_company("Other Company")
        self.user.company_ids = [Command.link(other.id)]
        run = self.press(self.products)
        products = self.products.with_context(allowed_company_ids=other.ids)
        run_of_other = self.press(products)
        self.assertNotEqual(run_of_other, run)
        self.assertEqual(run_of_other.company_id, other)

    def test_after_the_end_a_press_makes_a_new_run(self):
        for end in ("done", "failed", "cancelled"):
            with self.subTest(end):
                run = self.press(self.products)
                if end == "cancelled":
                    run.action_cancel()
                    self.commit()
                elif end == "failed":
                    with self.engine(lambda requests: 1 / 0):
                        self.perform_failing(self.queue_jobs(run))
                else:
                    with self.engine(flat_forecast()):
                        self.run_jobs(run)
                self.assertEqual(run.state, end)
                self.assertNotEqual(self.press(self.products), run)
                self.find_runs().action_cancel()
                self.commit()

    def test_a_run_that_cannot_be_had_is_said(self):
        # The same work is started and ends again and again just between our looks.
        run_model = type(self.env["ai.queue.run"])
        with (
            patch.object(run_model, "_create_unless_active", return_value=None),
            self.assertRaisesRegex(UserError, "try again"),
        ):
            self.press(self.products)

    # ------------------------------------------------------------
    # TEMPLATES
    # ------------------------------------------------------------

    def test_a_template_is_forecast_by_its_variants(self):
        template = self.create_template_with_variants()
        run = self.press(template)
        self.assertEqual(self.queue_jobs(run).records, template.product_variant_ids)
        self.assertEqual(run.total, 2)

    def test_a_template_and_its_only_variant_are_the_same_work(self):
        run = self.press(self.product)
        self.assertEqual(self.press(self.product.product_tmpl_id), run)

    def test_a_template_without_variants_is_nothing_to_forecast(self):
        template = self.create_template_with_variants()
        template.product_variant_ids.unlink()
        with self.assertRaisesRegex(UserError, "at least one"):
            self.press(template)

    # ------------------------------------------------------------
    # SERVER ACTIONS
    # ------------------------------------------------------------

    def test_the_actions_of_lists_press_the_same_button(self):
        for name, records in (
            ("product_product_action_run_ai_forecast", self.products),
            (
                "product_template_action_run_ai_forecast",
                self.create_template_with_variants(),
            ),
        ):
            action = self.env.ref(f"ai_queue.{name}", raise_if_not_found=False)
            if not action:
                continue
            with self.subTest(name):
                result = (
                    action.with_user(self.user)
                    .with_context(active_model=records._name, active_ids=records.ids)
                    .run()
                )
                self.assertEqual(result["tag"], "display_notification")
