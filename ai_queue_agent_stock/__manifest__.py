# Copyright 2026 The ai_queue contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
{
    "name": "AI Queue: Agent for Reordering",
    "summary": "Looks at what is out of the ordinary in the stock, and proposes",
    "version": "19.0.1.0.0",
    "author": "The ai_queue contributors",
    "license": "LGPL-3",
    "category": "Supply Chain/Inventory",
    "development_status": "Beta",
    "depends": ["ai_queue_agent", "ai_queue_stock"],
    "data": [
        "security/ai_queue_agent_stock_security.xml",
        "security/ir.model.access.csv",
        "data/ai_queue_agent_data.xml",
        "views/stock_warehouse_orderpoint_views.xml",
    ],
    "auto_install": True,
    "installable": True,
}
