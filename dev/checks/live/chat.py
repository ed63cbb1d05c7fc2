"""The running system with a colleague to ask, and people who write in chats."""

import re
from contextlib import contextmanager

from dev.fakemodel import FakeModel

from .shop import Shop

QUESTIONS = "ai.queue.question"
ASKERS = "ai_queue_agent_group_user"


class Chat(Shop):
    """A ``Shop`` in which buyers may ask agents."""

    def __init__(self, server):
        super().__init__(server)
        self.agent = self._id("ai_queue_agent_colleague")
        group = self._id(ASKERS)
        people = self.sql("SELECT id FROM res_users WHERE login LIKE 'buyer%%'")
        ids = [user_id for (user_id,) in people]
        self.admin.call("res.users", "write", ids, {"group_ids": [[4, group]]})
        # The first one sets it up, whoever else opens one at that moment.
        both = self.together(
            [lambda one=one: self.open(one) for one in (self.admin, *self.buyers(1))]
        )
        assert len(set(both)) == 2

    def _id(self, name):
        return self.value(
            "SELECT res_id FROM ir_model_data WHERE module = 'ai_queue_agent' "
            "AND name = %s",
            name,
        )

    # ------------------------------------------------------------------ chats

    def open(self, person):
        """A person's own chat; its id."""
        action = person.call(QUESTIONS, "open_chat")
        return int(action["params"]["active_id"].rpartition("_")[2])

    def open_thread(self, person, model, record_id):
        """A person's chat about a record; its id."""
        return person.call(QUESTIONS, "open_thread", model, record_id)

    def write(self, person, channel, text):
        """Write in a chat as the browser does; the id of the message."""
        answer = person.post(
            "/mail/message/post",
            {
                "thread_model": "discuss.channel",
                "thread_id": channel,
                "post_data": {
                    "body": f"<p>{text}</p>",
                    "message_type": "comment",
                    "subtype_xmlid": "mail.mt_comment",
                },
            },
        )
        return answer["message_id"]

    def question(self, message):
        """State, run and case of what a message asks."""
        ((state, run, case),) = self.sql(
            "SELECT state, run_id, case_id FROM ai_queue_question "
            "WHERE message_id = %s",
            message,
        )
        return {"state": state, "run": run, "case": case}

    def answers(self, message):
        """What the colleague said to a message: (chat, text), without its notices."""
        rows = self.sql(
            "SELECT res_id, body FROM mail_message WHERE parent_id = %s "
            "AND id NOT IN (SELECT notice_id FROM ai_queue_question "
            "               WHERE notice_id IS NOT NULL) ORDER BY id",
            message,
        )
        return [(chat, re.sub(r"<[^>]+>", " ", body)) for chat, body in rows]

    def wait_state(self, message, state, seconds=120):
        """Wait until a question is in this state; returns it."""
        self.wait_for(
            lambda: self.question(message)["state"] == state,
            f"{state}: {self.question(message)}",
            seconds,
        )
        return self.question(message)

    # ------------------------------------------------------------------ model

    @contextmanager
    def thinking(self, answer, latency=0.0):
        """The colleague asks a model that answers so, until the block ends.

        :param answer: function of the number of steps taken and the whole text
        """

        def answering(asked):
            taken = len(re.findall(r"^Step \d+:", asked.text, re.MULTILINE))
            return answer(taken, asked.text)

        with FakeModel(answer=answering) as fake:
            fake.configure(latency=latency)
            self._ask_model(fake)
            try:
                yield fake
            finally:
                fake.configure(latency=0.0)
                self._set_agent(is_asking_model=False, provider_id=False)

    def _ask_model(self, fake):
        currency = self.value("SELECT currency_id FROM res_company ORDER BY id LIMIT 1")
        model = {"kind": "agent", "model": "thinker", "price_in": 1.0}
        provider = self.admin.call(
            "ai.queue.provider",
            "create",
            [
                {
                    "name": f"Thinker {fake.url}",
                    "base_url": fake.url,
                    "currency_id": currency,
                    "model_ids": [[0, 0, model]],
                }
            ],
        )[0]
        self._set_agent(is_asking_model=True, provider_id=provider)

    def _set_agent(self, **values):
        self.admin.call("ai.queue.agent", "write", [self.agent], values)


def step(tool, **arguments):
    """A step as a model answers it."""
    return {"thought": "Hm.", "step": {"tool": tool, "arguments": arguments}}


def finish(message):
    """The last step."""
    return step("finish", verdict="answered", reasons=[], message=message)
