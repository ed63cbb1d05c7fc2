/**
 * The colours of a chart, by the CSS variables that hold them: light and dark differ.
 *
 * @param {HTMLElement} el of the chart
 * @param {String[]} names variables without `--o-queue-job-`
 * @returns {Object} CSS colours by name, and `font`, the CSS font family
 */
export function readColors(el, names) {
    const style = getComputedStyle(el);
    const colors = names.map((name) => [
        name,
        style.getPropertyValue(`--o-queue-job-${name}`).trim(),
    ]);
    return {...Object.fromEntries(colors), font: style.fontFamily};
}
