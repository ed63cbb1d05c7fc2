import {onWillStart, useState} from "@odoo/owl";
import {unlessOffline, useLiveUpdates} from "../live/live_updates.esm";
import {KanbanController} from "@web/views/kanban/kanban_controller";
import {ListController} from "@web/views/list/list_controller";
import {kanbanView} from "@web/views/kanban/kanban_view";
import {listView} from "@web/views/list/list_view";
import {registry} from "@web/core/registry";
import {useService} from "@web/core/utils/hooks";

/** Counts of jobs change all the time, and people read them. */
const THROTTLE = 2000;

/**
 * What list and cards of channels have in common: how the job runner does, above them,
 * and figures that follow it.
 *
 * @param {Class} Controller of a view with several records
 * @returns {Class}
 */
const withRunner = (Controller) =>
    class extends Controller {
        setup() {
            super.setup();
            this.orm = useService("orm");
            this.runner = useState({problem: false, sharing: false});
            onWillStart(() => this.loadRunner());
            this.live = useLiveUpdates({
                isActive: () => true,
                refresh: () => this.refresh(),
                throttle: () => THROTTLE,
            });
        }

        async loadRunner() {
            const status = this.orm.silent.call("queue.job.runner", "get_status", []);
            Object.assign(this.runner, await unlessOffline(status));
        }

        async refresh() {
            await this.loadRunner();
            const {editedRecord, selection} = this.model.root;
            // Loading would forget what is typed or selected.
            if (!editedRecord && !(selection && selection.length)) {
                await unlessOffline(this.model.load());
            }
        }
    };

export class ChannelListController extends withRunner(ListController) {
    static template = "queue_job_operations.ChannelListView";
}

export class ChannelKanbanController extends withRunner(KanbanController) {
    static template = "queue_job_operations.ChannelKanbanView";
}

registry.category("views").add("queue_job_channel_list", {
    ...listView,
    Controller: ChannelListController,
});
registry.category("views").add("queue_job_channel_kanban", {
    ...kanbanView,
    Controller: ChannelKanbanController,
});
