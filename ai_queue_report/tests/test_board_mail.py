# Copyright 2026 The ai_queue contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
from unittest.mock import patch

from odoo.exceptions import AccessError, ValidationError
from odoo.tests import HttpCase, freeze_time, tagged

from odoo.addons.ai_queue.tests.common import NOW
from odoo.addons.base.models.ir_mail_server import MailDeliveryException

from .common_boards import BoardCommon

DUE = "2026-03-19 07:01:00"


class BoardMailCommon(BoardCommon):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.subscription = cls.subscribe(cls.owner)

    @classmethod
    def subscribe(cls, user, board=None, **vals):
        """Let somebody get the board every day at seven."""
        subscriptions = cls.env["ai.queue.board.subscription"].with_user(user)
        vals = {"frequency": "day", "hour": 7, **vals}
        subscription = subscriptions.create(
            {"board_id": (board or cls.board).id, **vals}
        )
        # When it is due is worked out now, not when the test has moved the clock.
        subscription.flush_recordset()
        return subscription

    def send_due(self):
        """What the cron and then the jobs do."""
        self.env["ai.queue.board.subscription"]._cron_send()
        self.commit()
        return self.run_mail()

    def mailings(self, subscription=None):
        subscription = subscription or self.subscription
        self.env.invalidate_all()
        return subscription.sudo().mailing_ids


@tagged("post_install", "-at_install")
@freeze_time(NOW)
class TestBoardMail(BoardMailCommon):
    """Boards by e-mail: each reader's own, once for each occasion."""

    def test_who_has_left_may_come_back(self):
        self.subscription.active = False
        self.assertFalse(self.board.with_user(self.owner).action_subscribe()["res_id"])
        again = self.subscribe(self.owner)
        self.assertTrue(again.active)
        self.assertFalse(self.subscription.exists())
        again.active = False
        with self.assertRaises(AccessError):
            self.subscribe(self.reader, user_id=self.owner.id)
        self.assertTrue(again.exists())

    def test_a_reader_gets_it_with_their_own_rights(self):
        self.share(self.board, self.reader)
        self.subscribe(self.reader)
        with freeze_time(DUE), self.mailbox() as sent:
            self.assertEqual(len(self.send_due()), 2)
        letters = {message["To"]: message for message in sent}
        self.assertEqual(len(letters), 2)
        owner = self.text(next(m for to, m in letters.items() if "owner@" in to))
        reader = self.text(next(m for to, m in letters.items() if "reader@" in to))
        self.assertIn("80.00", owner)
        self.assertNotIn("80.00", reader)
        self.assertIn("You may not see", reader)

    def text(self, message):
        return message.get_body(("html",)).get_content()

    def test_it_has_a_pdf_and_a_way_out(self):
        with freeze_time(DUE), self.mailbox() as sent:
            self.send_due()
        (message,) = sent
        (pdf,) = message.iter_attachments()
        self.assertEqual(pdf.get_content_type(), "application/pdf")
        self.assertTrue(pdf.get_content().startswith(b"%PDF-"))
        self.assertEqual(pdf.get_filename(), "Sales.pdf")
        self.assertIn("/ai_queue_report/unsubscribe/", message["List-Unsubscribe"])
        self.assertIn(self.subscription._get_token(), self.text(message))

    def test_once_for_each_occasion(self):
        with freeze_time(DUE), self.mailbox() as sent:
            self.send_due()
            self.send_due()
            self.subscription.date_next = NOW
            self.subscription.flush_recordset()
            self.send_due()
        # The second is for the day before, as it was said to be due then.
        self.assertEqual(
            self.mailings().mapped("occasion"), ["2026-03-18", "2026-03-19"]
        )
        self.assertEqual(len(sent), 2)
        with freeze_time("2026-03-20 07:01:00"), self.mailbox() as sent:
            self.send_due()
            self.assertEqual(len(sent), 1)

    def test_the_same_occasion_twice_is_one_mailing(self):
        self.assertTrue(self.subscription._create_mailing("2026-03-19"))
        self.assertFalse(self.subscription._create_mailing("2026-03-19"))

    def test_a_job_that_runs_again_sends_nothing_again(self):
        with freeze_time(DUE), self.mailbox() as sent:
            job = self.send_due()
            self.assertEqual(self.mailings().state, "sent")
            job.requeue()
            self.perform(job)
        self.assertEqual(len(sent), 1)

    def test_a_job_killed_while_sending_sends_nothing_again(self):
        """It was handed over, and nobody lived to note that."""
        with freeze_time(DUE), self.mailbox() as sent:
            self.env["ai.queue.board.subscription"]._cron_send()
            self.commit()
            self.mailings().state = "sending"
            self.run_mail()
        self.assertFalse(sent)
        self.assertEqual(self.mailings().state, "failed")
        self.assertIn("Look whether it has arrived", self.mailings().message)
        with self.mailbox() as sent:
            self.mailings().with_user(self.owner).action_send_again()
            self.commit()
            self.run_mail()
        self.assertEqual(len(sent), 1)

    def test_that_it_is_sent_is_noted_before(self):
        kind = type(self.env["ai.queue.kind.board_mail"])
        let_go = kind._let_go
        states = []

        def spy(handler, row):
            handler.env.flush_all()
            states.append(self.mailings().state)
            return let_go(handler, row)

        with freeze_time(DUE), self.mailbox(), patch.object(kind, "_let_go", spy):
            self.send_due()
        self.assertEqual(states, ["pending", "sending", "sent"])

    def test_a_server_that_cannot_be_reached_is_tried_again(self):
        servers = type(self.env["ir.mail_server"])
        with freeze_time(DUE), self.mailbox() as sent:
            with patch.object(servers, "_connect__", side_effect=OSError("away")):
                (job,) = self.send_due()
            self.assertEqual((job.state, self.mailings().state), ("pending", "pending"))
            self.assertFalse(sent)
            self.perform(job)
            self.assertEqual(len(sent), 1)

    def test_a_server_that_refuses_it(self):
        servers = type(self.env["ir.mail_server"])
        error = MailDeliveryException("Mail Delivery Failed", "no such user")
        with freeze_time(DUE), patch.object(servers, "send_email", side_effect=error):
            self.send_due()
        self.assertEqual(self.mailings().state, "failed")
        self.assertIn("no such user", self.mailings().message)

    def test_a_letter_that_cannot_be_written(self):
        target = "odoo.addons.ai_queue_report.models.boards.ai_queue_kind_board_mail"
        with freeze_time(DUE), self.mailbox() as sent:
            self.env["ai.queue.board.subscription"]._cron_send()
            self.commit()
            (job,) = self.find_mail_jobs()
            with patch(f"{target}.draw_pdf", side_effect=RuntimeError("no font")):
                self.perform_failing(job)
        self.assertFalse(sent)
        self.assertEqual(self.mailings().state, "failed")
        self.assertIn("no font", self.mailings().message)

    def test_cancelled_it_is_not_sent(self):
        with freeze_time(DUE), self.mailbox() as sent:
            self.env["ai.queue.board.subscription"]._cron_send()
            self.commit()
            run = self.find_runs().filtered(lambda one: one.kind == "board_mail")
            run.with_user(self.owner).action_cancel()
            self.commit()
            self.run_mail()
        self.assertFalse(sent)
        self.assertEqual(self.mailings().state, "cancelled")

    def test_archived_users_get_none(self):
        self.owner.active = False
        with freeze_time(DUE), self.mailbox() as sent:
            self.send_due()
        self.assertFalse(sent)
        self.assertFalse(self.subscription.active)
        self.assertIn("archived", self.subscription.ended_because)

    def test_who_lost_the_board_gets_none(self):
        self.share(self.board, self.clerk)
        subscription = self.subscribe(self.clerk)
        self.board.sharing = "private"
        with freeze_time(DUE), self.mailbox() as sent:
            self.send_due()
        self.assertEqual(len(sent), 1)
        self.assertIn("not shared", subscription.sudo().ended_because)

    def test_unsubscribed_between_queue_and_job(self):
        with freeze_time(DUE), self.mailbox() as sent:
            self.env["ai.queue.board.subscription"]._cron_send()
            self.commit()
            self.subscription.action_unsubscribe()
            self.run_mail()
        self.assertFalse(sent)
        self.assertEqual(self.mailings().state, "cancelled")

    def test_a_copy_of_a_database_sends_none(self):
        self.env["ir.config_parameter"].set_param("database.is_neutralized", "True")
        with freeze_time(DUE), self.mailbox() as sent:
            self.send_due()
        self.assertFalse(sent)
        self.assertIn("copy of a database", self.mailings().message)

    def test_send_now(self):
        with self.mailbox() as sent:
            self.subscription.action_send_now()
            self.commit()
            self.run_mail()
        self.assertEqual(len(sent), 1)

    def test_who_may_subscribe_whom(self):
        with self.assertRaises(ValidationError):
            self.subscribe(self.clerk)
        self.share(self.board, self.clerk)
        subscriptions = self.env["ai.queue.board.subscription"]
        vals = {"board_id": self.board.id, "user_id": self.clerk.id}
        with self.assertRaises(AccessError):
            subscriptions.with_user(self.reader).create(vals)
        subscriptions.with_user(self.owner).create(vals)
        with self.assertRaises(ValidationError):
            subscriptions.with_user(self.owner).create(
                {"board_id": self.board.id, "user_id": self.reader.id}
            )

    def test_only_the_owner_chooses_readers(self):
        self.share(self.board, self.clerk)
        subscription = self.subscribe(self.clerk)
        self.assertFalse(subscription.can_choose)
        self.assertTrue(self.subscription.can_choose)

    def test_when_it_is_due_in_the_time_of_the_reader(self):
        self.owner.tz = "Europe/Berlin"
        self.share(self.board, self.clerk)
        weekly = {"frequency": "week", "weekday": "0"}
        self.subscription.write(weekly)
        # Daylight saving begins on Sunday, the 29th.
        self.assertEqual(str(self.subscription.date_next), "2026-03-23 06:00:00")
        with freeze_time("2026-03-24 12:00:00"):
            self.assertEqual(str(self.subscription._get_next()), "2026-03-30 05:00:00")


@tagged("post_install", "-at_install")
class TestUnsubscribe(BoardMailCommon, HttpCase):
    """The link in the e-mail."""

    def test_link(self):
        number, token = self.subscription.id, self.subscription._get_token()
        url = f"/ai_queue_report/unsubscribe/{number}"
        wrong = self.url_open(f"{url}/{'0' * len(token)}")
        self.assertEqual(wrong.status_code, 404)
        self.assertIn("not valid any more", wrong.text)
        asked = self.url_open(f"{url}/{token}")
        self.assertEqual(asked.status_code, 200)
        self.assertIn("Unsubscribe from", asked.text)
        self.subscription.invalidate_recordset()
        self.assertTrue(self.subscription.active, "looking at a link is no answer")
        done = self.url_open(f"{url}/{token}", data={"List-Unsubscribe": "One-Click"})
        self.assertIn("You are unsubscribed", done.text)
        self.subscription.invalidate_recordset()
        self.assertFalse(self.subscription.active)
