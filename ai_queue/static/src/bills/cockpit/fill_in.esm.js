import {deserializeDate} from "@web/core/l10n/dates";

/** The lines of a bill. */
const LINES = "invoice_line_ids";

/**
 * The field of a bill that an element of its form belongs to.
 *
 * @param {HTMLElement} element
 * @param {Object} record the bill
 * @returns {Object|null} `model` and `name` of the field, and its `label`
 */
export function fieldOf(element, record) {
    const widget = element.closest(".o_field_widget[name]");
    if (!widget) {
        return null;
    }
    const isLine = Boolean(element.closest(`.o_field_widget[name=${LINES}] .o_data_row`));
    const owner = isLine ? record.data[LINES] : record;
    const name = widget.getAttribute("name");
    const field = owner.fields[name];
    if (!field) {
        return null;
    }
    const cell = isLine && element.closest("table")?.querySelector(`th[data-name=${name}]`);
    const label = isLine ? cell?.innerText : labelOf(widget);
    return {model: owner.resModel, name, label: label?.trim() || field.string, isLine};
}

/** What the form calls a field, without what is marked beside that. */
function labelOf(widget) {
    const input = widget.querySelector("input[id], textarea[id]");
    const label = input && document.querySelector(`label[for="${CSS.escape(input.id)}"]`);
    return label?.firstChild?.textContent;
}

/**
 * @param {Object} record the bill
 * @param {Object} target as `fieldOf` gives it
 * @returns {Object|null} the bill, or the line that is being edited
 */
export function recordOf(record, target) {
    return target.isLine ? record.data[LINES].editedRecord : record;
}

/**
 * Puts a value that was found on the document into a field.
 *
 * @param {Object} record of the field
 * @param {String} name of the field
 * @param {any} value as the server gives it
 */
export async function fillIn(record, name, value) {
    const {type} = record.fields[name];
    if (type === "many2many") {
        const tags = record.data[name];
        const remove = tags.currentIds.filter((id) => id !== value.id);
        return tags.addAndRemove({add: [value.id], remove});
    }
    const isDate = type === "date" && value;
    await record.update({[name]: isDate ? deserializeDate(value) : value});
}

/**
 * Types a text into an input, so that its field looks for it and offers what it finds.
 *
 * @param {HTMLElement} element in the field
 * @param {String} text
 */
export function typeInto(element, text) {
    const input = element.closest(".o_field_widget")?.querySelector("input");
    if (input) {
        input.value = text;
        input.dispatchEvent(new InputEvent("input", {bubbles: true}));
    }
}
