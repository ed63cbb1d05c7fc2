# Copyright 2026 The ai_queue contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
import json
import logging

from odoo import models

from odoo.addons.ai_queue.engine import forecasting
from odoo.addons.ai_queue.engine.errors import InvalidModel
from odoo.addons.ai_queue.engine.forecasting.learning import Learned

from ..handing import Handing
from ..worker import packing, series

_logger = logging.getLogger(__name__)


class AiQueueKindLearning(models.AbstractModel):
    """Learning that workers elsewhere do, while the job waits; its result is stored
    here."""

    _inherit = "ai.queue.kind.learning"

    # EXTENDS ai_queue
    def _split(self, targets, requests):
        parts = super()._split(targets, requests)
        handing = Handing(self.env, "forecasts")
        if not handing.is_on():
            return parts
        return self._hand_over(handing, list(parts), self._get_mark(targets))

    def _hand_over(self, handing, parts, mark):
        """As a generator: it begins when the transaction of the job has ended."""
        if row := handing.get_row():
            requests = [some for _companies, asked in parts for some in asked]
            pieces = map(self._pack_piece, map(self._get_telling, requests))
            handing.hand_over(
                row,
                {digest: text for digest, text in pieces if text},
                kept=lambda: self._pack_kept(requests, mark),
                is_passing=True,
            )
        yield from parts

    # EXTENDS ai_queue
    def _gather_for(self, row, targets):
        """What was gathered when it was given out."""
        gathered = Handing(self.env, "forecasts").get_gathered(
            row, self._get_mark(targets), self._unpack_kept
        )
        return super()._gather_for(row, targets) if gathered is None else gathered

    def _get_mark(self, targets):
        return self.env["ai.queue.kind.forecast"]._get_mark(targets)

    def _pack_kept(self, requests, mark):
        """(mark, text) of what was gathered; None for what is gathered again."""
        try:
            return mark, json.dumps(
                [series.pack_series(some, series.LEARN) for some in requests]
            )
        except ValueError:
            return None

    def _unpack_kept(self, text):
        return [series.unpack_series(one, forecasting)[0] for one in json.loads(text)]

    # EXTENDS ai_queue
    def _learn(self, series_of_all):
        handing = Handing(self.env, "forecasts")
        if handing.is_on() and handing.get_row():
            digest, text = self._pack_piece(series_of_all)
            found = text and handing.find(digest)
            if found:
                try:
                    content = series.unpack_learned(found)
                    return Learned.from_bytes(content) if content else None
                except (ValueError, InvalidModel):
                    # Of another version, or not of a worker at all.
                    _logger.warning("What a worker has learnt is not understood.")
        return super()._learn(series_of_all)

    def _pack_piece(self, series_of_all):
        """(hash, text) of what is learnt from; nothing for what stays here."""
        try:
            text = series.pack_series(series_of_all, series.LEARN)
        except ValueError:
            return None, None  # too large, or no numbers: which is said here
        return packing.get_digest(text.encode(), "forecasts"), text
