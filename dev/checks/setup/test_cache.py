"""Parts of the cache are made once, whole or not at all."""

import fcntl
import signal
import subprocess
import sys

import pytest

from dev import cache, process
from dev.progress import SetupError

SECONDS = 60
#: makes the part "thing" as soon as it may; says when it begins and when it is there
MAKE = """
import sys
sys.path.insert(0, {checkout!r})
from dev import cache

def make(path):
    print("begins", flush=True)
    script = f"touch {{path}}/working; until test -e {go}; do sleep 0.05; done"
    cache.run(["sh", "-c", script], what="Waiting")
    (path / "content").write_text("whole")

print(cache.part("thing", "key", make) / "content", flush=True)
"""


@pytest.fixture
def own_cache(tmp_path, monkeypatch):
    """A cache for this check alone, also for the programs that it starts."""
    monkeypatch.setenv("AI_QUEUE_CACHE", str(tmp_path / "cache"))
    cache.root.cache_clear()
    yield tmp_path / "cache"
    cache.root.cache_clear()


@pytest.fixture
def go(tmp_path):
    """The file that lets whoever makes the part go on."""
    return tmp_path / "go"


def maker(go):
    """Another process that makes the part."""
    script = MAKE.format(checkout=str(cache.CHECKOUT), go=go)
    return subprocess.Popen(
        [sys.executable, "-c", script],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )


def test_a_part_is_made_once(own_cache):
    made = []
    for _ in range(3):
        path = cache.part("thing", "key", made.append)
    assert made == [path]


def test_a_part_that_failed_is_made_again_from_nothing(own_cache):
    def fail(path):
        (path / "half").touch()
        raise SetupError("no")

    with pytest.raises(SetupError):
        cache.part("thing", "key", fail)
    seen = []
    path = cache.part("thing", "key", lambda path: seen.extend(path.iterdir()))
    assert seen == [] and not (path / "half").exists()


def is_locked(own_cache):
    """Whether somebody holds the lock of the part."""
    with (own_cache / "locks/thing-key.lock").open("w") as file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            return True
    return False


def test_two_processes_at_once_make_one_part(own_cache, go):
    first = maker(go)
    assert first.stdout.readline() == "begins\n"
    second = maker(go)
    assert "waiting for it" in second.stderr.readline()
    go.touch()
    outputs = ["begins\n" + first.communicate()[0], second.communicate()[0]]
    assert "".join(outputs).count("begins") == 1
    assert all(output.endswith("content\n") for output in outputs)


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM, signal.SIGKILL])
def test_a_killed_set_up_is_begun_again_when_its_programs_are_gone(
    own_cache, go, number
):
    first = maker(go)
    working = own_cache / "thing/key/working"
    process.wait_until(working.exists, "the set-up to begin", SECONDS)
    first.send_signal(number)
    first.wait()
    assert not (own_cache / "thing/key" / cache.COMPLETE).exists()
    # The lock outlives the killed process in the program that it had started.
    assert is_locked(own_cache) or number != signal.SIGKILL
    go.touch()
    process.wait_until(lambda: not is_locked(own_cache), "the program's end", SECONDS)
    output, _errors = maker(go).communicate()
    assert output.startswith("begins\n")
    assert (own_cache / "thing/key/content").read_text() == "whole"


def test_a_failing_program_tells_the_end_of_its_output():
    with pytest.raises(SetupError, match="(?s)Trying failed:.*the reason"):
        cache.run(["sh", "-c", "echo the reason >&2; exit 3"], what="Trying")


def test_wait_until_names_what_it_waited_for():
    with pytest.raises(SetupError, match="0.1 s in vain for rain. Dry"):
        process.wait_until(lambda: False, "rain", 0.1, detail=lambda: "Dry")
