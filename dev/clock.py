"""A clock that can be put forward, for the programs that are started with it."""

import shutil
import struct
from pathlib import Path

from . import cache
from .progress import SetupError

SOURCE = Path(__file__).with_suffix(".c")
#: of the file: seconds that are added to the time
FORMAT = "=q"


class Clock:
    """The time of this machine, and what was added to it.

    Who is started with ``environment()`` has it while it runs, with all that it
    starts: PostgreSQL, Redis, Odoo. What measures how long something takes goes on as
    it did, just as it does where an administrator sets the clock.

    :param directory: everybody may read it who is to have this clock
    :raise SetupError: there is no C compiler
    """

    def __init__(self, directory):
        self.path = Path(directory) / "clock"
        self.path.write_bytes(struct.pack(FORMAT, 0))
        self.path.chmod(0o644)
        self._library = _library()

    def environment(self):
        """The variables of a program that goes by this clock."""
        return {"LD_PRELOAD": str(self._library), "AI_QUEUE_CLOCK": str(self.path)}

    def put_forward(self, seconds):
        """It is so much later from now on, for all at the same moment."""
        with self.path.open("r+b") as file:
            (before,) = struct.unpack(FORMAT, file.read())
            file.seek(0)
            # They have it mapped: a single write of eight bytes is never seen in half.
            file.write(struct.pack(FORMAT, before + seconds))


def _library():
    """What is loaded into those programs; built on first use."""
    compiler = shutil.which("cc")
    if not compiler:
        raise SetupError("A clock that can be put forward needs a C compiler (gcc).")
    source = SOURCE.read_text()

    def make(path):
        library = path / "clock.so"
        cache.run(
            [compiler, "-shared", "-fPIC", "-O2", "-o", library, SOURCE, "-ldl"],
            what="Building the clock of the checks",
        )

    return cache.part("clock", cache.digest(source), make) / "clock.so"
