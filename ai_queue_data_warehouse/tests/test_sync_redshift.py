# Copyright 2026 The ai_queue contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""The cases of every warehouse, at PostgreSQL as a stand-in for Redshift."""

from odoo.tests import TransactionCase, tagged

from .common import PostgresMixin
from .test_sync import SyncCases


@tagged("post_install", "-at_install")
class TestSyncRedshift(PostgresMixin, SyncCases, TransactionCase):
    """As far as PostgreSQL can stand in for it: see the readme for what it cannot."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        with cls.outside.cursor() as cr:
            cr.execute(
                "CREATE OR REPLACE FUNCTION getdate() RETURNS timestamp "
                "LANGUAGE sql AS $$ SELECT clock_timestamp() AT TIME ZONE 'UTC' $$"
            )

    @classmethod
    def create_warehouse(cls, name="Test", **vals):
        return super().create_warehouse(name, **{"type": "redshift", **vals})

    def test_texts_that_are_too_long_are_set_aside(self):
        partners = self.create_partners("Ada", "Bo", "Cy")
        partners[1].comment = "<p>%s</p>" % ("x" * 70_000)
        dataset = self.create_dataset(columns="name comment")
        self.start(dataset)
        self.assertEqual(self.names(dataset), ["Ada", "Cy"])
        self.assertEqual(dataset.row_ids.res_id, partners[1].id)
        self.assertIn("too long", dataset.row_ids.reason)
