# Copyright 2026 The ai_queue contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
{
    "name": "AI Queue: Celery",
    "summary": "Asks models, reads documents and forecasts elsewhere, by Celery",
    "version": "19.0.1.0.0",
    "author": "The ai_queue contributors",
    "license": "LGPL-3",
    "category": "Productivity",
    "development_status": "Beta",
    "depends": ["ai_queue"],
    "external_dependencies": {"python": ["celery", "redis"]},
    "data": [
        "security/ir.model.access.csv",
        "data/ai_queue_bridge_data.xml",
        "data/queue_job_alert_data.xml",
        "views/ai_queue_worker_views.xml",
        "views/ai_queue_call_views.xml",
        "views/res_config_settings_views.xml",
    ],
    "uninstall_hook": "uninstall_hook",
    "installable": True,
}
