# Copyright 2026 The ai_queue contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
import json

from odoo import api, fields, models
from odoo.exceptions import AccessError, UserError, ValidationError
from odoo.tools import SQL

from ..ai_queue_report_stamp import digest

#: Columns and rows of the grid that a tile takes at most.
MAX_WIDTH, MAX_HEIGHT = 4, 3
SHAPES = [
    ("number", "Number"),
    ("graph", "Graph"),
    ("table", "Table"),
]
DEFAULT_SIZE = {"number": (1, 1), "graph": (2, 2), "table": (2, 2)}


class AiQueueBoardTile(models.Model):
    """A report on a board: what is asked, and where and how it is shown.

    It has the specification itself: a report belongs to who asked, and readers of the
    board need not see that. The figures are in ``ai.queue.board.result``.
    """

    _name = "ai.queue.board.tile"
    _description = "Tile of a Board"
    _order = "board_id, sequence, id"
    _rec_name = "title"

    board_id = fields.Many2one(
        "ai.queue.board", required=True, index=True, ondelete="cascade"
    )
    sequence = fields.Integer(default=1000)
    report_id = fields.Many2one(
        "ai.queue.report", index="btree_not_null", ondelete="set null"
    )
    title = fields.Char(required=True)
    specification = fields.Json(required=True)
    shape = fields.Selection(SHAPES, required=True, default="graph")
    width = fields.Integer(default=2)
    height = fields.Integer(default=2)

    _width_fits = models.Constraint(
        "CHECK (width BETWEEN 1 AND 4)", "A tile is 1 to 4 columns wide."
    )
    _height_fits = models.Constraint(
        "CHECK (height BETWEEN 1 AND 3)", "A tile is 1 to 3 rows high."
    )

    @api.model_create_multi
    def create(self, vals_list):
        vals_list = [dict(vals) for vals in vals_list]
        for vals in vals_list:
            width, height = DEFAULT_SIZE.get(vals.get("shape") or "graph", (2, 2))
            vals.setdefault("width", width)
            vals.setdefault("height", height)
            if vals.get("report_id") and not vals.get("specification"):
                report = self.env["ai.queue.report"].browse(vals["report_id"])
                # With the rights of who pins: another's report stays theirs.
                report.check_access("read")
                vals["specification"] = report.specification
            self._check_question(vals.get("specification"))
        tiles = super().create(vals_list)
        tiles._check_report()
        tiles.board_id._check_number_of_tiles()
        return tiles

    def write(self, vals):
        if "specification" in vals:
            self._check_question(vals["specification"])
        result = super().write(vals)
        if "report_id" in vals:
            self._check_report()
        if "board_id" in vals:
            # On the board where it is now, too.
            self.board_id.check_access("write")
            self.board_id._check_number_of_tiles()
        return result

    # Constraints of Odoo are checked with all rights: these are about rights.
    @api.model
    def _check_question(self, specification):
        """It is one, and about what the one who pins it may see."""
        if not specification or not isinstance(specification, dict):
            raise ValidationError(self.env._("A tile needs a report."))
        self.env["ai.queue.report.reader"]._check(specification)

    def _check_report(self):
        self.report_id.check_access("read")

    def _check_for_reader(self):
        """Check that the reader may read what the tile is about.

        :raise UserError: without a word of what that is, unless the reader has put it
            there: it would name models, fields and records that they do not know of
        """
        try:
            self.env["ai.queue.report.reader"]._check(self.specification)
        except (AccessError, UserError) as error:
            is_own = self.board_id.user_id.id == self.env.uid
            raise UserError(str(error) if is_own else self._say_hidden()) from error

    def _may_know(self):
        """Whether the reader may know what the tile is about, or has put it there."""
        try:
            self._check_for_reader()
        except UserError:
            return self.board_id.user_id.id == self.env.uid
        return True

    # EXTENDS base
    def _read_format(self, fnames, load="_classic_read"):
        """Who may not see what a tile is about does not read it by RPC either."""
        rows = super()._read_format(fnames, load)
        if "specification" in fnames and not self.env.su:
            for row in rows:
                if not self.browse(row["id"])._may_know():
                    row["specification"] = False
        return rows

    def _say_hidden(self):
        return self.env._(
            "You may not see what this tile is about. Ask whoever shares the board, or "
            "an administrator for the right to do so."
        )

    @api.model
    def _get_sizes(self):
        return {"width": MAX_WIDTH, "height": MAX_HEIGHT}

    # ------------------------------------------------------------
    # ACTIONS
    # ------------------------------------------------------------

    def action_refresh(self):
        """Make this tile anew for who presses; returns the id of the run."""
        self.ensure_one()
        self.check_access("read")
        return self._ensure_results()._start_run("button").id

    def action_open_report(self, group=None):
        """The native view behind the tile, or behind one of its bars.

        :param int group: the number of the row in what the reader sees on the tile
        :return: an action
        """
        self.ensure_one()
        self.check_access("read")
        self._check_for_reader()
        reader = self.env["ai.queue.report.reader"]
        action = reader._open(self.specification)
        action["name"] = self.title
        if group is not None:
            action = self._narrow(action, group)
        return action

    def _narrow(self, action, group):
        """Only the records behind one bar, as a list."""
        result = self._find_results()
        is_valid = result.fingerprint == self._get_fingerprints()[self.id]
        rows = (is_valid and result.data or {}).get("rows") or []
        if not isinstance(group, int) or not 0 <= group < len(rows):
            raise UserError(
                self.env._("The tile has changed meanwhile. Refresh the board.")
            )
        return action | self._get_narrow_vals(action, result.data, rows[group])

    # ------------------------------------------------------------
    # RESULTS OF THE READER
    # ------------------------------------------------------------

    def _get_scope(self):
        """What a reader has chosen: companies, language, time zone.

        :return: values of results, with ``scope``: the same for the same choice
        """
        choice = self.env["ai.queue.report.reader"]._get_choice()
        return {**choice, "scope": digest(choice)}

    def _find_results(self):
        """The reader's own results of these tiles, for what the reader has chosen."""
        # Only of this user, whatever the one who asks may see else.
        return (
            self.env["ai.queue.board.result"]
            .sudo()
            .search(
                [
                    ("tile_id", "in", self.ids),
                    ("user_id", "=", self.env.uid),
                    ("scope", "=", self._get_scope()["scope"]),
                ]
            )
        )

    def _ensure_results(self):
        """The same, and the empty ones of tiles that have none yet."""
        results = self._find_results()
        missing = self - results.tile_id.with_env(self.env)
        if missing:
            self._insert_results(missing.ids)
            results = self._find_results()
        return results.sudo(self.env.su)

    def _insert_results(self, tile_ids):
        """Two windows of one reader may open a board at the same moment."""
        scope = self._get_scope()
        self.env["ai.queue.board.result"].flush_model()
        self.env.cr.execute(
            SQL(
                """
                INSERT INTO ai_queue_board_result
                       (tile_id, user_id, scope, company_ids, lang, tz, date_looked,
                        create_uid, create_date, write_uid, write_date)
                SELECT tile_id, %(uid)s, %(scope)s, %(companies)s, %(lang)s, %(tz)s,
                       %(now)s, %(uid)s, %(now)s, %(uid)s, %(now)s
                  FROM unnest(%(tiles)s) AS tile_id
                    ON CONFLICT (tile_id, user_id, scope) DO NOTHING
                """,
                uid=self.env.uid,
                now=fields.Datetime.now(),
                scope=scope["scope"],
                companies=json.dumps(scope["company_ids"]),
                lang=scope["lang"],
                tz=scope["tz"],
                tiles=tile_ids,
            )
        )

    def _get_fingerprints(self):
        """What decides what the reader sees on each tile: {tile id: text}.

        Results whose fingerprint is another one are not shown any more: rights or rules
        have changed since, or the tile itself. Rules that name the user need no more,
        since no result is ever shown to another user.
        """
        stamp = self.env["ai.queue.report.reader"]._get_stamp()
        return {tile.id: digest([stamp, tile.specification]) for tile in self}
