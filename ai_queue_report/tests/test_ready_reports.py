# Copyright 2026 The ai_queue contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
from odoo.tests import new_test_user, tagged

from odoo.addons.ai_queue.tests.common import AiQueueCommon

COUNT = 30


@tagged("post_install", "-at_install")
class TestReadyReports(AiQueueCommon):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.ready = cls.env["ai.queue.report.ready"]
        cls.reader = cls.env["ai.queue.report.reader"]

    def test_all_are_read(self):
        found = self.ready.search([])
        self.assertEqual(len(found), COUNT)
        for one in found:
            if one.specification["model"] not in self.env:
                continue
            with self.subTest(one.name):
                result = self.reader._read(one.specification)
                self.assertTrue(result["columns"])
                self.assertTrue(self.reader._sentence(one.specification))
                self.open_view(one)

    def open_view(self, one):
        """The first view that the report opens in, as the web client loads it."""
        action = self.reader._action(one.specification)
        model = self.env[action["res_model"]].with_context(**action["context"])
        (view, mode), *_others = action["views"]
        self.assertTrue(model.get_view(view, mode)["arch"])
        groups = action["context"]["group_by"]
        model.formatted_read_group(action["domain"], groups, ["__count"])

    def test_where_something_is_not_installed(self):
        self.ready.search([])[:1].specification = {
            "model": "no.such.model",
            "measures": [{"field": "__count"}],
        }
        installed = self.ready.search([]).filtered(
            lambda one: one.specification["model"] in self.env
        )
        self.assertEqual(self.ready._get_offered(), installed)
        self.assertGreater(len(installed), 10)

    def test_only_what_one_may_read_is_offered(self):
        groups = "ai_queue_report.ai_queue_report_group_user"
        user = new_test_user(self.env, "asker", groups=groups)
        models = {
            one.specification["model"]
            for one in self.ready.with_user(user)._get_offered()
        }
        self.assertIn("ai.queue.forecast", models)
        self.assertFalse(models & {"account.move", "sale.report", "stock.move"})
