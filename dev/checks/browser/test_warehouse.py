"""Datasets in step with a warehouse: from an empty screen to its first load, what goes
wrong, what is read back, on a phone and in the dark."""

import pytest
from playwright.sync_api import expect

from dev.checks.live.world import World

from .screens import Person, meet, serve

DATABASE, ADDON = "browser_warehouse", "ai_queue_data_warehouse"
PHONE = {"width": 390, "height": 844}
ACTION = f"/odoo/action-{ADDON}.ai_queue"
DATASETS, READINGS = f"{ACTION}_dataset_action", f"{ACTION}_reading_action"
WAREHOUSES = f"{ACTION}_warehouse_action"
ROW = ".o_list_renderer .o_data_row"
DATASET, READING = "ai.queue.dataset", "ai.queue.reading"
#: of the usual datasets, those that are started
TABLES = ("customers", "products", "invoice_lines")
LOADED = "SELECT bool_and(state = 'live') FROM ai_queue_dataset WHERE id = ANY(%s)"


@pytest.fixture(scope="module")
def server(workspace, make_server):
    """A server whose database has the addon, too."""
    source = workspace.company()
    with serve(workspace, make_server, DATABASE, source, ADDON) as server:
        yield server


@pytest.fixture(scope="module")
def world(server):
    return meet(World(server))


@pytest.fixture
def manager(page, world):
    """The administrator, in front of the screen."""
    return Person(page, world, "admin")


@pytest.fixture(scope="module")
def warehouse(world):
    return make_warehouse(world, "sales.duckdb")


def make_warehouse(world, file_name):
    """A warehouse with the usual datasets; returns its id."""
    vals = {"name": "Sales", "file_name": file_name, "schema": "mart"}
    (warehouse,) = world.admin.call("ai.queue.warehouse", "create", [vals])
    world.admin.call("ai.queue.warehouse", "action_add_usual", [warehouse])
    return warehouse


@pytest.fixture(scope="module")
def loaded(world, warehouse):
    """{table: dataset} of those in step."""
    return load(world, warehouse, *TABLES)


def load(world, warehouse, *tables):
    """Bring datasets in step; returns {table: dataset}."""
    domain = [("warehouse_id", "=", warehouse), ("table", "in", tables)]
    rows = world.admin.call(DATASET, "search_read", domain, ["table"])
    ids = [row["id"] for row in rows]
    world.admin.call(DATASET, "action_start", ids)
    world.wait_for(lambda: world.value(LOADED, ids), "the first load")
    return {row["table"]: row["id"] for row in rows}


def test_empty(manager, pictures):
    manager.page.goto(DATASETS)
    manager.reads(".o_nocontent_help", "Nothing is kept in step yet")
    manager.picture(pictures / "datasets.png")
    manager.page.goto(READINGS)
    manager.page.wait_for_selector(".o_nocontent_help")
    manager.picture(pictures / "readings.png")


def test_a_warehouse_is_tested(manager, warehouse, pictures):
    manager.page.goto(f"{WAREHOUSES}/{warehouse}")
    manager.page.click("button:has-text('Test Connection')")
    shown = manager.page.locator("[name=check_result]")

    def is_there():
        manager.page.reload()
        manager.page.wait_for_selector(".o_form_view")
        return shown.count() and "A test batch" in shown.first.inner_text()

    manager.world.wait_for(is_there, "the verdict")
    manager.picture(pictures / "warehouse.png")


def test_the_first_load(manager, world, warehouse, loaded, pictures):
    """Its progress and the time to go, and how it is when it is paused."""
    dataset = loaded["invoice_lines"]
    manager.page.goto(f"{DATASETS}/{dataset}")
    expect(manager.page.locator("button[name=action_compare]")).to_be_visible()
    manager.picture(pictures / "live.png")
    (other,) = world.admin.call(DATASET, "copy", [dataset], {"batch_rows": 100})
    world.admin.call(DATASET, "action_start", [other])
    key = "SELECT load_key FROM ai_queue_dataset WHERE id = %s"
    world.wait_for(lambda: world.value(key, other), "the first batch")
    world.admin.call(DATASET, "action_pause", [other])
    manager.page.goto(f"{DATASETS}/{other}")
    expect(manager.page.locator("button[name=action_resume]")).to_be_visible()
    expect(manager.page.locator("[name=progress]")).to_be_visible()
    manager.picture(pictures / "paused.png")
    manager.page.click("button[name=action_resume]")
    world.wait_for(lambda: world.value(LOADED, [other]), "the rest of it")
    world.admin.call(DATASET, "action_stop", [other])
    world.admin.call(DATASET, "unlink", [other])


def test_what_goes_wrong(manager, world, warehouse, loaded, pictures):
    """A row that does not fit is set aside; a column that changed stops a dataset."""
    (model,) = world.admin.call("ir.model", "search", [("model", "=", "res.partner")])
    names = ["name", "partner_latitude"]
    domain = [("model_id", "=", model), ("name", "in", names)]
    columns = world.admin.call("ir.model.fields", "search", domain)
    far = {"name": "Beyond", "ref": "far", "partner_latitude": 1e30}
    world.admin.call("res.partner", "create", [far])
    vals = {
        "name": "Places",
        "warehouse_id": warehouse,
        "model_id": model,
        "table": "places",
        "domain": "[('ref', '=', 'far')]",
        "field_ids": [(0, 0, {"field_id": each}) for each in columns],
    }
    (places,) = world.admin.call(DATASET, "create", [vals])
    world.admin.call(DATASET, "action_start", [places])
    world.wait_for(lambda: world.value(LOADED, [places]), "the dataset in step")
    manager.page.goto(f"{DATASETS}/{places}")
    manager.page.click("button[name=action_open_rows]")
    manager.reads(ROW, "Open")
    manager.picture(pictures / "aside.png")
    # a column of another kind
    lines = world.admin.call(
        "ai.queue.dataset.field",
        "search",
        [("dataset_id", "=", loaded["customers"]), ("column", "=", "is_company")],
    )
    world.admin.call("ai.queue.dataset.field", "write", lines, {"mask": "hash"})
    world.admin.call(DATASET, "action_sync", [loaded["customers"]])
    state = "SELECT state FROM ai_queue_dataset WHERE id = %s"
    stopped = [loaded["customers"]]
    world.wait_for(lambda: world.value(state, *stopped) == "failed", "the error")
    manager.page.goto(f"{DATASETS}/{loaded['customers']}")
    manager.reads(".alert-danger", "The type of a column has changed")
    expect(manager.page.locator("button[name=action_rebuild]")).to_be_visible()
    manager.picture(pictures / "stopped.png")
    manager.page.goto(DATASETS)
    manager.reads(f"{ROW}:has-text('Customers')", "Stopped by an error", "column")
    manager.picture(pictures / "datasets.png")
    world.admin.call(DATASET, "action_rebuild", stopped)
    world.wait_for(lambda: world.value(state, *stopped) == "live", "the new table")
    manager.page.goto(f"{ACTION}_dataset_batch_action")
    manager.page.wait_for_selector(ROW)
    manager.picture(pictures / "batches.png")


def test_days_that_differ(manager, world, loaded, pictures):
    """What Odoo does not know of: the day is told, and repaired alone."""
    dataset = loaded["invoice_lines"]
    days = world.sql(
        "SELECT date FROM account_move_line WHERE display_type = 'product' "
        "GROUP BY date ORDER BY count(*) DESC LIMIT 2"
    )
    # as rows that never arrived: their changes are noted nowhere
    world.sql(
        "ALTER TABLE account_move_line DISABLE TRIGGER ai_queue_change_update; "
        "UPDATE account_move_line SET name = name || ' (2)' "
        "WHERE display_type = 'product' AND date = ANY(%s); "
        "ALTER TABLE account_move_line ENABLE TRIGGER ai_queue_change_update",
        [day for (day,) in days],
    )
    page = manager.page
    state = "SELECT compare_state FROM ai_queue_dataset WHERE id = %s"
    page.goto(f"{DATASETS}/{dataset}")
    page.click("button[name=action_compare]")
    world.wait_for(lambda: world.value(state, dataset) == "different", "the verdict")
    page.reload()
    lines = page.locator("[name=day_ids] .o_data_row")
    expect(lines).to_have_count(2)
    lines.first.scroll_into_view_if_needed()
    manager.picture(pictures / "different.png")
    lines.first.locator("button[name=action_repair]").click()
    left = (
        "SELECT state FROM ai_queue_dataset_part WHERE dataset_id = %s "
        "AND kind = 'day' AND state <> 'equal' ORDER BY state"
    )
    world.wait_for(
        lambda: world.sql(left, dataset) == [("different",)],
        "the other one to be left",
    )
    page.goto(f"{DATASETS}/{dataset}")
    page.click("button[name=action_open_parts]")
    manager.reads(f"{ROW} >> nth=0", "Different")
    manager.picture(pictures / "days.png")
    page.locator(ROW).first.locator("button[name=action_repair]").click()
    world.wait_for(lambda: world.value(state, dataset) == "equal", "both to be equal")
    for scheme in ("light", "dark"):
        page.context.add_cookies(
            [{"name": "color_scheme", "value": scheme, "url": world.server.url}]
        )
        page.set_viewport_size(PHONE)
        page.goto(f"{ACTION}_dataset_part_action")
        page.wait_for_selector(".o_kanban_record")
        manager.picture(pictures / f"phone-days-{scheme}.png")
        assert fits(manager)


def test_read_back(manager, world, warehouse, loaded, pictures):
    """An emptied source is held, and what to do is said."""
    vals = {
        "name": "Web shop",
        "warehouse_id": warehouse,
        "source": "SELECT * FROM mart.products WHERE id > 0",
        "purpose": "rows",
        "key_column": "id",
        "max_shrink": 10,
    }
    (reading,) = world.admin.call(READING, "create", [vals])
    world.admin.call(READING, "action_read", [reading])
    state = "SELECT state FROM ai_queue_reading WHERE id = %s"
    world.wait_for(lambda: world.value(state, reading) == "done", "the reading")
    manager.page.goto(f"{READINGS}/{reading}")
    manager.page.wait_for_selector(".o_form_view")
    expect(manager.page.locator("button[name=action_accept]")).to_have_count(0)
    manager.picture(pictures / "read.png")
    # As when its source was emptied; what was read is not forgotten for that.
    world.sql(
        "UPDATE ai_queue_reading SET source = replace(source, '> 0', '< 0') "
        "WHERE id = %s",
        reading,
    )
    manager.page.click("button[name=action_read]:visible")
    world.wait_for(lambda: world.value(state, reading) == "held", "the guard")
    manager.page.reload()
    manager.reads(".alert-warning", "There are only 0 rows now", "Accept Fewer Rows")
    manager.picture(pictures / "held.png")
    manager.page.goto("/odoo/ai-queue")
    manager.reads(".o_queue_job_tile:has-text('Tables Read')", "0 of 1")
    manager.picture(pictures / "operations.png")
    manager.page.goto(f"{READINGS}/{reading}")
    manager.page.click("button[name=action_accept]")
    manager.page.click(".modal-footer .btn-primary")
    world.wait_for(lambda: world.value(state, reading) == "done", "the rest")
    rows = "SELECT count(*) FROM ai_queue_reading_row WHERE reading_id = %s"
    assert world.value(rows, reading) == 0


def test_on_a_phone_and_in_the_dark(manager, world, loaded, pictures):
    for scheme in ("light", "dark"):
        manager.page.context.add_cookies(
            [{"name": "color_scheme", "value": scheme, "url": world.server.url}]
        )
        manager.page.set_viewport_size(PHONE)
        manager.page.goto(DATASETS)
        manager.reads(".o_kanban_record:has-text('Products')", "In step")
        manager.picture(pictures / f"phone-{scheme}.png")
        assert fits(manager)
        manager.page.goto(f"{DATASETS}/{loaded['products']}")
        manager.page.wait_for_selector(".o_form_view")
        manager.picture(pictures / f"phone-form-{scheme}.png")
        assert fits(manager)
    manager.page.set_viewport_size({"width": 1400, "height": 900})
    manager.page.goto(DATASETS)
    manager.page.wait_for_selector(ROW)
    manager.picture(pictures / "dark.png")


def fits(manager):
    """Whether nothing is wider than the screen."""
    return manager.page.evaluate(
        "document.documentElement.scrollWidth <= window.innerWidth"
    )
