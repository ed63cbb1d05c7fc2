import {_t} from "@web/core/l10n/translation";
import {formatInteger} from "@web/views/fields/formatters";

/** What is stacked on each other in a bar, from below. */
export const SERIES = ["done", "failed"];

/** A single failed job among thousands must still be visible and clickable. */
const LEAST_HEIGHT = 3;

/**
 * The chart of finished jobs, for Chart.js.
 *
 * @param {Object} chart that of the figures: `{buckets, unfinished}`
 * @param {Object} options
 * @param {Object} options.fills `{done, failed, doneOpen, failedOpen}`: what bars are
 *      filled with; the last two are for the time that is not over
 * @param {Object} options.colors `text` and `grid`: CSS colours
 * @param {String} options.font CSS font family
 * @param {Boolean} [options.isRtl]
 * @param {(index: Number, state: String, newWindow: Boolean) => void} options.onOpen
 *      somebody pressed a part of a bar
 * @returns {Object} configuration for `new Chart`
 */
export function buildJobsChart(chart, {fills, colors, font, isRtl = false, onOpen}) {
    const {buckets, unfinished} = chart;
    const isOpen = (index) => unfinished && index === buckets.length - 1;
    const ticks = {color: colors.text, font: {family: font, size: 12}};
    return {
        type: "bar",
        data: {
            labels: buckets.map((bucket) => bucket.label),
            datasets: SERIES.map((state) => ({
                label: describeSeries(state),
                // Nothing is no bar: it would get the least height as well.
                data: buckets.map((bucket) => bucket[state] || null),
                backgroundColor: buckets.map((bucket, index) =>
                    isOpen(index) ? fills[`${state}Open`] : fills[state]
                ),
                minBarLength: LEAST_HEIGHT,
                maxBarThickness: 48,
                barPercentage: 0.9,
                categoryPercentage: 0.9,
                stack: "jobs",
            })),
        },
        options: {
            animation: false,
            maintainAspectRatio: false,
            responsive: true,
            interaction: {mode: "index", intersect: false},
            onClick: (ev, elements, drawn) => {
                const hit = findBar(ev, drawn);
                if (hit) {
                    const {ctrlKey, metaKey} = ev.native;
                    onOpen(hit.index, SERIES[hit.datasetIndex], ctrlKey || metaKey);
                }
            },
            onHover: (ev, elements, drawn) => {
                ev.native.target.style.cursor = findBar(ev, drawn) ? "pointer" : "";
            },
            scales: {
                x: {
                    stacked: true,
                    reverse: isRtl,
                    grid: {display: false},
                    border: {color: colors.grid},
                    ticks: {...ticks, maxRotation: 0, autoSkipPadding: 12},
                },
                y: {
                    stacked: true,
                    beginAtZero: true,
                    position: isRtl ? "right" : "left",
                    grid: {color: colors.grid},
                    border: {display: false},
                    ticks: {
                        ...ticks,
                        precision: 0,
                        maxTicksLimit: 6,
                        callback: (value) => formatInteger(value),
                    },
                },
            },
            plugins: {
                legend: {display: false},
                tooltip: {
                    rtl: isRtl,
                    titleFont: {family: font},
                    bodyFont: {family: font},
                    callbacks: {
                        title: ([item]) =>
                            describeBucket(
                                buckets[item.dataIndex],
                                isOpen(item.dataIndex)
                            ),
                        label: ({dataset, raw}) =>
                            ` ${dataset.label}: ${formatInteger(raw)}`,
                    },
                },
            },
        },
    };
}

/**
 * @param {String} state one of `SERIES`
 * @returns {String} its name
 */
export function describeSeries(state) {
    return state === "done" ? _t("Done") : _t("Failed");
}

/**
 * @param {Object} bucket
 * @param {Boolean} isOpen whether its time is not over
 * @returns {String}
 */
export function describeBucket({label}, isOpen) {
    return isOpen ? _t("%s (so far)", label) : label;
}

/** The part of a bar under the pointer. */
function findBar(ev, drawn) {
    const [hit] = drawn.getElementsAtEventForMode(
        ev,
        "nearest",
        {intersect: true},
        false
    );
    return hit;
}
