"""The addons of this checkout: what they need of each other, and what they define."""

import ast
from pathlib import Path

from . import cache

MANIFEST = "__manifest__.py"


def found(checkout=cache.CHECKOUT):
    """``{name: depends}`` of the addons of a checkout, those that others need first."""
    unsorted = {}
    for path in sorted(Path(checkout).glob(f"*/{MANIFEST}")):
        manifest = _manifest(path)
        if manifest.get("installable", True):
            unsorted[path.parent.name] = manifest.get("depends", [])
    in_order = {}

    def visit(name):
        for other in unsorted[name]:
            if other in unsorted and other not in in_order:
                visit(other)
        in_order.setdefault(name, unsorted[name])

    for name in unsorted:
        visit(name)
    return in_order


def own(name, checkout=cache.CHECKOUT):
    """An addon of a checkout and those of the checkout that it needs, these first."""
    known = found(checkout)
    needed, ahead = {name}, [name]
    while ahead:
        new = {other for other in known[ahead.pop()] if other in known} - needed
        needed |= new
        ahead += new
    return [each for each in known if each in needed]


def foreign(name, checkout=cache.CHECKOUT):
    """The modules from elsewhere that an addon needs, also through others of ours."""
    known = found(checkout)
    wanted = {other for each in own(name, checkout) for other in known[each]}
    return sorted(wanted - known.keys())


def models(directory):
    """``{model: path}`` of the models that the Python files below a directory define.

    A class that only extends a model does not define it.
    """
    defined = {}
    for path in sorted(Path(directory).rglob("*.py")):
        if "tests" in path.relative_to(directory).parts:
            continue
        for node in ast.walk(ast.parse(path.read_text(), path)):
            if isinstance(node, ast.ClassDef) and (name := _model(node)):
                defined.setdefault(name, path)
    return defined


def _model(node):
    """The name of the model that a class defines."""
    values = {}
    for each in node.body:
        if isinstance(each, ast.Assign) and isinstance(each.targets[0], ast.Name):
            try:
                values[each.targets[0].id] = ast.literal_eval(each.value)
            except ValueError:
                continue  # not the name of a model
    name, inherited = values.get("_name"), values.get("_inherit") or ()
    extended = [inherited] if isinstance(inherited, str) else inherited
    return None if name in extended else name


def _manifest(path):
    return ast.literal_eval(path.read_text())
