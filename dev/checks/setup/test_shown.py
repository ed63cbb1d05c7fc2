"""A live or browser check that fails shows the logs of the servers and its pictures."""

import os
import subprocess
import sys

from dev import cache

CONFTEST = """
import pytest
from dev.checks.conftest import *

@pytest.fixture
def workspace():
    return None  # no database is needed here
"""
CHECKS = """
from pathlib import Path
from dev.checks.conftest import SERVERS

class Server:
    database = "shop"
    log = Path("odoo.log")

    def log_text(self, since=0):
        return self.log.read_bytes()[since:].decode()

def log(line):
    with Server.log.open("a") as file:
        file.write(f"2026-01-01 00:00:00,000 1 {line}\\n")

SERVERS.append(Server())
log("WARNING shop: long ago")

def test_good(pictures):
    log("WARNING shop: of a good check")

def test_bad(pictures):
    log("INFO shop: all is well")
    log("ERROR shop: the cause")
    (pictures / "before.png").touch()
    assert False, "this is wrong"

def test_quiet(pictures):
    log("INFO shop: nothing but this")
    assert False

class Page:
    def screenshot(self, path):
        path.touch()

import pytest

@pytest.fixture
def page():
    return Page()

def test_page(page, pictures):
    assert False
"""


def test_what_a_failed_check_shows(tmp_path):
    (tmp_path / "conftest.py").write_text(CONFTEST)
    (tmp_path / "test_some.py").write_text(CHECKS)
    pictures = tmp_path / "pictures"
    ended = subprocess.run(
        [sys.executable, "-m", "pytest", "-p", "no:cacheprovider", "--tb=short"],
        cwd=tmp_path,
        env={
            **os.environ,
            "AI_QUEUE_PICTURES": str(pictures),
            "PYTEST_DISABLE_PLUGIN_AUTOLOAD": "1",
            "PYTHONPATH": str(cache.CHECKOUT),
        },
        capture_output=True,
        text=True,
    )
    said = ended.stdout
    assert "3 failed, 1 passed" in said, said + ended.stderr
    bad, quiet, page = (
        said.partition(f"_ {name} _")[2].partition("\n____")[0]
        for name in ("test_bad", "test_quiet", "test_page")
    )
    assert "this is wrong" in bad
    assert "ERROR shop: the cause" in bad
    assert "odoo.log" in bad
    assert f"{pictures}/test_bad/before.png" in bad
    # what is loud comes alone, and nothing of the checks before
    for other in ("all is well", "long ago", "of a good check"):
        assert other not in said
    assert "nothing but this" in quiet
    assert f"{pictures}/test_page/failed.png" in page
