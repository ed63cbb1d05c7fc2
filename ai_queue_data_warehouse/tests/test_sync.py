# Copyright 2026 The ai_queue contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""A dataset on its way, in DuckDB and in PostgreSQL."""

from pathlib import Path
from unittest.mock import patch

from odoo.fields import Command
from odoo.tests import TransactionCase, tagged
from odoo.tools import mute_logger

from odoo.addons.queue_job.exception import RetryableJobError

from .. import loading
from ..models.ai_queue_dataset_sync import MAX_DEATHS
from ..targets import Unreachable, sql
from .common import SCHEMA, PostgresMixin, WarehouseMixin


class SyncCases(WarehouseMixin):
    """For every target."""

    allow_inherited_tests_method = True
    #: what loads a batch, and the last step before it is there
    loading_class, last_step = sql.SqlTarget, "_note_batch"
    nasty = 'He said "no",\r\nthen \\N, \\. and ; left\t"'

    def test_first_load_then_changes(self):
        partners = self.create_partners("Ada", "Bo", "Cy")
        dataset = self.create_dataset(columns="name active country_id")
        self.start(dataset)
        self.assertEqual(self.names(dataset), ["Ada", "Bo", "Cy"])
        partners[1].name = "Bea"
        partners[2].unlink()
        self.create_partners("Di")
        self.sync(dataset)
        self.assertEqual(self.names(dataset), ["Ada", "Bea", "Di"])
        self.assertEqual(dataset.batch_ids[0].rows, 2)
        self.assertEqual(dataset.batch_ids[0].gone, 1)
        self.assertEqual(dataset.waiting, 0)

    def test_what_leaves_the_filter_leaves_the_warehouse(self):
        partners = self.create_partners("Ada", "Bo")
        dataset = self.create_dataset()
        self.start(dataset)
        partners[0].ref = "other"
        self.sync(dataset)
        self.assertEqual(self.names(dataset), ["Bo"])
        partners[0].ref = "wh"
        self.sync(dataset)
        self.assertEqual(self.names(dataset), ["Ada", "Bo"])

    def test_load_in_many_batches(self):
        names = [f"P{number:03}" for number in range(350)]
        self.create_partners(*names)
        dataset = self.create_dataset(batch_rows=100)
        self.start(dataset)
        self.assertEqual(self.names(dataset), names)
        self.assertGreater(len(dataset.batch_ids), 3)
        self.assertEqual(dataset.load_rows, 350)

    def test_texts_that_break_files(self):
        nasty = self.nasty
        self.create_partners(nasty, comment="<p>ünï “x”</p>")
        self.create_partners("Null", comment=False)
        dataset = self.create_dataset(columns="name comment vat color")
        self.start(dataset)
        self.assertEqual(
            self.rows(dataset, "name, comment, vat, color"),
            [(nasty, "<p>ünï “x”</p>", None, 0), ("Null", None, None, 0)],
        )

    def test_killed_after_the_warehouse_has_committed(self):
        """The note in the warehouse says that the batch is there: not loaded twice."""
        self.create_partners("Ada")
        dataset = self.create_dataset()
        self.start(dataset)
        self.create_partners("Bo")
        self.commit()
        batch_class = type(self.env["ai.queue.dataset.batch"])
        job = self.find_jobs(dataset)
        with patch.object(batch_class, "_finish", side_effect=KeyboardInterrupt):
            self.assertIsInstance(self.kill(dataset), KeyboardInterrupt)
        dataset.invalidate_recordset()
        self.assertEqual(dataset.batch_ids[0].state, "started")
        self.assertEqual(self.names(dataset), ["Ada", "Bo"])
        key = dataset.batch_ids[0].key
        with patch.object(self.loading_class, "load", side_effect=AssertionError):
            self.perform(job)
        self.sync(dataset)
        self.assertEqual(dataset.batch_ids[0].state, "done")
        self.assertEqual(dataset.batch_ids[0].rows, 1)
        noted = self.query(
            f"SELECT count(*) FROM {SCHEMA}._ai_queue_batch WHERE key = '{key}'"
        )
        self.assertEqual(noted, [(1,)])
        self.assertEqual(self.names(dataset), ["Ada", "Bo"])

    def test_killed_before_the_warehouse_commits(self):
        self.create_partners("Ada")
        dataset = self.create_dataset()
        self.start(dataset)
        self.create_partners("Bo")
        self.commit()
        with self.killed_at_the_end():
            self.assertIsInstance(self.kill(dataset), KeyboardInterrupt)
        self.assertEqual(self.names(dataset), ["Ada"])
        self.sync(dataset)
        self.assertEqual(self.names(dataset), ["Ada", "Bo"])

    def test_what_always_kills_its_worker_is_not_tried_for_ever(self):
        dataset = self.create_dataset()
        self.start(dataset)
        self.create_partners("Ada", "Bo", "Cy", "Di")
        self.commit()
        highs = []
        with self.killed_at_the_end():
            for _death in range(MAX_DEATHS):
                self.assertIsInstance(self.kill(dataset), KeyboardInterrupt)
                highs.append(int(dataset.batch_ids[0].high))
            self.assertIn("was killed 5 times in a row", self.fail_job(dataset))
        self.assertEqual((dataset.state, dataset.batch_ids[0].state), ("failed",) * 2)
        # It was smaller at last: the worker may have lacked memory.
        self.assertEqual(highs[0], highs[1])
        self.assertLess(highs[2], highs[1])
        self.assertEqual(self.names(dataset), [])
        dataset.action_resume()
        self.sync(dataset)
        self.assertEqual(self.names(dataset), ["Ada", "Bo", "Cy", "Di"])

    def test_other_failures_are_no_deaths(self):
        dataset = self.create_dataset()
        self.start(dataset)
        self.create_partners("Ada")
        self.commit()
        with patch.object(
            self.loading_class, "load", side_effect=Unreachable("went away")
        ):
            for _try in range(MAX_DEATHS + 1):
                self.assertIsInstance(self.kill(dataset), RetryableJobError)
        self.assertFalse(dataset.batch_ids[0].deaths)
        self.sync(dataset)
        self.assertEqual(self.names(dataset), ["Ada"])

    def test_a_new_field_is_a_new_column(self):
        partners = self.create_partners("Ada", "Bo", city="Paris")
        dataset = self.create_dataset()
        self.start(dataset)
        self.add_field(dataset, "city")
        partners[0].city = "Rome"
        dataset.action_sync()
        self.sync(dataset)
        # Also for rows that nobody has touched since.
        self.assertEqual(
            self.rows(dataset, "name, city"), [("Ada", "Rome"), ("Bo", "Paris")]
        )

    def test_a_type_that_changed_is_said(self):
        self.create_partners("Ada")
        dataset = self.create_dataset(columns="name color")
        self.start(dataset)
        line = dataset.field_ids.filtered(lambda one: one.column == "color")
        line.field_id = self.env["ir.model.fields"]._get("res.partner", "city")
        self.assertEqual(line.column, "color")
        dataset.action_sync()
        error = self.fail_job(dataset)
        self.assertIn("color was integer and is text", error)
        self.assertEqual(dataset.state, "failed")
        # Nothing was touched, and a rebuild brings it in order.
        self.assertEqual(self.rows(dataset, "name, color"), [("Ada", 0)])
        dataset.phase = "live"
        dataset.action_rebuild()
        self.sync(dataset)
        self.assertEqual(dataset.state, "live", dataset.error)
        self.assertEqual(self.rows(dataset, "name, color"), [("Ada", None)])

    def test_a_table_of_somebody_else_is_left_alone(self):
        with self.warehouse._connect() as target:
            target.make_schema(SCHEMA)
            target.execute(f"CREATE TABLE {SCHEMA}.theirs (id integer)")
        dataset = self.create_dataset(table="theirs")
        dataset.action_start()
        error = self.fail_job(dataset)
        self.assertIn(f"{SCHEMA}.theirs", error)
        self.assertEqual(self.query(f"SELECT * FROM {SCHEMA}.theirs"), [])

    def test_compare_and_repair(self):
        partners = self.create_partners("Ada", "Bo", "Cy")
        dataset = self.create_dataset()
        self.start(dataset)
        dataset.action_compare()
        self.compare(dataset)
        self.assertEqual(dataset.compare_state, "equal", dataset.compare_result)
        with self.warehouse._connect() as target:
            name = f'"{SCHEMA}"."res_partner"'
            target.execute(f"DELETE FROM {name} WHERE id = {partners[0].id}")
            target.execute(
                f"UPDATE {name} SET _row_hash = 1 WHERE id = {partners[1].id}"
            )
            target.execute(
                f"INSERT INTO {name} (id, name, _row_hash) "
                f"VALUES ({partners[2].id + 1}, 'Ghost', 7)"
            )
        dataset.action_repair()
        self.compare(dataset)
        self.assertEqual(dataset.compare_state, "different")
        self.assertIn(
            "1 are missing in the warehouse and 1 are not as in Odoo; 1 are left over",
            dataset.compare_result,
        )
        self.sync(dataset)
        self.assertEqual(self.names(dataset), ["Ada", "Bo", "Cy"])
        dataset.action_compare()
        self.compare(dataset)
        self.assertEqual(dataset.compare_state, "equal")

    def test_changes_on_their_way_are_no_difference(self):
        partners = self.create_partners("Ada", "Bo")
        dataset = self.create_dataset(follow="manual")
        self.start(dataset)
        dataset.is_paused = True
        partners[0].name = "Eve"
        dataset.action_compare()
        self.compare(dataset)
        self.assertEqual(dataset.compare_state, "equal", dataset.compare_result)

    def test_rebuild_beside(self):
        partners = self.create_partners("Ada", "Bo")
        dataset = self.create_dataset(batch_rows=100)
        self.start(dataset)
        with self.warehouse._connect() as target:
            target.execute(
                f'UPDATE "{SCHEMA}"."res_partner" SET name = \'wrong\' WHERE id > 0'
            )
        dataset.action_rebuild()
        self.commit()
        self.perform(self.find_jobs(dataset))
        # Until it is whole, the old one is what people read.
        self.assertEqual(self.names(dataset), ["wrong", "wrong"])
        partners[1].name = "Bea"
        self.sync(dataset)
        self.assertEqual(dataset.phase, "live")
        self.assertEqual(self.names(dataset), ["Ada", "Bea"])
        self.assertNotIn("res_partner__new", self.tables())
        # … and it is kept in step as before.
        partners[0].name = "Eve"
        self.sync(dataset)
        self.assertEqual(self.names(dataset), ["Eve", "Bea"])

    def test_pause_and_resume_in_the_middle_of_a_load(self):
        self.create_partners(*[f"P{number:03}" for number in range(250)])
        dataset = self.create_dataset(batch_rows=100)
        # The ids of other partners are in the way.
        dataset.action_start()
        self.commit()
        self.perform(self.find_jobs(dataset))
        dataset.action_pause()
        self.sync(dataset)
        loaded = len(self.names(dataset))
        self.assertLess(loaded, 250)
        self.assertEqual(dataset.state, "paused")
        dataset.action_resume()
        self.sync(dataset)
        self.assertEqual(len(self.names(dataset)), 250)

    def test_an_unreachable_warehouse_is_tried_again(self):
        self.create_partners("Ada")
        dataset = self.create_dataset()
        self.start(dataset)
        self.create_partners("Bo")
        self.commit()
        with patch.object(
            type(self.warehouse), "_connect", side_effect=Unreachable("no route")
        ):
            self.assertIsInstance(self.kill(dataset), RetryableJobError)
        dataset.invalidate_recordset()
        self.assertEqual(dataset.state, "waiting")
        self.assertIn("no route", dataset.error)
        self.sync(dataset)
        self.assertEqual(dataset.state, "live")
        self.assertEqual(self.names(dataset), ["Ada", "Bo"])

    def test_a_batch_that_is_too_large_is_halved(self):
        partners = self.create_partners(*["x" * 500] * 40)
        dataset = self.create_dataset()
        with patch.object(loading, "MAX_BYTES", 5_000):
            self.start(dataset)
            self.assertEqual(len(self.names(dataset)), 40)
            before = len(dataset.batch_ids)
            partners.write({"name": "y" * 500})
            self.sync(dataset)
        self.assertEqual(self.names(dataset), ["y" * 500] * 40)
        self.assertGreater(len(dataset.batch_ids) - before, 2)
        states = set(dataset.batch_ids.mapped("state"))
        self.assertEqual(states, {"done"})

    def test_names_of_related_records_follow(self):
        country = self.env["res.country"].create({"name": "Atlantis", "code": "XX"})
        self.create_partners("Ada", country_id=country.id)
        dataset = self.create_dataset(columns="name country_id")
        self.start(dataset)
        columns = "country_id, country_id_name"
        self.assertEqual(self.rows(dataset, columns), [(country.id, "Atlantis")])
        country.name = "Sunken"
        self.sync(dataset)
        self.assertEqual(self.rows(dataset, columns), [(country.id, "Sunken")])

    def test_names_of_related_products_follow(self):
        """Whose name is that of their template."""
        product = self.env["product.product"].create({"name": "Lamp"})
        self.create_ledger_line(product)
        dataset = self.create_dataset(
            "account.move.line",
            "product_id",
            domain=f"[('product_id', '=', {product.id})]",
        )
        self.start(dataset)
        columns = "product_id, product_id_name"
        self.assertEqual(self.rows(dataset, columns), [(product.id, "Lamp")])
        product.name = "Torch"
        self.sync(dataset)
        self.assertEqual(self.rows(dataset, columns), [(product.id, "Torch")])

    def create_ledger_line(self, product):
        return self.env["account.move"].create(
            {
                "move_type": "out_invoice",
                "partner_id": self.reader.partner_id.id,
                "invoice_line_ids": [
                    Command.create({"product_id": product.id, "tax_ids": []})
                ],
            }
        )

    def test_masks(self):
        self.create_partners("Ada", email="ada@example.com")
        self.create_partners("Bo", email="ada@example.com")
        self.create_partners("Cy")
        dataset = self.create_dataset(columns="name email:hash create_date:year")
        self.start(dataset)
        rows = self.rows(dataset, "email, create_date")
        self.assertEqual(rows[0], rows[1])
        self.assertRegex(rows[0][0], "^[0-9a-f]{64}$")
        self.assertIsNone(rows[2][0])
        self.assertGreater(rows[0][1], 2000)

    @mute_logger("odoo.sql_db")
    def test_test_connection(self):
        self.warehouse.action_check()
        self.assertEqual(self.warehouse.check_state, "pending")
        self.commit()
        self.warehouse._run_check()
        self.warehouse.invalidate_recordset()
        self.assertEqual(self.warehouse.check_state, "ok", self.warehouse.check_result)
        self.assertIn("A test batch of 1000 rows", self.warehouse.check_result)

    # ------------------------------------------------------------

    def killed_at_the_end(self):
        """Whoever loads a batch is killed before its rows are there."""
        return patch.object(
            self.loading_class, self.last_step, side_effect=KeyboardInterrupt
        )

    def add_field(self, dataset, name):
        field = self.env["ir.model.fields"]._get(dataset.model_name, name)
        self.env["ai.queue.dataset.field"].create(
            {"dataset_id": dataset.id, "field_id": field.id}
        )

    def compare(self, dataset):
        self.commit()
        job = self.find_jobs(dataset).filtered(
            lambda job: "compare" in job.identity_key
        )
        self.perform(job)
        dataset.invalidate_recordset()


@tagged("post_install", "-at_install")
class TestSyncDuckDb(SyncCases, TransactionCase):
    def test_numbers_that_do_not_fit_are_set_aside(self):
        partners = self.create_partners("Ada", "Bo", "Cy")
        partners[1].partner_latitude = 1e30
        dataset = self.create_dataset(columns="name partner_latitude")
        self.start(dataset)
        self.assertEqual(self.names(dataset), ["Ada", "Cy"])
        self.assertEqual(dataset.row_ids.res_id, partners[1].id)
        self.assertIn("DECIMAL", dataset.row_ids.reason)
        self.assertEqual(dataset.batch_ids[-1].aside, 1)
        # It comes with the next change that makes it fit.
        partners[1].partner_latitude = 5
        self.sync(dataset)
        self.assertEqual(self.names(dataset), ["Ada", "Bo", "Cy"])
        self.assertFalse(dataset.row_ids)

    def test_a_file_that_is_called_like_its_schema(self):
        warehouse = self.create_warehouse(SCHEMA)
        self.create_partners("Ada")
        dataset = self.create_dataset(warehouse_id=warehouse.id)
        self.start(dataset)
        dataset.action_rebuild()
        self.sync(dataset)
        name = f"{SCHEMA}.{SCHEMA}.res_partner"
        rows = self.query(f"SELECT name FROM {name}", warehouse)
        self.assertEqual(rows, [("Ada",)])

    def test_parquet(self):
        self.warehouse.write({"parquet": True})
        self.create_partners("Ada")
        dataset = self.create_dataset()
        self.start(dataset)
        path = f"{self.directory}/Test.{SCHEMA}.res_partner.parquet"
        self.assertEqual(self.query(f"SELECT name FROM '{path}'"), [("Ada",)])

    def test_a_directory_that_cannot_be_written_to(self):
        dataset = self.create_dataset()
        dataset.action_start()
        # No directory can be below a file, whoever asks for it.
        blocked = Path(self.directory) / "file"
        blocked.touch()
        with patch.object(
            type(self.warehouse), "_get_directory", lambda _self: str(blocked / "x")
        ):
            self.warehouse.action_check()
            self.commit()
            self.warehouse._run_check()
            self.warehouse.invalidate_recordset()
            self.assertEqual(self.warehouse.check_state, "failed")
            self.assertIn("warehouse_path", self.warehouse.check_result)
            self.assertIn(str(blocked), self.fail_job(dataset))
        self.assertEqual(dataset.state, "failed")
        dataset.action_resume()
        self.sync(dataset)
        self.assertEqual(dataset.state, "live")

    def test_one_job_at_a_time_writes_the_file(self):
        dataset = self.create_dataset()
        dataset.action_start()
        with dataset._alone() as is_alone:
            self.assertTrue(is_alone)


@tagged("post_install", "-at_install")
class TestSyncPostgres(PostgresMixin, SyncCases, TransactionCase):
    def test_what_a_constraint_refuses_is_set_aside(self):
        self.create_partners("Ada")
        dataset = self.create_dataset()
        self.start(dataset)
        self.query(
            f"ALTER TABLE {SCHEMA}.res_partner ADD CHECK (name NOT LIKE '%bad%')"
        )
        partners = self.create_partners("Bo", "bad", "Cy")
        self.sync(dataset)
        self.assertEqual(self.names(dataset), ["Ada", "Bo", "Cy"])
        self.assertEqual(dataset.row_ids.res_id, partners[1].id)
        self.assertIn("check constraint", dataset.row_ids.reason)
        self.query(
            f"ALTER TABLE {SCHEMA}.res_partner DROP CONSTRAINT res_partner_name_check"
        )
        dataset.action_retry_rows()
        self.sync(dataset)
        self.assertFalse(dataset.row_ids)
        self.assertEqual(self.names(dataset), ["Ada", "Bo", "bad", "Cy"])

    def test_too_many_are_another_matter(self):
        self.create_partners("Ada")
        dataset = self.create_dataset()
        self.start(dataset)
        self.query(f"ALTER TABLE {SCHEMA}.res_partner ADD CHECK (name = 'Ada')")
        self.create_partners(*[f"P{number}" for number in range(120)])
        error = self.fail_job(dataset)
        self.assertIn("Too many rows do not fit", error)
        self.assertEqual(dataset.state, "failed")
        self.query(
            f"ALTER TABLE {SCHEMA}.res_partner DROP CONSTRAINT res_partner_name_check"
        )
        dataset.action_resume()
        self.sync(dataset)
        self.assertEqual(len(self.names(dataset)), 121)

    def test_a_failed_batch_may_be_left_behind(self):
        self.create_partners("Ada")
        dataset = self.create_dataset(skip_failed=True)
        self.start(dataset)
        own = f"{SCHEMA}._ai_queue_table"
        self.query(f"UPDATE {own} SET owner = 'somebody'")
        self.create_partners("Bo")
        self.fail_job(dataset)
        self.assertEqual(dataset.batch_ids[0].state, "failed")
        self.assertEqual(dataset.state, "waiting")
        self.query(f"UPDATE {own} SET owner = '{dataset.uuid}'")
        self.create_partners("Cy")
        self.sync(dataset)
        self.assertEqual(self.names(dataset), ["Ada", "Cy"])
        dataset.action_resume()
        self.sync(dataset)
        self.assertEqual(self.names(dataset), ["Ada", "Bo", "Cy"])


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
