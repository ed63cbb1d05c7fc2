import {RUN_CHANGED} from "@ai_queue/runs/live_runs.esm";
import {advanceTime, animationFrame} from "@odoo/hoot-mock";
import {
    answer,
    answerFigures,
    confirm,
    defineOperations,
    noteActions,
    openOperations as open,
    send,
    tile,
} from "@queue_job_operations/../tests/operations_helpers.esm";
import {beforeEach, describe, expect, test} from "@odoo/hoot";
import {busyAiFigures, quietAiFigures} from "./runs_figures.esm";
import {quietFigures} from "@queue_job_operations/../tests/operations_figures.esm";
import {contains, makeMockEnv} from "@web/../tests/web_test_helpers";
import {PATIENCE} from "./patience.esm";
import {describeProgress} from "@ai_queue/operations/runs_panel.esm";
import {waitFor} from "@odoo/hoot-dom";

describe.current.tags("desktop");
defineOperations();

/** What the server answers; tests change it. */
let figures = null;

beforeEach(() => {
    figures = busyAiFigures();
    answerFigures(() => figures);
});

test("how far a run is", async () => {
    await makeMockEnv();
    expect(describeProgress({done: 40, failed: 0, total: 6000})).toBe("40 of 6,000");
    expect(describeProgress({done: 40, failed: 1, total: 60})).toBe(
        "41 of 60, 1 failed"
    );
});

test("the runs in progress have a panel on the screen of operations", async () => {
    await open();
    expect(".o_queue_job_runs li").toHaveCount(2);
    expect("[data-run='1'] [role=progressbar]").toHaveAttribute("aria-valuenow", "68");
    expect("[data-run='1']").toHaveText(
        /41 of 60, 1 failed\s*about 2 min left/
    );
    expect("[data-run='2']").toHaveText(/The channel root.mail is paused/);
    expect("[data-run='2'] .o_queue_job_cancel_run").toHaveCount(0);
    expect(".o_queue_job_more_runs").toHaveText("3 more");
});

test("a run and all runs are opened from there, and what was spent", async () => {
    await open();
    noteActions();
    await contains("[data-run='1'] .btn-link").click();
    await contains(".o_queue_job_more_runs").click();
    await contains(tile("spent")).click({ctrlKey: true});
    expect.verifySteps([
        "open ai.queue.run 1",
        "open Runs in Progress",
        "open AI Calls of Today beside",
    ]);
});

test("a run is cancelled", async () => {
    answer("ai.queue.run", "action_cancel");
    await open();
    await contains("[data-run='1'] .o_queue_job_cancel_run").click();
    expect(".modal-body").toHaveText(/Demand forecast of 60 products: .*19 of 60/);
    await confirm();
    expect.verifySteps(["action_cancel [[1]]", "figures day"]);
});

test("where nothing happened it says how to begin", async () => {
    figures = quietAiFigures();
    await open();
    expect(".o_queue_job_quiet").toHaveText(/Run AI Forecast/);
    expect(".o_queue_job_runs").toHaveText(/No run is in progress/);
    // A run without a job that waits or ran is something, too.
    figures = quietAiFigures({runs: busyAiFigures().runs});
    await contains(".o_queue_job_refresh").click();
    expect(".o_queue_job_quiet").toHaveCount(0);
    expect.verifySteps(["figures day"]);
});

test("who may not see runs has no panel of them", async () => {
    figures = quietFigures();
    await open();
    expect(".o_queue_job_runs").toHaveCount(0);
    expect(".o_queue_job_quiet").not.toHaveText(/Run AI Forecast/);
});

test("a message about a run is a reason to look at the figures", async () => {
    await open();
    figures = busyAiFigures({runs_more: 7});
    send(RUN_CHANGED);
    await advanceTime(3100);
    await animationFrame();
    await waitFor(".o_queue_job_more_runs:contains(7 more)", PATIENCE);
    expect.verifySteps(["figures day"]);
});
