# Copyright 2026 The ai_queue contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
from datetime import timedelta
from unittest.mock import patch

from odoo.exceptions import AccessError, UserError, ValidationError
from odoo.fields import Command
from odoo.tests import tagged
from odoo.tools import format_date

from odoo.addons.ai_queue.tests.common import TODAY, flat_forecast, weeks_ago

from ..hooks import uninstall_hook
from .common import AiQueueStockCommon


class ReorderCase(AiQueueStockCommon):
    """A product with a rule of 5/20 that sells 70 a week and takes 14 days to come."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.route = cls.create_route()
        cls.product = cls.create_goods(1, route_ids=cls.route.ids, standard_price=2.0)
        cls.rule = cls.create_rule(cls.product)
        cls.deliver_weekly(cls.product, [70] * 4)

    def numbers(self, rule):
        return rule.product_min_qty, rule.product_max_qty

    def proposal(self, product=None):
        """The one open proposal for a product."""
        found = self.proposals(product or self.product)
        return found.filtered(lambda one: one.state == "open").ensure_one()


@tagged("post_install", "-at_install")
class TestReorderRun(ReorderCase):
    """What a run proposes, and what it says of the rest."""

    def test_a_run_proposes_and_changes_nothing(self):
        run = self.propose(self.product)
        self.assertEqual((run.state, run.finished, run.skipped), ("done", 1, 0))
        proposal = self.proposal()
        self.assertEqual(proposal.run_id, run)
        self.assertEqual(proposal.orderpoint_id, self.rule)
        # Two and a half weeks of 70 and a margin; two weeks more as the order cycle.
        self.assertEqual(proposal.lead_days, 14)
        self.assertGreater(proposal.minimum, 175)
        self.assertLess(proposal.minimum, 250)
        self.assertEqual(proposal.maximum, proposal.minimum + 140)
        self.assertEqual((proposal.minimum_before, proposal.maximum_before), (5, 20))
        self.assertEqual(self.numbers(self.rule), (5, 20))
        worth = (proposal.minimum + proposal.maximum - 25) / 2 * 2.0
        self.assertAlmostEqual(proposal.value_change, worth)
        self.assertGreater(proposal.shortage_avoided, 0)
        self.assertEqual(proposal.qty_on_hand, 1000)

    def test_the_reason_is_a_line_of_words(self):
        self.propose(self.product)
        proposal = self.proposal()
        numbers = f"{proposal.minimum:.0f}/{proposal.maximum:.0f}"
        self.assertEqual(
            proposal.reason,
            f"Was 5/20, becomes {numbers}: the expected need until an order is there "
            "(14 days, and orders are looked at every 7 days) is 176, at most "
            f"{proposal.minimum:.0f} in 95 of 100 cases.",
        )

    def test_the_list_says_it_shorter(self):
        self.propose(self.product)
        proposal = self.proposal()
        self.assertEqual(proposal.summary, "176 to 244 until it is there")
        self.assertEqual(
            (proposal.numbers_before, proposal.numbers), ("5/20", "244/384")
        )

    def test_stored_forecasts_count_and_so_does_what_a_person_fixed(self):
        self.forecast(self.product, user=self.planner, quantity=70.0)
        with patch(
            "odoo.addons.ai_queue_stock.models.ai_queue_kind_reorder.forecast",
            side_effect=lambda series: self.assertFalse(series) or [],
        ):
            self.propose_stored()
        first = self.proposal()
        rows = self.forecasts(self.product)
        rows[:3].write({"quantity": 140.0})
        self.propose_stored()
        self.assertEqual(first.state, "outdated")
        # From the next week on, seven days of the running one as the first of them.
        self.assertGreater(self.proposal().minimum, first.minimum + 150)

    def propose_stored(self):
        self.product.with_user(self.planner).action_propose_reorder()
        self.commit()
        return self.run_jobs(self.find_runs()[:1])

    def test_forecasts_of_an_earlier_run_are_made_anew(self):
        self.forecast(self.product, user=self.planner, quantity=700.0)
        rows = self.forecasts(self.product)
        rows[0].copy({"date_start": TODAY - timedelta(days=2)})
        self.propose(self.product)
        self.assertLess(self.proposal().minimum, 300)

    def test_a_rule_that_is_right_is_left_alone(self):
        self.propose(self.product)
        self.proposal().with_user(self.planner).action_accept()
        run = self.propose(self.product)
        self.assertEqual((run.state, run.finished, run.skipped), ("done", 1, 0))
        self.assertEqual(self.proposals(self.product).mapped("state"), ["accepted"])

    def test_a_warehouse_without_a_rule_gets_one_proposed(self):
        self.rule.unlink()
        self.propose(self.product)
        proposal = self.proposal()
        self.assertTrue(proposal.is_new)
        self.assertEqual(proposal.location_id, self.warehouse.lot_stock_id)
        self.assertIn("New rule", proposal.reason)
        proposal.with_user(self.planner).action_accept()
        rule = proposal.orderpoint_id
        self.assertEqual(rule.trigger, "auto")
        self.assertEqual(rule.product_min_qty, proposal.minimum)

    def test_what_is_not_proposed_is_said(self):
        no_route = "No vendor, bill of materials or other route to order it by"
        cases = {
            "Its reordering rule is triggered by hand": {},
            "Its reordering rule is archived": {},
            no_route: {"route_ids": []},
            "It has no rule, and left no warehouse within a year": {},
            "Its stock is not tracked": {"is_storable": False},
            "Archived": {"active": False},
        }
        products = {}
        for number, (reason, vals) in enumerate(cases.items()):
            vals = {"route_ids": self.route.ids, **vals}
            products[reason] = self.create_goods(1, f"Case {number}", **vals)
        by_hand, archived, routeless, _idle, *_others = products.values()
        self.create_rule(by_hand, trigger="manual")
        self.create_rule(archived).active = False
        self.close_warehouse()
        self.create_rule(routeless)
        goods = self.product.browse().union(*products.values())
        run = self.propose(goods)
        self.assertEqual((run.state, run.skipped), ("done", len(cases)))
        self.assertFalse(self.proposals(goods))
        said = {entry["reason"]: entry["ids"] for entry in run.job_ids.skip_data}
        self.assertEqual(said, {key: one.ids for key, one in products.items()})

    def test_more_products_take_no_more_queries(self):
        goods = self.create_goods(12, route_ids=self.route.ids)
        for product in goods:
            self.create_rule(product)
            self.deliver(weeks_ago(1), product, 3)
        gather = self.env["ai.queue.kind.reorder"]._gather
        self.assertTrue(all(one.places for one in gather(goods)))
        few = self.count_queries(gather, goods[:2])
        self.assertLessEqual(self.count_queries(gather, goods[2:]), few)

    def close_warehouse(self):
        """Leave it no route of its own: goods come by those of the product alone."""
        if "buy_to_resupply" in self.warehouse._fields:
            self.warehouse.buy_to_resupply = False
        # Without purchases, receipts pull from the vendors whatever is wanted.
        rules = self.warehouse.reception_route_id.rule_ids
        rules.filtered(lambda rule: rule.action == "pull").active = False

    def test_a_warehouse_that_pulls_from_vendors_is_a_route(self):
        routeless = self.create_goods(1, "Pulled")
        rule = self.create_rule(routeless)
        self.deliver_weekly(routeless, [70] * 4)
        self.close_warehouse()
        self.propose(routeless)
        self.assertFalse(self.proposals(routeless))
        self.route.rule_ids.copy({"route_id": self.warehouse.reception_route_id.id})
        self.propose(routeless)
        self.assertEqual(self.proposal(routeless).orderpoint_id, rule)

    def test_nothing_known_is_said(self):
        new = self.create_goods(1, "New", route_ids=self.route.ids)
        self.create_rule(new)
        action = new.with_user(self.planner).action_propose_reorder()
        self.assertTrue(action)
        self.commit()
        run = self.run_jobs(self.find_runs()[:1])
        self.assertEqual(run.job_ids.skip_data[0]["reason"], "No demand is known yet")

    def test_a_newer_run_outdates_what_nobody_decided(self):
        self.propose(self.product)
        first = self.proposal()
        self.propose(self.product)
        self.assertEqual((first.state, first.outdated_by), ("outdated", "run"))
        self.assertGreater(self.proposal().id, first.id)

    def test_a_job_that_runs_again_makes_none_twice(self):
        run = self.propose(self.product)
        [job] = self.queue_jobs(run)
        proposal = self.proposal()
        job.state = "pending"
        with self.engine(flat_forecast(500.0)):
            self.run_jobs(run)
        self.assertEqual(self.proposals(self.product), proposal)
        self.assertEqual(run.state, "done")
        # Even if it does not see what it has written.
        kind = type(self.env["ai.queue.reorder.proposal"])
        job.state = "pending"
        with (
            self.engine(flat_forecast(500.0)),
            patch.object(kind, "_of_run", lambda _self, products, _run: products[:0]),
        ):
            self.run_jobs(run)
        self.assertEqual(self.proposals(self.product), proposal)
        self.assertLess(proposal.minimum, 300)

    def test_an_older_run_does_not_overrule_a_newer_one(self):
        older = self.product.with_user(self.planner).action_propose_reorder()
        self.commit()
        older = self.find_runs()[:1]
        newer = self.propose(self.product + self.create_goods(1, "Beside"))
        with self.engine(flat_forecast(500.0)):
            self.run_jobs(older)
        self.assertEqual(self.proposal().run_id, newer)

    def test_cancel(self):
        self.product.with_user(self.planner).action_propose_reorder()
        self.commit()
        run = self.find_runs()[:1]
        run.with_user(self.planner).action_cancel()
        self.commit()
        self.run_jobs(run)
        self.assertEqual(run.state, "cancelled")
        self.assertFalse(self.proposals(self.product))

    def test_every_night(self):
        idle = self.create_goods(1, "Idle")
        self.env["product.product"]._cron_ai_reorder()
        self.commit()
        run = self.find_runs()[:1]
        self.assertEqual((run.kind, run.origin), ("reorder", "cron"))
        self.assertIn(self.product.id, run.job_ids.res_ids)
        self.assertNotIn(idle.id, run.job_ids.res_ids)
        self.company.ai_queue_reorder_nightly = False
        count = len(self.find_runs())
        self.env["product.product"]._cron_ai_reorder()
        self.assertEqual(len(self.find_runs()), count)

    def test_all_that_is_kept_in_stock_by_a_press(self):
        idle = self.create_goods(1, "Idle")
        proposals = self.env["ai.queue.reorder.proposal"]
        proposals.with_user(self.planner).action_propose_all()
        self.commit()
        run = self.find_runs()[:1]
        self.assertEqual((run.kind, run.origin), ("reorder", "button"))
        self.assertEqual(run.user_id, self.planner)
        self.assertIn(self.product.id, run.job_ids.res_ids)
        self.assertNotIn(idle.id, run.job_ids.res_ids)

    def test_no_job_waits_for_an_addon_that_is_gone(self):
        self.product.with_user(self.planner).action_propose_reorder()
        self.commit()
        other = self.env["res.partner"].with_delay()._compute_display_name()
        uninstall_hook(self.env)
        [job] = self.queue_jobs(self.find_runs()[:1])
        self.assertEqual(job.state, "cancelled")
        self.assertEqual(other.db_record().state, "pending")

    def test_urgency_and_day(self):
        stock = self.warehouse.lot_stock_id
        self.move(TODAY, self.product, 930, stock, self.vendors)
        self.propose(self.product)
        proposal = self.proposal()
        # 70 are left, 10 go a day, and an order takes 14 days.
        self.assertEqual(proposal.urgency, "2")
        self.assertEqual(proposal.date_short, TODAY + timedelta(days=8))


@tagged("post_install", "-at_install")
class TestReorderPlaces(ReorderCase):
    """Warehouses, companies, units and categories."""

    def test_companies_are_apart(self):
        other = self.create_company("Elsewhere", ai_queue_demand_source="delivery")
        warehouse = self.find_warehouse(other)
        env = self.env(context={**self.env.context, "allowed_company_ids": other.ids})
        rule = self.create_rule(self.product, 1, 2, warehouse)
        self.product.route_ids += self.create_route(warehouse)
        self.propose(self.product)
        self.assertEqual(self.proposal().company_id, self.company)
        user = self.create_user(
            "elsewhere",
            "ai_queue.ai_queue_group_user,stock.group_stock_manager",
            other,
        )
        proposals = env["ai.queue.reorder.proposal"].with_user(user)
        self.assertFalse(proposals.search([]))
        product = self.product.with_env(env)
        self.deliver(weeks_ago(1), product, 5, warehouse, company=other)
        run = self.propose(product, user)
        self.assertEqual(run.company_id, other)
        self.assertEqual(proposals.search([]).orderpoint_id, rule)
        self.assertEqual(self.proposal_of(other).minimum_before, 1)
        self.assertEqual(self.proposal_of(self.company).minimum_before, 5)

    def proposal_of(self, company):
        found = (
            self.env["ai.queue.reorder.proposal"]
            .sudo()
            .search([("company_id", "=", company.id), ("state", "=", "open")])
        )
        return found.ensure_one()

    def test_categories_say_how_to_order(self):
        above = self.env["product.category"].create(
            {"name": "Food", "ai_queue_service_level": 0.99, "ai_queue_cycle_days": 28}
        )
        below = self.env["product.category"].create(
            {"name": "Bread", "parent_id": above.id, "ai_queue_review_days": 1}
        )
        self.propose(self.product)
        usual = self.proposal()
        self.product.categ_id = below
        self.propose(self.product)
        proposal = self.proposal()
        self.assertEqual(proposal.service_level, 0.99)
        self.assertAlmostEqual(proposal.reason_data["expected"], 145, delta=1)
        self.assertEqual(proposal.maximum - proposal.minimum, 280)
        self.assertEqual(usual.service_level, 0.95)
        with self.assertRaises(ValidationError):
            below.ai_queue_service_level = 1.5

    def test_multiples_of_a_unit(self):
        self.product.uom_ids = self.dozen
        self.rule.replenishment_uom_id = self.dozen
        self.propose(self.product)
        proposal = self.proposal()
        self.assertEqual(proposal.maximum - proposal.minimum, 144)
        self.assertIn("Ordered in multiples of 12.", proposal.reason)

    def test_products_in_dozens(self):
        product = self.create_goods(
            1, "Eggs", route_ids=self.route.ids, uom_id=self.dozen.id
        )
        self.create_rule(product, 1, 2)
        self.receive(weeks_ago(9), product, 10)
        self.deliver(weeks_ago(1), product, 24, product_uom=self.unit.id)
        self.propose(product)
        self.assertEqual(self.proposal(product).qty_on_hand, 8)

    def test_a_kit_is_left_to_its_components(self):
        if "is_kits" not in self.product._fields:
            self.skipTest("Kits come with manufacturing.")
        self.rule.unlink()
        self.env["mrp.bom"].create(
            {
                "product_tmpl_id": self.product.product_tmpl_id.id,
                "type": "phantom",
                "company_id": self.company.id,
                "bom_line_ids": [
                    Command.create({"product_id": self.create_goods(1, "Part").id})
                ],
            }
        )
        run = self.propose(self.product)
        [said] = run.job_ids.skip_data
        self.assertEqual(said["reason"], "A kit: its components are ordered")


@tagged("post_install", "-at_install")
class TestReorderDecision(ReorderCase):
    """Accept, change, snooze, reject; by people and by the rule."""

    def setUp(self):
        super().setUp()
        self.propose(self.product)
        self.open = self.proposal().with_user(self.planner)

    def test_accept_writes_the_rule(self):
        toast = self.open.action_accept()
        self.assertEqual(self.open.state, "accepted")
        self.assertEqual(self.open.decided_by, "person")
        self.assertEqual(self.open.user_id, self.planner)
        self.assertEqual(self.rule.product_min_qty, self.open.minimum)
        self.assertEqual(self.rule.product_max_qty, self.open.maximum)
        self.assertEqual(
            toast["params"]["message"], "Rules changed: 1. Still to decide: 0."
        )
        with self.assertRaises(UserError):
            self.open.action_accept()

    def test_changed_numbers_are_accepted(self):
        self.open.write({"minimum": 100, "maximum": 150})
        self.assertTrue(self.open.is_changed)
        self.open.action_accept()
        self.assertEqual(self.numbers(self.rule), (100, 150))

    def test_numbers_must_make_sense(self):
        with self.assertRaises(ValidationError):
            self.open.write({"minimum": 100, "maximum": 50})
        with self.assertRaises(ValidationError):
            self.open.write({"minimum": -1})

    def test_a_rule_that_was_changed_outdates_the_proposal(self):
        self.rule.product_max_qty = 30
        self.assertEqual((self.open.state, self.open.outdated_by), ("outdated", "rule"))
        with self.assertRaises(UserError):
            self.open.action_accept()

    def test_a_change_behind_the_back_of_odoo_is_noticed(self):
        self.env.flush_all()
        self.env.cr.execute(
            "UPDATE stock_warehouse_orderpoint SET product_min_qty = 7 WHERE id = %s",
            [self.rule.id],
        )
        self.open.action_accept()
        self.assertEqual((self.open.state, self.open.outdated_by), ("outdated", "rule"))
        self.rule.invalidate_recordset()
        self.assertEqual(self.rule.product_min_qty, 7)

    def test_a_rule_that_somebody_made_meanwhile_stays(self):
        self.rule.unlink()
        self.propose(self.product)
        proposal = self.proposal().with_user(self.planner)
        rule = self.create_rule(self.product, 8, 9)
        proposal.action_accept()
        self.assertEqual(proposal.state, "outdated")
        self.assertEqual(self.numbers(rule), (8, 9))

    def test_snooze(self):
        toast = self.open.with_context(ai_queue__days=30).action_snooze()
        self.assertEqual(self.open.snoozed_until, TODAY + timedelta(days=30))
        # The row is gone from the list: it is said until when.
        date = format_date(self.env, self.open.snoozed_until)
        self.assertIn(date, toast["params"]["message"])
        listed = self.open.search([("is_snoozed", "=", False), ("state", "=", "open")])
        self.assertNotIn(self.open, listed)
        # A newer run leaves it aside, too.
        self.propose(self.product)
        newer = self.proposal()
        self.assertEqual(newer.snoozed_until, TODAY + timedelta(days=30))
        # Unless it has become urgent.
        stock = self.warehouse.lot_stock_id
        self.move(TODAY, self.product, 1000, stock, self.vendors)
        self.propose(self.product)
        self.assertFalse(self.proposal().is_snoozed)
        self.assertEqual(self.proposal().urgency, "3")

    def reject(self, reason="Will be replaced"):
        action = self.open.action_reject()
        wizard = (
            self.env[action["res_model"]]
            .with_user(self.planner)
            .with_context(**action["context"])
            .create({"reason": reason})
        )
        wizard.action_reject()

    def test_reject_is_remembered(self):
        self.reject()
        self.assertEqual(self.open.state, "rejected")
        self.assertEqual(self.open.rejection, "Will be replaced")
        self.assertEqual(self.rule.product_min_qty, 5)
        run = self.propose(self.product)
        self.assertEqual(self.proposals(self.product), self.open)
        said = run.job_ids.remark_data
        self.assertIn(
            {"sentence": "Rejected lately with nearly the same numbers.", "count": 1},
            said,
        )

    def test_other_numbers_are_proposed_with_the_old_reason(self):
        self.reject()
        self.company.ai_queue_review_days = 30
        self.propose(self.product)
        proposal = self.proposal()
        self.assertEqual(proposal.last_rejection, "2026-03-18: Will be replaced")

    # ------------------------------------------------------------
    # THE RULE OF THE COMPANY
    # ------------------------------------------------------------

    def test_the_rule_accepts_small_changes(self):
        self.rule.write({"product_min_qty": 220, "product_max_qty": 400})
        self.company.write(
            {"ai_queue_reorder_auto": True, "ai_queue_reorder_auto_change": 0.2}
        )
        run = self.propose(self.product)
        accepted = self.proposals(self.product)[-1]
        self.assertEqual((accepted.state, accepted.decided_by), ("accepted", "rule"))
        self.assertEqual(self.rule.product_min_qty, accepted.minimum)
        self.assertIn(
            {"sentence": "Accepted by the rule of the company.", "count": 1},
            run.job_ids.remark_data,
        )

    def test_the_rule_leaves_big_ones_to_people(self):
        self.company.ai_queue_reorder_auto = True
        self.propose(self.product)
        self.assertEqual(self.proposal().state, "open")
        self.rule.write({"product_min_qty": 220, "product_max_qty": 400})
        self.company.ai_queue_reorder_auto_value = 1.0
        self.propose(self.product)
        self.assertEqual(self.proposal().state, "open")

    def test_the_rule_has_the_rights_of_who_started_the_run(self):
        self.rule.write({"product_min_qty": 220, "product_max_qty": 400})
        self.company.ai_queue_reorder_auto = True
        self.propose(self.product, self.clerk)
        self.assertEqual(self.proposal().state, "open")

    # ------------------------------------------------------------
    # ORDER
    # ------------------------------------------------------------

    def test_accept_and_order(self):
        stock = self.warehouse.lot_stock_id
        self.move(TODAY, self.product, 900, stock, self.vendors)
        self.open.action_accept_and_order()
        ordered = self.env["stock.move"].search([("orderpoint_id", "=", self.rule.id)])
        self.assertEqual(ordered.product_qty, self.rule.product_max_qty - 100)

    def test_each_is_ordered_in_its_own_company_and_what_is_left_is_said(self):
        left, other = self.open.new(), self.create_company("Elsewhere")
        self.planner.company_ids += other
        rules, seen = type(self.rule), []

        def replenish(rule):
            seen.append((rule, rule.env.company))
            return {"params": {}}

        proposals = (self.open + left).with_context(
            allowed_company_ids=(other + self.company).ids
        )
        with (
            patch.object(rules, "action_replenish", replenish),
            patch.object(type(left), "_accept", lambda both: both.filtered("id")),
        ):
            toast = proposals.action_accept_and_order()
        self.assertEqual(seen, [(self.rule, self.company)])
        self.assertIn("Left as they are: 1.", toast["params"]["message"])


@tagged("post_install", "-at_install")
class TestReorderSecurity(ReorderCase):
    """Who may see and decide."""

    def setUp(self):
        super().setUp()
        self.propose(self.product)
        self.open = self.proposal()

    def test_a_clerk_reads_and_decides_nothing(self):
        proposal = self.open.with_user(self.clerk)
        self.assertTrue(proposal.reason)
        for action in ("action_accept", "action_reject", "action_snooze"):
            with self.subTest(action=action), self.assertRaises(AccessError):
                getattr(proposal, action)()

    def test_a_forecaster_without_stock_sees_nothing(self):
        with self.assertRaises(AccessError):
            self.open.with_user(self.user).read(["minimum"])
        with self.assertRaises(AccessError):
            self.product.with_user(self.user).action_propose_reorder()
        with self.assertRaises(AccessError):
            self.product.with_user(self.plain_user).action_propose_reorder()

    def test_nobody_forges_a_proposal(self):
        proposal = self.open.with_user(self.planner)
        with self.assertRaises(AccessError):
            proposal.copy()
        with self.assertRaises(AccessError):
            proposal.write({"state": "accepted"})
        with self.assertRaises(AccessError):
            proposal.write({"minimum_before": 1})
        with self.assertRaises(AccessError):
            proposal.unlink()

    def test_housekeeping_takes_what_was_decided_long_ago(self):
        self.open.with_user(self.planner).action_accept()
        self.env.cr.execute(
            "UPDATE ai_queue_reorder_proposal SET write_date = '2024-01-01'"
        )
        self.propose(self.product)
        self.tidy_up()
        self.assertFalse(self.open.exists())
