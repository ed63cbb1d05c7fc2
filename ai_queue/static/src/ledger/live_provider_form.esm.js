import {FormController} from "@web/views/form/form_controller";
import {formView} from "@web/views/form/form_view";
import {registry} from "@web/core/registry";
import {unlessOffline, useLiveUpdates} from "@queue_job_operations/live/live_updates.esm";

/** What the server sends when a provider is paused, tried or tested: `{id}`. */
const PROVIDER_CHANGED = "ai_queue/provider_changed";

export class LiveProviderFormController extends FormController {
    setup() {
        super.setup();
        this.live = useLiveUpdates({
            message: PROVIDER_CHANGED,
            isActive: () => this.model.root.data.check_state === "pending",
            concerns: (providerId) => providerId === this.model.root.resId,
            refresh: () => this.refresh(),
        });
    }

    async refresh() {
        const record = this.model.root;
        if (record.resId && !(await record.isDirty())) {
            await unlessOffline(record.load());
        }
    }
}

registry.category("views").add("ai_queue_provider_form", {
    ...formView,
    Controller: LiveProviderFormController,
});
