"""The check-up and the channels in the settings, on a wide screen and on a phone."""

import pytest

from .test_channels import NAME, PHONE, wait_for_runner

SETTINGS = "/odoo/action-queue_job_operations.res_config_settings_action"
WIDE = {"width": 1280, "height": 900}
FINDINGS = "[name=queue_job_finding_ids]"
CHANNELS = "[name=queue_job_channel_ids]"
ROW = f"{CHANNELS} .o_data_row:has-text('{NAME}')"
CHANNEL = "queue.job.channel"
GOOD = ".o_kanban_record:has-text('The job runner is running')"


@pytest.fixture(autouse=True)
def as_in_odoo_conf(world):
    """Nothing is set in Odoo before and after, and one thing is advised."""
    world.sql("UPDATE ai_queue_provider SET active = false WHERE type <> 'local'")
    provider = {"name": "Untested", "base_url": "http://127.0.0.1:9/v1"}
    ids = [world.admin.call("ai.queue.provider", "create", provider)]
    yield
    world.admin.call("ai.queue.provider", "unlink", ids)
    channels = world.admin.call(CHANNEL, "search", [])
    world.admin.call(CHANNEL, "action_follow_conf", channels)


@pytest.mark.parametrize("window", [WIDE, PHONE], ids=["wide", "phone"])
def test_findings_in_the_settings(admin, pictures, window):
    admin.page.set_viewport_size(window)
    open_settings(admin)
    card = f"{FINDINGS} .o_kanban_record:has-text('Untested was never tested')"
    admin.page.locator(card).scroll_into_view_if_needed()
    admin.reads(card, "Advice")
    admin.reads(card, "Configuration → Providers → Untested")
    admin.reads(".o_setting_container, .o_form_view", "other checks are fine")
    fits = "document.documentElement.scrollWidth <= window.innerWidth"
    assert admin.page.evaluate(fits)
    admin.picture(pictures / "findings.png")
    figures = "[name=queue_job_figure_ids]"
    admin.page.locator(figures).scroll_into_view_if_needed()
    admin.reads(figures, "limit_time_real")
    admin.picture(pictures / "figures.png")


def test_check_again_looks_at_everything(admin, pictures):
    admin.page.set_viewport_size(WIDE)
    open_settings(admin)
    admin.page.click("button:has-text('Check Again')")
    admin.page.wait_for_selector(GOOD)
    # Only trying tells: the proxy of the checks does as it should.
    admin.page.wait_for_selector(".o_kanban_record:has-text('Websockets get through')")
    admin.picture(pictures / "all.png")
    admin.page.click(".o_control_panel button:has-text('Check Again')")
    admin.page.wait_for_selector(GOOD)


def test_channels_are_tuned_in_the_settings(admin, world, pictures):
    admin.page.set_viewport_size(WIDE)
    open_settings(admin)
    admin.page.click(f"{ROW} td[name=capacity]")
    admin.page.fill(f"{ROW} td[name=capacity] input", "1")
    admin.picture(pictures / "channels.png")
    with admin.page.expect_navigation():  # what was saved is shown anew
        admin.page.click(".o_form_button_save")
    wait_for_runner(world, 1)
    admin.page.wait_for_selector(f"{ROW}:has-text('Set here')")


def test_a_channel_is_paused_on_a_phone(admin, world, pictures):
    admin.page.set_viewport_size(PHONE)
    open_settings(admin)
    card = f"{CHANNELS} .o_kanban_record:has-text('{NAME}')"
    admin.page.locator(card).scroll_into_view_if_needed()
    admin.picture(pictures / "channels.png")
    admin.page.click(card)
    admin.page.click(".modal [name=paused] input")
    admin.picture(pictures / "channel.png")
    admin.page.click(".modal .o_form_button_save")
    admin.page.wait_for_selector(f"{card} .badge:has-text('Paused')")
    admin.page.click(".o_form_button_save:visible")
    paused = "SELECT paused FROM queue_job_channel WHERE complete_name = %s"
    world.wait_for(lambda: world.value(paused, NAME), "the pause")


def open_settings(admin):
    admin.page.goto(SETTINGS)
    admin.page.wait_for_selector(FINDINGS)
