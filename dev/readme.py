"""What each addon says of itself, from the fragments in its directory ``readme``.

The fragments are what people write. ``python -m dev.readme`` (with the interpreter of
the tools environment) makes of them ``README.md``, and the page that Odoo's list of
apps shows; ``bin/test lint`` fails where they differ.
"""

import ast
import sys

import markdown

from . import addons, cache

#: what Odoo puts around the page has the styles of the web client
BODY = '<section class="container py-4">\n{}\n</section>\n'
#: fragment -> heading; the description stands under the title
SECTIONS = {
    "DESCRIPTION": None,
    "INSTALL": "Installation",
    "CONFIGURE": "Configuration",
    "USAGE": "Usage",
    "DEVELOP": "For developers",
    "ROADMAP": "Roadmap",
    "CONTRIBUTORS": "Contributors",
}


def directories(checkout=cache.CHECKOUT):
    """The directories of the addons that have fragments."""
    found = [checkout / name for name in addons.found(checkout)]
    return [directory for directory in found if _fragment(directory, "DESCRIPTION")]


def assemble(directory):
    """The text of the README of an addon; a fragment that is not there is left out."""
    manifest = ast.literal_eval((directory / addons.MANIFEST).read_text())
    parts = [f"# {manifest['name']}\n"]
    for name, heading in SECTIONS.items():
        if text := _fragment(directory, name):
            parts.append((f"## {heading}\n\n" if heading else "") + text)
    return "\n".join(parts)


def _fragment(directory, name):
    path = directory / "readme" / f"{name}.md"
    return path.read_text(encoding="utf-8") if path.is_file() else ""


def texts(checkout=cache.CHECKOUT):
    """``{path: text}`` of all files that are made."""
    made = {}
    for directory in directories(checkout):
        text = assemble(directory)
        page = markdown.markdown(text, extensions=["fenced_code"])
        made[directory / "README.md"] = text
        made[directory / "static/description/index.html"] = BODY.format(page)
    return made


def outdated(checkout=cache.CHECKOUT):
    """The files that do not say what the fragments say."""
    return [
        path
        for path, text in texts(checkout).items()
        if not path.is_file() or path.read_text(encoding="utf-8") != text
    ]


def main():
    """Write the files; ``--check`` only says whether they are current."""
    if "--check" in sys.argv[1:]:
        if paths := outdated():
            names = ", ".join(str(path.relative_to(cache.CHECKOUT)) for path in paths)
            sys.exit(f"not current: {names}; run python -m dev.readme")
        return
    for path, text in texts().items():
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")


if __name__ == "__main__":
    main()
