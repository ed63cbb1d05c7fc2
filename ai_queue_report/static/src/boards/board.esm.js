import {Component, onMounted, onPatched, useRef, useState} from "@odoo/owl";
import {BoardStore} from "./board_store.esm";
import {BoardTile} from "./board_tile.esm";
import {ConfirmationDialog} from "@web/core/confirmation_dialog/confirmation_dialog";
import {Dropdown} from "@web/core/dropdown/dropdown";
import {DropdownItem} from "@web/core/dropdown/dropdown_item";
import {Layout} from "@web/search/layout";
import {_t} from "@web/core/l10n/translation";
import {describeMoment} from "@queue_job_operations/live/moments.esm";
import {registry} from "@web/core/registry";
import {router} from "@web/core/browser/router";
import {standardActionServiceProps} from "@web/webclient/actions/action_service";
import {useLiveRuns} from "@ai_queue/runs/live_runs.esm";
import {useService} from "@web/core/utils/hooks";
import {useSetupAction} from "@web/search/action_hook";
import {useSortable} from "@web/core/utils/sortable_owl";

/** The screen *Boards*: tiles with what this reader may see. */
export class Board extends Component {
    static template = "ai_queue_report.Board";
    static components = {BoardTile, Dropdown, DropdownItem, Layout};
    static props = {...standardActionServiceProps};

    setup() {
        this.action = useService("action");
        this.dialog = useService("dialog");
        this.store = new BoardStore(useService("orm"));
        this.state = useState(this.store.state);
        this.gridRef = useRef("grid");
        this.live = useLiveRuns({
            refresh: () => this.store.load(),
            isActive: () => this.store.isWaiting && !this.state.isArranging,
            shows: (run) => this.store.runs.has(run.id),
            concerns: (id) => this.store.isWaiting && this.concerns(id),
        });
        useSortable({
            ref: this.gridRef,
            enable: () => this.state.isArranging,
            elements: ".o_ai_queue_tile",
            handle: ".o_ai_queue_tile_handle",
            cursor: "grabbing",
            placeholderClasses: ["o_ai_queue_tile_placeholder"],
            onDrop: ({element, previous}) => this.onDrop(element, previous),
        });
        useSetupAction({getLocalState: () => ({board: this.state.boardId})});
        onMounted(() => this.start());
        onPatched(() => this.keepFocus());
    }

    get display() {
        return {controlPanel: {}};
    }

    async start() {
        const wanted =
            this.props.state?.board ||
            this.props.action.params?.board_id ||
            router.current.board;
        await this.store.start(Number(wanted) || null);
        this.keepBoard();
    }

    /** The address says which board is shown: it can be sent to somebody. */
    keepBoard() {
        if (this.state.boardId) {
            this.props.updateActionState({board: this.state.boardId});
        }
    }

    concerns(id) {
        const run = this.state.board?.run;
        return !run || run.id === id;
    }

    // -------------------------------------------------------------------------
    // What the template shows
    // -------------------------------------------------------------------------

    get board() {
        return this.state.board;
    }

    /** Which of its faces the screen shows. */
    get face() {
        if (this.board) {
            return this.board.tiles.length ? "tiles" : "bare";
        }
        if (this.state.error) {
            return "error";
        }
        return this.state.boards?.length === 0 && !this.state.boardId ? "none" : "loading";
    }

    get title() {
        return this.board?.name || _t("Boards");
    }

    get note() {
        const {board} = this;
        const parts = [];
        if (board && !board.is_own) {
            parts.push(_t("Shared by %s; you see what you may see.", board.owner));
        }
        if (board?.date_next) {
            parts.push(_t("Next refresh: %s", describeMoment(board.date_next)));
        }
        return parts.join(" ");
    }

    get progress() {
        const {run} = this.board;
        if (!this.store.isWaiting) {
            return "";
        }
        const tiles = this.board.tiles;
        const left = tiles.filter((tile) => tile.is_waiting).length;
        return run?.hold || _t("Tiles to go: %(left)s of %(count)s", {
            left,
            count: tiles.length,
        });
    }

    get isWaiting() {
        return this.store.isWaiting;
    }

    // -------------------------------------------------------------------------
    // What people do
    // -------------------------------------------------------------------------

    async onChoose(boardId) {
        await this.store.open(boardId);
        this.keepBoard();
    }

    onRefresh() {
        return this.store.refresh();
    }

    async onOpen(tile, row) {
        const action = await this.store.getAction(tile, row);
        return this.action.doAction(action);
    }

    onArrange() {
        this.state.isArranging = true;
    }

    onDrop(element, previous) {
        const {tiles} = this.board;
        const placeOf = (el) =>
            el ? tiles.findIndex((tile) => tile.id === Number(el.dataset.id)) : -1;
        const from = placeOf(element);
        const after = placeOf(previous);
        this.store.place(from, after < from ? after + 1 : after);
    }

    onMove(tile, step) {
        this.moved = tile.id;
        this.store.move(tile, step);
    }

    /** A tile that moves within the page loses the focus: the keys go on with it. */
    keepFocus() {
        if (this.moved) {
            const tile = `.o_ai_queue_tile[data-id="${this.moved}"]`;
            this.gridRef.el?.querySelector(`${tile} .o_ai_queue_tile_handle`)?.focus();
            this.moved = null;
        }
    }

    onRemove(tile) {
        this.dialog.add(ConfirmationDialog, {
            title: _t("Remove the tile?"),
            body: _t("%s is taken off the board for everybody.", tile.title),
            confirmLabel: _t("Remove"),
            confirm: () => this.store.remove(tile),
            cancel: () => {},
        });
    }

    async onSubscribe() {
        const orm = this.env.services.orm;
        const ids = [[this.state.boardId]];
        const action = await orm.call("ai.queue.board", "action_subscribe", ids);
        return this.action.doAction(action, {onClose: () => this.store.load()});
    }

    openForm(boardId) {
        return this.action.doAction(
            {
                type: "ir.actions.act_window",
                name: boardId ? _t("Settings of the board") : _t("New board"),
                res_model: "ai.queue.board",
                res_id: boardId || false,
                views: [[false, "form"]],
                target: "new",
            },
            {onClose: () => this.onFormClosed(boardId)}
        );
    }

    async onFormClosed(boardId) {
        const before = (this.state.boards || []).map((board) => board.id);
        await this.store.start(boardId || this.state.boardId);
        const made = this.state.boards.find((board) => !before.includes(board.id));
        if (!boardId && made) {
            await this.store.open(made.id);
        }
        this.keepBoard();
    }

    onAsk() {
        return this.action.doAction("ai_queue_report.ai_queue_report_action_ask");
    }
}

registry.category("actions").add("ai_queue_report.board", Board);
