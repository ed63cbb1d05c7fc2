# Copyright 2026 The ai_queue contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
from datetime import timedelta

from odoo import api, fields, models
from odoo.exceptions import AccessError

from .queue_job_alert_rule import SEVERITIES


class QueueJobAlert(models.Model):
    """Something that people must know, from when it began until it was over.

    One for each rule and subject at a time. It opens, is updated and is resolved by the
    rules alone (see ``queue.job.alert.rule``); people acknowledge it.
    """

    _name = "queue.job.alert"
    _description = "Alert of the Job Queue"
    _inherit = ["mail.thread", "mail.activity.mixin"]
    _order = "date_opened desc, id desc"
    _mail_post_access = "read"

    name = fields.Char(compute="_compute_text", string="Alert")
    advice = fields.Text(compute="_compute_text", string="What to Do")
    rule_id = fields.Many2one(
        "queue.job.alert.rule",
        required=True,
        readonly=True,
        index=True,
        ondelete="cascade",
    )
    code = fields.Selection(related="rule_id.code", store=True)
    severity = fields.Selection(SEVERITIES, required=True, readonly=True)
    subject = fields.Char(
        readonly=True, help="What the alert is about, as a key of its rule."
    )
    company_id = fields.Many2one(
        "res.company",
        readonly=True,
        index=True,
        ondelete="cascade",
        help="Empty: it concerns the whole database.",
    )
    state = fields.Selection(
        [("open", "Open"), ("acknowledged", "Acknowledged"), ("resolved", "Resolved")],
        required=True,
        readonly=True,
        default="open",
    )
    is_active = fields.Boolean(compute="_compute_is_active")
    value = fields.Float(readonly=True, digits=(16, 1), aggregator="max")
    worst = fields.Float(readonly=True, digits=(16, 1), aggregator="max")
    threshold_unit = fields.Char(related="rule_id.threshold_unit")
    details = fields.Json(readonly=True)
    date_opened = fields.Datetime(string="Opened", required=True, readonly=True)
    date_seen = fields.Datetime(
        string="Last Seen", readonly=True, help="When the rule last found the problem."
    )
    date_resolved = fields.Datetime(string="Resolved", readonly=True)
    duration = fields.Float(
        string="Duration (h)",
        readonly=True,
        help="From its opening to its end, or until now.",
    )
    acknowledged_by = fields.Many2one("res.users", readonly=True, ondelete="set null")
    date_acknowledged = fields.Datetime(string="Acknowledged", readonly=True)
    times = fields.Integer(
        string="Times Opened",
        readonly=True,
        default=1,
        help="A problem that returns within the cool-down of its rule reopens the same "
        "alert.",
    )
    has_list = fields.Boolean(compute="_compute_has_list")
    delivery_ids = fields.One2many(
        "queue.job.alert.delivery", "alert_id", string="Deliveries"
    )

    _active_uniq = models.UniqueIndex("(rule_id, subject) WHERE state <> 'resolved'")
    _date_resolved_idx = models.Index("(date_resolved) WHERE state = 'resolved'")

    # ------------------------------------------------------------
    # COMPUTE
    # ------------------------------------------------------------

    @api.depends("code", "details", "value")
    @api.depends_context("lang")
    def _compute_text(self):
        for alert in self:
            alert.name, alert.advice = getattr(alert, f"_describe_{alert.code}")()

    @api.depends("state")
    def _compute_is_active(self):
        for alert in self:
            alert.is_active = alert.state != "resolved"

    @api.depends("code")
    def _compute_has_list(self):
        without = self._get_codes_without_list()
        for alert in self:
            alert.has_list = alert.code not in without

    def _get_codes_without_list(self):
        """The codes whose alerts have nothing to list: hook for addons."""
        return ("setup",)

    # ------------------------------------------------------------
    # CRUD
    # ------------------------------------------------------------

    @api.model_create_multi
    def create(self, vals_list):
        """Tell the screens."""
        self.env["queue.job.operations"]._bus_send_changed()
        return super().create(vals_list)

    def write(self, vals):
        """Tell the screens of what opens, ends or is seen by somebody."""
        if "state" in vals:
            self.env["queue.job.operations"]._bus_send_changed()
        return super().write(vals)

    # ------------------------------------------------------------
    # ACTIONS
    # ------------------------------------------------------------

    def action_acknowledge(self):
        """Somebody has seen it: nobody else is called."""
        self.check_access("read")
        if not self.env.user.has_group("queue_job.group_queue_job_manager"):
            raise AccessError(
                self.env._("Only managers of the job queue may acknowledge alerts.")
            )
        # Nobody writes alerts by hand; this is the one thing to do with them.
        opened = self.sudo().filtered(lambda alert: alert.state == "open")
        opened.write(
            {
                "state": "acknowledged",
                "acknowledged_by": self.env.uid,
                "date_acknowledged": fields.Datetime.now(),
            }
        )
        for alert in opened:
            name = self.env.user.name
            alert._end_activities(self.env._("Acknowledged by %s", name))
        return True

    def action_open_list(self):
        """What the alert counted."""
        self.ensure_one()
        return getattr(self, f"_get_action_{self.code}")()

    # ------------------------------------------------------------
    # BY RULES ONLY
    # ------------------------------------------------------------

    @api.model
    def _update_from(self, rule, findings):
        """Open, update and resolve the alerts of a rule.

        :param findings: all ``Finding`` that hold now
        """
        alerts = self.search([("rule_id", "=", rule.id), ("state", "!=", "resolved")])
        alert_of = {alert.subject or "": alert for alert in alerts}
        for finding in findings:
            alert = alert_of.pop(finding.subject, None)
            if alert:
                alert._update(finding)
            else:
                self._open(rule, finding)
        self.browse(alert.id for alert in alert_of.values())._resolve()

    def _update(self, finding):
        now = fields.Datetime.now()
        self.write(
            {
                "value": finding.value,
                "worst": max(finding.value, self.worst),
                "details": finding.details,
                "date_seen": now,
                "duration": _hours(now - self.date_opened),
            }
        )

    def _open(self, rule, finding):
        now = fields.Datetime.now()
        since = now - timedelta(minutes=rule.cooldown)
        latest = self.search(
            [("rule_id", "=", rule.id), ("subject", "=", finding.subject or False)],
            order="id desc",
            limit=1,
        )
        if latest and latest.date_resolved > since:
            alert = latest
            alert.write(
                {
                    "state": "acknowledged" if latest.acknowledged_by else "open",
                    "severity": rule.severity,
                    "date_resolved": False,
                    "times": latest.times + 1,
                }
            )
            alert._update(finding)
        else:
            alert = self.with_context(
                tracking_disable=True, mail_create_nosubscribe=True
            ).create(
                {
                    "rule_id": rule.id,
                    "severity": rule.severity,
                    "subject": finding.subject,
                    "company_id": finding.company_id,
                    "value": finding.value,
                    "worst": finding.value,
                    "details": finding.details,
                    "date_opened": now,
                    "date_seen": now,
                }
            )
        self.env["queue.job.alert.delivery"]._prepare(alert, now)

    def _get_others_of_same(self):
        """Open alerts of other rules that look at the very same."""
        return self.search(
            [
                ("id", "not in", self.ids),
                ("code", "=", self.code),
                ("subject", "=", self.subject or False),
                ("state", "!=", "resolved"),
            ]
        )

    def _resolve(self):
        now = fields.Datetime.now()
        for alert in self:
            alert.write(
                {
                    "state": "resolved",
                    "date_resolved": now,
                    "duration": _hours(now - alert.date_opened),
                }
            )
            alert._end_activities(alert._describe_end())
            alert.delivery_ids._resolve(now)

    def _describe_end(self):
        if not self.rule_id.active:
            return self.env._("Nobody watches this any more: its rule is switched off.")
        return self.env._("Resolved: the problem is gone.")

    def _end_activities(self, feedback):
        activities = self.activity_ids.filtered("automated")
        if activities:
            activities.action_feedback(feedback=feedback)


def _hours(duration):
    return duration.total_seconds() / 3600
