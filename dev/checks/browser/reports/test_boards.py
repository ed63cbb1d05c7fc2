"""Boards of tiles: pin, arrange, share, refresh, old, empty and failed tiles."""

import pytest
from playwright.sync_api import expect

from dev.checks.live.office import CONTACTS, MONTHS, POSTED, TOTAL

from ..screens import Person

PHONE = {"width": 390, "height": 844}
SCREEN = ".o_ai_queue_board"
TILE = ".o_ai_queue_tile"
PRODUCTS = {
    "model": "account.move.line",
    "measures": [{"field": "quantity"}],
    "group_by": [{"field": "product_id"}],
    "limit": 8,
    "chart": "bar",
}
LINE = {**MONTHS, "chart": "line"}
STATES = {
    "model": "account.move",
    "measures": [{"field": "__count"}],
    "group_by": [{"field": "partner_id"}],
    "filters": POSTED,
    "chart": "pie",
}
EMPTY = {
    **TOTAL,
    "period": {"field": "invoice_date", "kind": "next_n", "unit": "year", "count": 1},
    "compare": None,
}
TILES = [
    ("Invoiced, 12 months", "number", TOTAL, 1, 1),
    ("Contacts", "number", CONTACTS, 1, 1),
    ("Invoiced by month", "graph", LINE, 2, 2),
    ("Nothing yet", "number", EMPTY, 2, 1),
    ("Months", "table", MONTHS, 2, 2),
    ("Customers", "graph", STATES, 1, 2),
    ("Bars", "graph", MONTHS, 1, 2),
]


@pytest.fixture
def board(office):
    """A board with figures for the administrator."""
    board = office.make_board("Sales", *TILES)
    office.wait_done(office.refresh(board))
    return board


def open_board(person, board):
    person.page.goto(f"/odoo/ai-boards?board={board}")
    person.page.wait_for_selector(f"{SCREEN}[data-face=tiles]")


def tile(title):
    return f"{TILE}[aria-label='{title}']"


def begins_with(person, *names):
    """Wait until these are the first tiles."""
    for place, name in enumerate(names):
        shown = person.page.locator(TILE).nth(place)
        expect(shown).to_have_attribute("aria-label", name)


def titles(person):
    return person.page.locator(TILE).evaluate_all(
        "tiles => tiles.map((tile) => tile.getAttribute('aria-label'))"
    )


def test_first_steps(admin, office, pictures):
    admin.page.goto("/odoo/ai-boards")
    admin.reads(SCREEN, "You have no board yet")
    admin.picture(pictures / "none.png")
    admin.page.click(f"{SCREEN} button:has-text('New board')")
    admin.page.fill(".modal [name=name] input", "My board")
    admin.picture(pictures / "settings.png")
    admin.page.click(".modal button:has-text('Save')")
    admin.reads(SCREEN, "Nothing is pinned to this board")
    admin.picture(pictures / "bare.png")


def test_open_and_refresh(admin, office, pictures):
    board = office.make_board("Sales", *TILES)
    open_board(admin, board)
    # Nobody pressed anything: what is missing is made.
    admin.page.wait_for_selector(f"{tile('Months')}[data-face=table]")
    admin.page.wait_for_selector(f"{tile('Customers')}[data-face=graph]")
    admin.reads(tile("Nothing yet"), "as far as you may see")
    admin.reads(tile("Contacts"), "As of today")
    admin.page.wait_for_selector(".o_ai_queue_board_refresh")
    admin.picture(pictures / "board.png")
    admin.mark()
    admin.page.click(".o_ai_queue_board_refresh")
    admin.reads(".o_ai_queue_board_progress", "Tiles to go")
    admin.page.wait_for_selector(".o_ai_queue_board_refresh")
    assert admin.is_same_page()


def test_drill(admin, office, board, pictures):
    open_board(admin, board)
    admin.page.click(f"{tile('Months')} tbody button >> nth=0")
    admin.page.wait_for_selector(".o_list_view .o_data_row")
    admin.picture(pictures / "records.png")
    admin.page.go_back()
    admin.page.click(f"{tile('Invoiced by month')} .o_ai_queue_tile_title button")
    admin.page.wait_for_selector(".o_graph_view canvas, .o_graph_renderer canvas")
    admin.picture(pictures / "native.png")
    admin.page.go_back()
    press_bar(admin, tile("Bars"))
    admin.page.wait_for_selector(".o_list_view .o_data_row")


def press_bar(person, where):
    """Press the first bar of a graph, where Chart.js has drawn it."""
    canvas = person.page.locator(f"{where} canvas")
    canvas.wait_for()
    bar = "canvas => Chart.getChart(canvas).getDatasetMeta(0).data[0].getCenterPoint()"
    canvas.click(position=canvas.evaluate(bar))


def test_arrange(admin, office, board, pictures):
    open_board(admin, board)
    admin.page.click(".o_ai_queue_board_arrange")
    first, second = titles(admin)[:2]
    handle = f"{tile(first)} .o_ai_queue_tile_handle"
    admin.page.focus(handle)
    admin.page.keyboard.press("ArrowRight")
    begins_with(admin, second, first)
    focused = "document.activeElement.closest('.o_ai_queue_tile')?.ariaLabel"
    assert admin.page.evaluate(focused) == first, "the keys go on with this tile"
    admin.page.click(f"{tile(second)} button[aria-label=Wider]")
    admin.picture(pictures / "arranging.png")
    drag(admin, tile("Months"), tile(second))
    begins_with(admin, "Months")
    admin.page.click(".o_ai_queue_board_controls button:has-text('Keep')")
    admin.page.wait_for_selector(".o_ai_queue_board_arrange")
    order = [one["title"] for one in office.look(board)]
    assert order[:3] == ["Months", second, first]
    assert office.look(board)[1]["width"] == 2
    admin.page.reload()
    admin.page.wait_for_selector(f"{SCREEN}[data-face=tiles]")
    assert titles(admin) == order
    admin.page.click(".o_ai_queue_board_arrange")
    admin.page.click(f"{tile('Contacts')} button[aria-label^=Remove]")
    admin.page.click(".modal button:has-text('Remove')")
    admin.lacks(tile("Contacts"))


def drag(person, what, where):
    mouse = person.page.mouse
    start = person.page.locator(f"{what} .o_ai_queue_tile_handle").bounding_box()
    end = person.page.locator(where).bounding_box()
    mouse.move(start["x"] + 5, start["y"] + 5)
    mouse.down()
    mouse.move(start["x"] + 25, start["y"] - 25, steps=5)
    mouse.move(end["x"] + 30, end["y"] + 30, steps=15)
    mouse.up()


def test_share(page, office, board, pictures):
    office.share(board, "buyer0")
    buyer = Person(page, office, "buyer0")
    open_board(buyer, board)
    buyer.reads(".o_ai_queue_board_note", "you see what you may see")
    buyer.page.wait_for_selector(f"{tile('Months')}[data-face=error]")
    buyer.reads(tile("Months"), "You may not see what this tile is about")
    buyer.page.wait_for_selector(f"{tile('Contacts')}[data-face=number]")
    buyer.lacks(".o_ai_queue_board_arrange")
    buyer.lacks(".o_ai_queue_board_settings")
    buyer.picture(pictures / "reader.png")


def test_not_shared(page, office, board, pictures):
    buyer = Person(page, office, "buyer1")
    buyer.page.goto(f"/odoo/ai-boards?board={board}")
    buyer.page.wait_for_selector(f"{SCREEN}[data-face=error]")
    buyer.reads(SCREEN, "not shared with you")
    buyer.picture(pictures / "refused.png")
    assert "Sales" not in buyer.page.inner_text(SCREEN)


def test_old(admin, office, board, pictures):
    office.sql(
        "UPDATE ai_queue_board_result "
        "SET as_of = now() AT TIME ZONE 'UTC' - interval '3 days'"
    )
    open_board(admin, board)
    admin.reads(f"{tile('Contacts')} .o_ai_queue_stale", "Old:")
    admin.picture(pictures / "old.png")
    admin.page.click(f"{tile('Contacts')} .o_ai_queue_tile_refresh")
    admin.reads(tile("Contacts"), "As of today")
    admin.reads(f"{tile('Months')} .o_ai_queue_stale", "Old:")


def test_failed(admin, office, board, pictures):
    office.sql(
        "UPDATE ai_queue_board_result SET failure = 'The disk is full.' "
        "WHERE tile_id IN "
        "(SELECT id FROM ai_queue_board_tile WHERE title = 'Months')"
    )
    open_board(admin, board)
    admin.reads(f"{tile('Months')} .o_ai_queue_tile_failure", "The disk is full.")
    admin.picture(pictures / "failed.png")


def test_a_server_that_does_not_answer(admin, office, board, pictures):
    call = "**/get_board"
    admin.page.route(call, lambda route: route.abort())
    admin.page.goto(f"/odoo/ai-boards?board={board}")
    admin.page.wait_for_selector(f"{SCREEN}[data-face=error]")
    admin.reads(SCREEN, "could not be opened")
    admin.picture(pictures / "error.png")
    admin.page.unroute(call)
    admin.page.click(f"{SCREEN} button:has-text('Try again')")
    admin.page.wait_for_selector(f"{SCREEN}[data-face=tiles]")


def test_pin(admin, office, board, pictures):
    context = {"default_specification": PRODUCTS, "default_title": "Top products"}
    (pin,) = admin.world.admin.call(
        "ai.queue.board.pin", "create", [{}], context=context
    )
    action = admin.world.admin.call("ai.queue.board.pin", "action_pin", [pin])
    assert action["params"]["board_id"] == board
    open_board(admin, board)
    admin.page.wait_for_selector(f"{tile('Top products')}[data-face=graph]")
    admin.page.locator(tile("Top products")).scroll_into_view_if_needed()
    admin.picture(pictures / "pinned.png")


def test_subscribe(admin, office, board, pictures):
    open_board(admin, board)
    admin.page.click(".o_ai_queue_board_mail")
    admin.page.wait_for_selector(".modal [name=frequency]")
    admin.picture(pictures / "subscribe.png")
    admin.page.click(".modal button:has-text('Save')")
    admin.page.wait_for_selector(".o_ai_queue_board_mail .fa-envelope")
    assert office.value("SELECT count(*) FROM ai_queue_board_subscription") == 1


def test_phone(admin, office, board, pictures):
    admin.page.set_viewport_size(PHONE)
    open_board(admin, board)
    admin.page.wait_for_selector(f"{tile('Invoiced by month')} canvas")
    admin.picture(pictures / "board.png")
    assert admin.page.evaluate(
        "document.documentElement.scrollWidth <= window.innerWidth"
    )
    admin.page.locator(tile("Customers")).scroll_into_view_if_needed()
    admin.picture(pictures / "below.png")


def test_dark(admin, office, board, pictures):
    cookie = {"name": "color_scheme", "value": "dark", "url": office.server.url}
    admin.page.context.add_cookies([cookie])
    open_board(admin, board)
    admin.page.wait_for_selector(f"{tile('Customers')} canvas")
    admin.picture(pictures / "board.png")
    background = "getComputedStyle(document.body).backgroundColor.match(/\\d+/g)[0]"
    assert int(admin.page.evaluate(background)) < 100
