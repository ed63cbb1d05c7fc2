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
import {describe, expect, test} from "@odoo/hoot";
import {RUN_CHANGED} from "@ai_queue/runs/live_runs.esm";
import {defineMailModels} from "@mail/../tests/mail_test_helpers";
import {waitFor} from "@odoo/hoot-dom";
import {PATIENCE} from "./patience.esm";

describe.current.tags("desktop");
defineMailModels();

class Run extends models.Model {
    _name = "ai.queue.run";

    name = fields.Char();
    state = fields.Selection({
        selection: [
            ["pending", "Waiting"],
            ["started", "Running"],
            ["done", "Done"],
        ],
    });

    _records = [
        {id: 1, name: "First", state: "started"},
        {id: 2, name: "Second", state: "done"},
    ];
}
defineModels([Run]);

const FORM = /* xml */ `
    <form edit="0" js_class="ai_queue_live_form">
        <field name="name" />
        <field name="state" widget="badge" />
    </form>`;
const LIST = /* xml */ `
    <list js_class="ai_queue_live_list">
        <field name="name" />
        <field name="state" widget="badge" />
    </list>`;

function send(id) {
    MockServer.env["bus.bus"]._sendone(serverState.partnerId, RUN_CHANGED, {id});
}

function end(id) {
    MockServer.env["ai.queue.run"].write([id], {state: "done"});
}

test("the form of a run follows the run", async () => {
    onRpc("ai.queue.run", "web_read", () => expect.step("read"));
    await mountView({type: "form", resModel: "ai.queue.run", resId: 1, arch: FORM});
    expect(".o_field_badge").toHaveText("Running");
    expect.verifySteps(["read"]);
    end(1);
    send(2);
    await animationFrame();
    expect.verifySteps([]);
    send(1);
    await waitFor(".o_field_badge:contains(Done)", PATIENCE);
    expect.verifySteps(["read"]);
    await advanceTime(60000);
    expect.verifySteps([]);
});

test("the form of a run polls until the run has ended", async () => {
    await mountView({type: "form", resModel: "ai.queue.run", resId: 1, arch: FORM});
    end(1);
    await advanceTime(16000);
    await waitFor(".o_field_badge:contains(Done)", PATIENCE);
});

test("the list of runs follows all of them", async () => {
    await mountView({type: "list", resModel: "ai.queue.run", arch: LIST});
    expect(".o_field_badge:contains(Running)").toHaveCount(1);
    end(1);
    send(1);
    await waitFor(".o_data_row:eq(0) .o_field_badge:contains(Done)", PATIENCE);
    MockServer.env["ai.queue.run"].create({name: "Third", state: "pending"});
    await advanceTime(2100);
    send(3);
    await waitFor(".o_data_row:eq(2)", PATIENCE);
});

test("the list keeps what is selected, and follows again afterwards", async () => {
    await mountView({type: "list", resModel: "ai.queue.run", arch: LIST});
    await contains(".o_data_row:eq(1) .o_list_record_selector input").click();
    end(1);
    send(1);
    await animationFrame();
    await advanceTime(16000);
    expect(".o_data_row:eq(1) .o_list_record_selector input").toBeChecked();
    expect(".o_field_badge:contains(Running)").toHaveCount(1);
    await contains(".o_data_row:eq(1) .o_list_record_selector input").click();
    await advanceTime(16000);
    await waitFor(".o_data_row:eq(0) .o_field_badge:contains(Done)", PATIENCE);
});
