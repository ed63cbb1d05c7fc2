# Copyright 2026 The ai_queue contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
import logging
from datetime import timedelta
from typing import Any, NamedTuple

from odoo import SUPERUSER_ID, fields, models
from odoo.exceptions import AccessError, UserError

from ..findings import (
    APPROVE,
    ASK,
    FOR,
    FOR_PEOPLE,
    HOLD,
    NOTE,
    SETTLED_DAYS,
    Finding,
    objections,
    verdict,
)
from .ai_queue_agent_loop import Finished
from .ai_queue_proposal_decision import fingerprint

_logger = logging.getLogger(__name__)

#: Cases of one job: what is decided is there after each job.
CHUNK_SIZE = 50


class Request(NamedTuple):
    """A case with what is known about its record.

    ``error``: why nothing is known. ``asks``: whether its agent asks a model; ``text``:
    what this is told about the record.
    """

    case_id: int
    res_id: int
    rules: str
    facts: Any
    snapshot: str
    error: str = ""
    agent_id: int = 0
    asks: bool = False
    text: str = ""


class Answer(NamedTuple):
    """What came of a case: what was found, or why nothing could be."""

    case_id: int
    res_id: int
    rules: str
    facts: Any
    snapshot: str
    findings: list
    error: str = ""
    verdict: str = ""
    finished: Finished | None = None


class AiQueueKindAgent(models.AbstractModel):
    """Work of agents: each case ends in one proposal."""

    _name = "ai.queue.kind.agent"
    _inherit = "ai.queue.kind"
    _description = "Agents as a Kind of AI Work"

    _job_method = "work_on_case"

    # ------------------------------------------------------------
    # HOOKS OF ai.queue.kind
    # ------------------------------------------------------------

    # OVERRIDE ai.queue.kind
    def _run_name(self, records):
        # Who starts it may ask the agent; its name is no secret.
        agent = records.sudo().agent_id[:1].with_env(self.env).sudo().name
        if len(records) == 1:
            return self.env._("%(agent)s of one record", agent=agent)
        return self.env._(
            "%(agent)s of %(count)s records", agent=agent, count=len(records)
        )

    # OVERRIDE ai.queue.kind
    def _run_title(self, record):
        return self.env._(
            "%(agent)s: %(record)s",
            agent=record.sudo().agent_id.name,
            record=record.display_name,
        )

    # EXTENDS ai.queue.kind
    def _check_may_run(self):
        result = super()._check_may_run()
        user = self.env.user
        if not (
            self.env.su or user.has_group("ai_queue_agent.ai_queue_agent_group_user")
        ):
            raise AccessError(
                self.env._(
                    "You may not ask agents. Ask an administrator for the role AI "
                    "Agents / User."
                )
            )
        return result

    # EXTENDS ai.queue.kind
    def _usual_chunk_size(self):
        return CHUNK_SIZE

    # EXTENDS ai.queue.kind
    def _follow_jobs(self, jobs):
        self.env["ai.queue.agent.case"]._follow_jobs(jobs)

    # EXTENDS ai.queue.kind
    def _get_open_work(self, run):
        count = self.env["ai.queue.proposal"].search_count(
            [("run_id", "=", run.id), ("state", "=", "open")]
        )
        if not count:
            return {}
        return {
            "to_review": count,
            "review_action": "ai_queue_agent.ai_queue_proposal_action",
        }

    # OVERRIDE ai.queue.kind
    def _turn(self, records):
        # With an answer it is other work: the job that asked may not have ended yet.
        return records._count_answers()

    # OVERRIDE ai.queue.kind
    def _relevant(self, targets, run):
        # What became of a case is the same for whoever asks.
        known = targets.sudo()
        done = known.filtered(lambda case: case.proposal_ids)
        ended = (known - done).filtered(
            lambda case: (
                case.state == "cancelled"
                or (run and case.run_id not in (run, case.run_id.browse()))
            )
        )
        left, reasons = targets.browse(), {}
        rest = (known - done - ended).sudo(self.env.su)
        for agent, cases in rest.grouped(lambda case: case.sudo().agent_id).items():
            kept, why = self._relevant_of(agent, cases)
            left += kept
            for reason, some in why.items():
                reasons[reason] = reasons.get(reason, targets.browse()) + some
        # In the order in which they were asked for.
        left = targets.filtered(lambda case: case in left)
        return left, {
            **reasons,
            self.env._("Another run looks at them"): ended,
            None: done,
        }

    def _relevant_of(self, agent, cases):
        if cases[:1].res_model not in self.env:
            return cases.browse(), {self.env._("Its addon is not installed"): cases}
        if not agent.sudo().active:
            return cases.browse(), {agent._say_off(): cases}
        if self.env.uid != SUPERUSER_ID and not self.env.user.active:
            return cases.browse(), {agent._say_gone(self.env.user): cases}
        records = self.env[cases[:1].res_model].browse(cases.mapped("res_id"))
        # Whether a record is there and whose it is decides if it may be read at all.
        existing = records.exists()
        readable = existing._filtered_access("read")
        matching = readable.filtered_domain(agent._get_domain())
        handler = self._rules_of(agent)
        relevant, why = handler._relevant(matching) if handler else (matching, {})
        why = {
            self.env._("Deleted"): records - existing,
            self.env._("You may not read them"): existing - readable,
            self.env._("Not among the records of this agent"): readable - matching,
            **why,
        }
        case_of = {case.res_id: case for case in cases}

        def cases_of(some):
            return cases.browse().union(*(case_of[record.id] for record in some))

        return cases_of(relevant), {
            reason: cases_of(some) for reason, some in why.items()
        }

    def _rules_of(self, agent):
        """The rules of an agent; None without, or when their addon is gone."""
        if not agent.rules or f"ai.queue.agent.rules.{agent.rules}" not in self.env:
            return None
        return self.env["ai.queue.agent.rules"]._of(agent.rules)

    # OVERRIDE ai.queue.kind
    def _gather(self, targets):
        requests = {}
        for agent, cases in targets.grouped(lambda case: case.sudo().agent_id).items():
            records = self.env[cases[:1].res_model].browse(cases.mapped("res_id"))
            handler = self._rules_of(agent)
            asks = bool(agent._get_provider())
            if handler is None:
                facts, snapshots, errors = self._gather_plain(records, asks)
            else:
                facts, snapshots, errors = self._gather_isolated(handler, records)
            texts = self._describe(handler, records, facts) if asks else {}
            for case in cases:
                requests[case.id] = Request(
                    case.id,
                    case.res_id,
                    agent.rules or "",
                    facts.get(case.res_id),
                    snapshots.get(case.res_id, ""),
                    errors.get(case.res_id, ""),
                    agent.id,
                    asks,
                    texts.get(case.res_id, ""),
                )
        return [requests[case.id] for case in targets]

    def _gather_isolated(self, handler, records):
        """Facts of all by a few queries; where one record breaks that, one by one."""
        try:
            with self.env.cr.savepoint():
                return *self._gather_facts(handler, records), {}
        except (
            UserError,
            ArithmeticError,
            LookupError,
            TypeError,
            ValueError,
        ) as error:
            if len(records) == 1:
                _logger.warning("No facts about %s", records, exc_info=True)
                return (
                    {},
                    {},
                    {records.id: self._failure_sentence(_name_of(error), str(error))},
                )
        facts, snapshots, errors = {}, {}, {}
        for record in records:
            some = self._gather_isolated(handler, record)
            for found, one in zip((facts, snapshots, errors), some, strict=True):
                found |= one
        return facts, snapshots, errors

    def _gather_plain(self, records, asks):
        """The same for an agent without rules, who goes by what its model says."""
        if not asks:
            reason = self.env._(
                "This agent has no rules, and no provider has a model for agents"
            )
            return {}, {}, dict.fromkeys(records.ids, reason)
        tools = self.env["ai.queue.agent.tools"]
        snapshots = {one.id: fingerprint(tools._read_plain(one)) for one in records}
        return {}, snapshots, {}

    def _describe(self, handler, records, facts):
        """What a model is told about records: {record id: text}."""
        texts = {}
        for record in records:
            if handler is None:
                values = self.env["ai.queue.agent.tools"]._read_plain(record)
                texts[record.id] = "\n".join(
                    f"{name}: {value}" for name, value in values.items()
                )
            elif record.id in facts:
                findings = handler._judge(facts[record.id])
                texts[record.id] = handler._describe(record, facts[record.id], findings)
        return texts

    def _gather_facts(self, handler, records):
        # In the language of who asks: in it they are compared when it is decided.
        handler = handler.with_context(lang=self.env.user.lang)
        records = records.with_env(handler.env)
        snapshots = handler._snapshot(records)
        return handler._gather(records), {
            record_id: fingerprint(data) for record_id, data in snapshots.items()
        }

    # OVERRIDE ai.queue.kind
    def _ask(self, requests, progress):
        """Judge by the rules; where an agent has a model, it judges what they leave.

        While a model is asked, no transaction is open.
        """
        answers = {request.case_id: self._judge(request) for request in requests}
        asking = {}
        for request in requests:
            if verdicts := self._left_to_model(request, answers[request.case_id]):
                todo = asking.setdefault(request.agent_id, {})
                todo[request.case_id] = (request.text, verdicts)
        through = len(requests) - sum(map(len, asking.values()))
        if not progress(through):
            return []
        for agent_id, todo in asking.items():
            agent = self.env["ai.queue.agent"].browse(agent_id)
            ended = self.env["ai.queue.agent.loop"]._work(
                agent, todo, lambda count, before=through: progress(before + count)
            )
            through += len(todo)
            for case_id in todo:
                if case_id in ended:
                    answer = _combine(answers[case_id], ended[case_id])
                    answers[case_id] = answer
                else:
                    del answers[case_id]  # the run was cancelled
        return list(answers.values())

    def _judge(self, request):
        if request.error or not request.rules:
            return Answer(*request[:5], [], request.error)
        handler = self.env["ai.queue.agent.rules"]._of(request.rules)
        findings = handler._judge(request.facts)
        return Answer(*request[:5], findings, verdict=verdict(findings))

    def _left_to_model(self, request, answer):
        """The verdicts that a model may come to; empty when there is nothing to ask.

        It can be stricter than the rules, and never more lenient than what they hold.
        """
        if not request.asks or request.error or answer.verdict == APPROVE:
            return ()
        if request.rules and not answer.findings:
            return ()
        if answer.verdict == HOLD:
            return (HOLD,)
        if any(finding.code in FOR_PEOPLE for finding in answer.findings):
            return (ASK, HOLD)
        return (APPROVE, ASK, HOLD)

    # EXTENDS ai.queue.kind
    def _stand_in(self, parts, row):
        """What the rules decide by themselves waits for no model and no budget."""
        for targets, requests in parts:
            judged = {request.case_id: self._judge(request) for request in requests}
            sure = [
                judged[request.case_id]
                for request in requests
                if not request.error
                and not self._left_to_model(request, judged[request.case_id])
            ]
            if sure:
                cases = targets.browse(answer.case_id for answer in sure)
                self._apply_meanwhile(cases, sure, row)

    # OVERRIDE ai.queue.kind
    def _apply(self, targets, answers, run):
        cases = {case.id: case for case in targets}
        answers = [one for one in answers if one.case_id in cases]
        broken, vals_list, waiting = {}, [], targets.browse()
        failures = targets.browse()
        decided = self._find_decided(targets)
        for answer in answers:
            case = cases[answer.case_id]
            if answer.finished and answer.finished.question:
                case._wait_for()
                waiting += case
            elif answer.error:
                broken.setdefault(answer.error, []).append(case.id)
                failures += case
            elif answer.rules and not answer.findings:
                reason = self.env._("Nothing out of the ordinary")
                broken.setdefault(reason, []).append(case.id)
            elif self._is_settled(decided, case, answer):
                reason = self.env._("Decided before, and nothing new since")
                broken.setdefault(reason, []).append(case.id)
            else:
                vals_list.append(self._prepare_proposal(case, answer, run))
                if not answer.rules and answer.finished and answer.finished.error:
                    failures += case  # nothing but a model judges here
        proposals = self.env["ai.queue.proposal"]._store(vals_list)
        left = {reason: targets.browse(ids) for reason, ids in broken.items()}
        answered = targets.browse(answer.case_id for answer in answers)
        self._end_cases(answered - waiting, left, run)
        # Users have no right to write cases but by this way.
        failures.sudo().is_failure = True
        if waiting:
            left[self.env._("Waits for an answer of who asked")] = waiting
        counts = self._count_verdicts(proposals)
        if applied := proposals._approve_by_rule():
            counts[self.env._("Applied by the rule of the company.")] = len(applied)
        # What came out, in numbers, on the run.
        self.env["ai.queue.run.job"]._of_current_job()._remark(counts)
        return left

    def _find_decided(self, cases):
        """What a person rejected last, or sent a message about and left as it is.

        :return: {(agent id, record id): ``ai.queue.proposal``}
        """
        since = fields.Datetime.now() - timedelta(days=SETTLED_DAYS)
        decided = (
            self.env["ai.queue.proposal"]
            .sudo()
            .search(
                [
                    ("agent_id", "in", cases.sudo().agent_id.ids),
                    ("company_id", "=", self.env.company.id),
                    ("res_model", "in", list(set(cases.mapped("res_model")))),
                    ("res_id", "in", cases.mapped("res_id")),
                    ("date_decided", ">=", since),
                    "|",
                    ("state", "=", "rejected"),
                    "&",
                    ("state", "=", "applied"),
                    ("date_sent", "!=", False),
                ],
                order="id",
            )
        )
        return {(one.agent_id.id, one.res_id): one for one in decided}

    def _is_settled(self, decided, case, answer):
        """Whether a person has decided on the same, and nothing new was found."""
        last = decided.get((case.sudo().agent_id.id, case.res_id))
        if (
            not last
            or last.snapshot != answer.snapshot
            or last.verdict != answer.verdict
        ):
            return False
        # A model may say the same in other words each time.
        known = objections(last.finding_data or [])
        new = objections([one.to_json() for one in answer.findings]) - known
        return {code for code, _values in new} <= {"model"}

    def _prepare_proposal(self, case, answer, run):
        agent = case.sudo().agent_id
        record = self.env[case.res_model].browse(case.res_id)
        vals = {
            "agent_id": agent.id,
            "case_id": case.id,
            "run_id": run.id,
            "requester_id": self.env.uid,
            "company_id": self.env.company.id,
            "res_model": case.res_model,
            "res_id": case.res_id,
            "verdict": answer.verdict,
            "finding_data": [one.to_json() for one in answer.findings],
            "snapshot": answer.snapshot,
        }
        handler = self._rules_of(agent)
        if handler is not None:
            vals["effect"] = handler._effect or "none"
            vals |= handler._prepare(
                record, answer.facts, answer.findings, answer.verdict
            )
        finished = answer.finished
        if not finished or finished.error:
            return vals
        vals["judged_by"] = "model"
        if finished.message and vals.get("message_partner_id"):
            vals["message_body"] = finished.message
        if finished.proposed and handler is None:
            vals["effect"] = "write"
            vals["values_before"] = finished.proposed["before"]
            vals["values_after"] = finished.proposed["after"]
        return vals

    def _end_cases(self, cases, left, run):
        # Users have no right to write cases but by this way.
        cases = cases.sudo()
        if run:
            cases.filtered(lambda case: not case.run_id).run_id = run
        failed = cases.browse()
        for reason, some in left.items():
            some.sudo().write({"state": "cancelled", "message": reason})
            failed += some.sudo()
        (cases - failed).state = "done"

    def _count_verdicts(self, proposals):
        words = dict(proposals._fields["verdict"]._description_selection(self.env))
        return {
            words[name]: len(some)
            for name, some in proposals.grouped("verdict").items()
        }


def _combine(answer, finished):
    """What the rules and a model say together."""
    if finished.question:
        return answer._replace(finished=finished)
    if finished.error:
        note = Finding("model_failed", NOTE, {"reason": finished.error})
        return answer._replace(
            findings=[*answer.findings, note],
            verdict=answer.verdict or ASK,
            finished=finished,
        )
    level = {HOLD: HOLD, ASK: ASK, APPROVE: FOR}[finished.verdict]
    said = [Finding("model", level, {"text": reason}) for reason in finished.reasons]
    return answer._replace(
        findings=[*answer.findings, *said],
        verdict=finished.verdict,
        finished=finished,
    )


def _name_of(error):
    return f"{type(error).__module__}.{type(error).__name__}"
