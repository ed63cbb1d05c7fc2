# Copyright 2026 The ai_queue contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
from datetime import datetime, time, timedelta
from urllib.parse import urlsplit

import pytz

from odoo import SUPERUSER_ID, api, fields, models
from odoo.exceptions import AccessError, UserError, ValidationError
from odoo.tools.mail import email_split_and_format

from odoo.addons.base.models.res_partner import _tz_get

from .. import addresses
from ..outside import Outside
from .queue_job_alert_rule import SEVERITIES

# Values that are entered here and kept in queue.job.alert.secret.
SECRETS = {"webhook_url": "url", "webhook_secret": "secret"}
OUTSIDE = Outside("QUEUE_JOB", "secret", "queue_job_operations")
MAX_MINUTES, MAX_EMAILS = 30 * 24 * 60, 50
# Who says whom a target notifies answers for it.
WHOM = {"type", "user_ids", "group_ids", "emails", "channel_id", "webhook_url"}


class QueueJobAlertTarget(models.Model):
    """Who is notified of alerts, where, and when.

    What is told to an address, a channel or a webhook is what its owner may see: who
    said last where to send it. People get what they may see themselves, and what the
    owner may see of their companies.

    Address and secret of a webhook are in ``queue.job.alert.secret``. Who may change
    targets may enter the secret, which nobody reads. The address is entered and read by
    who administers Odoo alone, as that of its own webhooks: the server sends there,
    from inside of its network.
    """

    _name = "queue.job.alert.target"
    _inherit = "queue.job.outside.key"
    _description = "Alert Target"
    _order = "sequence, id"

    name = fields.Char(required=True)
    active = fields.Boolean(default=True)
    sequence = fields.Integer(default=10)
    type = fields.Selection(
        [
            ("activity", "Activity"),
            ("discuss", "Discuss channel"),
            ("email", "E-mail"),
            ("webhook", "Webhook"),
        ],
        required=True,
        default="activity",
        help="Activity: a to-do for each of these people.",
    )
    owner_id = fields.Many2one(
        "res.users",
        string="On Behalf Of",
        default=lambda self: self.env.uid,
        copy=False,
        readonly=True,
        ondelete="set null",
        help="Only alerts that this person may see are sent. Whoever changes the "
        "recipients takes the target over.",
    )
    problem = fields.Text(
        string="Not Notified",
        compute="_compute_problem",
        help="Why nothing is sent at the moment.",
    )
    severity = fields.Selection(
        SEVERITIES,
        string="From",
        required=True,
        default="warning",
        help="Severe: no warnings.",
    )
    escalate_after = fields.Integer(
        string="Escalate After (min)",
        help="0: notified at once. Otherwise only of alerts that nobody has "
        "acknowledged for this many minutes.",
    )
    tells_end = fields.Boolean(
        string="Also When Resolved",
        default=True,
        help="Also sends a message when a problem that was reported here is resolved.",
    )
    quiet_from = fields.Float(help="No messages are sent from this time.")
    quiet_to = fields.Float(
        help="Messages about what is still wrong are sent at this time."
    )
    quiet_tz = fields.Selection(
        _tz_get,
        string="Time Zone",
        default=lambda self: self.env.company.partner_id.tz or self.env.user.tz,
        help="For the quiet hours; a person's own time zone takes precedence.",
    )
    severe_passes = fields.Boolean(
        string="Severe Alerts Ignore Quiet Hours", default=True
    )
    user_ids = fields.Many2many(
        "res.users", string="People", domain=[("share", "=", False)]
    )
    group_ids = fields.Many2many("res.groups", string="Groups")
    emails = fields.Char(
        string="E-mail Addresses", help="More addresses, separated by commas."
    )
    channel_id = fields.Many2one(
        "discuss.channel",
        domain=[("channel_type", "=", "channel")],
        ondelete="restrict",
    )
    webhook_format = fields.Selection(
        [("json", "JSON"), ("slack", "Slack-compatible (text only)")],
        string="Format",
        required=True,
        default="json",
        help="Slack-compatible: also for Mattermost, Rocket.Chat, Discord (append "
        "/slack to its address) and others.",
    )
    webhook_url = fields.Char(
        string="Address",
        compute="_compute_webhook",
        readonly=False,
        copy=False,
        exportable=False,
        help="Only administrators of Odoo (Settings) may enter and read it: the server "
        "calls this address, and often anyone who knows it can post there.",
    )
    webhook_secret = fields.Char(
        string="Secret",
        compute="_compute_webhook",
        readonly=False,
        copy=False,
        exportable=False,
        help="Signs the messages. It can be entered but never read again. A secret in "
        "the environment or in odoo.conf takes precedence.",
    )
    webhook_host = fields.Char(
        string="Server",
        compute="_compute_webhook_state",
        help="Only administrators of Odoo (Settings) may enter and see the whole "
        "address.",
    )
    key_source = fields.Selection(
        selection_add=[("none", "Not signed")], string="Secret Comes From"
    )
    delivery_ids = fields.One2many(
        "queue.job.alert.delivery", "target_id", string="Deliveries"
    )

    _name_uniq = models.Constraint(
        "UNIQUE(name)", "There is a target of this name already."
    )

    # ------------------------------------------------------------
    # COMPUTE
    # ------------------------------------------------------------

    @api.depends_context("uid")
    def _compute_webhook(self):
        self.webhook_secret = False
        may_read = self.env.user.has_group("base.group_system")
        for target in self:
            target.webhook_url = may_read and target._get_stored().url

    @api.depends("name", "type")
    def _compute_webhook_state(self):
        for target in self:
            url = target._get_stored().url
            target.webhook_host = urlsplit(url or "").hostname

    # EXTENDS queue.job.outside.key
    @api.depends("name", "type")
    @api.depends_context("lang")
    def _compute_key_source(self):
        return super()._compute_key_source()

    @api.depends("name", "type", "emails", "channel_id", "owner_id")
    @api.depends_context("lang")
    def _compute_problem(self):
        for target in self:
            target.problem = target._find_problem()

    def _find_problem(self):
        if not self._has_address():
            return False
        alerts, owner = self.env["queue.job.alert"], self._get_owner()
        if not self._may_read(owner, alerts):
            return self.env._(
                "%s, on whose behalf this target notifies, may not see alerts any "
                "more. Check whom it notifies, and press Take Over.",
                owner.name or self.env._("The person"),
            )
        if self.type == "discuss" and not self._may_read(owner, self._get_channel()):
            return self.env._(
                "%s, on whose behalf this target notifies, may not read the channel. "
                "Let them join it, or press Take Over.",
                owner.name,
            )
        return self.key_problem

    # ------------------------------------------------------------
    # CONSTRAINTS
    # ------------------------------------------------------------

    @api.constrains("quiet_from", "quiet_to", "escalate_after")
    def _check_times(self):
        for target in self:
            if not 0 <= target.escalate_after <= MAX_MINUTES:
                raise ValidationError(
                    self.env._(
                        "An alert escalates after 0 to %(minutes)s minutes (30 days): "
                        "enter 0 to notify %(target)s at once.",
                        minutes=MAX_MINUTES,
                        target=target.name,
                    )
                )
            if not all(0 <= hour < 24 for hour in (target.quiet_from, target.quiet_to)):
                raise ValidationError(
                    self.env._("Quiet hours are between 00:00 and 23:59.")
                )

    @api.constrains("type", "emails", "user_ids", "group_ids", "channel_id")
    def _check_whom(self):
        for target in self:
            people = target.user_ids or target.group_ids
            if (
                (target.type == "activity" and not people)
                or (target.type == "email" and not (people or target.emails))
                or (target.type == "discuss" and not target.channel_id)
            ):
                raise ValidationError(
                    self.env._("Choose who is notified by %s.", target.display_name)
                )
            if target.emails and not email_split_and_format(target.emails):
                raise ValidationError(
                    self.env._("“%s” is not an e-mail address.", target.emails)
                )
            if len(email_split_and_format(target.emails or "")) > MAX_EMAILS:
                raise ValidationError(
                    self.env._(
                        "At most %s addresses: choose the address of a mailing list "
                        "instead.",
                        MAX_EMAILS,
                    )
                )

    @api.constrains("channel_id", "type", "owner_id")
    def _check_channel(self):
        for target in self:
            channel = target._get_channel()
            if target.type != "discuss" or not channel:
                continue
            # Without its name, which is not for everybody.
            if channel.channel_type != "channel":
                raise ValidationError(
                    self.env._("Choose a channel, not a conversation of some people.")
                )
            if not self._may_read(target._get_owner(), channel):
                raise ValidationError(
                    self.env._("Choose a channel that you may read, or join it first.")
                )

    # EXTENDS queue.job.outside.key
    @api.constrains("name", "type")
    def _check_key_name(self):
        return super()._check_key_name()

    def _check_url(self, url):
        if not self.env.is_system():
            raise AccessError(
                self.env._(
                    "Only an administrator of Odoo (Settings) may enter the address "
                    "of a webhook. Ask one to do it."
                )
            )
        parts = urlsplit(url or "")
        if parts.scheme not in ("http", "https") or not parts.hostname:
            # Without the address: errors are logged.
            raise ValidationError(
                self.env._("Enter an address that begins with https:// or http://.")
            )
        if where := addresses.find_refused(url):
            raise ValidationError(addresses.describe_refusal(self.env, where))

    # ------------------------------------------------------------
    # CRUD
    # ------------------------------------------------------------

    @api.model_create_multi
    def create(self, vals_list):
        # Never into the cache of a field: it could be read from there.
        targets = super().create(
            [self._take_over(_without_secrets(vals), True) for vals in vals_list]
        )
        for target, vals in zip(targets, vals_list, strict=True):
            target._store(vals)
            if target.type == "webhook" and not target._get_stored().url:
                target._check_url(False)
        return targets

    def write(self, vals):
        changes_whom = bool(vals.keys() & {"owner_id", *WHOM})
        result = super().write(self._take_over(_without_secrets(vals), changes_whom))
        for target in self:
            target._store(vals)
        return result

    def _take_over(self, vals, changes_whom):
        """Who says whom a target notifies does so on their own behalf alone."""
        if changes_whom and not self.env.su:
            return {**vals, "owner_id": self.env.uid}
        return vals

    def copy_data(self, default=None):
        """The copy has another name; of webhooks there is none."""
        if "webhook" in self.mapped("type"):
            raise UserError(
                self.env._("The address of a webhook is not copied: add a new one.")
            )
        vals_list = super().copy_data(default)
        for target, vals in zip(self, vals_list, strict=True):
            if "name" not in (default or {}):
                vals["name"] = self.env._("%s (copy)", target.name)
        return vals_list

    def action_take_over(self):
        """Notify of what the current user may see from now on."""
        self.write({"owner_id": self.env.uid})
        return True

    def action_test(self):
        """Tell this target something at once; the delivery shows what came of it."""
        self.ensure_one()
        self.check_access("write")
        if self.type == "activity":
            raise UserError(self.env._("Activities need no test."))
        # Nobody writes deliveries by hand.
        self.env["queue.job.alert.delivery"].sudo()._prepare_test(self)
        return {
            "type": "ir.actions.client",
            "tag": "display_notification",
            "params": {
                "type": "info",
                "message": self.env._(
                    "The test is on its way. “Deliveries” shows the outcome in a "
                    "moment."
                ),
                "next": {"type": "ir.actions.client", "tag": "soft_reload"},
            },
        }

    # ------------------------------------------------------------
    # WHOM AND WHEN
    # ------------------------------------------------------------

    def _takes(self, alert):
        """Whether this target is notified of an alert."""
        return self.severity == "warning" or alert.severity == "critical"

    def _has_address(self):
        """Whether it notifies others than people of this database."""
        return self.type in ("discuss", "webhook") or bool(
            self.type == "email" and self.emails
        )

    def _get_owner(self):
        # Whom it notifies is decided by the rights of that person, whoever looks.
        return self.sudo().owner_id

    def _get_channel(self):
        return self.sudo().channel_id

    def _tells(self, alert):
        """Whether address, channel or webhook may be told of an alert."""
        return self._has_address() and self._may_read(self._get_owner(), alert)

    def _get_people(self, alert):
        """The people of this target who may know of an alert (if it is about one)."""
        if self.type not in ("activity", "email"):
            return self.env["res.users"]
        people = (self.user_ids | self.group_ids.all_user_ids).filtered(
            lambda user: user.active and not user.share
        )
        company = alert.company_id
        people = people.filtered(
            lambda user: not company or company in user.company_ids
        )
        # A to-do that one cannot open is none.
        vouches = self.type == "email" and self._may_read(self._get_owner(), alert)
        return people.filtered(lambda user: vouches or self._may_read(user, alert))

    def _may_read(self, user, records):
        """Whether somebody may read records in any of their companies.

        Without records: whether they may read any.
        """
        if user.id == SUPERUSER_ID:
            return True
        companies = user.sudo().company_ids.ids
        records = records.with_user(user).with_context(allowed_company_ids=companies)
        return user.active and not user.share and records.has_access("read")

    def _get_quiet_end(self, severity, user, now):
        """When the quiet hours end that it is in; False outside of them.

        :param str severity: of the alert
        :param user: who is notified, in their own time zone; may be empty
        :param datetime now: UTC
        """
        if self.quiet_from == self.quiet_to or (
            self.severe_passes and severity == "critical"
        ):
            return False
        zone = pytz.timezone(user.tz or self.quiet_tz or "UTC")
        local = pytz.utc.localize(now).astimezone(zone)
        hour = local.hour + local.minute / 60 + local.second / 3600
        begins, ends = self.quiet_from, self.quiet_to
        over_midnight = begins > ends
        if over_midnight:
            quiet = hour >= begins or hour < ends
        else:
            quiet = begins <= hour < ends
        if not quiet:
            return False
        day = local.date()
        if over_midnight and hour >= begins:
            day += timedelta(days=1)
        minutes = round(ends * 60)
        end = datetime.combine(day, time(minutes // 60, minutes % 60))
        return zone.localize(end).astimezone(pytz.utc).replace(tzinfo=None)

    # ------------------------------------------------------------
    # WEBHOOK
    # ------------------------------------------------------------

    def _get_stored(self):
        # Nobody has rights on it; what of it is shown is decided by who asks.
        secrets = self.env["queue.job.alert.secret"].sudo()
        return secrets.search([("target_id", "=", self._origin.id)], limit=1)

    def _get_webhook(self):
        """Address and secret, for who delivers: (url, secret or None)."""
        stored = self._get_stored()
        return stored.url, self._find_outside_key().secret or stored.secret or None

    def _get_outside(self):
        return OUTSIDE

    def _get_key_url(self):
        return self._get_stored().url

    def _has_outside_key(self):
        return self.type == "webhook"

    def _has_stored_key(self):
        return bool(self._get_stored().secret)

    def _store(self, vals):
        new = {
            SECRETS[name]: (value or "").strip() or False
            for name, value in vals.items()
            if name in SECRETS
        }
        if not new:
            return
        self.check_access("write")
        stored = self._get_stored()
        if "url" in new:
            if new["url"] == stored.url:
                del new["url"]
            else:
                self._check_url(new["url"])
                # It was agreed upon with the old address.
                new.setdefault("secret", False)
        if stored:
            stored.write(new)
        elif new:
            stored.create({"target_id": self.id, **new})
        self.invalidate_recordset(
            ["webhook_host", "key_source", "key_problem", "webhook_url", "problem"]
        )


def _without_secrets(vals):
    return {name: value for name, value in vals.items() if name not in SECRETS}
