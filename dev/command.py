"""How every command in ``bin/`` starts and ends."""

import sys

from .progress import SetupError, say


def run(main):
    """Call ``main(arguments)`` and exit with what it returns.

    What the machine lacks is told in a sentence, not in a traceback.
    """
    try:
        code = main(sys.argv[1:])
    except SetupError as error:
        say(str(error))
        code = 1
    except KeyboardInterrupt:
        say("Stopped. The next start goes on from here.")
        code = 130
    sys.exit(code)
