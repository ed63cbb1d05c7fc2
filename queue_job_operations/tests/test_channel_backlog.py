# Copyright 2026 The ai_queue contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
import time
from types import SimpleNamespace
from unittest.mock import MagicMock, patch

from odoo.tests import BaseCase, tagged

from odoo.addons.queue_job.jobrunner import runner

from ..jobrunner import live_channels
from ..jobrunner.channel_rules import Spec

MANY = 50_000


@tagged("post_install", "-at_install")
class TestBacklog(BaseCase):
    """What waits in a channel without a capacity of its own follows what is set."""

    def setUp(self):
        super().setUp()
        self.runner = runner.QueueJobRunner(channel_config_string="root:4")
        self.manager = self.runner.channel_manager
        self.wishes = {"root.edi": Spec(), "root.edi.in": Spec()}
        self.startPatcher(
            patch.object(live_channels, "read_wishes", lambda db: self.wishes)
        )
        connection = SimpleNamespace(notifies=[])
        database = MagicMock(db_name="one", conn=connection)
        # No job has the name that means "read the channels again".
        cursor = database.select_jobs.return_value.__enter__.return_value
        cursor.fetchone.return_value = None
        cursor.__iter__.return_value = iter(())
        self.runner.db_by_name["one"] = database
        self.reload()

    def reload(self, **wishes):
        for name, spec in wishes.items():
            self.wishes[f"root.{name.replace('__', '.')}"] = spec
        notification = SimpleNamespace(channel="queue_job", payload="reload")
        self.runner.db_by_name["one"].conn.notifies.append(notification)
        self.runner.process_notifications()

    def enqueue(self, count, channel="root.edi", state="pending"):
        for number in range(count):
            self.manager.notify(
                "one", channel, f"{channel} {number}", number, 0, 10, None, state
            )

    def start(self, now=100):
        """What the runner sends to Odoo in one turn."""
        return [job.uuid for job in self.manager.get_jobs_to_run(now)]

    def finish(self, uuids):
        for uuid in uuids:
            job = self.manager._jobs_by_uuid[uuid]
            job.channel.set_done(job)

    def test_a_pause_holds_what_was_handed_on_already(self):
        self.enqueue(20)
        sent = self.start()
        self.assertEqual(len(sent), 4)
        self.reload(edi=Spec(paused=True))
        self.finish(sent)
        self.assertEqual(self.start(), [])
        self.reload(edi=Spec())
        self.assertEqual(len(self.start()), 4)

    def test_a_capacity_holds_for_it(self):
        self.enqueue(20)
        self.finish(self.start())
        self.reload(edi=Spec(1))
        sent = self.start()
        self.assertEqual(sent, ["root.edi 4"])
        self.finish(sent)
        self.assertEqual(self.start(), ["root.edi 5"])

    def test_a_gap_holds_for_it(self):
        self.enqueue(20)
        self.finish(self.start(now=100))
        self.reload(edi=Spec(throttle=10))
        self.assertEqual(len(self.start(now=101)), 1)
        self.assertEqual(self.start(now=105), [])
        self.assertEqual(len(self.start(now=112)), 1)

    def test_a_pause_holds_for_the_channels_below(self):
        self.enqueue(20, "root.edi.in")
        self.finish(self.start())
        self.reload(edi=Spec(paused=True))
        self.assertEqual(self.start(), [])
        self.reload(edi=Spec(), edi__in=Spec(2))
        self.assertEqual(len(self.start()), 2)

    def test_other_channels_go_on_meanwhile(self):
        self.enqueue(20)
        self.finish(self.start())
        self.enqueue(3, "root.mail")
        self.reload(edi=Spec(paused=True))
        self.assertEqual(self.start(), ["root.mail 0", "root.mail 1", "root.mail 2"])

    def test_jobs_keep_their_order(self):
        self.enqueue(20)
        self.finish(self.start())
        self.reload(edi=Spec(paused=True))
        self.reload(edi=Spec())
        self.assertEqual(self.start(), [f"root.edi {number}" for number in range(4, 8)])

    def test_it_takes_less_than_a_second_for_fifty_thousand_jobs(self):
        self.enqueue(MANY)
        self.finish(self.start())
        begun = time.process_time()
        self.reload(edi=Spec(paused=True))
        self.assertEqual(self.start(), [])
        self.assertLess(time.process_time() - begun, 1.0)
