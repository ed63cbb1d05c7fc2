import {Component, useState} from "@odoo/owl";
import {RUNS_CHANNEL, RUN_CHANGED} from "../runs/live_runs.esm";
import {_t} from "@web/core/l10n/translation";
import {formatDuration} from "@queue_job_operations/operations/operations_words.esm";
import {formatInteger} from "@web/views/fields/formatters";
import {registry} from "@web/core/registry";

/**
 * How far a run is, in words.
 *
 * @param {{done: Number, failed: Number, total: Number}} run
 * @returns {String}
 */
export function describeProgress({done, failed, total}) {
    const figures = {
        done: formatInteger(done + failed),
        total: formatInteger(total),
        failed: formatInteger(failed),
    };
    return failed
        ? _t("%(done)s of %(total)s, %(failed)s failed", figures)
        : _t("%(done)s of %(total)s", figures);
}

/** On the screen *Operations*: the runs in progress, each with its Cancel. */
export class RunsPanel extends Component {
    static template = "ai_queue.RunsPanel";
    static props = {figures: Object, actions: Object};

    setup() {
        this.busy = useState(this.props.actions.busy);
    }

    get moreLabel() {
        return _t("%s more", formatInteger(this.props.figures.runs_more));
    }

    isBusy(run) {
        return this.busy.has(`run ${run.id}`);
    }

    progress(run) {
        return describeProgress(run);
    }

    eta(run) {
        return run.eta === null ? "" : _t("about %s left", formatDuration(run.eta));
    }

    nameProgress(run) {
        return _t("Progress of %s", run.name);
    }

    nameCancel(run) {
        return _t("Cancel %s", run.name);
    }

    cancel(run) {
        const {actions} = this.props;
        const left = formatInteger(Math.max(0, run.total - run.done - run.failed));
        actions.ask({
            title: _t("Cancel this run?"),
            body: _t(
                "%(name)s: what is not done yet (%(left)s of %(total)s) is " +
                    "cancelled. What is finished stays, and what is running stops at " +
                    "its next step.",
                {name: run.name, left, total: formatInteger(run.total)}
            ),
            confirmLabel: _t("Cancel %s of It", left),
            confirmClass: "btn-danger",
            confirm: () =>
                actions.act(`run ${run.id}`, () =>
                    actions.orm.call("ai.queue.run", "action_cancel", [[run.id]])
                ),
        });
    }
}

registry.category("queue_job_operations.panels").add("ai_queue.runs", {
    key: "ai_queue.runs",
    Component: RunsPanel,
    message: RUN_CHANGED,
    channel: RUNS_CHANNEL,
    // Managers of the job queue may have no role in AI Queue.
    isShown: ({runs}) => Boolean(runs),
    isQuiet: ({runs}) => !runs.length,
    firstStep: _t(
        "Press Run AI Forecast on a product, or upload a vendor bill to a journal that " +
            "reads its bills: the jobs appear here by themselves."
    ),
});
