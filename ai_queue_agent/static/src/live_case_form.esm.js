import {FormController} from "@web/views/form/form_controller";
import {formView} from "@web/views/form/form_view";
import {isActive} from "@ai_queue/runs/run_state.esm";
import {registry} from "@web/core/registry";
import {unlessOffline} from "@queue_job_operations/live/live_updates.esm";
import {useLiveRuns} from "@ai_queue/runs/live_runs.esm";

/** The form of a case, which shows each step of the agent as it is taken. */
export class LiveCaseFormController extends FormController {
    setup() {
        super.setup();
        this.live = useLiveRuns({
            isActive: () => isActive(this.model.root.data),
            concerns: (runId) => {
                const run = this.model.root.data.run_id;
                // A case that nobody has begun to work on has no run yet.
                return !run || run.id === runId;
            },
            refresh: () => this.refresh(),
        });
    }

    async refresh() {
        const record = this.model.root;
        if (record.resId && !record.dirty) {
            await unlessOffline(record.load());
        }
    }
}

registry.category("views").add("ai_queue_agent_live_case_form", {
    ...formView,
    Controller: LiveCaseFormController,
});
