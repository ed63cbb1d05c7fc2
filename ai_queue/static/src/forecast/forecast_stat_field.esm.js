import {
    FORECAST_FIELDS,
    isForecasting,
    useForecastState,
    useForecastWatch,
} from "./forecast_watch.esm";
import {Component} from "@odoo/owl";
import {_t} from "@web/core/l10n/translation";
import {formatQuantity} from "./forecast_words.esm";
import {registry} from "@web/core/registry";
import {standardFieldProps} from "@web/views/fields/standard_field_props";

/** Quantity and state of the forecast in the button box of a product, live. */
export class ForecastStatField extends Component {
    static template = "ai_queue.ForecastStatField";
    static props = standardFieldProps;

    setup() {
        this.state = useForecastState(useForecastWatch());
    }

    get quantity() {
        return formatQuantity(this.state.quantity);
    }

    get unit() {
        return this.props.record.data.uom_name || "";
    }

    get isForecasting() {
        return isForecasting(this.state);
    }

    get label() {
        if (this.isForecasting) {
            return _t("Forecasting…");
        }
        return this.state.runState === "failed"
            ? _t("Forecast failed")
            : _t("Forecast");
    }
}

registry.category("fields").add("ai_queue_forecast_stat", {
    component: ForecastStatField,
    displayName: _t("Forecast, live"),
    supportedTypes: ["float"],
    isEmpty: () => false,
    fieldDependencies: FORECAST_FIELDS,
});
