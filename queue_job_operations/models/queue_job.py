# Copyright 2026 The ai_queue contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
from odoo import api, fields, models
from odoo.exceptions import AccessError, UserError

from odoo.addons.queue_job.job import (
    CANCELLED,
    DONE,
    ENQUEUED,
    FAILED,
    PENDING,
    STARTED,
    WAIT_DEPENDENCIES,
)
from odoo.addons.queue_job.models.queue_job import QueueJob as HostQueueJob

#: A server that is restarted leaves jobs as started: the host finds them dead and
#: queues them again.
NOT_ENDED = (WAIT_DEPENDENCIES, PENDING, ENQUEUED, STARTED)
# What is kept of the text of an error: an answer of a server may be in it.
MAX_TEXT = 100_000
# Fields that take whatever an exception was raised with.
TEXTS = {"exc_name", "exc_message", "exc_info", "result"}


def without_nul(value):
    """A value that PostgreSQL can store: text without NUL, as some errors quote it."""
    return value.replace("\x00", "") if isinstance(value, str) else value


def to_text(value):
    """Whatever an exception was raised with, as a text that can be stored.

    :return: False stays False, and None None
    """
    if value is None or value is False:
        return value
    try:
        text = value if isinstance(value, str) else str(value)
    except Exception:
        # A broken ``__str__``: the type is better than a job that runs for ever.
        text = type(value).__name__
    # Half a character, as broken input leaves it, is refused by the database as well.
    text = text[:MAX_TEXT].encode("utf-8", "replace").decode()
    return without_nul(text)


class QueueJob(models.Model):
    _inherit = "queue.job"

    # As whom and for which company a job runs is for no one to choose: who could would
    # have the rights of everybody. Nor what it waits for, and what it stands for.
    user_id = fields.Many2one(readonly=True)
    company_id = fields.Many2one(readonly=True)
    # EXTENDS queue_job
    _protected_fields = (
        *HostQueueJob._protected_fields,
        *("user_id", "company_id", "dependencies", "graph_uuid", "identity_key"),
    )

    # The host keeps no date of a failure, nor of when a job was queued again. The SQL
    # of its runner, which finds dead jobs, does not write this either.
    date_state = fields.Datetime(
        string="In This State Since",
        readonly=True,
        help="Empty: since it was created or started.",
    )
    # Known only when it starts: the host forgets since when the job had waited.
    wait_time = fields.Float(
        string="Waited (s)",
        readonly=True,
        prefetch=False,
        aggregator="avg",
        help="How long it had been ready to run when it last started.",
    )

    # What ended lately, among millions that ended long ago.
    _done_idx = models.Index("(date_done) WHERE state = 'done'")
    _failed_idx = models.Index("(date_state) INCLUDE (channel) WHERE state = 'failed'")
    # What waits in each channel, and since when. Few run at a time: they are found by
    # the host's own index of states, and each job pays for this one only once.
    _waiting_idx = models.Index(
        "(channel, company_id) "
        "INCLUDE (date_created, eta, date_started, date_state) "
        "WHERE state = 'pending'"
    )

    # EXTENDS queue_job
    @api.model_create_multi
    @api.private
    def create(self, vals_list):
        """No job for a company that is none of its user's.

        The host takes the company from the context, which may come from anywhere.
        """
        for vals in vals_list:
            env = vals["records"].env if "records" in vals else self.env
            company_id = vals.get("company_id")
            if company_id and not env.su and company_id not in env.user.company_ids.ids:
                raise AccessError(
                    self.env._(
                        "A job can only be queued for one of your companies. Choose "
                        "another company and try again."
                    )
                )
        return super().create(vals_list)

    # EXTENDS queue_job
    def write(self, vals):
        """Note since when a job is in its state, and how long it had waited."""
        # PostgreSQL refuses NUL, and an exception may hold anything: a job whose
        # outcome cannot be stored would be taken for dead, and run again and again.
        vals = {
            name: to_text(value) if name in TEXTS else without_nul(value)
            for name, value in vals.items()
        }
        if "state" in vals:
            started = vals["state"] == STARTED
            vals["date_state"] = not started and fields.Datetime.now()
            if started:
                vals["wait_time"] = self[:1]._get_waited(vals.get("date_started"))
            if vals["state"] == DONE and not self._was_run():
                vals["exec_time"] = False
            self._note_leaving(vals["state"])
        return super().write(vals)

    # EXTENDS queue_job
    def unlink(self):
        """What is deleted cannot be listed any more, though it was counted."""
        self._note_leaving()
        return super().unlink()

    def _note_leaving(self, state=None):
        """Note jobs that have ended and get another state, or none."""
        # Statistics count all jobs, whoever may change them.
        jobs = self.sudo()
        jobs.fetch(self._get_fields_of_state())
        left = jobs.filtered(
            lambda job: job.state == FAILED or (job.state == DONE and state != DONE)
        )
        if left:
            self.env["queue.job.hour.left"].sudo()._add(left)

    def _get_fields_of_state(self):
        """What a change of the state reads of a job; addons that read more add to it.

        Nothing else is loaded: what a job failed with may be a hundred kilobytes.
        """
        return ["graph_uuid", "state"]

    def _was_run(self):
        """Whether a job that is done now was run until now.

        One that a person sets to done may have the start of a try that failed days ago:
        the host would take the time since then for its run time.
        """
        # As superuser: a job that was already done is only stored again.
        return {STARTED, DONE}.issuperset(self.sudo().mapped("state"))

    def _get_waited(self, started):
        """Seconds that the job could have run already when it starts.

        It waits since it was made, put off until, queued again, or started by a process
        that was killed.
        """
        since = (self.date_created, self.eta, self.date_started, self.date_state)
        latest = max(filter(None, since), default=None)
        if not started or not latest:
            return False
        return max(0.0, (fields.Datetime.to_datetime(started) - latest).total_seconds())

    # ------------------------------------------------------------
    # OF ADDONS THAT ARE GONE
    # ------------------------------------------------------------

    def _find_gone(self):
        """The model or method that a job needs and that is not there any more.

        :return: its name; None when all is there
        """
        self.ensure_one()
        model = self.env.get(self.model_name)
        if model is None:
            return self.model_name
        if not hasattr(model, self.method_name):
            return f"{self.model_name}.{self.method_name}"
        try:
            # Records among them are looked up when they are read.
            _arguments = self.args, self.kwargs
        except KeyError as error:
            return error.args[0]
        return None

    def _say_gone(self, gone):
        return self.env._(
            "%s is not installed any more, so nothing can run this job. Delete it, or "
            "install the addon again and queue it again.",
            gone,
        )

    @api.model
    def _fail_if_gone(self, uuid):
        """Let a job fail that the host cannot load, with a sentence that says why.

        :param str uuid: of the job
        :return: False when all that it needs is there, so that it is another error
        """
        job = self.search([("uuid", "=", uuid)])
        gone = job and job._find_gone()
        if not gone:
            return False
        sentence = self._say_gone(gone)
        job.write(
            {
                "state": FAILED,
                "exc_name": "odoo.exceptions.MissingError",
                "exc_message": sentence,
                "exc_info": sentence,
            }
        )
        return True

    # EXTENDS queue_job
    def _change_job_state(self, state, result=None):
        """The buttons of the host load the jobs: say why one cannot be loaded."""
        try:
            return super()._change_job_state(state, result=result)
        except (AttributeError, KeyError) as error:
            for job in self:
                if gone := job._find_gone():
                    raise UserError(self._say_gone(gone)) from error
            raise

    @api.model
    def _cancel_gone(self, result):
        """Cancel jobs that wait or run and whose model or method is gone.

        :param str result: what people read on them
        """
        not_ended = [("state", "in", NOT_ENDED)]
        for name, method, jobs in self._read_group(
            not_ended, ["model_name", "method_name"], ["id:recordset"]
        ):
            model = self.env.get(name)
            if model is None or not hasattr(model, method):
                # Not by the button, which loads them.
                jobs._write_at_once(
                    {
                        "state": CANCELLED,
                        "date_cancelled": fields.Datetime.now(),
                        "result": result,
                    }
                )

    # ------------------------------------------------------------
    # MANY AT ONCE
    # ------------------------------------------------------------

    # The buttons of the host load and store job by job, some milliseconds each: a run
    # may have thousands. Only jobs that wait for one another need that.

    def _cancel_at_once(self, result=None):
        """As ``button_cancelled``, for waiting jobs, by one write.

        :param str result: what people read; else by whom
        """
        single = self._filter_single()
        single._write_at_once(
            {
                "state": CANCELLED,
                "date_cancelled": fields.Datetime.now(),
                "result": result or self.env._("Cancelled by %s", self.env.user.name),
            }
        )
        (self - single).button_cancelled()

    def _requeue_at_once(self):
        """As ``requeue``, for jobs that have ended, by one write."""
        single = self._filter_single()
        single._write_at_once(
            {
                "state": PENDING,
                "retry": 0,
                "worker_pid": False,
                "exec_time": False,
                "date_enqueued": False,
                "date_started": False,
                "date_done": False,
                "date_cancelled": False,
            }
        )
        (self - single).requeue()

    def _filter_single(self):
        self.sudo().fetch(self._get_fields_of_state())
        return self.filtered(lambda job: not job.graph_uuid)

    def _write_at_once(self, vals):
        # The run tells what happened; the history of each job is nobody's reading.
        self.with_context(tracking_disable=True).write(vals)
