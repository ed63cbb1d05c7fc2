import {
    answer,
    answerFigures,
    confirm,
    defineOperations,
    noteActions,
    openOperations as open,
    send,
    startOperations,
    tile,
} from "./operations_helpers.esm";
import {
    brokenFigures,
    busyFigures,
    quietFigures,
    SILENCE,
} from "./operations_figures.esm";
import {
    MODEL,
    OPERATIONS_CHANGED,
} from "@queue_job_operations/operations/operations_store.esm";
import {
    contains,
    getService,
    makeServerError,
    onRpc,
    patchWithCleanup,
} from "@web/../tests/web_test_helpers";
import {advanceTime, animationFrame} from "@odoo/hoot-mock";
import {beforeEach, describe, expect, test} from "@odoo/hoot";
import {Component, xml} from "@odoo/owl";
import {press, waitFor} from "@odoo/hoot-dom";
import {Deferred} from "@web/core/utils/concurrency";
import {PATIENCE} from "./patience.esm";
import {POLL_WITH_BUS} from "@queue_job_operations/live/live_updates.esm";
import {browser} from "@web/core/browser/browser";
import {registry} from "@web/core/registry";
import {router} from "@web/core/browser/router";

describe.current.tags("desktop");
defineOperations();

const CHANNEL = "queue.job.channel";

/** What the server answers; tests change it. */
let figures = null;
let isHidden = false;

beforeEach(() => {
    figures = busyFigures();
    isHidden = false;
    patchWithCleanup(document, {
        get hidden() {
            return isHidden;
        },
    });
    answerFigures(() => figures);
});

const changed = () => send(OPERATIONS_CHANGED);

function setHidden(value) {
    isHidden = value;
    document.dispatchEvent(new Event("visibilitychange"));
}

const row = (name) => `.o_queue_job_channel[data-channel="${name}"]`;

// -----------------------------------------------------------------------------
// What it shows
// -----------------------------------------------------------------------------

test("a bad figure says so in words, and too few jobs are marked", async () => {
    await open();
    expect(".o_queue_job_tile").toHaveCount(6);
    expect(`${tile("failure_rate")} .o_queue_job_value`).toHaveText("12.4 %");
    expect(`${tile("failure_rate")} .o_queue_job_sentence`).toHaveText(
        "More than 5 % of the jobs fail: look at the last failures below."
    );
    expect(`${tile("failure_rate")} .fa-exclamation-circle`).toHaveCount(1);
    expect(`${tile("failure_rate")} .visually-hidden`).toHaveText("Problem:");
    expect(`${tile("running")} .visually-hidden`).toHaveCount(0);
    expect(".o_queue_job_few").toHaveCount(1);
    expect(`${tile("wait_p95")} .o_queue_job_few`).toHaveText("too few jobs");
});

test("a figure opens what it counted", async () => {
    await open();
    noteActions();
    await contains(tile("waiting")).click();
    await contains(tile("done")).click({ctrlKey: true});
    expect.verifySteps(["open Waiting", "open Done per Hour beside"]);
});

test("channels, failures and alerts", async () => {
    await open();
    expect(".o_queue_job_channel").toHaveCount(5);
    expect(`${row("root.import")} .badge`).toHaveText("Full");
    expect(`${row("root.import")} .o_queue_job_channel_waiting`).toHaveText(
        /20\s*oldest 45 sec/
    );
    expect(`${row("root.mail")} .badge`).toHaveText("Paused");
    expect(`${row("root.mail")} .o_queue_job_pause`).toHaveText("Resume");
    expect(`${row("root.mail.bulk")} .badge`).toHaveText("Stopped Above");
    expect(`${row("root.ghost")} .o_queue_job_problem`).toHaveText(
        "The job runner does not know this channel."
    );
    expect(`${row("root.ghost")} .o_queue_job_channel_running`).toHaveText(
        /2\s*1 more of other companies/
    );
    expect(".o_queue_job_runner_ok").toHaveText("The job runner is running.");
    expect(`${row("root.ghost")} .o_queue_job_capacity`).toHaveText("no limit");

    expect(".o_queue_job_failures li").toHaveCount(2);
    expect("[data-job='8'] .o_queue_job_retry").toHaveCount(0);
    expect(".o_queue_job_retry_all").toHaveText("Retry All (37)");

    expect(".o_queue_job_alerts li").toHaveCount(2);
    expect(".o_queue_job_alerts li:eq(0)").toHaveText(/mend the cause/);
    expect(".o_queue_job_alerts li:eq(1)").toHaveText(/acknowledged/);
    expect(".o_queue_job_acknowledge").toHaveCount(1);
    expect(".o_queue_job_screen > .alert").toHaveCount(0);
});

test("their names open them", async () => {
    await open();
    noteActions();
    answer(MODEL, "get_channel_action", {name: "Jobs of a channel"});
    await contains(`${row("root")} .o_queue_job_channel_name button`).click();
    await contains(`${row("root")} .o_queue_job_channel_waiting button`).click();
    await contains("[data-job='9'] .btn-link").click();
    await contains(".o_queue_job_all_failures").click();
    await contains(".o_queue_job_alerts li:eq(0) .btn-link").click();
    await contains(".o_queue_job_all_alerts").click();
    expect.verifySteps([
        "open queue.job.channel 1",
        'get_channel_action [1,"waiting"]',
        "open Jobs of a channel",
        "open queue.job 9",
        "open Failed Jobs",
        "open queue.job.alert 1",
        "open Open Alerts",
    ]);
});

test("where nothing happened it says what to do", async () => {
    figures = quietFigures();
    await open();
    expect(".o_queue_job_quiet").toHaveText(/Jobs of any addon appear here/);
    expect(".o_queue_job_quiet").toHaveText(/Choose a longer period/);
    expect("canvas").toHaveCount(0);
    expect(".o_queue_job_channel").toHaveCount(2);
    expect(".o_queue_job_failures").toHaveText(/No job failed in this period/);
    expect(".o_queue_job_retry_all").toHaveCount(0);
    await contains("[aria-label='Last 7 days']").click();
    expect(".o_queue_job_quiet").not.toHaveText(/Choose a longer period/);
    expect.verifySteps(["figures week"]);
});

test("no job runner is told above all", async () => {
    figures = brokenFigures();
    await open();
    expect(".o_queue_job_runner").toHaveText(SILENCE);
    expect(".o_queue_job_runner").toHaveClass("alert-danger");
    expect(".o_queue_job_runner").toHaveAttribute("role", "alert");
    // Once.
    expect(`.o_queue_job_screen:contains(${SILENCE})`).toHaveCount(1);
    expect(`${tile("waiting")} .o_queue_job_sentence`).toHaveText(
        "Nothing is processed: see above."
    );
    expect(".o_queue_job_problem").toHaveCount(0);
    expect(".o_queue_job_runner_ok").toHaveCount(0);
});

test("the chart as a table, which opens what it counted", async () => {
    await open();
    noteActions();
    answer(MODEL, "get_bucket_action", {name: "Failed in that hour"});
    expect("canvas").toHaveAttribute(
        "aria-label",
        /^Last 24 hours: [\d,]+ jobs done, [\d,]+ failed\.$/
    );
    await contains(".o_queue_job_as_table").click();
    expect("canvas").toHaveCount(0);
    expect(".o_queue_job_as_table").toHaveText("Show as chart");
    expect(".o_queue_job_chart_table tbody tr").toHaveCount(24);
    expect(".o_queue_job_chart_table tbody tr:first th").toHaveText("13:00 (so far)");
    await contains(".o_queue_job_chart_table [aria-label='Failed, 14:00: 8']").click();
    expect.verifySteps([
        'get_bucket_action ["2026-11-21 14:00:00","2026-11-21 15:00:00","failed"]',
        "open Failed in that hour",
    ]);
    await contains(".o_queue_job_as_table").click();
    expect("canvas").toHaveCount(1);
});

// -----------------------------------------------------------------------------
// Up to date
// -----------------------------------------------------------------------------

test("it follows messages, at most once in three seconds", async () => {
    await open();
    changed();
    await advanceTime(500);
    changed();
    await animationFrame();
    expect.verifySteps([]);
    figures = brokenFigures();
    await advanceTime(2600);
    await waitFor(".o_queue_job_runner", PATIENCE);
    expect.verifySteps(["figures day"]);
});

test("it looks now and then, in case no message arrives", async () => {
    await open();
    await advanceTime(POLL_WITH_BUS);
    await animationFrame();
    expect.verifySteps(["figures day"]);
});

test("nothing is fetched while nobody can see it", async () => {
    await open();
    setHidden(true);
    changed();
    await advanceTime(10 * POLL_WITH_BUS);
    expect.verifySteps([]);
    setHidden(false);
    await animationFrame();
    expect.verifySteps(["figures day"]);
});

test("updates are paused, and caught up on", async () => {
    await open();
    await contains(".o_queue_job_hold").click();
    expect(".o_queue_job_hold").toHaveAttribute("aria-label", "Continue updates");
    expect(".o_queue_job_freshness").toHaveText(/Updates are paused/);
    // Arriving later, it would rightly be a reason to look.
    const arrived = new Deferred();
    getService("bus_service").subscribe(OPERATIONS_CHANGED, () => arrived.resolve());
    changed();
    await advanceTime(10 * POLL_WITH_BUS);
    await arrived;
    expect.verifySteps([]);
    await contains(".o_queue_job_refresh").click();
    expect.verifySteps(["figures day"]);
    await contains(".o_queue_job_hold").click();
    expect.verifySteps(["figures day"]);
    await advanceTime(POLL_WITH_BUS);
    await animationFrame();
    expect.verifySteps(["figures day"]);
});

test("the period stands in the address, and a late answer is dropped", async () => {
    await open();
    const late = new Deferred();
    onRpc(MODEL, "get_figures", async ({kwargs}) => {
        if (kwargs.period === "hour") {
            await late;
        }
    });
    await contains("[aria-label='Last hour']").click();
    await contains("[aria-label='Last 7 days']").click();
    await animationFrame();
    expect(router.current.period).toBe("week");
    expect("[aria-label='Last 7 days']").toHaveAttribute("aria-pressed", "true");
    figures = quietFigures();
    late.resolve();
    await animationFrame();
    expect(".o_queue_job_quiet").toHaveCount(0);
    expect("canvas").toHaveAttribute("aria-label", /^Last 7 days/);
    await advanceTime(10);
    expect(browser.location.search).toBe("?period=week");
    expect.verifySteps(["figures week", "figures hour"]);
});

test("an error keeps the last figures, and is over once there is an answer", async () => {
    await open();
    let isBroken = true;
    onRpc(MODEL, "get_figures", () => {
        if (isBroken) {
            throw makeServerError({message: "The database is being restarted."});
        }
    });
    await contains(".o_queue_job_refresh").click();
    await waitFor(".o_queue_job_stale", PATIENCE);
    expect(".o_queue_job_stale").toHaveText(/These are the figures of .*restarted\./);
    expect(tile("waiting")).toHaveText(/1,204/);
    isBroken = false;
    await contains(".o_queue_job_stale button").click();
    expect(".o_queue_job_stale").toHaveCount(0);
    expect.verifySteps(["figures day"]);
});

test("an error at first is told, with a way to try again", async () => {
    let isBroken = true;
    onRpc(MODEL, "get_figures", () => {
        if (isBroken) {
            throw makeServerError({message: "Only administrators see this screen."});
        }
    });
    await startOperations();
    await waitFor(".o_queue_job_operations[data-face=error]", PATIENCE);
    expect("[role=alert]").toHaveText(/Only administrators see this screen/);
    isBroken = false;
    await contains(".o_queue_job_face button").click();
    expect(tile("waiting")).toHaveCount(1);
    expect.verifySteps(["figures day"]);
});

// -----------------------------------------------------------------------------
// What people do
// -----------------------------------------------------------------------------

test("pausing and resuming a channel is asked about, with the number of jobs", async () => {
    answer(CHANNEL, "action_pause");
    answer(CHANNEL, "action_resume");
    await open();
    await contains(`${row("root.import")} .o_queue_job_pause`).click();
    expect(".modal-title").toHaveText("Pause root.import?");
    expect(".modal-body").toHaveText(/Waiting now: 20\..*allowed to finish: 2\./);
    await contains(".modal-footer .btn-secondary").click();
    expect.verifySteps([]);
    await contains(`${row("root.import")} .o_queue_job_pause`).click();
    await confirm();
    expect.verifySteps(["action_pause [[2]]", "figures day"]);
    await contains(`${row("root.mail")} .o_queue_job_pause`).click();
    expect(".modal-title").toHaveText("Resume root.mail?");
    expect(".modal-body").toHaveText(/Waiting now: 7\./);
    await confirm();
    expect.verifySteps(["action_resume [[3]]", "figures day"]);
});

test("a capacity is typed, checked and asked about", async () => {
    answer(CHANNEL, "write");
    await open();
    const cell = `${row("root.import")} .o_queue_job_channel_capacity`;
    await contains(`${cell} .o_queue_job_capacity`).click();
    expect(`${cell} input`).toBeFocused();
    expect(`${cell} input`).toHaveValue("2");
    await contains(`${cell} input`).edit("0", {confirm: "enter"});
    expect(`${cell} [role=alert]`).toHaveText(/at least 1/);
    expect(`${cell} input`).toHaveAttribute("aria-invalid", "true");
    // What is typed stays while figures come in.
    await contains(`${cell} input`).edit("5", {confirm: false});
    changed();
    await advanceTime(3100);
    await animationFrame();
    expect.verifySteps(["figures day"]);
    expect(`${cell} input`).toHaveValue("5");
    await press("Enter");
    await animationFrame();
    expect(".modal-title").toHaveText("Let root.import run 5 at a time?");
    expect(".modal-body").toHaveText(/now: 2\. New: 5\..*Waiting now: 20\./);
    await confirm();
    expect.verifySteps(['write [[2],{"effective_capacity":5}]', "figures day"]);
    expect(`${cell} .o_queue_job_capacity`).toBeFocused();
});

test("a capacity is left as it is with Escape, or when it is the same", async () => {
    await open();
    const cell = `${row("root.import")} .o_queue_job_channel_capacity`;
    await contains(`${cell} .o_queue_job_capacity`).click();
    await contains(`${cell} input`).edit("7", {confirm: false});
    await press("Escape");
    await animationFrame();
    expect(`${cell} input`).toHaveCount(0);
    expect(`${cell} .o_queue_job_capacity`).toBeFocused();
    await contains(`${cell} .o_queue_job_capacity`).click();
    await press("Enter");
    await animationFrame();
    expect(".modal").toHaveCount(0);
    expect(`${cell} input`).toHaveCount(0);
    expect.verifySteps([]);
});

test("what waits in a channel is cancelled after its number was told", async () => {
    answer(MODEL, "count_waiting", 21);
    answer(MODEL, "cancel_waiting", {
        cancelled: 21,
        message: "21 jobs were cancelled.",
    });
    await open();
    expect(`${row("root.mail.bulk")} .o_queue_job_cancel_waiting`).not.toBeEnabled();
    await contains(`${row("root.import")} .o_queue_job_cancel_waiting`).click();
    expect(".modal-title").toHaveText("Cancel 21 waiting jobs?");
    expect(".modal-footer .btn-danger").toHaveText("Cancel 21 Jobs");
    await confirm();
    expect.verifySteps(["count_waiting [2]", "cancel_waiting [2]", "figures day"]);
    await waitFor(".o_notification:contains(21 jobs were cancelled.)", PATIENCE);
});

test("what is over meanwhile is not asked about", async () => {
    answer(MODEL, "count_waiting", 0);
    answer(MODEL, "count_failures", 0);
    await open();
    await contains(`${row("root.import")} .o_queue_job_cancel_waiting`).click();
    await waitFor(
        ".o_notification:contains(No jobs wait in root.import any more)",
        PATIENCE
    );
    await contains(".o_queue_job_retry_all").click();
    await waitFor(
        ".o_notification:contains(No failed jobs are left)",
        PATIENCE
    );
    expect(".modal").toHaveCount(0);
    expect.verifySteps([
        "count_waiting [2]",
        "figures day",
        'count_failures ["day"]',
        "figures day",
    ]);
});

test("failed jobs are tried again, one or all", async () => {
    answer(MODEL, "retry_jobs", {
        retried: 1,
        skipped: 0,
        message: "1 job waits again.",
    });
    answer(MODEL, "count_failures", 37);
    answer(MODEL, "retry_failures", {
        retried: 37,
        skipped: 0,
        message: "37 wait again.",
    });
    await open();
    await contains("[data-job='9'] .o_queue_job_retry").click();
    expect.verifySteps(["retry_jobs [[9]]", "figures day"]);
    await contains(".o_queue_job_retry_all").click();
    expect(".modal-title").toHaveText("Retry 37 failed jobs?");
    expect(".modal-footer .btn-primary").toHaveText("Retry 37 Jobs");
    await confirm();
    expect.verifySteps([
        'count_failures ["day"]',
        'retry_failures ["day"]',
        "figures day",
    ]);
    await waitFor(".o_notification:contains(37 wait again.)", PATIENCE);
});

test("a button waits until what it started is through", async () => {
    const done = new Deferred();
    onRpc(MODEL, "retry_jobs", () => done);
    await open();
    await contains("[data-job='9'] .o_queue_job_retry").click();
    expect("[data-job='9'] .o_queue_job_retry").not.toBeEnabled();
    done.resolve({message: ""});
    await waitFor("[data-job='9'] .o_queue_job_retry:enabled", PATIENCE);
    expect.verifySteps(["figures day"]);
});

test("an alert is acknowledged", async () => {
    answer("queue.job.alert", "action_acknowledge");
    await open();
    await contains(".o_queue_job_acknowledge").click();
    expect.verifySteps(["action_acknowledge [[1]]", "figures day"]);
});

test("what the server refuses is told, and the figures are read again", async () => {
    expect.errors(1);
    onRpc(CHANNEL, "action_resume", () => {
        throw makeServerError({
            type: "UserError",
            message: "root.mail is not paused here.",
        });
    });
    await open();
    await contains(`${row("root.mail")} .o_queue_job_pause`).click();
    await confirm();
    await waitFor(".modal-body:contains(root.mail is not paused here.)", PATIENCE);
    expect.verifySteps(["figures day"]);
    expect.verifyErrors(["RPC_ERROR"]);
});

// -----------------------------------------------------------------------------
// Panels of other addons
// -----------------------------------------------------------------------------

const PRINTED = "printer/printed";

function addPanel(values = {}) {
    class PrintsPanel extends Component {
        static template = xml`
            <section class="o_prints">
                <t t-out="props.figures.prints"/> pages
                <button t-on-click="() => this.props.actions.openRecord('print', 5)"/>
            </section>`;
        static props = {figures: Object, actions: Object};
    }
    registry
        .category("queue_job_operations.panels")
        .add("prints", {key: "prints", Component: PrintsPanel, ...values});
}

test("an addon has a panel of its own, with figures of its own", async () => {
    addPanel();
    figures = busyFigures({prints: 12});
    await open();
    expect(".o_queue_job_columns .o_prints").toHaveText("12 pages");
    noteActions();
    await contains(".o_prints button").click();
    expect.verifySteps(["open print 5"]);
});

test("the message of a panel is a reason to look, too", async () => {
    addPanel({message: PRINTED});
    figures = busyFigures({prints: 12});
    await open();
    figures = busyFigures({prints: 13});
    send(PRINTED);
    await advanceTime(3100);
    await waitFor(".o_prints:contains(13 pages)", PATIENCE);
    expect.verifySteps(["figures day"]);
});

test("a panel without figures for this reader is not shown", async () => {
    addPanel({
        isShown: ({prints}) => prints !== undefined,
        isQuiet: ({prints}) => !prints.length,
        firstStep: "Print something.",
    });
    figures = quietFigures();
    await open();
    expect(".o_prints").toHaveCount(0);
    expect(".o_queue_job_quiet").toHaveText(/Jobs of any addon appear here/);
});

test("a panel says whether it is quiet, and what the first step is", async () => {
    addPanel({isQuiet: ({prints}) => !prints, firstStep: "Print something."});
    figures = quietFigures({prints: 0});
    await open();
    expect(".o_queue_job_quiet").toHaveText(/Print something\./);
    expect(".o_queue_job_quiet").not.toHaveText(/Jobs of any addon/);
    figures = quietFigures({prints: 1});
    await contains(".o_queue_job_refresh").click();
    expect(".o_queue_job_quiet").toHaveCount(0);
    expect.verifySteps(["figures day"]);
});
