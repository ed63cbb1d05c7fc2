# Copyright 2026 The ai_queue contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
from odoo.tests import tagged

from odoo.addons.queue_job_operations.jobrunner.channel_rules import Spec
from odoo.addons.queue_job_operations.tests.common_channel import ChannelSettingsMixin

from .common import AiQueueCommon


@tagged("post_install", "-at_install")
class TestChannelsOfAi(ChannelSettingsMixin, AiQueueCommon):
    """The settings show the channels of AI work, and those alone."""

    shown = ("root", "root.ai_forecasting", "root.ai_processing")

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
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

    def test_all_channels_of_ai_work_are_there_and_no_others(self):
        lines = self.env["queue.job.channel.setting"]._prepare_lines()
        channels = self.env["queue.job.channel"].browse(
            [line["channel_id"] for line in lines]
        )
        self.assertEqual(tuple(channels.mapped("complete_name")), self.shown)
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
        self.assertEqual(self.forecasting.state, "paused")
        self.assertFalse(self.forecasting.capacity)
        self.save(ai_forecasting={"paused": False})
        self.assertEqual(self.forecasting.state, "free")

    def test_what_suits_them_depends_on_root(self):
        recommend = self.env["queue.job.channel"]._get_recommended
        for root, processing, forecasting in ((1, 1, 1), (4, 2, 3), (9, 4, 8)):
            self.assertEqual(
                recommend(root),
                {
                    "root": root,
                    "root.ai_processing": processing,
                    "root.ai_forecasting": forecasting,
                },
            )
