"""A provider: entered, tested, used by a run, and what people see of it."""

import pytest
from playwright.sync_api import expect

from dev.fakemodel import FakeModel

from .screens import PANEL, Person

KEY = "sk-not-for-your-eyes"
FORM = "action-ai_queue.ai_queue_provider_action"


@pytest.fixture
def fake():
    """A model server on this machine."""
    with FakeModel(key=KEY) as fake:
        yield fake


@pytest.fixture
def provider(world, fake, request):
    """The id of a provider at that server, which the company forecasts with."""
    call = world.admin.call
    # A check that is tried once more finds the one of its first try.
    name = f"Fake of {request.node.name} at {fake.url.rpartition(':')[2]}"
    line = {"kind": "forecast", "model": "fake-large", "price_in": 1, "price_out": 4}
    vals = {"name": name, "base_url": fake.url, "api_key": KEY}
    (provider_id,) = call(
        "ai.queue.provider", "create", [{**vals, "model_ids": [(0, 0, line)]}]
    )
    call("res.company", "write", [1], {"ai_queue_forecast_provider_id": provider_id})
    yield provider_id
    call("res.company", "write", [1], {"ai_queue_forecast_provider_id": False})
    # The jobs that a check left waiting are cancelled by the reset of the world.
    call("ai.queue.provider", "write", [provider_id], {"active": False})


@pytest.fixture
def trusted(world):
    """What a model says counts, without a trial on past demand."""
    write = {"ai_queue_forecast_compare": False}
    world.admin.call("res.company", "write", [1], write)
    yield
    world.admin.call("res.company", "write", [1], dict.fromkeys(write, True))


def test_enter_a_provider_and_test_it(admin, world, fake, pictures):
    page = admin.page
    page.goto(f"/odoo/{FORM}/new")
    page.fill("[name=name] input", "Entered")
    page.fill("[name=base_url] input", fake.url)
    page.fill("[name=api_key] input", KEY)
    page.click("[name=model_ids] >> text=Add a line")
    page.fill(".o_selected_row [name=model] input", "fake-large")
    page.click(".o_form_button_save")
    page.wait_for_selector("button[name=action_check]")
    admin.reads(".o_form_sheet", "AI_QUEUE_KEY_ENTERED")
    expect(page.locator("[name=api_key] input")).to_have_value("")
    admin.reads("[name=key_source]", "Entered here")
    admin.mark()
    admin.click_button("Test Connection")
    page.wait_for_selector(".alert-success:has-text('The connection works')")
    admin.reads(".alert-success", "The key is accepted")
    admin.picture(pictures / "good.png")
    fake.configure(key="another")
    admin.click_button("Test Connection")
    page.wait_for_selector(".alert-danger:has-text('The connection does not work')")
    admin.reads(".alert-danger", "does not accept the key")
    assert admin.is_same_page()
    assert KEY not in page.content()
    admin.picture(pictures / "bad.png")


def test_a_forecast_with_a_model(page, world, provider, trusted, fake, pictures):
    buyer = Person(page, world, "buyer0")
    product = world.products[8]
    buyer.open_product(product)
    buyer.mark()
    buyer.press()
    buyer.wait_state("done")
    page.wait_for_selector(f"{PANEL}:has-text('Adjusted by the AI model')")
    buyer.reads(".o_ai_queue_reason", "Raised by 10%")
    assert buyer.is_same_page()
    page.locator(".o_ai_queue_reason").scroll_into_view_if_needed()
    buyer.picture(pictures / "product.png")
    page.click(".o_ai_queue_status >> text=See the run")
    buyer.wait_run_state("Done")
    buyer.reads("[name=attempt_ids]", "1 done, 0 skipped.")
    # Costs and questions are not for buyers.
    buyer.lacks("button[name=action_open_calls]")
    assert fake.stats()["asked"] == 1


def test_calls_and_costs_of_a_run(admin, world, provider, pictures):
    page = admin.page
    run = world.admin.press(world.products[9:12])
    world.wait_done(run)
    admin.open_run(run)
    admin.picture(pictures / "run.png")
    page.click("button[name=action_open_calls]")
    page.wait_for_selector(".o_last_breadcrumb_item:has-text('Calls')")
    rows = page.locator(".o_list_renderer .o_data_row")
    expect(rows).to_have_count(2)  # the forecast, and the model tried on the past
    expect(rows.first).to_contain_text("Answered")
    admin.picture(pictures / "calls.png")
    rows.first.locator(".o_data_cell[name=model]").click()
    page.wait_for_selector(".o_field_widget[name=question]")
    admin.reads(".o_field_widget[name=question]", "baseline")
    page.click(".o_notebook_headers >> text=Answer")
    admin.reads(".o_field_widget[name=answer_text]", "products")
    admin.picture(pictures / "call.png")
    for view in ("graph", "pivot"):
        page.goto(f"/odoo/action-ai_queue.ai_queue_call_action?view_type={view}")
        page.wait_for_selector(f".o_{view}_view")
        page.click(".o_action_manager button:has-text('Measures')")
        admin.reads(".o-dropdown--menu", "Cost", "Tokens")
        measures = page.inner_text(".o-dropdown--menu")
        assert "Attempt" not in measures and "Id" not in measures.split()
        admin.picture(pictures / f"{view}.png")
    page.goto("/odoo/action-ai_queue.ai_queue_budget_action")
    page.wait_for_selector(".o_data_row")
    admin.picture(pictures / "spending.png")


def test_a_run_says_what_it_waits_for(buyer, world, provider, trusted, fake, pictures):
    fake.configure(faults=[{"status": 429, "retry_after": 600, "next": 99}])
    run = world.client("buyer0").press(world.products[12:14])
    buyer.open_run(run)
    buyer.page.wait_for_selector(".alert-warning:has-text('takes no more requests')")
    buyer.page.wait_for_selector("[name=attempt_ids] .badge:has-text('Postponed')")
    buyer.wait_run_state("Waiting")
    buyer.picture(pictures / "put-off.png")
    fake.configure(faults=[])
    # Whoever changes the provider wakes what waits for it.
    world.admin.call("ai.queue.provider", "write", [provider], {"max_in_flight": 4})
    buyer.wait_run_state("Done")
    buyer.lacks(".alert-warning")
    buyer.picture(pictures / "done.png")


@pytest.mark.parametrize("width", [390, 1280])
def test_the_form_of_a_provider_fits(admin, world, provider, pictures, width):
    page = admin.page
    page.set_viewport_size({"width": width, "height": 900})
    page.goto(f"/odoo/{FORM}/{provider}")
    for tab in ("Models", "Limits", "Extras"):
        admin.open_tab(tab)
        page.wait_for_selector(f".o_notebook_headers .active:has-text('{tab}')")
        admin.picture(pictures / f"{tab}.png")
        sheet = page.locator(".o_form_sheet").bounding_box()
        assert sheet["x"] + sheet["width"] <= width
        assert not page.evaluate(
            "document.documentElement.scrollWidth > window.innerWidth"
        )
