# Copyright 2026 The ai_queue contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
import logging
import re

from odoo.exceptions import UserError
from odoo.tests import tagged

from odoo.addons.queue_job.exception import RetryableJobError

from .common import AiQueueCommon, flat_forecast

LOGGER = "odoo.addons.ai_queue.models.runs.run_log"


@tagged("post_install", "-at_install")
class TestRunLog(AiQueueCommon):
    """A run can be followed in the log of the server, which names nobody."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.env["ir.config_parameter"].set_param("ai_queue.chunk_size", "2")
        cls.products = cls.create_products(3, prefix="Secret")

    def setUp(self):
        super().setUp()
        self.logged = self.enterContext(self.assertLogs(LOGGER, logging.INFO))

    def lines(self, event=None):
        """The lines of an event, or all, as {key: text}."""
        lines = [
            dict(part.split("=", 1) for part in record.getMessage().split(" "))
            for record in self.logged.records
        ]
        return [line for line in lines if event in (None, line["event"])]

    def perform_with(self, job, error):
        def forecast(requests):
            raise error

        with self.engine(forecast):
            self._perform(job)
        self.commit()

    def test_from_start_to_end(self):
        run = self.press(self.products)
        with self.engine(flat_forecast()):
            self.run_jobs(run)
        events = [line["event"] for line in self.lines()]
        self.assertEqual(events.count("run_started"), 1)
        self.assertEqual(events.count("run_ended"), 1)
        self.assertEqual(events[-1], "run_ended")
        (start,) = self.lines("run_started")
        waited = start.pop("waited")
        self.assertRegex(waited, r"^\d+\.\d$")
        self.assertEqual(
            start,
            {
                "event": "run_started",
                "run": str(run.id),
                "kind": "forecast",
                "origin": "button",
                "user": str(self.user.id),
                "company": str(self.company.id),
                "jobs": "2",
                "records": "3",
            },
        )
        turns = self.lines("job_started")
        self.assertEqual(
            [(turn["job"], turn["of"], turn["records"]) for turn in turns],
            [("1", "2", "2"), ("2", "2", "1")],
        )
        self.assertEqual(
            {turn["queue_job"] for turn in turns},
            set(run.job_ids.mapped("queue_job_uuid")),
        )
        ends = self.lines("job_ended")
        self.assertEqual([end["outcome"] for end in ends], ["done", "done"])
        (end,) = self.lines("run_ended")
        self.assertEqual(
            [end[key] for key in ("run", "outcome", "finished", "skipped", "failed")],
            [str(run.id), "done", "3", "0", "0"],
        )

    def test_nothing_personal(self):
        run = self.press(self.products)
        job = self.queue_jobs(run)[:1]
        self.perform_with(job, RetryableJobError("Secret 1 of Jane", seconds=60))
        with self.assertLogs("odoo.addons.queue_job.controllers.main", "ERROR"):
            self.perform_with(job, UserError("Secret 2 of Jane"))
        text = "\n".join(record.getMessage() for record in self.logged.records)
        self.assertIn("outcome=retried", text)
        self.assertIn("outcome=failed", text)
        for word in ("Secret", "Jane", self.user.name, self.user.login, run.name):
            self.assertNotIn(word, text)
        for record in self.logged.records:
            self.assertTrue(
                re.fullmatch(r"[a-z_]+=\S+( [a-z_]+=\S+)*", record.getMessage())
            )

    def test_put_off_until_when_and_why(self):
        run = self.press(self.products[:1])
        job = self.queue_jobs(run)

        def forecast(requests):
            run.env["queue.job"]._note_put_off(why="budget", waits_for="budget:1")
            raise RetryableJobError("No", seconds=60, ignore_retry=True)

        with self.engine(forecast):
            self._perform(job)
        self.commit()
        (end,) = self.lines("job_ended")
        self.assertEqual(end["outcome"], "waited")
        self.assertEqual((end["job"], end["of"], end["attempt"]), ("1", "1", "1"))
        self.assertEqual((end["why"], end["waits_for"]), ("budget", "budget:1"))
        self.assertEqual(end["until"], f"{job.eta.isoformat()}Z")
        self.assertFalse(self.lines("run_ended"))
        # The next turn has reasons of its own.
        self.perform_with(job, RetryableJobError("It fell over", seconds=60))
        again = self.lines("job_ended")[-1]
        self.assertEqual((again["attempt"], again["outcome"]), ("2", "retried"))
        self.assertNotIn("why", again)

    def test_a_failure_is_named_by_its_type(self):
        run = self.press(self.products[:1])
        with self.assertLogs("odoo.addons.queue_job.controllers.main", "ERROR"):
            self.perform_with(self.queue_jobs(run), UserError("No such thing."))
        (end,) = self.lines("job_ended")
        self.assertEqual((end["outcome"], end["why"]), ("failed", "UserError"))
        (end,) = self.lines("run_ended")
        self.assertEqual((end["outcome"], end["failed"]), ("failed", "1"))

    def test_a_run_that_never_began_only_ends(self):
        run = self.press(self.products)
        run.with_user(self.user).action_cancel()
        self.commit()
        self.assertEqual(
            [(line["event"], line["outcome"]) for line in self.lines()],
            [("run_ended", "cancelled")],
        )

    def test_what_is_rolled_back_is_not_logged(self):
        run = self.press(self.products[:1])
        job = self.queue_jobs(run)
        before = len(self.logged.records)
        with self.registry.cursor() as cr:
            jobs = job.with_env(self.env(cr=cr)).with_context(
                _job_edit_sentinel=job.EDIT_SENTINEL
            )
            jobs.write({"state": "started"})
            cr.rollback()
        self.assertEqual(len(self.logged.records), before)
        with self.engine(flat_forecast()):
            self.run_jobs(run)
