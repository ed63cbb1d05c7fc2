"""Chromium for the browser checks: the machine's own, or Debian's unpacked."""

import functools
import os
import shutil

from . import cache, debian, odoo, python
from .progress import SetupError

BUNDLE = debian.Bundle("chromium", "Chromium", ("chromium", "fonts-dejavu-core"))
ATOMIC = debian.Bundle("atomic", "a library of Node.js", ("libatomic1",))
#: No sandbox, because that needs rights of the kernel that a container lacks; and none
#: of the browser's own traffic: a check talks to nobody but the server under test.
FLAGS = (
    "--no-sandbox",
    "--disable-quic",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--no-first-run",
)
FAMILIES = {
    "sans-serif": "DejaVu Sans",
    "serif": "DejaVu Serif",
    "monospace": "DejaVu Sans Mono",
}


@functools.cache
def program():
    """The path of a ``chromium`` that runs on this machine as it is."""
    if found := shutil.which("chromium"):
        return found
    root = BUNDLE.root()

    def make(path):
        fonts = path / "fonts.conf"
        fonts.write_text(_fonts(root, path))
        libraries = ":".join(map(str, debian.library_directories(root)))
        script = path / "chromium"
        # A script, so that Playwright and Odoo's own tests need know nothing of it.
        script.write_text(
            "#!/bin/sh\n"
            f"export LD_LIBRARY_PATH={libraries}\n"
            f"export FONTCONFIG_FILE={fonts}\n"
            f'exec {root}/usr/lib/chromium/chromium "$@"\n'
        )
        script.chmod(0o755)
        cache.run([script, "--version"], what="Debian's Chromium")

    return str(cache.part("browser", cache.digest(root), make) / "chromium")


def driver_node():
    """The Node.js that Playwright brings, so that it runs on this machine.

    It needs a library that the smallest Debian lacks.
    """
    venv = python.tools()
    node = python.site_packages(venv) / "playwright/driver/node"
    try:
        cache.run([node, "--version"], what="Playwright's Node.js")
    except SetupError:
        libraries = ":".join(map(str, debian.library_directories(ATOMIC.root())))
    else:
        return str(node)

    def make(path):
        script = path / "node"
        script.write_text(
            f'#!/bin/sh\nexport LD_LIBRARY_PATH={libraries}\nexec {node} "$@"\n'
        )
        script.chmod(0o755)
        cache.run([script, "--version"], what="Playwright's Node.js")

    return str(cache.part("node", cache.digest(node, libraries), make) / "node")


def directory():
    """The directory that holds ``chromium``, for a ``PATH``."""
    return os.path.dirname(program())


def _fonts(root, directory):
    """A fontconfig file: the fonts of the machine, of Chromium's packages, of Odoo."""
    places = ("/usr/share/fonts", root / "usr/share/fonts", odoo.fonts())
    lines = [
        '<?xml version="1.0"?>',
        '<!DOCTYPE fontconfig SYSTEM "fonts.dtd">',
        "<fontconfig>",
        *(f"<dir>{place}</dir>" for place in places),
        f"<cachedir>{directory}/fontconfig</cachedir>",
    ]
    for kind, family in FAMILIES.items():
        preferred = f"<prefer><family>{family}</family></prefer>"
        lines.append(f"<alias><family>{kind}</family>{preferred}</alias>")
    return "\n".join([*lines, "</fontconfig>", ""])
