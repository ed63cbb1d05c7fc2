# Copyright 2026 The ai_queue contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
import json
from contextlib import contextmanager
from datetime import timedelta
from unittest.mock import patch

import redis

from odoo import fields
from odoo.tests import tagged
from odoo.tools import mute_logger

from .. import hooks
from ..bridge import Bridge
from ..models import ai_queue_bridge as bridge_model
from ..worker import store
from .common import CeleryCommon

ANSWER = json.dumps(
    {
        "answer": {
            **{"data": {}, "text": "", "model": "m", "tokens_in": 1},
            **{"tokens_out": 1, "latency": 1.0, "requests": 1},
        }
    }
)


@tagged("post_install", "-at_install")
class TestBridge(CeleryCommon):
    def test_one_is_elected_until_it_is_gone(self):
        self.assertTrue(self.bridge._elect("a:1"))
        self.assertTrue(self.bridge._elect("a:1"))
        self.assertFalse(self.bridge._elect("b:2"))
        self.assertTrue(self.bridge._is_alive())
        row = self.bridge._get()
        row.date_seen = fields.Datetime.now() - timedelta(seconds=20)
        row.flush_recordset()
        self.assertFalse(self.bridge._is_alive())
        self.assertTrue(self.bridge._elect("b:2"))
        self.assertFalse(self.bridge._elect("a:1"))

    def test_the_clock_of_a_server_is_not_trusted(self):
        """By the clock of PostgreSQL, whichever server looks."""
        self.bridge._elect("a:1")
        self.bridge._note_down("broker", "ConnectionError")
        self.env["ai.queue.worker"]._note_seen(store.get_workers(self.broker.client))
        now = fields.Datetime.now()
        for hours in (-1, 1):
            wrong = now + timedelta(hours=hours)
            with patch.object(
                fields.Datetime, "now", staticmethod(lambda wrong=wrong: wrong)
            ):
                self.env.invalidate_all()
                self.assertTrue(self.bridge._is_alive())
                self.assertTrue(self.bridge._get_down("broker").is_fresh)
                self.assertFalse(self.bridge._get_down("broker").is_over)
                self.assertTrue(self.env["ai.queue.worker"]._get_here())
                self.bridge._note_down("documents", "")
            self.assertTrue(self.bridge._get_down("documents").is_fresh)
            self.assertFalse(self.bridge._get_down("documents").is_over)
            self.bridge._note_up("documents")

    def test_one_that_ends_in_order_makes_room_at_once(self):
        self.bridge._elect("a:1")
        self.bridge._resign("b:2")
        self.assertTrue(self.bridge._is_alive())
        self.bridge._resign("a:1")
        self.assertTrue(self.bridge._elect("b:2"))

    def test_what_is_down_is_noted_from_the_first_time_on(self):
        self.bridge._note_down("broker", "ConnectionError")
        first = self.bridge._get_down("broker")
        self.assertTrue(first.is_fresh)
        self.assertFalse(first.is_over)
        self.bridge._note_down("provider:7", "")
        self.bridge._note_down("broker", "TimeoutError")
        self.assertEqual(self.bridge._get_down("broker").since, first.since)
        self.bridge._note_up("broker")
        self.assertIsNone(self.bridge._get_down("broker").since)
        self.assertTrue(self.bridge._get_down("provider:7").since)

    def test_what_one_machine_misses_is_its_own(self):
        self.bridge._note_down("broker", "AuthenticationError", "other")
        self.bridge._note_down("broker", "ConnectionError", bridge_model.BRIDGE)
        self.assertFalse(self.bridge._get_down("broker").since)
        self.assertIn("broker", self.bridge._get_lacking())
        self.bridge._note_up("broker")
        self.assertEqual(len(self.bridge._get().down), 2)
        # What came with what the bridge missed itself has gone with it.
        self.bridge._note_reached({"broker"})
        self.assertFalse(self.bridge._get().down)
        self.bridge._note_down("broker", "AuthenticationError", "other")
        self.pass_minutes(3)
        self.bridge._note_down("broker", "ConnectionError", bridge_model.BRIDGE)
        self.bridge._note_reached({"broker"})
        self.assertEqual(set(self.bridge._get().down), {"broker@other"})
        # The machine is no more, or has nothing to do.
        self.pass_minutes(8)
        self.bridge._note_reached({"broker"})
        self.assertFalse(self.bridge._get().down)

    def test_a_beat_tells_how_all_is(self):
        bridge = Bridge(self.env.cr.dbname)
        self.say_hello(running=2, done=5)
        bridge._beat(self.broker, self.store)
        self.env.invalidate_all()
        [worker] = self.env["ai.queue.worker"]._get_here()
        self.assertEqual((worker.host, worker.running, worker.done), ("m1", 2, 5))
        self.assertLess(abs(worker.skew), 5)
        row = self.bridge._get()
        self.assertEqual(row.redis["policy"], "noeviction")
        self.assertTrue(row.redis["is_kept"])
        self.assertIn({"name": "fake", "waiting": 0}, row.queues)

    def test_what_a_dead_worker_was_at_is_given_out_again(self):
        self.store.put_questions({4711: "x"})
        with self.store.claim(4711) as is_ours:
            self.assertTrue(is_ours)
            self.assertFalse(self.store.find_abandoned())
            with self.store.claim(4711) as again:
                self.assertFalse(again)
        # He held the claim, and never said that he was done.
        self.assertEqual(self.store.find_abandoned(), ["4711"])
        # Nobody waits for this call: it is taken out.
        bridge = Bridge(self.env.cr.dbname)
        bridge._give_out_again(self.broker, self.store)
        self.assertEqual(self.store.find_abandoned(), ["4711"])
        bridge._give_out_again(self.broker, self.store)
        self.assertFalse(self.store.find_abandoned())
        self.assertFalse(self.messages())

    def test_what_is_claimed_or_done_cannot_be_taken_back(self):
        self.store.put_questions({1: "x", 2: "x", 3: "x"})
        self.assertTrue(self.store.withdraw(1))
        self.assertIsNone(self.store.get_question(1))
        with self.store.claim(2):
            self.assertFalse(self.store.withdraw(2))
        self.store.put_answer(3, "y")
        self.assertFalse(self.store.withdraw(3))

    def test_what_no_worker_has_written_stops_nobody(self):
        client, bridge = self.broker.client, Bridge(self.env.cr.dbname)
        for values in (
            {"call": "x"},
            {"other": "1"},
            {"call": "9" * 30},
            {"call": "-"},
        ):
            client.xadd(self.store.key("arrived"), values)
            client.xadd(self.files.key("arrived"), values)
        client.set(self.store.key("answer", "x"), "x")
        client.set(self.store.key("answer", "9" * 30), "x")
        bridge._bring(self.store, self.store.get_arrived(10))
        bridge._tell_of_files(self.files, self.files.get_arrived(10))
        self.assertFalse(self.store.get_arrived(10) + self.files.get_arrived(10))
        for call in ("x", "9" * 30):
            self.store.put_questions({call: "x"})
            client.hset(self.store.key("running"), call, "nobody")
        bridge._give_out_again(self.broker, self.store)
        bridge._give_out_again(self.broker, self.store)
        self.assertFalse(self.store.find_abandoned())

    def test_many_answers_cost_little_more_than_one(self):
        """By the queries of a batch: they, and not the answers, open cursors."""
        bridge = Bridge(self.env.cr.dbname)
        counts = {}
        for size in (1, 2, 21):
            calls = self.make_calls(size)
            for call in calls:
                self.store.put_answer(call._get_name(), ANSWER)
            before = self.env.cr.sql_log_count
            with self.count_cursors() as opened:
                bridge._bring(self.store, self.store.get_arrived(50))
            counts[size] = self.env.cr.sql_log_count - before
            self.assertEqual(len(opened), 2)
            self.env.invalidate_all()
            self.assertEqual(set(calls.mapped("state")), {"answered"})
        # Once more at first, for what all others then know.
        self.assertLessEqual((counts[21] - counts[2]) / 19, 6)

    def make_calls(self, count):
        """Calls that are out, each with a question of its own."""
        self.env.cr.execute(
            """
            INSERT INTO ai_queue_call (key, kind, state, is_current, provider_id,
                company_id, user_id, model, date, budget_date, handed, tokens, cost)
            SELECT 'k' || %s || '-' || n, 'forecast', 'asking', true, %s, %s, %s, 'm',
                   now(), now(), 'out', 5, 1.0
              FROM generate_series(1, %s) AS n
            RETURNING id
            """,
            (count, self.provider.id, self.company.id, self.env.uid, count),
        )
        return self.env["ai.queue.call"].browse(
            row_id for (row_id,) in self.env.cr.fetchall()
        )

    @contextmanager
    def count_cursors(self):
        """One entry for each cursor that is opened meanwhile."""
        opened, cursor = [], self.env.registry.cursor

        def open_one(*args, **kwargs):
            opened.append(args)
            return cursor(*args, **kwargs)

        with patch.object(self.env.registry, "cursor", open_one):
            yield opened

    def test_a_worker_that_nobody_understands_is_none(self):
        self.say_hello()
        [said] = self.broker.client.hgetall(store.WORKERS).values()
        good = json.loads(said)
        wrong = (
            *({"kind": "x"}, {"seen": float("inf")}, {"seen": good["seen"] + 1e6}),
            *({"seen": float("nan")}, {"providers": 7}, {"running": "x"}),
        )
        for number, values in enumerate(wrong):
            text = json.dumps({**good, **values})
            self.broker.client.hset(store.WORKERS, f"w{number}", text)
        for number, text in enumerate(("", "[]", "{}", "7")):
            self.broker.client.hset(store.WORKERS, f"v{number}", text)
        self.assertEqual(set(store.get_workers(self.broker.client)), {"m1:1"})
        text = json.dumps({**good, "host": "\0" * 200, "done": 10**30})
        self.broker.client.hset(store.WORKERS, "large", text)
        Bridge(self.env.cr.dbname)._beat(self.broker, self.store)
        self.env.invalidate_all()
        self.assertEqual(len(self.env["ai.queue.worker"]._get_here()), 2)

    def test_a_worker_with_a_long_name_is_known_by_its_beginning(self):
        self.broker.client.flushall()
        store.say_hello(self.broker.client, "x" * 300, self.greeting())
        bridge = Bridge(self.env.cr.dbname)
        for _beat in range(2):
            bridge._beat(self.broker, self.store)
            self.env.invalidate_all()
        self.assertEqual(self.env["ai.queue.worker"]._get_here().name, "x" * 100)

    def test_what_came_of_something_takes_its_place_when_there_is_no_other(self):
        large = "x" * 1_000_000
        self.files.put_pieces({"a": large})
        self.store.put_questions({"1": large})
        self.assertTrue(self.files.has_room())
        self.fill(-1000)
        self.assertFalse(self.files.has_room())
        with self.assertRaises(redis.exceptions.OutOfMemoryError):
            self.files.put_pieces({"b": "x"})
        self.files.put_result("a", "result")
        self.assertEqual(self.files.get_result("a"), "result")
        self.assertIsNone(self.files.get_piece("a"))
        self.fill(-1000)
        self.store.put_answer("1", "answer")
        self.assertEqual(self.store.get_answers(["1"]), {"1": "answer"})
        self.assertTrue(self.store.is_done("1"))

    def test_a_claim_lasts_where_there_is_no_room(self):
        with self.store.claim("1"):
            self.fill(-1_000_000)
            name = self.store.key("claim", "1")
            owner = self.broker.client.get(name)
            self.broker.client.pexpire(name, 2000)
            self.assertTrue(self.store._renew(keys=[name], args=[owner, 9000]))
            self.assertGreater(self.broker.client.pttl(name), 5000)

    def test_what_is_no_text_stops_nobody(self):
        client, bridge = self.broker.client, Bridge(self.env.cr.dbname)
        [broken, whole] = self.make_calls(2)
        for call in (broken, whole):
            self.store.put_answer(call._get_name(), ANSWER)
        client.set(self.store.key("answer", broken._get_name()), b"\xff\xfe")
        client.hset(store.WORKERS, "w", b"\xff")
        client.hset(store.WORKERS, b"\xff", json.dumps(self.greeting()))
        bridge._beat(self.broker, self.store)
        bridge._bring(self.store, self.store.get_arrived(50))
        self.env.invalidate_all()
        self.assertEqual((broken.outcome, whole.outcome), ("server_error", "ok"))

    def test_an_answer_that_is_too_large_is_not_read(self):
        calls = self.make_calls(4)
        size = len(ANSWER)
        with (
            patch.object(store, "MAX_BYTES", size),
            patch.object(store, "MAX_READ", 2 * size),
        ):
            for call in calls:
                self.store.put_answer(call._get_name(), ANSWER)
            self.store.put_answer(calls[0]._get_name(), ANSWER + " ")
            names = [call._get_name() for call in calls]
            self.assertEqual(
                self.store.get_answers(names[2:]), dict.fromkeys(names[2:], ANSWER)
            )
            found = self.store.get_answers([names[0]])
            self.assertEqual(found, {names[0]: ""})
            # Not more than that at a time, and the rest the next time.
            texts = [text for _entry, _call, text in self.store.get_arrived(9)]
            self.assertEqual(len(texts), 1)

    def test_an_error_that_lacks_what_its_sentence_names_is_concluded(self):
        bridge, calls = Bridge(self.env.cr.dbname), self.make_calls(3)
        for call, cause in zip(
            calls, ("no_connection", "misfit", "internal"), strict=True
        ):
            error = {
                **{"text": "x", "cause": cause, "retry_after": None, "values": {}},
                **{"everywhere": False, "maybe_paid": False, "tokens_in": None},
                **{"tokens_out": None, "requests": 1},
            }
            self.store.put_answer(call._get_name(), json.dumps({"error": error}))
        with mute_logger("odoo.addons.ai_queue_celery.models.ai_queue_call"):
            bridge._bring(self.store, self.store.get_arrived(50))
        self.env.invalidate_all()
        self.assertFalse(calls.filtered(lambda call: call.state == "asking"))
        self.assertFalse(self.store.get_arrived(9))

    def test_uninstalled_nothing_is_waited_for(self):
        self.env.cr.execute(
            """
            INSERT INTO ai_queue_call (key, kind, state, is_current, provider_id,
                company_id, user_id, model, date, budget_date, handed, tokens, cost)
            VALUES ('k', 'forecast', 'asking', true, %s, %s, %s, 'm', now(), now(),
                    'out', 5, 1.0)
            """,
            (self.provider.id, self.company.id, self.env.uid),
        )
        hooks.uninstall_hook(self.env)
        self.env.invalidate_all()
        [call] = self.calls()
        self.assertEqual((call.state, call.cost), ("lost", 1.0))
