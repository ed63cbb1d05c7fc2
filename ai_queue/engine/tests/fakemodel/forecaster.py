"""What a sensible model would answer to a question about demand forecasts."""

import json

FACTOR = 1.1


def question(asked):
    """The data of such a question; None when it is another one."""
    try:
        data, _end = json.JSONDecoder().raw_decode(asked.text)
    except ValueError:
        return None
    products = data.get("products") if isinstance(data, dict) else None
    if not products or not all("baseline" in product for product in products):
        return None
    return data


def answer(asked, factor=FACTOR):
    """Every baseline times ``factor``; None when another thing was asked."""
    data = question(asked)
    if data is None:
        return None
    change = f"{'Raised' if factor > 1 else 'Lowered'} by {abs(factor - 1):.0%}"
    if factor == 1:
        change = "Kept"
    return {
        "products": [
            {
                "id": product["id"],
                "quantities": [
                    round(quantity * factor, 4)
                    for quantity in product["baseline"]["quantities"]
                ],
                "reason": f"{change} for the coming {data['period']}s.",
            }
            for product in data["products"]
        ]
    }
