import {Component, onMounted, onWillStart, useEffect, useRef, useState} from "@odoo/owl";
import {ReportChip} from "./report_chip.esm";
import {AskStore} from "./ask_store.esm";
import {Layout} from "@web/search/layout";
import {ReportChart} from "./report_chart.esm";
import {ReportFigures} from "./report_figures.esm";
import {ReportView} from "./report_view.esm";
import {_t} from "@web/core/l10n/translation";
import {registry} from "@web/core/registry";
import {standardActionServiceProps} from "@web/webclient/actions/action_service";
import {useLiveRuns} from "@ai_queue/runs/live_runs.esm";
import {useService} from "@web/core/utils/hooks";
import {useSetupAction} from "@web/search/action_hook";

/** A question on top, what was understood of it, and the view of Odoo that answers it. */
export class Ask extends Component {
    static template = "ai_queue_report.Ask";
    static components = {Layout, ReportChart, ReportChip, ReportFigures, ReportView};
    static props = {...standardActionServiceProps};

    setup() {
        this.action = useService("action");
        this.store = new AskStore(useService("orm"));
        this.state = useState(this.store.state);
        this.local = useState({question: "", followUp: "", source: "", isCompared: true});
        this.questionRef = useRef("question");
        this.live = useLiveRuns({
            isActive: () => this.store.isOpen,
            concerns: (id) => id === this.state.report?.run_id,
            shows: (run) => run.id === this.state.report?.run_id,
            refresh: () => this.store.refresh(),
            throttle: () => 300,
            pollWithoutBus: () => 1000,
        });
        useSetupAction({getLocalState: () => ({resId: this.state.report?.id})});
        onWillStart(() => {
            // Somebody who comes back from records finds the question as it was.
            const {resId} = this.props.state || this.props;
            // The screen is there at once, and says that it is loading.
            resId ? this.store.open(resId) : this.store.loadStart();
        });
        onMounted(() => this.questionRef.el?.focus());
        useEffect(
            () => this.keep(),
            () => [this.state.report?.id]
        );
        useEffect(
            () => this.live.plan(),
            () => [this.state.report?.state]
        );
    }

    /** The address says what is shown: it can be loaded anew, and kept as a bookmark. */
    keep() {
        const {report} = this.state;
        if (report) {
            this.local.question = report.question;
            this.local.followUp = "";
            this.local.source = report.source;
        }
        this.props.updateActionState({resId: report?.id || false});
    }

    // -------------------------------------------------------------------------
    // What the template shows
    // -------------------------------------------------------------------------

    get face() {
        return this.store.face;
    }

    get report() {
        return this.state.report;
    }

    get figures() {
        const {figures} = this.report;
        return figures || this.store.isOpen ? figures : {items: [], notes: [], empty: ""};
    }

    /** What there is to know of the answer, a line each. */
    get hints() {
        const {left, message, note} = this.report;
        const {figures, table} = this.report;
        const hints = [...(figures?.notes || []), ...(table?.notes || [])];
        if (note) {
            hints.push(note);
        }
        if (this.report.state === "cancelled") {
            hints.push(_t("This was taken back before it was read. Press Ask."));
        } else if (message) {
            hints.push(message);
        }
        if (left.some((word) => !message?.includes(word))) {
            hints.push(_t("Not understood: %s", left.join(", ")));
        }
        return hints;
    }

    /** The answer in words; that there is none stands where the figures would. */
    get summary() {
        const {summary, figures} = this.report;
        return summary === figures?.empty ? "" : summary;
    }

    get compared() {
        return this.report.figures?.compared;
    }

    /** Or else it is drawn here because no graph of Odoo shows such figures. */
    get hasTwoTimes() {
        return this.compared.series.some((one) => one.is_past);
    }

    get isComparedShown() {
        return Boolean(this.compared) && this.local.isCompared;
    }

    /** Where else than in Odoo one may ask. */
    get sources() {
        return (this.report || this.state.start)?.sources || [];
    }

    get subjects() {
        return this.state.start.subjects;
    }

    get placeholder() {
        return _t("For example: sales by month this year, top 10 customers");
    }

    get followUpPlaceholder() {
        return _t("Ask on: only Germany, as a table, by salesperson…");
    }

    // -------------------------------------------------------------------------
    // What people do
    // -------------------------------------------------------------------------

    onAsk() {
        const {question, source} = this.local;
        return this.store.ask(question, {source});
    }

    onAskOn() {
        const {followUp, source} = this.local;
        return this.store.ask(followUp, {isFollowUp: true, source});
    }

    onChange(key, value) {
        return this.store.change(key, value);
    }

    onOpenInFull() {
        return this.action.doAction(this.report.action);
    }

    async onNew() {
        this.local.question = "";
        await this.store.clear();
        this.questionRef.el?.focus();
    }

    onTryAgain() {
        const {report, asked} = this.state;
        if (report) {
            return this.store.ask(report.question, {source: report.source});
        }
        return asked ? this.store.ask(asked) : this.store.loadStart();
    }
}

registry.category("actions").add("ai_queue_report.ask", Ask);
