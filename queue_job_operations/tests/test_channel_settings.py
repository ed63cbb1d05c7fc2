# Copyright 2026 The ai_queue contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
from unittest.mock import patch

from odoo import Command
from odoo.exceptions import ValidationError
from odoo.tests import Form, tagged

from ..models.queue_job_channel import QueueJobChannel
from .common import QueueJobCommon
from .common_channel import ChannelSettingsMixin


@tagged("post_install", "-at_install")
class TestChannelSettings(ChannelSettingsMixin, QueueJobCommon):
    """Channels are tuned in the settings."""

    shown = ("root", "root.bills", "root.off")

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        # Whatever channels this database has, and whichever of them other addons show.
        ids = (cls.root | cls.bills | cls.off).ids
        cls.startClassPatcher(
            patch.object(
                cls.registry["queue.job.channel"],
                "_get_ours",
                lambda channels: channels.browse(ids),
            )
        )

    def test_the_settings_have_a_line_for_each_channel(self):
        lines = self.env["queue.job.channel.setting"]._prepare_lines()
        channels = self.env["queue.job.channel"].browse(
            [line["channel_id"] for line in lines]
        )
        self.assertEqual(tuple(channels.mapped("complete_name")), self.shown)
        self.assertEqual([line["capacity"] for line in lines], [4, 2, 3])
        self.assertEqual([line["paused"] for line in lines], [False, False, True])

    def test_without_other_addons_all_channels_are_shown_root_first(self):
        # Of this addon alone, whatever extends it.
        channels = QueueJobChannel._get_ours(self.env["queue.job.channel"])
        self.assertEqual(channels, self.env["queue.job.channel"].search([]))
        self.assertEqual(channels[0], self.root)
        self.assertLessEqual(self.bills | self.paper | self.off, channels)

    def test_capacity_throttle_and_pause(self):
        self.save(
            root={"capacity": 6},
            bills={"capacity": 1, "throttle": 3},
            off={"paused": False},
        )
        self.assertEqual(self.root.capacity, 6)
        self.assertEqual((self.bills.capacity, self.bills.throttle), (1, 3))
        self.assertEqual((self.off.state, self.off.capacity), ("free", 3))
        self.save(bills={"paused": True})
        self.assertEqual((self.bills.state, self.bills.capacity), ("paused", 1))
        self.save(bills={"paused": False})
        self.assertEqual(self.bills.state, "free")

    def test_the_runner_is_told(self):
        channel = type(self.root)
        with patch.object(channel, "_notify_channel_config_changed") as notify:
            self.save(bills={"throttle": 3})
            notify.assert_called()

    def test_what_is_not_changed_is_left_alone(self):
        with patch.object(type(self.root), "write", autospec=True) as write:
            self.save()
            write.assert_not_called()
        self.assertFalse((self.root | self.bills).filtered("is_set"))

    def test_what_others_change_meanwhile_is_kept(self):
        with Form(self.settings) as form:
            self.bills.capacity = 1
            with form.queue_job_channel_ids.edit(0) as line:
                line.capacity = 5
        form.record.execute()
        self.assertEqual((self.root.capacity, self.bills.capacity), (5, 1))

    def test_a_capacity_of_zero_is_refused(self):
        with self.assertRaisesRegex(ValidationError, "Pause the channel"):
            self.save(root={"capacity": 0})

    def test_other_settings_leave_the_channels_alone(self):
        system = self.create_user("channel_system", "base.group_system")
        self.settings.with_user(system).create({}).execute()
        self.assertFalse(self.root.capacity)

    def test_settings_of_others_do_not_reach_the_channels(self):
        system = self.create_user("channel_system", "base.group_system")
        settings = self.settings.with_user(system).create({})
        settings.sudo().queue_job_channel_ids = [
            Command.create(
                {"channel_id": self.root.id, "capacity": 9, "shown": {"capacity": 4}}
            )
        ]
        settings.execute()
        self.assertFalse(self.root.capacity)
