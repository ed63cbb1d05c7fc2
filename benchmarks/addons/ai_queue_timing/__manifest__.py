# Copyright 2026 The ai_queue contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
{
    "name": "AI Queue: timing",
    "summary": "Logs how long the steps of jobs take, for the benchmarks",
    "version": "19.0.1.0.0",
    "author": "The ai_queue contributors, Odoo Community Association (OCA)",
    "website": "https://github.com/OCA/ai",
    "license": "LGPL-3",
    "category": "Hidden",
    "depends": ["ai_queue"],
    "installable": True,
}
