"""The limits of silence of the servers that most checks share.

Those of ``test_alerts``, ``test_checkup`` and the services in ``docker`` are the real
ones.
"""

import json

from dev import odoo
from dev.workspace import CHECK_ADDON, addons_path

#: after so long a runner that gives no sign of life counts as gone
SILENT_SECONDS = 12
SECONDS = {
    # how often the runner gives a sign of life
    "BEAT_SECONDS": 2,
    "SILENT_SECONDS": SILENT_SECONDS,
}


def short_limits():
    """What a ``Server`` needs to have them: its ``options`` and ``environment``.

    The job runner has them only when the addon of the checks is loaded before it.
    """
    modules = f"{odoo.server_wide_modules()},{CHECK_ADDON}"
    return {
        "options": {"addons_path": addons_path(), "server_wide_modules": modules},
        "environment": {"AI_QUEUE_CHECK_LIMITS": json.dumps(SECONDS)},
    }
