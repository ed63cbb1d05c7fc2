import {AccountMoveFormController} from "@account/components/account_move_form/account_move_form";
import {patch} from "@web/core/utils/patch";

/** Buttons for drafts that are not finished: what they lack is what is to be found. */
export const FOR_UNFINISHED = [
    "action_run_ai_invoice_parse",
    "action_create_ai_vendor",
    "action_create_ai_taxes",
    "action_accept_ai_reading",
    "action_delete_ai_bill",
    "action_open_ai_reading_run",
];

/**
 * Saves a draft although its date is missing, which Odoo's form demands first.
 *
 * @param {Object} record the bill on the screen
 * @param {() => Promise<Boolean>} save
 * @returns {Promise<Boolean>} what `save` returns
 */
export async function saveWithoutDate(record, save) {
    const isRequired = record._isRequired;
    record._isRequired = (name) =>
        name !== "invoice_date" && isRequired.call(record, name);
    try {
        return await save();
    } finally {
        delete record._isRequired;
    }
}

patch(AccountMoveFormController.prototype, {
    async beforeExecuteActionButton(params) {
        const save = () => super.beforeExecuteActionButton(params);
        const record = this.model.root;
        const isUnfinished = record.resId && FOR_UNFINISHED.includes(params.name);
        return isUnfinished ? saveWithoutDate(record, save) : save();
    },
});
