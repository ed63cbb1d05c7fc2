import {
    MockServer,
    getService,
    makeMockEnv,
    mockService,
    mountWithCleanup,
    serverState,
} from "@web/../tests/web_test_helpers";
import {describe, expect, test} from "@odoo/hoot";
import {queryAllTexts, waitFor} from "@odoo/hoot-dom";
import {MainComponentsContainer} from "@web/core/main_components_container";
import {RUN_ENDED} from "@ai_queue/runs/ended_runs_service.esm";
import {advanceTime, animationFrame} from "@odoo/hoot-mock";
import {contains} from "@web/../tests/web_test_helpers";
import {defineMailModels} from "@mail/../tests/mail_test_helpers";
import {PATIENCE} from "./patience.esm";

describe.current.tags("desktop");
defineMailModels();

const ENDED = {
    id: 5,
    name: "Demand forecast of 60 products",
    state: "done",
    finished: 60,
    skipped: 2,
    failed: 0,
};

function send(values = {}) {
    const run = {...ENDED, ...values};
    MockServer.env["bus.bus"]._sendone(serverState.partnerId, RUN_ENDED, run);
}

async function start() {
    mockService("action", {
        doAction(action) {
            expect.step(action.res_model ? `${action.res_model} ${action.res_id}` : action);
        },
    });
    await makeMockEnv();
    await mountWithCleanup(MainComponentsContainer);
}

test("a toast tells that a run has ended, and opens it", async () => {
    await start();
    send();
    await waitFor(".o_ai_queue_run_ended", PATIENCE);
    expect(".o_notification_content").toHaveText(
        "Demand forecast of 60 products. Done, 2 skipped."
    );
    await contains(".o_notification_buttons button").click();
    expect.verifySteps(["ai.queue.run 5"]);
    await animationFrame();
    expect(".o_ai_queue_run_ended").toHaveCount(0);
});

test("a toast tells what is left to review, and opens that", async () => {
    await start();
    const review = {to_review: 4, review_action: "some.action"};
    send({name: "Reading", finished: 10, skipped: 0, ...review});
    await waitFor(".o_ai_queue_run_ended", PATIENCE);
    expect(".o_notification_content").toHaveText("Reading. 4 to review, 6 in order.");
    await contains(".o_notification_buttons button:contains(Review)").click();
    expect.verifySteps(["some.action"]);
    send({name: "Reading", finished: 4, skipped: 0, ...review});
    await waitFor(".o_notification_content:contains(/^Reading. 4 to review.$/)", PATIENCE);
});

test("no toast for a run that is in sight", async () => {
    await start();
    const forget = getService("ai_queue.ended_runs").add((run) => run.id === 5);
    send();
    send({id: 6, name: "Another"});
    await waitFor(".o_ai_queue_run_ended", PATIENCE);
    expect(queryAllTexts(".o_notification_content")).toEqual([
        "Another. Done, 2 skipped.",
    ]);
    forget();
    send();
    await waitFor(".o_notification:eq(1)", PATIENCE);
});

test("a failure stays until it was read", async () => {
    await start();
    send({state: "failed", finished: 0, skipped: 0, failed: 1});
    await waitFor(".o_ai_queue_run_ended", PATIENCE);
    await advanceTime(60000);
    expect(".o_ai_queue_run_ended .o_notification_bar").toHaveClass("bg-danger");
    expect(".o_notification_content").toHaveText(/It failed/u);
});
