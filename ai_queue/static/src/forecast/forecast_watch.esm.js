import {
    onMounted,
    onWillUnmount,
    reactive,
    toRaw,
    useComponent,
    useState,
} from "@odoo/owl";
import {LiveRuns} from "../runs/live_runs.esm";
import {unlessOffline} from "@queue_job_operations/live/live_updates.esm";
import {_t} from "@web/core/l10n/translation";
import {isActive} from "../runs/run_state.esm";
import {total} from "./forecast_words.esm";
import {useRecordObserver} from "@web/model/relational_model/utils";

export const QUANTITY_FIELD = "ai_forecast_quantity";
export const STATE_FIELD = "ai_forecast_state";

/** Milliseconds between two looks at a product that is not being forecast: a message
 * does not say which products its run is about. */
const THROTTLE_AT_REST = 5000;
const THROTTLE = 1000;

/**
 * The forecast of the product in a form, live: one for all parts of the form.
 *
 * It reads beside the record of the form and never loads that anew: what the user has
 * typed and not saved stays.
 */
class ForecastWatch {
    /** @param {Object} services of Odoo: action, bus_service, orm, ai_queue.ended_runs */
    constructor(services) {
        this.services = services;
        this.state = reactive({
            // Sum of the coming periods, and state of the last run (false: none).
            quantity: 0,
            runState: false,
            // What `get_ai_forecast_data` returned, in two: for the chart and the run.
            chart: null,
            run: null,
            error: null,
            isPressed: false,
        });
        this.users = 0;
        this.chartUsers = 0;
        this.lastLoad = 0;
        this.forget();
        this.live = new LiveRuns(services.bus_service, {
            isActive: () => this.isActive || Boolean(this.state.error),
            concerns: (runId) => this.concerns(runId),
            refresh: (runId) => this.load(runId),
            throttle: () =>
                this.isActive || this.chartUsers ? THROTTLE : THROTTLE_AT_REST,
        });
    }

    get isActive() {
        return isForecasting(this.state);
    }

    // -------------------------------------------------------------------------
    // Who looks
    // -------------------------------------------------------------------------

    addUser(isChart) {
        this.chartUsers += isChart;
        if (++this.users === 1) {
            this.live.start();
            this.unwatch = this.services["ai_queue.ended_runs"].add((run) =>
                this.shows(run)
            );
        }
        if (isChart) {
            this.live.request();
        }
    }

    removeUser(isChart) {
        this.chartUsers -= isChart;
        if (--this.users === 0) {
            this.live.stop();
            this.unwatch();
        }
    }

    /**
     * Take over what the form knows: another product, or newer values of this one.
     *
     * @param {Object} record the record of the form
     */
    follow(record) {
        const {resModel, resId, data} = record;
        const isOther = resModel !== this.resModel || resId !== this.resId;
        const values = {quantity: data[QUANTITY_FIELD], runState: data[STATE_FIELD]};
        const isNewer = Object.keys(values).some((key) => values[key] !== this.known[key]);
        const isLoaded = toRaw(record) !== this.record;
        Object.assign(this, {resModel, resId, record: toRaw(record)});
        if (isOther) {
            this.forget();
        }
        if (isOther || isNewer) {
            this.known = values;
            Object.assign(this.state, values);
        }
        if (isLoaded && this.chartUsers) {
            this.load();
        }
    }

    forget() {
        // Answers under way are about another product.
        this.lastLoad++;
        this.known = {};
        this.pressedRunId = null;
        // Runs that were found not to be about this product.
        this.otherRunIds = new Set();
        Object.assign(this.state, {chart: null, run: null, error: null});
    }

    // -------------------------------------------------------------------------
    // Data
    // -------------------------------------------------------------------------

    /**
     * Read what is needed now, unless a later call overtakes this one.
     *
     * @param {Number} [runId] the run that made it necessary
     */
    async load(runId) {
        if (!this.resId) {
            return;
        }
        const number = ++this.lastLoad;
        const take = this.chartUsers ? await this.readChart(runId) : await this.readSum();
        if (number === this.lastLoad) {
            take();
            this.live.plan();
        }
    }

    /** @returns {Promise<Function>} takes over what was read */
    async readSum() {
        const fields = [QUANTITY_FIELD, STATE_FIELD];
        const {orm} = this.services;
        const reading = orm.silent.read(this.resModel, [this.resId], fields);
        const [values] = (await unlessOffline(reading)) || [];
        return () => {
            if (values) {
                this.state.quantity = values[QUANTITY_FIELD];
                this.state.runState = values[STATE_FIELD];
            }
        };
    }

    /** @returns {Promise<Function>} takes over what was read, or why it was not */
    async readChart(runId) {
        const {orm} = this.services;
        try {
            const method = "get_ai_forecast_data";
            const data = await orm.silent.call(this.resModel, method, [[this.resId]]);
            return () => this.takeChart(data, runId);
        } catch (error) {
            const reason = error.data?.message;
            return () => {
                this.state.error = reason || _t("The server cannot be reached.");
            };
        }
    }

    takeChart({run, ...chart}, runId) {
        if (runId && run?.id !== runId) {
            this.otherRunIds.add(runId);
        }
        this.state.error = null;
        this.state.run = run;
        this.state.runState = run?.state || false;
        this.state.quantity = total(chart.forecast);
        // The same picture is not drawn again only because a run says how far it is.
        if (JSON.stringify(chart) !== JSON.stringify(this.state.chart)) {
            this.state.chart = chart;
        }
    }

    // -------------------------------------------------------------------------
    // Runs
    // -------------------------------------------------------------------------

    /** Whether a run that changed may be about this product. */
    concerns(runId) {
        const own = this.state.run?.id || 0;
        return runId === own || (runId > own && !this.otherRunIds.has(runId));
    }

    /** Whether the viewer of the chart already sees that a run has ended. */
    shows({id, finished, failed}) {
        const isAboutThisAlone = id === this.pressedRunId || finished + failed === 1;
        return Boolean(this.chartUsers) && id === this.state.run?.id && isAboutThisAlone;
    }

    /** Start a run for this product, or find the one that is at it. */
    async press() {
        const {action, orm} = this.services;
        this.state.isPressed = true;
        try {
            const method = "action_run_ai_forecast";
            await action.doAction(
                await orm.call(this.resModel, method, [[this.resId]])
            );
            await this.load();
            this.pressedRunId = this.state.run?.id;
        } finally {
            this.state.isPressed = false;
        }
    }
}

/**
 * @param {Object} state that of a watch
 * @returns {Boolean} whether the product waits to be forecast, or is being forecast
 */
export function isForecasting({runState}) {
    return isActive({state: runState});
}

/** Form model -> its watch. */
const watches = new WeakMap();

/**
 * The forecast of the product in the form of a widget or field.
 *
 * @param {Object} [options]
 * @param {Boolean} [options.withChart] whether history and run are wanted as well
 * @returns {ForecastWatch}
 */
export function useForecastWatch({withChart = false} = {}) {
    const component = useComponent();
    // Not `useService("orm")`: the watch may outlive this part of the form.
    const {services} = component.env;
    const model = toRaw(component.props.record.model);
    if (!watches.has(model)) {
        watches.set(model, new ForecastWatch(services));
    }
    const watch = watches.get(model);
    useRecordObserver((record) => watch.follow(record));
    onMounted(() => watch.addUser(withChart));
    onWillUnmount(() => watch.removeUser(withChart));
    return watch;
}

/**
 * @param {ForecastWatch} watch
 * @returns {Object} its state; the component renders again when it changes
 */
export function useForecastState(watch) {
    return useState(watch.state);
}

/** What the fields of these names are, for views that do not show them. */
export const FORECAST_FIELDS = [
    {name: QUANTITY_FIELD, type: "float"},
    {name: STATE_FIELD, type: "selection"},
];
