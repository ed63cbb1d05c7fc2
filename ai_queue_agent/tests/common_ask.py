# Copyright 2026 The ai_queue contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""Chats with the colleague; addons that add tools to ask may use it, too."""

from markupsafe import Markup

from odoo.tools import html2plaintext


class AiQueueAskMixin:
    """People who write in chats, beside what `AiQueueAgentMixin` has."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.colleague = cls.env["ai.queue.question"]._make_colleague()
        cls.colleague_agent = cls.env.ref("ai_queue_agent.ai_queue_agent_colleague")

    def of(self, model, user=None):
        """A model as a person uses it in the browser, in all companies of theirs."""
        user = user or self.accountant
        companies = user.company_ids.ids
        model = self.env[model].with_user(user)
        return model.with_context(allowed_company_ids=companies, lang=user.lang)

    def chat(self, user=None):
        """The own chat of a person."""
        channel = self.of("discuss.channel", user)._ai_queue_get_chat()
        self.commit()
        return channel.with_user(self.env.user)

    def thread(self, record, user=None):
        """The chat of a person about a record."""
        questions = self.of("ai.queue.question", user)
        channel_id = questions.open_thread(record._name, record.id)
        self.commit()
        return self.env["discuss.channel"].browse(channel_id)

    def say(self, text, channel, user=None):
        """Write in a chat as the browser does; returns the message."""
        user = user or self.accountant
        message = (
            channel.with_user(user)
            .sudo()
            .message_post(
                body=Markup("<p>%s</p>") % text,
                message_type="comment",
                subtype_xmlid="mail.mt_comment",
            )
        )
        self.commit()
        return message.with_user(self.env.user)

    def edit(self, message, text, user=None):
        """Change a message, or take it back with an empty text."""
        user = user or self.accountant
        channel = self.env["discuss.channel"].browse(message.res_id)
        body = Markup("<p>%s</p>") % text if text else ""
        channel.with_user(user)._message_update_content(
            message.with_user(user).sudo(), body=body, attachment_ids=[]
        )
        self.commit()

    def questions(self, message):
        """The questions that were asked with a message, the last first."""
        return self.env["ai.queue.question"].search([("message_id", "=", message.id)])

    def ask(self, text, channel=None, user=None):
        """Write, let the job run, and return the question."""
        channel = channel or self.chat(user)
        question = self.questions(self.say(text, channel, user))
        self.assertTrue(question, self.said(channel)[-1])
        self.run_jobs(question.run_id)
        return question

    def said(self, channel):
        """What the colleague said in a chat, oldest first."""
        messages = self.env["mail.message"].search(
            [
                ("model", "=", "discuss.channel"),
                ("res_id", "=", channel.id),
                ("author_id", "=", self.colleague.id),
            ],
            order="id",
        )
        return [self.plain(one) for one in messages]

    def plain(self, message):
        """The text of a message."""
        return " ".join(html2plaintext(message.body).split())

    def answers(self, message):
        """What the colleague said in reply to a message, without its notice."""
        notices = self.questions(message).notice_id
        replies = self.env["mail.message"].search([("parent_id", "=", message.id)])
        return [self.plain(one) for one in replies.sorted("id") - notices]
