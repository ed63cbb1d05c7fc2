# Copyright 2026 The ai_queue contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
import json

from odoo.tests import tagged

from odoo.addons.ai_queue.engine.tests.bill_samples import bill_pdf
from odoo.addons.ai_queue.engine.tests.document_samples import zipped
from odoo.addons.ai_queue.engine.tests.einvoice_national import KSEF
from odoo.addons.ai_queue.engine.tests.einvoice_samples import GST, fattura, signed
from odoo.addons.ai_queue.models.bills.account_move import EINVOICE_TYPE

from .common_bill import AiQueueBillCommon

FATTURA = fattura().encode()
#: Name, what a mail calls it, content. Odoo alone imports none of them.
FILES = (
    ("IT00743110157_1.xml.p7m", "application/pkcs7-mime", signed(FATTURA)),
    ("faktura.xml", "application/xml", KSEF.encode()),
    ("einvoice.json", "application/json", json.dumps(GST).encode()),
    ("vague.p7m", "application/octet-stream", signed(FATTURA + b" ")),
)


@tagged("post_install", "-at_install")
class TestBillEinvoices(AiQueueBillCommon):
    """Electronic invoices that Odoo does not import get in by every door."""

    def assertRead(self, moves):
        count = len(FILES)
        self.assertEqual(len(moves), count)
        self.assertEqual(moves.mapped("ai_reading_state"), ["pending"] * count)
        self.run_all()
        for move in moves:
            name = move.ai_reading_id.attachment_id.name
            self.assertTrue(move.ref, f"{name}: {move.ai_reading_reasons}")
            self.assertTrue(move.invoice_line_ids, name)
            origin = move.ai_reading_id.extraction["fields"]["invoice_number"]
            self.assertEqual(origin["by"], "xml", name)

    def test_upload(self):
        self.assertRead(self.upload(*((name, data) for name, _type, data in FILES)))

    def test_mail(self):
        moves = self.mail(*FILES)
        self.assertRead(moves)
        attached = moves.ai_reading_id.attachment_id
        self.assertEqual(set(attached.mapped("res_id")), set(moves.ids))

    def test_drop_on_an_empty_bill(self):
        moves = self.env["account.move"]
        for name, _type, data in FILES:
            move = self.new_bill().with_user(self.clerk)
            file = self.env["ir.attachment"].with_user(self.clerk)
            file = file.create({"name": name, "raw": data})
            move.message_post(attachment_ids=file.ids, message_type="comment")
            self.commit()
            moves += move.with_env(self.env)
        self.assertRead(moves)

    def test_read_with_ai(self):
        moves = self.env["account.move"]
        for name, _type, data in FILES:
            moves += self.new_bill(data, name=name)
        # As Odoo calls XML of somebody who may not write views.
        moves[1].attachment_ids.mimetype = "text/plain"
        run = self.press_read(moves)
        self.assertEqual(run.total, len(FILES))
        self.assertRead(moves)

    def test_in_a_zip(self):
        data = zipped(*((name, data) for name, _type, data in FILES))
        attachment = self.env["ir.attachment"].with_user(self.clerk)
        attachment = attachment.create({"name": "all.zip", "raw": data})
        journal = self.journal.with_user(self.clerk)
        journal.with_context(
            default_move_type="in_invoice"
        ).create_document_from_attachment(attachment.ids)
        self.commit()
        before = self.env["account.move"].search([])
        self.perform(self.env["queue.job"].search([], order="id desc", limit=1))
        self.commit()
        self.assertRead(self.env["account.move"].search([], order="id") - before)

    def test_beside_its_pdf_the_electronic_invoice_counts(self):
        name, mimetype, data = FILES[0]
        copy = ("IT00743110157_1.pdf", "application/pdf", bill_pdf())
        move = self.mail((name, mimetype, data), copy)
        self.assertEqual(len(move), 1)
        self.assertEqual(move.ai_reading_id.attachment_id.name, name)

    def test_of_a_killed_upload_it_is_asked_for_again(self):
        makers = self.env["ai.queue.bill.maker"]
        name, _type, data = FILES[1]
        move = self.new_bill(data, name=name)
        self.assertTrue(makers._is_waiting(move.attachment_ids))
        move.move_type = "in_refund"
        self.fill_in(move)
        self.assertFalse(makers._is_waiting(move.attachment_ids))

    def test_other_files_of_these_kinds_are_none(self):
        moves = self.env["account.move"]
        for name, mimetype, data in (
            ("settings.json", "application/json", b'{"DocType": "settings"}'),
            ("note.txt", "text/plain", KSEF.encode()),
            ("smime.p7m", "application/pkcs7-mime", b"0\x80encrypted"),
        ):
            file = {"name": name, "mimetype": mimetype, "raw": data, "xml_tree": None}
            self.assertNotEqual(moves._get_import_file_type(file), EINVOICE_TYPE, name)
