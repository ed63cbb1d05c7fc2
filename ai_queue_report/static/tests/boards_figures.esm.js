/** Data of a tile, as `ai.queue.report.reader._read` returns it. */
export function figures(values = {}) {
    const row = (text, value, before) => ({
        groups: [{value: text, text}],
        values: [value],
        compared: before === undefined ? null : [before],
    });
    return {
        columns: [
            {key: "group:0", type: "group", text: "Month", field: "date", granularity: "month"},
            {key: "measure:0", type: "measure", text: "Total", field: "amount", kind: "float"},
        ],
        rows: [row("January", 10), row("February", 20)],
        totals: [30],
        compared: null,
        period: null,
        currency: null,
        is_limited: false,
        notes: [],
        as_of: "2026-03-18 12:00:00",
        empty_because: null,
        ...values,
    };
}

/** A tile, as `get_board` describes it. */
export function tile(id, values = {}) {
    return {
        id,
        title: `Tile ${id}`,
        shape: "number",
        chart: "bar",
        width: 1,
        height: 1,
        state: "ready",
        data: figures(),
        sentence: "Total by month",
        error: "",
        failure: "",
        as_of: "2026-03-18 12:00:00",
        is_stale: false,
        is_waiting: false,
        ...values,
    };
}

/** A board, as `get_board` describes it. */
export function board(tiles, values = {}) {
    return {
        id: 1,
        name: "Sales",
        can_edit: true,
        owner: "Ann",
        is_own: true,
        sharing: "private",
        interval: false,
        date_next: false,
        is_subscribed: false,
        run: false,
        tiles,
        ...values,
    };
}
