# Copyright 2026 The ai_queue contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
import json
import socket
from datetime import timedelta
from typing import NamedTuple

from odoo import api, fields, models
from odoo.tools import SQL

from .. import bridge

ON = "ai_queue_celery.models"
DOCUMENTS_ON, FORECASTS_ON = "ai_queue_celery.documents", "ai_queue_celery.forecasts"
#: of the kinds of work that go in pieces, see ``handing``
ON_OF = {"documents": DOCUMENTS_ON, "forecasts": FORECASTS_ON}
#: what a key of ``down`` begins with that is about the workers of a provider
PROVIDER = "provider:"
BROKER = "broker"
#: who notes as the bridge what is not to be had; all others do as their machine
BRIDGE = "bridge"
PATIENCE = "ai_queue_celery.patience_minutes"
DEFAULT_PATIENCE = 5
#: A bridge that was not heard of for so long is gone, and another one takes over.
GONE_SECONDS = 15
#: Redis that was not there is not looked for again by every job, seconds.
FRESH_SECONDS = 20
#: What a machine missed and the bridge sees is forgotten when nobody there has tried it
#: for so long, seconds.
QUIET_SECONDS = 10 * 60


class Down(NamedTuple):
    """Since when something is not to be had.

    :ivar since: datetime; None when it is there
    :ivar is_fresh: somebody has tried in vain just now
    :ivar is_over: it was waited for as long as the settings say
    """

    since: fields.Datetime | None = None
    is_fresh: bool = False
    is_over: bool = False


class AiQueueBridge(models.Model):
    """What is known of the workers and of who brings their answers: one row.

    Written by side cursors only.
    """

    _name = "ai.queue.bridge"
    _description = "Bridge to AI Workers"
    _log_access = False

    name = fields.Char(readonly=True, help="The process that brings the answers.")
    date_seen = fields.Datetime(readonly=True)
    # {"WHAT@WHO": {"since", "tried", "error": word}}: WHAT is "broker", "memory" (of
    # Redis), a key of ON_OF or "provider:<id>"; WHO is the machine that tried it, or
    # `BRIDGE`. Each has its own address, password and code: what one of them reaches,
    # another one may not.
    down = fields.Json(readonly=True)
    # {"version", "policy", "is_kept", "memory", "skew"}: how Redis is, and by how many
    # seconds the clock of the bridge is ahead of its own
    redis = fields.Json(readonly=True)
    # [{"name": slug of a provider or a key of ON_OF, "waiting": number}]
    queues = fields.Json(readonly=True)

    @staticmethod
    def _make_bridge(database):
        """The thread that works for a database, not started."""
        return bridge.Bridge(database)

    @api.model
    def _get(self):
        return self.env.ref("ai_queue_celery.ai_queue_bridge").sudo()

    # ------------------------------------------------------------
    # SETTINGS
    # ------------------------------------------------------------

    @api.model
    def _is_on(self, kind=ON):
        """Whether this kind of work is to be done by workers: questions to models."""
        return bool(self.env["ir.config_parameter"].sudo().get_param(kind))

    @api.model
    def _is_any_on(self):
        """Whether anything is to be done by workers."""
        return any(map(self._is_on, (ON, *ON_OF.values())))

    @api.model
    def _is_needed(self):
        """Whether anything is to be done by workers, or is with them from before."""
        return self._is_any_on() or self.env["ai.queue.call"]._is_any_out()

    @api.model
    def _get_lacking(self):
        """What work is to go to and somebody has not had, without what was switched
        off or archived since.

        :return: {WHAT: {"since", "error"}} as of ``down``, of who has missed it longest
        """
        if not self._is_any_on():
            return {}
        found = {}
        for what, known in self._get_down_of_all().items():
            if what.startswith(PROVIDER):
                is_wanted = self._is_on() and self._find_provider(what).active
            else:
                is_wanted = what not in ON_OF or self._is_on(ON_OF[what])
            if is_wanted:
                found[what] = known
        return found

    @api.model
    def _get_down_of_all(self):
        found = {}
        for key, known in (self._get().down or {}).items():
            what = key.rpartition("@")[0]
            if what not in found or known["since"] < found[what]["since"]:
                found[what] = known
        return found

    @api.model
    def _find_provider(self, what):
        """The provider that a key of ``down`` is about; none where it is about another
        thing, or where the provider was deleted."""
        providers = self.env["ai.queue.provider"].sudo()
        if not what.startswith(PROVIDER):
            return providers
        return providers.browse(int(what.removeprefix(PROVIDER))).exists()

    @api.model
    def _get_patience(self):
        """For how long workers that are not there are waited for."""
        value = self.env["ir.config_parameter"].sudo().get_param(PATIENCE)
        minutes = int(value) if (value or "").isdecimal() else DEFAULT_PATIENCE
        return timedelta(minutes=minutes)

    # ------------------------------------------------------------
    # ELECTION, by side cursors only
    # ------------------------------------------------------------

    @api.model
    def _elect(self, name):
        """Be the one who brings the answers, unless another one is alive.

        Two at a time would do no harm: each answer is settled once.
        """
        self.env.cr.execute(
            SQL(
                """
                UPDATE ai_queue_bridge
                   SET name = %(name)s, date_seen = clock_timestamp() AT TIME ZONE 'UTC'
                 WHERE id = %(id)s AND (
                       name = %(name)s OR name IS NULL OR date_seen IS NULL
                       OR date_seen < (clock_timestamp() AT TIME ZONE 'UTC') - %(gone)s)
                """,
                name=name,
                id=self._get().id,
                gone=timedelta(seconds=GONE_SECONDS),
            )
        )
        self.invalidate_model()
        return bool(self.env.cr.rowcount)

    @api.model
    def _resign(self, name):
        """Another one may take over at once."""
        self.env.cr.execute(
            SQL(
                "UPDATE ai_queue_bridge SET name = NULL, date_seen = NULL "
                "WHERE name = %s",
                name,
            )
        )
        self.invalidate_model()

    @api.model
    def _is_alive(self):
        """Whether somebody brings the answers."""
        seen = self._get().date_seen
        gone = timedelta(seconds=GONE_SECONDS)
        return bool(seen) and seen > self._get_time() - gone

    @api.model
    def _get_time(self):
        """The time of PostgreSQL, by which all is judged that several servers note:
        their own clocks may differ."""
        self.env.cr.execute("SELECT clock_timestamp() AT TIME ZONE 'UTC'")
        return self.env.cr.fetchone()[0].replace(microsecond=0)

    # ------------------------------------------------------------
    # WHAT IS NOT TO BE HAD, by side cursors only
    # ------------------------------------------------------------

    @api.model
    def _get_down(self, what):
        """As this machine has tried it.

        :param str what: "broker", or "provider:<id>" for its workers
        :return: `Down`
        """
        known = (self._get().down or {}).get(self._name_down(what))
        if not known:
            return Down()
        now = self._get_time()
        since = fields.Datetime.to_datetime(known["since"])
        tried = fields.Datetime.to_datetime(known["tried"])
        return Down(
            since,
            tried > now - timedelta(seconds=FRESH_SECONDS),
            now - since >= self._get_patience(),
        )

    @staticmethod
    def _name_down(what, who=None):
        return f"{what}@{who or socket.gethostname()}"

    @api.model
    def _note_down(self, what, error, who=None):
        """Something was tried in vain just now.

        :param str error: a word for administrators, without an address
        :param str who: `BRIDGE`; None for this machine
        """
        now = fields.Datetime.to_string(self._get_time())
        # Many do at a time: in one statement.
        self.env.cr.execute(
            SQL(
                """
                UPDATE ai_queue_bridge
                   SET down = coalesce(down, '{}') || jsonb_build_object(%(key)s::text,
                       jsonb_build_object(
                           'since', coalesce(down -> %(key)s ->> 'since', %(now)s),
                           'tried', %(now)s::text, 'error', %(error)s::text))
                 WHERE id = %(id)s
                """,
                key=self._name_down(what, who),
                now=now,
                error=error,
                id=self._get().id,
            )
        )
        self.invalidate_model()

    @api.model
    def _note_up(self, *whats):
        """This machine has these."""
        down = self._get().down or {}
        self._forget_down(key for key in map(self._name_down, whats) if key in down)

    @api.model
    def _note_reached(self, whats):
        """The bridge has these; what it missed itself is over.

        What a machine missed is over when it came with that, or when nobody has missed
        it there for a while. Else somebody who still cannot reach it would begin to
        wait anew again and again, and nobody would be told.
        """
        now, down = self._get_time(), self._get().down or {}
        mine = down.get(self._name_down(BROKER, BRIDGE))
        over = []
        for key, known in down.items():
            what, _at, who = key.rpartition("@")
            if what not in whats:
                continue
            since = fields.Datetime.to_datetime(known["since"])
            tried = fields.Datetime.to_datetime(known["tried"])
            came_with_mine = mine and since >= (
                fields.Datetime.to_datetime(mine["since"])
                - timedelta(seconds=FRESH_SECONDS)
            )
            is_quiet = tried < now - timedelta(seconds=QUIET_SECONDS)
            if who == BRIDGE or came_with_mine or is_quiet:
                over.append(key)
        self._forget_down(over)

    def _forget_down(self, keys):
        if keys := list(keys):
            self.env.cr.execute(
                SQL(
                    "UPDATE ai_queue_bridge SET down = down - %s::text[] WHERE id = %s",
                    keys,
                    self._get().id,
                )
            )
            self.invalidate_model()

    # ------------------------------------------------------------
    # WHAT IS SEEN, by side cursors only
    # ------------------------------------------------------------

    @api.model
    def _note_seen(self, workers, redis, queues):
        """How workers, Redis and queues are just now; arguments as the fields."""
        self.env.cr.execute(
            SQL(
                "UPDATE ai_queue_bridge SET redis = %s, queues = %s WHERE id = %s",
                json.dumps(redis),
                json.dumps(queues),
                self._get().id,
            )
        )
        self.invalidate_model()
        self.env["ai.queue.worker"]._note_seen(workers)
