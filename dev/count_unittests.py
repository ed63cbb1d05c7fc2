"""``python -m unittest discover`` in several processes, which counts what passed.

Called as ``count_unittests.py TOP START PATTERN PROCESSES COUNTS.json`` by
``bin/test``. A process takes one file after the other; what a file has to say is shown
whole when it is through.
"""

import io
import json
import multiprocessing
import sys
import time
import unittest
from concurrent.futures import ProcessPoolExecutor, as_completed
from pathlib import Path


def main(top, start, pattern, processes, counts):
    """Run the tests and write ``[passed, failed, skipped]``."""
    sizes = {}
    for path in Path(start).rglob(pattern):
        sizes[path.name] = sizes.get(path.name, 0) + path.stat().st_size
    # the long ones first, so that none is left over in the end
    names = sorted(sizes, key=sizes.get, reverse=True)
    totals = [0, 0, 0]
    spawn = multiprocessing.get_context("spawn")
    with ProcessPoolExecutor(int(processes), mp_context=spawn) as pool:
        try:
            for task in as_completed(pool.submit(_run, top, start, n) for n in names):
                results, output = task.result()
                totals = [sum(pair) for pair in zip(totals, results, strict=True)]
                print(output, flush=True)
        except BaseException:
            # do not let Ctrl-C wait for the end of the files at hand
            for child in multiprocessing.active_children():
                child.terminate()
            raise
    Path(counts).write_text(json.dumps(totals))
    return 1 if totals[1] else 0


def _run(top, start, name):
    """Run the files of one name; their counts, and what is to be shown of them."""
    said, began = io.StringIO(), time.monotonic()
    suite = unittest.TestLoader().discover(start, name, top)
    result = unittest.TextTestRunner(stream=said).run(suite)
    # a test with several failing subtests is one failed test
    failed = {_id(test) for test, _text in result.failures + result.errors}
    failed |= {_id(test) for test in result.unexpectedSuccesses}
    skipped = {_id(test) for test, _reason in result.skipped} - failed
    passed = max(result.testsRun - len(failed) - len(skipped), 0)
    counts = [passed, len(failed), len(skipped)]
    took = f"{time.monotonic() - began:6.1f} s"
    words = f"{'FAILED' if failed else 'ok':8}{took}  {name}: {passed} passed"
    return counts, words if result.wasSuccessful() else f"{said.getvalue()}{words}"


def _id(test):
    return getattr(test, "test_case", test).id()


if __name__ == "__main__":
    try:
        sys.exit(main(*sys.argv[1:]))
    except KeyboardInterrupt:
        sys.exit(130)  # bin/test says that it was stopped
