# Copyright 2026 The ai_queue contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
from odoo import api, fields, models
from odoo.exceptions import AccessError, ValidationError

MANAGERS = "ai_queue_report.ai_queue_report_group_manager"
USERS = "ai_queue_report.ai_queue_report_group_user"
#: So many tiles are on a board at most: each is a query for each reader.
MAX_TILES = 40


class AiQueueBoard(models.Model):
    """Tiles with reports that one or several people look at.

    What a tile shows is made for each reader with the rights of that reader, and kept:
    see ``ai.queue.board.result``. To share a board shares its questions, no figures.
    """

    _name = "ai.queue.board"
    _description = "Board"
    _order = "sequence, name, id"

    name = fields.Char(required=True)
    active = fields.Boolean(default=True)
    sequence = fields.Integer(default=10)
    user_id = fields.Many2one(
        "res.users",
        string="Owner",
        required=True,
        index=True,
        default=lambda self: self.env.user,
        ondelete="cascade",
    )
    company_id = fields.Many2one(
        "res.company",
        index=True,
        ondelete="cascade",
        help="Only who works in this company sees the board; empty for all companies.",
    )
    sharing = fields.Selection(
        [
            ("private", "Only me"),
            ("people", "Chosen people"),
            ("groups", "Groups"),
        ],
        required=True,
        default="private",
        string="Shared with",
        help="They see the board with what they may see themselves.",
    )
    reader_ids = fields.Many2many(
        "res.users",
        "ai_queue_board_reader_rel",
        "board_id",
        "user_id",
        string="People",
        domain=[("share", "=", False)],
    )
    group_ids = fields.Many2many(
        "res.groups",
        "ai_queue_board_group_rel",
        "board_id",
        "group_id",
        string="Groups",
    )
    tile_ids = fields.One2many(
        "ai.queue.board.tile", "board_id", string="Tiles", copy=True
    )
    tile_count = fields.Integer(compute="_compute_tile_count", string="Number of Tiles")
    can_edit = fields.Boolean(compute="_compute_can_edit")

    @api.depends("tile_ids")
    def _compute_tile_count(self):
        groups = self.env["ai.queue.board.tile"]._read_group(
            [("board_id", "in", self.ids)], ["board_id"], ["__count"]
        )
        counts = {board.id: count for board, count in groups}
        for board in self:
            board.tile_count = counts.get(board.id, 0)

    @api.depends("user_id")
    @api.depends_context("uid")
    def _compute_can_edit(self):
        is_manager = self.env.su or self.env.user.has_group(MANAGERS)
        for board in self:
            board.can_edit = is_manager or board.user_id.id == self.env.uid

    # ------------------------------------------------------------
    # RIGHTS
    # ------------------------------------------------------------

    @api.model_create_multi
    def create(self, vals_list):
        boards = super().create(vals_list)
        boards._check_may_share()
        return boards

    def write(self, vals):
        result = super().write(vals)
        if vals.keys() & {"sharing", "group_ids", "user_id"}:
            self._check_may_share()
        return result

    # Constraints of Odoo are checked with all rights: these are about rights.
    def _check_may_share(self):
        """People share with their own groups; administrators with all."""
        if self.env.su or self.env.user.has_group(MANAGERS):
            return
        for board in self:
            if board.user_id != self.env.user:
                raise AccessError(
                    self.env._("Only an AI Reports administrator gives a board away.")
                )
            if board.group_ids - self.env.user.all_group_ids:
                raise AccessError(
                    self.env._(
                        "You can share a board with groups that you are in yourself. "
                        "Ask an AI Reports administrator to share it with others."
                    )
                )

    @api.constrains("tile_ids")
    def _check_number_of_tiles(self):
        for board in self:
            if len(board.tile_ids) > MAX_TILES:
                raise ValidationError(
                    self.env._(
                        "A board has at most %s tiles. Begin another one.", MAX_TILES
                    )
                )

    def _check_shown(self):
        """Raise an ``AccessError`` unless this reader may see the board.

        The same sentence for one that is not there: it tells nothing.
        """
        self.ensure_one()
        self.browse().check_access("read")
        if not self.exists()._filtered_access("read"):
            raise AccessError(
                self.env._(
                    "This board is not shared with you, it is of a company that you "
                    "have not chosen, or it is not there any more. Ask whoever sent "
                    "you here."
                )
            )

    # ------------------------------------------------------------
    # ACTIONS
    # ------------------------------------------------------------

    def action_open(self):
        """The board itself, from its form or a list."""
        self.ensure_one()
        return {
            "type": "ir.actions.client",
            "tag": "ai_queue_report.board",
            "name": self.name,
            "path": "ai-boards",
            "params": {"board_id": self.id},
        }

    def action_subscribe(self):
        """The reader's subscription to this board, to begin or to change it."""
        self._check_shown()
        subscription = self.env["ai.queue.board.subscription"].search(
            [("board_id", "=", self.id), ("user_id", "=", self.env.uid)], limit=1
        )
        return {
            "type": "ir.actions.act_window",
            "name": self.env._("Board by E-Mail"),
            "res_model": "ai.queue.board.subscription",
            "res_id": subscription.id,
            "views": [(False, "form")],
            "target": "new",
            "context": {"default_board_id": self.id, "dialog_size": "medium"},
        }

    def action_refresh(self):
        """Make all tiles anew for who presses; returns the id of the run."""
        self._check_shown()
        results = self.tile_ids._ensure_results()
        return results._start_run("button").id

    def arrange(self, layout):
        """Keep place and size of the tiles.

        :param list layout: ``{"id", "width", "height"}`` of every tile, in order
        """
        self.ensure_one()
        self.check_access("write")
        tiles = {tile.id: tile for tile in self.tile_ids}
        sizes = self.env["ai.queue.board.tile"]._get_sizes()
        places = layout[: len(tiles)] if isinstance(layout, list) else []
        for sequence, place in enumerate(places, 1):
            number = place.get("id") if isinstance(place, dict) else None
            tile = tiles.get(number) if isinstance(number, int) else None
            if tile:
                size = {
                    name: max(1, min(most, place[name]))
                    for name, most in sizes.items()
                    if isinstance(place.get(name), int)
                }
                tile.write({"sequence": sequence, **size})
        return True
