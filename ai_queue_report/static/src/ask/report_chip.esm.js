import {Component, onWillStart, useState} from "@odoo/owl";
import {Dropdown} from "@web/core/dropdown/dropdown";
import {DropdownItem} from "@web/core/dropdown/dropdown_item";
import {KeepLast} from "@web/core/utils/concurrency";
import {MODEL} from "./ask_store.esm";
import {_t} from "@web/core/l10n/translation";
import {useDebounced} from "@web/core/utils/timing";
import {useService} from "@web/core/utils/hooks";

const ICONS = {
    subject: "fa-database",
    measure: "fa-calculator",
    group: "fa-indent",
    filter: "fa-filter",
    period: "fa-calendar-o",
    compare: "fa-exchange",
    order: "fa-sort-amount-desc",
    chart: "fa-bar-chart",
};

/** What can be chosen in place of a part of the sentence. */
export class ChipMenu extends Component {
    static template = "ai_queue_report.ChipMenu";
    static components = {DropdownItem};
    static props = {
        reportId: Number,
        part: String,
        onChoose: Function,
        close: {type: Function, optional: true},
    };

    setup() {
        this.orm = useService("orm");
        this.keepLast = new KeepLast();
        this.state = useState({
            choices: null,
            is_searched: false,
            days: null,
            text: "",
            error: "",
        });
        this.search = useDebounced(() => this.load(), 250);
        onWillStart(() => {
            // The menu opens at once, and fills when the answer is there.
            this.load();
        });
    }

    async load() {
        const {reportId, part} = this.props;
        try {
            const found = await this.keepLast.add(
                this.orm.silent.call(MODEL, "get_part_choices", [
                    [reportId],
                    part,
                    this.state.text,
                ])
            );
            Object.assign(this.state, {...found, error: ""});
        } catch (error) {
            this.state.error =
                error.data?.message || _t("The server cannot be reached.");
        }
    }

    onInput(ev) {
        this.state.text = ev.target.value;
        this.search();
    }

    onChoose(choice) {
        this.props.onChoose(this.props.part, choice.value);
    }

    /** Days that somebody chose one by one. */
    onDays() {
        const {since, until} = this.state.days;
        if (since || until) {
            const value = {kind: "between", since: since || null, until: until || null};
            this.props.onChoose(this.props.part, value);
            this.props.close?.();
        }
    }
}

/** A part of the sentence of what was understood, to be changed or taken away. */
export class ReportChip extends Component {
    static template = "ai_queue_report.ReportChip";
    static components = {ChipMenu, Dropdown};
    static props = {
        reportId: Number,
        part: {
            type: Object,
            shape: {
                key: String,
                text: String,
                can_change: Boolean,
                can_remove: Boolean,
            },
        },
        // Whether it is not there yet.
        isAddition: {type: Boolean, optional: true},
        isBusy: {type: Boolean, optional: true},
        onChange: Function,
    };

    get kind() {
        return this.props.part.key.split(":")[0];
    }

    get icon() {
        return this.props.isAddition ? "fa-plus" : ICONS[this.kind];
    }

    get names() {
        const {text} = this.props.part;
        return {
            change: this.props.isAddition ? _t("Add: %s", text) : _t("Change: %s", text),
            remove: _t("Remove: %s", text),
        };
    }
}
