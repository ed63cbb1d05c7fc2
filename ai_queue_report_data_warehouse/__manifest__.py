# Copyright 2026 The ai_queue contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
{
    "name": "AI Queue: Reports of Data Warehouses",
    "summary": "A question in words becomes SQL that is checked twice, and its answer",
    "version": "19.0.1.0.0",
    "author": "The ai_queue contributors",
    "license": "LGPL-3",
    "category": "Productivity",
    "development_status": "Beta",
    "depends": ["ai_queue_report", "ai_queue_data_warehouse"],
    "external_dependencies": {"python": ["sqlglot"]},
    "auto_install": True,
    "installable": True,
}
