"""The picture of ``isolation.py``: reads a second over time, one panel for each way."""

READS, PRESSED, LIMIT = "#0b6e5f", "#f3d9a4", "#8a8a8a"
#: seconds of a bar
WIDTH = 2.0


def draw(results, path):
    """Draw the ways side by side.

    :param results: list of (title, result of ``isolation.measure``)
    :param path: of the picture, an SVG or PNG
    """
    import matplotlib

    matplotlib.use("Agg")
    # text stays text, and the same numbers give the same file
    matplotlib.rcParams.update({"svg.fonttype": "none", "svg.hashsalt": "isolation"})
    from matplotlib import pyplot

    figure, panels = pyplot.subplots(
        1, len(results), sharey=True, figsize=(11, 3.2), squeeze=False
    )
    for axes, (title, result) in zip(panels[0], results, strict=True):
        _panel(axes, title, result)
    panels[0][0].set_ylabel("reads a second")
    figure.suptitle(
        "Four people read product lists; shaded: six press AI buttons, the model takes"
        " 5 s",
        fontsize=10,
    )
    figure.tight_layout()
    options = {"metadata": {"Date": None}} if path.suffix == ".svg" else {"dpi": 120}
    figure.savefig(path, **options)
    pyplot.close(figure)


def _panel(axes, title, result):
    begin = result["idle"][0][0]
    end = result["idle"][-1][1]
    count = int((end - begin) // WIDTH)
    bars = [0] * count
    for moment in result["reads"]:
        slot = int((moment.ended - begin) // WIDTH)
        if 0 <= slot < count and moment.status == 200:
            bars[slot] += 1
    for since, until in result["busy"]:
        axes.axvspan(since - begin, until - begin, color=PRESSED, lw=0)
    edges = [WIDTH * number for number in range(count + 1)]
    spans = [*result["idle"], *result["busy"]]
    heights = [
        one / WIDTH
        if any(a <= begin + at and begin + at + WIDTH <= b for a, b in spans)
        else float("nan")  # nobody reads, while the last jobs end
        for one, at in zip(bars, edges, strict=False)
    ]
    axes.stairs(heights, edges, color=READS, lw=1.5)
    axes.set_title(title, fontsize=10)
    axes.set_xlabel("seconds")
    axes.set_xlim(0, end - begin)
    axes.set_ylim(bottom=0)
    axes.grid(axis="y", color=LIMIT, alpha=0.3, lw=0.5)
    for side in ("top", "right"):
        axes.spines[side].set_visible(False)
