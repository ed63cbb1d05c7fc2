# Copyright 2026 The ai_queue contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
from datetime import timedelta

from odoo import api, fields, models
from odoo.tools import SQL

from odoo.addons.queue_job.jobrunner.runner import PG_ADVISORY_LOCK_ID

from ..durations import describe_duration
from ..jobrunner.channel_rules import Spec, full_name
from ..jobrunner.live_channels import HOST_RELOADS

# A runner shows up at least every ten seconds: three signs of life were missed.
SILENT_SECONDS = 30


class QueueJobRunner(models.Model):
    """The job runner as it was last seen: one row for each of its processes.

    Written by the runner itself (see ``jobrunner/heartbeat.py``), by nobody else.
    """

    _name = "queue.job.runner"
    _description = "Job Runner"
    _order = "date_seen desc, id desc"

    name = fields.Char(string="Computer", required=True, readonly=True)
    pid = fields.Integer(string="Process", required=True, readonly=True)
    date_started = fields.Datetime(string="Started", readonly=True)
    date_seen = fields.Datetime(string="Last Seen", readonly=True)
    database_count = fields.Integer(string="Databases", readonly=True)
    origin = fields.Selection(
        [
            ("environment", "Environment variable ODOO_QUEUE_JOB_CHANNELS"),
            ("file", "odoo.conf"),
            ("default", "Default of queue_job"),
        ],
        string="Channels From",
        readonly=True,
        help="Where the runner took its channels from at the start.",
    )
    channels = fields.Json(
        readonly=True, help="The tree of channels as it works (see heartbeat.py)."
    )
    server = fields.Json(
        readonly=True, help="Its options, as ``Server`` of checkup/facts.py has them."
    )
    notifications = fields.Selection(
        [("arrive", "Arrive"), ("lost", "Do not arrive")],
        readonly=True,
        help="Whether notifications of this database reach the runner (see echo.py).",
    )
    is_standby = fields.Boolean(
        string="Stands By",
        readonly=True,
        help="Another one works; this one takes over within ten seconds of its end.",
    )
    is_alive = fields.Boolean(string="Alive", compute="_compute_is_alive")

    _process_uniq = models.UniqueIndex("(name, pid)")
    _date_seen_idx = models.Index("(date_seen)")

    @api.depends("date_seen")
    def _compute_is_alive(self):
        since = fields.Datetime.now() - timedelta(seconds=SILENT_SECONDS)
        for runner in self:
            runner.is_alive = bool(runner.date_seen and runner.date_seen >= since)

    # ------------------------------------------------------------
    # WHAT IS KNOWN OF THE RUNNER
    # ------------------------------------------------------------

    @api.model
    def _get_latest(self):
        """The runner that worked last; empty before there was any."""
        return self.search([("is_standby", "=", False)], limit=1)

    @api.model
    def _get_standby(self):
        """The runners that would take over; each is the only one of its server."""
        since = fields.Datetime.now() - timedelta(seconds=SILENT_SECONDS)
        return self.search([("is_standby", "=", True), ("date_seen", ">=", since)])

    def _get_spec(self, channel_name, source):
        """What the runner said of a channel.

        :param str channel_name: full name
        :param str source: "spec" as it works, "base" by odoo.conf or the environment,
            "others" by the other databases of the runner together
        :return: a ``Spec``; None where there is none
        """
        values = (self.channels or {}).get(channel_name, {}).get(source)
        return Spec.of(*values) if values else None

    @api.model
    def _get_problem(self):
        """Why nothing would be processed now: one of these words, False if all is well.

        ``never``: no runner was ever seen; ``foreign``: one works that this addon does
        not reach; ``stalled``: it has its connection but gives no sign of life;
        ``silent``: it is gone; ``deaf``: it works, but does not hear of new jobs.
        """
        latest = self._get_latest()
        if latest.is_alive:
            return "deaf" if latest.notifications == "lost" else False
        held_since = self._get_lock_date()
        if HOST_RELOADS:
            return False if held_since else "silent"
        now = fields.Datetime.now()
        if not held_since or now - held_since < timedelta(seconds=SILENT_SECONDS):
            return "silent" if latest else "never"
        if latest and held_since <= latest.date_seen:
            return "stalled"
        return "foreign"

    @api.model
    def _is_processing(self):
        """Whether jobs are processed, also by a runner that this addon does not
        reach."""
        return self._get_problem() in (False, "foreign")

    @api.model
    def _get_lock_date(self):
        """Since when a job runner is connected to this database; None without one.

        A connected runner holds queue_job's advisory lock, even if others wait for it.
        In whole seconds, as ``date_seen``, which may be of the very same second.
        """
        self.env.cr.execute(
            SQL(
                """
                SELECT date_trunc('second', activity.backend_start AT TIME ZONE 'UTC')
                  FROM pg_locks AS held
                  JOIN pg_stat_activity AS activity ON activity.pid = held.pid
                 WHERE held.locktype = 'advisory' AND held.granted
                   AND activity.datname = current_database()
                   AND held.classid::bigint = %(high)s
                   AND held.objid::bigint = %(low)s
                 ORDER BY 1
                 LIMIT 1
                """,
                high=PG_ADVISORY_LOCK_ID >> 32,
                low=PG_ADVISORY_LOCK_ID & 0xFFFFFFFF,
            )
        )
        row = self.env.cr.fetchone()
        return row and row[0]

    @api.model
    def _describe_problem(self):
        """A sentence on why nothing is processed, and what to do; False if all is well.

        For everyone who waits for a job: it tells nothing that is not theirs to know.
        """
        problem = self._get_problem()
        if not problem:
            return False
        if problem == "never":
            return self.env._(
                "No job runner has reported yet: nothing is processed. Add queue_job "
                "and queue_job_operations to server_wide_modules in odoo.conf, give "
                "root a capacity of at least 1 in its section [queue_job], and "
                "restart Odoo."
            )
        if problem == "foreign":
            return self.env._(
                "The job runner was started without queue_job_operations: jobs are "
                "processed, but changes to channels do not reach it. Add "
                "queue_job_operations after queue_job to server_wide_modules in "
                "odoo.conf, and restart Odoo."
            )
        if problem == "deaf":
            return self.env._(
                "Notifications of the database do not reach the job runner: new jobs "
                "do not start. A connection pooler such as pgbouncer in transaction "
                "mode causes this. Connect the job runner directly to PostgreSQL: set "
                "jobrunner_db_host and jobrunner_db_port in the section [queue_job] of "
                "odoo.conf, and restart Odoo. Nothing is lost."
            )
        ago = self._describe_silence()
        if problem == "stalled":
            return self.env._(
                "The job runner is connected but has been silent for %s: nothing new "
                "starts. If it does not recover, restart the Odoo server that runs "
                "the jobs. Nothing is lost.",
                ago,
            )
        return self.env._(
            "No job runner has reported for %s: nothing is processed. Restart the "
            "Odoo server that runs the jobs. Nothing is lost: waiting jobs go on by "
            "themselves.",
            ago,
        )

    def _describe_silence(self):
        """How long ago the last sign of life was, in words."""
        seen = self._get_latest().date_seen
        if not seen:
            return self.env._("a while")
        silence = (fields.Datetime.now() - seen).total_seconds()
        return describe_duration(self.env, max(silence, 1.0))

    @api.model
    def _describe_held(self, names_of):
        """Why jobs that wait are not started.

        :param dict names_of: {anything: names of the channels in which its jobs wait}
        :return: {the same: sentence}; none for those that nothing holds up
        """
        if not names_of:
            return {}
        if not self._is_processing():
            return dict.fromkeys(names_of, self._describe_problem())
        held = {key: self._describe_stopped(names) for key, names in names_of.items()}
        return {key: sentence for key, sentence in held.items() if sentence}

    def _describe_stopped(self, names):
        """A sentence when all of these channels are stopped; else False."""
        names = {full_name(name) for name in names}
        if not names:
            return False
        channels = self.env["queue.job.channel"].search(
            [("complete_name", "in", list(names))]
        )
        stopped = channels.filtered("effective_paused")
        if len(stopped) < len(names):
            return False
        return self.env._(
            "The channel %s is paused: no further job starts. A manager of the job "
            "queue can resume it in the list of channels.",
            ", ".join(stopped.mapped("complete_name")),
        )

    @api.model
    def _describe_sharing(self):
        """A sentence where other databases share the runner; else False."""
        latest = self._get_latest()
        others = latest.database_count - 1
        if others < 1:
            return False
        return self.env._(
            "The job runner also serves other databases (%s), which share its "
            "channels: the lowest capacity set by any of them applies, and a pause "
            "applies to all.",
            others,
        )

    def _get_server_name(self):
        """Computer and port, as one computer may have several servers."""
        port = (self.server or {}).get("http_port")
        return f"{self.name}:{port}" if port else self.name

    @api.model
    def _describe_servers(self):
        """A sentence that names the servers, where there are several; else False."""
        standby = self._get_standby()
        if not standby:
            return False
        return self.env._(
            "The job runner of %(server)s is running; ready to take over: %(others)s.",
            server=self._get_latest()._get_server_name(),
            others=", ".join(sorted(each._get_server_name() for each in standby)),
        )

    @api.model
    def get_status(self):
        """What the screen of channels says above its list.

        :return: {"problem": sentence or False, "sharing": sentence or False}
        """
        self.check_access("read")
        return {
            "problem": self._describe_problem(),
            "sharing": self._describe_sharing(),
        }
