import {Component, useEffect, useRef, useState} from "@odoo/owl";
import {
    describeChannel,
    describeUse,
    formatDuration,
    parseCapacity,
} from "./operations_words.esm";
import {_t} from "@web/core/l10n/translation";
import {formatInteger} from "@web/views/fields/formatters";

/** A channel: how full it is, and the controls that steer it. */
export class ChannelRow extends Component {
    static template = "queue_job_operations.ChannelRow";
    static props = {
        channel: Object,
        problem: String,
        actions: Object,
    };

    setup() {
        this.inputRef = useRef("input");
        this.editRef = useRef("edit");
        this.wasEditing = false;
        this.busy = useState(this.props.actions.busy);
        // What is typed stays, however often the figures change meanwhile; null: nothing.
        this.state = useState({draft: null, isWrong: false});
        useEffect(
            (isEditing) => this.keepFocus(isEditing),
            () => [this.state.draft !== null]
        );
    }

    get badge() {
        return describeChannel(this.props.channel);
    }

    get use() {
        return describeUse(this.props.channel);
    }

    get limit() {
        return _t("of %s", formatInteger(this.props.channel.capacity));
    }

    get others() {
        return _t(
            "%s more of other companies",
            formatInteger(this.props.channel.others)
        );
    }

    get oldest() {
        const {oldest} = this.props.channel;
        return oldest === null ? "" : _t("oldest %s", formatDuration(oldest));
    }

    /** What controls are called for those who do not see in which row they are. */
    get names() {
        const {can_resume, capacity, name, running, waiting} = this.props.channel;
        const limit = capacity ? formatInteger(capacity) : _t("no limit");
        return {
            running: _t("Running in %(name)s: %(count)s", {
                name,
                count: formatInteger(running),
            }),
            waiting: _t("Waiting in %(name)s: %(count)s", {
                name,
                count: formatInteger(waiting),
            }),
            change: _t("Change the capacity of %(name)s: %(limit)s", {name, limit}),
            capacity: _t("Capacity of %s", name),
            toggle: can_resume ? _t("Resume %s", name) : _t("Pause %s", name),
            cancel: _t("Cancel what waits in %s", name),
        };
    }

    get isBusy() {
        return this.busy.has(`channel ${this.props.channel.id}`);
    }

    format(count) {
        return formatInteger(count);
    }

    onTogglePause() {
        const {actions, channel} = this.props;
        return channel.can_resume ? actions.resume(channel) : actions.pause(channel);
    }

    // -------------------------------------------------------------------------
    // Capacity
    // -------------------------------------------------------------------------

    /** Keyboard users continue where they were. */
    keepFocus(isEditing) {
        if (isEditing) {
            this.inputRef.el.select();
        } else if (this.wasEditing) {
            this.editRef.el.focus();
        }
        this.wasEditing = isEditing;
    }

    onEdit() {
        const {capacity} = this.props.channel;
        this.state.draft = capacity ? String(capacity) : "";
        this.state.isWrong = false;
    }

    onInput(ev) {
        this.state.draft = ev.target.value;
        this.state.isWrong = false;
    }

    onKeydown(ev) {
        if (ev.key === "Escape") {
            ev.stopPropagation();
            this.stopEditing();
        }
    }

    onSubmit() {
        const {actions, channel} = this.props;
        const capacity = parseCapacity(this.state.draft);
        if (capacity === null) {
            this.state.isWrong = true;
            this.inputRef.el.focus();
        } else if (capacity === channel.capacity) {
            this.stopEditing();
        } else {
            actions.setCapacity(channel, capacity, () => this.stopEditing());
        }
    }

    stopEditing() {
        this.state.draft = null;
        this.state.isWrong = false;
    }
}
