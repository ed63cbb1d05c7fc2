# Copyright 2026 The ai_queue contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
import logging
from typing import NamedTuple

from odoo import api, fields, models
from odoo.exceptions import UserError, ValidationError
from odoo.service.model import PG_CONCURRENCY_EXCEPTIONS_TO_RETRY
from odoo.tools import SQL, mute_logger

_logger = logging.getLogger(__name__)

SEVERITIES = [("warning", "Warning"), ("critical", "Severe")]
# A rule that takes longer than this must not hold up the others (s).
EVALUATION_SECONDS = 15
MAX_THRESHOLD, MAX_COUNT, MAX_COOLDOWN = 1e9, 1_000_000_000, 30 * 24 * 60


class Finding(NamedTuple):
    """What a rule found to be wrong.

    ``subject`` is what it is about, as a stable key: one alert each. ``value`` is how
    bad it is, in the unit of the rule's threshold. ``details`` is what the sentence and
    the list of the alert need (JSON). ``company_id`` where it concerns one company::

        def _evaluate_mailbox(self, now):
            count = self.env["mail.mail"].search_count([("state", "=", "exception")])
            if count < self.threshold:
                return []
            return [Finding("outgoing", count, {"count": count})]

    What a rule does not find any more is resolved by itself.
    """

    subject: str
    value: float
    details: dict
    company_id: int | bool = False


class QueueJobAlertRule(models.Model):
    """When to notify people.

    What a rule looks at is its code. A code is a value of the field and three methods:
    ``_evaluate_<code>(now)`` here, which returns a list of ``Finding``, and
    ``_describe_<code>()`` and ``_get_action_<code>()`` of ``queue.job.alert``. There
    may be several rules of one code, with thresholds of their own.
    """

    _name = "queue.job.alert.rule"
    _description = "Alert Rule"
    _order = "sequence, id"

    name = fields.Char(required=True, translate=True)
    active = fields.Boolean(default=True)
    sequence = fields.Integer(default=10)
    code = fields.Selection(
        [
            ("runner", "No job runner"),
            ("waiting", "Jobs wait too long"),
            ("failures", "Jobs fail"),
            ("dead", "Jobs were found dead"),
            ("backlog", "More jobs arrive than finish"),
            ("setup", "Unsafe configuration"),
        ],
        string="Looks At",
        required=True,
    )
    severity = fields.Selection(SEVERITIES, required=True, default="warning")
    threshold = fields.Float(
        string="From", digits=(16, 1), help="The alert opens at this value."
    )
    threshold_unit = fields.Char(compute="_compute_unit", string="Unit")
    window = fields.Integer(
        string="Looking Back (min)",
        default=60,
        help="The length of the window in minutes.",
    )
    short_window = fields.Integer(
        string="Short Window (min)",
        default=5,
        help="Also looks at these last minutes alone, or as far back as it takes to "
        "see the minimum of jobs: a channel in which all jobs have begun to fail is "
        "noticed long before they are many of the long window. 0: it does not.",
    )
    short_threshold = fields.Float(
        string="From, in the Short Window",
        digits=(16, 1),
        default=20,
        help="The alert also opens at this value of the short window.",
    )
    min_count = fields.Integer(
        string="Minimum Jobs",
        default=1,
        help="With fewer jobs the rule stays silent.",
    )
    cooldown = fields.Integer(
        string="Cool-down (min)",
        default=30,
        help="People are notified of the same problem at most once in this many "
        "minutes. If it returns within this time, the same alert reopens; whoever was "
        "told that it was over hears at once that it is not.",
    )
    error = fields.Text(
        string="Not Evaluated",
        readonly=True,
        help="Why the last evaluation of the rule failed.",
    )
    has_threshold = fields.Boolean(compute="_compute_unit")
    has_window = fields.Boolean(compute="_compute_unit")
    has_cases = fields.Boolean(compute="_compute_unit")
    has_short_window = fields.Boolean(compute="_compute_unit")
    alert_ids = fields.One2many("queue.job.alert", "rule_id")
    active_count = fields.Integer(string="Alerts Now", compute="_compute_active_count")

    @api.depends("code")
    @api.depends_context("lang")
    def _compute_unit(self):
        units, traits = self._get_units(), self._get_traits()
        for rule in self:
            own = traits.get(rule.code, ())
            rule.threshold_unit = units.get(rule.code)
            rule.has_threshold = rule.code in units
            rule.has_window = "window" in own
            rule.has_cases = "cases" in own
            rule.has_short_window = "short_window" in own

    def _get_units(self):
        """{code: unit of its threshold}; a code without a unit has no threshold."""
        return {
            "runner": self.env._("minutes"),
            "waiting": self.env._("minutes"),
            "failures": self.env._("% of the jobs"),
            "dead": self.env._("jobs"),
            "backlog": self.env._("% more than finish"),
        }

    def _get_traits(self):
        """{code: what else can be set}: "window" to look back on, a "short_window" of
        it with a threshold of its own, least number of "cases"."""
        return {
            "failures": ("window", "short_window", "cases"),
            "dead": ("window",),
            "backlog": ("window", "cases"),
        }

    @api.depends("alert_ids.state")
    def _compute_active_count(self):
        counts = self.env["queue.job.alert"]._read_group(
            [("rule_id", "in", self.ids), ("state", "!=", "resolved")],
            ["rule_id"],
            ["__count"],
        )
        count_of = {rule.id: count for rule, count in counts}
        for rule in self:
            rule.active_count = count_of.get(rule.id, 0)

    @api.constrains("threshold", "window", "min_count", "cooldown")
    def _check_numbers(self):
        for rule in self:
            if min(rule.threshold, rule.min_count, rule.cooldown) < 0:
                raise ValidationError(
                    self.env._("The numbers of a rule cannot be negative.")
                )
            if rule.threshold > MAX_THRESHOLD or rule.min_count > MAX_COUNT:
                raise ValidationError(
                    self.env._("The rule could never hold: choose smaller numbers.")
                )
            if rule.cooldown > MAX_COOLDOWN:
                raise ValidationError(
                    self.env._("A cool-down lasts 30 days (43,200 minutes) at most.")
                )
            if not 1 <= rule.window <= 7 * 24 * 60:
                raise ValidationError(
                    self.env._("A rule looks back between one minute and one week.")
                )

    @api.constrains("code", "window", "short_window", "short_threshold")
    def _check_short_window(self):
        for rule in self.filtered("has_short_window"):
            if not 0 <= rule.short_window < rule.window:
                raise ValidationError(
                    self.env._(
                        "The short window of a rule must be shorter than the time that "
                        "it looks back. Enter 0 to do without it."
                    )
                )
            if not 0 <= rule.short_threshold <= 100:
                raise ValidationError(
                    self.env._(
                        "The share of failed jobs in the short window is between 0 and "
                        "100 %."
                    )
                )

    def write(self, vals):
        """The alerts of a rule end with it, and are about what it looks at."""
        if "code" in vals:
            self._check_code_may_change(vals["code"])
        result = super().write(vals)
        if vals.get("active") is False:
            # Who may change rules need not be able to write alerts.
            self.sudo().alert_ids.filtered("is_active")._resolve()
        return result

    def _check_code_may_change(self, code):
        # Also those of companies that who changes the rule does not see.
        changed = self.sudo().filtered(lambda rule: rule.code != code)
        if changed.alert_ids:
            raise UserError(
                self.env._(
                    "This rule already has alerts, which say what it looked at. "
                    "Archive it and create a new rule that looks at something else."
                )
            )

    def unlink(self):
        """With its alerts, and with their activities: those know no foreign key."""
        # Nobody deletes alerts by hand.
        self.sudo().alert_ids.unlink()
        return super().unlink()

    def action_open_alerts(self):
        """The alerts of this rule that the column counts."""
        self.ensure_one()
        action = self.env["ir.actions.act_window"]._for_xml_id(
            "queue_job_operations.queue_job_alert_action"
        )
        action.update(
            domain=[("rule_id", "=", self.id)],
            context={"search_default_active": 1},
        )
        return action

    # ------------------------------------------------------------
    # EVALUATION
    # ------------------------------------------------------------

    @api.model
    def _cron_watch(self):
        """Evaluate all rules, and tell people.

        Once a minute, and without the queue: that may be what is broken.
        """
        for rule in self.search([("active", "=", True)]):
            rule._watch()
            self.env["ir.cron"]._commit_progress(1)
        self.env["queue.job.alert.delivery"]._deliver_due()

    def _watch(self):
        """Evaluate this rule, and bring its alerts in line with what it found.

        What cannot be evaluated leaves its alerts as they are, and says so in the list
        of rules.
        """
        self.ensure_one()
        error = False
        try:
            with mute_logger("odoo.sql_db"), self.env.cr.savepoint():
                self._limit_time(EVALUATION_SECONDS)
                now = fields.Datetime.now()
                findings = getattr(self, f"_evaluate_{self.code}")(now)
                self.env["queue.job.alert"]._update_from(self, findings)
        except PG_CONCURRENCY_EXCEPTIONS_TO_RETRY:
            # Somebody acknowledges just now. The next minute sees it.
            return
        except Exception as raised:
            # Whatever the code of a rule does wrong: the other rules are evaluated, and
            # people hear of what these find.
            _logger.exception("Alert rule %s was not evaluated", self.id)
            error = _get_first_line(raised)
        if (self.error or False) != error:
            self.error = error

    def _limit_time(self, seconds):
        # Until the end of the transaction, which is that of one rule.
        self.env.cr.execute(
            SQL("SET LOCAL statement_timeout = %s", int(seconds * 1000))
        )


def _get_first_line(error):
    """What an exception says, short enough for a list."""
    text = getattr(error, "pgerror", None) or str(error) or type(error).__name__
    return text.strip().partition("\n")[0]
