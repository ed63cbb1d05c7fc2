# Copyright 2026 The ai_queue contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
{
    "name": "AI Queue",
    "summary": "AI work in background jobs: forecasts that never hold up your Odoo",
    "version": "19.0.1.0.0",
    "author": "The ai_queue contributors, Odoo Community Association (OCA)",
    "website": "https://github.com/OCA/ai",
    "license": "LGPL-3",
    "category": "Productivity",
    "development_status": "Beta",
    "depends": ["account", "queue_job"],
    "external_dependencies": {
        "python": ["jsonschema", "numpy", "openai", "pypdfium2", "tenacity"],
    },
    "data": [
        "security/ai_queue_security.xml",
        "security/ir.model.access.csv",
        "data/queue_job_channel_data.xml",
        "data/queue_job_function_data.xml",
        "data/ir_cron_data.xml",
        "data/ai_queue_provider_data.xml",
        "views/ai_queue_forecast_views.xml",
        "views/ai_queue_run_views.xml",
        "views/ai_queue_provider_views.xml",
        "views/ai_queue_call_views.xml",
        "views/ai_queue_budget_views.xml",
        "views/account_journal_views.xml",
        "views/account_move_views.xml",
        "views/ai_queue_bill_views.xml",
        "views/product_template_views.xml",
        "views/product_product_views.xml",
        "views/queue_job_views.xml",
        "views/res_config_settings_views.xml",
        "views/ai_queue_menus.xml",
    ],
    "assets": {
        "web.assets_backend": [
            "ai_queue/static/src/**/*",
        ],
        "web.assets_unit_tests": [
            "ai_queue/static/tests/**/*.test.js",
        ],
    },
    "application": True,
    "installable": True,
}
