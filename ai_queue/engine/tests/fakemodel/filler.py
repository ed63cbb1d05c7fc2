"""Answers that fit a JSON schema and mean nothing."""

import random

_WORDS = (
    "amber birch cedar delta ember fjord grove heron inlet jade kelp lotus maple "
    "north ocean pearl quartz river stone tulip umber violet willow yarrow zephyr"
).split()
_FORMATS = {
    "date": "2026-03-%02d",
    "date-time": "2026-03-%02dT12:00:00Z",
    "email": "someone%02d@example.com",
    "uri": "https://example.com/%02d",
    "time": "12:00:%02d",
}
MAX_ITEMS = 3


def fill(schema, seed):
    """A value that fits ``schema``; the same one for the same ``seed``.

    Known are types, properties, items, enum, const, lower and upper bounds of numbers,
    texts and lists, common formats, ``anyOf``, ``oneOf`` and local ``$ref``. A
    ``pattern`` is not followed.
    """
    return _fill(schema, random.Random(seed), schema)


def _fill(schema, dice, root):
    if "$ref" in schema:
        return _fill(_resolve(schema["$ref"], root), dice, root)
    for key in ("anyOf", "oneOf"):
        if key in schema:
            return _fill(schema[key][0], dice, root)
    if "const" in schema:
        return schema["const"]
    if "enum" in schema:
        return dice.choice(schema["enum"])
    kind = schema.get("type", "object" if "properties" in schema else "string")
    if isinstance(kind, list):
        kind = kind[0]
    return _OF_TYPE[kind](schema, dice, root)


def _resolve(reference, root):
    target = root
    for step in reference.lstrip("#/").split("/"):
        target = target[step]
    return target


def _object(schema, dice, root):
    return {
        name: _fill(part, dice, root)
        for name, part in schema.get("properties", {}).items()
    }


def _array(schema, dice, root):
    least = schema.get("minItems", 0)
    most = schema.get("maxItems", max(least, MAX_ITEMS))
    count = dice.randint(least, max(least, min(most, MAX_ITEMS)))
    return [_fill(schema.get("items", {}), dice, root) for _ in range(count)]


def _string(schema, dice, root):
    if schema.get("format") in _FORMATS:
        return _FORMATS[schema["format"]] % dice.randint(1, 28)
    text = " ".join(dice.choice(_WORDS) for _ in range(3))
    text = text.ljust(schema.get("minLength", 0), ".")
    return text[: schema.get("maxLength", len(text))]


def _bounds(schema):
    low = schema.get("minimum", schema.get("exclusiveMinimum", 0))
    high = schema.get("maximum", schema.get("exclusiveMaximum", max(low, 0) + 100))
    return min(low, high), high


def _integer(schema, dice, root):
    low, high = _bounds(schema)
    low += schema.get("exclusiveMinimum") == low
    high -= schema.get("exclusiveMaximum") == high
    return dice.randint(int(low), int(high))


def _number(schema, dice, root):
    low, high = _bounds(schema)
    return round(low + (high - low) * (0.1 + 0.8 * dice.random()), 4)


_OF_TYPE = {
    "object": _object,
    "array": _array,
    "string": _string,
    "integer": _integer,
    "number": _number,
    "boolean": lambda schema, dice, root: dice.random() < 0.5,
    "null": lambda schema, dice, root: None,
}
