# Copyright 2026 The ai_queue contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
import threading
from datetime import timedelta

from odoo import api, fields, models

from odoo.addons.queue_job.job import FAILED, PENDING, STARTED
from odoo.addons.queue_job_operations.models.queue_job import QueueJob as Below

# Errors that say nothing of the job, only that the database went away under it. The
# plain DatabaseError and OperationalError are raised for the connection; those of
# statements are subclasses of them.
CONNECTION_LOST = {
    "psycopg2.DatabaseError",
    "psycopg2.InterfaceError",
    "psycopg2.OperationalError",
    "psycopg2.errors.AdminShutdown",
    "psycopg2.errors.CannotConnectNow",
    "psycopg2.errors.CrashShutdown",
}
CONNECTION_LOST_DELAY = timedelta(seconds=10)

# The job that this thread has started: its uuid, and the cursor that holds its lock.
# The context names the job as well, but a context may come from anywhere.
_started = threading.local()


class QueueJob(models.Model):
    _inherit = "queue.job"

    ai_queue_run_id = fields.Many2one(
        "ai.queue.run",
        string="AI Run",
        readonly=True,
        index="btree_not_null",
        ondelete="set null",
    )

    # EXTENDS queue_job
    _protected_fields = (*Below._protected_fields, "ai_queue_run_id")

    # EXTENDS queue_job
    @api.model_create_multi
    @api.private
    def create(self, vals_list):
        """Every job of a kind of AI work belongs to a run.

        Who makes a run passes it in the context, as a recordset. A job that another
        addon made with ``with_delay`` gets a run of its own.
        """
        kinds = [self._get_ai_queue_kind(vals) for vals in vals_list]
        row = self.env.context.get("ai_queue__run_job")
        if not isinstance(row, models.BaseModel):
            row = None
        for kind, vals in zip(kinds, vals_list, strict=True):
            if kind:
                run = row.run_id if row else self._get_ai_queue_run(kind, vals)
                vals["ai_queue_run_id"] = run.id
                vals["records"] = vals["records"].with_context(
                    ai_queue__job_uuid=vals["uuid"]
                )
        jobs = super().create(vals_list)
        for kind, job, vals in zip(kinds, jobs, vals_list, strict=True):
            if kind and row:
                # A side cursor would not see the new job yet.
                row.write({"queue_job_uuid": job.uuid, "state": "pending"})
            elif kind:
                job._create_ai_queue_run_job(vals["records"])
        return jobs

    # EXTENDS queue_job
    def write(self, vals):
        """Runs follow the state of their jobs, once it is committed."""
        if vals.get("state") == FAILED and vals.get("exc_name") in CONNECTION_LOST:
            vals = self._get_ai_queue_lost_vals(vals)
        # The run follows its job, whoever may change the job.
        jobs = self.sudo()
        jobs.fetch(self._get_fields_of_state())
        followed = jobs.filtered("ai_queue_run_id")
        retry_before = followed[:1].retry
        result = super().write(vals)
        self._note_started(vals)
        # Most jobs belong to no run, and must not pay for it.
        if followed and "state" in vals:
            self.env["ai.queue.run.attempt"]._note_states(followed, vals, retry_before)
            followed.ai_queue_run_id._sync_after_commit()
        return result

    # EXTENDS queue_job_operations
    def _get_fields_of_state(self):
        return [*super()._get_fields_of_state(), "ai_queue_run_id", "retry", "uuid"]

    def _note_started(self, vals):
        """Remember the job that this thread is about to perform.

        Only the job itself has the sentinel of the host: nobody starts one by RPC.
        """
        sentinel = self.env.context.get("_job_edit_sentinel")
        if vals.get("state") == STARTED and sentinel is self.EDIT_SENTINEL:
            _started.uuid, _started.cursor = self.uuid, self.env.cr
            _started.put_off = {}

    @api.model
    def _note_put_off(self, **values):
        """Remember for the log why the job that this thread performs is put off.

        The host hands on the sentence alone, which may name what the work is about.

        :param values: ``why``, a word that is the same for everyone, and ids
        """
        if hasattr(_started, "put_off"):
            _started.put_off.update(values)

    def _get_put_off(self):
        """Why this job is put off, as words of ours: see ``run_log.py``."""
        if len(self) == 1 and getattr(_started, "uuid", None) == self.uuid:
            return dict(_started.put_off)
        return {}

    @api.model
    def _is_performing(self, uuid):
        """Whether it is this very thread that performs a job just now."""
        cursor = getattr(_started, "cursor", None)
        # The controller closes the cursor at the end, whatever became of the job.
        return bool(cursor) and not cursor.closed and _started.uuid == uuid

    def _get_ai_queue_lost_vals(self, vals):
        """A job whose database went away runs again, as if it had been killed."""
        tries_left = not vals.get("max_retries") or vals["retry"] < vals["max_retries"]
        if not (tries_left and self.sudo().ai_queue_run_id):
            return vals
        self._note_put_off(why="connection_lost")
        return {
            **vals,
            "state": PENDING,
            "eta": fields.Datetime.now() + CONNECTION_LOST_DELAY,
            "date_started": False,
            "date_enqueued": False,
            "exc_name": False,
            "exc_message": False,
            "exc_info": False,
            "result": self.env._(
                "The connection to the database was lost; the job runs again."
            ),
        }

    def _get_ai_queue_kind(self, vals):
        # The job function is configuration; who queues a job need not read it.
        functions = self.env["queue.job.function"].sudo()
        return functions._get_ai_queue_kind(vals.get("job_function_id"))

    def _get_ai_queue_run(self, kind, vals):
        run = self.env.context.get("ai_queue__run")
        if isinstance(run, models.BaseModel):
            return run
        records = vals["records"]
        handler = self.env["ai.queue.kind"]._of(kind).with_env(records.env)
        return self.env["ai.queue.run"].create(
            {
                "name": handler._run_name(records),
                "kind": kind,
                "origin": "code",
                "user_id": vals["user_id"],
                "company_id": vals["company_id"],
                "total": len(records),
            }
        )

    def _create_ai_queue_run_job(self, records):
        return self.env["ai.queue.run.job"].create(
            {
                "run_id": self.ai_queue_run_id.id,
                "queue_job_uuid": self.uuid,
                "res_model": records._name,
                "res_ids": records.ids,
                "total": len(records),
                "options": {
                    "description": self.name,
                    "channel": self.channel,
                    "priority": self.priority,
                    "max_retries": self.max_retries,
                },
            }
        )

    # EXTENDS queue_job
    def _message_post_on_failure(self):
        """The run says it, to the one who asked: no message to every manager."""
        return super(
            QueueJob, self.filtered(lambda job: not job.ai_queue_run_id)
        )._message_post_on_failure()

    def related_action_ai_queue_run(self):
        """Open the run of the job."""
        self.ensure_one()
        if not self.ai_queue_run_id:
            return self.related_action_open_record()
        action = self.env["ir.actions.act_window"]._for_xml_id(
            "ai_queue.ai_queue_run_action"
        )
        action.update(views=[(False, "form")], res_id=self.ai_queue_run_id.id)
        return action
