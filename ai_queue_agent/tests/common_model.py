# Copyright 2026 The ai_queue contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""Agents that ask a model: a faithful server whose answers a test scripts."""

import re

from odoo.fields import Command

from odoo.addons.ai_queue.tests.common_provider import AiQueueProviderCommon

from .common import AiQueueAgentMixin


def step(tool, thought="Hm.", **arguments):
    """A step as a model answers it."""
    return {"thought": thought, "step": {"tool": tool, "arguments": arguments}}


def finish(verdict, *reasons, message=""):
    """The last step."""
    return step("finish", verdict=verdict, reasons=list(reasons), message=message)


class AiQueueAgentModelCommon(AiQueueAgentMixin, AiQueueProviderCommon):
    """The approval agent asks a model about what the rules leave open.

    The clock is not stopped, see the base.
    """

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.provider.model_ids = [
            Command.create({"kind": "agent", "model": "thinker", "price_in": 10.0})
        ]
        cls.agent.write({"is_asking_model": True, "provider_id": cls.provider.id})
        cls.newcomer = cls.env["res.partner"].create({"name": "Newcomer"})

    def open_bill(self, **vals):
        """A bill of a vendor whom nobody knows: the rules ask a person."""
        return self.bill(("Cleaning", 1, 101), vendor=self.newcomer, **vals)

    def script(self, *steps):
        """What the model answers, by the number of the step that it is asked for.

        A function gets the question (`Asked`).
        """

        def answer(asked):
            number = len(re.findall(r"^Step \d+:", asked.text, re.MULTILINE))
            one = steps[min(number, len(steps) - 1)]
            return one(asked) if callable(one) else one

        self.patch(type(self), "answer", staticmethod(answer))

    def steps(self, records):
        """The steps in the last cases of records."""
        cases = self.env["ai.queue.agent.case"].search(
            [("res_model", "=", records._name), ("res_id", "in", records.ids)]
        )
        return cases.step_ids.sorted(lambda one: (one.case_id.id, one.number))
