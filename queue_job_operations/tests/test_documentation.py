# Copyright 2026 The ai_queue contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
import io
import re
from dataclasses import replace
from datetime import datetime, timedelta

from odoo import models
from odoo.tests import TransactionCase, new_test_user, tagged
from odoo.tools import SQL, convert, file_open

from odoo.addons.queue_job_operations.checkup import server
from odoo.addons.queue_job_operations.checkup.facts import WARNING, Facts, Server

FENCED = re.compile(r"^```(\w+)\n(.*?)^```$", re.M | re.S)
ADDON = "queue_job_operations_example"


def blocks(language):
    """The blocks of code of one language in the documentation."""
    with file_open("queue_job_operations/readme/DEVELOP.md") as file:
        found = FENCED.findall(file.read())
    return [code for name, code in found if name == language]


def load(code):
    """The models that a file of an addon defines, in their order."""
    namespace = {"__name__": f"odoo.addons.{ADDON}.models"}
    exec(compile(code, "DEVELOP.md", "exec"), namespace)  # pylint: disable=exec-used
    # Of no addon that a server could install.
    return type(models.Model)._module_to_models__.pop(ADDON)


@tagged("post_install", "-at_install")
class TestDocumentation(TransactionCase):
    """The examples for developers do what they say."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        extras = dict(server.EXTRAS)
        cls.addClassCleanup(server.EXTRAS.update, extras)
        cls.addClassCleanup(server.EXTRAS.clear)
        for code in blocks("python"):
            cls.extend(*load(code))
        cls.manager = new_test_user(
            cls.env, "doc_manager", "base.group_user,queue_job.group_queue_job_manager"
        )
        cls.job = cls.env.user.partner_id.with_delay(
            channel="root", description="Waits for another"
        ).read(["name"])
        cls.env.flush_all()
        cls.created = datetime.now().replace(microsecond=0) - timedelta(hours=3)
        cls.env.cr.execute(
            "UPDATE queue_job SET state = 'wait_dependencies', date_created = %s "
            "WHERE uuid = %s",
            (cls.created, cls.job.uuid),
        )
        cls.env.invalidate_all()

    @classmethod
    def extend(cls, *definitions):
        # Where Odoo's own tests import it: the module is not for addons otherwise.
        from odoo.orm.model_classes import add_to_registry

        for definition in definitions:
            known = cls.registry[definition._name]
            bases = known._base_classes__
            cls.addClassCleanup(setattr, known, "_base_classes__", bases)
            add_to_registry(cls.registry, definition)
        cls.registry._setup_models__(cls.env.cr, [])

    def test_the_alert(self):
        [data] = blocks("xml")
        file = io.BytesIO(data.encode())
        file.name = "DEVELOP.md"
        convert.convert_xml_import(self.env, "queue_job_operations", file)
        rule = self.env.ref("queue_job_operations.queue_job_alert_rule_blocked")
        self.assertEqual((rule.threshold_unit, rule.has_window), ("minutes", False))
        rule._watch()
        self.assertFalse(rule.error)
        alert = rule.alert_ids
        self.assertEqual((alert.subject, alert.state), ("root", "open"))
        self.assertEqual(alert.name, "Jobs in root wait for other jobs: 1")
        self.assertGreaterEqual(alert.value, 180)
        domain = alert.action_open_list()["domain"]
        self.assertEqual(self.env["queue.job"].search(domain).uuid, self.job.uuid)
        rule.threshold = 240
        rule._watch()
        self.assertEqual(alert.state, "resolved")

    def test_the_tile_and_the_panel(self):
        operations = self.env["queue.job.operations"].with_user(self.manager)
        figures = operations.get_figures()
        tile = figures["tiles"][-1]
        self.assertEqual((tile["key"], tile["value"]), ("blocked", 1))
        listed = self.env["queue.job"].search(tile["action"]["domain"])
        self.assertEqual(listed.uuid, self.job.uuid)
        self.assertEqual(
            figures["blocked"], [{"id": listed.id, "name": "Waits for another"}]
        )

    def test_the_check(self):
        checkup = self.env["queue.job.checkup"]
        rule = checkup._get_rules()[-1]
        facts = Facts(Server(), extra=checkup._get_extra())
        self.assertIsNone(rule(facts))
        little = replace(facts, here=Server(extras={"disk_free": 5 << 20}))
        verdict = rule(little)
        self.assertEqual((verdict.key, verdict.severity), ("disk", WARNING))
        said = checkup._describe_one(verdict)
        self.assertIn("Only 5 MB are free", said["what"])
        self.assertGreater(server.describe().extras["disk_free"], 0)
        described = checkup._describe(checkup._get_verdicts())
        self.assertIn("disk", [finding["key"] for finding in described])

    def test_the_metrics(self):
        rendered = self.env["queue.job.metrics"]._render().decode()
        self.assertIn('my_addon_blocked_jobs{channel="root"} 1.0', rendered)

    def test_the_retention(self):
        housekeeping = self.env["queue.job.housekeeping"]
        retention = housekeeping._get_retentions()[-1]
        self.assertEqual(housekeeping._get_days(retention.setting), 30)
        self.env.cr.execute(
            "INSERT INTO ir_logging (type, name, func, path, line, message,"
            " create_date) VALUES ('server', 'old', '-', '-', '-', '-', '2020-01-01'),"
            " ('server', 'new', '-', '-', '-', '-', now() AT TIME ZONE 'UTC')"
        )
        before = datetime.now() - timedelta(days=30)
        self.env.cr.execute(
            SQL(
                "SELECT name FROM ir_logging AS old WHERE %s",
                retention.outdated(self.env, before),
            )
        )
        self.assertEqual(self.env.cr.fetchall(), [("old",)])

    def test_the_recommended_capacity(self):
        recommended = self.env["queue.job.channel"]._get_recommended(8)
        self.assertEqual((recommended["root"], recommended["root.mail"]), (8, 2))
