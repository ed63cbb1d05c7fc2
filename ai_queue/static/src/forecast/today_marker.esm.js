/** Chart.js plugin: a dashed line with a caption where today is on the time axis. */
export const todayMarker = {
    id: "aiQueueToday",

    /** Behind the lines, so that it hides none of them. */
    beforeDatasetsDraw(chart, args, {index, share, label, color, font}) {
        const {ctx, chartArea} = chart;
        const scale = chart.scales.x;
        const width = scale.width / scale.ticks.length;
        const direction = scale.options.reverse ? -1 : 1;
        const middle = scale.getPixelForValue(index);
        const wanted = middle + direction * (Math.min(share, 1) - 0.5) * width;
        const x = Math.min(Math.max(wanted, chartArea.left), chartArea.right);
        ctx.save();
        ctx.strokeStyle = color;
        ctx.fillStyle = color;
        ctx.font = `${font.size}px ${font.family}`;
        ctx.setLineDash([4, 4]);
        ctx.lineWidth = 1;
        ctx.beginPath();
        ctx.moveTo(x, chartArea.top - 4);
        ctx.lineTo(x, chartArea.bottom);
        ctx.stroke();
        ctx.textBaseline = "bottom";
        const half = ctx.measureText(label).width / 2;
        const isAtEdge = x + half > chartArea.right;
        ctx.textAlign = isAtEdge ? "right" : "center";
        ctx.fillText(label, isAtEdge ? chartArea.right : x, chartArea.top - 6);
        ctx.restore();
    },
};
