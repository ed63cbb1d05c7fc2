# Copyright 2026 The ai_queue contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
{
    "name": "AI Queue: Agents",
    "summary": "Agents that look at records, say why, and propose; people decide",
    "version": "19.0.1.1.0",
    "author": "The ai_queue contributors",
    "license": "LGPL-3",
    "category": "Accounting/Accounting",
    "development_status": "Beta",
    "depends": ["ai_queue", "mail"],
    "data": [
        "security/ai_queue_agent_security.xml",
        "security/ir.model.access.csv",
        "data/queue_job_function_data.xml",
        "data/ai_queue_agent_tool_data.xml",
        "data/ai_queue_agent_data.xml",
        "data/asking_data.xml",
        "data/ir_cron_data.xml",
        "data/queue_job_alert_data.xml",
        "views/ai_queue_proposal_views.xml",
        "views/ai_queue_agent_views.xml",
        "views/ai_queue_agent_case_views.xml",
        "views/ai_queue_agent_case_answer_views.xml",
        "views/ai_queue_run_views.xml",
        "views/ai_queue_approval_limit_views.xml",
        "views/asking_views.xml",
        "views/account_move_views.xml",
        "views/res_config_settings_views.xml",
        "views/ai_queue_menus.xml",
    ],
    "assets": {
        "web.assets_backend": [
            "ai_queue_agent/static/src/**/*",
        ],
        "web.assets_unit_tests": [
            "ai_queue_agent/static/tests/**/*",
        ],
    },
    "uninstall_hook": "uninstall_hook",
    "installable": True,
}
