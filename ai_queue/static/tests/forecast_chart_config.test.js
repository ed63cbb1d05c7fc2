import {
    buildChartConfig,
    placeOf,
    tickLabels,
} from "@ai_queue/forecast/forecast_chart_config.esm";
import {describe, expect, test} from "@odoo/hoot";
import {defineMailModels} from "@mail/../tests/mail_test_helpers";
import {makeMockEnv} from "@web/../tests/web_test_helpers";

const {DateTime} = luxon;

describe.current.tags("desktop");
defineMailModels();

const COLORS = {
    sold: "grey",
    forecast: "purple",
    interval80: "rgba(1, 1, 1, 0.3)",
    interval95: "rgba(1, 1, 1, 0.1)",
    manual: "orange",
    text: "black",
    grid: "silver",
    surface: "white",
};
const MONDAY = DateTime.fromISO("2026-11-02");
const NOW = DateTime.fromISO("2026-11-18T12:00:00");

function week(number, values) {
    return {date: MONDAY.plus({weeks: number}).toISODate(), ...values};
}

function forecast(number, quantity, is_manual = false) {
    const bounds = {lo80: 5, hi80: 15, lo95: 2, hi95: 20};
    return week(number, {quantity, is_manual, ...bounds});
}

function config(data, options = {}) {
    return buildChartConfig(
        {
            unit: "Units",
            granularity: "week",
            history: [week(0, {quantity: 8}), week(1, {quantity: 11})],
            forecast: [forecast(2, 10), forecast(3, 12, true)],
            method: "Theta",
            ...data,
        },
        {periods: 52, colors: COLORS, font: "Arial", now: NOW, ...options}
    );
}

function dataset({data}, label) {
    return data.datasets.find((candidate) => candidate.label === label);
}

test("history are bars, the forecast is a line behind them in time", async () => {
    await makeMockEnv();
    const chart = config();
    expect(chart.data.labels).toHaveLength(4);
    expect(dataset(chart, "sold").data).toEqual([8, 11]);
    expect(dataset(chart, "forecast").data).toEqual([null, null, 10, 12]);
});

test("both intervals are areas between two lines", async () => {
    await makeMockEnv();
    const {data} = config();
    const index = data.datasets.findIndex(({label}) => label === "hi80");
    expect(data.datasets[index].fill).toBe("-1");
    expect(data.datasets[index].backgroundColor).toBe(COLORS.interval80);
    expect(data.datasets[index - 1].label).toBe("lo80");
    expect(dataset({data}, "hi95").data).toEqual([null, null, 20, 20]);
});

test("of a single period, the intervals are bars", async () => {
    await makeMockEnv();
    const chart = config({forecast: [forecast(2, 10)]});
    expect(dataset(chart, "interval80").data).toEqual([null, null, [5, 15]]);
    expect(dataset(chart, "interval95").type).toBe("bar");
});

test("a quantity that a person fixed looks different", async () => {
    await makeMockEnv();
    const line = dataset(config(), "forecast");
    expect(line.pointStyle.slice(2)).toEqual(["circle", "rectRot"]);
    expect(line.pointBackgroundColor.slice(2)).toEqual([COLORS.forecast, COLORS.manual]);
});

test("without a forecast there is history alone", async () => {
    await makeMockEnv();
    const {data} = config({forecast: []});
    expect(data.datasets.map(({label}) => label)).toEqual(["sold"]);
});

test("only the chosen periods of history are shown", async () => {
    await makeMockEnv();
    const chart = config({}, {periods: 1});
    expect(dataset(chart, "sold").data).toEqual([11]);
    expect(dataset(chart, "forecast").data).toEqual([null, 10, 12]);
});

test("the tooltip tells quantity, intervals, unit and method", async () => {
    await makeMockEnv();
    const chart = config();
    const {filter, callbacks} = chart.options.plugins.tooltip;
    const item = (label, index, raw) => ({
        dataset: dataset(chart, label),
        label: chart.data.labels[index],
        raw,
    });
    expect(callbacks.title([item("sold", 0, 8)])).toBe("Week of Nov 2, 2026");
    expect(callbacks.label(item("sold", 0, 8))).toBe("Sold: 8 Units");
    expect(callbacks.label(item("forecast", 2, 10))).toEqual([
        "Forecast: 10 Units",
        "In 80 of 100 cases: 5 to 15",
        "In 95 of 100 cases: 2 to 20",
        "Method: Theta",
    ]);
    expect(callbacks.label(item("forecast", 3, 12))[0]).toBe("Fixed by hand: 12 Units");
    expect(filter(item("hi80", 2, 15))).toBe(false);
    expect(filter(item("forecast", 0, null))).toBe(false);
    expect(filter(item("sold", 0, 0))).toBe(true);
});

test("the marker of today stands in the period that is not over", () => {
    const dates = [0, 1, 2, 3].map((number) => MONDAY.plus({weeks: number}));
    const place = placeOf(NOW, dates, "week");
    expect(place.index).toBe(2);
    expect(place.share).toBeWithin(0.3, 0.4);
});

test("the marker of today stays at the edge when all is past or to come", () => {
    const dates = [0, 1].map((number) => MONDAY.plus({weeks: number}));
    expect(placeOf(NOW, dates, "week").share).toBeGreaterThan(1);
    expect(placeOf(MONDAY.minus({days: 1}), dates, "week")).toEqual({
        index: 0,
        share: 0,
    });
});

test("the time axis names months, and the year where it is new", () => {
    const dates = [...Array(12).keys()].map((number) =>
        DateTime.fromISO("2025-11-24").plus({weeks: number})
    );
    const labels = tickLabels(dates, 12);
    expect(labels.filter(Boolean)).toEqual([["Dec", "2025"], ["Jan", "2026"], "Feb"]);
    expect(labels[1]).toEqual(["Dec", "2025"]);
});

test("the time axis leaves out what it has no room for", () => {
    const dates = [...Array(24).keys()].map((number) =>
        DateTime.fromISO("2025-01-01").plus({months: number})
    );
    const labels = tickLabels(dates, 6);
    expect(labels.filter(Boolean)).toHaveLength(6);
    expect(labels[0]).toEqual(["Jan", "2025"]);
    expect(labels[12]).toEqual(["Jan", "2026"]);
});
