"""Channels: tuned in the list, paused on the phone; the runner's absence is told."""

import os
import signal

import pytest

from dev.process import wait_until
from dev.server import RUNNER

CHANNEL = "queue.job.channel"
NAME = "root.ai_processing"
LIST = "/odoo/ai-channels"
ROW = f".o_data_row:has-text('{NAME}')"
PHONE = {"width": 390, "height": 844}
SECONDS = 60


@pytest.fixture(autouse=True)
def as_in_odoo_conf(world):
    """Nothing is set in Odoo before and after."""
    yield
    ids = world.admin.call(CHANNEL, "search", [])
    world.admin.call(CHANNEL, "action_follow_conf", ids)


def test_capacity_is_changed_in_the_list(admin, world, pictures):
    open_channels(admin)
    admin.reads(ROW, "odoo.conf")
    enter(admin, "1")
    admin.page.wait_for_selector(f"{ROW}:has-text('Set here')")
    wait_for_runner(world, 1)
    admin.picture(pictures / "list.png")


def test_a_capacity_of_zero_is_refused_with_a_way_out(admin, pictures):
    open_channels(admin)
    enter(admin, "0")
    admin.reads(".modal-body", "Pause the channel to stop it")
    admin.picture(pictures / "zero.png")
    admin.page.click(".modal-footer .btn-primary")
    admin.page.click(".o_list_button_discard")
    admin.reads(ROW, "odoo.conf")


def test_who_changed_it_stands_in_the_form(admin, world, pictures):
    open_channels(admin)
    admin.page.click(f"{ROW} button[name=action_pause]")
    admin.page.wait_for_selector(f"{ROW} .badge:has-text('Paused')")
    admin.page.click(f"{ROW} td.o_list_record_open_form_view button")
    admin.page.wait_for_selector(".o-mail-Message:has-text('Paused')")
    admin.picture(pictures / "form.png")
    admin.page.click("button[name=action_resume]")
    admin.page.wait_for_selector("button[name=action_pause]:visible")


def test_pause_and_resume_on_a_phone(admin, world, pictures):
    admin.page.set_viewport_size(PHONE)
    card = f".o_kanban_record:has-text('{NAME}')"
    admin.page.goto(LIST)
    admin.page.click(f"{card} >> text=Pause")
    admin.page.wait_for_selector(f"{card} .badge:has-text('Paused')")
    admin.picture(pictures / "phone.png")
    admin.page.click(f"{card} >> text=Resume")
    admin.page.wait_for_selector(f"{card} .badge:has-text('Open')")


def test_a_silent_runner_is_told_above_the_list(admin, world, pictures):
    (pid,) = world.server.processes(RUNNER)
    open_channels(admin)
    admin.lacks(".o_queue_job_runner")
    os.kill(pid, signal.SIGSTOP)
    try:
        # Without anyone loading the page anew.
        admin.page.wait_for_selector(".o_queue_job_runner")
        admin.reads(".o_queue_job_runner", "No job runner has reported")
        admin.picture(pictures / "silent.png")
    finally:
        os.kill(pid, signal.SIGCONT)
    admin.page.wait_for_selector(".o_queue_job_runner", state="detached")


# ---------------------------------------------------------------------- helpers


def open_channels(admin):
    admin.page.goto(LIST)
    admin.page.wait_for_selector(ROW)


def enter(admin, capacity):
    """Type a capacity into the row, and leave it."""
    admin.page.click(f"{ROW} td[name=effective_capacity]")
    admin.page.fill(f"{ROW} td[name=effective_capacity] input", capacity)
    admin.page.keyboard.press("Enter")


def wait_for_runner(world, capacity):
    """Wait until the runner says that the channel works with this capacity."""
    query = (
        "SELECT channels -> %s -> 'spec' ->> 0 FROM queue_job_runner "
        "ORDER BY date_seen DESC, id DESC LIMIT 1"
    )
    wait_until(lambda: world.value(query, NAME) == str(capacity), NAME, SECONDS)
