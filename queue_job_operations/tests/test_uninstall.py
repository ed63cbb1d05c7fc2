# Copyright 2026 The ai_queue contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
from unittest.mock import patch

from odoo.exceptions import UserError
from odoo.tests import TransactionCase, tagged

from ..models import ir_module_module


@tagged("post_install", "-at_install")
class TestUninstall(TransactionCase):
    def load(self, *names):
        """Let the server load these modules when it starts."""
        self.startPatcher(
            patch.object(
                ir_module_module,
                "config",
                {"server_wide_modules": ["base", "web", *names]},
            )
        )
        return self.env["ir.module.module"].search(
            [("name", "in", ("queue_job", "queue_job_operations"))]
        )

    def test_what_the_server_loads_says_why_it_is_refused(self):
        modules = self.load("queue_job", "queue_job_operations", "other")
        for method in ("button_uninstall", "button_uninstall_wizard"):
            with self.subTest(method=method), self.assertRaises(UserError) as refused:
                getattr(modules, method)()
            said = str(refused.exception)
            self.assertTrue(said.startswith("queue_job, queue_job_operations cannot"))
            self.assertIn("restart", said)
            self.assertTrue(said.endswith("server_wide_modules = base,web,other"))
        self.assertEqual(set(modules.mapped("state")), {"installed"})

    def test_others_are_none_of_its_business(self):
        modules = self.load("queue_job")
        ours = modules.filtered(lambda module: module.name != "queue_job")
        action = ours.button_uninstall_wizard()
        self.assertEqual(action["res_model"], "base.module.uninstall")
