import {
    FORECAST_FIELDS,
    isForecasting,
    useForecastState,
    useForecastWatch,
} from "./forecast_watch.esm";
import {Component} from "@odoo/owl";
import {registry} from "@web/core/registry";
import {standardWidgetProps} from "@web/views/widgets/standard_widget_props";

/**
 * *Run AI Forecast* in the header of a product.
 *
 * Other than a button of the view it neither saves nor loads the record, and it rests
 * while the product is being forecast.
 */
export class ForecastButton extends Component {
    static template = "ai_queue.ForecastButton";
    static props = standardWidgetProps;

    setup() {
        this.watch = useForecastWatch();
        this.state = useForecastState(this.watch);
    }

    get isBusy() {
        return this.state.isPressed || isForecasting(this.state);
    }
}

registry.category("view_widgets").add("ai_queue_forecast_button", {
    component: ForecastButton,
    fieldDependencies: FORECAST_FIELDS,
});
