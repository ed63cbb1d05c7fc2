import {
    describeAge,
    describeGraph,
    describeNumber,
    faceOf,
    formatFigure,
    groupsOf,
    measuresOf,
} from "./board_words.esm";
import {Component} from "@odoo/owl";
import {TileCanvas} from "./tile_canvas.esm";
import {_t} from "@web/core/l10n/translation";
import {isGraphCut} from "./tile_chart_config.esm";

/** Rows that a table shows; all of them are one press away. */
const MAX_ROWS = 50;

/** A tile of a board: a number, a graph or a table, and how old it is. */
export class BoardTile extends Component {
    static template = "ai_queue_report.BoardTile";
    static components = {TileCanvas};
    static props = {
        tile: Object,
        isArranging: Boolean,
        onOpen: Function,
        onRefresh: Function,
        onMove: Function,
        onResize: Function,
        onRemove: Function,
    };

    get tile() {
        return this.props.tile;
    }

    get face() {
        return faceOf(this.tile);
    }

    get age() {
        return describeAge(this.tile);
    }

    get number() {
        return describeNumber(this.tile.data);
    }

    get graph() {
        return describeGraph(this.tile);
    }

    get isGraphCut() {
        return isGraphCut(this.tile);
    }

    get table() {
        const {data} = this.tile;
        const measures = measuresOf(data);
        return {
            groups: groupsOf(data),
            measures,
            rows: data.rows.slice(0, MAX_ROWS).map((row, number) => ({
                number,
                names: row.groups.map((group) => group.text),
                values: row.values.map((value, place) =>
                    formatFigure(value, measures[place], data.currency)
                ),
            })),
            totals: data.totals.map((value, place) =>
                formatFigure(value, measures[place], data.currency)
            ),
            hasMore: data.is_limited || data.rows.length > MAX_ROWS,
        };
    }

    get names() {
        const {title} = this.tile;
        return {
            open: _t("Open %s", title),
            refresh: _t("Refresh %s", title),
            move: _t("Move %s: use the arrow keys", title),
            remove: _t("Remove %s from the board", title),
        };
    }

    /** Arrows move a tile, as dragging does. */
    onKeydown(event) {
        const steps = {ArrowLeft: -1, ArrowUp: -1, ArrowRight: 1, ArrowDown: 1};
        const far = {Home: -Infinity, End: Infinity};
        const step = steps[event.key] ?? far[event.key];
        if (step !== undefined) {
            event.preventDefault();
            event.stopPropagation();
            this.props.onMove(this.tile, step);
        }
    }
}
