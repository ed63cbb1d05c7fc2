# Copyright 2026 The ai_queue contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
from markupsafe import Markup

from odoo import api, fields, models

from odoo.addons.mail.tools.discuss import Store
from odoo.addons.queue_job_operations.side_cursor import side_env

from .ai_queue_question import OPEN_STATES


class AiQueueQuestion(models.Model):
    """How a question comes to its one answer, and what people see until then."""

    _inherit = "ai.queue.question"

    # ------------------------------------------------------------
    # ANSWERED, in the transaction of the job
    # ------------------------------------------------------------

    def _post_answer(self, body, **vals):
        """Post the answer, in the place of the sentence that told of a failure.

        The message and what says that it is there are written together: whatever is
        killed, there is one or none.

        :param body: Markup or text
        """
        self.ensure_one()
        self.lock_for_update(allow_referencing=True)
        # Users have no right to write questions but by this way.
        question = self.sudo()
        if question.answer_id:
            question._rewrite(question.answer_id, body)
        else:
            message = self.channel_id._ai_queue_say(body, parent=self.message_id)
            question.answer_id = message
        question.write(
            {
                "state": "done",
                "message": False,
                "date_answered": fields.Datetime.now(),
                **vals,
            }
        )

    def _ask_back(self, text):
        """Put a question of the agent to the person, who answers in the same chat."""
        self.lock_for_update(allow_referencing=True)
        self.channel_id._ai_queue_say(text, parent=self.message_id)
        # Users have no right to write questions but by this way.
        self.sudo().state = "waiting"

    # ------------------------------------------------------------
    # TAKEN BACK
    # ------------------------------------------------------------

    def _call_off(self, reason, is_said=False):
        """Nobody waits for the answers to these any more.

        :param is_said: whether a message says so, where the last one is a question
        """
        # Whoever takes back a message, or leaves, need not see questions.
        open_ones = self.sudo().filtered(lambda one: one.state in OPEN_STATES)
        for question in open_ones:
            question.write({"state": "cancelled", "message": reason})
            question._end_case("cancelled")
            if question.notice_id:
                question._rewrite(question.notice_id, reason)
            if is_said and question.channel_id:
                question.channel_id._ai_queue_say(reason, parent=question.message_id)

    def _end_case(self, state, is_failure=False):
        case = self.sudo().case_id
        case.activity_ids.unlink()
        case.write({"state": state, "is_failure": is_failure})

    # ------------------------------------------------------------
    # LIVE, by side cursors only
    # ------------------------------------------------------------

    def _say_state(self, state, detail=""):
        """What the notice says in a state, in the language of the person."""
        sentences = {
            "pending": self.env._("I am on it."),
            "started": self.env._("I am on it: looking into it …"),
            "waiting": self.env._("I need an answer from you."),
            "done": self.env._("Answered."),
            "failed": self.env._("I could not answer."),
            "cancelled": self.env._("Not answered."),
        }
        sentence = sentences[state]
        return self.env._("%(state)s %(why)s", state=sentence, why=detail).strip()

    @api.model
    def _follow_jobs(self, jobs):
        """Show how far the questions of these jobs are, and tell of failures."""
        for job in jobs:
            ids = job.res_ids or []
            for question in self.browse(ids).exists():
                person = question.user_id
                question.with_context(lang=person.lang)._follow(job)

    def _follow(self, job):
        if self.run_id and self.run_id != job.run_id:
            return
        if job.state == "pending" and self.state in ("pending", "failed"):
            self.state = "pending"
            self._show("pending", job.message or "")
        elif job.state == "started" and self.state == "pending":
            self._show("started")
        elif job.state == "failed" and self.state == "pending":
            self._fail(job)
        elif job.state in ("done", "cancelled") and self.state == "pending":
            # Left out, or the run was cancelled.
            reason = self._find_reason(job)
            self.write({"state": "cancelled", "message": reason})
            self._end_case("cancelled")
            self._show("cancelled", reason)
        elif job.state == "done":
            state = "failed" if self._is_unanswered() else self.state
            self._show(state, self.message or "")

    def _is_unanswered(self):
        """Whether its one message says that nothing could answer it."""
        is_failure = not self.case_id or self.case_id.is_failure
        return self.state == "done" and not self.tool and is_failure

    def _find_reason(self, job):
        if job.state == "cancelled":
            return self.env._("The run was cancelled.")
        for skip in job.skip_data or []:
            if self.id in skip["ids"]:
                return f"{skip['reason']}."
        if not self.agent_id.active:
            return self.env._("The agent was switched off.")
        return ""

    def _fail(self, job):
        reason = job.message or ""
        self.write({"state": "failed", "message": reason})
        self._end_case("failed", is_failure=True)
        self._show("failed")
        body = self.env._(
            "I could not answer that: %s You can ask again.", reason.rstrip()
        )
        if self.answer_id:
            self._rewrite(self.answer_id, body)
        elif self.channel_id:
            said = self.channel_id._ai_queue_say(body, parent=self.message_id)
            self.answer_id = said

    def _show(self, state, detail=""):
        """Let the notice say how far it is; what it says already is left."""
        if self.notice_id:
            self._rewrite(self.notice_id, self._say_state(state, detail))

    def _show_step(self):
        """Let the notice say which step an agent with a model has taken last.

        From the job, which has no right to write messages.
        """
        with side_env(self.env) as env:
            question = env["ai.queue.question"].browse(self.id)
            step = question.case_id.step_ids.sorted("number")[-1:]
            if not step or question.state != "pending":
                return
            tool = env["ai.queue.agent.tool"].search([("code", "=", step.tool)])
            detail = env._(
                "Step %(number)s: %(tool)s",
                number=step.number,
                tool=tool.name or env._("thinking"),
            )
            question._show("started", detail)

    def _rewrite(self, message, body):
        """Change a message of the colleague for all who have the chat open."""
        message, body = message.exists(), _paragraph(body)
        if not message or message.body == body:
            return
        message.body = body
        store = Store(bus_channel=message._bus_channel())
        store.add(message, ["body"]).bus_send()

    @api.model
    def _of_messages(self, messages):
        """The questions that are asked in messages, whoever looks."""
        return self.sudo().search([("message_id", "in", messages.ids)])


def _paragraph(body):
    return body if isinstance(body, Markup) else Markup("<p>%s</p>") % body
