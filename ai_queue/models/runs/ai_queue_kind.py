# Copyright 2026 The ai_queue contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
import logging
import random
from itertools import chain

from psycopg2 import OperationalError

from odoo import api, models
from odoo.exceptions import AccessError
from odoo.service.model import PG_CONCURRENCY_ERRORS_TO_RETRY

from odoo.addons.queue_job.exception import RetryableJobError
from odoo.addons.queue_job_operations.models.queue_job import without_nul

_logger = logging.getLogger(__name__)

DEFAULT_CHUNK_SIZE = 500
# After a conflict with another transaction a job runs again after about so long.
CONFLICT_SECONDS = (1, 5)
# From which try on: seconds until the next one, at random between two.
RETRY_PATTERN = {1: [5, 15], 2: [30, 60], 3: [120, 240], 5: [600, 900]}


class AiQueueKind(models.AbstractModel):
    """A kind of AI work: the way of a request, with a hook for each of its steps.

    A new kind is a model ``ai.queue.kind.<kind>`` that inherits this one, a value of
    the field ``kind`` of ``ai.queue.run``, a job method on the model that it works on
    and the job function of that method as data, with the field ``ai_queue_kind``.
    """

    _name = "ai.queue.kind"
    _description = "Kind of AI Work"

    # The job method, on the model of the records.
    _job_method = None
    # XML id of the channel of its jobs.
    _job_channel = "ai_queue.queue_job_channel_ai_processing"

    @api.model
    def _of(self, kind):
        """The model that knows a kind."""
        return self.env[f"ai.queue.kind.{kind}"]

    @api.model
    def _get_job_function_defaults(self):
        """Values of the job functions of this kind, where their data gives none."""
        return {
            "channel_id": self.env.ref(self._job_channel).id,
            "retry_pattern": RETRY_PATTERN,
            "related_action": {"func_name": "related_action_ai_queue_run"},
            "allow_commit": True,
            "on_fail_method": "_ai_queue_on_fail",
        }

    # ------------------------------------------------------------
    # HOOKS
    # ------------------------------------------------------------

    def _run_name(self, records):
        """The name of a run for these records, in the words of who starts it.

        Read by all who see the run, who need not see the records: it names none.
        """
        raise NotImplementedError

    def _run_title(self, record):
        """The name of a run for one record, for readers who may read that record.

        :return: nothing to go by the name of the run
        """
        return None

    def _turn(self, records):
        """What makes the work on records other work than that on them before.

        A press finds the run that is at the same work. That work may be about to end,
        without what has been said to it in this moment.

        :return: what JSON can hold, the same as long as it is the same work
        """
        return None

    def _check_may_run(self):
        """Raise an ``AccessError`` unless the current user may start this kind."""
        if self.env.su or self.env.user.has_group("ai_queue.ai_queue_group_user"):
            return
        raise AccessError(
            self.env._(
                "You may not start AI runs. Ask an administrator for the role "
                "AI Queue / User."
            )
        )

    def _chunk_size(self):
        """How many records one job takes."""
        size = self.env["ir.config_parameter"].sudo().get_param("ai_queue.chunk_size")
        return (
            max(1, int(size)) if (size or "").isdecimal() else self._usual_chunk_size()
        )

    def _usual_chunk_size(self):
        """How many records one job takes unless the system parameter says it."""
        return DEFAULT_CHUNK_SIZE

    def _before_jobs(self, run, records, options):
        """What else has to be queued before the jobs of a new run; nothing by default.

        :param run: the run, which has no jobs yet
        :param options: as of ``ai.queue.run._start``
        """

    def _targets(self, records):
        """What the work is really done on, from the records of the job.

        :return: recordset, of ``records`` that exist or of another model
        """
        return records.exists()

    def _relevant(self, targets, run):
        """Keep the targets for which the work still makes sense.

        Asked before the work and again after the wait.

        :param run: the run, empty when called outside of one
        :return: (recordset to go on with, {reason in words: recordset left out}); what
            an earlier turn of this run has done already has the reason None
        """
        raise NotImplementedError

    def _gather(self, targets):
        """Turn targets into plain requests, by set-based queries.

        :return: list of plain data; no record in it
        """
        raise NotImplementedError

    def _gather_for(self, row, targets):
        """What ``_gather`` returns, for a turn of a job: where the job was put off, its
        requests may have been kept since.

        :param row: ``ai.queue.run.job`` of the job, empty outside of one
        """
        return self._gather(targets)

    def _split(self, targets, requests):
        """Cut the work of a job into parts: each is applied as soon as it is answered.

        A part is asked as a whole, so it should have as many questions as a provider
        takes at a time.

        :return: iterable of (recordset of targets, requests for them); all at once by
            default
        """
        return [(targets, requests)]

    def _ask(self, requests, progress):
        """Get the answers; no transaction is open while this waits.

        :param requests: what ``_gather`` returned
        :param progress: function of the number of requests answered so far; it
            returns False when the run was cancelled: what was answered by then
            is returned, and the rest left
        :return: list of answers, plain data
        """
        raise NotImplementedError

    def _stand_in(self, parts, row):
        """Write what stands in for the answers while the job is put off; nothing by
        default. Before each time that it is put off.

        :param parts: as of ``_split``, without those that are through
        :param row: ``ai.queue.run.job`` of the job, empty outside of one
        """

    def _apply(self, targets, answers, run):
        """Write the answers; again with the same answers it changes nothing.

        :param targets: those that are still relevant; answers for others are dropped
        :return: nothing, or {reason in words: recordset} for targets that are left as
            they were after all, as of ``_relevant``
        """
        raise NotImplementedError

    def _follow_jobs(self, jobs):
        """Bring what shows the state of its job in line with these jobs.

        On a side cursor, after each change of their state; nothing by default.

        :param jobs: ``ai.queue.run.job``
        """

    def _get_open_work(self, run):
        """What a run that has ended leaves for a person to do.

        :return: {} for nothing, else ``to_review``, the number of records, and
            ``review_action``, the XML id of the action that lists them
        """
        return {}

    # ------------------------------------------------------------
    # THE WAY OF A REQUEST
    # ------------------------------------------------------------

    def _perform(self, records):
        """Do the work for these records: the body of every job method.

        :return: a sentence that says what came of it
        :raise RetryableJobError: on a conflict with another transaction; it counts
            as a try, so that ``max_retries`` holds
        """
        row = self.env["ai.queue.run.job"]._of_current_job(records)
        try:
            company = row.company_id or self.env.company
            return self.with_company(company)._do_work(records, row)
        except OperationalError as error:
            if error.pgcode not in PG_CONCURRENCY_ERRORS_TO_RETRY:
                raise
            self.env["queue.job"]._note_put_off(why="conflict")
            # The answers are in the ledger: a moment is enough.
            raise RetryableJobError(
                self.env._("Someone changed the same records; trying again."),
                seconds=random.randint(*CONFLICT_SECONDS),
            ) from error

    def _do_work(self, records, row):
        run = row.run_id
        self._check_may_run()
        skipped = _Skipped(self.env)
        if row._is_cancel_requested():
            return self._stop(row, 0, skipped)
        records = records.with_env(self.env)
        targets = self._targets(records)
        skipped.add_gone(records)
        targets, reasons = self._relevant(targets, run)
        done = len(reasons.pop(None, ()))
        skipped.add(reasons)
        row._report(total=len(targets) + done + skipped.count, remark_data=False)
        if targets:
            requests = self._gather_for(row, targets)
            parts = self._split(targets, requests)
            self._let_go(row)
            done = self._work_off(parts, row, skipped, done)
            if row._is_cancel_requested():
                return self._stop(row, done, skipped)
        self._report_end(row, done, skipped)
        return self.env._(
            "%(done)s done, %(skipped)s skipped.", done=done, skipped=skipped.count
        )

    def _work_off(self, parts, row, skipped, done):
        """Ask and apply, part by part, so that what is finished is there and stays.

        :param parts: as of ``_split``
        :param int done: for how many targets the work was done before
        :return: for how many it is done now
        """
        parts = iter(parts)
        for some, asked in parts:
            before = done + skipped.count

            def progress(answered, before=before):
                row._report(finished=before + answered)
                return not row._is_cancel_requested()

            try:
                answers = self._ask(asked, progress)
            except RetryableJobError:
                if row:
                    self._stand_in(chain([(some, asked)], parts), row)
                raise
            was_cancelled = row._is_cancel_requested()
            if answers or not was_cancelled:
                left = self._apply_part(some, answers, row.run_id, skipped)
                done += min(len(left), len(answers)) if was_cancelled else len(left)
                self._let_go(row)
            if was_cancelled:
                break
        return done

    def _apply_meanwhile(self, targets, answers, row):
        """Write what stands in for answers, so that it stays when the job ends."""
        self._apply_part(targets, answers, row.run_id, _Skipped(self.env))
        self._let_go(row)

    def _apply_part(self, targets, answers, run, skipped):
        """Write the answers for those targets for which they still make sense.

        :return: these targets, and those for which it was done already
        """
        skipped.add_gone(targets)
        targets, reasons = self._relevant(targets.exists(), run)
        already = reasons.pop(None, targets.browse())
        skipped.add(reasons)
        reasons = self._apply(targets, answers, run) or {}
        skipped.add(reasons)
        return already + targets - targets.browse().union(*reasons.values())

    def _report_end(self, row, done, skipped, **values):
        row._report(
            finished=done + skipped.count,
            skipped=skipped.count,
            skip_data=skipped.data(),
            **values,
        )

    def _stop(self, row, done, skipped):
        self._report_end(row, done, skipped, is_stopped=True)
        if done:
            return self.env._(
                "Stopped: the run was cancelled. What was finished stays: %s.", done
            )
        return self.env._("Stopped: the run was cancelled.")

    def _let_go(self, row):
        """End the transaction of the job: the one place that commits.

        A model may think for 90 seconds; nothing may be locked that long, and no
        conflict found at the end may throw its answer away. Outside of a job the
        transaction is the caller's.
        """
        if row:
            self.env.cr.commit()  # pylint: disable=invalid-commit

    # ------------------------------------------------------------
    # FAILURE
    # ------------------------------------------------------------

    @api.model
    def _on_fail(self, exc_name, exc_message):
        """Leave on the run what happened, in words: the job failed for good.

        Whatever goes wrong in here would undo the failed state of the job, which
        would run again for ever: so it is logged and no more.
        """
        try:
            message = without_nul(self._failure_sentence(exc_name, exc_message))
            self.env["ai.queue.run.job"]._of_current_job()._report(message=message)
        except Exception:
            _logger.exception("A failure could not be noted on its run: %s", exc_name)

    def _failure_sentence(self, exc_name, exc_message):
        """What people read when a job failed for good."""
        if exc_name.startswith(("odoo.exceptions.", "odoo.addons.queue_job.")):
            return exc_message
        return self.env._(
            "Unexpected error: %(error)s. The job has the details for an "
            "administrator.",
            error=f"{exc_name.rpartition('.')[2]}: {exc_message}",
        )


class _Skipped:
    """What a job leaves out, and why.

    Ids and no names: who reads the run later may have fewer rights than who ran it,
    and than was needed to see that a record is none of ours.
    """

    def __init__(self, env):
        self.env = env
        self.ids = {}
        self.count = 0

    def add(self, reasons):
        """``{reason in words: recordset}``"""
        for reason, records in reasons.items():
            self._add(reason, records)

    def add_gone(self, records):
        """Of these records, those that were deleted."""
        self._add(self.env._("Deleted"), records - records.exists())

    def _add(self, reason, records):
        if records:
            self.ids.setdefault((reason, records._name), []).extend(records.ids)
            self.count += len(records)

    def data(self):
        """As the field ``skip_data`` of ``ai.queue.run.job`` keeps it."""
        return [
            {"reason": reason, "model": model, "ids": ids}
            for (reason, model), ids in self.ids.items()
        ]
