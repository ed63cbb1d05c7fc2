import {Component, onWillStart, onWillUpdateProps, useState} from "@odoo/owl";
import {ReorderCanvas} from "./reorder_canvas.esm";
import {_t} from "@web/core/l10n/translation";
import {deserializeDate} from "@web/core/l10n/dates";
import {formatQuantity} from "@ai_queue/forecast/forecast_words.esm";
import {registry} from "@web/core/registry";
import {standardWidgetProps} from "@web/views/widgets/standard_widget_props";
import {useService} from "@web/core/utils/hooks";
import {KeepLast} from "@web/core/utils/concurrency";

const {DateTime} = luxon;

/** Stock and demand in the form of a reordering rule: when it will be short, and why. */
export class ReorderPanel extends Component {
    static template = "ai_queue_stock.ReorderPanel";
    static components = {ReorderCanvas};
    static props = standardWidgetProps;

    setup() {
        this.orm = useService("orm");
        this.action = useService("action");
        this.keepLast = new KeepLast();
        this.state = useState({data: null, error: ""});
        this.loaded = "";
        onWillStart(() => this.watch(this.props));
        onWillUpdateProps((props) => this.watch(props));
    }

    /** Load anew when it is another record, or its numbers were saved. */
    watch({record}) {
        const {product_min_qty, product_max_qty} = record._values ?? record.data;
        const key = JSON.stringify([record.resId, product_min_qty, product_max_qty]);
        if (key !== this.loaded) {
            this.loaded = key;
            this.load(record);
        }
    }

    async load(record) {
        if (!record.resId) {
            return;
        }
        this.state.error = "";
        try {
            this.state.data = await this.keepLast.add(
                this.orm.silent.call(record.resModel, "get_ai_reorder_data", [
                    [record.resId],
                ])
            );
        } catch (error) {
            this.state.error =
                error.data?.message || _t("The server could not be reached.");
        }
    }

    onTryAgain() {
        this.load(this.props.record);
    }

    onOpenProposal() {
        this.action.doAction({
            type: "ir.actions.act_window",
            res_model: "ai.queue.reorder.proposal",
            res_id: this.state.data.proposal.id,
            views: [[false, "form"]],
        });
    }

    get face() {
        const {data, error} = this.state;
        if (error) {
            return "error";
        }
        if (!data) {
            return "loading";
        }
        return data.points.length ? "chart" : "empty";
    }

    get figures() {
        const {points, minimum, maximum, date_short, date_arrival, unit} = this.state.data;
        const isLate = date_short && date_short < date_arrival;
        const numbers = `${formatQuantity(minimum)} / ${formatQuantity(maximum)}`;
        return [
            {
                label: _t("Short from"),
                value: date_short ? this.formatDate(date_short) : _t("Not in sight"),
                note: isLate ? _t("Before an order of today would arrive") : "",
                color: isLate ? "text-danger" : "",
            },
            {
                label: _t("An order of today arrives"),
                value: this.formatDate(date_arrival),
            },
            {
                label: _t("Stock today"),
                value: `${formatQuantity(points[0].stock)} ${unit}`,
            },
            {label: _t("Min / Max"), value: `${numbers} ${unit}`},
        ];
    }

    /** The chart in one sentence, for those who cannot see it. */
    get description() {
        const {date_short} = this.state.data;
        return date_short
            ? _t("Stock over the next weeks. It is used up on %s.", this.formatDate(date_short))
            : _t("Stock over the next weeks. It is not used up.");
    }

    formatDate(date) {
        return deserializeDate(date).toLocaleString(DateTime.DATE_MED);
    }
}

registry.category("view_widgets").add("ai_queue_reorder_panel", {
    component: ReorderPanel,
    fieldDependencies: [
        {name: "product_min_qty", type: "float"},
        {name: "product_max_qty", type: "float"},
    ],
});
