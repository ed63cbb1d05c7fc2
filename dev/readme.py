"""What the addon says of itself, from the fragments in ``ai_queue/readme``.

The fragments are what people write. ``python -m dev.readme`` (with the interpreter of
the tools environment) makes of them ``README.md``, and the page that Odoo's list of
apps shows; ``bin/test lint`` fails where they differ.
"""

import sys
from pathlib import Path

import markdown

ADDON = Path(__file__).resolve().parent.parent / "ai_queue"
README = ADDON / "README.md"
PAGE = ADDON / "static/description/index.html"
#: what Odoo puts around the page has the styles of the web client
BODY = '<section class="container py-4">\n{}\n</section>\n'
TITLE = "# AI Queue\n"
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


def assemble():
    """The text of the README."""
    parts = [TITLE]
    for name, heading in SECTIONS.items():
        text = (ADDON / "readme" / f"{name}.md").read_text(encoding="utf-8")
        parts.append((f"## {heading}\n\n" if heading else "") + text)
    return "\n".join(parts)


def texts():
    """The text of each file that is made."""
    text = assemble()
    page = markdown.markdown(text, extensions=["fenced_code"])
    return {README: text, PAGE: BODY.format(page)}


def outdated():
    """The files that do not say what the fragments say."""
    return [
        path
        for path, text in texts().items()
        if not path.is_file() or path.read_text(encoding="utf-8") != text
    ]


def main():
    """Write the files; ``--check`` only says whether they are current."""
    if "--check" in sys.argv[1:]:
        if paths := outdated():
            names = ", ".join(path.name for path in paths)
            sys.exit(f"not current: {names}; run python -m dev.readme")
        return
    for path, text in texts().items():
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")


if __name__ == "__main__":
    main()
