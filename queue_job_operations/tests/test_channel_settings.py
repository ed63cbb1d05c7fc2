# Copyright 2026 The ai_queue contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
from unittest.mock import patch

from odoo import Command
from odoo.exceptions import ValidationError
from odoo.tests import Form, tagged

from odoo.addons.ai_queue.tests.common import AiQueueCommon

from ..jobrunner.channel_rules import Spec
from .test_channel import ChannelMixin

OURS = ["root", "root.ai_forecasting", "root.ai_processing"]


@tagged("post_install", "-at_install")
class TestChannelSettings(ChannelMixin, AiQueueCommon):
    """The channels of AI work are tuned in the settings."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.set_up_channels()
        channels = cls.env["queue.job.channel"]
        cls.processing = cls.env.ref("ai_queue.queue_job_channel_ai_processing")
        cls.forecasting = cls.env.ref("ai_queue.queue_job_channel_ai_forecasting")
        (cls.root | cls.processing | cls.forecasting).action_follow_conf()
        # Wherever somebody moved them in this database.
        moved = channels._get_ours() - (cls.root | cls.processing | cls.forecasting)
        moved.job_function_ids.channel_id = cls.processing
        cls.report(
            {
                "root": {"base": Spec(4)},
                "root.ai_processing": {"base": Spec(2)},
                "root.ai_forecasting": {"base": Spec(3)},
                "root.off": {"base": Spec(3, paused=True)},
            }
        )
        cls.admin = cls.create_user(
            "channel_admin",
            "base.group_system,account.group_account_manager,"
            "queue_job.group_queue_job_manager",
        )
        cls.settings = cls.env["res.config.settings"].with_user(cls.admin)

    def save(self, **changes):
        """Open the settings, change a channel each, and save.

        :param changes: by the last part of the channel's name: {field: value}
        """
        with Form(self.settings) as form:
            for number, name in enumerate(OURS):
                values = changes.pop(name.rpartition(".")[2], {})
                with form.queue_job_channel_ids.edit(number) as line:
                    self.assertEqual(line.channel_id.complete_name, name)
                    for field, value in values.items():
                        setattr(line, field, value)
        self.assertFalse(changes)
        form.record.execute()
        self.env.invalidate_all()

    def test_all_channels_of_ai_work_are_there_and_no_others(self):
        lines = self.env["queue.job.channel.setting"]._prepare_lines()
        channels = self.env["queue.job.channel"].browse(
            [line["channel_id"] for line in lines]
        )
        self.assertEqual(channels.mapped("complete_name"), OURS)
        self.assertEqual([line["capacity"] for line in lines], [4, 3, 2])

    def test_so_is_the_channel_that_our_jobs_were_moved_to(self):
        function = self.processing.job_function_ids[:1]
        function.channel_id = self.bills
        self.assertIn(self.bills, self.env["queue.job.channel"]._get_ours())

    def test_capacity_throttle_and_pause(self):
        self.save(
            root={"capacity": 6},
            ai_processing={"capacity": 1, "throttle": 3},
            ai_forecasting={"paused": True},
        )
        self.assertEqual(self.root.capacity, 6)
        self.assertEqual((self.processing.capacity, self.processing.throttle), (1, 3))
        self.assertEqual(self.forecasting.ai_queue_state, "paused")
        self.assertFalse(self.forecasting.capacity)
        self.save(ai_forecasting={"paused": False})
        self.assertEqual(self.forecasting.ai_queue_state, "free")

    def test_the_runner_is_told(self):
        channel = type(self.root)
        with patch.object(channel, "_notify_channel_config_changed") as notify:
            self.save(ai_processing={"throttle": 3})
            notify.assert_called()

    def test_what_is_not_changed_is_left_alone(self):
        with patch.object(type(self.root), "write", autospec=True) as write:
            self.save()
            write.assert_not_called()
        self.assertFalse((self.root | self.processing).filtered("ai_queue_is_set"))

    def test_what_others_change_meanwhile_is_kept(self):
        with Form(self.settings) as form:
            self.processing.capacity = 1
            with form.queue_job_channel_ids.edit(0) as line:
                line.capacity = 5
        form.record.execute()
        self.assertEqual((self.root.capacity, self.processing.capacity), (5, 1))

    def test_a_capacity_of_zero_is_refused(self):
        with self.assertRaisesRegex(ValidationError, "Pause the channel"):
            self.save(root={"capacity": 0})

    def test_other_settings_leave_the_channels_alone(self):
        system = self.create_user(
            "channel_system", "base.group_system,account.group_account_manager"
        )
        self.settings.with_user(system).create({}).execute()
        self.assertFalse(self.root.capacity)

    def test_settings_of_others_do_not_reach_the_channels(self):
        system = self.create_user(
            "channel_system", "base.group_system,account.group_account_manager"
        )
        settings = self.settings.with_user(system).create({})
        settings.sudo().queue_job_channel_ids = [
            Command.create(
                {"channel_id": self.root.id, "capacity": 9, "shown": {"capacity": 4}}
            )
        ]
        settings.execute()
        self.assertFalse(self.root.capacity)
