# Copyright 2026 The ai_queue contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""What tests of warehouses stand on; addons with further targets may use it."""

import shutil
import tempfile
from pathlib import Path
from unittest.mock import patch

import psycopg2

from odoo.exceptions import UserError
from odoo.fields import Command
from odoo.sql_db import connection_info_for
from odoo.tests import TransactionCase
from odoo.tests.common import get_db_name

from odoo.addons.ai_queue.tests.common import AiQueueMixin

from ..models.ai_queue_dataset_sync import Connection
from ..models.ai_queue_warehouse import AiQueueWarehouse

SCHEMA = "ai_queue_test"


class WarehouseMixin(AiQueueMixin):
    """A DuckDB file, and a dataset of partners that are called as the test wants."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        directory = cls.enterClassContext(tempfile.TemporaryDirectory())
        cls.directory = directory
        cls.startClassPatcher(
            patch.object(AiQueueWarehouse, "_get_directory", lambda _self: directory)
        )
        # What the test wants of this database must not meet what is in it.
        cls.stop_datasets(cls.env["ai.queue.dataset"].search([]))
        cls.warehouse = cls.create_warehouse()
        cls.reader = cls.create_user(
            "reader", "base.group_partner_manager,account.group_account_invoice"
        )

    def setUp(self):
        super().setUp()
        # Warehouses commit: nothing of one test is left to the next.
        for path in Path(self.directory).iterdir():
            path.unlink() if path.is_file() else shutil.rmtree(path)

    @classmethod
    def create_warehouse(cls, name="Test", **vals):
        values = {"name": name, "schema": SCHEMA, "file_name": f"{name}.duckdb"}
        return cls.env["ai.queue.warehouse"].create({**values, **vals})

    @classmethod
    def create_dataset(cls, model="res.partner", columns="name", **vals):
        """A dataset with these fields; what follows a colon is a mask."""
        fields = []
        for name in columns.split():
            name, _colon, mask = name.partition(":")
            field = cls.env["ir.model.fields"]._get(model, name)
            fields.append(Command.create({"field_id": field.id, "mask": mask or False}))
        values = {
            "name": model,
            "warehouse_id": cls.warehouse.id,
            "model_id": cls.env["ir.model"]._get_id(model),
            "user_id": cls.reader.id,
            "field_ids": fields,
        }
        if model == "res.partner":
            values["domain"] = "[('ref', '=like', 'wh%')]"
        return cls.env["ai.queue.dataset"].create({**values, **vals})

    def create_partners(self, *names, **vals):
        return self.env["res.partner"].create(
            [{"name": name, "ref": "wh", **vals} for name in names]
        )

    # ------------------------------------------------------------
    # JOBS
    # ------------------------------------------------------------

    def find_jobs(self, dataset):
        """The waiting jobs of a dataset, those first that come first."""
        return self.env["queue.job"].search(
            [
                ("model_name", "=", "ai.queue.dataset"),
                ("state", "=", "pending"),
                ("identity_key", "like", f"%:{dataset.id}"),
            ],
            order="eta ASC NULLS FIRST, id",
        )

    @classmethod
    def stop_datasets(cls, datasets):
        """Stop them, and let the cron take away what nobody needs any more."""
        datasets.action_stop()
        datasets._cron_follow()

    def sync(self, dataset):
        """Let its jobs run until none is left, as they would within seconds."""
        self.commit()
        for _turn in range(50):
            job = self.find_jobs(dataset)[:1]
            if not job:
                break
            self.perform(job)
        else:
            self.fail("The jobs of the dataset do not end.")
        dataset.invalidate_recordset()

    def start(self, dataset):
        """Start a dataset, and let its first load end."""
        dataset.action_start()
        self.sync(dataset)
        self.assertEqual(dataset.state, "live", dataset.error)

    def kill(self, dataset):
        """Begin a batch that does not come to its end; what came instead of it.

        By hand: a job that fails is rolled back, and with it here what the cursors
        beside it have committed.
        """
        self.commit()
        try:
            self.sync_next(dataset)
        except BaseException as error:
            dataset.invalidate_recordset()
            return error
        self.fail("It came to its end.")

    def sync_next(self, dataset):
        """Load its next batch as the first one of a job."""
        with Connection(dataset.warehouse_id) as connection:
            return dataset._sync_next(connection)

    def fail_job(self, dataset):
        """Let its next batch fail for good; what the dataset says then."""
        self.assertIsInstance(self.kill(dataset), UserError)
        return dataset.error

    # ------------------------------------------------------------
    # THE WAREHOUSE
    # ------------------------------------------------------------

    def query(self, statement, warehouse=None):
        """Ask the warehouse, as an analyst would."""
        with (warehouse or self.warehouse)._connect() as target:
            return target.execute(statement)

    def rows(self, dataset, columns="name"):
        """The rows of a dataset in the warehouse, by key."""
        return self.query(
            f'SELECT {columns} FROM "{dataset.schema}"."{dataset.table}" ORDER BY id',
            dataset.warehouse_id,
        )

    def tables(self):
        """The tables in the schema of the test."""
        rows = self.query(
            "SELECT table_name FROM information_schema.tables "
            f"WHERE table_schema = '{SCHEMA}'"
        )
        return {name for (name,) in rows}

    def names(self, dataset):
        return [name for (name,) in self.rows(dataset)]


class WarehouseCommon(WarehouseMixin, TransactionCase):
    """With a DuckDB file for a warehouse."""


class PostgresMixin:
    """A warehouse in a schema of the database of the test, by a connection of its
    own: it really commits."""

    @classmethod
    def setUpClass(cls):
        cls.outside = connect()
        cls.addClassCleanup(cls.outside.close)
        cls.drop_schema()
        cls.addClassCleanup(cls.drop_schema)
        super().setUpClass()

    def setUp(self):
        super().setUp()
        self.drop_schema()

    @classmethod
    def drop_schema(cls):
        with cls.outside.cursor() as cr:
            # pylint: disable-next=sql-injection
            cr.execute(f"DROP SCHEMA IF EXISTS {SCHEMA} CASCADE")

    @classmethod
    def create_warehouse(cls, name="Test", **vals):
        warehouse = super().create_warehouse(
            name,
            **{
                "type": "postgresql",
                "host": "warehouse.example.com",
                "database": "warehouse",
                "login": "odoo",
                "sslmode": "prefer",
                **vals,
            },
        )
        settings = get_settings()
        original = AiQueueWarehouse._get_settings
        cls.startClassPatcher(
            patch.object(AiQueueWarehouse, "_resolve", lambda _self: [])
        )
        cls.startClassPatcher(
            patch.object(
                AiQueueWarehouse,
                "_get_settings",
                # where the database of the test is, which may be a socket
                lambda self: {**original(self), **settings},
            )
        )
        return warehouse


def get_settings():
    """How the database of the test is reached."""
    _name, info = connection_info_for(get_db_name())
    return {
        "host": info.get("host"),
        "port": info.get("port"),
        "database": info["database"],
        "user": info.get("user"),
        "password": info.get("password"),
    }


def connect():
    """A connection to the database of the test that is not that of the test."""
    settings = get_settings()
    connection = psycopg2.connect(
        host=settings["host"],
        port=settings["port"],
        dbname=settings["database"],
        user=settings["user"],
        password=settings["password"],
    )
    connection.autocommit = True
    return connection
