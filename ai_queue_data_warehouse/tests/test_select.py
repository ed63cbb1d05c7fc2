# Copyright 2026 The ai_queue contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""Questions of other addons: one SELECT with limits, of what the user may read."""

import threading
from datetime import date, datetime
from decimal import Decimal
from unittest.mock import patch

from odoo.exceptions import AccessError, UserError
from odoo.fields import Command
from odoo.service.model import get_public_method
from odoo.tests import TransactionCase, tagged

from odoo.addons.queue_job.exception import RetryableJobError

from ..models import ai_queue_warehouse_select
from ..targets.asking import plain
from .common import SCHEMA, PostgresMixin, WarehouseMixin, connect, get_settings

LIMITS = {"limit": 100, "seconds": 10, "max_bytes": 1_000_000}


class SelectCases:
    allow_inherited_tests_method = True

    def setUp(self):
        super().setUp()
        self.partners = self.create_partners("Ada", "Bo", "Cy", city="Paris")
        self.dataset = self.create_dataset(
            columns="name city active create_date partner_latitude country_id"
        )
        self.start(self.dataset)
        self.mine = self.warehouse.with_user(self.reader)
        self.get_extraction = type(self.dataset)._get_extraction

    def ask(self, sql, **limits):
        return self.mine._select(sql, **{**LIMITS, **limits})

    def test_columns_and_rows(self):
        answer = self.ask(
            "SELECT id, name, active, create_date, partner_latitude, 1.5 AS share, "
            f"CAST('2026-01-05' AS date) AS day FROM {SCHEMA}.res_partner ORDER BY id"
        )
        self.assertEqual(
            answer.columns,
            [
                ("id", "integer"),
                ("name", "text"),
                ("active", "boolean"),
                ("create_date", "datetime"),
                ("partner_latitude", "decimal"),
                ("share", "decimal"),
                ("day", "date"),
            ],
        )
        self.assertEqual(
            [row[:3] for row in answer.rows],
            [(partner.id, partner.name, True) for partner in self.partners],
        )
        row = answer.rows[0]
        self.assertIsInstance(row[3], datetime)
        self.assertEqual(row[5:], (Decimal("1.5"), date(2026, 1, 5)))
        self.assertFalse(answer.is_cut)
        self.assertGreater(answer.seconds, 0)

    def test_what_is_no_plain_number(self):
        answer = self.ask(
            "SELECT INTERVAL '2' DAY AS term, CAST('NaN' AS DOUBLE PRECISION) AS share"
        )
        self.assertEqual(answer.columns, [("term", "text"), ("share", "float")])
        self.assertEqual(answer.rows, [("2 days, 0:00:00", None)])
        self.assertIsNone(plain(Decimal("NaN")))
        self.assertEqual(plain(Decimal("1.5")), Decimal("1.5"))

    def test_limits_of_rows_and_bytes(self):
        sql = f"SELECT name FROM {SCHEMA}.res_partner ORDER BY id"
        answer = self.ask(sql, limit=2)
        self.assertEqual((answer.rows, answer.is_cut), ([("Ada",), ("Bo",)], True))
        answer = self.ask(sql, limit=3)
        self.assertEqual((len(answer.rows), answer.is_cut), (3, False))
        answer = self.ask(sql, max_bytes=5)
        self.assertEqual((answer.rows, answer.is_cut), ([("Ada",), ("Bo",)], True))

    def test_no_answer_and_a_sign_of_the_query(self):
        answer = self.ask(
            f"SELECT name FROM {SCHEMA}.res_partner WHERE name LIKE 'Z%';"
        )
        self.assertEqual(answer.rows, [])
        self.assertEqual(answer.columns, [("name", "text")])

    def test_what_takes_too_long(self):
        sql = (
            f"WITH RECURSIVE n AS (SELECT 1 AS i FROM {SCHEMA}.res_partner UNION ALL "
            "SELECT i + 1 FROM n WHERE i < 100000000) SELECT count(*) FROM n"
        )
        with self.assertRaisesRegex(UserError, "longer than it may"):
            self.ask(sql, seconds=1)

    def test_only_tables_that_one_may_read(self):
        names = [table["table"] for table in self.mine._select_tables()]
        self.assertEqual(names, ["res_partner"])
        for source in ("_ai_queue_batch", "_ai_queue_table"):
            with self.assertRaisesRegex(UserError, "may not read.*_ai_queue"):
                self.ask(
                    f"SELECT p.name FROM {SCHEMA}.res_partner AS p "
                    f"WHERE EXISTS (SELECT 1 FROM {SCHEMA}.{source})"
                )
            with self.assertRaises(UserError):
                self.mine._select_cost(f"SELECT * FROM {SCHEMA}.{source}")

    def test_who_may_ask(self):
        other = self.create_user("other", "base.group_user")
        sql = f"SELECT count(*) FROM {SCHEMA}.res_partner"
        warehouse = self.warehouse.with_user(other)
        self.assertFalse(warehouse._select_tables())
        with self.assertRaisesRegex(UserError, "may not read"):
            warehouse._select(sql, **LIMITS)
        group = self.env["res.groups"].create({"name": "Analysts"})
        self.dataset.reader_group_ids = group
        self.assertFalse(warehouse._select_tables())
        other.group_ids = [Command.link(group.id)]
        self.assertEqual(warehouse._select(sql, **LIMITS).rows, [(3,)])
        # of another company
        self.dataset.company_id = self.reader.company_id
        company = self.env["res.company"].create({"name": "Elsewhere"})
        other.write(
            {"company_id": company.id, "company_ids": [Command.set(company.ids)]}
        )
        self.assertFalse(warehouse._select_tables())

    def test_who_may_let_others_ask(self):
        group = self.env["res.groups"].create({"name": "Analysts"})
        with self.assertRaises(AccessError):
            self.dataset.with_user(self.manager).reader_group_ids = group

    def test_what_is_not_loaded_cannot_be_asked(self):
        self.dataset.action_stop()
        self.assertFalse(self.mine._select_tables())

    def test_what_is_loaded_otherwise_than_defined_cannot_be_asked(self):
        """A column that is masked by now is there in clear until all is loaded anew."""
        line = self.dataset.field_ids.filtered(lambda one: one.column == "city")
        line.mask = "hash"
        self.assertFalse(self.mine._select_tables())
        with self.assertRaisesRegex(UserError, "may not read"):
            self.ask(f"SELECT city FROM {SCHEMA}.res_partner")
        self.dataset.follow = "change"
        self.assertTrue(self.dataset._is_due())
        self.dataset.action_rebuild()
        self.assertFalse(self.mine._select_tables())
        self.sync(self.dataset)
        [(city,)] = self.ask(f"SELECT DISTINCT city FROM {SCHEMA}.res_partner").rows
        self.assertEqual(len(city), 64)

    def test_what_is_masked_cannot_be_asked_while_it_is_rebuilt(self):
        """Until the new table is in its place, the old one has the mails in clear."""
        line = self.dataset.field_ids.filtered(lambda one: one.column == "city")
        line.mask = "hash"
        self.dataset.action_rebuild()
        self.dataset._begin_load("rebuilding")
        self.assertFalse(self.mine._select_tables())
        self.sync(self.dataset)
        self.assertTrue(self.mine._select_tables())
        # … but what is as it was can be asked, however often one presses.
        self.dataset.action_rebuild()
        self.dataset.action_rebuild()
        self.dataset._begin_load("rebuilding")
        self.assertTrue(self.mine._select_tables())

    def test_what_is_masked_and_has_another_type_cannot_be_asked(self):
        """The load stopped; beside the rebuild the old table is still there."""
        line = self.dataset.field_ids.filtered(lambda one: one.column == "country_id")
        line.write({"mask": "hash", "with_name": False})
        self.dataset.action_sync()
        self.fail_job(self.dataset)
        self.assertEqual(self.dataset.error_kind, "changed")
        self.dataset.action_rebuild()
        self.dataset._begin_load("rebuilding")
        self.assertFalse(self.mine._select_tables())
        self.sync(self.dataset)
        self.assertTrue(self.mine._select_tables())

    def test_one_that_cannot_be_read_any_more_stops_no_other(self):
        self.create_partners("Di")
        other = self.create_dataset(columns="name", table="others")
        self.start(other)
        self.assertEqual(len(self.mine._select_tables()), 2)
        with patch.object(
            type(other),
            "_get_extraction",
            lambda one, cr: self.refuse(one, other, cr),
        ):
            tables = self.mine._select_tables()
        self.assertEqual([table["table"] for table in tables], ["res_partner"])

    def refuse(self, dataset, refused, cr):
        """As for a user who has lost a right."""
        if dataset == refused:
            raise AccessError(dataset.name)
        return self.get_extraction(dataset, cr)

    def test_tables_are_described(self):
        (table,) = self.mine._select_tables()
        self.assertEqual(table["schema"], SCHEMA)
        self.assertEqual(table["model"], "res.partner")
        columns = {each["name"]: each for each in table["columns"]}
        self.assertEqual(
            list(columns),
            ["id", "name", "city", "active", "create_date", "partner_latitude"]
            + ["country_id", "country_id_name", "_synced_at"],
        )
        self.assertEqual(columns["city"]["label"], "City")
        self.assertEqual(columns["country_id"]["type"], "integer")
        self.assertIn("Country", columns["country_id_name"]["label"])

    def test_only_one_select(self):
        for sql in (
            f"DELETE FROM {SCHEMA}.res_partner",
            f"SELECT 1; DELETE FROM {SCHEMA}.res_partner",
            f"SELECT 1 -- {SCHEMA}",
            "SELECT 1 /* */",
            "",
        ):
            with self.subTest(sql), self.assertRaises(UserError):
                self.ask(sql)
        self.assertEqual(len(self.rows(self.dataset)), 3)

    def test_nothing_can_be_written(self):
        with self.mine.sudo()._connect_to_ask(5) as target:
            with self.assertRaisesRegex(Exception, "read.only"):
                target.execute(f"DELETE FROM {SCHEMA}.res_partner")

    def test_what_goes_wrong_with_the_values_is_said(self):
        for wrong in (
            f"SELECT (SELECT id FROM {SCHEMA}.res_partner) AS one",
            f"SELECT CAST(name AS integer) AS one FROM {SCHEMA}.res_partner",
        ):
            with self.assertRaises(UserError) as caught:
                self.ask(wrong)
            self.assertNotIn("row does not fit", str(caught.exception))

    def test_what_is_wrong_is_said(self):
        with self.assertRaisesRegex(UserError, "refuses it.*nowhere"):
            self.ask(f"SELECT nowhere FROM {SCHEMA}.res_partner")

    def test_what_it_would_take(self):
        cost = self.mine._select_cost(f"SELECT * FROM {SCHEMA}.res_partner")
        self.assertGreater(cost.rows, 0)
        self.assertIsNone(cost.amount)
        with self.assertRaisesRegex(UserError, "nowhere"):
            self.mine._select_cost(f"SELECT nowhere FROM {SCHEMA}.res_partner")

    def test_not_for_rpc(self):
        for name in ("_select", "_select_cost", "_select_tables"):
            with self.assertRaises(AccessError):
                get_public_method(self.warehouse, name)


@tagged("post_install", "-at_install")
class TestSelectDuckDb(SelectCases, WarehouseMixin, TransactionCase):
    def test_dialect(self):
        self.assertEqual(self.mine._select_dialect(), "duckdb")

    def test_no_file_of_the_server_is_read(self):
        with self.assertRaisesRegex(UserError, "refuses it"):
            self.ask("SELECT * FROM read_csv('/etc/passwd')")

    def test_a_file_that_is_written_to_is_waited_for(self):
        sql = f"SELECT count(*) FROM {SCHEMA}.res_partner"
        # Not the one that this transaction has kept since the dataset was loaded.
        lock = 0x7777
        self.startPatcher(patch.object(ai_queue_warehouse_select, "LOCK_FILE", lock))
        outside = connect()
        with outside.cursor() as cr:
            cr.execute("SELECT pg_advisory_lock(%s, %s)", (lock, self.warehouse.id))
        with (
            patch.object(ai_queue_warehouse_select, "WAIT_SECONDS", 0.2),
            self.assertRaisesRegex(RetryableJobError, "busy"),
        ):
            self.ask(sql)
        timer = threading.Timer(0.3, outside.close)
        timer.start()
        self.assertEqual(self.ask(sql).rows, [(3,)])
        timer.join()


@tagged("post_install", "-at_install")
class TestSelectPostgres(SelectCases, PostgresMixin, WarehouseMixin, TransactionCase):
    @classmethod
    def create_warehouse(cls, name="Test", **vals):
        settings = get_settings()
        login = settings["user"] or cls.env.cr._cnx.info.user
        return super().create_warehouse(
            name,
            reader_login=login,
            reader_password=settings["password"] or "none",
            **vals,
        )

    def test_dialect(self):
        self.assertEqual(self.mine._select_dialect(), "postgres")

    def test_a_user_for_questions_is_needed(self):
        self.warehouse.reader_login = False
        with self.assertRaisesRegex(UserError, "no user or role for questions"):
            self.ask(f"SELECT count(*) FROM {SCHEMA}.res_partner")

    def run_outside(self, statement):
        with self.outside.cursor() as cr:
            cr.execute(statement)

    def test_the_connection_is_tested_for_questions_too(self):
        self.warehouse._run_check()
        self.warehouse.invalidate_recordset()
        self.assertEqual(self.warehouse.check_state, "failed")
        self.assertIn("may do more than read", self.warehouse.check_result)
        # Who owns a schema can do without rights on it, which is as if they had none.
        self.run_outside(f"REVOKE CREATE ON SCHEMA {SCHEMA} FROM CURRENT_USER")
        self.assertIn("of their own", self.warehouse._check_reader())
        sql = f"SELECT count(*) FROM {SCHEMA}.res_partner"
        self.assertEqual(self.ask(sql).rows, [(3,)])
        self.run_outside(f"REVOKE SELECT ON {SCHEMA}.res_partner FROM CURRENT_USER")
        with self.assertRaisesRegex(UserError, "permission denied"):
            self.ask(sql)

    def test_the_key_for_questions_is_never_read(self):
        self.warehouse.reader_password = "s3cret"
        self.assertEqual(self.warehouse._get_reader_key(), "s3cret")
        (row,) = self.warehouse.read(["reader_password"])
        self.assertFalse(row["reader_password"])
        self.warehouse.host = "elsewhere.example.com"
        self.assertFalse(self.warehouse._get_reader_key())
