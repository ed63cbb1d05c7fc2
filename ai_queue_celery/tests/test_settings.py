# Copyright 2026 The ai_queue contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
import os
from unittest.mock import patch

from odoo.exceptions import AccessError
from odoo.tests import TransactionCase, tagged
from odoo.tools import file_open

from odoo.addons.ai_queue.tests.common import AiQueueMixin

from .. import broker
from ..bridge import Bridge
from ..handing import Handing
from ..models.ai_queue_bridge import ON

URL = "redis://:s3cret@redis.example.com:6379/0"


@tagged("post_install", "-at_install")
class TestSettings(AiQueueMixin, TransactionCase):
    def settings(self, **vals):
        return self.env["res.config.settings"].create(vals)

    def test_off_by_default(self):
        self.assertFalse(self.env["ai.queue.bridge"]._is_on())
        self.assertFalse(self.settings().ai_queue_celery_models)

    def test_switched_on_and_off(self):
        self.settings(ai_queue_celery_models=True).execute()
        self.assertTrue(self.env["ai.queue.bridge"]._is_on())
        self.settings(ai_queue_celery_models=False).execute()
        self.assertFalse(self.env["ai.queue.bridge"]._is_on())

    def test_where_redis_is_is_shown_without_its_password(self):
        with patch.dict(os.environ, {broker.VARIABLE: URL}):
            shown = self.settings().ai_queue_celery_broker
        self.assertEqual(shown, "redis://redis.example.com:6379/0")
        with patch.dict(os.environ):
            os.environ.pop(broker.VARIABLE, None)
            self.assertFalse(self.settings().ai_queue_celery_broker)

    def test_an_address_that_cannot_be_read_stops_nothing(self):
        """Nor is a part of its password shown, as by who would take it apart."""
        for url in (
            *("redis://:s3/cr@redis.example.com:6379/0", "redis://:12/34@host/0"),
            *("redis://:s3#cr@host/0", "redis://:12?34@host/0", "redis://:a[b@host/0"),
            *("host:6379", "//host:6379", "http://host", "redis://", "redis://h:0x1"),
            "rediss://host:6379/0?ssl_cert_reqs=CERT_NONE",
            "redis://host:6379/0?socket_timeout=s3cr",
            "redis://host:6379/0?s3cr=1",
        ):
            with (
                self.subTest(url=url),
                patch.dict(os.environ, {broker.VARIABLE: url}),
                self.assertLogs(broker.__name__, "ERROR") as logs,
            ):
                self.assertIsNone(broker.get())
                self.assertEqual(broker.get_problem(), "unreadable")
                settings = self.settings()
                self.assertFalse(settings.ai_queue_celery_broker)
                self.assertEqual(settings.ai_queue_celery_problem, "unreadable")
                found = self.env["queue.job.checkup"]._get_extra()["elsewhere"]
                self.assertEqual(found.problem, "unreadable")
                self.assertFalse(Handing(self.env, "documents").is_on())
            self.assertNotIn("s3", str(logs.output))
        for url in (
            *(URL, "rediss://:a%2Fb@host?ssl_cert_reqs=none", "redis://[::1]:6379"),
            "redis://host/0?health_check_interval=5",
        ):
            with self.subTest(url=url), patch.dict(os.environ, {broker.VARIABLE: url}):
                self.assertEqual(broker.get_problem(), "")

    def test_only_managers_see_workers(self):
        for model in ("ai.queue.worker", "ai.queue.bridge"):
            self.env[model].with_user(self.manager).search([])
            with self.assertRaises(AccessError):
                self.env[model].with_user(self.user).search([])
            with self.assertRaises(AccessError):
                self.env[model].with_user(self.manager).create({"name": "x"})

    def test_what_came_of_a_question_is_not_for_everyone(self):
        calls = self.env["ai.queue.call"].with_user(self.manager)
        self.assertIn("handed", calls.fields_get())
        self.assertNotIn("handed_error", calls.fields_get())

    def test_a_copy_of_the_database_asks_nobody(self):
        """And takes nobody's answers, though it has the same name and uuid."""
        self.env["ir.config_parameter"].set_param(ON, "True")
        with patch.dict(os.environ, {broker.VARIABLE: URL}):
            names = {broker.get().store_of(self.env).database}
            for _copy in range(2):
                self.neutralize()
                names.add(broker.get().store_of(self.env).database)
            self.assertEqual(len(names), 3)
            self.assertFalse(self.env["ai.queue.bridge"]._is_on())
            bridge = Bridge(self.env.cr.dbname)
            bridge._seek_election()
            self.assertFalse(bridge.is_leader)
            self.env["ir.config_parameter"].set_param(ON, "True")
            bridge._seek_election()
            self.assertTrue(bridge.is_leader)

    def neutralize(self):
        with file_open("ai_queue_celery/data/neutralize.sql") as file:
            self.env.cr.execute(file.read())
        self.env.registry.clear_all_caches()
        self.env.invalidate_all()
