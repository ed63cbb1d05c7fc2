# Copyright 2026 The ai_queue contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
from odoo.exceptions import AccessError, UserError, ValidationError
from odoo.fields import Command
from odoo.tests import JsonRpcException, tagged
from odoo.tools import mute_logger

from .common import AiQueueAgentCommon, AiQueueAgentHttpCommon


@tagged("post_install", "-at_install")
class TestAgentSecurity(AiQueueAgentCommon):
    """Who may ask, who sees what was proposed, and who decides."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.known_vendor()
        cls.draft = cls.bill(("Cleaning", 1, 101))
        cls.clerk_without_agents = cls.create_user(
            "no_agents", "account.group_account_invoice,ai_queue.ai_queue_group_user"
        )
        cls.auditor = cls.create_user("auditor", "account.group_account_readonly")
        cls.outsider = cls.create_user(
            "outsider", "ai_queue_agent.ai_queue_agent_group_manager"
        )

    def test_to_ask_needs_the_role(self):
        with self.assertRaisesRegex(AccessError, "AI Agents / User"):
            self.press_check(self.draft, user=self.clerk_without_agents)

    def test_to_ask_needs_the_right_to_read_the_record(self):
        with self.assertRaises(AccessError):
            self.press_check(self.draft, user=self.outsider)

    def test_an_agent_may_be_for_some_people(self):
        self.agent.group_ids = self.env.ref("account.group_account_manager")
        with self.assertRaisesRegex(AccessError, "You may not ask Bill approval"):
            self.press_check(self.draft)

    def test_an_agent_that_is_switched_off_is_not_asked(self):
        self.agent.active = False
        with self.assertRaisesRegex(UserError, "No agent approves"):
            self.press_check(self.draft)

    def test_a_day_has_its_limit(self):
        self.agent.max_records_per_day = 1
        self.check(self.draft)
        with self.assertRaisesRegex(UserError, "no more than 1 records a day"):
            self.press_check(self.bill(("Cleaning", 1, 102)))

    def test_who_sees_the_bill_sees_its_proposal(self):
        proposal = self.check(self.draft)
        for user in (
            self.accountant,
            self.head,
            self.clerk_without_agents,
            self.auditor,
        ):
            self.assertIn("as on the last", proposal.with_user(user).reason)
        with self.assertRaises(AccessError):
            proposal.with_user(self.outsider).read(["reason"])
        with self.assertRaises(AccessError):
            proposal.with_user(self.plain_user).read(["reason"])

    def test_another_company_sees_nothing(self):
        proposal = self.check(self.draft)
        other = self.create_company("Elsewhere")
        groups = (
            "account.group_account_invoice,ai_queue_agent.ai_queue_agent_group_user"
        )
        stranger = self.create_user("stranger", groups, other)
        proposals = self.env["ai.queue.proposal"].with_user(stranger)
        proposals = proposals.with_context(allowed_company_ids=other.ids)
        self.assertFalse(proposals.search([]))
        with self.assertRaises(AccessError):
            proposals.browse(proposal.id).read(["reason"])
        cases = self.env["ai.queue.agent.case"].with_user(stranger)
        self.assertFalse(cases.with_context(allowed_company_ids=other.ids).search([]))

    def test_to_decide_needs_the_right_to_change_the_record(self):
        proposal = self.check(self.draft)
        with self.assertRaises(AccessError):
            proposal.with_user(self.auditor).action_approve()
        for action in ("action_approve", "action_send", "action_undo", "action_reject"):
            with self.assertRaises(AccessError):
                getattr(proposal.with_user(self.outsider), action)()
        self.assertEqual((proposal.state, self.draft.state), ("open", "draft"))
        self.assertFalse(proposal.with_user(self.auditor).can_decide)
        self.assertTrue(proposal.with_user(self.accountant).can_decide)

    def test_only_what_is_decided_on_can_be_rejected(self):
        proposal = self.check(self.draft)
        dialogs = self.env["ai.queue.decision.reject"]
        values = {"res_ids": proposal.ids, "reason": "No."}
        for model in ("res.users", "account.move", "no.such.model"):
            dialog = dialogs.with_user(self.accountant).create(
                {"res_model": model, **values}
            )
            with self.assertRaises(UserError):
                dialog.action_reject()
        for user in (self.auditor, self.outsider, self.plain_user):
            dialog = dialogs.with_user(user).create(
                {"res_model": proposal._name, **values}
            )
            with self.assertRaises(AccessError):
                dialog.action_reject()
        self.assertEqual(proposal.state, "open")

    def test_a_case_does_not_name_a_record_that_one_may_not_see(self):
        proposal = self.check(self.draft)
        case = proposal.case_id
        self.assertEqual(
            case.with_user(self.accountant).display_name, self.draft.display_name
        )
        self.assertNotIn(
            self.draft.display_name, case.with_user(self.outsider).display_name
        )

    def test_domains_are_data(self):
        for domain in (
            "__import__('os')",
            "[('state', '=', uid)]",
            "[('nothing', '=', 1)]",
        ):
            with self.assertRaises(ValidationError):
                self.agent.domain = domain
                self.agent.flush_recordset()

    def test_at_night_it_works_as_the_person_of_the_schedule(self):
        self.agent.write({"is_scheduled": True, "schedule_user_id": self.accountant.id})
        self.env["ai.queue.agent"]._cron_run()
        self.commit()
        run = self.find_runs()
        self.assertEqual((run.user_id, run.origin), (self.accountant, "cron"))
        self.run_jobs(run)
        self.assertEqual(self.proposals(self.draft).verdict, "approve")
        # What waits to be decided is not looked at again.
        self.env["ai.queue.agent"]._cron_run()
        self.commit()
        self.assertEqual(self.find_runs(), run)

    def test_at_night_one_that_cannot_start_does_not_keep_the_others(self):
        self.agent.write(
            {
                "is_scheduled": True,
                "schedule_user_id": self.clerk_without_agents.id,
                "sequence": 1,
            }
        )
        other = self.agent.copy({"schedule_user_id": self.accountant.id, "sequence": 2})
        with self.assertLogs("odoo.addons.ai_queue_agent", "WARNING"):
            self.env["ai.queue.agent"]._cron_run()
        self.commit()
        self.run_jobs(self.find_runs())
        self.assertEqual(self.proposals(self.draft).agent_id, other)

    def test_at_night_it_takes_what_is_left_of_the_day(self):
        self.bill(("Cleaning", 1, 102))
        self.agent.write(
            {
                "is_scheduled": True,
                "schedule_user_id": self.accountant.id,
                "max_records_per_day": 1,
            }
        )
        self.env["ai.queue.agent"]._cron_run()
        self.commit()
        self.assertEqual(self.find_runs().total, 1)
        with self.assertRaisesRegex(UserError, "no more than 1 records a day"):
            self.agent.with_user(self.accountant).action_run_all()

    def test_records_of_all_companies_are_found(self):
        self.assertFalse(self.vendor.company_id)
        agent = self.env["ai.queue.agent"].create(
            {
                "name": "Tidier",
                "aim": "Keeps contacts tidy",
                "model_id": self.env["ir.model"]._get_id("res.partner"),
                "domain": f"[('id', '=', {self.vendor.id})]",
            }
        )
        self.assertEqual(agent.with_user(self.accountant)._find_records(), self.vendor)

    def test_nobody_lends_the_rights_of_somebody_else(self):
        agent = self.agent.with_user(self.outsider)
        with self.assertRaisesRegex(AccessError, "as somebody else"):
            agent.schedule_user_id = self.accountant
        agent.schedule_user_id = self.outsider
        self.assertEqual(self.agent.schedule_user_id, self.outsider)

    def test_what_somebody_lent_their_rights_for_stays(self):
        manager = self.create_user(
            "manager", "ai_queue_agent.ai_queue_agent_group_manager"
        )
        self.agent.write({"is_scheduled": True, "schedule_user_id": self.accountant.id})
        mine = self.agent.with_user(manager)
        users = self.env["ir.model"]._get_id("res.users")
        for vals in (
            {"domain": "[('amount_total', '>', 5000)]"},
            {"rules": False, "model_id": users, "domain": "[]"},
            {"instructions": "Tell me all of it."},
        ):
            with self.assertRaises(AccessError):
                mine.write(vals)
        mine.write({"sequence": 3, "max_steps": 4})
        self.agent.is_scheduled = False
        mine.instructions = "Nobody's rights are lent to it now."
        with self.assertRaises(AccessError):
            mine.is_scheduled = True
        mine.write({"domain": "[('id', '>', 0)]", "schedule_user_id": manager.id})

    def test_who_has_no_role_reads_runs_as_before(self):
        run = self.check(self.draft).run_id
        self.assertTrue(run.with_user(self.clerk_without_agents).read())

    def test_the_key_of_the_portal_is_told_to_no_model(self):
        self.draft._portal_ensure_token()
        tools = self.env["ai.queue.agent.tools"].with_user(self.accountant)
        values = tools._read_plain(self.draft.with_user(self.accountant))
        self.assertIn("amount_total", values)
        self.assertNotIn("access_token", values)


@tagged("post_install", "-at_install")
class TestAgentRpc(AiQueueAgentHttpCommon):
    """What somebody with a browser may try."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.known_vendor()
        cls.draft = cls.bill(("Cleaning", 1, 101))

    def setUp(self):
        super().setUp()
        self.proposal = self.check(self.draft)
        self.authenticate("accountant", "accountant")

    def refused(self, record, method, *args, **kwargs):
        with self.assertRaises(JsonRpcException), mute_logger("odoo.http"):
            self.rpc(record, method, *args, **kwargs)

    def test_results_cannot_be_written(self):
        for vals in (
            {"verdict": "hold"},
            {"state": "applied"},
            {"res_id": self.draft.id + 1},
            {"snapshot": ""},
            {"values_after": {"order_lines": {}}},
            {"message_partner_id": self.customer.id},
        ):
            self.refused(self.proposal, "write", vals)
        self.refused(self.proposal, "unlink")
        self.refused(self.proposal.case_id, "write", {"state": "done"})
        self.refused(self.agent, "write", {"domain": "[]"})

    def test_nothing_can_be_made(self):
        vals = {
            "agent_id": self.agent.id,
            "requester_id": self.accountant.id,
            "company_id": self.company.id,
            "res_model": "account.move",
            "res_id": self.draft.id,
            "verdict": "approve",
            "effect": "post_bill",
        }
        for model in ("ai.queue.proposal", "ai.queue.agent.case"):
            with self.assertRaises(JsonRpcException), mute_logger("odoo.http"):
                self.rpc_model(self.env[model], "create", vals)

    def test_private_ways_are_closed(self):
        for method in ("_approve", "_store", "_outdate", "_close"):
            self.refused(self.proposal, method)
        self.refused(self.proposal.case_id, "work_on_case")

    def test_the_rule_cannot_be_pretended(self):
        context = {"ai_queue__agent": self.agent.id, "queue_job__no_delay": True}
        self.rpc(self.proposal, "action_approve", context=context)
        self.assertEqual(self.draft.state, "posted")
        self.assertEqual(self.proposal.decided_by, "person")

    def test_the_message_may_be_changed_until_it_is_decided(self):
        self.rpc(self.proposal, "write", {"message_body": "Hello"})
        self.rpc(self.proposal, "action_approve")
        self.refused(self.proposal, "write", {"message_body": "Hello again"})

    def test_a_limit_that_binds_is_not_got_around(self):
        self.env["ai.queue.approval.limit"].create(
            {
                "company_id": self.company.id,
                "amount": 100,
                "user_ids": [Command.set(self.head.ids)],
            }
        )
        self.company.ai_queue_approval_is_binding = True
        self.refused(self.draft, "action_post")
        self.refused(self.draft, "write", {"state": "posted"})
        self.draft.invalidate_recordset()
        self.assertEqual(self.draft.state, "draft")
        self.authenticate("head", "head")
        self.rpc(self.draft, "action_post")
        self.assertEqual(self.draft.state, "posted")

    def test_the_limit_of_a_company_is_for_its_managers(self):
        limits = self.env["ai.queue.approval.limit"]
        vals = {"amount": 1, "user_ids": [Command.set(self.accountant.ids)]}
        with self.assertRaises(JsonRpcException), mute_logger("odoo.http"):
            self.rpc_model(limits, "create", vals)
