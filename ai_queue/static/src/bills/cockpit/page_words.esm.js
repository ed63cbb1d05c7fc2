/** How far beside a word the pointer still means it, in points. */
const NEAR = 3;

/**
 * @param {Array} words their boxes: left, upper, right and lower edge
 * @param {Number} x
 * @param {Number} y
 * @returns {Array|null} the box of the word at a place
 */
export function wordAt(words, x, y) {
    let nearest = null;
    let best = NEAR;
    for (const box of words) {
        const [x0, top, x1, bottom] = box;
        const away = Math.max(x0 - x, x - x1, top - y, y - bottom, 0);
        if (away <= best && (away < best || !nearest)) {
            nearest = box;
            best = away;
        }
    }
    return nearest;
}

/**
 * @param {Array} box in points
 * @param {Object} page with `width` and `height`
 * @returns {String} where it is on the page at any size, as a style
 */
export function styleOf([x0, top, x1, bottom], {width, height}) {
    const share = (part, whole) => `${(100 * part) / whole}%`;
    return [
        `left: ${share(x0, width)}`,
        `top: ${share(top, height)}`,
        `width: ${share(x1 - x0, width)}`,
        `height: ${share(bottom - top, height)}`,
    ].join("; ");
}

/**
 * @param {Object} one a place, `x` and `y`
 * @param {Object} other
 * @returns {Array} the box between them
 */
export function boxBetween(one, other) {
    return [
        Math.min(one.x, other.x),
        Math.min(one.y, other.y),
        Math.max(one.x, other.x),
        Math.max(one.y, other.y),
    ];
}
