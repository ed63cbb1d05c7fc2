# Copyright 2026 The ai_queue contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
from odoo.tests import tagged

from .common import AiQueueAgentCommon
from .common_ask import AiQueueAskMixin
from .test_agent_documentation import load


@tagged("post_install", "-at_install")
class TestAskDocumentation(AiQueueAskMixin, AiQueueAgentCommon):
    """The example of a question for developers does what it says."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.extend(*load("# models/questions.py"))
        tool = cls.env["ai.queue.agent.tool"].create(
            {"name": "Vendors without an address", "code": "unreachable"}
        )
        cls.colleague_agent.tool_ids += tool

    def test_the_example(self):
        silent = self.env["res.partner"].create(
            {"name": "Silent & Sons", "supplier_rank": 1}
        )
        chat = self.chat()
        self.assertIn("Which vendors have no e-mail address?", self.said(chat)[0])
        for text in ("Which vendors have no e-mail?", "Lieferanten ohne E-Mail?"):
            with self.subTest(text=text):
                question = self.ask(text, chat)
                self.assertEqual(question.tool, "unreachable")
                self.assertIn(f'data-oe-id="{silent.id}"', question.answer_id.body)
