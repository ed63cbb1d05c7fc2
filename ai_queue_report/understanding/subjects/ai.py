# Copyright 2026 The ai_queue contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""What AI did and cost, and what it forecasts."""

from .subject import COUNT, Subject

_FORECAST = {
    "product": "product_id",
    "method": "method",
    "ai_model": "model",
    "company": "company_id",
}
AI = (
    Subject(
        "ai_call",
        "ai.queue.call",
        "date",
        measures={
            "cost": "cost",
            "tokens": "tokens",
            "latency": ("latency", "avg"),
            "count": COUNT,
        },
        dimensions={
            "ai_model": "model",
            "provider": "provider_id",
            "kind": "kind",
            "user": "user_id",
            "status": "state",
            "company": "company_id",
        },
        states={"failed": ((("state", "=", "failed"),), True, "")},
    ),
    Subject(
        "ai_run",
        "ai.queue.run",
        "create_date",
        measures={"count": COUNT},
        dimensions={
            "kind": "kind",
            "status": "state",
            "user": "user_id",
            "company": "company_id",
        },
        states={
            "failed": ((("state", "=", "failed"),), True, ""),
            "done": ((("state", "=", "done"),), True, ""),
            "cancelled": ((("state", "=", "cancelled"),), True, ""),
        },
    ),
    Subject(
        "forecast",
        "ai.queue.forecast",
        "date_start",
        measures={
            "quantity": "quantity",
            "actual": "quantity_actual",
            "error": ("error", "avg"),
            "count": COUNT,
        },
        dimensions=_FORECAST,
    ),
)
