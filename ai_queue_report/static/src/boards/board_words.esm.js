import {formatFloat, formatInteger, formatMonetary} from "@web/views/fields/formatters";
import {_t} from "@web/core/l10n/translation";
import {describeMoment} from "@queue_job_operations/live/moments.esm";

export const NOTHING = "–";

/** Of a tile: the columns that name a row. */
export function groupsOf(data) {
    return data.columns.filter((column) => column.type === "group");
}

/** Of a tile: the columns with figures. */
export function measuresOf(data) {
    return data.columns.filter((column) => column.type === "measure");
}

/**
 * A figure as people read it.
 *
 * @param {Number|null} value
 * @param {Object} measure a column of the data of a tile
 * @param {Object|null} currency of the data
 * @returns {String}
 */
export function formatFigure(value, measure, currency) {
    if (value === null || value === undefined) {
        return NOTHING;
    }
    if (measure.kind === "monetary" && currency) {
        return formatMonetary(value, {currencyId: currency.id});
    }
    return measure.kind === "integer" ? formatInteger(value) : formatFloat(value);
}

/**
 * The number of a tile, and what it is compared with.
 *
 * @param {Object} data of a tile
 * @returns {Object} `value`, `before`, `change`: texts; `direction`: -1, 0, 1 or null
 *      where there is nothing to compare with
 */
export function describeNumber(data) {
    const [measure] = measuresOf(data);
    const value = data.totals[0] ?? null;
    const text = formatFigure(value, measure, data.currency);
    if (!data.compared) {
        return {value: text, before: "", change: "", direction: null};
    }
    const before = data.compared.totals[0] ?? null;
    const said = formatFigure(before, measure, data.currency);
    if (value === null || !before) {
        return {value: text, before: said, change: "", direction: null};
    }
    const share = (100 * (value - before)) / Math.abs(before);
    const sign = share > 0 ? "+" : "";
    return {
        value: text,
        before: said,
        change: `${sign}${formatFloat(share, {digits: [16, 0]})} %`,
        direction: Math.sign(Math.round(share)),
    };
}

/**
 * What stands below the figures of a tile.
 *
 * @param {Object} tile as `get_board` describes it
 * @returns {String}
 */
export function describeAge(tile) {
    if (!tile.as_of) {
        return "";
    }
    const moment = describeMoment(tile.as_of);
    return tile.is_stale ? _t("Old: %s", moment) : _t("As of %s", moment);
}

/** Which of its faces a tile shows. */
export function faceOf(tile) {
    if (tile.state === "error") {
        return "error";
    }
    if (tile.state !== "ready") {
        return tile.failure && !tile.is_waiting ? "failed" : "missing";
    }
    if (tile.data.empty_because) {
        return "empty";
    }
    const groups = groupsOf(tile.data).length;
    if (tile.shape === "graph" && groups) {
        return "graph";
    }
    return tile.shape === "table" && groups ? "table" : "number";
}

/** What a screen reader says about a graph. */
export function describeGraph(tile) {
    const [measure] = measuresOf(tile.data);
    const rows = tile.data.rows.slice(0, 5).map((row) => {
        const name = row.groups.map((group) => group.text).join(", ");
        return `${name}: ${formatFigure(row.values[0], measure, tile.data.currency)}`;
    });
    return [`${tile.title}. ${tile.sentence}`, ...rows].join("; ");
}
