import {Component, useState} from "@odoo/owl";
import {
    FORECAST_FIELDS,
    isForecasting,
    useForecastState,
    useForecastWatch,
} from "./forecast_watch.esm";
import {
    describeBounds,
    describeChange,
    describeError,
    describeSpan,
    formatQuantity,
    rangeChoices,
    total,
} from "./forecast_words.esm";
import {ForecastCanvas} from "./forecast_canvas.esm";
import {RunStatus} from "../runs/run_status.esm";
import {_t} from "@web/core/l10n/translation";
import {registry} from "@web/core/registry";
import {standardWidgetProps} from "@web/views/widgets/standard_widget_props";
import {useService} from "@web/core/utils/hooks";

/** Periods of history that are shown at first, if there are so many. */
const FIRST_PERIODS = {week: 52, month: 36};
const FIRST_PERIODS_SMALL = {week: 26, month: 12};

/** The page *Demand Forecast* of a product: state of the last run, figures, chart. */
export class ForecastPanel extends Component {
    static template = "ai_queue.ForecastPanel";
    static components = {ForecastCanvas, RunStatus};
    static props = standardWidgetProps;

    setup() {
        this.orm = useService("orm");
        this.action = useService("action");
        this.watch = useForecastWatch({withChart: true});
        this.state = useForecastState(this.watch);
        // What the user chose to see of the history; 0 is no choice yet.
        this.choice = useState({periods: 0});
    }

    // -------------------------------------------------------------------------
    // What the template shows
    // -------------------------------------------------------------------------

    get chart() {
        return this.state.chart;
    }

    /** Which of its faces the page shows: loading, error, empty, or the chart. */
    get face() {
        if (!this.chart) {
            return this.state.error ? "error" : "loading";
        }
        const {history, forecast} = this.chart;
        return history.length || forecast.length ? "chart" : "empty";
    }

    get hint() {
        if (this.chart.forecast.length) {
            return "";
        }
        return isForecasting(this.state)
            ? _t("The forecast is being calculated; it appears here by itself.")
            : _t(
                  "There is no forecast yet. Press Run AI Forecast: " +
                      "it is calculated in the background."
              );
    }

    get figures() {
        const {granularity, error, forecast, method} = this.chart;
        return {
            span: describeSpan(forecast.length, granularity),
            expected: formatQuantity(total(forecast)),
            bounds: describeBounds(this.chart.total),
            comparison: describeChange(this.chart),
            // Of several variants together there is neither a method nor an error.
            quality: method ? describeError(error) : null,
        };
    }

    get caption() {
        const {granularity, unit} = this.chart;
        return granularity === "month"
            ? _t("%s per month", unit)
            : _t("%s per week", unit);
    }

    /** The chart in one sentence, for those who cannot see it. */
    get description() {
        const {forecast, unit} = this.chart;
        if (!forecast.length) {
            return _t("Past demand. There is no forecast yet.");
        }
        const {expected, span} = this.figures;
        return _t("Past demand and forecast. %(span)s: %(expected)s %(unit)s.", {
            span,
            expected,
            unit,
        });
    }

    get hasManual() {
        return this.chart.forecast.some((point) => point.is_manual);
    }

    get choices() {
        const {granularity, history} = this.chart;
        return rangeChoices(granularity, history.length);
    }

    get periods() {
        const {granularity, history} = this.chart;
        const first = this.env.isSmall ? FIRST_PERIODS_SMALL : FIRST_PERIODS;
        return Math.min(this.choice.periods || first[granularity], history.length);
    }

    // -------------------------------------------------------------------------
    // What people do
    // -------------------------------------------------------------------------

    onTryAgain() {
        this.state.error = null;
        this.watch.load();
    }

    async onOpenForecasts() {
        const {resModel, resId} = this.props.record;
        this.action.doAction(
            await this.orm.call(resModel, "action_open_ai_forecasts", [[resId]])
        );
    }
}

registry.category("view_widgets").add("ai_queue_forecast_chart", {
    component: ForecastPanel,
    fieldDependencies: FORECAST_FIELDS,
});
