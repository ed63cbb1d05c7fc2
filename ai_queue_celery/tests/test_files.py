# Copyright 2026 The ai_queue contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""Bills whose files workers read, turn by turn, with a real Redis."""

from unittest.mock import patch

from odoo.tests import tagged
from odoo.tools import mute_logger

from odoo.addons.ai_queue.engine.documents.files import reading, shapes
from odoo.addons.ai_queue.engine.errors import Unreadable
from odoo.addons.ai_queue.engine.tests.bill_samples import bill_pdf
from odoo.addons.ai_queue.tests.common_bill import AiQueueBillMixin
from odoo.addons.ai_queue.tests.common_provider import AiQueueProviderCommon

from ..models.ai_queue_bridge import DOCUMENTS_ON
from ..worker import messages, packing
from ..worker.store import Store
from .common import RedisMixin


@tagged("post_install", "-at_install")
class TestFiles(RedisMixin, AiQueueBillMixin, AiQueueProviderCommon):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.env["ir.config_parameter"].set_param(DOCUMENTS_ON, "True")

    def setUp(self):
        super().setUp()
        self.say_hello(kind="documents", providers=[])
        self.read_here = 0
        read = reading.read

        def count(*args, **kwargs):
            self.read_here += 1
            return read(*args, **kwargs)

        self.startPatcher(
            patch("odoo.addons.ai_queue.models.bills.ai_queue_kind_invoice.read", count)
        )

    def begin(self, *files):
        """Have bills read, and let the job hand out their files."""
        moves = self.env["account.move"]
        for data in files or (bill_pdf(),):
            moves += self.new_bill(data)
        run = self.read_bills(moves)
        self.env.invalidate_all()
        return run, moves

    def go_on(self, run):
        self.queue_jobs(run).write({"eta": False})
        self.run_jobs(run)
        self.env.invalidate_all()

    def work(self):
        """Do as a worker does with all files that are there; how many that were."""
        count = 0
        prefix = self.files.key("question", "")
        for name in self.broker.client.keys(f"{prefix}*"):
            call = name.removeprefix(prefix)
            with self.files.claim(call) as is_ours:
                self.assertTrue(is_ours)
                listed = packing.unpack_call(self.files.get_question(call), "documents")
                for digest in self.files.get_missing(listed):
                    self.read_one(digest)
                    count += 1
            self.files.put_answer(call, "read")
        return count

    def read_one(self, digest):
        data = packing.unpack_file(self.files.get_piece(digest))
        try:
            text = packing.pack_document(reading.read(data))
        except Unreadable as error:
            text = packing.pack_unreadable(error)
        self.files.put_result(digest, text)

    def bring(self):
        """Do as the bridge does."""
        arrived = self.files.get_arrived(10)
        rows = [int(call.partition("-")[0]) for _entry, call, _text in arrived]
        self.env["ai.queue.run.job"]._wake_now("files", rows)
        self.env.invalidate_all()

    def row(self, run):
        return self.env["ai.queue.run.job"].search([("run_id", "=", run.id)])

    def test_from_the_press_to_the_bill(self):
        run, move = self.begin()
        [job] = self.queue_jobs(run)
        self.assertEqual((job.state, job.retry), ("pending", 0))
        self.assertEqual(self.row(run).waits_for, f"files:{self.row(run).id}")
        self.assertTrue(job.eta)
        self.assertEqual(self.broker.client.llen(messages.DOCUMENTS), 1)
        self.assertEqual(self.work(), 1)
        self.bring()
        self.assertFalse(job.eta)
        self.go_on(run)
        self.assertEqual(run.state, "done")
        self.assertTrue(move.ref)
        self.assertEqual(self.read_here, 0)

    def test_what_is_read_there_is_what_is_read_here(self):
        data = bill_pdf()
        document = reading.read(data)
        text = packing.pack_document(document)
        self.assertEqual(
            packing.unpack_document(text, shapes, Unreadable),
            document,
        )

    def test_a_file_that_cannot_be_read_is_said(self):
        run, move = self.begin(b"%PDF-1.4 broken")
        self.work()
        self.bring()
        self.go_on(run)
        self.assertEqual(run.state, "done")
        self.assertIn("unreadable", move.sudo().ai_reading_ids.extraction)
        self.assertEqual(self.read_here, 0)

    def test_given_out_again_it_is_read_once(self):
        run, _move = self.begin()
        self.go_on(run)
        self.assertEqual(self.work(), 1)
        self.assertEqual(self.work(), 0)
        self.go_on(run)
        self.assertEqual(run.state, "done")

    def test_what_the_worker_left_out_is_read_here(self):
        run, move = self.begin()
        prefix = self.files.key("question", "")
        [name] = self.broker.client.keys(f"{prefix}*")
        self.files.put_answer(name.removeprefix(prefix), "read")
        self.go_on(run)
        self.assertEqual(run.state, "done")
        self.assertEqual(self.read_here, 1)
        self.assertTrue(move.ref)

    def test_what_no_worker_has_sent_is_read_here(self):
        data = bill_pdf()
        self.files.put_result(packing.get_digest(data), "nonsense")
        with mute_logger("odoo.addons.ai_queue_celery.models.ai_queue_kind_invoice"):
            run, move = self.begin(data)
        self.assertEqual(run.state, "done")
        self.assertEqual(self.read_here, 1)
        self.assertTrue(move.ref)

    def test_a_large_file_is_read_here(self):
        self.patch(packing, "MAX_FILE_BYTES", 10)
        run, _move = self.begin()
        self.assertEqual(run.state, "done")
        self.assertEqual(self.read_here, 1)

    def test_without_workers_it_waits_and_then_is_read_here(self):
        self.broker.client.flushall()
        run, _move = self.begin()
        self.assertEqual(run.state, "pending")
        self.assertIn("not reached", self.row(run).message)
        self.pass_minutes(6)
        self.go_on(run)
        self.assertEqual(run.state, "done")
        self.assertEqual(self.read_here, 1)

    def test_no_files_are_sent_where_answers_need_the_room(self):
        with patch.object(Store, "has_room", return_value=False):
            run, _move = self.begin()
            self.assertEqual(run.state, "pending")
            self.assertFalse(self.broker.client.llen(messages.DOCUMENTS))
            self.assertIn("memory", self.bridge._get_lacking())
            self.pass_minutes(6)
            self.go_on(run)
        self.assertEqual(run.state, "done")
        self.assertEqual(self.read_here, 1)

    def test_switched_off_it_is_read_here(self):
        self.env["ir.config_parameter"].set_param(DOCUMENTS_ON, False)
        run, _move = self.begin()
        self.assertEqual(run.state, "done")
        self.assertEqual(self.read_here, 1)
        self.assertFalse(self.broker.client.llen(messages.DOCUMENTS))

    def test_what_unpacks_to_more_than_any_document_is_refused(self):
        self.patch(packing, "MAX_UNPACKED", 100)
        text = packing.squeeze({"document": "x" * 1000})
        with self.assertRaises(ValueError):
            packing.unpack_document(text, shapes, Unreadable)
