# Copyright 2026 The ai_queue contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
from odoo import api, fields, models
from odoo.exceptions import UserError

from .ai_queue_board_tile import SHAPES


class AiQueueBoardPin(models.TransientModel):
    """On which board, and how, a report is to be shown."""

    _name = "ai.queue.board.pin"
    _description = "Pin a Report to a Board"

    report_id = fields.Many2one("ai.queue.report", ondelete="cascade")
    # where there is no report: a question that was never asked, as of the library
    specification = fields.Json()
    title = fields.Char(
        required=True,
        compute="_compute_title",
        store=True,
        readonly=False,
        precompute=True,
    )
    shape = fields.Selection(
        SHAPES,
        required=True,
        compute="_compute_shape",
        store=True,
        readonly=False,
        precompute=True,
    )
    board_id = fields.Many2one(
        "ai.queue.board",
        string="Board",
        domain="[('user_id', '=', uid)]",
        default=lambda self: self._default_board_id(),
    )
    new_board = fields.Char()

    @api.model
    def _default_board_id(self):
        return self.env["ai.queue.board"].search(
            [("user_id", "=", self.env.uid)], order="write_date DESC", limit=1
        )

    @api.depends("report_id")
    def _compute_title(self):
        for pin in self:
            pin.title = pin.title or pin.report_id.question

    @api.depends("report_id", "specification")
    def _compute_shape(self):
        for pin in self:
            specification = pin._get_specification()
            if pin.shape or not specification:
                pin.shape = pin.shape or "graph"
            elif not specification.get("group_by"):
                pin.shape = "number"
            elif specification.get("chart") in ("pivot", "list"):
                pin.shape = "table"
            else:
                pin.shape = "graph"

    def _get_specification(self):
        return self.report_id.specification or self.specification or {}

    def action_pin(self):
        """Put it at the end of the board, which is opened."""
        self.ensure_one()
        board = self.board_id
        if self.new_board and self.new_board.strip():
            board = board.create({"name": self.new_board.strip()})
        if not board:
            raise UserError(self.env._("Choose a board, or name a new one."))
        self.env["ai.queue.board.tile"].create(
            {
                "board_id": board.id,
                "report_id": self.report_id.id,
                "specification": self._get_specification(),
                "title": self.title,
                "shape": self.shape,
            }
        )
        return board.action_open()
