# Copyright 2026 The ai_queue contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
import os
import tempfile
from pathlib import Path
from unittest.mock import patch

from odoo.exceptions import UserError, ValidationError
from odoo.tests import tagged

from odoo.addons.queue_job_operations import addresses, conf

from .common_provider import KEY, MODEL, AiQueueProviderCommon


@tagged("post_install", "-at_install")
class TestProviderKeys(AiQueueProviderCommon):
    """Where the key of a provider comes from, and where it goes."""

    def test_the_environment_comes_first_then_the_file_then_what_was_entered(self):
        provider = self.provider
        self.assertEqual((provider.key_source, provider._get_key()), ("none", None))
        provider.api_key = "entered"
        self.assertEqual(
            (provider.key_source, provider._get_key()), ("stored", "entered")
        )
        own = f"url_fake = {provider.base_url}"
        with self.conf(f"[ai_queue]\nkey_fake = of%the%file\n{own}\n"):
            self.assertEqual(
                (provider.key_source, provider._get_key()), ("conf", "of%the%file")
            )
            outside = {
                "AI_QUEUE_KEY_FAKE": "of the shell",
                "AI_QUEUE_URL_FAKE": provider.base_url,
            }
            with patch.dict(os.environ, outside):
                provider.invalidate_recordset()
                self.assertEqual(
                    (provider.key_source, provider._get_key()),
                    ("environment", "of the shell"),
                )
                self.assertEqual(provider._get_endpoint().api_key, "of the shell")
        provider.invalidate_recordset()
        self.assertEqual(provider.key_source, "stored")

    def conf(self, text):
        """An odoo.conf with this text."""
        directory = tempfile.TemporaryDirectory()
        self.addCleanup(directory.cleanup)
        path = Path(directory.name) / "odoo.conf"
        path.write_text(text)
        self.provider.invalidate_recordset()
        return patch.object(conf, "config", {"config": str(path)})

    def test_a_file_that_cannot_be_read_has_no_key(self):
        with self.conf("[options\nkey_fake = 1\n"):
            self.assertIsNone(self.provider._get_key())
        with self.conf("[ai_queue]\nkey_fake =\n"):
            self.assertIsNone(self.provider._get_key())

    def test_names_of_keys_hold_no_odd_characters(self):
        self.provider.name = "  OpenAI (Europe) №1 "
        self.assertEqual(self.provider.key_variable, "AI_QUEUE_KEY_OPENAI_EUROPE_1")
        self.assertEqual(self.provider.url_variable, "AI_QUEUE_URL_OPENAI_EUROPE_1")
        self.assertEqual(self.provider.key_option, "key_openai_europe_1")
        self.assertEqual(self.provider.url_option, "url_openai_europe_1")
        self.provider.name = "模型"
        self.assertFalse(self.provider.key_variable)
        self.assertEqual(self.provider.key_source, "none")

    # ------------------------------------------------------------
    # A KEY AND ITS ADDRESS
    # ------------------------------------------------------------

    def outside(self, **variables):
        """Variables of the environment, of the provider Fake."""
        names = {f"AI_QUEUE_{name}_FAKE": value for name, value in variables.items()}
        self.provider.invalidate_recordset()
        return patch.dict(os.environ, names)

    def test_a_key_from_outside_goes_only_to_its_address(self):
        provider, port = self.provider, self.fake.url.split(":")[2].split("/")[0]
        for urls in (
            "",
            "https://api.openai.com/v1",
            "127.0.0.1",
            f"https://127.0.0.1:{port}",
            f"127.0.0.1:{port}",
            f"http://127.0.0.1.example.com:{port}",
            f"http://user@127.0.0.1.example.com:{port}",
            "http://127.0.0.1",
            "http://[",
        ):
            with self.subTest(urls=urls), self.outside(KEY=KEY, URL=urls):
                self.assertIsNone(provider._get_key())
                self.assertEqual(provider.key_source, "none")
                line = f"AI_QUEUE_URL_FAKE=http://127.0.0.1:{port}."
                self.assertIn(line, provider.key_problem)
                self.assertNotIn(KEY, provider.key_problem)
                with self.assertRaises(UserError) as caught:
                    provider.with_user(self.user)._get_endpoint()
                self.assertEqual(str(caught.exception), provider.key_problem)
        for urls in (
            f"http://127.0.0.1:{port}",
            f"HTTP://127.0.0.1:{port}/other/path",
            f"https://api.openai.com, http://127.0.0.1:{port}",
        ):
            with self.subTest(urls=urls), self.outside(KEY=KEY, URL=urls):
                self.assertEqual(provider._get_key(), KEY)
                self.assertFalse(provider.key_problem)

    def test_without_a_scheme_a_key_goes_over_https_alone(self):
        with self.outside(KEY=KEY, URL="api.example.com"):
            self.provider.base_url = "http://api.example.com/v1"
            self.assertIsNone(self.provider._get_key())
            self.provider.base_url = "https://api.example.com/v1"
            self.assertEqual(self.provider._get_key(), KEY)
            self.provider.base_url = "https://api.example.com:8443/v1"
            self.assertIsNone(self.provider._get_key())

    def test_a_key_that_was_entered_for_the_address_is_used(self):
        self.provider.api_key = "entered"
        with self.outside(KEY=KEY, URL="https://api.openai.com"):
            self.assertEqual(self.provider._get_key(), "entered")
            self.assertEqual(self.provider.key_source, "stored")
            self.assertFalse(self.provider.key_problem)

    def test_a_key_in_odoo_conf_needs_its_address_there(self):
        text = f"[ai_queue]\nkey_fake = {KEY}\n"
        with self.conf(text), self.outside(URL=self.fake.url):
            self.assertIsNone(self.provider._get_key())
            problem = self.provider.key_problem
        port = self.fake.url.split(":")[2].split("/")[0]
        self.assertIn("section [ai_queue] of odoo.conf", problem)
        self.assertIn(f"url_fake = http://127.0.0.1:{port}.", problem)
        with self.conf(f"{text}url_fake = {self.fake.url}\n"):
            self.assertEqual(self.provider._get_key(), KEY)

    def test_work_fails_with_the_line_to_add_and_nothing_is_sent(self):
        with self.outside(KEY=KEY):
            self.assertIn("AI_QUEUE_URL_FAKE=", str(self.refused("Eggs?")))
            self.assertIn("AI_QUEUE_URL_FAKE=", self.check())
            self.assertEqual(self.provider.check_state, "failed")
        self.assertEqual(self.asked(), 0)

    def test_names_that_mean_the_same_key_are_refused(self):
        for name in ("FAKE", " fake!", "(Fake)"):
            with self.subTest(name=name), self.assertRaises(ValidationError) as caught:
                self.create_provider(name=name)
            self.assertIn("AI_QUEUE_KEY_FAKE", str(caught.exception))
        self.provider.active = False
        with self.assertRaises(ValidationError):
            self.create_provider(name="fake.")
        self.create_provider(name="模型")
        self.create_provider(name="云")
        self.create_provider(name="fake", type="local", base_url=False)

    # ------------------------------------------------------------
    # INTERNAL ADDRESSES
    # ------------------------------------------------------------

    def forbid(self):
        return patch.dict(os.environ, {addresses.VARIABLE: "192.168.7.7"})

    def test_an_internal_address_needs_a_line_in_odoo_conf(self):
        with self.forbid():
            for url, where in (
                ("http://localhost:11434/v1", "localhost:11434"),
                ("http://169.254.169.254/v1", "169.254.169.254:80"),
                ("http://[::1]:8000/v1", "[::1]:8000"),
                ("http://2130706433/v1", "2130706433:80"),
            ):
                with (
                    self.subTest(url=url),
                    self.assertRaises(ValidationError) as caught,
                ):
                    self.provider.base_url = url
                line = f"internal_hosts = {where}"
                self.assertTrue(str(caught.exception).endswith(line))
            self.provider.base_url = "https://api.example.com/v1"
            self.provider.base_url = "http://ollama:11434/v1"

    def test_what_is_not_allowed_any_more_is_not_asked(self):
        line = f"internal_hosts = {self.fake.url.split('/')[2]}"
        with self.forbid():
            self.assertIn(line, str(self.refused("Eggs?")))
            self.assertIn(line, self.check())
        self.assertEqual(self.asked(), 0)
        self.assertEqual(self.calls()[:1].outcome, "internal")

    def test_a_key_is_taken_without_what_was_copied_around_it(self):
        self.provider.api_key = f" {KEY}\n"
        self.assertEqual(self.provider._get_key(), KEY)

    def test_an_entered_key_can_be_replaced_and_deleted(self):
        self.provider.api_key = "first"
        self.provider.api_key = "second"
        self.assertEqual(self.provider._get_key(), "second")
        # An empty field is how the form shows any key.
        self.provider.write({"api_key": False, "sequence": 3})
        self.assertEqual(self.provider._get_key(), "second")
        self.provider.action_forget_key()
        self.assertIsNone(self.provider._get_key())

    def test_the_key_does_not_go_to_another_address(self):
        self.provider.api_key = KEY
        self.provider.write({"base_url": self.provider.base_url})
        self.assertEqual(self.provider._get_key(), KEY)
        self.provider.write({"base_url": "https://elsewhere.example/v1"})
        self.assertIsNone(self.provider._get_key())
        self.provider.write({"base_url": self.fake.url, "api_key": KEY})
        self.assertEqual(self.provider._get_key(), KEY)

    def test_a_copy_has_no_key(self):
        self.provider.api_key = KEY
        copy = self.provider.copy()
        self.assertEqual(copy.name, "Fake (copy)")
        self.assertIsNone(copy._get_key())
        self.assertEqual(copy.model_ids.model, MODEL)
        self.assertEqual(copy.breaker_state, "closed")
        self.assertEqual(self.provider.copy({"name": "Third"}).name, "Third")
