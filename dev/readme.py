"""What each addon says about itself, from the fragments in its ``readme`` directory.

The fragments are what people write. ``python -m dev.readme`` (with the interpreter of
the tools environment) turns them into the ``README.md`` of every addon, and into the
page that Odoo's list of apps shows; ``bin/test lint`` fails where they differ.
"""

import ast
import sys
from pathlib import Path

import markdown

CHECKOUT = Path(__file__).resolve().parent.parent
#: what Odoo puts around the page has the styles of the web client
BODY = '<section class="container py-4">\n{}\n</section>\n'
#: fragment -> heading, in the order of OCA; the description stands under the title
SECTIONS = {
    "DESCRIPTION": None,
    "INSTALL": "Installation",
    "CONFIGURE": "Configuration",
    "USAGE": "Usage",
    "DEVELOP": "For developers",
    "ROADMAP": "Roadmap",
    "HISTORY": "Changelog",
    "CONTRIBUTORS": "Contributors",
}
#: without it an addon does not say what it is
REQUIRED = "DESCRIPTION"
#: type of a newsfragment -> heading, as oca-towncrier has them
NEWS = {
    "feature": "Features",
    "bugfix": "Bugfixes",
    "doc": "Improved Documentation",
    "removal": "Deprecations and Removals",
    "misc": "Misc",
}


def addons(root=CHECKOUT):
    """The directories of the addons of a checkout that have fragments."""
    return [path.parent for path in sorted(root.glob("*/readme/"))]


def assemble(addon):
    """The text of the README of an addon.

    :param Path addon: its directory
    :raise FileNotFoundError: the fragment ``REQUIRED`` is missing
    """
    parts = [f"# {_title(addon)}\n"]
    for name, heading in SECTIONS.items():
        text = _read(addon, name)
        if not text:
            continue
        parts.append((f"## {heading}\n\n" if heading else "") + text)
    return "\n".join(parts)


def _read(addon, name):
    """The text of a section; empty if the addon leaves it out."""
    path = addon / "readme" / f"{name}.md"
    if name != REQUIRED and not path.exists():
        return ""
    text = path.read_text(encoding="utf-8")
    return f"{_unreleased(addon)}{text}" if name == "HISTORY" else text


def _unreleased(addon):
    """The newsfragments that wait for a release, by type.

    :raise ValueError: the name of a fragment has no type that towncrier knows
    """
    news = {kind: [] for kind in NEWS}
    for path in sorted((addon / "readme/newsfragments").glob("*.md")):
        kind = path.suffixes[-2].lstrip(".") if len(path.suffixes) > 1 else ""
        if kind not in news:
            raise ValueError(f"{path}: no type in the name; one of {', '.join(NEWS)}")
        text = path.read_text(encoding="utf-8").strip().replace("\n", "\n  ")
        news[kind].append(f"- {text}\n")
    parts = [
        f"#### {NEWS[kind]}\n\n{''.join(news[kind])}\n" for kind in NEWS if news[kind]
    ]
    return "### Unreleased\n\n" + "".join(parts) if parts else ""


def _title(addon):
    manifest = addon / "__manifest__.py"
    return ast.literal_eval(manifest.read_text(encoding="utf-8"))["name"]


def texts(root=CHECKOUT):
    """The text of each file that is generated: {path: text}."""
    made = {}
    for addon in addons(root):
        text = assemble(addon)
        page = markdown.markdown(text, extensions=["fenced_code", "tables"])
        made[addon / "README.md"] = text
        made[addon / "static/description/index.html"] = BODY.format(page)
    return made


def outdated(root=CHECKOUT):
    """The files that differ from their fragments."""
    return [
        path
        for path, text in texts(root).items()
        if not path.is_file() or path.read_text(encoding="utf-8") != text
    ]


def main():
    """Write the files; ``--check`` only says whether they are current."""
    if "--check" in sys.argv[1:]:
        if paths := outdated():
            names = ", ".join(str(path.relative_to(CHECKOUT)) for path in paths)
            sys.exit(f"not current: {names}; run python -m dev.readme")
        return
    for path, text in texts().items():
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")


if __name__ == "__main__":
    main()
