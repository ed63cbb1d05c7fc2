import {onMounted, onWillUnmount, useComponent, useEffect} from "@odoo/owl";
import {ConnectionLostError} from "@web/core/network/rpc";
import {browser} from "@web/core/browser/browser";

/** Milliseconds between two looks where no message can arrive … */
export const POLL_WITHOUT_BUS = 3000;
/** … and where messages arrive, in case one is lost. */
export const POLL_WITH_BUS = 15000;

/**
 * Keeps something on the screen up to date while jobs go on.
 *
 * Refreshes when a message says that something changed, and polls while `isActive`: the
 * websocket may be unreachable (no proxy, a firewall). Nothing is fetched while nobody
 * can see it, there is never more than one refresh under way, and messages that pour in
 * are answered at most once in `throttle()` milliseconds.
 */
export class LiveUpdates {
    /**
     * @param {Object} bus the service `bus_service`
     * @param {Object} options
     * @param {(id?: Number) => Promise} options.refresh fetches and shows anew;
     *      knows the record when a message about it was the reason
     * @param {() => Boolean} options.isActive whether what is shown will still change
     * @param {(id: Number) => Boolean} [options.concerns] whether a changed record
     *      is of interest; all are by default
     * @param {() => Number} [options.throttle]
     * @param {String|String[]} options.message what the server sends, with an `id`
     * @param {String|String[]} [options.channel] where it sends that: to those who ask
     *      for it, while they look
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
            message,
            channel = [],
            pollWithoutBus = () => POLL_WITHOUT_BUS,
        }
    ) {
        Object.assign(this, {bus, refresh, isActive, concerns, throttle});
        Object.assign(this, {messages: [message].flat(), pollWithoutBus});
        this.channels = [channel].flat();
        this.timer = null;
        this.isRunning = false;
        this.isWanted = false;
        this.recordId = undefined;
        this.lastEnd = -Infinity;
        this.onChanged = this.onChanged.bind(this);
        this.onVisibilityChange = this.onVisibilityChange.bind(this);
    }

    start() {
        this.isStarted = true;
        for (const channel of this.channels) {
            this.bus.addChannel(channel);
        }
        for (const message of this.messages) {
            this.bus.subscribe(message, this.onChanged);
        }
        document.addEventListener("visibilitychange", this.onVisibilityChange);
        this.plan();
    }

    stop() {
        // Once, for others on the screen may want it still.
        for (const channel of this.isStarted ? this.channels : []) {
            this.bus.deleteChannel(channel);
        }
        this.isStarted = false;
        browser.clearTimeout(this.timer);
        for (const message of this.messages) {
            this.bus.unsubscribe(message, this.onChanged);
        }
        document.removeEventListener("visibilitychange", this.onVisibilityChange);
    }

    /** Refresh soon: at once, unless one is under way, was just now, or nobody looks. */
    request(recordId) {
        this.isWanted = true;
        this.recordId = recordId;
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
        const recordId = this.recordId;
        this.isRunning = true;
        this.isWanted = false;
        this.recordId = undefined;
        try {
            await this.refresh(recordId);
        } catch (error) {
            // Said once, not every three seconds.
            this.stop();
            throw error;
        } finally {
            // Whoever starts it again later begins anew.
            this.isRunning = false;
        }
        this.lastEnd = Date.now();
        this.plan();
    }

    onChanged({id}) {
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
 * @param {Object} options those of `LiveUpdates`
 * @returns {LiveUpdates}
 */
export function useLiveUpdates(options) {
    const component = useComponent();
    const live = new LiveUpdates(component.env.services.bus_service, options);
    onMounted(() => live.start());
    onWillUnmount(() => live.stop());
    useEffect(
        () => live.plan(),
        () => [options.isActive()]
    );
    return live;
}
