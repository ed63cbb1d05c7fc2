# Copyright 2026 The ai_queue contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
from odoo import models

from odoo.addons.queue_job_operations.durations import describe_duration

from ... import broker


class QueueJobOperations(models.AbstractModel):
    """What the hand-off adds to the Operations screen: workers, and what they have."""

    _inherit = "queue.job.operations"

    # EXTENDS queue_job_operations
    def _get_tiles(self, period, counts, active, runner):
        tiles = super()._get_tiles(period, counts, active, runner)
        workers = self.env["ai.queue.worker"]
        if not workers.has_access("read"):
            # Managers of the job queue may have no role in AI Queue.
            return tiles
        bridge = self.env["ai.queue.bridge"]
        here = workers._get_here()
        if not here and not bridge._is_any_on():
            return tiles
        return [*tiles, self._get_tile_workers(here), self._get_tile_handed(here)]

    def _get_tile_workers(self, here):
        state, sentence = self._judge_workers()
        details = [
            self.env._(
                "%(running)s of %(places)s places taken",
                running=self._say_number(sum(here.mapped("running"))),
                places=self._say_number(sum(here.mapped("concurrency"))),
            )
        ]
        machines = len(set(here.mapped("host")))
        if machines > 1:
            details.append(self.env._("%s machines", self._say_number(machines)))
        return self._make_tile(
            "ai_workers",
            self.env._("AI Workers"),
            len(here),
            self._say_number(len(here)),
            self._get_list_action(
                self.env._("AI Workers"), "ai.queue.worker", [("state", "=", "here")]
            ),
            detail=", ".join(details),
            state=state,
            sentence=sentence,
        )

    def _judge_workers(self):
        bridge = self.env["ai.queue.bridge"]
        if not bridge._is_any_on():
            return "ok", ""
        if broker.get_problem():
            return "danger", self.env._(
                "Redis is not set up: the work is done here. The check-up says where "
                "to enter its address."
            )
        down = bridge._get_lacking()
        if "broker" in down:
            return "danger", self.env._(
                "Redis is not reached. If that lasts, the work is done here."
            )
        if "memory" in down:
            return "danger", self.env._(
                "Redis is full. If that lasts, the work is done here."
            )
        if not bridge._is_alive():
            return "danger", self.env._(
                "No bridge brings the answers: start odoo ai_queue_bridge. Jobs look "
                "for them by themselves meanwhile, which is slow."
            )
        if down:
            return "warning", self.env._(
                "No worker does what is to be done: its work is done here. The "
                "check-up says which one is missing."
            )
        return "ok", ""

    def _get_tile_handed(self, here):
        count, oldest = self.env["ai.queue.call"]._count_handed()
        details = []
        if count:
            details.append(
                self.env._("the oldest for %s", describe_duration(self.env, oldest))
            )
        if failed := sum(here.mapped("failed")):
            details.append(self.env._("%s failed", self._say_number(failed)))
        return self._make_tile(
            "ai_handed",
            self.env._("Questions with Workers"),
            count,
            self._say_number(count),
            self._get_list_action(
                self.env._("Questions with Workers"),
                "ai.queue.call",
                [("handed", "=", "out"), ("state", "=", "asking")],
            ),
            detail=", ".join(details),
        )
