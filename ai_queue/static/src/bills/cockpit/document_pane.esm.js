import {
    Component,
    onWillDestroy,
    onWillStart,
    onWillUpdateProps,
    useEffect,
    useExternalListener,
    useRef,
    useState,
} from "@odoo/owl";
import {boxBetween, styleOf, wordAt} from "./page_words.esm";
import {KeepLast} from "@web/core/utils/concurrency";
import {confidenceColor} from "../read_fields.esm";
import {openSource} from "./page_source.esm";
import {unlessOffline, useLiveUpdates} from "@queue_job_operations/live/live_updates.esm";
import {useDebounced} from "@web/core/utils/timing";
import {useService} from "@web/core/utils/hooks";

const ZOOMS = [0.5, 0.75, 1, 1.25, 1.5, 2, 3, 4];
/** A pointer that was moved less, in pixels, has clicked and framed nothing. */
const STILL = 4;
/** Milliseconds after which a window that was resized is drawn anew. */
const RESIZED = 100;

/**
 * The pages of the file that a bill was read from, to look at and to point at.
 *
 * `version`: changes when the file was read anew. `marks`: what was read, {field:
 * {page, box, confidence}}. `target`: name and label of the field that a click fills.
 * `onPick`: called with the page and the box, in points, that somebody pointed at.
 */
export class DocumentPane extends Component {
    static template = "ai_queue.DocumentPane";
    static props = {
        resId: Number,
        version: {type: String, optional: true},
        marks: {type: [Object, Boolean], optional: true},
        target: {type: [Object, {value: null}], optional: true},
        onPick: {type: Function, optional: true},
    };

    setup() {
        this.orm = useService("orm");
        this.state = useState({
            status: "loading",
            page: 1,
            count: 0,
            zoom: 1,
            drawn: 0,
            words: {state: "none"},
            hover: null,
            frame: null,
        });
        this.scrollRef = useRef("scroll");
        this.canvasRef = useRef("canvas");
        this.source = null;
        this.drawing = null;
        // Which of several that are under way is the last one.
        this.wordsTurn = 0;
        this.drawTurn = 0;
        this.loadLast = new KeepLast();
        onWillStart(() => {
            // The fields need not wait for the page.
            this.load(this.props);
        });
        onWillUpdateProps((props) => {
            const isOther = props.resId !== this.props.resId;
            if (isOther) {
                this.load(props);
            } else if (props.version !== this.props.version) {
                this.loadWords(props.resId);
            }
            if (props.target?.name !== this.props.target?.name) {
                this.show(props.marks && props.marks[props.target?.name]);
            }
        });
        onWillDestroy(() => {
            this.source?.close();
            this.source = null;
        });
        const drawAgain = useDebounced(() => this.draw(), RESIZED);
        useExternalListener(window, "resize", drawAgain);
        useEffect(
            () => {
                this.draw();
            },
            () => [
                this.state.status,
                this.file?.id,
                this.state.page,
                this.state.zoom,
                this.turned,
            ]
        );
        useEffect(
            (evidence) => evidence && this.scrollTo(),
            () => [this.evidence && `${this.state.drawn} ${this.evidence.box}`]
        );
        useLiveUpdates({
            isActive: () => this.state.words.state === "waiting",
            refresh: () => unlessOffline(this.loadWords(this.props.resId)),
            message: [],
        });
    }

    // ------------------------------------------------------------
    // LOADING
    // ------------------------------------------------------------

    async load({resId}) {
        this.resId = resId;
        Object.assign(this.state, {status: "loading", page: 1, count: 0, drawn: 0});
        Object.assign(this.state, {words: {state: "none"}, hover: null, frame: null});
        try {
            await this.loadLast.add(this.fetch(resId));
        } catch (error) {
            this.state.status = "error";
            throw error;
        }
    }

    async fetch(resId) {
        const file = await this.orm.call("account.move", "get_ai_review_document", [[resId]]);
        let source = null;
        let status = file.id ? "ready" : "none";
        try {
            source = file.id && (await openSource(file));
        } catch {
            // Torn files are reviewed, too: what is wrong with them stands beside.
            status = "broken";
        }
        if (resId !== this.resId) {
            source?.close();
            return;
        }
        this.source?.close();
        Object.assign(this, {file, source});
        if (status === "ready" && !source) {
            status = "undrawable";
        }
        const count = source?.count || 0;
        Object.assign(this.state, {count, page: Math.min(file.page || 1, count || 1)});
        await this.loadWords(resId);
        if (resId === this.resId) {
            this.state.status = status;
        }
    }

    async loadWords(resId) {
        const turn = ++this.wordsTurn;
        const method = "get_ai_review_page";
        const words = await this.orm.call("account.move", method, [
            [resId],
            this.state.page,
        ]);
        if (turn === this.wordsTurn && resId === this.resId) {
            this.state.words = words;
        }
    }

    // ------------------------------------------------------------
    // DRAWING
    // ------------------------------------------------------------

    get turned() {
        return this.state.words.turned || 0;
    }

    async draw() {
        const canvas = this.canvasRef.el;
        if (this.state.status !== "ready" || !canvas) {
            return;
        }
        const {page: number, zoom} = this.state;
        const {turned, source} = this;
        this.state.drawn = 0;
        const turn = ++this.drawTurn;
        // Of a canvas one at a time.
        this.drawing?.cancel();
        await this.drawing?.ended;
        const page = await source.page(number);
        if (!page || turn !== this.drawTurn) {
            return;
        }
        const size = page.size(turned);
        const room = this.scrollRef.el?.clientWidth;
        if (!room || source !== this.source) {
            return;
        }
        const width = Math.max(100, room - 16) * zoom;
        canvas.style.width = `${width}px`;
        canvas.style.height = `${(width * size.height) / size.width}px`;
        const pixels = (width / size.width) * window.devicePixelRatio;
        this.drawing = page.draw(canvas, pixels, turned);
        const isDrawn = await this.drawing.ended;
        if (turn === this.drawTurn) {
            this.drawing = null;
            this.state.drawn = isDrawn ? number : 0;
        }
    }

    turnPage(by) {
        this.goTo(this.state.page + by);
        this.scrollRef.el.scrollTop = 0;
    }

    goTo(number) {
        if (number < 1 || number > this.state.count || number === this.state.page) {
            return;
        }
        Object.assign(this.state, {page: number, hover: null, frame: null});
        this.loadWords(this.resId);
    }

    zoom(by) {
        const at = ZOOMS.indexOf(this.state.zoom) + by;
        this.state.zoom = ZOOMS[Math.max(0, Math.min(at, ZOOMS.length - 1))];
    }

    // ------------------------------------------------------------
    // WHAT WAS READ
    // ------------------------------------------------------------

    get isReady() {
        return this.state.drawn > 0 && this.state.words.state === "ready";
    }

    get canPick() {
        return this.isReady && Boolean(this.props.target && this.props.onPick);
    }

    get boxes() {
        const {page, words} = this.state;
        return Object.entries(this.props.marks || {})
            .filter(([, mark]) => mark.box && mark.page === page)
            .map(([name, {box, confidence}]) => ({
                name,
                color: confidenceColor(confidence),
                isEvidence: name === this.props.target?.name,
                style: styleOf(box, words),
            }));
    }

    get evidence() {
        const mark = (this.props.marks || {})[this.props.target?.name];
        return this.isReady && mark?.page === this.state.page ? mark : null;
    }

    /** Turn to the page on which a value stands. */
    show(mark) {
        if (mark?.page && this.state.status === "ready") {
            this.goTo(mark.page);
        }
    }

    /** Where a value stands, if that is out of sight. */
    scrollTo() {
        const box = this.scrollRef.el?.querySelector(".o_ai_queue_evidence");
        box?.scrollIntoView({block: "nearest", inline: "nearest"});
    }

    styleOf(box) {
        return styleOf(box, this.state.words);
    }

    // ------------------------------------------------------------
    // POINTING
    // ------------------------------------------------------------

    placeOf(ev) {
        const {left, top, width, height} = this.canvasRef.el.getBoundingClientRect();
        const {width: wide, height: high} = this.state.words;
        return {
            x: ((ev.clientX - left) / width) * wide,
            y: ((ev.clientY - top) / height) * high,
        };
    }

    onPointerDown(ev) {
        if (this.canPick && ev.button === 0) {
            this.begun = {place: this.placeOf(ev), x: ev.clientX, y: ev.clientY};
        }
    }

    onPointerMove(ev) {
        if (!this.canPick) {
            return;
        }
        const place = this.placeOf(ev);
        if (this.isFraming(ev)) {
            this.state.frame = boxBetween(this.begun.place, place);
            this.state.hover = null;
        } else if (ev.pointerType === "mouse") {
            this.state.hover = wordAt(this.state.words.words, place.x, place.y);
        }
    }

    isFraming(ev) {
        // A finger scrolls.
        if (!this.begun || ev.pointerType !== "mouse") {
            return false;
        }
        return Math.hypot(ev.clientX - this.begun.x, ev.clientY - this.begun.y) > STILL;
    }

    onPointerUp(ev) {
        if (!this.begun || !this.canPick) {
            return;
        }
        const place = this.placeOf(ev);
        const start = this.isFraming(ev) ? this.begun.place : place;
        this.forget();
        this.props.onPick({page: this.state.page, box: boxBetween(start, place)});
    }

    forget() {
        this.begun = null;
        Object.assign(this.state, {frame: null, hover: null});
    }
}
