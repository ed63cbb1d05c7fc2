# Copyright 2026 The ai_queue contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
import importlib.util
from contextlib import contextmanager
from types import SimpleNamespace
from unittest.mock import MagicMock, patch

from odoo.exceptions import AccessError, UserError, ValidationError
from odoo.tests import BaseCase, Form, JsonRpcException, tagged
from odoo.tools import mute_logger

from odoo.addons.queue_job.jobrunner import channels, runner

from ..jobrunner import lease, live_channels
from ..jobrunner.channel_rules import NO_LIMIT, Spec, complete, effective, strictest
from .common import QueueJobCommon, QueueJobHttpCommon
from .common_channel import ChannelMixin

CONF = "root:4,root.bills:2,root.slow:1:sequential:throttle=5,root.off:3:paused"


@tagged("post_install", "-at_install")
class TestChannelRules(BaseCase):
    """Which value of a channel holds."""

    def test_without_anything_there_is_no_limit(self):
        self.assertEqual(effective(None, []), NO_LIMIT)
        self.assertEqual(effective(None, [NO_LIMIT]), NO_LIMIT)

    def test_odoo_conf_holds_where_no_database_sets_anything(self):
        self.assertEqual(effective(Spec(2), [NO_LIMIT, NO_LIMIT]), Spec(2))

    def test_a_database_wins_over_odoo_conf(self):
        self.assertEqual(effective(Spec(2), [Spec(5)]), Spec(5))
        self.assertEqual(effective(Spec(3, paused=True), [Spec(3)]), Spec(3))
        self.assertEqual(effective(Spec(1, True, 9), [Spec(2)]), Spec(2))

    def test_what_a_database_leaves_open_is_odoo_confs(self):
        self.assertEqual(complete(Spec(paused=True), Spec(2)), Spec(2, paused=True))
        self.assertEqual(complete(Spec(throttle=3), Spec(2)), Spec(2, throttle=3))
        self.assertEqual(complete(Spec(throttle=3), None), Spec(throttle=3))

    def test_of_several_databases_the_strictest_holds(self):
        wishes = [Spec(5), Spec(3, throttle=2), NO_LIMIT, Spec(4)]
        self.assertEqual(effective(Spec(2), wishes), Spec(3, throttle=2))

    def test_a_pause_holds_for_all_databases(self):
        self.assertEqual(
            effective(Spec(2), [Spec(5), Spec(paused=True)]), Spec(2, paused=True)
        )

    def test_sequential_of_one_makes_one_job_at_a_time_of_all(self):
        self.assertEqual(strictest([Spec(5), Spec(1, True)]), Spec(1, True))
        self.assertEqual(strictest([Spec(sequential=True)]), Spec(1, True))

    def test_zero_is_no_capacity(self):
        self.assertEqual(Spec.of(0, None, None, None), NO_LIMIT)


@tagged("post_install", "-at_install")
class TestLiveChannels(BaseCase):
    """A runner that works, and what its databases say meanwhile."""

    def setUp(self):
        super().setUp()
        self.runner = runner.QueueJobRunner(channel_config_string=CONF)
        self.wishes = {}
        self.jobs = []
        self.startPatcher(
            patch.object(
                live_channels, "read_wishes", lambda db: self.wishes.get(db.db_name, {})
            )
        )
        self.connect("one")

    def connect(self, *names):
        for name in names:
            connection = SimpleNamespace(notifies=[])
            self.runner.db_by_name[name] = MagicMock(db_name=name, conn=connection)
            self.runner.db_by_name[name].select_jobs = self.select_jobs

    @contextmanager
    def select_jobs(self, where, args):
        cursor = MagicMock(fetchone=lambda: None)
        cursor.__iter__.return_value = iter(self.jobs)
        yield cursor

    def set(self, _db_name="one", **specs):
        """Let a database set these channels (below root), and say so."""
        self.wishes[_db_name] = {
            name if name == "root" else f"root.{name}": spec
            for name, spec in specs.items()
        }
        notification = SimpleNamespace(channel="queue_job", payload="reload")
        self.runner.db_by_name[_db_name].conn.notifies.append(notification)
        self.runner.process_notifications()

    def spec(self, name):
        manager = self.runner.channel_manager
        return live_channels.spec_of(manager.get_channel_by_name(name))

    def notify(self, channel, uuid, state="pending"):
        """Tell the runner of a job; they run in the order of their names."""
        order = sum(map(ord, uuid))
        self.runner.channel_manager.notify(
            *("one", channel, uuid, order, 0, 10, None, state)
        )

    def running(self):
        jobs = self.runner.channel_manager.get_jobs_to_run(100)
        return sorted(job.uuid for job in jobs)

    def test_odoo_conf_holds_until_something_is_set(self):
        self.set()
        self.assertEqual(self.spec("root"), Spec(4))
        self.assertEqual(self.spec("root.bills"), Spec(2))
        self.assertEqual(self.spec("root.slow"), Spec(1, True, 5))
        self.assertEqual(self.spec("root.off"), Spec(3, paused=True))

    def test_capacity_is_raised_and_lowered(self):
        for number in range(6):
            self.notify("root.bills", f"job {number}")
        self.assertEqual(len(self.running()), 2)
        self.set(bills=Spec(3))
        self.assertEqual(len(self.running()), 1)
        self.set(bills=Spec(1))
        self.assertEqual(self.running(), [])
        # What ran before is finished first.
        for number in range(2):
            self.notify("root.bills", f"job {number}", "done")
        self.assertEqual(self.running(), [])
        self.notify("root.bills", "job 2", "done")
        self.assertEqual(self.running(), ["job 3"])

    def test_a_paused_channel_starts_nothing_until_it_is_resumed(self):
        self.notify("root.bills", "job")
        self.set(bills=Spec(paused=True))
        self.assertEqual(self.spec("root.bills"), Spec(2, paused=True))
        self.assertEqual(self.running(), [])
        self.set(bills=NO_LIMIT)
        self.assertEqual(self.running(), ["job"])

    def test_what_is_taken_back_follows_odoo_conf_in_everything(self):
        self.set(root=Spec(9), slow=Spec(4), off=Spec(1))
        self.assertEqual(self.spec("root.slow"), Spec(4))
        self.set()
        self.assertEqual(self.spec("root"), Spec(4))
        self.assertEqual(self.spec("root.slow"), Spec(1, True, 5))
        self.assertEqual(self.spec("root.off"), Spec(3, paused=True))

    def test_a_channel_that_is_gone_limits_nothing(self):
        self.set(new=Spec(1, True, 60, True))
        self.set()
        self.assertEqual(self.spec("root.new"), NO_LIMIT)

    def test_the_end_of_a_throttle_leaves_no_pause_behind(self):
        self.set(bills=Spec(2, throttle=50))
        self.notify("root.bills", "first")
        self.notify("root.bills", "second")
        self.assertEqual(self.running(), ["first"])
        manager = self.runner.channel_manager
        self.assertGreaterEqual(manager.get_channel_by_name("bills")._pause_until, 150)
        self.set(bills=Spec(2))
        self.assertEqual(self.running(), ["second"])
        # A time that is past would keep the runner from ever sleeping.
        self.assertFalse(manager.get_channel_by_name("bills")._pause_until)

    def test_jobs_of_a_new_channel_below_another_move_there(self):
        for number in range(3):
            self.notify("root.bills.paper", f"job {number}")
        self.jobs = [
            ("root.bills.paper", f"job {number}", number, 0, 10, None, "pending")
            for number in range(3)
        ]
        self.set(**{"bills.paper": Spec(1)})
        self.assertEqual(self.running(), ["job 0"])

    def test_several_databases_share_the_strictest(self):
        self.connect("two")
        self.set("two", bills=Spec(3))
        self.set("one", bills=Spec(5))
        self.assertEqual(self.spec("root.bills"), Spec(3))
        live = self.runner._operations_channels
        self.assertEqual(live.others("one", "root.bills"), Spec(3))
        self.assertEqual(live.others("two", "root.bills"), Spec(5))
        self.assertIsNone(live.others("one", "root"))
        self.set("two")
        self.assertEqual(self.spec("root.bills"), Spec(5))

    def test_after_a_reconnect_the_databases_are_read_again(self):
        self.wishes["one"] = {"root.bills": Spec(7)}
        with (
            patch.object(live_channels, "_initialize_databases"),
            patch.object(lease, "bound"),
        ):
            self.runner.initialize_databases()
        self.assertEqual(self.spec("root.bills"), Spec(7))

    def test_a_job_that_is_deleted_is_still_removed(self):
        self.notify("root.bills", "gone")
        deleted = SimpleNamespace(channel="queue_job", payload="gone")
        self.runner.db_by_name["one"].conn.notifies.append(deleted)
        self.runner.process_notifications()
        self.assertEqual(self.running(), [])

    def test_a_host_that_reloads_by_itself_is_left_alone(self):
        methods = dict(vars(runner.QueueJobRunner))
        spec = importlib.util.find_spec(live_channels.__name__)
        again = importlib.util.module_from_spec(spec)
        with patch.object(channels, "RELOAD_PAYLOAD", "reload", create=True):
            spec.loader.exec_module(again)
        self.assertTrue(again.HOST_RELOADS)
        self.assertEqual(dict(vars(runner.QueueJobRunner)), methods)

    def test_the_payload_is_that_of_the_host_which_has_one(self):
        self.assertEqual(
            live_channels.RELOAD, getattr(channels, "RELOAD_PAYLOAD", "reload")
        )


@tagged("post_install", "-at_install")
class TestChannel(ChannelMixin, QueueJobCommon):
    """Channels as records: what is set, what holds, and where it comes from."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.set_up_channels()

    def test_a_channel_without_a_value_follows_odoo_conf(self):
        self.assertEqual(self.bills.effective_capacity, 2)
        self.assertEqual(self.bills.capacity_source, "odoo.conf")
        self.assertFalse(self.bills.is_set)

    def test_a_channel_that_nobody_limits_is_as_wide_as_the_one_above(self):
        self.assertEqual(self.paper.effective_capacity, 2)
        self.assertEqual(
            self.paper.capacity_source, "No limit of its own: as root.bills"
        )

    def test_what_is_set_here_wins(self):
        self.bills.effective_capacity = 3
        self.assertEqual(self.bills.capacity, 3)
        self.assertEqual(self.bills.effective_capacity, 3)
        self.assertEqual(self.bills.capacity_source, "Set here")
        self.assertTrue(self.bills.is_set)

    def test_a_channel_is_never_wider_than_the_one_above(self):
        self.bills.capacity = 10
        self.assertEqual(self.bills.effective_capacity, 4)
        self.assertEqual(
            self.bills.capacity_source, "Set here to 10, root allows fewer"
        )

    def test_more_than_the_server_has_workers_is_said(self):
        self.report({"root": {"base": Spec(4)}}, server={"workers": 6})
        self.root.capacity = 6
        self.assertEqual(self.root.capacity_source, "Set here")
        self.root.capacity = 50
        self.assertEqual(
            self.root.capacity_source, "Set here, but the server has only 6 workers"
        )
        # Without worker processes there are threads, as many as it takes.
        self.report({"root": {"base": Spec(4)}}, server={"workers": 0})
        self.assertEqual(self.root.capacity_source, "Set here")

    def test_another_database_may_ask_for_less(self):
        self.report({"root": {"base": Spec(4)}, "root.bills": {"others": Spec(1)}})
        self.assertEqual(self.bills.effective_capacity, 1)
        self.assertEqual(self.bills.capacity_source, "Set by another database")
        self.bills.capacity = 3
        self.assertEqual(self.bills.effective_capacity, 1)
        self.assertEqual(
            self.bills.capacity_source,
            "Set here to 3, another database sets less",
        )

    def test_a_pause_of_another_database_holds_here(self):
        self.report(
            {"root": {"base": Spec(4)}, "root.bills": {"others": Spec(paused=True)}}
        )
        self.assertEqual(self.bills.state, "paused")
        self.assertIn("paused by another database", self.bills.capacity_source)
        with self.assertRaisesRegex(UserError, "not paused here"):
            self.bills.action_resume()

    def test_before_a_runner_was_seen_nobody_knows(self):
        self.env["queue.job.runner"].search([]).unlink()
        self.env.invalidate_all()
        self.assertEqual(self.root.effective_capacity, 0)
        self.assertEqual(
            self.root.capacity_source, "Known once a job runner has reported"
        )

    def test_a_pause_holds_for_the_channels_below(self):
        self.bills.action_pause()
        self.assertEqual(self.bills.state, "paused")
        self.assertEqual(self.paper.state, "above")
        self.assertTrue(self.paper.effective_paused)
        self.assertEqual(self.root.state, "free")
        self.bills.action_resume()
        self.assertEqual(self.paper.state, "free")

    def test_what_odoo_conf_paused_is_resumed_with_its_capacity(self):
        self.assertEqual(self.off.state, "paused")
        self.assertIn("paused there", self.off.capacity_source)
        self.off.action_resume()
        self.assertEqual(self.off.capacity, 3)
        self.assertEqual(self.off.state, "free")

    def test_to_follow_odoo_conf_takes_everything_back(self):
        self.bills.write({"capacity": 1, "sequential": True, "throttle": 3})
        self.bills.paused = True
        self.bills.action_follow_conf()
        self.assertRecordValues(
            self.bills,
            [
                {
                    "capacity": 0,
                    "sequential": False,
                    "throttle": 0,
                    "paused": False,
                    "effective_capacity": 2,
                    "is_set": False,
                }
            ],
        )

    def test_a_capacity_of_zero_is_refused(self):
        for name in ("capacity", "effective_capacity"):
            for value in (0, -1):
                with self.assertRaisesRegex(ValidationError, "Pause the channel"):
                    self.bills.write({name: value})

    def test_sequential_needs_a_capacity_of_one(self):
        with self.assertRaisesRegex(ValidationError, "set its capacity to 1"):
            self.bills.write({"sequential": True, "capacity": 3})
        with self.assertRaisesRegex(ValidationError, "set its capacity to 1"):
            self.bills.sequential = True
        self.bills.write({"sequential": True, "capacity": 1})

    def test_a_throttle_below_zero_is_refused(self):
        with self.assertRaisesRegex(ValidationError, "cannot be negative"):
            self.bills.throttle = -1

    def test_jobs_are_counted_with_those_of_the_channels_below(self):
        for channel in ("root.bills", "bills.paper", "root.bills.paper"):
            self.delay(channel)
        self.env["queue.job"].search([("channel", "=", "root.bills")])._write(
            {"state": "started"}
        )
        self.env.invalidate_all()
        self.assertEqual(self.bills.running_count, 1)
        self.assertEqual(self.bills.waiting_count, 2)
        self.assertEqual(self.paper.waiting_count, 2)
        self.assertGreaterEqual(self.root.waiting_count, 2)
        action = self.bills.action_open_jobs()
        self.assertEqual(self.env["queue.job"].search_count(action["domain"]), 3)
        only = self.bills.with_context(queue_job__states=["pending"])
        domain = only.action_open_jobs()["domain"]
        self.assertEqual(self.env["queue.job"].search_count(domain), 2)

    def test_a_channel_whose_places_are_taken_is_full(self):
        self.delay("root.bills")
        self.env["queue.job"].search([("channel", "=", "root.bills")])._write(
            {"state": "enqueued"}
        )
        self.bills.capacity = 1
        self.env.invalidate_all()
        self.assertEqual(self.bills.state, "full")

    def test_everyone_counts_what_they_can_list(self):
        other = self.env["res.company"].create({"name": "Other"})
        for _number in range(5):
            self.delay("root.bills")
        jobs = self.env["queue.job"].search([("channel", "=", "root.bills")])
        states = ("started", "enqueued", "pending", "pending", "pending")
        companies = (self.company, other, self.company, other, other)
        for job, state, company in zip(jobs, states, companies, strict=True):
            job._write({"state": state, "company_id": company.id})
        self.bills.capacity = 2
        self.env.invalidate_all()
        seen = self.bills.with_user(self.manager)
        self.assertEqual((seen.running_count, seen.waiting_count), (1, 1))
        for states in (["enqueued", "started"], ["pending"]):
            action = seen.with_context(queue_job__states=states).action_open_jobs()
            listed = seen.env["queue.job"].search_count(action["domain"])
            self.assertEqual(listed, 1)
        # The places are taken, whoever took them.
        self.assertEqual(seen.state, "full")
        both = seen.with_user(self.env.ref("base.user_root"))
        self.assertEqual((both.running_count, both.waiting_count), (2, 3))

    def test_the_runner_reads_what_is_set(self):
        self.bills.write({"capacity": 1, "sequential": True, "throttle": 3})
        self.off.paused = True
        # It has no name, and must not be taken for root.
        nameless = self.create_channel("nameless")
        nameless.write({"name": False, "capacity": 9})
        self.env.flush_all()
        cursor = MagicMock(wraps=self.env.cr, close=lambda: None)
        db = SimpleNamespace(conn=SimpleNamespace(cursor=lambda: cursor))
        wishes = live_channels.read_wishes(db)
        self.assertEqual(wishes["root"], NO_LIMIT)
        self.assertEqual(wishes["root.bills"], Spec(1, True, 3))
        self.assertEqual(wishes["root.bills.paper"], NO_LIMIT)
        self.assertEqual(wishes["root.off"], Spec(paused=True))
        self.assertFalse([name for name in wishes if not name.startswith("root")])

    def test_every_change_is_told_to_the_runner(self):
        channel = type(self.bills)
        with patch.object(channel, "_notify_channel_config_changed") as notify:
            for change in (
                lambda: self.bills.write({"effective_capacity": 3}),
                lambda: self.bills.write({"throttle": 3}),
                lambda: self.bills.action_pause(),
                lambda: self.create_channel("new"),
                lambda: self.paper.unlink(),
            ):
                notify.reset_mock()
                change()
                notify.assert_called()
            notify.reset_mock()
            self.bills.removal_interval = 3
            notify.assert_not_called()

    def test_who_changed_what_is_kept(self):
        # Of what is as new as the test nothing is tracked.
        channel = self.root
        channel = channel.with_user(self.manager).with_context(tracking_disable=False)
        self.env.cr.precommit.clear()  # of others who changed something in this test
        channel.write({"capacity": 3, "paused": True})
        self.flush_tracking()
        self.env.invalidate_all()
        message = channel.message_ids[:1]
        self.assertEqual(message.author_id, self.manager.partner_id)
        values = message.sudo().tracking_value_ids
        self.assertEqual(
            {value.field_id.name: value.new_value_integer for value in values},
            {"capacity": 3, "paused": 1},
        )

    def flush_tracking(self):
        self.env.flush_all()
        self.env.cr.precommit.run()

    def test_the_screens_open(self):
        bills = self.bills.with_user(self.manager)
        with Form(bills, "queue_job_operations.queue_job_channel_view_form") as form:
            form.effective_capacity = 1
            form.sequential = True
        self.assertEqual(self.bills.capacity, 1)


@tagged("post_install", "-at_install")
class TestChannelRpc(ChannelMixin, QueueJobHttpCommon):
    """Who may tune channels, as the web client asks."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.set_up_channels()

    def test_managers_tune_channels(self):
        self.authenticate("job_manager", "job_manager")
        self.rpc(self.bills, "write", {"capacity": 3})
        self.rpc(self.bills, "action_pause")
        self.env.invalidate_all()
        self.assertEqual((self.bills.capacity, self.bills.paused), (3, True))

    @mute_logger("odoo.http")
    def test_others_do_not(self):
        self.authenticate("plain", "plain")
        for method, *args in (
            ("write", {"capacity": 3}),
            ("write", {"effective_capacity": 3}),
            ("action_pause",),
            ("action_resume",),
            ("action_follow_conf",),
        ):
            with self.assertRaisesRegex(JsonRpcException, "AccessError"):
                self.rpc(self.bills, method, *args)
        self.env.invalidate_all()
        self.assertFalse(self.bills.is_set)

    @mute_logger("odoo.http")
    def test_nobody_writes_what_the_runner_says(self):
        self.authenticate("job_manager", "job_manager")
        row = self.env["queue.job.runner"].search([])
        with self.assertRaisesRegex(JsonRpcException, "AccessError"):
            self.rpc(row, "write", {"pid": 2})
        self.assertEqual(set(self.get_status()), {"problem", "sharing"})
        self.authenticate("plain", "plain")
        with self.assertRaisesRegex(JsonRpcException, "AccessError"):
            self.get_status()

    def get_status(self):
        """What the screen of channels asks for."""
        return self.rpc_model(self.env["queue.job.runner"], "get_status")

    def test_reading_needs_the_role(self):
        with self.assertRaises(AccessError):
            self.bills.with_user(self.plain_user).read(["effective_capacity"])
