"""A progress bar: one line that grows on a terminal, a line now and then elsewhere."""

import sys

from .progress import say

WIDTH = 30
#: how many lines a bar has where it cannot move
PLAIN_STEPS = 5


class Bar:
    """Shows how far ``what`` is, to the person and not to the output of the command.

    Use it as a context manager: leaving it leaves the line.
    """

    def __init__(self, what):
        self.what = what
        self._moves = sys.stderr.isatty()
        self._shown = None

    def __enter__(self):
        return self

    def __exit__(self, *exc_info):
        if self._moves and self._shown is not None:
            print(file=sys.stderr, flush=True)

    def show(self, done, total, note=""):
        """``done`` of ``total`` are through; ``note`` says more about it."""
        share = done / total if total else 0
        text = f"{self.what}: {done} of {total}{', ' if note else ''}{note}"
        if self._moves:
            full = round(share * WIDTH)
            bar = "█" * full + "░" * (WIDTH - full)
            # \x1b[K clears what a longer line left behind
            print(f"\r{bar} {text}\x1b[K", end="", file=sys.stderr, flush=True)
            self._shown = text
        elif (step := int(share * PLAIN_STEPS)) != self._shown:
            say(text)
            self._shown = step
