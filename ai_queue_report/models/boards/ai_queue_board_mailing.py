# Copyright 2026 The ai_queue contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
import contextlib
import smtplib

from odoo import api, fields, models
from odoo.exceptions import AccessError, UserError
from odoo.tools import formataddr, str2bool

from odoo.addons.base.models.ir_mail_server import MailDeliveryException


class AiQueueBoardMailing(models.Model):
    """One board to one reader on one occasion: sent once, whatever happens."""

    _name = "ai.queue.board.mailing"
    _description = "E-Mail with a Board"
    _order = "id desc"
    _rec_name = "occasion"

    subscription_id = fields.Many2one(
        "ai.queue.board.subscription",
        required=True,
        readonly=True,
        index=True,
        ondelete="cascade",
    )
    board_id = fields.Many2one(related="subscription_id.board_id", store=True)
    user_id = fields.Many2one(related="subscription_id.user_id", store=True, index=True)
    # a day, or the moment of a press
    occasion = fields.Char(required=True, readonly=True)
    state = fields.Selection(
        [
            ("pending", "Waiting"),
            ("sending", "Sending"),
            ("sent", "Sent"),
            ("failed", "Failed"),
            ("cancelled", "Not sent"),
        ],
        required=True,
        readonly=True,
        default="pending",
    )
    message = fields.Char(readonly=True)
    date_sent = fields.Datetime(string="Sent on", readonly=True)

    _occasion_uniq = models.UniqueIndex("(subscription_id, occasion)")

    @api.private
    def send_board_mail(self):
        """Send a board by e-mail

        The job method: call it through ``with_delay``.
        """
        return self.env["ai.queue.kind.board_mail"]._perform(self)

    def _start_run(self, origin):
        """A run of the reader, who sees in it what the reader may see."""
        user = self.user_id.ensure_one()
        companies = self._get_companies()
        mailing = (
            self.sudo(False)
            .with_user(user)
            .with_context(
                allowed_company_ids=companies.ids,
                lang=user.sudo().lang,
                tz=user.sudo().tz or "UTC",
            )
        )
        return mailing.env["ai.queue.run"]._start("board_mail", mailing, origin=origin)

    def _get_companies(self):
        """Those that the reader has chosen, and works in still; else the usual one."""
        user = self.user_id.sudo()
        chosen = self.sudo().subscription_id.company_ids or []
        allowed = [one for one in chosen if one in user.company_ids.ids]
        return user.company_ids.browse(allowed) or user.company_id

    def action_send_again(self):
        """Send what failed once more: somebody has looked whether it arrived."""
        self.ensure_one()
        self.check_access("read")
        if self.user_id != self.env.user:
            raise AccessError(self.env._("Only the reader sends it again."))
        if self.state != "failed":
            raise UserError(self.env._("It did not fail."))
        self.sudo().write({"state": "pending", "message": False})
        return self._start_run("button")._get_notification()

    @api.model
    def _note_failures(self, jobs):
        """Keep why jobs did not come to sending; on a side cursor."""
        for job in jobs.filtered(lambda one: one.state in ("failed", "cancelled")):
            mailings = self.browse(job.res_ids or []).exists()
            mailings.filtered(lambda one: one.state == "pending").write(
                {"state": job.state, "message": job.message}
            )

    # ------------------------------------------------------------
    # SMTP
    # ------------------------------------------------------------

    def _is_neutralized(self):
        parameters = self.env["ir.config_parameter"].sudo()
        return str2bool(parameters.get_param("database.is_neutralized", ""), False)

    def _connect(self):
        """A session with the mail server; nothing has been sent by then.

        :raise OSError: it cannot be reached, or refuses
        """
        servers = self.env["ir.mail_server"].sudo()
        try:
            return servers._connect__(smtp_from=self._get_from())
        except smtplib.SMTPException as error:
            raise OSError(str(error)) from error

    def _get_from(self):
        company = self.env.company.sudo()
        return company.email_formatted or formataddr(
            (company.name, self.env.user.sudo().email)
        )

    def _build(self, letter):
        """The message as it goes out.

        :param dict letter: what ``_build_email__`` takes
        """
        return (
            self.env["ir.mail_server"]
            .sudo()
            ._build_email__(
                email_from=self._get_from(),
                email_to=[self.env.user.sudo().email_formatted],
                object_id=f"{self.id}-ai.queue.board.mailing",
                **letter,
            )
        )

    def _deliver(self, session, message):
        """Hand it over to the mail server, once.

        :return: "" or why the server refused it
        """
        servers = self.env["ir.mail_server"].sudo()
        try:
            servers.send_email(message, smtp_session=session)
        except (MailDeliveryException, AssertionError) as error:
            return " ".join(str(one) for one in error.args if one)
        except smtplib.SMTPServerDisconnected:
            return self.env._(
                "The mail server hung up. Look whether the e-mail has arrived before "
                "you send it again."
            )
        finally:
            _quit(session)
        return ""


def _quit(session):
    # it is through, whatever the server says to that
    with contextlib.suppress(smtplib.SMTPException, OSError):
        if session:
            session.quit()
