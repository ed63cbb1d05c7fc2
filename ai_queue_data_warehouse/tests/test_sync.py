# Copyright 2026 The ai_queue contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""A dataset on its way, in DuckDB and in PostgreSQL."""

from datetime import date, timedelta
from decimal import Decimal
from pathlib import Path
from unittest.mock import patch

import psycopg2

from odoo.fields import Command
from odoo.tests import TransactionCase, tagged
from odoo.tools import mute_logger

from odoo.addons.queue_job.exception import RetryableJobError

from .. import loading
from ..models import ai_queue_dataset_sync
from ..models.ai_queue_dataset_sync import MAX_DEATHS
from ..targets import Refused, Table, Unreachable, postgresql, sql
from .common import SCHEMA, PostgresMixin, WarehouseMixin


class SyncCases(WarehouseMixin):
    """For every target."""

    allow_inherited_tests_method = True
    #: what loads a batch, and the last step before it is there
    loading_class, last_step = sql.SqlTarget, "_note_batch"
    swapping_class = sql.SqlTarget
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

    def make_beyond(self):
        """Partners with values that not every warehouse has."""
        partners = self.create_partners("Early", "None", "Never", "Ada")
        self.env.flush_all()
        for partner, name, value in (
            (partners[0], "create_date", "0044-03-15 12:00:00 BC"),
            (partners[1], "partner_latitude", "NaN"),
            (partners[2], "create_date", "infinity"),
        ):
            # pylint: disable-next=sql-injection
            self.env.cr.execute(
                f"UPDATE res_partner SET {name} = %s WHERE id = %s", (value, partner.id)
            )
        return partners

    def test_dates_and_numbers_beyond_hold_nobody_up(self):
        partners = self.make_beyond()
        dataset = self.create_dataset(columns="name create_date partner_latitude")
        self.start(dataset)
        there = {key for (key,) in self.rows(dataset, "id")}
        aside = set(dataset.row_ids.mapped("res_id"))
        self.assertEqual(there | aside, set(partners.ids))
        self.assertFalse(there & aside)
        self.assertIn(partners[3].id, there)
        self.assertTrue(all(dataset.row_ids.mapped("reason")))

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
        dataset.action_rebuild()
        self.sync(dataset)
        self.assertEqual(dataset.state, "live", dataset.error)
        self.assertEqual(self.rows(dataset, "name, color"), [("Ada", None)])

    def test_a_rebuild_drops_no_table_of_somebody_else(self):
        self.create_partners("Ada")
        dataset = self.create_dataset()
        self.start(dataset)
        own = f"{SCHEMA}._ai_queue_table"
        self.query(
            f"UPDATE {own} SET owner = 'somebody' WHERE name = '{dataset.table}'"
        )
        dataset.action_rebuild()
        self.commit()
        self.sync_next(dataset)
        self.assertIn("does not belong to this", self.fail_job(dataset))
        self.assertEqual(self.names(dataset), ["Ada"])

    def test_a_table_of_somebody_else_is_left_alone(self):
        with self.warehouse._connect() as target:
            target.make_schema(SCHEMA)
            target.execute(f"CREATE TABLE {SCHEMA}.theirs (id integer)")
        dataset = self.create_dataset(table="theirs")
        dataset.action_start()
        error = self.fail_job(dataset)
        self.assertIn(f"{SCHEMA}.theirs", error)
        self.assertEqual(self.query(f"SELECT * FROM {SCHEMA}.theirs"), [])

    def test_a_table_that_somebody_dropped(self):
        """All rows are loaded again, and not only what has changed since."""
        partners = self.create_partners("Ada", "Bo")
        dataset = self.create_dataset()
        self.start(dataset)
        self.query(f'DROP TABLE "{SCHEMA}"."res_partner"')
        partners[1].name = "Bea"
        self.sync(dataset)
        self.assertEqual(dataset.state, "live", dataset.error)
        self.assertEqual(self.names(dataset), ["Ada", "Bea"])
        self.query(f'DROP TABLE "{SCHEMA}"."res_partner"')
        dataset.action_compare()
        self.compare(dataset)
        self.assertEqual(dataset.compare_state, "failed")
        self.assertIn("no table", dataset.compare_result)
        self.sync(dataset)
        self.assertEqual(self.names(dataset), ["Ada", "Bea"])

    def test_a_new_table_that_somebody_dropped(self):
        self.create_partners(*[f"P{number:03}" for number in range(250)])
        dataset = self.create_dataset(batch_rows=100)
        self.start(dataset)
        dataset.action_rebuild()
        self.commit()
        with patch.object(ai_queue_dataset_sync, "LOAD_SECONDS", 0):
            self.perform(self.find_jobs(dataset))
        self.query(f'DROP TABLE "{SCHEMA}"."res_partner__new"')
        self.sync(dataset)
        self.assertEqual(dataset.state, "live", dataset.error)
        self.assertEqual(len(self.names(dataset)), 250)

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
        # It is looked at again by itself, once they are there.
        self.sync(dataset)
        self.assertEqual(self.names(dataset), ["Ada", "Bo", "Cy"])
        self.assertEqual(dataset.compare_state, "equal", dataset.compare_result)
        # Only what differed was loaded.
        self.assertEqual(dataset.batch_ids[0].kind, "repair")
        self.assertEqual((dataset.batch_ids[0].rows, dataset.batch_ids[0].gone), (2, 1))

    def create_days(self):
        """A dataset of partners of two days, in step."""
        partners = self.create_partners("Ada", "Bo", "Cy", "Di")
        self.env.flush_all()
        for day, some in (("2026-03-01", partners[:2]), ("2026-03-02", partners[2:])):
            self.env.cr.execute(
                "UPDATE res_partner SET create_date = %s::date + interval '23 hours' "
                "WHERE id = ANY(%s)",
                (day, some.ids),
            )
        dataset = self.create_dataset(columns="name create_date write_date")
        self.assertEqual(dataset.day_field_id.name, "create_date")
        self.start(dataset)
        return dataset, partners

    def get_days(self, dataset):
        """{day: (rows in Odoo, there, missing, old, left over, state)}"""
        parts = dataset.part_ids.filtered(lambda part: part.kind == "day")
        names = ("rows_here", "rows_there", "missing", "old", "left", "state")
        return {str(part.day): tuple(part[name] for name in names) for part in parts}

    def test_days_that_differ_are_told_and_repaired_one_by_one(self):
        dataset, partners = self.create_days()
        dataset.action_compare()
        self.compare(dataset)
        equal = (2, 2, 0, 0, 0, "equal")
        self.assertEqual(
            self.get_days(dataset), {"2026-03-01": equal, "2026-03-02": equal}
        )
        self.assertFalse(dataset.range_ids)
        name = f'"{SCHEMA}"."res_partner"'
        self.query(f"DELETE FROM {name} WHERE id = {partners[0].id}")
        self.query(
            f"UPDATE {name} SET name = 'old', _row_hash = 1 WHERE id = {partners[2].id}"
        )
        dataset.action_compare()
        self.compare(dataset)
        self.assertEqual(dataset.compare_state, "different")
        self.assertEqual(
            self.get_days(dataset),
            {
                "2026-03-01": (2, 1, 1, 0, 0, "different"),
                "2026-03-02": (2, 2, 0, 1, 0, "different"),
            },
        )
        self.assertEqual(len(dataset.day_ids), 2)
        self.assertEqual(sum(dataset.range_ids.mapped("differing")), 2)
        first = dataset.day_ids.filtered(lambda part: part.missing)
        self.assertNotEqual(first.sum_here, first.sum_there)
        first.action_repair()
        self.assertEqual((first.state, dataset.compare_state), ("repairing", "pending"))
        self.sync(dataset)
        self.assertEqual(self.names(dataset), ["Ada", "Bo", "old", "Di"])
        self.assertEqual(dataset.batch_ids[0].rows, 1)
        self.assertEqual(dataset.compare_state, "different")
        self.assertEqual(
            self.get_days(dataset),
            {"2026-03-01": equal, "2026-03-02": (2, 2, 0, 1, 0, "different")},
        )
        dataset.range_ids.action_repair()
        self.sync(dataset)
        self.assertEqual(self.names(dataset), ["Ada", "Bo", "Cy", "Di"])
        self.assertEqual(dataset.compare_state, "equal", dataset.compare_result)

    def test_a_day_that_somebody_changed_in_the_warehouse(self):
        """Its hash is as it was: the days tell."""
        dataset, partners = self.create_days()
        self.query(
            f'UPDATE "{SCHEMA}"."res_partner" SET create_date = '
            f"'2026-03-03 00:00:00' WHERE id = {partners[1].id}"
        )
        dataset.action_compare()
        self.compare(dataset)
        self.assertEqual(dataset.compare_state, "different")
        self.assertEqual(
            self.get_days(dataset),
            {
                "2026-03-01": (2, 1, 0, 1, 0, "different"),
                "2026-03-02": (2, 2, 0, 0, 0, "equal"),
                "2026-03-03": (0, 1, 0, 1, 0, "different"),
            },
        )
        dataset.action_repair()
        self.sync(dataset)
        self.assertEqual(dataset.compare_state, "equal", dataset.compare_result)
        self.assertEqual(
            self.rows(dataset, "cast(create_date AS date)")[1], (date(2026, 3, 1),)
        )

    def test_a_row_that_moved_to_another_day_is_old_on_both(self):
        dataset, partners = self.create_days()
        self.query(
            f'UPDATE "{SCHEMA}"."res_partner" SET _row_hash = 1, create_date = '
            f"'2026-03-02 00:00:00' WHERE id = {partners[1].id}"
        )
        dataset.action_compare()
        self.compare(dataset)
        self.assertIn("1 are not as in Odoo; 0 are left over", dataset.compare_result)
        self.assertEqual(
            self.get_days(dataset),
            {
                "2026-03-01": (2, 1, 0, 1, 0, "different"),
                "2026-03-02": (2, 3, 0, 1, 0, "different"),
            },
        )
        dataset.day_ids[-1:].action_repair()
        self.sync(dataset)
        self.assertEqual(dataset.compare_state, "equal", dataset.compare_result)

    def test_without_a_date_there_are_key_ranges(self):
        partners = self.create_partners("Ada", "Bo")
        dataset = self.create_dataset()
        self.assertFalse(dataset.day_field_id)
        self.start(dataset)
        self.query(f'DELETE FROM "{SCHEMA}"."res_partner" WHERE id = {partners[0].id}')
        dataset.action_compare()
        self.compare(dataset)
        self.assertEqual(dataset.day_count, 0)
        self.assertTrue(
            dataset.range_ids.low <= partners[0].id <= dataset.range_ids.high
        )
        dataset.range_ids.action_repair()
        self.sync(dataset)
        self.assertEqual(self.names(dataset), ["Ada", "Bo"])
        self.assertEqual(dataset.compare_state, "equal")

    def test_a_repair_that_is_too_large_is_halved(self):
        partners = self.create_partners(*["x" * 500] * 8)
        dataset = self.create_dataset()
        self.start(dataset)
        self.query(f'DELETE FROM "{SCHEMA}"."res_partner" WHERE id > {partners[3].id}')
        dataset.action_repair()
        with patch.object(loading, "MAX_BYTES", 1_500):
            self.sync(dataset)
        self.assertEqual(len(self.names(dataset)), 8)
        repairs = dataset.batch_ids.filtered(lambda batch: batch.kind == "repair")
        self.assertEqual(sorted(repairs.mapped("rows")), [2, 2])
        self.assertFalse(any(repairs.mapped("keys")))
        self.assertEqual(dataset.compare_state, "equal")

    def test_what_is_equal_is_not_looked_at_row_by_row(self):
        """The sums of both sides are the same, to the last digit."""
        self.create_partners("Ada", "Bo", "Cy")
        dataset = self.create_dataset(columns="name create_date")
        self.start(dataset)
        dataset.action_compare()
        with patch.object(sql.SqlTarget, "get_rows", side_effect=AssertionError):
            self.compare(dataset)
        self.assertEqual(dataset.compare_state, "equal", dataset.compare_result)
        self.assertEqual(dataset.part_ids.sum_here, dataset.part_ids.sum_there)

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

    def test_stopped_while_the_new_table_is_put_in_its_place(self):
        self.create_partners("Ada")
        dataset = self.create_dataset()
        self.start(dataset)
        for press in (dataset.action_stop, dataset.action_rebuild):
            dataset.action_rebuild()
            self.commit()
            self.sync_next(dataset)
            swap = self.swapping_class.swap

            def swap_and_press(*args, press=press, swap=swap):
                swap(*args)
                dataset.invalidate_recordset()
                press()
                self.env.flush_all()

            with patch.object(self.swapping_class, "swap", swap_and_press):
                self.sync_next(dataset)
            dataset.invalidate_recordset()
            self.assertIn(dataset.phase, ("draft", "rebuilding"))
            if dataset.phase == "draft":
                self.start(dataset)
        self.sync(dataset)
        self.assertEqual(dataset.phase, "live")
        self.assertEqual(self.names(dataset), ["Ada"])

    def test_pause_and_resume_in_the_middle_of_a_load(self):
        self.create_partners(*[f"P{number:03}" for number in range(250)])
        dataset = self.create_dataset(batch_rows=100)
        # The ids of other partners are in the way.
        dataset.action_start()
        self.commit()
        with patch.object(ai_queue_dataset_sync, "LOAD_SECONDS", 0):
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

    def test_names_and_values_follow_along_every_link(self):
        """A category of a template, the parent in the same table, the country's code,
        a term that each company has its own of."""
        category = self.env["product.category"].create({"name": "Lamps"})
        product = self.env["product.product"].create(
            {"name": "Torch", "categ_id": category.id}
        )
        products = self.create_dataset(
            "product.product", "name categ_id", domain=f"[('id', '=', {product.id})]"
        )
        country = self.env["res.country"].create({"name": "Atlantis", "code": "XX"})
        term = self.env["account.payment.term"].create({"name": "Soon"})
        parent, child = self.create_partners("Ada", "Bo", country_id=country.id)
        child.write({"parent_id": parent.id, "property_payment_term_id": term.id})
        partners = self.create_dataset(
            columns="name parent_id country_code property_payment_term_id"
        )
        self.start(products)
        self.start(partners)
        category.name, parent.name, country.code, term.name = "Lights", "Eve", "XY", "7"
        self.sync(products)
        self.sync(partners)
        for dataset in (products, partners):
            self.assertEqual(dataset.state, "live", dataset.error)
        self.assertEqual(self.rows(products, "categ_id_name"), [("Lights",)])
        columns = "parent_id_name, country_code, property_payment_term_id_name"
        self.assertEqual(self.rows(partners, columns)[1], ("Eve", "XY", "7"))
        other = self.env["product.category"].create({"name": "Others"})
        product.product_tmpl_id.categ_id = other
        self.sync(products)
        self.assertEqual(self.rows(products, "categ_id_name"), [("Others",)])

    def test_more_tables_to_follow_are_noted_and_all_is_loaded(self):
        """… as after an update that knows more of them."""
        country = self.env["res.country"].create({"name": "Atlantis", "code": "XX"})
        self.create_partners("Ada", country_id=country.id)
        dataset = self.create_dataset(columns="name country_id")
        self.start(dataset)
        dataset.sources = {"res_partner": None}
        country.name = "Sunken"
        self.create_partners("Bo")
        self.sync(dataset)
        self.assertEqual(self.rows(dataset, "country_id_name")[0], ("Sunken",))
        self.assertIn("res_country", dataset.sources)

    def test_values_of_a_company_and_a_language(self):
        self.env["res.lang"]._activate_lang("fr_FR")
        other = self.create_company("Elsewhere Ltd")
        self.reader.company_ids |= other
        terms = self.env["account.payment.term"].create(
            [{"name": "Soon"}, {"name": "Late"}]
        )
        terms[0].with_context(lang="fr_FR").name = "Bientôt"
        (partner,) = self.create_partners("Ada")
        for company, term in zip(self.company | other, terms, strict=True):
            partner.with_company(company).property_payment_term_id = term
        column = "property_payment_term_id"
        expected = {
            self.company: (terms[0].id, "Bientôt"),
            other: (terms[1].id, "Late"),
        }
        for company, row in expected.items():
            dataset = self.create_dataset(
                columns=f"name {column}",
                table=f"partners_{company.id}",
                company_id=company.id,
                lang="fr_FR",
            )
            self.start(dataset)
            self.assertEqual(self.rows(dataset, f"{column}, {column}_name"), [row])
        partner.with_company(other).property_payment_term_id = terms[0]
        self.sync(dataset)
        self.assertEqual(
            self.rows(dataset, f"{column}, {column}_name"), [(terms[0].id, "Bientôt")]
        )

    def test_values_of_a_company_where_all_are_looked_at(self):
        """They are those of the user's default company, whatever their order is."""
        other = self.create_company("A company before all others")
        other.sequence = -1
        self.reader.company_ids |= other
        terms = self.env["account.payment.term"].create(
            [{"name": "Soon"}, {"name": "Late"}]
        )
        (partner,) = self.create_partners("Ada")
        for company, term in zip(self.company | other, terms, strict=True):
            partner.with_company(company).property_payment_term_id = term
        dataset = self.create_dataset(columns="property_payment_term_id")
        self.start(dataset)
        column = "property_payment_term_id_name"
        self.assertEqual(self.rows(dataset, column), [("Soon",)])
        self.reader.company_id = other
        self.assertTrue(dataset._is_due())
        dataset.action_sync()
        self.sync(dataset)
        self.assertEqual(self.rows(dataset, column), [("Late",)])

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

    def test_a_column_that_is_renamed(self):
        """The new one is filled for all rows, and of the old one nothing is left."""
        self.create_partners("Ada", "Bo", city="Paris")
        dataset = self.create_dataset(columns="name city")
        self.start(dataset)
        dataset.field_ids.filtered(lambda line: line.column == "city").column = "town"
        dataset.action_sync()
        self.sync(dataset)
        self.assertEqual(dataset.state, "live", dataset.error)
        self.assertEqual(
            self.rows(dataset, "name, town, city"),
            [("Ada", "Paris", None), ("Bo", "Paris", None)],
        )

    def test_a_column_that_is_masked_later(self):
        """Nobody can read any more what stood there."""
        partners = self.create_partners("Ada", "Bo", email="ada@example.com")
        dataset = self.create_dataset(columns="name email")
        self.start(dataset)
        self.assertEqual(self.rows(dataset, "email")[0], ("ada@example.com",))
        dataset.field_ids.filtered(lambda line: line.column == "email").mask = "hash"
        dataset.action_sync()
        self.sync(dataset)
        self.assertEqual(len(self.rows(dataset)), len(partners))
        for (email,) in self.rows(dataset, "email"):
            self.assertRegex(email, "^[0-9a-f]{64}$")

    def test_a_column_that_somebody_dropped_there(self):
        self.create_partners("Ada", city="Paris")
        dataset = self.create_dataset(columns="name city")
        self.start(dataset)
        self.query(f'ALTER TABLE "{SCHEMA}"."res_partner" DROP COLUMN city')
        self.create_partners("Bo", city="Rome")
        self.assertIn("city", self.fail_job(dataset).lower())
        self.assertEqual(dataset.state, "failed")
        dataset.action_rebuild()
        self.sync(dataset)
        self.assertEqual(
            self.rows(dataset, "name, city"), [("Ada", "Paris"), ("Bo", "Rome")]
        )

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
    def test_rows_set_aside_outlive_a_worker(self):
        partners = self.create_partners("Ada", "Bo", "Cy")
        dataset = self.create_dataset(columns="name partner_latitude")
        self.start(dataset)
        partners.write({"partner_latitude": 1})
        partners[1].partner_latitude = 1e30
        self.commit()
        batch_class = type(self.env["ai.queue.dataset.batch"])
        with patch.object(batch_class, "_finish", side_effect=KeyboardInterrupt):
            self.assertIsInstance(self.kill(dataset), KeyboardInterrupt)
        self.sync(dataset)
        self.assertEqual(dataset.row_ids.res_id, partners[1].id)
        self.assertIn("DECIMAL", dataset.row_ids.reason)
        self.assertEqual(dataset.batch_ids[0].aside, 1)
        self.assertFalse(dataset.batch_ids[0].unfit)

    def test_rows_set_aside_that_come_again_by_their_country(self):
        country = self.env["res.country"].create({"name": "Atlantis", "code": "XX"})
        partner = self.create_partners("Ada", country_id=country.id)
        partner.partner_latitude = 1e30
        dataset = self.create_dataset(columns="name country_id partner_latitude")
        self.start(dataset)
        self.assertEqual(dataset.row_ids.res_id, partner.id)
        country.name = "Sunken"
        self.sync(dataset)
        self.assertEqual(dataset.state, "live", dataset.error)
        self.assertEqual(dataset.row_ids.res_id, partner.id)
        # It fits by now, and nobody has touched the partner since.
        self.env.flush_all()
        self.env.cr.execute("ALTER TABLE res_partner DISABLE TRIGGER USER")
        self.env.cr.execute(
            "UPDATE res_partner SET partner_latitude = 1 WHERE id = %s", [partner.id]
        )
        self.env.cr.execute("ALTER TABLE res_partner ENABLE TRIGGER USER")
        country.name = "Risen"
        self.sync(dataset)
        self.assertFalse(dataset.row_ids)
        self.assertEqual(self.rows(dataset, "country_id_name"), [("Risen",)])

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

    def test_numbers_come_as_they_are(self):
        """Short ones, which are read in another way, and long ones."""
        numbers = [
            *("0.0000001", "-0.123456", "0.1234567", "123456789012", "-12345678901.5"),
            *("1234567890123", "99999999999.9", "-12345678901234567890.1234567891"),
        ]
        partners = self.create_partners(*numbers)
        self.env.flush_all()
        for partner, number in zip(partners, numbers, strict=True):
            self.env.cr.execute(
                "UPDATE res_partner SET partner_latitude = %s WHERE id = %s",
                (number, partner.id),
            )
        dataset = self.create_dataset(columns="name partner_latitude")
        self.start(dataset)
        self.assertEqual(
            [value for (value,) in self.rows(dataset, "partner_latitude")],
            [Decimal(number) for number in numbers],
        )

    def test_dates_before_the_first_year_and_what_is_no_number(self):
        partners = self.make_beyond()
        dataset = self.create_dataset(columns="name create_date partner_latitude")
        self.start(dataset)
        reasons = {row.res_id: row.reason for row in dataset.row_ids}
        self.assertIn("0044-03-15", reasons[partners[0].id])
        self.assertIn("NaN", reasons[partners[1].id])

    def test_rows_of_megabytes_are_loaded_a_few_at_a_time(self):
        """DuckDB has little memory: a batch that takes more is halved."""
        partners = self.create_partners(*["Long"] * 20)
        dataset = self.create_dataset(columns="name comment")
        self.env.cr.execute(
            "UPDATE res_partner SET comment = "
            "(SELECT string_agg(md5(n::text), '') FROM generate_series(1, 90000) AS n) "
            "WHERE id = ANY(%s)",
            [partners.ids],
        )
        self.start(dataset)
        with self.warehouse._connect() as target:
            # Who asks has memory of their own.
            target.execute("SET memory_limit = '256MB'")
            name = f'"{SCHEMA}"."{dataset.table}"'
            lengths = target.execute(f"SELECT length(comment) FROM {name}")
        self.assertEqual(lengths, [(2_880_000,)] * 20)
        self.assertGreater(len(dataset.batch_ids), 1)
        self.assertFalse(dataset.row_ids)

    def test_long_rows_in_a_parquet_file(self):
        """As many as would be kept together take more memory than DuckDB has."""
        self.warehouse.parquet = True
        dataset = self.create_dataset()
        self.start(dataset)
        table = Table(SCHEMA, dataset.table, dataset.uuid)
        with self.warehouse._connect() as target:
            name = target.name(table)
            target.execute(
                f"INSERT INTO {name} (id, name) SELECT row.range, (SELECT "
                "string_agg(md5(concat(row.range, ' ', part.range)), '') "
                "FROM range(160) AS part) FROM range(1000) AS row"
            )
            for turn in range(1, 20):
                target.execute(
                    f"INSERT INTO {name} (id, name) SELECT id + {turn * 1000}, "
                    f"concat({turn}, name) FROM {name} WHERE id < 1000"
                )
            path = f"{self.directory}/long.parquet"
            target.export(table, path)
            rows = target.count(f"SELECT count(*) FROM '{path}'")
        self.assertEqual(rows, 20_000)

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

    def test_a_warehouse_that_moved(self):
        self.create_partners("Ada")
        dataset = self.create_dataset()
        self.start(dataset)
        self.warehouse.file_name = "other.duckdb"
        self.create_partners("Bo")
        self.sync(dataset)
        self.assertEqual(self.names(dataset), ["Ada", "Bo"])
        # … and back to where only some of it is
        self.warehouse.file_name = "Test.duckdb"
        self.assertEqual(self.names(dataset), ["Ada"])
        self.create_partners("Cy")
        self.sync(dataset)
        self.assertEqual(dataset.state, "live", dataset.error)
        self.assertEqual(self.names(dataset), ["Ada", "Bo", "Cy"])

    def test_parquet_has_the_last_changes_when_nothing_changes_any_more(self):
        self.warehouse.write({"parquet": True})
        self.create_partners("Ada")
        dataset = self.create_dataset()
        self.start(dataset)
        self.create_partners("Bo")
        self.sync(dataset)
        path = f"{self.directory}/Test.{SCHEMA}.res_partner.parquet"
        self.assertEqual(self.query(f"SELECT name FROM '{path}'"), [("Ada",)])
        datasets = self.env["ai.queue.dataset"]
        datasets._cron_follow()
        self.assertFalse(self.find_jobs(dataset))
        # An hour later,
        dataset.date_parquet -= timedelta(hours=1)
        datasets._cron_follow()
        self.sync(dataset)
        rows = self.query(f"SELECT name FROM '{path}' ORDER BY id")
        self.assertEqual(rows, [("Ada",), ("Bo",)])
        # … and one more.
        for batch in dataset.batch_ids:
            batch.date_done -= timedelta(hours=2)
        dataset.date_parquet -= timedelta(hours=1)
        datasets._cron_follow()
        self.assertFalse(self.find_jobs(dataset))

    def test_a_job_that_lost_the_database_of_odoo_runs_again(self):
        dataset = self.create_dataset()
        self.start(dataset)
        said = "server closed the connection unexpectedly"
        for name in ("psycopg2.OperationalError", "psycopg2.errors.AdminShutdown"):
            dataset._on_sync_failed(exc_name=name, exc_message=said)
            self.assertFalse(dataset.is_held)
        job = self.find_jobs(dataset)
        self.assertEqual(len(job), 1)
        self.assertTrue(job.eta)
        dataset._on_sync_failed(exc_name="builtins.KeyError", exc_message="x")
        dataset.invalidate_recordset()
        self.assertTrue(dataset.is_held)

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

    def test_dates_before_the_first_year(self):
        self.make_beyond()
        dataset = self.create_dataset(columns="name create_date partner_latitude")
        self.start(dataset)
        self.assertEqual(self.names(dataset), ["Early", "None", "Never", "Ada"])
        years = self.rows(dataset, "extract(year FROM create_date)::text")
        self.assertEqual(years[0], ("-44",))
        # They are of no day that a comparison could tell.
        dataset.action_compare()
        self.compare(dataset)
        self.assertEqual(dataset.compare_state, "equal", dataset.compare_result)
        days = self.get_days(dataset)
        self.assertEqual(days["False"], (2, 2, 0, 0, 0, "equal"))

    def test_a_row_of_20_megabytes(self):
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
        lengths = self.rows(dataset, "length(comment)")
        self.assertEqual(lengths[1], (20_000_000,))
        self.assertFalse(dataset.row_ids)

    def test_what_an_error_means(self):
        """libpq tells it in words: what is tried again, and what is not."""
        cases = (
            ('FATAL:  password authentication failed for user "odoo"', Refused),
            ("fe_sendauth: no password supplied", Refused),
            ('FATAL:  role "odoo" is not permitted to log in', Refused),
            ('FATAL:  database "mart" does not exist', Refused),
            ('FATAL:  no pg_hba.conf entry for host "10.0.0.1"', Refused),
            ("server does not support SSL, but SSL was required", Refused),
            ("could not translate host name: Name or service not known", Unreachable),
            ("Connection refused. Is the server running on that host?", Unreachable),
            ("FATAL:  sorry, too many clients already", Unreachable),
            ("server closed the connection unexpectedly", Unreachable),
        )
        for text, kind in cases:
            with self.subTest(text):
                error = psycopg2.OperationalError(f"connection failed: {text}\n")
                self.assertIs(type(postgresql._translate(error)), kind)

    def test_a_role_without_rights(self):
        """It may connect, and no more: nothing is lost, and the reason is told."""
        with self.outside.cursor() as cr:
            cr.execute(f"CREATE SCHEMA {SCHEMA}")
            # Who owns a schema can do without rights on it.
            cr.execute(f"REVOKE CREATE ON SCHEMA {SCHEMA} FROM CURRENT_USER")
        dataset = self.create_dataset()
        self.create_partners("Ada")
        dataset.action_start()
        self.assertIn("permission denied", self.fail_job(dataset))
        self.assertEqual(dataset.state, "failed")
        with self.outside.cursor() as cr:
            cr.execute(f"GRANT CREATE ON SCHEMA {SCHEMA} TO CURRENT_USER")
        dataset.action_resume()
        self.sync(dataset)
        self.assertEqual(self.names(dataset), ["Ada"])

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
