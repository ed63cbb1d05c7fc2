import {
    busyFigures,
    listOf,
    quietFigures,
    tile,
} from "@queue_job_operations/../tests/operations_figures.esm";

const RUNS = [
    {
        id: 1,
        name: "Demand forecast of 60 products",
        kind: "Forecast",
        done: 40,
        failed: 1,
        total: 60,
        progress: 68.3,
        eta: 130,
        state: "started",
        message: "",
        can_cancel: true,
    },
    {
        id: 2,
        name: "Reading of 500 vendor bills",
        kind: "Vendor Bill",
        done: 0,
        failed: 0,
        total: 500,
        progress: 0,
        eta: null,
        state: "pending",
        message: "The channel root.mail is paused.",
        can_cancel: false,
    },
];

const RUNS_ACTION = listOf("ai.queue.run", [], "Runs in Progress");
const CALLS_ACTION = listOf("ai.queue.call", [], "AI Calls of Today");

function withAi(figures, spent, values) {
    return {
        ...figures,
        tiles: [...figures.tiles, spent],
        runs_action: RUNS_ACTION,
        ...values,
    };
}

/** What `get_figures` returns where no AI work was ever done. */
export function quietAiFigures(values = {}) {
    const spent = tile("spent", "Spent Today", "$ 0.00", {
        detail: "no budget",
        action: CALLS_ACTION,
    });
    return withAi(quietFigures(), spent, {runs: [], runs_more: 0, ...values});
}

/** What it returns while much goes on. */
export function busyAiFigures(values = {}) {
    const spent = tile("spent", "Spent Today", "$ 3.20", {
        value: 3.2,
        format: "money",
        detail: "64 % of $ 5.00",
        action: CALLS_ACTION,
    });
    return withAi(busyFigures(), spent, {runs: RUNS, runs_more: 3, ...values});
}
