# Copyright 2026 The ai_queue contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""Who may set up what, and what a dataset can never hold."""

import os
from pathlib import Path
from unittest.mock import patch

from odoo.exceptions import AccessError, UserError, ValidationError
from odoo.fields import Command
from odoo.tests import tagged
from odoo.tools import mute_logger

from odoo.addons.queue_job_operations import conf

from .. import capture
from ..hooks import uninstall_hook
from ..targets import Missing
from .common import WarehouseCommon


@tagged("post_install", "-at_install")
class TestSecurity(WarehouseCommon):
    def test_only_managers(self):
        for model in ("warehouse", "dataset", "dataset.batch", "dataset.row"):
            with self.assertRaises(AccessError):
                self.env[f"ai.queue.{model}"].with_user(self.user).search([])
        self.assertTrue(self.warehouse.with_user(self.manager).name)

    def test_the_key_is_never_read(self):
        warehouse = self.create_warehouse(
            "Elsewhere",
            type="postgresql",
            host="db.example.com",
            database="dw",
            login="odoo",
            password=" secret ",
        )
        self.assertFalse(warehouse.password)
        self.assertEqual(warehouse.key_source, "stored")
        self.assertEqual(warehouse._get_key(), "secret")
        secret = self.env["ai.queue.warehouse.secret"].with_user(self.manager)
        with self.assertRaises(AccessError):
            secret.search([])
        outside = {
            "AI_QUEUE_WAREHOUSE_KEY_ELSEWHERE": "outside",
            "AI_QUEUE_WAREHOUSE_URL_ELSEWHERE": "postgresql://db.example.com:5432",
        }
        with patch.dict(os.environ, outside):
            warehouse.invalidate_recordset()
            self.assertEqual(warehouse.key_source, "environment")
            self.assertEqual(warehouse._get_key(), "outside")
            self.assertFalse(warehouse.key_problem)
        # It was meant for the old place.
        salt = warehouse._get_salt()
        warehouse.host = "evil.example.com"
        self.assertFalse(warehouse._get_key())
        with patch.dict(os.environ, outside):
            warehouse.invalidate_recordset()
            self.assertFalse(warehouse._get_key())
            self.assertEqual(warehouse.key_source, "none")
            line = "AI_QUEUE_WAREHOUSE_URL_ELSEWHERE=postgresql://evil.example.com:5432"
            self.assertIn(line, warehouse.key_problem)
        self.assertEqual(warehouse._get_salt(), salt)
        self.assertFalse(warehouse.copy().dataset_ids)

    def test_names_that_stand_for_one_key(self):
        vals = {"type": "postgresql", "database": "dw", "login": "odoo"}
        self.create_warehouse("Head Office", host="a.example.com", **vals)
        with self.assertRaisesRegex(ValidationError, "too much alike"):
            self.create_warehouse("head-office", host="b.example.com", **vals)

    def test_the_network_of_the_server_needs_a_line_in_odoo_conf(self):
        place = {"host": "127.0.0.1", "port": 1, "database": "dw", "login": "odoo"}
        warehouse = self.create_warehouse("Inside", type="postgresql", **place)
        with patch.dict(os.environ, {"QUEUE_JOB_INTERNAL_HOSTS": "10.0.0.0/8"}):
            self.assertIn("internal_hosts = 127.0.0.1:1", warehouse._run_check())
        with patch.dict(os.environ, {"QUEUE_JOB_INTERNAL_HOSTS": "127.0.0.1:1"}):
            self.assertIn("cannot be reached", warehouse._run_check())

    def test_a_file_is_where_the_server_wants_it(self):
        for name in ("../x.duckdb", "/etc/x.duckdb", "x.db", ".duckdb", "a b.duckdb"):
            with self.assertRaises(ValidationError), self.cr.savepoint():
                self.warehouse.file_name = name
        link = Path(self.directory, "link.duckdb")
        link.symlink_to("/etc/passwd")
        self.warehouse.file_name = "link.duckdb"
        with self.assertRaises(UserError):
            self.warehouse._connect()

    def test_a_host_is_no_path(self):
        with self.assertRaises(ValidationError):
            self.create_warehouse(
                "Socket",
                type="postgresql",
                host="/var/run/postgresql",
                database="x",
                login="x",
            )

    def test_record_rules_of_the_user(self):
        self.create_partners("Public")
        secret = self.create_partners("Secret")
        self.env["ir.rule"].create(
            {
                "name": "Not everybody",
                "model_id": self.env["ir.model"]._get_id("res.partner"),
                "domain_force": f"[('id', '!=', {secret.id})]",
                "groups": [Command.link(self.env.ref("base.group_user").id)],
            }
        )
        dataset = self.create_dataset()
        self.start(dataset)
        self.assertEqual(self.names(dataset), ["Public"])
        secret.name = "Still secret"
        self.sync(dataset)
        self.assertEqual(self.names(dataset), ["Public"])

    def test_names_of_records_that_one_may_not_read(self):
        country = self.env.ref("base.fr")
        self.create_partners("Ada", country_id=country.id)
        self.env["ir.rule"].create(
            {
                "name": "No France",
                "model_id": self.env["ir.model"]._get_id("res.country"),
                "domain_force": f"[('id', '!=', {country.id})]",
            }
        )
        dataset = self.create_dataset(columns="name country_id")
        self.start(dataset)
        rows = self.rows(dataset, "country_id, country_id_name")
        self.assertEqual(rows, [(country.id, None)])

    def test_companies(self):
        other = self.create_company("Elsewhere Ltd")
        self.create_partners("Ours", company_id=self.company.id)
        self.create_partners("Theirs", company_id=other.id)
        dataset = self.create_dataset(company_id=self.company.id)
        self.start(dataset)
        self.assertEqual(self.names(dataset), ["Ours"])
        with self.assertRaises(ValidationError):
            dataset.company_id = other

    def test_fields_of_groups_that_the_user_is_not_in(self):
        field = self.env["res.partner"]._fields["function"]
        self.patch(field, "groups", "base.group_system")
        self.registry.clear_cache()
        with self.assertRaises(AccessError):
            self.create_dataset(columns="name function")

    def test_a_user_who_loses_a_right(self):
        """It stops, what changes is kept, and it goes on once the right is back."""
        self.create_partners("Ada")
        dataset = self.create_dataset(columns="name")
        self.start(dataset)
        access = self.env["ir.model.access"].search(
            [("model_id.model", "=", "res.partner"), ("perm_read", "=", True)]
        )
        access.active = False
        self.create_partners("Bo")
        self.assertIn("Contact", self.fail_job(dataset))
        self.assertEqual(dataset.state, "failed")
        self.assertEqual(self.names(dataset), ["Ada"])
        access.active = True
        dataset.action_resume()
        self.sync(dataset)
        self.assertEqual(self.names(dataset), ["Ada", "Bo"])

    def test_a_user_who_has_left(self):
        self.create_partners("Ada")
        dataset = self.create_dataset()
        self.start(dataset)
        self.create_partners("Bo")
        self.reader.active = False
        self.assertIn("is archived", self.fail_job(dataset))
        self.assertEqual(self.names(dataset), ["Ada"])
        dataset.user_id = self.manager
        dataset.action_resume()
        self.sync(dataset)
        self.assertEqual(dataset.state, "live", dataset.error)
        self.assertEqual(self.names(dataset), ["Ada", "Bo"])

    def test_a_user_who_leaves_a_company(self):
        other = self.create_company("Elsewhere Ltd")
        self.reader.company_ids |= other
        self.create_partners("Theirs", company_id=other.id)
        dataset = self.create_dataset(company_id=other.id)
        self.start(dataset)
        self.assertEqual(self.names(dataset), ["Theirs"])
        self.reader.company_ids -= other
        self.create_partners("Theirs, too", company_id=other.id)
        self.assertTrue(self.fail_job(dataset))
        self.assertEqual(dataset.state, "failed")
        self.assertEqual(self.names(dataset), ["Theirs"])

    def test_nobody_reads_by_somebody_else(self):
        dataset = self.create_dataset(user_id=self.manager.id).with_user(self.manager)
        dataset.domain = "[('ref', '=', 'wh')]"
        admin = self.env.ref("base.user_admin")
        with self.assertRaises(AccessError), self.cr.savepoint():
            dataset.user_id = admin
        theirs = self.create_dataset(user_id=admin.id, table="theirs")
        theirs = theirs.with_user(self.manager)
        with self.assertRaises(AccessError), self.cr.savepoint():
            theirs.domain = "[]"
        with self.assertRaises(AccessError), self.cr.savepoint():
            self.warehouse.with_user(self.manager).file_name = "mine.duckdb"

    def test_what_jobs_write_nobody_writes_by_rpc(self):
        dataset = self.create_dataset(user_id=self.manager.id).with_user(self.manager)
        reading = self.env["ai.queue.reading"].with_user(self.manager)
        reading = reading.create(
            {
                "name": "Rows",
                "warehouse_id": self.warehouse.id,
                "purpose": "rows",
                "source": "shop.rows",
                "key_column": "id",
            }
        )
        warehouse = self.warehouse.with_user(self.manager)
        for record, vals in (
            (dataset, {"sources": {"res_partner": ["x"]}}),
            (dataset, {"phase": "live", "signature": dataset._get_signature()}),
            (dataset, {"uuid": "x' OR 1 = 1"}),
            (dataset, {"mark": "0"}),
            (dataset, {"is_table_older": False}),
            (reading, {"number": 7}),
            (reading, {"mark": {"key": 1}}),
            (warehouse, {"check_state": "ok"}),
        ):
            with self.subTest(vals), self.assertRaises(AccessError):
                record.write(vals)
            with self.subTest(vals), self.assertRaises(AccessError):
                record.create({**record.copy_data()[0], **vals})
        context = {"default_phase": "live", "default_uuid": "x", "default_mark": "0"}
        made = dataset.with_context(**context).copy()
        self.assertEqual((made.phase, made.mark), ("draft", False))
        self.assertRegex(made.uuid, "^[0-9a-f]{32}$")
        # What says whose a table is has each for itself, also of two made at once.
        [vals] = dataset.copy_data()
        two = dataset.create([{**vals, "table": name} for name in ("first", "second")])
        self.assertEqual(len(set((dataset + two).mapped("uuid"))), 3)
        # … but by a button.
        dataset.action_start()
        self.assertEqual(dataset.phase, "loading")
        dataset.action_pause()
        dataset.action_resume()
        dataset.action_stop()
        reading.action_read()
        reading.action_pause()
        warehouse.action_check()
        self.assertEqual((reading.state, reading.is_paused), ("reading", True))

    def test_columns_of_what_somebody_else_reads(self):
        admin = self.env.ref("base.user_admin")
        theirs = self.create_dataset(columns="name vat:hash", user_id=admin.id)
        lines = theirs.field_ids.with_user(self.manager)
        field = self.env["ir.model.fields"]._get("res.partner", "email")
        own = self.create_dataset(user_id=self.manager.id, table="own", columns="city")
        for change in (
            lambda: lines.create({"dataset_id": theirs.id, "field_id": field.id}),
            lambda: lines[1].write({"mask": False}),
            lambda: lines[0].write({"field_id": field.id}),
            lambda: lines[1].unlink(),
            lambda: own.field_ids.with_user(self.manager).write(
                {"dataset_id": theirs.id}
            ),
        ):
            with self.assertRaises(AccessError), self.cr.savepoint():
                change()
        own.field_ids.with_user(self.manager).mask = "hash"

    def test_a_field_that_its_user_may_not_read(self):
        self.patch(type(self.env["res.partner"]).ref, "groups", "base.group_system")
        field = self.env["ir.model.fields"]._get("res.partner", "ref")
        dataset = self.create_dataset(user_id=self.manager.id, domain="[]")
        with self.assertRaises(AccessError), self.cr.savepoint():
            dataset.field_ids.with_user(self.manager).create(
                {"dataset_id": dataset.id, "field_id": field.id}
            )

    def test_a_second_record_of_what_the_server_has_a_key_for(self):
        vals = {"type": "bigquery", "file_name": False, "project": "sales-123456"}
        first = self.create_warehouse("Big", **vals)
        self.create_dataset(warehouse_id=first.id)
        second = self.create_warehouse("Bigger", **vals).with_user(self.manager)
        self.assertTrue(first._holds_of_others(self.manager))
        self.assertFalse(second._holds_of_others(self.manager))
        with patch.object(conf, "get_option", return_value="sales-123456") as listed:
            self.assertTrue(second._holds_of_others(self.manager))
            # … nor of another project, by which one may ask for tables of the first
            second.project = "others-123456"
            self.assertFalse(second._holds_of_others(self.manager))
            listed.return_value += " others-123456"
            self.assertTrue(second._holds_of_others(self.manager))
            # … which they have the key of themselves
            second.password = "{}"
            self.assertFalse(second._holds_of_others(self.manager))
        vals = {"type": "postgresql", "database": "dw", "login": "odoo"}
        first = self.create_warehouse("Old", host="db.example.com", **vals)
        self.create_dataset(warehouse_id=first.id)
        second = self.create_warehouse("New", host="DB.example.com", **vals)
        self.assertFalse(second._holds_of_others(self.manager))
        outside = {
            "AI_QUEUE_WAREHOUSE_KEY_NEW": "outside",
            "AI_QUEUE_WAREHOUSE_URL_NEW": "postgresql://DB.example.com:5432",
        }
        with patch.dict(os.environ, outside):
            self.assertTrue(second._holds_of_others(self.manager))

    def test_the_superuser_reads_everything_and_is_refused(self):
        with self.assertRaises(ValidationError):
            self.create_dataset(user_id=self.env.ref("base.user_root").id)

    def test_bad_definitions_are_refused(self):
        for vals in (
            {"domain": "[('nothing', '=', 1)]"},
            {"domain": "__import__('os')"},
            {"schema": 'x"; DROP TABLE y; --'},
            {"table": "_ai_queue_batch"},
            {"batch_rows": 1},
            {"gap_seconds": 0},
        ):
            with self.subTest(vals), self.assertRaises(ValidationError):
                with self.cr.savepoint():
                    self.create_dataset(**vals)
        for columns in ("category_id", "image_1920", "name:year"):
            with self.subTest(columns), self.assertRaises(ValidationError):
                with self.cr.savepoint():
                    self.create_dataset(columns=columns)

    def test_column_names(self):
        dataset = self.create_dataset(columns="name country_id")
        line = dataset.field_ids[0]
        for name in ("id", "_row_hash", "1st", "a b", "country_id_name"):
            with self.subTest(name), self.assertRaises(ValidationError):
                with self.cr.savepoint():
                    line.column = name
        line.column = "full_name"

    def test_what_runs_stays_where_it_is(self):
        self.create_partners("Ada")
        dataset = self.create_dataset()
        self.start(dataset)
        with self.assertRaises(UserError):
            dataset.table = "other"
        with self.assertRaises(UserError):
            dataset.unlink()
        with self.assertRaises(UserError):
            dataset.active = False
        self.stop_datasets(dataset)
        self.assertEqual(dataset.state, "draft")
        self.assertNotIn("res_partner", capture.get_tables(self.cr))
        dataset.unlink()

    def test_a_trigger_stays_while_somebody_needs_it(self):
        self.create_partners("Ada")
        first = self.create_dataset()
        second = self.create_dataset(table="others")
        self.start(first)
        self.start(second)
        self.stop_datasets(first)
        self.create_partners("Bo")
        self.sync(second)
        self.assertEqual(self.names(second), ["Ada", "Bo"])
        self.stop_datasets(second)
        self.assertFalse(capture.get_tables(self.cr))

    def test_a_dataset_that_went_with_its_model_leaves_no_trigger(self):
        dataset = self.create_dataset(columns="name country_id")
        self.start(dataset)
        self.assertIn("res_country", capture.get_tables(self.cr))
        self.env.flush_all()
        self.cr.execute("DELETE FROM ai_queue_dataset WHERE id = %s", [dataset.id])
        self.env.invalidate_all()
        self.env["ai.queue.dataset"]._cron_follow()
        self.assertFalse(capture.get_tables(self.cr))

    def test_columns_that_are_gone_are_not_looked_at(self):
        dataset = self.create_dataset()
        other = self.create_dataset("res.country", "name", table="countries")
        self.start(dataset)
        dataset.sources = {"res_country": ["name", "gone"], "gone": ["name"]}
        other._install({"res_country": ["code"], "gone": ["name"]})
        self.env["res.country"].create({"name": "Atlantis", "code": "XX"})
        self.env.flush_all()
        self.stop_datasets(dataset)
        self.assertFalse(dataset.sources)
        self.assertFalse(capture.get_tables(self.cr))

    def test_uninstall_leaves_no_trigger(self):
        self.create_partners("Ada")
        dataset = self.create_dataset(columns="name country_id")
        self.start(dataset)
        self.create_partners("Bo")
        self.commit()
        self.assertTrue(capture.get_tables(self.cr))
        job = self.find_jobs(dataset)
        uninstall_hook(self.env)
        self.assertFalse(capture.get_tables(self.cr))
        self.cr.execute("SELECT count(*) FROM pg_proc WHERE proname LIKE 'ai_queue_%'")
        self.assertEqual(self.cr.fetchone(), (0,))
        self.assertEqual(job.state, "cancelled")
        self.create_partners("Cy")
        self.env.flush_all()

    @mute_logger("odoo.sql_db")
    def test_neutralized(self):
        dataset = self.create_dataset()
        self.start(dataset)
        self.env.flush_all()
        path = Path(__file__).parent.parent / "data/neutralize.sql"
        self.cr.execute(path.read_text())
        self.env.invalidate_all()
        self.create_partners("Ada")
        self.sync(dataset)
        dataset.action_sync()
        self.assertFalse(self.find_jobs(dataset))
        self.assertEqual(self.names(dataset), [])
        self.assertEqual(dataset.state, "paused")

    def test_a_driver_that_is_not_installed(self):
        with patch.object(
            type(self.warehouse), "_connect", side_effect=Missing("duckdb")
        ):
            self.warehouse._run_check()
        self.warehouse.invalidate_recordset()
        self.assertEqual(self.warehouse.check_state, "failed")
        self.assertIn("pip install duckdb", self.warehouse.check_result)

    def test_the_usual_datasets(self):
        self.warehouse.with_user(self.manager).action_add_usual()
        tables = set(self.warehouse.dataset_ids.mapped("table"))
        # What the manager may read, and of what is installed.
        self.assertLessEqual({"customers", "products", "forecasts", "runs"}, tables)
        datasets = self.warehouse.dataset_ids
        self.assertEqual(set(datasets.mapped("state")), {"draft"})
        self.assertEqual(datasets.user_id, self.manager)
        for dataset in datasets:
            with self.subTest(dataset.table):
                self.start(dataset)
        # Again it adds nothing.
        self.warehouse.with_user(self.manager).action_add_usual()
        self.assertEqual(self.warehouse.dataset_ids, datasets)
