"""What a run has forecast, as the table that ``bin/demo`` prints."""

from collections import defaultdict
from dataclasses import dataclass
from statistics import fmean

#: so many periods are "recent"
RECENT = 8
NAME_WIDTH = 36
METHOD_WIDTH = 26
FIELDS = ["product_id", "quantity", "lower_80", "upper_80"]


@dataclass
class Row:
    """One product; quantities are per period, ``error`` is a ratio or ``None``."""

    name: str
    sold: float
    expected: float
    low: float
    high: float
    method: str
    error: float | None


@dataclass
class Outcome:
    """All active products: those with a whole forecast, and the names of the others."""

    period: str
    rows: list[Row]
    missing: list[str]

    def lines(self):
        """The table, ready to print."""
        a_period = f"a {self.period}"
        head = [
            _columns("", "sold", "expected", f"80 % of {self.period}s", "", "trial"),
            _columns("Product", a_period, a_period, "between", "Method", "error"),
        ]
        width = max(map(len, head))
        return [*head, "─" * width, *map(_line, self.rows)]


def collect(client, run_id):
    """What the run ``run_id`` left behind, as the person sees it.

    :param client: a logged-in person, a ``dev.client.Client``
    """
    products = client.call(
        "product.product",
        "search_read",
        [("sale_ok", "=", True)],
        ["display_name"],
        order="categ_id, default_code",
    )
    forecasts = defaultdict(list)
    for forecast in client.call(
        "ai.queue.forecast", "search_read", [("run_id", "=", run_id)], FIELDS
    ):
        forecasts[forecast["product_id"][0]].append(forecast)
    horizon = max(map(len, forecasts.values()), default=0)
    outcome = Outcome("period", [], [])
    for product in products:
        periods = forecasts[product["id"]]
        if not periods or len(periods) < horizon:
            outcome.missing.append(product["display_name"])
            continue
        data = client.call("product.product", "get_ai_forecast_data", [product["id"]])
        outcome.period = data["granularity"]
        # a new product has fewer of them
        recent = [point["quantity"] for point in data["history"][-RECENT:]]
        outcome.rows.append(
            Row(
                name=product["display_name"],
                sold=fmean(recent) if recent else 0.0,
                expected=fmean(period["quantity"] for period in periods),
                low=fmean(period["lower_80"] for period in periods),
                high=fmean(period["upper_80"] for period in periods),
                method=data["method"],
                error=data["error"],
            )
        )
    return outcome


def _line(row):
    return _columns(
        row.name,
        _number(row.sold),
        _number(row.expected),
        f"{_number(row.low)} – {_number(row.high)}",
        row.method,
        "" if row.error is None else f"{row.error:.0%}",
    )


def _columns(name, sold, expected, interval, method, error):
    return (
        f"{_cut(name, NAME_WIDTH)}  {sold:>8}  {expected:>8}  {interval:>17}  "
        f"{_cut(method, METHOD_WIDTH)}  {error:>6}"
    ).rstrip()


def _number(value):
    return f"{value:,.0f}" if value >= 100 else f"{value:.1f}"


def _cut(text, width):
    return f"{text if len(text) <= width else text[: width - 1] + '…':{width}}"
