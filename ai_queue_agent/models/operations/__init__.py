# Copyright 2026 The ai_queue contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
from . import housekeeping
from . import queue_job_alert
from . import queue_job_alert_rule
from . import queue_job_metrics
from . import queue_job_operations
