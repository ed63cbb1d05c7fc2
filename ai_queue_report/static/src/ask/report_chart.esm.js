import {Component, onWillStart, onWillUnmount, useEffect, useRef} from "@odoo/owl";
import {getColor} from "@web/core/colors/colors";
import {loadBundle} from "@web/core/assets";
import {localization} from "@web/core/l10n/localization";
import {user} from "@web/core/user";

const MOST_TICKS = 14;

/**
 * What Chart.js draws of some rows of numbers.
 *
 * @param {Object} chart `{labels: [String], type: String,
 *      series: [{name: String, values: [Number], texts: [String], is_past: Boolean}]}`
 * @param {Object} options
 * @param {Function} options.color of a number
 * @param {Object} options.colors `text`, `grid`, `past`: CSS colours
 * @param {String} options.font CSS font family
 * @param {String} options.lang of the numbers at the axis, as of BCP 47
 * @param {Boolean} [options.isRtl]
 * @returns {Object} configuration for `new Chart`
 */
export function buildChart(chart, {color, colors, font, lang, isRtl = false}) {
    const ticks = {color: colors.text, font: {family: font, size: 12}};
    const compact = new Intl.NumberFormat(lang, {notation: "compact"});
    return {
        type: chart.type || "bar",
        data: {
            labels: chart.labels,
            datasets: chart.series.map(({name, values, is_past: isPast}, number) => ({
                label: name,
                data: values,
                backgroundColor: isPast ? colors.past : color(number),
                borderColor: isPast ? colors.past : color(number),
                borderRadius: 2,
                maxBarThickness: 40,
            })),
        },
        options: {
            responsive: true,
            maintainAspectRatio: false,
            animation: false,
            interaction: {mode: "index", intersect: false},
            plugins: {
                legend: {
                    display: chart.series.length > 1,
                    rtl: isRtl,
                    labels: {...ticks, boxWidth: 14},
                },
                tooltip: {
                    rtl: isRtl,
                    callbacks: {
                        label: ({dataset, datasetIndex, dataIndex}) =>
                            `${dataset.label}: ${chart.series[datasetIndex].texts[dataIndex]}`,
                    },
                },
            },
            scales: {
                x: {
                    reverse: isRtl,
                    grid: {display: false},
                    ticks: {...ticks, autoSkip: true, maxTicksLimit: MOST_TICKS},
                },
                y: {
                    beginAtZero: true,
                    position: isRtl ? "right" : "left",
                    grid: {color: colors.grid},
                    ticks: {...ticks, callback: (value) => compact.format(value)},
                },
            },
        },
    };
}

/** Rows of numbers that no view of Odoo can draw: two periods, or another database. */
export class ReportChart extends Component {
    static template = "ai_queue_report.ReportChart";
    static props = {chart: Object, description: String};

    setup() {
        this.canvasRef = useRef("canvas");
        this.drawn = null;
        onWillStart(() => loadBundle("web.chartjs_lib"));
        useEffect(
            (chart) => this.draw(chart),
            () => [this.props.chart]
        );
        onWillUnmount(() => this.drawn?.destroy());
    }

    draw(chart) {
        this.drawn?.destroy();
        const style = getComputedStyle(this.canvasRef.el);
        const read = (name) => style.getPropertyValue(`--o-ai-queue-ask-${name}`).trim();
        const config = buildChart(chart, {
            color: (number) => getColor(number, "bright", "sm"),
            colors: {text: read("text"), grid: read("grid"), past: read("past")},
            font: style.fontFamily,
            lang: user.lang,
            isRtl: localization.direction === "rtl",
        });
        this.drawn = new Chart(this.canvasRef.el, config);
    }
}
