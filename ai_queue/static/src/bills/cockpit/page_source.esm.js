import {loadPDFJSAssets} from "@web/core/utils/pdfjs";

/** What browsers draw by themselves. */
const PICTURES = ["image/png", "image/jpeg", "image/webp", "image/gif", "image/bmp"];
/** So many pixels a canvas has at most: beyond it, phones draw nothing. */
const MOST_PIXELS = 16000000;

/**
 * @param {Number} width of what is drawn, in pixels
 * @param {Number} height
 * @param {Number} wanted by how much it is to be enlarged
 * @returns {Number} by how much it can be
 */
export function boundedScale(width, height, wanted) {
    return Math.min(wanted, Math.sqrt(MOST_PIXELS / (width * height)));
}

class PdfSource {
    constructor(pdf) {
        this.pdf = pdf;
        this.count = pdf.numPages;
        this.isClosed = false;
    }

    /** What was closed meanwhile, or is drawn no more, is no error: null. */
    unlessGone(promise) {
        return promise.catch((error) => {
            if (this.isClosed || error.name === "RenderingCancelledException") {
                return null;
            }
            throw error;
        });
    }

    /** @returns {Promise<Object|null>} null after the file was closed */
    async page(number) {
        const page = await this.unlessGone(this.pdf.getPage(number));
        return page && this.wrap(page);
    }

    wrap(page) {
        const at = (scale, turned) =>
            page.getViewport({scale, rotation: (page.rotate + turned) % 360});
        return {
            size: (turned = 0) => {
                const {width, height} = at(1, turned);
                return {width, height};
            },
            draw: (canvas, wanted, turned = 0) => {
                const {width, height} = at(1, turned);
                const viewport = at(boundedScale(width, height, wanted), turned);
                canvas.width = Math.round(viewport.width);
                canvas.height = Math.round(viewport.height);
                const canvasContext = canvas.getContext("2d");
                const task = page.render({canvasContext, viewport});
                const ended = this.unlessGone(task.promise.then(() => true));
                return {ended, cancel: () => task.cancel()};
            },
        };
    }

    close() {
        this.isClosed = true;
        this.pdf.destroy();
    }
}

class PictureSource {
    constructor(image) {
        this.image = image;
        this.count = 1;
    }

    async page() {
        const {naturalWidth, naturalHeight} = this.image;
        const size = (turned = 0) =>
            turned % 180
                ? {width: naturalHeight, height: naturalWidth}
                : {width: naturalWidth, height: naturalHeight};
        return {
            size,
            draw: (canvas, wanted, turned = 0) => {
                const {width, height} = size(turned);
                // Nothing is gained by enlarging a picture.
                const scale = boundedScale(width, height, Math.min(wanted, 1));
                canvas.width = Math.round(width * scale);
                canvas.height = Math.round(height * scale);
                const context = canvas.getContext("2d");
                context.translate(canvas.width / 2, canvas.height / 2);
                context.rotate((turned * Math.PI) / 180);
                context.scale(scale, scale);
                context.drawImage(this.image, -naturalWidth / 2, -naturalHeight / 2);
                return {ended: Promise.resolve(true), cancel: () => {}};
            },
        };
    }

    close() {
        this.image.src = "";
    }
}

async function openPdf(url) {
    await loadPDFJSAssets();
    return new PdfSource(await globalThis.pdfjsLib.getDocument(url).promise);
}

async function openPicture(url) {
    const image = new Image();
    image.src = url;
    await image.decode();
    return new PictureSource(image);
}

/**
 * Opens a file to draw its pages.
 *
 * @param {Object} file with `id` and `mimetype` of an attachment
 * @returns {Promise<Object|null>} `count` pages, each with its `size` and what draws
 *      it: `ended` tells whether it was drawn, or `cancel()`led before that. Null for
 *      what browsers cannot draw.
 */
export async function openSource({id, mimetype}) {
    const url = `/web/content/${id}`;
    if (mimetype === "application/pdf") {
        return openPdf(url);
    }
    return PICTURES.includes(mimetype) ? openPicture(url) : null;
}
