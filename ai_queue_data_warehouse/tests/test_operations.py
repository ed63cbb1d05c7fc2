# Copyright 2026 The ai_queue contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""What people are told of datasets: alerts, the tile, metrics, and what is kept."""

from datetime import timedelta
from unittest.mock import patch

from odoo import fields
from odoo.tests import tagged

from ..targets import Refused, Unreachable
from .common import WarehouseCommon


@tagged("post_install", "-at_install")
class TestOperations(WarehouseCommon):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.dataset = cls.create_dataset(company_id=cls.company.id)

    def find(self, code):
        """What a rule finds now, and how it says it."""
        self.env.flush_all()
        rule = self.env.ref(f"ai_queue_data_warehouse.queue_job_alert_rule_{code}")
        findings = getattr(rule, f"_evaluate_{rule.code}")(fields.Datetime.now())
        for finding in findings:
            alert = self.env["queue.job.alert"].new({"details": finding.details})
            said = getattr(alert, f"_describe_{rule.code}")()
            action = getattr(alert, f"_get_action_{rule.code}")()
            self.assertTrue(all(said))
            self.assertIn(
                action["res_model"],
                ("ai.queue.dataset", "ai.queue.warehouse", "ai.queue.reading"),
            )
        return findings

    def age_changes(self, minutes):
        self.commit()
        self.cr.execute(
            "UPDATE ai_queue_change SET noted = noted - %s",
            (timedelta(minutes=minutes),),
        )
        self.env.invalidate_all()

    def fail_with(self, error):
        self.create_partners("Again")
        with patch.object(type(self.warehouse), "_connect", side_effect=error):
            self.kill(self.dataset)

    def test_lag(self):
        self.start(self.dataset)
        self.assertFalse(self.find("dataset_lag"))
        self.create_partners("Ada")
        self.age_changes(5)
        self.assertFalse(self.find("dataset_lag"))
        self.age_changes(20)
        self.assertEqual(len(self.find("dataset_lag")), 1)
        self.assertGreater(self.dataset.lag, 20 * 60)
        tile = self.tile()
        self.assertEqual(tile["state"], "warning")
        self.dataset.action_pause()
        self.assertFalse(self.find("dataset_lag"))

    def test_changes_that_pile_up_while_it_is_paused(self):
        rule = self.env.ref("ai_queue_data_warehouse.queue_job_alert_rule_dataset_log")
        self.start(self.dataset)
        self.dataset.action_pause()
        self.create_partners("Ada", "Bo")
        self.commit()
        self.env.invalidate_all()
        self.assertGreater(self.dataset.waiting, 1)
        rule.threshold = self.dataset.waiting + 1
        self.assertFalse(self.find("dataset_log"))
        rule.threshold -= 1
        (finding,) = self.find("dataset_log")
        self.assertTrue(finding.details["is_paused"])
        self.stop_datasets(self.dataset)
        self.assertFalse(self.find("dataset_log"))
        self.assertFalse(self.count_log())

    def test_a_comparison_whose_job_failed_can_be_started_again(self):
        self.start(self.dataset)
        self.dataset.action_compare()
        self.commit()
        self.dataset._on_compare_failed(exc_name="x.Y", exc_message="The server ended")
        self.dataset.invalidate_recordset()
        self.assertEqual(self.dataset.compare_state, "failed")
        self.assertEqual(self.dataset.compare_result, "The server ended")

    def test_stopped_by_an_error(self):
        self.start(self.dataset)
        self.fail_with(Refused("no right to create"))
        self.assertEqual(len(self.find("dataset_failed")), 1)
        self.assertEqual(self.find("dataset_failed")[0].company_id, self.company.id)
        self.assertFalse(self.find("dataset_drift"))
        tile = self.tile()
        self.assertEqual((tile["state"], tile["value"]), ("danger", 0))
        self.dataset.action_resume()
        self.sync(self.dataset)
        self.assertFalse(self.find("dataset_failed"))
        self.assertEqual((self.tile()["state"], self.tile()["value"]), ("ok", 1))

    def test_unreachable(self):
        self.start(self.dataset)
        self.fail_with(Unreachable("no route to host"))
        (finding,) = self.find("warehouse")
        self.assertEqual(finding.details["error"], self.dataset.error)
        self.sync(self.dataset)
        self.assertFalse(self.find("warehouse"))

    def test_drift(self):
        self.start(self.dataset)
        self.assertFalse(self.find("dataset_drift"))
        self.query("UPDATE ai_queue_test._ai_queue_table SET owner = 'somebody'")
        self.create_partners("Ada")
        self.fail_job(self.dataset)
        self.assertEqual(len(self.find("dataset_drift")), 1)
        self.assertFalse(self.find("dataset_failed"))

    def test_metrics(self):
        self.create_partners("Ada", "Bo")
        self.start(self.dataset)
        self.create_partners("Cy")
        self.env.flush_all()
        label = "Test/ai_queue_test.res_partner"
        values = {
            (sample.name, *sample.labels.values()): sample.value
            for family in self.env["queue.job.metrics"].collect()
            for sample in family.samples
            if sample.labels.get("dataset") == label
        }
        self.assertEqual(values["ai_queue_dataset_rows_total", label], 2)
        self.assertGreaterEqual(values["ai_queue_dataset_changes_waiting", label], 1)
        self.assertEqual(values["ai_queue_dataset_state", label, "live"], 1)
        self.assertGreater(values["ai_queue_dataset_bytes_total", label], 50)

    def create_reading(self, **vals):
        values = {
            "name": "Web shop",
            "warehouse_id": self.warehouse.id,
            "source": "shop.orders",
            "key_column": "line",
            "purpose": "rows",
            "company_id": self.company.id,
        }
        return self.env["ai.queue.reading"].create({**values, **vals})

    def test_a_table_that_is_not_read(self):
        reading = self.create_reading()
        reading.state = "done"
        reading.date_read = fields.Datetime.now()
        self.assertFalse(self.find("reading"))
        for state in ("failed", "held"):
            reading.write({"state": state, "error": "The reason."})
            (finding,) = self.find("reading")
            self.assertEqual(finding.details["error"], "The reason.")
            self.assertEqual(finding.company_id, self.company.id)
            self.assertEqual(self.tile("readings")["state"], "danger")
        reading.state = "done"
        self.assertFalse(self.find("reading"))
        self.assertEqual(self.tile("readings")["state"], "ok")

    def test_a_table_that_was_not_read_for_long(self):
        reading = self.create_reading()
        reading.write({"state": "waiting", "date_read": fields.Datetime.now()})
        self.assertFalse(self.find("reading_late"))
        self.assertEqual(self.tile("readings")["state"], "warning")
        reading.date_read -= timedelta(minutes=60 + 119)
        self.assertFalse(self.find("reading_late"))
        reading.date_read -= timedelta(minutes=2)
        self.assertEqual(len(self.find("reading_late")), 1)
        reading.action_pause()
        self.assertFalse(self.find("reading_late"))

    def test_metrics_of_readings(self):
        reading = self.create_reading()
        reading.write({"state": "held", "date_read": fields.Datetime.now()})
        self.env.flush_all()
        label = f"Test/{reading.id}"
        values = {
            (sample.name, *sample.labels.values()): sample.value
            for family in self.env["queue.job.metrics"].collect()
            for sample in family.samples
            if sample.labels.get("reading") == label
        }
        self.assertEqual(values["ai_queue_reading_state", label, "held"], 1)
        self.assertEqual(values["ai_queue_reading_state", label, "done"], 0)
        self.assertEqual(values["ai_queue_reading_rows", label], 0)
        self.assertLess(values["ai_queue_reading_age_seconds", label], 60)

    def test_old_batches_go(self):
        self.start(self.dataset)
        batch = self.dataset.batch_ids
        failed = batch.copy({"key": "x", "state": "failed"})
        self.env.flush_all()
        self.cr.execute(
            "UPDATE ai_queue_dataset_batch SET date_done = now() - interval '60 days'"
        )
        self.tidy_up()
        self.assertFalse(batch.exists())
        self.assertTrue(failed.exists())

    def test_the_log_is_kept_no_longer_than_needed(self):
        self.start(self.dataset)
        self.create_partners("Ada")
        self.commit()
        self.assertTrue(self.count_log())
        self.sync(self.dataset)
        self.assertFalse(self.count_log())

    def test_the_cron_finds_what_nobody_told(self):
        """Written by SQL, past the ORM: the triggers have seen it."""
        partner = self.create_partners("Ada")
        self.start(self.dataset)
        self.cr.execute(
            "UPDATE res_partner SET name = 'Eve' WHERE id = %s", (partner.id,)
        )
        self.assertFalse(self.find_jobs(self.dataset))
        self.env["ai.queue.dataset"]._cron_follow()
        self.sync(self.dataset)
        self.assertEqual(self.names(self.dataset), ["Eve"])

    def test_by_schedule(self):
        self.dataset.write({"follow": "schedule", "interval_minutes": 30})
        self.start(self.dataset)
        self.create_partners("Ada")
        self.commit()
        self.env["ai.queue.dataset"]._cron_follow()
        self.assertFalse(self.find_jobs(self.dataset))
        self.dataset.date_synced -= timedelta(minutes=31)
        self.env["ai.queue.dataset"]._cron_follow()
        self.sync(self.dataset)
        self.assertEqual(self.names(self.dataset), ["Ada"])

    def test_one_job_however_many_changes(self):
        self.start(self.dataset)
        for name in ("Ada", "Bo", "Cy"):
            self.create_partners(name)
            self.commit()
        self.assertEqual(len(self.find_jobs(self.dataset)), 1)

    def test_other_tables_press_nothing(self):
        self.start(self.dataset)
        self.env["res.country"].create({"name": "Atlantis", "code": "XX"})
        self.commit()
        self.assertFalse(self.find_jobs(self.dataset))

    def count_log(self):
        self.cr.execute(
            "SELECT count(*) FROM ai_queue_change WHERE source = 'res_partner'"
        )
        return self.cr.fetchone()[0]

    def tile(self, key="datasets"):
        self.env.flush_all()
        operations = self.env["queue.job.operations"].with_user(self.manager)
        figures = operations.get_figures("hour")
        return next(tile for tile in figures["tiles"] if tile["key"] == key)
