# Copyright 2026 The ai_queue contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""A dataset on its way into Snowflake and BigQuery."""

import json
from unittest.mock import patch

from odoo.tests import TransactionCase, tagged

from ..models.ai_queue_reading_read import _dump_key, _load_key
from ..targets import merging, snowflake
from .cloud import BigQueryMixin, SnowflakeMixin
from .common import SCHEMA
from .test_sync import SyncCases


class CloudCases(SyncCases):
    """For targets that merge."""

    loading_class, last_step = merging.MergeTarget, "_merge"
    swapping_class = merging.MergeTarget

    def test_killed_while_the_new_table_is_put_in_its_place(self):
        self.create_partners("Ada")
        dataset = self.create_dataset()
        self.start(dataset)
        dataset.action_rebuild()
        self.commit()
        self.sync_next(dataset)
        for step in ("_note_columns", "_note_batch"):
            with patch.object(merging.MergeTarget, step, side_effect=KeyboardInterrupt):
                self.assertIsInstance(self.kill(dataset), KeyboardInterrupt)
        self.sync(dataset)
        self.assertEqual(dataset.phase, "live", dataset.error)
        self.assertEqual(self.names(dataset), ["Ada"])
        self.assertNotIn("res_partner__new", self.tables())

    def test_killed_between_the_rows_and_the_note(self):
        """The batch is merged once more, and each row is there once."""
        partners = self.create_partners("Ada", "Bo")
        dataset = self.create_dataset()
        self.start(dataset)
        self.create_partners("Cy")
        partners[0].unlink()
        self.commit()
        with patch.object(
            merging.MergeTarget, "_note_batch", side_effect=KeyboardInterrupt
        ):
            self.assertIsInstance(self.kill(dataset), KeyboardInterrupt)
        self.assertEqual(self.names(dataset), ["Bo", "Cy"])
        self.sync(dataset)
        self.assertEqual(self.names(dataset), ["Bo", "Cy"])
        self.assertEqual(dataset.batch_ids[0].state, "done")

    def test_a_page_goes_on_after_a_key_of_any_type(self):
        keys = {
            "NUMERIC": ("1234567890123456.5", "1234567890123457.5"),
            "FLOAT64" if self.warehouse.type == "bigquery" else "FLOAT": ("0.1", "0.2"),
            "DATE": ("'2026-01-01'", "'2026-01-02'"),
            "TIMESTAMP": ("'2026-01-01 10:00:00'", "'2026-01-01 10:00:01'"),
            "INT": ("1", "2"),
        }
        for kind, (first, second) in keys.items():
            source = (
                f"SELECT CAST({first} AS {kind}) AS k "
                f"UNION ALL SELECT CAST({second} AS {kind}) AS k"
            )
            with self.subTest(kind=kind), self.warehouse._connect() as target:
                found, after = [], None
                while page := target.read_page(source, ["k"], after, 1):
                    ((key,),) = page
                    found.append(key)
                    after = _load_key(json.loads(json.dumps(_dump_key(key))))
                    self.assertLessEqual(len(found), 2)
                self.assertEqual(len(set(found)), 2)
                self.assertEqual(found, sorted(found))

    def test_what_a_killed_worker_has_sent_arrives_late(self):
        """… and does nothing, since another one has taken over."""
        partners = self.create_partners("Ada", "Bo")
        dataset = self.create_dataset()
        self.start(dataset)
        partners[0].name = "Old"
        self.commit()
        late = []

        def remember(target, table):
            late.append((target, table))
            raise KeyboardInterrupt

        with (
            patch.object(merging.MergeTarget, "_merge", remember),
            patch.object(merging.MergeTarget, "close", lambda _self: None),
        ):
            self.assertIsInstance(self.kill(dataset), KeyboardInterrupt)
        ((target, table),) = late
        partners[0].name = "New"
        # Its file is still there, as if the statement had been on its way all the time.
        with patch.object(type(target), "_drop_stage", lambda *_all: None):
            self.sync(dataset)
            target._merge(table)
        self.assertEqual(self.names(dataset), ["New", "Bo"])
        target.close()

    def test_nothing_is_left_beside_the_tables(self):
        self.create_partners("Ada")
        dataset = self.create_dataset()
        self.start(dataset)
        with (
            patch.object(merging.MergeTarget, "_merge", side_effect=KeyboardInterrupt),
            patch.object(merging.MergeTarget, "close", lambda _self: None),
        ):
            self.create_partners("Bo")
            self.commit()
            self.assertIsInstance(self.kill(dataset), KeyboardInterrupt)
        self.assertTrue([name for name in self.tables() if "stage" in name])
        self.sync(dataset)
        self.assertEqual(
            self.tables(), {"res_partner", "_ai_queue_table", "_ai_queue_batch"}
        )

    def test_numbers_that_do_not_fit_are_set_aside(self):
        partners = self.create_partners("Ada", "Bo", "Cy")
        self.env.cr.execute(
            "UPDATE res_partner SET partner_latitude = 'NaN' WHERE id = %s",
            [partners[1].id],
        )
        dataset = self.create_dataset(columns="name partner_latitude")
        self.start(dataset)
        self.assertEqual(self.names(dataset), ["Ada", "Cy"])
        self.assertEqual(dataset.row_ids.res_id, partners[1].id)
        self.assertTrue(dataset.row_ids.reason)

    def test_a_question(self):
        """Kinds of columns, a limit, and an answer without rows, by the driver."""
        self.create_partners("Ada", "Bo", "Cy", city="Paris")
        dataset = self.create_dataset(columns="name city active create_date")
        self.start(dataset)
        table = f"{SCHEMA}.res_partner"
        with self.warehouse._connect(is_reader=True) as target:
            found = target.select(
                "SELECT id, name, active, create_date, CAST(create_date AS DATE) "
                f"AS day FROM {table} ORDER BY id",
                2,
                1_000_000,
            )
            counted = target.select(
                "WITH cities AS (SELECT city, COUNT(*) AS partners "
                f"FROM {table} GROUP BY city) SELECT city, partners FROM cities "
                "WHERE city LIKE '%ari%' ORDER BY partners DESC LIMIT 500",
                500,
                1_000_000,
            )
            nothing = target.select(f"SELECT id FROM {table} WHERE id < 0", 2, 1000)
        kinds = ["integer", "text", "boolean", "datetime", "date"]
        self.assertEqual([kind for _name, kind in found.columns], kinds)
        self.assertEqual(
            [row[1:3] for row in found.rows], [("Ada", True), ("Bo", True)]
        )
        self.assertTrue(found.is_cut)
        self.assertEqual(counted.rows, [("Paris", 3)])
        self.assertEqual((nothing.rows, nothing.is_cut), ([], False))

    def test_a_long_text(self):
        self.create_partners("Ada", comment="<p>%s</p>" % ("ü" * 200_000))
        dataset = self.create_dataset(columns="name comment")
        self.start(dataset)
        self.assertEqual(self.rows(dataset, "length(comment)"), [(200_007,)])


@tagged("post_install", "-at_install")
class TestSyncSnowflake(SnowflakeMixin, CloudCases, TransactionCase):
    # The server that stands in for it guesses what ends a line, and knows one ending.
    nasty = 'He said "no",\nthen \\N, \\. and ; left\t"'

    def setUp(self):
        super().setUp()
        # … and knows no roles.
        self.patch(snowflake.SnowflakeTarget, "_use_one_role", lambda _target: None)

    def test_a_key_pair(self):
        self.warehouse.password = make_key()
        self.create_partners("Ada")
        dataset = self.create_dataset()
        self.start(dataset)
        self.assertEqual(self.names(dataset), ["Ada"])

    def test_a_stage_of_their_own(self):
        self.query(f"CREATE SCHEMA IF NOT EXISTS {SCHEMA}")
        self.query(f"CREATE STAGE {SCHEMA}.theirs")
        self.warehouse.write(
            {"stage": f"{SCHEMA.upper()}.THEIRS", "password": "secret"}
        )
        self.create_partners("Ada")
        dataset = self.create_dataset()
        self.start(dataset)
        self.assertEqual(self.names(dataset), ["Ada"])


@tagged("post_install", "-at_install")
class TestSyncBigQuery(BigQueryMixin, CloudCases, TransactionCase):
    # As with Snowflake: it guesses what ends a line.
    nasty = 'He said "no",\nthen \\N, \\. and ; left\t"'

    def test_a_load_that_is_sent_twice_runs_once(self):
        """Its answer got lost: the server knows the job already."""
        client = self.get_client_class()
        original = client.load_table_from_file

        def twice(*args, **kwargs):
            original(*args, **kwargs)
            args[1].seek(0)
            return original(*args, **kwargs)

        self.create_partners("Ada", "Bo")
        dataset = self.create_dataset()
        with patch.object(client, "load_table_from_file", twice):
            self.start(dataset)
        self.assertEqual(self.names(dataset), ["Ada", "Bo"])

    def get_client_class(self):
        from google.cloud import bigquery

        return bigquery.Client


def make_key():
    """A private key as a text, in one line as a field takes it."""
    from cryptography.hazmat.primitives import serialization
    from cryptography.hazmat.primitives.asymmetric import rsa

    key = rsa.generate_private_key(public_exponent=65537, key_size=2048)
    text = key.private_bytes(
        encoding=serialization.Encoding.PEM,
        format=serialization.PrivateFormat.PKCS8,
        encryption_algorithm=serialization.NoEncryption(),
    )
    return text.decode().replace("\n", "")
