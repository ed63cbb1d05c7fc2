"""The translation templates ``i18n/ADDON.pot``, exported by Odoo itself.

``python -m dev.translations`` installs the addons of this checkout on a database of its
own and writes the template of each. With ``--check`` it writes nothing, but lists the
texts that are missing in a template or no longer in the code.
"""

import argparse
import os
import re
import subprocess
import sys
import tempfile
from pathlib import Path

from . import addons as checkout
from . import cache, odoo
from .progress import SetupError, step
from .workspace import Workspace

#: lines of the header that differ with every export
DATES = re.compile(r'^"(?:POT-Creation|PO-Revision)-Date: .*\n', re.M)
ENTRY = re.compile(r"^msgid (.*?)^msgstr ", re.M | re.S)
LINE = re.compile(r'"(.*)"')
SHOWN = 88


def addons():
    """The names of the addons of this checkout."""
    return sorted(path.parent.name for path in cache.CHECKOUT.glob("*/__manifest__.py"))


def template(addon):
    """The path of the template of an addon."""
    return cache.CHECKOUT / addon / "i18n" / f"{addon}.pot"


def export(names):
    """Export templates with Odoo: ``{addon: text}``.

    :raise SetupError: an addon cannot be installed or exported
    """
    with tempfile.TemporaryDirectory(prefix="translations-", dir=cache.state()) as made:
        directory = Path(made)
        # the database server runs as another user below it
        directory.chmod(0o755)
        workspace = Workspace(directory / "workspace")
        try:
            with workspace.running():
                database = workspace.template()
                workspace.install(database, ",".join(names), workspace.log("all"))
                with step("Exporting the templates"):
                    return {
                        name: _export(workspace, database, name, directory / "texts")
                        for name in names
                    }
        finally:
            workspace.remove()


def _export(workspace, database, addon, directory):
    directory.mkdir(exist_ok=True)
    path = directory / f"{addon}.pot"
    base = {k: v for k, v in os.environ.items() if not k.startswith("ODOO_")}
    result = subprocess.run(
        [
            *(odoo.prepare() / "bin/odoo", "i18n", "export"),
            *("-d", database, "-l", "pot", "-o", path, addon),
        ],
        env=workspace.cluster.environment(odoo.environment(base)),
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )
    if result.returncode or not path.exists():
        raise SetupError(f"Exporting {addon} failed:\n{result.stdout[-2000:]}")
    return _own(path.read_text(encoding="utf-8"), addon)


def _own(content, addon):
    """A template without the places in addons that need this one.

    What an abstract model has is in the others, too, and Odoo names all that there is.
    """
    others = checkout.found().keys() - set(checkout.own(addon))
    found = (checkout.models(cache.CHECKOUT / name) for name in others)
    names = "|".join(model.replace(".", "_") for models in found for model in models)
    place = re.compile(rf"^#: model:\S+:{addon}\.\w*?_(?:{names})__\S*\n", re.M)
    return place.sub("", content) if names else content


def texts(content):
    """The texts of a template."""
    entries = ("".join(LINE.findall(entry)) for entry in ENTRY.findall(content))
    return {text for text in entries if text}


def differences(old, new):
    """What a template lacks, and what it has too much: sentences about single texts."""
    before, now = texts(old), texts(new)
    yield from (f"missing: {text[:SHOWN]}" for text in sorted(now - before))
    yield from (f"gone: {text[:SHOWN]}" for text in sorted(before - now))


def is_same(old, new):
    """Whether two templates differ in nothing but their dates."""
    return DATES.sub("", old) == DATES.sub("", new)


def main(arguments):
    """Write the templates, or compare them; returns the exit code."""
    parser = argparse.ArgumentParser(
        prog="python -m dev.translations", description=__doc__.partition("\n")[0]
    )
    parser.add_argument(
        "--check",
        action="store_true",
        help="write nothing, list what differs; ends with 1 if anything does",
    )
    check = parser.parse_args(arguments).check
    outdated = 0
    for addon, new in export(addons()).items():
        path = template(addon)
        old = path.read_text(encoding="utf-8") if path.exists() else ""
        found = list(differences(old, new))
        outdated += len(found)
        if check:
            print(
                "\n".join(f"{addon}: {each}" for each in found), end="\n" * bool(found)
            )
        elif not is_same(old, new):
            path.parent.mkdir(exist_ok=True)
            path.write_text(new, encoding="utf-8")
        print(f"{addon}: {len(texts(new))} texts, {len(found)} differences", flush=True)
    return int(check and bool(outdated))


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
