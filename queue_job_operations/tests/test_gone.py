# Copyright 2026 The ai_queue contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
import json

from odoo.exceptions import UserError
from odoo.tests import tagged

from ..hooks import uninstall_hook
from .common import QueueJobHttpCommon

GONE = "addon.that.is.gone"


@tagged("post_install", "-at_install")
class TestGone(QueueJobHttpCommon):
    """Jobs of addons that have been uninstalled."""

    def enqueue(self, **changes):
        """A job that its runner has handed out, and whose row is then changed."""
        partner = self.env["res.partner"].create({"name": "Patient"})
        job = partner.with_delay()._compute_display_name().db_record()
        self.env.flush_all()
        for column, value in {"state": "enqueued", **changes}.items():
            # pylint: disable-next=sql-injection
            self.env.cr.execute(
                f"UPDATE queue_job SET {column} = %s WHERE id = %s", (value, job.id)
            )
        self.env.invalidate_all()
        return job

    def run_job(self, job):
        """What the job runner asks for; returns the status of the answer."""
        url = f"/queue_job/runjob?db={self.env.cr.dbname}&job_uuid={job.uuid}"
        answer = self.url_open(url)
        self.env.invalidate_all()
        return answer.status_code

    def records_of(self, model):
        records = {"_type": "odoo_recordset", "model": model, "ids": [1], "su": False}
        return json.dumps({**records, "uid": self.env.uid, "context": {}})

    def test_a_job_of_a_model_that_is_gone_fails_and_says_why(self):
        job = self.enqueue(model_name=GONE, records=self.records_of(GONE))
        self.assertEqual(self.run_job(job), 200)
        self.assertEqual(job.state, "failed")
        self.assertIn(f"{GONE} is not installed any more", job.exc_message)

    def test_a_job_of_a_method_that_is_gone_fails_and_says_why(self):
        job = self.enqueue(method_name="nobody_has_it")
        self.assertEqual(self.run_job(job), 200)
        self.assertEqual(job.state, "failed")
        self.assertIn("res.partner.nobody_has_it is not", job.exc_message)

    def test_a_job_with_records_that_are_gone_fails_and_says_why(self):
        job = self.enqueue(args=f"[{self.records_of(GONE)}]")
        self.assertEqual(self.run_job(job), 200)
        self.assertEqual(job.state, "failed")
        self.assertIn(GONE, job.exc_message)

    def test_other_jobs_run(self):
        job = self.enqueue()
        self.assertEqual(self.run_job(job), 200)
        self.assertEqual(job.state, "done")

    def test_buttons_say_why(self):
        job = self.enqueue(
            state="failed", model_name=GONE, records=self.records_of(GONE)
        )
        with self.assertRaisesRegex(UserError, f"{GONE} is not installed"):
            job.button_done()

    def test_none_stays_for_the_host_alone(self):
        gone = self.enqueue(model_name=GONE, records=self.records_of(GONE))
        started = self.enqueue(
            state="started", model_name=GONE, records=self.records_of(GONE)
        )
        waiting = self.enqueue(
            state="wait_dependencies", method_name="nobody_has_it", graph_uuid="many"
        )
        failed = self.enqueue(
            state="failed", model_name=GONE, records=self.records_of(GONE)
        )
        other = self.enqueue()
        uninstall_hook(self.env)
        for job in gone, started, waiting:
            self.assertEqual(job.state, "cancelled")
            self.assertIn("not installed any more", job.result)
            self.assertTrue(job.date_cancelled)
        self.assertEqual(failed.state, "failed")
        self.assertEqual(other.state, "enqueued")
