# Copyright 2026 The ai_queue contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""The change log, with transactions that really are several."""

from contextlib import closing

from odoo.tests import BaseCase, tagged

from .. import capture
from .common import connect

TABLE, OTHER = "ai_queue_test_numbers", "ai_queue_test_children"


@tagged("post_install", "-at_install")
class TestCapture(BaseCase):
    def setUp(self):
        super().setUp()
        self.connection = self.connect()
        self.cr = self.connection.cursor()
        self.addCleanup(self.drop)
        self.drop()
        self.cr.execute(
            f"CREATE TABLE {TABLE} (id serial PRIMARY KEY, name text, other text)"
        )
        self.cr.execute(
            f"CREATE TABLE {OTHER} (id serial PRIMARY KEY, number_id integer "
            f"REFERENCES {TABLE} ON DELETE CASCADE)"
        )
        self.install(TABLE)
        self.low = capture.get_frontier(self.cr)

    def drop(self):
        self.cr.execute(f"DROP TABLE IF EXISTS {OTHER}, {TABLE}")
        for table in (TABLE, OTHER):
            self.cr.execute(f"DROP FUNCTION IF EXISTS {capture.get_function(table)}()")
            self.cr.execute("DELETE FROM ai_queue_change WHERE source = %s", (table,))

    def connect(self, autocommit=True):
        connection = connect()
        self.addCleanup(connection.close)
        connection.autocommit = autocommit
        return connection

    def install(self, table, columns=None):
        with closing(self.connect(autocommit=False)) as connection:
            capture.install(connection.cursor(), table, columns)
            connection.commit()

    def read_log(self):
        """Read the log as a dataset does: all ids up to the frontier."""
        high = capture.get_frontier(self.cr)
        ids = capture.get_ids(self.cr, TABLE, self.low, high)
        self.low = high
        return ids

    def insert(self, cr, *names):
        cr.execute(
            f"INSERT INTO {TABLE} (name) SELECT unnest(%s) RETURNING id", (list(names),)
        )
        return [number for (number,) in cr.fetchall()]

    def test_insert_update_delete_are_noted(self):
        first, second = self.insert(self.cr, "a", "b")
        self.assertEqual(self.read_log(), {first, second})
        self.cr.execute(f"UPDATE {TABLE} SET name = 'c' WHERE id = %s", (second,))
        self.assertEqual(self.read_log(), {second})
        self.cr.execute(f"DELETE FROM {TABLE} WHERE id = %s", (first,))
        self.assertEqual(self.read_log(), {first})
        self.assertEqual(self.read_log(), set())

    def test_the_cascade_of_a_foreign_key_is_noted(self):
        self.install(OTHER)
        (first,) = self.insert(self.cr, "a")
        self.cr.execute(
            f"INSERT INTO {OTHER} (number_id) VALUES (%s) RETURNING id", (first,)
        )
        ((child,),) = self.cr.fetchall()
        low = capture.get_frontier(self.cr)
        self.cr.execute(f"DELETE FROM {TABLE} WHERE id = %s", (first,))
        high = capture.get_frontier(self.cr)
        self.assertEqual(capture.get_ids(self.cr, OTHER, low, high), {child})

    def test_what_commits_late_is_not_missed(self):
        """The trap of every watermark: an older transaction commits after the look."""
        slow = self.connect(autocommit=False)
        (late,) = self.insert(slow.cursor(), "late")
        (early,) = self.insert(self.cr, "early")
        seen = self.read_log()
        self.assertNotIn(late, seen)
        slow.commit()
        self.assertEqual(seen | self.read_log(), {late, early})

    def test_a_transaction_that_began_earlier_and_writes_later(self):
        """Its number as a transaction is lower than all that was read meanwhile."""
        old = self.connect(autocommit=False)
        cursor = old.cursor()
        cursor.execute("SELECT pg_current_xact_id()")
        (early,) = self.insert(self.cr, "early")
        # … and it does not hold up anybody until it writes here.
        self.assertEqual(self.read_log(), {early})
        (late,) = self.insert(cursor, "late")
        old.commit()
        self.assertEqual(self.read_log(), {late})

    def test_what_was_rolled_back_holds_nothing_up(self):
        slow = self.connect(autocommit=False)
        cursor = slow.cursor()
        cursor.execute("SAVEPOINT here")
        self.insert(cursor, "never")
        cursor.execute("ROLLBACK TO SAVEPOINT here")
        (early,) = self.insert(self.cr, "early")
        self.assertEqual(self.read_log(), {early})
        # What it writes after that is marked anew.
        (late,) = self.insert(cursor, "late")
        (next_one,) = self.insert(self.cr, "next")
        self.assertNotIn(late, self.read_log())
        slow.commit()
        self.low = 0
        self.assertEqual(self.read_log(), {early, late, next_one})

    def test_many_writers_and_a_reader_lose_nothing(self):
        """Transactions that overlap in every order, read in between all the time."""
        seen, expected, open_ones = set(), set(), []
        for turn in range(60):
            connection = self.connect(autocommit=False)
            cursor = connection.cursor()
            ids = self.insert(cursor, f"{turn}")
            open_ones.append((connection, ids))
            if turn % 3 == 2:
                # not the one that began last, nor the first
                ended, ids = open_ones.pop(len(open_ones) // 2)
                if turn % 2:
                    ended.commit()
                    expected.update(ids)
                else:
                    ended.rollback()
                ended.close()
            seen |= self.read_log()
            while len(open_ones) > 20:
                ended, ids = open_ones.pop(0)
                ended.commit()
                ended.close()
                expected.update(ids)
        for ended, ids in open_ones:
            ended.commit()
            ended.close()
            expected.update(ids)
        self.assertEqual(seen | self.read_log(), expected)

    def test_a_killed_writer_holds_nothing_up(self):
        slow = self.connect(autocommit=False)
        self.insert(slow.cursor(), "never")
        (early,) = self.insert(self.cr, "early")
        pid = slow.info.backend_pid
        self.cr.execute("SELECT pg_terminate_backend(%s, 10000)", (pid,))
        self.assertEqual(self.read_log(), {early})

    def test_only_the_columns_that_matter(self):
        first, second = self.insert(self.cr, "a", "b")
        self.cr.execute(f"DROP TRIGGER ai_queue_change_insert ON {TABLE}")
        self.cr.execute(f"DROP TRIGGER ai_queue_change_delete ON {TABLE}")
        self.install(TABLE, ["name"])
        self.read_log()
        self.cr.execute(f"UPDATE {TABLE} SET other = 'x'")
        self.assertEqual(self.read_log(), set())
        self.cr.execute(f"UPDATE {TABLE} SET name = 'x' WHERE id = %s", (second,))
        self.assertEqual(self.read_log(), {second})
        self.assertTrue(first)

    def test_a_column_that_is_dropped_fails_nobody(self):
        """… as by an addon that is uninstalled: all rows are noted then."""
        first, second = self.insert(self.cr, "a", "b")
        self.install(TABLE, ["name", "other"])
        self.cr.execute(f"UPDATE {TABLE} SET name = 'c' WHERE id = %s", (first,))
        self.read_log()
        self.cr.execute(f"ALTER TABLE {TABLE} DROP COLUMN other CASCADE")
        self.cr.execute(f"UPDATE {TABLE} SET name = name")
        self.assertEqual(self.read_log(), {first, second})

    def test_the_name_of_a_column_is_a_name(self):
        (first,) = self.insert(self.cr, "a")
        self.cr.execute(f'ALTER TABLE {TABLE} ADD COLUMN "a"" $$; SELECT 1/0; --" text')
        self.install(TABLE, ['a" $$; SELECT 1/0; --'])
        self.read_log()
        self.cr.execute(f'UPDATE {TABLE} SET "a"" $$; SELECT 1/0; --" = name')
        self.assertEqual(self.read_log(), {first})

    def test_a_bulk_after_a_single_row(self):
        """Not every new row is compared with every old one: that takes minutes."""
        self.install(TABLE, ["name"])
        count = 20_000
        ids = self.insert(self.cr, *(str(number) for number in range(count)))
        self.cr.execute(f"UPDATE {TABLE} SET name = 'x' WHERE id = %s", (ids[0],))
        self.read_log()
        self.cr.execute("SET statement_timeout = '30s'")
        self.cr.execute(f"UPDATE {TABLE} SET name = name || 'x'")
        self.assertEqual(self.read_log(), set(ids))

    def test_the_mark_of_a_bulk_lasts_until_its_transaction_ends(self):
        """… whether rows are compared or not, and not only while the trigger runs."""
        (first,) = self.insert(self.cr, "a")
        for columns in (["name"], None):
            self.install(TABLE, columns)
            self.read_log()
            slow = self.connect(autocommit=False)
            cursor = slow.cursor()
            cursor.execute(f"UPDATE {TABLE} SET name = name || 'x'")
            cursor.execute(
                "SELECT current_setting('ai_queue.change') = pg_current_xact_id()::text"
            )
            self.assertEqual(cursor.fetchone(), (True,))
            self.assertEqual(self.read_log(), set())
            slow.commit()
            self.assertEqual(self.read_log(), {first})

    def test_old_rows_are_kept_only_where_they_are_compared(self):
        def has_old():
            self.cr.execute(
                "SELECT tgoldtable IS NOT NULL FROM pg_trigger WHERE tgrelid = "
                "%s::regclass AND tgname = 'ai_queue_change_update'",
                (TABLE,),
            )
            return self.cr.fetchall()

        self.assertEqual(has_old(), [(False,)])
        (first,) = self.insert(self.cr, "a")
        for columns, is_kept in ((["name"], True), (None, False)):
            self.install(TABLE, columns)
            self.assertEqual(has_old(), [(is_kept,)])
            self.read_log()
            self.cr.execute(f"UPDATE {TABLE} SET name = name || 'x'")
            self.assertEqual(self.read_log(), {first})

    def test_statements_that_change_nothing_hold_nothing(self):
        idle = self.connect(autocommit=False)
        idle.cursor().execute(f"UPDATE {TABLE} SET name = 'x' WHERE id = -1")
        (early,) = self.insert(self.cr, "early")
        self.assertEqual(self.read_log(), {early})

    def test_uninstall_leaves_nothing(self):
        with closing(self.connect(autocommit=False)) as connection:
            cursor = connection.cursor()
            capture.uninstall(cursor, TABLE)
            connection.commit()
        self.cr.execute(
            "SELECT count(*) FROM pg_trigger WHERE tgrelid = %s::regclass "
            "AND NOT tgisinternal",
            (TABLE,),
        )
        self.assertEqual(self.cr.fetchone(), (0,))
        self.insert(self.cr, "unnoted")
        self.assertNotIn(TABLE, capture.get_tables(self.cr))

    def test_a_busy_table_is_not_waited_for_long(self):
        busy = self.connect(autocommit=False)
        self.insert(busy.cursor(), "a")
        with closing(self.connect(autocommit=False)) as connection:
            with self.assertRaises(Exception) as caught:
                capture.install(connection.cursor(), TABLE, ["name"])
        self.assertTrue(capture.is_busy(caught.exception))
