# Copyright 2026 The ai_queue contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
import io
from unittest.mock import patch

from PIL import Image

from odoo.exceptions import AccessError
from odoo.tests import tagged

from odoo.addons.ai_queue.engine.documents.files import reading
from odoo.addons.ai_queue.engine.tests.bill_samples import bill_pdf
from odoo.addons.ai_queue.engine.tests.document_samples import HEIC, scan_pdf, zipped
from odoo.addons.ai_queue.models.bills.bill_reasons import make

from .common_bill import ROLES, AiQueueBillCommon


def picture(width, height, kind="JPEG"):
    """A picture of nothing."""
    data = io.BytesIO()
    Image.new("L", (width, height), 200).save(data, kind)
    return data.getvalue()


@tagged("post_install", "-at_install")
class TestBillDoors(AiQueueBillCommon):
    """Every way in queues, and none reads."""

    def setUp(self):
        super().setUp()
        # Whoever reads in the request of a door is caught.
        self.reader = self.startPatcher(
            patch(
                "odoo.addons.ai_queue.models.bills.ai_queue_kind_invoice.read",
                side_effect=AssertionError("Read in the request"),
            )
        )

    # ------------------------------------------------------------
    # UPLOAD
    # ------------------------------------------------------------

    def test_uploads_are_queued_as_one_run(self):
        moves = self.upload(*(bill_pdf(number=f"N-{n}00") for n in range(6)))
        self.assertEqual(moves.mapped("ai_reading_state"), ["pending"] * 6)
        run = self.find_runs()
        self.assertEqual((len(run), run.total, run.user_id), (1, 6, self.clerk))

    def test_an_uploaded_photo_is_queued(self):
        moves = self.upload(("photo.jpg", picture(1200, 1600)))
        self.assertEqual(moves.ai_reading_state, "pending")

    def test_a_journal_that_did_not_ask_for_it_queues_nothing(self):
        self.journal.ai_queue_read_bills = False
        moves = self.upload(bill_pdf())
        self.assertFalse(moves.ai_reading_ids)
        self.assertFalse(self.find_runs())

    def test_an_upload_without_the_role_is_a_plain_upload(self):
        plain = self.create_user("plain_clerk", "account.group_account_invoice")
        moves = self.upload(bill_pdf(), user=plain)
        self.assertEqual(len(moves), 1)
        self.assertFalse(moves.ai_reading_ids)

    def test_an_electronic_invoice_is_left_to_odoo(self):
        decoder = {"priority": 20, "decoder": lambda move, data, new: None}
        file = {
            "import_file_type": "account.edi.xml.ubl_bis3",
            "attachment": self.env["ir.attachment"],
            "mimetype": "application/xml",
        }
        path = "odoo.addons.account.models.account_document_import_mixin"
        mixin = f"{path}.AccountDocumentImportMixin._get_edi_decoder"
        with patch(mixin, return_value=decoder, create=True):
            found = self.new_bill()._get_edi_decoder(file, new=True)
        self.assertGreaterEqual(found["priority"], 20)

    def test_the_same_file_twice_is_read_once(self):
        data = bill_pdf()
        moves = self.upload(data, data)
        self.reader.side_effect = reading.read
        self.run_all()
        first, second = moves.sorted("id")
        self.assertEqual(first.ai_reading_state, "done", first.ai_reading_reasons)
        self.assertEqual(self.codes(second), ["same_file"])
        self.assertFalse(second.ref)

    # ------------------------------------------------------------
    # MANY FILES
    # ------------------------------------------------------------

    def upload_many(self, count=11, move_type="in_invoice", journal=None):
        """Upload many files; returns them, the action and the bills made at once."""
        attachments = self.env["ir.attachment"].with_user(self.clerk)
        for number in range(count):
            data = bill_pdf(number=f"M-{number}00")
            attachments += attachments.create({"name": f"{number}.pdf", "raw": data})
        journal = self.journal if journal is None else journal
        journal = journal.with_user(self.clerk).with_context(
            default_move_type=move_type
        )
        action = journal.create_document_from_attachment(attachments.ids)
        self.commit()
        return attachments, action, self.find_bills(attachments)

    def find_bills(self, attachments):
        """The bills that were made of files."""
        made = attachments.sudo().filtered(lambda one: one.res_model == "account.move")
        return self.env["account.move"].browse(made.mapped("res_id"))

    def test_of_many_files_the_bills_are_made_behind_the_request(self):
        files, action, moves = self.upload_many()
        self.assertFalse(moves)
        self.assertIn("11 files", action["context"]["notifications"])
        # It shows the files' names: bills have no vendor and no amount at first.
        shown = self.env["account.move"].get_views(action["views"])["views"]
        for kind in ("list", "kanban"):
            self.assertIn("ai_review_file", shown[kind]["arch"])
        job = self.find_unpacking()
        self.assertEqual(job.channel, "root.ai_processing")
        self.assertEqual(job.user_id, self.clerk)
        self.perform(job)
        moves = self.find_bills(files)
        self.assertEqual(len(moves), 11)
        self.assertEqual(moves, moves.search(action["domain"]))
        self.assertEqual(moves.create_uid, self.clerk)
        run = self.find_runs()
        self.assertEqual((len(run), run.total), (1, 11))

    def test_the_list_of_bills_names_no_journal(self):
        self.journal.sequence = -1
        files, action, moves = self.upload_many(journal=self.env["account.journal"])
        self.assertFalse(moves)
        self.perform(self.find_unpacking())
        self.assertEqual(self.find_bills(files).journal_id, self.journal)

    def test_the_bills_of_some_files_are_made_at_once(self):
        files, action, moves = self.upload_many(10)
        self.assertEqual(len(moves), 10)
        self.assertFalse(self.find_unpacking())
        self.assertNotIn("notifications", action["context"])

    def test_of_many_files_credit_notes_are_made_where_they_were_dropped(self):
        files, _action, _moves = self.upload_many(move_type="in_refund")
        self.unpack()
        moves = self.find_bills(files)
        self.assertEqual(moves.mapped("move_type"), ["in_refund"] * 11)

    def test_many_files_are_made_into_bills_in_turns(self):
        files, _action, _moves = self.upload_many(13)
        counts = []
        path = "odoo.addons.ai_queue.models.bills.ai_queue_bill_maker.TURN"
        with patch(path, 5):
            while job := self.find_unpacking().filtered(
                lambda one: one.state == "pending"
            ):
                self.perform(job)
                counts.append(len(self.find_bills(files)))
        self.assertEqual(counts, [5, 10, 13])
        self.assertEqual(self.find_runs().mapped("total"), [5, 5, 3][::-1])

    def test_a_killed_job_goes_on_where_it_was(self):
        files, _action, _moves = self.upload_many()
        journal = self.journal.with_user(self.clerk)
        self.env["ai.queue.bill.maker"].with_user(self.clerk)._make_bills(
            files[:4], journal, "in_invoice"
        )
        journal._make_ai_bills(files, "in_invoice")
        self.assertEqual(len(self.find_bills(files)), 11)
        self.assertEqual(len(self.find_bills(files).ai_reading_ids), 11)

    def test_a_job_killed_before_its_run_starts_what_it_asked_for(self):
        files, _action, _moves = self.upload_many()
        journal = self.journal.with_user(self.clerk)
        makers = self.env["ai.queue.bill.maker"].with_user(self.clerk)
        with patch.object(type(journal.env["account.move"]), "_start_ai_readings"):
            makers._make_bills(files[:4], journal, "in_invoice")
        readings = self.find_bills(files).ai_reading_ids
        self.assertEqual(len(readings), 4)
        self.assertFalse(readings.run_id)
        journal._make_ai_bills(files, "in_invoice")
        readings = self.find_bills(files).ai_reading_ids
        self.assertEqual(len(readings), 11)
        self.assertTrue(all(one.run_id for one in readings))
        self.assertEqual(readings.run_id.user_id, self.clerk)

    def test_many_files_of_others_are_left_to_odoo(self):
        """Which lets nobody take files that they may only see."""
        data = [
            {"name": f"{n}.pdf", "raw": bill_pdf(), "public": True} for n in range(11)
        ]
        files = self.env["ir.attachment"].create(data)
        journal = self.journal.with_user(self.clerk)
        journal = journal.with_context(default_move_type="in_invoice")
        with self.assertRaises(AccessError), self.env.cr.savepoint():
            journal.create_document_from_attachment(files.ids)
        self.assertFalse(self.find_unpacking())

    # ------------------------------------------------------------
    # ZIP
    # ------------------------------------------------------------

    def upload_zip(self, *files):
        """Upload a ZIP with these files; returns the action and the job."""
        attachments = self.env["ir.attachment"].with_user(self.clerk)
        file = attachments.create({"name": "bills.zip", "raw": zipped(*files)})
        journal = self.journal.with_user(self.clerk)
        action = journal.with_context(
            default_move_type="in_invoice"
        ).create_document_from_attachment(file.ids)
        self.commit()
        return action, self.find_unpacking()

    def find_unpacking(self):
        """The jobs that unpack ZIPs."""
        return self.env["queue.job"].search([("model_name", "=", "account.journal")])

    def unpack(self):
        """Let the ZIPs that wait be unpacked, by as many jobs as it takes."""
        while job := self.find_unpacking().filtered(lambda one: one.state == "pending"):
            self.perform(job[0])

    def test_a_zip_is_unpacked_behind_the_request(self):
        before = self.env["account.move"].search_count([])
        action, job = self.upload_zip(
            ("a.pdf", bill_pdf(number="A-100")),
            ("folder/b.pdf", bill_pdf(number="B-100", day="2026-03-11")),
            ("read.me", b"nothing"),
        )
        self.assertIn("bills.zip", action["context"]["notifications"])
        self.assertEqual(self.env["account.move"].search_count([]), before)
        self.perform(job)
        run = self.find_runs()
        self.assertEqual((len(run), run.total), (1, 2))
        self.reader.side_effect = reading.read
        self.run_all()
        moves = self.env["account.move"].search([("ref", "in", ["A-100", "B-100"])])
        self.assertEqual(moves.mapped("ai_reading_state"), ["done"] * 2)
        said = self.journal.message_ids[:1].body
        self.assertIn("2 bills", said)
        self.assertIn("read.me", said)

    def test_the_bill_of_a_file_beside_a_zip_is_shown_with_those_of_the_zip(self):
        attachments = self.env["ir.attachment"].with_user(self.clerk)
        data = bill_pdf(number="B-100", day="2026-03-11")
        files = attachments.create(
            [
                {"name": "bills.zip", "raw": zipped(("a.pdf", bill_pdf()))},
                {"name": "b.pdf", "raw": data},
            ]
        )
        journal = self.journal.with_user(self.clerk)
        journal = journal.with_context(default_move_type="in_invoice")
        action = journal.create_document_from_attachment(files.ids)
        self.commit()
        moves = self.env["account.move"]
        self.assertEqual(moves.search(action["domain"]).ai_reading_state, "pending")
        self.unpack()
        self.assertEqual(moves.search_count(action["domain"]), 2)

    def test_a_zip_unpacked_again_makes_no_bill_twice(self):
        _action, job = self.upload_zip(("a.pdf", bill_pdf()))
        self.perform(job)
        count = self.env["account.move"].search_count([])
        archive = self.env["ir.attachment"].search([("name", "=", "bills.zip")])
        self.journal.with_user(self.clerk)._unpack_ai_archive(archive)
        self.assertEqual(self.env["account.move"].search_count([]), count)

    def test_a_big_zip_is_unpacked_by_several_jobs(self):
        path = "odoo.addons.ai_queue.models.bills.ai_queue_bill_archive.TURN"
        files = [(f"{n}.pdf", bill_pdf(number=f"Z-{n}00")) for n in range(5)]
        before = self.env["account.move"].search_count([])
        with patch(path, 2):
            _action, job = self.upload_zip(*files)
            counts = []
            while job := job.filtered(lambda one: one.state == "pending"):
                self.perform(job)
                counts.append(self.env["account.move"].search_count([]) - before)
                job = self.find_unpacking()
        self.assertEqual(counts, [2, 4, 5])
        self.assertEqual(len(self.journal.message_ids.filtered("body")), 1)

    def test_a_file_cut_off_from_its_reading_is_found_again(self):
        """Killed between the bill and its reading: Odoo commits there."""
        _action, job = self.upload_zip(("a.pdf", bill_pdf()))
        move = type(self.env["account.move"])
        with patch.object(move, "_extend_with_attachments", lambda *args, **kw: None):
            self.perform(job)
        self.assertFalse(self.find_runs())
        archive = self.env["ir.attachment"].search([("name", "=", "bills.zip")])
        self.journal.with_user(self.clerk)._unpack_ai_archive(archive)
        self.assertEqual(self.find_runs().total, 1)

    def test_a_zip_of_others_is_left_to_odoo(self):
        """Which lets nobody take a file that they may only see."""
        data = {"name": "bills.zip", "raw": zipped(("a.pdf", bill_pdf()))}
        file = self.env["ir.attachment"].create({**data, "public": True})
        journal = self.journal.with_user(self.clerk)
        journal = journal.with_context(default_move_type="in_invoice")
        with self.assertRaises(AccessError), self.env.cr.savepoint():
            journal.create_document_from_attachment(file.ids)
        self.assertFalse(file.res_model)
        self.assertFalse(self.find_unpacking())

    def test_a_zip_that_hangs_on_a_record_is_not_hung_on_the_journal(self):
        hanging = {"res_model": "res.partner", "res_id": self.clerk.partner_id.id}
        data = {"name": "bills.zip", "raw": zipped(("a.pdf", bill_pdf())), **hanging}
        file = self.env["ir.attachment"].create(data)
        journal = self.journal.with_user(self.clerk)
        journal = journal.with_context(default_move_type="in_invoice")
        with self.assertRaises(AccessError), self.env.cr.savepoint():
            journal.create_document_from_attachment(file.ids)
        self.assertEqual(file.res_model, "res.partner")

    def test_a_broken_zip_says_so(self):
        attachments = self.env["ir.attachment"].with_user(self.clerk)
        data = zipped(("a.pdf", bill_pdf()))[:200]
        file = attachments.create({"name": "bills.zip", "raw": data})
        journal = self.journal.with_user(self.clerk)
        journal._unpack_ai_archive(file)
        self.assertIn("damaged", self.journal.message_ids[:1].body)

    # ------------------------------------------------------------
    # MAIL
    # ------------------------------------------------------------

    def test_two_bills_in_one_mail_are_two_and_one_run(self):
        moves = self.mail(
            ("a.pdf", "application/pdf", bill_pdf(number="A-100")),
            ("b.pdf", "application/pdf", bill_pdf(number="B-100")),
        )
        self.assertEqual(len(moves), 2)
        self.assertEqual(moves.mapped("ai_reading_state"), ["pending"] * 2)
        self.assertEqual(len(self.find_runs()), 1)

    def test_a_photo_in_a_mail_is_attached_and_queued(self):
        move = self.mail(("bill.jpg", "image/jpeg", picture(1200, 1600)))
        self.assertEqual(move.ai_reading_state, "pending")
        self.assertEqual(move.attachment_ids.mapped("name"), ["bill.jpg"])

    def test_a_large_photo_in_a_mail_stays_as_it_came_in(self):
        """Odoo by itself would make it smaller before it is read."""
        photo = picture(2000, 2600)
        move = self.mail(("bill.jpg", "image/jpeg", photo))
        self.assertEqual(move.attachment_ids.raw, photo)
        self.journal.ai_queue_read_bills = False
        values = {"name": "a.jpg", "res_model": move._name, "res_id": move.id}
        smaller = self.env["ir.attachment"].create({**values, "raw": photo})
        self.assertNotEqual(smaller.raw, photo)

    def test_a_photo_of_an_iphone_is_queued_whatever_the_mail_calls_it(self):
        move = self.mail(("bill.HEIC", "application/octet-stream", HEIC))
        self.assertEqual(move.ai_reading_state, "pending")
        self.assertEqual(move.attachment_ids.mapped("mimetype"), ["image/heic"])

    def test_a_logo_in_a_mail_is_no_bill(self):
        move = self.mail(
            ("a.pdf", "application/pdf", bill_pdf()),
            ("logo.png", "image/png", picture(300, 80, "PNG")),
        )
        self.assertEqual(len(move), 1)
        self.assertEqual(move.ai_reading_id.attachment_id.name, "a.pdf")
        self.assertNotIn("logo.png", move.attachment_ids.mapped("name"))

    def test_a_zip_in_a_mail_becomes_the_bill_of_each_of_its_files(self):
        data = zipped(
            ("a.pdf", bill_pdf(number="A-100")),
            ("b.pdf", bill_pdf(number="B-100", day="2026-03-11")),
            ("c.pdf", bill_pdf(number="C-100", day="2026-03-12")),
        )
        first = self.mail(("bills.zip", "application/zip", data))
        self.assertEqual(len(first), 1)
        self.assertFalse(first.ai_reading_ids)
        self.unpack()
        moves = self.env["account.move"].search([("id", ">=", first.id)], order="id")
        self.assertEqual(moves.mapped("ai_reading_state"), ["pending"] * 3)
        self.assertEqual(len(self.find_runs()), 1)
        self.assertEqual(
            moves.mapped("invoice_source_email"), ["sales@example.com"] * 3
        )
        self.assertEqual(first.message_main_attachment_id.name, "a.pdf")
        self.reader.side_effect = reading.read
        self.run_all()
        self.assertEqual(moves.mapped("ref"), ["A-100", "B-100", "C-100"])
        self.assertEqual(moves.mapped("ai_reading_state"), ["done"] * 3)

    def test_a_zip_beside_a_bill_in_one_mail_makes_further_bills(self):
        first = self.mail(
            ("a.pdf", "application/pdf", bill_pdf(number="A-100")),
            (
                "more.zip",
                "application/zip",
                zipped(("b.pdf", bill_pdf(number="B-100", day="2026-03-11"))),
            ),
        )
        self.assertEqual(first.ai_reading_id.attachment_id.name, "a.pdf")
        self.unpack()
        moves = self.env["account.move"].search([("id", ">=", first.id)], order="id")
        files = moves.ai_reading_ids.attachment_id.mapped("name")
        self.assertEqual(sorted(files), ["a.pdf", "b.pdf"])

    def test_what_is_missing_of_a_mailed_zip_is_looked_at(self):
        data = zipped(
            ("a.pdf", bill_pdf()),
            ("nested.zip", zipped(("b.pdf", bill_pdf()))),
        )
        move = self.mail(("bills.zip", "application/zip", data))
        self.unpack()
        self.reader.side_effect = reading.read
        self.run_all()
        self.assertEqual(move.ai_reading_state, "review")
        self.assertEqual(self.codes(move), ["left_out"])
        self.assertIn("nested.zip", move.ai_reading_reasons)
        said = "".join(move.message_ids.mapped("body"))
        self.assertIn("nested.zip: This is a ZIP file", said)

    def test_what_is_missing_is_known_to_a_job_that_runs_again(self):
        """Killed after the commit of the bills, and before it noted what is missing."""
        data = zipped(("a.pdf", bill_pdf()), ("b.txt", b"x"))
        move = self.mail(("bills.zip", "application/zip", data))
        archives = type(self.env["ai.queue.bill.archive"])
        with patch.object(archives, "_note_left_out"):
            self.unpack()
        self.assertEqual(move.ai_reading_state, "pending")
        self.perform(self.find_unpacking().sorted("id")[-1])
        self.reader.side_effect = reading.read
        self.run_all()
        self.assertEqual(self.codes(move), ["left_out"])
        self.assertEqual(len(move.message_ids.filtered(self.is_told)), 1)

    def is_told(self, message):
        """Whether a message says what became of a ZIP."""
        return "bills are made of it" in (message.body or "")

    def test_files_that_others_describe_as_unpacked_are_not(self):
        _action, job = self.upload_zip(("a.pdf", bill_pdf()))
        archive = self.env["ir.attachment"].search([("name", "=", "bills.zip")])
        other = self.create_user("other_clerk", "account.group_account_invoice")
        origin = f"ai_queue.archive:{archive.id}"
        file = {"name": "forged.pdf", "raw": bill_pdf(), "description": origin}
        forged = archive.with_user(other).create(file)
        # A file of the clerk that hangs on something else is none of a ZIP either.
        hanging = {"res_model": "res.partner", "res_id": self.clerk.partner_id.id}
        forged += archive.with_user(self.clerk).sudo().create({**file, **hanging})
        self.perform(job)
        self.assertNotIn("account.move", forged.sudo().mapped("res_model"))
        self.assertEqual(self.find_runs().total, 1)

    def test_what_is_missing_is_looked_at_though_the_bill_was_read_before(self):
        move = self.new_bill()
        self.drop(move, bill_pdf())
        self.reader.side_effect = reading.read
        self.run_all()
        self.assertEqual(move.ai_reading_state, "done")
        move.ai_reading_id._add_door_reason(make("left_out", file="x", names="y"))
        self.assertEqual(move.ai_reading_state, "review")

    def test_a_mailed_zip_that_cannot_be_opened_is_a_bill_not_read(self):
        data = zipped(("a.pdf", bill_pdf()))[:200]
        move = self.mail(("bills.zip", "application/zip", data))
        self.unpack()
        self.assertEqual(move.ai_reading_state, "failed")
        self.assertIn("damaged", move.ai_reading_reasons)
        self.assertEqual(move.attachment_ids.mapped("name"), ["bills.zip"])

    def test_a_mailed_zip_without_a_document_is_looked_at(self):
        move = self.mail(("bills.zip", "application/zip", zipped(("a.txt", b"x"))))
        self.unpack()
        self.assertEqual(move.ai_reading_state, "review")
        self.assertEqual(self.codes(move), ["left_out"])

    def test_a_bomb_in_a_mail_is_refused_in_plain_words(self):
        data = zipped(*((f"{n}.pdf", b"%PDF-1.4") for n in range(501)))
        before = self.env["account.move"].search_count([])
        move = self.mail(("bills.zip", "application/zip", data))
        self.unpack()
        self.assertEqual(move.ai_reading_state, "failed")
        self.assertIn("too many files", move.ai_reading_reasons)
        self.assertEqual(self.env["account.move"].search_count([]), before + 1)

    def test_a_zip_in_a_mail_of_another_journal_is_only_a_file(self):
        self.journal.ai_queue_read_bills = False
        self.mail(("a.zip", "application/zip", zipped(("a.pdf", bill_pdf()))))
        self.assertFalse(self.find_unpacking())

    # ------------------------------------------------------------
    # CHATTER
    # ------------------------------------------------------------

    def drop(self, move, data, name="dropped.pdf", user=None):
        """Drop a file into the chatter, as the controller does it."""
        files = self.env["ir.attachment"].with_user(user or self.clerk).sudo()
        file = files.create(
            {"name": name, "raw": data, "res_model": move._name, "res_id": move.id}
        )
        file._post_add_create()
        self.commit()
        return file

    def test_a_file_dropped_on_an_empty_bill_is_queued(self):
        move = self.new_bill()
        file = self.drop(move, bill_pdf())
        self.assertEqual(move.ai_reading_id.attachment_id, file)
        self.assertEqual(self.find_runs().user_id, self.clerk)

    def test_a_file_dropped_twice_is_one_reading(self):
        move = self.new_bill()
        data = bill_pdf()
        self.drop(move, data)
        self.drop(move, data)
        self.assertEqual(len(move.ai_reading_ids), 1)
        self.assertEqual(len(self.find_runs()), 1)

    def test_the_file_that_came_in_is_read_and_no_other(self):
        move = self.new_bill(bill_pdf(number="OLD-1"), name="old.pdf")
        self.drop(move, bill_pdf(number="NEW-1"))
        self.reader.side_effect = reading.read
        self.run_all()
        self.assertEqual(move.ref, "NEW-1")
        self.assertEqual(len(move.ai_reading_ids), 1)

    def test_a_second_file_takes_the_place_of_the_first(self):
        move = self.new_bill()
        self.drop(move, bill_pdf(number="OLD-1"))
        self.drop(move, bill_pdf(number="NEW-1"))
        self.reader.side_effect = reading.read
        self.run_all()
        self.assertEqual(move.ref, "NEW-1")
        states = move.ai_reading_ids.sorted("id").mapped("state")
        self.assertEqual(states, ["cancelled", "done"])

    def test_a_file_dropped_on_a_filled_bill_is_only_a_file(self):
        move = self.earlier_bill(("x", 1.0, {}))
        move.button_draft()
        self.drop(move, bill_pdf())
        self.assertFalse(move.ai_reading_ids)

    def test_a_zip_dropped_on_an_empty_bill_fills_it_and_makes_others(self):
        move = self.new_bill(partner_id=self.company.partner_id.id)
        data = zipped(
            ("a.pdf", bill_pdf(number="A-100")),
            ("b.pdf", bill_pdf(number="B-100", day="2026-03-11")),
        )
        self.drop(move, data, "bills.zip")
        self.drop(move, data, "bills.zip")
        self.assertEqual(len(self.find_unpacking()), 1)
        self.unpack()
        self.assertEqual(self.find_runs().user_id, self.clerk)
        self.assertEqual(self.find_runs().total, 2)
        self.assertEqual(move.ai_reading_id.attachment_id.name, "a.pdf")
        other = self.find_runs().job_ids.mapped("res_ids")[0]
        other = self.env["account.move"].browse(other) - move
        self.assertFalse(other.partner_id)

    def test_a_zip_dropped_on_a_filled_bill_is_only_a_file(self):
        move = self.earlier_bill(("x", 1.0, {}))
        move.button_draft()
        self.drop(move, zipped(("a.pdf", bill_pdf())), "bills.zip")
        self.assertFalse(self.find_unpacking())

    def test_a_message_with_a_zip_is_unpacked(self):
        move = self.new_bill().with_user(self.clerk)
        move.message_post(
            attachments=[("sent.zip", zipped(("a.pdf", bill_pdf())))],
            message_type="comment",
        )
        self.commit()
        self.unpack()
        self.assertEqual(move.ai_reading_state, "pending")

    def test_a_message_with_a_file_is_queued(self):
        move = self.new_bill().with_user(self.clerk)
        move.message_post(
            attachments=[("sent.pdf", bill_pdf())], message_type="comment"
        )
        self.commit()
        self.assertEqual(move.ai_reading_state, "pending")

    # ------------------------------------------------------------
    # FORGOTTEN
    # ------------------------------------------------------------

    def forget(self, user):
        """A reading that this user asked for, and that nobody started."""
        move = self.new_bill(scan_pdf()).with_user(user)
        reading = self.env["ai.queue.bill.reading"].with_user(user)._request(move)
        self.env.flush_all()
        self.env.cr.execute(
            "UPDATE ai_queue_bill_reading SET write_date = '2026-01-01'"
        )
        self.env.invalidate_all()
        return reading.sudo()

    def test_who_may_not_have_bills_read_any_more_holds_up_nobody(self):
        gone = self.create_user("gone", ROLES)
        theirs, others = self.forget(gone), self.forget(self.clerk)
        gone.group_ids = self.env.ref("base.group_user")
        self.env["ai.queue.bill.reading"]._cron_start_forgotten()
        self.assertEqual(theirs.state, "failed")
        self.assertIn("may not", theirs.message)
        self.assertTrue(others.run_id)

    def test_what_a_request_left_behind_is_started_later(self):
        reading = self.forget(self.clerk)
        self.env["ai.queue.bill.reading"]._cron_start_forgotten()
        self.commit()
        self.assertEqual(reading.run_id, self.find_runs())
        self.assertEqual(self.find_runs().user_id, self.clerk)
