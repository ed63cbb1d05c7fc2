# Copyright 2026 The ai_queue contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""Which files are electronic invoices that we read: by what they hold."""

from ...engine.documents.files import filetypes

#: What they are called: XML, the Indian JSON, and anything with a signature around it.
EINVOICES = {
    *("application/xml", "text/xml", "application/json"),
    *("application/pkcs7-mime", "application/x-pkcs7-mime"),
}
#: What Odoo calls XML of users who may not write views, and browsers what they do not
#: know: then the name has to tell.
VAGUE = {"text/plain", "application/octet-stream"}
EXTENSIONS = (".xml", ".json", ".p7m")
_KINDS = {filetypes.XML, filetypes.JSON, filetypes.SIGNED}


def may_be(mimetype, name):
    """Whether a file is called like one."""
    is_named = (name or "").lower().endswith(EXTENSIONS)
    return mimetype in EINVOICES or (mimetype in VAGUE and is_named)


def is_one(mimetype, name, data):
    """Whether a file is one, also by what it holds; whether it can be read is seen
    when it is."""
    return may_be(mimetype, name) and filetypes.mimetype(data or b"") in _KINDS
