# Copyright 2026 The ai_queue contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
import stat

from odoo.addons.ai_queue.asking import spool
from odoo.addons.ai_queue.asking.shapes import Settlement

from .common_provider import AiQueueProviderCommon


class TestSpool(AiQueueProviderCommon):
    """What the database did not take is noted by the next who asks."""

    def setUp(self):
        super().setUp()
        self.ask("How many eggs?")
        self.call = self.calls()
        self.env.cr.execute(
            "UPDATE ai_queue_call SET state = 'lost', is_current = false WHERE id = %s",
            [self.call.id],
        )
        self.env.invalidate_all()

    def keep(self, key, **values):
        database = self.env.cr.dbname
        self.addCleanup(spool.forget, database, self.call.id)
        spool.keep(
            database,
            key,
            Settlement(
                call_id=self.call.id,
                provider_id=self.provider.id,
                company_id=self.company.id,
                outcome="ok",
                breaker="answered",
                requests=1,
                text="A dozen.",
                **values,
            ),
        )

    def waiting(self):
        return [
            settlement.call_id
            for _key, settlement in spool.waiting(self.env.cr.dbname)
            if settlement.call_id == self.call.id
        ]

    def test_a_kept_answer_is_found_by_the_next_try(self):
        self.keep(self.call.key)
        outcome = self.ask("How many eggs?")
        self.assertEqual(outcome.answers["How many eggs?"].text, "A dozen.")
        self.assertEqual(self.asked(), 1)
        self.assertEqual(self.call.state, "answered")
        self.assertFalse(self.waiting())

    def test_one_of_another_database_of_this_name_is_not(self):
        self.keep("another key")
        self.ask("How many eggs?")
        self.assertEqual(self.asked(), 2)
        self.assertEqual(self.call.state, "lost")
        self.assertFalse(self.waiting())

    def aside(self, call_id):
        """The path of a file that was set aside; gone when the test is over."""
        path = spool._path(self.env.cr.dbname, call_id).with_suffix(".bad")
        self.addCleanup(path.unlink, missing_ok=True)
        return path

    def test_a_file_that_is_none_keeps_no_other_waiting(self):
        self.keep(self.call.key)
        directory = spool._path(self.env.cr.dbname, self.call.id).parent
        for name, text in (
            ("0", ""),
            ("00", "[]"),
            ("000", "{}"),
            ("0000", '{"key": "x", "settlement": {"secret": 1}}'),
            ("00000", '{"key": "x", "settlement": null}'),
        ):
            self.addCleanup((directory / f"{name}.json").unlink, missing_ok=True)
            (directory / f"{name}.json").write_text(text)
            aside = self.aside(name)
            with self.subTest(text=text):
                with self.assertLogs(spool.__name__, "ERROR") as logged:
                    spool.waiting(self.env.cr.dbname)
                self.assertNotIn("secret", "".join(logged.output))
                self.assertEqual(aside.read_text(), text)
        outcome = self.ask("How many eggs?")
        self.assertEqual(outcome.answers["How many eggs?"].text, "A dozen.")

    def test_an_answer_that_the_database_never_takes_is_set_aside(self):
        aside = self.aside(self.call.id)
        self.keep(self.call.key, tokens_in=2**32)
        with self.assertLogs(spool.__name__, "ERROR") as logged:
            self.ask("How many eggs?")
        self.assertNotIn("dozen", "".join(logged.output))
        self.assertIn("A dozen.", aside.read_text())
        self.assertEqual(self.asked(), 2)
        self.assertFalse(self.waiting())

    def test_nobody_else_can_read_it(self):
        self.keep(self.call.key)
        path = spool._path(self.env.cr.dbname, self.call.id)
        self.assertEqual(stat.S_IMODE(path.stat().st_mode), 0o600)
        self.assertEqual(stat.S_IMODE(path.parent.stat().st_mode), 0o700)
