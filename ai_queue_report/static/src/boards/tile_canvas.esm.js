import {Component, onWillStart, onWillUnmount, useEffect, useRef} from "@odoo/owl";
import {buildTileConfig} from "./tile_chart_config.esm";
import {cookie} from "@web/core/browser/cookie";
import {getColors} from "@web/core/colors/colors";
import {loadBundle} from "@web/core/assets";
import {localization} from "@web/core/l10n/localization";
import {readColors} from "@queue_job_operations/charts/chart_colors.esm";

const COLORS = ["text", "grid", "surface", "before"];

/** The graph of a tile, drawn with Chart.js; a press on a bar opens its records. */
export class TileCanvas extends Component {
    static template = "ai_queue_report.TileCanvas";
    static props = {tile: Object, description: String, onRow: Function};

    setup() {
        this.canvasRef = useRef("canvas");
        this.chart = null;
        onWillStart(() => loadBundle("web.chartjs_lib"));
        useEffect(
            () => this.draw(),
            () => [this.props.tile.data, this.props.tile.width, this.props.tile.height]
        );
        onWillUnmount(() => this.chart?.destroy());
    }

    draw() {
        this.chart?.destroy();
        const {font, ...colors} = readColors(this.canvasRef.el, COLORS);
        const config = buildTileConfig(this.props.tile, {
            palette: getColors(cookie.get("color_scheme"), "sm"),
            colors,
            font,
            onRow: (row) => this.props.onRow(row),
            isRtl: localization.direction === "rtl",
        });
        this.chart = new Chart(this.canvasRef.el, config);
    }
}
