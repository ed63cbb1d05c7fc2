# Copyright 2026 The ai_queue contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
{
    "name": "AI Queue: live checks",
    "summary": "What the live checks need inside a server; not for production",
    "version": "19.0.1.0.0",
    "author": "The ai_queue contributors, Odoo Community Association (OCA)",
    "website": "https://github.com/OCA/ai",
    "license": "LGPL-3",
    "category": "Hidden",
    "depends": ["ai_queue"],
    "assets": {
        "web.assets_web_dark": [
            (
                "before",
                "web/static/src/scss/primary_variables.scss",
                "ai_queue_check/static/src/dark_variables.scss",
            ),
        ],
    },
    "post_init_hook": "make_company",
    "installable": True,
}
