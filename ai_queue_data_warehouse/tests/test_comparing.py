# Copyright 2026 The ai_queue contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""A dataset without triggers: what changes is found by comparing both sides."""

from datetime import timedelta
from unittest.mock import patch

from odoo.exceptions import UserError, ValidationError
from odoo.tests import TransactionCase, tagged

from .. import capture
from ..targets import Refused
from .common import WarehouseMixin


@tagged("post_install", "-at_install")
class TestComparing(WarehouseMixin, TransactionCase):
    def setUp(self):
        super().setUp()
        self.partners = self.create_partners("Ada", "Bo", "Cy")
        self.dataset = self.create_dataset(detection="compare", follow="schedule")
        self.start(self.dataset)

    def change(self):
        self.partners[0].name = "Eve"
        self.partners[1].unlink()
        self.create_partners("Di")
        self.commit()

    def test_there_are_no_triggers(self):
        self.assertNotIn("res_partner", capture.get_tables(self.env.cr))
        self.assertEqual(self.names(self.dataset), ["Ada", "Bo", "Cy"])

    def test_changes_and_deletions_are_found_on_schedule(self):
        self.change()
        self.env["ai.queue.dataset"]._cron_follow()
        self.assertFalse(self.find_jobs(self.dataset))
        self.dataset.date_synced -= timedelta(minutes=61)
        self.env["ai.queue.dataset"]._cron_follow()
        self.sync(self.dataset)
        self.assertEqual(self.names(self.dataset), ["Eve", "Cy", "Di"])
        self.assertEqual(self.dataset.compare_state, "equal")
        self.assertIn("loaded again", self.dataset.compare_result)
        self.env["ai.queue.dataset"]._cron_follow()
        self.assertFalse(self.find_jobs(self.dataset))

    def test_update_now(self):
        self.change()
        self.dataset.action_sync()
        self.sync(self.dataset)
        self.assertEqual(self.names(self.dataset), ["Eve", "Cy", "Di"])

    def test_what_others_note_is_no_reason_to_leave_it_out(self):
        """Another dataset of the table has triggers: their notes are not for this."""
        self.start(self.create_dataset(table="noted"))
        self.change()
        self.dataset.action_sync()
        self.sync(self.dataset)
        self.assertEqual(self.names(self.dataset), ["Eve", "Cy", "Di"])

    def test_compare_alone_repairs_nothing(self):
        self.change()
        self.dataset.action_compare()
        self.sync(self.dataset)
        self.assertEqual(self.dataset.compare_state, "different")
        self.assertEqual(self.names(self.dataset), ["Ada", "Bo", "Cy"])

    def test_an_error_stops_it_until_somebody_looks(self):
        self.change()
        with (
            patch.object(
                type(self.warehouse), "_connect", side_effect=Refused("no right")
            ),
            self.assertRaisesRegex(UserError, "no right"),
        ):
            self.dataset._compare(True)
        self.dataset.invalidate_recordset()
        self.assertEqual(self.dataset.state, "failed")
        self.dataset.action_resume()
        self.sync(self.dataset)
        self.dataset.action_sync()
        self.sync(self.dataset)
        self.assertEqual(self.names(self.dataset), ["Eve", "Cy", "Di"])
        self.assertFalse(self.dataset.error)

    def test_nobody_tells_when_something_changes(self):
        with self.assertRaises(ValidationError):
            self.dataset.follow = "change"

    def test_it_cannot_change_while_it_runs(self):
        with self.assertRaises(UserError):
            self.dataset.detection = "trigger"


@tagged("post_install", "-at_install")
class TestDayField(WarehouseMixin, TransactionCase):
    def test_the_date_that_tells_most(self):
        columns = "name write_date create_date"
        self.assertEqual(
            self.create_dataset(columns=columns).day_field_id.name, "create_date"
        )
        lines = self.create_dataset(
            "account.move.line", "create_date date name", table="lines"
        )
        self.assertEqual(lines.day_field_id.name, "date")
        # A column that goes is not what it is compared by any more.
        lines.field_ids.filtered(lambda line: line.column == "date").unlink()
        self.assertEqual(lines.day_field_id.name, "create_date")

    def test_a_masked_date_tells_no_day(self):
        dataset = self.create_dataset(columns="name create_date:year")
        self.assertFalse(dataset.day_field_id)
        for name in ("create_date", "write_date", "name"):
            field = self.env["ir.model.fields"]._get("res.partner", name)
            with self.subTest(name), self.assertRaises(ValidationError):
                dataset.day_field_id = field

    def test_what_does_not_differ_is_not_repaired(self):
        self.create_partners("Ada")
        dataset = self.create_dataset(columns="name create_date")
        self.start(dataset)
        dataset.action_compare()
        self.sync(dataset)
        with self.assertRaises(UserError):
            dataset.part_ids.action_repair()
        self.assertFalse(self.find_jobs(dataset))

    def test_a_repair_that_fails_is_said(self):
        (partner,) = self.create_partners("Ada")
        dataset = self.create_dataset(columns="name create_date")
        self.start(dataset)
        self.query(f'DELETE FROM "{dataset.schema}"."{dataset.table}"')
        dataset.action_compare()
        self.sync(dataset)
        dataset.day_ids.action_repair()
        self.assertEqual(dataset.compare_state, "pending")
        with patch.object(
            type(self.warehouse), "_connect", side_effect=Refused("no right")
        ):
            self.sync(dataset)
        self.assertEqual(dataset.compare_state, "failed")
        self.assertIn("no right", dataset.compare_result)
        self.assertEqual(self.names(dataset), [])
