# Copyright 2026 The ai_queue contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""How the jobs do, for those who watch servers: a page with a status of its own."""

import json

from odoo.api import SUPERUSER_ID
from odoo.http import Controller, request, route

from ..checkup.facts import DANGER, OK, worst
from . import token
from .database import has

STATUS_OK, STATUS_FAILING = 200, 503


class HealthController(Controller):
    """``/queue_job/health``: 200, or 503 when the check-up found a danger.

    Anybody may ask for the status, as for ``/web/health`` of Odoo. What is wrong is for
    those who bring the token (see ``token.py``).
    """

    @route(
        "/queue_job/health",
        type="http",
        auth="none",
        methods=["GET", "HEAD"],
        save_session=False,
    )
    def health(self):
        """JSON: {"status": "ok" or "failing"}; with the token also "severity" and
        "findings", as ``queue.job.checkup._describe`` has them."""
        if not has("queue.job.checkup"):
            return request.not_found()
        # Nobody is logged in here. Without the token, only the status is disclosed.
        checkup = request.env(user=SUPERUSER_ID)["queue.job.checkup"]
        verdicts = checkup._get_verdicts(quick=True)
        severity = worst(verdicts)
        failing = severity == DANGER
        body = {"status": "failing" if failing else "ok"}
        if token.is_known():
            bad = [verdict for verdict in verdicts if verdict.severity != OK]
            body.update(severity=severity, findings=checkup._describe(bad))
        return request.make_response(
            json.dumps(body),
            headers=[
                ("Content-Type", "application/json"),
                ("Cache-Control", "no-store"),
            ],
            status=STATUS_FAILING if failing else STATUS_OK,
        )
