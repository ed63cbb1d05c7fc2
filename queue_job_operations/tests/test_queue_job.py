# Copyright 2026 The ai_queue contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
from odoo.tests import TransactionCase, tagged

from odoo.addons.queue_job.controllers.main import RunJobController

from ..models.queue_job import MAX_TEXT, to_text


class Unspeakable:
    def __str__(self):
        raise RuntimeError("not even this")


@tagged("post_install", "-at_install")
class TestOutcome(TransactionCase):
    """Whatever a job raises can be stored: else it would run again and again."""

    def test_what_an_exception_was_raised_with_is_text(self):
        for argument in (
            {"a": 1},
            12,
            b"\xff",
            ["x\x00y"],
            None,
            Unspeakable(),
            "plain",
            "half \ud800 a character",
            10**5000,
        ):
            with self.subTest(type(argument).__name__):
                job = self.env["res.partner"].with_delay()._compute_display_name()
                error = ValueError(argument)
                vals = RunJobController._get_failure_values(job, "trace\x00back", error)
                job.set_failed(**vals)
                job.store()
                self.env.flush_all()
                record = job.db_record()
                record.invalidate_recordset()
                self.assertEqual(record.state, "failed")
                self.assertEqual(record.exc_info, "traceback")

    def test_it_is_cut(self):
        self.assertEqual(len(to_text("x" * (MAX_TEXT + 1))), MAX_TEXT)
        self.assertIs(to_text(False), False)
        self.assertEqual(to_text(Unspeakable()), "Unspeakable")
