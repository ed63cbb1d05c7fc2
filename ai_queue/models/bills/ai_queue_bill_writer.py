# Copyright 2026 The ai_queue contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
import logging
from decimal import ROUND_HALF_UP, Decimal

from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.fields import Command
from odoo.tools import email_normalize

from .bill_reasons import make

_logger = logging.getLogger(__name__)

#: By how much the tax of one rate may be rounded otherwise than Odoo does it, in the
#: smallest units of the currency; and what the usual rate may be beside the tax.
TAX_ROUNDING, RATE_ROUNDING = 5, 2
#: How long Odoo may look for purchase orders, seconds.
ORDER_SECONDS = 4
#: How many sums of lines are tried to tell which of them are of a rate.
MAX_SUMS = 20_000
KINDS = {"credit_note": "in_refund", "invoice": "in_invoice"}
#: What is filled in while nobody has typed it.
FREE_FIELDS = (
    *("partner_id", "ref", "invoice_date", "invoice_date_due", "currency_id"),
    *("invoice_payment_term_id", "partner_bank_id"),
)


def _find_sum(rows, goal):
    """Lines whose amounts add up to the goal; None when there are none."""
    reached = {Decimal(0): ()}
    for row in rows:
        for total, some in list(reached.items()):
            reached.setdefault(total + row["amount"], (*some, row))
        if goal in reached:
            return reached[goal]
        if len(reached) > MAX_SUMS:
            return None
    return reached.get(goal)


def _decimal(value):
    """A number of JSON as it was printed; None stays None."""
    return None if value is None else Decimal(str(value))


def _unit(currency):
    """The smallest amount of a currency: a cent, a yen, a fils."""
    return Decimal(1).scaleb(-currency.decimal_places)


def _round(amount, currency):
    return amount.quantize(_unit(currency), ROUND_HALF_UP)


class AiQueueBillWriter(models.AbstractModel):
    """Writes what was read into a draft bill.

    What a person typed stays: a field is written only while it is empty, or while it
    still holds what Odoo or an earlier reading put there.
    """

    _name = "ai.queue.bill.writer"
    _description = "Writing of a Read Bill"

    @api.model
    def _fill_in(self, move, data, former):
        """Fill in a draft bill; again with the same data it changes nothing.

        :param move: ``account.move``, one
        :param data: the bill as ``engine.documents.bills.invoice.to_json`` gives it
        :param former: the snapshot of the bill when a reading last wrote it; {}
        :return: list of reasons to look at it
        """
        before = move._get_ai_queue_snapshot()
        # First of all: one field that is written makes Odoo compute others.
        free = self._get_free(move, before, former)
        reasons = self._write_kind(move, data, before, former)
        data = self._upright(move, data)
        reasons += self._write_vendor(move, data, before, free)
        is_currency_right = self._write_currency(move, data, free, reasons)
        self._write_header(move, data, free)
        if not is_currency_right:
            return reasons
        if before["lines"] and before["lines"] != former.get("lines"):
            reasons.append(make("lines_kept"))
        else:
            self._write_lines(move, data, reasons)
            self._match_orders(move, data)
        return reasons + self._compare_totals(move, data)

    def _upright(self, move, data):
        """Credit notes hold what is given back, whatever sign was printed."""
        total = data.get("amount_total")
        is_credit = "in_refund" in (move.move_type, KINDS.get(data.get("doc_type")))
        if not is_credit or total is None or total >= 0:
            return data

        def turn(row, names):
            return {
                **row,
                **{n: -row[n] for n in names if row.get(n) is not None},
            }

        amounts = ("amount_untaxed", "amount_tax", "amount_total")
        lines = [
            turn(line, ("quantity",) if line.get("quantity") else ("unit_price",))
            | {"amount": -line["amount"] if line.get("amount") is not None else None}
            for line in data["lines"]
        ]
        taxes = [turn(tax, ("base", "amount")) for tax in data["taxes"]]
        adjustments = [turn(one, ("amount",)) for one in data["adjustments"]]
        return {
            **turn(data, amounts),
            "lines": lines,
            "taxes": taxes,
            "adjustments": adjustments,
        }

    # ------------------------------------------------------------
    # HEADER
    # ------------------------------------------------------------

    def _get_free(self, move, before, former):
        """The names of the fields that nobody has typed."""
        usual = self._get_usual(move)
        free = {
            name
            for name in FREE_FIELDS
            if not before[name]
            or (name in former and before[name] == former[name])
            or self._is_computed(move, name, before, former, usual)
        }
        if "invoice_payment_term_id" not in free:
            # Choosing the terms also chose what they come to.
            free.discard("invoice_date_due")
        return free

    def _get_usual(self, move):
        """The bill as Odoo makes one for this vendor, with its terms and account."""
        names = ("move_type", "journal_id", "partner_id", "currency_id")
        vals = {name: move[name] for name in names}
        return move.new(move._convert_to_write(vals))

    def _is_computed(self, move, name, before, former, usual):
        """Whether a field holds what Odoo put there by itself."""
        if name == "partner_id":
            # By the sender of the mail, who may have forwarded it.
            sender = email_normalize(move.invoice_source_email or "")
            return bool(sender) and move.partner_id.email_normalized == sender
        if name == "currency_id":
            journal = move.journal_id.currency_id or move.company_id.currency_id
            return move.currency_id == journal
        if name in ("invoice_payment_term_id", "partner_bank_id"):
            # With the vendor; what was chosen since a reading, was chosen by a person.
            is_new = before["partner_id"] != former.get("partner_id")
            return is_new and before[name] == usual[name]._origin.id
        if name != "invoice_date_due":
            return False
        days = {move.create_date.date(), fields.Date.context_today(move)}
        if move.invoice_payment_term_id:
            days |= {key["date_maturity"] for key in move.needed_terms or {}}
        # Odoo sets it to the day on which the bill is made, and to what terms say.
        return move.invoice_date_due in days

    def _write_kind(self, move, data, before, former):
        """Make a bill a credit note, or back; the reasons why it is not.

        Only for what the document says itself, and never against what a person chose:
        a bill that is a credit note from the start was made one on purpose.
        """
        kind = KINDS.get(data.get("doc_type"))
        origin = (data.get("fields") or {}).get("doc_type") or {}
        if not kind or origin.get("by") == "solved" or move.move_type == kind:
            return []
        if move.move_type not in KINDS.values():
            return []
        is_chosen = before["move_type"] != former.get("move_type", "in_invoice")
        if kind == "in_invoice":
            is_chosen = is_chosen or not former.get("is_switched")
        is_untouched = not before["lines"] or before["lines"] == former.get("lines")
        if is_chosen or move.posted_before or not is_untouched:
            return [make("type_differs" if kind == "in_refund" else "type_is_bill")]
        move.action_switch_move_type()
        return []

    def _write_vendor(self, move, data, before, free):
        found = self.env["ai.queue.bill.vendor"]._find(move.company_id, data)
        if not found.partner:
            # Who is there already was chosen: nothing to say about the name.
            return found.reasons if not move.partner_id else []
        if found.partner == move.commercial_partner_id:
            return found.reasons
        if "partner_id" in free:
            terms = self._get_kept_terms(before, free)
            move.write({"partner_id": found.partner.id, **terms})
            return found.reasons
        kept, read = move.partner_id.display_name, found.partner.display_name
        return [make("vendor_kept", kept=kept, read=read)]

    def _get_kept_terms(self, before, free):
        """What a person has typed, and the terms of another vendor would replace."""
        names = {"invoice_payment_term_id", "invoice_date_due"} - free
        kept = {name: before[name] or False for name in names}
        if kept:
            kept.setdefault("invoice_payment_term_id", False)
        return kept

    def _write_currency(self, move, data, free, reasons):
        """Whether amounts may be written, for the currency is that of the document."""
        code = data.get("currency")
        if not code or move.currency_id.name == code:
            return True
        currency = self.env["res.currency"].search([("name", "=", code)])
        if not currency:
            reasons.append(make("currency_unknown", currency=code))
            return False
        if "currency_id" not in free:
            kept = move.currency_id.name
            reasons.append(make("currency_kept", read=code, kept=kept))
            return False
        move.currency_id = currency
        return True

    def _write_header(self, move, data, free):
        vals = {}
        for name, key in (
            ("ref", "invoice_number"),
            ("invoice_date", "invoice_date"),
            ("invoice_date_due", "due_date"),
        ):
            value = data.get(key)
            if value and name in free:
                vals[name] = value
        if vals.get("invoice_date_due"):
            # The terms of the vendor would compute another one.
            vals["invoice_payment_term_id"] = False
        if data.get("po_number") and not move.invoice_origin:
            vals["invoice_origin"] = data["po_number"]
        if vals:
            move.write(vals)
        if "partner_bank_id" in free:
            self._write_bank(move, data)

    def _write_bank(self, move, data):
        """The printed account, if it is a known one of the vendor; none is made."""
        iban = "".join((data.get("vendor_iban") or "").split()).upper()
        bank = move.bank_partner_id.bank_ids.filtered(
            lambda one: (
                one.sanitized_acc_number == iban
                and one.company_id.id in (False, move.company_id.id)
            )
        )
        if iban and bank:
            move.partner_bank_id = bank[:1]

    # ------------------------------------------------------------
    # LINES
    # ------------------------------------------------------------

    def _write_lines(self, move, data, reasons):
        usage = self.env["ai.queue.bill.usage"]._of_vendor(move)
        rows = self._prepare_rows(move, data)
        commands = [
            Command.create(self._prepare_line(move, row, usage, reasons))
            for row in rows
        ]
        if not commands:
            return
        with move._get_edi_creation() as draft:
            draft.invoice_line_ids = [
                *(Command.delete(line.id) for line in draft.invoice_line_ids),
                *commands,
            ]
        with move._get_edi_creation() as draft:
            self._round_taxes(draft, data)

    def _prepare_rows(self, move, data):
        """The lines to write: dicts with description, quantity, price, rate, amount.

        The lines of the document; where it has none, one for each rate of tax.
        """
        rates = [tax for tax in data["taxes"] if tax.get("rate") is not None]
        rows = [
            {**line, "amount": self._get_amount(move, line)} for line in data["lines"]
        ]
        rows = [row for row in rows if row["amount"] is not None]
        untaxed = _decimal(data.get("amount_untaxed"))
        usual = self._get_usual_rate(data, rates, move.currency_id)
        if not rows:
            rows = self._prepare_sums(move, data, rates, usual)
        else:
            rows += [
                {
                    "description": one["reason"] or self.env._("Discounts and charges"),
                    "amount": _decimal(one["amount"]),
                    "tax_rate": one["tax_rate"],
                }
                for one in data["adjustments"]
            ]
        if data["lines_tax_included"]:
            self._set_rates(rows, rates, usual, None)
            self._exclude_tax(move, rows, untaxed)
        else:
            self._set_rates(rows, rates, usual, untaxed)
        return rows

    def _get_usual_rate(self, data, rates, currency):
        """The rate of lines that name none: what the tax of the whole comes to.

        None when it comes to no rate in percent or half of it, for it is of several.
        """
        untaxed, tax = data.get("amount_untaxed"), data.get("amount_tax")
        distinct = {one["rate"] for one in rates}
        if len(distinct) > 1:
            return None
        if not untaxed or tax is None:
            return distinct.pop() if distinct else None
        rate = 100 * tax / untaxed
        within = RATE_ROUNDING * currency.rounding
        # Of small amounts the cents say too little about the rate.
        near = {*distinct, float(round(rate)), round(rate * 2) / 2, round(rate, 1)}
        fitting = [one for one in near if abs(one * untaxed / 100 - tax) <= within]
        return min(fitting, key=lambda one: abs(one - rate), default=None)

    def _set_rates(self, rows, rates, usual, untaxed):
        """Give each line its rate, so that the sums of each rate are those printed.

        :param untaxed: what the lines add up to; None when that is not known
        """
        bases = self._get_bases(rates, untaxed)
        if usual is None and len(bases) > 1:
            self._spread_rates(rows, bases)
        for row in rows:
            if row["tax_rate"] is None:
                row["tax_rate"] = usual

    def _get_bases(self, rates, untaxed):
        """{rate: what it is computed from}; what is of no rate is free of tax."""
        bases = {}
        for tax in rates:
            if tax.get("base") is None or untaxed is None:
                return {}
            bases[tax["rate"]] = bases.get(tax["rate"], 0) + _decimal(tax["base"])
        rest = (untaxed or 0) - sum(bases.values())
        if rest:
            bases[0.0] = bases.get(0.0, 0) + rest
        return bases

    def _spread_rates(self, rows, bases):
        """Find the lines that add up to the base of each rate; leave them as they are
        printed when there are none such."""
        sums = {}
        for row in rows:
            rate = row["tax_rate"]
            sums[rate] = sums.get(rate, 0) + row["amount"]
        if sums == bases:
            return
        left, found = list(rows), []
        for rate in sorted(bases, key=lambda one: abs(bases[one]))[:-1]:
            some = _find_sum(left, bases[rate])
            if some is None:
                return
            found += [(row, rate) for row in some]
            left = [row for row in left if not any(row is one for one in some)]
        largest = max(bases, key=lambda one: abs(bases[one]))
        if sum(row["amount"] for row in left) == bases[largest]:
            for row, rate in [*found, *((row, largest) for row in left)]:
                row["tax_rate"] = rate

    def _get_amount(self, move, row):
        amount = _decimal(row["amount"])
        price = _decimal(row["unit_price"])
        if amount is not None or price is None:
            return amount
        quantity = _decimal(row["quantity"]) or Decimal(1)
        price /= _decimal(row["price_base_quantity"]) or 1
        discount = 1 - (_decimal(row["discount"]) or Decimal(0)) / 100
        return _round(quantity * price * discount, move.currency_id)

    def _prepare_sums(self, move, data, rates, usual):
        """A line for each rate of tax, for documents that have no lines."""
        name = data.get("invoice_number") or data.get("vendor_name") or move.ref or "/"
        whole = [tax for tax in rates if tax.get("base") is not None]
        untaxed = _decimal(data.get("amount_untaxed"))
        if whole and sum(_decimal(tax["base"]) for tax in whole) == untaxed:
            return [
                {
                    "description": name,
                    "amount": _decimal(tax["base"]),
                    "tax_rate": tax["rate"],
                }
                for tax in whole
            ]
        amount = untaxed if untaxed is not None else _decimal(data.get("amount_total"))
        if amount is None:
            return []
        if untaxed is None:
            usual = None
        return [{"description": name, "amount": amount, "tax_rate": usual}]

    def _exclude_tax(self, move, rows, untaxed):
        """Take the tax out of the amounts, so that they add up to the untaxed sum."""
        for row in rows:
            rate = 1 + _decimal(row["tax_rate"] or 0) / 100
            row["amount"] = _round(row["amount"] / rate, move.currency_id)
            # Price and discount are with tax: only the amount is known without.
            row.update(unit_price=None, discount=None)
        if untaxed is None or not rows:
            return
        rest = untaxed - sum(row["amount"] for row in rows)
        if abs(rest) <= _unit(move.currency_id) * len(rows):
            max(rows, key=lambda row: abs(row["amount"]))["amount"] += rest

    def _prepare_line(self, move, row, usage, reasons):
        known = usage.find(row["description"])
        rate = row["tax_rate"]
        lookup = self.env["ai.queue.bill.usage"]
        taxes = lookup._get_taxes(move, rate, usage, known)
        if taxes is None:
            reasons.append(make("tax_unknown", rate=f"{rate:g}"))
            taxes = self.env["account.tax"]
        vals = {
            "name": row["description"] or "/",
            "is_imported": True,
            "tax_ids": [Command.set(taxes.ids)],
            **self._prepare_price(move, row),
        }
        product = known.product_id.filtered("active")
        if product:
            vals["product_id"] = product.id
            vals["product_uom_id"] = known.product_uom_id.id
        account = known.account_id.filtered("active") or usage.account()
        if account:
            vals["account_id"] = account.id
        return vals

    def _prepare_price(self, move, row):
        """Quantity, price and discount that come to the amount, to the cent."""
        amount = row["amount"]
        digits = self.env["decimal.precision"].precision_get("Product Unit")
        quantity = _decimal(row.get("quantity"))
        if not quantity or round(quantity, digits) != quantity:
            return {"quantity": 1.0, "price_unit": float(amount), "discount": 0.0}
        price, discount = _decimal(row.get("unit_price")), _decimal(row.get("discount"))
        if price is not None:
            price /= _decimal(row.get("price_base_quantity")) or 1
            for percent in dict.fromkeys((discount or Decimal(0), Decimal(0))):
                whole = quantity * price * (1 - percent / 100)
                if _round(whole, move.currency_id) == amount:
                    return {
                        "quantity": float(quantity),
                        "price_unit": float(price),
                        "discount": float(percent),
                    }
        return {
            "quantity": float(quantity),
            "price_unit": float(amount / quantity),
            "discount": 0.0,
        }

    # ------------------------------------------------------------
    # TOTALS
    # ------------------------------------------------------------

    def _round_taxes(self, move, data):
        """Round the tax as the document does, where that is all that is different."""
        printed = _decimal(data.get("amount_tax"))
        lines = move.line_ids.filtered(
            lambda line: line.tax_line_id and line.amount_currency
        )
        if printed is None or not lines:
            return
        rest = printed - self._total(lines.mapped("amount_currency"), move)
        most = TAX_ROUNDING * _unit(move.currency_id) * len(lines)
        if not rest or abs(rest) > most:
            return
        line = max(lines, key=lambda line: abs(line.amount_currency))
        line.amount_currency += float(rest) * move.direction_sign

    def _total(self, amounts, move):
        total = sum(_decimal(amount) for amount in amounts)
        return _round(total * move.direction_sign, move.currency_id)

    def _match_orders(self, move, data):
        """Purchase orders, by Odoo's own hook; without ``purchase`` it does nothing."""
        if not move.partner_id:
            return
        references = [data["po_number"]] if data.get("po_number") else []
        try:
            with self.env.cr.savepoint():
                move._find_and_set_purchase_orders(
                    references,
                    move.partner_id.id,
                    move.amount_total,
                    from_ocr=True,
                    timeout=ORDER_SECONDS,
                )
        except (UserError, ValueError):
            # As Odoo's own import: the bill stays as it was read.
            _logger.warning("No purchase orders for bill %s", move.id, exc_info=True)

    def _compare_totals(self, move, data):
        """One reason why the bill does not come to what is printed; none if it does."""
        total = _decimal(data.get("amount_total"))
        tax = _decimal(data.get("amount_tax"))
        currency = move.currency_id
        if total is not None and currency.compare_amounts(
            move.amount_total, float(total)
        ):
            written = _round(_decimal(move.amount_total), currency)
            return [make("total_differs", total=written, printed=total)]
        if tax is not None and currency.compare_amounts(move.amount_tax, float(tax)):
            written = _round(_decimal(move.amount_tax), currency)
            return [make("tax_differs", tax=written, printed=tax)]
        return []
