# Copyright 2026 The ai_queue contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""Why a bill wants a look: codes with values, and their sentences.

A reason is ``{"code": …, "values": {…}}``, so that everybody reads it in their own
language. What the document alone says is wrong comes from the engine
(``engine.documents.bills.checks``), what only the database knows stands here.
"""

from decimal import Decimal

from ...engine.client.causes import LABELS as CAUSES_IN_WORDS
from ...engine.documents.bills.checks import FIELD_NAMES, FINDINGS, KIND_NAMES
from ...engine.errors import Unreadable
from ...engine.terms import _

# There is no environment in here: the caller translates a reason.
# pylint: disable=prefer-env-translation

#: Code -> English template: what happened, and what to do next.
REASONS = {
    "unreadable": "",  # the sentence of its cause, see Unreadable
    "same_file": _(
        "The same file is attached to %(bill)s, so it was not read again. Delete this "
        "bill, or press Read Again if you want it twice."
    ),
    "several_bills": _(
        "The file holds %(count)s bills, each of which became a bill of its own. This "
        "is the one on pages %(first)s to %(last)s. Check that the pages are right."
    ),
    "left_out": _(
        "%(file)s holds files that could not become bills: %(names)s. The message "
        "below says why. Check whether they are bills."
    ),
    "damaged": _(
        "The file is damaged or incomplete, so something may be missing. Compare the "
        "bill with the document."
    ),
    "incomplete": _(
        "Not all pages of the document could be read. Compare the bill with the "
        "document."
    ),
    "vendor_unknown": _(
        "The vendor %(name)s is not known yet. Choose the vendor, or create it."
    ),
    "vendor_vat": _(
        "The name or bank account on the document is that of %(vendor)s, but the VAT "
        "number %(vat)s is not. Check who sent the bill."
    ),
    "vendor_email": _(
        "%(vendor)s was recognised by the e-mail address alone. Check the vendor."
    ),
    "vendor_kept": _(
        "The document seems to come from %(read)s, but %(kept)s was typed in and "
        "stays. Check the vendor."
    ),
    "type_differs": _(
        "The document is a credit note, but this is a bill. Switch it into a credit "
        "note, and press Read Again."
    ),
    "type_is_bill": _(
        "The document is a bill, but this is a credit note. If it is meant to be a "
        "bill, switch it into one, and press Read Again."
    ),
    "currency_unknown": _(
        "The document is in %(currency)s, which is not set up. Set up the currency, "
        "and press Read Again."
    ),
    "currency_inactive": _(
        "The document is in %(currency)s, which is not active. Activate the currency; "
        "the amounts stay."
    ),
    "currency_kept": _(
        "The document is in %(read)s, but %(kept)s was chosen and stays. Check the "
        "currency."
    ),
    "lines_kept": _(
        "The bill already had lines, which were kept. Compare them with the document."
    ),
    "tax_unknown": _(
        "There is no purchase tax of %(rate)s %%, so it stands in a line of its own. "
        "Set the tax up, or set the taxes of the lines and delete that line."
    ),
    "tax_shifted": _(
        "The document says that you owe its tax (reverse charge, category "
        "%(category)s), but no purchase tax for that was found. Set the taxes of the "
        "lines."
    ),
    "tax_missing": _(
        "The document names a tax of %(rate)s %%, but this bill has none. Set the "
        "taxes of the lines."
    ),
    "withheld": _(
        "Tax of %(amount)s is withheld: you pay it to the tax office, and not to the "
        "vendor. No purchase tax for that was found. Add it to the lines."
    ),
    "payee_differs": _(
        "The document asks you to pay %(payee)s, and not %(vendor)s. Call the vendor "
        "at a number that you know before you pay."
    ),
    "total_differs": _(
        "This bill comes to %(total)s, but the document says %(printed)s. Check prices "
        "and taxes of the lines."
    ),
    "tax_differs": _(
        "The taxes of this bill come to %(tax)s, but the document says %(printed)s. "
        "Check the taxes of the lines."
    ),
    "duplicate": _(
        "This vendor has sent the same number before: %(bills)s. If it is the same "
        "bill, delete this one."
    ),
    "duplicate_amount": _(
        "There is another bill of this vendor of the same day and amount: %(bills)s. "
        "If it is the same bill, delete this one."
    ),
    "iban_differs": _(
        "The document asks to pay to %(iban)s, which is not a known bank account of "
        "%(vendor)s: %(known)s. Before you pay, call the vendor at a number you "
        "already know."
    ),
    "amount_unusual": _(
        "The total of %(total)s is far above what %(vendor)s usually charges, up to "
        "%(usual)s. Check the amount."
    ),
    "model_failed": _(
        "The model gave no usable answer (%(cause)s), so the document was read without "
        "it. Compare the bill with the document."
    ),
    "not_written": _(
        "The bill could not be filled in: %(error)s Enter it by hand, or fix the "
        "cause and press Read Again."
    ),
    "not_posted": _(
        "Everything was read, but the bill could not be posted automatically: %(error)s"
    ),
}

#: Code -> what lists and graphs call it.
LABELS = [
    ("unreadable", "File cannot be read"),
    ("not_a_bill", "Not a bill"),
    ("nothing_read", "Nothing read"),
    ("left_out", "Files of a ZIP missing"),
    ("same_file", "Same file again"),
    ("duplicate", "Same number again"),
    ("duplicate_amount", "Same day and amount"),
    ("iban_differs", "Other bank account"),
    ("iban_invalid", "Wrong bank account"),
    ("payee_differs", "Someone else to pay"),
    ("several_bills", "Several bills in one file"),
    ("vendor_missing", "No vendor found"),
    ("vendor_unknown", "Vendor unknown"),
    ("vendor_vat", "Other VAT number"),
    ("vendor_email", "Vendor by e-mail only"),
    ("vendor_kept", "Other vendor typed in"),
    ("vat_invalid", "Wrong VAT number"),
    ("type_differs", "Credit note as bill"),
    ("type_is_bill", "Bill as credit note"),
    ("number_missing", "No number found"),
    ("date_missing", "No date found"),
    ("due_before_date", "Due before its date"),
    ("date_in_future", "Date in the future"),
    ("total_missing", "No total found"),
    ("total_unproven", "Total not proven"),
    ("totals_differ", "Totals do not add up"),
    ("total_differs", "Other total than printed"),
    ("due_differs", "Other amount to pay"),
    ("lines_missing", "No lines found"),
    ("lines_differ", "Lines do not add up"),
    ("lines_kept", "Lines were there already"),
    ("taxes_differ", "Taxes do not add up"),
    ("tax_differs", "Other tax than printed"),
    ("tax_rate", "Unusual tax rate"),
    ("tax_rate_high", "Impossible tax rate"),
    ("tax_unproven", "Tax not proven"),
    ("tax_missing", "Tax missing"),
    ("tax_unknown", "Tax not set up"),
    ("tax_shifted", "Reverse charge"),
    ("withheld", "Tax withheld"),
    ("currency_missing", "No currency found"),
    ("currency_inactive", "Currency not active"),
    ("currency_unknown", "Currency not set up"),
    ("currency_kept", "Other currency chosen"),
    ("amount_unusual", "Unusual amount"),
    ("uncertain", "Hard to read"),
    ("value_unread", "Number not readable"),
    ("invented", "Made up by the model"),
    ("model_failed", "No answer of the model"),
    ("damaged", "File damaged"),
    ("incomplete", "Pages not read"),
    ("not_written", "Could not be filled in"),
    ("not_posted", "Could not be posted"),
    ("other", "Another reason"),
]
#: What is known to be wrong, or missing: accepted only by somebody who has read it. All
#: other reasons are doubts, which comparing the bill with its document settles.
WRONG = {
    *("not_a_bill", "nothing_read", "same_file"),
    *("duplicate", "duplicate_amount", "iban_differs", "iban_invalid", "vat_invalid"),
    *("payee_differs", "vendor_missing", "vendor_unknown", "vendor_vat", "vendor_kept"),
    *("number_missing", "date_missing", "type_differs", "type_is_bill"),
    *("total_missing", "total_unproven", "totals_differ", "total_differs"),
    *("lines_missing", "lines_differ", "tax_rate_high", "tax_unproven", "taxes_differ"),
    *("tax_differs", "tax_missing", "tax_unknown", "tax_shifted", "withheld"),
    *("currency_unknown", "currency_inactive", "currency_kept", "invented"),
    *("value_unread", "not_written"),
}
#: Most telling first; reasons not named here come last.
_ORDER = {code: place for place, (code, _label) in enumerate(LABELS)}

#: Notes of a reading (``engine.documents.reading.NOTES``) -> the reason they are.
NOTES = {
    "damaged": "damaged",
    "timed_out": "incomplete",
    "ocr_missing": "incomplete",
    "ocr_left": "incomplete",
    "ocr_failed": "incomplete",
    "cut": "incomplete",
}


def make(code, **values):
    """A reason as it is stored.

    :param values: of the template; numbers are kept as they are to be read
    """
    return {"code": code, "values": {name: _plain(v) for name, v in values.items()}}


def of_findings(findings):
    """The reasons for findings of the engine."""
    return [make(finding.code, **finding.values) for finding in findings]


def sort(reasons):
    """Each reason once, the most telling first."""
    unique = {(one["code"], str(one["values"])): one for one in reasons}
    return sorted(unique.values(), key=lambda one: _ORDER.get(one["code"], len(_ORDER)))


def label_code(reasons):
    """The code under which lists and graphs count these reasons; False for none."""
    if not reasons:
        return False
    code = sort(reasons)[0]["code"]
    return code if code in _ORDER else "other"


def label(env, code):
    """What lists call a code, in the language of the environment."""
    field = env["ai.queue.bill.reading"]._fields["reason_code"]
    return dict(field._description_selection(env)).get(code, "")


def say(env, reason):
    """The sentence of a reason, in the language of the environment."""
    code, values = reason["code"], dict(reason["values"])
    if code == "unreadable":
        return env._(Unreadable.CAUSES[values["cause"]], **values)
    if code == "model_failed":
        values["cause"] = env._(CAUSES_IN_WORDS[values["cause"]])
    if "fields" in values:
        names = [env._(FIELD_NAMES.get(one, one)) for one in values["fields"]]
        values["fields"] = ", ".join(names)
    if code == "not_a_bill":
        values["kind"] = env._(KIND_NAMES.get(values["kind"], values["kind"]))
    template = REASONS.get(code) or FINDINGS.get(code)
    if not template:
        # of another version of the addon
        return code
    return env._(template, **values)


def _plain(value):
    if isinstance(value, Decimal):
        if value == value.to_integral_value():
            return f"{value:f}"
        # Some currencies have more than cents.
        decimals = max(2, -value.normalize().as_tuple().exponent)
        return f"{value:.{decimals}f}"
    if isinstance(value, (tuple, list, set)):
        return [_plain(one) for one in value]
    return value if isinstance(value, (int, float, bool)) else str(value)
