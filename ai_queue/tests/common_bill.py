# Copyright 2026 The ai_queue contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""Vendor bills as files, and the people who have them read."""

import base64
import dataclasses
import itertools

from odoo.fields import Command
from odoo.tests import TransactionCase, freeze_time

from odoo.addons.ai_queue.engine.documents.bills.invoice import Invoice, Line, to_json
from odoo.addons.ai_queue.engine.tests.bill_samples import VAT, bill_pdf

from .common import NOW, AiQueueMixin

_NUMBERS = itertools.count(1)
#: of who has bills read
ROLES = "account.group_account_invoice,ai_queue.ai_queue_group_user"


class AiQueueBillMixin(AiQueueMixin):
    """A company that buys, and a clerk who has bills read."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.journal = cls.env["account.journal"].search(
            [("company_id", "=", cls.company.id), ("type", "=", "purchase")]
        )
        cls.journal.ai_queue_read_bills = True
        cls.company.country_id = cls.env.ref("base.de")
        euro = cls.env.ref("base.EUR")
        euro.active = True
        cls.company.currency_id = euro
        cls.tax_group = cls.env["account.tax.group"].create(
            {"name": "VAT", "company_id": cls.company.id}
        )
        cls.tax = cls.create_tax(19.0)
        cls.tax_low = cls.create_tax(7.0)
        cls.vendor = cls.env["res.partner"].create(
            {"name": "Example Supplies", "is_company": True, "vat": VAT}
        )
        cls.clerk = cls.create_user("clerk", ROLES)

    @classmethod
    def create_tax(cls, rate, **vals):
        """A purchase tax of the company."""
        return cls.env["account.tax"].create(
            {
                "name": f"{rate:g}%",
                "amount": rate,
                "amount_type": "percent",
                "type_tax_use": "purchase",
                "company_id": cls.company.id,
                "country_id": cls.company.account_fiscal_country_id.id,
                "tax_group_id": cls.tax_group.id,
                **vals,
            }
        )

    def attach(self, move, data, name="bill.pdf"):
        """Attach a file quietly, as if it had been there from the start."""
        attachment = self.env["ir.attachment"].create(
            {"name": name, "raw": data, "res_model": move._name, "res_id": move.id}
        )
        move = move.with_context(skip_is_manually_modified=True)
        move.message_main_attachment_id = attachment
        return attachment

    def new_bill(self, data=None, move_type="in_invoice", name="bill.pdf", **vals):
        """An empty draft with a file."""
        move = self.env["account.move"].create(
            {"move_type": move_type, "journal_id": self.journal.id, **vals}
        )
        if data is not None:
            self.attach(move, data, name)
        return move

    def press_read(self, moves, user=None):
        """Press *Read with AI*; returns the run that the toast links to."""
        action = moves.with_user(user or self.clerk).action_run_ai_invoice_parse()
        self.commit()
        url = action["params"]["links"][0]["url"]
        return self.env["ai.queue.run"].browse(int(url.rpartition("/")[2]))

    def read_bills(self, moves, user=None):
        """Press and let the jobs run."""
        run = self.press_read(moves, user)
        self.run_jobs(run)
        return run

    def read_new(self, data=None, **vals):
        """A new bill with this file, read."""
        move = self.new_bill(bill_pdf() if data is None else data, **vals)
        self.read_bills(move)
        return move

    def read_data(self, **changes):
        """A bill as the engine gives it: two lines of 400 and 50, with 19 % of tax.

        Other lines as (description, quantity, price, rate) or as dicts.
        """
        data = to_json(Invoice())
        data.update(
            doc_type="invoice",
            vendor_name="Example Supplies GmbH",
            vendor_vat=VAT,
            invoice_number="INV-1",
            invoice_date="2026-03-10",
            currency="EUR",
            amount_untaxed=450,
            amount_tax=85.5,
            amount_total=535.5,
            lines=[("Chairs", 4, 100, 19), ("Delivery", 1, 50, 19)],
        )
        data.update(changes)
        data["lines"] = [
            self._read_line(*line) if isinstance(line, tuple) else line
            for line in data["lines"]
        ]
        data.setdefault("fields", {})
        return data

    def _read_line(self, description, quantity, price, rate, **changes):
        line = dict.fromkeys(one.name for one in dataclasses.fields(Line))
        return {
            **line,
            "description": description,
            "quantity": quantity,
            "unit_price": price,
            "tax_rate": rate,
            "amount": quantity * price,
            **changes,
        }

    def fill_in(self, move=None, findings=(), **changes):
        """A draft that was filled in with `read_data`, as by a job of the clerk."""
        move = move or self.new_bill(bill_pdf(number=f"F-{next(_NUMBERS)}"))
        readings = self.env["ai.queue.bill.reading"].with_user(self.clerk)
        reading = readings._request(move.with_user(self.clerk))
        reading.sudo().write(
            {"extraction": self.read_data(**changes), "findings": list(findings)}
        )
        reading._fill_in()
        return move

    def upload(self, *files, user=None):
        """Upload files on the journal: (name, data) or data.

        :return: the bills that were made at once
        """
        attachments = self.env["ir.attachment"].with_user(user or self.clerk)
        for number, file in enumerate(files):
            name, data = file if isinstance(file, tuple) else (f"{number}.pdf", file)
            attachments += attachments.create({"name": name, "raw": data})
        journal = self.journal.with_user(user or self.clerk)
        moves = journal.with_context(
            default_move_type="in_invoice"
        )._create_document_from_attachment(attachments.ids)
        self.commit()
        return moves.with_env(self.env)

    def mail(self, *files, sender="sales@example.com"):
        """A mail to the alias of the journal; returns the bills it made."""
        before = self.env["account.move"].search([], order="id desc", limit=1).id or 0
        parts = "".join(
            f"--BOUND\nContent-Type: {mimetype}; name={name}\n"
            f"Content-Disposition: attachment; filename={name}\n"
            f"Content-Transfer-Encoding: base64\n\n"
            f"{base64.encodebytes(data).decode()}\n"
            for name, mimetype, data in files
        )
        source = (
            f"From: Seller <{sender}>\nTo: bills@example.org\nSubject: Bill\n"
            f"Message-ID: <{self.id()}@example.com>\nMIME-Version: 1.0\n"
            'Content-Type: multipart/mixed; boundary="BOUND"\n\n'
            "--BOUND\nContent-Type: text/plain\n\nSee attached.\n"
            f"{parts}--BOUND--\n"
        )
        self.env["mail.alias.domain"].search([]).unlink()
        domain = self.env["mail.alias.domain"].create({"name": "example.org"})
        self.company.alias_domain_id = domain
        self.journal.write({"alias_name": "bills", "alias_domain_id": domain.id})
        threads = self.env["mail.thread"].with_context(allowed_company_ids=[])
        threads.message_process("account.move", source)
        self.commit()
        return self.env["account.move"].search([("id", ">", before)], order="id")

    def run_all(self):
        """Let all waiting jobs of the company run."""
        for run in self.find_runs().sorted("id"):
            self.run_jobs(run)

    def codes(self, move):
        """Why a bill is to be looked at: the codes of its reasons."""
        return [one["code"] for one in move.ai_reading_id.reasons or []]

    def earlier_bill(self, *lines, vendor=None, day="2026-02-10", ref="OLD"):
        """A posted bill: lines of (description, price, values)."""
        move = self.env["account.move"].create(
            {
                "move_type": "in_invoice",
                "journal_id": self.journal.id,
                "partner_id": (vendor or self.vendor).id,
                "invoice_date": day,
                "ref": ref,
                "invoice_line_ids": [
                    Command.create(
                        {
                            "name": name,
                            "price_unit": price,
                            "tax_ids": [Command.set(self.tax.ids)],
                            **vals,
                        }
                    )
                    for name, price, vals in lines
                ],
            }
        )
        move.action_post()
        return move


@freeze_time(NOW)
class AiQueueBillCommon(AiQueueBillMixin, TransactionCase):
    """The base of tests of vendor bills; today is Wednesday, 18 March 2026."""
