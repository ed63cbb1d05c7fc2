# Copyright 2026 The ai_queue contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
from odoo import api, fields, models
from odoo.exceptions import AccessError, MissingError, UserError

from odoo.addons.ai_queue.models.runs.ai_queue_run import ACTIVE_STATES

#: So many rows of a tile are kept, the largest ones; all of them are one press away.
MAX_ROWS = 200


class AiQueueBoardResult(models.Model):
    """What one reader sees on one tile, made with the rights of that reader.

    One for each reader, tile and choice (companies, language, time zone): nobody is
    ever shown what was made for another user. ``fingerprint`` says on which rights it
    stands.
    """

    _name = "ai.queue.board.result"
    _description = "Figures of a Tile"
    _order = "id"
    _rec_name = "tile_id"

    tile_id = fields.Many2one(
        "ai.queue.board.tile",
        required=True,
        readonly=True,
        index=True,
        ondelete="cascade",
    )
    user_id = fields.Many2one(
        "res.users",
        string="Reader",
        required=True,
        readonly=True,
        index=True,
        ondelete="cascade",
    )
    scope = fields.Char(required=True, readonly=True)
    company_ids = fields.Json(readonly=True)
    lang = fields.Char(readonly=True)
    tz = fields.Char(readonly=True)
    # of the rights, of the choice and of the tile that the data is of
    fingerprint = fields.Char(readonly=True)
    # as ``ai.queue.report.reader._read`` returns it
    data = fields.Json(readonly=True)
    sentence = fields.Char(readonly=True)
    # why there is no data: in words
    error = fields.Char(readonly=True)
    # why the last job failed for good; data of before stays
    failure = fields.Char(readonly=True)
    as_of = fields.Datetime(readonly=True)
    seconds = fields.Float(readonly=True)
    date_looked = fields.Datetime(readonly=True, index=True)

    _reader_uniq = models.UniqueIndex("(tile_id, user_id, scope)")

    # ------------------------------------------------------------
    # JOB
    # ------------------------------------------------------------

    @api.private
    def make_board_result(self):
        """Make what a tile of a board shows

        The job method: call it through ``with_delay``.
        """
        return self.env["ai.queue.kind.board"]._perform(self)

    def _start_run(self, origin):
        """A run with a job for each; the run that is at them already, if any."""
        return self.env["ai.queue.run"]._start("board", self, origin=origin)

    def _as_reader(self):
        """The same in the environment of the reader, with what they have chosen."""
        self.user_id.ensure_one()
        one = self[:1]
        return (
            self.sudo(False)
            .with_user(one.user_id)
            .with_context(
                allowed_company_ids=one.company_ids or [],
                lang=one.lang,
                tz=one.tz,
            )
        )

    def _read_tile(self):
        """Read the report of the tile now, with the rights of the reader.

        :return: values of the result
        """
        self.ensure_one()
        # The run may have begun with other companies: those of the result count.
        tile = self.sudo()._as_reader().tile_id
        values = {
            "fingerprint": tile._get_fingerprints()[tile.id],
            "data": False,
            "sentence": False,
            "error": False,
        }
        begun = fields.Datetime.now()
        try:
            with self.env.cr.savepoint():
                values |= self._read_report(tile)
        except (AccessError, MissingError, UserError) as error:
            values["error"] = str(error)
        return {**values, "as_of": begun}

    def _read_report(self, tile):
        """Figures and sentence of a report.

        :raise UserError: why there are none
        """
        tile._check_for_reader()
        reader = tile.env["ai.queue.report.reader"]
        try:
            data = reader._read(tile.specification)
            sentence = reader._sentence(tile.specification)
        except AccessError as error:
            raise UserError(tile._say_hidden()) from error
        if len(data["rows"]) > MAX_ROWS and not _is_time(data):
            data = {**data, "rows": data["rows"][:MAX_ROWS], "is_limited": True}
        return {"data": data, "sentence": sentence}

    # ------------------------------------------------------------
    # WHAT IS GOING ON
    # ------------------------------------------------------------

    def _get_waiting(self):
        """The ids of those that a job is about to make, or is at."""
        if not self:
            return set()
        jobs = (
            self.env["ai.queue.run.job"]
            .sudo()
            .search(
                [
                    ("run_id.kind", "=", "board"),
                    ("run_id.user_id", "=", self.env.uid),
                    ("run_id.state", "in", ACTIVE_STATES),
                    ("state", "in", ACTIVE_STATES),
                ]
            )
        )
        return {one for job in jobs for one in job.res_ids or ()} & set(self.ids)

    @api.model
    def _note_failures(self, jobs):
        """Keep why jobs failed for good; on a side cursor."""
        for job in jobs.filtered(lambda one: one.state == "failed"):
            results = self.browse(job.res_ids or []).exists()
            message = job.message or self.env._("The job failed.")
            for result in results:
                if result.failure != message:
                    result.failure = message


def _is_time(data):
    """Whether its rows are days, weeks … in a row: none of them may be left out."""
    return bool(data["columns"] and data["columns"][0].get("granularity"))
