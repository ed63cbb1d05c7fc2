import {ConfirmationDialog} from "@web/core/confirmation_dialog/confirmation_dialog";
import {MODEL} from "./operations_store.esm";
import {_t} from "@web/core/l10n/translation";
import {formatInteger} from "@web/views/fields/formatters";
import {reactive} from "@odoo/owl";

const CHANNEL = "queue.job.channel";

/**
 * What people do on the screen: open lists, and steer channels, runs and jobs.
 *
 * Whatever changes more than one job is asked about first, with the number of jobs; and
 * after each change the figures are read again.
 */
export class OperationsActions {
    /**
     * @param {Object} services `action`, `dialog`, `notification`, `orm`
     * @param {OperationsStore} store
     */
    constructor(services, store) {
        Object.assign(this, services);
        this.store = store;
        // Keys of what is under way: their buttons wait.
        this.busy = reactive(new Set());
    }

    // -------------------------------------------------------------------------
    // Lists
    // -------------------------------------------------------------------------

    /**
     * @param {Object} action what a figure counted
     * @param {Boolean} [newWindow] for clicks with the middle button or Ctrl
     */
    open(action, newWindow = false) {
        return this.action.doAction(action, {newWindow});
    }

    openRecord(model, id, newWindow = false) {
        const views = [[false, "form"]];
        const action = {
            type: "ir.actions.act_window",
            res_model: model,
            res_id: id,
            views,
        };
        return this.open(action, newWindow);
    }

    /**
     * @param {Object} bucket a bar of the chart
     * @param {String} state `done` or `failed`
     * @param {Boolean} [newWindow]
     */
    async openBucket({start, end}, state, newWindow = false) {
        const args = [start, end, state];
        this.open(await this.orm.call(MODEL, "get_bucket_action", args), newWindow);
    }

    /**
     * @param {Object} channel
     * @param {String} state `waiting` or `running`
     * @param {Boolean} [newWindow]
     */
    async openChannel(channel, state, newWindow = false) {
        const args = [channel.id, state];
        this.open(await this.orm.call(MODEL, "get_channel_action", args), newWindow);
    }

    // -------------------------------------------------------------------------
    // Channels
    // -------------------------------------------------------------------------

    pause(channel) {
        const {name, waiting, running} = channel;
        this.ask({
            title: _t("Pause %s?", name),
            body: _t(
                "No further job of this channel or those below it starts until it is " +
                    "resumed. Waiting now: %(waiting)s. Running now, and allowed to " +
                    "finish: %(running)s.",
                {waiting: formatInteger(waiting), running: formatInteger(running)}
            ),
            confirmLabel: _t("Pause Channel"),
            confirm: () => this.callChannel(channel, "action_pause"),
        });
    }

    resume(channel) {
        this.ask({
            title: _t("Resume %s?", channel.name),
            body: _t("Jobs start again at once. Waiting now: %s.", [
                formatInteger(channel.waiting),
            ]),
            confirmLabel: _t("Resume Channel"),
            confirm: () => this.callChannel(channel, "action_resume"),
        });
    }

    /**
     * @param {Object} channel
     * @param {Number} capacity
     * @param {() => void} onDone called once it is so
     */
    setCapacity(channel, capacity, onDone) {
        const values = {
            now: channel.capacity ? formatInteger(channel.capacity) : _t("no limit"),
            next: formatInteger(capacity),
            waiting: formatInteger(channel.waiting),
        };
        this.ask({
            title: _t("Let %(name)s run %(next)s at a time?", {
                ...values,
                name: channel.name,
            }),
            body: _t(
                "Jobs at a time now: %(now)s. New: %(next)s. It takes effect at " +
                    "once, and running jobs finish. Waiting now: %(waiting)s.",
                values
            ),
            confirmLabel: _t("Set Capacity"),
            confirm: async () => {
                await this.act(`channel ${channel.id}`, () =>
                    this.orm.write(CHANNEL, [channel.id], {
                        effective_capacity: capacity,
                    })
                );
                onDone();
            },
        });
    }

    async cancelWaiting(channel) {
        const count = await this.count(`channel ${channel.id}`, "count_waiting", [
            channel.id,
        ]);
        if (!count) {
            this.say(_t("No jobs wait in %s any more.", channel.name));
            return this.store.load();
        }
        this.ask({
            title: _t("Cancel %s waiting jobs?", formatInteger(count)),
            body: _t(
                "Jobs that wait in %(name)s or below it: %(count)s. They are " +
                    "cancelled and do not run. Running jobs finish.",
                {name: channel.name, count: formatInteger(count)}
            ),
            confirmLabel: _t("Cancel %s Jobs", formatInteger(count)),
            confirmClass: "btn-danger",
            confirm: () =>
                this.act(`channel ${channel.id}`, () =>
                    this.orm.call(MODEL, "cancel_waiting", [channel.id])
                ),
        });
    }

    callChannel(channel, method) {
        return this.act(`channel ${channel.id}`, () =>
            this.orm.call(CHANNEL, method, [[channel.id]])
        );
    }

    // -------------------------------------------------------------------------
    // Jobs, alerts
    // -------------------------------------------------------------------------

    retry(job) {
        return this.act(`job ${job.id}`, () =>
            this.orm.call(MODEL, "retry_jobs", [[job.id]])
        );
    }

    async retryAll() {
        const {period} = this.store.state.figures;
        const count = await this.count("failures", "count_failures", [period]);
        if (!count) {
            this.say(_t("No failed jobs are left."));
            return this.store.load();
        }
        this.ask({
            title: _t("Retry %s failed jobs?", formatInteger(count)),
            body: _t(
                "Jobs that failed in this period: %s. They wait in their channels " +
                    "again and run once there is room. Fix the cause first, or they " +
                    "fail again.",
                formatInteger(count)
            ),
            confirmLabel: _t("Retry %s Jobs", formatInteger(count)),
            confirm: () =>
                this.act("failures", () =>
                    this.orm.call(MODEL, "retry_failures", [period])
                ),
        });
    }

    acknowledge(alert) {
        return this.act(`alert ${alert.id}`, () =>
            this.orm.call("queue.job.alert", "action_acknowledge", [[alert.id]])
        );
    }

    // -------------------------------------------------------------------------
    // What they have in common
    // -------------------------------------------------------------------------

    ask(props) {
        // "Cancel" beside "Cancel 20 Jobs" would be a riddle.
        this.dialog.add(ConfirmationDialog, {
            cancel: () => {},
            cancelLabel: _t("Go Back"),
            ...props,
        });
    }

    say(message) {
        this.notification.add(message, {type: "info"});
    }

    count(key, method, args) {
        return this.whileBusy(key, () => this.orm.call(MODEL, method, args));
    }

    /** Change something, say what came of it, and read the figures again. */
    async act(key, change) {
        await this.whileBusy(key, async () => {
            try {
                const result = await change();
                if (result?.message) {
                    this.notification.add(result.message, {type: "success"});
                }
            } finally {
                // Also what was refused may have been out of date on the screen.
                await this.store.load();
            }
        });
    }

    async whileBusy(key, work) {
        this.busy.add(key);
        try {
            return await work();
        } finally {
            this.busy.delete(key);
        }
    }
}
