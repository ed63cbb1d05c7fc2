# Copyright 2026 The ai_queue contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""Snowflake and BigQuery, as far as no server is asked."""

import importlib.util
import re
import unittest
from contextlib import suppress
from dataclasses import replace
from datetime import date
from types import SimpleNamespace
from unittest.mock import patch

from odoo.exceptions import UserError, ValidationError
from odoo.tests import TransactionCase, tagged

from odoo.addons.queue_job_operations import conf

from ..targets import (
    DATE,
    TEXT,
    BadKey,
    Column,
    Load,
    Refused,
    Span,
    Table,
    Unreachable,
    bigquery,
    snowflake,
)
from ..targets.base import csv, read_keys
from ..words import say
from .common import WarehouseMixin
from .test_sync_cloud import make_key

SNOWFLAKE = {
    "type": "snowflake",
    "file_name": False,
    "account": "myorg-sales",
    "database": "ODOO",
    "login": "odoo",
}
BIGQUERY = {"type": "bigquery", "file_name": False, "project": "sales-123456"}


class NoServer:
    """Does with the names of tables what a warehouse does, and keeps what it was asked.

    :ivar steps: until it is killed; None, never
    """

    def __init__(self, *tables):
        self.tables, self.asked, self.settings = set(tables), [], {}
        self.noted, self.batches = dict.fromkeys(tables, "owner"), set()
        self._token = self._staged = self.steps = None

    def execute(self, statement, *parameters):
        if self.steps == 0:
            raise KeyboardInterrupt
        self.steps = self.steps and self.steps - 1
        self.asked.append(statement)
        match re.sub(r'["`]', "", statement).lower().split():
            case ["select", "holder", *_rest]:
                return [("before",)]
            case ["select", "owner,", "columns", *_rest]:
                owner = self.noted.get(parameters[0])
                return [(owner, "id=integer")] if owner else []
            case ["select", "row_count,", *_rest]:
                return [(0, 0)] if parameters[0] in self.batches else []
            case ["select", *words] if words[0].startswith("count(*),"):
                return [(0, 0, 0)]
            case ["insert", "into", "odoo._ai_queue_table", *_rest]:
                self.noted[parameters[0]] = parameters[1]
            case ["delete", "from", "odoo._ai_queue_table", *_rest]:
                self.noted.pop(parameters[0], None)
            case ["create", "or", "replace", "table", name, *_rest]:
                self.tables.add(name.removeprefix("odoo."))
            case ["drop", "table", name]:
                self.tables.discard(name.removeprefix("odoo."))
        return []

    def count(self, statement, *parameters):
        self.execute(statement, *parameters)
        self.batches.add(parameters[0])
        return 1

    def _exists(self, table):
        return table.name in self.tables

    def make_schema(self, schema):
        pass

    def fill_stage(self, schema, name, columns, path):
        pass


class NoBigQuery(NoServer, bigquery.BigQueryTarget):
    def _drop_stage(self, schema, token):
        pass


class NoSnowflake(NoServer, snowflake.SnowflakeTarget):
    pass


@tagged("post_install", "-at_install")
class TestCloud(WarehouseMixin, TransactionCase):
    def test_where_it_is(self):
        warehouse = self.create_warehouse("Snow", **SNOWFLAKE)
        self.assertEqual(
            warehouse._get_key_url(), "https://myorg-sales.snowflakecomputing.com:443"
        )
        warehouse = self.create_warehouse("Big", **BIGQUERY)
        self.assertEqual(
            warehouse._get_key_url(), "https://bigquery.googleapis.com:443"
        )

    def test_another_account_gets_no_key(self):
        warehouse = self.create_warehouse("Snow", **SNOWFLAKE, password="secret")
        self.assertEqual(warehouse._get_key(), "secret")
        warehouse.account = "somebody-else"
        self.assertFalse(warehouse._get_key())
        warehouse = self.create_warehouse("Big", **BIGQUERY, password="{}")
        warehouse.project = "somebody-else"
        self.assertFalse(warehouse._get_key())

    def test_a_stranger_gives_the_driver_no_orders(self):
        found = ["93.184.216.34"]
        resolve = patch.object(type(self.warehouse), "_resolve", lambda _self: found)
        self.startPatcher(resolve)
        for vals in (SNOWFLAKE, BIGQUERY):
            warehouse = self.create_warehouse(vals["type"], **vals, password="{}")
            self.assertTrue(warehouse._get_settings())
            warehouse.host = "evil.example.com"
            with self.assertRaisesRegex(UserError, "leave the host empty"):
                warehouse._get_settings()
            warehouse.host = "evilsnowflakecomputing.com"
            with self.assertRaises(UserError):
                warehouse._get_settings()
            warehouse.host = "eu.privatelink.snowflakecomputing.com"
            self.assertTrue(warehouse._get_settings())
            # … one of one's own network, which odoo.conf names
            found[:] = ["10.1.2.3"]
            warehouse.host = "snow.example.com"
            self.assertTrue(warehouse._get_settings())
            found[:] = ["93.184.216.34"]

    def test_what_cannot_be_an_address_or_a_name(self):
        for vals in (
            {**SNOWFLAKE, "account": "evil.example.com/path"},
            {**SNOWFLAKE, "account": False},
            {**SNOWFLAKE, "login": False},
            {**SNOWFLAKE, "role": "a role; DROP"},
            {**SNOWFLAKE, "stage": "s/../../other"},
            {**SNOWFLAKE, "host": "/tmp/socket"},
            {**BIGQUERY, "project": "Sales"},
            {**BIGQUERY, "location": "EU'"},
        ):
            with self.assertRaises(ValidationError), self.cr.savepoint():
                self.create_warehouse("Bad", **vals)

    def test_the_credentials_of_the_server_are_for_its_owner_to_give(self):
        warehouse = self.create_warehouse("Big", **BIGQUERY)
        self.startPatcher(patch.object(type(warehouse), "_resolve", lambda _self: []))
        self.assertFalse(warehouse._get_settings()["use_default"])
        with patch.object(conf, "get_option", return_value="other, sales-123456"):
            self.assertTrue(warehouse._get_settings()["use_default"])
            # Their token goes to Google, and nowhere else.
            warehouse.host = "example.com"
            self.assertFalse(warehouse._get_settings()["use_default"])
        with patch.object(conf, "get_option", return_value="other"):
            warehouse.host = False
            self.assertFalse(warehouse._get_settings()["use_default"])

    @unittest.skipIf(importlib.util.find_spec("snowflake"), "the driver is installed")
    def test_a_driver_that_is_not_installed(self):
        warehouse = self.create_warehouse("Snow", **SNOWFLAKE, password="secret")
        self.startPatcher(patch.object(type(warehouse), "_resolve", lambda _self: []))
        warehouse.action_check()
        self.commit()
        warehouse._run_check()
        warehouse.invalidate_recordset()
        self.assertEqual(warehouse.check_state, "failed")
        self.assertIn("pip install snowflake-connector-python", warehouse.check_result)

    def test_a_private_key_that_lost_its_lines(self):
        key = make_key()
        self.assertNotIn("\n", key)
        whole = snowflake._read_private_key(key)
        self.assertEqual(
            snowflake._read_private_key(key.replace("KEY-----", "KEY-----\\n", 1)),
            whole,
        )
        for damaged in (
            key.replace("M", "", 5),
            key[:200],
            key.replace("PRIVATE", "ENCRYPTED PRIVATE"),
        ):
            with self.assertRaises(BadKey) as caught:
                snowflake._read_private_key(damaged)
            said = say(self.env, caught.exception)
            self.assertIn("without a passphrase", said)

    def test_what_is_loaded_is_kept_whatever_the_account_says(self):
        warehouse = self.create_warehouse("Snow", **SNOWFLAKE, password="secret")
        self.startPatcher(patch.object(type(warehouse), "_resolve", lambda _self: []))
        target = object.__new__(snowflake.SnowflakeTarget)
        target.settings = warehouse._get_settings()
        self.assertIs(target._get_options()["autocommit"], True)

    @unittest.skipUnless(importlib.util.find_spec("sqlglot"), "nothing reads SQL")
    def test_what_is_sent_is_sql_there(self):
        """BigQuery refuses a WHERE without a FROM, other than what stands in for it."""
        import sqlglot
        from sqlglot import exp

        for kind in (NoBigQuery, NoSnowflake):
            for statement in self.ask_all(kind):
                with self.subTest(kind=kind.__name__, statement=statement):
                    text = statement.replace("%s", "?")
                    tree = sqlglot.parse_one(text, read=kind.dialect)
                    self.assertNotIsInstance(tree, exp.Command)
                    for select in tree.find_all(exp.Select):
                        if select.args.get("where"):
                            self.assertTrue(select.find(exp.From), statement)
                            self.assertIs(select.find(exp.From).parent, select)

    def test_a_swap_may_be_interrupted_anywhere(self):
        table = Table("odoo", "partners__new", "owner")
        for kind in (NoBigQuery, NoSnowflake):
            for tables in (["partners", "partners__new"], ["partners__new"]):
                for steps in range(20):
                    with self.subTest(kind=kind.__name__, tables=tables, steps=steps):
                        target = kind(*tables)
                        target.steps = steps
                        with suppress(KeyboardInterrupt):
                            target.swap(table, "partners", "key")
                        target.steps = None
                        target.swap(table, "partners", "key")
                        self.assertEqual(target.tables, {"partners"})
                        self.assertEqual(target.noted, {"partners": "owner"})

    def ask_all(self, kind):
        """What a target asks to load a batch, to compare, to read, and to swap."""
        columns = (Column("name", TEXT), Column("day", DATE))
        table = Table("odoo", "partners", "owner", columns)
        path = f"{self.directory}/rows.csv"
        with open(path, "w") as file:
            file.write("1,Ada,2026-01-01,1,2026-01-01 00:00:00\n")
        target = kind()
        target.begin(table, may_make=True)
        target.load(table, Load("00", path, between=(1, 9)))
        target.commit()
        target.get_sums(table, 1000, Span(keys=(1, 9), column="day", days=(None,)))
        target.get_day_sums(table, Span(column="day"))
        target.get_rows(table, Span(column="day", days=(date(2026, 1, 1),)))
        target.count_keys("shop.orders", "id")
        target.read_page("SELECT id, day FROM x", ["id", "day"], 7, 100)
        swapped = kind("partners", "partners__new")
        swapped.swap(replace(table, name="partners__new"), "partners", "key")
        return [*target.asked, *swapped.asked]

    def test_what_an_error_of_snowflake_means(self):
        for number, state, text, kind in (
            (250001, "08001", "Could not connect", Unreachable),
            (250001, "08001", "Incorrect username or password was specified", Refused),
            (250001, "08001", "JWT token is invalid", Refused),
            (290503, None, "HTTP 503: Service Unavailable", Unreachable),
            (90073, "57014", "resource monitor has exceeded its quota", Unreachable),
            (604, "57014", "SQL execution canceled", Unreachable),
            (3001, "42501", "Insufficient privileges to operate", Refused),
            (2003, "02000", "Schema does not exist or not authorized", Refused),
        ):
            error = SimpleNamespace(errno=number, sqlstate=state, msg=text)
            with self.subTest(text):
                self.assertIs(type(snowflake._translate(error)), kind)

    def test_what_an_error_of_bigquery_means(self):
        for code, reason, text, kind in (
            (403, "quotaExceeded", "Quota exceeded: too many statements", Unreachable),
            (403, "rateLimitExceeded", "Exceeded rate limits", Unreachable),
            (503, "backendError", "Try again", Unreachable),
            (403, "accessDenied", "User may not create tables", Refused),
            (400, "bytesBilledLimitExceeded", "Query exceeded limit", Refused),
            (404, "notFound", "Not found: Table", Refused),
        ):
            error = SimpleNamespace(
                code=code, errors=[{"reason": reason}], message=text
            )
            target = object.__new__(bigquery.BigQueryTarget)
            with self.subTest(text):
                self.assertIs(type(target._translate(error)), kind)

    def test_a_row_of_20_megabytes_has_a_key(self):
        path = f"{self.directory}/rows.csv"
        with open(path, "w", newline="") as file:
            csv.writer(file).writerows([(1, "x" * 20_000_000), (2, "y")])
        self.assertEqual(read_keys(path), [1, 2])

    def test_a_row_of_20_megabytes_holds_nobody_up(self):
        partners = self.create_partners("Ada", "Bo", "Cy")
        dataset = self.create_dataset(columns="name comment")
        self.start(dataset)
        self.env.cr.execute(
            "UPDATE res_partner SET comment = repeat('x', 20000000) WHERE id = %s",
            [partners[1].id],
        )
        partners[2].name = "Cyd"
        self.sync(dataset)
        self.assertEqual(self.names(dataset), ["Ada", "Bo", "Cyd"])
        # DuckDB reads lines of a few megabytes: the row stays as it was
        self.assertEqual(self.rows(dataset, "length(comment)")[1], (None,))
        self.assertEqual(dataset.row_ids.res_id, partners[1].id)
