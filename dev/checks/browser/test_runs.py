"""Runs: from the list of products, on their own screens, and as a toast."""

from .screens import TOAST


def test_forecast_what_is_selected_in_the_list(buyer, world, pictures):
    buyer.open_products()
    buyer.keep_toasts()
    buyer.select(5)
    buyer.press()
    toast = f"{TOAST}:has-text('Demand forecast of 5 products')"
    buyer.reads(toast, "Done.")
    buyer.picture(pictures / "toast.png")
    buyer.page.click(f"{toast} >> text=Open")
    buyer.wait_run_state("Done")
    buyer.reads(".o_form_sheet", "5 of 5")


def test_the_form_of_a_run_moves_by_itself(buyer, world, pictures):
    with world.gate():
        run = buyer_run(world, world.products[:6])
        buyer.open_run(run)
        buyer.mark()
        buyer.wait_run_state("Running")
        buyer.picture(pictures / "running.png")
    buyer.wait_run_state("Done")
    buyer.reads(".o_form_sheet", "6 of 6")
    assert buyer.is_same_page()
    buyer.lacks(TOAST)
    buyer.picture(pictures / "done.png")


def test_cancel_from_the_form(buyer, world, pictures):
    with world.gate():
        run = buyer_run(world, world.products[:6])
        buyer.open_run(run)
        buyer.wait_run_state("Running")
        buyer.click_button("Cancel")
        buyer.page.click(".modal-footer .btn-primary")
        buyer.page.wait_for_selector(".alert:has-text('Cancelling')")
        buyer.picture(pictures / "cancelling.png")
    buyer.wait_run_state("Cancelled")
    row = world.wait_ended(run)
    assert row["state"] == "cancelled"
    # What was about to be written is kept.
    assert len(world.forecasts(world.products[:6])) == row["finished"] == 6
    buyer.picture(pictures / "cancelled.png")


def test_the_list_of_runs_moves_by_itself(buyer, world, pictures):
    with world.gate():
        buyer_run(world, world.products[:7])
        buyer.open_runs()
        buyer.mark()
        buyer.wait_row_state("7 products", "Running")
        buyer_run(world, world.products[:8])
        buyer.wait_row_state("8 products", "Running")
        buyer.picture(pictures / "running.png")
    buyer.wait_row_state("7 products", "Done")
    buyer.wait_row_state("8 products", "Done")
    assert buyer.is_same_page()


def test_others_cannot_steer_a_run(buyer, world):
    with world.gate():
        run = world.admin.press(world.products[:6])
        buyer.open_run(run)
        buyer.wait_run_state("Running")
        buyer.lacks("button[name=action_cancel]")
    world.wait_done(run)


def test_every_screen_opens(admin, world, pictures):
    world.wait_done(world.admin.press(world.products))
    screens = {
        "runs": "ai-runs",
        "forecasts": "ai-forecasts",
        "forecasts-graph": "ai-forecasts?view_type=graph",
        "forecasts-pivot": "ai-forecasts?view_type=pivot",
        "accuracy": "ai-forecast-accuracy",
        "settings": "action-queue_job_operations.res_config_settings_action",
    }
    for name, path in screens.items():
        admin.page.goto(f"/odoo/{path}")
        admin.page.wait_for_selector(".o_action_manager .o_view_controller")
        admin.picture(pictures / f"{name}.png")
        admin.lacks(".o_error_dialog")


def buyer_run(world, products):
    """A run that the person in front of the screen pressed elsewhere."""
    return world.client("buyer0").press(products)
