# Copyright 2026 The ai_queue contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
import logging

from odoo import models

from odoo.addons.ai_queue.engine.documents.files import shapes
from odoo.addons.ai_queue.engine.errors import Unreadable

from ..handing import Handing
from ..worker import packing

_logger = logging.getLogger(__name__)


class AiQueueKindInvoice(models.AbstractModel):
    """Files of bills that workers elsewhere read, while the job waits.

    What was read of a file lies in Redis for a day: a job that comes back for the
    answer of a model reads nothing again.
    """

    _inherit = "ai.queue.kind.invoice"

    # EXTENDS ai_queue
    def _split(self, targets, requests):
        """First all files of the job are read, at a time."""
        handing = Handing(self.env, "documents")
        if handing.is_on() and (row := handing.get_row()):
            handing.hand_over(row, self._pack_files(requests))
        yield from super()._split(targets, requests)

    def _pack_files(self, requests):
        """{hash: text} of the files that may be sent."""
        files = {}
        for request in requests:
            if request.data and not (request.reasons or request.kept):
                try:
                    packed = packing.pack_file(request.data)
                except packing.TooLarge:
                    continue  # read here
                files[packing.get_digest(request.data)] = packed
        return files

    # EXTENDS ai_queue
    def _read_file(self, request, limits):
        handing = Handing(self.env, "documents")
        digest = packing.get_digest(request.data)
        if text := handing.find(digest):
            try:
                return packing.unpack_document(text, shapes, Unreadable)
            except (ValueError, KeyError, TypeError):
                # Of another version, or not of a worker at all.
                _logger.warning("What was read of a file elsewhere is not understood.")
        document = super()._read_file(request, limits)
        handing.keep(digest, lambda: packing.pack_document(document))
        return document
