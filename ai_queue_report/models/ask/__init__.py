# Copyright 2026 The ai_queue contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
from . import ai_queue_report_catalogue
from . import ai_queue_report_ready
from . import ai_queue_report_choices
from . import ai_queue_report_figures
from . import ai_queue_report
