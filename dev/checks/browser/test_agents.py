"""The agent's form, its transcript while it works, and its proposals."""

import pytest
from playwright.sync_api import expect

from dev.checks.live.desk import Desk, finish, step

from .screens import Person, meet, serve

DATABASE = "browser_agents"
PHONE = {"width": 390, "height": 844}
PROPOSALS = "/odoo/ai-proposals"
ROW = ".o_list_renderer .o_data_row"
CARD = ".o_kanban_record:not(.o_kanban_ghost)"


@pytest.fixture(scope="module")
def server(workspace, make_server):
    """A server whose database has purchases and agents, too."""
    source = workspace.approving()
    with serve(workspace, make_server, DATABASE, source) as server:
        yield server


@pytest.fixture(scope="module")
def _desk(server):
    return meet(Desk(server))


@pytest.fixture
def desk(_desk):
    """No case and no proposal."""
    yield _desk
    _desk.reset()
    _desk.sql("DELETE FROM bus_bus")


@pytest.fixture
def accountant(page, desk):
    """Who has bills checked, in front of the screen."""
    return Person(page, desk, "accountant0")


@pytest.fixture
def manager(page, desk):
    """Who makes agents, in front of the screen."""
    return Person(page, desk, "admin")


@pytest.fixture
def bills(desk):
    """Six bills with proposals: to approve, to hold, and to judge."""
    (vendor,) = desk.admin.call("res.partner", "create", [{"name": "Cleaners Ltd."}])
    earlier = desk.bills(5, vendor)
    desk.admin.call("account.move", "action_post", earlier)
    (ref,) = desk.admin.call("account.move", "read", earlier[:1], ["ref"])
    made = desk.bills(2, vendor, price=101)
    made += desk.bills(1, vendor, price=102, ref=ref["ref"])
    made += desk.bills(3)
    desk.wait_done(desk.check(made))
    return made


def open_proposals(person):
    person.page.goto(PROPOSALS)
    person.page.wait_for_selector(ROW)


def open_first(person, verdict):
    person.page.click(f"{ROW}:has-text('{verdict}') [name=record_name] >> nth=0")
    person.page.wait_for_selector(".o_form_view [name=reason]")


def test_nothing_to_decide(accountant, pictures):
    accountant.page.goto(PROPOSALS)
    accountant.reads(".o_view_nocontent", "Nothing to decide", "Check for Approval")
    accountant.picture(pictures / "empty.png")


def test_decide(accountant, desk, bills, pictures):
    open_proposals(accountant)
    accountant.reads(".o_list_renderer", "Hold", "Ask", "Approve", "Cleaners Ltd.")
    accountant.picture(pictures / "list.png")
    open_first(accountant, "Hold")
    accountant.reads(".o_form_view", "billed before")
    accountant.picture(pictures / "hold.png")
    accountant.click_button("Reject")
    accountant.reads(".modal", "The reason stays with the proposal")
    example = accountant.page.locator(".modal [name=reason] input")
    assert "in talks" in example.get_attribute("placeholder")
    example.fill("It is the second copy")
    accountant.picture(pictures / "reject.png")
    accountant.page.click(".modal button:has-text('Reject')")
    accountant.lacks(".modal")
    accountant.reads(".o_form_view .alert-warning", "It is the second copy")
    accountant.picture(pictures / "rejected.png")
    open_proposals(accountant)
    open_first(accountant, "Approve")
    accountant.picture(pictures / "approve.png")
    accountant.click_button("Approve")
    accountant.page.wait_for_selector(".o_arrow_button_current:has-text('Applied')")
    accountant.picture(pictures / "applied.png")
    states = sorted(state for _bill, _verdict, state in desk.proposals(bills))
    assert states == ["applied", "open", "open", "open", "open", "rejected"]


def test_on_the_bill(accountant, bills, pictures):
    accountant.page.goto(f"/odoo/m-account.move/{bills[2]}")
    accountant.reads(".o_form_view .alert-danger", "On hold", "billed before")
    accountant.picture(pictures / "bill.png")


def test_transcript_while_it_works(accountant, desk, pictures):
    (bill,) = desk.bills(1)
    steps = (
        step("read_record", "I read the bill first."),
        step("read_messages", "Somebody may have written why."),
        step("ask_person", "Only a person can know.", question="Did you order this?"),
        finish("ask", "You say that you ordered it, and nothing was agreed on."),
    )
    with desk.model(*steps, latency=2.0):
        run = desk.check([bill])
        accountant.open_run(run)
        accountant.mark()
        accountant.reads("[name=agent_step_ids]", "I read the bill first.")
        accountant.reads("[name=agent_step_ids]", "Only a person can know.")
        accountant.reads(".o_form_view .alert-warning", "Waits for you")
        assert accountant.is_same_page()
        accountant.picture(pictures / "run.png")
        case = desk.value("SELECT id FROM ai_queue_agent_case WHERE res_id = %s", bill)
        accountant.page.goto(f"/odoo/m-ai.queue.agent.case/{case}")
        accountant.reads(".o_form_view .alert-warning", "Did you order this?")
        accountant.mark()
        accountant.picture(pictures / "waits.png")
        accountant.click_button("Answer")
        accountant.page.fill(".modal [name=answer] textarea", "Yes, in May.")
        accountant.picture(pictures / "answer.png")
        accountant.page.click(".modal button:has-text('Answer')")
        accountant.lacks(".modal")
        accountant.reads("[name=step_ids]", "Yes, in May.")
        accountant.page.wait_for_selector(".o_arrow_button_current:has-text('Done')")
        accountant.reads("[name=proposal_ids]", "Ask")
        accountant.picture(pictures / "done.png")


def test_make_an_agent_in_the_form(manager, desk, pictures):
    page = manager.page
    page.goto("/odoo/action-ai_queue_agent.ai_queue_agent_action/new")
    page.fill("[name=name] input, [name=name] textarea", "Tidy partners")
    page.fill("[name=aim] input", "Finds partners that cannot be written to")
    page.fill("[name=model_id] input", "res.partner")
    page.click(".o-autocomplete--dropdown-item:has-text('Contact') >> nth=0")
    page.check("[name=is_in_menu] input")
    page.fill("[name=start_field_id] input", "Is a Company")
    page.click(".o-autocomplete--dropdown-item:has-text('Company') >> nth=0")
    page.fill("[name=start_value] input", "Yes")
    page.fill("[name=schedule_user_id] input", "Administrator")
    page.click(".o-autocomplete--dropdown-item:has-text('Administrator') >> nth=0")
    page.click(".o_notebook_headers >> text=Model")
    page.check("[name=is_asking_model] input")
    manager.picture(pictures / "form.png")
    page.click(".o_form_button_save")
    page.wait_for_selector(".o_form_view .o_form_saved, .oe_stat_button")
    agent = desk.value("SELECT max(id) FROM ai_queue_agent")
    try:
        data = "SELECT start_data FROM ai_queue_agent WHERE id = %s"
        assert desk.value(data, agent) == [True]
        page.goto("/odoo/action-base.action_partner_form")
        page.goto("/odoo/action-base.action_partner_form?view_type=list")
        page.click(f"{ROW} >> nth=0 >> .o_list_record_selector input")
        page.click(".o_cp_action_menus button:has-text('Actions')")
        page.wait_for_selector(".o-dropdown--menu >> text=Ask Tidy partners")
        manager.picture(pictures / "menu.png")
        page.goto("/odoo/action-ai_queue_agent.ai_queue_agent_action")
        manager.reads(".o_list_renderer", "Bill approval", "Tidy partners")
        manager.picture(pictures / "list.png")
    finally:
        desk.admin.call("ai.queue.agent", "unlink", [agent])


def test_an_agent_that_was_switched_off(manager, desk, pictures):
    sentence = "Switched off by the alert rule: 12 of 20 records failed. No answer."
    desk.set_agent(active=False)
    desk.sql(
        "UPDATE ai_queue_agent SET off_reason = %s WHERE id = %s", sentence, desk.agent
    )
    manager.page.goto(f"/odoo/action-ai_queue_agent.ai_queue_agent_action/{desk.agent}")
    manager.reads(".o_form_view .alert-warning", sentence)
    manager.picture(pictures / "off.png")
    manager.click_button("Switch On")
    manager.lacks(".o_form_view .alert-warning")
    manager.picture(pictures / "on.png")
    assert desk.value("SELECT active FROM ai_queue_agent WHERE id = %s", desk.agent)


def test_the_tile_of_operations(manager, bills, pictures):
    manager.page.goto("/odoo/job-operations")
    manager.reads(".o_action_manager", "Proposals to Decide", "to approve")
    manager.picture(pictures / "tile.png")


def test_phone(accountant, bills, pictures):
    accountant.page.set_viewport_size(PHONE)
    accountant.page.goto(PROPOSALS)
    accountant.reads(CARD, "Hold")
    accountant.picture(pictures / "cards.png")
    assert fits(accountant)
    accountant.page.click(f"{CARD} >> nth=0")
    accountant.page.wait_for_selector(".o_form_view [name=reason]")
    accountant.picture(pictures / "proposal.png")
    assert fits(accountant)


def test_dark(accountant, desk, bills, pictures):
    accountant.page.context.add_cookies(
        [{"name": "color_scheme", "value": "dark", "url": desk.server.url}]
    )
    open_proposals(accountant)
    accountant.picture(pictures / "list.png")
    open_first(accountant, "Hold")
    accountant.picture(pictures / "proposal.png")
    background = "getComputedStyle(document.body).backgroundColor.match(/\\d+/g)[0]"
    assert int(accountant.page.evaluate(background)) < 100


def fits(person):
    """Whether nothing is wider than the screen."""
    return person.page.evaluate(
        "document.documentElement.scrollWidth <= window.innerWidth"
    )


def test_a_bill_that_changed_since(accountant, desk, bills, pictures):
    """Its proposal says so everywhere, is not decided on, and is made anew."""
    changed = next(
        bill for bill, verdict, _state in desk.proposals(bills) if verdict == "hold"
    )
    desk.admin.call("account.move", "write", [changed], {"ref": "C-4712"})
    open_proposals(accountant)
    row = f"{ROW}:has(button[name=action_check_again])"
    expect(accountant.page.locator(row)).to_have_count(1)
    accountant.picture(pictures / "list.png")
    accountant.page.click(f"{row} >> [name=record_name]")
    accountant.reads(".o_form_view .alert-info, .o_form_view .alert-warning", "changed")
    accountant.page.wait_for_selector("button.btn-primary:has-text('Check Again')")
    for other in ("Hold and Send", "Approve Anyway"):
        accountant.lacks(f"button:visible:has-text('{other}')")
    accountant.picture(pictures / "form.png")
    accountant.page.goto(f"/odoo/m-account.move/{changed}")
    accountant.reads(".o_form_view .o_ai_queue_outdated", "Check Again")
    accountant.picture(pictures / "bill.png")
    accountant.page.set_viewport_size(PHONE)
    accountant.page.goto(PROPOSALS)
    again = "button[name=action_check_again]"
    card = f"{CARD}:has({again})"
    expect(accountant.page.locator(card)).to_have_count(1)
    accountant.picture(pictures / "phone.png")
    accountant.page.click(f"{card} >> {again}")
    new = (
        "SELECT count(*) FROM ai_queue_proposal WHERE res_id = %s AND state = 'open' "
        "AND verdict = 'approve'"
    )
    desk.wait_for(lambda: desk.value(new, changed), "the new proposal")
    accountant.page.goto(PROPOSALS)
    approved = accountant.page.locator(f"{CARD}:has-text('C-4712'):has-text('Approve')")
    expect(approved).to_have_count(1)
    accountant.lacks(card)
    accountant.picture(pictures / "again.png")
