# Copyright 2026 The ai_queue contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
import logging
from datetime import timedelta

from odoo import api, fields, models, tools
from odoo.exceptions import AccessError, UserError, ValidationError
from odoo.fields import Domain

from .ai_queue_agent_reached import CRON, Start

_logger = logging.getLogger(__name__)

#: So many records that have reached what an agent starts on are taken at a time.
MOST_REACHED = 10_000
#: What could not be started for so long, as its day is full, is forgotten.
REACHED_DAYS = 7
#: Changes of these fields change what is watched.
WATCHED = {"active", "model_id", "start_field_id", "start_value"}


class AiQueueAgent(models.Model):
    """On what an agent starts by itself, its place in menus, and its switch."""

    _inherit = "ai.queue.agent"

    start_field_id = fields.Many2one(
        "ir.model.fields",
        string="When a Record's",
        ondelete="set null",
        domain="[('model_id', '=', model_id), ('store', '=', True), "
        "('company_dependent', '=', False), "
        "('ttype', 'in', ('selection', 'boolean', 'many2one'))]",
        help="It looks at each record as soon as this field gets the value beside it, "
        "whoever or whatever writes it.",
    )
    start_value = fields.Char(
        string="Becomes",
        help="As people see it: the name of a state or of a stage, or Yes or No.",
    )
    start_data = fields.Json(compute="_compute_start_data", store=True)
    start_error = fields.Char(
        string="Could Not Start",
        readonly=True,
        copy=False,
        help="Why it did not start by itself the last time.",
    )
    is_in_menu = fields.Boolean(
        string="In the Actions Menu",
        help="People ask it from the menu Actions of the records' form and list.",
    )
    # Users have no right to make actions but by the switch above.
    menu_action_id = fields.Many2one(
        "ir.actions.server",
        readonly=True,
        copy=False,
        ondelete="set null",
        groups="base.group_system",
    )
    date_on = fields.Datetime(string="Switched on", readonly=True, copy=False)
    off_reason = fields.Char(string="Switched off Because", readonly=True, copy=False)
    # The alert rule that has switched it off, and what this found.
    off_rule_id = fields.Many2one(
        "queue.job.alert.rule", readonly=True, copy=False, ondelete="set null"
    )
    off_data = fields.Json(readonly=True, copy=False)

    # ------------------------------------------------------------
    # WHAT IT STARTS ON
    # ------------------------------------------------------------

    @api.depends("start_field_id", "start_value")
    def _compute_start_data(self):
        for agent in self:
            agent.start_data = agent._find_start_values()

    def _find_start_values(self):
        """The values that are meant, as the column keeps them; None where none is."""
        field, wanted = self.start_field_id, (self.start_value or "").strip()
        if not field or not wanted or self.model not in self.env:
            return None
        definition = self.env[self.model]._fields.get(field.name)
        if definition is None:
            return None
        wanted = wanted.casefold()
        if definition.type == "boolean":
            words = {True: ("yes", "true", "1", self.env._("Yes")), False: ("no",)}
            words[False] += ("false", "0", self.env._("No"))
            return [
                value
                for value, some in words.items()
                if wanted in [word.casefold() for word in some]
            ]
        if definition.type == "selection":
            options = definition._description_selection(self.env)
            return [
                key
                for key, label in options
                if wanted in (str(key).casefold(), str(label).casefold())
            ]
        others = self.env[definition.comodel_name].with_context(active_test=False)
        name = others._rec_name or "name"
        if name not in others._fields:
            return None
        # Stages of several teams may have one name.
        return others.search([(name, "=ilike", tools.escape_psql(wanted))]).ids

    @api.constrains("start_field_id", "start_value", "model_id", "schedule_user_id")
    def _check_start(self):
        for agent in self.filtered("start_field_id"):
            field = agent.start_field_id
            if (
                field.model_id != agent.model_id
                or not field.store
                or field.company_dependent
                or field.ttype not in ("selection", "boolean", "many2one")
            ):
                raise ValidationError(
                    self.env._(
                        "%(agent)s cannot start on %(field)s. Choose a state, a box or "
                        "a link that its records keep.",
                        agent=agent.name,
                        field=field.field_description,
                    )
                )
            if not agent.start_data:
                raise ValidationError(
                    self.env._(
                        "%(field)s has no value %(value)s. Write it as people see it.",
                        field=field.field_description,
                        value=agent.start_value or "–",
                    )
                )
            if not agent.schedule_user_id:
                raise ValidationError(
                    self.env._("Choose as whom %s works by itself.", agent.name)
                )

    def _forget_starts(self):
        # What is remembered while this is written is what was there before.
        self.flush_recordset()
        self.env.registry.clear_cache()

    @api.model
    @tools.ormcache()
    def _get_starts(self):
        """What is watched: {model: tuple of ``Start``}, of all companies."""
        # Whoever writes a record: it is the same for all.
        agents = self.sudo().search([("start_field_id", "!=", False)])
        starts = {}
        for agent in agents.filtered("start_data"):
            name = agent.start_field_id.name
            if agent.model not in self.env or name not in self.env[agent.model]._fields:
                continue  # its addon is being removed
            start = Start(agent.id, name, tuple(agent.start_data))
            starts.setdefault(agent.model, []).append(start)
        return {model: tuple(some) for model, some in starts.items()}

    # ------------------------------------------------------------
    # CRUD
    # ------------------------------------------------------------

    @api.model_create_multi
    def create(self, vals_list):
        agents = super().create(vals_list)
        agents._forget_starts()
        agents._sync_menu_action()
        return agents

    def write(self, vals):
        was_on = self.filtered("active")
        if vals.get("active"):
            vals = {
                "date_on": fields.Datetime.now(),
                "off_reason": False,
                "off_rule_id": False,
                **vals,
            }
        result = super().write(vals)
        if not WATCHED.isdisjoint(vals):
            self._forget_starts()
        if not {"active", "is_in_menu", "model_id", "name"}.isdisjoint(vals):
            self._sync_menu_action()
        if vals.get("active") is False:
            was_on._stop_work()
        return result

    def unlink(self):
        # See ``menu_action_id``.
        self.sudo().menu_action_id.unlink()
        result = super().unlink()
        self.env.registry.clear_cache()
        return result

    # ------------------------------------------------------------
    # SWITCH
    # ------------------------------------------------------------

    def action_switch_on(self):
        """Let an agent that was switched off work again."""
        self.write({"active": True})
        return True

    def _switch_off(self, reason):
        """Switch these off for a reason, which people read in their form."""
        self.write({"active": False, "off_reason": reason})

    def _stop_work(self):
        """What these have been asked is not looked at any more.

        Jobs that wait end with that sentence when they are due, and those at work at
        their next step; here goes what waits for nobody's job.
        """
        # Whoever may switch an agent off need not see the cases of others.
        waiting = self.env["ai.queue.agent.case"].sudo()
        waiting = waiting.search(
            [("agent_id", "in", self.ids), ("state", "=", "waiting")]
        )
        waiting.activity_ids.unlink()
        waiting.write({"state": "cancelled", "message": self._say_off()})
        reached = self.env["ai.queue.agent.reached"].sudo()
        reached.search([("agent_id", "in", self.ids)]).unlink()

    def _say_gone(self, user):
        return self.env._("%s may not log in any more", user.name)

    def _say_off(self):
        return self.env._("The agent was switched off")

    # ------------------------------------------------------------
    # MENU
    # ------------------------------------------------------------

    def _sync_menu_action(self):
        """Have each agent in the menu Actions of its model, or not."""
        # See ``menu_action_id``; the code of the action names the agent and no more.
        for agent in self.sudo():
            action = agent.menu_action_id
            if not (agent.is_in_menu and agent.active):
                action.unlink()
                continue
            values = {
                "name": self.env._("Ask %s", agent.name),
                "model_id": agent.model_id.id,
                "binding_model_id": agent.model_id.id,
                "binding_view_types": "list,form",
                "state": "code",
                "code": f"action = env['ai.queue.agent'].browse({agent.id})"
                "._ask_from_menu(records)",
                "group_ids": self.env.ref(
                    "ai_queue_agent.ai_queue_agent_group_user"
                ).ids,
            }
            if action:
                action.write(values)
            else:
                agent.menu_action_id = action.create(values)

    def _ask_from_menu(self, records):
        """Have it look at the records that are selected, and say where to see it."""
        runs = self.env["ai.queue.run"]
        if not records:
            raise UserError(self.env._("Select at least one record."))
        if "company_id" not in records._fields:
            return self._start(records)._get_notification()
        # A run is of one company.
        for company, some in records.grouped("company_id").items():
            own = self.with_company(company or self.env.company)
            runs += own._start(some.with_env(own.env))
        return runs._get_notification()

    # ------------------------------------------------------------
    # CRON
    # ------------------------------------------------------------

    @api.model
    def _cron_start_reached(self):
        """Have agents look at the records that have reached what they start on."""
        reached = self.env["ai.queue.agent.reached"]
        long_ago = fields.Datetime.now() - timedelta(days=REACHED_DAYS)
        reached.search([("date", "<", long_ago)]).unlink()
        # grouped by agent: as many rows as there are agents
        # pylint: disable=no-search-all
        for (agent,) in reached._read_group([], ["agent_id"]):
            agent._start_reached()
            self.env["ir.cron"]._commit_progress(1)

    def _start_reached(self):
        """Start with what has reached it, as its person, as much as a day takes."""
        reached = self.env["ai.queue.agent.reached"]
        rows = reached.search(
            [("agent_id", "=", self.id)], order="id", limit=MOST_REACHED
        )
        user, left = self.schedule_user_id, set(rows.mapped("res_id"))
        later = set()
        for company in (self.company_id or user.company_ids) & user.company_ids:
            own = self.with_user(user).with_context(
                allowed_company_ids=company.ids, lang=user.lang
            )
            taken, waits = own._start_by_itself(
                lambda own=own, ids=frozenset(left): own._find_reached(ids), "change"
            )
            left -= taken
            later |= waits
        if len(rows) == MOST_REACHED:
            self.env.ref(CRON)._trigger()
        # What is in no company of its person, or has left again, is not looked at.
        rows.filtered(lambda row: row.res_id not in later).unlink()

    def _find_reached(self, ids):
        """Of these ids, the records that it may look at and that still are there.

        :return: (records, ids that wait for another day)
        """
        domain = (
            Domain("id", "in", list(ids))
            & Domain(self.sudo().start_field_id.name, "in", self.sudo().start_data)
            & self._get_domain()
            & self._get_company_domain()
        )
        records = self.env[self.model].search(domain, order="id")
        most = self._count_left_today()
        return records[:most], set(records[most:].ids)

    def _start_by_itself(self, find, origin):
        """Start with what is found; one that cannot start does not keep the others.

        :param find: function that returns (records, ids that wait for another day)
        :return: (ids that are looked at, ids that wait)
        """
        agent, user = self.sudo(), self.env.user
        try:
            if not user.active:
                raise UserError(agent._say_gone(user))
            with self.env.cr.savepoint():
                records, later = find()
                if records:
                    self._start(records, origin=origin)
        except (UserError, AccessError, ValueError, KeyError) as error:
            # A field of its filter may be gone with its addon, too.
            _logger.warning(
                "%s cannot work as %s: %s", agent.name, self.env.user.login, error
            )
            agent.start_error = str(error)
            return set(), set()
        if agent.start_error:
            agent.start_error = False
        return set(records.ids), later
