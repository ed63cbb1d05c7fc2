import {formatFigure, groupsOf, measuresOf} from "./board_words.esm";
import {_t} from "@web/core/l10n/translation";
import {formatFloat} from "@web/views/fields/formatters";

/** More of them would be no picture any more. */
const MAX_LABELS = 60;
const MAX_SERIES = 12;

/**
 * The rows of a tile as Chart.js wants them.
 *
 * @param {Object} data of a tile
 * @returns {Object} `labels` and `series`: `{label, values, rows, isBefore}` each; `rows`
 *      are numbers of rows of the data, null where there is none; `isCut`: whether there
 *      are more series
 */
export function toSeries(data) {
    const groups = groupsOf(data);
    const measures = measuresOf(data);
    if (groups.length < 2) {
        return plainSeries(data, measures);
    }
    const labels = [];
    const byName = new Map();
    data.rows.forEach((row, index) => {
        const label = row.groups[0].text;
        let place = labels.indexOf(label);
        if (place < 0) {
            place = labels.push(label) - 1;
        }
        const name = row.groups.slice(1).map((group) => group.text).join(" · ");
        if (!byName.has(name)) {
            byName.set(name, {label: name, values: [], rows: []});
        }
        const one = byName.get(name);
        one.values[place] = row.values[0];
        one.rows[place] = index;
    });
    const series = [...byName.values()].slice(0, MAX_SERIES);
    const isCut = byName.size > MAX_SERIES;
    for (const one of series) {
        // From, and not map: what is not there is to be null, and no hole.
        one.values = Array.from(labels, (_label, place) => one.values[place] ?? null);
        one.rows = Array.from(labels, (_label, place) => one.rows[place] ?? null);
    }
    return {labels, series, isCut};
}

function plainSeries(data, measures) {
    const labels = data.rows.map((row) => row.groups.map((one) => one.text).join(" · "));
    const rows = data.rows.map((_row, index) => index);
    // Pieces and money do not fit one scale.
    const series = measures.flatMap((measure, place) =>
        measure.kind === measures[0].kind
            ? [{label: measure.text, values: data.rows.map((row) => row.values[place]), rows}]
            : []
    );
    if (data.compared && data.rows.some((row) => row.compared?.[0])) {
        const values = data.rows.map((row) => row.compared?.[0] ?? null);
        series.splice(1, series.length, {
            label: _t("Before"),
            values,
            rows,
            isBefore: true,
        });
    }
    return {labels, series, isCut: false};
}

/** Whether there is more than the graph of a tile shows. */
export function isGraphCut({data, chart}) {
    const {labels, series, isCut} = toSeries(data);
    const isPie = chart === "pie" && series.length > 1;
    const isLong = !groupsOf(data)[0].granularity && labels.length > MAX_LABELS;
    return data.is_limited || isCut || isPie || isLong;
}

/**
 * The graph of a tile, for Chart.js.
 *
 * @param {Object} tile as `get_board` describes it
 * @param {Object} options
 * @param {String[]} options.palette CSS colours, as many as one likes
 * @param {Object} options.colors `text`, `grid`, `surface`, `before`: CSS colours
 * @param {String} options.font CSS font family
 * @param {(row: Number) => void} [options.onRow] with the number of the row pressed
 * @param {Boolean} [options.isRtl]
 * @returns {Object} configuration for `new Chart`
 */
export function buildTileConfig(tile, {palette, colors, font, onRow, isRtl = false}) {
    const {labels, series} = toSeries(tile.data);
    const type = ["line", "pie"].includes(tile.chart) ? tile.chart : "bar";
    const isPie = type === "pie";
    // The largest ones come first; of days and months none may be left out.
    const most = groupsOf(tile.data)[0].granularity ? labels.length : MAX_LABELS;
    const shown = isPie ? series.slice(0, 1) : series;
    const rowOf = ({datasetIndex, index}) => shown[datasetIndex].rows[index];
    return {
        type,
        data: {
            labels: labels.slice(0, most),
            datasets: shown.map((one, number) => dataset(one, number, {type, palette, colors, most})),
        },
        options: {
            animation: false,
            maintainAspectRatio: false,
            onClick: (_event, [element]) => {
                const row = element && rowOf(element);
                if (onRow && Number.isInteger(row)) {
                    onRow(row);
                }
            },
            onHover: ({native}, elements) => {
                if (native?.target) {
                    native.target.style.cursor = elements.length ? "pointer" : "default";
                }
            },
            interaction: {mode: "nearest", intersect: true},
            plugins: {
                legend: {
                    display: isPie || shown.length > 1,
                    position: isPie ? "right" : "bottom",
                    rtl: isRtl,
                    labels: {boxWidth: 12, color: colors.text, font: {family: font, size: 11}},
                },
                tooltip: {rtl: isRtl, callbacks: {label: tooltipLabel(tile.data, isPie)}},
            },
            scales: isPie ? {} : scales({colors, font, isRtl}),
        },
    };
}

function dataset(one, number, {type, palette, colors, most}) {
    const color = one.isBefore ? colors.before : palette[number % palette.length];
    const many = one.values.map((_value, index) => palette[index % palette.length]);
    return {
        label: one.label,
        data: one.values.slice(0, most),
        backgroundColor: type === "pie" ? many : color,
        borderColor: type === "pie" ? colors.surface : color,
        borderWidth: type === "bar" ? 0 : 2,
        borderRadius: type === "bar" ? 2 : undefined,
        maxBarThickness: 48,
        pointRadius: most > MAX_LABELS ? 0 : 2,
        pointHitRadius: 12,
        tension: 0.2,
        // The period before lies behind the present one.
        order: one.isBefore ? 2 : 1,
    };
}

function tooltipLabel(data, isPie) {
    const [measure] = measuresOf(data);
    return ({dataset: {label}, label: name, raw}) => {
        const value = formatFigure(raw, measure, data.currency);
        return isPie ? `${name}: ${value}` : `${label}: ${value}`;
    };
}

function scales({colors, font, isRtl}) {
    const ticks = {color: colors.text, font: {family: font, size: 11}};
    return {
        x: {
            reverse: isRtl,
            grid: {display: false},
            ticks: {...ticks, maxRotation: 40, autoSkipPadding: 8, callback: shortLabel},
        },
        y: {
            position: isRtl ? "right" : "left",
            beginAtZero: true,
            grid: {color: colors.grid},
            border: {display: false},
            ticks: {...ticks, maxTicksLimit: 6, callback: shortNumber},
        },
    };
}

/** `this` is the scale, as Chart.js calls it. */
function shortLabel(value) {
    const label = String(this.getLabelForValue(value));
    return label.length > 16 ? `${label.slice(0, 15)}…` : label;
}

function shortNumber(value) {
    return Math.abs(value) >= 1000
        ? formatFloat(value, {humanReadable: true, decimals: 1})
        : formatFloat(value, {digits: [16, Number.isInteger(value) ? 0 : 2]});
}
