# Copyright 2026 The ai_queue contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
from odoo import models
from odoo.tools import formatLang

from odoo.addons.queue_job.job import DONE, ENQUEUED, FAILED, PENDING, STARTED

from ..durations import MINUTE, describe_duration

#: fewer than this tell nothing of a rate or a percentile
FEW = 5
#: the alert rules whose thresholds say when a tile is bad
JUDGES = ("waiting", "failures")
NOTHING = "–"


class QueueJobOperations(models.AbstractModel):
    """The tiles: a figure, whether it is bad, and the list of what it counted.

    What is bad is what the alert rules say: the thresholds are theirs.
    """

    _inherit = "queue.job.operations"

    def _get_tiles(self, period, counts, active, runner):
        """The tiles of the screen, in their order: hook for addons that have more.

        See ``_make_tile`` and ``_judge``.

        :param counts: [(done, failed)] of each bar
        :param active: what ``_count_active`` returns
        :param runner: what ``_get_runner`` returns
        """
        rules = self._get_judges(JUDGES)
        done = sum(pair[0] for pair in counts)
        failed = sum(pair[1] for pair in counts)
        measured = self.env["queue.job.hour"]._measure(
            period.start, period.end, self.env.companies
        )
        return [
            self._get_tile_waiting(active, runner, rules),
            self._get_tile_running(active),
            self._get_tile_done(period, done),
            self._get_tile_failures(period, done, failed, rules),
            self._get_tile_run(period, measured.run_times),
            self._get_tile_wait(period, measured.wait_times, rules),
        ]

    def _make_tile(self, key, label, value, text, action, **values):
        return {
            "key": key,
            "label": label,
            "value": value,
            "format": "integer",
            "text": text,
            "detail": "",
            "state": "ok",
            "sentence": "",
            "few": False,
            "action": action,
            **values,
        }

    # ------------------------------------------------------------
    # NOW
    # ------------------------------------------------------------

    def _get_tile_waiting(self, active, runner, rules):
        root = active["root"]
        details = []
        if root.oldest is not None:
            age = describe_duration(self.env, root.oldest)
            details.append(self.env._("the oldest for %s", age))
        if root.put_off:
            number = self._say_number(root.put_off)
            details.append(self.env._("%s postponed", number))
        state, sentence = "ok", ""
        if root.oldest is not None:
            state, sentence = self._judge_waiting(root.oldest, runner, rules)
        return self._make_tile(
            "waiting",
            self.env._("Waiting"),
            root.waiting,
            self._say_number(root.waiting),
            self._get_jobs_action(
                self.env._("Waiting Jobs"), [("state", "=", PENDING)]
            ),
            detail=", ".join(details),
            state=state,
            sentence=sentence,
        )

    def _judge_waiting(self, seconds, runner, rules):
        if runner["state"] == "danger":
            return "danger", runner["sentence"]
        state = self._judge(rules, "waiting", seconds / MINUTE)
        if state == "ok":
            return state, ""
        return state, self.env._(
            "Jobs that could run have waited for %s. See whether their channel is "
            "paused or too small.",
            describe_duration(self.env, seconds),
        )

    def _get_tile_running(self, active):
        root = active["root"]
        channel = self.env.ref("queue_job.channel_root")
        capacity = channel.effective_capacity
        text = self._say_number(root.running)
        if capacity:
            text = self.env._(
                "%(running)s of %(capacity)s",
                running=text,
                capacity=self._say_number(capacity),
            )
        details, state, sentence = [], "ok", ""
        if root.others:
            number = self._say_number(root.others)
            details.append(self.env._("%s more of other companies", number))
        if channel.effective_paused:
            state = "warning"
            sentence = self.env._(
                "All channels are paused: no job starts. Resume root to go on."
            )
        return self._make_tile(
            "running",
            self.env._("Running"),
            root.running,
            text,
            self._get_jobs_action(
                self.env._("Running Jobs"), [("state", "in", (ENQUEUED, STARTED))]
            ),
            detail=", ".join(details),
            state=state,
            sentence=sentence,
        )

    # ------------------------------------------------------------
    # OF THE PERIOD
    # ------------------------------------------------------------

    def _get_tile_done(self, period, done):
        rate = done / period.hours
        return self._make_tile(
            "done",
            self.env._("Done per Hour"),
            rate,
            self._say_number(rate, 0 if rate >= 100 or not done else 1),
            self._get_ended_action(DONE, period.start, period.end),
            format="rate",
            detail=self.env._("%s in total", self._say_number(done)),
            state="ok" if done else "muted",
        )

    def _get_tile_failures(self, period, done, failed, rules):
        ended = done + failed
        numbers = self.env._(
            "%(failed)s of %(ended)s",
            failed=self._say_number(failed),
            ended=self._say_number(ended),
        )
        tile = self._make_tile(
            "failure_rate",
            self.env._("Failure Rate"),
            None,
            numbers if ended else NOTHING,
            self._get_ended_action(FAILED, period.start, period.end),
            format="percent",
            state="muted",
            few=ended < FEW,
        )
        if tile["few"]:
            return tile
        rate = 100.0 * failed / ended
        state = self._judge(rules, "failures", rate, ended) if failed else "ok"
        tile.update(value=rate, text=self._say_percent(rate), detail=numbers)
        tile["state"] = state
        if state != "ok":
            tile["sentence"] = self.env._(
                "%s of the jobs failed. Look at their errors below; fix the cause, "
                "then requeue them.",
                tile["text"],
            )
        return tile

    def _get_tile_run(self, period, times):
        return self._get_tile_times(
            "run_p95", self.env._("Run Time (95 %)"), period, times
        )

    def _get_tile_wait(self, period, times, rules):
        tile = self._get_tile_times(
            "wait_p95", self.env._("Waiting Time (95 %)"), period, times
        )
        if not tile["few"]:
            tile["state"] = self._judge(rules, "waiting", tile["value"] / MINUTE)
            if tile["state"] != "ok":
                tile["sentence"] = self.env._(
                    "One job in twenty waited longer than %s to start. Raise the "
                    "capacity of its channel if the server has room.",
                    tile["text"],
                )
        return tile

    def _get_tile_times(self, key, label, period, times):
        """A percentile, unless there are too few jobs.

        How many there are is not told: jobs that were queued again or deleted are among
        them, and of others no time is known. No list would have that number.
        """
        few = times.count < FEW
        value = None if few else times.quantile(0.95)
        detail = ""
        if not few:
            detail = self.env._(
                "median %s",
                describe_duration(self.env, times.quantile(0.5)),
            )
        return self._make_tile(
            key,
            label,
            value,
            NOTHING if few else describe_duration(self.env, value),
            self._get_ended_action(DONE, period.start, period.end),
            format="duration",
            detail=detail,
            state="muted" if few else "ok",
            few=few,
        )

    # ------------------------------------------------------------
    # JUDGEMENT AND WORDS
    # ------------------------------------------------------------

    def _get_judges(self, codes):
        """The alert rules whose thresholds say when a tile is bad."""
        return self.env["queue.job.alert.rule"].search([("code", "in", codes)])

    def _judge(self, rules, code, value, count=None):
        """What the alert rules think of a value: "ok", "warning" or "danger".

        :param float value: in the unit of their thresholds
        :param int count: cases, for rules that want some
        """
        broken = rules.filtered(
            lambda rule: (
                rule.code == code
                and value >= rule.threshold
                and (count is None or count >= rule.min_count)
            )
        )
        if not broken:
            return "ok"
        severe = "critical" in broken.mapped("severity")
        return "danger" if severe else "warning"

    def _say_number(self, value, digits=0):
        return formatLang(self.env, value, digits=digits)

    def _say_percent(self, value):
        digits = 0 if value >= 10 or value == int(value) else 1
        return self.env._("%s %%", self._say_number(value, digits))
