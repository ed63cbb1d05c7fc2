# Copyright 2026 The ai_queue contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
from datetime import datetime, timedelta
from unittest.mock import patch

from odoo.tests import Form

from ..jobrunner.channel_rules import Spec
from . import common

NOW = datetime.fromisoformat(common.NOW)


class ChannelMixin:
    """A runner that said how odoo.conf has the channels."""

    @classmethod
    def set_up_channels(cls):
        cls.root = cls.env.ref("queue_job.channel_root")
        cls.env["queue.job.channel"].search([]).write(
            {"capacity": False, "throttle": 0, "sequential": False, "paused": False}
        )
        cls.bills = cls.create_channel("bills")
        cls.paper = cls.create_channel("paper", cls.bills)
        cls.off = cls.create_channel("off")
        cls.report(
            {
                "root": {"base": Spec(4)},
                "root.bills": {"base": Spec(2)},
                "root.off": {"base": Spec(3, paused=True)},
            }
        )

    @classmethod
    def create_channel(cls, name, parent=None):
        vals = {"name": name, "parent_id": (parent or cls.root).id}
        return cls.env["queue.job.channel"].create(vals)

    @classmethod
    def report(cls, said, **vals):
        """What the runner says of its channels now."""
        cls.env.cr.execute("DELETE FROM queue_job_runner")
        cls.env.flush_all()
        cls.env["queue.job.runner"].create(
            {
                "name": "server",
                "pid": 1,
                "date_seen": cls.env.cr.now(),
                "origin": "file",
                "database_count": 1,
                "channels": said,
                **vals,
            }
        )
        cls.env.invalidate_all()


class RunnerMixin(ChannelMixin):
    """No job runner was ever seen."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.set_up_channels()
        cls.runners = cls.env["queue.job.runner"]
        cls.env.cr.execute("DELETE FROM queue_job_runner")
        cls.env.invalidate_all()

    def seen(self, ago=timedelta(0), **vals):
        self.report({"root": {"base": Spec(4)}}, date_seen=NOW - ago, **vals)

    def connected(self, since):
        """Let a runner hold the lock of this database since then (None: none does)."""
        return patch.object(
            type(self.runners), "_get_lock_date", lambda self: since and NOW - since
        )

    def problem(self, since=None):
        with self.connected(since):
            return self.runners._get_problem()


class ChannelSettingsMixin(ChannelMixin):
    """An administrator who may tune channels opens the settings."""

    #: the channels that the settings show, in their order
    shown = ()

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.set_up_channels()
        cls.admin = cls.create_user(
            "channel_admin", f"base.group_system,{cls.manager_groups}"
        )
        cls.settings = cls.env["res.config.settings"].with_user(cls.admin)

    def save(self, **changes):
        """Open the settings, change a channel each, and save.

        :param changes: by the last part of the channel's name: {field: value}
        """
        with Form(self.settings) as form:
            for number, name in enumerate(self.shown):
                values = changes.pop(name.rpartition(".")[2], {})
                with form.queue_job_channel_ids.edit(number) as line:
                    self.assertEqual(line.channel_id.complete_name, name)
                    for field, value in values.items():
                        setattr(line, field, value)
        self.assertFalse(changes)
        form.record.execute()
        self.env.invalidate_all()
