# Copyright 2026 The ai_queue contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
from odoo.exceptions import AccessError, UserError
from odoo.fields import Command
from odoo.tests import tagged

from .common import AiQueueAgentCommon


@tagged("post_install", "-at_install")
class TestApproval(AiQueueAgentCommon):
    """What the rules say about bills without an order."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.earlier = cls.known_vendor()

    def test_a_usual_bill_can_be_approved(self):
        bill = self.bill(("Cleaning", 1, 101))
        proposal = self.check(bill)
        self.assertEqual(proposal.verdict, "approve")
        self.assertEqual(
            proposal.reason,
            "Vendor, amount, accounts and bank account are as on the last 5 bills of "
            "Example Supplies.",
        )
        self.assertEqual(proposal.change, "Status: Draft → Posted")
        # Nothing is done by looking at it.
        self.assertEqual(bill.state, "draft")
        self.assertEqual(proposal.run_id.state, "done")
        self.assertEqual(proposal.run_id.remark_summary, "1 of 1: Approve")

    def test_the_same_number_is_held_and_the_vendor_told(self):
        bill = self.bill(("Cleaning", 1, 101), ref=self.earlier[0].ref)
        proposal = self.check(bill)
        self.assertEqual(
            (proposal.verdict, self.found(proposal)), ("hold", ["duplicate"])
        )
        self.assertEqual(proposal.message_partner_id, self.vendor)
        self.assertIn(self.earlier[0].name, proposal.message_body)
        self.assertIn(bill.ref, proposal.message_body)
        # What we are to do about it is ours to read.
        self.assertIn("Delete this bill", proposal.reason)
        self.assertNotIn("Delete", proposal.message_body)
        self.assertIn("You have billed the same number", proposal.message_body)

    def test_a_name_that_ends_with_a_full_stop(self):
        self.vendor.name = "Example Supplies Ltd."
        proposal = self.check(self.bill(("Cleaning", 1, 101)))
        self.assertTrue(proposal.reason.endswith("of Example Supplies Ltd."))

    def test_of_two_drafts_the_later_one_is_held(self):
        first = self.bill(("Cleaning", 1, 101), ref="TWICE")
        second = self.bill(("Cleaning", 1, 101), ref="TWICE")
        verdicts = {one.res_id: one.verdict for one in self.check(first + second)}
        self.assertEqual(verdicts, {first.id: "approve", second.id: "hold"})

    def test_another_bank_account_is_held_and_the_vendor_not_asked(self):
        other = self.create_bank(self.vendor, "NL91ABNA0417164300")
        bill = self.bill(("Cleaning", 1, 101), partner_bank_id=other.id)
        proposal = self.check(bill)
        self.assertEqual(
            (proposal.verdict, self.found(proposal)), ("hold", ["bank_changed"])
        )
        # Whoever sent the bill may be the thief.
        self.assertNotEqual(proposal.message_partner_id, self.vendor)
        self.assertIn("called the vendor", proposal.message_body)

    def test_the_same_number_written_differently_is_held(self):
        number = self.earlier[0].ref.partition("-")[2]
        for ref in (f"inv {number}", f"INV{number}", f"Inv.-{number}"):
            bill = self.bill(("Cleaning", 1, 103), ref=ref)
            self.assertEqual(self.found(self.check(bill)), ["duplicate"], ref)
            bill.unlink()
        # The same digits in other groups are another number …
        self.bill(("Cleaning", 1, 101), ref="2026/1/12", post=True)
        bill = self.bill(("Cleaning", 1, 101), ref="2026/11/2", day="2026-03-11")
        self.assertEqual(self.check(bill).verdict, "approve")
        # … and the same one where they stand together.
        bill.ref = "2026112"
        self.assertEqual(self.found(self.check(bill)), ["duplicate"])

    def test_a_receipt_that_is_entered_twice_is_held(self):
        values = {"move_type": "in_receipt", "ref": "R-1"}
        self.bill(("Cleaning", 1, 101), post=True, **values)
        bill = self.bill(("Cleaning", 1, 101), **values)
        self.assertIn("duplicate", self.found(self.check(bill)))

    def test_an_account_that_has_got_another_number_is_held(self):
        self.bank.allow_out_payment = False
        self.assertEqual(self.check(self.bill(("Cleaning", 1, 101))).verdict, "approve")
        before = self.bank.acc_number
        self.renumber()
        bill = self.bill(("Cleaning", 1, 102))
        proposal = self.check(bill)
        self.assertEqual(
            (proposal.verdict, self.found(proposal)), ("hold", ["bank_changed"])
        )
        [finding] = [
            one for one in proposal.finding_data if one["code"] == "bank_changed"
        ]
        self.assertEqual(finding["values"]["known"], before)
        # Nor does another account of the vendor become the usual one by that.
        other = self.create_bank(self.vendor, "FR7630006000011234567890189")
        bill = self.bill(("Cleaning", 1, 103.5), partner_bank_id=other.id)
        self.assertEqual(self.found(self.check(bill)), ["bank_changed"])

    def test_an_account_that_gets_another_number_after_the_check(self):
        self.bank.allow_out_payment = False
        proposal = self.check(self.bill(("Cleaning", 1, 101)))
        self.renumber()
        proposal.with_user(self.accountant).action_approve()
        self.assertEqual(proposal.state, "outdated")

    def renumber(self):
        """Give the vendor's account another number, later than its bills."""
        self.commit()
        self.env.cr.execute(
            "UPDATE account_move SET create_date = create_date - interval '1 hour'"
        )
        self.env.invalidate_all()
        self.bank.acc_number = "NL91ABNA0417164300"
        self.env.flush_all()
        self.env.cr.precommit.run()
        self.commit()

    def test_the_bank_account_of_somebody_else_is_held(self):
        other = self.env["res.partner"].create({"name": "Other"})
        bill = self.bill(("Cleaning", 1, 101))
        bank = self.create_bank(other, "NL91ABNA0417164300")
        bill.partner_bank_id = bank
        self.assertEqual(self.found(self.check(bill)), ["bank_foreign"])

    def test_an_unusual_amount_is_asked_about(self):
        bill = self.bill(("Cleaning", 5, 101))
        proposal = self.check(bill)
        self.assertEqual(proposal.verdict, "ask")
        self.assertEqual(self.found(proposal), ["amount_unusual"])

    def test_a_higher_price_is_asked_about(self):
        bill = self.bill(("Cleaning", 1, 120))
        self.assertEqual(self.found(self.check(bill)), ["price_above_last"])

    def test_a_price_above_the_agreed_one_is_held(self):
        product = self.create_products(1)
        self.env["product.supplierinfo"].create(
            {
                "partner_id": self.vendor.id,
                "product_tmpl_id": product.product_tmpl_id.id,
                "price": 80.0,
                "currency_id": self.company.currency_id.id,
            }
        )
        bill = self.bill((product, 1, 90))
        proposal = self.check(bill)
        self.assertEqual(
            (proposal.verdict, self.found(proposal)), ("hold", ["price_above_contract"])
        )
        self.assertIn("90.00, but 80.00 was agreed on", proposal.reason)
        self.assertIn("90.00, but 80.00 was agreed on.", proposal.message_body)
        self.assertNotIn("change the price", proposal.message_body)

    def test_another_account_is_asked_about(self):
        account = self.env["account.account"].create(
            {
                "name": "Parties",
                "code": "699999",
                "account_type": "expense",
                "company_ids": [Command.set(self.company.ids)],
            }
        )
        line = {"name": "Cleaning", "price_unit": 101, "account_id": account.id}
        self.assertEqual(self.found(self.check(self.bill(line))), ["account_unusual"])

    def test_an_unknown_vendor_is_asked_about(self):
        vendor = self.env["res.partner"].create({"name": "Newcomer"})
        proposal = self.check(self.bill(("Cleaning", 1, 101), vendor=vendor))
        self.assertEqual(
            (proposal.verdict, self.found(proposal)), ("ask", ["nothing_known"])
        )

    def test_what_is_missing_is_said(self):
        bill = self.bill(("Cleaning", 1, 101), invoice_date=False)
        bill.partner_id = False
        proposal = self.check(bill)
        self.assertEqual(self.found(proposal), ["no_vendor", "no_date"])
        self.assertEqual(proposal.verdict, "hold")

    def test_analytic_accounts_that_are_usual_are_asked_for(self):
        plan = self.env["account.analytic.plan"].create({"name": "Plan"})
        account = self.env["account.analytic.account"].create(
            {"name": "Site", "plan_id": plan.id}
        )
        vendor = self.env["res.partner"].create({"name": "Builder"})
        split = {"analytic_distribution": {str(account.id): 100}}
        for number in range(4):
            line = {"name": "Bricks", "price_unit": 50 + number, **split}
            self.bill(line, vendor=vendor, day=f"2026-02-{10 + number}", post=True)
        bill = self.bill(("Bricks", 1, 51), vendor=vendor)
        self.assertEqual(self.found(self.check(bill)), ["analytic_missing"])

    def test_from_a_limit_on_only_some_may_approve(self):
        self.env["ai.queue.approval.limit"].create(
            {
                "company_id": self.company.id,
                "amount": 100,
                "user_ids": [Command.set(self.head.ids)],
            }
        )
        bill = self.bill(("Cleaning", 1, 101))
        proposal = self.check(bill)
        self.assertEqual(
            (proposal.verdict, self.found(proposal)), ("ask", ["over_limit"])
        )
        with self.assertRaisesRegex(AccessError, "needs the approval of head"):
            proposal.with_user(self.accountant).action_approve()
        proposal.with_user(self.head).action_approve()
        self.assertEqual((bill.state, proposal.user_id), ("posted", self.head))

    def test_the_rate_of_a_bill_does_not_get_around_a_limit(self):
        currencies = self.env["res.currency"].with_context(active_test=False)
        other = currencies.search([("id", "!=", self.company.currency_id.id)], limit=1)
        other.active = True
        self.env["res.currency.rate"].create(
            {"currency_id": other.id, "name": "2026-01-01", "rate": 1.0}
        )
        self.env["ai.queue.approval.limit"].create(
            {
                "company_id": self.company.id,
                "amount": 100,
                "user_ids": [Command.set(self.head.ids)],
            }
        )
        bill = self.bill(("Cleaning", 1, 500), currency_id=other.id)
        bill.invoice_currency_rate = 1000
        self.assertLess(abs(bill.amount_total_signed), 1)
        proposal = self.check(bill)
        self.assertIn("over_limit", self.found(proposal))
        self.assertFalse(proposal._passes_post_bill())
        with self.assertRaisesRegex(AccessError, "needs the approval of head"):
            proposal.with_user(self.accountant).action_approve_anyway()


@tagged("post_install", "-at_install")
class TestProposal(AiQueueAgentCommon):
    """How a proposal is applied: once, while it still is right, by who may."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.earlier = cls.known_vendor()
        cls.draft = cls.bill(("Cleaning", 1, 101))

    def mine(self, proposal):
        return proposal.with_user(self.accountant)

    def test_it_is_applied_once(self):
        proposal = self.check(self.draft)
        self.mine(proposal).action_approve()
        self.assertEqual((proposal.state, self.draft.state), ("applied", "posted"))
        self.assertEqual(
            (proposal.decided_by, proposal.user_id), ("person", self.accountant)
        )
        with self.assertRaisesRegex(UserError, "decided already"):
            self.mine(proposal).action_approve()

    def test_it_can_be_undone(self):
        proposal = self.check(self.draft)
        self.mine(proposal).action_approve()
        self.mine(proposal).action_undo()
        self.assertEqual((proposal.state, self.draft.state), ("undone", "draft"))
        with self.assertRaisesRegex(UserError, "cannot be undone"):
            self.mine(proposal).action_undo()

    def test_a_bill_that_was_changed_is_left_alone(self):
        proposal = self.check(self.draft)
        self.draft.invoice_line_ids.price_unit = 102
        toast = self.mine(proposal).action_approve()
        self.assertEqual((proposal.state, self.draft.state), ("outdated", "draft"))
        self.assertIn("changed since", toast["params"]["message"])

    def test_what_confirm_demands_is_demanded_here(self):
        plan = self.env["account.analytic.plan"].create(
            {"name": "Plan", "default_applicability": "mandatory"}
        )
        self.env["account.analytic.account"].create(
            {"name": "Site", "plan_id": plan.id}
        )
        proposal = self.check(self.draft)
        with self.assertRaisesRegex(UserError, "analytic distribution"):
            self.mine(proposal).action_approve()
        self.assertEqual((proposal.state, self.draft.state), ("open", "draft"))

    def test_who_decides_may_speak_another_language(self):
        self.env["res.lang"]._activate_lang("de_DE")
        self.head.lang = "de_DE"
        self.env["ai.queue.approval.limit"].create(
            {
                "company_id": self.company.id,
                "amount": 100,
                "user_ids": [Command.set(self.head.ids)],
            }
        )
        proposal = self.check(self.draft)
        self.assertEqual(self.found(proposal), ["over_limit"])
        proposal.with_user(self.head).with_context(lang="de_DE").action_approve()
        self.assertEqual((proposal.state, self.draft.state), ("applied", "posted"))

    def test_what_has_come_up_since_is_seen(self):
        proposal = self.check(self.draft)
        self.bill(("Cleaning", 1, 101), ref=self.draft.ref, day="2026-03-01", post=True)
        self.mine(proposal).action_approve()
        self.assertEqual((proposal.state, self.draft.state), ("outdated", "draft"))
        self.assertIn("billed before", proposal.outdated_reason)

    def test_a_bill_that_was_posted_meanwhile_is_outdated(self):
        proposal = self.check(self.draft)
        self.draft.action_post()
        self.mine(proposal).action_approve()
        self.assertEqual(proposal.state, "outdated")
        self.assertEqual(proposal.outdated_reason, "No longer a draft")

    def test_a_bill_that_was_deleted_is_outdated(self):
        proposal = self.check(self.draft)
        name = proposal.record_name
        self.draft.unlink()
        proposal.invalidate_recordset()
        self.assertNotEqual(proposal.record_name, name)
        with self.assertRaises(AccessError):
            self.mine(proposal).action_approve()

    def test_what_speaks_against_it_does_not_keep_a_person(self):
        self.draft.ref = self.earlier[0].ref
        proposal = self.check(self.draft)
        self.assertEqual(proposal.verdict, "hold")
        self.mine(proposal).action_approve_anyway()
        self.assertEqual(proposal.state, "applied")

    def test_approve_leaves_out_what_something_speaks_against(self):
        other = self.bill(("Cleaning", 1, 102))
        good = self.check(self.draft + other).sorted("res_id")[0]
        # Somebody else has it checked again, while its form still says otherwise.
        other.ref = self.earlier[0].ref
        bad = self.check(other, user=self.head)
        self.assertEqual(bad.verdict, "hold")
        with self.assertRaisesRegex(UserError, "Something speaks against"):
            other.with_user(self.accountant).action_approve_ai_proposal()
        toast = self.mine(good + bad).action_approve()["params"]
        self.assertEqual((self.draft.state, other.state), ("posted", "draft"))
        self.assertIn("1 of 2 done", toast["message"])
        self.assertIn(bad.record_name, toast["message"])
        self.assertEqual((bad.state, toast["type"]), ("open", "warning"))

    def test_a_rejected_one_is_not_made_again_until_something_changes(self):
        proposal = self.check(self.draft)
        action = self.mine(proposal).action_reject()
        dialog = self.env[action["res_model"]].with_user(self.accountant)
        dialog = dialog.with_context(**action["context"]).create(
            {"reason": "We are in talks."}
        )
        self.assertIn("30 days, unless the record is changed", dialog.explanation)
        dialog.action_reject()
        self.assertEqual(proposal.rejection, "We are in talks.")
        self.assertEqual((proposal.state, self.draft.state), ("rejected", "draft"))
        run = self.run_jobs(self.press_check(self.draft))
        self.assertEqual((run.state, run.skipped), ("done", 1))
        self.assertIn("Decided before", run.skip_summary)
        self.draft.invoice_line_ids.price_unit = 102
        self.assertEqual(self.check(self.draft).verdict, "approve")

    def test_a_rejected_one_is_made_again_when_something_new_is_found(self):
        proposal = self.check(self.draft)
        self.reject(proposal)
        self.bill(("Cleaning", 1, 101), ref=self.draft.ref, day="2026-03-01", post=True)
        again = self.check(self.draft)
        self.assertEqual(self.found(again), ["duplicate"])
        self.reject(again)
        self.assertFalse(self.check(self.draft))
        # … and after a month, lest it is forgotten
        self.env.cr.execute(
            "UPDATE ai_queue_proposal SET date_decided = date_decided - "
            "interval '31 days' WHERE id = %s",
            [again.id],
        )
        again = self.check(self.draft)
        self.assertEqual(self.found(again), ["duplicate"])
        # … or when what spoke against it does so no longer
        self.reject(again)
        twin = self.env["account.move"].search([("ref", "=", self.draft.ref)])
        twin -= self.draft
        twin.button_draft()
        twin.button_cancel()
        self.assertEqual(self.check(self.draft).verdict, "approve")

    def test_a_message_that_was_sent_is_not_drafted_again_the_next_night(self):
        self.draft.ref = self.earlier[0].ref
        self.mine(self.check(self.draft)).action_send()
        self.commit()
        self.assertFalse(self.check(self.draft))

    def reject(self, proposal):
        action = self.mine(proposal).action_reject()
        dialogs = self.env[action["res_model"]].with_user(self.accountant)
        dialogs.with_context(**action["context"]).create(
            {"reason": "No."}
        ).action_reject()
        self.commit()

    def test_a_newer_look_replaces_an_older_one(self):
        first = self.check(self.draft)
        second = self.check(self.draft)
        self.assertEqual((first.state, second.state), ("outdated", "open"))

    def test_pressing_twice_is_the_same_run(self):
        run = self.press_check(self.draft)
        self.assertEqual(self.press_check(self.draft), run)
        self.assertEqual(self.press_check(self.draft, user=self.head), run)
        self.run_jobs(run)
        self.assertEqual(len(self.proposals(self.draft)), 1)

    def test_a_job_that_runs_again_proposes_nothing_twice(self):
        proposal = self.check(self.draft)
        job = self.queue_jobs(proposal.run_id)
        job.state = "pending"
        self.perform(job)
        self.assertEqual(self.proposals(self.draft), proposal)
        self.assertEqual(proposal.state, "open")

    def test_a_message_is_sent_and_the_bill_stays(self):
        self.draft.ref = self.earlier[0].ref
        proposal = self.check(self.draft)
        self.mine(proposal).message_body = "Hello,\n<b>your bill</b>"
        self.mine(proposal).action_send()
        self.assertEqual((proposal.state, self.draft.state), ("applied", "draft"))
        message = self.draft.message_ids[0]
        self.assertEqual(message.partner_ids, self.vendor)
        self.assertIn("&lt;b&gt;your bill", message.body)
        self.assertTrue(proposal.date_sent)

    def test_the_rule_posts_only_within_its_limits(self):
        dear = self.bill(("Cleaning", 1, 104))
        held = self.bill(("Cleaning", 1, 100), ref=self.earlier[0].ref)
        self.check(self.draft)
        self.assertEqual(self.draft.state, "draft")
        self.company.ai_queue_approval_auto = True
        self.company.ai_queue_approval_auto_amount = 122
        self.check(self.draft + dear + held)
        self.assertEqual(
            [one.state for one in self.draft + dear + held],
            ["posted", "draft", "draft"],
        )
        applied = self.proposals(self.draft)[-1]
        self.assertEqual((applied.state, applied.decided_by), ("applied", "rule"))

    def test_one_that_cannot_be_posted_does_not_keep_the_others(self):
        self.company.ai_queue_approval_auto = True
        other = self.bill(("Cleaning", 1, 102))
        self.patch(
            type(self.draft), "_post", _refuse(self.draft, type(self.draft)._post)
        )
        run = self.run_jobs(self.press_check(self.draft + other))
        self.assertEqual(run.state, "done")
        self.assertEqual((self.draft.state, other.state), ("draft", "posted"))
        self.assertEqual(self.proposals(self.draft).state, "open")

    def test_an_error_of_another_addon_does_not_keep_the_others(self):
        self.company.ai_queue_approval_auto = True
        other = self.bill(("Cleaning", 1, 102))
        post = type(self.draft)._post
        broken = self.draft

        def fail(moves, soft=True):
            if broken in moves:
                raise ZeroDivisionError("of another addon")
            return post(moves, soft)

        self.patch(type(self.draft), "_post", fail)
        with self.assertLogs("odoo.addons.ai_queue_agent", "ERROR"):
            run = self.run_jobs(self.press_check(self.draft + other))
        self.assertEqual((run.state, run.failed), ("done", 0))
        self.assertEqual((self.draft.state, other.state), ("draft", "posted"))
        self.assertEqual(self.proposals(self.draft).state, "open")

    def test_prices_with_tax_included_are_compared_without_it(self):
        included = self.tax.copy(
            {"name": "Included", "price_include_override": "tax_included"}
        )
        factor = 1 + included.amount / 100
        line = {
            "name": "Cleaning",
            "price_unit": 102 * factor,
            "tax_ids": [Command.set(included.ids)],
        }
        usual = self.check(self.bill(line, day="2026-03-12"))
        self.assertEqual((usual.verdict, self.found(usual)), ("approve", []))
        line["price_unit"] = 120 * factor
        dear = self.check(self.bill(line, day="2026-03-13"))
        self.assertEqual(self.found(dear), ["price_above_last"])

    def test_a_provider_without_a_model_for_agents_leaves_the_rules(self):
        provider = self.env["ai.queue.provider"].create(
            {"name": "Forecasts only", "base_url": "http://127.0.0.1:9/v1"}
        )
        self.agent.write({"is_asking_model": True, "provider_id": provider.id})
        newcomer = self.env["res.partner"].create({"name": "Newcomer"})
        proposal = self.check(self.bill(("Cleaning", 1, 101), vendor=newcomer))
        self.assertEqual((proposal.verdict, proposal.judged_by), ("ask", "rules"))


@tagged("post_install", "-at_install")
class TestApprovalLimit(AiQueueAgentCommon):
    """Who must approve at which amount, whichever way a bill is posted."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.env["ai.queue.approval.limit"].create(
            {
                "company_id": cls.company.id,
                "amount": 100,
                "user_ids": [Command.set(cls.head.ids)],
            }
        )

    def test_by_default_odoos_button_is_as_it_was(self):
        bill = self.bill(("Cleaning", 1, 101))
        bill.with_user(self.accountant).action_post()
        self.assertEqual(bill.state, "posted")

    def test_where_it_is_switched_on_it_binds_everybody(self):
        self.company.ai_queue_approval_is_binding = True
        bill = self.bill(("Cleaning", 1, 101))
        mine = bill.with_user(self.accountant)
        for post in (
            mine.action_post,
            mine.sudo().action_post,
            lambda: mine.write({"state": "posted"}),
            lambda: bill.with_user(self.env.ref("base.user_root")).action_post(),
        ):
            with self.assertRaisesRegex(AccessError, "needs the approval of head"):
                with self.env.cr.savepoint():
                    post()
        self.assertEqual(bill.state, "draft")
        bill.with_user(self.head).action_post()
        self.assertEqual(bill.state, "posted")

    def test_little_ones_and_invoices_of_ones_own_are_not_held_up(self):
        self.company.ai_queue_approval_is_binding = True
        little = self.bill(("Cleaning", 1, 10))
        little.with_user(self.accountant).action_post()
        own = self.env["account.move"].create(
            {
                "move_type": "out_invoice",
                "partner_id": self.vendor.id,
                "invoice_line_ids": [
                    Command.create({"name": "Sold", "price_unit": 1000})
                ],
            }
        )
        own.with_user(self.accountant).action_post()
        self.assertEqual((little.state, own.state), ("posted", "posted"))

    def test_what_odoo_would_post_by_itself_stays_a_draft(self):
        self.company.ai_queue_approval_is_binding = True
        self.company.autopost_bills = True
        self.vendor.autopost_bills = "always"
        bill = self.bill(("Cleaning", 1, 101))
        bill.with_user(self.accountant)._autopost_bill()
        self.assertEqual(bill.state, "draft")
        bill.with_user(self.head)._autopost_bill()
        self.assertEqual(bill.state, "posted")


def _refuse(draft, post):
    message = "The period is closed."

    def _post(self, soft=True):
        if draft.id in self.ids:
            raise UserError(message)
        return post(self, soft)

    return _post
