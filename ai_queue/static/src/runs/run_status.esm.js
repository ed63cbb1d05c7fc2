import {describeMoment} from "@queue_job_operations/live/moments.esm";
import {describeState} from "./run_state.esm";
import {Component} from "@odoo/owl";
import {useService} from "@web/core/utils/hooks";

/** State of the last run of a record: badge, progress, moment or reason, and a link. */
export class RunStatus extends Component {
    static template = "ai_queue.RunStatus";
    static props = {
        run: {
            type: Object,
            shape: {
                id: Number,
                name: String,
                state: String,
                progress: Number,
                message: {type: [String, {value: null}]},
                date: String,
            },
        },
    };

    setup() {
        this.action = useService("action");
    }

    get badge() {
        return describeState(this.props.run);
    }

    get progress() {
        return Math.round(this.props.run.progress);
    }

    get moment() {
        return describeMoment(this.props.run.date);
    }

    onOpen() {
        this.action.doAction({
            type: "ir.actions.act_window",
            res_model: "ai.queue.run",
            res_id: this.props.run.id,
            views: [[false, "form"]],
        });
    }
}
