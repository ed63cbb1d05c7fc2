import {describe, expect, test} from "@odoo/hoot";
import {describeNumber, faceOf, formatFigure} from "@ai_queue_report/boards/board_words.esm";
import {figures, tile} from "./boards_figures.esm";
import {isGraphCut, toSeries} from "@ai_queue_report/boards/tile_chart_config.esm";
import {makeMockEnv} from "@web/../tests/web_test_helpers";

describe.current.tags("headless");

test("a number and what it is compared with", async () => {
    await makeMockEnv();
    const compared = (totals) => describeNumber(figures({compared: {totals}}));
    expect(compared([24])).toEqual({
        value: "30.00",
        before: "24.00",
        change: "+25 %",
        direction: 1,
    });
    expect(compared([60]).change).toBe("-50 %");
    expect(compared([-30]).direction).toBe(1);
    // Nothing to divide by.
    expect(compared([0])).toEqual({
        value: "30.00",
        before: "0.00",
        change: "",
        direction: null,
    });
    expect(compared([null]).before).toBe("–");
    expect(describeNumber(figures()).before).toBe("");
});

test("a figure that cannot be added up is none", async () => {
    await makeMockEnv();
    expect(formatFigure(null, {kind: "monetary"}, null)).toBe("–");
    expect(formatFigure(3, {kind: "integer"}, null)).toBe("3");
});

test("the face of a tile", () => {
    expect(faceOf(tile(1))).toBe("number");
    expect(faceOf(tile(1, {shape: "graph"}))).toBe("graph");
    expect(faceOf(tile(1, {shape: "table"}))).toBe("table");
    expect(faceOf(tile(1, {state: "missing", data: null}))).toBe("missing");
    expect(faceOf(tile(1, {state: "missing", data: null, failure: "x"}))).toBe("failed");
    expect(faceOf(tile(1, {state: "error", error: "x"}))).toBe("error");
    expect(faceOf(tile(1, {data: figures({empty_because: "Nothing"})}))).toBe("empty");
    // A graph of one number is a number.
    const [, measure] = figures().columns;
    const bare = figures({columns: [measure]});
    expect(faceOf(tile(1, {shape: "graph", data: bare}))).toBe("number");
});

test("rows become series", () => {
    const {labels, series} = toSeries(figures());
    expect(labels).toEqual(["January", "February"]);
    expect(series.map((one) => one.values)).toEqual([[10, 20]]);
    expect(series[0].rows).toEqual([0, 1]);
});

test("the period before is a series of its own", () => {
    const data = figures({compared: {totals: [15]}});
    data.rows[0].compared = [15];
    const {series} = toSeries(data);
    expect(series.map((one) => [one.isBefore || false, one.values])).toEqual([
        [false, [10, 20]],
        [true, [15, null]],
    ]);
});

test("two groups: a series for each of the second", () => {
    const [group, measure] = figures().columns;
    const row = (one, two, value) => ({
        groups: [{text: one}, {text: two}],
        values: [value],
        compared: null,
    });
    const data = figures({
        columns: [group, {...group, key: "group:1"}, measure],
        rows: [row("January", "A", 1), row("February", "B", 2), row("January", "B", 3)],
    });
    const {labels, series} = toSeries(data);
    expect(labels).toEqual(["January", "February"]);
    expect(series).toEqual([
        {label: "A", values: [1, null], rows: [0, null]},
        {label: "B", values: [3, 2], rows: [2, 1]},
    ]);
});

test("a graph says that there is more than it shows", () => {
    const [group, measure] = figures().columns;
    const rows = Array.from({length: 13}, (_row, number) => ({
        groups: [{text: "January"}, {text: `Customer ${number}`}],
        values: [number],
        compared: null,
    }));
    const columns = [group, {...group, key: "group:1"}, measure];
    expect(isGraphCut({data: figures({columns, rows})})).toBe(true);
    expect(isGraphCut({data: figures({columns, rows: rows.slice(1)})})).toBe(false);
});

test("money and pieces do not share a scale", () => {
    const [group, measure] = figures().columns;
    const count = {...measure, key: "measure:1", text: "Count", kind: "integer"};
    const data = figures({columns: [group, measure, count]});
    for (const row of data.rows) {
        row.values.push(1);
    }
    expect(toSeries(data).series.map((one) => one.label)).toEqual(["Total"]);
});
