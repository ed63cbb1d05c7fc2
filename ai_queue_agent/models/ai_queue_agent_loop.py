# Copyright 2026 The ai_queue contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
import time
from dataclasses import dataclass, field, replace

from odoo import api, models
from odoo.tools.misc import get_lang

from odoo.addons.queue_job_operations.side_cursor import side_env

from ..loop import (
    ASK_PERSON,
    DECIDE,
    FINISH,
    PROMPT_VERSION,
    Dossier,
    Step,
    question,
)


@dataclass
class Finished:
    """What came of a case that a model was asked about.

    ``question``: for the person, whose answer it waits for. ``error``: why there is no
    verdict, in words.
    """

    verdict: str = ""
    reasons: list[str] = field(default_factory=list)
    message: str = ""
    proposed: dict | None = None
    question: str = ""
    error: str = ""


class AiQueueAgentLoop(models.AbstractModel):
    """Cases that go on step by step, each step a question to a model.

    The steps are kept by side cursors as they are taken. A job that runs again goes on
    behind the last of them; of the one that was under way it finds the answer in the
    ledger.
    """

    _name = "ai.queue.agent.loop"
    _description = "Steps of AI Agents"

    @api.model
    def _work(self, agent, todo, progress, purpose=DECIDE):
        """Take steps in all cases at a time until each has ended.

        :param agent: ``ai.queue.agent`` that asks a model
        :param dict todo: {case id: (text about the record, verdicts it may come to)}
        :param progress: function of the number of cases that have ended; False when
            the run was cancelled
        :param purpose: what the steps lead to, see ``loop.Dossier``
        :return: {case id: `Finished`}; without cases that were left when the run was
            cancelled
        """
        provider = agent._get_provider()
        model = provider._get_model("agent").model
        self._begin(todo)
        dossier = replace(self._get_dossier(agent), purpose=purpose)
        limits = self._get_limits(agent)
        ended, left = {}, list(todo)
        while left:
            dossiers = self._read(dossier, left, todo)
            for case_id in left:
                if finished := self._conclude(case_id, dossiers, limits):
                    ended[case_id] = finished
            left = [case_id for case_id in left if case_id not in ended]
            if not progress(len(ended)) or not left or not self._is_on(agent):
                break
            self._let_go()
            outcome = provider._ask(
                [question(case_id, model, dossiers[case_id]) for case_id in left],
                kind="agent",
                prompt_version=PROMPT_VERSION,
                # What the rules say is there without a model.
                can_do_without=True,
            )
            for case_id in left:
                if error := outcome.errors.get(case_id):
                    ended[case_id] = Finished(error=error.sentence)
                elif answer := outcome.answers.get(case_id):
                    number = len(dossiers[case_id].steps) + 1
                    key = outcome.ledger_keys[case_id]
                    self._take(agent, case_id, number, answer.data, key)
            answered = outcome.answers.keys() | outcome.errors.keys()
            if not answered >= set(left):
                break  # the run was cancelled
            left = [case_id for case_id in left if case_id not in ended]
        self._let_go()
        return ended

    def _let_go(self):
        """End the transaction in which tools have read: none is open while a model
        thinks, and what is applied is judged as it is then."""
        row = self.env["ai.queue.run.job"]._of_current_job()
        self.env["ai.queue.kind"]._let_go(row)

    def _is_on(self, agent):
        """Whether nobody has switched the agent off meanwhile."""
        with side_env(self.env) as env:
            return env["ai.queue.agent"].sudo().browse(agent.id).exists().active

    # ------------------------------------------------------------
    # WHAT IS ASKED
    # ------------------------------------------------------------

    def _get_dossier(self, agent):
        agent_texts = agent.sudo()
        return Dossier(
            name=agent_texts.name,
            aim=agent_texts.aim,
            instructions=agent_texts.instructions or "",
            language=get_lang(self.env).name,
            record="",
            verdicts=(),
            tools=self.env["ai.queue.agent.tools"]._get_tools(agent),
            may_ask=agent_texts.may_ask_person,
        )

    def _begin(self, todo):
        """Keep what is known as the cases begin: later steps rest on it, too."""
        with side_env(self.env) as env:
            cases = env["ai.queue.agent.case"].browse(todo)
            for case in cases.filtered(lambda case: not case.record_text):
                case.record_text = todo[case.id][0]

    def _read(self, dossier, case_ids, todo):
        """The dossiers of cases with the steps that were taken: {case id: dossier}."""
        dossiers = {}
        with side_env(self.env) as env:
            for case in env["ai.queue.agent.case"].browse(case_ids):
                steps = tuple(
                    Step(step.tool, step.arguments or {}, step.result or "")
                    for step in case.step_ids.sorted("number")
                )
                dossiers[case.id] = replace(
                    dossier,
                    record=case.record_text,
                    verdicts=tuple(todo[case.id][1]),
                    steps=steps,
                )
        return dossiers

    # ------------------------------------------------------------
    # STEPS
    # ------------------------------------------------------------

    def _take(self, agent, case_id, number, data, ledger_key):
        """Do what the model wants to do next, and keep the step at once.

        A tool only reads or proposes, so one that a killed job has begun is used again.
        """
        tool, arguments = data["step"]["tool"], data["step"]["arguments"]
        result, proposed, begun = "", None, time.monotonic()
        if tool not in (FINISH, ASK_PERSON):
            case = self.env["ai.queue.agent.case"].browse(case_id)
            tools = self.env["ai.queue.agent.tools"]
            result, proposed = tools._run(agent, case._get_subject(), tool, arguments)
        took = time.monotonic() - begun
        with side_env(self.env) as env:
            call = env["ai.queue.call"].search(
                [("key", "=", ledger_key), ("is_current", "=", True)], limit=1
            )
            env["ai.queue.agent.step"].create(
                {
                    "case_id": case_id,
                    "number": number,
                    "thought": data["thought"],
                    "tool": tool,
                    "arguments": arguments,
                    "result": result,
                    "proposed": proposed,
                    "tokens": (call.tokens_in or 0) + (call.tokens_out or 0),
                    "cost": call.cost or 0.0,
                    "seconds": (call.latency or 0.0) + took,
                }
            )

    def _conclude(self, case_id, dossiers, limits):
        """What came of a case: `Finished`, or None while it goes on."""
        steps = dossiers[case_id].steps
        if not steps:
            return None
        last = steps[-1]
        if last.tool == FINISH:
            return self._finish(case_id, last, dossiers[case_id])
        if last.tool == ASK_PERSON and not last.result:
            return Finished(question=last.arguments["question"])
        if reason := self._find_limit(case_id, limits):
            return Finished(error=reason)
        return None

    def _finish(self, case_id, step, dossier):
        arguments = step.arguments
        verdict = arguments["verdict"]
        if verdict not in dossier.verdicts:
            # The rules have become stricter since.
            return Finished(error=self.env._("Its verdict is no longer possible."))
        with side_env(self.env) as env:
            steps = env["ai.queue.agent.case"].browse(case_id).step_ids
            proposed = [step.proposed for step in steps.sorted("number")]
        merged = {"before": {}, "after": {}}
        for one in filter(None, proposed):
            for name in merged:
                merged[name] |= one[name]
        return Finished(
            verdict=verdict,
            reasons=arguments["reasons"],
            message=arguments["message"].strip(),
            proposed=merged if merged["after"] else None,
        )

    # ------------------------------------------------------------
    # LIMITS
    # ------------------------------------------------------------

    def _get_limits(self, agent):
        agent = agent.sudo()
        names = ("max_steps", "max_tokens", "max_cost", "max_seconds")
        return {name: agent[name] for name in names}

    def _find_limit(self, case_id, limits):
        """Which limit of the agent a case has reached, in words; None for none."""
        with side_env(self.env) as env:
            steps = env["ai.queue.agent.case"].browse(case_id).step_ids
            count, tokens = len(steps), sum(steps.mapped("tokens"))
            cost, seconds = (sum(steps.mapped(name)) for name in ("cost", "seconds"))
        reached = (
            ("max_steps", count, self.env._("It has taken all its steps.")),
            ("max_tokens", tokens, self.env._("It has used up its tokens.")),
            ("max_cost", cost, self.env._("It has used up its money.")),
            ("max_seconds", seconds, self.env._("Its time is over.")),
        )
        for name, used, sentence in reached:
            if limits[name] and used >= limits[name]:
                return sentence
        return None
