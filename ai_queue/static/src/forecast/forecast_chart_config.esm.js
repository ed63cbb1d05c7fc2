import {INTERVALS, intervalEdges, quantityOptions} from "./quantity_chart.esm";
import {describePeriod, formatQuantity} from "./forecast_words.esm";
import {_t} from "@web/core/l10n/translation";
import {deserializeDate} from "@web/core/l10n/dates";
import {todayMarker} from "./today_marker.esm";

const {DateTime} = luxon;

/** How many captions the time axis has room for. */
const MANY_TICKS = 12;
const FEW_TICKS = 5;

/**
 * The chart of history and forecast, for Chart.js.
 *
 * @param {Object} data what `get_ai_forecast_data` returns
 * @param {Object} options
 * @param {Number} options.periods how many periods of history to show
 * @param {Object} options.colors `sold`, `forecast`, `interval80`, `interval95`,
 *      `manual`, `text`, `grid`, `surface`: CSS colours
 * @param {String} options.font CSS font family
 * @param {Boolean} [options.isSmall] whether it is as narrow as a phone
 * @param {Boolean} [options.isRtl]
 * @param {DateTime} [options.now]
 * @returns {Object} configuration for `new Chart`
 */
export function buildChartConfig(
    data,
    {periods, colors, font, isSmall = false, isRtl = false, now = DateTime.now()}
) {
    const history = data.history.slice(-periods);
    const points = [...history, ...data.forecast];
    const dates = points.map((point) => deserializeDate(point.date));
    const ticks = {color: colors.text, font: {family: font, size: 12}};
    const captions = tickLabels(dates, isSmall ? FEW_TICKS : MANY_TICKS);
    const tooltip = tooltipOptions(data);
    const options = quantityOptions({captions, ticks, tooltip, colors, font, isRtl});
    return {
        type: "bar",
        data: {
            labels: points.map((point) => point.date),
            datasets: [
                ...forecastDatasets(data.forecast, history.length, colors),
                soldDataset(history, colors),
            ],
        },
        options: {
            ...options,
            layout: {padding: {top: 20}},
            plugins: {
                ...options.plugins,
                [todayMarker.id]: {
                    ...placeOf(now, dates, data.granularity),
                    ...ticks,
                    label: _t("Today"),
                },
            },
        },
        plugins: [todayMarker],
    };
}

function soldDataset(history, colors) {
    return {
        label: "sold",
        type: "bar",
        data: history.map((point) => point.quantity),
        // Of the running period more may come.
        backgroundColor: history.map((point) =>
            point.is_running ? colors.grid : colors.sold
        ),
        borderRadius: 2,
        barPercentage: 0.85,
        categoryPercentage: 0.95,
        maxBarThickness: 40,
        order: 3,
    };
}

/** Line and intervals; `offset` is how many periods of history come before. */
function forecastDatasets(forecast, offset, colors) {
    if (!forecast.length) {
        return [];
    }
    const place = (values) => [...Array(offset).fill(null), ...values];
    const pointColors = forecast.map((point) =>
        point.is_manual ? colors.manual : colors.forecast
    );
    const line = {
        label: "forecast",
        type: "line",
        data: place(forecast.map((point) => point.quantity)),
        borderColor: colors.forecast,
        borderWidth: 2,
        pointBackgroundColor: place(pointColors),
        pointBorderColor: colors.surface,
        pointBorderWidth: 1,
        pointStyle: place(
            forecast.map((point) => (point.is_manual ? "rectRot" : "circle"))
        ),
        pointRadius: place(forecast.map((point) => (point.is_manual ? 7 : 3.5))),
        pointHoverRadius: 7,
        order: 0,
    };
    return [...INTERVALS.flatMap((it) => intervalDatasets(it, forecast, place, colors)), line];
}

function intervalDatasets({low, high, color}, forecast, place, colors) {
    if (forecast.length === 1) {
        // Between the ends of a line there must be something to fill.
        const {[low]: from, [high]: to} = forecast[0];
        return [
            {
                label: color,
                type: "bar",
                data: place([[from, to]]),
                backgroundColor: colors[color],
                grouped: false,
                order: 2,
            },
        ];
    }
    const values = (name) => place(forecast.map((point) => point[name]));
    return intervalEdges({low, high, color}, values, colors);
}

/** What the mouse finds at a period: one text for sold or forecast, never the edges. */
function tooltipOptions(data) {
    const forecast = Object.fromEntries(data.forecast.map((point) => [point.date, point]));
    const quantity = (value) => `${formatQuantity(value)} ${data.unit}`;
    return {
        filter: ({dataset, raw}) =>
            raw !== null && ["sold", "forecast"].includes(dataset.label),
        callbacks: {
            title: ([item]) => item && describePeriod(item.label, data.granularity),
            label: ({dataset, label, raw}) => {
                if (dataset.label === "sold") {
                    return _t("Sold: %s", quantity(raw));
                }
                const point = forecast[label];
                return [
                    point.is_manual
                        ? _t("Fixed by hand: %s", quantity(raw))
                        : _t("Forecast: %s", quantity(raw)),
                    _t(
                        "In 80 of 100 cases: %(low)s to %(high)s",
                        interval(point.lo80, point.hi80)
                    ),
                    _t(
                        "In 95 of 100 cases: %(low)s to %(high)s",
                        interval(point.lo95, point.hi95)
                    ),
                    ...(data.method ? [_t("Method: %s", data.method)] : []),
                ];
            },
        },
    };
}

function interval(low, high) {
    return {low: formatQuantity(low), high: formatQuantity(high)};
}

/**
 * Captions of the time axis: at the first period of a month, with the year where it
 * is new, and only so many that they do not run into each other.
 *
 * @param {DateTime[]} dates first days of the periods
 * @param {Number} most
 * @returns {String[]} one for each period, most of them empty
 */
export function tickLabels(dates, most) {
    const isNewMonth = (date, index) =>
        index === 0 ? date.day <= 7 : !date.hasSame(dates[index - 1], "month");
    const starts = dates.map((date, index) => isNewMonth(date, index));
    const step = Math.ceil(starts.filter(Boolean).length / most) || 1;
    let year = null;
    let months = -1;
    return dates.map((date, index) => {
        if (!starts[index] || ++months % step) {
            return "";
        }
        const isNewYear = date.year !== year;
        year = date.year;
        return isNewYear
            ? [date.toLocaleString({month: "short"}), String(date.year)]
            : date.toLocaleString({month: "short"});
    });
}

/**
 * @param {DateTime} now
 * @param {DateTime[]} dates first days of the periods
 * @param {"week" | "month"} granularity
 * @returns {{index: Number, share: Number}} the last period that has begun, and how
 *      much of it is over; above 1 when `now` lies behind it
 */
export function placeOf(now, dates, granularity) {
    const index = dates.findLastIndex((date) => date <= now);
    if (index < 0) {
        return {index: 0, share: 0};
    }
    const unit = `${granularity}s`;
    return {index, share: now.diff(dates[index], unit)[unit]};
}
