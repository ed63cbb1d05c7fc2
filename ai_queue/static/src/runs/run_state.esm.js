import {_t} from "@web/core/l10n/translation";

/** How each state of a run looks: the colour of its badge and its icon. */
const LOOKS = {
    pending: {color: "secondary", icon: "fa-hourglass-o"},
    started: {color: "info", icon: "fa-circle-o-notch fa-spin"},
    done: {color: "success", icon: "fa-check"},
    failed: {color: "danger", icon: "fa-exclamation-triangle"},
    cancelled: {color: "secondary", icon: "fa-ban"},
};

/**
 * @param {Object} [run] anything with the `state` of a run
 * @returns {Boolean} whether it waits or runs, so that what is shown will change
 */
export function isActive(run) {
    return ["pending", "started"].includes(run?.state);
}

/**
 * @param {{state: String, progress: Number}} run
 * @returns {{label: String, color: String, icon: String}} what its badge says, in words
 *      of the user's language
 */
export function describeState(run) {
    const labels = {
        pending: _t("Waiting"),
        started: _t("Running"),
        done: _t("Done"),
        failed: _t("Failed"),
        cancelled: _t("Cancelled"),
    };
    return {label: labels[run.state], ...LOOKS[run.state]};
}
