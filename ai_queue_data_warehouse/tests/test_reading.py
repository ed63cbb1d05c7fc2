# Copyright 2026 The ai_queue contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""Tables of a warehouse in Odoo: demand, columns, rows."""

from datetime import date, timedelta
from unittest.mock import patch

from odoo.exceptions import AccessError, UserError, ValidationError
from odoo.tests import TransactionCase, tagged

from odoo.addons.queue_job.exception import RetryableJobError

from ..targets import Refused, Unreachable
from .common import SCHEMA, PostgresMixin, WarehouseMixin


class ReadingCases(WarehouseMixin):
    allow_inherited_tests_method = True

    def setUp(self):
        super().setUp()
        self.product = self.env["product.product"].create(
            {"name": "Lamp", "default_code": "LAMP"}
        )

    def make_orders(self):
        with self.warehouse._connect() as target:
            target.make_schema(SCHEMA)
            target.execute(
                f"CREATE TABLE {SCHEMA}.orders "
                "(line integer, sku varchar(50), day varchar(50), quantity varchar(50))"
            )

    def add(self, *rows):
        for line, sku, day, quantity in rows:
            self.query(
                f"INSERT INTO {SCHEMA}.orders VALUES "
                f"({line or 'NULL'}, '{sku}', '{day}', '{quantity}')"
            )

    def create_reading(self, **vals):
        values = {
            "name": "Web shop",
            "warehouse_id": self.warehouse.id,
            "source": f"{SCHEMA}.orders",
            "key_column": "line",
            "product_column": "sku",
            "date_column": "day",
            "value_column": "quantity",
            "page_rows": 100,
        }
        return self.env["ai.queue.reading"].create({**values, **vals})

    def read_all(self, reading):
        reading.action_read()
        self.go_on(reading)

    def go_on(self, reading):
        self.commit()
        for _turn in range(50):
            job = self.env["queue.job"].search(
                [
                    ("identity_key", "=", f"ai_queue_reading:{reading.id}"),
                    ("state", "=", "pending"),
                ],
                limit=1,
            )
            if not job:
                break
            self.perform(job)
        self.env.invalidate_all()

    def stop(self, reading):
        """Read a batch that does not come to its end; what came instead of it."""
        try:
            reading._read_batch()
        except BaseException as error:
            self.env.invalidate_all()
            return error
        self.fail("It came to its end.")

    def values(self, reading):
        rows = reading.row_ids.sorted(lambda row: int(row.key))
        return [(row.key, row.value) for row in rows]

    def test_rows_that_come_change_and_go(self):
        self.add((1, "LAMP", "2026-01-05", "3"), (2, "LAMP", "2026-01-06", "4.5"))
        reading = self.create_reading()
        self.read_all(reading)
        self.assertEqual(reading.state, "done", reading.error)
        self.assertEqual(self.values(reading), [("1", 3.0), ("2", 4.5)])
        self.assertEqual(reading.row_ids.product_id, self.product)
        self.query(f"UPDATE {SCHEMA}.orders SET quantity = '7' WHERE line = 1")
        self.query(f"DELETE FROM {SCHEMA}.orders WHERE line = 2")
        self.add((3, "LAMP", "2026-01-07", "1"))
        self.read_all(reading)
        self.assertEqual(self.values(reading), [("1", 7.0), ("3", 1.0)])

    def add_many(self, count):
        self.query(
            f"INSERT INTO {SCHEMA}.orders SELECT n, 'LAMP', '2026-01-05', '1' "
            f"FROM generate_series(1, {count}) AS s(n)"
        )

    def test_an_emptied_source_is_held(self):
        self.add_many(10)
        reading = self.create_reading()
        self.read_all(reading)
        self.query(f"DELETE FROM {SCHEMA}.orders")
        self.read_all(reading)
        self.assertEqual(reading.state, "held")
        self.assertIn("only 0 rows now; 10 were read", reading.error)
        self.assertEqual(len(reading.row_ids), 10)
        # It is looked at again by itself, and goes on when the rows are back.
        self.assertFalse(reading._is_due())
        reading.date_held -= timedelta(hours=2)
        self.add_many(9)
        self.env["ai.queue.reading"]._cron_read()
        self.go_on(reading)
        self.assertEqual((reading.state, len(reading.row_ids)), ("done", 9))
        self.assertFalse(reading.error)

    def test_fewer_rows_are_accepted_once(self):
        self.add_many(10)
        reading = self.create_reading()
        self.read_all(reading)
        self.query(f"DELETE FROM {SCHEMA}.orders WHERE line > 5")
        self.read_all(reading)
        self.assertEqual((reading.state, len(reading.row_ids)), ("done", 5))
        self.query(f"DELETE FROM {SCHEMA}.orders WHERE line > 2")
        self.read_all(reading)
        self.assertEqual((reading.state, len(reading.row_ids)), ("held", 5))
        reading.action_accept()
        self.go_on(reading)
        self.assertEqual((reading.state, len(reading.row_ids)), ("done", 2))
        self.query(f"DELETE FROM {SCHEMA}.orders")
        self.read_all(reading)
        self.assertEqual((reading.state, len(reading.row_ids)), ("held", 2))
        reading.max_shrink = 100
        self.read_all(reading)
        self.assertEqual((reading.state, len(reading.row_ids)), ("done", 0))

    def test_emptied_while_it_is_read(self):
        self.add_many(250)
        reading = self.create_reading()
        self.read_all(reading)
        reading.action_read()
        self.commit()
        reading._read_batch()
        self.query(f"DELETE FROM {SCHEMA}.orders")
        self.go_on(reading)
        self.assertEqual((reading.state, len(reading.row_ids)), ("held", 250))

    def test_the_day_of_a_time(self):
        self.add((1, "LAMP", "-", "3"))
        reading = self.create_reading(tz="Europe/Brussels")
        zoned = "CAST('2026-01-05 23:30:00+00' AS timestamp with time zone)"
        for value, day in (
            (zoned, date(2026, 1, 6)),
            ("'2026-01-05T23:30:00Z'", date(2026, 1, 6)),
            ("'2026-01-05T23:30:00-05:00'", date(2026, 1, 6)),
            ("CAST('2026-01-05 23:30:00' AS timestamp)", date(2026, 1, 5)),
            ("'2026-01-05 23:30:00'", date(2026, 1, 5)),
            ("'2026-01-05 and so on'", date(2026, 1, 5)),
            ("CAST('2026-01-05' AS date)", date(2026, 1, 5)),
        ):
            with self.subTest(value):
                reading.source = (
                    f"SELECT line, sku, {value} AS day, quantity FROM {SCHEMA}.orders"
                )
                self.read_all(reading)
                self.assertEqual(reading.row_ids.date, day)

    def test_killed_in_the_middle(self):
        self.query(
            f"INSERT INTO {SCHEMA}.orders SELECT n, 'LAMP', '2026-01-05', '1' "
            "FROM generate_series(1, 250) AS s(n)"
        )
        reading = self.create_reading()
        reading.action_read()
        self.commit()
        reading._read_batch()
        kind = type(reading)
        original = kind._upsert

        def killed(self, rows):
            original(self, rows)
            raise KeyboardInterrupt

        with patch.object(kind, "_upsert", killed):
            self.assertIsInstance(self.stop(reading), KeyboardInterrupt)
        self.assertEqual((reading.state, reading.rows_read), ("reading", 100))
        self.assertEqual(reading.progress, 40.0)
        self.go_on(reading)
        self.assertEqual(reading.state, "done")
        self.assertEqual(len(reading.row_ids), 250)
        self.assertEqual(reading.rows_read, 250)

    def test_pause_and_go_on(self):
        self.query(
            f"INSERT INTO {SCHEMA}.orders SELECT n, 'LAMP', '2026-01-05', '1' "
            "FROM generate_series(1, 150) AS s(n)"
        )
        reading = self.create_reading()
        reading.action_read()
        self.commit()
        reading._read_batch()
        self.env.invalidate_all()
        reading.action_pause()
        self.go_on(reading)
        self.assertEqual((reading.state, len(reading.row_ids)), ("reading", 100))
        self.read_all(reading)
        self.assertEqual((reading.state, len(reading.row_ids)), ("done", 150))

    def test_rows_that_do_not_fit_are_set_aside(self):
        self.add(
            (1, "LAMP", "2026-01-05", "3"),
            (2, "LUMP", "2026-01-05", "3"),
            (3, "LAMP", "yesterday", "3"),
            (4, "LAMP", "2026-01-05", "NaN"),
            (5, "LAMP", "2026-01-05", "1e300"),
            (6, "LAMP", "0044-03-15 BC", "1"),
        )
        reading = self.create_reading()
        self.read_all(reading)
        self.assertEqual(reading.state, "done", reading.error)
        reasons = {row.key: row.reason for row in reading.row_ids}
        self.assertFalse(reasons["1"])
        self.assertIn("LUMP", reasons["2"])
        self.assertIn("yesterday", reasons["3"])
        self.assertIn("no number", reasons["4"])
        self.assertIn("no number", reasons["5"])
        self.assertEqual(reading.unfit_count, 4)

    def test_a_query_with_a_percent_sign_beyond_its_first_batch(self):
        self.query(
            f"INSERT INTO {SCHEMA}.orders SELECT n, 'LAMP', '2026-01-05', '1' "
            "FROM generate_series(1, 150) AS s(n)"
        )
        reading = self.create_reading(
            source=f"SELECT * FROM {SCHEMA}.orders WHERE sku LIKE 'LA%'"
        )
        self.read_all(reading)
        self.assertEqual((reading.state, len(reading.row_ids)), ("done", 150))

    def test_numbers_that_are_none_as_names(self):
        self.add((1, "\N{SUPERSCRIPT TWO}", "2026-01-05", "3"))
        reading = self.create_reading(match="id")
        self.read_all(reading)
        self.assertEqual((reading.state, reading.unfit_count), ("done", 1))
        reading.write({"match": "default_code", "product_column": "double"})
        reading.source = (
            "SELECT line, CAST('NaN' AS double precision) AS double, day, quantity "
            f"FROM {SCHEMA}.orders"
        )
        self.read_all(reading)
        self.assertEqual((reading.state, reading.row_ids.product), ("done", "nan"))

    def test_pages_by_keys_of_any_type(self):
        self.add_many(150)
        keys = {
            # of more digits than a float has
            "1234567890123456789.5 + line": "1234567890123456939.5",
            "CAST(line AS double precision) / 3": "50",
            "DATE '2026-01-01' + line": "2026-05-31",
            "TIMESTAMP '2026-01-01 00:00:00' + line * INTERVAL '1 second'": (
                "2026-01-01 00:02:30"
            ),
        }
        for key, last in keys.items():
            with self.subTest(key=key):
                source = f"SELECT {key} AS line, sku, day, quantity FROM"
                reading = self.create_reading(source=f"{source} {SCHEMA}.orders")
                self.read_all(reading)
                self.assertEqual(reading.state, "done", reading.error)
                self.assertEqual(len(reading.row_ids), 150)
                ends = [row for row in reading.row_ids if row.key.startswith(last)]
                self.assertTrue(ends)

    def test_keys_that_are_alike_here(self):
        self.add((1, "LAMP", "2026-01-05", "3"), (2, "LAMP ", "2026-01-05", "3"))
        reading = self.create_reading(key_column="sku")
        self.fail_reading(reading)
        self.assertIn("0 rows have none, 1 have one that another", reading.error)
        self.query(f"UPDATE {SCHEMA}.orders SET sku = '' WHERE line = 2")
        self.fail_reading(reading)
        self.assertIn("1 rows have none, 0 have", reading.error)

    def test_changed_while_a_batch_is_on_its_way(self):
        self.query(
            f"INSERT INTO {SCHEMA}.orders SELECT n, 'LAMP', '2026-01-05', '1' "
            "FROM generate_series(1, 150) AS s(n)"
        )
        reading = self.create_reading()
        reading.action_read()
        self.commit()
        kind = type(self.warehouse)
        original, changed = kind._connect, []

        def connect(warehouse, is_reader=False):
            target = original(warehouse, is_reader=is_reader)
            read_page = target.read_page

            def read_and_change(**plain):
                rows = read_page(**plain)
                if not changed:
                    changed.append(plain)
                    reading.value_column = "line"
                    self.commit()
                return rows

            target.read_page = read_and_change
            return target

        with patch.object(kind, "_connect", connect):
            self.go_on(reading)
        self.assertTrue(changed)
        self.assertEqual((reading.state, len(reading.row_ids)), ("done", 150))
        self.assertEqual(self.values(reading)[:2], [("1", 1.0), ("2", 2.0)])
        self.assertEqual(reading.rows_read, 150)

    def test_half_of_it_is_no_demand(self):
        self.query(
            f"INSERT INTO {SCHEMA}.orders SELECT n, 'LAMP', '2026-01-05', '1' "
            "FROM generate_series(1, 150) AS s(n)"
        )
        reading = self.create_reading()
        reading.action_read()
        self.commit()
        reading._read_batch()
        kind = self.env["ai.queue.kind.forecast"]
        window = ("week", date(2026, 1, 5), date(2026, 1, 12))
        history = kind._get_histories(self.product, *window)[self.product.id]
        self.assertEqual(list(history), [])
        self.go_on(reading)
        history = kind._get_histories(self.product, *window)[self.product.id]
        self.assertEqual(list(history), [150.0])
        # … nor are rows of what is read no longer, and the next minute reads anew
        reading.value_column = "line"
        self.assertFalse(reading.row_ids)
        self.assertTrue(reading._is_due())

    def test_what_was_queued_meanwhile_is_not_read_twice(self):
        reading = self.create_reading()
        self.read_all(reading)
        reading._queue_reading()
        with patch.object(type(self.warehouse), "_connect") as connect:
            self.go_on(reading)
        connect.assert_not_called()

    def test_a_job_that_lost_the_database_of_odoo_runs_again(self):
        reading = self.create_reading()
        self.read_all(reading)
        reading._on_reading_failed(
            exc_name="psycopg2.OperationalError",
            exc_message="server closed the connection unexpectedly",
        )
        reading.invalidate_recordset()
        self.assertEqual(reading.state, "done")
        self.assertTrue(
            self.env["queue.job"]
            .search(
                [
                    ("identity_key", "=", f"ai_queue_reading:{reading.id}"),
                    ("state", "=", "pending"),
                ]
            )
            .eta
        )

    def test_what_nobody_thought_of_stops_it(self):
        reading = self.create_reading()
        reading.action_read()
        self.commit()
        reading._on_reading_failed(
            exc_name="builtins.ValueError", exc_message="year -43 is out of range"
        )
        self.env.invalidate_all()
        self.assertEqual(reading.state, "failed")
        self.assertIn("year -43", reading.error)

    def test_what_is_no_key_is_said(self):
        self.add((1, "LAMP", "2026-01-05", "3"), (1, "LAMP", "2026-01-06", "3"))
        self.add((None, "LAMP", "2026-01-05", "3"))
        reading = self.create_reading()
        self.fail_reading(reading)
        self.assertIn("1 rows have none, 1 have one that another", reading.error)
        self.assertFalse(reading.row_ids)

    def test_more_rows_than_allowed(self):
        self.add((1, "LAMP", "2026-01-05", "3"), (2, "LAMP", "2026-01-06", "3"))
        reading = self.create_reading(max_rows=1)
        self.fail_reading(reading)
        self.assertIn("2 rows, more than the 1", reading.error)

    def test_a_table_that_is_not_there(self):
        reading = self.create_reading(source=f"{SCHEMA}.nothing")
        self.fail_reading(reading)
        self.assertIn("nothing", reading.error)

    def fail_reading(self, reading):
        reading.action_read()
        self.commit()
        self.assertIsInstance(self.stop(reading), UserError)
        self.assertEqual(reading.state, "failed")

    def test_unreachable(self):
        reading = self.create_reading()
        reading.action_read()
        self.commit()
        gone = Unreachable("no route")
        with patch.object(type(self.warehouse), "_connect", side_effect=gone):
            self.assertIsInstance(self.stop(reading), RetryableJobError)
        self.assertEqual(reading.state, "waiting")
        self.go_on(reading)
        self.assertEqual(reading.state, "done")

    def test_demand(self):
        self.add(
            (1, "LAMP", "2026-01-05", "3"),
            (2, "LAMP", "2026-01-07", "4"),
            (3, "LAMP", "2026-01-20", "5"),
            (4, "LUMP", "2026-01-20", "5"),
        )
        kind = self.env["ai.queue.kind.forecast"]
        window = ("week", date(2026, 1, 5), date(2026, 1, 26))
        before = kind._get_histories(self.product, *window)[self.product.id]
        self.assertEqual(list(before), [])
        reading = self.create_reading()
        self.read_all(reading)
        history = kind._get_histories(self.product, *window)[self.product.id]
        self.assertEqual(list(history), [7.0, 0.0, 5.0])
        later = ("week", date(2026, 1, 12), date(2026, 1, 26))
        history = kind._get_histories(self.product, *later)[self.product.id]
        self.assertEqual(list(history), [0.0, 5.0])
        # … of the company that it is of, and no other
        other = self.env["res.company"].create({"name": "Other"})
        kind = kind.with_company(other)
        history = kind._get_histories(self.product, *window)[self.product.id]
        self.assertEqual(list(history), [])

    def test_columns(self):
        self.add(
            (1, "LAMP", "2026-01-05", "10"),
            (2, "LAMP", "2026-01-06", "20"),
            (3, "LAMP", "2026-01-20", "8"),
        )
        reading = self.create_reading(purpose="column", name="Price")
        self.read_all(reading)
        columns = self.env["ai.queue.kind.forecast"]._get_columns(
            self.product, "week", date(2026, 1, 5), date(2026, 1, 19), 2
        )
        self.assertEqual(
            columns, {self.product.id: {"Price": ([15.0, None], [8.0, None])}}
        )

    def test_a_query(self):
        self.add((1, "LAMP", "2026-01-05", "3"), (2, "LAMP", "2026-01-06", "4"))
        reading = self.create_reading(
            purpose="rows",
            source=f"SELECT line, quantity FROM {SCHEMA}.orders WHERE line > 1",
            product_column=False,
            date_column=False,
        )
        self.read_all(reading)
        self.assertEqual(self.values(reading), [("2", 4.0)])


@tagged("post_install", "-at_install")
class TestReadingDuckDb(ReadingCases, TransactionCase):
    def setUp(self):
        super().setUp()
        self.make_orders()

    def test_no_file_of_the_server_is_read(self):
        reading = self.create_reading(
            source="SELECT 1 AS line, content AS sku, '' AS day, 1 AS quantity "
            "FROM read_text('/etc/hostname')"
        )
        self.fail_reading(reading)
        self.assertFalse(reading.row_ids)

    def test_only_one_query(self):
        for source in (
            f"DELETE FROM {SCHEMA}.orders",
            f"SELECT 1; DROP TABLE {SCHEMA}.orders",
            "SELECT 1) AS q -- rest",
            "orders, others",
        ):
            with self.assertRaises(ValidationError):
                self.create_reading(source=source)

    def test_rights(self):
        manager = self.create_user("manager", "ai_queue.ai_queue_group_manager")
        reading = self.create_reading()
        reading.with_user(manager).action_read()
        with self.assertRaises(AccessError):
            reading.with_user(self.reader).action_read()
        # What somebody else may read is in there from now on.
        self.create_dataset()
        with self.assertRaises(AccessError):
            reading.with_user(manager).source = f"{SCHEMA}.res_partner"

    def test_rights_of_what_came_later_or_is_out_of_sight(self):
        manager = self.create_user("manager", "ai_queue.ai_queue_group_manager")
        own = self.create_reading().with_user(manager)
        early = self.env["ai.queue.reading"].with_user(manager)
        early = early.create({**own.copy_data()[0], "user_id": self.env.uid})
        self.assertEqual(early.user_id, manager)
        early.user_id = self.env.user
        self.assertEqual(early.user_id, manager)
        self.add((1, "LAMP", "2026-01-05", "3"))
        dataset = self.create_dataset()
        other = self.env["res.company"].create({"name": "Other"})
        self.reader.company_ids += other
        dataset.company_id = other
        # … of a company that the manager does not see
        self.assertFalse(dataset.with_user(manager).search([("id", "=", dataset.id)]))
        for vals in ({"source": f"{SCHEMA}.res_partner"}, {"match": "barcode"}):
            with self.assertRaises(AccessError), self.cr.savepoint():
                own.write(vals)
        with self.assertRaises(AccessError), self.cr.savepoint():
            self.warehouse.with_user(manager).file_name = "elsewhere.duckdb"
        dataset.active = False
        with self.assertRaises(AccessError), self.cr.savepoint():
            own.match = "barcode"
        self.fail_reading(early)
        self.assertIn("what others may read", early.error)
        self.assertFalse(early.sudo().row_ids)
        # … which does not concern what an administrator has set up
        self.read_all(own.sudo())
        self.assertEqual((own.state, len(own.row_ids)), ("done", 1))

    def test_one_reading_does_not_hold_the_others_up(self):
        broken, reading = self.create_reading(), self.create_reading()
        broken.state = reading.state = "done"
        reading.env["ai.queue.reading"]._cron_read()
        self.assertEqual(
            self.env["queue.job"].search_count(
                [("identity_key", "=", f"ai_queue_reading:{reading.id}")]
            ),
            1,
        )


@tagged("post_install", "-at_install")
class TestReadingPostgres(PostgresMixin, ReadingCases, TransactionCase):
    def setUp(self):
        super().setUp()
        self.make_orders()

    def test_a_query_cannot_make_itself_writable(self):
        with self.warehouse._connect(is_reader=True) as target:
            target.execute(
                "SELECT set_config('default_transaction_read_only', 'off', false)"
            )
            with self.assertRaises(Refused):
                target.execute(f"CREATE TABLE {SCHEMA}.more (id integer)")
            target.rollback()
        self.assertNotIn("more", self.tables())
