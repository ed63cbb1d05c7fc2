"""Whether a text is a model that LightGBM can read without harm.

LightGBM believes what it reads: a branch that leads back makes it go round for ever,
and a number out of range makes it read foreign memory. So whatever comes from outside
is held against the form in which it is written here, line by line.
"""

from __future__ import annotations

import math
import re

#: More than are ever trained.
MOST_TREES, MOST_LEAVES = 1000, 1000
#: What follows (which features matter, and how it was trained) is of no use.
END = "end of trees\n"

_HEADER = re.compile(
    r"tree\nversion=v\d\nnum_class=1\nnum_tree_per_iteration=1\nlabel_index=0\n"
    r"max_feature_idx=(\d{1,4})\nobjective=tweedie\nfeature_names=([\w ]+)\n"
    r"feature_infos=([\w.:\[\]+\- ]+)\ntree_sizes=([\d ]+)\n\n",
    re.ASCII,
)
_NUMBER = re.compile(r"-?(\d+(\.\d+)?(e[+-]?\d+)?|inf|nan)", re.ASCII)
_WHOLE = re.compile(r"-?\d{1,10}", re.ASCII)
#: Arrays of a tree in their order, as (name, type); those of nodes, leaves, nodes.
_OF_NODES = [
    ("split_feature", int),
    ("split_gain", float),
    ("threshold", float),
    ("decision_type", int),
    ("left_child", int),
    ("right_child", int),
]
_OF_LEAVES = [("leaf_weight", float), ("leaf_count", int)]
_OF_INNER = [("internal_value", float), ("internal_weight", float)]
_OF_INNER += [("internal_count", int)]
#: Bits of a decision: by names rather than amounts; where unknown ones go; which those
#: are (two bits, of which 3 means nothing).
_BY_NAME, _DECISIONS = 1, range(12)


def check(text: str):
    """Raise a ValueError unless this is a model as it is written here."""
    head, end, _rest = text.partition(END)
    header = _HEADER.match(head)
    if not header or not end:
        raise ValueError("This is no model.")
    features = int(header[1]) + 1
    if any(len(header[part].split(" ")) != features for part in (2, 3)):
        raise ValueError("There are as many names as features.")
    sizes = [int(size) for size in header[4].split(" ") if size]
    if not 0 < len(sizes) <= MOST_TREES:
        raise ValueError("There are too many trees.")
    at = header.end()
    for number, size in enumerate(sizes):
        _check_tree(head[at : at + size], number, features)
        at += size
    if at != len(head):
        raise ValueError("There is more than trees.")


def _check_tree(text, number, features):
    lines = iter(text.split("\n"))

    def get(name):
        found, _equal, value = next(lines, "").partition("=")
        if found != name:
            raise ValueError("A line is missing, or another one.")
        return value

    def get_all(names, count):
        return {name: _read(get(name), kind, count) for name, kind in names}

    if get("Tree") != str(number):
        raise ValueError("The trees are in another order.")
    [leaves] = _read(get("num_leaves"), int, 1)
    [by_name] = _read(get("num_cat"), int, 1)
    if not 1 <= leaves <= MOST_LEAVES or not 0 <= by_name < leaves:
        raise ValueError("There are too many leaves.")
    nodes = get_all(_OF_NODES, leaves - 1)
    values = _read(get("leaf_value"), float, leaves)
    for name, kind in _OF_LEAVES:
        found = get(name)
        # Of a tree that splits nothing, LightGBM writes no more than its value.
        if found or leaves > 1:
            _read(found, kind, leaves)
    get_all(_OF_INNER, leaves - 1)
    if by_name:
        bounds = _read(get("cat_boundaries"), int, by_name + 1)
        sets = _read(get("cat_threshold"), int, bounds[-1])
        if bounds[0] != 0 or bounds != sorted(bounds) or any(one < 0 for one in sets):
            raise ValueError("The sets of names are out of range.")
    if get("is_linear") != "0":
        raise ValueError("Such trees are not trained here.")
    [shrinkage] = _read(get("shrinkage"), float, 1)
    if list(lines) != ["", "", ""]:
        raise ValueError("A tree has more lines than it has.")
    if not all(map(math.isfinite, (*values, *nodes["threshold"], shrinkage))):
        raise ValueError("What is added up is no number.")
    _check_nodes(nodes, leaves, by_name, features)


def _check_nodes(nodes, leaves, by_name, features):
    for place in range(leaves - 1):
        # A negative one is a leaf; any other node comes later, so that each way ends.
        for child in (nodes["left_child"][place], nodes["right_child"][place]):
            if not (place < child < leaves - 1 or 0 <= ~child < leaves):
                raise ValueError("A branch leads nowhere.")
        if not 0 <= nodes["split_feature"][place] < features:
            raise ValueError("There is no such feature.")
        decision = nodes["decision_type"][place]
        if decision not in _DECISIONS:
            raise ValueError("There is no such decision.")
        if decision & _BY_NAME and nodes["threshold"][place] not in range(by_name):
            raise ValueError("There is no such set of names.")


def _read(value, kind, count):
    """The numbers of a line: so many, each written as LightGBM does."""
    words = value.split(" ") if value else []
    form = _WHOLE if kind is int else _NUMBER
    if len(words) != count or not all(map(form.fullmatch, words)):
        raise ValueError("These are not the numbers that belong there.")
    return list(map(kind, words))
