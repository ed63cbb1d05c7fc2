# Copyright 2026 The ai_queue contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
from datetime import timedelta

from odoo import api, fields, models
from odoo.tools import SQL

from odoo.addons.ai_queue.models.runs.ai_queue_run import ACTIVE_STATES

#: So long a look counts as the same look.
SAME_LOOK = timedelta(hours=1)


class AiQueueBoard(models.Model):
    """A board as one reader sees it. Nothing here counts records of reports."""

    _inherit = "ai.queue.board"

    @api.model
    def get_boards(self):
        """The boards of the reader, for a list to choose from.

        :return: ``{"id", "name", "owner"}`` each; owner is empty for own ones
        """
        return [
            {
                "id": board.id,
                "name": board.name,
                "owner": board.user_id.sudo().name
                if board.user_id.id != self.env.uid
                else "",
            }
            # Administrators do not want the private boards of everybody in it.
            for board in self.search(
                ["|", ("user_id", "=", self.env.uid), ("sharing", "!=", "private")]
            )
        ]

    @api.readonly
    def get_board(self):
        """Everything that the screen of a board shows to this reader.

        :return: dict of plain data; a tile has ``state`` ("ready", "error" or
            "missing"), ``data`` as of ``ai.queue.report.reader._read``, ``is_stale``,
            ``is_waiting`` while a job is at it, ``failure`` of the last job
        """
        self._check_shown()
        tiles = self.tile_ids
        results = tiles._find_results()
        result_of = {result.tile_id.id: result for result in results}
        fingerprints = tiles._get_fingerprints()
        waiting = results._get_waiting()
        stale_before = self._get_stale_before()
        nothing = results.browse()
        return {
            "id": self.id,
            "name": self.name,
            "can_edit": self.can_edit,
            "owner": self.user_id.sudo().name,
            "is_own": self.user_id.id == self.env.uid,
            "sharing": self.sharing,
            "interval": self.interval,
            "date_next": fields.Datetime.to_string(self.date_next) or False,
            "is_subscribed": bool(
                self.env["ai.queue.board.subscription"].search_count(
                    [("board_id", "=", self.id), ("user_id", "=", self.env.uid)],
                    limit=1,
                )
            ),
            "run": self._get_run_of_reader(waiting),
            "tiles": [
                self._describe_tile(
                    tile,
                    result_of.get(tile.id, nothing),
                    fingerprints[tile.id],
                    stale_before,
                    waiting,
                )
                for tile in tiles
            ],
        }

    def _describe_tile(self, tile, result, fingerprint, stale_before, waiting):
        is_valid = bool(result.as_of) and result.fingerprint == fingerprint
        shown = result if is_valid else result.browse()
        state = "missing"
        if is_valid:
            state = "error" if shown.error else "ready"
        return {
            "id": tile.id,
            "title": tile.title,
            "shape": tile.shape,
            "chart": tile.specification.get("chart") or "bar",
            "width": tile.width,
            "height": tile.height,
            "state": state,
            "data": shown.data or None,
            "sentence": shown.sentence or "",
            "error": shown.error or "",
            "failure": result.failure or "",
            "as_of": fields.Datetime.to_string(shown.as_of) or False,
            "is_stale": is_valid and shown.as_of < stale_before,
            "is_waiting": result.id in waiting,
        }

    def _get_run_of_reader(self, waiting):
        """The run that is under way for this reader, so that it can be cancelled."""
        if not waiting:
            return False
        run = self.env["ai.queue.run"].search(
            [
                ("kind", "=", "board"),
                ("user_id", "=", self.env.uid),
                ("state", "in", ACTIVE_STATES),
            ],
            limit=1,
        )
        return run and {
            "id": run.id,
            "state": run.state,
            "finished": run.finished,
            "total": run.total,
            "hold": run.hold_summary or run.waiting_summary or "",
        }

    def prepare_board(self):
        """After a look: have made what the reader has not seen yet, or not for long.

        Tiles that were never made for this reader, or on other rights, always; old ones
        where the board has a schedule, which nobody kept while nobody looked.

        :return: the id of a run, or False when there is nothing to make
        """
        self._check_shown()
        tiles = self.tile_ids
        results = tiles._ensure_results().sudo()
        results._note_look()
        fingerprints = tiles._get_fingerprints()
        stale_before = self._get_stale_before() if self.interval else False
        waiting = results._get_waiting()
        wanted = results.filtered(
            lambda one: (
                one.id not in waiting
                and not one.failure
                and (
                    not one.as_of
                    or one.fingerprint != fingerprints[one.tile_id.id]
                    or (stale_before and one.as_of < stale_before)
                )
            )
        )
        # In the order of the board: what one sees first comes first.
        order = {tile.id: place for place, tile in enumerate(tiles)}
        wanted = wanted.sorted(lambda one: order[one.tile_id.id]).sudo(self.env.su)
        return wanted._start_run("button").id if wanted else False


class AiQueueBoardResult(models.Model):
    _inherit = "ai.queue.board.result"

    def _note_look(self):
        """Somebody looks: the schedule goes on for them."""
        now = fields.Datetime.now()
        self.env.cr.execute(
            SQL(
                """
                UPDATE ai_queue_board_result
                   SET date_looked = %s
                 WHERE id = ANY(%s) AND date_looked < %s
                """,
                now,
                self.ids,
                now - SAME_LOOK,
            )
        )
        self.invalidate_recordset(["date_looked"])
