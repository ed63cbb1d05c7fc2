import {Ask} from "@ai_queue_report/ask/ask.esm";
import {patch} from "@web/core/utils/patch";

/** *Pin* on the screen that asks. */
patch(Ask.prototype, {
    async onPin() {
        const ids = [[this.report.id]];
        const {orm} = this.env.services;
        return this.action.doAction(await orm.call("ai.queue.report", "action_pin", ids));
    },
});
