"""The running system with an agent that approves vendor bills, and a model for it."""

import itertools
import re
from contextlib import contextmanager
from datetime import date, timedelta

from dev.fakemodel import FakeModel

from .world import World

STEP = re.compile(r"^Step \d+:", re.MULTILINE)
CHECK = {"model": "account.move", "button": "action_check_ai_approval"}
FIRST_DAY = date(2024, 1, 1)
_numbers, _days = itertools.count(1), itertools.count()


def step(tool, thought="I look at it.", **arguments):
    """A step as a model answers it."""
    return {"thought": thought, "step": {"tool": tool, "arguments": arguments}}


def finish(verdict, *reasons, message=""):
    """The last step."""
    return step(
        "finish",
        "I know enough.",
        verdict=verdict,
        reasons=list(reasons),
        message=message,
    )


class Desk(World):
    """A ``World`` whose accountant has bills checked by the approval agent."""

    def __init__(self, server):
        super().__init__(server)
        group = self.xml_id("ai_queue_agent", "ai_queue_agent_group_user")
        login = self.value("SELECT id FROM res_users WHERE login = 'accountant0'")
        self.admin.call("res.users", "write", [login], {"group_ids": [[4, group]]})
        self.accountant = self.client("accountant0")
        self.agent = self.xml_id("ai_queue_agent", "ai_queue_agent_bill")
        (self.vendor,) = self.admin.call(
            "res.partner", "create", [{"name": "Newcomer Ltd."}]
        )
        self.steps = ()

    def xml_id(self, module, name):
        """The id of the record of an XML id."""
        return self.value(
            "SELECT res_id FROM ir_model_data WHERE module = %s AND name = %s",
            module,
            name,
        )

    # ----------------------------------------------------------------- bills

    def bills(self, count, vendor=None, price=100, **values):
        """Draft bills of a vendor whom nobody knows: the rules ask a person."""
        return self.admin.call(
            "account.move",
            "create",
            [
                {
                    "move_type": "in_invoice",
                    "partner_id": vendor or self.vendor,
                    # No two on one day: the same amount would look like one bill.
                    "invoice_date": f"{FIRST_DAY + timedelta(next(_days))}",
                    "ref": f"INV-{next(_numbers)}",
                    "invoice_line_ids": [
                        [0, 0, {"name": "Cleaning", "price_unit": price + number}]
                    ],
                    **values,
                }
                for number in range(count)
            ],
        )

    def check(self, bills, person=None):
        """Press *Check for Approval*; returns the id of the run."""
        return (person or self.accountant).press(bills, **CHECK)

    def proposals(self, bills):
        """[(bill, verdict, state)], each proposal there is"""
        return self.sql(
            "SELECT res_id, verdict, state FROM ai_queue_proposal "
            "WHERE res_model = 'account.move' AND res_id = ANY(%s) ORDER BY res_id, id",
            bills,
        )

    def taken(self, bills):
        """{bill: numbers of the steps that its cases took}"""
        rows = self.sql(
            "SELECT desk.res_id, array_agg(step.number ORDER BY step.number) "
            "FROM ai_queue_agent_step step "
            "JOIN ai_queue_agent_case desk ON desk.id = step.case_id "
            "WHERE desk.res_id = ANY(%s) GROUP BY desk.res_id",
            bills,
        )
        return dict(rows)

    # ----------------------------------------------------------------- model

    @contextmanager
    def model(self, *steps, **settings):
        """Let a model server of our own take these steps until the block ends."""
        self.steps = steps
        with FakeModel(answer=self._answer, **settings) as fake:
            values = {
                "name": f"Thinker {next(_numbers)}",
                "base_url": fake.url,
                "max_in_flight": 50,
                "model_ids": [[0, 0, {"kind": "agent", "model": "fake-large"}]],
            }
            (self.provider,) = self.admin.call("ai.queue.provider", "create", [values])
            self.set_agent(is_asking_model=True, provider_id=self.provider)
            try:
                yield fake
            finally:
                # Nothing may hang: jobs that are at it have to end.
                fake.configure(faults=[], latency=0.0, jitter=0.0)
                self.set_agent(is_asking_model=False, provider_id=False)

    def set_agent(self, **values):
        """Change the approval agent."""
        self.admin.call("ai.queue.agent", "write", [self.agent], values)

    def _answer(self, asked):
        number = len(STEP.findall(asked.text))
        one = self.steps[min(number, len(self.steps) - 1)]
        return one(asked) if callable(one) else one

    def answers(self):
        """{question: states of its calls in the ledger} of the model server"""
        calls = {}
        for key, state in self.sql(
            "SELECT key, state FROM ai_queue_call WHERE provider_id = %s ORDER BY id",
            self.provider,
        ):
            calls.setdefault(key, []).append(state)
        return calls

    # EXTENDS World
    def reset(self):
        """No case and no proposal either."""
        super().reset()
        self.sql("DELETE FROM ai_queue_proposal")
        self.sql("DELETE FROM ai_queue_agent_case")
