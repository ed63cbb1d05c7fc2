"""The screen that asks: a question, what was understood, a chip, a drill, an error."""

from pathlib import Path

import pytest

from ..screens import Person

PHONE = {"width": 390, "height": 844}
SCREEN = ".o_ai_queue_ask"
QUESTION = ".o_ai_queue_question input"
FOLLOW_UP = ".o_ai_queue_follow_up input"
DONE = ".o_ai_queue_understood[data-state=done]"
FIGURE = ".o_ai_queue_figure"
CHOICE = ".o_ai_queue_choice"
CANVAS = ".o_graph_renderer canvas"
INVOICES = "customer invoices by month in the last 12 months"


@pytest.fixture
def admin(admin):
    """Somebody who may see everything, in front of the empty screen."""
    open_screen(admin)
    return admin


def open_screen(person):
    person.page.goto("/odoo/ai-ask")
    wait_face(person, "start")


def wait_face(person, face):
    person.page.wait_for_selector(f"{SCREEN}[data-face={face}]")


def ask(person, question, field=QUESTION):
    """Ask, and wait for the figures of the answer."""
    before = person.page.url
    person.page.fill(field, question)
    person.page.keyboard.press("Enter")
    person.page.wait_for_function("url => location.href !== url", arg=before)
    person.page.wait_for_selector(DONE)


def part(key):
    return f".o_ai_queue_chip[data-part='{key}']"


def change(person, key, text):
    """Choose another thing for a part of what was understood."""
    person.page.click(f"{part(key)} .o_ai_queue_chip_change")
    person.page.click(f"{CHOICE}:has-text('{text}')")
    person.lacks(CHOICE)


def test_ask_and_correct(admin, office, pictures):
    admin.reads(".o_ai_queue_library", "Vendor Bills by Month", "AI Costs by Month")
    admin.picture(pictures / "start.png")
    ask(admin, INVOICES)
    admin.page.wait_for_selector(CANVAS)
    admin.reads(part("group:0"), "month")
    admin.reads(part("period"), "12 months")
    admin.reads(FIGURE, "$")
    admin.picture(pictures / "answer.png")
    admin.mark()
    change(admin, "chart", "Pivot")
    admin.page.wait_for_selector(".o_pivot table")
    admin.page.click(f"{part('group:new')} .o_ai_queue_chip_change")
    admin.page.fill(".o_ai_queue_chip_choices input[type=search]", "partner")
    admin.page.click(f"{CHOICE}:text-is('Partner')")
    admin.reads(part("group:1"), "Partner")
    admin.picture(pictures / "corrected.png")
    admin.page.click(f"{part('group:1')} .o_ai_queue_chip_remove")
    admin.lacks(part("group:1"))
    admin.page.click(f"{part('period')} .o_ai_queue_chip_change")
    admin.page.fill(".o_ai_queue_chip_days input >> nth=0", "1999-01-01")
    admin.page.fill(".o_ai_queue_chip_days input >> nth=1", "1999-12-31")
    admin.picture(pictures / "period.png")
    admin.page.click(".o_ai_queue_chip_days button")
    admin.reads(".o_ai_queue_empty", "as far as you may see")
    admin.picture(pictures / "empty.png")
    assert admin.is_same_page()


def test_ask_on_and_load_anew(admin, office, pictures):
    ask(admin, INVOICES)
    ask(admin, "as a list", FOLLOW_UP)
    admin.page.wait_for_selector(".o_list_renderer .o_group_header")
    admin.reads(".o_ai_queue_previous", INVOICES)
    admin.picture(pictures / "list.png")
    admin.page.goto(admin.page.url)
    admin.page.wait_for_selector(DONE)
    assert admin.page.input_value(QUESTION) == "as a list"
    admin.page.click(".o_ai_queue_keep")
    admin.reads(".o_ai_queue_keep", "Kept")
    admin.page.click(".o_ai_queue_new")
    wait_face(admin, "start")
    admin.reads(".o_ai_queue_kept", "as a list")
    admin.reads(".o_ai_queue_recent", INVOICES)
    admin.picture(pictures / "kept.png")


def test_drill(admin, office, pictures):
    ask(admin, INVOICES)
    change(admin, "chart", "Pivot")
    admin.page.click(".o_pivot_cell_value >> nth=0")
    admin.page.wait_for_selector(".o_list_view .o_data_row")
    admin.picture(pictures / "records.png")
    admin.page.click(".breadcrumb-item a")
    admin.page.wait_for_selector(DONE)
    assert admin.page.input_value(QUESTION) == INVOICES
    admin.page.click(".o_ai_queue_full")
    admin.page.wait_for_selector(".o_pivot table")
    admin.lacks(SCREEN)
    admin.page.wait_for_selector(".o_cp_switch_buttons")
    admin.picture(pictures / "in-full.png")


def test_export_and_favourite(admin, office, pictures):
    """What Odoo does with a view, it does with an answer that is opened in full."""
    page = admin.page
    ask(admin, INVOICES)
    change(admin, "chart", "Pivot")
    page.wait_for_selector(".o_pivot table")
    page.click(".o_ai_queue_full")
    admin.lacks(SCREEN)
    page.wait_for_selector(".o_pivot table")
    with page.expect_download() as pivot:
        page.click(".o_pivot_download")
    assert is_workbook(pivot.value)
    page.click(".o_cp_switch_buttons .o_list")
    page.wait_for_selector(".o_list_renderer")
    page.click(".o_control_panel .o_cp_action_menus button:has(.fa-cog)")
    with page.expect_download() as records:
        page.click(".o_export_all_menu")
    assert is_workbook(records.value)
    page.click(".o_searchview_dropdown_toggler")
    page.click("text=Save current search")
    page.fill(".o_accordion_values input[type=text]", "My Invoices")
    admin.picture(pictures / "favourite.png")
    page.click(".o_save_favorite")
    page.wait_for_selector(".o_facet_value:text-is('My Invoices')")
    made = "SELECT count(*) FROM ir_filters WHERE name = 'My Invoices'"
    office.wait_for(lambda: office.value(made) == 1, "the favourite")
    admin.picture(pictures / "kept.png")


def is_workbook(download):
    """Whether something was exported: a file of Excel is a ZIP file."""
    content = Path(download.path()).read_bytes()
    return len(content) > 1000 and content.startswith(b"PK")


def test_two_periods(admin, office, pictures):
    admin.page.click("text=Customer Invoices by Month, This Year and Last")
    admin.page.wait_for_selector(DONE)
    admin.page.wait_for_selector(".o_ai_queue_compared canvas")
    admin.reads(FIGURE, "before:")
    admin.picture(pictures / "compared.png")
    admin.page.click(".o_ai_queue_show_view")
    admin.page.wait_for_selector(CANVAS)


def test_an_average(admin, office, pictures):
    """No graph of Odoo shows one: it is drawn from what was read."""
    ask(admin, "average customer invoices by month in the last 12 months")
    admin.page.wait_for_selector(".o_ai_queue_compared canvas")
    admin.reads(".o_ai_queue_show_compared", "Figures")
    admin.picture(pictures / "average.png")
    admin.page.click(".o_ai_queue_show_view")
    admin.page.wait_for_selector(".o_list_renderer")


def test_opened_again_on_another_day(admin, office, pictures):
    ask(admin, INVOICES)
    admin.reads(".o_ai_queue_as_of", "As of")
    office.sql("UPDATE ai_queue_report SET fingerprint = 'of another day'")
    runs = office.value("SELECT count(*) FROM ai_queue_run")
    admin.page.goto(admin.page.url)
    admin.page.wait_for_selector(DONE)
    admin.reads(FIGURE, "$")
    assert office.value("SELECT count(*) FROM ai_queue_run") == runs + 1
    admin.picture(pictures / "again.png")


def test_what_is_not_understood(admin, office, pictures):
    admin.page.fill(QUESTION, "xyzzy plugh")
    admin.page.keyboard.press("Enter")
    wait_face(admin, "failed")
    admin.reads(f"{SCREEN} .o_ai_queue_face", "Not understood", "xyzzy")
    admin.picture(pictures / "not-understood.png")
    admin.page.click("button:has-text('See Examples')")
    wait_face(admin, "start")


def test_a_server_that_does_not_answer(admin, office, pictures):
    call = "**/ask_screen"
    admin.page.route(call, lambda route: route.abort())
    admin.page.fill(QUESTION, INVOICES)
    admin.page.keyboard.press("Enter")
    admin.reads(".o_ai_queue_ask_error", "cannot be reached")
    admin.picture(pictures / "error.png")
    admin.page.unroute(call)
    ask(admin, INVOICES)
    admin.lacks(".o_ai_queue_ask_error")


def test_waiting_and_cancel(admin, office, pictures):
    with office.shut() as opened:
        admin.page.click("text=Open Invoices and Bills by Due Month")
        admin.page.wait_for_selector(".o_ai_queue_reading")
        admin.picture(pictures / "waiting.png")
        admin.page.click(".o_ai_queue_cancel")
        opened.rollback()
    admin.page.wait_for_selector(".o_ai_queue_understood:not([data-state=started])")
    admin.lacks(".o_ai_queue_reading")
    admin.picture(pictures / "cancelled.png")


def test_who_may_not_read_all(page, office, pictures):
    buyer = Person(page, office, "buyer0")
    open_screen(buyer)
    buyer.reads(".o_ai_queue_library", "Forecasts Against Sales")
    buyer.lacks(f"{SCREEN} .o_ai_queue_subject[data-key=costs]")
    buyer.picture(pictures / "start.png")


def test_phone(admin, office, pictures):
    admin.page.set_viewport_size(PHONE)
    open_screen(admin)
    admin.picture(pictures / "start.png")
    assert fits(admin)
    ask(admin, INVOICES)
    admin.page.wait_for_selector(CANVAS)
    admin.picture(pictures / "answer.png")
    assert fits(admin)
    change(admin, "chart", "Pivot")
    admin.page.wait_for_selector(".o_pivot table")
    assert fits(admin)


def test_dark(admin, office, pictures):
    admin.page.context.add_cookies(
        [{"name": "color_scheme", "value": "dark", "url": office.server.url}]
    )
    open_screen(admin)
    admin.picture(pictures / "start.png")
    admin.page.click("text=Customer Invoices by Month, This Year and Last")
    admin.page.wait_for_selector(".o_ai_queue_compared canvas")
    admin.picture(pictures / "compared.png")
    ask(admin, INVOICES)
    admin.page.wait_for_selector(CANVAS)
    admin.picture(pictures / "answer.png")
    background = "getComputedStyle(document.body).backgroundColor.match(/\\d+/g)[0]"
    assert int(admin.page.evaluate(background)) < 100


def fits(person):
    """Whether nothing is wider than the screen."""
    return person.page.evaluate(
        "document.documentElement.scrollWidth <= window.innerWidth"
    )
