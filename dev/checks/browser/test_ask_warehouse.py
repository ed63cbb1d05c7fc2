"""A question to a data warehouse, which a model puts into SQL: as people see it."""

import pytest

from dev.checks.live.office import Office
from dev.fakemodel import FakeModel

from .reports.test_reports import FOLLOW_UP, PHONE, QUESTION, SCREEN, fits, wait_face
from .screens import Person, meet, serve
from .test_warehouse import load, make_warehouse

DATABASE, ADDON = "browser_ask_warehouse", "ai_queue_report_data_warehouse"
TABLE = ".o_ai_queue_table"
CANVAS = f"{TABLE} canvas"
STATEMENT = f"{TABLE} .o_ai_queue_statement"
BY_MONTH = "how much we sold by month"
NOTHING = "what we sold in 1999"
DELETE = "delete all that we sold"
LINES = "mart.invoice_lines"
STATEMENTS = {
    BY_MONTH: "SELECT CAST(DATE_TRUNC('month', date) AS DATE) AS month, "
    f"SUM(quantity) AS quantity FROM {LINES} GROUP BY 1 ORDER BY 1",
    NOTHING: f"SELECT name FROM {LINES} WHERE date < DATE '2000-01-01'",
    DELETE: f"DELETE FROM {LINES}",
}


@pytest.fixture(scope="module")
def server(workspace, make_server):
    """A server whose database has reports and data warehouses."""
    source = workspace.reported()
    with serve(workspace, make_server, DATABASE, source, ADDON) as server:
        yield server


@pytest.fixture(scope="module")
def office(server):
    """Invoice lines in a warehouse, and a model that knows how to ask for them."""
    office = meet(Office(server))
    call = office.admin.call
    load(office, make_warehouse(office, "asked.duckdb"), "invoice_lines")
    with FakeModel(answer=answer) as fake:
        model = {"kind": "report", "model": "fake-large"}
        vals = {"name": "Analyst", "base_url": fake.url, "model_ids": [[0, 0, model]]}
        (provider,) = call("ai.queue.provider", "create", [vals])
        vals = {"ai_queue_report_provider_id": provider}
        companies = call("res.company", "search", [])
        call("res.company", "write", companies, vals)
        yield office


def answer(asked):
    """The statement of the question; for what nobody knows a sentence."""
    for question, statement in STATEMENTS.items():
        if question in asked.text:
            return {"sql": statement, "message": ""}
    return {"sql": "", "message": "There is nothing of that in these tables."}


@pytest.fixture
def admin(page, office):
    """The administrator, who has chosen the warehouse to ask."""
    person = Person(page, office, "admin")
    open_screen(person)
    yield person
    office.sql("DELETE FROM ai_queue_report")
    office.sql("DELETE FROM bus_bus")


def open_screen(person):
    person.page.goto("/odoo/ai-ask")
    wait_face(person, "start")
    person.page.select_option(".o_ai_queue_source", label="Sales")


def ask(person, question, field=QUESTION):
    person.page.fill(field, question)
    person.page.keyboard.press("Enter")


def test_ask(admin, pictures):
    admin.picture(pictures / "start.png")
    ask(admin, BY_MONTH)
    admin.page.wait_for_selector(CANVAS)
    admin.reads(f"{TABLE} thead", "quantity")
    admin.picture(pictures / "answer.png")
    admin.page.click(f"{STATEMENT} summary")
    admin.reads(f"{STATEMENT} pre", "GROUP BY", "LIMIT 500")
    admin.picture(pictures / "statement.png")
    ask(admin, NOTHING, FOLLOW_UP)
    admin.reads(f"{TABLE} .o_ai_queue_empty", "as far as you may see")
    admin.reads(".o_ai_queue_previous", BY_MONTH)
    admin.picture(pictures / "nothing.png")


@pytest.mark.parametrize("question", [DELETE, "how warm is it"], ids=["delete", "lost"])
def test_what_is_not_answered(admin, pictures, question):
    ask(admin, question)
    wait_face(admin, "failed")
    admin.reads(f"{SCREEN} .o_ai_queue_face", "There is no answer to this")
    admin.picture(pictures / "failed.png")
    ask(admin, BY_MONTH)
    admin.page.wait_for_selector(CANVAS)


def test_phone_and_dark(admin, office, pictures):
    admin.page.set_viewport_size(PHONE)
    ask(admin, BY_MONTH)
    admin.page.wait_for_selector(CANVAS)
    admin.picture(pictures / "phone.png")
    assert fits(admin)
    admin.page.set_viewport_size({"width": 1280, "height": 800})
    admin.page.context.add_cookies(
        [{"name": "color_scheme", "value": "dark", "url": office.server.url}]
    )
    admin.page.goto(admin.page.url)
    admin.page.wait_for_selector(CANVAS)
    admin.picture(pictures / "dark.png")
