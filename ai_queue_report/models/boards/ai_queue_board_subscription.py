# Copyright 2026 The ai_queue contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
import logging
from datetime import datetime

import psycopg2
import pytz

from odoo import api, fields, models
from odoo.exceptions import AccessError, UserError, ValidationError
from odoo.tools import consteq, hmac, mute_logger

from .ai_queue_board import MANAGERS, USERS
from .ai_queue_board_schedule import next_moment

_logger = logging.getLogger(__name__)


class AiQueueBoardSubscription(models.Model):
    """A board that somebody gets by e-mail, with the rights of that reader."""

    _name = "ai.queue.board.subscription"
    _description = "Board by E-Mail"
    _order = "board_id, user_id"
    _rec_name = "board_id"

    board_id = fields.Many2one(
        "ai.queue.board", required=True, index=True, ondelete="cascade"
    )
    user_id = fields.Many2one(
        "res.users",
        string="Reader",
        required=True,
        index=True,
        ondelete="cascade",
        default=lambda self: self.env.user,
        domain=[("share", "=", False)],
    )
    active = fields.Boolean(default=True)
    frequency = fields.Selection(
        [("day", "Every day"), ("week", "Every week")], required=True, default="week"
    )
    weekday = fields.Selection(
        [
            ("0", "Monday"),
            ("1", "Tuesday"),
            ("2", "Wednesday"),
            ("3", "Thursday"),
            ("4", "Friday"),
            ("5", "Saturday"),
            ("6", "Sunday"),
        ],
        string="On",
        required=True,
        default="0",
    )
    hour = fields.Integer(string="At (hour)", required=True, default=7)
    # the companies that the reader had chosen, as of the context
    company_ids = fields.Json(default=lambda self: self.env.companies.ids)
    date_next = fields.Datetime(
        string="Next E-Mail",
        compute="_compute_date_next",
        store=True,
        index="btree_not_null",
    )
    ended_because = fields.Char(readonly=True, copy=False)
    mailing_ids = fields.One2many("ai.queue.board.mailing", "subscription_id")
    last_mailing_id = fields.Many2one(
        "ai.queue.board.mailing", compute="_compute_last_mailing_id"
    )
    email = fields.Char(related="user_id.email", string="To")
    can_choose = fields.Boolean(related="board_id.can_edit", related_sudo=False)

    _reader_uniq = models.Constraint(
        "UNIQUE (board_id, user_id)", "This reader gets the board already."
    )
    _hour_of_day = models.Constraint(
        "CHECK (hour BETWEEN 0 AND 23)", "The hour is between 0 and 23."
    )

    @api.depends("frequency", "weekday", "hour", "active", "user_id")
    def _compute_date_next(self):
        for subscription in self:
            subscription.date_next = subscription.active and subscription._get_next()

    @api.depends("mailing_ids")
    def _compute_last_mailing_id(self):
        for subscription in self:
            subscription.last_mailing_id = subscription.mailing_ids[:1]

    def _get_tz(self):
        tz = self.user_id.sudo().tz
        return tz if tz in pytz.all_timezones_set else "UTC"

    def _get_next(self):
        return next_moment(
            fields.Datetime.now(),
            self.frequency or "week",
            self.hour,
            self._get_tz(),
            int(self.weekday or 0),
        )

    # ------------------------------------------------------------
    # RIGHTS
    # ------------------------------------------------------------

    @api.model_create_multi
    def create(self, vals_list):
        if not self.env.su:
            for vals in vals_list:
                reader = vals.get("user_id") or self.env.uid
                # Of another reader it is not known what they choose.
                vals["company_ids"] = (
                    self.env.companies.ids
                    if reader == self.env.uid
                    else self.env["res.users"].browse(reader).sudo().company_ids.ids
                )
        for vals in vals_list:
            self._forget_left(vals)
        subscriptions = super().create(vals_list)
        subscriptions._check_reader()
        return subscriptions

    def _forget_left(self, vals):
        """Who has left a board may get it again."""
        domain = [
            ("board_id", "=", vals.get("board_id")),
            ("user_id", "=", vals.get("user_id") or self.env.uid),
            ("active", "=", False),
        ]
        # Whether this may be made is checked afterwards, and all of it taken back.
        self.sudo().search(domain).unlink()

    def write(self, vals):
        result = super().write(vals)
        if vals.keys() & {"board_id", "user_id"}:
            self._check_reader()
        return result

    # Constraints of Odoo are checked with all rights: this is about rights.
    def _check_reader(self):
        """Everybody subscribes for themselves; the owner of a board also for those who
        share it."""
        for subscription in self:
            user, board = subscription.user_id, subscription.board_id
            if not (
                self.env.su
                or user == self.env.user
                or board.user_id == self.env.user
                or self.env.user.has_group(MANAGERS)
            ):
                raise AccessError(
                    self.env._("Only the owner of a board has it sent to others.")
                )
            if not subscription._may_read(user):
                raise ValidationError(
                    self.env._("The board is not shared with %s.", user.sudo().name)
                )

    def _may_read(self, user):
        board = self.board_id.sudo(False).with_user(user)
        board = board.with_context(allowed_company_ids=user.sudo().company_ids.ids)
        return (
            user.sudo().active
            and user.has_group(USERS)
            and bool(board._filtered_access("read"))
        )

    # ------------------------------------------------------------
    # ACTIONS
    # ------------------------------------------------------------

    def action_send_now(self):
        """Send the board now, beside its usual days."""
        self.ensure_one()
        self.check_access("write")
        if not self.user_id.email:
            raise UserError(self.env._("The reader has no e-mail address."))
        now = fields.Datetime.now()
        mailing = self._create_mailing(now.strftime("now %Y-%m-%d %H:%M"))
        if not mailing:
            raise UserError(self.env._("It was sent a moment ago."))
        run = mailing._start_run("button")
        return run._get_notification()

    def action_unsubscribe(self):
        """No more e-mails."""
        self.check_access("write")
        self.active = False
        return {"type": "ir.actions.act_window_close"}

    # ------------------------------------------------------------
    # LINK
    # ------------------------------------------------------------

    def _get_token(self):
        """What the link in the e-mail proves: of this subscription and reader alone."""
        self.ensure_one()
        return hmac(
            self.env(su=True),
            "ai_queue_report-unsubscribe",
            (self.id, self.user_id.id, self.board_id.id),
        )

    def _is_token(self, token):
        return consteq(self._get_token(), token or "")

    # ------------------------------------------------------------
    # CRON
    # ------------------------------------------------------------

    @api.model
    def _cron_send(self):
        """Queue one e-mail for each reader who is due: a job each."""
        due = self.sudo().search(
            [("date_next", "<=", fields.Datetime.now()), ("board_id.active", "=", True)]
        )
        for subscription in due:
            if reason := subscription._get_end_reason():
                subscription.write({"active": False, "ended_because": reason})
                continue
            occasion = subscription._get_occasion()
            subscription.date_next = subscription._get_next()
            mailing = subscription._create_mailing(occasion)
            if mailing:
                mailing._start_run("cron")

    def _get_occasion(self):
        """The day that this e-mail is for, as the reader counts days."""
        zone = pytz.timezone(self._get_tz())
        moment = pytz.utc.localize(self.date_next).astimezone(zone)
        return datetime.date(moment).isoformat()

    def _get_end_reason(self):
        """Why there will be no more e-mails; nothing while all is well."""
        user = self.user_id.sudo()
        if not user.active:
            return self.env._("The reader is archived.")
        if not user.email:
            return self.env._("The reader has no e-mail address.")
        if not self._may_read(user):
            return self.env._("The board is not shared with the reader any more.")
        return None

    def _create_mailing(self, occasion):
        """The e-mail for an occasion; nothing if it is there already."""
        try:
            with mute_logger("odoo.sql_db"), self.env.cr.savepoint():
                return (
                    self.env["ai.queue.board.mailing"]
                    .sudo()
                    .create({"subscription_id": self.id, "occasion": occasion})
                )
        except psycopg2.errors.UniqueViolation:
            return self.env["ai.queue.board.mailing"]
