# Copyright 2026 The ai_queue contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
from datetime import date, timedelta
from unittest.mock import patch

import psycopg2

from odoo import Command, fields
from odoo.exceptions import UserError, ValidationError
from odoo.tests import tagged
from odoo.tools import config, mute_logger

from .common_provider import KEY, MODEL, AiQueueProviderCommon


@tagged("post_install", "-at_install")
class TestProvider(AiQueueProviderCommon):
    """What can be entered in the form of a provider, and what becomes of it."""

    def refuses(self, message, **vals):
        with self.assertRaisesRegex(ValidationError, message):
            self.provider.write(vals)
        self.provider.invalidate_recordset(flush=False)

    # ------------------------------------------------------------
    # CONSTRAINTS
    # ------------------------------------------------------------

    def test_the_base_url_is_one(self):
        for url in (
            False,
            "api.openai.com/v1",
            "ftp://api.openai.com",
            "https://user:word@api.openai.com/v1",
            "https://api.openai.com/v1?key=1",
            "https://api.openai.com/v1#here",
            "https://api openai.com",
        ):
            with self.subTest(url):
                self.refuses("Enter the base URL", base_url=url)

    def test_the_built_in_provider_needs_no_url(self):
        local = self.create_provider(name="Mine", type="local", base_url=False)
        self.assertTrue(local._is_local())
        self.assertEqual(local.key_source, "none")

    def test_time_outs_are_in_order(self):
        self.refuses("Timeouts", connect_timeout=0)
        self.refuses("Timeouts", read_timeout=-1)
        self.refuses("Timeouts", request_timeout=3601)
        self.refuses("Timeouts", connect_timeout=20, request_timeout=10)

    def test_limits_are_in_order(self):
        self.refuses("at least one", max_in_flight=0)
        self.refuses("at least one", breaker_failures=0)
        self.refuses("cannot be negative", requests_per_minute=-1)
        self.refuses("cannot be negative", tokens_per_minute=-1)
        self.refuses("A pause", breaker_pause=0)
        self.refuses("A pause", breaker_rate=101)

    def test_a_line_that_is_none_is_named_by_its_number(self):
        # Not by what it says: there may be a key in it, and errors are logged.
        with self.assertRaises(ValidationError) as caught:
            self.provider.headers = f"X-Team: buyers\n{KEY}"
        self.assertIn("Line 2", str(caught.exception))
        self.assertIn("Extra Headers", str(caught.exception))
        self.assertNotIn(KEY, str(caught.exception))
        self.refuses("Line 1 of “Extra Query”", query="just words")

    @mute_logger("odoo.sql_db")
    def test_names_and_kinds_are_there_once(self):
        with self.assertRaises(psycopg2.errors.UniqueViolation):
            self.create_provider()
        line = {"kind": "forecast", "model": "another"}
        with self.assertRaises(psycopg2.errors.UniqueViolation):
            self.provider.write({"model_ids": [Command.create(line)]})

    def test_prices_make_sense(self):
        for vals, words in (
            ({"price_in": -1}, "tokens cost between"),
            ({"price_out": 2_000_000}, "tokens cost between"),
            ({"answer_tokens": 0}, "An answer has between"),
        ):
            with (
                self.assertRaisesRegex(ValidationError, words),
                self.cr.savepoint(),
            ):
                self.provider.model_ids.write(vals)

    def test_a_budget_is_not_below_zero(self):
        for name in ("ai_queue_budget_cost", "ai_queue_budget_tokens"):
            with self.assertRaisesRegex(ValidationError, "budget"):
                self.company.write({name: -1})

    # ------------------------------------------------------------
    # WHAT THE ENGINE GETS
    # ------------------------------------------------------------

    def test_the_endpoint_is_what_the_form_says(self):
        self.provider.write(
            {
                "organization": "org-1",
                "headers": "api-key: {api_key}\n\nX-Team = buyers",
                "query": "api-version=2024-10-21",
                "connect_timeout": 2,
                "read_timeout": 500,
                "request_timeout": 40,
                "supports": "json_object",
                "api_key": KEY,
            }
        )
        endpoint = self.provider.with_user(self.user)._get_endpoint()
        self.assertEqual(endpoint.base_url, self.fake.url)
        self.assertEqual(endpoint.api_key, KEY)
        self.assertEqual(endpoint.organization, "org-1")
        self.assertEqual(endpoint.headers, {"api-key": "{api_key}", "X-Team": "buyers"})
        self.assertEqual(endpoint.query, {"api-version": "2024-10-21"})
        self.assertEqual(endpoint.connect_timeout, 2)
        # Silence cannot last longer than the whole.
        self.assertEqual((endpoint.read_timeout, endpoint.request_timeout), (40, 40))
        self.assertEqual(endpoint.supports, "json_object")
        self.assertNotIn(KEY, repr(endpoint))

    def test_a_request_is_over_before_the_worker_is_killed(self):
        self.provider.request_timeout = 3000
        for limit, longest in ((600, 285), (40, 10)):
            with patch.dict(config.options, limit_time_real=limit):
                self.assertEqual(self.provider._get_endpoint().request_timeout, longest)

    def test_prices_are_in_the_currency_of_the_company(self):
        euro = self.env["res.currency"].create({"name": "XQE", "symbol": "€"})
        self.env["res.currency.rate"].create(
            {
                "name": date.today() - timedelta(days=1),
                "currency_id": euro.id,
                "company_id": self.company.id,
                "rate": 0.5,
            }
        )
        self.provider.currency_id = euro
        # A million tokens for 1000 of those, of which the company counts two.
        rate_in, rate_out, reserved = self.provider._get_rates(MODEL, self.company)
        self.assertAlmostEqual(rate_in, 0.002)
        self.assertAlmostEqual(rate_out, 0.004)
        self.assertEqual(reserved, 100)
        self.ask("How many eggs?")
        [call] = self.calls()
        self.assertAlmostEqual(
            call.cost, call.tokens_in * 0.002 + call.tokens_out * 0.004
        )
        self.assertEqual(call.company_currency_id, self.company.currency_id)

    def test_a_model_without_a_price_costs_nothing(self):
        rates = self.provider._get_rates("another", self.company)
        self.assertEqual(rates, (0.0, 0.0, 4000))

    def test_a_kind_without_a_model_is_said(self):
        self.provider.model_ids.unlink()
        with self.assertRaisesRegex(UserError, "Fake has no model for: Demand"):
            self.provider._get_model("forecast")

    def test_a_company_without_a_model_is_said_and_not_the_built_in_provider(self):
        self.company.ai_queue_forecast_provider_id = False
        provider = self.company._get_ai_queue_provider("forecast")
        with self.assertRaises(UserError) as raised:
            provider._get_model("forecast")
        said = str(raised.exception)
        self.assertIn("This company has no model for: Demand forecast", said)
        self.assertNotIn(provider.name, said)

    def test_the_company_chooses_the_provider(self):
        self.assertEqual(self.company._get_ai_queue_provider("forecast"), self.provider)
        self.company.ai_queue_forecast_provider_id = False
        self.assertTrue(self.company._get_ai_queue_provider("forecast")._is_local())

    # ------------------------------------------------------------
    # DELETE
    # ------------------------------------------------------------

    def test_what_was_used_cannot_be_deleted(self):
        self.company.ai_queue_forecast_provider_id = False
        self.create_provider(name="Unused").unlink()
        self.ask("How many eggs?")
        with self.assertRaisesRegex(UserError, "Archive it instead"):
            self.provider.unlink()
        with self.assertRaisesRegex(UserError, "built-in"):
            self.env.ref("ai_queue.ai_queue_provider_local").unlink()


@tagged("post_install", "-at_install")
class TestConnectionCheck(AiQueueProviderCommon):
    """*Test Connection*: a job, whose verdict appears on the form."""

    def test_a_good_provider(self):
        self.fake.configure(key=KEY)
        self.provider.api_key = KEY
        verdict = self.check()
        self.assertEqual(self.provider.check_state, "ok")
        self.assertIn(MODEL, verdict)
        self.assertEqual(verdict.count("✓"), 5)
        self.assertIn("The key is accepted", verdict)
        self.assertIn("JSON schema", verdict)
        self.assertEqual(self.asked(), 1)

    def test_a_key_that_is_refused(self):
        self.fake.configure(key="another")
        self.provider.api_key = KEY
        verdict = self.check()
        self.assertEqual(self.provider.check_state, "failed")
        self.assertIn("✗ The provider does not accept the key", verdict)
        # The server quotes the key that it was given.
        self.assertNotIn(KEY, verdict)

    def test_a_model_that_is_not_known(self):
        self.fake.configure(models=("fake-small",))
        verdict = self.check()
        self.assertEqual(self.provider.check_state, "failed")
        self.assertIn("does not know the model fake-large", verdict)
        self.assertIn("It has: fake-small", verdict)

    def test_a_server_that_is_not_there(self):
        self.provider.base_url = "http://127.0.0.1:9/v1"
        self.assertIn("no connection to 127.0.0.1:9", self.check())
        self.assertEqual(self.provider.check_state, "failed")

    def test_a_server_without_structured_output(self):
        self.fake.configure(structure="text")
        verdict = self.check()
        self.assertEqual(self.provider.check_state, "ok")
        self.assertIn("asked for in words", verdict)

    def test_a_test_that_goes_well_ends_what_was_refused(self):
        self.state._note_refused(MODEL, "No.")
        self.fake.configure(key="another")
        self.check()
        self.assertEqual(self.provider.refusal_message, "No.")
        self.fake.configure(key=None)
        self.check()
        self.assertFalse(self.provider.refusal_message)

    def test_the_verdict_of_the_last_test_counts(self):
        self.fake.configure(key="another")
        self.check()
        self.fake.configure(key=None)
        self.check()
        self.assertEqual(self.provider.check_state, "ok")

    def test_it_stands_in_the_ledger_with_what_it_cost(self):
        self.check()
        [call] = self.calls()
        self.assertEqual((call.kind, call.state), ("check", "answered"))
        self.assertEqual((call.model, call.requests), (MODEL, 1))
        self.assertEqual(call.company_id, self.company)
        self.assertIn("ripe strawberries", call.question)
        self.assertEqual(call.tokens, call.tokens_in + call.tokens_out)
        self.assertGreater(call.cost, 0)
        self.assertFalse(call.run_id)
        self.assertIn(("check", "Connection test"), call._get_kinds())
        # It is there to find out how things are now: no answer is used again.
        self.check()
        self.assertEqual(len(self.calls(state="answered")), 2)
        self.assertEqual(self.asked(), 2)

    def test_so_does_one_that_fails(self):
        self.fake.configure(key="another")
        self.check()
        [call] = self.calls()
        self.assertEqual((call.kind, call.state), ("check", "failed"))
        self.assertEqual((call.outcome, call.cost), ("key", 0))
        self.assertIn("does not accept the key", call.message)

    def test_nothing_holds_it_up_and_the_breaker_is_left_alone(self):
        self.company.ai_queue_budget_tokens = 1
        self.ask("How many eggs?")
        self.state._open("It said nothing.")
        self.check()
        self.assertEqual(self.provider.check_state, "ok")
        self.assertEqual(self.provider.breaker_state, "open")
        self.assertEqual(len(self.calls(kind="check", state="answered")), 1)
        budget = self.env["ai.queue.budget"].search(
            [("company_id", "=", self.company.id)]
        )
        self.assertEqual(budget.tokens, sum(self.calls().mapped("tokens")))

    def test_it_needs_a_model(self):
        self.provider.model_ids.unlink()
        with self.assertRaisesRegex(UserError, "Add a model first"):
            self.provider.action_check()


@tagged("post_install", "-at_install")
class TestWaking(AiQueueProviderCommon):
    """Jobs that wait for something go on when it is there."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.products = cls.create_products(2)
        cls.sell_lately(
            {cls.products[0]: [10] * 20, cls.products[1]: [4, 6] * 10},
        )
        cls.company.ai_queue_forecast_compare = False

    def put_off_run(self, waits_for):
        """A run whose job waits for an hour; returns its queue job."""
        run = self.press(self.products)
        job = self.queue_jobs(run)
        self.perform(job)
        self.assertEqual(job.state, "pending")
        self.assertEqual(job.retry, 0)
        self.assertEqual(run.job_ids.sudo().waits_for, waits_for)
        self.assertTrue(run.waiting_summary)
        job.eta = fields.Datetime.now() + timedelta(hours=1)
        self.commit()
        return run, job

    def assert_goes_on(self, run, job):
        self.commit()
        self.assertFalse(job.eta)
        self.run_jobs(run)
        self.assertEqual(run.state, "done")
        self.assertFalse(run.waiting_summary)

    def test_a_budget_that_is_raised(self):
        self.company.ai_queue_budget_tokens = 1
        self.ask("What was spent today")
        run, job = self.put_off_run(f"budget:{self.company.id}")
        self.assertIn("is used up", run.waiting_summary)
        self.company.ai_queue_forecast_horizon = 6
        self.assertTrue(job.eta)
        self.company.ai_queue_budget_tokens = 0
        self.assert_goes_on(run, job)

    def test_a_breaker_that_is_reset(self):
        self.state._open("It said nothing.")
        run, job = self.put_off_run(f"breaker:{self.provider.id}")
        self.assertIn("It said nothing.", run.waiting_summary)
        self.provider.action_reset_breaker()
        self.assert_goes_on(run, job)

    def test_a_breaker_that_closes_by_itself(self):
        self.state._open("It said nothing.")
        run, job = self.put_off_run(f"breaker:{self.provider.id}")
        self.state.breaker_until -= timedelta(hours=1)
        self.ask("Are you there?")
        self.assert_goes_on(run, job)

    def test_a_provider_that_is_active_again(self):
        self.provider.active = False
        run, job = self.put_off_run(f"provider:{self.provider.id}")
        self.assertIn("is archived", run.waiting_summary)
        self.provider.active = True
        self.assert_goes_on(run, job)

    def test_a_busy_provider_whose_key_is_another(self):
        self.fake.configure(
            key=None, faults=[{"status": 429, "retry_after": "900", "next": 9}]
        )
        run, job = self.put_off_run(f"provider:{self.provider.id}")
        self.fake.configure(faults=[])
        self.provider.api_key = KEY
        self.assert_goes_on(run, job)

    def test_the_run_says_when_it_is_tried_next(self):
        self.state._open("It said nothing.")
        run, job = self.put_off_run(f"breaker:{self.provider.id}")
        self.env.invalidate_all()
        self.assertEqual(run.with_user(self.user).date_next, job.eta)
        self.provider.action_reset_breaker()
        self.assert_goes_on(run, job)
        self.env.invalidate_all()
        self.assertFalse(run.date_next)

    def test_what_waits_for_another_provider_keeps_waiting(self):
        self.state._open("It said nothing.")
        _run, job = self.put_off_run(f"breaker:{self.provider.id}")
        other = self.create_provider(name="Other")
        other.action_reset_breaker()
        other.max_in_flight = 2
        self.create_company("Other").ai_queue_budget_tokens = 5
        self.commit()
        self.assertTrue(job.eta)
