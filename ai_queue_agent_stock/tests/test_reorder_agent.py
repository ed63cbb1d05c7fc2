# Copyright 2026 The ai_queue contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
from datetime import datetime, time, timedelta

from odoo.exceptions import AccessError, UserError
from odoo.tests import tagged

from odoo.addons.ai_queue.tests.common import TODAY, weeks_ago
from odoo.addons.ai_queue_agent.tests.common_ask import AiQueueAskMixin
from odoo.addons.ai_queue_stock.tests.common import AiQueueStockCommon


@tagged("post_install", "-at_install")
class TestReorderAgent(AiQueueAskMixin, AiQueueStockCommon):
    """The agent for reordering, and what it is asked about the stock."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        groups = "ai_queue_agent.ai_queue_agent_group_user,stock.group_stock_manager"
        cls.planner = cls.create_user("planner", groups)
        cls.accountant = cls.planner  # who writes in chats unless it is said
        cls.agent = cls.env.ref("ai_queue_agent_stock.ai_queue_agent_reorder")
        cls.route = cls.create_route()
        cls.product = cls.goods("Chair")
        cls.rule = cls.create_rule(cls.product, 50, 100)

    @classmethod
    def goods(cls, name, **vals):
        vals = {"route_ids": cls.route.ids, "standard_price": 2.0, **vals}
        return cls.create_goods(1, name, **vals)

    def look(self, rules=None, user=None):
        """Press *Ask the Agent* and let the jobs run; returns the open proposals."""
        rules = rules or self.rule
        action = rules.with_user(user or self.planner).action_check_ai_reorder()
        self.commit()
        url = action["params"]["links"][0]["url"]
        self.last_run = self.env["ai.queue.run"].browse(int(url.rpartition("/")[2]))
        self.run_jobs(self.last_run)
        return self.env["ai.queue.proposal"].search(
            [
                ("res_model", "=", rules._name),
                ("res_id", "in", rules.ids),
                ("state", "=", "open"),
            ]
        )

    def sell(self, weeks, quantity=70, recent=None):
        """Deliveries of each week, of the last four perhaps more."""
        self.receive(weeks_ago(weeks + 1), self.product, 10000)
        for back in range(weeks, 0, -1):
            often = recent if recent and back <= 4 else quantity
            self.deliver(TODAY - timedelta(days=7 * back - 3), self.product, often)

    def leave(self, quantity):
        """Let so much be in stock."""
        stock = self.warehouse.lot_stock_id
        have = self.product.with_context(location=stock.id).qty_available
        self.move(TODAY, self.product, have - quantity, stock, self.vendors)

    def await_receipt(self, day, quantity, partner=None):
        """What a vendor is to bring on a day."""
        partner = partner or self.env["res.partner"].create({"name": "Slow & Sons"})
        picking = self.env["stock.picking"].create(
            {
                "picking_type_id": self.warehouse.in_type_id.id,
                "partner_id": partner.id,
                "location_id": self.vendors.id,
                "location_dest_id": self.warehouse.lot_stock_id.id,
                "company_id": self.company.id,
            }
        )
        move = self.env["stock.move"].create(
            {
                "product_id": self.product.id,
                "product_uom_qty": quantity,
                "picking_id": picking.id,
                "location_id": self.vendors.id,
                "location_dest_id": self.warehouse.lot_stock_id.id,
                "company_id": self.company.id,
            }
        )
        picking.action_confirm()
        move.date = datetime.combine(day, time(12))
        return picking

    def codes(self, proposal):
        return [one["code"] for one in proposal.finding_data if one["level"] != "note"]

    # ------------------------------------------------------------
    # EXCEPTIONS
    # ------------------------------------------------------------

    def test_nothing_out_of_the_ordinary(self):
        self.sell(30)
        self.leave(300)
        self.rule.write({"product_min_qty": 50, "product_max_qty": 1000})
        self.assertFalse(self.look())
        [skipped] = self.last_run.job_ids.skip_data
        self.assertEqual(skipped["reason"], "Nothing out of the ordinary")

    def test_sudden_demand_raises_the_rule(self):
        self.sell(30, 70, recent=210)
        proposal = self.look()
        self.assertEqual(self.codes(proposal), ["sudden"])
        self.assertEqual(proposal.verdict, "ask")
        self.assertEqual(proposal.effect, "write")
        self.assertEqual(
            proposal.values_after, {"product_min_qty": 150, "product_max_qty": 300}
        )
        self.assertIn("Much more is sold than before", proposal.main_reason)
        proposal.with_user(self.planner).action_approve_anyway()
        self.assertEqual(proposal.state, "applied")
        self.assertEqual(self.rule.product_max_qty, 300)
        proposal.with_user(self.planner).action_undo()
        self.assertEqual(self.rule.product_max_qty, 100)

    def test_a_rule_that_was_changed_meanwhile(self):
        self.sell(30, 70, recent=210)
        proposal = self.look()
        self.rule.product_max_qty = 120
        proposal.with_user(self.planner).action_approve_anyway()
        self.assertEqual(proposal.state, "outdated")
        self.assertTrue(proposal.outdated_reason)
        self.assertEqual(self.rule.product_max_qty, 120)

    def test_a_late_vendor_is_asked(self):
        self.sell(30)
        self.leave(200)
        picking = self.await_receipt(TODAY - timedelta(days=4), 500)
        proposal = self.look()
        self.assertEqual(self.codes(proposal), ["late"])
        self.assertEqual(proposal.verdict, "hold")
        self.assertEqual(proposal.message_partner_id, picking.partner_id)
        self.assertEqual(proposal.partner_id, picking.partner_id)
        # What a planner decides by is there to read.
        name = f"{self.product.display_name} ({self.rule.name})"
        self.assertEqual(proposal.record_name, name)
        self.assertIn("200 on hand", proposal.reason)
        self.assertIn("500 should have come on 03/14/2026", proposal.message_body)
        before = len(picking.message_ids)
        proposal.with_user(self.planner).action_send()
        self.assertEqual(proposal.state, "applied")
        self.assertEqual(len(picking.message_ids), before + 1)
        self.assertEqual(self.rule.product_max_qty, 100)

    def test_a_vendor_reads_nothing_of_another_one(self):
        self.sell(30)
        self.leave(200)
        first = self.await_receipt(TODAY - timedelta(days=6), 300)
        second = self.await_receipt(TODAY - timedelta(days=4), 500)
        second.partner_id = self.env["res.partner"].create({"name": "Other Vendor"})
        proposal = self.look()
        self.assertEqual(self.codes(proposal), ["late", "late"])
        self.assertEqual(proposal.message_partner_id, first.partner_id)
        self.assertIn(first.name, proposal.message_body)
        self.assertNotIn(second.name, proposal.message_body)
        self.assertEqual(proposal._get_thread(), first)

    def test_a_late_receipt_of_nobody_is_told_to_the_buyer(self):
        self.sell(30)
        self.leave(200)
        self.await_receipt(TODAY - timedelta(days=4), 500).partner_id = False
        proposal = self.look()
        self.assertEqual(proposal.message_partner_id, self.planner.partner_id)
        self.assertIn("needs you", proposal.message_body)

    def test_a_receipt_that_has_come_meanwhile(self):
        self.sell(30)
        self.leave(200)
        picking = self.await_receipt(TODAY - timedelta(days=4), 500)
        proposal = self.look()
        picking.move_ids.write({"quantity": 500, "picked": True})
        picking._action_done()
        proposal.with_user(self.planner).action_send()
        self.assertEqual(proposal.state, "outdated")

    def test_too_much_is_left(self):
        self.sell(30)
        proposal = self.look()
        self.assertEqual(self.codes(proposal), ["sells_off"])
        self.assertEqual((proposal.verdict, proposal.effect), ("hold", "none"))
        with self.assertRaises(UserError):
            proposal.with_user(self.planner).action_approve()

    def test_who_plans_may_tell_the_buyer(self):
        self.sell(30)
        self.await_receipt(TODAY + timedelta(days=2), 50)
        proposal = self.look()
        self.assertEqual(self.codes(proposal), ["too_much_coming"])
        proposal.with_user(self.planner).action_send()
        self.assertEqual(proposal.state, "applied")
        [message] = self.product.product_tmpl_id.message_ids[:1]
        self.assertEqual(message.author_id, self.planner.partner_id)

    def test_the_end_of_a_product(self):
        self.sell(30)
        self.product.purchase_ok = False
        proposal = self.look()
        self.assertEqual(self.codes(proposal), ["ended"])
        self.assertEqual(proposal.verdict, "approve")
        proposal.with_user(self.planner).action_approve()
        self.assertEqual(self.rule.product_max_qty, 0)
        self.assertFalse(self.look())

    def test_short_is_ordered_once(self):
        self.sell(30)
        self.forecast_weekly(70)
        self.leave(30)
        proposal = self.look()
        self.assertEqual(self.codes(proposal), ["short"])
        self.assertEqual((proposal.verdict, proposal.effect), ("approve", "order_now"))
        self.assertEqual(proposal.values_after, {"qty_to_order": 70})
        self.assertIn("To Order: 0.0 → 70.0", proposal.change)
        proposal.with_user(self.planner).action_approve()
        self.assertEqual(proposal.state, "applied")
        moves = self.env["stock.move"].search(
            [
                ("product_id", "=", self.product.id),
                ("location_dest_id", "=", self.warehouse.lot_stock_id.id),
                ("state", "not in", ("done", "cancel")),
            ]
        )
        self.assertEqual(sum(moves.mapped("product_qty")), 70)
        with self.assertRaises(UserError):
            proposal.with_user(self.planner).action_approve()
        with self.assertRaises(UserError):
            proposal.with_user(self.planner).action_undo()

    def test_an_order_that_came_between(self):
        self.sell(30)
        self.forecast_weekly(70)
        self.leave(30)
        proposal = self.look()
        self.await_receipt(TODAY + timedelta(days=1), 70)
        proposal.with_user(self.planner).action_approve()
        self.assertEqual(proposal.state, "outdated")

    def test_what_another_warehouse_has(self):
        other = self.create_warehouse("North", "NTH")
        self.sell(30)
        self.forecast_weekly(70)
        self.leave(30)
        self.receive(TODAY, self.product, 400, other)
        proposal = self.look()
        self.assertIn("elsewhere", self.codes(proposal))
        self.assertEqual(proposal.verdict, "ask")
        self.assertIn("North", proposal.main_reason)

    def test_short_without_a_forecast(self):
        self.sell(30)
        self.leave(30)
        proposal = self.look()
        self.assertEqual(self.codes(proposal), ["short"])
        self.assertEqual((proposal.verdict, proposal.effect), ("approve", "order_now"))
        self.assertEqual(proposal.values_after, {"qty_to_order": 70})

    def test_short_where_several_warehouses_sell_it(self):
        north = self.create_warehouse("North", "NTH")
        self.sell(30)
        self.forecast_weekly(70)
        self.leave(30)
        self.receive(weeks_ago(20), self.product, 500, north)
        self.deliver(weeks_ago(18), self.product, 10, north)
        proposal = self.look()
        self.assertEqual(self.codes(proposal), ["elsewhere", "short"])
        self.assertEqual(proposal.effect, "order_now")

    def test_what_comes_too_late_is_told_to_the_buyer(self):
        self.sell(30)
        self.leave(30)
        self.await_receipt(TODAY + timedelta(days=10), 500)
        proposal = self.look()
        self.assertEqual(self.codes(proposal), ["enough_by_rule", "short"])
        self.assertEqual((proposal.verdict, proposal.effect), ("ask", "none"))
        self.assertEqual(proposal.message_partner_id, self.planner.partner_id)
        self.assertIn("It is used up by", proposal.message_body)
        proposal.with_user(self.planner).action_send()
        self.assertEqual(proposal.state, "applied")

    def test_what_other_warehouses_take_is_wanted(self):
        north = self.create_warehouse("North", "NTH")
        self.receive(weeks_ago(29), self.product, 400)
        for back in range(28, 0, -4):
            self.move(
                weeks_ago(back),
                self.product,
                40,
                self.warehouse.lot_stock_id,
                north.lot_stock_id,
                rule_id=self.route.rule_ids.id,
            )
            self.deliver(weeks_ago(back), self.product, 40, north)
        self.assertFalse(self.look())

    def test_a_new_warehouse_had_no_time_to_sell(self):
        self.sell(30)
        north = self.create_warehouse("North", "NTH")
        self.receive(TODAY, self.product, 50, north)
        rule = self.create_rule(self.product, 50, 100, north)
        self.assertFalse(self.look(rule))

    def forecast_weekly(self, quantity):
        """A stored forecast of the company."""
        product = self.product.with_user(self.planner)
        self.forecast(product, self.planner, quantity=float(quantity))

    # ------------------------------------------------------------
    # RIGHTS
    # ------------------------------------------------------------

    def test_who_may_not_change_rules_does_not_decide(self):
        self.sell(30, 70, recent=210)
        groups = "ai_queue_agent.ai_queue_agent_group_user,stock.group_stock_user"
        clerk = self.create_user("asking_clerk", groups)
        proposal = self.look(user=clerk)
        self.assertFalse(proposal.with_user(clerk).can_decide)
        with self.assertRaises(AccessError):
            proposal.with_user(clerk).action_approve_anyway()
        # … who may, does, though another asked.
        proposal.with_user(self.planner).action_approve_anyway()
        self.assertEqual(proposal.state, "applied")

    def test_another_company(self):
        self.sell(30, 70, recent=210)
        proposal = self.look()
        other = self.create_company("Other Post")
        stranger = self.create_user(
            "stranger",
            "ai_queue_agent.ai_queue_agent_group_user,stock.group_stock_manager",
            other,
        )
        mine = self.of("ai.queue.proposal", stranger).browse(proposal.id)
        with self.assertRaises(AccessError):
            mine.read(["state"])
        with self.assertRaises(AccessError):
            mine.action_approve()

    def test_it_looks_every_night(self):
        self.sell(30, 70, recent=210)
        # … when somebody has said so.
        self.assertFalse(self.agent.is_scheduled)
        self.assertFalse(self.agent.schedule_user_id)
        self.agent.write({"is_scheduled": True, "schedule_user_id": self.planner.id})
        own = self.agent.with_user(self.planner).with_company(self.company)
        own._start_at_night()
        self.commit()
        run = self.find_runs().filtered(lambda one: one.kind == "agent")[:1]
        self.assertEqual(run.origin, "cron")
        self.run_jobs(run)
        proposals = self.env["ai.queue.proposal"].search(
            [("agent_id", "=", self.agent.id), ("res_id", "=", self.rule.id)]
        )
        self.assertEqual(proposals.state, "open")

    # ------------------------------------------------------------
    # ASKED
    # ------------------------------------------------------------

    def test_what_is_short_next_week(self):
        self.sell(30)
        self.leave(20)
        self.propose(self.product, self.planner)
        for text in (
            "What is short next week?",
            "Was fehlt nächste Woche?",
            "Was wird knapp?",
            "¿Qué faltará la próxima semana?",
            "Qu'est-ce qui va manquer la semaine prochaine ?",
            "Cosa mancherà la settimana prossima?",
            "Wat raakt er op?",
        ):
            with self.subTest(text=text):
                question = self.ask(text)
                self.assertEqual(question.tool, "short_soon")
                self.assertIn(self.product.name, question.answer_id.body)
                self.assertIn("ai.queue.reorder.proposal", question.answer_id.body)

    def test_nothing_is_short(self):
        self.receive(TODAY, self.product, 1000)
        self.env.invalidate_all()
        self.env.add_to_compute(self.rule._fields["deadline_date"], self.rule)
        question = self.ask("What is short tomorrow?")
        self.assertIn("runs out by 03/19/2026", self.plain(question.answer_id))

    def test_who_may_not_see_the_stock_is_told_nothing_of_it(self):
        self.sell(30)
        self.leave(20)
        self.propose(self.product, self.planner)
        plain = self.create_user("asker", "ai_queue_agent.ai_queue_agent_group_user")
        question = self.ask("What is short next week?", user=plain)
        self.assertNotIn(self.product.name, question.answer_id.body)
