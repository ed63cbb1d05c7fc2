# Copyright 2026 The ai_queue contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
import time
from datetime import timedelta

from odoo import api, fields, models
from odoo.http import request
from odoo.tools import SQL, config

from odoo.addons.queue_job.job import ENQUEUED, PENDING, STARTED
from odoo.addons.queue_job.jobrunner.channels import ChannelManager
from odoo.addons.queue_job.jobrunner.runner import _channels

from ..checkup import figures, rules, server
from ..checkup.facts import SEVERITIES, Channel, Facts, Server, worst
from ..checkup.probe import probe
from .queue_job_hour_left import RUN_TIME
from .queue_job_runner import SILENT_SECONDS

# Someone who was here within these days counts as a person who uses Odoo.
PEOPLE_DAYS = 7
LONGEST_DAYS = 1
# A scheduled action that is overdue for this long does not run.
LATE_MINUTES = 10
# Two runners that are both older than this did not just relieve each other.
RELIEF_SECONDS = 60
# What pages have shown of the server that runs jobs: that people have another one, or
# that it serves them. Each is followed by what tells that server from others.
APART = "queue_job_operations.jobs_apart"
OWN, SHARED = "own", "shared"


class QueueJobCheckup(models.AbstractModel):
    """Whether this database and its servers are set up to run jobs.

    The one owner of what is found: settings, command, health probe and alerts all ask
    here. What is known is gathered here, ``_get_rules`` judge it, and
    ``_say_<key>`` (see ``queue_job_checkup_words.py``) puts it into words.
    """

    _name = "queue.job.checkup"
    _description = "Check-up of the Job Queue"

    # ------------------------------------------------------------
    # FINDINGS
    # ------------------------------------------------------------

    @api.model
    def _get_verdicts(self, quick=False, probes=None, serving=True):
        """Look at everything.

        :param bool quick: only what costs next to nothing, for probes and crons
        :param probes: ``checkup.facts.Probes``, where somebody had them made
        :param bool serving: False in a process that is no server, but a command
        :return: list of ``checkup.facts.Verdict``
        """
        return self._look(quick, probes, serving)[1]

    @api.model
    def _look(self, quick=False, probes=None, serving=True):
        """As ``_check``, with what it was found from.

        :return: (``checkup.facts.Facts``, list of ``checkup.facts.Verdict``)
        """
        facts = self._get_facts(quick, probes, serving)
        return facts, rules.check(facts, self._get_rules())

    @api.model
    def _get_rules(self):
        """The rules of the check-up: functions of ``Facts``.

        Hook for addons that know more: what their rules look at is ``extra`` of the
        facts (see ``_get_extra``), and ``_say_<key>`` puts their verdicts into words.
        """
        return list(rules.RULES)

    @api.model
    def _get_extra(self, quick=False):
        """For ``Facts.extra``: what the rules of other addons look at.

        :param bool quick: only what costs next to nothing
        """
        return {}

    @api.model
    def _get_slowest(self):
        """For ``Facts.slowest``: the longest time that work may need, in seconds."""
        return 0.0

    @api.model
    def _get_needed_modules(self):
        """The modules that ``server_wide_modules`` of odoo.conf must name, in order."""
        return ("queue_job", "queue_job_operations")

    @api.model
    def _probe(self, serving=True):
        """Try what can only be known by trying (a few seconds at most).

        :return: ``checkup.facts.Probes``
        """
        here = self._get_servers(serving)[0]
        params = self.env["ir.config_parameter"].sudo()
        base_url = params.get_param("web.base.url", "").rstrip("/")
        return probe(here, base_url, self.env.cr.dbname)

    @api.model
    def _describe(self, verdicts):
        """Put verdicts into words, the worst first.

        :return: list of {"key", "subject", "case", "severity", "what", "why", "line":
            strings; "values": {…}}
        """
        ordered = sorted(
            verdicts, key=lambda each: SEVERITIES.index(each.severity), reverse=True
        )
        return [self._describe_one(verdict) for verdict in ordered]

    def _describe_one(self, verdict):
        say = getattr(self, f"_say_{verdict.key}")
        what, why, line = say(verdict.case, verdict.values)
        return {
            "key": verdict.key,
            "subject": verdict.subject,
            "case": verdict.case,
            "severity": verdict.severity,
            "what": what,
            "why": why,
            "line": line,
            "values": verdict.values,
        }

    @api.model
    def _report(self):
        """Everything at once, for a command.

        :return: {"database", "severity", "server": options of the server that runs the
            jobs, "findings": as of ``_describe``, "recommended": list of {"key", "now",
            "recommended"}}; fit for JSON
        """
        facts, verdicts = self._look(probes=self._probe(serving=False), serving=False)
        return {
            "database": self.env.cr.dbname,
            "severity": worst(verdicts),
            "server": facts.server.to_json(),
            "findings": self._describe(verdicts),
            "recommended": [each._asdict() for each in self._recommend(facts)],
        }

    @api.model
    def _recommend(self, facts):
        """The figures for the server of these facts: ``checkup.figures.Figure`` each"""
        channels = self.env["queue.job.channel"]._get_recommended
        return figures.recommend(facts, channels)

    # ------------------------------------------------------------
    # FACTS
    # ------------------------------------------------------------

    def _get_facts(self, quick=False, probes=None, serving=True):
        """What is known, whoever asks: none of it belongs to a company or a person."""
        # The doors check who may know: see check_manager and the token of probes.
        self = self.sudo()
        here, jobs = self._get_servers(serving)
        runners = self.env["queue.job.runner"]
        latest = runners._get_latest()
        facts = {
            "here": here,
            "jobs": jobs,
            "is_shared": self._is_shared(here, jobs, serving),
            "runner": runners._get_problem() or "",
            "runners": self._count_runners(),
            "standby": self._get_standby(),
            "databases": latest.database_count or 1,
            "missing": self._get_missing_databases(),
            "root": self._get_root(jobs),
            "channels": self._get_channels(latest),
            "slowest": self._get_slowest(),
            "needed": self._get_needed_modules(),
            "extra": self._get_extra(quick),
            "crons_late": self._is_cron_late(),
            **self._get_postgresql(),
        }
        if not quick:
            facts.update(
                people=self._count_people(),
                longest=self._get_longest(),
                unknown=self._get_unknown_channels(latest),
                silent_targets=self._get_silent_targets(),
                forwarded=self._is_forwarded() if serving else None,
            )
        facts["recommended"] = self.env["queue.job.channel"]._get_recommended(
            facts["root"] or 4
        )
        return Facts(probes=probes, **facts)

    def _get_missing_databases(self):
        """Names in ``db_name`` of no database.

        Where a pooler gives names of its own, as to this one, nothing can be said.
        """
        self.env.cr.execute("SELECT datname FROM pg_database")
        there = {name for (name,) in self.env.cr.fetchall()}
        if self.env.cr.dbname not in there:
            return ()
        return tuple(name for name in config["db_name"] if name not in there)

    def _get_servers(self, serving):
        """The server that looks, and the one that runs the jobs: (``Server``,
        ``Server`` or None).

        A command is none of them: it looks at the one that works, or else at the
        configuration file that it was given.
        """
        latest = self.env["queue.job.runner"].sudo()._get_latest()
        jobs = Server.of(latest.server) if serving or latest.is_alive else None
        own = server.describe()
        if serving or not jobs or jobs.host != own.host:
            return own, jobs
        return jobs, jobs

    def _is_shared(self, here, jobs, serving):
        """Whether people are served by the processes that run the jobs; None where
        nobody has seen it.

        Not so when a page is served by another server, or was, when an administrator
        looked; or when servers on other computers are connected to the database. It is
        so when a page is served by this one, or was, and none by another.
        """
        seen = self._get_seen(here, jobs, serving)
        if seen != OWN and self._count_hosts() > 1:
            return False
        return {OWN: False, SHARED: True}.get(seen)

    def _get_seen(self, here, jobs, serving):
        """What pages have shown of the server that runs the jobs: ``OWN``, ``SHARED``,
        or "".

        This page counts, too. What was seen of a page elsewhere holds: an administrator
        may well look at the server of the jobs itself.
        """
        if not jobs:
            # The server that looks is the only one that is known.
            return SHARED if serving and _is_page() else ""
        noted = self.env["ir.config_parameter"].sudo().get_param(APART) or ""
        noted, _space, name = noted.partition(" ")
        if name != _name(jobs):
            noted = ""
        if serving and _is_page():
            if not jobs.is_at(here):
                return OWN
            return noted or SHARED
        return noted

    @api.model
    def _note_apart(self):
        """Remember whether the server of this page is the one that runs the jobs:
        commands and scheduled actions are served by none of them, and cannot see it."""
        here, jobs = self._get_servers(serving=True)
        if not (jobs and _is_page()):
            return
        params = self.env["ir.config_parameter"].sudo()
        seen = f"{self._get_seen(here, jobs, serving=True)} {_name(jobs)}"
        if params.get_param(APART) != seen:
            params.set_param(APART, seen)

    def _count_hosts(self):
        """Computers with an Odoo server that is connected to this database.

        Odoo names its connections after its processes. A shell is a single one, and
        says nothing of where people are served.
        """
        self.env.cr.execute(
            SQL(
                """
                SELECT count(*) FROM (
                    SELECT FROM pg_stat_activity
                     WHERE datname = current_database() AND pid <> pg_backend_pid()
                       AND application_name LIKE 'odoo-%%'
                     GROUP BY coalesce(client_addr, '127.0.0.1')
                    HAVING count(DISTINCT application_name) > 1) AS host
                """
            )
        )
        return self.env.cr.fetchone()[0]

    def _count_runners(self):
        now = fields.Datetime.now()
        return self.env["queue.job.runner"].search_count(
            [
                ("date_seen", ">=", now - timedelta(seconds=SILENT_SECONDS)),
                ("date_started", "<=", now - timedelta(seconds=RELIEF_SECONDS)),
                ("is_standby", "=", False),
            ]
        )

    def _get_standby(self):
        """{name: ``Server``} of those that would take over the jobs."""
        found = {}
        for runner in self.env["queue.job.runner"]._get_standby():
            if noted := Server.of(runner.server):
                found[runner._get_server_name()] = noted
        return found

    def _get_root(self, jobs):
        root = self.env.ref("queue_job.channel_root").effective_capacity
        if jobs and root:
            return root
        # Nobody was seen yet: what this configuration would start with.
        for channel in ChannelManager.parse_simple_config(_channels()):
            if channel["name"] == "root":
                return channel.get("capacity") or 0
        return root

    def _get_channels(self, latest):
        return tuple(
            Channel(
                channel.complete_name,
                channel.capacity
                or (latest._get_spec(channel.complete_name, "spec") or channel).capacity
                or 0,
            )
            for channel in self.env["queue.job.channel"]._get_ours()
        )

    def _is_cron_late(self):
        cron = self.env.ref(
            "queue_job_operations.ir_cron_alerts", raise_if_not_found=False
        )
        due = fields.Datetime.now() - timedelta(minutes=LATE_MINUTES)
        return bool(cron and cron.active and cron.nextcall < due)

    def _is_forwarded(self):
        if not request:
            return None
        headers = request.httprequest.headers
        return "X-Forwarded-For" in headers or "X-Forwarded-Host" in headers

    # ------------------------------------------------------------
    # FACTS, of the database
    # ------------------------------------------------------------

    def _get_postgresql(self):
        self.env.cr.execute(
            SQL(
                """
                SELECT current_setting('max_connections')::int
                       - current_setting('superuser_reserved_connections')::int,
                       (SELECT coalesce(sum(numbackends), 0)::int
                          FROM pg_stat_database),
                       (SELECT setting::float / 1000 FROM pg_settings
                         WHERE name = 'idle_in_transaction_session_timeout'),
                       (SELECT tgenabled FROM pg_trigger
                         WHERE tgrelid = 'queue_job'::regclass
                           AND tgname = 'queue_job_notify'),
                       extract(epoch FROM clock_timestamp())::float
                """
            )
        )
        connections, used, idle, trigger, clock = self.env.cr.fetchone()
        return {
            "connections": connections,
            "connections_used": used,
            "idle_timeout": idle,
            "trigger": trigger or "",
            "clock": clock - time.clock_gettime(time.CLOCK_REALTIME),
        }

    def _count_people(self):
        """Internal users who logged in, or had Odoo open, within the last days."""
        self.env["res.users"].flush_model(["active", "share"])
        self.env.cr.execute(
            SQL(
                """
                SELECT count(*) FROM res_users AS person
                 WHERE active AND NOT share AND id > 1
                   AND (EXISTS (SELECT FROM res_users_log
                                 WHERE create_uid = person.id AND create_date >= %(d)s)
                        OR EXISTS (SELECT FROM mail_presence
                                    WHERE user_id = person.id
                                      AND last_presence >= %(d)s))
                """,
                d=fields.Datetime.now() - timedelta(days=PEOPLE_DAYS),
            )
        )
        return self.env.cr.fetchone()[0]

    def _get_longest(self):
        """The longest of the jobs that ended lately, in seconds."""
        self.env["queue.job"].flush_model(["state", "date_done", "exec_time"])
        self.env.cr.execute(
            SQL(
                "SELECT coalesce(max(%s), 0) FROM queue_job "
                "WHERE state = 'done' AND date_done >= %s",
                RUN_TIME,
                fields.Datetime.now() - timedelta(days=LONGEST_DAYS),
            )
        )
        return self.env.cr.fetchone()[0]

    def _get_silent_targets(self):
        """The names of the targets of alerts that something keeps from notifying."""
        targets = self.env["queue.job.alert.target"].search([("active", "=", True)])
        return tuple(targets.filtered("problem").mapped("name"))

    def _get_unknown_channels(self, latest):
        """Channels in which jobs wait and which the runner does not know; None while
        nobody can say.

        From one value of the index to the next: there may be a million jobs.
        """
        if not latest.is_alive or not latest.channels:
            return None
        self.env["queue.job"].flush_model(["state", "channel"])
        known = [*latest.channels]
        known += [name.removeprefix("root.") for name in known]
        self.env.cr.execute(
            SQL(
                """
                WITH RECURSIVE name(channel) AS (
                    SELECT min(channel) FROM queue_job
                     UNION ALL
                    SELECT (SELECT min(channel) FROM queue_job
                             WHERE channel > name.channel)
                      FROM name WHERE name.channel IS NOT NULL
                )
                SELECT channel FROM name
                 WHERE channel IS NOT NULL AND NOT channel = ANY(%s)
                   AND EXISTS (SELECT FROM queue_job AS job
                                WHERE job.channel = name.channel AND state IN %s)
                 ORDER BY channel
                """,
                known,
                (PENDING, ENQUEUED, STARTED),
            )
        )
        return tuple(name for (name,) in self.env.cr.fetchall())


def _name(server):
    """What tells a server from others, and stays when its container is made anew."""
    return f"{server.http_port}/{server.workers}"


def _is_page():
    """Whether this is done for somebody who is logged in, and not for a probe."""
    return bool(request and request.session.uid)
