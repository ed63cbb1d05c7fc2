from . import queue_job_channel_setting
from . import queue_job_checkup_figure
from . import queue_job_checkup_finding
