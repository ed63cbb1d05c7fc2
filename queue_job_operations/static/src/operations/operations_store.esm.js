import {DEFAULT_PERIOD, PERIODS} from "./operations_words.esm";
import {POLL_WITH_BUS} from "../live/live_updates.esm";
import {_t} from "@web/core/l10n/translation";
import {reactive} from "@odoo/owl";

export const MODEL = "queue.job.operations";

/** What the server sends to administrators when jobs, channels or alerts changed. */
export const OPERATIONS_CHANGED = "queue_job/operations_changed";

/** Milliseconds between two looks: it is one screen for the whole database. */
const THROTTLE = 3000;

/**
 * The figures on the screen, and what is known of how old they are.
 *
 * Answers that a later question overtook are dropped. An answer that does not come leaves
 * the last figures where they are, and says since when they are old.
 */
export class OperationsStore {
    /**
     * @param {Object} orm the service
     * @param {String} [period] a key of `PERIODS`
     */
    constructor(orm, period) {
        this.orm = orm;
        this.lastLoad = 0;
        this.state = reactive({
            period: period in PERIODS ? period : DEFAULT_PERIOD,
            // What `get_figures` returned last; null before the first answer.
            figures: null,
            // Why the last question was not answered, in words.
            error: "",
            isLoading: false,
            // Whether somebody wants to look at these very figures in peace.
            isHeld: false,
        });
    }

    /** Ask for the figures now. It never fails: what went wrong stands in `error`. */
    async load() {
        const number = ++this.lastLoad;
        const {period} = this.state;
        this.state.isLoading = true;
        let answer = {};
        try {
            const figures = await this.orm.silent.call(MODEL, "get_figures", [], {
                period,
            });
            answer = {figures: this.keepChart(figures), error: ""};
        } catch (error) {
            const reason = error.data?.message;
            answer = {error: reason || _t("The server cannot be reached.")};
        }
        if (number === this.lastLoad) {
            Object.assign(this.state, answer, {isLoading: false});
        }
    }

    /** The same picture is not drawn again only because something else changed. */
    keepChart(figures) {
        const shown = this.state.figures?.chart;
        const isSame = JSON.stringify(shown) === JSON.stringify(figures.chart);
        return isSame ? {...figures, chart: shown} : figures;
    }

    /** @param {String} period a key of `PERIODS` */
    async choosePeriod(period) {
        if (period !== this.state.period) {
            this.state.period = period;
            await this.load();
        }
    }

    /** Stop following, or follow again and catch up. */
    async toggleHold() {
        this.state.isHeld = !this.state.isHeld;
        if (!this.state.isHeld) {
            await this.load();
        }
    }

    /**
     * Options for `useLiveUpdates`.
     *
     * @param {Object[]} panels those of other addons, which may hear of more
     * @returns {Object}
     */
    getLiveOptions(panels) {
        const ofPanels = (name) => panels.flatMap((panel) => panel[name] || []);
        return {
            message: [OPERATIONS_CHANGED, ...ofPanels("message")],
            channel: ofPanels("channel"),
            isActive: () => !this.state.isHeld,
            concerns: () => !this.state.isHeld,
            // A message may have come just before somebody asked for peace.
            refresh: async () => this.state.isHeld || (await this.load()),
            throttle: () => THROTTLE,
            pollWithoutBus: () => POLL_WITH_BUS,
        };
    }
}
