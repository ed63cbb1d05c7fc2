import {Component} from "@odoo/owl";
import {_t} from "@web/core/l10n/translation";

const LOOKS = {
    "-1": {icon: "fa-arrow-down", name: "less"},
    0: {icon: "fa-arrows-h", name: "same"},
    1: {icon: "fa-arrow-up", name: "more"},
};

/** The totals of a report, with those of the period that it is compared with. */
export class ReportFigures extends Component {
    static template = "ai_queue_report.ReportFigures";
    static props = {
        // Null while they are counted.
        figures: {type: [Object, {value: null}]},
    };

    /** When they were read: the records may have changed since. */
    get asOf() {
        const {figures} = this.props;
        return figures?.as_of ? _t("As of %s", figures.as_of) : "";
    }

    look(item) {
        return LOOKS[item.direction];
    }
}
