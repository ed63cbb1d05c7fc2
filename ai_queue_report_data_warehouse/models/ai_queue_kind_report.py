# Copyright 2026 The ai_queue contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
from odoo import models
from odoo.exceptions import UserError
from odoo.tools.misc import get_lang

from odoo.addons.ai_queue_report.models.ai_queue_kind_report import Answer

from ..guard import Refused, guard
from ..prompt import PROMPT_VERSION, choose, statement_question
from ..table import as_table

#: What a question may take: rows, seconds, bytes of the answer, bytes to read.
MAX_ROWS, MAX_SECONDS = 500, 60
MAX_BYTES, MAX_READ = 2_000_000, 20 * 1024**3
TURNS = 2


class AiQueueKindReport(models.AbstractModel):
    """Questions that are asked in a warehouse: a model writes SQL, which is checked."""

    _inherit = "ai.queue.kind.report"

    # EXTENDS ai_queue_report
    def _answer(self, request):
        report = self.env["ai.queue.report"].browse(request.report_id)
        if not report.warehouse_id:
            return super()._answer(request)
        previous = report.previous_id._filtered_access("read")
        before = (previous.result or {}).get("table") or {}
        table, message = self._ask_warehouse(
            request, report.warehouse_id, before.get("statement", "")
        )
        result = {"table": table} if table else None
        return Answer(request.report_id, result=result, message=message)

    # EXTENDS ai_queue_report
    def _apply(self, targets, answers, run):
        reports = {report.id: report for report in targets if report.warehouse_id}
        for answer in answers:
            if report := reports.get(answer.report_id):
                report._write_own(
                    {
                        "state": "done" if answer.result else "failed",
                        "result_data": answer.result,
                        "message": answer.message,
                    }
                )
        others = [each for each in answers if each.report_id not in reports]
        return super()._apply(targets, others, run)

    def _ask_warehouse(self, request, warehouse, previous):
        """What a warehouse answers to a question: (table, or None; why not)."""
        provider = self._get_asked_provider()
        tables = warehouse._select_tables()
        if not provider or not tables:
            return None, self._say_cannot_ask(provider)
        facts = {
            "dialect": warehouse._select_dialect(),
            "today": self.env["ai.queue.report.reader"]._today().isoformat(),
            "language": get_lang(self.env).name,
            "limit": MAX_ROWS,
        }
        errors = []
        for _turn in range(TURNS):
            question = statement_question(
                request.report_id,
                provider._get_model("report").model,
                request.question,
                choose(tables, f"{request.question} {previous}"),
                facts,
                previous,
                errors,
            )
            answer, message = self._ask_once(provider, question, PROMPT_VERSION)
            if answer is None:
                return None, message
            if not answer["sql"]:
                return None, answer["message"].strip() or self._say_no_statement()
            try:
                return self._select(warehouse, tables, answer["sql"]), ""
            except UserError as error:
                errors = [(answer["sql"], str(error))]
        return None, self.env._(
            "The model wrote twice what cannot be asked: %s Ask in other words.",
            errors[0][1],
        )

    def _select(self, warehouse, tables, sql):
        """Check a statement, look what it would take, and ask it.

        :return: the table for the screen
        :raise UserError: it is refused; says why
        """
        try:
            checked = guard(
                sql,
                warehouse._select_dialect(),
                warehouse._describe_to_guard(tables),
                MAX_ROWS,
            )
        except Refused as refused:
            raise UserError(self._say_refused(refused)) from refused
        cost = warehouse._select_cost(checked.sql)
        if (cost.size or 0) > MAX_READ:
            raise UserError(
                self.env._(
                    "It would read %(size)s GB, and at most %(most)s GB may be read. "
                    "Ask for a shorter time, or for fewer columns.",
                    size=round(cost.size / 1024**3, 1),
                    most=MAX_READ // 1024**3,
                )
            )
        answer = warehouse._select(
            checked.sql, limit=MAX_ROWS, seconds=MAX_SECONDS, max_bytes=MAX_BYTES
        )
        return {
            **as_table(self.env, answer),
            "notes": self._say_taken(cost, answer, checked),
            "statement": checked.sql,
        }

    # ------------------------------------------------------------
    # WORDS
    # ------------------------------------------------------------

    def _say_taken(self, cost, answer, checked):
        """What is to be known of an answer, a line each."""
        notes = [
            self.env._(
                "From the data warehouse, read in %(seconds)s s: %(tables)s.",
                seconds=round(answer.seconds, 1),
                tables=", ".join(checked.tables),
            )
        ]
        if cost.size:
            size = round(cost.size / 1024**2, 1)
            notes.append(self.env._("%s MB were read.", size))
        if answer.is_cut or len(answer.rows) >= MAX_ROWS:
            notes.append(
                self.env._("There are more rows than are shown. Ask for fewer.")
            )
        return notes

    def _say_cannot_ask(self, provider):
        if not provider:
            return self.env._(
                "Only a model can ask a data warehouse. An administrator chooses one "
                "in the settings of AI Queue, for reports."
            )
        return self.env._(
            "There is no table in this data warehouse that you may read. Ask an "
            "administrator to name you in one of its datasets."
        )

    def _say_no_statement(self):
        return self.env._(
            "The model found nothing in this data warehouse that answers this. Ask in "
            "other words."
        )

    def _say_refused(self, refused):
        """Why a statement is not asked, in words that a model understands, too."""
        reasons = {
            "empty": self.env._("there is no statement"),
            "long": self.env._("it is too long"),
            "deep": self.env._("it is nested too deeply"),
            "large": self.env._("it has too many parts"),
            "unreadable": self.env._("it is not SQL of this data warehouse"),
            "many": self.env._("it is more than one statement"),
            "kind": self.env._("it is no SELECT"),
            "table": self.env._("this table may not be read"),
            "column": self.env._("its tables have no such column"),
            "function": self.env._("this function may not be used"),
            "part": self.env._("this part of SQL may not be used"),
            "type": self.env._("nothing may be turned into this type"),
            "unit": self.env._("this is no unit of time here"),
            "name": self.env._("this name has signs that it may not have"),
            "text": self.env._("this text has signs that it may not have"),
            "dialect": self.env._("this data warehouse cannot say it"),
        }
        reason = reasons[refused.code]
        if refused.what:
            reason = f"{reason} ({refused.what})"
        return self.env._("The statement was refused: %s.", reason)
