import {_t} from "@web/core/l10n/translation";
import {deserializeDate} from "@web/core/l10n/dates";
import {formatFloat} from "@web/core/utils/numbers";

const {DateTime} = luxon;

/** Up to which error of the total a forecast is good, and fair; above it is poor. */
const GOOD_ERROR = 0.2;
const FAIR_ERROR = 0.5;

/**
 * @param {Number} quantity
 * @returns {String} with decimals only where they matter
 */
export function formatQuantity(quantity) {
    const decimals = Math.abs(quantity) < 10 ? 1 : 0;
    return formatFloat(quantity, {digits: [16, decimals], trailingZeros: false});
}

/**
 * @param {Number} ratio
 * @returns {String} in whole percent
 */
export function formatPercent(ratio) {
    // The space does not break.
    return _t("%s\u00a0%%", formatFloat(ratio * 100, {digits: [16, 0]}));
}

/**
 * @param {Number | null} error how far the total was off in trial forecasts, as a
 *      ratio; null where none could be made
 * @returns {{word: String, color: String, sentence: String}}
 */
export function describeError(error) {
    if (error === null) {
        return {
            word: _t("Unknown"),
            color: "muted",
            sentence: _t("There is too little history for trial forecasts."),
        };
    }
    const sentence = _t(
        "Was off by %s in total in trial forecasts of past periods.",
        formatPercent(error)
    );
    if (error <= GOOD_ERROR) {
        return {word: _t("Good"), color: "success", sentence};
    }
    if (error <= FAIR_ERROR) {
        return {word: _t("Fair"), color: "warning", sentence};
    }
    return {word: _t("Poor"), color: "danger", sentence};
}

/**
 * @param {String} date first day of a period
 * @param {"week" | "month"} granularity
 * @returns {String} the period in words
 */
export function describePeriod(date, granularity) {
    const start = deserializeDate(date);
    if (granularity === "month") {
        return start.toLocaleString({month: "long", year: "numeric"});
    }
    return _t("Week of %s", start.toLocaleString(DateTime.DATE_MED));
}

/**
 * @param {Number} count
 * @param {"week" | "month"} granularity
 * @returns {String} caption for so many coming periods
 */
export function describeSpan(count, granularity) {
    if (count === 1) {
        return granularity === "month" ? _t("Next month") : _t("Next week");
    }
    return granularity === "month"
        ? _t("Next %s months", count)
        : _t("Next %s weeks", count);
}

function describePastSpan(count, granularity) {
    if (count === 1) {
        return granularity === "month" ? _t("last month") : _t("last week");
    }
    return granularity === "month"
        ? _t("last %s months", count)
        : _t("last %s weeks", count);
}

/**
 * @param {Object} data what `get_ai_forecast_data` returns
 * @returns {String} how much more or less is expected than was sold in as many periods
 *      before; empty where the history is shorter
 */
export function describeChange({history, forecast, granularity}) {
    const over = history.filter((point) => !point.is_running);
    if (over.length < forecast.length) {
        return "";
    }
    const before = total(over.slice(-forecast.length));
    const sold = formatQuantity(before);
    const span = describePastSpan(forecast.length, granularity);
    if (before <= 0) {
        return _t("%(sold)s in the %(span)s", {sold, span});
    }
    const change = total(forecast) / before - 1;
    const percent = formatPercent(Math.abs(change));
    if (percent === formatPercent(0)) {
        return _t("as much as in the %(span)s", {span});
    }
    return change > 0
        ? _t("%(percent)s more than the %(sold)s of the %(span)s", {percent, sold, span})
        : _t("%(percent)s less than the %(sold)s of the %(span)s", {percent, sold, span});
}

/**
 * @param {{lo80: Number, hi80: Number} | null} sum of all that is forecast
 * @returns {String} within which bounds it lies; empty where they are not known
 */
export function describeBounds(sum) {
    return sum
        ? _t("In 80 of 100 cases %(low)s to %(high)s in total", {
              low: formatQuantity(sum.lo80),
              high: formatQuantity(sum.hi80),
          })
        : "";
}

/**
 * How much of the history the chart can show.
 *
 * @param {"week" | "month"} granularity
 * @param {Number} length number of periods that are known
 * @returns {{periods: Number, label: String}[]} from short to long; the last one shows
 *      everything. Empty when there is nothing to choose.
 */
export function rangeChoices(granularity, length) {
    const choices =
        granularity === "month"
            ? [
                  {periods: 12, label: _t("1 year")},
                  {periods: 36, label: _t("3 years")},
              ]
            : [
                  {periods: 26, label: _t("6 months")},
                  {periods: 52, label: _t("1 year")},
              ];
    const shorter = choices.filter(({periods}) => periods < length);
    return shorter.length
        ? [...shorter, {periods: length, label: _t("All")}]
        : [];
}

/**
 * @param {{quantity: Number}[]} points
 * @returns {Number}
 */
export function total(points) {
    return points.reduce((sum, {quantity}) => sum + quantity, 0);
}
