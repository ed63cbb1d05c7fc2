# Copyright 2026 The ai_queue contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""What the rules find about a vendor bill, in sentences."""

from odoo.addons.ai_queue.engine.terms import _

# There is no environment in here: the caller translates a sentence.
# pylint: disable=prefer-env-translation

#: Code -> English template: what was found, and what to do next.
SENTENCES = {
    "no_vendor": _("The bill has no vendor. Choose the vendor."),
    "no_date": _("The bill has no date. Enter the date that is printed on it."),
    "no_amount": _("The bill has no amount. Enter its lines, or delete it."),
    "duplicate": _(
        "The same number was billed before: %(bills)s. Delete this bill unless the "
        "vendor uses the number twice."
    ),
    "duplicate_amount": _(
        "The vendor billed the same amount on the same day: %(bills)s. Check that it "
        "is not the same bill."
    ),
    "reading": _("Reading the document left this open: %(reasons)s"),
    "bank_foreign": _(
        "The bank account %(account)s is not one of %(vendor)s. Do not pay to it "
        "before somebody has called the vendor on a number that was known before."
    ),
    "bank_changed": _(
        "%(vendor)s was always paid to another bank account than %(account)s. Do not "
        "pay to it before somebody has called the vendor on a number that was known "
        "before."
    ),
    "bank_new": _(
        "The bank account %(account)s of %(vendor)s is new and not trusted yet. Check "
        "it, and mark it as trusted."
    ),
    "price_above_contract": _(
        "%(line)s costs %(price)s, but %(known)s was agreed on. Ask for a credit note, "
        "or change the price of the vendor."
    ),
    "price_above_last": _(
        "%(line)s costs %(price)s; the last time it was %(known)s. Check the price."
    ),
    "amount_unusual": _(
        "%(total)s is unusual for %(vendor)s, who billed at most %(usual)s lately. "
        "Check the amount."
    ),
    "account_unusual": _(
        "No earlier bill of %(vendor)s used %(accounts)s. Check the account."
    ),
    "analytic_missing": _(
        "Earlier bills of %(vendor)s are all split by analytic accounts, this one is "
        "not. Enter to which project or department it belongs."
    ),
    "usual": _(
        "Vendor, amount, accounts and bank account are as on the last %(count)s bills "
        "of %(vendor)s."
    ),
    "nothing_known": _(
        "There is no order, and too few earlier bills of %(vendor)s to compare with. "
        "Check that it was ordered."
    ),
    "over_limit": _(
        "%(total)s needs the approval of %(people)s: it reaches the limit of %(limit)s."
    ),
}
#: Code -> the same in a message to the vendor, where we would say more to ourselves.
FOR_VENDOR = {
    "duplicate": _("You have billed the same number before: %(bills)s."),
    "price_above_contract": _("%(line)s costs %(price)s, but %(known)s was agreed on."),
}
#: To whom a message is drafted -> how it begins and ends.
TO_VENDOR = _(
    "Hello,\n\nwe cannot pay your bill %(bill)s yet:\n%(reasons)s\n\nPlease check it "
    "and send us a corrected bill or a credit note, or tell us what we have missed.\n\n"
    "Kind regards\n%(sender)s"
)
TO_BUYER = _(
    "Hello %(name)s,\n\nthe bill %(bill)s of %(vendor)s is on hold:\n%(reasons)s\n\n"
    "Please put it right, or tell us what to do.\n\n%(sender)s"
)
SUBJECT = _("Bill %(bill)s is on hold")
