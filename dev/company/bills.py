"""What vendors send to the trading company: sample bills, and who reads them.

``python -m dev.company.bills`` (with the interpreter of the tools environment) writes
the files to ``docs/bills``, from where the tour of the README and ``bin/demo`` take
them. Nobody of these vendors is real.
"""

import sys

from dev import cache

from .catalogue import COMPANY

DIRECTORY = cache.CHECKOUT / "docs/bills"
#: the vendor that the company knows already
KNOWN = "Northfield Cocoa Company"
#: a rate of the chart of accounts, and one that is not set up
RATE, NEW_RATE = 15.0, 5.5
_USUAL = {
    "vat": None,
    "iban": None,
    "currency": "USD",
    "buyer": COMPANY["name"],
    "tax_name": "Tax",
    "rate": RATE,
}
_NORTHFIELD = {
    "vendor": KNOWN,
    "address": ("88 Cannery Road", "Rockland, ME 04841", "USA"),
}
_HARBORLINE = {
    "vendor": "Harborline Packaging Inc",
    "address": ("5 Wharf Street", "Gloucester, MA 01930", "USA"),
    "rate": NEW_RATE,
}

#: for the tour: the person uploads them
TOUR = {
    "northfield-2041.pdf": {
        **_NORTHFIELD,
        "number": "NC-2041",
        "day": "2025-03-10",
        "due": "2025-04-09",
        "rows": (("Cocoa powder, 10 kg", 6, 92.5), ("Freight", 1, 35.0)),
    },
    "harborline-778.pdf": {
        **_HARBORLINE,
        "number": "HP-778",
        "day": "2025-03-12",
        "due": "2025-04-11",
        "rows": (
            ("Paper cups, box of 1000", 12, 41.0),
            ("Lids, box of 1000", 12, 18.5),
        ),
    },
}
#: those that the demo has read when the person comes: in order; of a vendor and with a
#: tax that nobody has set up; with a total that no rule explains; no bill at all
READ = {
    "northfield-2035.pdf": {
        **_NORTHFIELD,
        "number": "NC-2035",
        "day": "2025-02-10",
        "due": "2025-03-12",
        "rows": (("Cocoa powder, 10 kg", 4, 92.5), ("Freight", 1, 35.0)),
    },
    "harborline-751.pdf": {
        **_HARBORLINE,
        "number": "HP-751",
        "day": "2025-02-14",
        "due": "2025-03-16",
        "rows": (("Paper cups, 1000", 8, 41.0),),
    },
    "northfield-2038.pdf": {
        **_NORTHFIELD,
        "number": "NC-2038",
        "day": "2025-02-24",
        "due": "2025-03-26",
        "rows": (("Couverture, 5 kg", 10, 64.0),),
        "off": 90.0,
    },
    "northfield-offer.pdf": {
        **_NORTHFIELD,
        "number": "NC-PF-12",
        "day": "2025-03-03",
        "due": "2025-04-02",
        "rows": (("Couverture, 5 kg", 20, 61.0),),
        "title": "PRO FORMA INVOICE",
    },
}


def content(values):
    """A bill as PDF; needs what the engine needs, which ``bin/demo`` does without."""
    sys.path.insert(0, str(cache.CHECKOUT / "ai_queue"))
    from engine.tests.bill_samples import bill_pdf

    return bill_pdf(**{**_USUAL, **values})


def write():
    """Write all files; the same each time."""
    DIRECTORY.mkdir(parents=True, exist_ok=True)
    for name, values in {**TOUR, **READ}.items():
        (DIRECTORY / name).write_bytes(content(values))


def set_up(env):
    """Have the bills of the company read, from inside Odoo; the caller commits."""
    env["res.partner"].create(
        {"name": KNOWN, "is_company": True, "email": "bills@northfield.example"}
    )
    journals = env["account.journal"].search(
        [("type", "=", "purchase"), ("company_id", "=", env.company.id)]
    )
    journals.ai_queue_read_bills = True


if __name__ == "__main__":
    write()
