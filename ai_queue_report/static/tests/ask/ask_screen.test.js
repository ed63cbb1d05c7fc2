import {
    contains,
    defineActions,
    defineModels,
    fields,
    getService,
    makeServerError,
    models,
    mountWithCleanup,
    onRpc,
} from "@web/../tests/web_test_helpers";
import {beforeEach, describe, expect, test} from "@odoo/hoot";
import {MODEL} from "@ai_queue_report/ask/ask_store.esm";
import {WebClient} from "@web/webclient/webclient";
import {defineMailModels} from "@mail/../tests/mail_test_helpers";
import {press, waitFor} from "@odoo/hoot-dom";

describe.current.tags("desktop");

const ACTION = 81;
/** How long something may take to be drawn on a machine that has much to do. */
const PATIENCE = {timeout: 10000};

class Sale extends models.Model {
    _name = "sale.thing";

    name = fields.Char();
    amount = fields.Float();

    _records = [{id: 1, name: "Chair", amount: 12}];
    _views = {
        list: `<list><field name="name"/><field name="amount" sum="Sum"/></list>`,
        form: `<form><field name="name"/></form>`,
        search: `<search><field name="name"/></search>`,
    };
}

defineMailModels();
defineModels([Sale]);
defineActions([
    {
        id: ACTION,
        name: "Ask",
        path: "ai-ask",
        tag: "ai_queue_report.ask",
        type: "ir.actions.client",
    },
]);

const START = {
    subjects: [{key: "sales", text: "Sales", reports: [{id: 4, name: "Sales by Month"}]}],
    recent: [{id: 5, question: "what was asked"}],
    kept: [],
    sources: [],
};

function makeReport(changes = {}) {
    return {
        id: 7,
        question: "sales as a list",
        state: "done",
        message: "",
        is_kept: false,
        is_mine: true,
        previous: null,
        run_id: 3,
        sentence: "Amount, sales",
        chips: [
            {key: "measure:0", text: "Amount", can_change: true, can_remove: true},
            {key: "subject", text: "sales", can_change: false, can_remove: false},
        ],
        additions: [{key: "group:new", text: "Split By"}],
        left: [],
        note: "",
        action: {
            type: "ir.actions.act_window",
            res_model: "sale.thing",
            views: [
                [false, "list"],
                [false, "form"],
            ],
            domain: [],
            context: {group_by: []},
            help: "Nothing was found, as far as you may see.",
        },
        figures: {
            items: [
                {
                    key: "measure:0",
                    title: "Amount",
                    text: "$ 12.00",
                    before: "$ 10.00",
                    change: "+20 %",
                    direction: 1,
                },
            ],
            notes: [],
            empty: "",
            as_of: "now",
            compared: null,
        },
        table: null,
        source: "",
        sources: [],
        summary: "",
        ...changes,
    };
}

/** What the server answers; tests change it. */
let report = null;

beforeEach(() => {
    report = makeReport();
    onRpc(MODEL, "get_ask_start", () => START);
    for (const method of ["ask_screen", "open_ready", "get_ask_screen", "change_part"]) {
        onRpc(MODEL, method, ({args}) => {
            expect.step(`${method} ${JSON.stringify(args)}`);
            return report;
        });
    }
});

async function open() {
    await mountWithCleanup(WebClient);
    await getService("action").doAction(ACTION);
    await waitFor(".o_ai_queue_ask[data-face=start]", PATIENCE);
}

async function ask(question) {
    await contains(".o_ai_queue_question input").edit(question, {confirm: false});
    await press("Enter");
}

test("a question becomes chips, figures and a view of Odoo", async () => {
    await open();
    expect(".o_ai_queue_ready").toHaveText("Sales by Month");
    expect(".o_ai_queue_asked").toHaveText("what was asked");
    await ask("sales as a list");
    await waitFor(".o_ai_queue_ask .o_list_renderer .o_data_row", PATIENCE);
    expect(".o_ai_queue_chip:not(.o_ai_queue_addition)").toHaveCount(2);
    expect("[data-part=subject] .o_ai_queue_chip_remove").toHaveCount(0);
    expect(".o_ai_queue_figure").toHaveText(/\$ 12\.00\s*\+20 % before: \$ 10\.00/);
    expect(".o_ai_queue_as_of").toHaveText("As of now");
    expect.verifySteps(['ask_screen ["sales as a list",null,""]']);
});

test("a part is changed from its menu, and taken away", async () => {
    onRpc(MODEL, "get_part_choices", ({args}) => {
        expect.step(`choices ${JSON.stringify(args)}`);
        return {
            choices: [{text: "Number", value: {field: "__count"}, is_current: false}],
            is_searched: false,
            days: null,
        };
    });
    await open();
    await contains(".o_ai_queue_ready").click();
    await waitFor(".o_ai_queue_chip", PATIENCE);
    await contains("[data-part='measure:0'] .o_ai_queue_chip_change").click();
    await contains(".o_ai_queue_choice").click();
    await contains("[data-part='measure:0'] .o_ai_queue_chip_remove").click();
    expect.verifySteps([
        "open_ready [4]",
        'choices [[7],"measure:0",""]',
        'change_part [[7],"measure:0",{"field":"__count"}]',
        'change_part [[7],"measure:0",null]',
    ]);
});

test("what is not understood says so, and what to do", async () => {
    report = makeReport({
        state: "failed",
        chips: [],
        additions: [],
        action: null,
        figures: null,
        message: "Say what, by what and when.",
        left: ["weather"],
    });
    await open();
    await ask("weather");
    await waitFor(".o_ai_queue_ask[data-face=failed]", PATIENCE);
    expect(".o_ai_queue_reason").toHaveText("Say what, by what and when.");
    expect(".o_ai_queue_face").toHaveText(/Not understood: weather/);
    await contains("button:contains(See Examples)").click();
    await waitFor(".o_ai_queue_ask[data-face=start]", PATIENCE);
    expect.verifySteps(['ask_screen ["weather",null,""]']);
});

test("what was left out, and that nothing was found, is said once", async () => {
    const nothing = "Nothing was found. Ask for another time.";
    report = makeReport({
        message: "Not understood, and left out: “weather”.",
        left: ["weather"],
        summary: nothing,
        figures: {...makeReport().figures, items: [], empty: nothing},
    });
    await open();
    await ask("sales weather");
    await waitFor(".o_ai_queue_band", PATIENCE);
    expect(".o_ai_queue_hint_line").toHaveCount(1);
    expect(".o_ai_queue_hint_line").toHaveText(/left out: “weather”/);
    expect(".o_ai_queue_summary").toHaveCount(0);
    expect(".o_ai_queue_band").toHaveText(new RegExp(nothing));
    expect.verifySteps(['ask_screen ["sales weather",null,""]']);
});

test("an error of the server stands above what was there", async () => {
    await open();
    onRpc(MODEL, "ask_screen", () => {
        throw makeServerError({message: "You may not ask."});
    });
    await ask("sales");
    await waitFor(".o_ai_queue_ask_error", PATIENCE);
    expect(".o_ai_queue_ask_error").toHaveText("You may not ask.");
    expect(".o_ai_queue_ready").toHaveCount(1);
});

test("what has no view in Odoo is a table, with what was asked", async () => {
    report = makeReport({
        action: null,
        chips: [],
        additions: [],
        figures: null,
        table: {
            columns: [
                {text: "city", is_number: false},
                {text: "partners", is_number: true},
            ],
            rows: [["Paris", "2"]],
            chart: null,
            notes: ["From the data warehouse."],
            statement: "SELECT 1",
        },
    });
    await open();
    await ask("partners by city");
    await waitFor(".o_ai_queue_table", PATIENCE);
    expect(".o_ai_queue_table td").toHaveCount(2);
    expect(".o_ai_queue_hint_line").toHaveText("From the data warehouse.");
    expect(".o_ai_queue_statement summary").toHaveText("What was asked, in SQL");
    expect(".o_ai_queue_full").toHaveCount(0);
    expect.verifySteps(['ask_screen ["partners by city",null,""]']);
});
