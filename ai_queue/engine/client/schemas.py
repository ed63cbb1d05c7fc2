"""JSON schemas as they are sent: what servers want of them, and what they refuse."""

#: Keywords that bound what the form of an answer allows. Some servers take none, some
#: fail over how many ways they leave.
BOUNDS = frozenset(
    (
        *("minLength", "maxLength", "minItems", "maxItems", "uniqueItems"),
        *("minimum", "maximum", "exclusiveMinimum", "exclusiveMaximum", "multipleOf"),
        *("pattern", "format"),
    )
)
#: What else can be left out, since answers are checked against the whole schema.
_OPTIONAL = BOUNDS | {"additionalProperties", "title", "description", "default"}
#: Keywords whose values map names of the caller's to schemas.
_NAMED = ("properties", "$defs", "definitions", "patternProperties")


def optional_keywords(schema):
    """Those keywords of the schema that it can be sent without: a set."""
    found = set()
    for one in _every(schema):
        found |= _OPTIONAL & one.keys()
    return found


def without(schema, keywords):
    """The schema without these keywords."""
    if isinstance(schema, list):
        return [without(item, keywords) for item in schema]
    if not isinstance(schema, dict):
        return schema
    return {
        key: {name: without(one, keywords) for name, one in value.items()}
        if key in _NAMED and isinstance(value, dict)
        else without(value, keywords)
        for key, value in schema.items()
        if key not in keywords
    }


def is_closed(schema):
    """Whether every object of the schema has all its properties and no others.

    That is what OpenAI's strict mode asks for.
    """
    return all(
        one.get("additionalProperties") is False
        and set(one["properties"]) == set(one.get("required", ()))
        for one in _every(schema)
        if "properties" in one
    )


def _every(schema):
    """The schema and all within it."""
    if isinstance(schema, list):
        for item in schema:
            yield from _every(item)
    elif isinstance(schema, dict):
        yield schema
        for key, value in schema.items():
            if key in _NAMED and isinstance(value, dict):
                value = list(value.values())
            yield from _every(value)
