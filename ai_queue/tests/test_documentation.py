# Copyright 2026 The ai_queue contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
import io
import json
import re
from datetime import date, datetime, time, timedelta

from odoo import Command, models
from odoo.exceptions import UserError
from odoo.tests import tagged
from odoo.tools import convert, file_open

from .common_provider import AiQueueProviderCommon

FENCED = re.compile(r"^```(\w+)\n(.*?)^```$", re.M | re.S)
ADDON = "ai_queue_example"


def blocks(language, beginning):
    """The blocks of code in the documentation that begin so."""
    with file_open("ai_queue/readme/DEVELOP.md") as file:
        found = FENCED.findall(file.read())
    return [
        code for name, code in found if name == language and code.startswith(beginning)
    ]


def load(code):
    """The models that a file of an addon defines, in their order."""
    namespace = {"__name__": f"odoo.addons.{ADDON}.models"}
    exec(compile(code, "DEVELOP.md", "exec"), namespace)  # pylint: disable=exec-used
    # Of no addon that a server could install.
    return type(models.Model)._module_to_models__.pop(ADDON)


@tagged("post_install", "-at_install")
class TestDocumentation(AiQueueProviderCommon):
    """The examples for developers do what they say."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        [kind] = blocks("python", "# models/blurb.py")
        [own_job] = blocks("python", "# models/res_partner.py")
        cls.extend(*load(kind), *load(own_job))
        [cls.data] = blocks("xml", "<odoo")
        file = io.BytesIO(cls.data.encode())
        file.name = "DEVELOP.md"
        convert.convert_xml_import(cls.env, "ai_queue", file)
        cls.provider.model_ids = [
            Command.create({"kind": "blurb", "model": "fake-writer"})
        ]
        cls.user.group_ids |= cls.env.ref("product.group_product_manager")
        cls.products = cls.create_products(3).product_tmpl_id
        cls.products[:2].description = "<p>Blooms <b>early</b>.</p>"
        cls.answer = staticmethod(
            lambda asked: {"text": "Buy it."} if asked.schema else "A good customer."
        )

    def start(self):
        products = self.products.with_user(self.user)
        action = products.action_write_sales_descriptions()
        self.commit()
        url = action["params"]["links"][0]["url"]
        return self.env["ai.queue.run"].browse(int(url.rpartition("/")[2]))

    def test_a_kind_of_work(self):
        run = self.run_jobs(self.start())
        self.assertEqual((run.state, run.finished, run.skipped), ("done", 3, 1))
        self.assertEqual(run.name, "Sales descriptions of 3 products")
        self.assertEqual(run.skip_summary, "Has no internal notes: Product 3")
        self.assertEqual(
            self.products.mapped("description_sale"), ["Buy it.", "Buy it.", False]
        )
        # Notes that are equal make questions that differ by the name.
        self.assertEqual(self.asked(), 2)
        calls = self.calls(kind="blurb")
        self.assertEqual(calls.run_id, run)
        self.assertEqual(set(calls.mapped("model")), {"fake-writer"})
        self.assertEqual(run.attempt_ids.outcome, "done")

    def test_the_job_function_needs_three_fields(self):
        self.assertEqual(
            re.findall(r'<field name="(\w+)"', self.data),
            ["model_id", "method", "ai_queue_kind"],
        )
        function = self.env.ref(
            "ai_queue.queue_job_function_product_template_write_sales_descriptions"
        )
        self.assertEqual(function.channel, "root.ai_processing")
        self.assertTrue(function.allow_commit)
        self.assertTrue(function.retry_pattern)
        self.assertEqual(function.on_fail_method, "_ai_queue_on_fail")
        self.assertEqual(
            function.related_action, {"func_name": "related_action_ai_queue_run"}
        )

    def test_what_is_there_is_neither_asked_nor_paid_again(self):
        self.run_jobs(self.start())
        run = self.run_jobs(self.start())
        self.assertEqual((run.state, run.skipped), ("done", 3))
        self.products.description_sale = False
        self.run_jobs(self.start())
        self.assertEqual(self.asked(), 2)
        self.assertEqual(self.products[0].description_sale, "Buy it.")

    def test_what_got_no_answer_is_named_with_the_reason(self):
        self.provider.max_in_flight = 1
        self.fake.configure(faults=[{"kind": "refusal", "next": 1}])
        run = self.run_jobs(self.start())
        self.assertEqual((run.state, run.finished, run.skipped), ("done", 3, 2))
        [call] = self.calls(state="failed")
        self.assertIn(f"{call.message}: Product 1", run.skip_summary)
        self.assertFalse(self.products[0].description_sale)
        self.assertEqual(self.products[1].description_sale, "Buy it.")

    def test_a_busy_provider_puts_it_off(self):
        self.fake.configure(faults=[{"status": 429, "retry_after": "60", "next": 9}])
        run = self.run_jobs(self.start())
        self.assertEqual(run.state, "pending")
        self.assertIn("takes no more requests", run.waiting_summary)
        self.fake.configure(faults=[])
        self.assertEqual(self.run_jobs(run).state, "done")

    def test_a_failure_is_said_on_the_run(self):
        self.fake.configure(key="another")
        run = self.start()
        self.perform_failing(self.queue_jobs(run))
        self.assertIn("does not accept the key", run.failure_summary)

    def test_without_a_model_it_is_said(self):
        self.provider.model_ids.filtered(lambda line: line.kind == "blurb").unlink()
        run = self.start()
        self.perform_failing(self.queue_jobs(run))
        self.assertIn("has no model for: Sales descriptions", run.failure_summary)

    def partner_job(self):
        partner = self.env["res.partner"].create(
            {"name": "Ann", "comment": "<p>Pays at once.</p>"}
        )
        return partner, partner.with_delay().sum_up_notes().db_record()

    def test_a_job_of_ones_own(self):
        partner, job = self.partner_job()
        self.perform(job)
        self.assertEqual((job.state, partner.function), ("done", "A good customer."))
        [call] = self.calls()
        self.assertEqual((call.kind, call.job_uuid), ("blurb", job.uuid))
        self.assertIn("Pays at once.", call.question)
        self.assertFalse(call.run_id)
        _other, job = self.partner_job()
        self.perform(job)
        self.assertEqual(self.asked(), 1)

    def test_a_job_of_ones_own_is_put_off_or_fails(self):
        partner, job = self.partner_job()
        self.fake.configure(faults=[{"status": 429, "retry_after": "60", "next": 1}])
        self.perform(job)
        self.assertEqual((job.state, job.retry), ("pending", 0))
        self.fake.configure(faults=[{"kind": "empty", "next": 9}])
        self.assertIsInstance(self.perform_failing(job), UserError)
        self.assertEqual(job.state, "failed")
        self.assertIn("empty answer", job.exc_message)
        self.assertFalse(partner.function)


@tagged("post_install", "-at_install")
class TestDocumentedColumns(AiQueueProviderCommon):
    """The example of what is known ahead moves forecasts, and a model is told of it."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        [promotion] = blocks("python", "# models/promotion.py")
        cls.extend(*load(promotion))
        cls.promoted, cls.other = cls.create_products(2)
        cls.company.ai_queue_forecast_compare = False
        # Every fifth of forty weeks sells the fivefold; so does the second that is
        # forecast (forecasts begin after the running week).
        demand = [50 if week % 5 == 0 else 10 for week in range(40)]
        cls.sell_lately({cls.promoted: demand, cls.other: [10] * 40})
        cls.monday = date.today() - timedelta(days=date.today().weekday())
        for week in [*range(0, 40, 5), 42]:
            cls.promote(cls.promoted, cls.monday + timedelta(weeks=week - 40))

    @classmethod
    def promote(cls, product, monday):
        pricelist = cls.env["product.pricelist"].search(
            [("company_id", "in", (False, cls.company.id))], limit=1
        ) or cls.env["product.pricelist"].create({"name": "Promotions"})
        cls.env["product.pricelist.item"].create(
            {
                "pricelist_id": pricelist.id,
                "applied_on": "1_product",
                "product_tmpl_id": product.product_tmpl_id.id,
                "compute_price": "fixed",
                "fixed_price": 1.0,
                "date_start": datetime.combine(monday, time(1)),
                "date_end": datetime.combine(monday + timedelta(days=5), time(1)),
            }
        )

    def test_it_moves_the_forecast_and_the_model_is_told(self):
        run = self.run_jobs(self.press(self.promoted | self.other))
        self.assertEqual(run.state, "done")
        quantities = [
            row.quantity_statistics
            for row in self.forecasts(self.promoted).sorted("date_start")
        ]
        self.assertEqual(quantities.index(max(quantities)), 1)
        self.assertGreater(quantities[1], 2 * quantities[0])
        [call] = self.calls()
        data = json.loads(call.question[call.question.index('{"') :])
        told = {product["name"]: product for product in data["products"]}
        coming = told[self.promoted.name]["columns"]["Promotion"]["coming"]
        self.assertEqual(coming, [0, 1, 0, 0, 0, 0, 0, 0])
        # What never changes tells nothing.
        self.assertNotIn("columns", told[self.other.name])
