import {onMounted, onWillUnmount, useComponent, useEffect} from "@odoo/owl";
import {ConnectionLostError} from "@web/core/network/rpc";
import {browser} from "@web/core/browser/browser";
import {useService} from "@web/core/utils/hooks";

/** What the server sends when a run was created or changed: `{id}`. */
export const RUN_CHANGED = "ai_queue/run_changed";
/** Where it sends that: to those who ask for it, while they look at runs. */
export const RUNS_CHANNEL = "ai_queue.runs";

/** Milliseconds between two looks where no message can arrive … */
export const POLL_WITHOUT_BUS = 3000;
/** … and where messages arrive, in case one is lost. */
export const POLL_WITH_BUS = 15000;

/**
 * Keeps something on the screen up to date while runs go on.
 *
 * Refreshes when a message says that a run changed, and polls while `isActive`: the
 * websocket may be unreachable (no proxy, a firewall). Nothing is fetched while nobody
 * can see it, there is never more than one refresh under way, and messages that pour in
 * are answered at most once in `throttle()` milliseconds.
 */
export class LiveUpdates {
    /**
     * @param {Object} bus the service `bus_service`
     * @param {Object} options
     * @param {(runId?: Number) => Promise} options.refresh fetches and shows anew;
     *      knows the run when a message about it was the reason
     * @param {() => Boolean} options.isActive whether what is shown will still change
     * @param {(runId: Number) => Boolean} [options.concerns] whether a changed run is
     *      of interest; all are by default
     * @param {() => Number} [options.throttle]
     * @param {String|String[]} [options.message] what the server sends, with an `id`
     * @param {() => Number} [options.pollWithoutBus] milliseconds, for what is much to
     *      fetch
     */
    constructor(
        bus,
        {
            refresh,
            isActive,
            concerns = () => true,
            throttle = () => 1000,
            message = RUN_CHANGED,
            pollWithoutBus = () => POLL_WITHOUT_BUS,
        }
    ) {
        Object.assign(this, {bus, refresh, isActive, concerns, throttle});
        Object.assign(this, {messages: [message].flat(), pollWithoutBus});
        this.timer = null;
        this.isRunning = false;
        this.isWanted = false;
        this.runId = undefined;
        this.lastEnd = -Infinity;
        this.onRunChanged = this.onRunChanged.bind(this);
        this.onVisibilityChange = this.onVisibilityChange.bind(this);
    }

    start() {
        this.isStarted = true;
        if (this.messages.includes(RUN_CHANGED)) {
            this.bus.addChannel(RUNS_CHANNEL);
        }
        for (const message of this.messages) {
            this.bus.subscribe(message, this.onRunChanged);
        }
        document.addEventListener("visibilitychange", this.onVisibilityChange);
        this.plan();
    }

    stop() {
        // Once, for others on the screen may want it still.
        if (this.isStarted && this.messages.includes(RUN_CHANGED)) {
            this.bus.deleteChannel(RUNS_CHANNEL);
        }
        this.isStarted = false;
        browser.clearTimeout(this.timer);
        for (const message of this.messages) {
            this.bus.unsubscribe(message, this.onRunChanged);
        }
        document.removeEventListener("visibilitychange", this.onVisibilityChange);
    }

    /** Refresh soon: at once, unless one is under way, was just now, or nobody looks. */
    request(runId) {
        this.isWanted = true;
        this.runId = runId;
        this.plan();
    }

    /** Decide when the next refresh is due, from how things are now. */
    plan() {
        browser.clearTimeout(this.timer);
        if (!this.isStarted || this.isRunning || document.hidden) {
            return;
        }
        if (this.isWanted) {
            const wait = this.lastEnd + this.throttle() - Date.now();
            if (wait > 0) {
                this.timer = browser.setTimeout(() => this.run(), wait);
            } else {
                this.run();
            }
        } else if (this.isActive()) {
            const isConnected = this.bus.workerState === "CONNECTED";
            const wait = isConnected ? POLL_WITH_BUS : this.pollWithoutBus();
            this.timer = browser.setTimeout(() => this.run(), wait);
        }
    }

    async run() {
        const runId = this.runId;
        this.isRunning = true;
        this.isWanted = false;
        this.runId = undefined;
        try {
            await this.refresh(runId);
        } catch (error) {
            // Said once, not every three seconds.
            this.stop();
            throw error;
        }
        this.isRunning = false;
        this.lastEnd = Date.now();
        this.plan();
    }

    onRunChanged({id}) {
        if (this.concerns(id)) {
            this.request(id);
        }
    }

    onVisibilityChange() {
        if (!document.hidden && this.isActive()) {
            this.isWanted = true;
        }
        this.plan();
    }
}

/**
 * For a refresh: Odoo itself says when the connection is lost, and the next look will
 * tell whether it is back.
 *
 * @param {Promise} promise
 * @returns {Promise} its result; undefined when the server could not be reached
 */
export async function unlessOffline(promise) {
    try {
        return await promise;
    } catch (error) {
        if (error instanceof ConnectionLostError) {
            return undefined;
        }
        throw error;
    }
}

/**
 * `LiveUpdates` for as long as the component is on the screen.
 *
 * @param {Object} options those of `LiveUpdates`, and
 * @param {(run: Object) => Boolean} [options.shows] whether this run, of which a
 *      message says that it has ended, is in plain sight: no toast is needed then
 * @returns {LiveUpdates}
 */
export function useLiveUpdates(options) {
    const component = useComponent();
    const watch = useService("ai_queue.ended_runs");
    const live = new LiveUpdates(component.env.services.bus_service, options);
    let unwatch = () => {};
    onMounted(() => {
        live.start();
        if (options.shows) {
            unwatch = watch.add(options.shows);
        }
    });
    onWillUnmount(() => {
        live.stop();
        unwatch();
    });
    useEffect(
        () => live.plan(),
        () => [options.isActive()]
    );
    return live;
}
