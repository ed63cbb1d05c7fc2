"""``python -m unittest discover`` that also writes down how many tests passed.

Called as ``count_unittests.py TOP START PATTERN COUNTS.json`` by ``bin/test``.
"""

import json
import sys
import unittest
from pathlib import Path


def main(top, start, pattern, counts):
    """Run the tests and write ``[passed, failed, skipped]``."""
    suite = unittest.defaultTestLoader.discover(start, pattern, top)
    result = unittest.TextTestRunner(stream=sys.stdout, verbosity=1).run(suite)
    # a test with several failing subtests is one failed test
    failed = {_id(test) for test, _text in result.failures + result.errors}
    failed |= {_id(test) for test in result.unexpectedSuccesses}
    skipped = {_id(test) for test, _reason in result.skipped} - failed
    passed = max(result.testsRun - len(failed) - len(skipped), 0)
    Path(counts).write_text(json.dumps([passed, len(failed), len(skipped)]))
    return 0 if result.wasSuccessful() else 1


def _id(test):
    return getattr(test, "test_case", test).id()


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
