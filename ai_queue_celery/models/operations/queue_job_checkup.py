# Copyright 2026 The ai_queue contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
from odoo import api, models

from ... import broker, checkup
from ...worker import packing
from ..ai_queue_bridge import ON_OF


class QueueJobCheckup(models.AbstractModel):
    """What the hand-off to workers needs, and in words."""

    _inherit = "queue.job.checkup"

    # EXTENDS queue_job_operations
    @api.model
    def _get_rules(self):
        return [*super()._get_rules(), *checkup.RULES]

    # EXTENDS queue_job_operations
    @api.model
    def _get_extra(self, quick=False):
        return {**super()._get_extra(quick), "elsewhere": self._get_elsewhere()}

    def _get_elsewhere(self):
        """From what the bridge has noted: Redis itself is not asked."""
        bridge = self.env["ai.queue.bridge"]
        row = bridge._get()
        workers = self.env["ai.queue.worker"].sudo()._get_here()
        ours = packing.get_code()
        codes = {ours: [self.env._("Odoo")]}
        for worker in workers:
            is_ours = worker.code == packing.get_code_of(worker.kind)
            codes.setdefault(ours if is_ours else worker.code, []).append(worker.host)
        lacking = bridge._get_lacking()
        down = [bridge._find_provider(what).name for what in lacking]
        down += [what for what in lacking if what in ("broker", "memory")]
        return checkup.Elsewhere(
            is_on=bridge._is_any_on(),
            problem=broker.get_problem(),
            has_bridge=bridge._is_alive(),
            down=tuple(filter(None, down)),
            lacks=tuple(kind for kind in ON_OF if kind in lacking),
            redis=row.redis or {},
            codes=codes,
            skews={**self._get_skew(row), **{one.host: one.skew for one in workers}},
        )

    def _get_skew(self, row):
        """That of the machine of the bridge, while there is one."""
        host = (row.name or "").rpartition(":")[0]
        return {host: (row.redis or {}).get("skew", 0.0)} if host else {}

    # ------------------------------------------------------------
    # WORDS
    # ------------------------------------------------------------

    def _say_ai_bridge(self, case, _values):
        if not case:
            return self.env._("The bridge brings what AI workers answer."), "", ""
        return (
            self.env._("No bridge brings what AI workers answer."),
            self.env._(
                "Jobs look for their answers themselves, every few seconds, which is "
                "slow. Start the bridge, as a service of its own."
            ),
            "odoo ai_queue_bridge -c /etc/odoo/odoo.conf",
        )

    def _say_ai_broker(self, case, values):
        if not case:
            return self.env._("Redis is reached, and keeps what it is given."), "", ""
        if case in ("unknown", "unreadable", "down", "full"):
            return self._say_ai_broker_away(case)
        if case == "evicts":
            return (
                self.env._(
                    "Redis deletes what it holds when its memory is full (%s).",
                    values["policy"],
                ),
                self.env._("Questions and answers that are paid for may be lost."),
                f"maxmemory-policy {checkup.NO_EVICTION}",
            )
        return (
            self.env._("Redis forgets what it holds when it is started again."),
            self.env._(
                "Answers that are paid for may be lost, and questions are asked again."
            ),
            "appendonly yes\nappendfsync everysec",
        )

    def _say_ai_broker_away(self, case):
        if case == "unknown":
            return (
                self.env._("Work is to go to workers, but Redis is not set up."),
                self.env._(
                    "It is done here. Say where Redis is, in the environment or in "
                    "odoo.conf, and start Odoo again."
                ),
                "[ai_queue_celery]\nbroker_url = rediss://:PASSWORD@HOST:6379/0",
            )
        if case == "unreadable":
            return (
                self.env._("The address of Redis cannot be read."),
                self.env._(
                    "Work is done here. Have its password percent-encoded; it begins "
                    "with redis:// or rediss://, and ssl_cert_reqs is required, "
                    "optional or none."
                ),
                "[ai_queue_celery]\n"
                "# in PASSWORD / is %2F, @ is %40, # is %23, ? is %3F\n"
                "broker_url = rediss://:PASSWORD@HOST:6379/0",
            )
        if case == "down":
            return (
                self.env._("Redis is not reached."),
                self.env._(
                    "Work waits, and after some minutes it is done here. See "
                    "whether Redis runs, and whether its address is right."
                ),
                "",
            )
        return (
            self.env._("Redis is full."),
            self.env._(
                "Work waits, and after some minutes it is done here. Raise "
                "maxmemory of Redis, or see what else it holds."
            ),
            "maxmemory 2gb",
        )

    def _say_ai_workers(self, case, values):
        if not case:
            return self.env._("AI workers are there, with the same code."), "", ""
        if case == "missing":
            slug = packing.slug(values["provider"]).upper()
            return (
                self.env._("No worker reaches %s.", values["provider"]),
                self.env._(
                    "Its questions are asked here. Start a worker whose environment "
                    "names it."
                ),
                f"AI_QUEUE_BASE_URL_{slug}=https://…/v1",
            )
        if case == "documents":
            return (
                self.env._("No worker reads documents."),
                self.env._("They are read here. Start a worker for them."),
                "bin/worker --kind documents",
            )
        if case == "forecasts":
            return (
                self.env._("No worker calculates forecasts."),
                self.env._("They are calculated here. Start a worker for them."),
                "bin/worker --kind forecasts",
            )
        if case == "versions":
            return (
                self.env._("Odoo and its AI workers have different code."),
                self.env._(
                    "They may understand each other wrongly, and work is done here "
                    "that is not sure to come out the same. Update these with their "
                    "libraries, and start them again: %s.",
                    values["machines"],
                ),
                "",
            )
        return (
            self.env._(
                "The clock of %(machine)s is %(seconds)s s off.",
                machine=values["machine"],
                seconds=values["seconds"],
            ),
            self.env._("Its log cannot be compared with others. Keep its time by NTP."),
            "timedatectl set-ntp true",
        )
