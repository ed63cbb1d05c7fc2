import {describe, expect, test} from "@odoo/hoot";
import {buildReorderConfig} from "@ai_queue_stock/reorder/reorder_chart_config.esm";
import {defineMailModels} from "@mail/../tests/mail_test_helpers";
import {makeMockEnv} from "@web/../tests/web_test_helpers";

describe.current.tags("desktop");
defineMailModels();

const COLORS = {
    sold: "sold",
    forecast: "forecast",
    interval80: "interval80",
    interval95: "interval95",
    manual: "manual",
    text: "text",
    grid: "grid",
    surface: "surface",
};

function point(day, stock, coming = 0) {
    return {
        date: `2026-03-${String(day).padStart(2, "0")}`,
        stock,
        coming,
        demand: 10,
        lo80: stock - 5,
        hi80: stock + 5,
        lo95: stock - 8,
        hi95: stock + 8,
    };
}

function build(data = {}, options = {}) {
    return buildReorderConfig(
        {
            unit: "Units",
            minimum: 20,
            maximum: 60,
            proposal: null,
            points: [point(18, 30), point(19, 20), point(20, -10, 50)],
            ...data,
        },
        {colors: COLORS, font: "font", ...options}
    );
}

function dataset(config, label) {
    return config.data.datasets.find((one) => one.label === label);
}

test("stock, what is on its way and the numbers of the rule", () => {
    const config = build();
    expect(dataset(config, "stock").data).toEqual([30, 20, -10]);
    expect(dataset(config, "coming").data).toEqual([null, null, 50]);
    expect(dataset(config, "minimum").data).toEqual([20, 20, 20]);
    expect(dataset(config, "maximum").data).toEqual([60, 60, 60]);
    expect(dataset(config, "lo95").data).toEqual([22, 12, -18]);
    expect(dataset(config, "proposedMinimum")).toBe(undefined);
});

test("what is proposed has a colour of its own", () => {
    const config = build({proposal: {id: 1, minimum: 40, maximum: 90, reason: ""}});
    expect(dataset(config, "proposedMinimum").data).toEqual([40, 40, 40]);
    expect(dataset(config, "proposedMaximum").borderColor).toBe("manual");
});

test("the mouse finds words for a day", async () => {
    // How numbers are written is known once the localization has started.
    await makeMockEnv();
    const {label} = build().options.plugins.tooltip.callbacks;
    expect(label({dataIndex: 0})[0]).toBe("Stock: 30 Units");
    const last = label({dataIndex: 2});
    expect(last[0]).toBe("Missing: 10 Units");
    expect(last.at(-1)).toBe("Arrives: 50 Units");
});

test("time runs from right to left where people read so", () => {
    expect(build({}, {isRtl: true}).options.scales.x.reverse).toBe(true);
});
