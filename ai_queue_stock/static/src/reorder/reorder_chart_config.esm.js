import {formatQuantity} from "@ai_queue/forecast/forecast_words.esm";
import {tickLabels} from "@ai_queue/forecast/forecast_chart_config.esm";
import {_t} from "@web/core/l10n/translation";
import {deserializeDate} from "@web/core/l10n/dates";

const {DateTime} = luxon;

const MANY_TICKS = 12;
const FEW_TICKS = 4;
const BOUNDS = [
    {low: "lo95", high: "hi95", color: "interval95"},
    {low: "lo80", high: "hi80", color: "interval80"},
];

/**
 * The chart of a reordering rule, for Chart.js: stock day by day if nothing is ordered,
 * within its bounds, what is on its way, and the numbers of the rule.
 *
 * @param {Object} data what `get_ai_reorder_data` returns
 * @param {Object} options
 * @param {Object} options.colors `sold`, `forecast`, `interval80`, `interval95`,
 *      `manual`, `text`, `grid`, `surface`: CSS colours
 * @param {String} options.font CSS font family
 * @param {Boolean} [options.isSmall] whether it is as narrow as a phone
 * @param {Boolean} [options.isRtl]
 * @returns {Object} configuration for `new Chart`
 */
export function buildReorderConfig(data, {colors, font, isSmall = false, isRtl = false}) {
    const {points} = data;
    const ticks = {color: colors.text, font: {family: font, size: 12}};
    const dates = points.map((point) => deserializeDate(point.date));
    const captions = dayLabels(dates, isSmall ? FEW_TICKS : MANY_TICKS);
    return {
        type: "bar",
        data: {
            labels: points.map((point) => point.date),
            datasets: [
                ...BOUNDS.flatMap((bound) => boundDatasets(bound, points, colors)),
                ...numberDatasets(data, colors),
                {
                    label: "stock",
                    type: "line",
                    data: points.map((point) => point.stock),
                    borderColor: colors.forecast,
                    borderWidth: 2,
                    pointRadius: 0,
                    pointHoverRadius: 5,
                    order: 0,
                },
                {
                    label: "coming",
                    type: "bar",
                    data: points.map((point) => point.coming || null),
                    backgroundColor: colors.sold,
                    borderRadius: 2,
                    maxBarThickness: 14,
                    order: 3,
                },
            ],
        },
        options: {
            animation: false,
            maintainAspectRatio: false,
            responsive: true,
            interaction: {mode: "index", intersect: false},
            scales: {
                x: {
                    reverse: isRtl,
                    grid: {display: false},
                    border: {color: colors.grid},
                    ticks: {
                        ...ticks,
                        autoSkip: false,
                        maxRotation: 0,
                        callback: (value, index) => captions[index],
                    },
                },
                y: {
                    beginAtZero: true,
                    grace: "5%",
                    position: isRtl ? "right" : "left",
                    grid: {color: colors.grid},
                    border: {display: false},
                    ticks: {
                        ...ticks,
                        maxTicksLimit: 6,
                        callback: (value) => formatQuantity(value),
                    },
                },
            },
            plugins: {
                legend: {display: false},
                tooltip: {...tooltipOptions(data, isRtl), ...tooltipFonts(font)},
            },
        },
    };
}

/** Where it is the first of a month, or else every so many days: captions of days. */
function dayLabels(dates, most) {
    const days = dates.length;
    if (days > 7 * most) {
        return tickLabels(dates, most);
    }
    const step = Math.ceil(days / most / 7) * 7;
    return dates.map((date, index) =>
        index % step ? "" : date.toLocaleString({month: "short", day: "numeric"})
    );
}

function boundDatasets({low, high, color}, points, colors) {
    const edge = (name, fill) => ({
        label: name,
        type: "line",
        data: points.map((point) => point[name]),
        backgroundColor: colors[color],
        borderWidth: 0,
        pointRadius: 0,
        pointHoverRadius: 0,
        fill,
        order: 2,
    });
    return [edge(low, false), edge(high, "-1")];
}

/** Minimum and maximum of the rule, and those that are proposed. */
function numberDatasets({points, minimum, maximum, proposal}, colors) {
    const level = (label, value, color, dash) => ({
        label,
        type: "line",
        data: points.map(() => value),
        borderColor: color,
        borderWidth: 1.5,
        borderDash: dash,
        pointRadius: 0,
        pointHoverRadius: 0,
        order: 1,
    });
    const levels = [
        level("minimum", minimum, colors.text, [6, 4]),
        level("maximum", maximum, colors.text, [2, 3]),
    ];
    if (proposal) {
        levels.push(
            level("proposedMinimum", proposal.minimum, colors.manual, [6, 4]),
            level("proposedMaximum", proposal.maximum, colors.manual, [2, 3])
        );
    }
    return levels;
}

function tooltipOptions({points, unit}, isRtl) {
    const quantity = (value) => `${formatQuantity(value)} ${unit}`;
    return {
        rtl: isRtl,
        displayColors: false,
        padding: 10,
        filter: ({dataset}) => dataset.label === "stock",
        callbacks: {
            title: ([item]) =>
                item && deserializeDate(item.label).toLocaleString(DateTime.DATE_FULL),
            label: ({dataIndex}) => {
                const point = points[dataIndex];
                return [
                    point.stock < 0
                        ? _t("Missing: %s", quantity(-point.stock))
                        : _t("Stock: %s", quantity(point.stock)),
                    _t("In 80 of 100 cases: %(low)s to %(high)s", {
                        low: formatQuantity(point.lo80),
                        high: formatQuantity(point.hi80),
                    }),
                    _t("Demand of the day: %s", quantity(point.demand)),
                    ...(point.coming ? [_t("Arrives: %s", quantity(point.coming))] : []),
                ];
            },
        },
    };
}

function tooltipFonts(family) {
    return {titleFont: {family}, bodyFont: {family}};
}
