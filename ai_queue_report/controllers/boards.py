# Copyright 2026 The ai_queue contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
from odoo import http
from odoo.http import request


class Boards(http.Controller):
    """The link at the end of an e-mail with a board."""

    # Mail programs post to it by themselves (RFC 8058); the token is the proof.
    @http.route(
        "/ai_queue_report/unsubscribe/<int:subscription_id>/<string:token>",
        type="http",
        auth="public",
        methods=["GET", "POST"],
        csrf=False,
        sitemap=False,
    )
    def unsubscribe(self, subscription_id, token, **_values):
        """Ask first: programs that look at links must not unsubscribe anybody.

        A link that is wrong, or of a subscription that is gone, says no more than that.
        """
        subscriptions = request.env["ai.queue.board.subscription"].sudo()
        subscription = subscriptions.browse(subscription_id).exists()
        if not subscription or not subscription._is_token(token):
            return request.render(
                "ai_queue_report.board_unsubscribe", {"face": "unknown"}, status=404
            )
        if request.httprequest.method == "POST":
            subscription.active = False
            return request.render(
                "ai_queue_report.board_unsubscribe",
                {"face": "done", "board": subscription.board_id.name},
            )
        return request.render(
            "ai_queue_report.board_unsubscribe",
            {"face": "ask", "board": subscription.board_id.name},
        )
