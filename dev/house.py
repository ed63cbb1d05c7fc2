"""A linter of the house: what may name what, by its rooms, and how long code may be.

An arrow is a name in the code: an import of Python or JavaScript, the name of a model,
an XML id. Who defines it owns it: a model belongs to the room of its Python file, an
XML id to that of its XML file.

An addon names no addon, and nothing of another module, that it does not depend on. In
``ai_queue`` a room is a folder of ``models/``; views, data, security, wizards and
controllers have the room in the name of a folder (``views/bills/…``) or in front of
that of the file (``views/bills_….xml``), and scripts are in ``static/src/<room>/``.
What is in no room, as the menus, may name all rooms.
"""

import ast
import os
import re
from pathlib import Path

from . import addons, cache

MAX_FILE_LINES = 600
MAX_METHOD_LINES = 50
ROOMS = ("runs", "decisions", "ledger", "forecast", "bills", "operations")
#: folders of an addon in which a file tells its room by its name or its folder
BY_NAME = ("views", "data", "security", "wizards", "controllers", "report", "demo")
#: room → the rooms that it may not name; one of the engine is the path of its package
FORBIDDEN = {
    "runs": {"ledger", "asking", "forecast", "bills"}
    | {"engine/client", "engine/forecasting", "engine/documents/bills"},
    "decisions": {"ledger", "asking", "forecast", "bills"}
    | {"engine/client", "engine/forecasting", "engine/documents/bills"},
    "ledger": {"forecast", "bills", "engine/forecasting", "engine/documents/bills"},
    "asking": {"forecast", "bills", "engine/forecasting", "engine/documents/bills"},
    "forecast": {"bills", "engine/documents/bills", "engine/documents/files"},
    "bills": {"forecast", "engine/forecasting"},
    "operations": {"forecast", "bills"},
    "engine/client": {
        *("engine/forecasting", "engine/documents/bills", "engine/documents/files"),
    },
    "engine/forecasting": {"engine/documents/bills", "engine/documents/files"},
    "engine/documents/files": {"engine/documents/bills", "engine/forecasting"},
    "engine/documents/bills": {"engine/forecasting"},
}
ENGINE_ROOMS = sorted(room for room in FORBIDDEN if room.startswith("engine/"))
#: by these names the engine could not be found everywhere
FOREIGN_TO_ENGINE = ("odoo", "engine", "ai_queue")
#: what comes with modules that our addons depend on
IMPLIED = {
    "account": {"analytic", "mail", "product"},
    "purchase": {"account", "analytic", "mail", "product"},
    "sale": {"account", "analytic", "mail", "product"},
    "stock": {"mail", "product"},
}
#: what an addon uses where it is installed, and does without elsewhere
WHERE_INSTALLED = {
    "ai_queue_data_warehouse": {"stock"},
    "ai_queue_report": {"ai_queue_data_warehouse", "purchase", "stock"},
}
#: what everything has that depends on queue_job
COMMON = {"base", "base_setup", "bus", "web"}
#: in every file; they are no arrow
CREDITS = "The ai_queue contributors"
TEXTS = {".py", ".xml", ".js", ".scss", ".csv", ".po", ".pot", ".sql", ".yml", ".json"}
JS_IMPORT = re.compile(r"""(?:from|import)\s*\(?\s*["']([^"']+)["']""")
JS_STRING = re.compile(r"""["']([a-z]\w*(?:\.\w+)+)["']""")
QUALIFIED = re.compile(r"(?<![\w./-])[a-z]\w*(?:\.\w+)+(?![\w/-])")
#: attributes and functions in which an XML id may go without its addon
REFERENCE = re.compile(
    r"""(?:\b(?:ref|inherit_id|parent|action|groups|t-call)="|\bref\(\s*['"]|%\()"""
    r"""([\w., !]+)"""
)
MODEL_ID = re.compile(r"\bmodel_\w+")
XML_COMMENT = re.compile(r"<!--.*?-->", re.DOTALL)


def arrows(checkout=cache.CHECKOUT):
    """Every forbidden arrow of a checkout, a line of text each."""
    return House(checkout).arrows()


def lengths(checkout=cache.CHECKOUT):
    """Files and methods that are too long, a line of text each."""
    house = House(checkout)
    for path in house.files({".py", ".js"}):
        text = path.read_text()
        name = path.relative_to(house.checkout)
        if (count := len(text.splitlines())) > MAX_FILE_LINES:
            yield f"{name}: {count} lines; at most {MAX_FILE_LINES}"
        if path.suffix == ".py":
            for method, count in _methods(ast.parse(text, path)):
                if count > MAX_METHOD_LINES:
                    yield (
                        f"{name}:{method.lineno}: {method.name} has {count} lines; "
                        f"at most {MAX_METHOD_LINES}"
                    )


def engine_imports(checkout=cache.CHECKOUT):
    """Imports by which the engine would no longer stand alone."""
    checkout = Path(checkout)
    for path in sorted(checkout.glob("*/engine/**/*.py")):
        for node in ast.walk(ast.parse(path.read_text(), path)):
            modules = []
            if isinstance(node, ast.Import):
                modules = [alias.name for alias in node.names]
            elif isinstance(node, ast.ImportFrom) and not node.level:
                modules = [node.module]
            for module in modules:
                if module.partition(".")[0] in FOREIGN_TO_ENGINE:
                    name = path.relative_to(checkout)
                    yield f"{name}:{node.lineno}: imports {module}"


def room_of(where):
    """The room of a file or folder, by the parts of its path, the addon first.

    :return: its name, None for what is in no room
    """
    _addon, *inside = where
    if not inside:
        return None
    path = "/".join(inside)
    if inside[0] == "engine":
        rooms = [room for room in ENGINE_ROOMS if f"{path}/".startswith(f"{room}/")]
        return rooms[0] if rooms else "engine"
    if inside[0] == "asking":
        return "asking"
    if path.startswith("static/src/"):
        inside = inside[1:]
    elif inside[0] not in ("models", *BY_NAME):
        return None
    name = inside[1].partition(".")[0] if len(inside) > 1 else ""
    for room in ROOMS:
        if name == room or (inside[0] in BY_NAME and name.startswith(f"{room}_")):
            return room
    return None


class House:
    """The addons of a checkout, and who owns which name."""

    def __init__(self, checkout):
        self.checkout = Path(checkout)
        self.addons = addons.found(checkout)
        self.modules = {*self.addons}.union(*self.addons.values())
        self._strange = {addon: self._find_strange(addon) for addon in self.addons}
        #: name → the parts of the path of the file that defines it
        self._owners = {}
        for addon in self.addons:
            for model, path in addons.models(self.checkout / addon).items():
                where = self._parts(path)
                self._owners[model] = where
                self._owners[f"{addon}.model_{model.replace('.', '_')}"] = where
        for path in self.files({".xml"}):
            for xml_id, where in self._ids(path):
                self._owners.setdefault(xml_id, where)

    def files(self, suffixes, tests=False):
        """The files of all addons; those of ``tests`` only when they are wanted."""
        for addon in self.addons:
            for path in sorted((self.checkout / addon).rglob("*")):
                inside = set(path.relative_to(self.checkout / addon).parts)
                if path.suffix in suffixes and not {"lib", "node_modules"} & inside:
                    if tests or "tests" not in inside:
                        yield path

    def arrows(self):
        """Every forbidden arrow, a line of text each."""
        for path in self.files(TEXTS, tests=True):
            yield from self._words(path)
        for path in self.files(READERS):
            where = self._parts(path)
            told = set()
            for line, name, target in READERS[path.suffix](self, path, where):
                problem = self._problem(where, name, target)
                if problem and (line, problem) not in told:
                    told.add((line, problem))
                    yield f"{'/'.join(where)}:{line}: {problem}"

    def owner(self, name, addon=None):
        """Who owns a name: parts of a path, a module alone, or None for nobody.

        :param addon: where the name is used, for XML ids that do not say theirs
        """
        if addon and "." not in name:
            name = f"{addon}.{name}"
        if found := self._owners.get(name):
            return found
        for module in self.modules - self.addons.keys():
            if name.startswith((f"{module}.", f"{module.replace('_', '.')}.")):
                return (module,)
        return None

    def _problem(self, where, name, target):
        """What is wrong with a name in a file, or None."""
        if target[0] != where[0]:
            if target[0] in self._strange[where[0]]:
                return f"names {name} of {target[0]}, on which it does not depend"
            return None
        room, other = room_of(where), room_of(target)
        if other in FORBIDDEN.get(room, ()):
            return f"{room} names {name} of {other}"
        return None

    def _words(self, path):
        """Any word about an addon of ours on which this one does not depend."""
        where = self._parts(path)
        strangers = [
            name.replace("_", "[_.-]")
            for name in self._strange[where[0]] & self.addons.keys()
            # "ai_queue" is in "ai_queue_stock": there, only real arrows count
            if not name.startswith(where[0])
        ]
        if not strangers:
            return
        pattern = re.compile("|".join(strangers), re.IGNORECASE)
        for number, line in enumerate(path.read_text().splitlines(), 1):
            if found := pattern.search(line.replace(CREDITS, "")):
                yield f"{'/'.join(where)}:{number}: names {found[0]}"

    def _find_strange(self, addon):
        """The modules that an addon does not depend on, though others of ours do."""
        known = {*COMMON, *addons.own(addon, self.checkout)}
        known |= WHERE_INSTALLED.get(addon, set())
        for module in addons.foreign(addon, self.checkout):
            known |= {module} | IMPLIED.get(module, set())
        return self.modules - known

    def _ids(self, path):
        """The XML ids that a file defines; those of other addons are overridden."""
        where = self._parts(path)
        for found in re.findall(r'\bid="([\w.]+)"', _uncommented(path)):
            addon, _dot, name = found.rpartition(".")
            if addon in ("", where[0]):
                yield f"{where[0]}.{name}", where

    def _parts(self, path):
        return path.relative_to(self.checkout).parts


# --------------------------------------------------------------------- readers
#
# Each yields (line, name, whose it is) for what a file names.


def _named_in_python(house, path, where):
    tree = ast.parse(path.read_text(), path)
    docstrings = {
        id(node.body[0].value)
        for node in ast.walk(tree)
        if hasattr(node, "body")
        and isinstance(node.body, list)
        and node.body
        and isinstance(node.body[0], ast.Expr)
    }
    for node in ast.walk(tree):
        if isinstance(node, ast.Import | ast.ImportFrom):
            for target in _imported(node, where):
                yield node.lineno, ".".join(target[1:]) or target[0], target
        elif isinstance(node, ast.Constant) and isinstance(node.value, str):
            if "." in node.value and id(node) not in docstrings:
                if owner := house.owner(node.value):
                    yield node.lineno, node.value, owner


def _imported(node, where):
    """The parts of the paths of what an import takes from addons."""
    names = [alias.name for alias in node.names]
    if isinstance(node, ast.Import):
        paths = [tuple(name.split(".")) for name in names]
    else:
        module = tuple(node.module.split(".")) if node.module else ()
        if node.level:
            module = ("odoo", "addons", *where[: -node.level], *module)
        paths = [(*module, name) for name in names]
    return [path[2:] for path in paths if path[:2] == ("odoo", "addons") and path[2:]]


def _named_in_js(house, path, where):
    for number, line in enumerate(path.read_text().splitlines(), 1):
        for name in JS_IMPORT.findall(line):
            if name.startswith("@"):
                addon, _slash, rest = name[1:].partition("/")
                yield number, name, (addon, "static", "src", *rest.split("/"))
            elif name.startswith("."):
                directory = house.checkout.joinpath(*where[:-1])
                target = Path(os.path.normpath(directory / name))
                yield number, name, target.relative_to(house.checkout).parts
        for name in JS_STRING.findall(line):
            if owner := house.owner(name):
                yield number, name, owner


def _named_in_xml(house, path, where):
    for number, line in enumerate(_uncommented(path).splitlines(), 1):
        names = [(name, None) for name in QUALIFIED.findall(line)]
        names += [(name, where[0]) for name in MODEL_ID.findall(line)]
        for found in REFERENCE.findall(line):
            names += [(each.strip(" !"), where[0]) for each in found.split(",")]
        for name, addon in names:
            if owner := house.owner(name, addon):
                yield number, name, owner


def _named_in_csv(house, path, where):
    for number, line in enumerate(path.read_text().splitlines(), 1):
        for name in re.findall(r"[\w.]+", line):
            if owner := house.owner(name, where[0]):
                yield number, name, owner


READERS = {
    ".py": _named_in_python,
    ".js": _named_in_js,
    ".xml": _named_in_xml,
    ".csv": _named_in_csv,
}


def _uncommented(path):
    """The text of an XML file without comments, its lines where they were."""
    return XML_COMMENT.sub(lambda found: "\n" * found[0].count("\n"), path.read_text())


def _methods(tree):
    """The functions of a module and how many lines each has."""
    for node in ast.walk(tree):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            yield node, node.end_lineno - node.lineno + 1
