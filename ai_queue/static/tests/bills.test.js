import {
    MockServer,
    contains,
    defineModels,
    fields,
    models,
    mountView,
    onRpc,
    serverState,
} from "@web/../tests/web_test_helpers";
import {advanceTime, animationFrame} from "@odoo/hoot-mock";
import {beforeEach, describe, expect, test} from "@odoo/hoot";
import {queryAllTexts, waitFor} from "@odoo/hoot-dom";
import {RUN_CHANGED} from "@ai_queue/runs/live_runs.esm";
import {defineMailModels} from "@mail/../tests/mail_test_helpers";
import {isBeingRead} from "@ai_queue/bills/live_bills.esm";
import {PATIENCE} from "./patience.esm";

describe.current.tags("desktop");
defineMailModels();

const STATES = [
    ["pending", "Waiting"],
    ["started", "Running"],
    ["review", "To Review"],
    ["done", "Done"],
];
const RUN = 5;

class Run extends models.Model {
    _name = "ai.queue.run";

    name = fields.Char();

    _records = [
        {id: RUN, name: "Ours"},
        {id: 6, name: "Another"},
    ];
}

class Move extends models.Model {
    _name = "account.move";

    name = fields.Char();
    ref = fields.Char();
    ai_reading_state = fields.Selection({selection: STATES});
    ai_reading_run_id = fields.Many2one({relation: "ai.queue.run"});

    _records = [
        {id: 1, name: "First", ai_reading_state: "started", ai_reading_run_id: RUN},
        {id: 2, name: "Second", ai_reading_state: "done", ai_reading_run_id: RUN},
    ];
}
defineModels([Run, Move]);

const FIELDS = /* xml */ `
    <field name="ref" />
    <field name="ai_reading_run_id" invisible="1" />
    <field name="ai_reading_state" widget="badge" />`;
const FORM = /* xml */ `<form js_class="account_move_form"><sheet>${FIELDS}</sheet></form>`;
const LIST = /* xml */ `
    <list js_class="account_tree">
        <field name="name" />
        <field name="ai_reading_run_id" column_invisible="1" />
        <field name="ai_reading_state" widget="badge" />
    </list>`;

beforeEach(() => {
    // Whether a message says that a run has ended is another test's subject.
    onRpc("ai.queue.run", "get_ended", () => []);
});

function send(id) {
    MockServer.env["bus.bus"]._sendone(serverState.partnerId, RUN_CHANGED, {id});
}

function finish(id, state = "done") {
    MockServer.env["account.move"].write([id], {ai_reading_state: state, ref: "R-1"});
}

function mountForm(resId = 1) {
    return mountView({type: "form", resModel: "account.move", resId, arch: FORM});
}

function mountList(params = {}) {
    return mountView({type: "list", resModel: "account.move", arch: LIST, ...params});
}

const CARDS = /* xml */ `
    <kanban js_class="account_documents_kanban">
        <field name="ai_reading_run_id" />
        <templates>
            <t t-name="card">
                <field name="name" />
                <field name="ai_reading_state" widget="badge" />
            </t>
        </templates>
    </kanban>`;

function create(name) {
    return MockServer.env["account.move"].create({name, ai_reading_state: "pending"});
}

test("which bills are being read", () => {
    expect(isBeingRead({ai_reading_state: "pending"})).toBe(true);
    expect(isBeingRead({ai_reading_state: "started"})).toBe(true);
    for (const state of ["review", "done", "failed", "cancelled", false, undefined]) {
        expect(isBeingRead({ai_reading_state: state})).toBe(false);
    }
    expect(isBeingRead(undefined)).toBe(false);
});

test("the form of a bill shows what was read, and then no more", async () => {
    await mountForm();
    onRpc("account.move", "web_read", () => expect.step("read"));
    expect(".o_field_badge").toHaveText("Running");
    finish(1);
    send(6);
    await animationFrame();
    expect.verifySteps([]);
    send(RUN);
    await waitFor(".o_field_badge:contains(Done)", PATIENCE);
    expect("[name=ref] input").toHaveValue("R-1");
    expect.verifySteps(["read"]);
    await advanceTime(60000);
    expect.verifySteps([]);
});

test("the form of a bill polls where no message arrives", async () => {
    await mountForm();
    finish(1, "review");
    await advanceTime(16000);
    await waitFor(".o_field_badge:contains(To Review)", PATIENCE);
});

test("what somebody is typing into a bill stays", async () => {
    await mountForm();
    await contains("[name=ref] input").edit("BY HAND", {confirm: false});
    finish(1);
    send(RUN);
    await animationFrame();
    await advanceTime(16000);
    expect("[name=ref] input").toHaveValue("BY HAND");
    expect(".o_field_badge").toHaveText("Running");
});

test("a bill that nobody reads asks for nothing", async () => {
    await mountForm(2);
    onRpc("account.move", "web_read", () => expect.step("read"));
    await advanceTime(60000);
    expect.verifySteps([]);
});

test("the list of bills follows those that are being read", async () => {
    await mountList();
    finish(1, "review");
    send(RUN);
    await waitFor(".o_data_row:eq(0) .o_field_badge:contains(To Review)", PATIENCE);
    onRpc("account.move", "web_search_read", () => expect.step("read"));
    send(RUN);
    await advanceTime(60000);
    expect.verifySteps([]);
});

test("the cards of bills follow those that are being read", async () => {
    await mountView({type: "kanban", resModel: "account.move", arch: CARDS});
    expect(queryAllTexts(".o_field_badge")).toEqual(["Running", "Done"]);
    finish(1, "review");
    send(RUN);
    await waitFor(".o_kanban_record:eq(0) .o_field_badge:contains(To Review)", PATIENCE);
});

test("the list of bills keeps what is selected", async () => {
    await mountList();
    await contains(".o_data_row:eq(1) .o_list_record_selector input").click();
    finish(1);
    send(RUN);
    await animationFrame();
    await advanceTime(16000);
    expect(".o_data_row:eq(1) .o_list_record_selector input").toBeChecked();
    expect(queryAllTexts(".o_field_badge")).toEqual(["Running", "Done"]);
    await contains(".o_data_row:eq(1) .o_list_record_selector input").click();
    await advanceTime(16000);
    await waitFor(".o_data_row:eq(0) .o_field_badge:contains(Done)", PATIENCE);
});

test("the list of an upload shows its bills as they are made", async () => {
    Move._records = [];
    await mountList({
        arch: LIST.replace("<list", '<list sample="1"'),
        context: {ai_queue_bills_are_coming: true},
    });
    expect(".o_view_sample_data").toHaveCount(1);
    create("New");
    // No message: the first bill is looked for.
    await advanceTime(16000);
    await waitFor(".o_data_row:eq(0):contains(New)", PATIENCE);
    expect(".o_view_sample_data").toHaveCount(0);
    create("Newer");
    send(6);
    await advanceTime(4000);
    await waitFor(".o_data_row:eq(1):contains(Newer)", PATIENCE);
});
