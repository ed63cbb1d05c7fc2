import {brokenFigures, busyFigures, quietFigures} from "./operations_figures.esm";
import {
    describeChannel,
    describeChart,
    describeLook,
    describeProgress,
    describeUse,
    formatDuration,
    isQuiet,
    parseCapacity,
} from "@queue_job_operations/operations/operations_words.esm";
import {expect, test} from "@odoo/hoot";
import {buildJobsChart} from "@queue_job_operations/operations/jobs_chart_config.esm";
import {makeMockEnv} from "@web/../tests/web_test_helpers";

test("durations have two units at most", () => {
    expect(formatDuration(0)).toBe("0 sec");
    expect(formatDuration(45.4)).toBe("45 sec");
    expect(formatDuration(59.6)).toBe("1 min");
    expect(formatDuration(720)).toBe("12 min");
    expect(formatDuration(12000)).toBe("3 hr, 20 min");
    expect(formatDuration(7200)).toBe("2 hr");
    expect(formatDuration(187200)).toBe("2 days, 4 hr");
    expect(formatDuration(86400)).toBe("1 day");
    expect(formatDuration(-5)).toBe("0 sec");
});

test("a bad state has an icon and a word, not a colour alone", async () => {
    await makeMockEnv();
    expect(String(describeLook("danger").word)).toBe("Problem");
    expect(describeLook("danger").icon).toBe("fa-exclamation-circle");
    expect(String(describeLook("warning").word)).toBe("Warning");
    expect(describeLook("ok")).toEqual({icon: "", word: ""});
    expect(describeLook("muted")).toEqual({icon: "", word: ""});
});

test("what the badge of a channel says", async () => {
    await makeMockEnv();
    const label = (values) =>
        String(describeChannel({capacity: 2, running: 0, others: 0, ...values}).label);
    expect(label({})).toBe("Open");
    expect(label({running: 2})).toBe("Full");
    expect(label({running: 1, others: 1})).toBe("Full");
    expect(label({running: 1})).toBe("Open");
    expect(label({running: 9, capacity: 0})).toBe("Open");
    expect(label({stopped_above: true, running: 2})).toBe("Stopped Above");
    expect(label({paused: true, stopped_above: true})).toBe("Paused");
    expect(label({can_resume: true})).toBe("Paused");
});

test("how much of a capacity is used", () => {
    expect(describeUse({running: 0, others: 1, capacity: 3})).toBe(33);
    expect(describeUse({running: 5, others: 0, capacity: 2})).toBe(100);
    expect(describeUse({running: 5, others: 0, capacity: 0})).toBe(0);
});

test("how far a run is", async () => {
    await makeMockEnv();
    expect(describeProgress({done: 40, failed: 0, total: 6000})).toBe("40 of 6,000");
    expect(describeProgress({done: 40, failed: 1, total: 60})).toBe(
        "41 of 60, 1 failed"
    );
});

test("the chart in a sentence", async () => {
    await makeMockEnv();
    const buckets = [
        {done: 1000, failed: 1},
        {done: 204, failed: 0},
    ];
    expect(describeChart(buckets, "week")).toBe(
        "Last 7 days: 1,204 jobs done, 1 failed."
    );
});

test("quiet is where nothing waits, runs, or ended", () => {
    expect(isQuiet(quietFigures())).toBe(true);
    expect(isQuiet(busyFigures())).toBe(false);
    expect(isQuiet(brokenFigures())).toBe(false);
    const {chart, tiles} = quietFigures();
    expect(isQuiet(quietFigures({failures_total: 1}))).toBe(false);
    const [bucket] = chart.buckets;
    const done = {...chart, buckets: [{...bucket, done: 1}]};
    expect(isQuiet(quietFigures({chart: done}))).toBe(false);
    const waiting = [{...tiles[0], value: 3}, ...tiles.slice(1)];
    expect(isQuiet(quietFigures({tiles: waiting}))).toBe(false);
});

test("a capacity is a whole number of at least 1", () => {
    expect(parseCapacity(" 12 ")).toBe(12);
    for (const text of ["", "0", "-1", "1.5", "1e3", "two", "0x10"]) {
        expect(parseCapacity(text)).toBe(null);
    }
});

const FILLS = {done: "d", failed: "f", doneOpen: "do", failedOpen: "fo"};
const LOOK = {fills: FILLS, colors: {text: "t", grid: "g"}, font: "Sans"};

function chartOf(buckets, unfinished, values = {}) {
    const full = buckets.map(([done, failed], index) => ({
        label: `${index}:00`,
        done,
        failed,
    }));
    return buildJobsChart({buckets: full, unfinished}, {...LOOK, ...values});
}

test("done and failed are stacked; the time that is not over is drawn lighter", async () => {
    await makeMockEnv();
    const buckets = [
        [5, 0],
        [7, 2],
    ];
    const {datasets, labels} = chartOf(buckets, true).data;
    expect(labels).toEqual(["0:00", "1:00"]);
    expect(datasets.map(({label}) => String(label))).toEqual(["Done", "Failed"]);
    expect(datasets[0].data).toEqual([5, 7]);
    // Nothing has no bar: not even one of the least height.
    expect(datasets[1].data).toEqual([null, 2]);
    expect(datasets[0].backgroundColor).toEqual(["d", "do"]);
    expect(datasets[1].backgroundColor).toEqual(["f", "fo"]);
    const whole = chartOf(buckets, false).data.datasets;
    expect(whole[1].backgroundColor).toEqual(["f", "f"]);
});

test("a tooltip says that the last time is not over", async () => {
    await makeMockEnv();
    const {title, label} = chartOf(
        [
            [1, 0],
            [1200, 0],
        ],
        true
    ).options.plugins.tooltip.callbacks;
    expect(title([{dataIndex: 0}])).toBe("0:00");
    expect(title([{dataIndex: 1}])).toBe("1:00 (so far)");
    expect(label({dataset: {label: "Done"}, raw: 1200})).toBe(" Done: 1,200");
});

test("pressing a part of a bar opens what it counted", async () => {
    await makeMockEnv();
    const opened = [];
    const onOpen = (...args) => opened.push(args);
    const {onClick} = chartOf(
        [
            [1, 0],
            [5, 2],
        ],
        false,
        {onOpen}
    ).options;
    let hits = [{index: 1, datasetIndex: 1}];
    const drawn = {getElementsAtEventForMode: () => hits};
    onClick({native: {ctrlKey: false, metaKey: false}}, [], drawn);
    onClick({native: {ctrlKey: true, metaKey: false}}, [], drawn);
    hits = [];
    onClick({native: {ctrlKey: false, metaKey: false}}, [], drawn);
    expect(opened).toEqual([
        [1, "failed", false],
        [1, "failed", true],
    ]);
});
