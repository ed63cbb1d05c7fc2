import {Component, onWillStart, onWillUnmount, useEffect, useRef} from "@odoo/owl";
import {buildReorderConfig} from "./reorder_chart_config.esm";
import {loadBundle} from "@web/core/assets";
import {localization} from "@web/core/l10n/localization";
import {readColors} from "@queue_job_operations/charts/chart_colors.esm";

/** Colours of the chart; those of the demand forecast. */
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

/** Stock, demand and numbers of a reordering rule, drawn with Chart.js. */
export class ReorderCanvas extends Component {
    static template = "ai_queue_stock.ReorderCanvas";
    static props = {data: Object, description: String};

    setup() {
        this.canvasRef = useRef("canvas");
        this.chart = null;
        onWillStart(() => loadBundle("web.chartjs_lib"));
        useEffect(
            (data, isSmall) => this.draw(data, isSmall),
            () => [this.props.data, this.env.isSmall]
        );
        onWillUnmount(() => this.chart?.destroy());
    }

    draw(data, isSmall) {
        this.chart?.destroy();
        const {font, ...colors} = readColors(this.canvasRef.el, COLORS);
        const isRtl = localization.direction === "rtl";
        const config = buildReorderConfig(data, {colors, font, isSmall, isRtl});
        this.chart = new Chart(this.canvasRef.el, config);
    }
}
