# Copyright 2026 The ai_queue contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
from unittest.mock import patch

from odoo import fields
from odoo.tests import tagged

from odoo.addons.ai_queue.tests.common_operations import AiQueueAlertMixin
from odoo.addons.queue_job_operations.tests.common_metrics import MetricsMixin

from .common import AiQueueAgentCommon

WAITS = ("proposals", "agent_questions")


@tagged("post_install", "-at_install")
class TestAgentOperations(AiQueueAlertMixin, MetricsMixin, AiQueueAgentCommon):
    """What agents add to tiles, alerts and metrics."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.known_vendor()
        cls.draft = cls.bill(("Cleaning", 1, 101))
        cls.operator = cls.create_user(
            "operator",
            "account.group_account_invoice,"
            "ai_queue_agent.ai_queue_agent_group_user,"
            "queue_job.group_queue_job_manager",
        )
        cls.alert_rule = cls.env.ref(
            "ai_queue_agent.queue_job_alert_rule_agent_failures"
        )

    def tiles(self, user=None):
        """The tiles of agents: {key: tile}."""
        figures = self.env["queue.job.operations"].with_user(user or self.operator)
        tiles = figures.get_figures()["tiles"]
        return {tile["key"]: tile for tile in tiles if tile["key"] in WAITS}

    def test_a_tile_counts_what_is_to_be_decided_and_lists_it(self):
        self.assertEqual(self.tiles()["proposals"]["value"], 0)
        proposal = self.check(self.draft)
        tile = self.tiles()["proposals"]
        self.assertEqual(tile["value"], 1)
        self.assertIn("1 to approve", tile["detail"])
        found = self.env[tile["action"]["res_model"]].search(tile["action"]["domain"])
        self.assertEqual(found, proposal)
        proposal.with_user(self.accountant)._reject("No.")
        self.assertEqual(self.tiles()["proposals"]["value"], 0)

    def test_a_tile_waits_for_who_was_asked_and_nobody_else(self):
        self.assertNotIn("agent_questions", self.tiles())
        mine = self.draft.with_user(self.operator)
        case = self.agent.with_user(self.operator).env["ai.queue.agent.case"]
        case = case._request(self.agent.with_user(self.operator), mine)
        case._wait_for()
        tile = self.tiles()["agent_questions"]
        self.assertEqual((tile["value"], tile["state"]), (1, "warning"))
        found = self.env[tile["action"]["res_model"]].search(tile["action"]["domain"])
        self.assertEqual(found, case.with_env(found.env))
        other = self.create_user(
            "other",
            "ai_queue_agent.ai_queue_agent_group_user,"
            "queue_job.group_queue_job_manager",
        )
        self.assertNotIn("agent_questions", self.tiles(other))

    # ------------------------------------------------------------
    # ALERT
    # ------------------------------------------------------------

    def fail(self, count):
        """So many records with which the agent itself fails."""
        bills = self.env["account.move"].concat(
            *(self.bill(("Cleaning", 1, 200 + number)) for number in range(count))
        )
        rules = type(self.env["ai.queue.agent.rules.bill"])

        def break_down(_rules, _records):
            raise ValueError("a rule is broken")

        with self.assertLogs("odoo.addons.ai_queue_agent", "WARNING"):
            with patch.object(rules, "_gather", break_down):
                run = self.run_jobs(self.press_check(bills))
        self.assertEqual(run.state, "done")
        return bills

    def watch_agents(self):
        self.alert_rule._watch()
        self.assertFalse(self.alert_rule.error)
        return self.env["queue.job.alert"].search(
            [("rule_id", "=", self.alert_rule.id), ("state", "!=", "resolved")]
        )

    def test_an_agent_that_fails_often_is_switched_off(self):
        self.alert_rule.min_count = 3
        self.fail(2)
        self.assertFalse(self.watch_agents())
        self.assertTrue(self.agent.active)
        self.fail(1)
        alert = self.watch_agents()
        self.assertFalse(self.agent.active)
        self.assertIn("3 of 3 records failed", self.agent.off_reason)
        self.assertIn("a rule is broken", self.agent.off_reason)
        self.assertIn("Bill approval was switched off", alert.name)
        self.assertIn("a rule is broken", alert.advice)
        self.assertEqual(
            alert.with_user(self.env.ref("base.user_admin")).action_open_list()[
                "res_id"
            ],
            self.agent.id,
        )
        # It stays until somebody has seen to it, who gives it a new chance.
        self.assertEqual(self.watch_agents(), alert)
        # The clock of the tests stands still, and not that of the database.
        self.env.cr.execute(
            "UPDATE ai_queue_agent_case SET create_date = %s", [fields.Datetime.now()]
        )
        self.agent.action_switch_on()
        self.assertFalse(self.agent.off_reason)
        self.assertFalse(self.watch_agents())
        self.assertTrue(self.agent.active)

    def test_one_that_seldom_fails_stays(self):
        self.alert_rule.min_count = 3
        more = self.env["account.move"].concat(
            *(self.bill(("Cleaning", 1, 101 + number)) for number in range(3))
        )
        self.check(more)
        self.fail(1)
        self.assertFalse(self.watch_agents())
        self.assertTrue(self.agent.active)

    # ------------------------------------------------------------
    # METRICS
    # ------------------------------------------------------------

    def test_metrics(self):
        self.check(self.draft)
        samples = {
            (sample.name, tuple(sorted(sample.labels.items()))): sample.value
            for family in self.env["queue.job.metrics"].collect()
            for sample in family.samples
        }
        agent = ("agent", f"{self.agent.id}/Bill approval")
        self.assertEqual(samples["ai_queue_agent_on", (agent,)], 1)
        self.assertEqual(samples["ai_queue_agent_cases", (agent, ("state", "done"))], 1)
        self.assertEqual(samples["ai_queue_proposals", (agent, ("state", "open"))], 1)
