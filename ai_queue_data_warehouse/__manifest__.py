# Copyright 2026 The ai_queue contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
{
    "name": "AI Queue: Data Warehouse",
    "summary": "Keeps Snowflake, BigQuery, Redshift and DuckDB in step with Odoo",
    "version": "19.0.1.0.0",
    "author": "The ai_queue contributors",
    "license": "LGPL-3",
    "category": "Productivity",
    "development_status": "Beta",
    "depends": ["ai_queue"],
    "external_dependencies": {"python": ["duckdb"]},
    "data": [
        "security/ir.model.access.csv",
        "security/ai_queue_data_warehouse_security.xml",
        "data/queue_job_data.xml",
        "data/ir_cron_data.xml",
        "data/queue_job_alert_data.xml",
        "views/ai_queue_dataset_batch_views.xml",
        "views/ai_queue_dataset_row_views.xml",
        "views/ai_queue_dataset_views.xml",
        "views/ai_queue_warehouse_views.xml",
        "views/ai_queue_reading_views.xml",
        "views/ai_queue_data_warehouse_menus.xml",
    ],
    "uninstall_hook": "uninstall_hook",
    "installable": True,
}
