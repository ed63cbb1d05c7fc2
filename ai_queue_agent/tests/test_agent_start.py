# Copyright 2026 The ai_queue contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
from odoo.exceptions import AccessError, UserError, ValidationError
from odoo.tests import Form, tagged

from .common import AiQueueAgentCommon


@tagged("post_install", "-at_install")
class TestAgentStart(AiQueueAgentCommon):
    """On what an agent starts, and that it can be switched off."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        groups = "base.group_partner_manager,ai_queue_agent.ai_queue_agent_group_user"
        cls.editor = cls.create_user("editor", groups)
        cls.industries = cls.env["res.partner.industry"].create(
            [{"name": "Bakeries"}, {"name": "Bakeries"}, {"name": "Smithies"}]
        )
        cls.watcher = cls.env["ai.queue.agent"].create(
            {
                "name": "Watcher",
                "aim": "Looks at bakeries",
                "model_id": cls.env["ir.model"]._get_id("res.partner"),
                "start_field_id": cls.field("industry_id").id,
                "start_value": "bakeries",
                "schedule_user_id": cls.editor.id,
            }
        )
        cls.partners = cls.env["res.partner"].create(
            [{"name": f"Baker {number}"} for number in range(3)]
        )
        cls.env.flush_all()

    @classmethod
    def field(cls, name, model="res.partner"):
        return cls.env["ir.model.fields"]._get(model, name)

    def noted(self, agent=None):
        """The ids of records that wait for an agent."""
        self.env.flush_all()
        rows = self.env["ai.queue.agent.reached"].search(
            [("agent_id", "=", (agent or self.watcher).id)]
        )
        return rows.mapped("res_id")

    def start(self):
        """What the cron does."""
        self.env.flush_all()
        self.env.ref("ai_queue_agent.ir_cron_agent_reached").method_direct_trigger()
        self.commit()
        self.env.invalidate_all()

    def cases(self, agent=None):
        return self.env["ai.queue.agent.case"].search(
            [("agent_id", "=", (agent or self.watcher).id)], order="id"
        )

    # ------------------------------------------------------------
    # A STATE THAT A RECORD REACHES
    # ------------------------------------------------------------

    def test_it_starts_on_what_many_records_reach_at_once(self):
        first, second, other = self.industries
        self.partners[:2].write({"industry_id": first.id})
        self.partners[2].industry_id = other
        created = self.env["res.partner"].create(
            {"name": "New Baker", "industry_id": second.id}
        )
        reached = [*self.partners[:2].ids, created.id]
        self.assertEqual(sorted(self.noted()), reached)
        self.start()
        self.assertFalse(self.noted())
        cases = self.cases()
        self.assertEqual(sorted(cases.mapped("res_id")), reached)
        run = self.env["ai.queue.run"].search([("kind", "=", "agent")], limit=1)
        self.assertEqual((run.origin, run.total), ("change", 3))
        self.assertEqual(run.user_id, self.editor)

    def test_once_for_each_time_that_it_is_reached(self):
        first, second, other = self.industries
        baker = self.partners[0]
        for industry in (first, first, second, other, first):
            baker.industry_id = industry
            self.assertIn(len(self.noted()), (0, 1))
        self.start()
        self.assertEqual(len(self.cases()), 1)
        # Another value of the same meaning, or none of its fields: nothing is reached.
        baker.industry_id = second
        baker.name = "Another name"
        self.assertFalse(self.noted())
        baker.industry_id = other
        self.env.flush_all()
        baker.industry_id = first
        self.assertEqual(self.noted(), baker.ids)

    def test_what_has_left_again_is_not_looked_at(self):
        self.partners.industry_id = self.industries[0]
        self.env.flush_all()
        self.partners[:2].industry_id = self.industries[2]
        self.start()
        self.assertEqual(self.cases().mapped("res_id"), self.partners[2].ids)
        self.assertFalse(self.noted())

    def test_what_is_undone_is_not_noted(self):
        with self.assertRaises(ZeroDivisionError), self.env.cr.savepoint():
            self.partners.industry_id = self.industries[0]
            self.env.flush_all()
            raise ZeroDivisionError
        self.assertFalse(self.noted())

    def test_a_state_that_odoo_computes_is_seen(self):
        self.agent.write(
            {
                "domain": '[("move_type", "=", "in_invoice")]',
                "start_field_id": self.field("payment_state", "account.move").id,
                "start_value": "Not Paid",
                "schedule_user_id": self.accountant.id,
            }
        )
        bill = self.bill(("Cleaning", 1, 101))
        self.assertEqual(self.noted(self.agent), bill.ids)

    def test_a_box(self):
        self.watcher.write(
            {"start_field_id": self.field("is_company").id, "start_value": "Yes"}
        )
        self.partners[0].is_company = True
        self.assertEqual(self.noted(), self.partners[0].ids)
        self.watcher.start_value = "no"
        self.assertEqual(self.watcher.start_data, [False])

    def test_other_models_take_no_query(self):
        industry = self.industries[2]

        def write_other():
            industry.full_name = f"{industry.full_name}."

        def write_watched():
            # A field that nobody waits for.
            self.partners.comment = f"{self.partners[0].comment}."

        def count():
            counts = []
            for write in (write_other, write_watched):
                self.count_queries(write)  # fills the caches of the process
                counts.append(self.count_queries(write))
            return counts

        watched = count()
        self.watcher.start_field_id = False
        self.assertEqual(count(), watched)

    def test_what_is_too_much_for_a_day_waits(self):
        self.watcher.max_records_per_day = 2
        self.partners.industry_id = self.industries[0]
        self.start()
        self.assertEqual(len(self.cases()), 2)
        self.assertEqual(self.noted(), self.partners[2].ids)

    def test_why_it_could_not_start_stands_in_its_form(self):
        self.editor.group_ids -= self.env.ref(
            "ai_queue_agent.ai_queue_agent_group_user"
        )
        self.partners.industry_id = self.industries[0]
        with self.assertLogs("odoo.addons.ai_queue_agent", "WARNING"):
            self.start()
        self.assertIn("You may not", self.watcher.start_error)

    def test_who_may_not_log_in_any_more_lends_no_rights(self):
        self.editor.active = False
        self.partners[0].industry_id = self.industries[0]
        with self.assertLogs("odoo.addons.ai_queue_agent", "WARNING"):
            self.start()
        self.assertFalse(self.cases())
        self.assertEqual(
            self.watcher.start_error, f"{self.editor.name} may not log in any more"
        )

    def test_a_filter_by_a_field_that_is_gone(self):
        self.env.flush_all()
        self.env.cr.execute(
            "UPDATE ai_queue_agent SET domain = '[(''x_gone'', ''='', 1)]' "
            "WHERE id = %s",
            [self.watcher.id],
        )
        self.env.invalidate_all()
        self.partners.industry_id = self.industries[0]
        with self.assertLogs("odoo.addons.ai_queue_agent", "WARNING"):
            self.start()
        self.assertIn("x_gone", self.watcher.start_error)

    def test_what_it_cannot_start_on_is_said(self):
        for vals, said in (
            ({"start_value": "Castles"}, "has no value Castles"),
            ({"start_field_id": self.field("name").id}, "cannot start on"),
            ({"schedule_user_id": False}, "as whom"),
        ):
            with self.assertRaisesRegex(ValidationError, said):
                with self.env.cr.savepoint():
                    self.watcher.write(vals)

    # ------------------------------------------------------------
    # MENU
    # ------------------------------------------------------------

    def test_it_is_in_the_menu_of_form_and_list(self):
        self.watcher.is_in_menu = True
        bindings = self.env["ir.actions.actions"].with_user(self.editor)
        named = [one["name"] for one in bindings.get_bindings("res.partner")["action"]]
        self.assertIn("Ask Watcher", named)
        action = self.watcher.menu_action_id.with_user(self.editor).with_context(
            active_model="res.partner",
            active_ids=self.partners.ids,
            active_id=self.partners[0].id,
        )
        answer = action.run()
        self.assertEqual(answer["tag"], "display_notification")
        self.assertEqual(self.cases().mapped("res_id"), self.partners.ids)
        # Others have no such entry, and may not run it.
        outsider = self.create_user("outsider", "base.group_partner_manager")
        with self.assertRaises(AccessError):
            action.with_user(outsider).run()
        self.watcher.active = False
        self.assertFalse(self.watcher.menu_action_id)

    # ------------------------------------------------------------
    # SWITCH
    # ------------------------------------------------------------

    def test_switched_off_what_waits_ends_with_a_sentence(self):
        self.known_vendor()
        bill = self.bill(("Cleaning", 1, 101))
        run = self.press_check(bill)
        self.agent.active = False
        self.run_jobs(run)
        self.assertEqual((run.state, run.skipped), ("done", 1))
        self.assertIn("The agent was switched off", run.skip_summary)
        self.assertFalse(self.proposals(bill))
        with self.assertRaisesRegex(UserError, "switched off"):
            self.agent.with_user(self.accountant)._start(
                bill.with_user(self.accountant)
            )

    def test_switched_off_it_watches_nothing(self):
        self.partners[0].industry_id = self.industries[0]
        self.assertTrue(self.noted())
        self.watcher.active = False
        self.assertFalse(self.noted())
        self.partners[1].industry_id = self.industries[0]
        self.assertFalse(self.noted())
        self.watcher.action_switch_on()
        self.partners[2].industry_id = self.industries[0]
        self.assertEqual(self.noted(), self.partners[2].ids)

    def test_switched_off_it_does_not_wait_for_answers(self):
        case = self.env["ai.queue.agent.case"]._request(
            self.agent, self.bill(("Cleaning", 1, 101))
        )
        case._wait_for()
        self.agent.active = False
        self.assertEqual(case.state, "cancelled")
        self.assertEqual(case.message, "The agent was switched off")
        self.assertFalse(case.activity_ids)

    # ------------------------------------------------------------
    # A THIRD AGENT, BY THE FORM ALONE
    # ------------------------------------------------------------

    def test_a_manager_makes_an_agent_by_the_form_alone(self):
        manager = self.create_user(
            "manager",
            "base.group_partner_manager,ai_queue_agent.ai_queue_agent_group_manager",
        )
        agents = self.env["ai.queue.agent"].with_user(manager)
        with Form(agents) as form:
            form.name = "Tidy"
            form.aim = "Finds partners without a city"
            form.model_id = self.env.ref("base.model_res_partner")
            form.domain = '[("city", "=", False)]'
            form.is_in_menu = True
            form.start_field_id = self.field("is_company")
            form.start_value = "Yes"
            form.schedule_user_id = manager
        made = form.record
        self.assertEqual(made.start_data, [True])
        self.partners[0].is_company = True
        self.start()
        [case] = self.cases(made)
        self.run_jobs(case.run_id or self.env["ai.queue.run"].search([], limit=1))
        # Without rules and without a model it says why it can say nothing.
        self.assertIn("no rules", case.message)
        self.assertTrue(case.is_failure)
        twin = made.copy({"name": "Twin"}).sudo()
        self.assertNotEqual(twin.menu_action_id, made.sudo().menu_action_id)
