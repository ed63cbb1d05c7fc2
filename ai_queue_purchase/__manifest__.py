# Copyright 2026 The ai_queue contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
{
    "name": "AI Queue: Purchase",
    "summary": "Vendor bills against their orders and receipts, line by line",
    "version": "19.0.1.1.0",
    "author": "The ai_queue contributors",
    "license": "LGPL-3",
    "category": "Inventory/Purchase",
    "development_status": "Beta",
    "depends": ["ai_queue_agent", "purchase"],
    "data": [
        "views/res_config_settings_views.xml",
    ],
    "auto_install": True,
    "installable": True,
}
