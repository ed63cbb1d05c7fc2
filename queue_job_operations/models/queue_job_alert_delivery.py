# Copyright 2026 The ai_queue contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
import logging
import smtplib
import time
from datetime import timedelta

import psycopg2
from markupsafe import Markup

from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.tools.mail import email_split_and_format

from odoo.addons.base.models.ir_mail_server import MailDeliveryException

from ..addresses import describe_refusal
from ..webhook import WebhookError, post

_logger = logging.getLogger(__name__)

# Until the next try (minutes); after the last one it is given up.
BACKOFF = (1, 2, 5, 15, 30)
BATCH = 200
# What a delivery may fail with; anything else is an error of ours, and logged.
FAILURES = (
    WebhookError,
    MailDeliveryException,
    OSError,  # and with it smtplib's
    UserError,
    psycopg2.Error,
)
# Quick ones first: nobody waits for a mail server that does not answer.
ORDER = {"activity": 0, "discuss": 1, "webhook": 2, "email": 3}
SMTP_SECONDS = 10
# The rest is left to the next minute: a worker may be stopped after two minutes, and
# one mail server may take one of them.
PASS_SECONDS = 40


class QueueJobAlertDelivery(models.Model):
    """One message of one alert to one target, or to one person of it.

    Sent by the cron that evaluates the rules, never by the queue.
    """

    _name = "queue.job.alert.delivery"
    _description = "Delivery of an Alert"
    _order = "id desc"
    _rec_name = "target_id"

    alert_id = fields.Many2one(
        "queue.job.alert", readonly=True, index=True, ondelete="cascade"
    )
    target_id = fields.Many2one(
        "queue.job.alert.target",
        required=True,
        readonly=True,
        index=True,
        ondelete="cascade",
    )
    type = fields.Selection(related="target_id.type", string="By")
    user_id = fields.Many2one(
        "res.users",
        string="Person",
        readonly=True,
        index="btree_not_null",
        ondelete="cascade",
    )
    event = fields.Selection(
        [("opened", "Opened"), ("resolved", "Resolved"), ("test", "Test")],
        required=True,
        readonly=True,
    )
    state = fields.Selection(
        [
            ("waiting", "Waiting"),
            ("sent", "Sent"),
            ("failed", "Failed"),
            ("dropped", "Not needed any more"),
        ],
        required=True,
        readonly=True,
        default="waiting",
    )
    date_due = fields.Datetime(string="Next Try", required=True, readonly=True)
    date_sent = fields.Datetime(string="Sent", readonly=True)
    attempts = fields.Integer(string="Tries", readonly=True)
    error = fields.Text(string="Last Error", readonly=True)

    _due_idx = models.Index("(date_due) WHERE state = 'waiting'")

    # ------------------------------------------------------------
    # WHAT TO SEND
    # ------------------------------------------------------------

    @api.model
    def _prepare(self, alert, now):
        """Plan to tell all targets of an alert that has opened, or is open again."""
        before = alert.delivery_ids
        for target in self.env["queue.job.alert.target"].search(
            [("active", "=", True)]
        ):
            if not target._takes(alert):
                continue
            later = now + timedelta(minutes=target.escalate_after)
            self._plan_all(alert, target, "opened", later)
        last_of = before._get_last_words()
        for line in alert.delivery_ids - before:
            last = last_of.get(line._get_listener())
            if last:
                line.date_due = line._get_due_after(last, now)

    def _get_due_after(self, last, now):
        """When to tell that it is open to who has heard of it before."""
        if last.event == "resolved":
            # They believe that it is over.
            return now
        minutes = self.alert_id.rule_id.cooldown + self.target_id.escalate_after
        return max(self.date_due, last.date_sent + timedelta(minutes=minutes))

    def _get_listener(self):
        return self.target_id, self.user_id

    def _get_last_words(self):
        """What everyone has heard last of the alert: {target and person: delivery}."""
        return {
            line._get_listener(): line
            for line in self.sorted("id")
            if line.state == "sent" and line.event in ("opened", "resolved")
        }

    @api.model
    def _prepare_test(self, target):
        """Plan a message that only says that it is a test, and send it now."""
        alert = self.env["queue.job.alert"]
        self._plan_all(alert, target, "test", fields.Datetime.now())
        self.env.ref("queue_job_operations.ir_cron_alerts")._trigger()

    def _plan_all(self, alert, target, event, due):
        for user in target._get_people(alert):
            self._plan(alert, target, event, due, user)
        # What has a problem is planned, too: the delivery then says it.
        if target._tells(alert) or target.problem:
            self._plan(alert, target, event, due)

    def _plan(self, alert, target, event, due, user=None):
        return self.create(
            {
                "alert_id": alert.id,
                "target_id": target.id,
                "user_id": user.id if user else False,
                "event": event,
                "date_due": due,
            }
        )

    def _resolve(self, now):
        """The alert is over: tell everyone who was notified of it, and nobody else."""
        self.filtered(lambda line: line.state == "waiting")._drop()
        # What they were told last: it may have come back before they were told that it
        # was over, and again be over before they were told that it is back.
        for line in self._get_last_words().values():
            if (
                line.event == "opened"
                and line.target_id.tells_end
                # An activity is ended, not told of its end.
                and line.type != "activity"
            ):
                due = max(now, self._get_date_trusted(line, now))
                self._plan(line.alert_id, line.target_id, "resolved", due, line.user_id)

    def _get_date_trusted(self, last, now):
        """When to believe that it is over: at once, but not soon again after it was
        said and was not so."""
        said = self.filtered(
            lambda line: line.event == "resolved"
            and line.state == "sent"
            and line._get_listener() == last._get_listener()
        )
        cooldown = timedelta(minutes=last.alert_id.rule_id.cooldown)
        return max(said.mapped("date_sent"), default=now - cooldown) + cooldown

    def _drop(self):
        self.write({"state": "dropped"})

    # ------------------------------------------------------------
    # SENDING
    # ------------------------------------------------------------

    @api.model
    def _deliver_due(self):
        """Send what is due, each on its own: what fails holds up nothing else."""
        now = fields.Datetime.now()
        due = self.search(
            [("state", "=", "waiting"), ("date_due", "<=", now)],
            order="date_due, id",
            limit=BATCH,
        )
        crons = self.env["ir.cron"]
        latest = time.monotonic() + PASS_SECONDS
        # An e-mail that cannot be sent says that no other can: the rest waits for the
        # next minute, as a mail server may take long to not answer.
        mail_works = True
        for line in due.sorted(lambda line: ORDER[line.type]):
            if line.type == "email" and not mail_works:
                continue
            if not line._is_wanted(now):
                continue
            error = line._deliver(now)
            mail_works = line.type != "email" or not _is_unreachable(error)
            crons._commit_progress(1)
            if time.monotonic() > latest:
                break

    def _is_wanted(self, now):
        """Whether to send it now; else it is put off, or dropped for good."""
        alert, target = self.alert_id, self.target_id
        if not (target.active and self._is_true() and self._is_allowed()):
            self._drop()
            return False
        others = self.event == "resolved" and alert._get_others_of_same()
        if others:
            return self._leave_to(others, now)
        quiet_end = self.event != "test" and target._get_quiet_end(
            alert.severity, self.user_id, now
        )
        if quiet_end:
            self.date_due = quiet_end
            return False
        return True

    def _is_true(self):
        """Whether what it says is so, and news to who hears it."""
        state = self.alert_id.state
        if self.event == "resolved":
            return state == "resolved"
        if self.event == "opened" and self.target_id.escalate_after:
            return state == "open" or self._corrects()
        return True

    def _is_allowed(self):
        """Whether who gets it may still know: rights may have changed meanwhile."""
        alert, target = self.alert_id, self.target_id
        if self.user_id:
            return self.user_id in target._get_people(alert)
        return target._tells(alert) or bool(target.problem)

    def _deliver(self, now):
        """Try once; the error that it failed with, None when it was sent."""
        self.write({"attempts": self.attempts + 1, "date_due": self._get_next(now)})
        # Should the process be killed while the other side takes its time, the next
        # one does not begin with the same.
        self.env["ir.cron"]._commit_progress()
        lang = self.user_id.lang or self.env.company.partner_id.lang
        line = self.with_context(lang=lang)
        try:
            with self.env.cr.savepoint():
                if not line.user_id and line.target_id.problem:
                    raise UserError(line.target_id.problem)
                getattr(line, f"_send_{self.type}")()
        # Whatever it is: who is to be told of the next alert must not wait for it.
        except Exception as error:
            if not isinstance(error, FAILURES):
                _logger.exception("Alert delivery %s failed", self.id)
            given_up = self.attempts > len(BACKOFF)
            self.write(
                {
                    "state": "failed" if given_up else "waiting",
                    "error": self._describe_error(error),
                }
            )
            return error
        self.write({"state": "sent", "date_sent": now, "error": False})
        return None

    def _get_next(self, now):
        minutes = BACKOFF[min(self.attempts, len(BACKOFF) - 1)]
        return now + timedelta(minutes=minutes)

    def _corrects(self):
        """Whether who hears it believes that it is over: they must know better, whoever
        is at it."""
        last = self.alert_id.delivery_ids._get_last_words().get(self._get_listener())
        return bool(last) and last.event == "resolved"

    def _leave_to(self, alerts, now):
        """It is over for one rule, and not for another: nothing is said of an end until
        all of it is over, and then by the alert that was told last."""
        if self._get_listener() in alerts.delivery_ids._get_last_words():
            self._drop()
        else:
            self.date_due = now + timedelta(minutes=1)
        return False

    def _describe_error(self, error):
        """What went wrong, for who looks at the delivery: no address, no secret."""
        if isinstance(error, WebhookError):
            return {
                "timeout": self.env._("It did not answer in time."),
                "certificate": self.env._("Its certificate is not valid."),
                "unreachable": self.env._("It could not be reached."),
                "internal": error.where and describe_refusal(self.env, error.where),
                "status": self.env._("It answered with status %s.", error.status),
            }[error.cause]
        if isinstance(error, (UserError, MailDeliveryException)):
            return "\n".join(str(arg) for arg in error.args)
        if isinstance(error, smtplib.SMTPException):
            return self.env._("The mail server refused the message: %s", error)
        return self.env._("The message could not be sent: %s", type(error).__name__)

    # ------------------------------------------------------------
    # WORDS
    # ------------------------------------------------------------

    def _get_title(self):
        alert = self.alert_id
        if self.event == "test":
            return self.env._("This is a test of the job queue's alerts")
        if self.event == "resolved" and not alert.rule_id.active:
            return self.env._("No longer watched: %s", alert.name)
        if self.event == "resolved":
            return self.env._("Over: %s", alert.name)
        if alert.severity == "critical":
            return self.env._("Severe: %s", alert.name)
        return alert.name

    def _get_subject(self):
        """The title where nothing else is seen: in a list of e-mails of many systems,
        sorted by rules."""
        title, alert = self._get_title(), self.alert_id
        if self.event == "opened" and alert.severity == "warning":
            title = self.env._("Warning: %s", title)
        return f"[{self.env.cr.dbname}] {title}"

    def _get_advice(self):
        alert = self.alert_id
        if self.event == "test":
            return self.env._("Nothing is wrong.")
        if self.event == "resolved" and not alert.rule_id.active:
            return alert._describe_end()
        if self.event == "resolved":
            lasted = alert._say_minutes(alert.duration * 60)
            return self.env._("Resolved after %s.", lasted)
        if self.target_id.escalate_after and not self._corrects():
            return self.env._(
                "Nobody has acknowledged this for %(time)s. %(advice)s",
                time=alert._say_minutes(self.target_id.escalate_after),
                advice=alert.advice,
            )
        return alert.advice

    def _get_origin(self):
        """Which database, how bad: for who reads it outside of Odoo."""
        if not self.alert_id:
            return self.env._("Database: %s", self.env.cr.dbname)
        severity = self.alert_id._fields["severity"]
        return self.env._(
            "Severity: %(severity)s. Database: %(database)s",
            severity=severity.convert_to_export(self.alert_id.severity, self.alert_id),
            database=self.env.cr.dbname,
        )

    def _get_url(self):
        base = self.get_base_url()
        if not self.alert_id:
            return base
        action = "queue_job_operations.queue_job_alert_action"
        return f"{base}/odoo/action-{action}/{self.alert_id.id}"

    def _get_html(self):
        return Markup("<p>%s</p><p>%s</p><p><a href='%s'>%s</a></p>") % (
            self._get_title(),
            self._get_advice(),
            self._get_url(),
            self.env._("Open in Odoo"),
        )

    # ------------------------------------------------------------
    # ONE METHOD FOR EACH TYPE OF TARGET
    # ------------------------------------------------------------

    def _send_activity(self):
        # Without the e-mail of Odoo: a target may be added for that.
        alert = self.alert_id.with_context(mail_activity_quick_update=True)
        alert.activity_schedule(
            "mail.mail_activity_data_warning",
            user_id=self.user_id.id,
            summary=self._get_title(),
            note=Markup("<p>%s</p>") % self._get_advice(),
        )

    def _send_discuss(self):
        self.target_id.channel_id.message_post(
            body=self._get_html(),
            author_id=self.env.ref("base.partner_root").id,
            message_type="comment",
            subtype_xmlid="mail.mt_comment",
        )

    def _send_email(self):
        servers = self.env["ir.mail_server"]
        sender = (
            self.env.company.email_formatted
            or servers._get_default_from_address()
            or self.env.ref("base.user_root").email_formatted
        )
        if self.user_id:
            addresses = email_split_and_format(self.user_id.email_formatted or "")
        else:
            addresses = email_split_and_format(self.target_id.emails)
        if not addresses:
            raise UserError(self.env._("There is no e-mail address."))
        message = servers._build_email__(
            email_from=sender,
            email_to=addresses,
            subject=self._get_subject(),
            body=self._get_html() + Markup("<p>%s</p>") % self._get_origin(),
            subtype="html",
            headers={"Auto-Submitted": "auto-generated"},
        )
        session = servers._connect__(smtp_from=message["From"])
        if session:
            session.sock.settimeout(SMTP_SECONDS)
        servers.send_email(message, smtp_session=session)
        if session:
            session.quit()

    def _send_webhook(self):
        url, secret = self.target_id._get_webhook()
        headers = {"X-Queue-Job-Event": self.event}
        # Several databases may notify one receiver.
        database = self.env["ir.config_parameter"].sudo().get_param("database.uuid")
        post(url, self._get_payload(), secret, headers, f"{database}-{self.id}")

    def _get_payload(self):
        title, advice = self._get_title(), self._get_advice()
        if self.target_id.webhook_format == "slack":
            return {"text": f"{title}\n{advice}\n{self._get_url()}"}
        alert = self.alert_id
        return {
            "event": self.event,
            "title": title,
            "text": advice,
            "url": self._get_url(),
            "database": self.env.cr.dbname,
            "alert": {
                "id": alert.id,
                "rule": alert.code,
                "subject": alert.subject or "",
                "severity": alert.severity,
                "state": alert.state,
                "value": alert.value,
                "unit": alert.threshold_unit or "",
                "opened": _iso(alert.date_opened),
                "resolved": _iso(alert.date_resolved),
                "seconds": round(alert.duration * 3600),
            }
            if alert
            else None,
        }


def _is_unreachable(error):
    """Whether the mail server itself is the problem, not one of its answers."""
    answers = (smtplib.SMTPResponseException, smtplib.SMTPRecipientsRefused)
    return isinstance(error, OSError) and not isinstance(error, answers)


def _iso(moment):
    return f"{moment.isoformat()}Z" if moment else None
