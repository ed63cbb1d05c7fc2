"""Bills come in by every door of a running server, and are read behind it.

Odoo's own tests cannot see this: an import commits in the middle of its request, and
under test it does not.
"""

import base64
import datetime
import itertools
import sys
import time
import uuid
from contextlib import contextmanager

import pytest

from dev import cache
from dev.fakemodel import FakeModel
from dev.process import wait_until_gone

from .chatter import drop
from .model import KILL_SECONDS, kill_some
from .world import CHANNEL, HEAL_SECONDS

sys.path.insert(0, str(cache.CHECKOUT / "ai_queue"))

from engine.tests.bill_samples import bill_pdf, bills_pdf  # noqa: E402, F401
from engine.tests.document_samples import picture, saved, zipped  # noqa: E402

#: of the templates of the generic chart of accounts
RATE = 15.0
SECONDS = 90
#: so many of which the bills are made in the request
UPLOADS = 10
#: so many that their bills are not made in the request, nor by one job
MANY = 52
#: for the answer, of a second or so, on a machine that is busy with other things
ANSWER_SECONDS = 20
_days = itertools.count()


@pytest.fixture
def accountant(world):
    """Somebody who may have bills read, and the journal for them."""
    yield world.client("accountant0")
    world.sql("DELETE FROM ai_queue_bill_reading")
    world.sql("UPDATE account_move SET ref = NULL WHERE move_type = 'in_invoice'")


def pdf(number):
    """A bill in the currency and with the tax of the company.

    No two on one day: the same amount would look like the same bill.
    """
    day = datetime.date(2024, 1, 1) + datetime.timedelta(next(_days))
    due = day + datetime.timedelta(30)
    return bill_pdf(number, day=f"{day}", due=f"{due}", rate=RATE, currency="USD")


def journal(world):
    return world.value("SELECT id FROM account_journal WHERE ai_queue_read_bills")


def upload(world, client, *files):
    """Upload files as the button of the journal does; returns the ids of the bills."""
    action = make_bills(world, client, attach(client, *files))
    return sorted(action["domain"][0][2])


def attach(client, *files):
    """Upload files; returns the ids of their attachments."""
    return [
        client.call(
            "ir.attachment",
            "create",
            [
                {
                    "name": f"bill{number}.pdf",
                    "mimetype": "application/pdf",
                    "datas": base64.b64encode(data).decode(),
                }
            ],
        )[0]
        for number, data in enumerate(files)
    ]


def make_bills(world, client, ids):
    """What the web client calls once it has uploaded all; returns the action."""
    context = {"default_journal_id": journal(world), "default_move_type": "in_invoice"}
    return client.call(
        "account.journal", "create_document_from_attachment", "", ids, context=context
    )


def reading(world, move):
    """State and reasons of the reading of a bill."""
    ((state, reasons),) = world.sql(
        "SELECT state, reasons FROM ai_queue_bill_reading "
        "WHERE move_id = %s AND is_current",
        move,
    )
    return state, [reason["code"] for reason in reasons or []]


def bill(world, move):
    """What stands on a bill: (number, total, number of lines, vendor)."""
    ((ref, total, lines, vendor),) = world.sql(
        """
        SELECT move.ref, move.amount_total,
               count(line.id) FILTER (WHERE line.display_type = 'product'),
               partner.name
          FROM account_move move
          LEFT JOIN account_move_line line ON line.move_id = move.id
          LEFT JOIN res_partner partner ON partner.id = move.partner_id
         WHERE move.id = %s GROUP BY move.id, partner.name
        """,
        move,
    )
    return ref, float(total), lines, vendor


def wait_read(world, moves, seconds=SECONDS):
    """Wait until the readings of these bills have an outcome."""
    world.wait_for(
        lambda: not world.value(
            "SELECT count(*) FROM ai_queue_bill_reading "
            "WHERE move_id = ANY(%s) AND state IN ('pending', 'started')",
            moves,
        ),
        f"the reading of {len(moves)} bills",
        seconds,
    )


def assert_filled(world, move, number):
    assert bill(world, move) == (number, 517.5, 2, "Example Supplies")
    assert reading(world, move) == ("done", [])


def test_an_upload_answers_at_once_and_the_bills_are_filled_in(world, accountant):
    numbers = [f"UP-{number:03}" for number in range(UPLOADS)]
    with paused(world):
        started = time.monotonic()
        moves = upload(world, accountant, *(pdf(number) for number in numbers))
        assert time.monotonic() - started < ANSWER_SECONDS
        # Nobody but the request could have read them.
        assert {bill(world, move)[0] for move in moves} == {None}
        assert {reading(world, move)[0] for move in moves} == {"pending"}
    wait_read(world, moves)
    for move, number in zip(moves, numbers, strict=True):
        assert_filled(world, move, number)
    runs = world.sql(
        "SELECT DISTINCT run_id FROM ai_queue_bill_reading WHERE move_id = ANY(%s)",
        moves,
    )
    ((run,),) = runs
    assert world.wait_done(run)["total"] == UPLOADS


def test_many_files_become_bills_though_their_job_is_killed(world, accountant):
    ids = attach(accountant, *(pdf(f"MANY-{number:02}") for number in range(MANY)))
    before = world.value("SELECT count(*) FROM account_move")
    with world.gate():
        with paused(world):
            started = time.monotonic()
            make_bills(world, accountant, ids)
            assert time.monotonic() - started < ANSWER_SECONDS
            # Nor were they made while somebody waited for the answer.
            assert made(world, ids) == []
        world.wait_for(lambda: len(made(world, ids)) > MANY / 4, "some of the bills")
        kill_worker(world, "_make_ai_bills")
    world.wait_for(lambda: len(made(world, ids)) == MANY, "all bills", HEAL_SECONDS)
    wait_read(world, made(world, ids), HEAL_SECONDS + SECONDS)
    assert world.value("SELECT count(*) FROM account_move") == before + MANY
    read = world.sql(
        "SELECT state, count(*) FROM ai_queue_bill_reading "
        "WHERE move_id = ANY(%s) AND is_current GROUP BY state",
        made(world, ids),
    )
    assert read == [("done", MANY)]


@contextmanager
def paused(world):
    """No job of a bill begins until the block ends."""
    channel = world.value(
        "SELECT id FROM queue_job_channel WHERE complete_name = 'root.ai_processing'"
    )
    world.admin.call(CHANNEL, "action_pause", [channel])
    try:
        yield
    finally:
        world.admin.call(CHANNEL, "action_resume", [channel])


def made(world, attachment_ids):
    """The bills that were made of uploaded files."""
    rows = world.sql(
        "SELECT DISTINCT res_id FROM ir_attachment "
        "WHERE id = ANY(%s) AND res_model = 'account.move'",
        attachment_ids,
    )
    return [move for (move,) in rows]


def test_the_same_file_twice_at_once_is_read_once(world, accountant):
    other = world.client("accountant1")
    data = pdf("TWICE-1")
    first, second = world.together(
        [lambda one=one: upload(world, one, data)[0] for one in (accountant, other)]
    )
    wait_read(world, [first, second])
    outcomes = {move: reading(world, move) for move in (first, second)}
    assert sorted(outcomes.values()) == [("done", []), ("review", ["same_file"])]
    refs = sorted(str(bill(world, move)[0]) for move in outcomes)
    assert refs == ["None", "TWICE-1"]


def test_the_same_bill_as_two_files_at_once_is_told(world, accountant):
    other = world.client("accountant1")
    day = datetime.date(2023, 1, 1) + datetime.timedelta(next(_days))
    # One bill, sent as two files: neither job sees what the other writes.
    files = [
        bill_pdf(
            "TWIN-1",
            day=f"{day}",
            due=f"{day}",
            rate=RATE,
            currency="USD",
            extra=[word],
        )
        for word in ("Original", "Copy")
    ]
    with world.gate():
        uploads = zip((accountant, other), files, strict=True)
        first, second = world.together(
            [lambda one=one: upload(world, *one)[0] for one in uploads]
        )
        world.wait_for(lambda: world.at_gate() == 2, "two jobs that are about to write")
    wait_read(world, [first, second])
    outcomes = sorted(reading(world, move) for move in (first, second))
    assert outcomes == [("done", []), ("review", ["duplicate"])]


def mail(world, name, kind, data):
    """A mail with one file to the alias of the journal."""
    source = (
        "From: Seller <sales@example.net>\nTo: bills@example.org\nSubject: Bill\n"
        f"Message-ID: <{uuid.uuid4()}@example.net>\nMIME-Version: 1.0\n"
        'Content-Type: multipart/mixed; boundary="BOUND"\n\n'
        "--BOUND\nContent-Type: text/plain\n\nSee attached.\n"
        f"--BOUND\nContent-Type: {kind}; name={name}\n"
        f"Content-Disposition: attachment; filename={name}\n"
        "Content-Transfer-Encoding: base64\n\n"
        f"{base64.encodebytes(data).decode()}\n--BOUND--\n"
    )
    world.admin.call("mail.thread", "message_process", False, source)


def test_a_mail_to_the_journal_is_read(world, accountant):
    mail(world, "bill.pdf", "application/pdf", pdf("MAIL-1"))
    move = world.value("SELECT max(move_id) FROM ai_queue_bill_reading")
    wait_read(world, [move])
    assert_filled(world, move, "MAIL-1")


def wait_numbers(world, numbers):
    """Wait for bills with these numbers; returns their ids in order."""
    world.wait_for(
        lambda: world.value(
            "SELECT count(*) FROM account_move WHERE ref = ANY(%s)", numbers
        )
        == len(numbers),
        f"the bills {', '.join(numbers)}",
        SECONDS,
    )
    found = dict(
        world.sql("SELECT ref, id FROM account_move WHERE ref = ANY(%s)", numbers)
    )
    return [found[number] for number in numbers]


def test_a_zip_in_a_mail_becomes_the_bill_of_each_of_its_files(world, accountant):
    numbers = [f"MAILZIP-{number}" for number in range(3)]
    files = [(f"{number}.pdf", pdf(number)) for number in numbers]
    before = world.value("SELECT count(*) FROM account_move")
    mail(world, "bills.zip", "application/zip", zipped(*files))
    moves = wait_numbers(world, numbers)
    wait_read(world, moves)
    for move, number in zip(moves, numbers, strict=True):
        assert_filled(world, move, number)
    # The bill that the mail made is the first of them.
    assert world.value("SELECT count(*) FROM account_move") == before + 3
    senders = (
        "SELECT DISTINCT invoice_source_email FROM account_move WHERE id = ANY(%s)"
    )
    assert world.value(senders, moves) == "sales@example.net"


def test_a_zip_dropped_into_the_chatter_fills_the_bill_and_others(world, accountant):
    (move,) = accountant.call(
        "account.move",
        "create",
        [{"move_type": "in_invoice", "journal_id": journal(world)}],
    )
    numbers = ["DROPZIP-0", "DROPZIP-1"]
    files = [(f"{number}.pdf", pdf(number)) for number in numbers]
    drop(accountant, move, zipped(*files), "d.zip", "application/zip")
    moves = wait_numbers(world, numbers)
    assert move == moves[0]
    wait_read(world, moves)
    for one, number in zip(moves, numbers, strict=True):
        assert_filled(world, one, number)


def test_a_file_dropped_into_the_chatter_is_read(world, accountant):
    (move,) = accountant.call(
        "account.move",
        "create",
        [{"move_type": "in_invoice", "journal_id": journal(world)}],
    )
    drop(accountant, move, pdf("DROP-1"))
    wait_read(world, [move])
    assert_filled(world, move, "DROP-1")


@pytest.mark.parametrize("is_pending", ["false", "true"])
def test_pictures_in_the_chatter_stay_as_they_are(world, accountant, is_pending):
    """Also one of a message that is being written: Odoo would make it smaller."""
    (move,) = accountant.call(
        "account.move",
        "create",
        [{"move_type": "in_invoice", "journal_id": journal(world)}],
    )
    data = saved(picture(dpi=200), "PNG")
    name = f"{uuid.uuid4()}.png"
    drop(accountant, move, data, name, "image/png", is_pending=is_pending)
    kept = world.value("SELECT file_size FROM ir_attachment WHERE name = %s", name)
    assert kept == len(data)


def test_what_was_read_outlives_the_worker(world, accountant):
    """Killed between reading and writing: read once, written once."""
    with world.gate():
        (move,) = upload(world, accountant, pdf("KILL-1"))
        world.wait_for(world.at_gate, "the job to be about to write")
        assert world.value(
            "SELECT extraction IS NOT NULL FROM ai_queue_bill_reading "
            "WHERE move_id = %s",
            move,
        )
        kill_worker(world)
    wait_read(world, [move], HEAL_SECONDS)
    assert_filled(world, move, "KILL-1")


@pytest.fixture
def reader(world):
    """A model server that reads the bills of the company; yields it."""
    company = world.value("SELECT min(id) FROM res_company")
    currency = world.value("SELECT currency_id FROM res_company WHERE id = %s", company)
    with FakeModel() as fake:
        line = {"kind": "invoice", "model": "reader", "price_in": 1.0, "price_out": 4.0}
        (provider,) = world.admin.call(
            "ai.queue.provider",
            "create",
            [
                {
                    "name": f"Reader {uuid.uuid4()}",
                    "base_url": fake.url,
                    "currency_id": currency,
                    "model_ids": [(0, 0, line)],
                }
            ],
        )
        values = {"ai_queue_invoice_provider_id": provider}
        world.admin.call("res.company", "write", [company], values)
        try:
            yield fake
        finally:
            fake.configure(latency=0.0)
            values = {"ai_queue_invoice_provider_id": False}
            world.admin.call("res.company", "write", [company], values)


def kill_worker(world, method="run_ai_invoice_parse"):
    """``kill -9`` of the worker that is at a job with this method."""
    jobs = "method_name = %s ORDER BY id DESC"
    killed = world.wait_for(
        lambda: kill_some(world, jobs, [method], 1), f"a worker at {method}"
    )
    wait_until_gone(killed, KILL_SECONDS)


def test_a_model_reads_and_is_asked_once_though_the_worker_is_killed(
    world, accountant, reader
):
    numbers = [f"MODEL-{number}" for number in range(3)]
    with world.gate():
        moves = upload(world, accountant, *(pdf(number) for number in numbers))
        world.wait_for(world.at_gate, "the job to be about to write")
        kill_worker(world)
    wait_read(world, moves, HEAL_SECONDS)
    for move, number in zip(moves, numbers, strict=True):
        assert_filled(world, move, number)
    assert reader.stats()["asked"] == reader.stats()["answered"] == len(numbers)
    sources = world.sql(
        "SELECT DISTINCT extraction -> 'fields' -> 'invoice_number' ->> 'by' "
        "FROM ai_queue_bill_reading WHERE move_id = ANY(%s)",
        moves,
    )
    assert sources == [("model",)]
    assert world.value(
        "SELECT bool_and(cost > 0) FROM ai_queue_bill_reading WHERE move_id = ANY(%s)",
        moves,
    )


def test_answers_that_came_before_the_worker_was_killed_are_not_paid_again(
    world, accountant, reader
):
    # The first question goes alone; the second hangs, until its worker is gone.
    reader.configure(
        faults=[
            {"kind": "slow", "seconds": 0, "next": 1},
            {"kind": "hang", "next": 1},
        ]
    )
    numbers = [f"PAID-{number}" for number in range(3)]
    moves = upload(world, accountant, *(pdf(number) for number in numbers))
    calls = (
        "SELECT state, count(*) FROM ai_queue_call WHERE run_id = (SELECT run_id "
        "FROM ai_queue_bill_reading WHERE move_id = %s) GROUP BY state"
    )
    world.wait_for(
        lambda: dict(world.sql(calls, moves[0])) == {"asking": 1, "answered": 2},
        "two answers in the ledger",
    )
    kill_worker(world)
    wait_read(world, moves, HEAL_SECONDS + 60)
    for move, number in zip(moves, numbers, strict=True):
        assert_filled(world, move, number)
    counts = reader.stats(questions=True)["questions"].values()
    assert sorted(one["asked"] for one in counts) == [1, 1, 2]
    assert {one["answered"] for one in counts} == {1}
    assert dict(world.sql(calls, moves[0])) == {"lost": 1, "answered": 3}


def test_what_a_person_typed_meanwhile_stays(world, accountant):
    with world.gate():
        (move,) = upload(world, accountant, pdf("TYPED-1"))
        world.wait_for(world.at_gate, "the job to be about to write")
        accountant.call("account.move", "write", [move], {"ref": "BY HAND"})
    wait_read(world, [move])
    assert bill(world, move) == ("BY HAND", 517.5, 2, "Example Supplies")
