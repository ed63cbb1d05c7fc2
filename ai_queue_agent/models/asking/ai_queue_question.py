# Copyright 2026 The ai_queue contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
import base64

from odoo import api, fields, models
from odoo.exceptions import AccessError, UserError
from odoo.tools import SQL, file_open, html2plaintext

from odoo.addons.ai_queue.models.runs.ai_queue_run import STATES

from ...asked import is_never_mind

#: So much of a message is read.
MAX_TEXT = 2000
#: So many questions of a person are under way at a time.
MAX_OPEN = 10
#: Before what else waits in the channel: somebody sits there.
PRIORITY = 3
OPEN_STATES = ("pending", "waiting")
COLLEAGUE = "ai_queue_agent.partner_colleague"
ICON = "ai_queue_agent/static/description/icon.png"


class AiQueueQuestion(models.Model):
    """What a person asked in a chat, and the one message that answers it."""

    _name = "ai.queue.question"
    _inherit = "ai.queue.agent.about"
    _description = "Question in a Chat"
    _order = "id desc"
    _rec_name = "text"

    text = fields.Text(string="Question", required=True, readonly=True)
    user_id = fields.Many2one(
        "res.users",
        string="Asked by",
        required=True,
        readonly=True,
        index=True,
        ondelete="cascade",
    )
    company_id = fields.Many2one(
        "res.company", required=True, readonly=True, index=True, ondelete="cascade"
    )
    agent_id = fields.Many2one(
        "ai.queue.agent", required=True, readonly=True, index=True, ondelete="cascade"
    )
    channel_id = fields.Many2one(
        "discuss.channel",
        string="Chat",
        readonly=True,
        index="btree_not_null",
        ondelete="set null",
    )
    message_id = fields.Many2one(
        "mail.message", readonly=True, index="btree_not_null", ondelete="set null"
    )
    # "I am on it", with how far it is.
    notice_id = fields.Many2one(
        "mail.message", readonly=True, index="btree_not_null", ondelete="set null"
    )
    answer_id = fields.Many2one(
        "mail.message",
        string="Answer Message",
        readonly=True,
        index="btree_not_null",
        ondelete="set null",
    )
    answer = fields.Html(related="answer_id.body")
    res_model = fields.Char(string="Model", readonly=True)
    res_id = fields.Many2oneReference(
        string="Record", model_field="res_model", readonly=True
    )
    tool = fields.Char(
        string="Answered by",
        readonly=True,
        help="The tool that answered it without a model; empty where a model did, or "
        "nothing could.",
    )
    case_id = fields.Many2one(
        "ai.queue.agent.case",
        string="Steps",
        readonly=True,
        index="btree_not_null",
        ondelete="set null",
        help="What the agent did where a model was asked.",
    )
    run_id = fields.Many2one(
        "ai.queue.run", readonly=True, index="btree_not_null", ondelete="set null"
    )
    state = fields.Selection(
        [STATES[0], ("waiting", "Waits for You"), *STATES[2:]],
        required=True,
        readonly=True,
        default="pending",
        index=True,
    )
    message = fields.Text(string="Not Answered Because", readonly=True)
    date_answered = fields.Datetime(readonly=True)

    # However often a message arrives: it is asked once at a time.
    _open_uniq = models.UniqueIndex(
        "(message_id) WHERE state IN ('pending', 'waiting')"
    )
    _day_idx = models.Index("(agent_id, create_date)")

    # ------------------------------------------------------------
    # ASKED
    # ------------------------------------------------------------

    @api.model
    def _receive(self, channel, message):
        """Take what the current user wrote in a chat with the colleague.

        :param channel: ``discuss.channel`` of which the colleague is a member
        :param message: the ``mail.message``
        """
        text = self._read(message)
        if not text:
            return
        if channel._ai_queue_is_overheard():
            if self._get_colleague() in message.partner_ids:
                channel._ai_queue_say(
                    self.env._(
                        "I answer where nobody else reads along, for what you may see "
                        "others may not. Ask me in our own chat."
                    )
                )
            return
        # Who may not ask agents any more may not look, either.
        waiting = self.sudo().search(
            [
                ("channel_id", "=", channel.id),
                ("user_id", "=", self.env.uid),
                ("state", "=", "waiting"),
            ],
        )
        # A case may be gone, or have ended in another way.
        heard = waiting.filtered(lambda one: one.case_id.state == "waiting")
        (waiting - heard)._call_off(self.env._("Nobody waits for the answer any more."))
        if heard:
            heard[0]._hear(channel, text)
        else:
            self._ask(channel, message, text)

    def _ask(self, channel, message, text):
        """Queue the answer to a question, and say so at once."""
        try:
            with self.env.cr.savepoint():
                agent = self._find_agent()
                question = self._make(agent, channel, message, text)
                question._start()
        except (AccessError, UserError) as error:
            # The person's message stays, and they read why.
            channel._ai_queue_say(str(error), parent=message)

    def _find_agent(self):
        self.env["ai.queue.kind.ask"]._check_may_run()
        agent = self.env["ai.queue.agent"]._get_colleague()
        agent._check_questions()
        return agent

    def _make(self, agent, channel, message, text):
        record = channel._ai_queue_get_record()
        # Users have no right to make questions but by this way.
        question = self.sudo().create(
            {
                "text": text,
                "user_id": self.env.uid,
                "company_id": self._choose_company(record).id,
                "agent_id": agent.id,
                "channel_id": channel.id,
                "message_id": message.id,
                "res_model": record._name if record else False,
                "res_id": record.id if record else False,
            }
        )
        return question.sudo(False)

    def _choose_company(self, record):
        """That of the record, where it is one of the person's."""
        user = self.env.user
        if record and "company_id" in record._fields:
            own = record.sudo().company_id & user.company_ids
            return own or user.company_id
        return user.company_id

    def _start(self):
        """Queue the work, and say that it is under way."""
        others = self.user_id.company_ids - self.company_id
        own = self.with_context(
            allowed_company_ids=[*self.company_id.ids, *others.ids],
            lang=self.user_id.lang,
            tz=self.user_id.tz,
        )
        run = own.env["ai.queue.run"]._start(
            "ask", own, origin="code", priority=PRIORITY
        )
        notice = own.channel_id._ai_queue_say(
            own._say_state("pending"), parent=own.message_id
        )
        own.sudo().write({"run_id": run.id, "notice_id": notice.id})

    def _hear(self, channel, text):
        """The person's reply to what the agent asked back, in this chat."""
        if is_never_mind(text):
            self._call_off(self.env._("You called it off."))
            channel._ai_queue_say(self.env._("All right, I leave it."))
            return
        try:
            with self.env.cr.savepoint():
                self.sudo(False).case_id._answer(text)
        except (AccessError, UserError) as error:
            channel._ai_queue_say(str(error))

    def _go_on(self):
        """Work on with the reply of the person; returns the run."""
        self.sudo().write({"state": "pending", "message": False})
        self._start()
        return self.run_id

    @api.model
    def _read(self, message):
        """The text of a message, as long as it is read."""
        return html2plaintext(message.sudo().body or "").strip()[:MAX_TEXT]

    @api.model
    def _get_colleague(self):
        """The partner as whom agents chat; empty before the first chat."""
        nobody = self.env["res.partner"].browse()
        return self.env.ref(COLLEAGUE, raise_if_not_found=False) or nobody

    @api.model
    def _make_colleague(self):
        """The same; made when it is first needed.

        While this addon is installed, others that partners need may not be there yet.
        """
        if known := self._get_colleague():
            return known
        addon, name = COLLEAGUE.split(".")
        # Two who open the first chat at once both change this, so that Odoo has the
        # second one try again, who then finds the colleague.
        self.env.cr.execute(
            SQL(
                "UPDATE ir_module_module SET write_date = write_date WHERE name = %s",
                addon,
            )
        )
        with file_open(ICON, "rb") as icon:
            image = base64.b64encode(icon.read())
        # As OdooBot, it is nobody whom one would choose for a document; who opens the
        # first chat need not be able to make partners.
        partner = self.env["res.partner"].sudo()
        partner = partner.create(
            {"name": "AI Colleague", "active": False, "image_1920": image}
        )
        self.env["ir.model.data"].sudo().create(
            {
                "module": addon,
                "name": name,
                "model": partner._name,
                "res_id": partner.id,
                "noupdate": True,
            }
        )
        return partner.sudo(False)

    # ------------------------------------------------------------
    # WHAT IT IS ABOUT
    # ------------------------------------------------------------

    def _get_subject(self):
        """What tools look at: the record, and without one the question."""
        return self._get_record() or self

    def _get_earlier(self, count):
        """What this person asked before in the same chat, the last first."""
        return self.search(
            [
                ("channel_id", "=", self.channel_id.id),
                ("user_id", "=", self.user_id.id),
                ("state", "=", "done"),
                ("id", "<", self.id),
            ],
            limit=count,
        )

    def action_open_chat(self):
        """The chat in which it was asked."""
        self.ensure_one()
        return self._get_chat_action(self.channel_id)

    # ------------------------------------------------------------
    # THE CHAT
    # ------------------------------------------------------------

    @api.model
    def open_chat(self):
        """Open the current user's own chat with the colleague.

        :raise AccessError: the user may not ask agents
        """
        self._check_may_chat()
        return self._get_chat_action(self.env["discuss.channel"]._ai_queue_get_chat())

    @api.model
    def open_thread(self, model, record_id):
        """The chat about a record; a new one where this person has none yet.

        :param str model: name of the model of the record
        :param int record_id: id of a record that the user may read
        :return: id of the ``discuss.channel``
        :raise AccessError: the user may not ask agents, or not read the record
        """
        self._check_may_chat()
        if model not in self.env or self.env[model]._abstract:
            raise UserError(self.env._("Nothing can be asked about this."))
        record = self.env[model].browse(int(record_id)).exists()
        if not record:
            raise UserError(self.env._("The record was deleted."))
        record.check_access("read")
        return self.env["discuss.channel"]._ai_queue_get_thread(record).id

    def _check_may_chat(self):
        self.env["ai.queue.kind.ask"]._check_may_run()
        self.env["ai.queue.agent"]._get_colleague()

    def _get_chat_action(self, channel):
        active_id = f"discuss.channel_{channel.id}"
        return {
            "type": "ir.actions.client",
            "tag": "mail.action_discuss",
            "name": self.env._("Ask AI"),
            "params": {"active_id": active_id},
            # A button of a form would put the id of its own record there.
            "context": {"active_id": active_id},
        }

    # ------------------------------------------------------------
    # JOB
    # ------------------------------------------------------------

    @api.private
    def answer_question(self):
        """Answer in a chat

        The job method: call it through ``with_delay``.
        """
        return self.env["ai.queue.kind.ask"]._perform(self)
