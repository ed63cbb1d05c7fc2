"""A colleague to ask: in Discuss, from a record, on a phone, in the dark."""

import pytest

from dev.checks.live.chat import Chat, finish, step

from .screens import Person, meet, serve

DATABASE = "browser_ask"
PHONE = {"width": 390, "height": 844}
MESSAGE = ".o-mail-Message"
CHAT_WINDOW = ".o-mail-ChatWindow"
COMPOSER = ".o-mail-Composer-input:visible"
ASK = ".o_ai_queue_ask"


@pytest.fixture(scope="module")
def server(workspace, make_server):
    """A server whose database has agents, stock and purchases."""
    source = workspace.asking()
    with serve(workspace, make_server, DATABASE, source) as server:
        yield server


@pytest.fixture(scope="module")
def _chat(server):
    chat = meet(Chat(server))
    chat.wait_done(chat.admin.press(chat.products))
    chat.wait_done(chat.propose())
    return chat


@pytest.fixture
def chat(_chat):
    """60 products with forecasts, rules and proposals for these."""
    yield _chat
    _chat.sql("DELETE FROM bus_bus")


@pytest.fixture
def planner(page, chat):
    """Who asks, in front of the screen."""
    return Person(page, chat, "admin")


def open_chat(planner, chat):
    channel = chat.open(chat.admin)
    active_id = f"discuss.channel_{channel}"
    planner.page.goto(f"/odoo/action-mail.action_discuss?active_id={active_id}")
    planner.page.wait_for_selector(COMPOSER)


def ask(planner, text):
    planner.page.fill(COMPOSER, text)
    planner.page.keyboard.press("Enter")


def says(planner, text, within=""):
    planner.page.wait_for_selector(f"{within} {MESSAGE}:has-text('{text}')")


def test_chat(planner, chat, pictures):
    open_chat(planner, chat)
    says(planner, "You can ask me:")
    planner.mark()
    ask(planner, "What is short next week?")
    says(planner, "Answered.")
    says(planner, "Short by")
    planner.picture(pictures / "chat.png")
    ask(planner, "What is the price of a chair?")
    says(planner, "I cannot answer that")
    assert planner.is_same_page()
    # A link leads to what was said.
    links = f"{MESSAGE}:has-text('Short by') a[data-oe-model]"
    planner.page.locator(links).first.click()
    planner.page.wait_for_selector(".o_form_view [name=reason]")
    planner.picture(pictures / "record.png")


def test_the_menu_opens_the_chat(planner, chat, pictures):
    planner.page.goto("/odoo/ai-runs")
    planner.page.click(".o_menu_sections button:has-text('Agents')")
    planner.page.click(".o-dropdown--menu >> text=Ask AI")
    planner.page.wait_for_selector(COMPOSER)
    says(planner, "You can ask me:")


def test_from_a_record(planner, chat, pictures):
    product = planner.template_of(chat.products[3])
    planner.page.goto(f"/odoo/action-product.product_template_action_all/{product}")
    # Pressed twice, it is one chat.
    planner.page.dblclick(ASK)
    says(planner, "Ask me about", CHAT_WINDOW)
    planner.picture(pictures / "window.png")
    assert planner.page.locator(CHAT_WINDOW).count() == 1
    chats = chat.sql(
        "SELECT id FROM discuss_channel WHERE ai_queue_res_model = 'product.template' "
        "AND ai_queue_res_id = %s",
        product,
    )
    assert len(chats) == 1
    ask(planner, "How are my runs?")
    says(planner, "Ended within a day", CHAT_WINDOW)
    planner.picture(pictures / "answer.png")


def test_from_a_bill_in_german(planner, chat, pictures):
    [bill] = chat.admin.call("account.move", "create", [{"move_type": "in_invoice"}])
    planner.page.goto(f"/odoo/action-account.action_move_in_invoice_type/{bill}")
    planner.page.click(ASK)
    says(planner, "Ask me about", CHAT_WINDOW)
    ask(planner, "Warum ist die Rechnung angehalten?")
    says(planner, "No agent has looked at it", CHAT_WINDOW)
    ask(planner, "Was gibt es in der Kantine?")
    says(planner, "I cannot answer that", CHAT_WINDOW)
    planner.picture(pictures / "bill.png")


def test_a_model_that_takes_steps(planner, chat, pictures):
    def answer(taken, _text):
        if taken == 0:
            return step("my_runs", about="")
        if taken == 1:
            return step("ask_person", question="Which of the two warehouses?")
        return finish("Two runs ended well.\nNothing is left to do.")

    open_chat(planner, chat)
    with chat.thinking(answer, latency=3.0):
        ask(planner, "Tell me how the day went")
        says(planner, "Step 1: State of my runs")
        planner.picture(pictures / "step.png")
        says(planner, "Which of the two warehouses?")
        planner.picture(pictures / "asks.png")
        ask(planner, "The first one")
        says(planner, "Nothing is left to do.")
    planner.picture(pictures / "answer.png")


def test_phone(planner, chat, pictures):
    planner.page.set_viewport_size(PHONE)
    product = planner.template_of(chat.products[4])
    planner.page.goto(f"/odoo/action-product.product_template_action_all/{product}")
    planner.page.click(ASK)
    says(planner, "Ask me about")
    ask(planner, "What is short next week?")
    says(planner, "Short by")
    planner.picture(pictures / "chat.png")
    width = "document.documentElement.scrollWidth <= window.innerWidth"
    assert planner.page.evaluate(width)


def test_dark(planner, chat, pictures):
    planner.page.context.add_cookies(
        [{"name": "color_scheme", "value": "dark", "url": chat.server.url}]
    )
    open_chat(planner, chat)
    ask(planner, "What is short next week?")
    says(planner, "Short by")
    planner.picture(pictures / "chat.png")
    background = "getComputedStyle(document.body).backgroundColor.match(/\\d+/g)[0]"
    assert int(planner.page.evaluate(background)) < 100


def test_what_the_agent_for_reordering_found(planner, chat, pictures):
    run = chat.admin.press(
        chat.rules, model="stock.warehouse.orderpoint", button="action_check_ai_reorder"
    )
    chat.wait_done(run)
    action = "ai_queue_agent_stock.ai_queue_proposal_action_reorder"
    planner.page.goto(f"/odoo/action-{action}")
    planner.page.wait_for_selector(".o_list_renderer .o_data_row")
    planner.picture(pictures / "exceptions.png")
    planner.page.click(".o_data_row >> nth=0 >> [name=record_name]")
    planner.page.wait_for_selector(".o_form_view .o_form_sheet")
    planner.picture(pictures / "exception.png")
