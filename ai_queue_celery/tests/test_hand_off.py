# Copyright 2026 The ai_queue contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""A run whose questions go to workers, turn by turn, with a real Redis."""

import base64
import json
from contextlib import suppress
from datetime import timedelta
from unittest.mock import patch

import redis

from odoo import fields
from odoo.tests import tagged
from odoo.tools import mute_logger

from odoo.addons.ai_queue.tests.common_provider import KEY

from .. import asking
from ..bridge import Bridge
from ..broker import name_question
from ..models import ai_queue_call
from ..models.ai_queue_bridge import ON
from ..worker import packing, store
from .common import CeleryCommon

STEADY = [6, 5, 7, 6] * 10


@tagged("post_install", "-at_install")
class TestHandOff(CeleryCommon):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.products = cls.create_products(2)
        cls.company.ai_queue_forecast_compare = False
        cls.env["ir.config_parameter"].set_param("ai_queue.products_per_request", "1")
        cls.sell_lately(dict.fromkeys(cls.products, STEADY))

    def begin(self):
        """Press, and let the job give out its questions."""
        run = self.press(self.products)
        self.say_hello_again()
        run = self.run_jobs(run)
        self.env.invalidate_all()
        return run

    def go_on(self, run):
        """The next turn of the jobs of a run."""
        self.say_hello_again()
        self.queue_jobs(run).write({"eta": False})
        self.run_jobs(run)
        self.env.invalidate_all()

    def say_hello_again(self):
        """A worker that is there does so every few seconds, however slow we are."""
        if self.broker.client.exists(store.WORKERS):
            with suppress(redis.exceptions.OutOfMemoryError):
                self.say_hello()

    def row(self, run):
        return self.env["ai.queue.run.job"].search([("run_id", "=", run.id)])

    def test_from_the_press_to_the_forecast(self):
        run = self.begin()
        [job] = self.queue_jobs(run)
        self.assertEqual((job.state, job.retry), ("pending", 0))
        self.assertGreater(job.eta, fields.Datetime.now() + timedelta(seconds=5))
        row = self.row(run)
        self.assertEqual(row.waits_for, f"elsewhere:{row.id}")
        self.assertIn("2", row.message)
        self.assertEqual(self.asked(), 0)
        out = self.calls(handed="out")
        self.assertEqual(set(out.mapped("state")), {"asking"})
        self.assertTrue(all(call.cost > 0 for call in out))
        self.assertEqual(set(self.questions_out()), set(out.ids))
        self.assertEqual(self.messages(), 2)

        self.assertEqual(self.work(), 2)
        self.assertEqual(self.bring(), out)
        self.assertFalse(job.eta)
        self.assertFalse(self.calls(handed="out"))
        self.assertEqual(set(out.mapped("state")), {"answered"})
        self.assertFalse(any(out.mapped("is_estimated")))

        self.go_on(run)
        self.assertEqual((run.state, job.state), ("done", "done"))
        self.assertEqual(
            set(self.forecasts(self.products).mapped("assistance")), {"assisted"}
        )
        self.assertEqual(self.asked(), 2)

    def test_statistics_stand_in_once_it_takes_longer(self):
        run = self.begin()
        # As little as while a model is asked from here.
        self.assertFalse(self.forecasts(self.products))
        self.fake.configure(faults=[{"status": 429, "retry_after": 60, "next": 2}])
        self.work()
        self.bring()
        self.go_on(run)
        self.assertEqual(self.row(run).waits_for, f"provider:{self.provider.id}")
        written = self.forecasts(self.products)
        self.assertEqual(set(written.mapped("assistance")), {"waiting"})
        self.go_on(run)
        self.work()
        self.bring()
        self.go_on(run)
        self.assertEqual(
            set(self.forecasts(self.products).mapped("assistance")), {"assisted"}
        )

    def test_a_job_has_as_much_as_is_given_out_at_a_time(self):
        """Another one gives out the other half meanwhile."""
        self.provider.max_in_flight = 3
        kind = self.env["ai.queue.kind.forecast"].with_company(self.company)
        half = 3 * ai_queue_call.OUT_FACTOR // 2
        self.assertEqual(kind._chunk_size(), half)
        self.assertEqual(kind._products_at_a_time(self.provider), half)
        self.env["ir.config_parameter"].set_param(ON, False)
        self.assertGreater(kind._chunk_size(), half)
        self.assertEqual(kind._products_at_a_time(self.provider), 3)

    def test_the_job_finds_by_itself_what_nobody_has_brought(self):
        run = self.begin()
        self.work()
        self.go_on(run)
        self.assertEqual(run.state, "done")
        self.assertEqual(self.asked(), 2)
        # The bridge comes late, and changes nothing.
        self.assertFalse(self.bring())

    def test_what_is_out_is_not_given_out_again(self):
        run = self.begin()
        self.go_on(run)
        self.assertEqual(len(self.calls()), 2)
        self.assertEqual(self.messages(), 2)
        self.assertEqual(run.state, "pending")

    def test_what_redis_has_lost_goes_out_again_as_the_same_call(self):
        run = self.begin()
        calls = self.calls()
        self.broker.client.flushall()
        self.say_hello()
        self.go_on(run)
        self.assertEqual(self.calls(), calls)
        self.assertEqual(set(self.questions_out()), set(calls.ids))
        self.work()
        self.bring()
        self.go_on(run)
        self.assertEqual(run.state, "done")
        self.assertEqual(self.asked(), 2)

    def test_what_is_done_without_an_answer_is_asked_anew(self):
        """Its answer was lost, or taken into a database that was set back since: no
        worker asks what is known as done."""
        run = self.begin()
        before = self.calls()
        self.work()
        client = self.broker.client
        client.delete(*client.keys(self.store.key("answer", "*")))
        self.store.forget([entry for entry, _c, _t in self.store.get_arrived(9)], [])
        self.go_on(run)
        self.assertEqual(set(before.mapped("state")), {"lost"})
        self.assertEqual(len(self.calls(handed="out") - before), 2)
        self.work()
        self.bring()
        self.go_on(run)
        self.assertEqual(run.state, "done")

    def test_a_number_that_is_given_anew_meets_nothing_old(self):
        """The answer to the question that a call of the same number had asked."""
        run = self.begin()
        for call in self.calls():
            # As before the database was set back.
            for name in (call.id, name_question(call.id, "another question")):
                self.store.put_answer(name, json.dumps({"answer": {}}))
        self.assertFalse(self.bring())
        self.go_on(run)
        self.assertEqual(set(self.calls().mapped("state")), {"asking"})
        self.work()
        self.bring()
        self.go_on(run)
        self.assertEqual(run.state, "done")
        self.assertEqual(self.asked(), 2)

    def test_a_job_that_waits_is_not_taken_for_dead(self):
        self.begin()
        calls = self.calls(handed="out")
        self.env["ai.queue.call"]._give_up_dead(self.provider)
        self.env["ai.queue.call"]._give_up_expired()
        self.env.invalidate_all()
        self.assertEqual(set(calls.mapped("state")), {"asking"})
        self.env.cr.execute(
            "UPDATE ai_queue_call SET lease_until = now() AT TIME ZONE 'UTC' "
            "- interval '1 minute' WHERE id = ANY(%s)",
            (calls.ids,),
        )
        self.env["ai.queue.call"]._give_up_expired()
        self.env.invalidate_all()
        self.assertEqual(set(calls.mapped("state")), {"lost"})

    def test_an_answer_is_settled_once(self):
        self.begin()
        self.work()
        answers = {call: text for _entry, call, text in self.store.get_arrived(10)}
        calls = self.env["ai.queue.call"]
        settled = calls._settle_handed(answers)
        self.assertEqual({call._get_name() for call in settled}, set(answers))
        self.env.invalidate_all()
        costs = settled.mapped("cost")
        self.assertFalse(calls._settle_handed(answers))
        self.env.invalidate_all()
        self.assertEqual(settled.mapped("cost"), costs)

    def test_only_so_many_are_out_at_a_time(self):
        self.patch(ai_queue_call, "OUT_FACTOR", 1)
        self.provider.max_in_flight = 1
        run = self.begin()
        self.assertEqual(len(self.calls(handed="out")), 1)
        self.work()
        self.bring()
        self.go_on(run)
        self.assertEqual(len(self.calls()), 2)
        self.work()
        self.bring()
        self.go_on(run)
        self.assertEqual(run.state, "done")

    def test_more_wait_in_redis_than_the_provider_takes_at_a_time(self):
        self.provider.max_in_flight = 1
        self.begin()
        self.assertEqual(len(self.calls(handed="out")), 2)
        # They take no place of what is asked from here.
        calls = self.env["ai.queue.call"]
        self.assertEqual(calls._count_in_flight(self.provider), 0)
        self.assertEqual(calls._for_workers()._count_in_flight(self.provider), 2)
        self.assertEqual(calls._count_free(self.provider), ai_queue_call.OUT_FACTOR - 2)

    def test_another_job_waits_for_a_place_and_is_woken(self):
        self.patch(ai_queue_call, "OUT_FACTOR", 1)
        self.provider.max_in_flight = 1
        self.env["ir.config_parameter"].set_param("ai_queue.chunk_size", "1")
        run = self.begin()
        first, second = self.row(run).sorted("id")
        self.assertEqual(first.waits_for, f"elsewhere:{first.id}")
        self.assertEqual(second.waits_for, f"place:{self.provider.id}")
        jobs = self.queue_jobs(run)
        self.assertTrue(all(jobs.mapped("eta")))
        self.work()
        self.bring()
        self.assertFalse(any(jobs.mapped("eta")))

    def test_without_a_free_place_nobody_is_woken(self):
        self.patch(ai_queue_call, "OUT_FACTOR", 1)
        self.provider.max_in_flight = 1
        self.env["ir.config_parameter"].set_param("ai_queue.chunk_size", "1")
        run = self.begin()
        _first, second = self.row(run).sorted("id")
        self.env["ai.queue.run.job"]._wake_places(self.provider)
        self.env.invalidate_all()
        self.assertEqual(second.waits_for, f"place:{self.provider.id}")

    def test_jobs_are_woken_for_as_many_places_as_they_need(self):
        self.patch(ai_queue_call, "OUT_FACTOR", 10)
        self.provider.max_in_flight = 1
        run = self.begin()
        row = self.row(run)
        sizes = (4, 2, 1, 9)
        jobs = self.env["ai.queue.run.job"].create(
            [
                {
                    "run_id": run.id,
                    "queue_job_uuid": f"u{number}",
                    "res_model": "product.product",
                    "total": size,
                    "waits_for": f"place:{self.provider.id}",
                }
                for number, size in enumerate(sizes)
            ]
        )
        self.assertEqual(row.waits_for, f"elsewhere:{row.id}")
        calls = self.env["ai.queue.call"]
        for out, woken in ((10, 0), (8, 0), (5, 1), (0, 4)):
            self.patch(type(calls), "_count_in_flight", lambda _c, _p, out=out: out)
            self.env["ai.queue.run.job"]._wake_places(self.provider)
            self.env.invalidate_all()
            self.assertEqual(
                [job.waits_for == "woken" for job in jobs],
                [number < woken for number in range(len(sizes))],
                f"{out} are out",
            )

    def test_a_limit_per_minute_is_kept_and_not_tried_at_once(self):
        self.provider.requests_per_minute = 1
        run = self.begin()
        self.assertEqual(len(self.questions_out()), 1)
        self.work()
        self.bring()
        self.go_on(run)
        self.assertFalse(self.questions_out())
        self.assertFalse(self.row(run).waits_for)
        self.assertGreater(
            self.queue_jobs(run).eta, fields.Datetime.now() + timedelta(seconds=20)
        )

    def test_a_budget_is_kept(self):
        self.company.ai_queue_budget_tokens = 1
        run = self.begin()
        # The first of a day always goes, and the other one waits for what it takes.
        self.assertEqual(len(self.questions_out()), 1)
        self.work()
        self.bring()
        self.go_on(run)
        self.assertFalse(self.questions_out())
        self.assertEqual(self.row(run).waits_for, f"budget:{self.company.id}")

    def test_a_busy_provider_puts_off_and_costs_no_try(self):
        self.fake.configure(faults=[{"status": 429, "retry_after": 60, "next": 2}])
        run = self.begin()
        self.work()
        self.bring()
        self.assertEqual(set(self.calls().mapped("handed")), {"back"})
        self.go_on(run)
        [job] = self.queue_jobs(run)
        self.assertEqual((job.state, job.retry), ("pending", 0))
        self.assertEqual(self.row(run).waits_for, f"provider:{self.provider.id}")
        self.go_on(run)
        self.work()
        self.bring()
        self.go_on(run)
        self.assertEqual(run.state, "done")

    def test_a_failing_provider_costs_a_try(self):
        self.fake.configure(faults=[{"status": 500, "next": 20}])
        run = self.begin()
        self.work()
        self.bring()
        self.assertEqual(self.state.failures, 2)
        self.go_on(run)
        [job] = self.queue_jobs(run)
        self.assertEqual((job.state, job.retry), ("pending", 1))

    def test_a_refused_key_is_said_as_if_asked_here(self):
        self.fake.configure(key="another")
        run = self.begin()
        self.work()
        self.bring()
        self.assertEqual(self.state.refused_model, "fake-large")
        # But for whose key it is.
        for said in self.calls().mapped("message"):
            self.assertIn("the worker m1", said)
            self.assertIn("AI_QUEUE_KEY_FAKE", said)
        self.go_on(run)
        # Forecasts can do without a model.
        self.assertEqual(run.state, "done")
        self.assertEqual(
            set(self.forecasts(self.products).mapped("assistance")) & {"assisted"},
            set(),
        )

    def test_without_workers_it_waits_and_then_is_done_here(self):
        self.broker.client.flushall()
        run = self.begin()
        self.assertFalse(self.calls())
        self.assertIn("not reached", self.row(run).message)
        # It is for the time to pass, and not for somebody to wake it.
        self.assertFalse(self.row(run).waits_for)
        self.assertTrue(self.queue_jobs(run).eta)
        what = f"provider:{self.provider.id}"
        self.assertTrue(self.bridge._get_down(what).since)
        self.go_on(run)
        self.assertEqual(run.state, "pending")
        self.pass_minutes(6)
        self.go_on(run)
        self.assertEqual(run.state, "done")
        self.assertEqual(self.asked(), 2)
        self.assertFalse(self.calls(handed="out"))
        self.say_hello()
        # Known to be there by who has missed it, or as nobody misses it any more.
        self.pass_minutes(11)
        Bridge(self.env.cr.dbname)._beat(self.broker, self.store)
        self.env.invalidate_all()
        self.assertFalse(self.bridge._get().down)

    def test_what_the_bridge_reaches_and_no_job_does_is_done_here(self):
        """A job server with an old password, or another address: the beats of the
        bridge do not let it begin to wait anew each time."""
        run = self.begin()
        bridge = Bridge(self.env.cr.dbname)
        refuse = patch.object(
            asking, "get_workers", side_effect=redis.AuthenticationError
        )
        with refuse, patch.object(store.Store, "get_answers", return_value={}):
            for _minute in range(5):
                self.go_on(run)
                bridge._beat(self.broker, self.store)
                self.env.invalidate_all()
                self.assertEqual(run.state, "pending")
                self.pass_minutes(1)
            self.assertIn("broker", self.bridge._get_lacking())
            self.go_on(run)
        self.assertEqual(run.state, "done")
        self.assertEqual(self.asked(), 2)

    def test_redis_that_is_full_is_waited_for_and_then_it_is_done_here(self):
        self.fill(-1_000_000)
        run = self.begin()
        self.assertEqual(run.state, "pending")
        self.assertIn("memory", self.bridge._get_lacking())
        self.pass_minutes(6)
        self.go_on(run)
        self.assertEqual(run.state, "done")
        self.assertEqual(self.asked(), 2)
        self.assertFalse(self.calls(handed="out"))

    def test_what_is_out_is_taken_back_when_the_workers_are_gone(self):
        run = self.begin()
        self.assertEqual(self.messages(), 2)
        calls = self.calls()
        self.broker.client.delete("ai_queue:workers")
        self.go_on(run)
        self.pass_minutes(6)
        self.go_on(run)
        self.assertEqual(run.state, "done")
        self.assertEqual(set(calls.mapped("outcome")), {"stopped"})
        self.assertEqual(sum(calls.mapped("cost")), 0.0)
        self.assertFalse(self.questions_out())
        self.assertEqual(self.asked(), 2)

    def test_switched_off_it_is_done_here(self):
        self.env["ir.config_parameter"].set_param(ON, False)
        run = self.begin()
        self.assertEqual(run.state, "done")
        self.assertFalse(self.questions_out())

    def test_switched_off_meanwhile_it_is_taken_back(self):
        run = self.begin()
        self.env["ir.config_parameter"].set_param(ON, False)
        self.go_on(run)
        self.assertEqual(run.state, "done")
        self.assertFalse(self.questions_out())
        self.assertEqual(self.asked(), 2)

    def test_a_question_that_is_too_large_is_asked_here(self):
        self.patch(packing, "MAX_BYTES", 10)
        run = self.begin()
        self.assertEqual(run.state, "done")
        self.assertFalse(self.questions_out())
        self.assertEqual(self.asked(), 2)

    def test_no_key_is_in_what_is_sent(self):
        self.provider.api_key = KEY
        self.provider.sudo().headers = "x-gateway: gateway-secret"
        self.begin()
        self.assertTrue(self.questions_out())
        everything = self.dump()
        for secret in (KEY, "gateway-secret", self.fake.url):
            self.assertNotIn(secret, everything)

    def test_what_no_worker_has_sent_harms_nobody(self):
        run = self.begin()
        [first, second] = self.calls()
        with mute_logger("odoo.addons.ai_queue_celery"):
            for call, text in ((first, "[1]"), (second, '{"error": {"cause": "x"}}')):
                self.store.put_answer(call._get_name(), text)
            self.bring()
        self.assertEqual(set((first | second).mapped("outcome")), {"server_error"})
        self.go_on(run)
        self.assertEqual(self.queue_jobs(run).state, "pending")

    def test_an_answer_that_cannot_be_noted_is_concluded(self):
        """Else its question would be waited for, and given out, for ever."""
        run = self.begin()
        [first, second] = self.calls()
        for call, part in ((first, {"data": {"a": "\0"}}), (second, {"text": "\0"})):
            answer = {
                **{"data": {}, "text": "", "model": "m", "tokens_in": 1},
                **{"tokens_out": 1, "latency": 1.0, "requests": 1, **part},
            }
            self.store.put_answer(call._get_name(), json.dumps({"answer": answer}))
        with mute_logger("odoo.addons.ai_queue_celery.models.ai_queue_call"):
            self.assertEqual(self.bring(), first | second)
        self.assertEqual(set((first | second).mapped("outcome")), {"server_error"})
        self.assertFalse(self.calls(handed="out"))
        self.go_on(run)
        self.assertEqual(self.queue_jobs(run).state, "pending")

    def test_an_answer_that_cannot_be_noted_keeps_no_other_back(self):
        """Not even for a reason that nobody has thought of."""
        self.begin()
        self.work()
        [first, second] = self.calls().sorted("id")
        settle = type(self.env["ai.queue.call"])._settle

        def refuse(calls, settlement):
            settle(calls, settlement)
            if settlement.call_id == first.id and settlement.outcome == "ok":
                calls.env.cr.execute(
                    "INSERT INTO ai_queue_provider_state (provider_id, breaker_state) "
                    "VALUES (%s, 'closed')",
                    (settlement.provider_id,),
                )

        self.patch(type(self.env["ai.queue.call"]), "_settle", refuse)
        with mute_logger("odoo.addons.ai_queue_celery.models.ai_queue_call"):
            self.assertEqual(self.bring(), first | second)
        self.assertEqual(first.outcome, "server_error")
        self.assertEqual((second.outcome, second.state), ("ok", "answered"))
        self.assertFalse(self.calls(handed="out"))

    def test_nothing_that_was_written_stays_for_ever(self):
        self.begin()
        [first, _second] = self.calls()
        self.store.put_answer(first._get_name(), "{}")
        with self.store.claim(first._get_name()):
            client = self.broker.client
            names = set(client.keys("ai_queue:*"))
            ends = {name.removeprefix(self.store.key("")) for name in names}
            self.assertLessEqual({"arrived", "running"}, ends)
            self.assertIn(f"claim:{first._get_name()}", ends)
            for name in names:
                self.assertTrue(0 < client.ttl(name) <= store.KEEP_SECONDS, name)
        # Celery's own messages name calls, and nothing else.
        for text in client.lrange("ai_queue.models.fake", 0, -1):
            body = base64.b64decode(json.loads(text)["body"])
            [name, call], _kwargs, _embedded = json.loads(body)
            self.assertEqual(name, self.store.database)
            self.assertIn(call, {one._get_name() for one in self.calls()})

    def test_an_answer_to_a_call_of_nobody_is_dropped(self):
        self.begin()
        before = self.env["ai.queue.call"].search_count([])
        self.store.put_answer(f"{2**30}-abc", "{}")
        self.assertFalse(self.bring())
        self.assertEqual(self.env["ai.queue.call"].search_count([]), before)

    def dump(self):
        """All that is in Redis, as text."""
        client, parts = self.broker.client, []
        for name in client.keys("*"):
            kind = client.type(name)
            if kind == "string":
                parts.append(client.get(name))
            elif kind == "list":
                parts += client.lrange(name, 0, -1)
            elif kind == "hash":
                parts.append(str(client.hgetall(name)))
        return "\n".join(map(str, parts))
