"""Boards of tiles: what is killed half-way ends well, and no e-mail goes out twice."""

import pytest

from .limits import short_limits
from .office import CONTACTS, MONTHS, SUBSCRIPTION, TOTAL, MailServer, Office
from .test_channels import reported_soon
from .world import CHANNEL, HEAL_SECONDS

DATABASE = "live_boards"
TILES = 20
#: Odoo's own letters: due where the database was made long before.
NO_DIGESTS = """
    UPDATE ir_cron SET active = false WHERE id = (
           SELECT res_id FROM ir_model_data
            WHERE module = 'digest' AND name = 'ir_cron_digest_scheduler_action')
"""


@pytest.fixture(scope="module")
def post():
    """The mail server of the company."""
    server = MailServer()
    yield server
    server.close()


@pytest.fixture(scope="module")
def _office(workspace, make_server, post):
    workspace.copy(workspace.reported(), DATABASE)
    workspace.cluster.execute(NO_DIGESTS, DATABASE)
    limits = short_limits()
    mail = {"smtp_server": "127.0.0.1", "smtp_port": post.port}
    limits["options"] = {**limits.get("options", {}), **mail}
    server = make_server(DATABASE, workers=6, **limits)
    yield Office(server)
    server.kill()
    workspace.drop(DATABASE)


@pytest.fixture
def office(_office, post):
    """The running system, without boards and e-mails."""
    post.taken.clear()
    post.let_go()
    yield _office
    post.let_go()
    _office.reset()


@pytest.fixture
def board(office):
    """A board of 20 tiles."""
    return office.make_board(
        "Sales",
        *[(f"Tile {number}", "graph", MONTHS) for number in range(TILES)],
    )


def states(office, board, person=None):
    return [tile["state"] for tile in office.look(board, person)]


def test_refresh(office, board):
    """From the press to figures on every tile, by jobs."""
    assert states(office, board) == ["missing"] * TILES
    # It is answered while nobody can read what the tiles are about.
    with office.shut():
        run = office.admin.call("ai.queue.board", "prepare_board", [board])
        assert states(office, board) == ["missing"] * TILES
    office.wait_done(run)
    assert states(office, board) == ["ready"] * TILES
    assert office.refresh(board) != run


def test_kill_the_whole_server_while_it_refreshes(office, board):
    with office.shut():
        run = office.refresh(board)
        office.wait_for(lambda: office.waiting_for() >= 2, "jobs at work", run_id=run)
        office.server.kill_odoo()
    assert office.run(run)["finished"] < TILES
    office.server.start_odoo()
    office.wait_ended(run, HEAL_SECONDS)
    office.assert_all_done(run, TILES)
    assert states(office, board) == ["ready"] * TILES
    ((count,),) = office.sql("SELECT count(*) FROM ai_queue_board_result")
    assert count == TILES, "one result for each tile"


def test_cancel(office, board):
    with office.shut():
        run = office.refresh(board)
        office.wait_for(lambda: office.waiting_for() >= 2, "jobs at work", run_id=run)
        office.admin.call("ai.queue.run", "action_cancel", [run])
    office.wait_ended(run)
    assert office.run(run)["state"] == "cancelled"
    assert "missing" in states(office, board)
    assert not any(tile["is_waiting"] for tile in office.look(board))


def test_two_people_press_at_once(office, board):
    """Each gets their own: two runs, and two results for each tile."""
    office.share(board, "accountant0")
    people = [office.admin, office.client("accountant0")]
    runs = office.together(
        [lambda person=person: office.refresh(board, person) for person in people]
    )
    assert len(set(runs)) == 2
    for run in runs:
        office.wait_done(run)
    for person in people:
        assert states(office, board, person) == ["ready"] * TILES
    ((count,),) = office.sql("SELECT count(*) FROM ai_queue_board_result")
    assert count == 2 * TILES


def test_one_person_opens_it_in_ten_windows(office, board):
    """Ten looks at once make one result for each tile, and leave no error."""
    look = [lambda: office.admin.call("ai.queue.board", "prepare_board", [board])]
    runs = {run for run in office.together(look * 10) if run}
    assert runs
    for run in runs:
        office.wait_ended(run)
    assert states(office, board) == ["ready"] * TILES
    ((count,),) = office.sql("SELECT count(*) FROM ai_queue_board_result")
    assert count == TILES


def test_who_may_not_see_it(office, board):
    """A buyer may not read invoices: each tile says so, and no more."""
    office.share(board, "buyer0")
    buyer = office.client("buyer0")
    office.wait_done(office.refresh(board, buyer))
    tiles = office.look(board, buyer)
    assert {tile["state"] for tile in tiles} == {"error"}
    assert "You may not see" in tiles[0]["error"]
    assert not any(tile["data"] or tile["sentence"] for tile in tiles)


# ---------------------------------------------------------------------- e-mail


@pytest.fixture
def mailed(office):
    """A board that three people get by e-mail, a moment from now."""
    board = office.make_board(
        "Numbers", ("Contacts", "number", CONTACTS), ("Invoiced", "number", TOTAL)
    )
    people = ("buyer0", "buyer1", "accountant0")
    office.share(board, *people)
    for login in people:
        vals = {"board_id": board, "frequency": "day", "hour": 7}
        office.client(login).call(SUBSCRIPTION, "create", [vals])
    office.sql(
        "UPDATE ai_queue_board_subscription "
        "SET date_next = date_trunc('second', now() AT TIME ZONE 'UTC')"
    )
    return board


def mailings(office):
    """How many e-mails are in which state."""
    return dict(
        office.sql("SELECT state, count(*) FROM ai_queue_board_mailing GROUP BY state")
    )


def test_three_readers_get_three_letters(office, mailed, post):
    office.hurry("ir_cron_board_send")
    office.wait_for(lambda: mailings(office) == {"sent": 3}, "three e-mails")
    assert len(post.taken) == 3
    texts = {
        message["To"]: message.get_body(("html",)).get_content()
        for message in post.taken
    }
    assert len(texts) == 3
    hidden = [to for to, text in texts.items() if "You may not see" in text]
    assert len(hidden) == 2, "the buyers may not see invoices"
    for message in post.taken:
        (pdf,) = message.iter_attachments()
        assert pdf.get_content().startswith(b"%PDF-")
    # The same occasion again, whoever asks for it.
    office.hurry("ir_cron_board_send")
    office.wait_for(lambda: mailings(office) == {"sent": 3}, "no other e-mail")
    assert len(post.taken) == 3


def test_kill_while_the_letters_are_written(office, mailed, post):
    """Before anything was sent: all are sent, each once."""
    with office.shut():
        office.hurry("ir_cron_board_send")
        office.wait_for(lambda: office.waiting_for() >= 1, "a job at work")
        office.server.kill_odoo()
    office.server.start_odoo()
    office.wait_for(
        lambda: mailings(office) == {"sent": 3}, "three e-mails", HEAL_SECONDS
    )
    assert len(post.taken) == 3
    assert len({message["To"] for message in post.taken}) == 3


@pytest.fixture
def two_at_a_time(office):
    """No more jobs are at work at a time."""
    root = office.value("SELECT id FROM queue_job_channel WHERE name = 'root'")
    office.admin.call(CHANNEL, "write", [root], {"capacity": 2})
    reported_soon(office, "root", 2)
    yield
    office.admin.call(CHANNEL, "action_follow_conf", [root])


def test_kill_while_the_mail_server_has_it(office, mailed, post, two_at_a_time):
    """It has the letters, and nobody lived to hear that: they are not sent again."""
    post.hold()
    office.hurry("ir_cron_board_send")
    office.wait_for(lambda: len(post.taken) == 2, "e-mails that are not answered for")
    office.server.kill_odoo()
    post.let_go()
    office.server.start_odoo()
    office.wait_for(
        lambda: not mailings(office).keys() & {"pending", "sending"},
        "the end of all e-mails",
        HEAL_SECONDS,
    )
    assert len(post.taken) == 3
    assert len({message["To"] for message in post.taken}) == 3, "nobody got it twice"
    assert mailings(office) == {"failed": 2, "sent": 1}
    ((message,),) = office.sql(
        "SELECT DISTINCT message FROM ai_queue_board_mailing WHERE state = 'failed'"
    )
    assert "whether it has arrived" in message
