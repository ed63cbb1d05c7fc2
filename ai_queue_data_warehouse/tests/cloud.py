# Copyright 2026 The ai_queue contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""Snowflake and BigQuery, with their own drivers, at a server that stands in for them.

``bin/test servers`` starts these servers, and says in the environment where they are.
"""

import json
import os

from .common import SCHEMA


class CloudMixin:
    """A warehouse at the server that a variable names, as host and port."""

    variable = kind = None

    @classmethod
    def setUpClass(cls):
        place = os.environ.get(cls.variable)
        if not place:
            cls.skipTest(cls, f"{cls.variable} names no server")
        cls.host, _colon, port = place.partition(":")
        cls.port = int(port)
        cls.allow(place)
        super().setUpClass()

    @classmethod
    def allow(cls, place):
        before = os.environ.get("QUEUE_JOB_INTERNAL_HOSTS")
        os.environ["QUEUE_JOB_INTERNAL_HOSTS"] = place

        def restore():
            if before is None:
                del os.environ["QUEUE_JOB_INTERNAL_HOSTS"]
            else:
                os.environ["QUEUE_JOB_INTERNAL_HOSTS"] = before

        cls.addClassCleanup(restore)

    def setUp(self):
        super().setUp()
        self.drop_schema()

    @classmethod
    def create_warehouse(cls, name="Test", **vals):
        return super().create_warehouse(
            name,
            **{
                "type": cls.kind,
                "file_name": False,
                "host": cls.host,
                "port": cls.port,
                "sslmode": "disable",
                "connect_timeout": 10,
                "statement_timeout": 20,
                **cls.get_values(),
                **vals,
            },
        )


class SnowflakeMixin(CloudMixin):
    variable, kind = "AI_QUEUE_TEST_SNOWFLAKE", "snowflake"

    @classmethod
    def get_values(cls):
        return {
            "account": "test",
            "database": "ODOO",
            "login": "odoo",
            "password": "secret",
        }

    def drop_schema(self):
        self.query(f"DROP SCHEMA IF EXISTS {SCHEMA} CASCADE")

    def query(self, statement, warehouse=None):
        # Names are in capitals there, and people write them without quotes.
        return super().query(statement.replace('"', ""), warehouse)

    def tables(self):
        rows = self.query(
            "SELECT table_name FROM information_schema.tables "
            f"WHERE table_schema = '{SCHEMA.upper()}'"
        )
        return {name.lower() for (name,) in rows}


class BigQueryMixin(CloudMixin):
    variable, kind = "AI_QUEUE_TEST_BIGQUERY", "bigquery"

    @classmethod
    def get_values(cls):
        return {
            "project": "sales-123456",
            "location": "EU",
            "password": json.dumps({"type": "service_account"}),
        }

    def drop_schema(self):
        self.query(f"DROP SCHEMA IF EXISTS {SCHEMA} CASCADE")

    def query(self, statement, warehouse=None):
        return super().query(statement.replace('"', "`"), warehouse)

    def tables(self):
        rows = self.query(f"SELECT table_name FROM {SCHEMA}.INFORMATION_SCHEMA.TABLES")
        return {name for (name,) in rows}
