# Copyright 2026 The ai_queue contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
from typing import NamedTuple

from odoo import models
from odoo.exceptions import AccessError, MissingError, UserError
from odoo.tools import format_list


class Request(NamedTuple):
    """A question and what is known about it: plain data."""

    report_id: int
    question: str
    specification: dict | None
    previous: dict | None
    uid: int
    #: what of the question became what, where it is specified already
    understood: dict | None = None


class Answer(NamedTuple):
    """What came of a question: a specification and its figures, or why not."""

    report_id: int
    specification: dict | None = None
    understood: dict | None = None
    result: dict | None = None
    summary: str = ""
    message: str = ""


class AiQueueKindReport(models.AbstractModel):
    """Questions that become reports."""

    _name = "ai.queue.kind.report"
    _inherit = "ai.queue.kind"
    _description = "Reports as a Kind of AI Work"

    _job_method = "answer_question"

    # ------------------------------------------------------------
    # HOOKS OF ai.queue.kind
    # ------------------------------------------------------------

    # OVERRIDE ai.queue.kind
    def _run_name(self, records):
        if len(records) == 1:
            return self.env._("Report of one question")
        return self.env._("Reports of %s questions", len(records))

    # OVERRIDE ai.queue.kind
    def _run_title(self, record):
        return record.question

    # EXTENDS ai.queue.kind
    def _check_may_run(self):
        result = super()._check_may_run()
        user = self.env.user
        if not (
            self.env.su or user.has_group("ai_queue_report.ai_queue_report_group_user")
        ):
            raise AccessError(
                self.env._(
                    "You may not ask for reports. Ask an administrator for the role AI "
                    "Reports / User."
                )
            )
        return result

    # EXTENDS ai.queue.kind
    def _usual_chunk_size(self):
        return 1

    # EXTENDS ai.queue.kind
    def _follow_jobs(self, jobs):
        self.env["ai.queue.report"]._follow_jobs(jobs)

    # OVERRIDE ai.queue.kind
    def _relevant(self, targets, run):
        mine = targets.filtered(lambda report: report.user_id == self.env.user)
        done = mine.filtered(lambda report: report.state in ("done", "failed"))
        return mine - done, {
            self.env._("Of another person"): targets - mine,
            None: done,
        }

    # OVERRIDE ai.queue.kind
    def _gather(self, targets):
        return [
            Request(
                report.id,
                report.question,
                report.specification or None,
                report.previous_id._filtered_access("read").specification or None,
                self.env.uid,
                report.understood or None,
            )
            for report in targets
        ]

    # OVERRIDE ai.queue.kind
    def _ask(self, requests, progress):
        # In the language and the companies of who asked.
        own = self.with_context(lang=self.env.user.lang, tz=self.env.user.tz)
        answers = []
        for count, request in enumerate(requests, 1):
            answers.append(own._answer(request))
            if not progress(count):
                break
        return answers

    # OVERRIDE ai.queue.kind
    def _apply(self, targets, answers, run):
        reports = {report.id: report for report in targets}
        for answer in answers:
            if answer.report_id not in reports:
                continue
            reports[answer.report_id]._write_own(
                {
                    "state": "done" if answer.specification else "failed",
                    "specification": answer.specification,
                    "understood": answer.understood,
                    "result_data": answer.result,
                    "summary_data": answer.summary,
                    "message": answer.message,
                }
            )

    # ------------------------------------------------------------
    # ANSWERS
    # ------------------------------------------------------------

    def _answer(self, request):
        """What comes of a question: ``Answer``."""
        specification, understood = request.specification, request.understood
        if not specification:
            understood = self._understand(request)
            specification = understood.pop("specification")
            if not specification:
                message = understood.pop("message", "")
                return Answer(request.report_id, None, understood, message=message)
            specification = self.env["ai.queue.report.reader"]._fix(specification)
        result, message = self._read(specification)
        message = message or self._say_left(understood)
        return Answer(
            request.report_id,
            specification,
            understood,
            result,
            self._say_result(request, specification, result),
            message,
        )

    def _say_left(self, understood):
        """Which words are not in the report, and which were taken for others."""
        said = []
        for word, meant in (understood or {}).get("corrected") or ():
            said.append(
                self.env._(
                    "“%(word)s” was read as “%(meant)s”.", word=word, meant=meant
                )
            )
        if left := (understood or {}).get("left"):
            said.append(
                self.env._(
                    "Not understood, and left out: %s. Write names as Odoo shows them.",
                    format_list(self.env, [f"“{word}”" for word in left]),
                )
            )
        return " ".join(said)

    def _understand(self, request):
        return self.env["ai.queue.report.understanding"]._understand(
            request.question, request.previous
        )

    def _read(self, specification):
        """(the figures, or None; why there are none)"""
        try:
            return self.env["ai.queue.report.reader"]._read(specification), ""
        except (AccessError, MissingError, UserError) as error:
            return None, str(error)

    def _say_result(self, request, specification, result):
        """The result in words."""
        if not result:
            return ""
        reader = self.env["ai.queue.report.reader"]
        return reader._say_in_words(specification, result)
