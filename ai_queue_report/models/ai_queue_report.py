# Copyright 2026 The ai_queue contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
from odoo import api, fields, models
from odoo.exceptions import AccessError, UserError
from odoo.tools import SQL

from odoo.addons.ai_queue.models.runs.ai_queue_run import STATES

from .ai_queue_report_stamp import digest

#: So many characters a question may have.
MAX_QUESTION = 500
#: What its owner may write.
BY_PEOPLE = {"is_favorite", "share_user_ids", "share_group_ids"}


class AiQueueReport(models.Model):
    """A question of a person, and the specification that it became.

    What a report shows is read anew for whoever opens it, with their rights; its result
    is what its owner saw, and only for the owner.
    """

    _name = "ai.queue.report"
    _description = "Report"
    _order = "id desc"
    _rec_name = "question"

    question = fields.Text(required=True, readonly=True)
    previous_id = fields.Many2one(
        "ai.queue.report",
        readonly=True,
        index="btree_not_null",
        ondelete="set null",
        help="The report that this one asks on about.",
    )
    specification = fields.Json(readonly=True)
    sentence = fields.Text(compute="_compute_sentence")
    state = fields.Selection(
        STATES, required=True, readonly=True, default="pending", index=True
    )
    message = fields.Text(readonly=True, help="Why there is no report, and what to do.")
    understood = fields.Json(
        readonly=True,
        help="What of the question became what, what did not, and how certain that is.",
    )
    # What the owner saw: figures that others may not see.
    result_data = fields.Json(readonly=True, groups="base.group_system")
    summary_data = fields.Text(readonly=True, groups="base.group_system")
    # The day, the choice and the rights that they are of.
    fingerprint = fields.Char(readonly=True, groups="base.group_system")
    result = fields.Json(compute="_compute_result")
    summary = fields.Text(compute="_compute_result", help="The result in words.")
    run_id = fields.Many2one(
        "ai.queue.run", readonly=True, index="btree_not_null", ondelete="set null"
    )
    user_id = fields.Many2one(
        "res.users",
        string="Asked by",
        required=True,
        readonly=True,
        index=True,
        default=lambda self: self.env.user,
        ondelete="cascade",
    )
    company_id = fields.Many2one(
        "res.company",
        required=True,
        readonly=True,
        index=True,
        default=lambda self: self.env.company,
        ondelete="cascade",
    )
    is_favorite = fields.Boolean(
        string="Favorite",
        help="Favorites are kept; other questions are deleted in time.",
    )
    share_user_ids = fields.Many2many(
        "res.users", string="Shared With", help="They see it with their own rights."
    )
    share_group_ids = fields.Many2many(
        "res.groups",
        string="Shared With Groups",
        help="Their members see it with their own rights.",
    )

    # ------------------------------------------------------------
    # COMPUTE
    # ------------------------------------------------------------

    @api.depends("specification")
    @api.depends_context("uid", "lang", "allowed_company_ids", "tz")
    def _compute_sentence(self):
        reader = self.env["ai.queue.report.reader"]
        for report in self:
            report.sentence = False
            if report.specification:
                try:
                    report.sentence = reader._sentence(report.specification)
                except (AccessError, UserError) as error:
                    report.sentence = str(error)

    @api.depends("result_data", "summary_data", "fingerprint", "user_id")
    @api.depends_context("uid", "lang", "allowed_company_ids", "tz")
    def _compute_result(self):
        own = self.filtered(lambda report: report.user_id == self.env.user)
        shown = own - own._get_outdated()
        for report in self:
            # Their own, which they may read only this way.
            report.result = report in shown and report.sudo().result_data
            report.summary = report in shown and report.sudo().summary_data

    def _get_outdated(self):
        """Those whose result was read on another day, with other rights or choices: it
        would stand under a sentence that means something else by now."""
        # A warehouse is asked in days and names that stay what they are.
        specified = self.filtered("specification")
        if not specified:
            return specified
        fingerprint = self._get_fingerprint()
        return specified.filtered(lambda one: one.sudo().fingerprint != fingerprint)

    @api.model
    def _get_fingerprint(self):
        reader = self.env["ai.queue.report.reader"]
        return digest([reader._get_stamp(), reader._today().isoformat()])

    # ------------------------------------------------------------
    # ACTIONS
    # ------------------------------------------------------------

    @api.model
    def action_ask(self, question, previous=None):
        """Ask a question; it is answered in a job.

        :param str question: in words, in the language of the user
        :param int previous: id of the report that it asks on about
        :return: ``{"report_id": id, "run_id": id}``; both tell how far it is
        :raise UserError: with a sentence what to do
        """
        self.env["ai.queue.kind.report"]._check_may_run()
        question = self._clean(question)
        report = self._make(question, previous=self._find_previous(previous))
        run = report._start()
        return {"report_id": report.id, "run_id": run.id}

    def action_refresh(self):
        """Read it again, without asking anew what it means."""
        self._check_owner()
        return {"report_id": self.id, "run_id": self._start().id}

    def action_change(self, specification):
        """Correct what was understood; read in a job, the question not asked again.

        :param dict specification: the corrected one
        :return: as of ``action_ask``
        """
        self._check_owner()
        self.env["ai.queue.report.reader"]._check(specification)
        # What was not understood of the question is nothing that counts any more.
        self._write_own({"specification": specification, "understood": False})
        return self.action_refresh()

    def action_open(self):
        """The report as a view of Odoo, with the rights of who opens it."""
        self.ensure_one()
        self.check_access("read")
        if not self.specification:
            raise UserError(
                self.message or self.env._("There is no report yet. Wait a moment.")
            )
        return self.env["ai.queue.report.reader"]._open(self.specification)

    # ------------------------------------------------------------
    # CRUD
    # ------------------------------------------------------------

    def write(self, vals):
        """People keep and share; what was understood and read is written by the job."""
        if not self.env.su and vals.keys() - BY_PEOPLE:
            raise AccessError(
                self.env._("A report is changed by asking again, or by correcting it.")
            )
        return super().write(vals)

    @api.model
    def _make(self, question, specification=None, previous=None):
        """A new report of the current user, which nobody has begun to answer.

        :param dict specification: where it is known, so that nothing has to be
            understood; checked
        """
        if specification:
            self.env["ai.queue.report.reader"]._check(specification)
        # Nobody has the right to make reports but by asking.
        report = self.sudo().create(
            {
                "question": question,
                "specification": specification,
                "previous_id": previous.id if previous else False,
            }
        )
        return report.sudo(self.env.su)

    # ------------------------------------------------------------
    # WORK
    # ------------------------------------------------------------

    def _clean(self, question):
        if not isinstance(question, str) or not question.strip("\x00 \t\r\n?!."):
            raise UserError(
                self.env._("Ask a question, such as: sales by month this year.")
            )
        if len(question) > MAX_QUESTION:
            raise UserError(
                self.env._(
                    "A question has at most %s characters. Ask it in fewer words.",
                    MAX_QUESTION,
                )
            )
        # Half a character is none that can be kept.
        question = question.encode("utf-8", "replace").decode()
        return " ".join(question.replace("\x00", " ").split())

    def _find_previous(self, previous):
        if not previous:
            return self.browse()
        if not isinstance(previous, int) or isinstance(previous, bool):
            raise UserError(self.env._("That report is not there any more. Ask anew."))
        report = self.browse(previous).exists()
        report.check_access("read")
        return report

    def _check_owner(self):
        self.ensure_one()
        self.check_access("read")
        if self.user_id != self.env.user and not self.env.su:
            raise AccessError(
                self.env._("This report is of another person. Ask your own question.")
            )

    def _start(self):
        vals = {"state": "pending", "message": False}
        if self.specification:
            vals |= {"result_data": False, "summary_data": False}
        self._write_own({**vals, "fingerprint": self._get_fingerprint()})
        run = self.env["ai.queue.run"]._start("report", self, priority=1)
        self._write_own({"run_id": run.id})
        return run

    def _write_own(self, vals):
        """Write what nobody may write by themselves: state, specification, result."""
        # The owner was checked, or it is the job of the owner.
        self.sudo().write(vals)

    @api.private
    def answer_question(self):
        """Answer a question

        The job method: call it through ``with_delay``.
        """
        return self.env["ai.queue.kind.report"]._perform(self)

    @api.model
    def _follow_jobs(self, jobs):
        """Bring the reports that have no answer yet in line with their jobs."""
        is_open = SQL("record.state IN ('pending', 'started')")
        jobs._pass_state_to(self, is_open)
