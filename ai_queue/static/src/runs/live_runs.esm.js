import {
    LiveUpdates,
    useLiveUpdates,
} from "@queue_job_operations/live/live_updates.esm";
import {onMounted, onWillUnmount} from "@odoo/owl";
import {useService} from "@web/core/utils/hooks";

/** What the server sends when a run was created or changed: `{id}`. */
export const RUN_CHANGED = "ai_queue/run_changed";
/** Where it sends that: to those who ask for it, while they look at runs. */
export const RUNS_CHANNEL = "ai_queue.runs";

const OF_RUNS = {message: RUN_CHANGED, channel: RUNS_CHANNEL};

/** `LiveUpdates` that hears of runs. */
export class LiveRuns extends LiveUpdates {
    constructor(bus, options) {
        super(bus, {...OF_RUNS, ...options});
    }
}

/**
 * `LiveUpdates` that hears of runs, for as long as the component is on the screen.
 *
 * @param {Object} options those of `LiveUpdates`, and
 * @param {(run: Object) => Boolean} [options.shows] whether this run, of which a
 *      message says that it has ended, is in plain sight: no toast is needed then
 * @returns {LiveUpdates}
 */
export function useLiveRuns(options) {
    const watch = useService("ai_queue.ended_runs");
    let unwatch = () => {};
    onMounted(() => {
        if (options.shows) {
            unwatch = watch.add(options.shows);
        }
    });
    onWillUnmount(() => unwatch());
    return useLiveUpdates({...OF_RUNS, ...options});
}
