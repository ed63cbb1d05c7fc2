# Copyright 2026 The ai_queue contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""What people are told of workers: tiles, alerts, metrics, check-up."""

import os
from dataclasses import replace
from datetime import timedelta
from unittest.mock import patch

from odoo import fields
from odoo.tests import TransactionCase, tagged

from odoo.addons.ai_queue.tests.common import AiQueueMixin
from odoo.addons.queue_job_operations.checkup.facts import DANGER, WARNING
from odoo.addons.queue_job_operations.tests import common_checkup as base

from .. import broker, checkup
from ..checkup import Elsewhere
from ..models.ai_queue_bridge import ON

WORKER = {
    "host": "m1",
    "kind": "models",
    "providers": ["fake"],
    "concurrency": 4,
    "running": 3,
    "done": 7,
    "failed": 1,
    "version": 1,
    "code": "abc",
    "clock": 100.0,
    "seen": 99.0,
    "age": 1.0,
}
GOOD = Elsewhere(
    is_on=True,
    redis={"policy": "noeviction", "is_kept": True},
    codes={"a": ["Odoo", "m1"]},
    skews={"m1": 0.1},
)
WRONG = {
    ("ai_bridge", "missing"): (DANGER, {"has_bridge": False}),
    ("ai_broker", "unknown"): (DANGER, {"problem": "unknown"}),
    ("ai_broker", "unreadable"): (DANGER, {"problem": "unreadable"}),
    ("ai_broker", "down"): (DANGER, {"down": ("broker",)}),
    ("ai_broker", "full"): (DANGER, {"down": ("memory",)}),
    ("ai_broker", "evicts"): (WARNING, {"redis": {"policy": "allkeys-lru"}}),
    ("ai_broker", "forgets"): (WARNING, {"redis": {"is_kept": False}}),
    ("ai_workers", "missing"): (WARNING, {"down": ("OpenAI",)}),
    ("ai_workers", "documents"): (WARNING, {"lacks": ("documents",)}),
    ("ai_workers", "forecasts"): (WARNING, {"lacks": ("forecasts",)}),
    ("ai_workers", "versions"): (WARNING, {"codes": {"a": ["Odoo"], "b": ["m1"]}}),
    ("ai_workers", "clock"): (WARNING, {"skews": {"m1": -70.0}}),
}


@tagged("post_install", "-at_install")
class TestSeen(AiQueueMixin, TransactionCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.bridge = cls.env["ai.queue.bridge"]
        cls.workers = cls.env["ai.queue.worker"]
        cls.env["ir.config_parameter"].set_param(ON, "True")
        address = {broker.VARIABLE: "redis://localhost:1/0"}
        cls.startClassPatcher(patch.dict(os.environ, address))

    def see(self, **values):
        self.workers._note_seen(
            {"m1:1": {**WORKER, **values}, "m2:1": {**WORKER, "host": "m2"}}
        )

    def tile(self, key):
        operations = self.env["queue.job.operations"].with_user(self.manager)
        here = self.workers.with_user(self.manager)._get_here()
        return getattr(operations, f"_get_tile_{key}")(here)

    def test_tile_of_the_workers(self):
        self.see()
        self.bridge._elect("a:1")
        tile = self.tile("workers")
        self.assertEqual((tile["value"], tile["state"]), (2, "ok"))
        self.assertEqual(tile["text"], "2")
        self.assertEqual(tile["detail"], "6 of 8 places taken, 2 machines")
        listed = self.workers.search(tile["action"]["domain"])
        self.assertEqual(len(listed), tile["value"])

    def test_tile_without_a_bridge_and_without_redis(self):
        self.see()
        self.assertEqual(self.tile("workers")["state"], "danger")
        self.assertIn("ai_queue_bridge", self.tile("workers")["sentence"])
        self.bridge._elect("a:1")
        self.bridge._note_down("provider:1", "")
        self.assertEqual(self.tile("workers")["state"], "warning")
        self.bridge._note_down("broker", "ConnectionError")
        self.assertEqual(self.tile("workers")["state"], "danger")

    def test_tile_where_redis_is_not_set_up(self):
        """The same as the check-up and its alert say, and not to start a bridge."""
        self.see()
        with patch.dict(os.environ, {broker.VARIABLE: ""}):
            tile = self.tile("workers")
        self.assertEqual(tile["state"], "danger")
        self.assertIn("Redis is not set up", tile["sentence"])

    def test_tile_of_the_questions_lists_what_it_counts(self):
        self.see()
        tile = self.tile("handed")
        self.assertEqual(tile["value"], 0)
        self.assertEqual(tile["detail"], "2 failed")
        self.assertEqual(tile["action"]["res_model"], "ai.queue.call")

    def test_a_worker_that_is_gone_is_shown_and_then_forgotten(self):
        self.see()
        gone = self.workers.search([("host", "=", "m2")])
        gone.date_seen = fields.Datetime.now() - timedelta(minutes=5)
        self.assertEqual(gone.state, "gone")
        self.assertEqual(self.workers.search([("state", "=", "gone")]), gone)
        gone.date_seen = fields.Datetime.now() - timedelta(days=2)
        self.workers._note_seen({"m1:1": WORKER})
        self.assertFalse(gone.exists())
        self.assertEqual(self.workers.search([]).skew, 1.0)

    def test_alert(self):
        rule = self.env.ref("ai_queue_celery.queue_job_alert_rule_ai_workers")
        self.bridge._note_down("broker", "ConnectionError")
        now = fields.Datetime.now()
        self.assertFalse(rule._evaluate_ai_workers(now))
        [finding] = rule._evaluate_ai_workers(now + timedelta(minutes=6))
        alert = self.env["queue.job.alert"].new({"details": finding.details})
        name, what = alert._describe_ai_workers()
        self.assertIn("Redis", name)
        self.assertIn("ConnectionError", what)
        alert = alert.new({"details": {**finding.details, "what": "memory"}})
        self.assertEqual(alert._describe_ai_workers()[0], "Redis is full")
        self.assertEqual(alert._get_action_ai_workers()["res_model"], "ai.queue.worker")
        later = now + timedelta(minutes=6)
        vals = {"name": "Model server", "base_url": "http://localhost:1/v1"}
        provider = self.env["ai.queue.provider"].create(vals)
        self.bridge._note_up("broker")
        # What goes to no worker any more is missed by nobody.
        self.bridge._note_down("documents", "")
        self.bridge._note_down(f"provider:{provider.id}", "")
        [finding] = rule._evaluate_ai_workers(later)
        self.assertEqual(finding.details["provider"], provider.name)
        provider.active = False
        self.assertFalse(rule._evaluate_ai_workers(later))
        provider.active = True
        self.env["ir.config_parameter"].set_param(ON, False)
        self.assertFalse(rule._evaluate_ai_workers(later))

    def test_metrics(self):
        self.see()
        self.bridge._elect("a:1")
        found = {
            sample.name: sample.value
            for family in self.env["queue.job.metrics"].collect()
            for sample in family.samples
            if "worker" in sample.name or "bridge" in sample.name
        }
        self.assertEqual(found["ai_queue_workers"], 1)
        self.assertEqual(found["ai_queue_worker_questions_running"], 3)
        self.assertEqual(found["ai_queue_bridge_up"], 1)

    def test_check_up(self):
        words = self.env["queue.job.checkup"]
        for (key, case), (severity, change) in WRONG.items():
            facts = replace(base.GOOD, extra={"elsewhere": replace(GOOD, **change)})
            found = [
                verdict for rule in checkup.RULES for verdict in _list(rule(facts))
            ]
            [verdict] = [one for one in found if one.severity in (DANGER, WARNING)]
            self.assertEqual((verdict.key, verdict.case), (key, case))
            self.assertEqual(verdict.severity, severity)
            what, why, _line = getattr(words, f"_say_{key}")(case, verdict.values)
            self.assertTrue(what and why)
        facts = replace(base.GOOD, extra={"elsewhere": GOOD})
        for rule in checkup.RULES:
            [verdict] = _list(rule(facts))
            self.assertFalse(verdict.case)
            self.assertTrue(getattr(words, f"_say_{verdict.key}")("", {})[0])
        off = replace(base.GOOD, extra={"elsewhere": replace(GOOD, is_on=False)})
        self.assertFalse(any(rule(off) for rule in checkup.RULES))

    def test_check_up_of_this_server(self):
        self.see()
        found = self.env["queue.job.checkup"]._get_extra()["elsewhere"]
        self.assertTrue(found.is_on)
        self.assertEqual(found.skews, {"m1": 1.0, "m2": 1.0})
        self.assertEqual(len(found.codes), 2)
        self.bridge._elect("m3:1")
        self.bridge._note_seen({}, {"skew": -70.0}, [])
        found = self.env["queue.job.checkup"]._get_extra()["elsewhere"]
        self.assertEqual(found.skews["m3"], -70.0)


def _list(found):
    return found if isinstance(found, list) else [found] if found else []
