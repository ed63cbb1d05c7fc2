import {AskStore} from "@ai_queue_report/ask/ask_store.esm";
import {Deferred} from "@web/core/utils/concurrency";
import {allowTranslations} from "@web/../tests/web_test_helpers";
import {buildChart} from "@ai_queue_report/ask/report_chart.esm";
import {describe, expect, test} from "@odoo/hoot";

describe.current.tags("desktop");

const REPORT = {
    id: 7,
    state: "done",
    question: "sales",
    chips: [{key: "subject"}],
    action: {domain: []},
    table: null,
};

/** A store whose questions to the server are answered by these, in turn. */
function makeStore(...answers) {
    const orm = {
        silent: {
            call: (_model, method, parameters) => {
                expect.step(`${method} ${JSON.stringify(parameters)}`);
                return answers.shift();
            },
        },
    };
    return new AskStore(orm);
}

const failure = (message) => Promise.reject({data: {message}});

test("from nothing to a report", async () => {
    const answer = new Deferred();
    const store = makeStore({subjects: []}, answer);
    expect(store.face).toBe("loading");
    await store.loadStart();
    expect(store.face).toBe("start");
    const asked = store.ask("  sales ");
    expect(store.face).toBe("loading");
    expect(store.state.asked).toBe("sales");
    answer.resolve(REPORT);
    await asked;
    expect(store.face).toBe("report");
    expect(store.state.isBusy).toBe(false);
    expect.verifySteps(["get_ask_start []", 'ask_screen ["sales",null,""]']);
});

test("a model thinks, and finds nothing", async () => {
    const open = {...REPORT, state: "started", chips: [], action: null};
    const store = makeStore(open, {...open, state: "failed", message: "Ask anew."});
    await store.ask("sales");
    expect(store.face).toBe("thinking");
    expect(store.isOpen).toBe(true);
    await store.refresh();
    expect(store.face).toBe("failed");
    expect(store.isOpen).toBe(false);
    expect.verifySteps(['ask_screen ["sales",null,""]', "get_ask_screen [[7]]"]);
});

test("asking on keeps what is shown, and says about what", async () => {
    const answer = new Deferred();
    const store = makeStore(REPORT, answer);
    await store.open(7);
    const asked = store.ask("only Germany", {isFollowUp: true});
    expect(store.face).toBe("report");
    answer.resolve({...REPORT, id: 8});
    await asked;
    expect(store.state.report.id).toBe(8);
    expect.verifySteps(["get_ask_screen [[7]]", 'ask_screen ["only Germany",7,""]']);
});

test("an empty question, and one while another is asked, ask nothing", async () => {
    const answer = new Deferred();
    const store = makeStore(answer);
    await store.ask("   ");
    const asked = store.ask("sales");
    await store.ask("stock");
    answer.resolve(REPORT);
    await asked;
    expect.verifySteps(['ask_screen ["sales",null,""]']);
});

test("a view stays until another one is there, and is drawn once", async () => {
    const other = {...REPORT, action: {domain: [["id", "=", 1]]}};
    const store = makeStore(
        {...REPORT},
        {...REPORT, state: "pending", action: null},
        other,
        {...other, figures: {items: []}}
    );
    await store.open(7);
    const {revision} = store.state;
    await store.change("filter:new", {field: "id"});
    expect(store.isOpen).toBe(true);
    expect(store.state.report.action).toEqual({domain: []});
    expect(store.state.revision).toBe(revision);
    await store.refresh();
    expect(store.state.revision).toBe(revision + 1);
    await store.refresh();
    expect(store.state.report.figures).toEqual({items: []});
    expect(store.state.revision).toBe(revision + 1);
    expect.verifySteps([
        "get_ask_screen [[7]]",
        'change_part [[7],"filter:new",{"field":"id"}]',
        "get_ask_screen [[7]]",
        "get_ask_screen [[7]]",
    ]);
});

test("news of the question before do not overtake what somebody changes", async () => {
    const answer = new Deferred();
    const open = {...REPORT, state: "started"};
    const store = makeStore(open, answer, {...REPORT, id: 8});
    await store.open(7);
    const changed = store.change("period", {kind: "year"});
    const refreshed = store.refresh();
    answer.resolve({...open, id: 8});
    await Promise.all([changed, refreshed]);
    expect(store.state.report.id).toBe(8);
    expect(store.isOpen).toBe(false);
    expect(store.state.isBusy).toBe(false);
    expect.verifySteps([
        "get_ask_screen [[7]]",
        'change_part [[7],"period",{"kind":"year"}]',
        "get_ask_screen [[8]]",
    ]);
});

test("news that were asked for before a change are dropped", async () => {
    const [news, answer] = [new Deferred(), new Deferred()];
    const store = makeStore({...REPORT, state: "started"}, news, answer);
    await store.open(7);
    const refreshed = store.refresh();
    const changed = store.change("period", {kind: "year"});
    news.resolve(REPORT);
    await refreshed;
    expect(store.state.isBusy).toBe(true);
    answer.resolve({...REPORT, id: 8});
    await changed;
    expect(store.state.report.id).toBe(8);
    expect.verifySteps([
        "get_ask_screen [[7]]",
        "get_ask_screen [[7]]",
        'change_part [[7],"period",{"kind":"year"}]',
    ]);
});

test("what was refused is said, and what was shown stays", async () => {
    const store = makeStore(REPORT, failure("Choose another field."), REPORT);
    await store.open(7);
    await store.change("group:0", {field: "x"});
    expect(store.state.error).toBe("Choose another field.");
    expect(store.face).toBe("report");
    expect(store.state.isBusy).toBe(false);
    await store.refresh();
    expect(store.state.error).toBe("");
    expect.verifySteps([
        "get_ask_screen [[7]]",
        'change_part [[7],"group:0",{"field":"x"}]',
        "get_ask_screen [[7]]",
    ]);
});

test("without a server", async () => {
    allowTranslations();
    const store = makeStore(Promise.reject(new Error("offline")));
    await store.loadStart();
    expect(store.face).toBe("error");
    expect(`${store.state.error}`).toBe(
        "The server cannot be reached. Try again in a moment."
    );
    expect.verifySteps(["get_ask_start []"]);
});

test("an answer that another question overtook is dropped", async () => {
    const slow = new Deferred();
    const store = makeStore(slow, {...REPORT, id: 9});
    const first = store.open(7);
    await store.open(9);
    slow.resolve(REPORT);
    await first;
    expect(store.state.report.id).toBe(9);
    expect.verifySteps(["get_ask_screen [[7]]", "get_ask_screen [[9]]"]);
});

test("the chart of two periods", () => {
    const chart = {
        labels: ["January", "February"],
        series: [
            {name: "2026", values: [1, 2], texts: ["$ 1", "$ 2"]},
            {name: "2025", values: [3, null], texts: ["$ 3", "–"], is_past: true},
        ],
    };
    const {type, data, options} = buildChart(chart, {
        color: (number) => `color ${number}`,
        colors: {text: "text", grid: "grid", past: "past"},
        font: "Font",
        lang: "en-US",
    });
    expect(type).toBe("bar");
    expect(data.labels).toEqual(["January", "February"]);
    expect(data.datasets.map((each) => each.backgroundColor)).toEqual(["color 0", "past"]);
    expect(options.plugins.legend.display).toBe(true);
    const {label} = options.plugins.tooltip.callbacks;
    const point = {dataset: {label: "2025"}, datasetIndex: 1, dataIndex: 1};
    expect(label(point)).toBe("2025: –");
    expect(options.scales.y.ticks.callback(12000)).toBe("12K");
});
