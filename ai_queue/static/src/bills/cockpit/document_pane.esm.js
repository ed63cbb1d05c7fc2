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
import {KeepLast} from "@web/core/utils/concurrency";
import {openSource} from "./page_source.esm";
import {useService} from "@web/core/utils/hooks";

const ZOOMS = [0.5, 0.75, 1, 1.25, 1.5, 2, 3, 4];

/** The pages of the file that a bill was read from. */
export class DocumentPane extends Component {
    static template = "ai_queue.DocumentPane";
    static props = {resId: Number};

    setup() {
        this.orm = useService("orm");
        this.state = useState({status: "loading", page: 1, count: 0, zoom: 1, turned: 0, drawn: 0});
        this.scrollRef = useRef("scroll");
        this.canvasRef = useRef("canvas");
        this.source = null;
        this.keepLast = new KeepLast();
        this.drawLast = new KeepLast();
        onWillStart(() => {
            // The fields need not wait for the page.
            this.load(this.props.resId);
        });
        onWillUpdateProps(({resId}) => {
            if (resId !== this.props.resId) {
                this.load(resId);
            }
        });
        onWillDestroy(() => this.source?.close());
        useExternalListener(window, "resize", () => this.draw());
        useEffect(
            () => {
                this.draw();
            },
            () => [this.state.status, this.file?.id, this.state.page, this.state.zoom]
        );
    }

    async load(resId) {
        Object.assign(this.state, {status: "loading", page: 1, count: 0});
        try {
            await this.keepLast.add(this.fetch(resId));
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
        if (resId !== this.props.resId) {
            source?.close();
            return;
        }
        this.source?.close();
        Object.assign(this, {file, source});
        if (status === "ready" && !source) {
            status = "undrawable";
        }
        const count = source?.count || 0;
        const page = Math.min(file.page || 1, count || 1);
        Object.assign(this.state, {status, page, count});
    }

    async draw() {
        const canvas = this.canvasRef.el;
        if (this.state.status !== "ready" || !canvas) {
            return;
        }
        this.state.drawn = 0;
        const page = await this.source.page(this.state.page);
        const size = page.size(this.state.turned);
        const room = this.scrollRef.el?.clientWidth;
        if (!room) {
            return;
        }
        const width = Math.max(100, room - 16) * this.state.zoom;
        canvas.style.width = `${width}px`;
        canvas.style.height = `${(width * size.height) / size.width}px`;
        const pixels = (width / size.width) * window.devicePixelRatio;
        const {page: number} = this.state;
        await this.drawLast.add(page.draw(canvas, pixels, this.state.turned));
        this.state.drawn = number;
    }

    turnPage(by) {
        const page = this.state.page + by;
        if (page >= 1 && page <= this.state.count) {
            this.state.page = page;
            this.scrollRef.el.scrollTop = 0;
        }
    }

    zoom(by) {
        const at = ZOOMS.indexOf(this.state.zoom) + by;
        this.state.zoom = ZOOMS[Math.max(0, Math.min(at, ZOOMS.length - 1))];
    }
}
