# Copyright 2026 The ai_queue contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
from odoo.exceptions import UserError
from odoo.tests import tagged

from .common import AiQueueAgentCommon


@tagged("post_install", "-at_install")
class TestProposalOutdated(AiQueueAgentCommon):
    """What rests on what is no longer so says so, before anybody decides."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.earlier = cls.known_vendor()
        cls.held = cls.bill(("Cleaning", 1, 101), ref=cls.earlier[0].ref)

    def seen(self, records):
        """The same records, as the accountant reads them in another request."""
        self.env.flush_all()
        self.env.invalidate_all()
        return records.with_user(self.accountant)

    def find(self, *domain):
        return self.env["ai.queue.proposal"].with_user(self.accountant).search(domain)

    def test_a_hold_says_that_the_bill_was_put_right(self):
        proposal = self.check(self.held)
        other = self.check(self.bill(("Cleaning", 1, 102)))
        self.assertEqual(proposal.verdict, "hold")
        self.assertFalse(self.seen(proposal).is_outdated)
        self.assertFalse(self.seen(self.held).ai_is_proposal_outdated)
        self.assertNotIn(proposal, self.find(("is_outdated", "=", True)))
        self.held.ref = "PUT-RIGHT"
        seen = self.seen(proposal)
        self.assertEqual((seen.state, seen.is_outdated), ("open", True))
        self.assertIn("changed since", seen.outdated_note)
        self.assertIn("changed since", seen.main_reason)
        self.assertIn("billed before", seen.main_reason)
        self.assertTrue(self.seen(self.held).ai_is_proposal_outdated)
        self.assertEqual(self.find(("is_outdated", "=", True)), proposal)
        left = self.find(("is_outdated", "=", False))
        self.assertIn(other, left)
        self.assertNotIn(proposal, left)

    def test_what_is_put_back_is_not_outdated(self):
        proposal = self.check(self.held)
        before = self.held.ref
        self.held.ref = "OTHER"
        self.assertTrue(self.seen(proposal).is_outdated)
        self.held.ref = before
        self.assertFalse(self.seen(proposal).is_outdated)

    def test_a_change_of_a_line_counts(self):
        proposal = self.check(self.held)
        self.held.invoice_line_ids.price_unit = 99
        self.assertTrue(self.seen(proposal).is_outdated)

    def test_a_posted_one_and_a_deleted_one(self):
        deleted = self.bill(("Cleaning", 1, 102))
        proposals = self.check(self.held + deleted)
        of_bill = {one.res_id: one for one in proposals}
        gone = of_bill[deleted.id]
        self.held.action_post()
        deleted.unlink()
        self.assertEqual(
            self.seen(of_bill[self.held.id]).outdated_note, "No longer a draft"
        )
        self.assertEqual(self.seen(gone).outdated_note, "The record was deleted.")
        # It is not in the way any more, although there is nothing to check.
        toast = self.seen(gone).action_check_again()
        self.assertIn("deleted", toast["params"]["message"])
        self.assertEqual(gone.state, "outdated")
        with self.assertRaisesRegex(UserError, "deleted"):
            self.seen(gone).action_check_again()

    def test_check_again_takes_it_off_the_list_at_once(self):
        proposal = self.check(self.held)
        self.held.ref = "PUT-RIGHT"
        self.seen(proposal).action_check_again()
        self.commit()
        self.assertEqual(proposal.state, "outdated")
        run = self.env["ai.queue.run"].search([], order="id desc", limit=1)
        self.run_jobs(run)
        newest = self.proposals(self.held)[-1]
        self.assertEqual((newest.state, newest.verdict), ("open", "approve"))
        self.assertFalse(self.seen(newest).is_outdated)

    def test_check_again_leaves_what_still_is_right(self):
        proposal = self.check(self.held)
        self.seen(proposal).action_check_again()
        self.assertEqual(proposal.state, "open")

    def test_in_the_language_of_whoever_reads(self):
        self.env["res.lang"]._activate_lang("de_DE")
        proposal = self.check(self.held)
        seen = self.seen(proposal.with_context(lang="de_DE"))
        self.assertFalse(seen.is_outdated)

    def propose(self, record, before, after):
        """A proposal of an agent that has no rules."""
        agent = self.env["ai.queue.agent"].create(
            {
                "name": "Tidy",
                "model_id": self.env["ir.model"]._get_id(record._name),
                "aim": "Tidy up.",
            }
        )
        return self.env["ai.queue.proposal"].create(
            {
                "agent_id": agent.id,
                "requester_id": self.accountant.id,
                "company_id": self.company.id,
                "res_model": record._name,
                "res_id": record.id,
                "verdict": "approve",
                "effect": "write",
                "values_before": before,
                "values_after": after,
            }
        )

    def test_an_agent_without_rules(self):
        partner = self.vendor
        proposal = self.propose(partner, {"ref": partner.ref}, {"ref": "V1"})
        self.assertFalse(self.seen(proposal).is_outdated)
        partner.ref = "V2"
        self.assertTrue(self.seen(proposal).is_outdated)

    def test_a_field_that_is_gone(self):
        proposal = self.propose(self.vendor, {"x_gone": 1}, {"x_gone": 2})
        self.assertTrue(self.seen(proposal).is_outdated)
        self.assertFalse(proposal._filter_unchanged())
        self.assertEqual(proposal.state, "outdated")

    def test_what_is_another_companys_is_left_alone(self):
        other = self.env["res.company"].create({"name": "Elsewhere"})
        partner = self.vendor
        before, after = {"credit_limit": 0.0}, {"credit_limit": 500.0}
        decided = self.propose(partner, before, after).with_company(other)
        partner.with_company(other).credit_limit = 70.0
        self.assertEqual(decided._filter_unchanged(), decided)
        decided._apply_effect_write()
        limits = [
            partner.with_company(one).credit_limit for one in (self.company, other)
        ]
        self.assertEqual(limits, [500.0, 70.0])
        decided._undo_effect_write()
        self.assertEqual(partner.with_company(self.company).credit_limit, 0.0)

    def test_what_is_another_languages_is_left_alone(self):
        self.env["res.lang"]._activate_lang("fr_FR")
        self.accountant.lang = "fr_FR"
        product = self.env["product.template"].create({"name": "Chair"})
        french = product.with_context(lang="fr_FR")
        french.name = "Chaise"
        proposal = self.propose(product, {"name": "Chaise"}, {"name": "Fauteuil"})
        head = proposal.with_context(lang="en_US")
        self.env.flush_all()
        self.assertFalse(head.is_outdated)
        self.assertEqual(head._filter_unchanged(), head)
        head._apply_effect_write()
        self.assertEqual(french.name, "Fauteuil")
        self.assertEqual(product.with_context(lang="en_US").name, "Chair")

    def test_a_page_takes_as_many_queries_as_one(self):
        bills = self.held
        for _number in range(9):
            bills += self.bill(("Cleaning", 1, 102))
        proposals = self.check(bills)
        self.assertEqual(len(proposals), 10)

        def count(some):
            some = self.seen(some)
            some.mapped("state")
            before = self.env.cr.sql_log_count
            some.mapped("is_outdated")
            return self.env.cr.sql_log_count - before

        count(proposals)  # what is cached for good
        self.assertEqual(count(proposals), count(proposals[0]))

    # ------------------------------------------------------------
    # BESIDE THE READING
    # ------------------------------------------------------------

    def reading(self, bill, *reasons):
        """What reading the document of a bill left open."""
        return self.env["ai.queue.bill.reading"].create(
            {
                "move_id": bill.id,
                "company_id": self.company.id,
                "user_id": self.accountant.id,
                "checksum": f"sum {bill.id}",
                "state": "review",
                "reasons": list(reasons),
            }
        )

    def test_the_bill_says_once_what_reading_left_open(self):
        damaged = {"code": "damaged", "values": {}}
        reading = self.reading(self.held, damaged)
        proposal = self.check(self.held)
        self.assertIn("damaged", proposal.reason)
        bill = self.seen(self.held)
        self.assertIn("damaged", bill.ai_reading_reasons)
        self.assertNotIn("damaged", bill.ai_proposal_reason)
        self.assertIn("billed before", bill.ai_proposal_reason)
        reading.reasons = [
            damaged,
            {"code": "duplicate", "values": {"bills": self.earlier[0].name}},
        ]
        reason = self.seen(self.held).ai_proposal_reason
        self.assertTrue(reason.startswith("See what is to be reviewed.\n"))
        self.assertNotIn("billed before", reason)

    def test_what_somebody_accepted_is_settled(self):
        reading = self.reading(self.held, {"code": "damaged", "values": {}})
        proposal = self.check(self.held)
        self.assertFalse(self.seen(proposal).is_outdated)
        reading.state = "done"
        self.assertTrue(self.seen(proposal).is_outdated)
