# Copyright 2026 The ai_queue contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
from odoo.tests import BaseCase, tagged

from ..guard import DIALECTS, Refused, guard
from .statements import (
    GOOD,
    GOOD_BY_DIALECT,
    HOSTILE,
    HOSTILE_BY_DIALECT,
    ORDER,
    TABLES,
)

LIMIT = 500


@tagged("post_install", "-at_install")
class TestGuard(BaseCase):
    def refuse(self, statement, dialect="postgres", tables=None):
        """Why the statement is refused; it fails where it is not."""
        with self.assertRaises(Refused, msg=statement) as caught:
            guard(statement, dialect, tables or TABLES, LIMIT)
        return caught.exception

    def written(self, statement, dialect="postgres", tables=None):
        return guard(statement, dialect, tables or TABLES, LIMIT).sql

    def test_hostile(self):
        for dialect in DIALECTS.values():
            hostile = HOSTILE + HOSTILE_BY_DIALECT[dialect]
            self.assertGreaterEqual(len(hostile), 20)
            for reason, statement in hostile:
                with self.subTest(dialect=dialect, statement=statement[:80]):
                    self.assertEqual(self.refuse(statement, dialect).code, reason)

    def test_good(self):
        for dialect in DIALECTS.values():
            good = GOOD + GOOD_BY_DIALECT[dialect]
            self.assertGreaterEqual(len(good), 10)
            for statement in good:
                with self.subTest(dialect=dialect, statement=statement):
                    checked = guard(statement, dialect, TABLES, LIMIT)
                    self.assertLessEqual(set(checked.tables), set(TABLES))
                    again = guard(checked.sql, dialect, TABLES, LIMIT)
                    self.assertEqual(again.sql, checked.sql)

    def test_limit(self):
        query = f"SELECT id FROM {ORDER}"
        for given, bound in (
            ("", 500),
            (" LIMIT 7", 7),
            (" LIMIT 7000", 500),
            (" LIMIT ALL", 500),
            (" LIMIT (SELECT 9999)", 500),
            (" LIMIT 1 + 99999", 500),
            (" FETCH FIRST 3 ROWS ONLY", 3),
            (f" UNION ALL SELECT id FROM {ORDER}", 500),
        ):
            checked = guard(query + given, "postgres", TABLES, LIMIT)
            self.assertEqual(checked.limit, bound, given)
            self.assertTrue(checked.sql.endswith(f"LIMIT {bound}"), checked.sql)

    def test_written_anew(self):
        sql = self.written(f"select /* ; drop */ id from {ORDER} -- and more")
        self.assertEqual(
            sql, 'SELECT "id" FROM "odoo"."sale_order" AS "sale_order" LIMIT 500'
        )

    def test_quotes_in_texts(self):
        for dialect in ("postgres", "redshift", "duckdb", "snowflake"):
            sql = self.written(f"SELECT id FROM {ORDER} WHERE name = 'it''s'", dialect)
            self.assertIn("= 'it''s' LIMIT", sql)
            self.assertNotIn("\\", sql)
        bigquery = f'SELECT id FROM {ORDER} WHERE name = "it\'s"'
        self.assertIn(r"= 'it\'s' LIMIT", self.written(bigquery, "bigquery"))

    def test_spelling_of_the_warehouse(self):
        tables = {"ODOO.SALE_ORDER": ["STATE", "AMOUNT_TOTAL"]}
        sql = self.written(
            "SELECT State, SUM(amount_total) AS Total FROM odoo.sale_order "
            "GROUP BY odoo.sale_order.state ORDER BY TOTAL",
            "snowflake",
            tables,
        )
        self.assertEqual(
            sql,
            'SELECT "STATE", SUM("AMOUNT_TOTAL") AS "total" FROM "ODOO"."SALE_ORDER" '
            'AS "sale_order" GROUP BY "sale_order"."STATE" ORDER BY "total" LIMIT 500',
        )

    def test_project_of_bigquery(self):
        tables = {"shop-1.odoo.sale_order": ["id"]}
        sql = self.written(
            "SELECT id FROM `shop-1.odoo.sale_order`", "bigquery", tables
        )
        self.assertIn("FROM `shop-1`.`odoo`.`sale_order`", sql)
        refused = self.refuse("SELECT id FROM odoo.sale_order", "bigquery", tables)
        self.assertEqual((refused.code, refused.what), ("table", "odoo.sale_order"))

    def test_bounds(self):
        deep = f"SELECT {'(' * 200}1{')' * 200} FROM {ORDER}"
        self.assertIn(self.refuse(deep).code, ("deep", "unreadable"))
        wide = f"SELECT id FROM {ORDER} WHERE id IN ({'1,' * 2000}1)"
        self.assertEqual(self.refuse(wide).code, "large")
        self.assertEqual(self.refuse(f'SELECT id AS "a""b" FROM {ORDER}').code, "name")
        self.assertEqual(
            self.refuse(f"SELECT id FROM {ORDER} o, secret").what, "secret"
        )

    def test_nothing_of_a_statement_in_the_log(self):
        with self.assertNoLogs("sqlglot", "WARNING"):
            self.refuse("CALL odoo.procedure('a secret')")
