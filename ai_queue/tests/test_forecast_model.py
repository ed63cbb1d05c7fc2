# Copyright 2026 The ai_queue contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
import json
from dataclasses import replace

from odoo import fields
from odoo.tests import tagged

from odoo.addons.ai_queue.asking import ask as asking
from odoo.addons.ai_queue.engine.forecasting.assisted import PROMPT_VERSION

from .common_provider import MODEL, AiQueueProviderCommon

SEASONAL = [10, 12, 14, 12] * 10
STEADY = [6, 5, 7, 6] * 10
HORIZON = 8


@tagged("post_install", "-at_install")
class TestForecastModel(AiQueueProviderCommon):
    """Forecasts that a model looks at: what is asked, stored, kept and paid."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.products = cls.create_products(3)
        cls.tulips, cls.roses, cls.unsold = cls.products
        cls.tulips.name = "Tulip bulbs, red"
        cls.sell_lately({cls.tulips: SEASONAL, cls.roses: STEADY})

    def forecast_with_model(self, products=None):
        """Press and let the jobs run; returns the run."""
        return self.run_jobs(self.press(products or self.products))

    def rows(self, product):
        return self.forecasts(product)

    def say(self, change):
        """Let the model answer with each product's baseline, changed by a function of
        (name, quantities), which returns quantities and a reason, or None."""
        sensible = self.answer

        def answer(asked):
            data = sensible(asked)
            if data is None:
                return None
            given = json.JSONDecoder().raw_decode(asked.text)[0]["products"]
            products = []
            for product in given:
                changed = change(product["name"], product["baseline"]["quantities"])
                if changed:
                    quantities, reason = changed
                    products.append(
                        {
                            "id": product["id"],
                            "quantities": quantities,
                            "reason": reason,
                        }
                    )
            return {"products": products}

        self.patch(type(self), "answer", staticmethod(answer))

    # ------------------------------------------------------------
    # ASSISTED
    # ------------------------------------------------------------

    def test_what_the_model_changed_is_stored_beside_what_was_calculated(self):
        self.company.ai_queue_forecast_compare = False
        run = self.forecast_with_model()
        self.assertEqual(run.state, "done")
        for product in self.tulips | self.roses:
            rows = self.rows(product)
            self.assertEqual(len(rows), HORIZON)
            self.assertEqual(set(rows.mapped("assistance")), {"assisted"})
            for row in rows:
                self.assertAlmostEqual(
                    row.quantity, row.quantity_statistics * 1.1, delta=0.1
                )
                self.assertEqual(row.quantity_calculated, row.quantity)
            self.assertIn("Adjusted by the AI model: Raised by 10%", rows[0].reason)
            self.assertFalse(rows[0].is_compared)

    def test_what_is_not_worth_a_question_is_not_asked_about(self):
        self.forecast_with_model()
        rows = self.rows(self.unsold)
        self.assertEqual(len(rows), HORIZON)
        self.assertFalse(any(rows.mapped("assistance")))
        self.assertEqual(rows.mapped("quantity"), [0] * HORIZON)
        self.assertNotIn(self.unsold.name, " ".join(self.calls().mapped("question")))

    def test_nobody_is_asked_when_nothing_is_worth_it(self):
        run = self.forecast_with_model(self.unsold)
        self.assertEqual((run.state, self.asked()), ("done", 0))
        self.assertFalse(self.calls())

    def test_the_model_sees_names_and_baselines_and_no_ids(self):
        self.company.ai_queue_forecast_compare = False
        self.forecast_with_model(self.tulips)
        [call] = self.calls()
        self.assertIn("Tulip bulbs, red", call.question)
        self.assertIn("baseline", call.question)
        data = json.loads(call.question[call.question.index('{"') :])
        self.assertNotEqual(data["products"][0]["id"], self.tulips.id)
        self.assertEqual(call.prompt_version, PROMPT_VERSION)
        self.assertEqual((call.kind, call.user_id), ("forecast", self.user))
        self.assertEqual(call.attempt, 1)

    def test_reasons_are_asked_for_in_the_language_of_the_person(self):
        self.env["res.lang"]._activate_lang("nl_NL")
        self.company.ai_queue_forecast_compare = False
        self.forecast_with_model(self.tulips.with_context(lang="nl_NL"))
        self.assertIn("in Dutch", self.calls().question)

    def test_a_run_shows_what_it_cost(self):
        run = self.forecast_with_model()
        calls = self.calls()
        self.assertEqual(calls.run_id, run)
        self.assertEqual(calls.run_job_id, run.job_ids)
        self.assertGreater(run.cost, 0)
        self.assertAlmostEqual(run.cost, sum(calls.mapped("cost")))
        found = self.env["ai.queue.call"].search(run.action_open_calls()["domain"])
        self.assertEqual(found, calls)

    def test_jobs_hold_what_the_provider_takes_at_a_time(self):
        kind = self.env["ai.queue.kind.forecast"].with_company(self.company)
        parameters = self.env["ir.config_parameter"]
        for at_a_time, size in ((1, 500), (25, 500), (40, 800), (200, 1000)):
            self.provider.max_in_flight = at_a_time
            self.assertEqual(kind.with_user(self.user)._chunk_size(), size)
        parameters.set_param("ai_queue.products_per_request", "4")
        self.assertEqual(kind._chunk_size(), 800)
        parameters.set_param("ai_queue.chunk_size", "7")
        self.assertEqual(kind._chunk_size(), 7)
        parameters.set_param("ai_queue.chunk_size", False)
        self.company.ai_queue_forecast_provider_id = False
        self.assertEqual(kind._chunk_size(), 500)

    def test_without_a_provider_nobody_is_asked(self):
        self.company.ai_queue_forecast_provider_id = False
        self.forecast_with_model()
        self.assertFalse(self.asked())
        self.assertFalse(any(self.rows(self.products).mapped("assistance")))

    # ------------------------------------------------------------
    # REJECTED
    # ------------------------------------------------------------

    def test_an_answer_out_of_bounds_keeps_the_baseline_and_is_marked(self):
        self.company.ai_queue_forecast_compare = False
        self.say(
            lambda name, quantities: (
                ([9999] * HORIZON, "To the moon")
                if name.startswith("Tulip")
                else (quantities, "Nothing to add")
            )
        )
        run = self.forecast_with_model()
        self.assertEqual(run.state, "done")
        rejected, agreed = self.rows(self.tulips), self.rows(self.roses)
        self.assertEqual(set(rejected.mapped("assistance")), {"rejected"})
        for row in rejected:
            self.assertEqual(row.quantity, row.quantity_statistics)
        self.assertNotIn("To the moon", rejected[0].reason)
        self.assertEqual(set(agreed.mapped("assistance")), {"assisted"})
        self.assertIn("left it as it is", agreed[0].reason)
        self.assertEqual(
            run.with_user(self.user).remark_summary,
            "1 of 3: The AI model expects far more than was ever sold of late, so the "
            "calculated quantities are kept.",
        )

    def test_a_product_that_the_model_left_out_keeps_its_baseline(self):
        self.company.ai_queue_forecast_compare = False
        self.say(
            lambda name, quantities: (
                None if name.startswith("Tulip") else (quantities, "Fine")
            )
        )
        self.forecast_with_model()
        self.assertEqual(set(self.rows(self.tulips).mapped("assistance")), {"rejected"})
        self.assertEqual(set(self.rows(self.roses).mapped("assistance")), {"assisted"})

    def test_nonsense_keeps_every_baseline(self):
        self.company.ai_queue_forecast_compare = False
        self.fake.configure(faults=[{"kind": "nonsense", "next": 9}])
        run = self.forecast_with_model()
        self.assertEqual(run.state, "done")
        rows = self.rows(self.tulips | self.roses)
        self.assertEqual(set(rows.mapped("assistance")), {"rejected"})
        [call] = self.calls()
        self.assertEqual((call.state, call.outcome), ("failed", "not_json"))
        # Asked once more with what was wrong, and both were paid for.
        self.assertEqual(call.requests, 2)
        self.assertGreater(call.cost, 0)
        self.assertEqual(run.remark_summary, f"2 of 3: {call.message}")
        self.assertIn("A larger model may do better.", run.remark_summary)

    def test_remarks_of_jobs_add_up_and_end_with_the_next_try(self):
        self.company.ai_queue_forecast_compare = False
        self.env["ir.config_parameter"].set_param("ai_queue.chunk_size", "1")
        self.fake.configure(faults=[{"kind": "refusal", "next": 9}])
        run = self.forecast_with_model()
        self.assertEqual(len(run.job_ids), 3)
        self.assertIn("2 of 3: The model declined", run.remark_summary)
        self.assertNotIn("\n", run.remark_summary)
        self.fake.configure(faults=[])
        self.run_jobs(self.press(self.products))
        run.job_ids[0]._report(remark_data=False)
        self.env.invalidate_all()
        self.assertIn("1 of 3: The model declined", run.remark_summary)

    # ------------------------------------------------------------
    # COMPARISON
    # ------------------------------------------------------------

    def test_the_back_test_shows_both_side_by_side(self):
        self.forecast_with_model()
        row = self.rows(self.tulips)[0]
        self.assertTrue(row.is_compared)
        self.assertGreaterEqual(row.error_statistics, 0)
        self.assertGreater(row.error_assisted, 0)
        # A tenth more than the past was: that far off.
        self.assertNotEqual(row.error_statistics, row.error_assisted)
        self.assertEqual(self.asked(), 2)

    def test_a_model_that_did_worse_on_the_past_has_no_say(self):
        self.sell_lately({self.products[2]: STEADY})
        self.say(lambda name, quantities: ([2 * one for one in quantities], "Double"))
        run = self.forecast_with_model()
        self.assertEqual(run.state, "done")
        rows = self.rows(self.roses)
        self.assertEqual(set(rows.mapped("assistance")), {"rejected"})
        self.assertGreater(rows[0].error_assisted, rows[0].error_statistics)
        self.assertRegex(
            rows[0].reason, r"missed the total of the latest periods by \d+ % and"
        )
        for row in rows:
            self.assertEqual(row.quantity, row.quantity_statistics)
        self.assertIn("3 of 3: The AI model missed past demand", run.remark_summary)

    def test_the_error_is_that_of_the_line_that_is_shown(self):
        self.say(lambda name, quantities: ([one + 0.05 for one in quantities], "More"))
        self.forecast_with_model(self.tulips)
        row = self.rows(self.tulips)[0]
        self.assertEqual(row.assistance, "assisted")
        self.assertEqual((row.is_tested, row.error), (True, row.error_assisted))
        self.assertAlmostEqual(abs(row.bias), row.error)
        self.assertEqual(
            self.tulips.with_user(self.user).get_ai_forecast_data()["error"], row.error
        )
        # Changed by the model, and never tried: nothing is known of it.
        self.company.ai_queue_forecast_compare = False
        self.forecast_with_model(self.tulips)
        self.assertFalse(self.rows(self.tulips)[0].is_tested)
        # Left as it is: the trial of the statistics holds.
        self.say(lambda name, quantities: (quantities, "Fine"))
        self.env["ai.queue.call"].search([]).is_current = False
        self.forecast_with_model(self.tulips)
        self.assertTrue(self.rows(self.tulips)[0].is_tested)

    def test_a_failed_comparison_costs_no_forecast(self):
        self.provider.max_in_flight = 1
        self.fake.configure(
            faults=[
                {"kind": "slow", "seconds": 0, "next": 1},
                {"kind": "nonsense", "next": 9},
            ]
        )
        run = self.forecast_with_model(self.tulips)
        self.assertEqual(run.state, "done")
        row = self.rows(self.tulips)[0]
        self.assertEqual((row.assistance, row.is_compared), ("assisted", False))

    # ------------------------------------------------------------
    # FAILURES
    # ------------------------------------------------------------

    def assert_calculated(self, product, cause):
        """The product has what was calculated, and says why no model had a say."""
        rows = self.rows(product)
        self.assertEqual(len(rows), HORIZON)
        self.assertEqual(set(rows.mapped("assistance")), {"rejected"})
        self.assertGreater(sum(rows.mapped("quantity")), 0)
        for row in rows:
            self.assertEqual(row.quantity, row.quantity_statistics)
        self.assertIn(
            f"The AI model gave no answer that can be used ({cause})", rows[0].reason
        )

    def test_whatever_a_model_does_no_forecast_fails(self):
        """How the server fails -> (cause for the product, the run says, questions)"""
        cases = [
            ({"status": 401}, "Key not accepted", "does not accept the key (401)", 1),
            ({"status": 403}, "Not allowed with this key", "may not do this", 1),
            ({"status": 404}, "No model at this address", "No model answers", 1),
            ({"kind": "html"}, "Web page instead of a model", "is a web page", 1),
            ({"status": 400}, "Request not accepted", "does not take the request", 4),
            ({"status": 413}, "Request too long", "too long for the model", 4),
            ({"kind": "refusal"}, "Declined by the model", "declined to answer", 4),
            (
                {"kind": "content_filter"},
                "Withheld by a content filter",
                "The content filter",
                4,
            ),
            (
                {"kind": "nonsense"},
                "Answer not in the form asked for",
                "did not answer in the form",
                8,
            ),
            ({"kind": "cut"}, "Answer cut off", "reached its limit of length", 4),
        ]
        parameters = self.env["ir.config_parameter"]
        parameters.set_param("ai_queue.products_per_request", "1")
        # Two questions each, of today and of the past, in parts of one product.
        self.provider.max_in_flight = 1
        for fault, cause, sentence, asked in cases:
            with self.subTest(fault=fault):
                self.rows(self.products).unlink()
                self.fake.configure(faults=[{**fault, "next": 99}])
                before = self.calls()
                run = self.forecast_with_model()
                self.assertEqual(run.state, "done", run.failure_summary)
                for product in self.tulips | self.roses:
                    self.assert_calculated(product, cause)
                self.assertEqual(len(self.rows(self.unsold)), HORIZON)
                self.assertIn("2 of 3: ", run.remark_summary)
                self.assertIn(sentence, run.remark_summary)
                calls = self.calls() - before
                self.assertEqual(sum(calls.mapped("requests")), asked)

    def test_a_refused_key_is_told_until_it_is_mended(self):
        self.company.ai_queue_forecast_compare = False
        self.provider.max_in_flight = 1
        self.fake.configure(key="another")
        self.forecast_with_model()
        self.assertEqual(self.calls().mapped("requests"), [1])
        self.assertIn("does not accept the key", self.provider.refusal_message)
        rules = self.env["queue.job.alert.rule"]
        [finding] = rules._evaluate_refusal(None)
        self.assertEqual(finding.details["provider"], "Fake")
        alert = self.env["queue.job.alert"].new({"details": finding.details})
        title, advice = alert._describe_refusal()
        self.assertEqual(title, "The provider Fake refuses the work")
        self.assertIn("Enter a valid key", advice)
        self.fake.configure(key=None)
        self.forecast_with_model()
        self.assertFalse(self.provider.refusal_message)
        self.assertFalse(rules._evaluate_refusal(None))
        self.assertEqual(set(self.rows(self.tulips).mapped("assistance")), {"assisted"})

    def test_a_key_that_is_entered_anew_ends_what_was_refused(self):
        self.state._note_refused(MODEL, "No.")
        self.provider.api_key = "sk-other"
        self.assertFalse(self.provider.refusal_message)

    def test_without_credit_the_statistics_stand_until_the_model_answers(self):
        self.company.ai_queue_forecast_compare = False
        self.fake.configure(faults=[{"status": 402, "next": 9}])
        run = self.press(self.products)
        job = self.queue_jobs(run)
        self.perform(job)
        self.assertEqual((run.state, job.retry), ("pending", 0))
        self.assertIn("has no credit left", run.waiting_summary)
        rows = self.rows(self.products)
        self.assertEqual(len(rows), 3 * HORIZON)
        self.assertEqual(set(self.rows(self.tulips).mapped("assistance")), {"waiting"})
        self.assertIn("has not answered yet", self.rows(self.tulips)[0].reason)
        self.assertEqual(rows.run_id, run)
        self.fake.configure(faults=[])
        self.run_jobs(run)
        self.assertEqual(run.state, "done")
        self.assertEqual(set(self.rows(self.tulips).mapped("assistance")), {"assisted"})

    def test_who_waits_too_long_does_without_the_model(self):
        """Busy, out of credit, and paused: none of them counts as a try."""
        cases = [
            ({"status": 402}, "No credit left", "Last failure: No credit left."),
            ({"status": 429}, "Too many requests", "Last failure: Too many requests."),
            ({"status": 529}, "Model overloaded", "Last failure: Model overloaded."),
            ("breaker", "Provider paused", "Last failure: It said nothing."),
        ]
        for fault, cause, sentence in cases:
            with self.subTest(fault=fault):
                self.rows(self.products).unlink()
                self.state._reset()
                if fault == "breaker":
                    self.state._open("It said nothing.")
                else:
                    self.fake.configure(faults=[{**fault, "next": 99}])
                run = self.press(self.products)
                job = self.queue_jobs(run)
                self.perform(job)
                self.assertEqual((run.state, job.retry), ("pending", 0))
                seconds = (job.eta - fields.Datetime.now()).total_seconds()
                self.assertLessEqual(seconds, asking.PATIENCE + asking.MAX_JITTER)
                self.wait_longer(run)
                self.perform(job)
                self.assertEqual(run.state, "done", run.failure_summary)
                self.assert_calculated(self.tulips, cause)
                self.assertIn("gave no answer for too long", run.remark_summary)
                self.assertIn(sentence, run.remark_summary)

    def wait_longer(self, run):
        """As if the job had waited for longer than it has patience."""
        self.env.flush_all()
        self.env.cr.execute(
            """
            UPDATE ai_queue_run_attempt
               SET date_started = date_started - interval '1000 seconds'
             WHERE run_id = %s
            """,
            [run.id],
        )
        self.env.invalidate_all()

    def test_who_waits_while_others_are_answered_goes_on_waiting(self):
        self.fake.configure(faults=[{"status": 429, "next": 9}])
        run = self.press(self.tulips)
        self.perform(self.queue_jobs(run))
        self.wait_longer(run)
        self.fake.configure(faults=[])
        self.ask("How many eggs?")
        self.fake.configure(faults=[{"status": 429, "next": 9}])
        self.perform(self.queue_jobs(run))
        self.assertEqual(run.state, "pending")

    def test_a_wait_for_the_budget_is_no_end_of_patience(self):
        self.company.ai_queue_budget_tokens = 1
        run = self.press(self.tulips)
        job = self.queue_jobs(run)
        self.perform(job)
        self.assertIn("budget", run.waiting_summary)
        self.wait_longer(run)
        self.perform(job)
        self.assertEqual((run.state, job.retry), ("pending", 0))
        self.assertEqual(set(self.rows(self.tulips).mapped("assistance")), {"waiting"})

    def test_the_last_try_does_without_a_model_that_is_not_reached(self):
        self.have_no_patience()
        cases = [
            ({"kind": "hang"}, "Timed out"),
            ({"kind": "drop"}, "Connection lost"),
            ({"status": 500}, "Error at the provider"),
            ({"status": 504}, "Timed out at a gateway"),
            ({"kind": "broken_json"}, "Broken answer"),
        ]
        for fault, cause in cases:
            with self.subTest(fault=fault):
                self.rows(self.products).unlink()
                self.state._reset()
                self.fake.configure(faults=[{**fault, "next": 99}])
                run = self.press(self.tulips)
                job = self.queue_jobs(run)
                job.max_retries = 2
                self.perform(job)
                self.assertEqual((job.state, job.retry), ("pending", 1))
                self.perform(job)
                self.assertEqual(run.state, "done", run.failure_summary)
                self.assert_calculated(self.tulips, cause)
                self.assertIn("gave no answer for too long", run.remark_summary)

    def test_an_address_where_nobody_is_keeps_the_statistics(self):
        self.provider.base_url = "http://127.0.0.1:9/v1"
        self.have_no_patience()
        run = self.forecast_with_model(self.tulips)
        self.assertEqual(run.state, "done")
        self.assert_calculated(self.tulips, "No connection")
        self.assertIn("There is no connection to 127.0.0.1:9", run.remark_summary)

    def have_no_patience(self):
        """No short retries, and two seconds for an answer."""
        get_endpoint = type(self.provider)._get_endpoint
        self.patch(
            type(self.provider),
            "_get_endpoint",
            lambda provider: replace(
                get_endpoint(provider), patience=0.0, read_timeout=2.0
            ),
        )

    def test_a_provider_without_a_model_fails_the_run_with_a_sentence(self):
        self.provider.model_ids.unlink()
        run = self.press(self.products)
        self.perform_failing(self.queue_jobs(run))
        self.assertIn("has no model for: Demand forecast", run.failure_summary)

    def test_a_busy_provider_puts_the_run_off(self):
        self.fake.configure(faults=[{"status": 429, "retry_after": "120", "next": 9}])
        run = self.press(self.products)
        job = self.queue_jobs(run)
        self.perform(job)
        self.assertEqual((run.state, job.state, job.retry), ("pending", "pending", 0))
        self.assertIn("takes no more requests", run.waiting_summary)
        self.assertEqual(run.attempt_ids.outcome, "waited")
        self.fake.configure(faults=[])
        self.run_jobs(run)
        self.assertEqual(run.state, "done")
        self.assertFalse(run.waiting_summary)
        self.assertEqual(
            run.attempt_ids.sorted("id").mapped("outcome"), ["waited", "done"]
        )

    def test_a_failing_provider_costs_a_try(self):
        self.fake.configure(faults=[{"kind": "drop_body", "next": 99}])
        self.have_no_patience()
        run = self.press(self.products)
        job = self.queue_jobs(run)
        self.perform(job)
        self.assertEqual((job.state, job.retry), ("pending", 1))
        self.assertEqual(run.attempt_ids.outcome, "retried")
        self.assertEqual(set(self.rows(self.tulips).mapped("assistance")), {"waiting"})

    # ------------------------------------------------------------
    # PAID ONCE
    # ------------------------------------------------------------

    def test_a_second_press_uses_the_ledger(self):
        self.company.ai_queue_forecast_compare = False
        self.forecast_with_model()
        asked = self.asked()
        run = self.forecast_with_model()
        self.assertEqual(self.asked(), asked)
        self.assertEqual(set(self.calls().mapped("reused")), {1})
        self.assertEqual(run.cost, 0)
        self.assertEqual(set(self.rows(self.tulips).mapped("run_id")), set(run))
        self.assertEqual(set(self.rows(self.tulips).mapped("assistance")), {"assisted"})

    def test_a_cancelled_run_keeps_what_was_answered(self):
        self.company.ai_queue_forecast_compare = True
        self.provider.max_in_flight = 1
        run = self.press(self.products)
        sensible = self.answer

        def answer(asked):
            cancel.append(True)
            return sensible(asked)

        cancel = []
        self.patch(type(self), "answer", staticmethod(answer))
        rows = type(self.env["ai.queue.run.job"])
        self.patch(rows, "_is_cancel_requested", lambda row: bool(cancel))
        self.patch(asking.stopping, "STOP_TICK", 0.0)
        self.perform(self.queue_jobs(run))
        self.assertEqual(self.asked(), 1)
        self.assertEqual(self.calls().state, "answered")
        # Of products without an answer the statistics are kept.
        self.assertTrue(self.rows(self.products))
        self.assertTrue(run.job_ids.is_stopped)

    def test_a_job_that_is_put_off_after_cancel_does_not_wait(self):
        self.fake.configure(faults=[{"status": 429, "retry_after": "3600", "next": 9}])
        run = self.press(self.products)
        job = self.queue_jobs(run)
        retry = asking.Asking._get_retry

        def retry_late(asker, error):
            with self.registry.cursor() as cr:
                run.with_env(self.env(cr=cr)).action_cancel()
            return retry(asker, error)

        self.patch(asking.Asking, "_get_retry", retry_late)
        self.perform(job)
        self.assertEqual(job.state, "cancelled")
        self.assertEqual(job.result, "Stopped: the run was cancelled.")
        self.assertEqual((run.state, run.job_ids.state), ("cancelled", "cancelled"))
        self.assertNotEqual(self.press(self.products), run)

    def test_a_job_that_was_put_off_half_way_asks_for_the_rest(self):
        self.provider.max_in_flight = 1
        self.fake.configure(
            faults=[
                {"kind": "slow", "seconds": 0, "next": 1},
                {"status": 429, "retry_after": "60", "next": 9},
            ]
        )
        run = self.press(self.products)
        self.perform(self.queue_jobs(run))
        self.assertEqual(len(self.calls(state="answered")), 1)
        self.fake.configure(faults=[])
        self.fake.reset_stats()
        self.run_jobs(run)
        self.assertEqual((run.state, self.asked()), ("done", 1))
        self.assertEqual(self.calls(state="answered").mapped("attempt"), [1, 2])
