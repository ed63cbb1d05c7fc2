const SECOND = 1000;
const JOBS = "queue.job";

/** An action like those that the server sends with its figures. */
export function listOf(model, domain, name) {
    return {
        type: "ir.actions.act_window",
        name,
        res_model: model,
        domain,
        context: {},
        views: [
            [false, "list"],
            [false, "form"],
        ],
    };
}

/** A tile as the server sends it. */
export function tile(key, label, text, values = {}) {
    return {
        key,
        label,
        text,
        value: 0,
        format: "integer",
        detail: "",
        state: "ok",
        sentence: "",
        few: false,
        action: listOf(JOBS, [["name", "=", key]], label),
        ...values,
    };
}

function channel(id, name, values = {}) {
    return {
        id,
        name,
        label: name.split(".").at(-1),
        depth: name.split(".").length - 1,
        capacity: 4,
        running: 0,
        others: 0,
        waiting: 0,
        oldest: null,
        paused: false,
        stopped_above: false,
        can_resume: false,
        source: "odoo.conf",
        problem: "",
        ...values,
    };
}

/**
 * @param {Number} count
 * @param {(index: Number) => Object} values
 * @returns {Object[]} buckets of an hour, the last of which has just begun
 */
function hours(count, values) {
    const first = Date.UTC(2026, 10, 21, 14);
    const moment = (hour) =>
        new Date(first + hour * 3600 * SECOND)
            .toISOString()
            .slice(0, 19)
            .replace("T", " ");
    return Array.from({length: count}, (_, index) => ({
        start: moment(index),
        end: moment(index + 1),
        label: `${String((14 + index) % 24).padStart(2, "0")}:00`,
        done: 0,
        failed: 0,
        ...values(index),
    }));
}

/** What `get_figures` of `queue.job.operations` returns where nothing ever happened. */
export function quietFigures(values = {}) {
    return {
        now: "2026-11-22 13:20:05",
        period: "day",
        tiles: [
            tile("waiting", "Waiting", "0"),
            tile("running", "Running", "0", {detail: "of 4"}),
            tile("done", "Done per Hour", "0", {state: "muted"}),
            tile("failure_rate", "Failure Rate", "–", {state: "muted", few: true}),
            tile("run_p95", "Run Time", "–", {state: "muted", few: true}),
            tile("wait_p95", "Waiting Time", "–", {state: "muted", few: true}),
        ],
        chart: {unit: "hour", buckets: hours(24, () => ({})), unfinished: true},
        channels: [channel(1, "root"), channel(2, "root.import", {capacity: 2})],
        runner: {state: "ok", sentence: "The job runner is running."},
        failures: [],
        failures_total: 0,
        failures_action: listOf(JOBS, [["state", "=", "failed"]], "Failed Jobs"),
        alerts: [],
        alerts_action: listOf("queue.job.alert", [], "Open Alerts"),
        ...values,
    };
}

const BUSY_TILES = [
    tile("waiting", "Waiting", "1,204", {
        value: 1204,
        detail: "oldest 12 min",
        state: "warning",
        sentence: "The oldest job has waited for 12 minutes: raise the capacity.",
    }),
    tile("running", "Running", "4", {value: 4, detail: "of 4"}),
    tile("done", "Done per Hour", "311", {value: 311, format: "rate"}),
    tile("failure_rate", "Failure Rate", "12.4 %", {
        value: 12.4,
        format: "percent",
        state: "danger",
        sentence: "More than 5 % of the jobs fail: look at the last failures below.",
    }),
    tile("run_p95", "Run Time", "8 s", {
        value: 8,
        format: "duration",
        detail: "95 of 100",
    }),
    tile("wait_p95", "Waiting Time", "–", {
        few: true,
        state: "muted",
    }),
];

const BUSY_CHANNELS = [
    channel(1, "root", {running: 4, waiting: 1204, oldest: 720}),
    channel(2, "root.import", {
        capacity: 2,
        running: 2,
        waiting: 20,
        oldest: 45,
        source: "Set here",
    }),
    channel(3, "root.mail", {
        capacity: 1,
        waiting: 7,
        oldest: 7300,
        paused: true,
        can_resume: true,
    }),
    channel(4, "root.mail.bulk", {capacity: 1, stopped_above: true}),
    channel(5, "root.ghost", {
        capacity: 0,
        waiting: 3,
        running: 2,
        others: 1,
        problem: "The job runner does not know this channel.",
    }),
];

const FAILURES = [
    {
        id: 9,
        name: "Import orders",
        channel: "root.import",
        message: "RuntimeError: The source of orders does not answer.",
        date: "2026-11-22 13:02:00",
        can_retry: true,
    },
    {
        id: 8,
        name: "Send the newsletter",
        channel: "root.mail",
        message: "ConnectionRefusedError: [Errno 111] Connection refused",
        date: "2026-11-21 22:40:00",
        can_retry: false,
    },
];

const ALERTS = [
    {
        id: 1,
        severity: "danger",
        message: "12.4 % of the jobs failed in the last hour.",
        advice: "Look at the last failures, mend the cause and queue them again.",
        since: "2026-11-22 12:50:00",
        acknowledged: false,
    },
    {
        id: 2,
        severity: "warning",
        message: "Jobs wait for more than 10 minutes in root.",
        advice: "",
        since: "2026-11-22 13:08:00",
        acknowledged: true,
    },
];

/** What it returns while much goes on, and some of it wrong. */
export function busyFigures(values = {}) {
    return quietFigures({
        tiles: BUSY_TILES,
        chart: {
            unit: "hour",
            buckets: hours(24, (index) => ({
                done: 200 + 37 * (index % 7),
                failed: index % 5 ? 0 : 8 + index,
            })),
            unfinished: true,
        },
        channels: BUSY_CHANNELS,
        failures: FAILURES,
        failures_total: 37,
        alerts: ALERTS,
        ...values,
    });
}

export const SILENCE =
    "No job runner has reported for 3 minutes: nothing is processed. Restart the Odoo " +
    "server that runs the jobs.";

/** What it returns when there is no job runner. */
export function brokenFigures() {
    const {channels, tiles} = busyFigures();
    return busyFigures({
        runner: {state: "danger", sentence: SILENCE},
        channels: channels.map((row) => ({...row, problem: SILENCE})),
        tiles: [{...tiles[0], state: "danger", sentence: SILENCE}, ...tiles.slice(1)],
    });
}
