# Copyright 2026 The ai_queue contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
from ast import literal_eval
from datetime import timedelta

from odoo import api, fields, models
from odoo.exceptions import AccessError, UserError, ValidationError
from odoo.fields import Domain

from odoo.addons.ai_queue.models.runs.ai_queue_run import ACTIVE_STATES, MAX_RECORDS

from .ai_queue_agent_tool import PLAIN

#: What somebody has in view who lends their rights to an agent.
LENT_FOR = frozenset(
    {
        *("schedule_user_id", "company_id", "is_scheduled", "start_field_id"),
        *("start_value", "model_id", "domain", "rules", "is_asking_model"),
        *("provider_id", "instructions", "tool_ids", "writable_field_ids"),
    }
)


class AiQueueAgent(models.Model):
    """Who works towards one aim, as the person who asked, and ends in proposals."""

    _name = "ai.queue.agent"
    _description = "AI Agent"
    _order = "sequence, id"

    name = fields.Char(required=True, translate=True)
    sequence = fields.Integer(default=10)
    active = fields.Boolean(default=True)
    aim = fields.Char(
        required=True,
        translate=True,
        help="What it is to achieve, in a sentence. People read it before they ask.",
    )
    company_id = fields.Many2one(
        "res.company", index=True, ondelete="cascade", help="Empty: every company."
    )
    model_id = fields.Many2one(
        "ir.model",
        string="Works on",
        required=True,
        ondelete="cascade",
        domain=[("transient", "=", False), ("abstract", "=", False)],
    )
    model = fields.Char(related="model_id.model", store=True, index=True)
    rules = fields.Selection(
        # Each set of rules adds itself.
        [],
        help="Decides by these rules, without a model.",
    )
    group_ids = fields.Many2many(
        "res.groups",
        string="Who May Ask",
        help="Empty: all agent users who may read the record.",
    )
    domain = fields.Char(
        string="Records",
        default="[]",
        required=True,
        help="Only these records are worked on, whoever asks.",
    )
    is_scheduled = fields.Boolean(
        string="Every Night",
        help="Works on all records that match and have no open proposal, as the "
        "person below.",
    )
    schedule_user_id = fields.Many2one(
        "res.users",
        string="As",
        help="Whose rights and companies it has when it starts by itself. It only ever "
        "proposes.",
    )
    max_records_per_day = fields.Integer(
        string="Records per Day",
        default=5000,
        help="How many records all people together may have it look at per day. 0: no "
        "limit.",
    )
    is_asking_model = fields.Boolean(
        string="Asks a Model",
        help="It judges what the rules leave open, and writes the messages. Needs a "
        "provider with a model for agents. A model alone never posts.",
    )
    provider_id = fields.Many2one(
        "ai.queue.provider",
        groups="ai_queue_agent.ai_queue_agent_group_manager",
        help="Empty: the first provider with a model for agents.",
    )
    instructions = fields.Text(
        help="What it should know and heed, in your words. The model reads it."
    )
    tool_ids = fields.Many2many("ai.queue.agent.tool", string="Tools")
    writable_field_ids = fields.Many2many(
        "ir.model.fields",
        string="May Propose to Change",
        domain="[('model_id', '=', model_id), ('store', '=', True), "
        "('readonly', '=', False), ('ttype', 'in', ('char', 'text', 'integer', "
        "'float', 'monetary', 'boolean', 'selection', 'date'))]",
    )
    may_ask_person = fields.Boolean(
        string="May Ask Back",
        default=True,
        help="It may put a question to the person who asked it, and wait.",
    )
    max_steps = fields.Integer(string="Steps", default=8)
    max_tokens = fields.Integer(
        string="Tokens", default=40000, help="Per case. 0: no limit."
    )
    max_cost = fields.Float(
        string="Cost",
        digits=(16, 4),
        help="Per case, in the currency of the company. 0: no limit.",
    )
    max_seconds = fields.Integer(
        string="Seconds",
        default=3600,
        help="Per case, of the model and its tools; waiting does not count. "
        "0: no limit.",
    )
    open_count = fields.Integer(string="To Decide", compute="_compute_open_count")

    _limits_positive = models.Constraint(
        "CHECK(max_records_per_day >= 0 AND max_tokens >= 0 AND max_cost >= 0 "
        "AND max_seconds >= 0 AND max_steps > 0)",
        "A limit cannot be negative, and an agent needs at least one step.",
    )

    # ------------------------------------------------------------
    # COMPUTE
    # ------------------------------------------------------------

    @api.depends_context("uid", "allowed_company_ids")
    def _compute_open_count(self):
        groups = self.env["ai.queue.proposal"]._read_group(
            [("agent_id", "in", self.ids), ("state", "=", "open")],
            ["agent_id"],
            ["__count"],
        )
        counts = {agent.id: count for agent, count in groups}
        for agent in self:
            agent.open_count = counts.get(agent.id, 0)

    @api.constrains("domain", "model_id")
    def _check_domain(self):
        for agent in self:
            if agent.model not in self.env:
                raise ValidationError(
                    self.env._("Choose a model that is installed for %s.", agent.name)
                )
            try:
                agent._get_domain().validate(self.env[agent.model])
            except (ValueError, SyntaxError, TypeError) as error:
                raise ValidationError(
                    self.env._(
                        "The records of %(agent)s are no valid domain: %(error)s",
                        agent=agent.name,
                        error=error,
                    )
                ) from error

    @api.constrains("rules", "model_id")
    def _check_rules(self):
        for agent in self.filtered("rules"):
            handler = self.env["ai.queue.agent.rules"]._of(agent.rules)
            if handler._model != agent.model:
                raise ValidationError(
                    self.env._(
                        "These rules are for another model. Choose %s.", handler._model
                    )
                )

    @api.constrains("writable_field_ids", "model_id")
    def _check_writable_fields(self):
        for agent in self:
            wrong = agent.writable_field_ids.filtered(
                lambda field, agent=agent: (
                    field.model_id != agent.model_id or field.ttype not in PLAIN
                )
            )
            if wrong:
                raise ValidationError(
                    self.env._(
                        "%(agent)s cannot propose to change: %(fields)s",
                        agent=agent.name,
                        fields=", ".join(wrong.mapped("field_description")),
                    )
                )

    @api.constrains("is_scheduled", "schedule_user_id")
    def _check_schedule(self):
        for agent in self.filtered("is_scheduled"):
            if not agent.schedule_user_id:
                raise ValidationError(
                    self.env._("Choose as whom %s works at night.", agent.name)
                )

    # ------------------------------------------------------------
    # CRUD
    # ------------------------------------------------------------

    @api.model_create_multi
    def create(self, vals_list):
        agents = super().create(vals_list)
        agents._check_schedule_user()
        return agents

    def write(self, vals):
        result = super().write(vals)
        if "schedule_user_id" in vals:
            self._check_schedule_user()
        elif not LENT_FOR.isdisjoint(vals):
            # One that does not start by itself has nobody's rights but the asker's.
            alone = self.filtered(lambda one: one.is_scheduled or one.start_field_id)
            alone._check_schedule_user()
        return result

    def _check_schedule_user(self):
        """Their rights are lent to the agent, for what it does: those of others by who
        grants rights."""
        if self.env.su or self.env.user.has_group("base.group_erp_manager"):
            return
        if self.schedule_user_id - self.env.user:
            raise AccessError(
                self.env._(
                    "Only an administrator of access rights can have an agent work as "
                    "somebody else. Choose yourself."
                )
            )

    # ------------------------------------------------------------
    # ACTIONS
    # ------------------------------------------------------------

    def action_open_proposals(self):
        """What this agent proposes."""
        self.ensure_one()
        action = self.env["ir.actions.act_window"]._for_xml_id(
            "ai_queue_agent.ai_queue_proposal_action"
        )
        action["domain"] = [("agent_id", "=", self.id)]
        return action

    def action_run_all(self):
        """Let it look at all its records that have no open proposal."""
        self.ensure_one()
        records = self._find_records()
        if not records:
            self._check_day(1)
            raise UserError(
                self.env._(
                    "There is nothing to do: every record of %s has a proposal that "
                    "waits to be decided.",
                    self.name,
                )
            )
        return self._start(records)._get_notification()

    # ------------------------------------------------------------
    # START
    # ------------------------------------------------------------

    def _get_domain(self):
        # Plain data: names and calls are refused.
        return Domain(literal_eval(self.domain or "[]"))

    def _find_records(self):
        """The records to work on for which it waits for nobody's decision or answer.

        As many as are left of the day.
        """
        self.ensure_one()
        records = self.env[self.model]
        limit = self._count_left_today()
        if not limit:
            return records
        domain = self._get_domain() & self._get_company_domain()
        own = Domain("agent_id", "=", self.id) & Domain("res_model", "=", self.model)
        # Records of all companies are looked at in one of them.
        elsewhere = Domain("company_id", "!=", self.env.company.id)
        under_way = Domain("state", "in", ACTIVE_STATES) & elsewhere
        # Whoever may see which: there shall be no second one.
        for model, waits in (
            ("ai.queue.proposal", Domain("state", "=", "open")),
            ("ai.queue.agent.case", Domain("state", "=", "waiting") | under_way),
        ):
            found = self.env[model].sudo()._search(own & waits)
            domain &= Domain("id", "not in", found.subselect("res_id"))
        return records.search(domain, limit=limit)

    def _get_company_domain(self):
        if "company_id" not in self.env[self.model]._fields:
            return Domain.TRUE
        return Domain("company_id", "in", (self.env.company.id, False))

    def _check_may_ask(self):
        """Raise an ``AccessError`` unless the current user may ask this agent."""
        self.check_access("read")
        if self.env.su:
            return
        # Who may ask need not see groups.
        groups = self.sudo().group_ids
        if groups and not groups & self.env.user.all_group_ids:
            raise AccessError(
                self.env._(
                    "You may not ask %(agent)s. Ask an administrator of AI Agents to "
                    "add one of your roles to it.",
                    agent=self.name,
                )
            )

    def _start(self, records, origin="button"):
        """Have this agent look at records.

        :param records: of the model of the agent, of one company
        :return: ``ai.queue.run``
        """
        self.ensure_one()
        self.env["ai.queue.kind.agent"]._check_may_run()
        self._check_may_ask()
        records.check_access("read")
        if not self.active:
            raise UserError(self.env._("%s is switched off.", self.name))
        self._check_day(len(records))
        cases = self.env["ai.queue.agent.case"]._request(self, records)
        return self.env["ai.queue.run"]._start("agent", cases, origin=origin)

    def _check_day(self, count):
        if not self.max_records_per_day:
            return
        done = self._count_today()
        if done + count > self.max_records_per_day:
            raise UserError(
                self.env._(
                    "%(agent)s looks at no more than %(most)s records a day, and has "
                    "looked at %(done)s. Select fewer, or ask an administrator of AI "
                    "Agents for a higher limit.",
                    agent=self.name,
                    most=self.max_records_per_day,
                    done=done,
                )
            )

    def _count_today(self):
        since = fields.Datetime.now() - timedelta(days=1)
        cases = self.env["ai.queue.agent.case"].sudo()
        return cases.search_count(
            [("agent_id", "=", self.id), ("create_date", ">=", since)]
        )

    def _count_left_today(self):
        """How many more records it may look at, as far as one run goes."""
        if not self.max_records_per_day:
            return MAX_RECORDS
        left = self.max_records_per_day - self._count_today()
        return min(MAX_RECORDS, max(0, left))

    def _get_provider(self):
        """Who is asked; empty where no model is."""
        self.ensure_one()
        # Who asks an agent need not see how its provider is reached.
        agent = self.sudo()
        if not agent.is_asking_model:
            return agent.provider_id.browse()
        provider = agent.provider_id or self.env.company._get_ai_queue_provider("agent")
        # One without a model for agents is as none: what the rules say is there.
        has_model = "agent" in provider.model_ids.mapped("kind")
        return provider if has_model else provider.browse()

    # ------------------------------------------------------------
    # CRON
    # ------------------------------------------------------------

    @api.model
    def _cron_run(self):
        """Start what is to be looked at every night, in each company of its person."""
        for agent in self.search([("is_scheduled", "=", True)]):
            user = agent.schedule_user_id
            companies = agent.company_id or user.company_ids
            for company in companies & user.company_ids:
                own = agent.with_user(user).with_context(
                    allowed_company_ids=company.ids, lang=user.lang
                )
                own._start_at_night()

    def _start_at_night(self):
        self._start_by_itself(lambda: (self._find_records(), set()), "cron")
