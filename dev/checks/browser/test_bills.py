"""Vendor bills: drop files, watch them being read, review one, accept it."""

import base64
import itertools

import pytest
from playwright.sync_api import expect

from dev.checks.live.test_bills import (
    bill_pdf,
    journal,
    paused,
    pdf,
    picture,
    saved,
)

from .screens import MILLISECONDS, Person

BANNER = ".o_ai_queue_review"
READING = ".o_ai_queue_reading"
DIALOG = ".modal-content"
PHONE = {"width": 390, "height": 800}
#: a dozen bills are read one by one
MINUTES = 3 * MILLISECONDS
_names = itertools.count(1)


@pytest.fixture(autouse=True)
def nothing_read(world):
    """No bill is there that a check reads again, when it is tried once more."""
    world.sql("DELETE FROM ai_queue_bill_reading")
    world.sql("UPDATE account_move SET ref = NULL WHERE move_type = 'in_invoice'")


def open_bills(person):
    person.page.goto(f"{person.url}/odoo/bills?view_type=list")
    person.page.wait_for_selector(".o_list_view")


def drop(person, *files):
    """Choose files at the button *Upload* of the list."""
    payload = [
        {"name": f"bill{next(_names)}.pdf", "mimeType": "application/pdf", "buffer": f}
        for f in files
    ]
    person.page.locator(".o_control_panel input[type=file]").first.set_input_files(
        payload
    )


def wait_states(page, states):
    """Wait until the list shows these states of reading."""
    page.wait_for_function(
        """(states) => {
            const badges = document.querySelectorAll(
                ".o_data_row [name=ai_reading_state] .badge");
            const shown = [...badges].map((badge) => badge.innerText);
            return JSON.stringify(shown) === JSON.stringify(states);
        }""",
        arg=states,
        timeout=MINUTES,
    )


def accept(person, *sentences):
    """Press *Accept*, and again in the dialog that lists what is wrong."""
    page = person.page
    page.click(f"{BANNER} button[name=action_accept_ai_reading]")
    person.reads(DIALOG, *sentences)
    page.click(f"{DIALOG} button:has-text('Accept as It Is')")
    page.wait_for_selector(BANNER, state="detached")
    person.reads(".o-mail-Message", "Accepted as it is", *sentences)


def draft(world, data):
    """A draft of the accountant with a file and nothing else; returns its id."""
    client = world.client("accountant0")
    vals = {"move_type": "in_invoice", "journal_id": journal(world)}
    (move,) = client.call("account.move", "create", [vals])
    file = {"name": "undated.pdf", "datas": base64.b64encode(data).decode()}
    file.update(res_model="account.move", res_id=move)
    client.call("ir.attachment", "create", [file])
    return move


def test_a_bill_without_a_date_is_read_again_and_accepted(page, world, pictures):
    """Odoo's form asks for the date before it lets anybody press anything."""
    person = Person(page, world, "accountant0")
    move = draft(world, bill_pdf("UNDATED-1", day="", due="", currency="USD"))
    page.goto(f"{person.url}/odoo/bills/{move}")
    page.click("button:visible:has-text('Read with AI')")
    page.wait_for_selector(f"{READING}, {BANNER}")
    person.reads(BANNER, "No date was found")
    with world.gate():
        page.click("button:visible:has-text('Read Again')")
        page.wait_for_selector(READING)
    person.reads(BANNER, "No date was found")
    accept(person, "No date was found")
    person.picture(pictures / "form-undated.png")
    date = "SELECT invoice_date FROM account_move WHERE id = %s"
    assert world.value(date, move) is None


def test_the_bills_to_review_on_a_desk_and_on_a_phone(page, world, pictures):
    person = Person(page, world, "accountant0")
    open_bills(person)
    drop(person, bill_pdf("OFF-1", off=10.0), b"%PDF-1.7 torn")
    wait_states(page, ["Failed", "To Review"])
    page.goto(f"{person.url}/odoo/ai-bills")
    row = ".o_data_row:has-text('Example Supplies')"
    person.reads(row, ".pdf", "€", "To Review")
    person.reads(".o_data_row:has-text('Failed')", "File cannot be read")
    person.picture(pictures / "review-list.png")
    page.set_viewport_size(PHONE)
    page.goto(f"{person.url}/odoo/ai-bills?view_type=kanban")
    card = ".o_kanban_record:has-text('Example Supplies')"
    person.reads(card, ".pdf", "€", "To Review")
    person.picture(pictures / "review-phone.png")


def test_drop_files_and_watch_them_being_read(page, world, pictures):
    person = Person(page, world, "accountant0")
    open_bills(person)
    with world.gate():
        drop(person, *(pdf(f"SEEN-{number}") for number in range(4)))
        wait_states(page, ["Running"] * 4)
        person.picture(pictures / "list-waiting.png")
    wait_states(page, ["Done"] * 4)
    person.picture(pictures / "list-done.png")


def test_drop_many_files_and_watch_their_bills_appear(page, world, pictures):
    person = Person(page, world, "accountant0")
    open_bills(person)
    person.keep_toasts()
    with world.gate():
        drop(person, *(pdf(f"MANY-{number:02}") for number in range(12)))
        page.wait_for_selector(".o_notification:has-text('12 files')")
        person.mark()
        expect(page.locator(".o_data_row")).to_have_count(12)
        person.picture(pictures / "list-many.png")
    wait_states(page, ["Done"] * 12)
    assert person.is_same_page()


def test_a_large_picture_is_kept_as_it_is(page, world):
    """Odoo would make it smaller before it is read."""
    person = Person(page, world, "accountant0")
    open_bills(person)
    data = saved(picture(dpi=200), "PNG")
    files = [{"name": "large.png", "mimeType": "image/png", "buffer": data}]
    # It is not about reading it, which would take long.
    with paused(world):
        upload = person.page.locator(".o_control_panel input[type=file]").first
        upload.set_input_files(files)
        page.wait_for_selector(".o_ai_queue_reading")
        query = "SELECT file_size FROM ir_attachment WHERE name = 'large.png'"
        assert world.value(query) == len(data)
        world.reset()


def test_review_one_and_accept_it(page, world, pictures):
    person = Person(page, world, "accountant0")
    open_bills(person)
    world.sql("UPDATE res_partner SET active = false WHERE vat = 'DE811907980'")
    try:
        with world.gate():
            drop(person, pdf("REVIEW-1"))
            page.wait_for_selector(".o_ai_queue_reading")
            person.picture(pictures / "form-reading.png")
        page.wait_for_selector(BANNER)
        person.reads(BANNER, "is not known yet")
        person.picture(pictures / "form-review.png")
        page.click(".o_notebook_headers >> text=What Was Read")
        page.wait_for_selector(".o_ai_queue_read_fields [data-name=amount_total]")
        person.picture(pictures / "form-fields.png")
        accept(person, "is not known yet")
    finally:
        world.sql("UPDATE res_partner SET active = true WHERE vat = 'DE811907980'")
