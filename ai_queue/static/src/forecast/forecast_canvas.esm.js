import {Component, onWillStart, onWillUnmount, useEffect, useRef} from "@odoo/owl";
import {buildChartConfig} from "./forecast_chart_config.esm";
import {loadBundle} from "@web/core/assets";
import {localization} from "@web/core/l10n/localization";
import {readColors} from "@queue_job_operations/charts/chart_colors.esm";

/** Colours of the chart, see `forecast_panel.scss`. */
const COLORS = [
    "sold",
    "forecast",
    "interval80",
    "interval95",
    "manual",
    "text",
    "grid",
    "surface",
];

/** History and forecast, drawn with Chart.js. */
export class ForecastCanvas extends Component {
    static template = "ai_queue.ForecastCanvas";
    static props = {
        data: Object,
        periods: Number,
        description: String,
    };

    setup() {
        this.canvasRef = useRef("canvas");
        this.chart = null;
        onWillStart(() => loadBundle("web.chartjs_lib"));
        useEffect(
            (data, periods, isSmall) => this.draw(data, periods, isSmall),
            () => [this.props.data, this.props.periods, this.env.isSmall]
        );
        onWillUnmount(() => this.chart?.destroy());
    }

    draw(data, periods, isSmall) {
        this.chart?.destroy();
        const {font, ...colors} = readColors(this.canvasRef.el, COLORS);
        const config = buildChartConfig(data, {
            periods,
            colors,
            font,
            isSmall,
            isRtl: localization.direction === "rtl",
        });
        this.chart = new Chart(this.canvasRef.el, config);
    }
}
