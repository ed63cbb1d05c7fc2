# Copyright 2026 The ai_queue contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
import json
from unittest.mock import patch

from odoo.tests import freeze_time

from ..models import queue_job_operations_many
from .common_alert import CHANNEL
from .common_hour import HourMixin, at

#: of this addon; those of others come after them
TILES = ["waiting", "running", "done", "failure_rate", "run_p95", "wait_p95"]
PERIODS = ("hour", "day", "week")


def first_tiles(figures):
    """The keys of the first tiles, as many as this addon has."""
    return [tile["key"] for tile in figures["tiles"][: len(TILES)]]


class OperationsMixin(HourMixin):
    """The screen of an administrator, at START + 30 minutes."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.channels = cls.env["queue.job.channel"]
        cls.root = cls.channels.search([("complete_name", "=", "root")])
        cls.channel = cls.channels.create(
            {"name": CHANNEL.removeprefix("root."), "parent_id": cls.root.id}
        )
        cls.operations = cls.env["queue.job.operations"].with_user(cls.manager)

    def figures(self, period="day", minute=30, operations=None):
        self.env.flush_all()
        with freeze_time(at(minute)):
            self.beat(minute)
            # A model without records is as good as False.
            operations = self.operations if operations is None else operations
            figures = operations.get_figures(period)
        json.dumps(figures)
        self.tiles = {tile["key"]: tile for tile in figures["tiles"]}
        self.assertEqual(first_tiles(figures), TILES)
        return figures

    def listed(self, action, operations=None):
        """How many records the list of an action has."""
        env = (self.operations if operations is None else operations).env
        return env[action["res_model"]].search_count(action["domain"])

    def tile(self, key, *names):
        return tuple(self.tiles[key][name] for name in names)


class OperationsManyMixin(OperationsMixin):
    """Retrying and cancelling many, two at a time."""

    def setUp(self):
        super().setUp()
        for name in ("BATCH", "RETRIED"):
            self.startPatcher(patch.object(queue_job_operations_many, name, 2))

    def at_most(self, count):
        self.startPatcher(patch.object(queue_job_operations_many, "AT_ONCE", count))

    def call(self, method, *args):
        with freeze_time(at(30)):
            result = getattr(self.operations, method)(*args)
        self.commit()
        return result

    def states(self, jobs):
        return jobs.mapped("state")
