# Copyright 2026 The ai_queue contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
from odoo import models


class AiQueueKindBoard(models.AbstractModel):
    """Make tiles of boards: a job for each, as the reader who will see it."""

    _name = "ai.queue.kind.board"
    _inherit = "ai.queue.kind"
    _description = "Tiles of Boards"

    _job_method = "make_board_result"

    # OVERRIDE ai.queue.kind
    def _run_name(self, records):
        if len(records) == 1:
            return self.env._("Refresh a tile of a board")
        return self.env._("Refresh %s tiles of a board", len(records))

    # OVERRIDE ai.queue.kind
    def _run_title(self, record):
        return record.tile_id.title

    # EXTENDS ai.queue.kind
    def _check_may_run(self):
        return self.env["ai.queue.kind.report"]._check_may_run()

    # OVERRIDE ai.queue.kind
    def _chunk_size(self):
        """One: a tile that takes long holds up no other."""
        return 1

    # OVERRIDE ai.queue.kind
    def _relevant(self, targets, run):
        """Left out is what the reader may not look at any more, and, with the reason
        None, what another run has made since this one was asked for."""
        reasons = {}
        row = self.env["ai.queue.run.job"]._of_current_job(targets)
        # Whether there is a board at all is known without its rights.
        for result in targets:
            reader = result._as_reader()
            allowed = self.env.user.sudo().company_ids.ids
            if not set(result.company_ids or ()) <= set(allowed):
                reason = self.env._("Of a company that you do not work in any more")
            elif not reader.sudo().tile_id.board_id.active:
                reason = self.env._("The board is archived")
            elif not reader.sudo().tile_id.sudo(False)._filtered_access("read"):
                reason = self.env._("The board is not shared with you any more")
            elif row and self._is_made_since(result, row.date_queued):
                reason = None
            else:
                continue
            reasons[reason] = reasons.get(reason, targets.browse()) | result
        return targets - targets.browse().union(*reasons.values()), reasons

    def _is_made_since(self, result, moment):
        if not result.as_of or result.as_of <= moment:
            return False
        tile = result._as_reader().tile_id
        return result.fingerprint == tile._get_fingerprints()[tile.id]

    # OVERRIDE ai.queue.kind
    def _gather(self, targets):
        return [(result.id, result._read_tile()) for result in targets]

    # OVERRIDE ai.queue.kind
    def _ask(self, requests, progress):
        """Nobody is asked: counting is all there is."""
        return requests if progress(len(requests)) else []

    # OVERRIDE ai.queue.kind
    def _apply(self, targets, answers, run):
        # Readers may not write what they are shown.
        results = {result.id: result for result in targets.sudo()}
        for result_id, values in answers:
            if result_id in results:
                results[result_id].write({**values, "failure": False})

    # OVERRIDE ai.queue.kind
    def _follow_jobs(self, jobs):
        self.env["ai.queue.board.result"]._note_failures(jobs)
