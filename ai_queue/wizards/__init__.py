from odoo.addons.queue_job_operations.wizards import (
    queue_job_channel_setting as queue_job_channel_setting,
)
from odoo.addons.queue_job_operations.wizards import (
    queue_job_checkup_figure as queue_job_checkup_figure,
)
from odoo.addons.queue_job_operations.wizards import (
    queue_job_checkup_finding as queue_job_checkup_finding,
)
