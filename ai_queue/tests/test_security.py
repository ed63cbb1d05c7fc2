# Copyright 2026 The ai_queue contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
from odoo.exceptions import AccessError
from odoo.fields import Command
from odoo.tests import JsonRpcException, tagged
from odoo.tools import mute_logger

from .common import AiQueueCommon, AiQueueHttpCommon


@tagged("post_install", "-at_install")
class TestSecurity(AiQueueCommon):
    """Roles and companies, as the ORM holds them."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.products = cls.create_products(2)
        cls.colleague = cls.create_user("colleague", "ai_queue.ai_queue_group_user")
        cls.other_company = cls.create_company("Other Company")
        cls.stranger = cls.create_user(
            "stranger", "ai_queue.ai_queue_group_manager", company=cls.other_company
        )

    # ------------------------------------------------------------
    # ROLES
    # ------------------------------------------------------------

    def test_the_role_is_needed_to_press(self):
        with self.assertRaisesRegex(AccessError, "AI Queue / User"):
            self.press(self.products, self.plain_user)
        self.assertFalse(self.find_runs())

    def test_a_manager_is_a_user_and_steers_jobs(self):
        for group in (
            "ai_queue.ai_queue_group_user",
            "queue_job.group_queue_job_manager",
            "base.group_user",
        ):
            self.assertTrue(self.manager.has_group(group), group)
        self.assertTrue(self.press(self.products, self.manager))

    def test_a_user_is_no_manager_of_jobs(self):
        self.assertFalse(self.user.has_group("queue_job.group_queue_job_manager"))
        self.assertFalse(self.user.has_group("ai_queue.ai_queue_group_manager"))

    def test_what_one_may_not_read_one_may_not_forecast(self):
        self.env["ir.rule"].create(
            {
                "name": "Some products are not for everyone",
                "model_id": self.env.ref("product.model_product_product").id,
                "domain_force": f"[('id', '!=', {self.products[1].id})]",
            }
        )
        self.assertTrue(self.press(self.products[0]))
        with self.assertRaises(AccessError):
            self.press(self.products)

    def test_a_person_without_the_role_reads_nothing(self):
        run = self.forecast(self.products)
        for records in (run, run.job_ids, self.forecasts(self.products)):
            with self.subTest(records._name), self.assertRaises(AccessError):
                records.with_user(self.plain_user).read(["display_name"])

    def test_a_run_names_its_product_to_who_may_read_it_alone(self):
        product = self.products[1]
        self.env["ir.rule"].create(
            {
                "name": "Some products are not for the colleague",
                "model_id": self.env.ref("product.model_product_product").id,
                "domain_force": f"[('id', '!=', {product.id})] "
                f"if user.id == {self.colleague.id} else [(1, '=', 1)]",
            }
        )
        run = self.press(product)
        [job] = self.queue_jobs(run)
        self.assertEqual(job.name, "Demand forecast of one product")
        run = self.run_jobs(run)
        title = f"Demand forecast of {product.display_name}"
        self.assertEqual(run.with_user(self.user).display_name, title)
        self.assertEqual(run._get_bus_ended()["name"], title)
        theirs = run.with_user(self.colleague)
        self.assertEqual(theirs.display_name, "Demand forecast of one product")
        self.assertEqual(theirs.action_open_records()["name"], theirs.display_name)
        for records in (theirs, theirs.job_ids, theirs.attempt_ids):
            self.assertNotIn(product.name, str(records.read()))

    def test_a_run_of_several_names_the_first_to_who_may_read_it_alone(self):
        product = self.products[0]
        self.env["ir.rule"].create(
            {
                "name": "Some products are not for the colleague",
                "model_id": self.env.ref("product.model_product_product").id,
                "domain_force": f"[('id', '!=', {product.id})] "
                f"if user.id == {self.colleague.id} else [(1, '=', 1)]",
            }
        )
        run = self.press(self.products[:2])
        self.assertIn(product.name, run.with_user(self.user).display_name)
        self.assertEqual(
            run.with_user(self.colleague).display_name, "Demand forecast of 2 products"
        )

    def test_a_run_for_a_product_that_is_gone_has_a_name(self):
        run = self.forecast(self.products[0])
        self.products[0].unlink()
        self.assertEqual(
            run.with_user(self.user).display_name, "Demand forecast of one product"
        )

    def test_users_read_runs_and_forecasts_of_their_colleagues(self):
        run = self.forecast(self.products)
        for records in (run, run.job_ids, self.forecasts(self.products)):
            records.with_user(self.colleague).read()

    def test_nobody_writes_runs_by_hand(self):
        run = self.forecast(self.products)
        for user in (self.user, self.manager):
            for records, vals in (
                (run, {"state": "done"}),
                (run, {"user_id": user.id}),
                (run.job_ids, {"res_ids": [1]}),
            ):
                with self.assertRaises(AccessError):
                    records.with_user(user).write(vals)
                with self.assertRaises(AccessError):
                    records.with_user(user).copy()

    def test_only_managers_delete_runs(self):
        run = self.forecast(self.products)
        with self.assertRaises(AccessError):
            run.with_user(self.user).unlink()
        run.with_user(self.manager).unlink()

    def test_the_identity_of_a_run_is_nobodys_business(self):
        run = self.press(self.products)
        self.assertNotIn("identity_key", run.with_user(self.manager).fields_get())

    def hide(self, product):
        """From now on nobody but the system reads this product."""
        self.env["ir.rule"].create(
            {
                "name": "Some products are not for everyone",
                "model_id": self.env.ref("product.model_product_product").id,
                "domain_force": f"[('id', '!=', {product.id})]",
            }
        )

    def skip(self, products):
        """A run that left out these products, as they were archived meanwhile."""
        run = self.press(products)
        products.active = False
        return self.run_jobs(run)

    def test_what_is_left_out_is_named_to_those_who_may_read_it(self):
        run = self.skip(self.products)
        for person in (self.user, self.colleague):
            self.assertEqual(
                run.with_user(person).skip_summary, "Archived: Product 1, Product 2"
            )
        self.hide(self.products[0])
        self.env.invalidate_all()
        summary = "Archived: Product 2, and 1 that you may not see"
        for person in (self.user, self.colleague, self.manager):
            self.assertEqual(run.with_user(person).skip_summary, summary)
            self.assertEqual(run.job_ids.with_user(person).skip_summary, summary)
            self.assertNotIn("Product 1", str(run.with_user(person).read()))
            self.assertNotIn("Product 1", str(run.job_ids.with_user(person).read()))

    def test_what_nobody_may_read_is_only_counted(self):
        run = self.press(self.products)
        self.hide(self.products[0])
        self.run_jobs(run)
        self.assertEqual(
            run.with_user(self.user).skip_summary,
            "You may not read them: 1 that you may not see",
        )

    def test_what_moved_to_another_company_is_named_to_those_who_work_there(self):
        run = self.press(self.products)
        self.products[0].company_id = self.other_company
        self.run_jobs(run)
        self.assertEqual(
            run.with_user(self.user).skip_summary,
            "Now belongs to another company: 1 that you may not see",
        )
        self.user.company_ids = [Command.link(self.other_company.id)]
        both = (self.company | self.other_company).ids
        self.assertEqual(
            run.with_user(self.user)
            .with_context(allowed_company_ids=both)
            .skip_summary,
            "Now belongs to another company: Product 1",
        )

    def test_what_is_left_out_is_said_when_its_addon_is_gone(self):
        run = self.skip(self.products[0])
        run.job_ids.sudo().skip_data = [
            {"reason": "Lost", "model": "no.such.model", "ids": [7]}
        ]
        self.env.invalidate_all()
        self.assertEqual(run.with_user(self.user).skip_summary, "Lost: #7")

    # ------------------------------------------------------------
    # WHO STEERS
    # ------------------------------------------------------------

    def test_only_the_person_and_managers_cancel_a_run(self):
        run = self.press(self.products)
        with self.assertRaisesRegex(AccessError, "Only ai_user"):
            run.with_user(self.colleague).action_cancel()
        self.assertEqual(run.state, "pending")
        self.assertFalse(run.cancel_requested)
        run.with_user(self.manager).action_cancel()
        self.commit()
        self.assertEqual(run.state, "cancelled")

    def test_only_the_person_and_managers_retry_a_run(self):
        run = self.press(self.products)
        with self.engine(lambda requests: 1 / 0):
            self.perform_failing(self.queue_jobs(run))
        with self.assertRaises(AccessError):
            run.with_user(self.colleague).action_retry()
        self.assertEqual(self.queue_jobs(run).state, "failed")
        run.with_user(self.manager).action_retry()
        self.commit()
        self.assertEqual(run.state, "pending")

    def test_a_run_shows_its_buttons_to_those_who_may(self):
        run = self.press(self.products)
        for user, may in (
            (self.user, True),
            (self.colleague, False),
            (self.manager, True),
        ):
            self.assertEqual(run.with_user(user).can_steer, may, user.login)

    def test_one_run_of_another_spoils_the_selection(self):
        own = self.press(self.products[0], self.colleague)
        other = self.press(self.products[1], self.user)
        with self.assertRaises(AccessError):
            (own | other).with_user(self.colleague).action_cancel()
        self.assertEqual((own | other).mapped("state"), ["pending", "pending"])

    # ------------------------------------------------------------
    # COMPANIES
    # ------------------------------------------------------------

    def test_a_manager_of_another_company_sees_nothing_of_ours(self):
        run = self.forecast(self.products)
        for records in (run, run.job_ids, self.forecasts(self.products)):
            model = records.with_user(self.stranger).with_context(
                allowed_company_ids=self.other_company.ids
            )
            self.assertFalse(model.search([]), records._name)
            with self.assertRaises(AccessError):
                model.browse(records.ids).read(["company_id"])

    def test_a_manager_of_another_company_steers_nothing_of_ours(self):
        run = self.press(self.products)
        run = run.with_user(self.stranger).with_context(
            allowed_company_ids=self.other_company.ids
        )
        for action in (run.action_cancel, run.action_retry):
            with self.assertRaises(AccessError):
                action()
        self.assertEqual(run.sudo().state, "pending")

    def test_whoever_works_for_two_companies_sees_both(self):
        self.user.company_ids = [Command.link(self.other_company.id)]
        ours = self.press(self.products)
        theirs = self.press(
            self.products.with_context(allowed_company_ids=self.other_company.ids)
        )
        both = (self.company | self.other_company).ids
        runs = self.env["ai.queue.run"].with_user(self.user)
        found = runs.with_context(allowed_company_ids=both).search([])
        self.assertEqual(found, theirs | ours)
        found = runs.with_context(allowed_company_ids=both[:1]).search([])
        self.assertEqual(found, ours)


@tagged("post_install", "-at_install")
class TestSecurityOverRpc(AiQueueHttpCommon):
    """The same from the outside: whatever a browser may send."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.products = cls.create_products(2)
        cls.colleague = cls.create_user("colleague", "ai_queue.ai_queue_group_user")

    def refused(self, records, method, *args, **kwargs):
        with (
            self.assertRaises(JsonRpcException) as caught,
            mute_logger("odoo.http", "odoo.addons.base.models.ir_rule"),
        ):
            self.rpc(records, method, *args, **kwargs)
        self.env.invalidate_all()
        self.assertEqual(str(caught.exception), "odoo.exceptions.AccessError")

    def press_by_rpc(self, **context):
        action = self.rpc(
            self.products, "action_run_ai_forecast", context=context or None
        )
        self.env.invalidate_all()
        url = action["params"]["links"][0]["url"]
        return self.env["ai.queue.run"].browse(int(url.rpartition("/")[2]))

    # ------------------------------------------------------------
    # THE JOB METHOD
    # ------------------------------------------------------------

    def test_the_job_method_cannot_be_called(self):
        for login in ("plain", "ai_user", "ai_manager", "admin"):
            self.authenticate(login, login)
            for records in (self.products, self.products.product_tmpl_id):
                self.refused(records, "run_ai_demand_forecast")
        self.assertFalse(self.forecasts(self.products))

    def test_neither_can_what_stands_behind_it(self):
        self.authenticate("admin", "admin")
        kind = self.env["ai.queue.kind.forecast"]
        run = self.env["ai.queue.run"]
        self.refused(kind, "_perform")
        self.refused(run, "_start", "forecast")
        self.refused(run, "_sync")
        self.refused(self.env["ai.queue.run.job"], "_report")
        self.refused(self.env["ai.queue.forecast"], "_store", [])
        self.refused(self.products, "_ai_queue_on_fail")

    # ------------------------------------------------------------
    # THE PRESS
    # ------------------------------------------------------------

    def test_a_user_presses(self):
        self.authenticate("ai_user", "ai_user")
        run = self.press_by_rpc()
        self.assertEqual((run.state, run.user_id, run.total), ("pending", self.user, 2))

    def test_a_person_without_the_role_cannot_press(self):
        self.authenticate("plain", "plain")
        self.refused(self.products, "action_run_ai_forecast")
        self.refused(self.products.product_tmpl_id, "action_run_ai_forecast")
        self.assertFalse(self.find_runs())
        self.assertFalse(
            self.env["queue.job"].search([("model_name", "=", "product.product")])
        )

    def test_the_server_action_is_refused_as_well(self):
        action = self.env.ref(
            "ai_queue.product_product_action_run_ai_forecast", raise_if_not_found=False
        )
        if not action:
            self.skipTest("The list has a button instead.")
        self.authenticate("plain", "plain")
        with self.assertRaises(JsonRpcException), mute_logger("odoo.http"):
            self.make_jsonrpc_request(
                "/web/action/run",
                {
                    "action_id": action.id,
                    "context": {
                        "active_model": "product.product",
                        "active_ids": self.products.ids,
                    },
                },
            )
        self.env.invalidate_all()
        self.assertFalse(self.find_runs())

    def test_no_context_makes_a_press_do_the_work_at_once(self):
        self.authenticate("ai_user", "ai_user")
        with self.engine(lambda requests: self.fail("Not in the request.")):
            run = self.press_by_rpc(queue_job__no_delay=True)
        self.assertEqual(run.state, "pending")
        self.assertEqual(self.queue_jobs(run).state, "pending")
        self.assertFalse(self.forecasts(self.products))

    @mute_logger("py.warnings")  # Odoo compares the number with the real run
    def test_no_context_puts_a_job_into_the_run_of_another(self):
        run = self.press(self.products[0], self.manager)
        self.authenticate("ai_user", "ai_user")
        forged = self.press_by_rpc(
            ai_queue__run=run.id,
            ai_queue__run_job=run.job_ids.id,
            ai_queue__job_uuid=run.job_ids.queue_job_uuid,
            job_uuid=run.job_ids.queue_job_uuid,
            _job_edit_sentinel=True,
        )
        self.assertNotEqual(forged, run)
        self.assertEqual(len(run.job_ids), 1)
        self.assertEqual(forged.user_id, self.user)
        self.assertEqual(self.queue_jobs(forged).user_id, self.user)

    def test_no_context_opens_another_company(self):
        other = self.create_company("Other Company")
        self.authenticate("ai_user", "ai_user")
        self.refused(
            self.products,
            "action_run_ai_forecast",
            context={"allowed_company_ids": other.ids},
        )
        self.refused(
            self.products,
            "get_ai_forecast_data",
            context={"allowed_company_ids": other.ids},
        )

    # ------------------------------------------------------------
    # RUNS, FORECASTS, JOBS
    # ------------------------------------------------------------

    def test_runs_are_neither_made_nor_written_nor_steered_by_others(self):
        run = self.press(self.products, self.user)
        self.authenticate("colleague", "colleague")
        self.refused(run, "write", {"state": "done"})
        self.refused(run, "web_save", {"state": "done"}, specification={})
        self.refused(run, "unlink")
        self.refused(run, "action_cancel")
        self.refused(run, "action_retry")
        self.refused(
            run.browse(),
            "web_save",
            {"name": "Mine", "kind": "forecast"},
            specification={},
        )
        self.assertEqual(run.state, "pending")

    def test_the_person_cancels(self):
        run = self.press(self.products, self.user)
        self.authenticate("ai_user", "ai_user")
        self.assertTrue(self.rpc(run, "action_cancel"))
        self.env.invalidate_all()
        self.assertEqual(run.state, "cancelled")

    def test_of_a_forecast_only_the_quantity_is_written(self):
        self.forecast(self.products)
        row = self.forecasts(self.products)[0]
        self.authenticate("ai_user", "ai_user")
        self.refused(row, "write", {"upper_95": 1})
        self.refused(
            row, "web_save", {"quantity": 1, "method": "none"}, specification={}
        )
        self.refused(row, "unlink")
        self.rpc(row, "web_save", {"quantity": 3}, specification={"is_manual": {}})
        self.env.invalidate_all()
        self.assertEqual((row.quantity, row.is_manual), (3, True))

    def test_no_context_lets_anyone_write_a_result(self):
        self.forecast(self.products)
        row = self.forecasts(self.products)[0]
        self.authenticate("ai_user", "ai_user")
        self.refused(row, "write", {"upper_95": 1}, context={"su": True, "uid": 1})

    def test_a_job_stays_with_its_run(self):
        run = self.press(self.products, self.user)
        other = self.press(self.products[0], self.user)
        job = self.queue_jobs(run)
        self.authenticate("ai_manager", "ai_manager")
        for context in ({}, {"_job_edit_sentinel": True}):
            self.refused(job, "write", {"ai_queue_run_id": other.id}, context=context)
        self.refused(job.browse(), "create", {"ai_queue_run_id": run.id})
        self.assertEqual(job.ai_queue_run_id, run)

    def test_the_chart_is_for_the_role(self):
        self.forecast(self.products)
        self.authenticate("plain", "plain")
        self.refused(self.products[0], "get_ai_forecast_data")
        self.refused(self.forecasts(self.products), "read", ["quantity"])
        self.authenticate("ai_user", "ai_user")
        data = self.rpc(self.products[0], "get_ai_forecast_data")
        self.assertEqual(len(data["forecast"]), 8)
        self.assertRegex(data["forecast"][0]["date"], r"^\d{4}-\d\d-\d\d$")
        self.assertEqual(data["run"]["state"], "done")

    def test_a_stranger_without_a_session_gets_nothing(self):
        with self.assertRaises(JsonRpcException) as caught, mute_logger("odoo.http"):
            self.rpc(self.products, "action_run_ai_forecast")
        self.assertEqual(str(caught.exception), "odoo.http.SessionExpiredException")
