# Copyright 2026 The ai_queue contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
{
    "name": "AI Queue: Stock",
    "summary": "From a demand forecast to an order: reorder proposals by warehouse",
    "version": "19.0.1.1.0",
    "author": "The ai_queue contributors",
    "license": "LGPL-3",
    "category": "Supply Chain/Inventory",
    "development_status": "Beta",
    "depends": ["ai_queue", "stock"],
    "data": [
        "security/ai_queue_reorder_security.xml",
        "security/ir.model.access.csv",
        "data/queue_job_function_data.xml",
        "data/ir_cron_data.xml",
        "views/ai_queue_reorder_proposal_views.xml",
        "views/stock_warehouse_orderpoint_views.xml",
        "views/product_category_views.xml",
        "views/res_config_settings_views.xml",
        "views/ai_queue_menus.xml",
    ],
    "assets": {
        "web.assets_backend": [
            "ai_queue_stock/static/src/**/*",
        ],
        "web.assets_unit_tests": [
            "ai_queue_stock/static/tests/**/*",
        ],
    },
    "uninstall_hook": "uninstall_hook",
    "auto_install": True,
    "installable": True,
}
