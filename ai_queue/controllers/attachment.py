# Copyright 2026 The ai_queue contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
from odoo import http
from odoo.http import request

from odoo.addons.mail.controllers.attachment import AttachmentController
from odoo.addons.queue_job_operations.controllers.database import has


class BillAttachmentController(AttachmentController):
    # EXTENDS mail
    @http.route()
    def mail_attachment_upload(self, ufile, thread_id, thread_model, **kwargs):
        """What is written about a bill does not say yet, while it is being written,
        to which bill its files belong."""
        # The server loads this for all of its databases, also for those without the
        # addon.
        if thread_model == "account.move" and has("ai.queue.bill.reading"):
            move = request.env["account.move"].browse(int(thread_id))
            if move._keeps_ai_queue_originals():
                request.update_context(image_no_postprocess=True)
        return super().mail_attachment_upload(ufile, thread_id, thread_model, **kwargs)
