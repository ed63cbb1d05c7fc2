"""A colleague to ask: whatever is killed, a question has one answer, in its chat."""

import os
import signal
import statistics
import threading
import time

import pytest

from dev.client import Refused
from dev.process import wait_until_gone
from dev.server import HTTP

from .chat import Chat, finish, step
from .limits import short_limits
from .world import HEAL_SECONDS

DATABASE = "live_ask"
SECONDS = 60
#: a question that no tool knows by its words
OPEN_QUESTION = "Tell me about the weather in the warehouse"


@pytest.fixture(scope="module")
def _chat(workspace, make_server):
    workspace.copy(workspace.asking(), DATABASE)
    server = make_server(DATABASE, workers=6, **short_limits())
    yield Chat(server)
    server.kill()
    workspace.drop(DATABASE)


@pytest.fixture
def chat(_chat):
    """The running system, with nobody's question left over."""
    yield _chat
    _chat.reset()


def test_two_people_at_once(chat, record_property):
    """Each gets one answer to each question, in their own chat and about their runs."""
    people = chat.buyers(2)
    chats = [chat.open(person) for person in people]
    runs = [
        person.press([product])
        for person, product in zip(people, chat.products, strict=False)
    ]
    for run in runs:
        chat.wait_done(run)
    seconds = []

    def ask(number):
        messages = []
        for _turn in range(5):
            began = time.monotonic()
            text = "How are my runs?"
            messages.append(chat.write(people[number], chats[number], text))
            seconds.append(time.monotonic() - began)
        return messages

    asked = chat.together([lambda: ask(0), lambda: ask(1)])
    for number, messages in enumerate(asked):
        for message in messages:
            chat.wait_state(message, "done")
            [(where, text)] = chat.answers(message)
            assert where == chats[number]
            assert "Ended within a day: 1" in " ".join(text.split()), text
            assert links(chat, message) == {runs[number]}
    median = statistics.median(seconds)
    record_property("seconds_until_noticed", round(median, 3))
    print(f"a question is taken within {median:.3f} s (median of {len(seconds)})")


def test_kill_the_worker_that_answers(chat):
    """With a model that thinks: the steps that were paid are not paid again."""
    killed = threading.Event()

    def answer(taken, _text):
        if taken == 0:
            return step("my_runs", about="")
        killed.wait(HEAL_SECONDS)
        return finish("Dry and warm.")

    person = chat.buyers(1)[0]
    channel = chat.open(person)
    with chat.thinking(answer) as fake:
        message = chat.write(person, channel, OPEN_QUESTION)
        run = chat.question(message)["run"]
        # In its second step, the first one being kept.
        chat.wait_for(lambda: steps(chat, message) == 1, "the first step", run_id=run)
        ((pid,),) = chat.sql(
            "SELECT worker_pid FROM queue_job WHERE ai_queue_run_id = %s "
            "AND state = 'started'",
            run,
        )
        assert pid in chat.server.processes(HTTP)
        os.kill(pid, signal.SIGKILL)
        wait_until_gone([pid], SECONDS)
        killed.set()
        assert not chat.answers(message)
        chat.wait_state(message, "done", HEAL_SECONDS)
        [(where, text)] = chat.answers(message)
        assert where == channel
        assert "Dry and warm." in text
        assert steps(chat, message) == 2
        # The one that was in the air may have been asked twice, the first never.
        assert fake.stats()["answered"] <= 3
    assert chat.value(
        "SELECT max(retry) FROM queue_job WHERE ai_queue_run_id = %s", run
    )


def test_kill_the_whole_server(chat):
    """In the middle of many questions."""
    people = chat.buyers(10)
    chats = [chat.open(person) for person in people]
    messages = [
        chat.write(person, channel, "What is short next week?")
        for person, channel in zip(people, chats, strict=True)
        for _turn in range(2)
    ]
    chat.wait_for(lambda: any(map(chat.answers, messages)), "the first answer")
    chat.server.kill_odoo()
    chat.server.start_odoo()
    for number, message in enumerate(messages):
        chat.wait_state(message, "done", HEAL_SECONDS)
        [(where, _text)] = chat.answers(message)
        assert where == chats[number // 2]


def test_a_reply_after_a_restart(chat):
    """It asks back, the server goes down, and the reply still goes on from there."""

    def answer(taken, text):
        if taken == 0:
            return step("ask_person", question="Which warehouse?")
        return finish("In the north it is dry." if "North" in text else "Lost")

    person = chat.buyers(1)[0]
    channel = chat.open(person)
    with chat.thinking(answer) as fake:
        message = chat.write(person, channel, OPEN_QUESTION)
        chat.wait_state(message, "waiting")
        [(_where, asked)] = chat.answers(message)
        assert "Which warehouse?" in asked
        chat.server.kill_odoo()
        chat.server.start_odoo()
        reply = chat.write(person, channel, "North")
        assert not chat.sql(
            "SELECT id FROM ai_queue_question WHERE message_id = %s", reply
        )
        chat.wait_state(message, "done", HEAL_SECONDS)
        *earlier, (where, text) = chat.answers(message)
        assert where == channel
        assert "In the north it is dry." in text
        # Beside it there is the first notice: the question knows the second one.
        assert sum("Which warehouse?" in said for _chat, said in earlier) == 1
        assert fake.stats()["answered"] == 2


def test_others_are_refused(chat):
    """What somebody asks is nobody else's to read, nor may everybody ask."""
    first, second = chat.buyers(2)
    message = chat.write(first, chat.open(first), "How are my runs?")
    ((question,),) = chat.sql(
        "SELECT id FROM ai_queue_question WHERE message_id = %s", message
    )
    assert second.call("ai.queue.question", "search", []).count(question) == 0
    with pytest.raises(Refused):
        second.call("ai.queue.question", "read", [question], ["text"])
    with pytest.raises(Refused):
        second.call("ai.queue.question", "answer_question", [question])
    chat.wait_state(message, "done")


# ---------------------------------------------------------------------- helpers


def steps(chat, message):
    """How many steps were taken towards an answer."""
    return chat.value(
        "SELECT count(*) FROM ai_queue_agent_step WHERE case_id = %s",
        chat.question(message)["case"],
    )


def links(chat, message):
    """The runs that the answer to a message links to."""
    body = chat.value(
        "SELECT body FROM mail_message WHERE id = ("
        "SELECT answer_id FROM ai_queue_question WHERE message_id = %s)",
        message,
    )
    return {
        int(part.partition('data-oe-id="')[2].partition('"')[0])
        for part in body.split("<a ")[1:]
        if 'data-oe-model="ai.queue.run"' in part
    }
