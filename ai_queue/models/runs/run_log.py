# Copyright 2026 The ai_queue contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""The lines of the server's log by which a run can be followed, as ``key=value``.

Ids and words of ours alone: no name, no sentence, nothing of what the work is about::

    event=run_started run=12 kind=forecast origin=button user=2 company=1 jobs=3 …
    event=job_started run=12 job=2 of=3 attempt=1 records=100 queue_job=8c7f…
    event=job_ended run=12 job=2 of=3 attempt=1 outcome=waited until=… why=budget …
    event=run_ended run=12 kind=forecast outcome=done records=250 failed=0 …
"""

import json
import logging
from datetime import datetime

_logger = logging.getLogger(__name__)


def log_after_commit(env, lines):
    """Log what has happened, once it has: not when the transaction fails.

    :param lines: list of (event, {key: value}); what has no value is left out
    """
    if not lines or not _logger.isEnabledFor(logging.INFO):
        return

    def log():
        for event, values in lines:
            _logger.info("%s", _to_line({"event": event, **values}))

    env.cr.postcommit.add(log)


def _to_line(values):
    return " ".join(
        f"{key}={_to_text(value)}"
        for key, value in values.items()
        if value is not None and value is not False and value != ""
    )


def _to_text(value):
    if isinstance(value, datetime):
        return f"{value.isoformat(timespec='seconds')}Z"
    if isinstance(value, float):
        return f"{value:.1f}"
    text = str(value)
    if any(character.isspace() or character in '="' for character in text):
        return json.dumps(text)
    return text
