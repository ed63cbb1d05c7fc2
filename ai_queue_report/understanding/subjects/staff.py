# Copyright 2026 The ai_queue contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""Employees and their expenses."""

from .subject import COUNT, Subject

EXPENSE = Subject(
    "expense",
    "hr.expense",
    "date",
    measures={
        "total": "total_amount",
        "untaxed": "untaxed_amount",
        "cost": "total_amount",
        "tax": "tax_amount",
        "count": COUNT,
    },
    dimensions={
        "employee": "employee_id",
        "department": "department_id",
        "category": "product_id",
        "product": "product_id",
        "status": "state",
        "company": "company_id",
        "account": "account_id",
    },
    states={
        "draft": ((("state", "=", "draft"),), True, ""),
        "approved": ((("state", "=", "approved"),), True, ""),
        "paid": ((("state", "=", "paid"),), True, ""),
        "refused": ((("state", "=", "refused"),), True, ""),
    },
    is_document=True,
)
EMPLOYEE = Subject(
    "employee",
    "hr.employee",
    "create_date",
    measures={"count": COUNT},
    dimensions={
        "department": "department_id",
        "job": "job_id",
        "company": "company_id",
    },
)
