# Copyright 2026 The ai_queue contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
from . import ai_queue_report
from . import ai_queue_warehouse
from . import ai_queue_kind_report
