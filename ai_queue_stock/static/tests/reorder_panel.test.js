import {
    contains,
    defineModels,
    fields,
    makeServerError,
    mockService,
    models,
    mountView,
    onRpc,
} from "@web/../tests/web_test_helpers";
import {describe, expect, test} from "@odoo/hoot";
import {animationFrame} from "@odoo/hoot-mock";
import {defineMailModels} from "@mail/../tests/mail_test_helpers";
import {waitFor} from "@odoo/hoot-dom";

describe.current.tags("desktop");

class Rule extends models.Model {
    _name = "stock.warehouse.orderpoint";
    product_min_qty = fields.Float();
    product_max_qty = fields.Float();
    _records = [{id: 1, product_min_qty: 5, product_max_qty: 20}];
}

defineModels([Rule]);
defineMailModels();

const ARCH = `
    <form>
        <field name="product_min_qty"/>
        <field name="product_max_qty"/>
        <widget name="ai_queue_reorder_panel"/>
    </form>`;

function reply(values = {}) {
    const point = (date, stock) => ({
        date,
        stock,
        coming: 0,
        demand: 10,
        lo80: stock - 1,
        hi80: stock + 1,
        lo95: stock - 2,
        hi95: stock + 2,
    });
    return {
        unit: "Units",
        minimum: 5,
        maximum: 20,
        points: [point("2026-03-18", 5), point("2026-03-19", -5)],
        date_short: "2026-03-19",
        date_arrival: "2026-04-01",
        proposal: null,
        problem: null,
        ...values,
    };
}

async function mountPanel() {
    await mountView({
        type: "form",
        resModel: "stock.warehouse.orderpoint",
        resId: 1,
        arch: ARCH,
    });
    await waitFor(".o_ai_queue_reorder:not([data-face=loading])");
    await animationFrame();
}

test("it says when the stock is used up, and that it is too late", async () => {
    onRpc("get_ai_reorder_data", () => reply());
    await mountPanel();
    expect(".o_ai_queue_reorder").toHaveAttribute("data-face", "chart");
    expect(".o_ai_queue_value.text-danger").toHaveText("Mar 19, 2026");
    expect(".o_ai_queue_figure:first").toHaveText(/Before an order of today would arrive/);
    expect("canvas").toHaveAttribute("aria-label", /used up on Mar 19, 2026/);
});

test("a proposal is one press away", async () => {
    onRpc("get_ai_reorder_data", () =>
        reply({proposal: {id: 7, minimum: 40, maximum: 90, reason: "Was 5/20."}})
    );
    mockService("action", {
        doAction: (action) => expect.step([action.res_model, action.res_id]),
    });
    await mountPanel();
    expect(".o_ai_queue_hint").toHaveText(/Was 5\/20\./);
    await contains(".o_ai_queue_hint button").click();
    expect.verifySteps([["ai.queue.reorder.proposal", 7]]);
});

test("what is not planned says why", async () => {
    const problem = "No vendor to buy it from";
    onRpc("get_ai_reorder_data", () => reply({points: [], problem}));
    await mountPanel();
    expect(".o_ai_queue_reorder").toHaveAttribute("data-face", "empty");
    expect(".o_ai_queue_face").toHaveText(/No vendor to buy it from/);
});

test("what could not be loaded can be tried again", async () => {
    let isDown = true;
    onRpc("get_ai_reorder_data", () => {
        if (isDown) {
            throw makeServerError({message: "The database sleeps"});
        }
        return reply();
    });
    await mountPanel();
    expect(".o_ai_queue_reorder").toHaveAttribute("data-face", "error");
    expect(".o_ai_queue_face").toHaveText(/The database sleeps/);
    isDown = false;
    await contains(".o_ai_queue_face button").click();
    await waitFor(".o_ai_queue_reorder[data-face=chart]");
    expect("canvas").toHaveCount(1);
});
