"""The review cockpit: bill after bill beside its document, without the mouse."""

import base64

import pytest
from playwright.sync_api import expect

from dev.checks.live.test_bills import bill_pdf, journal, wait_read

from .screens import Person

BAR = ".o_ai_queue_cockpit_bar"
PAGE = ".o_ai_queue_page canvas"
PHONE = {"width": 390, "height": 800}


@pytest.fixture(autouse=True)
def nothing_read(world):
    """No bill waits but those of the check."""
    world.sql("DELETE FROM ai_queue_bill_reading")
    world.sql("UPDATE account_move SET ref = NULL WHERE move_type = 'in_invoice'")


def review(world, *files):
    """Drafts of the accountant with these files, read; returns their ids."""
    client = world.client("accountant0")
    moves = []
    for number, data in enumerate(files):
        vals = {"move_type": "in_invoice", "journal_id": journal(world)}
        moves += client.call("account.move", "create", [vals])
        file = {"name": f"bill{number}.pdf", "datas": base64.b64encode(data).decode()}
        file.update(res_model="account.move", res_id=moves[-1])
        client.call("ir.attachment", "create", [file])
    client.call("account.move", "action_run_ai_invoice_parse", moves)
    wait_read(world, moves)
    return moves


def wrong(number, **vals):
    """A bill of which the sum is wrong, so that it waits."""
    vals = {"currency": "USD", "off": 10.0, **vals}
    return bill_pdf(f"SUM-{number:02}", day=f"2024-05-{number + 1:02}", due="", **vals)


def at(page, position, of):
    """Wait until this bill is shown, its page drawn."""
    page.wait_for_selector(f"{BAR}:has-text('{position} of {of}')")
    page.wait_for_selector(".o_ai_queue_document[data-drawn='1']")


def test_one_after_the_other(page, world, pictures):
    person = Person(page, world, "accountant0")
    review(world, *(wrong(number) for number in range(3)))
    page.goto(f"{person.url}/odoo/ai-bills")
    page.click("button:has-text('Review'):visible >> nth=0")
    at(page, 1, 3)
    person.picture(pictures / "cockpit.png")


def word(page, name):
    """Where the value of a field stands on the page: the middle of its box."""
    box = page.locator(f".o_ai_queue_box[data-name={name}]").bounding_box()
    return box["x"] + box["width"] / 2, box["y"] + box["height"] / 2


def test_a_click_fills_the_field_that_has_the_focus(page, world, pictures):
    person = Person(page, world, "accountant0")
    review(world, wrong(0))
    page.goto(f"{person.url}/odoo/ai-review")
    at(page, 1, 1)
    ref, day = page.locator("[name=ref] input"), page.locator("[name=invoice_date]")
    number = word(page, "ref")
    date = word(page, "invoice_date")
    ref.fill("wrong")
    page.mouse.move(*number)
    person.picture(pictures / "pointing.png")
    page.mouse.click(*number)
    expect(ref).to_have_value("SUM-00")
    day.click()
    person.picture(pictures / "date.png")
    page.mouse.click(*date)
    person.picture(pictures / "date-after.png")
