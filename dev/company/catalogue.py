"""What Alder & Finch sells, to whom, and in which pattern each article sells.

The articles are the lines of ``assortment.csv``: lines with the same ``product`` are
variants of it. ``price`` and ``cost`` are per unit and without tax, ``level`` is the
usual number of units per week over all customers, ``pack`` what it is ordered by.
"""

import csv
from dataclasses import dataclass
from enum import Enum
from pathlib import Path

COMPANY = {
    "name": "Alder & Finch Café Supply",
    "street": "14 Ropewalk Lane",
    "city": "Portland",
    "zip": "04101",
    "email": "hello@alderandfinch.example",
    "phone": "+1 207-555-0142",
    "website": "https://alderandfinch.example",
}


class Pattern(Enum):
    """How demand for an article behaves over two years."""

    STEADY = "steady"
    RISING = "rising"
    FALLING = "falling"
    WEEKDAY = "weekday"  # ordered fresh every working day, most before the weekend
    YEARLY = "yearly"  # a season that comes back each year
    INTERMITTENT = "intermittent"  # most weeks nothing, else one or a few
    LUMPY = "lumpy"  # most weeks nothing, else anything up to a lot
    NEW = "new"  # on sale for a few weeks only
    DEAD = "dead"  # not sold any more for more than half a year


class Season(Enum):
    """When a yearly article sells: (day of the year of its peak, width in days)."""

    SPRING = (95, 25)
    SUMMER = (196, 52)
    AUTUMN = (290, 28)
    CHRISTMAS = (343, 20)
    WINTER = (15, 60)

    @property
    def peak(self):
        return self.value[0]

    @property
    def width(self):
        return self.value[1]


class Pack(Enum):
    """What an article is ordered by: (name, how many of the article's own unit)."""

    UNIT = ("Units", 1)
    PACK_6 = ("Pack of 6", 6)
    DOZEN = ("Dozens", 12)
    CASE_24 = ("Case of 24", 24)
    SLEEVE_50 = ("Sleeve of 50", 50)

    @property
    def label(self):
        return self.value[0]

    @property
    def factor(self):
        return self.value[1]


@dataclass(frozen=True)
class Sku:
    """One thing that can be put on an invoice line: a ``product.product``.

    ``option`` is the value of the product's attribute that sets it apart from the other
    variants, empty where there are none.
    """

    code: str
    option: str
    price: float
    cost: float
    pattern: Pattern
    level: float
    season: Season | None
    pack: Pack


@dataclass(frozen=True)
class Product:
    """One ``product.template``; several SKUs are its variants by ``attribute``."""

    name: str
    category: str
    attribute: str
    skus: tuple[Sku, ...]


@dataclass(frozen=True)
class Customer:
    """Who buys; ``weekday`` (0 = Monday) is when the van comes by.

    ``fresh`` are those who serve breakfast: milk, eggs and bakery go to them.
    """

    name: str
    city: str
    weekday: int
    size: float
    fresh: bool = False


def _read_products():
    rows = {}
    path = Path(__file__).with_name("assortment.csv")
    with path.open(newline="", encoding="utf-8") as lines:
        for row in csv.DictReader(lines):
            key = (row["product"], row["category"], row["attribute"])
            rows.setdefault(key, []).append(_read_sku(row))
    return tuple(Product(*key, skus=tuple(skus)) for key, skus in rows.items())


def _read_sku(row):
    return Sku(
        code=row["code"],
        option=row["option"],
        price=float(row["price"]),
        cost=float(row["cost"]),
        pattern=Pattern(row["pattern"]),
        level=float(row["level"]),
        season=Season[row["season"].upper()] if row["season"] else None,
        pack=Pack[row["pack"].upper()] if row["pack"] else Pack.UNIT,
    )


PRODUCTS = _read_products()
SKUS = tuple(sku for product in PRODUCTS for sku in product.skus)

CUSTOMERS = (
    Customer("The Copper Kettle", "Portland", 0, 1.0),
    Customer("Quayside Coffee House", "Portland", 0, 1.5, fresh=True),
    Customer("Bramble & Bean", "Freeport", 1, 1.1),
    Customer("Larkspur Hotel", "Freeport", 1, 2.0, fresh=True),
    Customer("Station Yard Espresso", "Brunswick", 2, 1.3, fresh=True),
    Customer("The Reading Room Café", "Bath", 2, 0.8),
    Customer("Old Forge Bakery", "Saco", 3, 1.0, fresh=True),
    Customer("Millbrook Garden Center", "Biddeford", 3, 1.6),
    Customer("Harbor Lights Bistro", "South Portland", 4, 1.2, fresh=True),
    Customer("Penrose Office Pantry", "South Portland", 4, 1.8),
    Customer("Saturday Street Market Café", "Kennebunk", 5, 1.4, fresh=True),
    Customer("Hilltop Tea Rooms", "Kennebunk", 5, 0.9),
)
