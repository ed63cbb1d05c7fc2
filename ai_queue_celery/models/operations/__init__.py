from . import queue_job_alert
from . import queue_job_alert_rule
from . import queue_job_checkup
from . import queue_job_metrics
from . import queue_job_operations
