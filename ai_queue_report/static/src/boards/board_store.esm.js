import {_t} from "@web/core/l10n/translation";
import {reactive} from "@odoo/owl";

const BOARD = "ai.queue.board";
const TILE = "ai.queue.board.tile";
export const SIZES = {width: 4, height: 3};

/** What the screen of a board knows, and what it asks the server. */
export class BoardStore {
    /**
     * @param {Object} orm the service
     */
    constructor(orm) {
        this.orm = orm;
        this.lastLoad = 0;
        // Those that this screen shows: it needs no toast when they end.
        this.runs = new Set();
        this.state = reactive({
            boards: null,
            boardId: null,
            // What `get_board` returned last.
            board: null,
            error: "",
            isArranging: false,
            // What a screen reader says after a move.
            said: "",
        });
    }

    /** Open the wanted board, or the first there is. */
    async start(boardId) {
        try {
            this.state.boards = await this.orm.call(BOARD, "get_boards", []);
        } catch (error) {
            this.fail(error);
            return;
        }
        const known = this.state.boards.map((board) => board.id);
        // A board that somebody sent the address of says for itself what is wrong.
        const first = boardId || known[0];
        if (first) {
            await this.open(first);
        }
    }

    /** Show a board at once as it is, then have made what is missing. */
    async open(boardId) {
        const isSame = boardId === this.state.boardId;
        Object.assign(this.state, {boardId, error: "", isArranging: false});
        if (!isSame) {
            this.state.board = null;
        }
        await this.load();
        if (this.state.board && this.state.boardId === boardId) {
            await this.prepare();
        }
    }

    async prepare() {
        const run = await this.attempt("prepare_board");
        if (run) {
            this.runs.add(run);
            await this.load();
        }
    }

    /**
     * Ask for what there is; it never fails: what went wrong stands in `error`.
     *
     * @param {String} [said] what went wrong before, which is still to be read
     */
    async load(said = "") {
        const number = ++this.lastLoad;
        const {boardId} = this.state;
        try {
            const board = await this.orm.silent.call(BOARD, "get_board", [[boardId]]);
            if (number === this.lastLoad && !this.state.isArranging) {
                this.keepData(board);
                Object.assign(this.state, {board, error: said});
            }
        } catch (error) {
            if (number === this.lastLoad) {
                this.fail(error);
            }
        }
    }

    /** The same graph is not drawn again only because something else changed. */
    keepData(board) {
        const before = new Map(this.state.board?.tiles.map((tile) => [tile.id, tile]));
        for (const tile of board.tiles) {
            const shown = before.get(tile.id);
            if (shown && JSON.stringify(shown.data) === JSON.stringify(tile.data)) {
                tile.data = shown.data;
            }
        }
    }

    fail(error) {
        this.state.error = error.data?.message || _t("The server cannot be reached.");
    }

    /** Call a method of the board; its error stands on the screen. */
    async attempt(method, args = []) {
        try {
            return await this.orm.call(BOARD, method, [[this.state.boardId], ...args]);
        } catch (error) {
            this.fail(error);
            return undefined;
        }
    }

    get isWaiting() {
        return Boolean(this.state.board?.tiles.some((tile) => tile.is_waiting));
    }

    async refresh() {
        this.state.error = "";
        // Seen at once; the jobs follow.
        for (const tile of this.state.board.tiles) {
            tile.is_waiting = true;
        }
        this.runs.add(await this.attempt("action_refresh"));
        await this.load(this.state.error);
    }

    async refreshTile(tile) {
        this.state.error = "";
        tile.is_waiting = true;
        try {
            this.runs.add(await this.orm.call(TILE, "action_refresh", [[tile.id]]));
        } catch (error) {
            this.fail(error);
        }
        await this.load(this.state.error);
    }

    async cancel() {
        const {run} = this.state.board;
        if (run) {
            await this.orm.call("ai.queue.run", "action_cancel", [[run.id]]);
            await this.load();
        }
    }

    /**
     * @param {Object} tile
     * @param {Number} [row] of what the tile shows
     * @returns {Promise<Object>} an action
     */
    getAction(tile, row) {
        const args = row === undefined ? [[tile.id]] : [[tile.id], row];
        return this.orm.call(TILE, "action_open_report", args);
    }

    // -------------------------------------------------------------------------
    // Arrange
    // -------------------------------------------------------------------------

    /** Move a tile by so many places; it stays within the board. */
    move(tile, step) {
        const {tiles} = this.state.board;
        const from = tiles.findIndex((one) => one.id === tile.id);
        this.place(from, Math.max(0, Math.min(tiles.length - 1, from + step)));
    }

    /** Put the tile that is at a place at another one. */
    place(from, to) {
        const {tiles} = this.state.board;
        if (from === to) {
            return;
        }
        const [tile] = tiles.splice(from, 1);
        tiles.splice(to, 0, tile);
        this.state.said = _t("%(tile)s is number %(place)s of %(count)s.", {
            tile: tile.title,
            place: to + 1,
            count: tiles.length,
        });
    }

    resize(tile, name, step) {
        tile[name] = Math.max(1, Math.min(SIZES[name], tile[name] + step));
        this.state.said = _t("%(tile)s is %(width)s wide and %(height)s high.", {
            tile: tile.title,
            width: tile.width,
            height: tile.height,
        });
    }

    async remove(tile) {
        await this.orm.unlink(TILE, [tile.id]);
        const {tiles} = this.state.board;
        tiles.splice(
            tiles.findIndex((one) => one.id === tile.id),
            1
        );
    }

    async keepArrangement() {
        const layout = this.state.board.tiles.map(({id, width, height}) => ({
            id,
            width,
            height,
        }));
        await this.attempt("arrange", [layout]);
        this.state.isArranging = false;
        await this.load();
    }

    async dropArrangement() {
        this.state.isArranging = false;
        await this.load();
    }
}
