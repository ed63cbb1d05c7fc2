# Copyright 2026 The ai_queue contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
from dataclasses import replace

from odoo.tests import BaseCase, tagged

from ..checkup import figures
from ..checkup.facts import ADVICE, DANGER, OK, WARNING, Channel, Probes, Server, worst
from ..checkup.rules import check
from .common_checkup import EXAMPLE, GB, GOOD, RulesMixin


def recommended(capacity):
    """As an addon with one channel recommends it (``_get_recommended``)."""
    return {"root": capacity, "root.bills": max(1, capacity // 2)}


@tagged("post_install", "-at_install")
class TestCheckupRules(RulesMixin, BaseCase):
    """What is said of servers that are made up."""

    def test_the_example_for_production_is_good(self):
        found = check(GOOD)
        self.assertEqual({verdict.severity for verdict in found}, {OK})
        self.assertEqual(len({verdict.key for verdict in found}), len(found))

    def test_the_worst_of_all_is_told(self):
        self.assertEqual(worst([]), OK)
        found = check(replace(GOOD, databases=2, trigger=""))
        self.assertEqual(worst(found), DANGER)

    # ------------------------------------------------------------
    # JOB RUNNER
    # ------------------------------------------------------------

    def test_without_a_job_runner_nothing_works(self):
        for problem in ("never", "silent", "stalled"):
            self.assertEqual(self.say("runner", runner=problem), (DANGER, problem))
        self.assertEqual(self.say("runner"), (OK, ""))

    def test_a_runner_that_does_not_know_us(self):
        found = self.look(runner="foreign")
        self.assertEqual(found["runner"].severity, OK)
        modules = found["modules"]
        self.assertEqual((modules.severity, modules.case), (DANGER, "foreign"))

    def test_all_that_is_needed_is_loaded_at_start(self):
        server = {"modules": ("base", "web", "queue_job")}
        self.assertEqual(self.say("modules", server), (ADVICE, "chance"))
        found = self.look(server, runner="never")["modules"]
        self.assertEqual((found.severity, found.case), (DANGER, "missing"))
        self.assertEqual(found.values["missing"], "queue_job_operations")
        self.assertEqual(
            found.values["modules"], "base,web,queue_job,queue_job_operations"
        )
        needed = ("queue_job", "queue_job_operations", "more")
        found = self.look(needed=needed)["modules"]
        self.assertEqual((found.case, found.values["missing"]), ("chance", "more"))
        self.assertTrue(found.values["modules"].endswith("queue_job_operations,more"))

    def test_a_runner_that_says_nothing_of_its_server_is_not_judged_by_ours(self):
        here = replace(EXAMPLE, modules=())
        self.assertIsNone(self.say("modules", here=here, jobs=None))

    def test_two_runners_at_once(self):
        self.assertEqual(self.say("runners", runners=2), (DANGER, ""))
        self.assertIsNone(self.say("runners", runners=1))
        self.assertIsNone(self.say("runners", runners=0))

    def test_databases_that_share_a_runner(self):
        found = self.look(databases=3)["sharing"]
        self.assertEqual((found.severity, found.values), (ADVICE, {"others": 2}))

    def test_a_database_that_is_not_there(self):
        self.assertIsNone(self.say("databases"))
        found = self.look(missing=("dropped",))["databases"]
        self.assertEqual(
            (found.severity, found.values), (WARNING, {"names": "dropped"})
        )

    def test_clocks_that_differ(self):
        self.assertIsNone(self.say("clock", clock=-2.0))
        found = self.look(clock=-3600.4)["clock"]
        self.assertEqual((found.severity, found.values), (WARNING, {"seconds": 3600}))

    def test_whoever_takes_over_does_the_same(self):
        self.assertIsNone(self.say("standby"))
        same, other = EXAMPLE, replace(EXAMPLE, workers=2)
        self.assertEqual(self.say("standby", standby={"b:8069": same}), (OK, ""))
        found = self.look(standby={"b:8069": other, "c:8069": same})["standby"]
        self.assertEqual((found.severity, found.case), (WARNING, "workers"))
        self.assertEqual((found.subject, found.values["what"]), ("b:8069", 2))
        other = replace(EXAMPLE, modules=("base", "queue_job"))
        found = self.look(standby={"b:8069": other})["standby"]
        self.assertEqual((found.severity, found.case), (WARNING, "modules"))
        self.assertIn("queue_job_operations", found.values["what"])

    # ------------------------------------------------------------
    # WORKERS
    # ------------------------------------------------------------

    def test_one_process_for_all(self):
        self.assertEqual(self.say("workers", {"workers": 0}), (WARNING, "threads"))

    def test_jobs_that_may_take_all_workers(self):
        for workers, root in ((2, 2), (2, 4), (6, 6)):
            server = {"workers": workers}
            found = self.say("workers", server, root=root)
            self.assertEqual(found, (DANGER, "full"))
            # As long as nobody has seen that people use the same server.
            found = self.say("workers", server, root=root, is_shared=None)
            self.assertEqual(found, (WARNING, "unseen"))

    def test_one_worker_serves_six_people(self):
        self.assertEqual(
            self.say("workers", {"workers": 2}, root=1), (WARNING, "people")
        )
        self.assertEqual(
            self.say("workers", {"workers": 2}, root=1, people=6), (OK, "shared")
        )
        for people, verdict in ((12, OK), (13, WARNING), (60, WARNING)):
            found = self.say("workers", people=people)
            self.assertEqual(found[0], verdict, people)

    def test_more_workers_than_processors_bear(self):
        self.assertEqual(self.say("workers", {"workers": 64}), (ADVICE, "many"))
        big = {"workers": 64, "cpus": 32, "memory": 128 * GB}
        self.assertEqual(self.say("workers", big), (OK, "shared"))
        self.assertEqual(
            self.say("workers", big, root=64), (DANGER, "full"), "the rule of root"
        )

    def test_a_server_for_jobs_alone_needs_none_for_people(self):
        jobs = replace(EXAMPLE, host="jobs", workers=4)
        for root, verdict in (
            (3, (OK, "own")),
            (4, (OK, "own")),
            (5, (WARNING, "jobs")),
        ):
            found = self.say("workers", jobs=jobs, is_shared=False, root=root)
            self.assertEqual(found, verdict)

    def test_before_a_runner_was_seen_nobody_knows(self):
        self.assertIsNone(self.say("workers", root=0))
        self.assertIsNone(self.say("channels", root=0))

    # ------------------------------------------------------------
    # CHANNELS
    # ------------------------------------------------------------

    def test_a_channel_without_a_limit(self):
        channels = (Channel("root", 4), Channel("root.bills"), Channel("root.odd"))
        found = self.look(channels=channels)["channels"]
        self.assertEqual((found.severity, found.case), (ADVICE, "open"))
        # What suits the one is known; the other leaves a place to the rest.
        self.assertEqual(found.values["channels"], "root:4,root.bills:2,root.odd:3")
        self.assertEqual(self.say("channels", channels=channels, root=1), (OK, ""))

    def test_the_line_keeps_the_limits_that_hold(self):
        channels = (Channel("root", 4), Channel("root.odd"), Channel("root.bills", 1))
        found = self.look(channels=channels)["channels"]
        self.assertEqual(found.values["channels"], "root:4,root.bills:1,root.odd:3")

    def test_channels_that_the_runner_does_not_know(self):
        found = self.look(unknown=("root.odd", "root.other"))["unknown_channels"]
        self.assertEqual((found.severity, found.case), (WARNING, "unknown"))
        line = "root:4,root.bills:2,root.odd:1,root.other:1"
        self.assertEqual(found.values["channels"], line)
        self.assertIsNone(self.say("unknown_channels", unknown=None))

    # ------------------------------------------------------------
    # TIME AND MEMORY
    # ------------------------------------------------------------

    def test_zero_is_no_limit_for_threads_only(self):
        zero = {"limit_time_real": 0, "limit_time_cpu": 0}
        self.assertEqual(self.say("time_real", zero), (DANGER, "zero"))
        self.assertEqual(self.say("time_cpu", zero), (DANGER, "zero"))
        threads = {**zero, "workers": 0}
        self.assertEqual(self.say("time_real", threads), (OK, "none"))
        self.assertIsNone(self.say("time_cpu", threads))

    def test_what_took_long_yesterday(self):
        server = {"limit_time_real": 400, "limit_time_cpu": 300}
        self.assertEqual(self.say("time_real", server, longest=300), (OK, ""))
        self.assertEqual(self.say("time_real", server, longest=330), (WARNING, "job"))
        self.assertEqual(self.say("time_cpu", server, longest=300), (OK, ""))
        self.assertEqual(self.say("time_cpu", server, longest=301), (ADVICE, "job"))
        longest = self.look(server, longest=2000.0)["time_real"]
        self.assertEqual(longest.values["recommended"], 2520)

    def test_what_an_addon_needs_counts_as_well(self):
        self.assertEqual(
            self.look(slowest=210.0)["time_real"].values["recommended"], 1200
        )
        self.assertEqual(
            self.look(slowest=1270.0)["time_real"].values["recommended"], 1320
        )
        # It is no fault of the server's: whose work it is says that by its own rule.
        self.assertEqual(self.say("time_real", slowest=9000.0), (OK, ""))
        short = self.say("idle_timeout", idle_timeout=1800, slowest=1900.0)
        self.assertEqual(short, (DANGER, "short"))
        self.assertIsNone(self.say("idle_timeout", idle_timeout=1800, slowest=1700.0))

    def test_scheduled_actions(self):
        self.assertEqual(self.say("crons", crons_late=True), (WARNING, "late"))
        self.assertEqual(
            self.say("crons", {"limit_time_real_cron": 30}), (WARNING, "short")
        )
        for limit, real in ((0, 1200), (-1, 1200), (60, 1200)):
            server = {"limit_time_real_cron": limit, "limit_time_real": real}
            self.assertEqual(self.say("crons", server), (OK, ""))
        follows = {"limit_time_real_cron": -1, "limit_time_real": 30}
        self.assertEqual(self.say("crons", follows), (WARNING, "short"))

    def test_memory(self):
        for server, verdict in (
            ({"limit_memory_hard": GB}, (WARNING, "order")),
            ({"memory": 4 * GB}, (ADVICE, "soft")),
            ({"memory": 0}, (OK, "")),
            ({"limit_memory_hard": 0}, (OK, "")),
            ({"limit_memory_soft": 0, "limit_memory_hard": 0}, (OK, "")),
            ({"workers": 0, "memory": 1}, None),
        ):
            self.assertEqual(self.say("memory", server), verdict, server)

    # ------------------------------------------------------------
    # DATABASE
    # ------------------------------------------------------------

    def test_connections_of_a_process(self):
        self.assertEqual(self.say("db_maxconn", {"db_maxconn": 4}), (OK, ""))
        self.assertEqual(self.say("db_maxconn", {"db_maxconn": 3}), (DANGER, "few"))
        threads = {"workers": 0, "db_maxconn": 16}
        self.assertEqual(self.say("db_maxconn", threads), (OK, ""))
        self.assertEqual(self.say("db_maxconn", threads, root=5), (DANGER, "few"))

    def test_connections_of_all_processes(self):
        # (6 workers + 1 for crons + 2 others) x 4
        self.assertEqual(self.say("max_connections", connections=36), (OK, ""))
        self.assertEqual(self.say("max_connections", connections=35), (WARNING, "few"))
        found = self.look({"workers": 64}, connections=97)["max_connections"]
        self.assertEqual((found.case, found.values["needed"]), ("few", 268))
        self.assertEqual(found.values["recommended"], 340)

    def test_two_servers_need_connections_of_their_own(self):
        web = replace(EXAMPLE, host="web", workers=4)
        found = self.look(here=web)["max_connections"]
        self.assertEqual(found.values["needed"], 36 + 28)

    def test_connections_that_are_nearly_used_up(self):
        found = self.say("max_connections", connections=100, connections_used=90)
        self.assertEqual(found, (WARNING, "used"))
        found = self.say("max_connections", connections=100, connections_used=89)
        self.assertEqual(found, (OK, ""))

    def test_the_lock_of_a_job_is_idle_for_long(self):
        self.assertEqual(self.say("idle_timeout", idle_timeout=60), (DANGER, "short"))
        self.assertIsNone(self.say("idle_timeout", idle_timeout=0))
        self.assertIsNone(self.say("idle_timeout", idle_timeout=1200))

    def test_a_job_without_a_limit_is_idle_for_long_as_well(self):
        threads = {"workers": 0, "limit_time_real": 0}
        for seconds, verdict in ((30, (DANGER, "short")), (1200, None)):
            found = self.say("idle_timeout", threads, idle_timeout=seconds, longest=1.0)
            self.assertEqual(found, verdict)

    def test_the_trigger_of_the_queue(self):
        self.assertEqual(self.say("trigger", trigger=""), (DANGER, "missing"))
        for state in ("D", "R"):
            self.assertEqual(self.say("trigger", trigger=state), (DANGER, "disabled"))
        self.assertEqual(self.say("trigger", trigger="A"), (OK, ""))

    # ------------------------------------------------------------
    # NETWORK
    # ------------------------------------------------------------

    def test_what_nobody_tried_is_not_judged(self):
        found = self.look(probes=None, forwarded=None)
        self.assertTrue({"websocket", "runjob", "proxy_mode"}.isdisjoint(found))

    def test_websockets(self):
        for probes, verdict in (
            (Probes(gevent=False), (WARNING, "process")),
            (Probes(websocket=False), (WARNING, "proxy")),
            (Probes(websocket=None), (ADVICE, "unseen")),
        ):
            self.assertEqual(self.say("websocket", probes=probes), verdict)
        threads = {"workers": 0}
        self.assertEqual(
            self.say("websocket", threads, probes=Probes(gevent=False)), (OK, "")
        )

    def test_the_proxy(self):
        self.assertEqual(
            self.say("proxy_mode", {"proxy_mode": False}), (WARNING, "off")
        )
        self.assertEqual(self.say("proxy_mode", forwarded=False), (ADVICE, "direct"))
        direct = self.say("proxy_mode", {"proxy_mode": False}, forwarded=False)
        self.assertEqual(direct, (OK, ""))

    def test_the_entrance_of_the_job_runner(self):
        for seen, verdict in ((True, WARNING), (None, ADVICE), (False, OK)):
            found = self.say("runjob", probes=Probes(runjob=seen))
            self.assertEqual(found[0], verdict)

    # ------------------------------------------------------------
    # FIGURES
    # ------------------------------------------------------------

    def recommend(self, people=9, is_shared=True, **server):
        facts = replace(GOOD, here=replace(EXAMPLE, **server), jobs=None)
        facts = replace(facts, people=people, is_shared=is_shared)
        found = figures.recommend(facts, recommended)
        numbers = {each.key: each.recommended for each in found}
        return [numbers[key] for key in ("workers", "root", "root.bills")]

    def test_figures_are_those_of_the_example(self):
        facts = replace(GOOD, connections=100)
        for figure in figures.recommend(facts, recommended):
            self.assertTrue(figure.is_met, figure)
        self.assertEqual(self.recommend(), [6, 4, 2])

    def test_figures_for_servers_of_all_sizes(self):
        for cpus, memory, people, expected in (
            (1, 2, 3, [2, 1, 1]),
            (2, 4, 3, [2, 1, 1]),
            (2, 8, 12, [4, 2, 1]),
            (4, 8, 30, [6, 1, 1]),
            (4, 32, 9, [8, 6, 3]),
            (32, 128, 60, [64, 54, 27]),
        ):
            found = self.recommend(people, cpus=cpus, memory=memory * GB)
            self.assertEqual(found, expected, (cpus, memory, people))

    def test_a_computer_tells_less_memory_than_was_bought(self):
        self.assertEqual(self.recommend(memory=int(7.65 * GB))[0], 6)
        self.assertEqual(self.recommend(memory=0)[0], 8, "it tells nothing")

    def test_a_server_for_jobs_alone(self):
        self.assertEqual(self.recommend(is_shared=False), [6, 5, 2])
        self.assertEqual(self.recommend(is_shared=None), self.recommend())

    def test_what_is_recommended_is_not_found_fault_with(self):
        for cpus, people in ((1, 0), (1, 6), (2, 12), (4, 30), (8, 40), (32, 300)):
            size = {"cpus": cpus, "memory": 4 * cpus * GB}
            server = replace(EXAMPLE, **size)
            size["workers"] = figures.workers(server)
            root = figures.root(server, people, True)
            found = self.say("workers", size, root=root, people=people)
            self.assertEqual(found, (OK, "shared"), (cpus, people))

    def test_less_in_a_channel_is_no_fault_and_more_elsewhere_is_none(self):
        figure = figures.Figure
        self.assertTrue(figure("root", 2, 4).is_met)
        self.assertFalse(figure("root", 5, 4).is_met)
        self.assertFalse(figure("root.bills", 0, 4).is_met)
        self.assertTrue(figure("db_maxconn", 64, 16).is_met)
        self.assertFalse(figure("db_maxconn", 8, 16).is_met)
        self.assertTrue(figure("proxy_read_timeout", None, 16).is_met)

    # ------------------------------------------------------------
    # NOTED
    # ------------------------------------------------------------

    def test_a_server_is_noted_and_read_again(self):
        self.assertEqual(Server.of(EXAMPLE.to_json()), EXAMPLE)
        self.assertTrue(EXAMPLE.is_at(replace(EXAMPLE, workers=2)))
        self.assertFalse(EXAMPLE.is_at(replace(EXAMPLE, http_port=1)))

    def test_what_another_version_noted_is_not_guessed(self):
        self.assertIsNone(Server.of(None))
        self.assertIsNone(Server.of({}))
        self.assertIsNone(Server.of({**EXAMPLE.to_json(), "more": 1}))
        less = EXAMPLE.to_json()
        del less["cpus"]
        self.assertIsNone(Server.of(less))
