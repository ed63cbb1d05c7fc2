# Copyright 2026 The ai_queue contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
import base64
import json
import zlib

from odoo import api, fields, models

from odoo.addons.queue_job_operations.side_cursor import side_env

from ...engine.documents.bills import clicked, extraction
from ...engine.documents.bills.invoice import Invoice
from ...engine.documents.files.reading import read
from ...engine.documents.files.shapes import Document
from ...engine.errors import Unreadable

#: A person looks at the page and waits: before all reading of bills.
PRIORITY = 2


class AiQueueBillReading(models.Model):
    """The words of the pages that were read, so that people can point at them."""

    _inherit = "ai.queue.bill.reading"

    # As ``engine.documents.bills.clicked.kept`` gives it, packed. A column and no
    # attachment: it goes with its row, also where PostgreSQL deletes that.
    words = fields.Binary(attachment=False, readonly=True, groups="base.group_system")

    @api.model
    def _pack_words(self, document, invoice):
        """The words of a document as the field keeps them."""
        data = json.dumps(clicked.kept(document, invoice), separators=(",", ":"))
        return base64.b64encode(zlib.compress(data.encode()))

    def _get_words(self):
        """What `clicked.kept` gave of the file; None while nobody has asked for it."""
        self.ensure_one()
        # Whoever may see the reading may see what was read.
        packed = self.sudo().words or self.sudo().origin_id.words
        if not packed:
            return None
        return json.loads(zlib.decompress(base64.b64decode(packed)))

    def _queue_words(self):
        """Have the words of the file read in the background, once.

        :return: whether they may be expected
        """
        self.ensure_one()
        key = f"ai_queue.words:{self.id}:{self.checksum}"
        # Whether a job is at it may be known; queue_job itself looks for others only.
        jobs = self.env["queue.job"].sudo()
        states = ("started", "failed", "cancelled")
        domain = [("identity_key", "=", key), ("state", "in", states)]
        last = jobs.search(domain, order="id desc", limit=1)
        if last:
            return last.state == "started"
        # What comes in by RPC may wish to have it done at once.
        reading = self.with_context(queue_job__no_delay=False)
        delayed = reading.with_delay(
            priority=PRIORITY,
            description=self.env._("Words of %(bill)s", bill=self.display_name),
            identity_key=key,
        )
        delayed._read_words()
        return True

    def _read_words(self):
        """Read where the words of a bill stand

        The job method of ``_queue_words``.
        """
        reading = self.exists()
        if not reading or reading._get_words():
            return self.env._("Nothing to do.")
        kind = self.env["ai.queue.kind.invoice"]
        file, limits = reading.attachment_id, kind._get_limits()
        name, data = file.name or "", file.raw or b""
        try:
            document = read(data, name, limits)
            invoice = extraction.extract(document, kind._get_own())
        except Unreadable as error:
            # So that nobody asks for it again and again.
            packed = self._pack_words(Document((), ""), Invoice())
            said = str(error)
        else:
            packed = self._pack_words(document, invoice)
            said = self.env._("%(count)s pages", count=len(document.pages))
        # By a transaction of its own: this one began before the file was read.
        with side_env(self.env) as env:
            env[self._name].browse(reading.id).exists().write({"words": packed})
        return said
