"""Agents in a running server: what is killed pays nothing twice, what is cancelled
stops, and what a person is asked goes on after a restart."""

import pytest

from .desk import Desk, finish, step
from .limits import short_limits
from .model import kill_workers
from .world import HEAL_SECONDS

DATABASE = "live_agents"
COUNT = 20


@pytest.fixture(scope="module")
def _desk(workspace, make_server):
    workspace.copy(workspace.approving(), DATABASE)
    server = make_server(DATABASE, workers=6, **short_limits())
    yield Desk(server)
    server.kill()
    workspace.drop(DATABASE)


@pytest.fixture
def desk(_desk):
    """The running system, with a job for each five bills."""
    with _desk.parameter("ai_queue.chunk_size", "5"):
        yield _desk
    _desk.reset()


THREE = (step("read_record"), step("read_messages"), finish("ask", "Nobody knows it."))


def test_killed_workers_pay_no_step_twice(desk):
    bills = desk.bills(COUNT)
    with desk.model(*THREE, latency=1.0):
        run = desk.check(bills)
        killed = 0
        for count in (1, 2):
            desk.wait_for(lambda: desk.taken(bills), "a step", run_id=run)
            killed += kill_workers(desk, run, count)
        assert killed >= 2
        desk.wait_done(run, HEAL_SECONDS)
    desk.assert_all_done(run, COUNT)
    assert [row[1:] for row in desk.proposals(bills)] == [("ask", "open")] * COUNT
    assert desk.taken(bills) == dict.fromkeys(bills, [1, 2, 3])
    answers = desk.answers()
    assert len(answers) == 3 * COUNT
    # What was in flight when its worker was killed is asked again, and that is all.
    for states in answers.values():
        assert states.count("answered") == 1, states
        assert set(states) <= {"answered", "lost"}, states


def test_cancelled_it_stops_within_a_step(desk):
    bills = desk.bills(COUNT)
    with desk.model(*THREE, latency=1.5) as fake:
        run = desk.check(bills)
        desk.wait_for(lambda: desk.taken(bills), "the first steps", run_id=run)
        assert desk.accountant.call("ai.queue.run", "action_cancel", [run])
        row = desk.wait_ended(run)
        assert row["state"] == "cancelled"
        assert row["finished"] < COUNT
        assert len(desk.proposals(bills)) == row["finished"]
        kept = {key for key, some in desk.answers().items() if "answered" in some}
        assert kept
        # What was answered is paid: asked anew, it goes on behind it.
        again = desk.check(bills)
        desk.wait_done(again)
        assert [row[1:] for row in desk.proposals(bills)] == [("ask", "open")] * COUNT
        assert fake.stats()["answered"] == len(desk.answers())
        assert all(some.count("answered") == 1 for some in desk.answers().values())


def test_the_answer_of_a_person_after_a_restart(desk):
    (bill,) = desk.bills(1)
    heard = []

    def judge(asked):
        heard.append("Yes, in May" in asked.text)
        return finish("ask", "The accountant has ordered it.")

    question = step("ask_person", "I do not know.", question="Did you order it?")
    with desk.model(question, judge) as fake:
        desk.wait_ended(desk.check([bill]))
        find = "SELECT id, state FROM ai_queue_agent_case WHERE res_id = %s"
        ((case, state),) = desk.sql(find, bill)
        assert state == "waiting"
        assert desk.proposals([bill]) == []
        activities = (
            "SELECT count(*) FROM mail_activity WHERE res_model = 'ai.queue.agent.case'"
            " AND res_id = %s AND active"
        )
        assert desk.value(activities, case) == 1
        desk.server.kill_odoo()
        desk.server.start_odoo()
        (dialog,) = desk.accountant.call(
            "ai.queue.agent.case.answer",
            "create",
            [{"case_id": case, "answer": "Yes, in May"}],
        )
        desk.accountant.call("ai.queue.agent.case.answer", "action_answer", [dialog])
        desk.wait_for(lambda: desk.proposals([bill]), "the proposal")
        assert heard == [True]
        assert fake.stats()["answered"] == 2
    assert desk.proposals([bill]) == [(bill, "ask", "open")]
    assert desk.value(activities, case) == 0


def test_it_starts_by_itself_on_what_bills_reach(desk):
    field = desk.value(
        "SELECT id FROM ir_model_fields WHERE model = 'account.move' AND name = 'state'"
    )
    desk.set_agent(
        start_field_id=field, start_value="Draft", schedule_user_id=desk.admin.uid
    )
    try:
        bills = desk.bills(COUNT)
        desk.wait_for(lambda: len(desk.proposals(bills)) == COUNT, "all proposals")
    finally:
        desk.set_agent(start_field_id=False, start_value=False)
    runs = desk.sql(
        "SELECT DISTINCT run.origin, run.user_id FROM ai_queue_run run "
        "JOIN ai_queue_proposal proposal ON proposal.run_id = run.id "
        "WHERE proposal.res_id = ANY(%s)",
        bills,
    )
    assert runs == [("change", desk.admin.uid)]
    assert desk.value("SELECT count(*) FROM ai_queue_agent_reached") == 0


def test_switched_off_its_waiting_jobs_end_with_a_sentence(desk):
    bills = desk.bills(COUNT)
    with desk.model(*THREE, latency=1.0):
        run = desk.check(bills)
        desk.wait_for(lambda: desk.taken(bills), "the first steps", run_id=run)
        desk.set_agent(active=False)
        try:
            row = desk.wait_ended(run)
        finally:
            desk.set_agent(active=True)
    assert row["state"] == "done"
    assert row["skipped"] > 0
    assert len(desk.proposals(bills)) == COUNT - row["skipped"]
    (skipped,) = desk.admin.call("ai.queue.run", "read", [run], ["skip_summary"])
    assert "The agent was switched off" in skipped["skip_summary"]
