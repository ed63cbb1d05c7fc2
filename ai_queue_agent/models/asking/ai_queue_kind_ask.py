# Copyright 2026 The ai_queue contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
import json
from typing import Any, NamedTuple

from odoo import models
from odoo.tools import html2plaintext

from ...asked import goes_on, understand
from ...loop import ANSWER, ANSWERED, UNABLE
from ..ai_queue_agent_loop import Finished

#: Earlier questions of the chat that a model is told.
EARLIER = 4
#: So much of an earlier question and of its answer.
MAX_EARLIER = 600
#: Records that the answer of a model links to.
MAX_LINKS = 8


class Request(NamedTuple):
    """A question, and what came of it without a model.

    ``lines``: of the answer, None where a model is asked. ``tool``: that said them.
    ``case_id``, ``text``: the case of the steps, and what the model is told.
    """

    question_id: int
    agent_id: int
    lines: list | None
    tool: str = ""
    case_id: int = 0
    text: str = ""


class Answer(NamedTuple):
    """What came of a question: the same, and what a model finished with."""

    question_id: int
    lines: list | None
    tool: str
    finished: Finished | None
    steps: list[Any]


class AiQueueKindAsk(models.AbstractModel):
    """Answers in chats: each question ends in one message."""

    _name = "ai.queue.kind.ask"
    _inherit = "ai.queue.kind"
    _description = "Questions in Chats as a Kind of AI Work"

    _job_method = "answer_question"

    # ------------------------------------------------------------
    # HOOKS OF ai.queue.kind
    # ------------------------------------------------------------

    # OVERRIDE ai.queue.kind
    def _run_name(self, records):
        return self.env._("A question in a chat")

    # OVERRIDE ai.queue.kind
    def _run_title(self, record):
        return self.env._("Question: %s", " ".join(record.text.split())[:80])

    # EXTENDS ai.queue.kind
    def _check_may_run(self):
        result = super()._check_may_run()
        self.env["ai.queue.kind.agent"]._check_may_run()
        return result

    # EXTENDS ai.queue.kind
    def _usual_chunk_size(self):
        return 1

    # EXTENDS ai.queue.kind
    def _follow_jobs(self, jobs):
        self.env["ai.queue.question"]._follow_jobs(jobs)

    # OVERRIDE ai.queue.kind
    def _turn(self, records):
        # With a reply it is other work: the job that asked may not have ended yet.
        return records.sudo().case_id._count_answers()

    # OVERRIDE ai.queue.kind
    def _relevant(self, targets, run):
        # Whether it is answered is the same for whoever asks.
        known = targets.sudo()
        done = known.filtered(
            lambda one: (
                one.state in ("done", "waiting")
                # The person's reply is for the run that it started.
                or (run and one.run_id not in (run, one.run_id.browse()))
            )
        )
        off = known.filtered(lambda one: one.state == "cancelled")
        rest = known - done - off
        gone = rest.filtered(lambda one: not one.message_id or not one.channel_id)
        rest -= gone
        archived = rest.filtered(lambda one: not one.user_id.active)
        left = (rest - archived).filtered(
            lambda one: not one.channel_id._ai_queue_has_member(one.user_id)
        )
        rest -= archived + left
        unattended = rest.filtered(lambda one: not one.agent_id.active)
        rest -= unattended
        watched = rest.filtered(
            lambda one: one.channel_id._ai_queue_is_overheard(one.user_id)
        )
        return (rest - watched).sudo(self.env.su), {
            None: done,
            self.env._("Called off"): off,
            self.env._("The chat or the question was deleted"): gone,
            self.env._("Who asked has left"): archived + left,
            self.env._("The agent was switched off"): unattended,
            self.env._("Others have joined the chat, ask in your own"): watched,
        }

    # OVERRIDE ai.queue.kind
    def _gather(self, targets):
        return [self._gather_one(question) for question in targets]

    def _gather_one(self, question):
        agent = question.agent_id
        tools = self.env["ai.queue.agent.tools"]
        tool, about = self._understand(question)
        if tool == "help":
            lines = tools._say_help(agent, question._get_record())
            return Request(question.id, agent.id, lines, tool)
        if tool:
            lines = tools._use(agent, question._get_subject(), tool, {"about": about})
            return Request(question.id, agent.id, lines, tool)
        if not agent._get_provider():
            lines = tools._say_unable(agent, question._get_record())
            return Request(question.id, agent.id, lines)
        case = self._get_case(question)
        text = self._describe(question)
        return Request(question.id, agent.id, None, "", case.id, text)

    def _understand(self, question):
        """Which tool answers a question without a model, and what it is told."""
        tools = self.env["ai.queue.agent.tools"]._get_askable(question.agent_id)
        language = (question.user_id.lang or "en").partition("_")[0]
        tool = understand(question.text, tools, language)
        if not tool and goes_on(question.text):
            earlier = question._get_earlier(1)
            if earlier.tool in tools:
                return earlier.tool, question.text
        return tool, question.text

    def _get_case(self, question):
        """The case in which the steps towards its answer are kept."""
        # Users have no right to make cases but by this way.
        question = question.sudo()
        if not question.case_id:
            question.case_id = (
                self.env["ai.queue.agent.case"]
                .sudo()
                .create(
                    {
                        "agent_id": question.agent_id.id,
                        "company_id": question.company_id.id,
                        "user_id": question.user_id.id,
                        "res_model": question._name,
                        "res_id": question.id,
                    }
                )
            )
        question.case_id.write({"state": "started", "run_id": question.run_id.id})
        return question.case_id.sudo(False)

    def _describe(self, question):
        """What a model is told: what the chat is about, what was said, the question."""
        parts = []
        if record := question._get_record():
            kind = self.env["ir.model"]._get(record._name).name
            parts.append(f"The chat is about: {kind} {record.display_name}")
        for one in reversed(question._get_earlier(EARLIER)):
            answer = html2plaintext(one.sudo().answer_id.body or "")
            parts.append(f"Asked before: {one.text[:MAX_EARLIER]}")
            parts.append(f"Answered: {answer.strip()[:MAX_EARLIER]}")
        parts.append(f"Question: {question.text}")
        return "\n".join(parts)

    # OVERRIDE ai.queue.kind
    def _ask(self, requests, progress):
        """Ask a model what no tool answers by itself; no transaction is open then."""
        answers = []
        for request in requests:
            if request.lines is not None:
                answers.append(
                    Answer(request.question_id, request.lines, request.tool, None, [])
                )
            elif finished := self._ask_model(request, progress):
                steps = self._read_results(request.case_id)
                answers.append(Answer(request.question_id, None, "", finished, steps))
        progress(len(answers))
        return answers

    def _ask_model(self, request, progress):
        question = self.env["ai.queue.question"].browse(request.question_id)
        agent = self.env["ai.queue.agent"].browse(request.agent_id)

        def shown(count):
            question._show_step()
            return progress(count)

        ended = self.env["ai.queue.agent.loop"]._work(
            agent,
            {request.case_id: (request.text, (ANSWERED, UNABLE))},
            shown,
            purpose=ANSWER,
        )
        return ended.get(request.case_id)

    def _read_results(self, case_id):
        case = self.env["ai.queue.agent.case"].browse(case_id).sudo()
        case.invalidate_recordset(["step_ids"])
        return [step.result for step in case.step_ids.sorted("number")]

    # OVERRIDE ai.queue.kind
    def _apply(self, targets, answers, run):
        questions = {question.id: question for question in targets}
        left = {}
        for answer in answers:
            if question := questions.get(answer.question_id):
                self._apply_one(question, answer)
                if question.state == "waiting":
                    reason = self.env._("Waits for an answer of who asked")
                    left[reason] = left.get(reason, targets.browse()) + question
        return left

    def _apply_one(self, question, answer):
        tools = self.env["ai.queue.agent.tools"]
        finished = answer.finished
        if finished is None:
            question._post_answer(tools._as_html(answer.lines), tool=answer.tool)
        elif finished.question:
            question.case_id._wait_for()
            asked = self.env._(
                "Before I go on, I need an answer from you: %s", finished.question
            )
            question._ask_back(asked)
        elif finished.error:
            record = question._get_record()
            lines = tools._say_unable(question.agent_id, record, finished.error)
            question._post_answer(tools._as_html(lines))
            question._end_case("done", is_failure=True)
        else:
            links = self._find_links(answer.steps)
            question._post_answer(tools._as_html_of_model(finished.message, links))
            question._end_case("done")

    def _find_links(self, results):
        """The records that tools told of, as far as the person may see them."""
        found = {}
        for result in results:
            try:
                lines = json.loads(result or "null")
            except ValueError:  # it was cut
                continue
            for line in lines if isinstance(lines, list) else []:
                if isinstance(line, dict) and line.get("record"):
                    found[tuple(line["record"][:2])] = None
        links = []
        for model, record_id in found:
            record = self.env["ai.queue.agent.tools"]._find_record(model, record_id)
            if record and len(links) < MAX_LINKS:
                links.append(record)
        return links
