import {Component, onMounted, useState} from "@odoo/owl";
import {
    PERIODS,
    describeLook,
    formatClock,
    isQuiet,
} from "./operations_words.esm";
import {ChannelRow} from "./channel_row.esm";
import {JobsChart} from "./jobs_chart.esm";
import {Layout} from "@web/search/layout";
import {OperationsActions} from "./operations_actions.esm";
import {OperationsStore} from "./operations_store.esm";
import {_t} from "@web/core/l10n/translation";
import {describeMoment} from "../live/moments.esm";
import {formatInteger} from "@web/views/fields/formatters";
import {registry} from "@web/core/registry";
import {router} from "@web/core/browser/router";
import {standardActionServiceProps} from "@web/webclient/actions/action_service";
import {useLiveUpdates} from "../live/live_updates.esm";
import {useService} from "@web/core/utils/hooks";
import {useSetupAction} from "@web/search/action_hook";

const panels = registry.category("queue_job_operations.panels");

/** The screen *Operations*: what runs, waits and failed in the whole database. */
export class Operations extends Component {
    static template = "queue_job_operations.Operations";
    static components = {ChannelRow, JobsChart, Layout};
    static props = {...standardActionServiceProps};

    setup() {
        const services = {
            action: useService("action"),
            dialog: useService("dialog"),
            notification: useService("notification"),
            orm: useService("orm"),
        };
        const period = this.props.state?.period || router.current.period;
        this.store = new OperationsStore(services.orm, period);
        this.state = useState(this.store.state);
        this.actions = new OperationsActions(services, this.store);
        this.busy = useState(this.actions.busy);
        this.periods = Object.entries(PERIODS).map(([key, words]) => ({key, ...words}));
        this.panels = panels.getAll();
        this.live = useLiveUpdates(this.store.getLiveOptions(this.panels));
        useSetupAction({getLocalState: () => ({period: this.state.period})});
        onMounted(() => {
            this.keepPeriod();
            this.live.request();
        });
    }

    /** The address says what is shown: it can be sent to somebody, and loaded anew. */
    keepPeriod() {
        this.props.updateActionState({period: this.state.period});
    }

    // -------------------------------------------------------------------------
    // What the template shows
    // -------------------------------------------------------------------------

    get display() {
        return {controlPanel: {}};
    }

    get figures() {
        return this.state.figures;
    }

    /** Which of its faces the screen shows: loading, error or figures. */
    get face() {
        if (this.figures) {
            return "figures";
        }
        return this.state.error ? "error" : "loading";
    }

    /** The panels of other addons that have something for this reader. */
    get shownPanels() {
        return this.panels.filter((panel) => panel.isShown?.(this.figures) ?? true);
    }

    get isQuiet() {
        const isQuietPanel = (panel) => panel.isQuiet?.(this.figures) ?? true;
        return isQuiet(this.figures) && this.shownPanels.every(isQuietPanel);
    }

    /** What people can do for the first job to appear. */
    get firstSteps() {
        const steps = this.shownPanels.map((panel) => panel.firstStep).filter(Boolean);
        return steps.length
            ? steps.map(String)
            : [_t("Jobs of any addon appear here by themselves as soon as they are queued.")];
    }

    /** What to do when there is nothing to see. */
    get quietHint() {
        return this.figures.period === "week"
            ? ""
            : _t("Choose a longer period above to see what ran before.");
    }

    get freshness() {
        const clock = formatClock(this.figures.now);
        return this.state.isHeld
            ? _t("Updates are paused. Figures of %s", clock)
            : _t("Figures of %s", clock);
    }

    get staleness() {
        return _t("These are the figures of %s.", formatClock(this.figures.now));
    }

    get holdLabel() {
        return this.state.isHeld ? _t("Continue updates") : _t("Pause updates");
    }

    look(state) {
        return describeLook(state);
    }

    /** What stands above all figures already is not said a second time. */
    sentence(tile) {
        return tile.sentence === this.figures.runner.sentence
            ? _t("Nothing is processed: see above.")
            : tile.sentence;
    }

    problem(channel) {
        return channel.problem === this.figures.runner.sentence ? "" : channel.problem;
    }

    isBusy(key) {
        return this.busy.has(key);
    }

    moment(date) {
        return describeMoment(date);
    }

    get names() {
        const failures = formatInteger(this.figures.failures_total);
        return {
            retryAll: _t("Retry All (%s)", failures),
            allFailures: _t("All failed jobs (%s)", failures),
        };
    }

    nameRetry(job) {
        return _t("Retry %s", job.name);
    }

    nameAcknowledge(alert) {
        return _t("Acknowledge: %s", alert.message);
    }

    // -------------------------------------------------------------------------
    // What people do
    // -------------------------------------------------------------------------

    onPeriod(period) {
        const loaded = this.store.choosePeriod(period);
        this.keepPeriod();
        return loaded;
    }

    onOpenBucket(bucket, state, newWindow) {
        return this.actions.openBucket(bucket, state, newWindow);
    }
}

registry.category("actions").add("queue_job_operations.operations", Operations);
