from . import ai_queue_channel_setting
from . import ai_queue_checkup_figure
from . import ai_queue_checkup_finding
