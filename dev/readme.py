"""``ai_queue/README.md`` from the fragments in ``ai_queue/readme``.

The fragments are what people write; ``python -m dev.readme`` puts them together, and
``bin/test lint`` fails where the two differ.
"""

import sys
from pathlib import Path

ADDON = Path(__file__).resolve().parent.parent / "ai_queue"
TARGET = ADDON / "README.md"
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


def is_current():
    """Whether the README says what the fragments say."""
    return TARGET.is_file() and TARGET.read_text(encoding="utf-8") == assemble()


def main():
    """Write the README; ``--check`` only says whether it is current."""
    if "--check" in sys.argv[1:]:
        if not is_current():
            sys.exit(f"{TARGET.name} is not current: run python3 -m dev.readme")
        return
    TARGET.write_text(assemble(), encoding="utf-8")


if __name__ == "__main__":
    main()
