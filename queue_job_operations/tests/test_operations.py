# Copyright 2026 The ai_queue contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
from unittest.mock import patch

from odoo.exceptions import AccessError, UserError
from odoo.fields import Command
from odoo.tests import JsonRpcException, freeze_time, tagged
from odoo.tools import mute_logger

from ..models import queue_job_operations_many
from .common import MANAGER_GROUPS, QueueJobCommon, QueueJobHttpCommon
from .common_alert import CHANNEL
from .common_hour import at
from .common_operations import (
    PERIODS,
    TILES,
    OperationsManyMixin,
    OperationsMixin,
    first_tiles,
)


@tagged("post_install", "-at_install")
class TestOperations(OperationsMixin, QueueJobCommon):
    # ------------------------------------------------------------
    # NOTHING
    # ------------------------------------------------------------

    def test_an_empty_database(self):
        for period, unit, bars in zip(
            PERIODS, ("minute", "hour", "day"), (12, 24, 7), strict=True
        ):
            figures = self.figures(period)
            self.assertEqual(figures["chart"]["unit"], unit)
            self.assertEqual(len(figures["chart"]["buckets"]), bars)
            self.assertEqual(figures["failures_total"], 0)
            for part in ("failures", "alerts"):
                self.assertEqual(figures[part], [])
            self.assertEqual(self.tile("waiting", "value", "detail"), (0, ""))
            self.assertEqual(self.tile("done", "value", "state"), (0.0, "muted"))
            for key in ("failure_rate", "run_p95", "wait_p95"):
                self.assertEqual(self.tile(key, "value", "text"), (None, "–"))
            self.assertEqual({self.tiles[key]["sentence"] for key in TILES}, {""})

    # ------------------------------------------------------------
    # WHAT IS COUNTED
    # ------------------------------------------------------------

    def add_week(self):
        """Jobs of a week, at START + 30: {period: (done, failed)}."""
        self.add_done(28, 1)
        self.add_done(-20, 2)
        self.add_done(-26, 50)  # 56 minutes ago: before the first bar of the hour
        self.add_failed(10, 3)
        self.add_done(-22 * 60, 4)
        self.add_failed(-23 * 60, 5)
        self.add_done(-24 * 60, 6)
        self.add_failed(-6 * 24 * 60, 7)
        self.add_done(-6 * 24 * 60 - 720, 8)  # midnight six days ago
        self.add_done(-6 * 24 * 60 - 721, 100)
        return {"hour": (3, 3), "day": (57, 8), "week": (71, 15)}

    def check_period(self, period, done, failed):
        figures = self.figures(period)
        bars = figures["chart"]["buckets"]
        self.assertEqual(sum(bar["done"] for bar in bars), done)
        self.assertEqual(sum(bar["failed"] for bar in bars), failed)
        self.assertEqual(figures["failures_total"], failed)
        self.assertEqual(self.listed(figures["failures_action"]), failed)
        self.assertEqual(self.listed(self.tiles["failure_rate"]["action"]), failed)
        for key in ("done", "run_p95", "wait_p95"):
            self.assertEqual(self.listed(self.tiles[key]["action"]), done)
        for bar in bars:
            for state in ("done", "failed"):
                action = self.operations.get_bucket_action(
                    bar["start"], bar["end"], state
                )
                self.assertEqual(self.listed(action), bar[state])

    def test_figures_are_what_their_lists_have(self):
        expected = self.add_week()
        for minute in (None, 30):
            if minute:
                self.close(minute)
            for period in PERIODS:
                self.check_period(period, *expected[period])

    def test_also_when_jobs_left_that_were_counted(self):
        self.add_week()
        self.close(30)
        failed = self.env["queue.job"].search([("state", "=", "failed")])
        done = self.env["queue.job"].search([("state", "=", "done")])
        failed.filtered(lambda job: job.date_state == at(10))[0]._requeue_at_once()
        done.filtered(lambda job: job.date_done == at(-20)).unlink()
        self.env.flush_all()
        for period, done, failed in (("hour", 1, 2), ("day", 55, 7), ("week", 69, 14)):
            self.check_period(period, done, failed)
        self.close(90)
        self.check_period("week", 69, 14)

    def test_what_ends_this_very_second_is_counted(self):
        self.add_jobs(1, "done", date_done=30.01, exec_time=1.0)
        self.assertEqual(self.figures("hour")["chart"]["buckets"][-1]["done"], 1)
        self.assertEqual(self.listed(self.tiles["done"]["action"]), 1)

    def test_done_per_hour(self):
        self.add_done(10, 12)
        self.figures("hour")
        # 55 minutes of the first eleven bars, and a second of the last.
        value, text, detail, shape = self.tile(
            "done", "value", "text", "detail", "format"
        )
        self.assertAlmostEqual(value, 12 / (55 * 60 + 1) * 3600)
        self.assertEqual((text, detail, shape), ("13.1", "12 in total", "rate"))

    def test_failure_rate(self):
        self.add_done(10, 38)
        self.add_failed(10, 2)
        self.figures()
        self.assertEqual(
            self.tile("failure_rate", "value", "text", "detail", "state", "few"),
            (5.0, "5 %", "2 of 40", "warning", False),
        )
        self.assertIn("5 % of the jobs failed", self.tiles["failure_rate"]["sentence"])
        self.rule("failures").threshold = 6
        self.figures()
        self.assertEqual(self.tile("failure_rate", "state", "sentence"), ("ok", ""))

    def test_few_jobs_are_flagged_not_averaged(self):
        self.add_done(10, 3)
        self.add_failed(10, 1)
        self.figures()
        self.assertEqual(
            self.tile("failure_rate", "value", "text", "few", "state"),
            (None, "1 of 4", True, "muted"),
        )
        self.assertEqual(
            self.tile("run_p95", "value", "text", "detail", "few"),
            (None, "–", "", True),
        )
        self.add_done(10, 2)
        self.figures()
        self.assertEqual(self.tile("failure_rate", "few", "text"), (False, "17 %"))
        self.assertEqual(self.tile("run_p95", "few"), (False,))

    def test_times(self):
        self.add_done(10, 95, run=2.0, wait=20.0)
        self.add_done(10, 5, run=300.0, wait=900.0)
        self.figures()
        value, text = self.tile("run_p95", "value", "text")
        self.assertGreater(value, 1.5)
        self.assertLessEqual(value, 2.2)
        self.assertEqual(text, "2.2 s")
        self.assertEqual(self.tile("wait_p95", "text", "state"), ("22 s", "ok"))
        self.add_done(10, 20, wait=900.0)
        self.figures()
        text, state, sentence = self.tile("wait_p95", "text", "state", "sentence")
        self.assertEqual(state, "warning")
        self.assertIn(f"waited longer than {text}", sentence)

    # ------------------------------------------------------------
    # WHAT WAITS AND RUNS
    # ------------------------------------------------------------

    def test_waiting_and_running(self):
        self.add_jobs(2, made=25)
        self.add_jobs(1, made=18, channel=f"{CHANNEL}.below")
        self.add_jobs(3, made=-600, eta=60)
        self.add_jobs(1, made=-600, eta=29)
        self.add_jobs(1, "enqueued", made=20)
        self.add_jobs(2, "started", made=20, channel="of_alerts")
        self.add_jobs(1, "wait_dependencies", made=0)
        self.add_jobs(4, made=29, channel="root.ofxalerts.more")
        figures = self.figures()
        self.assertEqual(
            self.tile("waiting", "value", "detail", "state"),
            (11, "the oldest for 12 min, 3 postponed", "warning"),
        )
        self.assertIn("have waited for 12 min", self.tiles["waiting"]["sentence"])
        self.assertEqual(self.tile("running", "value"), (3,))
        for key in ("waiting", "running"):
            self.assertEqual(
                self.listed(self.tiles[key]["action"]), self.tiles[key]["value"]
            )
        rows = {row["name"]: row for row in figures["channels"]}
        row = rows[CHANNEL]
        self.assertEqual(
            (row["waiting"], row["running"], row["others"], row["oldest"]),
            (7, 3, 0, 720),
        )
        self.assertEqual((row["label"], row["depth"]), ("of_alerts", 1))
        self.assertEqual((rows["root"]["waiting"], rows["root"]["running"]), (11, 3))
        for row in figures["channels"]:
            for state in ("waiting", "running"):
                action = self.operations.get_channel_action(row["id"], state)
                self.assertEqual(self.listed(action), row[state])

    def test_no_age_when_all_is_put_off(self):
        self.add_jobs(3, made=-600, eta=60)
        self.figures()
        self.assertEqual(
            self.tile("waiting", "value", "detail", "state"),
            (3, "3 postponed", "ok"),
        )

    def test_a_paused_channel(self):
        self.root.paused = True
        figures = self.figures()
        rows = {row["name"]: row for row in figures["channels"]}
        self.assertTrue(rows["root"]["paused"])
        self.assertTrue(rows[CHANNEL]["stopped_above"])
        self.assertFalse(rows[CHANNEL]["paused"])
        self.assertEqual(self.tile("running", "state"), ("warning",))
        self.assertIn("All channels are paused", self.tiles["running"]["sentence"])

    def test_no_runner(self):
        self.add_jobs(1, made=29)
        self.env.cr.execute("DELETE FROM queue_job_runner")
        self.env.invalidate_all()
        with freeze_time(at(30)):
            figures = self.operations.get_figures()
        self.assertEqual(figures["runner"]["state"], "danger")
        self.assertIn("No job runner", figures["runner"]["sentence"])
        self.assertEqual(figures["tiles"][0]["state"], "danger")
        self.assertEqual(figures["tiles"][0]["sentence"], figures["runner"]["sentence"])

    def test_a_runner_that_works(self):
        self.assertEqual(self.figures()["runner"]["state"], "ok")

    # ------------------------------------------------------------
    # FAILURES, ALERTS
    # ------------------------------------------------------------

    def test_last_failures(self):
        self.add_failed(5, 11, name="Old", exc_message="x")
        self.add_failed(20, name="Send", exc_message="first line\nIt was refused.\n")
        self.add_failed(
            21, name="Odd", exc_info="Traceback\n  File\nValueError: no\n\n"
        )
        figures = self.figures()
        self.assertEqual(
            (figures["failures_total"], len(figures["failures"])), (13, 10)
        )
        first, second, *_others = figures["failures"]
        self.assertEqual((first["name"], first["message"]), ("Odd", "ValueError: no"))
        self.assertEqual(
            (second["name"], second["message"]), ("Send", "It was refused.")
        )
        self.assertEqual(second["date"], "2026-03-18 12:20:00")
        self.assertEqual(second["channel"], CHANNEL)

    def test_alerts(self):
        self.stuff()
        alert = self.watch(0)
        figures = self.figures()
        [row] = figures["alerts"]
        self.assertEqual(
            (row["id"], row["severity"], row["message"], row["acknowledged"]),
            (alert.id, "warning", alert.name, False),
        )
        self.assertEqual(self.listed(figures["alerts_action"]), 1)
        alert.with_user(self.manager).action_acknowledge()
        self.assertTrue(self.figures()["alerts"][0]["acknowledged"])

    # ------------------------------------------------------------
    # WHOSE
    # ------------------------------------------------------------

    def test_companies(self):
        other = self.env["res.company"].create({"name": "Other"})
        for company, count in ((self.company.id, 1), (other.id, 2), (None, 4)):
            self.add_done(-40, count, company_id=company)
            self.add_failed(10, count, company_id=company)
            self.add_jobs(count, made=29, company_id=company)
            self.add_jobs(count, "started", made=29, company_id=company)
        both = self.create_user("both", MANAGER_GROUPS)
        both.company_ids = [Command.link(other.id)]
        ids = (self.company | other).ids
        for operations, count, others in (
            (self.operations, 5, 2),
            (self.operations.with_user(both), 5, 2),
            (
                self.operations.with_user(both).with_context(allowed_company_ids=ids),
                7,
                0,
            ),
        ):
            for minute in (None, 30):
                if minute:
                    self.close(minute)
                figures = self.figures("week", operations=operations)
                [done] = [bar["done"] for bar in figures["chart"]["buckets"][-1:]]
                self.assertEqual(done, count)
                self.assertEqual(figures["failures_total"], count)
                self.assertEqual(len(figures["failures"]), count)
                for key in ("waiting", "running"):
                    self.assertEqual(self.tiles[key]["value"], count)
                    action = self.tiles[key]["action"]
                    self.assertEqual(self.listed(action, operations), count)
                action = self.tiles["done"]["action"]
                self.assertEqual(self.listed(action, operations), count)
                row = figures["channels"][0]
                self.assertEqual((row["name"], row["others"]), ("root", others))

    def test_only_administrators(self):
        operations = self.operations.with_user(self.plain_user)
        for method, *args in (
            ("get_figures",),
            (
                "get_bucket_action",
                "2026-03-18 12:00:00",
                "2026-03-18 13:00:00",
                "done",
            ),
            ("get_channel_action", self.channel.id, "waiting"),
            ("count_failures",),
            ("retry_failures",),
            ("retry_jobs", [1]),
            ("count_waiting", self.channel.id),
            ("cancel_waiting", self.channel.id),
        ):
            with self.assertRaises(AccessError):
                getattr(operations, method)(*args)

    # ------------------------------------------------------------
    # PERIODS AND LANGUAGE
    # ------------------------------------------------------------

    def test_what_is_no_period_or_time(self):
        with self.assertRaises(UserError):
            self.operations.get_figures("year")
        for start in (None, "yesterday", {}):
            with self.assertRaises(UserError):
                self.operations.get_bucket_action(start, "2026-03-18 12:00:00", "done")
        with self.assertRaises(UserError):
            self.operations.get_bucket_action(
                "2026-03-18 12:00:00", "2026-03-18 13:00:00", "pending"
            )
        with self.assertRaises(UserError):
            self.operations.get_channel_action(self.channel.id, "done")

    def bars(self, zone, period="week", minute=30):
        with freeze_time(at(minute)):
            operations = self.operations.with_context(tz=zone)
            return operations.get_figures(period)["chart"]["buckets"]

    def test_days_begin_where_the_reader_is(self):
        bars = self.bars("UTC")
        self.assertEqual(bars[0]["start"], "2026-03-12 00:00:00")
        self.assertEqual(
            (bars[-1]["label"], bars[-1]["end"]), ("Wed 18", "2026-03-19 00:00:00")
        )
        self.assertEqual(self.bars("Asia/Tokyo")[-1]["start"], "2026-03-17 15:00:00")
        bars = self.bars("Asia/Kolkata")
        self.assertEqual(
            (bars[-1]["label"], bars[-1]["start"]), ("Wed 18", "2026-03-17 18:00:00")
        )
        for zone in ("UTC", "Asia/Tokyo", "Asia/Kolkata", "America/New_York"):
            bars = self.bars(zone)
            self.assertEqual(len({bar["label"] for bar in bars}), 7)
            for before, after in zip(bars, bars[1:], strict=False):
                self.assertEqual(before["end"], after["start"])

    def test_a_day_that_begins_within_an_hour_lists_what_it_counts(self):
        # 18 March begins at 18:30 in Kolkata, and at 18:15 in Kathmandu.
        for minute in (-1082, -1080, -1052, -1050, -1035):
            self.add_done(minute)
            self.add_failed(minute, 2)
        for close in (False, True):
            if close:
                self.close(30)
            for zone in ("Asia/Kolkata", "Asia/Kathmandu"):
                self.env.flush_all()
                bars = self.bars(zone)
                self.assertEqual([bar["done"] for bar in bars[-2:]], [1, 4])
                for bar in bars[-2:]:
                    for state in ("done", "failed"):
                        action = self.operations.get_bucket_action(
                            bar["start"], bar["end"], state
                        )
                        self.assertEqual(self.listed(action), bar[state])

    def test_the_day_on_which_clocks_change(self):
        # New York: Sunday, 8 March 2026, has 23 hours.
        bars = self.bars("America/New_York", minute=-7 * 24 * 60)
        by_label = {bar["label"]: bar for bar in bars}
        self.assertEqual(by_label["Sun 8"]["start"], "2026-03-08 05:00:00")
        self.assertEqual(by_label["Sun 8"]["end"], "2026-03-09 04:00:00")

    def test_hours_are_told_in_the_readers_time_and_language(self):
        self.assertEqual(self.bars("Asia/Tokyo", "day")[-1]["label"], "9:00\u202fPM")
        self.env["res.lang"]._activate_lang("de_DE")
        self.add_jobs(1234, made=29)
        operations = self.operations.with_context(lang="de_DE", tz="Europe/Berlin")
        figures = self.figures(operations=operations)
        self.assertEqual(figures["chart"]["buckets"][-1]["label"], "13:00")
        self.assertEqual(self.tiles["waiting"]["text"], "1.234")

    # ------------------------------------------------------------
    # LIVE
    # ------------------------------------------------------------

    def test_screens_are_told_of_alerts(self):
        operations = type(self.env["queue.job.operations"])
        with patch.object(operations, "_bus_send_changed") as told:
            self.stuff()
            alert = self.watch(0)
            self.assertEqual(told.call_count, 1)
            self.watch(1)
            self.assertEqual(told.call_count, 1)
            alert.with_user(self.manager).action_acknowledge()
            self.assertEqual(told.call_count, 2)


@tagged("post_install", "-at_install")
class TestOperationsMany(OperationsManyMixin, QueueJobCommon):
    """Retrying and cancelling many."""

    def test_retry_all_failures_of_the_period(self):
        jobs = self.add_failed(10, 5)
        old = self.add_failed(-48 * 60, 2)
        self.assertEqual(self.call("count_failures", "day"), 5)
        result = self.call("retry_failures", "day")
        self.assertEqual(
            result,
            {
                "retried": 5,
                "skipped": 0,
                "left": 0,
                "message": "Jobs requeued: 5.",
            },
        )
        self.assertEqual(self.states(jobs), ["pending"] * 5)
        self.assertEqual(self.states(old), ["failed"] * 2)
        self.assertEqual(self.call("count_failures", "week"), 2)

    def test_more_than_a_request_can_take(self):
        self.at_most(4)
        self.add_failed(10, 7)
        result = self.call("retry_failures", "day")
        self.assertEqual((result["retried"], result["left"]), (4, 3))
        self.assertIn("More have failed: 3", result["message"])
        self.assertEqual(self.call("retry_failures", "day")["left"], 0)

    def test_more_than_a_request_has_time_for(self):
        self.startPatcher(patch.object(queue_job_operations_many, "SECONDS", 0))
        jobs = self.add_failed(10, 5)
        result = self.call("retry_failures", "day")
        self.assertEqual((result["retried"], result["left"]), (2, 3))
        self.assertIn("More have failed: 3", result["message"])
        self.assertEqual(sorted(self.states(jobs)), ["failed"] * 3 + ["pending"] * 2)
        waiting = self.add_jobs(5, made=20)
        result = self.call("cancel_waiting", self.channel.id)
        self.assertEqual((result["cancelled"], result["left"]), (2, 5))
        self.assertIn("More are waiting: 5", result["message"])
        self.assertEqual(self.states(jobs | waiting).count("cancelled"), 2)

    def test_retry_some(self):
        failed, done = self.add_failed(10), self.add_done(10)
        result = self.call("retry_jobs", (failed | done).ids)
        self.assertEqual(result["retried"], 1)
        self.assertEqual((failed.state, done.state), ("pending", "done"))

    def test_cancel_what_waits_in_a_channel(self):
        jobs = self.add_jobs(3, made=20) | self.add_jobs(
            2, made=20, channel=f"{CHANNEL}.below"
        )
        started = self.add_jobs(1, "started", made=20)
        other = self.add_jobs(1, made=20, channel="root.other")
        self.assertEqual(self.call("count_waiting", self.channel.id), 5)
        result = self.call("cancel_waiting", self.channel.id)
        self.assertEqual(
            result, {"cancelled": 5, "left": 0, "message": "Jobs cancelled: 5."}
        )
        self.assertEqual(set(self.states(jobs)), {"cancelled"})
        self.assertIn(self.manager.name, jobs[0].result)
        self.assertEqual((started.state, other.state), ("started", "pending"))

    def test_cancel_more_than_a_request_can_take(self):
        self.at_most(4)
        self.add_jobs(7, made=20)
        result = self.call("cancel_waiting", self.channel.id)
        self.assertEqual((result["cancelled"], result["left"]), (4, 3))
        self.assertIn("More are waiting: 3", result["message"])

    def test_others_are_left_alone(self):
        other = self.env["res.company"].create({"name": "Other"})
        waiting = self.add_jobs(2, made=20, company_id=other.id)
        failed = self.add_failed(10, 2, company_id=other.id)
        self.assertEqual(self.call("count_waiting", self.root.id), 0)
        self.assertEqual(self.call("cancel_waiting", self.root.id)["cancelled"], 0)
        self.assertEqual(self.call("retry_failures", "day")["retried"], 0)
        self.assertEqual(self.call("retry_jobs", failed.ids)["retried"], 0)
        self.assertEqual(set(self.states(waiting)), {"pending"})

    def test_a_channel_that_was_deleted(self):
        channel_id = self.channel.id
        self.channel.unlink()
        with self.assertRaises(UserError):
            self.call("cancel_waiting", channel_id)


@tagged("post_install", "-at_install")
class TestOperationsRpc(QueueJobHttpCommon):
    """As a browser calls it."""

    def call(self, method, *args):
        return self.rpc_model(self.env["queue.job.operations"], method, *args)

    def test_an_administrator_reads_the_screen(self):
        self.authenticate("job_manager", "job_manager")
        figures = self.call("get_figures", "week")
        self.assertEqual(first_tiles(figures), TILES)

    @mute_logger("odoo.http")
    def test_nobody_else_does(self):
        self.authenticate("plain", "plain")
        for method in ("get_figures", "count_failures", "retry_failures"):
            with self.assertRaises(JsonRpcException) as caught:
                self.call(method, "day")
            self.assertIn("AccessError", str(caught.exception))

    @mute_logger("odoo.http")
    def test_nothing_else_can_be_called(self):
        self.authenticate("job_manager", "job_manager")
        for method in ("_requeue_jobs", "_get_figures", "_bus_send_changed"):
            with self.assertRaises(JsonRpcException):
                self.call(method)
