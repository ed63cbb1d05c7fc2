import {_t} from "@web/core/l10n/translation";
import {reactive} from "@odoo/owl";

export const MODEL = "ai.queue.report";

/** States of a question that are not its last one. */
const OPEN_STATES = ["pending", "started"];

/**
 * The question on the screen, what was understood of it and what came out.
 *
 * Answers that a later question overtook are dropped. No method fails: what went wrong
 * stands in `error`, with what can be done.
 */
export class AskStore {
    /** @param {Object} orm the service */
    constructor(orm) {
        this.orm = orm;
        this.lastCall = 0;
        // What somebody did last; settled once its answer is there.
        this.doing = Promise.resolve();
        this.state = reactive({
            // What `get_ask_start` returned: examples, recent and kept questions.
            start: null,
            // What `get_ask_screen` returned last of the present question.
            report: null,
            // What was just asked, until the server has answered.
            asked: "",
            isBusy: false,
            error: "",
            // One more each time when what is shown below is another view.
            revision: 0,
        });
    }

    /** Which of its faces the screen shows. */
    get face() {
        const {report, start, error, isBusy} = this.state;
        if (report) {
            if (report.chips.length || report.table) {
                return "report";
            }
            return this.isOpen ? "thinking" : "failed";
        }
        if (isBusy) {
            return "loading";
        }
        if (start) {
            return "start";
        }
        return error ? "error" : "loading";
    }

    /** Whether an answer, or its figures, are still to come. */
    get isOpen() {
        return OPEN_STATES.includes(this.state.report?.state);
    }

    /** Load what stands on the empty screen. */
    async loadStart() {
        const start = await this.run(() => this.call("get_ask_start", []));
        if (start) {
            this.state.start = start;
        }
    }

    /**
     * @param {String} question
     * @param {Object} [options]
     * @param {Boolean} [options.isFollowUp] whether it goes on from what is shown
     * @param {String} [options.source] where it is asked, if not in Odoo
     */
    async ask(question, {isFollowUp = false, source = ""} = {}) {
        const text = question.trim();
        if (!text || this.state.isBusy) {
            return;
        }
        const previous = (isFollowUp && this.state.report?.id) || null;
        this.state.asked = text;
        if (!isFollowUp) {
            this.state.report = null;
        }
        await this.show(() => this.call("ask_screen", [text, previous, source]));
        this.state.asked = "";
    }

    /** Open one of the ready reports. */
    openReady(readyId) {
        this.state.report = null;
        return this.show(() => this.call("open_ready", [readyId]));
    }

    /** Open a question that was asked before. */
    open(reportId) {
        this.state.report = null;
        return this.show(() => this.call("get_ask_screen", [[reportId]]));
    }

    /** Look again: while a model thinks, nobody knows when it will have an answer. */
    async refresh() {
        // It must not overtake what somebody did meanwhile: that answer would be lost.
        while (this.state.isBusy) {
            await this.doing;
        }
        const {report} = this.state;
        if (report) {
            await this.show(() => this.call("get_ask_screen", [[report.id]]), {
                isSilent: true,
            });
        }
    }

    /**
     * Change a part of what was understood.
     *
     * @param {String} key of the part
     * @param {any} value null takes it away
     */
    change(key, value) {
        const {report} = this.state;
        return this.show(() => this.call("change_part", [[report.id], key, value]));
    }

    cancel() {
        const {report} = this.state;
        return this.show(() => this.call("cancel_ask", [[report.id]]));
    }

    async toggleKept() {
        const {report} = this.state;
        const isKept = await this.run(() =>
            this.call("set_kept", [[report.id], !report.is_kept])
        );
        if (isKept !== undefined) {
            report.is_kept = isKept;
        }
    }

    /** Back to the empty screen. */
    async clear() {
        this.lastCall++;
        Object.assign(this.state, {report: null, error: "", isBusy: false});
        await this.loadStart();
    }

    /** Show what the server answers. */
    async show(call, {isSilent = false} = {}) {
        const report = await this.run(call, {isSilent});
        if (!report) {
            return;
        }
        const shown = this.state.report;
        const isSame = shown?.id === report.id;
        if (isSame && OPEN_STATES.includes(report.state)) {
            // What was there stays, until something else can be seen.
            report.action = shown.action;
        }
        // What somebody drilled into is not drawn anew because figures came.
        if (!isSame || JSON.stringify(report.action) !== JSON.stringify(shown.action)) {
            this.state.revision++;
        }
        this.state.report = report;
    }

    /** The answer of a call; undefined when it failed or was overtaken. */
    run(call, {isSilent = false} = {}) {
        this.state.isBusy ||= !isSilent;
        const answer = this.wait(call);
        if (!isSilent) {
            this.doing = answer;
        }
        return answer;
    }

    async wait(call) {
        const number = ++this.lastCall;
        try {
            const answer = await call();
            if (number !== this.lastCall) {
                return undefined;
            }
            Object.assign(this.state, {error: "", isBusy: false});
            return answer;
        } catch (error) {
            if (number === this.lastCall) {
                Object.assign(this.state, {error: this.say(error), isBusy: false});
            }
            return undefined;
        }
    }

    call(method, parameters) {
        return this.orm.silent.call(MODEL, method, parameters);
    }

    say(error) {
        return (
            error.data?.message ||
            _t("The server cannot be reached. Try again in a moment.")
        );
    }
}
