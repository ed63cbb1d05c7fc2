import {
    Component,
    onWillStart,
    onWillUnmount,
    useEffect,
    useRef,
    useState,
} from "@odoo/owl";
import {
    SERIES,
    buildJobsChart,
    describeBucket,
    describeSeries,
} from "./jobs_chart_config.esm";
import {_t} from "@web/core/l10n/translation";
import {describeChart} from "./operations_words.esm";
import {formatInteger} from "@web/views/fields/formatters";
import {loadBundle} from "@web/core/assets";
import {localization} from "@web/core/l10n/localization";
import {readColors} from "../charts/chart_colors.esm";

/** Colours of the chart, see `operations.scss`. */
const COLORS = [
    "done",
    "failed",
    "done-open",
    "failed-open",
    "text",
    "grid",
    "surface",
];

/** Jobs that were done and that failed over time: as a picture, or as a table. */
export class JobsChart extends Component {
    static template = "queue_job_operations.JobsChart";
    static props = {
        chart: Object,
        period: String,
        onOpen: Function,
    };

    setup() {
        this.canvasRef = useRef("canvas");
        this.drawn = null;
        this.series = SERIES;
        this.state = useState({isTable: false});
        onWillStart(() => loadBundle("web.chartjs_lib"));
        useEffect(
            (canvas, chart) => this.draw(canvas, chart),
            () => [this.canvasRef.el, this.props.chart]
        );
        onWillUnmount(() => this.drawn?.destroy());
    }

    get description() {
        return describeChart(this.props.chart.buckets, this.props.period);
    }

    /** Of the table: what is new comes first. */
    get rows() {
        const {buckets, unfinished} = this.props.chart;
        const rows = buckets.map((bucket, index) => ({
            bucket,
            label: describeBucket(bucket, unfinished && index === buckets.length - 1),
        }));
        return rows.reverse();
    }

    name(state) {
        return describeSeries(state);
    }

    cellName(row, state) {
        const count = this.format(row.bucket[state]);
        return _t("%(state)s, %(time)s: %(count)s", {
            state: this.name(state),
            time: row.label,
            count,
        });
    }

    format(count) {
        return formatInteger(count);
    }

    draw(canvas, chart) {
        if (!canvas) {
            this.drawn?.destroy();
            this.drawn = null;
            return;
        }
        const color = readColors(canvas, COLORS);
        const config = buildJobsChart(chart, {
            fills: {
                done: color.done,
                doneOpen: color["done-open"],
                failed: stripes(canvas, color.failed, color.surface),
                failedOpen: stripes(canvas, color["failed-open"], color.surface),
            },
            colors: color,
            font: color.font,
            isRtl: localization.direction === "rtl",
            onOpen: (index, state, newWindow) =>
                this.props.onOpen(this.props.chart.buckets[index], state, newWindow),
        });
        if (this.drawn) {
            // Not anew: what is under the pointer stays as it is.
            Object.assign(this.drawn, {data: config.data, options: config.options});
            this.drawn.update("none");
        } else {
            this.drawn = new Chart(canvas, config);
        }
    }
}

/**
 * Stripes, so that failed jobs are not told by their colour alone.
 *
 * @param {HTMLCanvasElement} canvas what they are for
 * @param {String} color
 * @param {String} background
 * @returns {CanvasPattern}
 */
function stripes(canvas, color, background) {
    const size = 8;
    const tile = document.createElement("canvas");
    tile.width = tile.height = size;
    const pen = tile.getContext("2d");
    pen.fillStyle = color;
    pen.fillRect(0, 0, size, size);
    pen.strokeStyle = background;
    pen.lineWidth = 1.5;
    pen.beginPath();
    for (const shift of [-size, 0, size]) {
        pen.moveTo(shift, size);
        pen.lineTo(shift + size, 0);
    }
    pen.stroke();
    return canvas.getContext("2d").createPattern(tile, "repeat");
}
