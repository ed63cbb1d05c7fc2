import {Component} from "@odoo/owl";
import {registry} from "@web/core/registry";
import {standardFieldProps} from "@web/views/fields/standard_field_props";

/** From which confidence on a value is sure, and below which it is doubted. */
export const SURE = 0.8;
export const DOUBTED = 0.55;

/**
 * @param {Number} confidence 0 to 1
 * @returns {String} the colour of its badge
 */
export function confidenceColor(confidence) {
    if (confidence >= SURE) {
        return "success";
    }
    return confidence >= DOUBTED ? "warning" : "danger";
}

/** What was read from a document: each value, as printed, where, by what, how surely. */
export class ReadFields extends Component {
    static template = "ai_queue.ReadFields";
    static props = {...standardFieldProps};

    get rows() {
        return (this.props.record.data[this.props.name] || []).map((row) => ({
            ...row,
            color: confidenceColor(row.confidence),
            percent: Math.round(row.confidence * 100),
        }));
    }
}

registry.category("fields").add("ai_queue_read_fields", {
    component: ReadFields,
    supportedTypes: ["json"],
});
