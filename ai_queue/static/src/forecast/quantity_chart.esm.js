import {formatQuantity} from "./forecast_words.esm";

/** The bounds that forecasts have, the wide ones below the narrow ones. */
export const INTERVALS = [
    {low: "lo95", high: "hi95", color: "interval95"},
    {low: "lo80", high: "hi80", color: "interval80"},
];

/**
 * What charts of quantities over time have in common, for Chart.js.
 *
 * @param {Object} options
 * @param {String[]} options.captions of the time axis, one for each point
 * @param {Object} options.ticks how captions are written
 * @param {Object} options.tooltip what the mouse finds
 * @param {Object} options.colors `grid`: a CSS colour
 * @param {String} options.font CSS font family
 * @param {Boolean} options.isRtl
 * @returns {Object} options of a chart
 */
export function quantityOptions({captions, ticks, tooltip, colors, font, isRtl}) {
    return {
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
            tooltip: {
                rtl: isRtl,
                displayColors: false,
                padding: 10,
                titleFont: {family: font},
                bodyFont: {family: font},
                ...tooltip,
            },
        },
    };
}

/**
 * An interval as two lines without a stroke, filled between.
 *
 * @param {Object} interval one of `INTERVALS`
 * @param {Function} values the numbers of all points, by the name of a bound
 * @param {Object} colors `interval80`, `interval95`: CSS colours
 * @returns {Object[]} datasets
 */
export function intervalEdges({low, high, color}, values, colors) {
    const edge = (name, fill) => ({
        label: name,
        type: "line",
        data: values(name),
        backgroundColor: colors[color],
        borderWidth: 0,
        pointRadius: 0,
        pointHoverRadius: 0,
        fill,
        order: 2,
    });
    return [edge(low, false), edge(high, "-1")];
}
