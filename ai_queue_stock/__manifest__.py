# Copyright 2026 The ai_queue contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
{
    "name": "AI Queue: Stock",
    "summary": "From a demand forecast to an order: reorder proposals by warehouse",
    "version": "19.0.1.0.0",
    "author": "The ai_queue contributors",
    "license": "LGPL-3",
    "category": "Supply Chain/Inventory",
    "development_status": "Beta",
    "depends": ["ai_queue", "stock"],
    "data": [
        "views/res_config_settings_views.xml",
    ],
    "assets": {
        "web.assets_backend": [
            "ai_queue_stock/static/src/**/*",
        ],
    },
    "auto_install": True,
    "installable": True,
}
