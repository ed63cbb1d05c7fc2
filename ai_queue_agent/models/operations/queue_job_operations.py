# Copyright 2026 The ai_queue contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
from odoo import models


class QueueJobOperations(models.AbstractModel):
    _inherit = "queue.job.operations"

    # EXTENDS queue_job_operations
    def _get_tiles(self, period, counts, active, runner):
        tiles = super()._get_tiles(period, counts, active, runner)
        # Managers of the job queue may have no role in agents.
        if self.env["ai.queue.proposal"].has_access("read"):
            tiles = [*tiles, self._get_tile_proposals()]
        if self.env["ai.queue.agent.case"].has_access("read"):
            tiles = [*tiles, *self._get_tile_questions()]
        return tiles

    def _get_tile_proposals(self):
        """What agents propose, of what the reader may see."""
        domain = [("state", "=", "open")]
        groups = self.env["ai.queue.proposal"]._read_group(
            domain, ["verdict"], ["__count"]
        )
        counts = dict(groups)
        detail = self.env._("nothing to decide")
        if counts:
            detail = self.env._(
                "%(hold)s to hold, %(ask)s to ask about, %(approve)s to approve",
                hold=self._say_number(counts.get("hold", 0)),
                ask=self._say_number(counts.get("ask", 0)),
                approve=self._say_number(counts.get("approve", 0)),
            )
        name = self.env._("Proposals to Decide")
        count = sum(counts.values())
        return self._make_tile(
            "proposals",
            name,
            count,
            self._say_number(count),
            self._get_list_action(name, "ai.queue.proposal", domain),
            detail=detail,
        )

    def _get_tile_questions(self):
        """What agents ask the reader and wait for; no tile while they do not."""
        domain = [("state", "=", "waiting"), ("user_id", "=", self.env.uid)]
        count = self.env["ai.queue.agent.case"].search_count(domain)
        if not count:
            return []
        name = self.env._("Waits for You")
        return [
            self._make_tile(
                "agent_questions",
                name,
                count,
                self._say_number(count),
                self._get_list_action(name, "ai.queue.agent.case", domain),
                detail=self.env._("questions of agents"),
                state="warning",
                sentence=self.env._(
                    "Agents have asked you something and wait. Open each and answer; "
                    "they go on from there."
                ),
            )
        ]
