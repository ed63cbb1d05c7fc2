import {SURE, confidenceColor} from "./read_fields.esm";
import {Field} from "@web/views/fields/field";
import {FormLabel} from "@web/views/form/form_label";
import {_t} from "@web/core/l10n/translation";
import {patch} from "@web/core/utils/patch";

/**
 * How sure a field of a bill is, while it still holds what was read.
 *
 * @param {Object} record of a form
 * @param {String} name of the field
 * @returns {Object|null} `confidence` (0 to 1), and where it stands: `page`, `box`
 */
export function markOf(record, name) {
    const marks = record.resModel === "account.move" && record.data.ai_review_marks;
    const mark = marks && marks[name];
    return mark && !(name in record._changes) ? mark : null;
}

/**
 * @param {Object} record of a form
 * @param {String} name of the field
 * @returns {Object|null} the mark of a field that is not sure, with its `color`
 */
export function doubtOf(record, name) {
    const mark = markOf(record, name);
    if (!mark || mark.confidence >= SURE) {
        return null;
    }
    return {
        ...mark,
        color: confidenceColor(mark.confidence),
        percent: Math.round(mark.confidence * 100),
    };
}

patch(FormLabel.prototype, {
    get aiQueueDoubt() {
        return doubtOf(this.props.record, this.props.fieldName);
    },

    get aiQueueHelp() {
        const {text} = this.aiQueueDoubt;
        return text
            ? _t("This is how certain it was read. On the document: %(text)s", {text})
            : _t("This is how certain it was read. Compare it with the document.");
    },
});

patch(Field.prototype, {
    get classNames() {
        const {record, name} = this.props;
        const doubt = doubtOf(record, name);
        return {
            ...super.classNames,
            ...(doubt && {[`o_ai_queue_doubt_${doubt.color}`]: true}),
        };
    },
});
