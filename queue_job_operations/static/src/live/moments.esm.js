import {deserializeDateTime, toLocaleDateTimeString} from "@web/core/l10n/dates";
import {_t} from "@web/core/l10n/translation";

const {DateTime} = luxon;

/**
 * @param {String} date a moment as the server writes it (UTC)
 * @param {DateTime} [now]
 * @returns {String} only the time when it was today, else the day with the time
 */
export function describeMoment(date, now = DateTime.now()) {
    const moment = deserializeDateTime(date);
    if (moment.hasSame(now, "day")) {
        return _t("today at %s", moment.toLocaleString(DateTime.TIME_SIMPLE));
    }
    return toLocaleDateTimeString(moment);
}
