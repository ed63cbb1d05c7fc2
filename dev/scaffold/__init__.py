"""``bin/scaffold``: a new addon with a kind of AI work, for its author to change."""

import argparse
import re
from pathlib import Path
from string import Template

from .. import addons, cache
from ..progress import SetupError, say

TEMPLATE = Path(__file__).parent / "template"
#: of the files in the template, so that no tool takes them for code
SUFFIX = ".template"
PREFIX = "ai_queue_"
KIND_MODEL = "ai.queue.kind.{}"
NAME = re.compile(r"[a-z][a-z0-9]*(_[a-z0-9]+)*")
FIRST_VERSION = "19.0.1.0.0"


def main(arguments):
    """``bin/scaffold``: returns the exit code."""
    options = _parser().parse_args(arguments)
    target = make(options.name, options.kind, options.into)
    say(
        f"{target} is there. It writes a text about contacts; change"
        f" models/ai_queue_kind_{kind_of(options.name, options.kind)}.py to what you"
        " want, and try it:\n"
        f"  {_test(target)}\n"
        f"  bin/demo --addons {target.parent}"
    )
    return 0


def _test(target):
    """The command that runs the tests of a new addon, wherever that is."""
    name, directory = target.name, target.resolve().parent
    if directory == cache.CHECKOUT:
        return f"bin/test {name}"
    return (
        f"bin/odoo --addons-path={cache.CHECKOUT},{directory} -d try_{name} -i {name}"
        f" --test-tags /{name} --stop-after-init --no-http"
    )


def make(name, kind=None, into=cache.CHECKOUT):
    """Write a new addon and return its directory.

    :param str name: of the addon
    :param str kind: of the work; None for the name without ``ai_queue_``
    :param into: the directory in which that of the addon is made
    :raise SetupError: when it cannot be made under this name
    """
    kind = kind_of(name, kind)
    for word in (name, kind):
        if not NAME.fullmatch(word):
            raise SetupError(
                f"“{word}” is no name for Odoo: use small letters, digits and single"
                " underscores, and begin with a letter."
            )
    model = KIND_MODEL.format(kind)
    if model in addons.models(cache.CHECKOUT):
        raise SetupError(
            f"The kind of work “{kind}” is there already ({model}); choose another one"
            " with --kind."
        )
    target = Path(into) / name
    if target.exists():
        raise SetupError(f"{target} is there already; choose another name.")
    words = _words(name, kind)
    for path in sorted(TEMPLATE.rglob(f"*{SUFFIX}")):
        inside = str(path.relative_to(TEMPLATE)).removesuffix(SUFFIX)
        file = target / inside.replace("KIND", kind)
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(Template(path.read_text()).substitute(words))
    return target


def kind_of(name, kind=None):
    """The kind of work of an addon, where none is given."""
    return kind or name.removeprefix(PREFIX)


def _words(name, kind):
    """What stands for the words of the template."""
    title = kind.replace("_", " ").capitalize()
    return {
        "addon": name,
        "kind": kind,
        "title": title,
        "camel": "".join(word.capitalize() for word in kind.split("_")),
        "version": FIRST_VERSION,
    }


def _parser():
    parser = argparse.ArgumentParser(
        prog="bin/scaffold",
        description=(
            "Make a new addon that adds a kind of work to ai_queue, with its job, a"
            " button, a view and a test. All of it works as it stands."
        ),
    )
    parser.add_argument("name", help="of the addon, for example ai_queue_summary")
    parser.add_argument(
        "--kind", help="of the work (default: the name without ai_queue_)"
    )
    parser.add_argument(
        "--into",
        type=Path,
        default=cache.CHECKOUT,
        metavar="PATH",
        help="where to make it (default: beside ai_queue)",
    )
    return parser
