# Copyright 2026 The ai_queue contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
import json
import os
from dataclasses import replace
from datetime import datetime, timedelta
from types import SimpleNamespace
from unittest.mock import patch

from odoo.exceptions import AccessError
from odoo.tests import Form, JsonRpcException, tagged
from odoo.tools import config, mute_logger

from ..checkup import server
from ..checkup.facts import DANGER, OK, Channel, Probes
from ..checkup.rules import check
from ..controllers import token
from ..jobrunner.channel_rules import Spec
from ..models import queue_job_checkup
from .common import NOW, QueueJobCommon, QueueJobHttpCommon
from .common_channel import ChannelMixin
from .common_checkup import EXAMPLE, GOOD

NOW = datetime.fromisoformat(NOW)
SECRET = "never-to-be-seen"
THREADS = replace(EXAMPLE, workers=0)
#: between them they make every rule say everything that it can say
WRONG = (
    {"runner": "never"},
    {"runner": "silent"},
    {"runner": "stalled"},
    {"runner": "foreign"},
    {"jobs": replace(EXAMPLE, modules=("web",))},
    {"jobs": replace(EXAMPLE, modules=("web",)), "runner": "never"},
    {"runners": 2, "databases": 2},
    {"here": THREADS, "jobs": THREADS},
    {"missing": ("dropped",)},
    {"root": 6},
    {"root": 6, "is_shared": None},
    {"root": 5},
    {"jobs": replace(EXAMPLE, host="jobs", workers=3), "is_shared": False},
    {"jobs": replace(EXAMPLE, workers=4), "is_shared": False},
    {"jobs": replace(EXAMPLE, workers=64)},
    {"channels": (Channel("root.bills"),)},
    {"unknown": ("root.odd",)},
    {"jobs": replace(EXAMPLE, limit_time_real=0, limit_time_cpu=0)},
    {"longest": 1100.0},
    {"here": THREADS, "jobs": replace(THREADS, limit_time_real=0)},
    {"crons_late": True},
    {"silent_targets": ("On call",)},
    {"jobs": replace(EXAMPLE, limit_time_real_cron=9)},
    {"jobs": replace(EXAMPLE, limit_memory_hard=1)},
    {"jobs": replace(EXAMPLE, memory=1)},
    {"jobs": replace(EXAMPLE, db_maxconn=1), "connections": 9},
    {"connections_used": 99, "idle_timeout": 9.0, "trigger": ""},
    {"trigger": "D"},
    {"probes": Probes(gevent=False, runjob=True)},
    {"probes": Probes(websocket=False, runjob=None)},
    {"probes": Probes(websocket=None)},
    {"here": replace(EXAMPLE, proxy_mode=False)},
    {"forwarded": False},
)
#: there is nothing to change in a file, but a server to start
WITHOUT_LINE = {("runner", "silent"), ("runner", "stalled")}


def _get_needed(_checkup):
    return GOOD.needed


@tagged("post_install", "-at_install")
class TestCheckup(ChannelMixin, QueueJobCommon):
    """What is found out about this database, and in which words."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.set_up_channels()
        cls.checkup = cls.env["queue.job.checkup"]
        # Whatever channels and needs this database has by itself and by other addons.
        ids = (cls.root | cls.bills | cls.off).ids
        channels = cls.registry["queue.job.channel"]
        for model, name, answer in (
            (channels, "_get_ours", lambda channels: channels.browse(ids)),
            (
                channels,
                "_get_recommended",
                lambda channels, root: {"root": root, "root.bills": max(1, root // 2)},
            ),
            (cls.registry["queue.job.checkup"], "_get_needed_modules", _get_needed),
        ):
            cls.startClassPatcher(patch.object(model, name, answer))
        cls.see()

    @classmethod
    def see(cls, server=EXAMPLE, **vals):
        """The job runner is there, and tells of its server."""
        tree = {
            name: {"spec": Spec(capacity), "base": Spec(capacity)}
            for name, capacity in (
                ("root", 4),
                ("root.bills", 2),
                ("root.off", 3),
            )
        }
        vals = {"date_seen": NOW, "server": server.to_json(), **vals}
        cls.report(tree, **vals)

    def look(self, **kwargs):
        """{key: verdict}"""
        self.env.flush_all()
        found = self.checkup._get_verdicts(**kwargs)
        return {verdict.key: verdict for verdict in found}

    def facts(self, **kwargs):
        self.env.flush_all()
        return self.checkup._get_facts(**kwargs)

    # ------------------------------------------------------------
    # FACTS
    # ------------------------------------------------------------

    def test_the_server_that_runs_the_jobs_is_judged(self):
        self.assertEqual(self.facts().server, EXAMPLE)
        self.assertEqual(self.look()["workers"].values["workers"], 6)

    def test_databases_that_are_not_there_are_told(self):
        here = self.env.cr.dbname
        with patch.dict(config.options, db_name=[here, "dropped"]):
            self.assertEqual(self.facts().missing, ("dropped",))
        with patch.dict(config.options, db_name=[here]):
            self.assertEqual(self.facts().missing, ())

    def test_this_process_tells_what_it_is(self):
        here = self.facts().here
        self.assertEqual(here, server.describe())
        self.assertGreaterEqual(here.cpus, 1)
        self.assertGreater(here.memory, 1 << 20)
        self.assertIn("base", here.modules)

    def test_a_container_has_what_it_was_given(self):
        given = {"cpu.max": "150000 100000", "memory.max": "1073741824"}
        unbounded = {"cpu.max": "max 100000", "memory.max": "max"}
        with patch.object(server, "_read", lambda path: unbounded[path.name]):
            cpus, memory = server.count_cpus(), server.measure_memory()
        with patch.object(server, "_read", lambda path: given[path.name]):
            self.assertEqual(server.count_cpus(), min(2, cpus))
            self.assertEqual(server.measure_memory(), min(1 << 30, memory))

    def test_a_system_that_tells_less_is_no_reason_to_stumble(self):
        self.startPatcher(patch.object(server, "os", SimpleNamespace(cpu_count=int)))
        self.assertEqual(server.count_cpus(), 1)
        self.assertEqual(server.measure_memory(), 0)

    def test_a_command_looks_at_the_server_that_works(self):
        local = replace(EXAMPLE, host=server.describe().host)
        self.see(local)
        facts = self.facts(serving=False)
        self.assertEqual((facts.here, facts.jobs), (local, local))

    def test_a_command_looks_at_its_configuration_when_none_works(self):
        self.see(date_seen=NOW - timedelta(hours=1))
        facts = self.facts(serving=False)
        self.assertEqual((facts.server, facts.jobs), (server.describe(), None))
        self.assertEqual(self.facts().jobs, EXAMPLE)

    def is_shared(self, user=None, note=False):
        """What is found by a page of a user, or by a scheduled action."""
        request = user and SimpleNamespace(session=SimpleNamespace(uid=user.id))
        with patch.object(queue_job_checkup, "request", request):
            if note:
                self.checkup._note_apart()
            return self.facts(quick=True).is_shared

    def test_a_page_of_another_server_shows_that_the_jobs_have_their_own(self):
        here = server.describe()
        apart = replace(here, host="jobs", workers=4)
        self.see(apart)
        self.assertIsNone(self.is_shared())
        self.assertIs(self.is_shared(self.manager), False)
        self.assertIsNone(self.is_shared(), "nothing was noted")
        self.is_shared(self.manager, note=True)
        # What was shown once is known to commands and scheduled actions as well.
        self.assertIs(self.is_shared(), False)
        self.assertIs(self.facts(serving=False).is_shared, False)
        self.assertEqual(self.facts(serving=False).server, apart)
        # The container was made anew; and an administrator looks at it itself.
        self.see(replace(apart, host="jobs-2"))
        self.assertIs(self.is_shared(), False)
        self.see(replace(apart, host=here.host))
        self.assertIs(self.is_shared(self.manager, note=True), False)
        self.assertIs(self.is_shared(), False)
        # Of another server nothing is known.
        self.see(replace(apart, workers=5))
        self.assertIsNone(self.is_shared())

    def test_a_page_of_the_server_of_the_jobs_shows_that_people_use_it(self):
        here = replace(server.describe(), workers=4)
        self.see(here)
        self.assertIsNone(self.is_shared())
        self.assertIs(self.is_shared(self.manager, note=True), True)
        self.assertIs(self.is_shared(), True)
        self.see(replace(here, host="jobs"))
        self.assertIs(self.is_shared(self.manager, note=True), False)
        self.assertIs(self.is_shared(), False)

    def test_a_probe_is_no_page(self):
        here = server.describe()
        nobody = self.env["res.users"]
        for jobs in (here, replace(here, host="jobs")):
            self.see(jobs)
            self.assertIsNone(self.is_shared(nobody.browse([False]), note=True))
            self.assertIsNone(self.is_shared())

    def test_servers_on_other_computers(self):
        self.see()
        count = patch.object(type(self.checkup), "_count_hosts", lambda self: 2)
        with count:
            self.assertIs(self.is_shared(), False)
        self.assertLessEqual(self.checkup._count_hosts(), 1)

    def test_a_shell_elsewhere_is_no_server(self):
        rows = (
            ("10.0.0.1", "odoo-1"),
            ("10.0.0.1", "odoo-2"),
            (None, "odoo-3"),
            ("127.0.0.1", "odoo-4"),
        )
        for more, count in (
            ((), 2),
            ((("10.0.0.9", "odoo-1"), ("10.0.0.9", "odoo-1")), 2),
            ((("10.0.0.9", "odoo-1"), ("10.0.0.9", "odoo-2")), 3),
            ((("10.0.0.9", "psql"), ("10.0.0.9", "odoo-2")), 2),
        ):
            # The session finds it before the view of the system.
            self.env.cr.execute(
                "CREATE TEMPORARY TABLE pg_stat_activity ON COMMIT DROP AS "
                "SELECT datname, pid, application_name, client_addr "
                "FROM pg_catalog.pg_stat_activity LIMIT 0; "
                "SET LOCAL search_path TO pg_temp, public, pg_catalog"
            )
            for address, name in (*rows, *more):
                self.env.cr.execute(
                    "INSERT INTO pg_stat_activity "
                    "VALUES (current_database(), 0, %s, %s)",
                    (name, address),
                )
            self.assertEqual(self.checkup._count_hosts(), count, more)
            self.env.cr.execute(
                "DROP TABLE pg_temp.pg_stat_activity; SET LOCAL search_path TO DEFAULT"
            )

    def test_channels_and_their_limits(self):
        self.assertEqual(
            self.facts().channels,
            (
                Channel("root", 4),
                Channel("root.bills", 2),
                Channel("root.off", 3),
            ),
        )
        self.root.capacity = 6
        self.assertEqual(self.facts().root, 6)
        self.assertEqual(self.facts().channels[0], Channel("root", 6))

    def test_channels_that_jobs_wait_in(self):
        self.env.cr.execute("DELETE FROM queue_job")
        self.assertEqual(self.facts().unknown, ())
        for channel in ("root.bills", "off", "root.odd"):
            self.delay(channel)
        self.assertEqual(self.facts().unknown, ("root.odd",))
        self.env["queue.job"].search([]).button_cancelled()
        self.assertEqual(self.facts().unknown, ())
        self.see(date_seen=NOW - timedelta(hours=1))
        self.assertIsNone(self.facts().unknown)

    def test_the_longest_job_of_the_last_day(self):
        self.env.cr.execute("DELETE FROM queue_job")
        self.assertEqual(self.facts().longest, 0)
        for uuid, hours, seconds in (
            ("a", 1, 50),
            ("b", 2, 70),
            ("c", 30, 900),
            ("by hand", 1, 0),
            ("unknown", 1, None),
        ):
            self.env.cr.execute(
                "INSERT INTO queue_job (uuid, state, date_done, exec_time) "
                "VALUES (%s, 'done', %s, %s)",
                (uuid, NOW - timedelta(hours=hours), seconds),
            )
        self.assertEqual(self.facts().longest, 70)
        self.assertNotIn("longest", self.look(quick=True)["time_real"].case)

    def test_people_who_were_here_lately(self):
        self.env.cr.execute("DELETE FROM res_users_log")
        self.env.cr.execute("DELETE FROM mail_presence")
        self.assertEqual(self.facts().people, 0)
        log = "INSERT INTO res_users_log (create_uid, create_date) VALUES (%s, %s)"
        for user, days in (
            (self.plain_user, 1),
            (self.plain_user, 2),
            (self.manager, 30),
        ):
            self.env.cr.execute(log, (user.id, NOW - timedelta(days=days)))
        self.assertEqual(self.facts().people, 1)
        presence = self.env["mail.presence"]
        presence.create({"user_id": self.manager.id, "last_presence": NOW})
        self.assertEqual(self.facts().people, 2)

    def test_two_runners_that_do_not_relieve_each_other(self):
        started = NOW - timedelta(hours=1)
        self.see(date_started=started)
        vals = {"name": "other", "pid": 2, "date_seen": NOW}
        other = self.env["queue.job.runner"].create({**vals, "date_started": NOW})
        self.assertNotIn("runners", self.look())
        other.date_started = started
        self.assertEqual(self.look()["runners"].severity, DANGER)

    def test_the_trigger(self):
        self.assertEqual(self.look()["trigger"].severity, OK)
        self.env.cr.execute("ALTER TABLE queue_job DISABLE TRIGGER queue_job_notify")
        self.assertEqual(self.look()["trigger"].case, "disabled")
        self.env.cr.execute("DROP TRIGGER queue_job_notify ON queue_job")
        self.assertEqual(self.look()["trigger"].case, "missing")

    def test_the_patience_of_postgresql(self):
        self.assertNotIn("idle_timeout", self.look())
        self.env.cr.execute("SET LOCAL idle_in_transaction_session_timeout = '5min'")
        self.assertEqual(self.look()["idle_timeout"].values, {"seconds": 300})

    def test_scheduled_actions_that_are_late(self):
        cron = self.env.ref("queue_job_operations.ir_cron_alerts")
        cron.nextcall = NOW
        self.assertEqual(self.look()["crons"].severity, OK)
        cron.nextcall = NOW - timedelta(minutes=11)
        self.assertEqual(self.look()["crons"].case, "late")
        cron.active = False
        self.assertEqual(self.look()["crons"].severity, OK)

    # ------------------------------------------------------------
    # WORDS
    # ------------------------------------------------------------

    def test_every_finding_says_what_why_and_the_line(self):
        said = set()
        for changes in ({}, *WRONG):
            verdicts = check(replace(GOOD, **changes))
            for found in self.checkup._describe(verdicts):
                name = found["key"], found["case"]
                said.add(name)
                self.assertTrue(found["what"], name)
                bad = found["severity"] != OK
                self.assertNotIn("%", found["what"] + found["why"], name)
                if bad and found["key"] != "runner":
                    self.assertTrue(found["why"], name)
                with_line = bad and name not in WITHOUT_LINE
                self.assertEqual(bool(found["line"]), with_line, name)
        self.assertGreaterEqual(len(said), 45)

    def test_the_worst_comes_first(self):
        verdicts = check(replace(GOOD, trigger="", databases=2, crons_late=True))
        severities = [each["severity"] for each in self.checkup._describe(verdicts)]
        self.assertEqual(severities[:4], ["danger", "warning", "advice", "ok"])

    def test_a_line_can_be_put_into_odoo_conf(self):
        found = self.checkup._describe(check(replace(GOOD, root=6)))[0]
        self.assertEqual(
            found["line"],
            "[options]\nworkers = 6\n[queue_job]\nchannels = root:4,root.bills:2",
        )

    def test_the_report_is_for_machines_and_has_no_secret(self):
        self.startPatcher(patch.dict(os.environ, {token.VARIABLE: SECRET}))
        self.env["queue.job.alert.target"].create(
            {
                "name": "Hook",
                "type": "webhook",
                "webhook_url": f"https://hooks.example.com/{SECRET}",
                "webhook_secret": SECRET,
            }
        )
        probes = Probes(gevent=False)
        with patch.object(type(self.checkup), "_probe", lambda *a, **k: probes):
            text = json.dumps(self.checkup._report())
        self.assertNotIn(SECRET, text)
        report = json.loads(text)
        self.assertEqual(report["database"], self.env.cr.dbname)
        self.assertIn("websocket", {each["key"] for each in report["findings"]})
        self.assertEqual(report["recommended"][0]["key"], "workers")

    # ------------------------------------------------------------
    # ALERTS
    # ------------------------------------------------------------

    def test_a_danger_is_an_alert(self):
        rule = self.env.ref("queue_job_operations.queue_job_alert_rule_setup")
        self.see(replace(EXAMPLE, workers=4))
        rule._watch()
        self.assertFalse(rule._evaluate_setup(NOW), "nobody has seen people there")
        here = server.describe()
        here = {"host": here.host, "http_port": here.http_port}
        self.see(replace(EXAMPLE, workers=4, **here))
        self.is_shared(self.manager, note=True)
        rule._watch()
        alert = self.env["queue.job.alert"].search(
            [("rule_id", "=", rule.id), ("state", "!=", "resolved")]
        )
        self.assertEqual(alert.subject, "workers")
        self.assertIn("Jobs may take all workers", alert.name)
        self.assertIn("[options]\nworkers = 6", alert.advice)
        self.see(EXAMPLE)
        rule._watch()
        self.assertEqual(alert.state, "resolved")

    def test_what_has_a_rule_of_its_own_is_told_once(self):
        rule = self.env.ref("queue_job_operations.queue_job_alert_rule_setup")
        self.see(date_seen=NOW - timedelta(hours=1))
        runner = self.registry["queue.job.runner"]
        with patch.object(runner, "_get_problem", lambda self: "silent"):
            self.assertEqual(self.look()["runner"].severity, DANGER)
            self.assertEqual(rule._evaluate_setup(NOW), [])

    # ------------------------------------------------------------
    # SCREENS
    # ------------------------------------------------------------

    def test_the_screen_of_managers(self):
        probes = Probes()
        with patch.object(type(self.checkup), "_probe", lambda *a, **k: probes):
            findings = self.env["queue.job.checkup.finding"].with_user(self.manager)
            action = findings.action_check()
            shown = findings.search(action["domain"])
            verdicts = self.checkup._get_verdicts(probes=probes)
        self.assertEqual(len(shown), len(verdicts))
        self.assertEqual(set(shown.mapped("key")), {each.key for each in verdicts})
        with self.assertRaises(AccessError):
            findings.with_user(self.plain_user).action_check()

    def test_the_settings_show_what_is_not_good(self):
        admin = self.create_user(
            "checkup_admin", f"base.group_system,{self.manager_groups}"
        )
        self.see(replace(EXAMPLE, workers=4))
        settings = self.env["res.config.settings"].with_user(admin)
        stored = self.env["queue.job.checkup.finding"].search_count([])
        shown = settings.new({})
        findings = shown.queue_job_finding_ids
        self.assertEqual(findings[0].key, "workers")
        self.assertNotIn(OK, findings.mapped("severity"))
        self.assertIn("workers", shown.queue_job_figure_ids.mapped("option"))
        self.assertIn("other checks are fine", shown.queue_job_checkup_fine)
        self.assertIn("Server here: 4 processors", shown.queue_job_checkup_server)
        # As the web client asks: what is shown comes with it, and nothing is stored.
        fields = {"key": {}, "what": {}}
        asked = {"queue_job_finding_ids": {"fields": fields}}
        values = settings.onchange({}, [], asked)["value"]
        (_command, _id, first), *_rest = values["queue_job_finding_ids"]
        self.assertEqual(first["key"], "workers")
        after = self.env["queue.job.checkup.finding"].search_count([])
        self.assertEqual(after, stored)

    def test_settings_open_for_administrators_without_the_role(self):
        system = self.create_user("checkup_system", "base.group_system")
        settings = self.env["res.config.settings"].with_user(system)
        with patch.object(type(self.checkup), "_look") as look:
            Form(settings).save()
            look.assert_not_called()


@tagged("post_install", "-at_install")
class TestCheckupRpc(QueueJobHttpCommon):
    """Who may check, as the web client asks."""

    @mute_logger("odoo.http")
    def test_others_may_not(self):
        findings = self.env["queue.job.checkup.finding"]
        self.authenticate("plain", "plain")
        for records, method in (
            (findings, "action_check"),
            (findings, "search_read"),
            (self.env["queue.job.checkup"], "_report"),
        ):
            with self.assertRaisesRegex(JsonRpcException, "AccessError"):
                self.rpc(records, method)

    @mute_logger("odoo.http")
    def test_nobody_writes_findings(self):
        self.authenticate("job_manager", "job_manager")
        finding = self.env["queue.job.checkup.finding"].create({"what": "Bad."})
        with self.assertRaisesRegex(JsonRpcException, "AccessError"):
            self.rpc(finding, "write", {"what": "All is well."})
        self.assertEqual(finding.what, "Bad.")
