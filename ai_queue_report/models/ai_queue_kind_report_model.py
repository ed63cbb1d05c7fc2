# Copyright 2026 The ai_queue contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
from odoo import models
from odoo.exceptions import UserError
from odoo.tools.misc import get_lang

from ..prompt import (
    PROMPT_VERSION,
    SUMMARY_VERSION,
    specification_question,
    summary_question,
)


class AiQueueKindReport(models.AbstractModel):
    """What a model adds: it understands what words and labels alone do not."""

    _inherit = "ai.queue.kind.report"

    def _get_asked_provider(self):
        """The provider that is asked; empty when none is set."""
        provider = self._get_provider()
        return provider.browse() if provider._is_local() else provider

    # OVERRIDE ai_queue_report
    def _understand(self, request):
        local = {**super()._understand(request), "by": "local"}
        provider = self._get_asked_provider()
        if not provider:
            return local
        specification, message = self._ask_specification(provider, request)
        if specification:
            return {
                **local,
                "specification": specification,
                "by": "model",
                "message": "",
                "left": [],
                "certainty": 1.0,
            }
        # What is understood by words is better than nothing, and marked so.
        return {**local, "note": message, "message": message or local["message"]}

    def _ask_specification(self, provider, request):
        """A specification by a model: (data, or None; why there is none)."""
        reader = self.env["ai.queue.report.reader"]
        described = self.env["ai.queue.report.understanding"]._describe_models(
            request.question, request.previous
        )
        if not described:
            return None, ""
        model = provider._get_model("report").model
        language, today = get_lang(self.env).name, reader._today().isoformat()
        errors = []
        for _turn in range(2):
            question = specification_question(
                request.report_id,
                model,
                request.question,
                described,
                today,
                language,
                request.previous,
                errors,
            )
            answer, message = self._ask_once(provider, question, PROMPT_VERSION)
            if answer is None:
                return None, message
            if answer["specification"] is None:
                return None, answer["message"].strip() or self.env._(
                    "The model found no report that answers this. Ask in other words."
                )
            try:
                reader._check(answer["specification"])
                return answer["specification"], ""
            except UserError as error:
                errors = [(answer["specification"], str(error))]
        return None, self.env._(
            "The answer of the model did not fit twice: %s", errors[0][1]
        )

    def _ask_once(self, provider, question, version):
        """(what was answered, or None; why nothing was)"""
        try:
            outcome = provider._ask(
                [question],
                kind="report",
                prompt_version=version,
                # What is understood by words is there without a model.
                can_do_without=True,
            )
        except UserError as error:
            return None, str(error)
        if answer := outcome.answers.get(question.key):
            return answer.data, ""
        if error := outcome.errors.get(question.key):
            return None, error.sentence
        return None, self.env._("The run was cancelled.")

    # OVERRIDE ai_queue_report
    def _say_result(self, request, specification, result):
        words = super()._say_result(request, specification, result)
        provider = self._get_asked_provider()
        # Who asks need not see the settings of the company.
        is_on = self.env.company.sudo().ai_queue_report_summary
        if not (result and result["rows"] and provider and is_on):
            return words
        if result["empty_because"]:
            return words
        question = summary_question(
            request.report_id,
            provider._get_model("report").model,
            request.question,
            self.env["ai.queue.report.reader"]._sentence(specification),
            result,
            get_lang(self.env).name,
        )
        answer, _message = self._ask_once(provider, question, SUMMARY_VERSION)
        return answer["summary"].strip() if answer else words
