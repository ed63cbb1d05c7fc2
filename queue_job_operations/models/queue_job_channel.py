# Copyright 2026 The ai_queue contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
import re
from collections import Counter

from odoo import api, fields, models
from odoo.exceptions import UserError, ValidationError

from odoo.addons.queue_job.job import ENQUEUED, PENDING, STARTED

from ..jobrunner.channel_rules import (
    Spec,
    complete,
    effective,
    full_name,
    is_wish,
    names_of,
)
from ..jobrunner.live_channels import RELOAD
from .queue_job_housekeeping_rules import MAX_DAYS

TUNING_FIELDS = ("capacity", "sequential", "throttle", "paused")
# Each running job holds an HTTP worker of some hundred megabytes.
MOST = {"capacity": 1000, "throttle": 24 * 60 * 60, "removal_interval": MAX_DAYS}
# In odoo.conf a comma ends a channel, a colon its name, and a dot that of its parent.
NAME = re.compile(r"[^\s,:.]{1,64}")


class QueueJobChannel(models.Model):
    """Channels that are tuned while the job runner works.

    Names and meaning of what is stored are those of queue_job 18.0.4. A capacity of 0
    in the table means that none is set here (see ``jobrunner/channel_rules.py``).
    """

    _name = "queue.job.channel"
    _inherit = ["queue.job.channel", "mail.thread"]
    _order = "complete_name"

    # ------------------------------------------------------------
    # FIELDS
    # ------------------------------------------------------------

    name = fields.Char(tracking=True)
    parent_id = fields.Many2one(tracking=True)
    capacity = fields.Integer(
        string="Capacity Set Here",
        tracking=True,
        help="How many jobs of this channel may run at a time. Empty: odoo.conf "
        "decides.",
    )
    sequential = fields.Boolean(
        tracking=True,
        help="One job after the other, in order; a failed job holds up the channel. "
        "Needs a capacity of 1.",
    )
    throttle = fields.Integer(
        string="Seconds Between Starts",
        tracking=True,
        help="Minimum seconds between the starts of two jobs.",
    )
    paused = fields.Boolean(
        tracking=True,
        help="No job of this channel or those below it starts. Running jobs finish.",
    )
    effective_capacity = fields.Integer(
        string="Capacity",
        compute="_compute_effective",
        readonly=False,
        recursive=True,
        help="How many jobs of this channel may run at a time.",
    )
    effective_paused = fields.Boolean(
        string="Stopped",
        compute="_compute_effective",
        recursive=True,
        help="Whether this channel or one above it is paused.",
    )
    can_resume = fields.Boolean(compute="_compute_effective", recursive=True)
    is_set = fields.Boolean(string="Set Here", compute="_compute_is_set")
    capacity_source = fields.Char(
        string="Comes From",
        compute="_compute_effective",
        recursive=True,
        help="Where the capacity comes from, and what else applies.",
    )
    state = fields.Selection(
        [
            ("free", "Open"),
            ("full", "Full"),
            ("above", "Stopped Above"),
            ("paused", "Paused"),
        ],
        compute="_compute_jobs",
    )
    running_count = fields.Integer(string="Running", compute="_compute_jobs")
    waiting_count = fields.Integer(string="Waiting", compute="_compute_jobs")
    runner_problem = fields.Text(compute="_compute_runner")
    runner_sharing = fields.Text(compute="_compute_runner")

    # ------------------------------------------------------------
    # COMPUTE
    # ------------------------------------------------------------

    @api.depends(*TUNING_FIELDS)
    def _compute_is_set(self):
        for channel in self:
            channel.is_set = is_wish(channel._get_wish())

    @api.depends(
        *TUNING_FIELDS,
        "complete_name",
        "parent_id.effective_capacity",
        "parent_id.effective_paused",
    )
    @api.depends_context("lang")
    def _compute_effective(self):
        # What it tells here is no secret, and people read it of their own channels.
        runner = self.env["queue.job.runner"].sudo()._get_latest()
        for channel in self:
            name, parent = channel.complete_name, channel.parent_id
            base = runner._get_spec(name, "base")
            others = runner._get_spec(name, "others")
            wish = channel._get_wish()
            wishes = [complete(wish, base)] if is_wish(wish) else []
            spec = effective(base, [*wishes, others] if others else wishes)
            bound = parent.effective_capacity
            capacity = spec.capacity or 0
            if bound:
                capacity = min(capacity or bound, bound)
            channel.effective_capacity = capacity
            channel.can_resume = spec.paused
            channel.effective_paused = spec.paused or parent.effective_paused
            channel.capacity_source = channel._describe_source(runner, base, spec)

    @api.depends("effective_capacity", "effective_paused")
    @api.depends_context("uid", "allowed_company_ids")
    def _compute_jobs(self):
        # What is shown is what the reader can list. But a channel is full by the jobs
        # of all companies, not of one's own.
        jobs = self.env["queue.job"]
        waiting = self._count_jobs(jobs, [PENDING])
        running = self._count_jobs(jobs, [ENQUEUED, STARTED])
        taken = self._count_jobs(jobs.sudo(), [ENQUEUED, STARTED])
        for channel in self:
            channel.running_count = channel._sum_below(running)
            channel.waiting_count = channel._sum_below(waiting)
            if channel.can_resume:
                channel.state = "paused"
            elif channel.effective_paused:
                channel.state = "above"
            else:
                full = 0 < channel.effective_capacity <= channel._sum_below(taken)
                channel.state = "full" if full else "free"

    @api.depends_context("lang")
    def _compute_runner(self):
        # Everyone who may see the channel should know.
        runner = self.env["queue.job.runner"].sudo()
        self.runner_problem = runner._describe_problem()
        self.runner_sharing = runner._describe_sharing()

    def _count_jobs(self, jobs, states):
        """{full name of the channel: number of jobs in these states}.

        :param jobs: ``queue.job`` of who reads them
        """
        counts = Counter()
        groups = jobs._read_group([("state", "in", states)], ["channel"], ["__count"])
        for channel, count in groups:
            counts[full_name(channel)] += count
        return counts

    def _sum_below(self, counts):
        """What is counted in this channel, and in those below it."""
        path = self.complete_name or ""
        return sum(
            count
            for name, count in counts.items()
            if name == path or name.startswith(f"{path}.")
        )

    @api.model
    def _get_ours(self):
        """The channels that the settings and the check-up show: hook for addons.

        :return: all of them, root first
        """
        # As many as somebody has made by hand.
        # pylint: disable=no-search-all
        return self.search([], order="complete_name")

    @api.model
    def _get_recommended(self, capacity):
        """What suits the channels of addons: hook for these.

        :param int capacity: of root
        :return: {full name: capacity}
        """
        return {"root": capacity}

    def _get_wish(self):
        """What is set here, as a ``Spec``."""
        return Spec.of(self.capacity, self.sequential, self.throttle, self.paused)

    def _describe_source(self, runner, base, spec):
        """Where the values of this channel come from, in words."""
        parts = [self._describe_capacity_source(runner, base, spec)]
        workers = (runner.server or {}).get("workers") or 0
        if not self.parent_id and 0 < workers < self.effective_capacity:
            # Each running job holds one. What bounds all others says it.
            parts.append(self.env._("but the server has only %s workers", workers))
        if spec.sequential:
            parts.append(self.env._("one after the other"))
        if spec.throttle:
            parts.append(self.env._("%s s between starts", spec.throttle))
        if spec.paused and not self.paused:
            if base and base.paused and not self.capacity:
                parts.append(self.env._("paused there"))
            else:
                parts.append(self.env._("paused by another database"))
        return ", ".join(parts)

    def _describe_capacity_source(self, runner, base, spec):
        parent = self.parent_id
        bound = parent.effective_capacity
        if self.capacity:
            if spec.capacity < self.capacity:
                return self.env._(
                    "Set here to %s, another database sets less", self.capacity
                )
            if bound and bound < self.capacity:
                return self.env._(
                    "Set here to %(capacity)s, %(parent)s allows fewer",
                    capacity=self.capacity,
                    parent=parent.complete_name,
                )
            return self.env._("Set here")
        if base and base.capacity and spec.capacity == base.capacity:
            labels = dict(
                runner._fields["origin"]._description_selection(self.env),
            )
            return labels.get(runner.origin, "")
        if spec.capacity:
            return self.env._("Set by another database")
        if parent:
            return self.env._("No limit of its own: as %s", parent.complete_name)
        return self.env._("Known once a job runner has reported")

    # ------------------------------------------------------------
    # CONSTRAINTS
    # ------------------------------------------------------------

    @api.constrains(*TUNING_FIELDS)
    def _check_tuning(self):
        for channel in self:
            name = channel.complete_name
            if channel.capacity < 0:
                raise ValidationError(self._say_capacity(name, channel.capacity))
            if channel.throttle < 0:
                raise ValidationError(
                    self.env._(
                        "The seconds between two starts in %s cannot be negative: "
                        "enter 0 for no pause between them.",
                        name,
                    )
                )
            if channel.sequential and channel.capacity != 1:
                raise ValidationError(
                    self.env._(
                        "%s runs one job after the other: set its capacity to 1, or "
                        "turn off Sequential.",
                        name,
                    )
                )

    @api.constrains("name")
    def _check_channel_name(self):
        for channel in self:
            # One without a name is not finished; no runner is told of it.
            if channel.name and not NAME.fullmatch(channel.name):
                raise ValidationError(
                    self.env._(
                        "“%s” cannot be the name of a channel: use up to 64 letters, "
                        "digits and underscores, without blanks, commas, colons and "
                        "dots, which mean something else in odoo.conf.",
                        channel.name,
                    )
                )

    def _check_size(self, name, vals):
        """Before the database does, which would say nothing that helps."""
        for field in MOST.keys() & vals.keys():
            value, most = vals[field] or 0, MOST[field]
            try:
                fits = int(value) <= most
            except (TypeError, ValueError, OverflowError):
                fits = False
            if not fits or (field == "removal_interval" and value < 0):
                raise ValidationError(
                    self.env._(
                        "“%(field)s” of the channel %(channel)s must be a whole number "
                        "of at most %(most)s and not below zero, but not %(value)s.",
                        field=self._fields[field]._description_string(self.env),
                        channel=name or "",
                        most=most,
                        value=value,
                    )
                )

    def _check_parent(self, vals):
        """A channel is not below itself: its full name would never end."""
        parent = self.browse(vals.get("parent_id") or [])
        while parent:
            if parent in self:
                raise ValidationError(
                    self.env._("%s cannot be moved below itself.", parent.complete_name)
                )
            parent = parent.parent_id

    def _say_capacity(self, name, capacity):
        return self.env._(
            "%(channel)s cannot have a capacity of %(capacity)s: the job runner reads "
            "0 as “no limit”. Pause the channel to stop it, or choose “Follow "
            "odoo.conf” to set nothing here.",
            channel=name,
            capacity=capacity,
        )

    # ------------------------------------------------------------
    # CRUD
    # ------------------------------------------------------------

    def init(self):
        # Let a running runner know that there is something to follow.
        self._notify_channel_config_changed()

    @api.model_create_multi
    def create(self, vals_list):
        """Tell the job runner about the new channels."""
        vals_list = [self._take_capacity(vals) for vals in vals_list]
        for vals in vals_list:
            self._check_size(vals.get("name"), vals)
        channels = super().create(vals_list)
        self._notify_channel_config_changed()
        return channels

    # EXTENDS queue_job
    def write(self, vals):
        """Tell the job runner; nobody sets 0, which means the opposite to it.

        False in the place of a capacity takes back what was set here.
        """
        vals = self._take_capacity(vals)
        self._check_size(self[:1].complete_name, vals)
        self._check_parent(vals)
        # In the table False is 0 as well.
        capacity = vals.get("capacity", False)
        if capacity is not False and int(capacity or 0) < 1:
            raise ValidationError(
                self._say_capacity(self[:1].complete_name, capacity or 0)
            )
        result = super().write(vals)
        if not {"name", "parent_id", *TUNING_FIELDS}.isdisjoint(vals):
            self._notify_channel_config_changed()
        return result

    def _take_capacity(self, vals):
        """Who changes the capacity that holds sets it here.

        At once with the other values, among which it has to fit: hence no inverse.
        """
        if "effective_capacity" not in vals:
            return vals
        vals = dict(vals)
        return {"capacity": vals.pop("effective_capacity"), **vals}

    def unlink(self):
        """Tell the job runner: the channel no longer limits anything."""
        result = super().unlink()
        self._notify_channel_config_changed()
        return result

    def _notify_channel_config_changed(self):
        """Let the job runner read the channels again, once this is committed."""
        self.env.cr.execute("SELECT pg_notify('queue_job', %s)", (RELOAD,))

    # ------------------------------------------------------------
    # ACTIONS
    # ------------------------------------------------------------

    def action_pause(self):
        """Start no further job in these channels."""
        self.write({"paused": True})
        return True

    def action_resume(self):
        """Start jobs again, also where odoo.conf says that the channel is paused."""
        runner = self.env["queue.job.runner"].sudo()._get_latest()
        for channel in self:
            vals = {"paused": False}
            base = runner._get_spec(channel.complete_name, "base")
            if base and base.paused and not channel.capacity:
                # Only a channel with a capacity of its own is free of odoo.conf.
                vals["capacity"] = base.capacity
            elif not channel.paused:
                raise UserError(
                    self.env._(
                        "%s is not paused here. It starts jobs again once the "
                        "database that paused it resumes it.",
                        channel.complete_name,
                    )
                )
            channel.write(vals)
        return True

    def action_follow_conf(self):
        """Take back all that is set here: odoo.conf decides again."""
        self.write(
            {"capacity": False, "sequential": False, "throttle": 0, "paused": False}
        )
        return True

    def action_open_jobs(self):
        """The jobs of this channel, and of those below it, that are not over."""
        self.ensure_one()
        action = self.env["ir.actions.act_window"]._for_xml_id(
            "queue_job.action_queue_job"
        )
        states = self.env.context.get("queue_job__states", [PENDING, ENQUEUED, STARTED])
        domain = [("state", "in", states), *self._get_jobs_domain()]
        action.update(domain=domain, context={})
        return action

    def _get_jobs_domain(self):
        """The jobs of this channel, and of those below it."""
        if not self.parent_id:
            return []
        names = names_of(self.complete_name)
        # An underscore would stand for any letter.
        escaped = [name.replace("\\", r"\\").replace("_", r"\_") for name in names]
        below = [("channel", "=like", f"{name}.%") for name in escaped]
        return ["|", "|", ("channel", "in", names), *below]
