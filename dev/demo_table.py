"""What a run has forecast, as the table that ``bin/demo`` prints."""

from collections import defaultdict
from dataclasses import dataclass
from statistics import fmean

WEEKS = 8
NAME_WIDTH = 36
METHOD_WIDTH = 30
FIELDS = ["product_id", "quantity", "lower_80", "upper_80", "method", "error"]


@dataclass
class Row:
    """One product; quantities are per week, ``error`` is a ratio or ``None``."""

    name: str
    sold: float
    expected: float
    low: float
    high: float
    method: str
    error: float | None


def collect(client, run_id):
    """The rows of all active products, and the names of those without a forecast.

    :param client: a logged-in person, as in ``dev.client``
    """
    products = client.call(
        "product.product",
        "search_read",
        [("sale_ok", "=", True)],
        ["display_name"],
        order="categ_id, default_code",
    )
    methods = dict(
        client.call("ai.queue.forecast", "fields_get", ["method"], ["selection"])[
            "method"
        ]["selection"]
    )
    forecasts = defaultdict(list)
    for forecast in client.call(
        "ai.queue.forecast", "search_read", [("run_id", "=", run_id)], FIELDS
    ):
        forecasts[forecast["product_id"][0]].append(forecast)
    rows, missing = [], []
    for product in products:
        weeks = forecasts[product["id"]]
        if not weeks:
            missing.append(product["display_name"])
            continue
        data = client.call("product.product", "get_ai_forecast_data", [product["id"]])
        history = [point["quantity"] for point in data["history"][-WEEKS:]]
        rows.append(
            Row(
                name=product["display_name"],
                sold=sum(history) / WEEKS,
                expected=fmean(week["quantity"] for week in weeks),
                low=fmean(week["lower_80"] for week in weeks),
                high=fmean(week["upper_80"] for week in weeks),
                method=methods.get(weeks[0]["method"], ""),
                error=weeks[0]["error"],
            )
        )
    return rows, missing


def render(rows):
    """The lines of the table."""
    head = (
        f"{'':{NAME_WIDTH}}  {'sold':>8}  {'expected':>8}  {'80 % of weeks':>17}  "
        f"{'method':{METHOD_WIDTH}}  {'error':>6}"
    )
    units = (
        f"{'Product':{NAME_WIDTH}}  {'a week':>8}  {'a week':>8}  {'':>17}  "
        f"{'':{METHOD_WIDTH}}  {'':>6}"
    )
    return [head, units, "─" * len(head), *map(_line, rows)]


def _line(row):
    interval = f"{_number(row.low)} – {_number(row.high)}"
    error = "" if row.error is None else f"{row.error:.0%}"
    return (
        f"{_cut(row.name, NAME_WIDTH)}  {_number(row.sold):>8}  "
        f"{_number(row.expected):>8}  {interval:>17}  "
        f"{_cut(row.method, METHOD_WIDTH)}  {error:>6}"
    ).rstrip()


def _number(value):
    return f"{value:,.0f}" if value >= 100 else f"{value:.1f}"


def _cut(text, width):
    return f"{text if len(text) <= width else text[: width - 1] + '…':{width}}"
