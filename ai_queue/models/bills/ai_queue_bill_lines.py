# Copyright 2026 The ai_queue contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
from decimal import Decimal

from odoo import api, models
from odoo.fields import Command

from . import bill_amounts
from .bill_amounts import decimal, find_sum, round_to, unit
from .bill_reasons import make

#: By how much the tax of one rate may be rounded otherwise than Odoo does it, in the
#: smallest units of the currency; and what the usual rate may be beside the tax.
TAX_ROUNDING, RATE_ROUNDING = 5, 2
#: What the rate of a tax withheld may be beside the amount, in percent.
WITHHELD_ROUNDING = 0.05


class AiQueueBillLines(models.AbstractModel):
    """Writes the lines of a read bill, so that they come to what is printed."""

    _name = "ai.queue.bill.lines"
    _description = "Lines of a Read Bill"

    @api.model
    def _write_into(self, move, data):
        """Replace the lines of a draft by those that were read.

        :param move: ``account.move``, one
        :param data: the bill as ``engine.documents.bills.invoice.to_json`` gives it
        :return: list of reasons to look at it
        """
        usage = self.env["ai.queue.bill.usage"]._of_vendor(move)
        extras = bill_amounts.extras(data)
        rows, reasons = self._prepare_rows(move, data), []
        self._choose_taxes(move, rows, usage, reasons)
        if rows:
            rows += self._prepare_unknown_taxes(move, data, rows)
            rows += self._prepare_extras(move, extras)
            self._withhold(move, data, rows, extras, reasons)
        commands = [
            Command.create(self._prepare_line(move, row, usage)) for row in rows
        ]
        if not commands:
            return reasons
        with move._get_edi_creation() as draft:
            draft.invoice_line_ids = [
                *(Command.delete(line.id) for line in draft.invoice_line_ids),
                *commands,
            ]
        with move._get_edi_creation() as draft:
            self._round_taxes(draft, data)
        return reasons

    def _prepare_rows(self, move, data):
        """The lines to write: dicts with description, quantity, price, rate, amount.

        The lines of the document; where it has none, one for each rate of tax.
        """
        rates = [tax for tax in data["taxes"] if tax.get("rate") is not None]
        rows = [
            {**line, "amount": self._get_amount(move, line)} for line in data["lines"]
        ]
        rows = [row for row in rows if row["amount"] is not None]
        untaxed = decimal(data.get("amount_untaxed"))
        usual = self._get_usual_rate(data, rates, move.currency_id)
        if rows:
            rows += self._prepare_adjustments(data)
        else:
            rows = self._prepare_sums(move, data, rates, usual)
        if data["lines_tax_included"]:
            self._set_rates(rows, rates, usual, None)
            self._exclude_tax(move, rows, untaxed)
        else:
            self._set_rates(rows, rates, usual, untaxed)
        self._set_categories(rows, data["taxes"])
        return rows

    def _prepare_adjustments(self, data):
        names = {
            "allowance": self.env._("Discount"),
            "charge": self.env._("Charge"),
        }
        usual = self.env._("Discounts and charges")
        return [
            {
                "description": one.get("reason") or names.get(one.get("kind"), usual),
                "amount": decimal(one["amount"]),
                "tax_rate": one.get("tax_rate"),
                "tax_category": one.get("tax_category"),
            }
            for one in bill_amounts.adjustments(data)
            if one.get("amount")
        ]

    def _prepare_extras(self, move, extras):
        """Lines without tax for rounding and stamp duty that are part of the total."""
        parts = [(self.env._("Stamp duty"), extras.stamp)]
        if extras.rounding and not self._set_cash_rounding(move, extras):
            parts.append((self.env._("Rounding"), extras.rounding))
        return [
            {"description": name, "amount": amount, "tax_ids": ()}
            for name, amount in parts
            if amount
        ]

    def _set_cash_rounding(self, move, extras):
        """Whether a method that is set up rounds so; the bill gets it."""
        methods = self.env["account.cash.rounding"]
        if not self.env.user.has_group("account.group_cash_rounding"):
            return False
        exact, currency = float(extras.goal - extras.rounding), move.currency_id
        rounding = float(extras.rounding)
        for one in methods.search([("strategy", "=", "add_invoice_line")]):
            difference = one.compute_difference(currency, exact)
            accounts = one.profit_account_id and one.loss_account_id
            if accounts and not currency.compare_amounts(difference, rounding):
                move.invoice_cash_rounding_id = one
                return True
        return False

    # ------------------------------------------------------------
    # RATES
    # ------------------------------------------------------------

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
            bases[tax["rate"]] = bases.get(tax["rate"], 0) + decimal(tax["base"])
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
            some = find_sum(left, bases[rate])
            if some is None:
                return
            found += [(row, rate) for row in some]
            left = [row for row in left if not any(row is one for one in some)]
        largest = max(bases, key=lambda one: abs(bases[one]))
        if sum(row["amount"] for row in left) == bases[largest]:
            for row, rate in [*found, *((row, largest) for row in left)]:
                row["tax_rate"] = rate

    def _set_categories(self, rows, taxes):
        """Lines that name no category have that of the tax of their rate."""
        by_rate = {}
        for tax in taxes:
            by_rate.setdefault(tax.get("rate"), set()).add(tax.get("tax_category"))
        for row in rows:
            known = by_rate.get(row["tax_rate"], set())
            if not row.get("tax_category") and len(known) == 1:
                row["tax_category"] = next(iter(known))

    # ------------------------------------------------------------
    # TAXES
    # ------------------------------------------------------------

    def _choose_taxes(self, move, rows, usage, reasons):
        """Set ``tax_ids`` of the lines; a rate that is not set up is a reason."""
        lookup, found = self.env["ai.queue.bill.usage"], {}
        for row in rows:
            rate, category = row["tax_rate"], row.get("tax_category")
            row["known"] = known = usage.find(row["description"])
            key = known.id, rate, category
            if key not in found:
                found[key] = lookup._get_taxes(move, rate, usage, known, category)
            taxes = found[key]
            row["is_tax_unknown"] = taxes is None and not lookup._is_shifted(category)
            row["tax_ids"] = taxes.ids if taxes is not None else ()
            if row["is_tax_unknown"]:
                reasons.append(make("tax_unknown", rate=f"{rate:g}"))
            elif taxes is None:
                reasons.append(make("tax_shifted", category=category))

    def _prepare_unknown_taxes(self, move, data, rows):
        """A line for the tax of each rate that is not set up, as it is printed."""
        bases = {}
        for row in rows:
            if row["is_tax_unknown"]:
                rate = row["tax_rate"]
                bases[rate] = bases.get(rate, 0) + row["amount"]
        printed = {}
        for tax in data["taxes"]:
            if tax.get("rate") in bases and tax.get("amount") is not None:
                rate = tax["rate"]
                printed[rate] = printed.get(rate, 0) + decimal(tax["amount"])
        if len(bases) == 1 and len({row["tax_rate"] for row in rows}) == 1:
            whole = bill_amounts.tax_amount(data)
            printed = dict.fromkeys(bases, whole) if whole is not None else printed
        return [
            {
                "description": self.env._("Tax of %s %%, as printed", f"{rate:g}"),
                "amount": printed.get(
                    rate, round_to(base * decimal(rate) / 100, move.currency_id)
                ),
                "tax_ids": (),
            }
            for rate, base in bases.items()
        ]

    def _withhold(self, move, data, rows, extras, reasons):
        """Add the tax that is withheld to the lines, or say that there is none."""
        if not extras.withheld:
            return
        untaxed = decimal(data.get("amount_untaxed"))
        tax = self.env["account.tax"]
        if untaxed:
            rate = -100 * float(extras.withheld / untaxed)
            lookup = self.env["ai.queue.bill.usage"]
            tax = lookup._get_withholding(move, rate, WITHHELD_ROUNDING)
        if not tax:
            reasons.append(make("withheld", amount=extras.withheld))
            return
        for row in rows:
            # Neither stamp duty nor rounding is a fee.
            if "tax_rate" in row:
                row["tax_ids"] = (*row["tax_ids"], tax.id)

    # ------------------------------------------------------------
    # LINES
    # ------------------------------------------------------------

    def _get_amount(self, move, row):
        amount = decimal(row["amount"])
        price = decimal(row["unit_price"])
        if amount is not None or price is None:
            return amount
        quantity = decimal(row["quantity"]) or Decimal(1)
        price /= decimal(row["price_base_quantity"]) or 1
        discount = 1 - (decimal(row["discount"]) or Decimal(0)) / 100
        return round_to(quantity * price * discount, move.currency_id)

    def _prepare_sums(self, move, data, rates, usual):
        """A line for each rate of tax, for documents that have no lines."""
        name = data.get("invoice_number") or data.get("vendor_name") or move.ref or "/"
        whole = [tax for tax in rates if tax.get("base") is not None]
        untaxed = decimal(data.get("amount_untaxed"))
        if whole and sum(decimal(tax["base"]) for tax in whole) == untaxed:
            return [
                {
                    "description": name,
                    "amount": decimal(tax["base"]),
                    "tax_rate": tax["rate"],
                    "tax_category": tax.get("tax_category"),
                }
                for tax in whole
            ]
        amount = untaxed if untaxed is not None else decimal(data.get("amount_total"))
        if amount is None:
            return []
        tax = bill_amounts.tax_amount(data)
        if untaxed is None and tax is not None and usual is not None:
            amount -= tax
        return [{"description": name, "amount": amount, "tax_rate": usual}]

    def _exclude_tax(self, move, rows, untaxed):
        """Take the tax out of the amounts, so that they add up to the untaxed sum."""
        for row in rows:
            rate = 1 + (decimal(row["tax_rate"]) or Decimal(0)) / 100
            row["amount"] = round_to(row["amount"] / rate, move.currency_id)
            # The price is with tax: only the amount is known without.
            row["unit_price"] = None
        if untaxed is None or not rows:
            return
        rest = untaxed - sum(row["amount"] for row in rows)
        if abs(rest) <= unit(move.currency_id) * len(rows):
            max(rows, key=lambda row: abs(row["amount"]))["amount"] += rest

    def _prepare_line(self, move, row, usage):
        # Lines beside those that were read are looked up here.
        known = row["known"] if "known" in row else usage.find(row["description"])
        vals = {
            "name": row["description"] or "/",
            "is_imported": True,
            "tax_ids": [Command.set(row["tax_ids"])],
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
        """Quantity, price and discount that come to the amount, to the cent.

        The price as printed if it fits; a discount stays one, also where the document
        prints only what is left after it.
        """
        amount, currency = row["amount"], move.currency_id
        precisions = self.env["decimal.precision"]
        digits = precisions.precision_get("Product Unit")
        quantity = decimal(row.get("quantity"))
        price, printed = decimal(row.get("unit_price")), decimal(row.get("discount"))
        if not quantity or round(quantity, digits) != quantity:
            quantity, price = Decimal(1), None
        if price is not None:
            price /= decimal(row.get("price_base_quantity")) or 1
            tried = [printed or Decimal(0), Decimal(0)]
            whole = quantity * price
            if whole:
                rate = 100 * (1 - amount / whole)
                tried.append(round(rate, precisions.precision_get("Discount")))
            for percent in tried:
                fits = round_to(whole * (1 - percent / 100), currency) == amount
                if fits and percent < 100:
                    return _priced(quantity, price, percent)
        if printed and printed < 100:
            price = amount / quantity / (1 - printed / 100)
            return _priced(quantity, price, printed)
        return _priced(quantity, amount / quantity, Decimal(0))

    # ------------------------------------------------------------
    # TOTALS
    # ------------------------------------------------------------

    def _round_taxes(self, move, data):
        """Round the tax as the document does, where that is all that is different."""
        printed = bill_amounts.tax_amount(data)
        lines = move.line_ids.filtered(
            lambda line: (
                line.tax_line_id
                and line.amount_currency
                and line.tax_line_id.amount > 0
            )
        )
        if printed is None or not lines:
            return
        currency = move.currency_id
        total = sum(decimal(amount) for amount in lines.mapped("amount_currency"))
        rest = printed - round_to(total * move.direction_sign, currency)
        most = TAX_ROUNDING * unit(currency) * len(lines)
        if not rest or abs(rest) > most:
            return
        line = max(lines, key=lambda line: abs(line.amount_currency))
        line.amount_currency += float(rest) * move.direction_sign

    @api.model
    def _compare_totals(self, move, data, reasons=()):
        """One reason why the bill does not come to what is printed; none if it does.

        :param reasons: what is known already
        """
        total, tax = decimal(data.get("amount_total")), bill_amounts.tax_amount(data)
        extras, currency = bill_amounts.extras(data), move.currency_id
        written = round_to(decimal(move.amount_total), currency)
        if total is not None and written not in extras.totals(total):
            return [
                _compare("total_differs", currency, total=written, printed=extras.goal)
            ]
        written = round_to(decimal(move.amount_tax), currency)
        if any(reason["code"] == "tax_unknown" for reason in reasons):
            # Its tax stands in a line of its own.
            return []
        if tax is not None and written not in (tax, tax - extras.withheld):
            return [_compare("tax_differs", currency, tax=written, printed=tax)]
        rates = [one.get("rate") for one in data["taxes"]]
        rates += [line.get("tax_rate") for line in data["lines"]]
        if tax is None and any(rates) and not written:
            return [make("tax_missing", rate=f"{max(filter(None, rates)):g}")]
        return []


def _compare(code, currency, **amounts):
    """A reason that shows two amounts with as many decimals each as the currency has.

    More than these are a difference themselves, and stay.
    """
    rounded = {name: round_to(amount, currency) for name, amount in amounts.items()}
    return make(code, **(rounded if rounded == amounts else amounts))


def _priced(quantity, price, percent):
    return {
        "quantity": float(quantity),
        "price_unit": float(price),
        "discount": float(percent),
    }
