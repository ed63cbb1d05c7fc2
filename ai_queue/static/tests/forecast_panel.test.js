import {
    MockServer,
    contains,
    defineModels,
    fields,
    getService,
    makeServerError,
    mockService,
    models,
    mountView,
    onRpc,
    serverState,
} from "@web/../tests/web_test_helpers";
import {animationFrame, advanceTime} from "@odoo/hoot-mock";
import {beforeEach, describe, expect, test} from "@odoo/hoot";
import {waitFor, waitUntil} from "@odoo/hoot-dom";
import {Deferred} from "@web/core/utils/concurrency";
import {RUN_CHANGED} from "@ai_queue/runs/live_runs.esm";
import {defineMailModels} from "@mail/../tests/mail_test_helpers";
import {PATIENCE} from "./patience.esm";

describe.current.tags("desktop");
defineMailModels();

class ProductTemplate extends models.Model {
    _name = "product.template";

    name = fields.Char();
    ai_forecast_quantity = fields.Float();
    ai_forecast_state = fields.Selection({
        selection: ["pending", "started", "done", "failed", "cancelled"].map((state) => [
            state,
            state,
        ]),
    });

    _records = [
        {id: 1, name: "Beans", ai_forecast_quantity: 0, ai_forecast_state: false},
        {id: 2, name: "Tea", ai_forecast_quantity: 40, ai_forecast_state: "done"},
    ];
}
defineModels([ProductTemplate]);

const ARCH = /* xml */ `
    <form>
        <header><widget name="ai_queue_forecast_button" /></header>
        <sheet>
            <div name="button_box">
                <button class="oe_stat_button" type="object" name="x" icon="fa-line-chart">
                    <field name="ai_forecast_quantity" widget="ai_queue_forecast_stat" />
                </button>
            </div>
            <field name="name" />
            <notebook>
                <page string="Chart"><widget name="ai_queue_forecast_chart" /></page>
                <page string="Other">Nothing</page>
            </notebook>
        </sheet>
    </form>`;

const HISTORY = [
    {date: "2026-11-02", quantity: 10},
    {date: "2026-11-09", quantity: 12},
];
const FORECAST = [
    {
        date: "2026-11-16",
        quantity: 11,
        lo80: 8,
        hi80: 14,
        lo95: 6,
        hi95: 16,
        is_manual: false,
    },
    {
        date: "2026-11-23",
        quantity: 22,
        lo80: 8,
        hi80: 14,
        lo95: 6,
        hi95: 16,
        is_manual: true,
    },
];
const RUN = {
    id: 9,
    name: "Demand forecast of Beans",
    state: "done",
    progress: 100,
    message: null,
    date: "2026-11-22 12:40:00",
};

/** What the server answers; tests change it. */
let data = {};
beforeEach(() => {
    data = {
        unit: "Units",
        granularity: "week",
        history: HISTORY,
        forecast: [],
        method: null,
        reason: null,
        error: null,
        run: null,
    };
    onRpc("product.template", "get_ai_forecast_data", ({args}) => {
        expect.step(`data ${args[0]}`);
        return data;
    });
    onRpc("product.template", "action_run_ai_forecast", ({args}) => {
        expect.step(`press ${args[0]}`);
        data = {...data, run: {...RUN, state: "pending", progress: 0}};
        return {
            type: "ir.actions.client",
            tag: "display_notification",
            params: {message: "Queued"},
        };
    });
});

function withForecast(values = {}) {
    return {
        ...data,
        forecast: FORECAST,
        method: "Theta",
        reason: "Theta missed the total least.",
        error: 0.12,
        run: RUN,
        ...values,
    };
}

function send(id) {
    MockServer.env["bus.bus"]._sendone(serverState.partnerId, RUN_CHANGED, {id});
}

async function open(params = {}) {
    await mountView({
        type: "form",
        resModel: "product.template",
        resId: 1,
        arch: ARCH,
        ...params,
    });
    await waitUntil(() => getService("bus_service").workerState === "CONNECTED", PATIENCE);
    await animationFrame();
}

test("before the first forecast it says what to do", async () => {
    await open();
    // The first one waits for the library that draws.
    await waitFor(".o_ai_queue_forecast[data-face=chart]", PATIENCE);
    expect(".o_ai_queue_hint").toHaveText(/There is no forecast yet/u);
    expect(".o_ai_queue_run").toHaveClass("btn-primary");
    expect(".o_ai_queue_status").toHaveCount(0);
    expect(".o_ai_queue_canvas canvas").toHaveCount(1);
    expect.verifySteps(["data 1"]);
});

test("without demand it says why there is nothing", async () => {
    data = {...data, history: []};
    await open();
    expect(".o_ai_queue_forecast").toHaveAttribute("data-face", "empty");
    expect(".o_ai_queue_face").toHaveText(/No demand yet/u);
    expect.verifySteps(["data 1"]);
});

test("figures, reliability, method and reason", async () => {
    data = withForecast();
    await open();
    expect(".o_ai_queue_figure:eq(0) .o_ai_queue_label").toHaveText("Next 2 weeks");
    expect(".o_ai_queue_figure:eq(0) .o_ai_queue_value").toHaveText(/33\s*Units/u);
    expect(".o_ai_queue_figure:eq(0)").toHaveText(/50\s% more than the 22/u);
    expect(".o_ai_queue_quality").toHaveText(/Good/u);
    expect(".o_ai_queue_quality").toHaveText(/Was off by 12\s% in total/u);
    expect(".o_ai_queue_figure:eq(2)").toHaveText(/Theta/u);
    expect(".o_ai_queue_reason").toHaveText(/Theta missed the total least/u);
    expect(".o_queue_job_key_manual").toHaveCount(1);
    expect(".o_ai_queue_status").toHaveAttribute("data-state", "done");
    expect(".oe_stat_button .o_stat_value").toHaveText("33");
    expect.verifySteps(["data 1"]);
});

test("pressing shows at once that it waits, and what came of it", async () => {
    await open();
    await contains(".o_ai_queue_run").click();
    await animationFrame();
    expect(".o_notification_content").toHaveText("Queued");
    expect(".o_ai_queue_run").toHaveProperty("disabled", true);
    expect(".o_ai_queue_run").toHaveText("Forecasting…");
    expect(".o_ai_queue_status").toHaveAttribute("data-state", "pending");
    expect(".oe_stat_button .o_stat_text").toHaveText("Forecasting…");
    expect.verifySteps(["data 1", "press 1", "data 1"]);

    data = {...data, run: {...RUN, state: "started", progress: 40}};
    await advanceTime(1100);
    send(9);
    await waitFor(".o_ai_queue_status[data-state=started]", PATIENCE);
    expect(".o_ai_queue_status").toHaveText(/40\s*%/u);

    data = withForecast();
    await advanceTime(1100);
    send(9);
    await waitFor(".o_ai_queue_status[data-state=done]", PATIENCE);
    expect(".o_ai_queue_run").toHaveProperty("disabled", false);
    expect(".oe_stat_button .o_stat_value").toHaveText("33");
    expect.verifySteps(["data 1", "data 1"]);
});

test("a failed run tells its reason and leads to it", async () => {
    data = {...data, run: {...RUN, state: "failed", message: "No such source."}};
    mockService("action", {
        doAction: ({res_model, res_id}) => expect.step(`${res_model} ${res_id}`),
    });
    await open();
    expect(".o_ai_queue_status").toHaveText(/Failed/u);
    expect(".o_ai_queue_status").toHaveText(/No such source/u);
    await contains(".o_ai_queue_status button").click();
    expect.verifySteps(["data 1", "ai.queue.run 9"]);
});

test("what the user typed survives the end of the run", async () => {
    data = {...data, run: {...RUN, state: "started", progress: 10}};
    await open();
    await contains(".o_field_widget[name=name] input").edit("Beans, roasted", {
        confirm: false,
    });
    data = withForecast();
    await advanceTime(1100);
    send(9);
    await waitFor(".o_ai_queue_status[data-state=done]", PATIENCE);
    expect(".o_field_widget[name=name] input").toHaveValue("Beans, roasted");
    expect(".oe_stat_button .o_stat_value").toHaveText("33");
    expect.verifySteps(["data 1", "data 1"]);
});

test("of another run it finds out once that it does not matter", async () => {
    data = withForecast();
    await open();
    await advanceTime(1100);
    send(20);
    await animationFrame();
    await advanceTime(1100);
    send(20);
    send(3);
    await animationFrame();
    await advanceTime(1100);
    expect.verifySteps(["data 1", "data 1"]);
});

test("without messages it polls while the product is being forecast", async () => {
    data = {...data, run: {...RUN, state: "started", progress: 10}};
    await open();
    data = withForecast();
    await advanceTime(16000);
    await waitFor(".o_ai_queue_status[data-state=done]", PATIENCE);
    await advanceTime(60000);
    expect.verifySteps(["data 1", "data 1"]);
});

test("the pager leads to the chart of the next product", async () => {
    data = withForecast();
    const slow = new Deferred();
    onRpc("product.template", "get_ai_forecast_data", async ({args}) => {
        if (args[0][0] === 1) {
            await slow;
        }
    });
    await open({resIds: [1, 2]});
    expect(".o_ai_queue_forecast").toHaveAttribute("data-face", "loading");
    data = withForecast({unit: "kg"});
    await contains(".o_pager_next").click();
    await animationFrame();
    expect(".o_ai_queue_caption").toHaveText("kg per week");
    // The answer for the first product comes late, and is of no use any more.
    data = withForecast({unit: "Late"});
    slow.resolve();
    await animationFrame();
    expect(".o_ai_queue_caption").toHaveText("kg per week");
    expect.verifySteps(["data 2", "data 1"]);
});

test("a failed request says so and can be tried again", async () => {
    let isBroken = true;
    onRpc("product.template", "get_ai_forecast_data", () => {
        if (isBroken) {
            throw makeServerError({message: "You may not see forecasts."});
        }
    });
    await open();
    expect(".o_ai_queue_forecast").toHaveAttribute("data-face", "error");
    expect(".o_ai_queue_face").toHaveText(/You may not see forecasts/u);
    isBroken = false;
    await contains(".o_ai_queue_face button").click();
    await waitFor(".o_ai_queue_forecast[data-face=chart]", PATIENCE);
    expect.verifySteps(["data 1"]);
});

test("on another page the button box is live all the same", async () => {
    await open();
    await contains(".o_notebook_headers .nav-link:contains(Other)").click();
    expect(".o_ai_queue_forecast").toHaveCount(0);
    expect.verifySteps(["data 1"]);
    MockServer.env["product.template"].write([1], {
        ai_forecast_quantity: 77,
        ai_forecast_state: "done",
    });
    await advanceTime(6000);
    send(9);
    await waitFor(".o_stat_value:contains(77)", PATIENCE);
    expect.verifySteps([]);
});
