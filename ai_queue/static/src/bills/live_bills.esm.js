import {AccountMoveFormController} from "@account/components/account_move_form/account_move_form";
import {AccountMoveKanbanController} from "@account/views/account_move_kanban/account_move_kanban_controller";
import {AccountMoveListController} from "@account/views/account_move_list/account_move_list_controller";
import {patch} from "@web/core/utils/patch";
import {unlessOffline} from "@queue_job_operations/live/live_updates.esm";
import {useLiveRuns} from "../runs/live_runs.esm";

/** A list is more to fetch, and to read, than one bill. */
const LIST_THROTTLE = 3000;

/**
 * @param {Object} [bill] data of a bill; without `ai_reading_state` for those who may
 *      not see it
 * @returns {Boolean} whether it waits to be read, or is being read
 */
export function isBeingRead(bill) {
    return ["pending", "started"].includes(bill?.ai_reading_state);
}

patch(AccountMoveFormController.prototype, {
    setup() {
        super.setup();
        useLiveRuns({
            isActive: () => isBeingRead(this.model.root.data),
            concerns: (runId) => runId === this.model.root.data.ai_reading_run_id?.id,
            shows: (run) => run.id === this.model.root.data.ai_reading_run_id?.id,
            refresh: async () => {
                const record = this.model.root;
                // What somebody is typing stays: it is loaded once that is saved.
                if (record.resId && !(await record.isDirty())) {
                    await unlessOffline(record.load());
                }
            },
        });
    },
});

/**
 * Follows the bills of a list, or of cards, while they are being read.
 *
 * @param {Controller} controller of the view
 */
function followBills(controller) {
    // Of a large upload: the server makes the bills, and a run reads some of them.
    const areComing = Boolean(controller.props.context.ai_queue_bills_are_coming);
    // Examples stand in an empty list.
    const getBills = () =>
        controller.model.useSampleModel ? [] : controller.model.root.records || [];
    useLiveRuns({
        isActive: () => {
            const bills = getBills();
            const isFirstMissing = areComing && !bills.length;
            return isFirstMissing || bills.some(({data}) => isBeingRead(data));
        },
        concerns: (runId) =>
            areComing ||
            getBills().some(
                ({data}) => isBeingRead(data) && data.ai_reading_run_id?.id === runId
            ),
        refresh: async () => {
            const {editedRecord, selection} = controller.model.root;
            // Loading would forget what is selected: it waits until that is through.
            if (!editedRecord && !selection?.length) {
                // Else what comes into an empty list looks like its examples.
                controller.model.useSampleModel = false;
                await unlessOffline(controller.model.load());
            }
        },
        throttle: () => LIST_THROTTLE,
    });
}

patch(AccountMoveListController.prototype, {
    setup() {
        super.setup();
        followBills(this);
    },
});

patch(AccountMoveKanbanController.prototype, {
    setup() {
        super.setup();
        followBills(this);
    },
});
