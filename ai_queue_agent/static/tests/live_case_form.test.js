import {
    MockServer,
    defineModels,
    fields,
    models,
    mountView,
    onRpc,
    serverState,
} from "@web/../tests/web_test_helpers";
import {advanceTime, animationFrame} from "@odoo/hoot-mock";
import {describe, expect, test} from "@odoo/hoot";
import {PATIENCE} from "@ai_queue/../tests/patience.esm";
import {RUN_CHANGED} from "@ai_queue/runs/live_runs.esm";
import {defineMailModels} from "@mail/../tests/mail_test_helpers";
import {waitFor} from "@odoo/hoot-dom";

describe.current.tags("desktop");
defineMailModels();

class Run extends models.Model {
    _name = "ai.queue.run";

    name = fields.Char();

    _records = [
        {id: 1, name: "First"},
        {id: 2, name: "Second"},
    ];
}

class Case extends models.Model {
    _name = "ai.queue.agent.case";

    thought = fields.Char();
    run_id = fields.Many2one({relation: "ai.queue.run"});
    state = fields.Selection({
        selection: [
            ["pending", "Waiting"],
            ["started", "Running"],
            ["waiting", "Waits for You"],
            ["done", "Done"],
        ],
    });

    _records = [
        {id: 1, state: "started", run_id: 1, thought: "I read it."},
        {id: 2, state: "pending", run_id: false, thought: ""},
    ];
}
defineModels([Run, Case]);

const ARCH = /* xml */ `
    <form edit="0" js_class="ai_queue_agent_live_case_form">
        <field name="run_id" />
        <field name="thought" />
        <field name="state" widget="badge" />
    </form>`;

function open(resId) {
    onRpc("ai.queue.agent.case", "web_read", () => expect.step("read"));
    return mountView({type: "form", resModel: "ai.queue.agent.case", resId, arch: ARCH});
}

function send(id) {
    MockServer.env["bus.bus"]._sendone(serverState.partnerId, RUN_CHANGED, {id});
}

function write(id, values) {
    MockServer.env["ai.queue.agent.case"].write([id], values);
}

test("the form of a case shows each step as it is taken", async () => {
    await open(1);
    expect.verifySteps(["read"]);
    write(1, {thought: "I know enough.", state: "done"});
    // Another run concerns others.
    send(2);
    await animationFrame();
    expect.verifySteps([]);
    send(1);
    await waitFor("[name=thought]:contains(I know enough)", PATIENCE);
    expect(".o_field_badge").toHaveText("Done");
    expect.verifySteps(["read"]);
    await advanceTime(60000);
    expect.verifySteps([]);
});

test("a case that nobody has begun follows all runs until it has one", async () => {
    await open(2);
    expect.verifySteps(["read"]);
    write(2, {run_id: 2, state: "started", thought: "I begin."});
    send(2);
    await waitFor("[name=thought]:contains(I begin)", PATIENCE);
    expect.verifySteps(["read"]);
});

test("without a message it looks by itself while the agent works", async () => {
    await open(1);
    write(1, {state: "done"});
    await advanceTime(16000);
    await waitFor(".o_field_badge:contains(Done)", PATIENCE);
    expect.verifySteps(["read", "read"]);
});
