# Copyright 2026 The ai_queue contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).


def migrate(cr, version):
    """The dialog that asked why is that of all proposals now.

    Odoo deletes the model that is gone, but leaves its tables.
    """
    cr.execute("DROP TABLE IF EXISTS ai_queue_proposal_ai_queue_proposal_reject_rel")
    cr.execute("DROP TABLE IF EXISTS ai_queue_proposal_reject")
