# Copyright 2026 The ai_queue contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
import json
import logging
from contextlib import contextmanager
from unittest.mock import patch

from odoo.fields import Command
from odoo.tests import tagged
from odoo.tools import mute_logger

from .common import AiQueueHttpCommon
from .common_provider import KEY, AiQueueProviderCommon

#: What a person may not know whoever they are.
SECRET = KEY.partition("-")[2]
PROMPT = "The plan for the coming year"
PEOPLE = ("plain", "ai_user", "ai_manager", "sysadmin", "admin")
MANAGERS = ("ai_manager", "admin")


@tagged("post_install", "-at_install")
class TestProviderSecurity(AiQueueProviderCommon, AiQueueHttpCommon):
    """What each role gets to know of providers and calls, whatever a browser sends."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.create_user("sysadmin", "base.group_system")
        cls.admin = cls.env.ref("base.user_admin")
        cls.admin.write({"company_ids": [Command.link(cls.company.id)]})
        cls.provider.api_key = KEY
        cls.fake.configure(key=KEY)
        cls.context = {"allowed_company_ids": cls.company.ids}

    def setUp(self):
        super().setUp()
        self.fake.configure(key=KEY)

    # ------------------------------------------------------------
    # ASKING THE SERVER
    # ------------------------------------------------------------

    def send(self, records, method, *args, **kwargs):
        """What the server really sends back, as text: (error name or None, text)."""
        self.env.flush_all()
        path = f"/web/dataset/call_kw/{records._name}/{method}"
        params = {
            "model": records._name,
            "method": method,
            "args": list(args),
            "kwargs": {"context": self.context, **kwargs},
        }
        with mute_logger("odoo.http", "odoo.addons.base.models.ir_rule"):
            response = self.url_open(
                path,
                data=json.dumps({"jsonrpc": "2.0", "params": params}),
                headers={"Content-Type": "application/json"},
            )
        self.env.invalidate_all()
        text = response.text
        # No answer to anybody, error or not, has the key in it.
        self.assertNotIn(SECRET, text, f"{records._name}.{method}")
        error = json.loads(text).get("error")
        return error and error["data"]["name"], text

    def gets(self, records, method, *args, **kwargs):
        error, text = self.send(records, method, *args, **kwargs)
        self.assertIsNone(error, text)
        return json.loads(text)["result"]

    def refused(self, records, method, *args, **kwargs):
        error, text = self.send(records, method, *args, **kwargs)
        self.assertEqual(error, "odoo.exceptions.AccessError", text)

    def each(self, *logins):
        """One login after the other."""
        for login in logins:
            self.authenticate(login, login)
            yield login

    # ------------------------------------------------------------
    # THE KEY
    # ------------------------------------------------------------

    def read_everywhere(self, records):
        """All the ways in which the web client and others read."""
        names = list(records.fields_get())
        ids = records.ids
        specification = {name: {} for name in names}
        yield "read", (ids,), {}
        yield "read", (ids, names), {}
        yield "search_read", ([], names), {}
        yield "web_read", (ids, specification), {}
        yield "web_search_read", ([], specification), {}
        yield "export_data", (ids, names), {}
        yield "fields_get", (), {}
        yield "default_get", (names,), {}
        yield "name_search", ("sk-",), {}
        yield "copy_data", (ids,), {}
        yield "onchange", (ids, {}, names, specification), {}
        yield "search_count", ([("api_key", "=like", "sk-%")],), {}
        yield "formatted_read_group", ([], ["api_key"], ["__count"]), {}
        yield "get_views", ([[False, "form"], [False, "list"]],), {}

    def test_nobody_reads_the_key(self):
        secret = self.env["ai.queue.provider.secret"].search([])
        self.assertEqual(secret.api_key, KEY)
        for login in self.each(*PEOPLE):
            for records in (self.provider, self.state, secret):
                for method, args, kwargs in self.read_everywhere(records):
                    error, _text = self.send(records, method, *args, **kwargs)
                    readers = (*MANAGERS, "sysadmin")
                    if login not in readers and method.endswith("read"):
                        self.assertEqual(error, "odoo.exceptions.AccessError", method)

    def test_nobody_touches_the_secret_itself(self):
        secret = self.env["ai.queue.provider.secret"].search([])
        for _login in self.each(*PEOPLE):
            self.refused(secret, "read", secret.ids)
            self.refused(secret, "search_read", [])
            self.refused(secret, "search_count", [("api_key", "=like", "sk-%")])
            self.refused(secret, "write", secret.ids, {"api_key": "mine"})
            self.refused(secret, "create", {"provider_id": self.provider.id})
            self.refused(secret, "unlink", secret.ids)

    def test_the_form_gets_an_empty_key_back(self):
        specification = {"name": {}, "api_key": {}, "key_source": {}}
        for _login in self.each("sysadmin", "admin"):
            [saved] = self.gets(
                self.provider,
                "web_save",
                self.provider.ids,
                {"api_key": KEY},
                specification=specification,
            )
            self.assertEqual((saved["api_key"], saved["key_source"]), (False, "stored"))
        self.assertEqual(self.provider._get_key(), KEY)

    def test_a_new_provider_gets_an_empty_key_back(self):
        self.authenticate("sysadmin", "sysadmin")
        vals = {"name": "New", "base_url": self.fake.url, "api_key": KEY}
        [saved] = self.gets(
            self.provider, "web_save", [], vals, specification={"api_key": {}}
        )
        self.assertFalse(saved["api_key"])
        created = self.env["ai.queue.provider"].browse(saved["id"])
        self.assertEqual(created._get_key(), KEY)

    def test_a_copy_has_no_key(self):
        self.authenticate("sysadmin", "sysadmin")
        [copied] = self.gets(self.provider, "copy", self.provider.ids)
        copy = self.env["ai.queue.provider"].browse(copied)
        self.assertEqual((copy.key_source, copy._get_key()), ("none", None))

    def test_an_error_does_not_quote_the_key(self):
        self.authenticate("sysadmin", "sysadmin")
        for vals in (
            {"api_key": KEY, "base_url": "nonsense"},
            {"headers": f"api-key {KEY}"},
            {"query": KEY},
            {"api_key": KEY, "max_in_flight": 0},
        ):
            error, _text = self.send(
                self.provider,
                "web_save",
                self.provider.ids,
                vals,
                specification={},
            )
            self.assertEqual(error, "odoo.exceptions.ValidationError")

    def test_headers_are_for_who_may_change_them(self):
        # Those of some gateways have a key in them.
        self.provider.headers = "X-Gateway: s3cr3t"
        for _login in self.each("ai_manager"):
            self.refused(self.provider, "read", self.provider.ids, ["headers"])
            _error, text = self.send(self.provider, "read", self.provider.ids)
            self.assertNotIn("s3cr3t", text)
        for _login in self.each("sysadmin"):
            [values] = self.gets(self.provider, "read", self.provider.ids, ["headers"])
            self.assertIn("s3cr3t", values["headers"])

    # ------------------------------------------------------------
    # WHAT A TEST AND A QUESTION LEAVE BEHIND
    # ------------------------------------------------------------

    def left_behind(self):
        """Whatever was stored of jobs, messages and calls, as one text."""
        texts = []
        for model in (
            "queue.job",
            "bus.bus",
            "mail.message",
            "ai.queue.run",
            "ai.queue.run.job",
            "ai.queue.run.attempt",
            "ai.queue.call",
            "ai.queue.provider",
            "ai.queue.provider.state",
            "ir.logging",
            "ir.config_parameter",
        ):
            self.env.cr.execute(f"SELECT t::text FROM {self.env[model]._table} t")
            texts += [text for (text,) in self.env.cr.fetchall()]
        return "\n".join(texts)

    @contextmanager
    def assert_no_key_in_logs(self):
        texts, handle = [], logging.Logger.handle

        def spy(logger, record):
            # The statements themselves are only logged by who asks for them.
            if record.name != "odoo.sql_db":
                texts.append(logging.Formatter().format(record))
            handle(logger, record)

        with patch.object(logging.Logger, "handle", spy):
            yield
        self.assertNotIn(SECRET, "\n".join(texts))

    def test_a_test_of_the_connection_leaves_no_key_behind(self):
        self.authenticate("sysadmin", "sysadmin")
        for key in (KEY, "another"):
            self.fake.configure(key=key)
            self.gets(self.provider, "action_check", self.provider.ids)
            jobs = self.env["queue.job"].search([("state", "=", "pending")])
            with self.assert_no_key_in_logs():
                self.perform(jobs)
            self.assertNotIn(SECRET, self.left_behind())
        # The server quotes a key that it refuses.
        self.assertIn("does not accept the key", self.provider.check_result)
        [values] = self.gets(
            self.provider, "read", self.provider.ids, ["check_state", "check_result"]
        )
        self.assertEqual(values["check_state"], "failed")

    def test_a_run_leaves_no_key_behind(self):
        products = self.create_products(1)
        self.sell_lately({products: [10, 12] * 10})
        self.fake.configure(key="another")
        run = self.press(products)
        with self.assert_no_key_in_logs():
            self.run_jobs(run)
        self.assertEqual(run.state, "done")
        # The server quotes a key that it refuses.
        self.assertIn("does not accept the key", run.remark_summary)
        self.fake.configure(key=KEY)
        run = self.press(products)
        with self.assert_no_key_in_logs():
            self.run_jobs(run)
        self.assertEqual(run.state, "done")
        self.assertNotIn("does not accept the key", run.remark_summary or "")
        self.assertNotIn(SECRET, self.left_behind())
        for _login in self.each("ai_user", "ai_manager"):
            self.send(run, "read", run.ids)
            self.send(run.job_ids, "read", run.job_ids.ids)
            self.send(run.attempt_ids, "read", run.attempt_ids.ids)
            self.send(self.queue_jobs(run), "read", self.queue_jobs(run).ids)

    # ------------------------------------------------------------
    # PROVIDERS
    # ------------------------------------------------------------

    def test_providers_are_changed_by_system_administrators_only(self):
        provider, line = self.provider, self.provider.model_ids
        for _login in self.each("plain", "ai_user", "ai_manager"):
            self.refused(provider, "write", provider.ids, {"api_key": "mine"})
            self.refused(provider, "write", provider.ids, {"base_url": "http://me"})
            self.refused(
                provider,
                "web_save",
                [],
                {"name": "Mine", "base_url": "http://me"},
                specification={},
            )
            self.refused(provider, "unlink", provider.ids)
            self.refused(provider, "copy", provider.ids)
            self.refused(line, "write", line.ids, {"price_in": 0})
            self.refused(provider, "action_check", provider.ids)
            self.refused(provider, "action_reset_breaker", provider.ids)
            self.refused(provider, "action_forget_key", provider.ids)
        self.assertEqual(provider._get_key(), KEY)
        self.assertFalse(self.env["queue.job"].search([("state", "=", "pending")]))

    def test_nobody_writes_what_side_cursors_write(self):
        self.ask(PROMPT)
        call = self.calls()
        budget = self.env["ai.queue.budget"].search([])
        for _login in self.each(*PEOPLE):
            self.refused(self.state, "write", self.state.ids, {"failures": 0})
            self.refused(call, "write", call.ids, {"cost": 0})
            self.refused(call, "unlink", call.ids)
            self.refused(call, "create", {"model": "mine"})
            self.refused(budget, "write", budget.ids, {"is_used_up": False})
            self.refused(budget, "unlink", budget.ids)
            self.refused(self.env["ai.queue.request"], "search_read", [])

    def test_private_methods_are(self):
        self.ask(PROMPT)
        state, call = self.state, self.calls()
        secret = self.env["ai.queue.provider.secret"]
        for _login in self.each("ai_manager", "sysadmin", "admin"):
            for records, method in (
                (self.provider, "_ask"),
                (self.provider, "_get_key"),
                (self.provider, "_get_endpoint"),
                (self.provider, "_find_outside_key"),
                (self.provider, "_store_key"),
                (self.provider, "_run_check"),
                (state, "_reset"),
                (state, "_note_check"),
                (call, "_find"),
                (call, "_admit"),
                (call, "_settle"),
                (self.env["queue.job.housekeeping"], "_cron_tidy"),
                (secret, "_search"),
                (self.env["ai.queue.budget"], "_lock_today"),
                (self.env["ai.queue.run.job"], "_wake"),
                (self.env["ai.queue.run.attempt"], "_note_states"),
                (self.env["ai.queue.kind.forecast"], "_ask_model"),
            ):
                self.refused(records, method, records.ids)

    # ------------------------------------------------------------
    # CALLS
    # ------------------------------------------------------------

    def test_only_managers_read_calls_and_what_was_spent(self):
        self.ask(PROMPT)
        call = self.calls()
        budget = self.env["ai.queue.budget"].search([])
        for _login in self.each("plain", "ai_user", "sysadmin"):
            for records in (call, budget):
                self.refused(records, "read", records.ids)
                self.refused(records, "search_read", [])
                self.refused(records, "formatted_read_group", [], [], ["__count"])
                error, _text = self.send(records, "export_data", records.ids, ["cost"])
                self.assertTrue(error)
        for _login in self.each(*MANAGERS):
            [values] = self.gets(call, "read", call.ids, ["question", "answer_text"])
            self.assertIn(PROMPT, values["question"])
            self.gets(budget, "read", budget.ids)

    def test_users_see_runs_without_prompts_and_costs(self):
        products = self.create_products(1, prefix=PROMPT)
        self.sell_lately({products: [10, 12] * 10})
        run = self.run_jobs(self.press(products))
        self.assertIn(PROMPT, self.calls()[0].question)
        for _login in self.each("ai_user"):
            fields = self.gets(run, "fields_get", ["name"])
            self.assertNotIn("cost", fields)
            self.refused(run, "read", run.ids, ["cost"])
            self.refused(run, "read", run.ids, ["call_ids"])
            self.refused(
                run, "search_read", [("call_ids.question", "like", PROMPT)], ["id"]
            )
            for records in (run.job_ids, run.attempt_ids):
                _error, text = self.send(records, "read", records.ids)
                self.assertNotIn("baseline", text)
        for _login in self.each("ai_manager"):
            [values] = self.gets(run, "read", run.ids, ["cost", "call_ids"])
            self.assertGreater(values["cost"], 0)

    def test_calls_of_another_company_are_not_there(self):
        self.ask(PROMPT)
        other = self.create_company("Other")
        self.create_user("stranger", "ai_queue.ai_queue_group_manager", company=other)
        call = self.calls()
        budget = self.env["ai.queue.budget"].search([])
        self.authenticate("stranger", "stranger")
        for records in (call, budget):
            for context in ({"allowed_company_ids": other.ids}, {}):
                found = self.gets(records, "search_read", [], context=context)
                self.assertFalse(found)
                self.refused(records, "read", records.ids, context=context)
            self.refused(records, "search_read", [])  # in our company
            [group] = self.gets(
                records,
                "formatted_read_group",
                [],
                [],
                ["__count"],
                context={"allowed_company_ids": other.ids},
            )
            self.assertEqual(group["__count"], 0)
