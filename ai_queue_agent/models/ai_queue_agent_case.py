# Copyright 2026 The ai_queue contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.tools import SQL

from odoo.addons.ai_queue.models.runs.ai_queue_run import ACTIVE_STATES, STATES

from ..loop import ASK_PERSON

_INSERT = """
    INSERT INTO ai_queue_agent_case (
        agent_id, company_id, user_id, res_model, res_id, state,
        create_uid, create_date, write_uid, write_date)
    SELECT %(agent)s, %(company)s, %(uid)s, %(model)s, record.id, 'pending',
           %(uid)s, now() AT TIME ZONE 'UTC', %(uid)s, now() AT TIME ZONE 'UTC'
      FROM unnest(%(ids)s) WITH ORDINALITY AS record(id, place)
     ORDER BY place
        ON CONFLICT DO NOTHING
"""


class AiQueueAgentCase(models.Model):
    """A record on the desk of an agent: who asked, and how far it is."""

    _name = "ai.queue.agent.case"
    _inherit = ["ai.queue.agent.about", "mail.thread", "mail.activity.mixin"]
    _description = "Case of an AI Agent"
    _order = "id desc"

    agent_id = fields.Many2one(
        "ai.queue.agent", required=True, readonly=True, index=True, ondelete="cascade"
    )
    company_id = fields.Many2one(
        "res.company", required=True, readonly=True, index=True, ondelete="cascade"
    )
    user_id = fields.Many2one(
        "res.users",
        string="Asked by",
        required=True,
        readonly=True,
        index=True,
        ondelete="cascade",
    )
    res_model = fields.Char(string="Model", required=True, readonly=True)
    res_id = fields.Many2oneReference(
        string="Record", model_field="res_model", required=True, readonly=True
    )
    run_id = fields.Many2one(
        "ai.queue.run", readonly=True, index="btree_not_null", ondelete="set null"
    )
    state = fields.Selection(
        [*STATES[:2], ("waiting", "Waits for You"), *STATES[2:]],
        required=True,
        readonly=True,
        default="pending",
        index=True,
    )
    message = fields.Text(readonly=True, help="Why it did not finish.")
    is_failure = fields.Boolean(
        readonly=True, help="The agent itself failed, whatever became of its job."
    )
    question = fields.Text(
        compute="_compute_question",
        groups="ai_queue_agent.ai_queue_agent_group_user",
        help="What it wants to know from who asked it.",
    )
    # What was known when its first step was taken: all later steps rest on it.
    record_text = fields.Text(readonly=True, groups="base.group_system")
    step_ids = fields.One2many("ai.queue.agent.step", "case_id", string="Steps")
    can_answer = fields.Boolean(compute="_compute_can_answer")
    proposal_ids = fields.One2many("ai.queue.proposal", "case_id")

    # However often somebody presses: one case of a record at a time.
    _active_uniq = models.UniqueIndex(
        "(agent_id, company_id, res_model, res_id) "
        "WHERE state IN ('pending', 'started')"
    )
    # How many an agent has looked at today is asked at each press.
    _day_idx = models.Index("(agent_id, create_date)")

    @api.depends("res_model", "res_id")
    @api.depends_context("uid", "allowed_company_ids", "lang")
    def _compute_display_name(self):
        names = self._get_record_names()
        for case in self:
            case.display_name = names.get(case.id) or self.env._("Record %s", case.id)

    @api.depends_context("uid")
    @api.depends("state", "user_id")
    def _compute_can_answer(self):
        for case in self:
            case.can_answer = case.state == "waiting" and case.user_id == self.env.user

    @api.depends_context("uid")
    @api.depends("state")
    def _compute_question(self):
        """Only for who asked: like all that it has seen, see the rule of steps."""
        steps = self.env["ai.queue.agent.step"].search(
            [("case_id", "in", self.ids), ("tool", "=", ASK_PERSON)], order="number"
        )
        asked = {step.case_id.id: step.arguments["question"] for step in steps}
        for case in self:
            case.question = case.state == "waiting" and asked.get(case.id)

    def _get_record_names(self):
        """The names of the records, for readers who may read these: {case id: name}."""
        names = {}
        for model, cases in self.grouped("res_model").items():
            if model not in self.env:  # its addon is not installed any more
                continue
            # Also where Odoo itself reads the name for the reader, with all rights.
            records = self.env[model].with_user(self.env.user)
            records = records.browse(cases.mapped("res_id")).exists()
            readable = records._filtered_access("read")
            name_of = {record.id: record.display_name for record in readable}
            names |= {case.id: name_of.get(case.res_id) for case in cases}
        return names

    @api.model
    def _request(self, agent, records):
        """The open cases of records: those that are there, and new ones.

        :return: cases in the order of the records
        """
        self._give_up_waiting(agent, records)
        self.flush_model()
        # Users have no right to make cases but by this way, and a press with hundreds
        # of records takes one query.
        self.env.cr.execute(
            SQL(
                _INSERT,
                agent=agent.id,
                company=self.env.company.id,
                uid=self.env.uid,
                model=records._name,
                ids=records.ids,
            )
        )
        self.invalidate_model()
        cases = self.sudo().search(
            [
                ("agent_id", "=", agent.id),
                ("res_model", "=", records._name),
                ("res_id", "in", records.ids),
                ("company_id", "=", self.env.company.id),
                ("state", "in", ACTIVE_STATES),
            ]
        )
        of_record = {case.res_id: case.id for case in cases}
        return self.browse(of_record[i] for i in records.ids if i in of_record)

    def _give_up_waiting(self, agent, records):
        """What waits for an answer and is asked anew does not wait any more."""
        waiting = self.sudo().search(
            [
                ("agent_id", "=", agent.id),
                ("res_model", "=", records._name),
                ("res_id", "in", records.ids),
                ("company_id", "=", self.env.company.id),
                ("state", "=", "waiting"),
            ]
        )
        waiting.activity_ids.unlink()
        waiting.write({"state": "cancelled", "message": self.env._("Asked anew")})

    # ------------------------------------------------------------
    # ANSWERS OF A PERSON
    # ------------------------------------------------------------

    def _wait_for(self):
        """Have the person who asked answer a question; then it goes on."""
        self.ensure_one()
        # Users have no right to write cases but by this way.
        case = self.sudo()
        case.state = "waiting"
        if not case.activity_ids:
            case.activity_schedule(
                "mail.mail_activity_data_todo",
                # What it asks stands in the case: more people see the activity.
                summary=self.env._("%s asks you", case.agent_id.name),
                user_id=case.user_id.id,
            )

    def action_answer(self):
        """Ask for the answer in a dialog."""
        self.ensure_one()
        return {
            "type": "ir.actions.act_window",
            "name": self.env._("Answer"),
            "res_model": "ai.queue.agent.case.answer",
            "view_mode": "form",
            "target": "new",
            "context": {"default_case_id": self.id},
        }

    def _answer(self, text):
        """Go on with what the person said; returns the run."""
        self.ensure_one()
        if not self.can_answer:
            raise UserError(
                self.env._("Nobody waits for your answer here any more. Reload.")
            )
        # The right was checked; see ``_wait_for``.
        case = self.sudo()
        step = case.step_ids.sorted("number")[-1:]
        step.result = text
        case.activity_ids.action_feedback()
        # It goes on with the record as it is by now.
        case.write({"state": "pending", "run_id": False, "record_text": False})
        return self._go_on()

    def _count_answers(self):
        """How often a person has answered in these cases."""
        # Nothing is told of them but their number.
        steps = self.sudo().step_ids
        return len(steps.filtered(lambda step: step.tool == ASK_PERSON and step.result))

    def _go_on(self):
        """Have it worked on again, in its company; returns the run."""
        own = self.with_company(self.sudo().company_id)
        return own.env["ai.queue.run"]._start("agent", own)

    def _get_subject(self):
        """What its tools look at: the record that it is about."""
        return self._get_records()

    @api.private
    def work_on_case(self):
        """Work of an agent

        The job method: call it through ``with_delay``.
        """
        return self.env["ai.queue.kind.agent"]._perform(self)

    @api.model
    def _follow_jobs(self, jobs):
        """Bring the cases that have no outcome yet in line with their jobs."""
        is_open = SQL(
            """
            record.state NOT IN ('done', 'cancelled', 'waiting')
            AND (record.state <> job.state OR record.run_id IS NULL)
            -- A failed one is tried again unless somebody asked anew.
            AND (record.state <> 'failed' OR NOT EXISTS (
                SELECT FROM ai_queue_agent_case AS other
                 WHERE other.agent_id = record.agent_id
                   AND other.company_id = record.company_id
                   AND other.res_model = record.res_model
                   AND other.res_id = record.res_id
                   AND other.state IN ('pending', 'started')))
            """
        )
        jobs._pass_state_to(self, is_open)
