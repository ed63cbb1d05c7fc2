import {
    INTERVALS,
    intervalEdges,
    quantityOptions,
} from "@ai_queue/forecast/quantity_chart.esm";
import {formatQuantity} from "@ai_queue/forecast/forecast_words.esm";
import {tickLabels} from "@ai_queue/forecast/forecast_chart_config.esm";
import {_t} from "@web/core/l10n/translation";
import {deserializeDate} from "@web/core/l10n/dates";

const {DateTime} = luxon;

const MANY_TICKS = 12;
const FEW_TICKS = 4;

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
    const values = (name) => points.map((point) => point[name]);
    const tooltip = tooltipOptions(data);
    return {
        type: "bar",
        data: {
            labels: points.map((point) => point.date),
            datasets: [
                ...INTERVALS.flatMap((it) => intervalEdges(it, values, colors)),
                ...numberDatasets(data, colors),
                {
                    label: "stock",
                    type: "line",
                    data: values("stock"),
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
        options: quantityOptions({captions, ticks, tooltip, colors, font, isRtl}),
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

function tooltipOptions({points, unit}) {
    const quantity = (value) => `${formatQuantity(value)} ${unit}`;
    return {
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
