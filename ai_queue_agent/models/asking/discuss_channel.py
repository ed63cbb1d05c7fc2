# Copyright 2026 The ai_queue contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
from markupsafe import Markup

from odoo import fields, models
from odoo.fields import Command


class DiscussChannel(models.Model):
    """Chats with the colleague: one of each person, and one for each of their records.

    Between a person and the colleague only: what one person may see is not told to
    another who reads along.
    """

    _inherit = "discuss.channel"

    # The record that a chat with the colleague is about.
    ai_queue_res_model = fields.Char(readonly=True, groups="base.group_system")
    ai_queue_res_id = fields.Many2oneReference(
        model_field="ai_queue_res_model", readonly=True, groups="base.group_system"
    )

    # EXTENDS mail
    def _message_post_after_hook(self, message, msg_vals):
        result = super()._message_post_after_hook(message, msg_vals)
        user = self.env.user
        if (
            message.message_type == "comment"
            and message.author_id == user.partner_id
            and user._is_internal()
            and self._ai_queue_is_colleague_here()
        ):
            questions = self._ai_queue_questions()
            questions._receive(self.with_env(questions.env), message)
        return result

    # EXTENDS mail
    def _message_update_content(self, message, /, *, body=None, **kwargs):
        """A question that is changed is asked anew; one that is taken back is not."""
        result = super()._message_update_content(message, body=body, **kwargs)
        asked = self.env["ai.queue.question"]._of_messages(message)
        if body is None or not asked or message.author_id != self.env.user.partner_id:
            return result
        text = asked._read(message)
        if not text:
            asked._call_off(self.env._("You took the question back."))
        elif text != asked.sorted("id")[-1:].text:
            asked._call_off(self.env._("You changed the question."))
            # A question of the agent that waits is not answered by a changed question.
            questions = self._ai_queue_questions()
            own = self.with_env(questions.env)
            questions._ask(own, message.with_env(questions.env), text)
        return result

    def _ai_queue_questions(self):
        """The model of questions, as the person asks who writes in the chat.

        Odoo posts with all rights; what is asked is looked up with one's own, in all of
        one's companies.
        """
        user = self.env.user
        others = user.company_ids - user.company_id
        return (
            self.env["ai.queue.question"]
            .sudo(False)
            .with_context(
                lang=user.lang,
                tz=user.tz,
                allowed_company_ids=[*user.company_id.ids, *others.ids],
            )
        )

    # EXTENDS mail
    def _action_unfollow(self, partner=None, guest=None, post_leave_message=True):
        """Who leaves a chat waits for no answer there any more."""
        result = super()._action_unfollow(partner, guest, post_leave_message)
        if partner:
            left = self.env["ai.queue.question"].sudo()
            left = left.search(
                [
                    ("channel_id", "=", self.id),
                    ("user_id.partner_id", "in", partner.ids),
                    ("state", "in", ("pending", "waiting")),
                ]
            )
            left._call_off(self.env._("You left the chat."))
        return result

    # ------------------------------------------------------------
    # WHO IS HERE
    # ------------------------------------------------------------

    def _ai_queue_is_colleague_here(self):
        colleague = self.env["ai.queue.question"]._get_colleague()
        # Whoever is asked about a chat, need not be a member.
        return bool(colleague) and bool(
            self.env["discuss.channel.member"]
            .sudo()
            .search_count(
                [("channel_id", "=", self.id), ("partner_id", "=", colleague.id)],
                limit=1,
            )
        )

    def _ai_queue_others(self, user=None):
        """Members besides a person and the colleague."""
        user = user or self.env.user
        partners = user.partner_id + self.env["ai.queue.question"]._get_colleague()
        # As above.
        members = self.env["discuss.channel.member"].sudo()
        return members.search(
            [("channel_id", "=", self.id), ("partner_id", "not in", partners.ids)]
        )

    def _ai_queue_is_overheard(self, user=None):
        """Whether others can read along, as members or as it is a channel for many."""
        # As above.
        channel = self.sudo()
        is_open = channel.channel_type not in ("chat", "group")
        is_open = is_open or bool(channel.parent_channel_id)
        return is_open or bool(self._ai_queue_others(user))

    def _ai_queue_has_member(self, user):
        # As above.
        members = self.env["discuss.channel.member"].sudo()
        return bool(
            members.search_count(
                [("channel_id", "=", self.id), ("partner_id", "=", user.partner_id.id)],
                limit=1,
            )
        )

    def _ai_queue_get_record(self):
        """The record that the chat is about, if the current user may read it."""
        # Which record it is, the person knows who opened the chat from it.
        model, record_id = self.sudo().ai_queue_res_model, self.sudo().ai_queue_res_id
        if not model or model not in self.env:
            return self.env["ai.queue.question"].browse()
        record = self.env[model].browse(record_id).exists()
        return record._filtered_access("read")

    # ------------------------------------------------------------
    # THE COLLEAGUE SPEAKS
    # ------------------------------------------------------------

    def _ai_queue_say(self, body, parent=None):
        """Post a message of the colleague; text is taken as text.

        :return: the ``mail.message``
        """
        self.ensure_one()
        if not isinstance(body, Markup):
            body = Markup("<p>%s</p>") % body
        # The colleague is no user, and has no rights.
        return self.sudo().message_post(
            author_id=self.env["ai.queue.question"]._get_colleague().id,
            body=body,
            message_type="comment",
            subtype_xmlid="mail.mt_comment",
            parent_id=parent.id if parent and parent.exists() else False,
        )

    # ------------------------------------------------------------
    # CHATS
    # ------------------------------------------------------------

    def _ai_queue_get_chat(self):
        """The current user's own chat with the colleague."""
        colleague = self.env["ai.queue.question"]._make_colleague()
        chat = self._get_or_create_chat(colleague.ids)
        chat._ai_queue_welcome()
        return chat

    def _ai_queue_get_thread(self, record):
        """The current user's chat with the colleague about a record."""
        mine = self.env.user.partner_id
        colleague = self.env["ai.queue.question"]._make_colleague()
        # The fields are nobody's to see; it is the person's own chat.
        known = self.sudo().search(
            [
                ("ai_queue_res_model", "=", record._name),
                ("ai_queue_res_id", "=", record.id),
                ("channel_member_ids.partner_id", "=", mine.id),
                ("channel_type", "=", "group"),
            ]
        )
        for thread in known.sudo(False):
            if not thread._ai_queue_others():
                return thread
        thread = self.create(
            {
                "name": record.display_name,
                "channel_type": "group",
                "channel_member_ids": [
                    Command.create({"partner_id": partner.id})
                    for partner in mine + colleague
                ],
            }
        )
        # As above.
        thread.sudo().write(
            {"ai_queue_res_model": record._name, "ai_queue_res_id": record.id}
        )
        thread._ai_queue_welcome(record)
        return thread

    def _ai_queue_welcome(self, record=None):
        """Say once what can be asked here."""
        # As above.
        if self.sudo().message_ids:
            return
        agent = self.env["ai.queue.agent"]._get_colleague()
        tools = self.env["ai.queue.agent.tools"]
        lines = tools._say_help(agent, record)
        self._ai_queue_say(tools._as_html(lines))
