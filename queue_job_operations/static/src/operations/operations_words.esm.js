import {_t} from "@web/core/l10n/translation";
import {deserializeDateTime} from "@web/core/l10n/dates";
import {formatInteger} from "@web/views/fields/formatters";

const {DateTime, Duration} = luxon;

/** How each state of a figure looks: never by its colour alone. */
const LOOKS = {
    ok: {icon: "", word: ""},
    muted: {icon: "", word: ""},
    warning: {icon: "fa-exclamation-triangle", word: _t("Warning")},
    danger: {icon: "fa-exclamation-circle", word: _t("Problem")},
};

/**
 * @param {String} state `ok`, `warning`, `danger` or `muted`
 * @returns {{icon: String, word: String}} both empty where there is nothing to say
 */
export function describeLook(state) {
    return LOOKS[state] || LOOKS.ok;
}

/** The periods that can be chosen, in order, with what is written on their buttons. */
export const PERIODS = {
    hour: {label: _t("1 h"), title: _t("Last hour")},
    day: {label: _t("24 h"), title: _t("Last 24 hours")},
    week: {label: _t("7 d"), title: _t("Last 7 days")},
};

export const DEFAULT_PERIOD = "day";

/**
 * A length of time in at most two units, in the user's language.
 *
 * @param {Number} seconds
 * @returns {String} such as "45 sec" or "3 hr, 20 min"
 */
export function formatDuration(seconds) {
    const whole = Math.max(0, Math.round(seconds));
    const days = Math.floor(whole / 86400);
    const hours = Math.floor((whole % 86400) / 3600);
    const minutes = Math.floor((whole % 3600) / 60);
    let parts = {seconds: whole};
    if (days) {
        parts = hours ? {days, hours} : {days};
    } else if (hours) {
        parts = minutes ? {hours, minutes} : {hours};
    } else if (minutes) {
        parts = {minutes};
    }
    return Duration.fromObject(parts).toHuman({unitDisplay: "short"});
}

/**
 * @param {String} date a moment as the server writes it (UTC)
 * @returns {String} the time of the day, with seconds
 */
export function formatClock(date) {
    return deserializeDateTime(date).toLocaleString(DateTime.TIME_WITH_SECONDS);
}

/**
 * What the badge of a channel says.
 *
 * @param {Object} channel as in the figures
 * @returns {{label: String, color: String, icon: String}}
 */
export function describeChannel(channel) {
    if (channel.can_resume || channel.paused) {
        return {label: _t("Paused"), color: "warning", icon: "fa-pause"};
    }
    if (channel.stopped_above) {
        return {label: _t("Stopped Above"), color: "warning", icon: "fa-level-up"};
    }
    if (describeUse(channel) === 100) {
        return {label: _t("Full"), color: "info", icon: "fa-battery-full"};
    }
    return {label: _t("Open"), color: "success", icon: "fa-check"};
}

/**
 * @param {{running: Number, others: Number, capacity: Number}} channel
 * @returns {Number} how much of the capacity is used, 0 to 100
 */
export function describeUse({running, others, capacity}) {
    const share = capacity ? (100 * (running + others)) / capacity : 0;
    return Math.min(100, Math.floor(share));
}

/**
 * The chart in one sentence, for those who do not see it.
 *
 * @param {{done: Number, failed: Number}[]} buckets
 * @param {String} period
 * @returns {String}
 */
export function describeChart(buckets, period) {
    const sum = (key) => buckets.reduce((total, bucket) => total + bucket[key], 0);
    return _t("%(period)s: %(done)s jobs done, %(failed)s failed.", {
        period: PERIODS[period].title,
        done: formatInteger(sum("done")),
        failed: formatInteger(sum("failed")),
    });
}

/**
 * Whether there is nothing at all to report, so that the screen says what to do.
 *
 * @param {Object} figures what `get_figures` returned
 * @returns {Boolean}
 */
export function isQuiet({tiles, chart, failures_total}) {
    const value = (key) => tiles.find((tile) => tile.key === key)?.value || 0;
    return (
        !value("waiting") &&
        !value("running") &&
        !failures_total &&
        chart.buckets.every(({done, failed}) => !done && !failed)
    );
}

/**
 * @param {String} text what somebody typed as a capacity
 * @returns {Number|null} null when no channel can have it
 */
export function parseCapacity(text) {
    const trimmed = text.trim();
    const number = Number(trimmed);
    return /^\d+$/.test(trimmed) && number >= 1 ? number : null;
}
