# Copyright 2026 The ai_queue contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
import base64
import hashlib
import hmac
from datetime import timedelta
from unittest.mock import patch

from requests import Session
from urllib3.exceptions import LocationParseError, ProtocolError

from odoo.exceptions import UserError, ValidationError
from odoo.tests import common, freeze_time, tagged

from .. import webhook
from .common_alert import SECRET, START, AlertCommon, Receivers
from .receivers import MailReceiver

DELIVERY_LOGGER = "odoo.addons.queue_job_operations.models.queue_job_alert_delivery"
NOBODY_THERE = "http://127.0.0.1:9/hook"


@tagged("post_install", "-at_install")
class TestAlertDelivery(Receivers, AlertCommon):
    """Messages that really go over the wire, to a mail server and a web address."""

    def line(self, target, event="opened"):
        return target.delivery_ids.filtered(lambda line: line.event == event)

    def resolve(self, jobs, minute):
        self.set_state(jobs, "done", date_done=minute)
        self.watch(minute)

    # ------------------------------------------------------------
    # WEBHOOK
    # ------------------------------------------------------------

    def test_a_webhook_is_told_of_beginning_and_end(self):
        self.create_webhook()
        jobs = self.stuff()
        alert = self.watch(0)
        self.resolve(jobs, 3)
        opened, resolved = self.hook.messages()
        self.assertEqual(opened["event"], "opened")
        self.assertEqual(opened["title"], alert.name)
        self.assertIn(f"/{alert.id}", opened["url"])
        self.assertEqual(
            opened["alert"],
            {
                "id": alert.id,
                "rule": "waiting",
                "subject": "root.of_alerts",
                "severity": "warning",
                "state": "open",
                "value": 15.0,
                "unit": "minutes",
                "opened": "2026-03-18T12:00:00Z",
                "resolved": None,
                "seconds": 0,
            },
        )
        self.assertEqual(resolved["event"], "resolved")
        self.assertTrue(resolved["title"].startswith("Over: "))
        self.assertEqual(resolved["alert"]["seconds"], 180)

    def test_messages_are_signed_as_standard_webhooks_are(self):
        self.create_webhook()
        self.stuff()
        self.watch(0)
        ((headers, body),) = self.hook.requests
        signed = f"{headers['webhook-id']}.{headers['webhook-timestamp']}.".encode()
        digest = hmac.new(SECRET.encode(), signed + body, hashlib.sha256).digest()
        self.assertEqual(
            headers["webhook-signature"], f"v1,{base64.b64encode(digest).decode()}"
        )
        self.assertEqual(headers["X-Queue-Job-Event"], "opened")
        self.assertNotIn(SECRET, str(headers) + str(body))

    def test_the_example_of_standard_webhooks(self):
        self.assertEqual(
            webhook.sign(
                "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw",
                "msg_p5jXN8AQM9LWM0D4loKWxJek",
                "1614265330",
                b'{"test": 2432232314}',
            ),
            "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=",
        )

    def test_a_secret_that_only_begins_like_base64_is_a_secret(self):
        for secret in ("whsec_!", "whsec_ä", "whsec_é="):
            self.assertTrue(webhook.sign(secret, "1", "2", b"{}").startswith("v1,"))

    def test_without_a_secret_there_is_no_signature(self):
        self.create_webhook().webhook_secret = False
        self.stuff()
        self.watch(0)
        ((headers, _body),) = self.hook.requests
        self.assertNotIn(webhook.SIGNATURE, headers)

    def test_a_secret_of_the_environment_comes_first(self):
        target = self.create_webhook("On call")
        self.assertEqual(target.key_source, "stored")
        outside = {
            "QUEUE_JOB_SECRET_ON_CALL": "other",
            "QUEUE_JOB_URL_ON_CALL": self.hook.url,
        }
        with patch.dict("os.environ", outside):
            target.invalidate_recordset()
            self.assertEqual(target.key_source, "environment")
            self.stuff()
            self.watch(0)
        ((headers, body),) = self.hook.requests
        expected = webhook.sign(
            "other", headers[webhook.ID], headers[webhook.TIMESTAMP], body
        )
        self.assertEqual(headers[webhook.SIGNATURE], expected)

    def test_slack_takes_a_text(self):
        self.create_webhook(webhook_format="slack")
        self.stuff()
        alert = self.watch(0)
        (message,) = self.hook.messages()
        self.assertEqual(list(message), ["text"])
        self.assertTrue(message["text"].startswith(alert.name))

    def test_what_fails_is_tried_again_and_keeps_its_error(self):
        target = self.create_webhook()
        self.hook.status = 503
        self.stuff()
        self.watch(0)
        line = self.line(target)
        self.assertEqual((line.state, line.attempts), ("waiting", 1))
        self.assertEqual(line.error, "It answered with status 503.")
        self.hook.status = 200
        self.watch(1)
        self.assertEqual((line.state, line.attempts), ("sent", 2))
        self.assertFalse(line.error)

    def test_it_is_given_up_after_an_hour(self):
        target = self.create_webhook(url=NOBODY_THERE)
        self.stuff()
        for minute in range(0, 90, 1):
            if minute in (0, 1, 3, 8, 23, 53, 83):
                self.watch(minute)
        line = self.line(target)
        self.assertEqual((line.state, line.attempts), ("failed", 6))
        self.assertEqual(line.error, "It could not be reached.")

    def test_nothing_follows_to_another_address(self):
        target = self.create_webhook()
        self.hook.status = 307
        self.stuff()
        self.watch(0)
        self.assertEqual(len(self.hook.requests), 1)
        self.assertEqual(self.line(target).error, "It answered with status 307.")

    def test_errors_tell_no_address(self):
        target = self.create_webhook(url="http://127.0.0.1:9/T0/B0/very-secret-path")
        self.stuff()
        self.watch(0)
        self.assertNotIn("secret", self.line(target).error)

    def test_who_does_not_answer_holds_up_nobody(self):
        other = self.enterContext(type(self.hook)())
        other.hangs.set()
        hanging = self.create_webhook("Hanging", other.url)
        good = self.create_webhook("Good")
        self.stuff()
        # Odoo's tests give every request ten seconds.
        with (
            patch.object(Session, "send", common._super_send),
            patch.object(webhook, "TIMEOUT", 0.3),
        ):
            alert = self.watch(0)
        self.assertEqual(self.line(hanging).error, "It did not answer in time.")
        self.assertEqual(self.line(good).state, "sent")
        self.assertTrue(alert.activity_ids, "People as well.")

    def test_what_is_over_is_not_told_to_who_never_knew(self):
        target = self.create_webhook(url=NOBODY_THERE)
        jobs = self.stuff()
        self.watch(0)
        self.resolve(jobs, 1)
        self.assertEqual(target.delivery_ids.mapped("state"), ["dropped"])

    def test_what_is_back_is_not_told_to_be_over(self):
        target = self.create_webhook()
        first = self.stuff()
        alert = self.watch(0)
        self.hook.status = 503
        self.resolve(first, 1)
        late = self.line(target, "resolved")
        self.assertEqual((late.state, late.attempts), ("waiting", 1))
        self.hook.status = 200
        second = self.add_jobs(1, made=-15)
        self.assertEqual(self.watch(2), alert)
        self.assertEqual(late.state, "dropped")
        self.assertEqual(len(self.hook.messages()), 2)
        # Nobody was told again before the end of the cool-down.
        self.resolve(second, 3)
        events = [message["event"] for message in self.hook.messages()]
        self.assertEqual(events, ["opened", "resolved", "resolved"])
        self.assertEqual(late.state, "dropped")

    def events(self):
        return [message["event"] for message in self.hook.messages()]

    def test_over_is_not_the_last_word_of_what_is_back(self):
        self.create_webhook()
        first = self.stuff()
        self.watch(0)
        self.resolve(first, 2)
        second = self.add_jobs(1, made=-15)
        self.watch(5)
        self.assertEqual(self.events(), ["opened", "resolved", "opened"])
        # It is not believed again so soon.
        self.resolve(second, 6)
        third = self.add_jobs(1, made=-15)
        self.watch(8)
        self.watch(31)
        self.assertEqual(self.events(), ["opened", "resolved", "opened"])
        self.watch(35)
        self.assertEqual(self.events()[3:], ["opened"])
        self.resolve(third, 36)
        self.assertEqual(self.events()[3:], ["opened", "resolved"])

    def test_over_is_said_when_it_can_be_believed_again(self):
        self.create_webhook()
        first = self.stuff()
        self.watch(0)
        self.resolve(first, 2)
        second = self.add_jobs(1, made=-15)
        self.watch(5)
        self.resolve(second, 6)
        self.watch(31)
        self.assertEqual(self.events(), ["opened", "resolved", "opened"])
        self.watch(32)
        self.assertEqual(self.events()[3:], ["resolved"])

    def test_who_was_called_for_help_hears_that_it_is_back(self):
        self.create_webhook(escalate_after=15)
        first = self.stuff()
        alert = self.watch(0)
        self.watch(15)
        alert.with_user(self.manager).action_acknowledge()
        self.resolve(first, 16)
        self.add_jobs(1, made=-15)
        self.watch(20)
        self.assertEqual(alert.state, "acknowledged")
        self.assertEqual(self.events(), ["opened", "resolved", "opened"])
        self.assertIn("Nobody has ack", self.hook.messages()[0]["text"])
        self.assertEqual(self.hook.messages()[2]["text"], alert.advice)

    def test_what_is_over_for_one_rule_is_not_over(self):
        self.create_webhook()
        self.create_webhook("Escalation", escalate_after=600)
        rule = self.rule("waiting").copy(
            {"name": "An hour", "threshold": 60, "severity": "critical"}
        )
        jobs = self.add_jobs(1, made=-70)
        self.watch(0)
        self.assertEqual(self.events(), ["opened", "opened"])
        newer = self.add_jobs(1, made=-20)
        self.set_state(jobs, "done", date_done=1)
        self.assertNotIn(rule, self.watch(1).rule_id)
        self.watch(2)
        self.assertEqual(self.events(), ["opened", "opened"])
        self.resolve(newer, 3)
        self.watch(4)
        messages = self.hook.messages()[2:]
        self.assertEqual([one["event"] for one in messages], ["resolved"])
        self.assertIn("the oldest for 22 min", messages[0]["title"])

    def test_a_rule_that_is_switched_off_does_not_say_that_it_is_over(self):
        self.create_webhook()
        self.stuff()
        alert = self.watch(0)
        self.rule("waiting").active = False
        self.watch(1)
        (_opened, ended) = self.hook.messages()
        self.assertEqual(ended["title"], f"No longer watched: {alert.name}")
        self.assertIn("switched off", ended["text"])
        self.assertIn("switched off", str(alert.message_ids.mapped("body")))

    def test_whatever_is_wrong_with_an_address_is_said_without_it(self):
        for error in (
            LocationParseError("very-secret-path"),
            ProtocolError("very-secret-path"),
            UnicodeError("very-secret-path"),
            ValueError("very-secret-path"),
        ):
            with (
                self.subTest(error=type(error).__name__),
                patch.object(Session, "post", side_effect=error),
                self.assertRaises(webhook.WebhookError) as caught,
            ):
                webhook.post(self.hook.url, {})
            self.assertEqual(caught.exception.cause, "unreachable")
            self.assertTrue(caught.exception.__suppress_context__)

    def test_an_error_of_ours_holds_up_nobody_and_is_given_up(self):
        bad = self.create_webhook("Bad", url=NOBODY_THERE)
        good = self.create_webhook("Good")
        deliveries = self.registry["queue.job.alert.delivery"]
        send = deliveries._send_webhook

        def fail(line):
            if line.target_id == bad:
                raise ZeroDivisionError
            send(line)

        self.stuff()
        with (
            patch.object(deliveries, "_send_webhook", fail),
            self.assertLogs(DELIVERY_LOGGER, "ERROR") as logged,
        ):
            self.watch(0)
            self.assertEqual(self.line(good).state, "sent")
            line = self.line(bad)
            self.assertEqual((line.state, line.attempts), ("waiting", 1))
            self.assertIn("ZeroDivisionError", line.error)
            for minute in (1, 3, 8, 23, 53):
                self.watch(minute)
        self.assertEqual((line.state, line.attempts), ("failed", 6))
        self.assertEqual(len(logged.output), 6)

    # ------------------------------------------------------------
    # E-MAIL
    # ------------------------------------------------------------

    def assert_subject(self, message, subject):
        # A long one is folded on its way.
        self.assertEqual(message["Subject"].strip(), subject)

    def test_e_mails_to_people_and_addresses(self):
        # Not by the user: Odoo would tell the old address.
        self.manager.partner_id.email = "manager@example.com"
        self.create_target(
            "Mail",
            "email",
            user_ids=self.manager.ids,
            emails="oncall@example.com, Boss <boss@example.com>",
        )
        jobs = self.stuff()
        alert = self.watch(0)
        self.assertEqual(
            sorted(recipients for recipients, _message in self.mail.mails),
            [["manager@example.com"], ["oncall@example.com", "boss@example.com"]],
        )
        database = self.env.cr.dbname
        for _recipients, message in self.mail.mails:
            self.assert_subject(message, f"[{database}] Warning: {alert.name}")
            self.assertEqual(message["Auto-Submitted"], "auto-generated")
            text = message.get_body(("plain",)).get_content()
            self.assertIn(f"/{alert.id}", text)
            self.assertIn(f"Severity: Warning. Database: {database}", text)
        self.resolve(jobs, 2)
        self.assertEqual(len(self.mail.mails), 4)
        _recipients, message = self.mail.mails[-1]
        self.assert_subject(message, f"[{database}] Over: {alert.name}")

    def test_an_e_mail_says_how_bad_it_is(self):
        self.rule("waiting").severity = "critical"
        self.create_target("Mail", "email", emails="oncall@example.com")
        self.stuff()
        alert = self.watch(0)
        ((_recipients, message),) = self.mail.mails
        self.assert_subject(message, f"[{self.env.cr.dbname}] Severe: {alert.name}")
        text = message.get_body(("plain",)).get_content()
        self.assertIn("Severity: Severe.", text)

    def test_one_refused_address_does_not_stop_the_others(self):
        self.mail.refused.add("gone@example.com")
        gone = self.create_target("Gone", "email", emails="gone@example.com")
        self.create_target("There", "email", emails="there@example.com")
        self.stuff()
        self.watch(0)
        self.assertEqual([to for to, _mail in self.mail.mails], [["there@example.com"]])
        self.assertEqual(self.line(gone).state, "waiting")
        self.assertTrue(self.line(gone).error)

    def test_no_mail_server(self):
        self.env["ir.mail_server"].search([]).smtp_port = 9
        mail = self.create_target("Mail", "email", emails="oncall@example.com")
        late = self.create_target("Late", "email", emails="late@example.com")
        hook = self.create_webhook()
        self.stuff()
        self.watch(0)
        self.assertEqual(self.line(hook).state, "sent")
        self.assertTrue(self.line(mail).error)
        self.assertEqual(self.line(late).attempts, 0, "It would wait as long again.")
        with MailReceiver() as back:
            self.env["ir.mail_server"].search([]).smtp_port = back.port
            self.watch(1)
            self.watch(2)
            self.assertEqual(len(back.mails), 2)

    # ------------------------------------------------------------
    # DISCUSS, TESTS, CHECKS
    # ------------------------------------------------------------

    def test_a_discuss_channel(self):
        channel = self.env["discuss.channel"]._create_channel("Alerts", None)
        self.create_target("Room", "discuss", channel_id=channel.id)
        jobs = self.stuff()
        alert = self.watch(0)
        self.resolve(jobs, 2)
        over, opened = channel.message_ids[:2]
        self.assertIn(alert.name, opened.body)
        self.assertIn("after 2 min", over.body)

    def test_a_test_message(self):
        target = self.create_webhook(quiet_from=11, quiet_to=13)
        target.with_user(self.manager).action_test()
        self.watch(0)
        (message,) = self.hook.messages()
        self.assertEqual((message["event"], message["alert"]), ("test", None))
        self.assertEqual(self.line(target, "test").state, "sent")
        with freeze_time(START + timedelta(days=8)):
            self.tidy_up()
        self.assertFalse(self.line(target, "test"))
        with self.assertRaises(UserError):
            self.target.action_test()

    def test_an_archived_target_is_told_nothing_more(self):
        target = self.create_webhook(url=NOBODY_THERE)
        self.stuff()
        self.watch(0)
        target.active = False
        self.watch(1)
        self.assertEqual(self.line(target).state, "dropped")

    def test_a_target_says_whom_it_tells(self):
        for vals in (
            {"type": "activity"},
            {"type": "email"},
            {"type": "email", "emails": "nonsense"},
            {"type": "discuss"},
            {"type": "webhook"},
            {"type": "webhook", "webhook_url": "ftp://example.com"},
            {"type": "webhook", "webhook_url": "file:///etc/passwd"},
            {"type": "webhook", "webhook_url": self.hook.url, "quiet_from": 24},
        ):
            with self.subTest(**vals), self.assertRaises(ValidationError):
                self.env["queue.job.alert.target"].create({"name": "New", **vals})

    def test_what_is_wrong_with_a_time_is_named(self):
        for vals, words in (
            ({"quiet_to": 24}, "Quiet hours are between"),
            ({"escalate_after": -1}, "escalates after 0 to"),
        ):
            with self.assertRaisesRegex(ValidationError, words):
                self.target.write(vals)
