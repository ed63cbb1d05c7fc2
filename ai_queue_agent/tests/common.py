# Copyright 2026 The ai_queue contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""What tests of ai_queue_agent stand on; addons that extend it may use it, too."""

import itertools

from odoo.fields import Command
from odoo.tests import HttpCase, TransactionCase, freeze_time

from odoo.addons.ai_queue.tests.common import NOW
from odoo.addons.ai_queue.tests.common_bill import AiQueueBillMixin
from odoo.addons.queue_job_operations.tests.common import QueueJobHttpMixin

_NUMBERS = itertools.count(1000)


class AiQueueAgentMixin(AiQueueBillMixin):
    """A company that buys, and an accountant who has bills checked."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.agent = cls.env.ref("ai_queue_agent.ai_queue_agent_bill")
        groups = (
            "account.group_account_invoice,ai_queue_agent.ai_queue_agent_group_user"
        )
        cls.accountant = cls.create_user("accountant", groups)
        cls.head = cls.create_user("head", groups)
        cls.bank = cls.create_bank(cls.vendor, "DE89370400440532013000")

    @classmethod
    def create_bank(cls, partner, number, is_trusted=True):
        """A bank account of a vendor."""
        bank = cls.env["res.partner.bank"].create(
            {"partner_id": partner.id, "acc_number": number}
        )
        bank.allow_out_payment = is_trusted
        return bank

    @classmethod
    def bill(cls, *lines, vendor=None, day="2026-03-10", post=False, **vals):
        """A bill with lines of (name or product, quantity, price) or of values."""
        vendor = vendor or cls.vendor
        commands = []
        for line in lines:
            if not isinstance(line, dict):
                what, quantity, price = line
                line = {"quantity": quantity, "price_unit": price}
                line["name" if isinstance(what, str) else "product_id"] = (
                    what if isinstance(what, str) else what.id
                )
            line = {"tax_ids": [Command.set(cls.tax.ids)], **line}
            commands.append(Command.create(line))
        move = cls.env["account.move"].create(
            {
                "move_type": "in_invoice",
                "journal_id": cls.journal.id,
                "partner_id": vendor.id,
                "invoice_date": day,
                "ref": f"INV-{next(_NUMBERS)}",
                "partner_bank_id": vendor.bank_ids[:1].id,
                "invoice_line_ids": commands,
                **vals,
            }
        )
        if post:
            move.action_post()
        return move

    @classmethod
    def known_vendor(cls, count=5, price=100.0):
        """Let the vendor have so many posted bills about the same amount."""
        return cls.env["account.move"].concat(
            *(
                cls.bill(
                    ("Cleaning", 1, price + number),
                    day=f"2026-0{1 + number % 2}-{10 + number}",
                    post=True,
                )
                for number in range(count)
            )
        )

    def press_check(self, bills, user=None):
        """Press *Check for Approval*; returns the run that the toast links to."""
        action = bills.with_user(user or self.accountant).action_check_ai_approval()
        self.commit()
        url = action["params"]["links"][0]["url"]
        return self.env["ai.queue.run"].browse(int(url.rpartition("/")[2]))

    def check(self, bills, user=None):
        """Press and let the jobs run; returns the open proposals for these bills."""
        self.run_jobs(self.press_check(bills, user))
        return self.proposals(bills).filtered(lambda one: one.state == "open")

    def proposals(self, records):
        """All proposals for records, oldest first."""
        return self.env["ai.queue.proposal"].search(
            [("res_model", "=", records._name), ("res_id", "in", records.ids)],
            order="id",
        )

    def found(self, proposal):
        """What was found against a record: the codes."""
        return [
            one["code"]
            for one in proposal.finding_data
            if one["level"] in ("hold", "ask")
        ]


@freeze_time(NOW)
class AiQueueAgentCommon(AiQueueAgentMixin, TransactionCase):
    """The base of most tests; today is Wednesday, 18 March 2026."""


class AiQueueAgentHttpCommon(QueueJobHttpMixin, AiQueueAgentMixin, HttpCase):
    """The base of tests that talk to the server as a browser does."""
