"""The review cockpit: bill after bill beside its document, without the mouse."""

import base64
import re

import pytest
from playwright.sync_api import expect

from dev.checks.live.test_bills import bill_pdf, bills_pdf, journal, wait_read

from .screens import Person

BAR = ".o_ai_queue_cockpit_bar"
DIALOG = ".modal-content"
THROUGH = ".o_view_nocontent:has-text('All through')"
PHONE = {"width": 390, "height": 800}
#: so many that nobody would want to click through them
MANY = 25
MINUTES = 420
PAGE = ".o_ai_queue_document"
WORDS = "**/get_ai_review_page"
#: clicks that come faster than a page is drawn
HASTE = """async (names) => {
    for (const name of names) {
        document.querySelector(`.o_ai_queue_document [aria-label='${name}']`).click();
        window.dispatchEvent(new Event("resize"));
        await new Promise(requestAnimationFrame);
    }
}"""


@pytest.fixture(autouse=True)
def nothing_read(world):
    """No bill waits but those of the check, and none looks like one of them."""
    world.sql("DELETE FROM ai_queue_bill_reading")
    world.sql(
        "UPDATE account_move SET ref = NULL, invoice_date = NULL "
        "WHERE move_type = 'in_invoice' AND state = 'draft'"
    )


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
    wait_read(world, moves, MINUTES)
    return moves


def doubted(number, **vals):
    """A bill that waits for a doubt alone: it is due before its date."""
    day = f"2024-05-{number + 1:02}"
    vals = {"currency": "USD", "rate": 15.0, "day": day, "due": "2024-01-01", **vals}
    return bill_pdf(f"SUM-{number:02}", **vals)


def open_cockpit(person):
    """Open the cockpit for all bills that wait."""
    person.page.goto(f"{person.url}/odoo/ai-review")


def at(page, position, of):
    """Wait until this bill is shown, its page drawn."""
    page.wait_for_selector(f"{BAR}:has-text('{position} of {of}')")
    page.wait_for_selector(f"{PAGE}[data-drawn='1']")


def place_of(page, name):
    """Where the value of a field stands on the page: the middle of its box."""
    box = page.locator(f".o_ai_queue_box[data-name={name}]").bounding_box()
    return box["x"] + box["width"] / 2, box["y"] + box["height"] / 2


def go_to(person, element, label):
    """Go to a field, until a click on the page would fill it in."""
    element.click()
    person.reads(".o_ai_queue_document_hint", f"Click on the page to fill in {label}")


def state_of(world, move):
    return world.value(
        "SELECT state FROM ai_queue_bill_reading WHERE move_id = %s AND is_current",
        move,
    )


def test_many_bills_in_a_row_by_keyboard(page, world, pictures):
    person = Person(page, world, "accountant0")
    moves = review(world, *(doubted(number) for number in range(MANY)))
    page.goto(f"{person.url}/odoo/ai-bills")
    page.click("button:has-text('Review'):visible >> nth=0")
    at(page, 1, MANY)
    person.mark()
    for number in range(1, MANY + 1):
        at(page, number, MANY)
        expect(page.locator("[name=ref] input")).to_have_value(f"SUM-{number - 1:02}")
        if number == 3:
            person.reads(".o_ai_queue_pace", "a bill")
            person.picture(pictures / "cockpit.png")
        page.keyboard.press("Alt+a")
    page.wait_for_selector(THROUGH)
    person.picture(pictures / "through.png")
    assert person.is_same_page()
    assert {state_of(world, move) for move in moves} == {"done"}
    notes = (
        "SELECT count(*) FROM mail_message WHERE model = 'account.move' "
        "AND res_id = ANY(%s) AND body LIKE '%%Accepted as it is%%'"
    )
    assert world.value(notes, moves) == MANY
    counted = (
        "SELECT count(*) FROM ai_queue_bill_reading WHERE move_id = ANY(%s) "
        "AND review_seconds > 0"
    )
    world.wait_for(lambda: world.value(counted, moves) == MANY, "the times")


def test_a_click_fills_the_field_that_has_the_focus(page, world, pictures):
    person = Person(page, world, "accountant0")
    (move,) = review(world, doubted(0))
    open_cockpit(person)
    at(page, 1, 1)
    number, date = place_of(page, "ref"), place_of(page, "invoice_date")
    total = place_of(page, "tax_totals")
    ref = page.locator("[name=ref] input")
    ref.fill("wrong")
    person.reads(".o_ai_queue_document_hint", "Click on the page to fill in Number")
    page.mouse.move(*number)
    page.wait_for_selector(".o_ai_queue_hover")
    person.picture(pictures / "pointing.png")
    page.mouse.click(*number)
    expect(ref).to_have_value("SUM-00")
    reference = page.locator("[name=payment_reference] input")
    go_to(person, reference, "Payment Reference")
    page.mouse.click(*number)
    expect(reference).to_have_value("SUM-00")
    due = page.locator("[name=invoice_date_due]")
    go_to(person, due.locator("button, input").first, "Due Date")
    page.mouse.click(*date)
    go_to(person, page.locator(".o_data_row td[name=price_unit]").first, "Price")
    page.mouse.click(*total)
    price = page.locator(".o_data_row [name=price_unit] input")
    expect(price).to_have_value(re.compile(r"517\.50"))
    person.picture(pictures / "line.png")
    page.keyboard.press("Alt+s")
    page.wait_for_selector(
        ".o_form_status_indicator_buttons.invisible", state="attached"
    )
    vals = "SELECT ref, payment_reference, invoice_date_due::text FROM account_move"
    (row,) = world.sql(f"{vals} WHERE id = %s", move)
    assert row == ("SUM-00", "SUM-00", "2024-05-01")
    lines = (
        "SELECT max(price_unit) FROM account_move_line "
        "WHERE move_id = %s AND display_type = 'product'"
    )
    assert world.value(lines, move) == 517.5


def test_words_that_are_no_value_of_the_field(page, world):
    person = Person(page, world, "accountant0")
    review(world, doubted(0))
    open_cockpit(person)
    at(page, 1, 1)
    number = place_of(page, "ref")
    go_to(person, page.locator(".o_data_row td[name=price_unit]").first, "Price")
    page.mouse.click(*number)
    person.reads(".o_notification", "SUM-00 cannot be filled in as Price")


def test_the_vendor_and_the_account_of_one_for_all_others(page, world, pictures):
    person = Person(page, world, "accountant0")
    unknown = {"vendor": "Nobody Knows AG", "vat": "", "iban": ""}
    moves = review(world, *(doubted(number, **unknown) for number in range(4)))
    open_cockpit(person)
    at(page, 1, 4)
    person.reads(".o_ai_queue_review", "is not known yet")
    person.picture(pictures / "unknown.png")
    page.locator("[name=partner_id] input").fill("Example Supplies")
    page.click(".o-autocomplete--dropdown-item:has-text('Example Supplies')")
    person.reads(".o_ai_queue_alike", "Apply to the Other 3")
    product = page.locator(".o_data_row td[name=name]").first
    product.click()
    page.locator(
        ".o_data_row [name=name] textarea, .o_data_row [name=name] input"
    ).first.fill("Chairs for the office")
    person.picture(pictures / "alike.png")
    page.keyboard.press("Alt+o")
    person.reads(".o_notification", "3 other bills of Example Supplies")
    vendor = "SELECT count(*) FROM account_move WHERE id = ANY(%s) AND partner_id = %s"
    example = world.value(
        "SELECT id FROM res_partner WHERE vat = 'DE811907980' AND active"
    )
    world.wait_for(lambda: world.value(vendor, moves, example) == 4, "the vendor")


def test_what_is_wrong_is_asked_about_and_passed_over(page, world, pictures):
    person = Person(page, world, "accountant0")
    wrong, other = review(world, doubted(0, off=10.0), doubted(1))
    open_cockpit(person)
    at(page, 1, 2)
    page.keyboard.press("Alt+a")
    person.reads(DIALOG, "This bill comes to")
    person.picture(pictures / "question.png")
    page.click(f"{DIALOG} button:has-text('Go Back')")
    page.wait_for_selector(DIALOG, state="detached")
    at(page, 1, 2)
    page.keyboard.press("Alt+n")
    at(page, 2, 2)
    page.keyboard.press("Alt+p")
    at(page, 1, 2)
    page.keyboard.press("Alt+n")
    at(page, 2, 2)
    page.keyboard.press("Alt+a")
    # The one that was passed over comes again.
    at(page, 1, 2)
    page.keyboard.press("Alt+a")
    page.click(f"{DIALOG} button:has-text('Accept as It Is')")
    page.wait_for_selector(THROUGH)
    assert (state_of(world, wrong), state_of(world, other)) == ("done", "done")


def test_a_torn_file_nothing_to_do_and_reading_again(page, world, pictures):
    person = Person(page, world, "accountant0")
    open_cockpit(person)
    page.wait_for_selector(".o_view_nocontent:has-text('Nothing to review')")
    person.picture(pictures / "empty.png")
    review(world, b"%PDF-1.7 torn")
    page.click("button:has-text('Look Again')")
    page.wait_for_selector(".o_ai_queue_document[data-status=broken]")
    person.picture(pictures / "broken.png")
    page.keyboard.press("Alt+r")
    person.reads(".o_ai_queue_review", "damaged")


def test_pages_are_turned_faster_than_drawn(page, world):
    person = Person(page, world, "accountant0")
    review(world, bills_pdf({"number": "P-1"}, {"number": "P-2"}))
    held = []
    page.route(WORDS, lambda request: held.append(request))
    open_cockpit(person)
    # While it is still being found out where the words of the first page stand.
    page.click("[aria-label='Next page']")
    world.wait_for(lambda: page.evaluate("true") and len(held) > 1, "both pages")
    for request in reversed(held):
        request.continue_()
    page.unroute(WORDS)
    page.wait_for_selector(f"{PAGE}[data-drawn='2']")
    page.evaluate(HASTE, ["Larger", "Larger", "Previous page", "Smaller"])
    page.wait_for_selector(f"{PAGE}[data-drawn='1']")
    person.lacks(".o_error_dialog")


def test_on_a_phone_and_in_the_dark(page, world, pictures):
    person = Person(page, world, "accountant0")
    review(world, doubted(0), doubted(1))
    page.set_viewport_size(PHONE)
    open_cockpit(person)
    at(page, 1, 2)
    person.picture(pictures / "phone.png")
    page.click(f"{BAR} button:has-text('Accept and Next')")
    at(page, 2, 2)
    page.set_viewport_size({"width": 1400, "height": 900})
    page.context.add_cookies(
        [{"name": "color_scheme", "value": "dark", "url": world.server.url}]
    )
    open_cockpit(person)
    at(page, 1, 1)
    page.locator("[name=ref] input").click()
    page.wait_for_selector(".o_ai_queue_evidence")
    person.picture(pictures / "dark.png")
