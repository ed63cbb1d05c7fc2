# Copyright 2026 The ai_queue contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
from odoo import api, models
from odoo.tools import SQL
from odoo.tools.misc import formatLang

from odoo.addons.queue_job.exception import RetryableJobError
from odoo.addons.queue_job_operations.side_cursor import side_env

from ...locks import NUMBER_LOCK
from .ai_queue_bill_alias import normalize
from .ai_queue_bill_vendor import name_key
from .bill_reasons import make

#: From so many earlier bills of a vendor on it is known what is usual.
KNOWN_BILLS = 4
#: How many of them count, the latest, and how far above the highest is unusual.
LATEST_BILLS, UNUSUAL = 20, 3.0
#: How many bills or bank accounts a sentence names.
MAX_NAMES = 5


class AiQueueBillCheck(models.AbstractModel):
    """What is wrong with a bill that only the database can tell."""

    _name = "ai.queue.bill.check"
    _description = "Checks of a Read Bill"

    @api.model
    def _get_reasons(self, move, data):
        """Compare a bill that was filled in with what is known.

        :param move: ``account.move``
        :param data: the bill as ``engine.documents.bills.invoice.to_json`` gives it
        :return: list of reasons
        """
        return [
            *self._check_duplicates(move),
            *self._check_payee(move, data),
            *self._check_bank(move, data),
            *self._check_amount(move),
        ]

    @api.model
    def _drop_disproved(self, move, reasons):
        """Doubts of the document alone that the database settles.

        A name that is that of a known vendor was not misread.
        """
        codes = {reason["code"] for reason in reasons}
        if not move.partner_id or any(code.startswith("vendor_") for code in codes):
            return reasons
        kept = []
        for reason in reasons:
            fields = reason["values"].get("fields")
            if reason["code"] == "uncertain" and fields:
                fields = [name for name in fields if name != "vendor_name"]
                if not fields:
                    continue
                reason = make("uncertain", fields=fields)
            kept.append(reason)
        return kept

    @api.model
    def _claim_numbers(self, company, numbers):
        """See to it that bills of the same number are written one after another.

        Two jobs that write them at the same moment see nothing of each other, and
        neither would tell that its bill is there twice.

        :raise RetryableJobError: when another job writes such a bill, or has just done
            so; what was read is kept for the next try
        """
        self.env["queue.job"]._note_put_off(why="same_number")
        error = RetryableJobError(
            self.env._("A bill with the same number is being written; trying again."),
            seconds=[1, 3],
            ignore_retry=True,
        )
        for number in sorted(numbers):
            lock = SQL(
                "SELECT pg_try_advisory_xact_lock(%s, hashtext(%s))",
                NUMBER_LOCK,
                f"{company.id}:{number}",
            )
            if not self.env.execute_query(lock)[0][0]:
                raise error
        known = self._find_numbers(company, numbers)
        with side_env(self.env) as env:
            # What was written since this transaction began.
            found = env[self._name]._find_numbers(company.with_env(env), numbers)
            if set(found.ids) - set(known.ids):
                raise error

    def _find_numbers(self, company, numbers):
        # The reader of a bill may not see all bills that would be the same.
        return (
            self.env["account.move"]
            .sudo()
            .search(
                [
                    ("company_id", "=", company.id),
                    ("move_type", "in", ("in_invoice", "in_refund")),
                    ("ref", "in", list(numbers)),
                ]
            )
        )

    def _check_duplicates(self, move):
        twins = move.duplicated_ref_ids if move.partner_id else move.browse()
        same = twins.filtered(lambda one: move.ref and one.ref == move.ref)
        if same:
            return [make("duplicate", bills=self._names(same))]
        if twins:
            return [make("duplicate_amount", bills=self._names(twins))]
        return []

    def _names(self, moves):
        return ", ".join(moves[:MAX_NAMES].mapped("display_name"))

    def _check_payee(self, move, data):
        """Factors and head offices are paid for others; so are thieves."""
        payee, vendor = data.get("payee_name"), move.commercial_partner_id
        names = {data.get("vendor_name"), vendor.name}
        if not payee or name_key(payee) in {name_key(name) for name in names if name}:
            return []
        name = vendor.display_name or data.get("vendor_name") or "?"
        return [make("payee_differs", payee=payee, vendor=name)]

    def _check_bank(self, move, data):
        """A known vendor that suddenly wants its money elsewhere is a known fraud.

        Every account counts that is printed: which of them is meant to be paid to is
        for no reading to say, and the known ones may be there as well.
        """
        names = ("payee_iban", "vendor_iban", "vendor_account")
        printed = [data.get(name) for name in names] + (data.get("vendor_ibans") or [])
        ibans = {normalize(iban).upper(): None for iban in printed if iban}
        vendor = move.commercial_partner_id
        banks = vendor.bank_ids.filtered(
            lambda one: one.company_id.id in (False, move.company_id.id)
        )
        known = {bank.sanitized_acc_number: bank.acc_number for bank in banks}
        strange = [iban for iban in ibans if iban not in known]
        if not strange or not known:
            return []
        return [
            make(
                "iban_differs",
                iban=", ".join(strange[:MAX_NAMES]),
                vendor=vendor.display_name,
                known=", ".join(list(known.values())[:MAX_NAMES]),
            )
        ]

    def _check_amount(self, move):
        vendor = move.commercial_partner_id
        if not vendor or vendor.ignore_abnormal_invoice_amount:
            return []
        earlier = self.env["account.move"].search(
            [
                ("commercial_partner_id", "=", vendor.id),
                ("company_id", "=", move.company_id.id),
                ("move_type", "=", move.move_type),
                ("currency_id", "=", move.currency_id.id),
                ("state", "=", "posted"),
            ],
            order="invoice_date desc, id desc",
            limit=LATEST_BILLS,
        )
        usual = max(earlier.mapped("amount_total"), default=0.0)
        is_unusual = (
            len(earlier) >= KNOWN_BILLS and move.amount_total > UNUSUAL * usual > 0
        )
        # Odoo's own check knows the spread of many bills.
        watched = move.with_context(disable_abnormal_invoice_detection=False)
        if not is_unusual and not watched.abnormal_amount_warning:
            return []

        def say(amount):
            return formatLang(self.env, amount, currency_obj=move.currency_id)

        return [
            make(
                "amount_unusual",
                total=say(move.amount_total),
                vendor=vendor.display_name,
                usual=say(usual),
            )
        ]
