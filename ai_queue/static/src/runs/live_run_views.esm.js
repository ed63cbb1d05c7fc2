import {FormController} from "@web/views/form/form_controller";
import {KanbanController} from "@web/views/kanban/kanban_controller";
import {ListController} from "@web/views/list/list_controller";
import {formView} from "@web/views/form/form_view";
import {isActive} from "./run_state.esm";
import {kanbanView} from "@web/views/kanban/kanban_view";
import {listView} from "@web/views/list/list_view";
import {registry} from "@web/core/registry";
import {unlessOffline} from "@queue_job_operations/live/live_updates.esm";
import {useLiveRuns} from "./live_runs.esm";

/** A list is more to fetch, and to read, than one run. */
const LIST_THROTTLE = 2000;

export class LiveRunFormController extends FormController {
    setup() {
        super.setup();
        this.live = useLiveRuns({
            isActive: () => isActive(this.model.root.data),
            concerns: (runId) => runId === this.model.root.resId,
            shows: (run) => run.id === this.model.root.resId,
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

/** Let a list of runs, in whatever view, follow them. */
function useLiveList(model) {
    return useLiveRuns({
        isActive: () => model.root.records.some(({data}) => isActive(data)),
        refresh: async () => {
            const {editedRecord, selection} = model.root;
            // Loading would forget what is selected: it waits until that is through.
            if (!editedRecord && !selection?.length) {
                await unlessOffline(model.load());
            }
        },
        throttle: () => LIST_THROTTLE,
    });
}

export class LiveRunListController extends ListController {
    setup() {
        super.setup();
        this.live = useLiveList(this.model);
    }
}

export class LiveRunKanbanController extends KanbanController {
    setup() {
        super.setup();
        this.live = useLiveList(this.model);
    }
}

registry.category("views").add("ai_queue_live_form", {
    ...formView,
    Controller: LiveRunFormController,
});
registry.category("views").add("ai_queue_live_list", {
    ...listView,
    Controller: LiveRunListController,
});
registry.category("views").add("ai_queue_live_kanban", {
    ...kanbanView,
    Controller: LiveRunKanbanController,
});
