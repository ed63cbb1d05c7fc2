import {
    AccountMoveFormController,
    AccountMoveFormView,
} from "@account/components/account_move_form/account_move_form";
import {onWillUnmount, useEffect, useExternalListener, useState} from "@odoo/owl";
import {ConfirmationDialog} from "@web/core/confirmation_dialog/confirmation_dialog";
import {DocumentPane} from "./document_pane.esm";
import {fieldOf, fillIn, recordOf, typeInto} from "./fill_in.esm";
import {ReviewClock} from "./review_clock.esm";
import {doubtOf} from "../field_marks.esm";
import {hasTouch} from "@web/core/browser/feature_detection";
import {_t} from "@web/core/l10n/translation";
import {registry} from "@web/core/registry";
import {useService} from "@web/core/utils/hooks";

/** States of a reading that wait for a person. */
const OPEN = ["review", "failed"];

/** What no bill can do without, in the order of the form. */
const FIRST = ["partner_id", "ref", "invoice_date"];

/** One bill beside its document, and the way to the next. */
export class CockpitController extends AccountMoveFormController {
    static template = "ai_queue.CockpitForm";
    static components = {...AccountMoveFormController.components, DocumentPane};

    setup() {
        super.setup();
        this.notification = useService("notification");
        this.rights = this.env.cockpit.rights();
        this.through = this.env.cockpit.through();
        this.cockpit = useState({
            isBusy: false,
            isThrough: false,
            target: null,
            alike: 0,
            pace: this.env.cockpit.rights().pace,
        });
        this.clock = new ReviewClock();
        for (const activity of ["keydown", "pointerdown", "wheel"]) {
            useExternalListener(window, activity, () => this.clock.touch(), {
                capture: true,
            });
        }
        useExternalListener(document, "visibilitychange", () => {
            if (document.hidden) {
                this.clock.pause();
            } else {
                this.clock.resume();
            }
        });
        useExternalListener(window, "focusin", (ev) => this.onFocusIn(ev));
        useEffect(
            () => {
                this.countAlike();
            },
            () => [this.model.root.resId, this.model.root.data.partner_id?.id]
        );
        useEffect(
            () => this.goToDoubt(),
            () => [this.model.root.resId]
        );
        onWillUnmount(() => this.noteTime(this.model.root.resId));
    }

    get className() {
        return {...super.className, o_ai_queue_cockpit_view: true};
    }

    displayName() {
        return _t("Review Bills");
    }

    get position() {
        const {resId, resIds} = this.model.root;
        return {at: resIds.indexOf(resId) + 1, of: resIds.length};
    }

    /** Changes when the bill was read anew. */
    get version() {
        const {ai_reading_run_id: run, ai_reading_state: reading} = this.model.root.data;
        return `${run?.id} ${["pending", "started"].includes(reading)}`;
    }

    get marks() {
        return this.model.root.data.ai_review_marks;
    }

    get isOpen() {
        const {state, ai_reading_state: reading} = this.model.root.data;
        return state === "draft" && OPEN.includes(reading);
    }

    get canAccept() {
        return this.rights.can_accept && this.isOpen;
    }

    get canApply() {
        const {state, partner_id: vendor} = this.model.root.data;
        return this.rights.can_accept && state === "draft" && Boolean(vendor);
    }

    get canReadAgain() {
        const {state, ai_reading_state: reading} = this.model.root.data;
        const isUnderWay = ["pending", "started"].includes(reading);
        return this.rights.can_read && state === "draft" && !isUnderWay;
    }

    // ------------------------------------------------------------
    // WAY
    // ------------------------------------------------------------

    async onPagerUpdate(update) {
        const before = this.model.root.resId;
        await super.onPagerUpdate(update);
        if (this.model.root.resId !== before) {
            this.noteTime(before);
        }
    }

    /** Go to the next bill that still waits; after the last one, say so. */
    async goOn() {
        const {resId, resIds} = this.model.root;
        const at = resIds.indexOf(resId);
        const others = [...resIds.slice(at + 1), ...resIds.slice(0, at)];
        const next = others.find((id) => !this.through.has(id));
        if (next) {
            await this.onPagerUpdate({offset: resIds.indexOf(next), resIds});
        } else {
            this.noteTime(resId);
            this.cockpit.isThrough = true;
        }
    }

    /** Keep how long somebody was at this bill. */
    async noteTime(id) {
        const seconds = this.clock.take();
        if (this.rights.can_accept && seconds > 0) {
            const call = this.orm.silent.call("account.move", "note_ai_review", [
                [id],
                seconds,
            ]);
            // It is worth no dialog if the bill is gone or the server is away.
            const pace = await call.catch(() => null);
            this.cockpit.pace = pace || this.cockpit.pace;
        }
    }

    /** How many other bills of the vendor wait for the same. */
    async countAlike() {
        const {resId, data} = this.model.root;
        this.cockpit.alike = 0;
        if (this.rights.can_accept && resId && data.partner_id) {
            const count = await this.orm.silent.call("account.move", "count_ai_alike", [
                [resId],
            ]);
            if (resId === this.model.root.resId) {
                this.cockpit.alike = count;
            }
        }
    }

    // ------------------------------------------------------------
    // POINTING
    // ------------------------------------------------------------

    /** The field that was gone to last is the one that a click on the page fills. */
    onFocusIn({target: element}) {
        const form = this.rootRef.el?.querySelector(".o_form_renderer");
        if (form?.contains(element)) {
            const target = fieldOf(element, this.model.root);
            if (target) {
                this.focused = element;
                this.cockpit.target = target;
            }
        }
    }

    /** Begin with the first field that is empty or doubted. */
    goToDoubt() {
        this.env.cockpit.isAt(this.model.root.resId);
        Object.assign(this.cockpit, {target: null});
        this.focused = null;
        const record = this.model.root;
        const name = FIRST.find((one) => !record.data[one] || doubtOf(record, one));
        const field = `.o_form_renderer .o_field_widget[name=${name}] input`;
        if (name && this.rights.can_accept && !hasTouch()) {
            this.rootRef.el?.querySelector(field)?.focus();
        }
    }

    async onPick({page, box}) {
        const {target} = this.cockpit;
        const record = target && recordOf(this.model.root, target);
        if (!record || !this.rights.can_accept) {
            return;
        }
        const found = await this.orm.call("account.move", "pick_ai_value", [
            [this.model.root.resId],
            target.model,
            target.name,
            page,
            box,
        ]);
        // What was typed until now is no longer meant.
        await this.model.root.isDirty();
        if ("value" in found) {
            await fillIn(record, target.name, found.value);
        } else if (found.text && record.fields[target.name].type === "many2one") {
            // Several may be meant, or none is there yet: the field itself offers them.
            typeInto(this.focused, found.text);
        } else if (found.text) {
            const {text} = found;
            this.notification.add(
                _t("%(text)s cannot be filled in as %(field)s.", {text, field: target.label}),
                {type: "warning"}
            );
        }
    }

    // ------------------------------------------------------------
    // ACTIONS
    // ------------------------------------------------------------

    /** Do one thing at a time, with what was typed saved before. */
    async afterSaving(work) {
        if (this.cockpit.isBusy) {
            return;
        }
        this.cockpit.isBusy = true;
        try {
            if (await this.save()) {
                await work(this.model.root.resId);
            }
        } finally {
            this.cockpit.isBusy = false;
        }
    }

    accept() {
        return this.afterSaving(async (id) => {
            if (!this.isOpen) {
                // What was typed has settled it.
                this.through.add(id);
                return this.goOn();
            }
            const question = await this.orm.call(
                "account.move",
                "action_accept_ai_reading",
                [[id]]
            );
            if (!question) {
                this.through.add(id);
                return this.goOn();
            }
            return this.actionService.doAction(question, {
                onClose: () => this.onAnswered(id),
            });
        });
    }

    async onAnswered(id) {
        await this.model.load();
        if (!this.isOpen) {
            this.through.add(id);
            await this.goOn();
        }
    }

    readAgain() {
        return this.afterSaving(async (id) => {
            const toast = await this.orm.call(
                "account.move",
                "action_run_ai_invoice_parse",
                [[id]]
            );
            await this.actionService.doAction(toast);
            await this.model.load();
        });
    }

    applyToOthers() {
        return this.afterSaving(async (id) => {
            const toast = await this.orm.call("account.move", "action_apply_ai_to_alike", [
                [id],
            ]);
            await this.actionService.doAction(toast);
        });
    }

    deleteBill() {
        const id = this.model.root.resId;
        this.dialogService.add(ConfirmationDialog, {
            body: _t("The draft and its file are deleted."),
            confirmLabel: _t("Delete"),
            confirm: async () => {
                await this.orm.call("account.move", "action_delete_ai_bill", [[id]]);
                this.through.add(id);
                await this.model.root.discard();
                await this.goOn();
            },
            cancel: () => {
                // The bill stays.
            },
        });
    }
}

registry.category("views").add("ai_queue_cockpit", {
    ...AccountMoveFormView,
    Controller: CockpitController,
});
