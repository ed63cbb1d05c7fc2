"""Tesseract, from the machine or unpacked, and how the product comes to know it."""

import os
import subprocess

import pytest

from dev import cache, debian, odoo, tesseract

ROOT = cache.CHECKOUT


@pytest.fixture
def nothing_on_the_path(monkeypatch):
    """A machine without a Tesseract of its own."""
    monkeypatch.setattr(tesseract.shutil, "which", lambda name: None)
    tesseract.program.cache_clear()
    yield
    tesseract.program.cache_clear()


def languages(program):
    """The languages that a program lists, called with nothing to help it."""
    listed = subprocess.run(
        [program, "--list-langs"],
        env={"PATH": os.defpath},
        capture_output=True,
        text=True,
        check=True,
    )
    return set(listed.stdout.split())


def test_it_knows_the_languages_that_are_read():
    assert {*tesseract.LANGUAGES, "osd"} <= languages(tesseract.program())


@pytest.mark.skipif(not debian.is_available(), reason="Debian's archive is not there")
def test_unpacked_it_finds_its_libraries_by_itself(nothing_on_the_path):
    program = tesseract.program()
    assert program.is_relative_to(cache.root())
    assert {*tesseract.LANGUAGES, "osd"} <= languages(program)


def test_odoo_is_told_where_it_is():
    env = odoo.environment({"PATH": os.environ["PATH"]})
    assert env[tesseract.VARIABLE] == str(tesseract.program())


def test_one_that_was_named_stays():
    env = tesseract.environment({tesseract.VARIABLE: "/opt/tesseract"})
    assert env[tesseract.VARIABLE] == "/opt/tesseract"


def test_the_image_has_the_same_languages():
    text = (ROOT / "Dockerfile").read_text()
    # English comes with the program
    others = [name for name in tesseract.LANGUAGES if name != "eng"]
    assert all(f"tesseract-ocr-{name}" in text for name in others)


def test_the_reader_looks_where_we_say():
    source = ROOT / "ai_queue/engine/documents/files/tesseract.py"
    assert f'VARIABLE = "{tesseract.VARIABLE}"' in source.read_text()
