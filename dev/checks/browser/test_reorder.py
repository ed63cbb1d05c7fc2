"""The buyer's worklist and the graph of a reordering rule."""

import pytest

from dev.checks.live.shop import Shop

from .screens import PANEL, Person, meet, serve

DATABASE = "browser_reorder"
PHONE = {"width": 390, "height": 844}
WORKLIST = "/odoo/ai-reorder"
ROW = ".o_list_renderer .o_data_row"
TOAST = ".o_notification"


@pytest.fixture(scope="module")
def server(workspace, make_server):
    """A server whose database has stock and purchases, too."""
    source = workspace.stocked()
    with serve(workspace, make_server, DATABASE, source) as server:
        yield server


@pytest.fixture(scope="module")
def _shop(server):
    shop = meet(Shop(server))
    shop.wait_done(shop.admin.press(shop.products))
    return shop


@pytest.fixture
def shop(_shop):
    """60 products with forecasts and rules, and no proposal."""
    yield _shop
    _shop.forget_proposals()
    _shop.sql("DELETE FROM bus_bus")


@pytest.fixture
def planner(page, shop):
    """Who decides on reordering rules, in front of the screen."""
    return Person(page, shop, "admin")


@pytest.fixture
def proposals(shop):
    """Every rule has a proposal."""
    run = shop.propose()
    shop.wait_done(run)
    shop.assert_proposed(run)


def open_worklist(planner):
    planner.page.goto(WORKLIST)
    planner.page.wait_for_selector(ROW)


def open_rule(planner, rule):
    planner.page.goto(f"/odoo/m-stock.warehouse.orderpoint/{rule}")
    planner.page.wait_for_selector(f"{PANEL}:not([data-face=loading])")


def state_of(shop, rule):
    return shop.value(
        "SELECT state FROM ai_queue_reorder_proposal WHERE orderpoint_id = %s", rule
    )


def numbers(shop, rule):
    ((minimum, maximum),) = shop.sql(
        "SELECT product_min_qty, product_max_qty FROM stock_warehouse_orderpoint "
        "WHERE id = %s",
        rule,
    )
    return float(minimum), float(maximum)


def test_press_and_decide(planner, shop, pictures):
    planner.page.goto(WORKLIST)
    planner.reads(".o_view_nocontent", "Nothing to decide", "Press Propose")
    planner.picture(pictures / "empty.png")
    planner.page.click(".o_control_panel button:has-text('Propose')")
    planner.page.wait_for_selector(f"{TOAST} a")
    shop.wait_for(
        lambda: shop.value("SELECT count(*) FROM ai_queue_reorder_proposal") == 60,
        "all proposals",
    )
    open_worklist(planner)
    planner.reads(ROW, "Short now", "1/2", "until it is there", "Wholesaler")
    planner.picture(pictures / "worklist.png")
    accept(planner, shop)
    reject(planner, shop, pictures)
    planner.page.click(".o_list_record_selector input >> nth=0")
    planner.page.click(".o_control_panel button:has-text('Accept by Vendor')")
    planner.page.click(".modal button.btn-primary")
    planner.reads(".o_view_nocontent", "Nothing to decide")
    states = "SELECT count(*) FROM ai_queue_reorder_proposal WHERE state = 'accepted'"
    assert shop.value(states) == 59


def accept(planner, shop):
    """Change a number in the list and accept it."""
    row = planner.page.locator(ROW).first
    name = row.locator("[name=product_id]").inner_text()
    row.locator(".o_list_record_selector input").check()
    row.locator("[name=maximum]").click()
    row.locator("[name=maximum] input").fill("999")
    planner.page.keyboard.press("Enter")
    planner.page.wait_for_selector(f"{ROW}:has-text('{name}') >> text=999")
    planner.page.click(f"{ROW}:has-text('{name}') button[name=action_accept]")
    planner.lacks(f"{ROW}:has-text('{name}')")
    rule = shop.value(
        "SELECT id FROM stock_warehouse_orderpoint WHERE product_max_qty = 999"
    )
    assert state_of(shop, rule) == "accepted"


def reject(planner, shop, pictures):
    """Reject the next one, with a reason."""
    planner.page.click(f"{ROW} >> nth=0 >> .o_list_record_selector input")
    planner.page.click(".o_control_panel button:has-text('Reject')")
    planner.page.fill(".modal [name=reason] input", "The vendor has changed")
    planner.picture(pictures / "reject.png")
    planner.page.click(".modal button:has-text('Reject')")
    planner.lacks(".modal")
    planner.page.wait_for_selector(ROW)
    reason = "SELECT rejection FROM ai_queue_reorder_proposal WHERE state = 'rejected'"
    assert shop.sql(reason) == [("The vendor has changed",)]


def test_from_a_proposal_to_an_order(planner, shop, proposals, pictures):
    open_worklist(planner)
    planner.page.click(f"{ROW} >> nth=0 >> [name=product_id]")
    planner.page.wait_for_selector(".o_form_view")
    planner.page.goto(planner.page.url)
    planner.reads("[name=reason]", "Was 1/2, becomes", "in 95 of 100 cases")
    planner.picture(pictures / "proposal.png")
    planner.page.click("button:visible:has-text('Accept and Order')")
    planner.page.wait_for_selector(".o_arrow_button_current:has-text('Accepted')")
    planner.picture(pictures / "accepted.png")
    orders = shop.sql(
        "SELECT max(line.order_id) FROM purchase_order_line line "
        "JOIN ai_queue_reorder_proposal proposal USING (product_id) "
        "WHERE proposal.state = 'accepted'"
    )
    ((order,),) = orders
    planner.page.goto(f"/odoo/m-purchase.order/{order}")
    planner.page.click("button:visible:has-text('Confirm Order')")
    planner.page.wait_for_selector(".o_arrow_button_current:has-text('Purchase Order')")
    planner.picture(pictures / "order.png")
    assert shop.sql("SELECT state FROM purchase_order WHERE id = %s", order) == [
        ("purchase",)
    ]


def test_graph(planner, shop, proposals, pictures):
    open_rule(planner, shop.rules[5])
    planner.wait_face("chart")
    planner.reads(".o_ai_queue_hint", "Was 1/2, becomes")
    planner.reads_figure("Short from", "Before an order of today would arrive")
    planner.picture(pictures / "graph.png")
    planner.page.click(".o_ai_queue_hint button:has-text('Decide')")
    planner.page.click("button:visible:has-text('Accept')")
    shop.wait_for(lambda: state_of(shop, shop.rules[5]) == "accepted", "the decision")
    open_rule(planner, shop.rules[5])
    planner.lacks(".o_ai_queue_hint")
    minimum, maximum = numbers(shop, shop.rules[5])
    planner.reads_figure("Min / Max", f"{minimum:.0f} / {maximum:.0f}")


def test_a_rule_that_is_not_planned_says_why(planner, shop, pictures):
    rule = shop.rules[7]
    shop.admin.call(
        "stock.warehouse.orderpoint", "write", [rule], {"trigger": "manual"}
    )
    open_rule(planner, rule)
    planner.wait_face("empty")
    planner.reads(PANEL, "Nothing is planned", "triggered by hand")
    planner.picture(pictures / "empty.png")
    shop.admin.call("stock.warehouse.orderpoint", "write", [rule], {"trigger": "auto"})


def test_a_server_that_does_not_answer(planner, shop, pictures):
    call = "**/get_ai_reorder_data"
    planner.page.route(call, lambda route: route.abort())
    open_rule(planner, shop.rules[8])
    planner.wait_face("error")
    planner.reads(PANEL, "could not be loaded")
    planner.picture(pictures / "error.png")
    planner.page.unroute(call)
    planner.page.click(f"{PANEL} button:has-text('Try again')")
    planner.wait_face("chart")


def test_phone(planner, shop, proposals, pictures):
    planner.page.set_viewport_size(PHONE)
    planner.page.goto(WORKLIST)
    card = ".o_kanban_record:not(.o_kanban_ghost)"
    planner.reads(card, "Short now", "1/2", "Was 1/2, becomes")
    planner.picture(pictures / "worklist.png")
    assert fits(planner)
    planner.page.click(f"{card} >> nth=0 >> button:has-text('Accept')")
    accepted = "SELECT count(*) FROM ai_queue_reorder_proposal WHERE state = 'accepted'"
    shop.wait_for(lambda: shop.value(accepted) == 1, "the decision")
    open_rule(planner, shop.rules[9])
    planner.wait_face("chart")
    planner.page.locator(PANEL).scroll_into_view_if_needed()
    assert fits(planner)
    planner.picture(pictures / "graph.png")


def test_dark(planner, shop, proposals, pictures):
    planner.page.context.add_cookies(
        [{"name": "color_scheme", "value": "dark", "url": shop.server.url}]
    )
    open_worklist(planner)
    planner.picture(pictures / "worklist.png")
    open_rule(planner, shop.rules[9])
    planner.wait_face("chart")
    planner.picture(pictures / "graph.png")
    background = "getComputedStyle(document.body).backgroundColor.match(/\\d+/g)[0]"
    assert int(planner.page.evaluate(background)) < 100


def fits(planner):
    """Whether nothing is wider than the screen."""
    return planner.page.evaluate(
        "document.documentElement.scrollWidth <= window.innerWidth"
    )
