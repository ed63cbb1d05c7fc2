import {describe, expect, test} from "@odoo/hoot";
import {makeMockEnv} from "@web/../tests/web_test_helpers";
import {defineMailModels} from "@mail/../tests/mail_test_helpers";
import {
    describeChange,
    describeError,
    describePeriod,
    describeSpan,
    formatPercent,
    formatQuantity,
    rangeChoices,
    total,
} from "@ai_queue/forecast/forecast_words.esm";
import {describeState, isActive} from "@ai_queue/runs/run_state.esm";
import {describeEnd} from "@ai_queue/runs/ended_runs_service.esm";
import {describeMoment} from "@queue_job_operations/live/moments.esm";

const {DateTime} = luxon;

describe.current.tags("desktop");
defineMailModels();

const points = (...quantities) => quantities.map((quantity) => ({quantity}));

test("quantities have decimals only where they matter", async () => {
    await makeMockEnv();
    expect(formatQuantity(0.349)).toBe("0.3");
    expect(formatQuantity(3)).toBe("3");
    expect(formatQuantity(17.6)).toBe("18");
    expect(formatQuantity(12345.6)).toBe("12,346");
});

test("shares are in whole percent, on one line", async () => {
    await makeMockEnv();
    expect(formatPercent(0.1249)).toBe("12\u00a0%");
});

test("an error is good, fair or poor, and says of what", async () => {
    await makeMockEnv();
    expect(describeError(0.2)).toEqual({
        word: "Good",
        color: "success",
        sentence: "Was off by 20\u00a0% in total in trial forecasts of past periods.",
    });
    expect(describeError(0.21).word).toBe("Fair");
    expect(describeError(0.5).color).toBe("warning");
    expect(describeError(0.51).word).toBe("Poor");
    expect(describeError(1.4).color).toBe("danger");
    expect(describeError(null)).toEqual({
        word: "Unknown",
        color: "muted",
        sentence: "There is too little history for trial forecasts.",
    });
});

test("periods and spans are in words", async () => {
    await makeMockEnv();
    expect(describePeriod("2026-03-02", "week")).toBe("Week of Mar 2, 2026");
    expect(describePeriod("2026-03-01", "month")).toBe("March 2026");
    expect(describeSpan(8, "week")).toBe("Next 8 weeks");
    expect(describeSpan(1, "week")).toBe("Next week");
    expect(describeSpan(1, "month")).toBe("Next month");
    expect(describeSpan(3, "month")).toBe("Next 3 months");
});

test("the forecast is compared with as many periods before", async () => {
    await makeMockEnv();
    const change = (history, forecast) =>
        describeChange({
            history: points(...history),
            forecast: points(...forecast),
            granularity: "week",
        });
    expect(change([99, 10, 10], [12, 12])).toBe(
        "20\u00a0% more than the 20 of the last 2 weeks"
    );
    expect(change([10, 10], [5, 5])).toBe(
        "50\u00a0% less than the 20 of the last 2 weeks"
    );
    expect(change([10, 10], [10, 10.01])).toBe("as much as in the last 2 weeks");
    expect(change([0, 0], [1, 1])).toBe("0 in the last 2 weeks");
    expect(change([10], [1, 1])).toBe("");
});

test("how much history there is to choose from depends on what there is", async () => {
    await makeMockEnv();
    const periods = (...args) => rangeChoices(...args).map((choice) => choice.periods);
    expect(periods("week", 20)).toEqual([]);
    expect(periods("week", 26)).toEqual([]);
    expect(periods("week", 40)).toEqual([26, 40]);
    expect(periods("week", 104)).toEqual([26, 52, 104]);
    expect(periods("month", 24)).toEqual([12, 24]);
});

test("total adds up quantities", () => {
    expect(total(points(1, 2, 3.5))).toBe(6.5);
    expect(total([])).toBe(0);
});

test("a run that waits or runs is active", () => {
    expect(isActive({state: "pending"})).toBe(true);
    expect(isActive({state: "started"})).toBe(true);
    expect(isActive({state: "failed"})).toBe(false);
    expect(isActive(null)).toBe(false);
    expect(describeState({state: "failed"}).color).toBe("danger");
});

test("a moment of today is told by its time only", async () => {
    await makeMockEnv();
    const now = DateTime.fromISO("2026-11-22T18:00:00");
    const utc = (text) =>
        DateTime.fromISO(text).toUTC().toFormat("yyyy-LL-dd HH:mm:ss");
    expect(describeMoment(utc("2026-11-22T13:40:00"), now)).toMatch(
        /^today at 1:40\sPM$/u
    );
    expect(describeMoment(utc("2025-11-21T13:40:00"), now)).toMatch(/^Nov 21, 2025/u);
});

test("the toast says how a run ended", async () => {
    await makeMockEnv();
    const end = (state, finished, skipped = 0, failed = 0) =>
        describeEnd({state, finished, skipped, failed});
    expect(end("done", 60)).toEqual({message: "Done.", type: "success", sticky: false});
    expect(end("done", 60, 2).message).toBe("Done, 2 skipped.");
    expect(end("done", 60, 2).type).toBe("warning");
    expect(end("done", 2, 2).message).toBe("There was nothing to do: see why.");
    expect(end("failed", 0, 0, 1)).toEqual({
        message: "It failed.",
        type: "danger",
        sticky: true,
    });
    expect(end("failed", 50, 0, 10).message).toBe("10 of 60 failed.");
    expect(end("cancelled", 0).message).toBe("Cancelled before anything was done.");
    expect(end("cancelled", 20).message).toBe("Cancelled; what was finished stays.");
});
