# Copyright 2026 The ai_queue contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
from odoo import api, models

from ..findings import end_once


class AiQueueAgentRules(models.AbstractModel):
    """A set of rules by which an agent decides without a model, a hook for each step.

    A new set is a model ``ai.queue.agent.rules.<name>`` that inherits this one, and a
    value of the field ``rules`` of ``ai.queue.agent``.
    """

    _name = "ai.queue.agent.rules"
    _description = "Rules of an AI Agent"

    # The model whose records it judges.
    _model = None
    # What is done when its proposal is approved: a value of the field ``effect`` of
    # ``ai.queue.proposal``.
    _effect = None

    @api.model
    def _of(self, rules):
        """The model that knows a set of rules."""
        return self.env[f"ai.queue.agent.rules.{rules}"]

    def _relevant(self, records):
        """Keep the records that there is something to decide about.

        :return: (recordset to go on with, {reason in words: recordset left out})
        """
        return records, {}

    def _gather(self, records):
        """Facts about records by set-based queries, as the person who asked.

        :return: {record id: plain data}
        """
        raise NotImplementedError

    def _judge(self, facts):
        """What the rules find in the facts about one record; no query in here.

        :return: list of ``Finding``; empty where there is nothing to decide
        """
        raise NotImplementedError

    def _say_any(self, finding):
        """The sentence of a finding (as JSON), of these rules or of a model."""
        values = finding["values"]
        if finding["code"] == "model":
            return self.env._("The model: %s", values["text"])
        if finding["code"] == "model_failed":
            return self.env._("The model said nothing: %s", values["reason"])
        return end_once(self._say(finding))

    def _say(self, finding):
        """The sentence of a finding (as JSON), in the language of the environment."""
        raise NotImplementedError

    def _describe(self, record, facts, findings):
        """What a model is told about a record: facts, and what the rules found.

        :return: text; the same for the same facts
        """
        sentences = [f"- {self._say(one.to_json())}" for one in findings]
        return "\n".join([record.display_name, "The rules found:", *sentences])

    def _snapshot(self, records):
        """What the decision rests on, as it is now: {record id: plain data}.

        A proposal is only applied while this is what it was.
        """
        raise NotImplementedError

    def _is_settled(self, record, finding):
        """Whether a finding (as JSON) is settled in a way that no snapshot shows.

        Asked of all proposals of a page, so it must not query for each record.
        """
        return False

    def _lock(self, proposals):
        """Hold what else these proposals would take, before it is looked at again.

        Two that take the same are then applied one after the other, and the second one
        sees the first; nothing by default.
        """

    def _prepare(self, record, facts, findings, verdict):
        """Further values of the proposal: what it changes, whom to tell what.

        :return: values of ``ai.queue.proposal``
        """
        return {}
