# Copyright 2026 The ai_queue contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
import logging
from typing import Any, NamedTuple

from odoo import models
from odoo.exceptions import AccessError, UserError

from ..findings import verdict
from .ai_queue_proposal_decision import fingerprint

_logger = logging.getLogger(__name__)

#: Cases of one job: what is decided is there after each job.
CHUNK_SIZE = 50


class Request(NamedTuple):
    """A case with what is known about its record.

    ``error``: why nothing is known.
    """

    case_id: int
    res_id: int
    rules: str
    facts: Any
    snapshot: str
    error: str = ""


class Answer(NamedTuple):
    """What came of a case: what was found, or why nothing could be."""

    case_id: int
    res_id: int
    rules: str
    facts: Any
    snapshot: str
    findings: list
    error: str = ""


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
            facts, snapshots, errors = self._gather_isolated(handler, records)
            for case in cases:
                requests[case.id] = Request(
                    case.id,
                    case.res_id,
                    agent.rules or "",
                    facts.get(case.res_id),
                    snapshots.get(case.res_id, ""),
                    errors.get(case.res_id, ""),
                )
        return [requests[case.id] for case in targets]

    def _gather_isolated(self, handler, records):
        """Facts of all by a few queries; where one record breaks that, one by one."""
        if handler is None:
            return (
                {},
                {},
                {
                    record.id: self.env._("This agent has no rules.")
                    for record in records
                },
            )
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

    def _gather_facts(self, handler, records):
        snapshots = handler._snapshot(records)
        return handler._gather(records), {
            record_id: fingerprint(data) for record_id, data in snapshots.items()
        }

    # OVERRIDE ai.queue.kind
    def _ask(self, requests, progress):
        """Judge by the rules: no transaction is open, and nobody outside is asked."""
        answers = []
        for number, request in enumerate(requests, 1):
            answers.append(self._judge(request))
            if number % 100 == 0 and not progress(number):
                return answers
        progress(len(requests))
        return answers

    def _judge(self, request):
        if request.error:
            return Answer(*request[:5], [], request.error)
        handler = self.env["ai.queue.agent.rules"]._of(request.rules)
        return Answer(*request[:5], handler._judge(request.facts))

    # OVERRIDE ai.queue.kind
    def _apply(self, targets, answers, run):
        cases = {case.id: case for case in targets}
        answers = [one for one in answers if one.case_id in cases]
        broken, vals_list, rejected = {}, [], self._find_rejected(targets)
        for answer in answers:
            case = cases[answer.case_id]
            if answer.error:
                broken.setdefault(answer.error, []).append(case.id)
            elif (
                rejected.get((case.sudo().agent_id.id, case.res_id)) == answer.snapshot
            ):
                reason = self.env._("Rejected before, and not changed since")
                broken.setdefault(reason, []).append(case.id)
            else:
                vals_list.append(self._prepare_proposal(case, answer, run))
        proposals = self.env["ai.queue.proposal"]._store(vals_list)
        left = {reason: targets.browse(ids) for reason, ids in broken.items()}
        self._end_cases(targets, left, run)
        counts = self._count_verdicts(proposals)
        if applied := proposals._approve_by_rule():
            counts[self.env._("Applied by the rule of the company.")] = len(applied)
        # What came out, in numbers, on the run.
        self.env["ai.queue.run.job"]._of_current_job()._remark(counts)
        return left

    def _find_rejected(self, cases):
        """What a person rejected last: {(agent id, record id): snapshot}."""
        rejected = (
            self.env["ai.queue.proposal"]
            .sudo()
            .search(
                [
                    ("agent_id", "in", cases.sudo().agent_id.ids),
                    ("company_id", "=", self.env.company.id),
                    ("res_id", "in", cases.mapped("res_id")),
                    ("state", "=", "rejected"),
                ],
                order="id",
            )
        )
        return {(one.agent_id.id, one.res_id): one.snapshot for one in rejected}

    def _prepare_proposal(self, case, answer, run):
        handler = self.env["ai.queue.agent.rules"]._of(answer.rules)
        decision = verdict(answer.findings)
        record = self.env[case.res_model].browse(case.res_id)
        return {
            "agent_id": case.sudo().agent_id.id,
            "case_id": case.id,
            "run_id": run.id,
            "requester_id": self.env.uid,
            "company_id": self.env.company.id,
            "res_model": case.res_model,
            "res_id": case.res_id,
            "verdict": decision,
            "effect": handler._effect or "none",
            "finding_data": [one.to_json() for one in answer.findings],
            "snapshot": answer.snapshot,
            **handler._prepare(record, answer.facts, answer.findings, decision),
        }

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


def _name_of(error):
    return f"{type(error).__module__}.{type(error).__name__}"
