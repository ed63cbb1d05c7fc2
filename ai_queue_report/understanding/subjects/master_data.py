# Copyright 2026 The ai_queue contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""Contacts and products."""

from .subject import COUNT, Subject


def _contacts(key, filters):
    return Subject(
        key,
        "res.partner",
        "create_date",
        filters,
        (),
        {"count": COUNT},
        {
            "country": "country_id",
            "region": "state_id",
            "city": "city",
            "salesperson": "user_id",
            "industry": "industry_id",
            "company": "company_id",
        },
        # When they were made is what is counted.
        {"new": ((), False, "")},
    )


MASTER_DATA = (
    _contacts("customer", (("customer_rank", ">", 0),)),
    _contacts("vendor", (("supplier_rank", ">", 0),)),
    _contacts("contact", ()),
    Subject(
        "product",
        "product.template",
        "create_date",
        measures={"count": COUNT},
        dimensions={"category": "categ_id", "kind": "type", "company": "company_id"},
        states={"new": ((), False, "")},
    ),
)
