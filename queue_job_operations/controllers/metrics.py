# Copyright 2026 The ai_queue contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""What Prometheus scrapes."""

from odoo.api import SUPERUSER_ID
from odoo.http import Controller, request, route

from . import token
from .database import has

CONTENT_TYPE = "text/plain; version=0.0.4; charset=utf-8"


class MetricsController(Controller):
    """``/queue_job/metrics``, for those who bring the token of the server.

    The token is that of the server and the figures are of all companies. Without a
    token in the configuration there is no such page (see ``token.py``).
    """

    @route(
        "/queue_job/metrics",
        type="http",
        auth="none",
        methods=["GET"],
        save_session=False,
        readonly=True,
    )
    def metrics(self):
        """The metrics of ``queue.job.metrics`` in the text format of Prometheus."""
        token.require()
        if not has("queue.job.metrics"):
            return request.not_found()
        # Nobody is logged in here: the token is the right to read them.
        env = request.env(user=SUPERUSER_ID)
        return request.make_response(
            env["queue.job.metrics"]._render(),
            headers=[("Content-Type", CONTENT_TYPE), ("Cache-Control", "no-store")],
        )
