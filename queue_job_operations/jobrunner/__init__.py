"""What is added to queue_job's job runner.

It runs in the runner's process only if ``queue_job_operations`` is loaded there before
it is forked: hence the ``server_wide_modules`` of ``odoo.conf``.
"""

from . import dead_jobs
from . import missing_databases
from . import channel_rules
from . import live_channels
from . import lease
from . import heartbeat
from . import announce
from . import echo
