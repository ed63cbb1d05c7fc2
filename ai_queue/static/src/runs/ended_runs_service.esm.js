import {_t} from "@web/core/l10n/translation";
import {registry} from "@web/core/registry";

/** What the server sends when a run has ended, to the user who pressed the button. */
export const RUN_ENDED = "ai_queue/run_ended";

function sayToReview(finished, toReview) {
    const others = finished - toReview;
    return others > 0
        ? _t("%(count)s to review, %(others)s in order.", {count: toReview, others})
        : _t("%(count)s to review.", {count: toReview});
}

/**
 * @param {{id: Number, state: String, review_action: String}} run
 * @returns {{name: String, action: Object|String}} what to see of an ended run
 */
function whereToLook(run) {
    if (run.review_action && run.state === "done") {
        return {name: _t("Review"), action: run.review_action};
    }
    const action = {
        type: "ir.actions.act_window",
        res_model: "ai.queue.run",
        res_id: run.id,
        views: [[false, "form"]],
    };
    return {name: _t("Open"), action};
}

/**
 * What the toast about an ended run says: what is left to do, before what is done.
 *
 * @param {{state: String, finished: Number, skipped: Number, failed: Number,
 *     to_review: Number}} run
 * @returns {{message: String, type: String, sticky: Boolean}}
 */
export function describeEnd({state, finished, skipped, failed, to_review: toReview}) {
    if (state === "failed") {
        const message =
            finished || failed > 1
                ? _t("%(failed)s of %(total)s failed.", {failed, total: finished + failed})
                : _t("It failed.");
        return {message, type: "danger", sticky: true};
    }
    if (state === "cancelled") {
        const message = finished
            ? _t("Cancelled; what was finished stays.")
            : _t("Cancelled before anything was done.");
        return {message, type: "warning", sticky: false};
    }
    if (toReview) {
        return {message: sayToReview(finished, toReview), type: "warning", sticky: false};
    }
    if (!skipped) {
        return {message: _t("Done."), type: "success", sticky: false};
    }
    const message =
        skipped === finished
            ? _t("There was nothing to do: see why.")
            : _t("Done, %(skipped)s skipped.", {skipped});
    return {message, type: "warning", sticky: false};
}

/**
 * Tells the person who pressed that the run has ended, wherever they are by now,
 * unless a view in front of them shows that very run.
 */
export const endedRunsService = {
    dependencies: ["action", "bus_service", "notification"],

    start(env, {action, bus_service: bus, notification}) {
        const watchers = new Set();

        function onRunEnded(run) {
            const isSeen = [...watchers].some((shows) => shows(run));
            if (isSeen && !document.hidden) {
                return;
            }
            const {message, ...options} = describeEnd(run);
            const {name, action: next} = whereToLook(run);
            const close = notification.add(message, {
                title: run.name,
                className: "o_ai_queue_run_ended",
                ...options,
                buttons: [
                    {
                        name,
                        onClick: () => {
                            close();
                            action.doAction(next);
                        },
                    },
                ],
            });
        }

        bus.subscribe(RUN_ENDED, onRunEnded);
        bus.start();
        return {
            /**
             * @param {(run: Object) => Boolean} shows whether an ended run is in sight
             * @returns {() => void} forgets it again
             */
            add(shows) {
                watchers.add(shows);
                return () => watchers.delete(shows);
            },
        };
    },
};

registry.category("services").add("ai_queue.ended_runs", endedRunsService);
