"""How the commands that need no Odoo get the packages that their engine needs."""

import importlib.util
import os
import sys
from pathlib import Path

#: set for the interpreter that is started here, which is not to start another
STARTED = "AI_QUEUE_ENGINE_STARTED"
#: names another interpreter to run with
OTHER = "AI_QUEUE_PYTHON"


def ensure(*modules, of="engine"):
    """Go on with an interpreter that has these modules.

    That is the one that `OTHER` names, else this one, else that of an environment in
    the cache, which the first start makes: the one that ``dev.python`` calls ``of``.
    """
    if other := os.environ.pop(OTHER, None):
        os.execvp(other, [other, *sys.argv])
    missing = [name for name in modules if not importlib.util.find_spec(name)]
    if not missing or STARTED in os.environ:
        return
    from . import command, python, tesseract

    def go_on(arguments):
        venv = getattr(python, of)()
        env = tesseract.environment(python.environment(venv))
        program = str(venv / "bin/python")
        script = str(Path(sys.argv[0]).resolve())
        os.execve(program, [program, script, *arguments], {**env, STARTED: "1"})

    command.run(go_on)
