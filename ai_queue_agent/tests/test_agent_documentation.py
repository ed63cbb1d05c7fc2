# Copyright 2026 The ai_queue contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
import io
import re

from odoo import models
from odoo.fields import Command
from odoo.tests import tagged
from odoo.tools import convert, file_open

from .common_model import AiQueueAgentModelCommon, finish, step

FENCED = re.compile(r"^```(\w+)\n(.*?)^```$", re.M | re.S)
ADDON = "ai_queue_agent_example"


def load(beginning):
    """The models of the example that begins so."""
    with file_open("ai_queue_agent/readme/DEVELOP.md") as file:
        found = FENCED.findall(file.read())
    [code] = [code for _language, code in found if code.startswith(beginning)]
    if not beginning.startswith("#"):
        return code
    namespace = {"__name__": f"odoo.addons.{ADDON}.models"}
    exec(compile(code, "DEVELOP.md", "exec"), namespace)  # pylint: disable=exec-used
    # Of no addon that a server could install.
    return type(models.Model)._module_to_models__.pop(ADDON)


@tagged("post_install", "-at_install")
class TestAgentDocumentation(AiQueueAgentModelCommon):
    """The examples for developers do what they say."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.extend(*load("# models/reachable.py"), *load("# models/tools.py"))
        for record in ("ai_queue_agent_tool_contacts", "reachable"):
            beginning = f'<odoo noupdate="1">\n    <record id="{record}"'
            file = io.BytesIO(load(beginning).encode())
            file.name = "DEVELOP.md"
            convert.convert_xml_import(cls.env, "ai_queue_agent", file)
        cls.example = cls.env.ref("ai_queue_agent.reachable")
        cls.example.tool_ids = cls.env.ref(
            "ai_queue_agent.ai_queue_agent_tool_contacts"
        )
        groups = "base.group_partner_manager,ai_queue_agent.ai_queue_agent_group_user"
        cls.editor = cls.create_user("editor", groups)
        cls.partners = cls.env["res.partner"].create(
            [
                {
                    "name": "With",
                    "email": "with@example.com",
                    "is_company": True,
                },
                {
                    "name": "Without",
                    "is_company": True,
                    "child_ids": [Command.create({"name": "Ann", "email": "a@b.c"})],
                },
            ]
        )

    def work(self):
        records = self.partners.with_user(self.editor)
        run = self.example.with_user(self.editor)._start(records)
        self.commit()
        self.run_jobs(run)
        return self.proposals(self.partners).sorted("res_id")

    def test_rules_for_another_model(self):
        reachable, unreachable = self.work()
        self.assertEqual(reachable.verdict, "approve")
        self.assertEqual(reachable.reason, "Mails go to with@example.com.")
        self.assertEqual(unreachable.verdict, "hold")
        self.assertEqual(
            unreachable.main_reason, "There is no e-mail address. Ask for it."
        )
        self.assertEqual(reachable.effect, "none")

    def test_the_agent_is_asked_from_the_menu(self):
        action = self.example.menu_action_id.with_user(self.editor).with_context(
            active_model="res.partner",
            active_id=self.partners[0].id,
            active_ids=self.partners.ids,
        )
        action.run()
        self.commit()
        self.run_jobs(self.find_runs())
        self.assertEqual(
            self.proposals(self.partners).sorted("res_id").mapped("verdict"),
            ["approve", "hold"],
        )

    def test_a_tool(self):
        self.example.write({"is_asking_model": True, "provider_id": self.provider.id})
        self.script(step("contacts", most=5), finish("hold", "Ask Ann."))
        self.work()
        [looked, _finished] = self.steps(self.partners)
        self.assertEqual(looked.result, '[{"email": "a@b.c", "name": "Ann"}]')
        self.assertEqual(looked.result_summary, "email: a@b.c, name: Ann")
