"""The product form: press, watch it finish, see the chart."""

import pytest
from playwright.sync_api import expect

from .screens import PANEL, STAT, STATUS, TOAST, Person


def test_press_and_watch_it_finish(buyer, world, pictures):
    product = world.products[0]
    buyer.open_product(product)
    buyer.reads(PANEL, "There is no forecast yet")
    buyer.mark()
    with world.gate():
        buyer.press()
        buyer.wait_state("started")
        expect(buyer.page.locator(".o_ai_queue_run")).to_be_disabled()
        buyer.reads(STAT, "Forecasting…")
        buyer.picture(pictures / "running.png")
    buyer.wait_state("done")
    buyer.reads(STATUS, "Done today at")
    buyer.reads_figure("Next", "Next 8 weeks")
    buyer.reads_figure("Reliability", "Was off by")
    expect(buyer.page.locator(".o_ai_queue_run")).to_be_enabled()
    assert buyer.is_same_page()
    wait_drawn(buyer)
    world.assert_forecast([product])
    expected = sum(
        float(quantity)
        for (quantity,) in world.sql(
            "SELECT quantity FROM ai_queue_forecast WHERE product_id = %s", product
        )
    )
    buyer.reads(STAT, str(round(expected)))
    # Who watches the run end needs no toast about it; those of runs that ended a moment
    # before the page was opened may be there.
    (name,) = world.sql("SELECT name FROM ai_queue_run ORDER BY id DESC LIMIT 1")[0]
    buyer.lacks(f"{TOAST}:has-text('{name}')")
    buyer.picture(pictures / "done.png")


def test_without_websocket_it_polls(page, server, world):
    # Past the proxy nobody answers at /websocket.
    buyer = Person(page, world, "buyer1", url=server.odoo_url)
    product = world.products[1]
    buyer.open_product(product)
    buyer.mark()
    with world.gate():
        buyer.press()
        buyer.wait_state("started")
    buyer.wait_state("done")
    buyer.reads_figure("Next", "Next 8 weeks")
    assert buyer.is_same_page()
    services = "odoo.__WOWL_DEBUG__.root.env.services"
    assert page.evaluate(f"{services}.bus_service.workerState") != "CONNECTED"


def test_unsaved_edits_survive_the_end_of_the_run(buyer, world):
    product = world.products[2]
    buyer.open_product(product)
    name = "[name=name] textarea, [name=name] input"
    with world.gate():
        buyer.press()
        buyer.wait_state("started")
        buyer.page.locator(name).first.fill("Renamed while it runs")
    buyer.wait_state("done")
    buyer.reads_figure("Next", "Next 8 weeks")
    field = buyer.page.locator(name).first
    expect(field).to_have_value("Renamed while it runs")
    buyer.page.click(".o_form_button_save")
    buyer.page.wait_for_selector(".o_form_button_save", state="hidden")
    template = buyer.template_of(product)
    assert world.value(
        "SELECT name->>'en_US' FROM product_template WHERE id = %s", template
    ) == ("Renamed while it runs")
    world.assert_forecast([product])


def test_a_failed_run_says_why_and_can_be_tried_again(buyer, world, pictures):
    product = world.products[3]
    buyer.open_product(product)
    with world.parameter("ai_queue_check.broken_product_id", str(product)):
        buyer.press()
        buyer.wait_state("failed")
    buyer.reads(STATUS, "The source of demand does not answer.")
    buyer.reads(STAT, "Forecast failed")
    buyer.picture(pictures / "failed.png")
    buyer.page.click(".o_ai_queue_status >> text=See the run")
    buyer.wait_run_state("Failed")
    buyer.reads(".alert-danger", "The source of demand does not answer.")
    buyer.picture(pictures / "failed-run.png")
    buyer.click_button("Retry What Failed")
    buyer.wait_run_state("Done")
    world.assert_forecast([product])


def test_the_pager_leads_to_the_next_chart(buyer, world):
    first, second = world.products[4:6]
    world.wait_done(world.admin.press([first]))
    buyer.open_products()
    rows = buyer.page.locator(".o_data_row .o_data_cell[name=name]")
    rows.filter(has_text="Product 04").first.click()
    buyer.open_tab("Demand Forecast")
    buyer.wait_state("done")
    buyer.page.click(".o_pager_next")
    buyer.page.wait_for_selector(".o_ai_queue_hint")
    buyer.reads(PANEL, "There is no forecast yet")
    assert not world.forecasts([second])


def test_a_product_without_demand_says_so(buyer, world, pictures):
    (product,) = world.new_products(1)
    template = buyer.template_of(product)
    action = "product.product_template_action_all"
    buyer.page.goto(f"/odoo/action-{action}/{template}")
    buyer.open_tab("Demand Forecast")
    buyer.wait_face("empty")
    buyer.reads(PANEL, "No demand yet")
    buyer.picture(pictures / "empty.png")


def test_a_lost_connection_is_told_and_overcome(buyer, world):
    product = world.products[6]
    buyer.open_product(product)
    route = "**/call_kw/product.template/get_ai_forecast_data"
    with world.gate():
        buyer.press()
        buyer.wait_state("started")
        buyer.page.route(route, lambda request: request.abort())
        buyer.page.wait_for_selector(".o_ai_queue_stale")
        buyer.reads(".o_ai_queue_stale", "out of date")
    world.wait_for(lambda: world.forecasts([product]), "the forecast")
    buyer.page.unroute(route)
    buyer.wait_state("done")
    buyer.page.wait_for_selector(".o_ai_queue_stale", state="detached")


@pytest.mark.parametrize("width", [390, 768, 1280])
def test_it_fits_the_screen(buyer, world, pictures, width):
    product = world.products[7]
    world.wait_done(world.admin.press([product]))
    buyer.page.set_viewport_size({"width": width, "height": 900})
    buyer.open_product(product)
    buyer.wait_state("done")
    panel = buyer.page.locator(PANEL).bounding_box()
    assert panel["x"] >= 0 and panel["x"] + panel["width"] <= width
    for part in (".o_ai_queue_canvas", ".o_ai_queue_head", ".o_ai_queue_figures"):
        box = buyer.page.locator(part).bounding_box()
        assert box["x"] + box["width"] <= panel["x"] + panel["width"] + 1
    buyer.page.locator(".o_ai_queue_canvas").scroll_into_view_if_needed()
    buyer.picture(pictures / f"width-{width}.png")


def wait_drawn(person):
    """Wait until there is anything but emptiness on the canvas."""
    person.page.wait_for_function(
        """() => {
            const canvas = document.querySelector(".o_ai_queue_canvas canvas");
            const context = canvas.getContext("2d");
            const {data} = context.getImageData(0, 0, canvas.width, canvas.height);
            return data.some((value) => value > 0);
        }"""
    )
